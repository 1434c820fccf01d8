# %% [markdown]
# # 00 · Empieza aquí
#
# **¿Qué puede aprender una máquina del orden en que pasan las cosas?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | cómo se trabaja una lección (predecir, ejecutar, comprobar); a comparar un pronóstico con uno que no aprende nada; a demostrar que el orden es información; a revisar tu entorno |
# | **Antes de empezar** | algo de Python: funciones, listas y bucles. No hace falta saber de redes neuronales |
# | **Tiempo** | 25 minutos de lectura y ejercicio; unos segundos de ejecución |
# | **Herramientas** | NumPy |
#
# Un cuaderno es una lista de celdas, unas de texto y otras de código. Pulsa en este texto y después
# <kbd>Mayús</kbd>+<kbd>Intro</kbd>: se ejecuta la celda y pasas a la siguiente. Ejecútalas en orden. Las primeras preparan el
# cuaderno y no enseñan nada; han terminado cuando `[*]` pasa a ser un número. La que dice «Solo en Colab» trae allí el
# curso; en tu equipo no hace nada.

# %% tags=["parameters"]
FAST = True  # False: se baraja más veces en la sección 1
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED)

# %%
import matplotlib.pyplot as plt
import numpy as np

from course_utils.claims import claim, explain, verify
from course_utils.course_map import COURSE
from course_utils.datasets import load_sunspots, registry
from course_utils.doctor import doctor
from course_utils.exercises import check, hint, progress, solution
from course_utils.lessons.lesson_00 import plot_course_map, plot_order_matters
from course_utils.reference import glossary, notation

rng = np.random.default_rng(SEED)

# %% [markdown]
# ## 1 · Cinco minutos con el Sol
#
# Desde 1749 alguien cuenta cada mes las manchas del Sol (en realidad es un índice: por eso hay decimales). Vamos a
# **pronosticar** (*forecast*) las del mes que viene de tres maneras:
#
# - con la **media** de los tres primeros cuartos de la serie;
# - con la **persistencia** (*persistence*): el mes que viene será como este;
# - con un **modelo lineal** (*linear model*): una suma de los doce últimos meses, cada uno multiplicado por un **peso**
#   (*weight*), más una constante. Los pesos se ajustan con los tres primeros cuartos.
#
# Los tres se examinan en el último cuarto. No hace falta que entiendas el código de la celda siguiente: en la lección 11 lo
# escribirás tú.


# %%
def forecast_errors(values, lags=12):
    """Error medio, en el último cuarto de la serie, de tres pronósticos a un mes."""
    inputs = np.array([values[i : i + lags] for i in range(len(values) - lags)])  # (meses, 12)
    targets = values[lags:]  # (meses,) el valor que sigue a cada fila
    cut = len(targets) * 3 // 4
    with_bias = np.column_stack([inputs, np.ones(len(inputs))])
    weights, *_ = np.linalg.lstsq(with_bias[:cut], targets[:cut], rcond=None)
    forecasts = {
        "media": np.full(len(targets) - cut, targets[:cut].mean()),
        "persistencia": inputs[cut:, -1],
        "lineal": with_bias[cut:] @ weights,
    }
    return {name: np.abs(targets[cut:] - forecast).mean() for name, forecast in forecasts.items()}


sunspots = load_sunspots()
in_order = forecast_errors(sunspots.values)
for name, error in in_order.items():
    print(f"{name:12s} se equivoca en {error:.1f} manchas de media")

# %% [markdown]
# El modelo lineal gana, y la persistencia, que no aprende nada, queda muy cerca. Ahora barajemos los valores: los mismos
# números, la misma media, la misma cantidad de meses. Solo cambia el orden.
#
# **Predice** antes de ejecutar: ¿qué pronóstico empeorará más? ¿Mejorará alguno? Anótalo en un papel; equivocarse en
# una predicción enseña más que leer diez explicaciones.

