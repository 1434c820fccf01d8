# %% [markdown]
# # 33 · Generación
#
# **¿Qué pregunta abre la lección?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | de tres a cinco cosas que se puedan comprobar, cada una con su verbo |
# | **Antes de empezar** | [22 · GRU](22_gru.ipynb) |
# | **Tiempo** | los minutos de lectura y ejercicios; unos segundos de ejecución |
# | **Herramientas** | PyTorch |

# %% tags=["parameters"]
FAST = True  # False: qué se alarga cuando hay tiempo
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED, frameworks=("torch",))

# %%
import matplotlib.pyplot as plt
import numpy as np

from course_utils.claims import claim, explain, verify
from course_utils.exercises import check, hint, progress, solution
from course_utils.lessons.lesson_33 import plot_changes

rng = np.random.default_rng(SEED)

# %% [markdown]
# ## 1 · Una pregunta
#
# Cada sección es una vuelta de la misma rueda: una pregunta, una predicción, unas celdas cortas, una figura y lo que significa.
#
# **Predice**: ¿qué crees que va a pasar?
#
# ### Ejercicio 33.1 ★ · Los cambios
#
# Devuelve cuánto cambia una serie de cada paso al siguiente: un valor menos que la serie.


# %% tags=["exercise"]
def step_changes(values):
    """Cuánto cambia una serie (tiempo,) de cada paso al siguiente: (tiempo - 1,)."""
    ### BEGIN SOLUTION
    return values[1:] - values[:-1]
    ### END SOLUTION


# %% tags=["check"]
step_changes = check("33.1", step_changes)

# %%
values = rng.normal(size=30).cumsum()  # (tiempo,)
changes = step_changes(values)  # (tiempo - 1,)
largest = int(np.abs(changes).argmax()) + 1
plot_changes(values, changes, title=f"El mayor cambio llega en el paso {largest}")
plt.show()
explain(f"El mayor cambio, en el paso {largest}, es de {np.abs(changes).max():.1f}.")

# %% [markdown]
# ## 2 · Rómpelo y arréglalo
#
# Un fallo de verdad, que se ve al ejecutarlo: aquí cada valor se resta del que va dos pasos después.

# %%
skipping = values[2:] - values[:-2]
print("Los cambios suman", round(changes.sum(), 2), "y los que se saltan un paso,", round(skipping.sum(), 2))

# %% [markdown]
# ## Lo que hemos comprobado

# %% tags=["nbval-check-output"]
verify(
    claim("Los cambios suman lo que va del primer valor al último",
          abs(changes.sum() - (values[-1] - values[0])), "<", 1e-9, kind="identidad"),
)  # fmt: skip

# %% [markdown]
# ## Resumen
#
# - Lo que hay que recordar.
#
# ## Errores frecuentes
#
# - El que más se comete, y cómo se nota.
#
# ## Para saber más
#
# - Una lectura con autores y año, comprobada.
#
# **Siguiente**: 34 · Codificador-decodificador, en preparación.