# %%
repeats = 5 if FAST else 50
shuffles = [rng.permutation(sunspots.values) for _ in range(repeats)]
shuffled_errors = [forecast_errors(values) for values in shuffles]
shuffled = {name: np.mean([errors[name] for errors in shuffled_errors]) for name in in_order}
plot_order_matters(
    sunspots.values[-480:],
    shuffles[0][-480:],
    {name: (in_order[name], shuffled[name]) for name in in_order},
    unit=sunspots.unit,
)
plt.show()
explain(
    f"Al barajar, el error de la persistencia pasa de {in_order['persistencia']:.0f} a "
    f"{shuffled['persistencia']:.0f} manchas: "
    f"peor que decir siempre la media. El del modelo lineal pasa de {in_order['lineal']:.0f} a "
    f"{shuffled['lineal']:.0f}, "
    f"igual que la media ({shuffled['media']:.0f}): solo le queda aprender la media."
)

# %% [markdown]
# La persistencia queda peor que la media porque un mes cualquiera se aleja más de otro mes cualquiera que de la media. ¿Y la
# media, que ha mejorado? Miremos el último cuarto de la serie.

# %%
cut = len(sunspots.values) * 3 // 4
spread = {"antes": sunspots.values[:cut].std(), "último cuarto": sunspots.values[cut:].std()}
explain(
    f"La desviación típica, lo que los meses se apartan de su media, es de {spread['antes']:.0f} "
    f"manchas hasta {sunspots.dates[cut - 1]} y de {spread['último cuarto']:.0f} después."
)

# %% [markdown]
# El último cuarto, el del examen, es más disperso que el resto, y en él ninguna media acierta mucho. Al barajar, es como los
# demás. Cambiar el reparto de los datos cambia el examen.
#
# No hemos quitado ni un dato. **El orden era la información.** Las redes recurrentes son las redes que leen en orden y
# recuerdan lo leído, y de eso trata este curso.
#
# ## 2 · Un ejercicio y sus cuatro estados
#
# Cada ejercicio es una celda con un hueco, `# TU CÓDIGO AQUÍ`, y debajo otra que la comprueba. Sustituye los puntos
# suspensivos por tu respuesta y ejecuta las dos.
#
# ### Ejercicio 00.1 ★ · La persistencia
#
# Devuelve el último valor de la serie: es el pronóstico de la persistencia. `check` la prueba con varias series de números al
# azar. Haz **las cuatro cosas**, en este orden; cada vez borra lo anterior, ejecuta **las dos** celdas y lee la respuesta:
#
# 1. no escribas nada y ejecuta las dos celdas: *sin intentar*;
# 2. escribe `return serie[-1]`, con el nombre mal escrito: *error*;
# 3. escribe `return series[0]`: *incorrecto*;
# 4. escribe `return series[-1]`: *correcto*.


# %% tags=["exercise"]
def persistence_forecast(series):
    """El último valor conocido de una serie (tiempo,)."""
    ### BEGIN SOLUTION
    return series[-1]
    ### END SOLUTION


# %% tags=["check"]
persistence_forecast = check("00.1", persistence_forecast)

# %% [markdown]
# Si una respuesta falta o está mal, el cuaderno sigue con la de referencia: nunca te quedas sin poder avanzar. Hay dos
# pistas, y la solución siempre está a mano.

# %%
hint("00.1")

# %% [markdown]
# Cada `check` apunta el resultado en tu equipo. `progress()` te dice por dónde vas en todo el curso: ✓ correcto, ✗ con
# fallos, ○ sin intentar. `progress(clear=True)` borra el progreso **de todo el curso**.

# %%
progress()

# %% [markdown]
# ## 3 · El mapa
#
# Puedes seguir el orden de los números o ir derecho a lo que te interese: una flecha va de una lección a la que la necesita, y
# «tras» dice qué lecciones de otros módulos conviene haber hecho.

# %%
plot_course_map(
    COURSE, title="En azul, las lecciones que ya puedes seguir; en gris, en preparación"
)
plt.show()
available = [entry for entry in COURSE if entry.minutes is not None]
explain(
    "Lecciones que ya puedes seguir: "
    + ", ".join(f"{entry.number} {entry.title} ({entry.minutes} min)" for entry in available)
    + "."
)

# %% [markdown]
# Las demás tienen la misma forma: una pregunta, algo que **predecir**, un experimento, ejercicios que se comprueban solos, algo
# que **romper y arreglar**, y al final una lista de afirmaciones que el propio cuaderno verifica. Si una afirmación dejara
# de ser cierta, la lección fallaría. Las que llevan `[identidad]` no dependen del azar: o todo en ellas es fijo, o son ciertas
# por construcción. Las demás se han medido con veinte semillas (`SEED`).
#
# ## 4 · Tu entorno
#
# `doctor` revisa las versiones, la memoria y los datos. Si algo no va bien, dice qué hacer.

# %%
doctor(quick=True)

# %% [markdown]
# Los datos vienen con el curso y no hace falta conexión. Solo dos conjuntos grandes, y opcionales, se descargan.

# %%
for name, entry in registry().items():
    place = "se descarga solo si lo pides" if "url" in entry else "viene con el curso"
    print(f"{name:10s} {entry['description']} · {place}")

# %% [markdown]
# ### Dónde seguir el curso
#
# - **En tu equipo**: `make lab` abre JupyterLab con tu copia de las lecciones, en la carpeta `mi_curso`. Es tuya: al
#   actualizar el curso nadie la toca. Para empezar de nuevo una lección, `make reset LESSON=12` guarda tu copia al lado
#   (lo que `progress()` recuerda no cambia).
# - **En Binder**: sin instalar nada, desde el enlace de arriba. La sesión se borra al cerrarla: descarga tu cuaderno si
#   quieres conservarlo.
# - **En Colab**: también desde su enlace. Ejecuta primero la celda «Solo en Colab».
#
# **Cierra los cuadernos que no uses**: cada uno ocupa memoria, y en Binder hay 2 GB para todos. Cerrar la pestaña no basta;
# en la barra de la izquierda, el segundo icono (un cuadrado dentro de un círculo) muestra los que están en marcha y deja
# apagarlos.
#
# ### Palabras nuevas
#
# Cada término se define la primera vez que aparece, con su nombre en inglés al lado. Si se te olvida, pregunta al glosario;
# `glossary()` lo muestra entero. Y si comparas el curso con un artículo o con la documentación de Keras o PyTorch,
# `notation()` dice cómo se llama lo mismo en cada sitio.

# %%
glossary("persistencia")

# %% [markdown]
# ## 5 · Lo que hemos comprobado

# %% tags=["nbval-check-output"]
verify(
    claim("En orden, el modelo lineal mejora a la persistencia",
          in_order["lineal"] / in_order["persistencia"], "<", 0.99, kind="identidad"),
    claim("En orden, la persistencia mejora a la media",
          in_order["persistencia"] / in_order["media"], "<", 0.5, kind="identidad"),
    claim("El último cuarto es más disperso que el resto",
          spread["último cuarto"] / spread["antes"], ">", 1.2, kind="identidad"),
    claim("Barajada, la media se equivoca menos que en orden",
          shuffled["media"] / in_order["media"], "<", 0.9),
    claim("Barajada, la persistencia es peor que la media",
          shuffled["persistencia"] / shuffled["media"], ">", 1.1),
    claim("Barajada, el modelo lineal no mejora a la media",
          shuffled["lineal"] / shuffled["media"], "in", (0.95, 1.05)),
)  # fmt: skip

# %% [markdown]
# ## Resumen
#
# - Un pronóstico se compara siempre con otro que no aprende nada.
# - En una secuencia, el orden es información: barajada, solo queda aprender la media.
# - Predice, ejecuta, comprueba. Si te atascas: `hint`, y después `solution`.
#
# ## Errores frecuentes
#
# - Ejecutar las celdas en desorden: si algo no cuadra, pulsa ▶▶ en la barra de arriba, que reinicia y
#   ejecuta todo desde el principio.
# - Leer sin predecir: es cómodo y se olvida.
#
# ## Para saber más
#
# - D. H. Hathaway (2015), *The Solar Cycle*, Living Reviews in Solar Physics 12: qué se sabe de las manchas solares.
#
# **Siguiente**: [11 · Secuencias](11_secuencias.ipynb).
