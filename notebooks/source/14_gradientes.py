# %% [markdown]
# # 14 · Gradientes que desaparecen y que explotan
#
# **Una red recurrente puede recordar algo para siempre. ¿Por qué le cuesta tanto aprender a hacerlo?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a medir cuánto gradiente llega a cada paso y a leerlo en una curva; a deducir que se desvanece o explota porque es un producto de matrices; a recortar un gradiente sin torcerlo y a saber qué se gana; a elegir pesos iniciales que lo conservan; a elegir cuánto dura una memoria |
# | **Antes de empezar** | [13 · Retropropagación a través del tiempo](13_bptt.ipynb); potencias y logaritmos; multiplicar matrices. Los valores propios y los singulares se explican aquí, con dibujos |
# | **Tiempo** | 75 minutos de lectura y ejercicios, en tres ratos: los dos primeros acaban con las secciones 2 y 6; medio minuto de ejecución |
# | **Herramientas** | NumPy y nada más |

# %% tags=["parameters"]
FAST = True  # False: el triple de redes en las secciones 1 y 7 (un minuto)
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED)

# %%
from functools import partial

import matplotlib.pyplot as plt
import numpy as np

from course_utils.cells import RNNWeights, cosine, rnn_backward, rnn_forward
from course_utils.claims import claim, explain, verify
from course_utils.comparison import mcnemar, paired
from course_utils.datasets import load_result
from course_utils.exercises import check, hint, progress, solution

# %%
from course_utils.lessons.lesson_14 import (
    LEARNED,
    WAYS,
    Way,
    draw_marks,
    draw_networks,
    gradients,
    plot_accuracy_by_distance,
    plot_ellipses,
    plot_orbits,
    plot_starts,
    plot_success,
    plot_tail,
    plot_transient,
    rounded,
    train,
    train_way,
)
from course_utils.plotting.gradients import plot_divergence, plot_gradient_norms

rng = np.random.default_rng(SEED)

# %% [markdown]
# `rnn_forward` y `rnn_backward` son las de las lecciones 12 y 13, ya comprobadas. `rnn_forward(x, weights)` devuelve el
# recorrido, con sus `.states`; `rnn_backward(run, weights, grad_states)`, los gradientes de los pesos (`.weights`), de la
# entrada (`.x`) y del estado inicial (`.h0`).
#
# ## 1 · Un recuerdo que no se aprende
#
# Una tarea mínima: la secuencia empieza con una **marca**, A o B. Después llegan símbolos sin interés, los
# **distractores**. Al final se pregunta qué marca era: la red debe decir 1 si era A y -1 si era B.


# %%
symbols, answers = draw_marks((1_000,), 80, rng)  # (81, 1000) y (1000,): A es 0; B, 1
print("los primeros símbolos de una:", symbols[:12, 0], "…   respuesta:", answers[0])

# %% [markdown]
# ¿Puede una red recurrente hacerlo? Sí, y ya la construiste: el pestillo de la lección 12. Una sola unidad, con la A como
# marca. `one_hot` pone cada símbolo como seis números, cinco ceros y un uno.


# %%
def one_hot(symbols):
    """Símbolos (tiempo, lote) → entradas (lote, tiempo, 6)."""
    return np.eye(6)[symbols.T]


latch = RNNWeights(
    input=np.array([[10.0], [0.0], [0.0], [0.0], [0.0], [0.0]]),  # solo la A lo levanta
    hidden=np.array([[5.0]]),
    bias=np.array([-2.0]),
)
latch_states = rnn_forward(one_hot(symbols), latch).states  # (1000, 81, 1)
latch_accuracy = np.mean(np.sign(latch_states[:, -1, 0]) == answers)
explain(f"El pestillo, a 80 pasos de la marca, acierta el {100 * latch_accuracy:.0f} %.")

# %% [markdown]
# La solución existe. Veamos si el descenso por gradiente encuentra esa u otra, con dieciséis unidades y pesos al azar
# como los de la lección 12. La respuesta de la red es el producto de su último estado por un vector de pesos, y la
# pérdida, el error cuadrático medio.
#
# Para no depender de la suerte de una red, aquí se entrenan muchas. `draw_networks(redes, rng)` las sortea y `train` es el
# bucle de la lección 13 con todas a la vez: cada una tiene sus secuencias, su gradiente y su actualización, y nada pasa de
# una a otra. Cada lote es nuevo: salvo a distancias muy cortas, con pocas secuencias posibles, el acierto se mide sobre
# secuencias que la red no ha visto. (El código está en `course_utils/lessons/lesson_14/experiment.py`).
#
# **Predice**: con 500 actualizaciones, ¿a cuántos pasos dejará de aprender?

# %%
distances = (2, 5, 10, 20, 40, 80)
networks = 8 if FAST else 24


def learn_at(distance, rate=0.05):
    """Acierto de cada red, las mismas en todas las distancias, tras entrenarlas a una."""
    start = draw_networks(networks, np.random.default_rng([SEED, 1]))
    own = np.random.default_rng([SEED, 1, distance])
    return train(start, distance, own, rate=rate, updates=500).accuracy


by_distance = np.array([learn_at(distance) for distance in distances])  # (distancias, redes)
faster = {distance: np.sum(learn_at(distance, rate=0.2) > LEARNED) for distance in (10, 40)}

# %%
near_hits, far_hits = 100 * by_distance[[2, -1]].mean(axis=1)  # a 10 y a 80 pasos
plot_accuracy_by_distance(
    distances,
    by_distance,
    reference=("pestillo a mano", latch_accuracy),
    title=f"A 10 pasos, un {near_hits:.0f} % de acierto; a 80, un {far_hits:.0f} %",
)
plt.show()
learned_at = dict(zip(distances, np.sum(by_distance > LEARNED, axis=1), strict=True))
explain(
    f"Cada punto es una red. Aciertan más del 90 %, de {networks}: "
    + "; ".join(f"a {distance} pasos, {count}" for distance, count in learned_at.items())
    + f". Con una tasa cuatro veces mayor, a 10 pasos aprenden {faster[10]} y a 40, {faster[40]}."
)

# %% [markdown]
# En adelante, una red **aprende** si acierta más del 90 %. Las redes y la tarea son las mismas, y sabemos que hay solución: solo
# cambia la distancia, que es también el número de distractores. Miremos qué recibe la marca: la **norma** del gradiente (su
# longitud, la raíz de la suma de los cuadrados) de la pérdida respecto de cada entrada, en redes aún sin entrenar.
#
# **Predice**: la marca está a 80 pasos del final. ¿Cuántas veces menor será su gradiente que el de la última entrada?


# %%
def input_reach(weights, readout):
    """Norma del gradiente que llega a cada entrada, del final a la marca: (81,)."""
    symbols, answers = draw_marks((32,), 80, rng)
    run = rnn_forward(one_hot(symbols), weights)
    grad_states = np.zeros_like(run.states)  # (lote, tiempo, oculto): solo importa el final
    errors = run.states[:, -1] @ readout - answers
    grad_states[:, -1] = np.outer(2 * errors / len(answers), readout)
    grad_x = rnn_backward(run, weights, grad_states).x  # (lote, tiempo, 6)
    return np.linalg.norm(grad_x, axis=2).mean(axis=0)[::-1]


# %%
born = draw_networks(20, rng)
# De cada red salen, por este orden, sus tres pesos (*parts) y su capa de salida
input_norms = [input_reach(RNNWeights(*parts), w) for *parts, w in zip(*born, strict=True)]
reach = np.exp(np.log(input_norms).mean(axis=0))  # la media, en escala logarítmica
plot_gradient_norms(
    {"": reach}, title="El gradiente se pierde por el camino", ylabel="norma del gradiente"
)
plt.show()
explain(
    f"Media de 20 redes: a la última entrada le llega {reach[0]:.1e}; a la marca, 80 pasos antes, "
    f"{reach[-1]:.1e}, unas {rounded(reach[0] / reach[-1])} veces menos. En cada paso se divide por "
    f"{(reach[0] / reach[-1]) ** (1 / 80):.2f}."
)

# %% [markdown]
# Casi una recta, y el eje vertical es logarítmico: el gradiente se divide por lo mismo en cada paso. Es el
# **desvanecimiento del gradiente** (*vanishing gradient*; Hochreiter, 1991). Subir la tasa de aprendizaje no lo arregla:
# multiplica por lo mismo lo que llega de cerca y lo que llega de lejos.
#
# ## 2 · El otro extremo
#
# ¿Puede pasar lo contrario? Quitemos a la red la tangente hiperbólica y nada más: $h_t = x_t W_x + h_{t-1} W_h + b$, una
# red **lineal**. Su vuelta es la de la lección 13 sin el factor $1-h_t^2$: en cada paso atrás, el gradiente se multiplica
# por $W_h^\top$. En `train`, `path="lineal"`.
#
# Al entrenar guardamos también el tamaño del gradiente, la raíz de la suma de los cuadrados de **todos** sus
# números: la **norma global** (*global norm*).


# %%
def global_norm(gradients):
    """Norma de todos los gradientes juntos, como si fueran un solo vector."""
    return np.sqrt(sum(np.sum(part**2) for part in gradients))


def train_linear(distance, rate=0.05, clip=None):
    """Entrena 24 redes lineales, las mismas cada vez, con las mismas secuencias."""
    own = np.random.default_rng([SEED, 2])
    start = draw_networks(24, own)
    return train(start, distance, own, rate=rate, updates=300, clip=clip, path="lineal")


# %% [markdown]
# Veinticuatro redes con la marca **al lado**, a un paso, y las mismas con la marca a quince.
#
# **Predice**: la tasa, los pesos iniciales y la tarea son los mismos. ¿Aprenderán igual?

# %%
near, unclipped = train_linear(1), train_linear(15)
diverged = ~np.isfinite(unclipped.losses[-1])  # una red por lugar
lasted = np.isfinite(unclipped.losses[:, 0]).sum()  # lo que aguanta la primera
shown = slice(max(0, lasted - 8), lasted)
print("a un paso, primeras pérdidas:", "  ".join(f"{loss:.2g}" for loss in near.losses[:8, 0]))
print(
    "a quince, sus últimas:       ", "  ".join(f"{loss:.2g}" for loss in unclipped.losses[shown, 0])
)
print(
    "y sus gradientes:            ", "  ".join(f"{norm:.2g}" for norm in unclipped.norms[shown, 0])
)
explain(
    f"Con la misma tasa, a un paso aprenden {np.sum(near.accuracy > LEARNED)} de 24. A quince, la "
    f"pérdida de {diverged.sum()} crece hasta desbordarse."
)

# %% [markdown]
# Es la **explosión del gradiente** (*exploding gradient*). Cuando la pérdida crece así, hasta dejar de ser un número, se dice que
# el entrenamiento **diverge**. Con esa tasa y la marca al lado no pasa: lo que cambia son los quince pasos.
#
# El remedio más usado es sencillo (Pascanu, Mikolov y Bengio, 2013). El gradiente dice **hacia dónde** ir y **cuánto**; cuando es
# enorme, del cuánto no hay que fiarse. Si su norma global pasa de un tope $c$, se encoge todo, en la misma
# proporción, hasta que mida $c$:
#
# $$g \leftarrow g\,\frac{c}{\lVert g\rVert}\qquad\text{si } \lVert g\rVert > c$$
#
# A esto se le llama **recorte del gradiente** (*gradient clipping*).
#
# ### Ejercicio 14.1 ★ · Recortar por norma global
#
# Recibes una lista de arrays y devuelves otra. Si la norma global no pasa del tope, salen iguales. Puedes usar
# `global_norm`.


# %% tags=["exercise"]
def clip_by_global_norm(gradients, max_norm):
    """Lista con los gradientes, encogidos todos a la vez si su norma global pasa de max_norm."""
    ### BEGIN SOLUTION
    scale = max_norm / max(global_norm(gradients), max_norm)
    return [scale * part for part in gradients]
    ### END SOLUTION


# %% tags=["check"]
clip_by_global_norm = check("14.1", clip_by_global_norm)

# %% [markdown]
# El recorte no es lo único que se puede cambiar. Su rival es lo más simple: una **tasa menor**, sin recorte. Los compararemos
# con `mcnemar`, que es a «aprende o no aprende» lo que `paired` a los números en la lección 11: mira las redes que salva una
# sola de las dos curas, y si su intervalo llega al cero no hay diferencia clara.
#
# **Predice**: ¿cuál de los dos salvará a estas redes? ¿Dejará de ser enorme el gradiente?


# %%
def in_points(comparison):
    """Una diferencia en puntos porcentuales, con su intervalo."""
    return comparison.verdict("puntos", decimals=0, scale=100)


clip_to_one = partial(clip_by_global_norm, max_norm=1.0)  # la misma función, con el tope puesto
clipped, slower = train_linear(15, clip=clip_to_one), train_linear(15, rate=0.005)
solved = {
    name: training.accuracy > LEARNED
    for name, training in (("sin", unclipped), ("con", clipped), ("lenta", slower))
}
plot_divergence(
    {
        f"Tasa 0.05: {solved['sin'].sum()} de 24": unclipped.losses.T,
        f"Con recorte: {solved['con'].sum()}": clipped.losses.T,
        f"Tasa 0.005, sin: {solved['lenta'].sum()}": slower.losses.T,
    }
)
plt.show()

# %%
largest_norm = np.median(clipped.norms[10:].max(axis=0))
explain(
    f"Las mismas redes y los mismos datos. Con recorte a uno aprenden {solved['con'].sum()} de 24, "
    f"aunque el gradiente, antes de recortarlo, llega a medir {rounded(largest_norm)} en la red mediana. Sin "
    f"recorte y con una tasa diez veces menor, {solved['lenta'].sum()}. Redes que aprenden, la primera "
    f"cura frente a la segunda: {in_points(mcnemar(solved['con'], solved['lenta']))}."
)

# %% [markdown]
# Las dos sirven. ¿Para qué recortar, entonces? Midamos todas las combinaciones de tasa y tope. Son muchas: las ha medido un
# programa aparte, con el mismo `train`, y aquí se lee su resultado.

# %%
grid = load_result("gradientes_recorte")
print(grid.script, "·", len(grid["accuracy"]), "redes entrenadas ·", grid.machine)
clip_rates, caps = np.unique(grid["rate"]), (0.0, 10.0, 3.0, 1.0, 0.3, 0.1)  # 0: sin recorte
grid_learned = grid["accuracy"] > LEARNED
by_clip = np.array(
    [
        [np.sum(grid_learned[(grid["rate"] == r) & (grid["clip"] == c)]) for r in clip_rates]
        for c in caps
    ]
)  # (topes, tasas)
serves = by_clip >= 22  # las tasas con las que aprenden 22 de 24 o más

# %%
plot_success(
    by_clip,
    rows=["sin recorte", *(f"{cap:g}" for cap in caps[1:])],
    columns=[f"{rate:g}" for rate in clip_rates],
    runs=24,
    xlabel="tasa de aprendizaje",
    ylabel="tope",
    title=f"Tasas que sirven, de {len(clip_rates)}: sin recorte, {np.sum(serves[0])}; con tope 1, {np.sum(serves[3])}",
)
plt.show()
explain(
    "En cada casilla, cuántas redes de 24 aprenden en 300 actualizaciones. Decimos que una tasa sirve si "
    f"aprenden 22 o más. Sin recorte, la mejor da {by_clip[0].max()}; con tope 1, hay "
    f"{np.sum(by_clip[3] == by_clip[3].max())} tasas que dan {by_clip[3].max()}."
)

# %%
cells = {cap: (grid["rate"] == 0.015) & (grid["clip"] == cap) for cap in (0.0, 10.0, 1.0)}
cut = {cap: 100 * grid["clipped"][cell].mean() for cap, cell in cells.items()}
rescued = mcnemar(grid_learned[cells[10.0]], grid_learned[cells[0.0]])
explain(
    f"¿Cuántas actualizaciones se recortan? Con tasa 0.015 y tope 10, el {cut[10.0]:.0f} %; con tope 1, el "
    f"{cut[1.0]:.0f} %. Redes que aprenden con esa tasa, tope 10 frente a ninguno: {in_points(rescued)}."
)

# %% [markdown]
# En esta tarea el recorte no consigue apenas nada que una buena tasa no consiga: hace que **acertar con la tasa sea mucho más
# fácil**. ¿De dónde viene la diferencia? Miremos cuánto mide el primer gradiente en mil redes recién sorteadas.
#
# **Predice**: ¿cuántas veces mayor que el mediano será el mayor de los mil?

# %%
first = []
for _ in range(5):
    born = draw_networks(200, rng)
    _, slopes = gradients(born, *draw_marks((200, 32), 15, rng), path="lineal")
    first += [list(parts) for parts in zip(*slopes, strict=True)]
first_norms = np.array([global_norm(parts) for parts in first])  # (1000,)
tail = first_norms.max() / np.median(first_norms)
plot_tail(first_norms, title=f"El mayor gradiente es {rounded(tail)} veces el mediano")
plt.show()

# %%
middling = train_linear(15, rate=0.015)
burst = ~np.isfinite(middling.losses[-1])
explain(
    f"Las redes salen del mismo sorteo y su primer gradiente va de {first_norms.min():.1f} a "
    f"{rounded(first_norms.max())}. Con tasa 0.015 y sin recorte se desbordan {burst.sum()} de 24, y no "
    f"unas cualesquiera: su primer gradiente mediano mide {np.median(middling.norms[0, burst]):.0f}; el de las "
    f"demás, {np.median(middling.norms[0, ~burst]):.0f}."
)

# %% [markdown]
# Es una distribución de **cola larga**: la mayoría se amontona a la izquierda y unos pocos gradientes son miles de veces
# mayores. Una tasa que aguante a todos es lenta para los corrientes. Con el recorte, ninguna actualización mueve los pesos más
# que la tasa por el tope. Con tope uno se recortan casi todas, y entonces cada paso mide lo mismo: por eso, en la parte baja del
# mapa, dividir el tope entre diez y multiplicar la tasa por diez da lo mismo. Con tope diez se recortan pocas, las de la cola, y
# ya se gana.
#
# ¿Y con la tangente hiperbólica? Sus estados no pasan de uno, así que la pérdida no se desborda. Pero demos a la red pesos
# mayores, `gain=2`, y contemos los estados **saturados**, pegados a -1 o a 1, donde la curva es casi plana y no
# deja pasar gradiente.


# %%
def saturated_share(networks):
    """Parte de los estados a menos de una centésima de -1 o de 1, en todas las redes."""
    symbols, _ = draw_marks((200,), 15, np.random.default_rng([SEED, 3]))
    runs = [rnn_forward(one_hot(symbols), RNNWeights(*w)) for *w, _ in zip(*networks, strict=True)]
    return np.mean([np.abs(run.states) > 0.99 for run in runs])


def train_large(rate, clip=None):
    """Veinte redes de pesos grandes, con tanh, a quince pasos de la marca."""
    own = np.random.default_rng([SEED, 4])
    start = draw_networks(20, own, gain=2.0, input_scale=0.1)
    # La capa de salida va más despacio, para que no se descontrole ella sola
    return train(start, 15, own, rate=(rate, rate, rate, rate / 25), updates=200, clip=clip)


# %%
large = {
    "tasa 0.5, sin recorte": train_large(0.5),
    "tasa 0.5, con recorte": train_large(0.5, clip_to_one),
    "tasa 0.05, sin recorte": train_large(0.05),
    "tasa 0.05, con recorte": train_large(0.05, clip_to_one),
}
for name, training in large.items():
    share = saturated_share(training.networks)
    print(
        f"{name}: saturado el {100 * share:3.0f} %; aprenden {np.sum(training.accuracy > LEARNED)} de 20"
    )

# %% [markdown]
# La historia se repite: con la tasa grande y sin recorte muchas unidades acaban saturadas; con recorte o con una tasa menor, menos.
# En ningún caso el recorte **agranda** un gradiente: contra el desvanecimiento no sirve. Para eso hay que entender de dónde sale.
#
# > **Puedes parar aquí.** Has visto las dos enfermedades y el remedio de una. En el segundo rato buscaremos en qué lugar se
# > pierde el gradiente; en el tercero, cómo conservarlo.
#
# ## 3 · Una matriz, una y otra vez
#
# En la red lineal, retroceder un paso es multiplicar el gradiente por $W_h^\top$; retroceder quince, multiplicarlo quince
# veces por la misma matriz. ¿Qué le hace una matriz a un vector cuando se aplica una y otra vez? Con dos unidades se puede
# dibujar: cada punto es un vector de dos números, y cada segmento, una multiplicación.
#
# **Predice**: mira estas tres matrices. ¿Con cuál se alejará el vector del origen?

# %%
mixes = np.array([[0.7, 0.3], [0.2, 0.8]])
turns = np.array([[np.cos(0.6), np.sin(0.6)], [-np.sin(0.6), np.cos(0.6)]])  # gira 0.6 radianes
small = {"A": 1.1 * mixes, "B": 0.9 * turns, "C": np.array([[0.8, 1.6], [0.0, 0.7]])}


def spectral_radius(matrix):
    """El mayor módulo de los valores propios."""
    return np.abs(np.linalg.eigvals(matrix)).max()


named = {f"{name}: radio {spectral_radius(m):.1f}": m for name, m in small.items()}
plot_orbits(
    named, np.array([1.0, -0.6]), title="Crece, gira o da un rodeo: a la larga manda el radio"
)
plt.show()

# %%
vector, growths = np.array([1.0, -0.6]), []
for _ in range(8):
    longer = vector @ small["A"]
    growths.append(np.linalg.norm(longer) / np.linalg.norm(vector))
    vector = longer
explain(
    "Con A, el vector se multiplica en cada paso por "
    + "; ".join(f"{growth:.2f}" for growth in growths)
    + ". Los valores propios de A son "
    + " y ".join(f"{value:.2f}" for value in np.sort(np.linalg.eigvals(small["A"])))
    + "."
)

# %% [markdown]
# - **A.** A los pocos pasos el vector cae sobre una de las rayas: una dirección que la matriz **no gira, solo estira**, y
#   siempre por el mismo factor. Ese factor es un **valor propio** (*eigenvalue*). Hay otra raya con otro, más pequeño: la
#   parte del vector que va por ella se apaga enseguida.
# - **B.** No hay rayas: la matriz gira sin parar. Sus valores propios son números complejos, y lo que encoge en cada paso es su
#   módulo, que da `np.abs`.
# - **C.** Primero se aleja y después vuelve: sus dos rayas casi coinciden. A esos primeros pasos se les llama
#   **transitorio** (*transient*).
#
# Al mayor de los módulos se le llama **radio espectral** (*spectral radius*): es el factor que manda **a la larga**. Por
# encima de uno, el vector crece sin freno; por debajo, se apaga. Ya tenemos las dos enfermedades en una hoja de papel.
#
# El radio dice qué pasa al final y en una dirección. ¿Y en **un** paso, y en **todas** las direcciones? Dibujemos en qué se
# convierte el círculo de los vectores que miden uno.

# %%
flat = {
    "A, radio 1, un paso": mixes,
    "cinco pasos": np.linalg.matrix_power(mixes, 5),
    "giro, cinco pasos": np.linalg.matrix_power(turns, 5),
}
plot_ellipses(flat, title="Las tres tienen radio uno; solo el giro conserva todo")
plt.show()
worst = np.linalg.svd(flat["cinco pasos"], compute_uv=False)[-1]
explain(
    "Un círculo se convierte en una elipse. Las flechas son lo que más y lo que menos se estira. Con A, en "
    f"cinco pasos, de la peor dirección queda {worst:.2f}: la elipse es ya una aguja."
)

# %% [markdown]
# Los largos de las flechas son los **valores singulares** (*singular values*) de la matriz: hay tantos como unidades y los da
# `np.linalg.svd(matriz, compute_uv=False)`, de mayor a menor. El mayor es la **norma** de la matriz,
# `np.linalg.norm(matriz, 2)`: cuánto estira donde **más** estira.
#
# ## 4 · Un producto muy largo
#
# En la lección 13, a cada estado le llegaba gradiente por dos caminos: la pérdida de su paso y el paso siguiente.
# Aquí la pérdida solo mira el final, así que queda el segundo: el gradiente, que es una fila con un número por
# unidad, se multiplica por la pendiente de tanh, $1-h_t^2$, y después por $W_h^\top$. Si $D_t$ es la matriz que tiene
# $1-h_t^2$ en la diagonal y ceros fuera,
#
# $$\frac{\partial L}{\partial h_{t-1}} = \frac{\partial L}{\partial h_t}\,D_t\,W_h^\top$$
#
# Dos pasos son dos productos. Desde el final hasta el paso $t$,
#
# $$\frac{\partial L}{\partial h_t} = \frac{\partial L}{\partial h_T}\;
# \underbrace{D_T W_h^\top\;D_{T-1}W_h^\top\cdots D_{t+1}W_h^\top}_{\partial h_T/\partial h_t}$$
#
# La matriz de la llave es el **jacobiano** (*Jacobian*) de $h_T$ respecto de $h_t$: en la fila $i$ y la columna $j$,
# cuánto cambia la unidad $i$ del final si se mueve la unidad $j$ del paso $t$. Tiene un factor por cada paso de
# distancia.
#
# ### Ejercicio 14.2 ★★ · El jacobiano
#
# Recibes los estados $h_{t+1},\dots,h_T$ de una secuencia, en orden, y $W_h$. Devuelve el producto. Multiplicar por
# $D_t$ por la izquierda es multiplicar cada **fila** por su número: `pendiente[:, None] * matriz`, donde la matriz es $W_h^\top$.


# %% tags=["exercise"]
def jacobian_product(states, hidden):
    """∂h_T/∂h_t. states: (tiempo, oculto), de h_{t+1} a h_T → (oculto, oculto)."""
    product = np.eye(len(hidden))
    for h in states[::-1]:  # del último al primero
        ### BEGIN SOLUTION
        product = product @ ((1 - h**2)[:, None] * hidden.T)
        ### END SOLUTION
    return product


# %% tags=["check"]
jacobian_product = check("14.2", jacobian_product)

# %% [markdown]
# Comprobémoslo con `rnn_backward`. Ponemos en un lote tantas copias de la secuencia como unidades, y en la copia $i$
# damos gradiente uno a la unidad $i$ del último estado. Lo que llega al estado inicial es la fila $i$ del jacobiano.

# %%
one = draw_networks(1, rng)
weights = RNNWeights(*(part[0] for part in one[:3]))
symbols, _ = draw_marks((1,), 30, rng)  # (31, 1)
run = rnn_forward(np.repeat(one_hot(symbols), 16, axis=0), weights)
grad_states = np.zeros_like(run.states)  # (16, 31, 16)
grad_states[:, -1] = np.eye(16)
by_backward = rnn_backward(run, weights, grad_states).h0  # (16, 16)
by_product = jacobian_product(run.states[0], weights.hidden)
jacobian_gap = np.abs(by_product - by_backward).max() / np.abs(by_backward).max()
explain(
    f"Entre el producto y la retropropagación, la mayor diferencia, relativa al mayor elemento, es "
    f"{jacobian_gap:.0e}."
)

# %% [markdown]
# ## 5 · Matrices que ni estiran ni encogen
#
# Volvamos a la red **lineal**, de pendiente siempre uno. Todos los factores son $W_h^\top$, y el jacobiano es una potencia.
#
# El giro de la sección 3 es una matriz **ortogonal**: gira o refleja, pero no cambia la longitud de ningún vector. En una así las filas
# miden uno y son perpendiculares entre sí; por eso $W W^\top$ es la matriz identidad, la que deja todo igual. Si se multiplica por
# $r$, su radio espectral es $r$: multiplica por $r$ la longitud de **cualquier** vector, en cada paso.
#
# ### Ejercicio 14.3 ★★ · Una matriz ortogonal al azar
#
# `np.linalg.qr(matriz)` devuelve dos matrices, Q y R. La primera es ortogonal; el resto de la información queda en la
# segunda, que aquí no hace falta. Sortea una matriz cuadrada con `rng.normal` y devuelve una ortogonal multiplicada
# por `radius`. (La identidad no vale: cada unidad debe depender de todas).


# %% tags=["exercise"]
def orthogonal_matrix(size, radius, rng):
    """Matriz (size, size) al azar que multiplica por `radius` la longitud de cualquier vector."""
    ### BEGIN SOLUTION
    q, _ = np.linalg.qr(rng.normal(size=(size, size)))
    return radius * q
    ### END SOLUTION


# %% tags=["check"]
orthogonal_matrix = check("14.3", orthogonal_matrix)

# %% [markdown]
# Para medir un jacobiano usaremos su norma. La función recibe las pendientes de la activación; en la red lineal, todas
# valen uno.


# %%
def jacobian_norms(slopes, hidden):
    """Norma de ∂h_T/∂h_t a 0, 1, 2… pasos. slopes: (tiempo, oculto) → (tiempo + 1,)."""
    product = np.eye(len(hidden))
    norms = [1.0]
    for slope in slopes[::-1]:
        product = product @ (slope[:, None] * hidden.T)
        norms.append(np.linalg.norm(product, 2))
    return np.array(norms)


size, steps = 32, 100
radii = (0.5, 0.9, 1.0, 1.3)
linear_slopes = np.ones((steps, size))
rotation = orthogonal_matrix(size, 1.0, rng)
linear = {f"radio {r}": jacobian_norms(linear_slopes, r * rotation) for r in radii}

# %% [markdown]
# **Predice**: en escala logarítmica, ¿qué forma tendrán las cuatro curvas? ¿Qué inclinación?

# %%
plot_gradient_norms(linear, title="Con una matriz ortogonal, rectas")
plt.show()
slope_errors = [
    np.abs(np.diff(np.log(norms)) - np.log(r)).max()
    for r, norms in zip(radii, linear.values(), strict=True)
]
ends = [norms[-1] for norms in linear.values()]
explain(
    f"A {steps} pasos: {ends[0]:.0e} con radio 0.5; {ends[1]:.0e} con 0.9; {ends[2]:.0f} con 1, "
    f"y {ends[3]:.0e} con 1.3. En cada paso el logaritmo cambia en ln(radio), con un error máximo "
    f"de {max(slope_errors):.0e}."
)

# %% [markdown]
# Solo el radio uno conserva. Con uno algo menor, el gradiente se desvanece; con uno algo mayor, explota.
#
# ¿Y si la matriz no es ortogonal? Las gaussianas de la sección 1 no lo son. Las dividimos por su radio espectral y
# las multiplicamos por el que queremos.
#
# **Predice**: con radio 0.9, ¿habrá alguna dirección en la que el gradiente se alargue en el primer paso?


# %%
def gaussian_matrix(size, radius, rng):
    """Matriz gaussiana con el radio espectral que se pide."""
    matrix = rng.normal(size=(size, size))
    return radius * matrix / spectral_radius(matrix)


# %%
draws = [gaussian_matrix(size, 0.9, rng) for _ in range(4)]
long_norms = np.array([jacobian_norms(np.ones((400, size)), draw) for draw in draws])
ratios = long_norms / 0.9 ** np.arange(401)  # en una ortogonal, siempre 1
plot_transient(ratios[:, :61], title="Primero crece; después ya no")
plt.show()
tail_slopes = np.log(long_norms[:, 400] / long_norms[:, 200]) / 200
tail_error = np.abs(tail_slopes - np.log(0.9)).max()
explain(
    f"Cuatro matrices gaussianas de radio 0.9. En el primer paso, la dirección que más estiran se "
    f"multiplica por {long_norms[:, 1].min():.2f} a {long_norms[:, 1].max():.2f}. Su norma llega a ser hasta "
    f"{ratios.max():.1f} veces la de una ortogonal. En cambio, entre los pasos 200 y 400 el "
    f"logaritmo cambia en ln 0.9 por paso, con un error de {tail_error:.0e}."
)

# %% [markdown]
# Es el rodeo de la matriz C: una matriz así puede estirar mucho una dirección, pero el vector sale mirando hacia otra, que ya no
# se estira tanto. Si tus secuencias son cortas, el radio no lo dice todo.
#
# ## 6 · La tangente hiperbólica frena
#
# Vuelve la red de verdad. Su pendiente, $1-h_t^2$, vale uno cuando el estado es cero y casi cero cuando está
# saturado. Nunca pasa de uno: cada $D_t$ encoge o deja igual. El producto
# aún puede crecer, si $W_h$ estira más de lo que las pendientes encogen.
#
# **Predice**: con una matriz ortogonal y entradas como las de la sección 1, ¿conservará el gradiente el radio 1? ¿Y
# explotará el 1.3?


# %%
def tanh_slopes(hidden, input_scale, rng):
    """Pendientes de una red con tanh que lee símbolos: (tiempo, oculto)."""
    inputs = input_scale * rng.normal(size=(6, len(hidden))) / np.sqrt(6)
    symbols, _ = draw_marks((1,), 2 * steps, rng)
    run = rnn_forward(one_hot(symbols), RNNWeights(inputs, hidden, np.zeros(len(hidden))))
    return 1 - run.states[0, -steps:] ** 2


# %%
with_tanh = {
    f"radio {r}": jacobian_norms(tanh_slopes(r * rotation, 1.0, rng), r * rotation) for r in radii
}
plot_gradient_norms(
    with_tanh, references=linear, title="Con tanh (trazo grueso), por debajo de su recta"
)
plt.show()
tanh_ends = [norms[-1] for norms in with_tanh.values()]
highest_ratio = max(np.max(with_tanh[name] / linear[name]) for name in linear)
strong = jacobian_norms(tanh_slopes(2 * rotation, 1.0, rng), 2 * rotation)[-1]
explain(
    f"Punteadas, las rectas de la red lineal. Con tanh, a {steps} pasos: con radio 0.9, "
    f"{tanh_ends[1]:.0e}; con 1, {tanh_ends[2]:.0e} en lugar de {ends[2]:.0f}; con 1.3, "
    f"{tanh_ends[3]:.0e} en lugar de {ends[3]:.0e}. Ninguna supera a su recta. Con radio 2, que no "
    f"está en la figura, también la de tanh explota: {strong:.0e}."
)

# %% [markdown]
# Con radio 1.3 la red lineal explota y la de verdad se desvanece; con radio 2 explotan las dos. ¿Quién frena?
# Repitamos con radio uno y cambiemos solo **el tamaño de las entradas**.

# %%
by_input, mean_slopes = {}, {}
for scale in (1.0, 0.1, 0.01):
    slopes = [tanh_slopes(rotation, scale, rng) for _ in range(10)]
    norms = [jacobian_norms(part, rotation)[-1] for part in slopes]
    by_input[scale], mean_slopes[scale] = np.exp(np.mean(np.log(norms))), np.mean(slopes)
    print(
        f"entradas de tamaño {scale:4}: pendiente media {mean_slopes[scale]:.4f}; a {steps} pasos "
        f"llega {by_input[scale]:.1e}"
    )

# %% [markdown]
# La matriz es la misma en los tres casos; solo cambia el tamaño de las entradas. Con las mayores la pendiente media sigue
# lejos de cero, pero cien factores así bastan para que no quede nada. **Leer apaga el gradiente**: cuanto más
# fuerte entra lo nuevo, menos llega a lo viejo. (No es lo mismo que olvidar: el pestillo, saturado, recuerda y apenas deja pasar
# gradiente).
#
# ¿Y ReLU? Su pendiente es uno en las unidades activas y cero en las demás: no satura. Sin entradas ni sesgo, además,
# multiplicar $W_h$ por dos no cambia qué unidades están activas.


# %%
def relu_slopes(hidden, rng):
    """Pendientes de una red con ReLU, sin entradas, desde un estado al azar: (tiempo, oculto)."""
    h, slopes = rng.normal(size=len(hidden)), []
    for _ in range(steps):
        h = np.maximum(h @ hidden, 0.0)
        slopes.append((h > 0).astype(float))
    return np.array(slopes)


relu_ends = {}
for r in (1.0, 2.0):
    own = np.random.default_rng([SEED, 5])  # los dos radios, desde el mismo estado
    relu_ends[r] = jacobian_norms(relu_slopes(r * rotation, own), r * rotation)[-1]
    print(f"ReLU, radio {r}: a {steps} pasos llega {relu_ends[r]:.0e}")
relu_growth = np.log2(relu_ends[2.0] / relu_ends[1.0])
explain(f"De un radio al otro, el gradiente se multiplica por 2 elevado a {relu_growth:.0f}.")

# %% [markdown]
# Con radio uno también se desvanece, porque muchas unidades están apagadas y no dejan pasar nada. Y si el radio crece, nada lo
# compensa: el factor crece igual que en la red lineal. Tanh, en cambio, frena más cuanto mayores son los estados.
#
# > **Puedes parar aquí.** Ya sabes de dónde salen las dos enfermedades: de un producto de matrices y pendientes. Lo que queda es
# > qué hacer con ello.
#
# ## 7 · Empezar bien
#
# Ya sabemos qué pedir a los pesos iniciales: entradas pequeñas, para que la pendiente sea casi uno, y una $W_h$ que no
# estire ni encoja. La gaussiana de la sección 1 falla en dos cosas: su radio ronda el uno, pero cambia de un sorteo a otro, y
# estira unas direcciones más que otras. La **ortogonal** arregla las dos (Saxe, McClelland y Ganguli, 2014). En medio queda la gaussiana
# dividida entre su radio, que arregla solo la primera.
#
# ¿Se nota? Sorteemos redes de las tres clases, con entradas pequeñas, y midamos los dieciséis valores singulares del
# jacobiano hasta la marca, a 70 pasos. Después las entrenamos, con recorte. Comparten todo lo demás: $W_x$,
# la capa de salida, las secuencias y la tasa.
#
# **Predice**: ¿cuánto dejará pasar la **peor** dirección en cada clase? ¿Cuántas de las veinticuatro aprenderán?


# %%
def start_stretches(start):
    """Valores singulares del jacobiano hasta la marca, a 70 pasos: (redes, 16)."""
    symbols, _ = draw_marks((1,), 70, np.random.default_rng([SEED, 6]))
    found = []
    for *parts, _ in zip(*start, strict=True):
        run = rnn_forward(one_hot(symbols), RNNWeights(*parts))
        jacobian = jacobian_product(run.states[0, 1:], parts[1])
        values = np.linalg.svd(jacobian, compute_uv=False)
        found.append(np.maximum(values, 1e-16 * values[0]))  # más abajo solo hay redondeo
    return np.array(found)


# %%
def draw_starts(kind):
    """Redes de una clase, con entradas pequeñas, y el generador de sus secuencias."""
    own = np.random.default_rng([SEED, 7])
    drawn = "ortogonal" if kind == "ortogonal" else "gaussiana"
    start = draw_networks(24 if FAST else 72, own, kind=drawn, input_scale=0.1)
    if kind == "de radio 1":
        hidden = [w / spectral_radius(w) for w in start.hidden]
        start = start._replace(hidden=np.array(hidden))  # las mismas redes, con otra W_h
    return start, own


stretches, accuracies = {}, {}
for kind in ("gaussiana", "de radio 1", "ortogonal"):
    start, own = draw_starts(kind)
    stretches[kind] = start_stretches(start)
    training = train(start, 70, own, rate=0.01, updates=400, clip=clip_to_one)
    accuracies[kind] = training.accuracy

# %%
learned = {kind: values > LEARNED for kind, values in accuracies.items()}
smallest = {kind: np.median(values[:, -1]) for kind, values in stretches.items()}
plot_starts(
    {kind: (stretches[kind], learned[kind]) for kind in stretches},
    title="Redes que aprenden; solo la ortogonal deja pasar por todas las direcciones",
)
plt.show()

# %%
duels = (("ortogonal", "gaussiana"), ("ortogonal", "de radio 1"), ("de radio 1", "gaussiana"))
gaps = {pair: paired(*(accuracies[kind] for kind in pair)) for pair in duels}
explain(
    f"Cada línea es una red. Por la peor de las dieciséis direcciones, en la red mediana, llega "
    f"{smallest['ortogonal']:.2f} con ortogonales y, con gaussianas, lo que ya es redondeo. Aprenden, de "
    f"{len(start.bias)}: " + "; ".join(f"{kind}, {values.sum()}" for kind, values in learned.items())
    + ". Aciertos: "
    + "; ".join(f"{one} frente a {other}, {in_points(gap)}" for (one, other), gap in gaps.items()) + "."
)  # fmt: skip

# %% [markdown]
# ¿Y si a la gaussiana le fuera mejor otra tasa? El programa aparte las ha entrenado con cinco.

# %%
start_grid = load_result("gradientes_inicio")
rates = np.unique(start_grid["rate"])


def by_rate(grid, **where):
    """Acierto de las filas de un resultado que cumplen todo lo de `where`: (tasas, redes)."""
    chosen = np.all([grid[name] == value for name, value in where.items()], axis=0)
    return grid["accuracy"][chosen].reshape(-1, 24)


by_start = {kind: by_rate(start_grid, kind=kind) for kind in ("gaussiana", "ortogonal")}
start_counts = {kind: np.sum(values > LEARNED, axis=1) for kind, values in by_start.items()}
for kind, counts in start_counts.items():
    print(f"{kind}: " + "; ".join(f"tasa {r:g}, {n}" for r, n in zip(rates, counts, strict=True)))

# %%
at_best = {kind: values[np.argmax(start_counts[kind])] for kind, values in by_start.items()}
explain(
    "Cada clase con su mejor tasa. Aciertos, ortogonal frente a gaussiana: "
    f"{in_points(paired(at_best['ortogonal'], at_best['gaussiana']))}."
)

# %% [markdown]
# La diferencia entre ortogonales y gaussianas aguanta el cambio de tasa. Cuánto de ella pone el radio y cuánto lo demás no se puede
# repartir con veinticuatro redes: ni lo que va de la gaussiana a la de radio uno ni lo que va de esta a la ortogonal deja fuera el
# cero con todas las semillas. Además, por las peores direcciones de las de radio uno no llega nada y la mayoría aprende:
# conservarlas todas no es imprescindible. Una red como la de la sección 1 puede, pues, aprender desde muy lejos si empieza bien.
# Pero eso solo cuida el comienzo, y a costa de leer bajito: con entradas pequeñas.
#
# ## 8 · Una memoria con fugas
#
# Empezar bien cuida los primeros gradientes. Cambiemos ahora la forma de la recurrencia. En cada paso, el recuerdo pasa por
# una matriz y por una curva; probemos a dejarlo pasar **casi sin tocarlo**:
#
# $$c_t = f\,c_{t-1} + u_t$$
#
# donde $u_t$ es lo que se añade en cada paso y $f$, un número entre 0 y 1. Es una **unidad con fugas** (*leaky
# unit*): como un depósito que pierde una parte de lo que tiene en cada paso. Si movemos $c_{t-1}$, $c_t$ se mueve $f$
# veces eso; tras $k$ pasos, $f^k$. Ni matriz ni curva: el gradiente lo eliges tú al elegir $f$.
#
# Para que $f$ no se salga de su sitio se escribe $f=\sigma(b)$, donde a $b$ lo llamaremos **sesgo** (en la LSTM será el de una
# compuerta), con la función **sigmoide** $\sigma(b)=1/(1+e^{-b})$,
# que lleva cualquier número al intervalo entre 0 y 1. ¿Cuánto dura el recuerdo? La **semivida** (*half-life*) es el
# número de pasos $n$ tras los que queda la mitad:
#
# $$f^n = \tfrac{1}{2}\quad\Rightarrow\quad n\ln f = \ln\tfrac{1}{2}\quad\Rightarrow\quad n=\frac{\ln 0.5}{\ln\sigma(b)}$$
#
# **Predice**: con $b=0$, $f$ vale un medio y la semivida es un paso. ¿Y con $b=5$?


# %%
def sigmoid(b):
    """De cualquier número a (0, 1)."""
    return 1 / (1 + np.exp(-b))


forgets = {b: sigmoid(b) for b in (0, 1, 3, 5)}
half_lives = {b: np.log(0.5) / np.log(f) for b, f in forgets.items()}
kept = {  # un jacobiano de una sola unidad: pendiente f y matriz identidad
    f"b = {b}": jacobian_norms(np.full((120, 1), f), np.eye(1)) for b, f in forgets.items()
}

# %%
plot_gradient_norms(
    kept,
    title="Con el sesgo se elige cuánto dura el gradiente",
    ylabel=r"$\partial c_T/\partial c_t$",
    floor=1e-6,
)
plt.show()
explain(
    "Semividas, en pasos: "
    + "; ".join(f"{n:.1f} con b = {b}" for b, n in half_lives.items())
    + f". A 100 pasos, con b = 5 todavía queda el {100 * kept['b = 5'][100]:.0f} % del gradiente."
)

# %% [markdown]
# ### Ejercicio 14.4 ★★★ · Una memoria a medida
#
# ¿Qué sesgo hace falta para que a `steps` pasos quede justo la mitad del gradiente? Despeja $f$ de la fórmula de la
# semivida, y después $b$ de $f=\sigma(b)$.


# %% tags=["exercise"]
def bias_for_half_life(steps):
    """Sesgo b con el que la semivida de la unidad es de `steps` pasos."""
    ### BEGIN SOLUTION
    forget = 0.5 ** (1 / steps)
    return np.log(forget / (1 - forget))
    ### END SOLUTION


# %% tags=["check"]
bias_for_half_life = check("14.4", bias_for_half_life)

# %%
bias_50 = bias_for_half_life(50)
kept_at_50 = sigmoid(bias_50) ** 50
explain(f"Para recordar 50 pasos, b = {bias_50:.2f}: a esa distancia queda {kept_at_50:.2f}.")

# %% [markdown]
# ¿Sirve para la tarea del principio? Una capa de dieciséis unidades con fugas, en la que cada símbolo añade
# $u_t=\tanh(x_t W_x + b)$, se diferencia de la receta de la sección 7 en **tres** cosas. Para saber cuál importa hay que cambiarlas
# de una en una:
#
# | se cambia | la receta de la sección 7 | la unidad con fugas |
# |---|---|---|
# | el sitio de la **curva** | dentro: $h_t=\tanh(h_{t-1}W_h+x_tW_x+b)$ | fuera: $h_t=h_{t-1}W_h+\tanh(x_tW_x+b)$ |
# | cómo **empieza** $W_h$ | ortogonal | fuga: $f\,I$; a la distancia de la marca queda la mitad |
# | si después **se aprende** | aprendida | fija |
#
# Salen ocho maneras. De una fuga aprendida solo se mueve la diagonal: cada unidad aprende su $f$. Cada manera se ha medido con 24
# redes y cinco tasas; la receta de la sección 7, con dos tasas más, mayores, por si le faltaban. A 50 pasos de la marca, con las
# entradas **enteras**, de la sección 1, y **pequeñas**, diez veces menores; a 100 pasos, solo con enteras y las que a 50 no
# fallaban ya casi siempre.
#
# **Predice**: ¿quién aprenderá con las entradas enteras? ¿Y con las pequeñas?

# %%
way_grid = load_result("gradientes_caminos")
settings = ((50, 1.0), (100, 1.0), (50, 0.1))  # distancia y tamaño de las entradas


def way_name(way):
    """Cómo se llama una de las ocho maneras."""
    return (
        f"{way.kind} {'aprendida' if way.learned else 'fija'}, "
        f"{'dentro' if way.path == 'tanh' else 'fuera'}"
    )


def learned_by_way(way, distance, scale):
    """Qué redes aprenden de una manera con la tasa que mejor le va, si se ha medido: (redes,)."""
    chosen = {**way._asdict(), "distance": distance, "input_scale": scale}
    values = by_rate(way_grid, **chosen) > LEARNED
    return values[np.argmax(values.sum(axis=1))] if len(values) else np.full(24, np.nan)


def span(counts):
    """Entre qué números están unos recuentos, sin los que no se han medido."""
    low, high = np.nanmin(counts), np.nanmax(counts)
    return f"{low:.0f}" if low == high else f"de {low:.0f} a {high:.0f}"


# %%
way_counts = np.array([[learned_by_way(way, *where).sum() for where in settings] for way in WAYS])
inside, outside = way_counts[:4], way_counts[4:]  # (maneras, casos)
plot_success(
    way_counts,
    rows=[way_name(way) for way in WAYS],
    columns=[f"{d} pasos, {'enteras' if s == 1 else 'pequeñas'}" for d, s in settings],
    runs=24,
    xlabel="distancia a la marca y entradas",
    title=f"A 50 pasos, enteras: dentro, {span(inside[:, 0])}; fuera, {span(outside[:, 0])}",
)
plt.show()
explain(
    "Redes de 24 que aprenden en 700 actualizaciones, cada manera con la tasa que mejor le va. Con "
    f"entradas enteras, a 50 pasos: dentro, {span(inside[:, 0])}; fuera, {span(outside[:, 0])}. A 100: la "
    f"receta, {span(inside[:1, 1])}; fuera, {span(outside[:, 1])}. Con entradas pequeñas: la fuga fija, "
    f"{span(way_counts[3::4, 2])}; las demás, {span(np.delete(way_counts[:, 2], [3, 7]))}."
)

# %% [markdown]
# ¿Cuánto de esto puede ser azar? En cada línea cambia una sola cosa, siempre con las mismas redes y entradas enteras.

# %%
recipe = Way("ortogonal", True, "tanh")
moved_out, leak = recipe._replace(path="directo"), Way("fuga", False, "directo")
changes = {
    "curva fuera y no dentro": (moved_out, recipe),
    "ortogonal aprendida y no fija": (moved_out, moved_out._replace(learned=False)),
    "fuga aprendida y no fija": (leak._replace(learned=True), leak),
    "ortogonal y no fuga, aprendidas": (moved_out, leak._replace(learned=True)),
    "ortogonal y no fuga, fijas": (moved_out._replace(learned=False), leak),
}
for distance in (50, 100):
    print(f"A {distance} pasos:")
    for name, pair in changes.items():
        gap = mcnemar(*(learned_by_way(way, distance, 1.0) for way in pair))
        print(f"  {name:31}: {in_points(gap)}")

# %% [markdown]
# Repitamos en directo la primera pareja, a 50 pasos: los mismos pesos iniciales, las mismas secuencias y, a cada una, la tasa que
# mejor le va en la tabla.

# %%
live = {"seed": [SEED, 8], "input_scale": 1.0, "updates": 500, "count": 8}
inside_live = train_way(recipe, 50, rate=0.6, **live) > LEARNED
outside_live = train_way(moved_out, 50, rate=0.01, **live) > LEARNED
explain(
    f"Con la curva dentro aprenden {inside_live.sum()} de 8; fuera, {outside_live.sum()}. Fuera frente a dentro: "
    f"{in_points(mcnemar(outside_live, inside_live))}."
)

# %% [markdown]
# Con entradas enteras, a 50 pasos de la marca, lo decisivo es **el sitio de la curva**: con ella en el camino no aprende ni la
# mitad de las redes, sea cual sea la matriz y aunque se suba mucho la tasa; fuera, aprende la mayoría con las cuatro. Con entradas
# pequeñas el sitio da igual: las fugas **fijas** son las únicas que fallan, dentro y fuera.
#
# Con la ortogonal, el sitio decide también a 100. ¿Y la fuga? Le pesa ser fija: aprenderse la salva con entradas pequeñas y, a 100
# pasos, le sirve algo con las enteras. A 50, aprendida, no se ve que sea peor que la ortogonal, y eso que mueve dieciséis números de
# $W_h$ y la otra 256. Pero a 100 queda muy por debajo de las ortogonales, también de la fija, que no mueve ninguno. Ahí pesa **cómo
# se empieza**, y en eso se diferencian en dos cosas que no hemos separado: la ortogonal gira y, además, no encoge.
#
# Lo bueno de una fuga fija es que su duración se elige con un número. Y ahí está también su precio: guarda igual la marca que los
# distractores y olvida todo al mismo ritmo. Aprender el ritmo es un paso. ¿Y si la red pudiera además decidir, **en cada paso y
# según lo que lee**, qué añade y cuánto olvida? Eso es una **compuerta** (*gate*), y con tres de ellas se hace una LSTM, que saca la
# curva del camino. La construiremos en la lección 21.
#
# ## 9 · Rómpelo y arréglalo
#
# Tres maneras de recortar que se ven en programas publicados: cada número por su cuenta, cada matriz por la suya y todo
# junto, con topes que dejan pasar más o menos lo mismo.


# %%
def clip_a(gradients):
    return [np.clip(part, -0.05, 0.05) for part in gradients]


def clip_b(gradients):
    return [part * 0.5 / max(np.linalg.norm(part), 0.5) for part in gradients]


def clip_c(gradients):
    scale = 1.0 / max(global_norm(gradients), 1.0)
    return [scale * part for part in gradients]


clips = {"clip_a": clip_a, "clip_b": clip_b, "clip_c": clip_c}
for name, clip in clips.items():
    solved_with = train_linear(15, clip=clip).accuracy > LEARNED
    print(f"{name}: aprenden {solved_with.sum()} redes de 24")

# %% [markdown]
# Con las tres aprenden casi todas. Pero el recorte debía cambiar la longitud del gradiente, **no su
# dirección**. ¿Lo cumplen? En la lección 13 medimos el parecido de dos gradientes con el coseno de su ángulo: `cosine(g1, g2)`, que recibe dos
# listas de arrays.
#
# ### Ejercicio 14.5 ★★ · ¿Se ha torcido el gradiente?
#
# Escribe una función que reciba **otra función**, como `clip_a`, y devuelva `True` si conserva la dirección y `False`
# si no. Prepara un gradiente de prueba y mide el coseno antes y después. Elige bien: con un gradiente cualquiera, un
# recorte malo puede parecer bueno. El coseno se calcula con redondeo: no exijas que valga uno exacto.


# %% tags=["exercise"]
def keeps_direction(clip):
    """¿Conserva la dirección este recorte? clip recibe y devuelve una lista de arrays."""
    ### BEGIN SOLUTION
    large = [np.array([30.0, -2.0]), np.array([[5.0]])]
    return cosine(large, clip(large)) > 1 - 1e-9
    ### END SOLUTION


# %% tags=["check"]
keeps_direction = check("14.5", keeps_direction)

# %%
# Gradientes de verdad: de los mil de la sección 2, cien muy grandes
exploding = [first[place] for place in np.argsort(first_norms)[-200:-100]]
verdicts, twists = {}, {}
for name, clip in clips.items():
    verdicts[name] = bool(keeps_direction(clip))
    cosines = [min(1.0, cosine(parts, clip(parts))) for parts in exploding]
    twists[name] = np.degrees(np.arccos(cosines)).mean()
    kept_or_not = "conserva" if verdicts[name] else "tuerce"
    print(f"{name}: {kept_or_not} la dirección; en 100 gradientes, {twists[name]:.1f} grados")

# %% [markdown]
# Recortar cada número por su cuenta iguala los grandes con los enormes, y la dirección es justo la proporción entre
# ellos. Recortar cada matriz por separado hace lo mismo entre matrices. Las dos funcionaron aquí, y a veces se usan a
# propósito; pero quien crea que sigue el gradiente se equivoca. El arreglo ya lo tienes: un solo factor para todo. En
# la lección 15 verás cómo se llama cada una en Keras y en PyTorch.
#
# ## 10 · Lo que hemos comprobado

# %%
shrunk = [clip_by_global_norm(parts, 1.0) for parts in exploding]
worst_cosine = min(cosine(*pair) for pair in zip(exploding, shrunk, strict=True))
half_life_gap = 0.0
for b, half_life in half_lives.items():
    values = kept[f"b = {b}"]
    measured = np.interp(1, -np.log2(values), np.arange(len(values)))  # cuándo queda la mitad
    half_life_gap = max(half_life_gap, abs(measured / half_life - 1))

# %% tags=["nbval-check-output"]
verify(
    claim("A la marca le llega menos de una milésima de lo que le llega al final",
          reach[-1] / reach[0], "<", 1e-3),
    claim("De 10 a 80 pasos, el acierto se hunde", by_distance[2].mean() - by_distance[-1].mean(), ">", 0.2),
    claim("Sin tanh, a quince pasos y con tasa 0.05, divergen casi todas", diverged.mean(), ">", 0.8, of=24),
    claim("Con recorte aprenden casi todas", solved["con"].mean(), ">", 0.75, of=24),
    claim("Y con una tasa diez veces menor, sin recorte, la mayoría", solved["lenta"].mean(), ">", 0.5, of=24),
    claim("El mayor de mil gradientes mide cientos de veces más que el mediano", tail, ">", 100),
    claim("Recortar cada número por su cuenta tuerce el gradiente", twists["clip_a"], ">", 20),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("Con entradas diez veces menores llega mucho más gradiente", by_input[0.1] / by_input[1.0], ">", 1e3),
    claim("Con ortogonales, a 70 pasos llega gradiente hasta por la peor dirección", smallest["ortogonal"], ">", 1e-3),
    claim("Aprenden más ortogonales que gaussianas", learned["ortogonal"].mean() - learned["gaussiana"].mean(), ">", 0.05),
    claim("Con entradas enteras y la curva en el camino, aprenden seis de ocho como mucho", inside_live.mean(), "<", 0.8, of=8),
    claim("Con la curva fuera, siete al menos", outside_live.mean(), ">", 0.8, of=8),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("El recorte por norma global conserva la dirección", 1 - worst_cosine, "<", 1e-9, kind="identidad"),
    claim("El producto de jacobianos es lo que calcula la retropropagación", jacobian_gap, "<", 1e-10, kind="identidad"),
    claim("Con una matriz ortogonal, la pendiente es el logaritmo del radio", max(slope_errors), "<", 1e-10, kind="identidad"),
    claim("La curva con tanh nunca supera a la lineal", highest_ratio - 1, "<", 1e-9, kind="identidad"),
    claim("La semivida que se lee en la curva es la de la fórmula", half_life_gap, "<", 1e-9, kind="identidad"),
)  # fmt: skip

# %% [markdown]
# ## Resumen
#
# - El gradiente que llega a un paso lejano es un **producto** con un factor por paso de distancia: mengua o crece de
#   manera exponencial.
# - A la larga manda el **radio espectral** de $W_h$; en los primeros pasos, su norma; y por dónde pasa, sus valores
#   singulares. La tangente hiperbólica frena, más cuanto mayores son las entradas.
# - Contra la **explosión**, recortar por norma global: cambia la longitud del gradiente, no su dirección. Una tasa menor también
#   vale; con el recorte se acierta con la tasa mucho más fácilmente.
# - Contra el **desvanecimiento**, dos caminos: empezar bien (entradas pequeñas y $W_h$ ortogonal) o sacar la curva del
#   camino del recuerdo, que en nuestra tarea aguanta también entradas grandes.
#
# **Qué no hemos demostrado.** Todo es una sola tarea, con redes de dieciséis unidades y pocas actualizaciones: que una receta
# no aprenda aquí no dice que no pueda. No hemos probado una fuga que no encoja, $f=1$, ni una matriz que empiece como la fuga y se
# aprenda entera. La mejor tasa de cada manera se ha elegido con las mismas redes que se cuentan. Y con tope uno se recorta casi
# siempre, así que nuestro recorte ha sido, sobre todo, dar pasos iguales; con tope diez, no.
#
# ## Errores frecuentes
#
# - Recortar cada número o cada matriz por separado y creer que se ha recortado el gradiente.
# - Buscar en el recorte un remedio contra el desvanecimiento.
# - Mirar solo el radio espectral cuando las secuencias son cortas.
# - Concluir que una red «no puede» recordar porque no lo ha aprendido.
#
# ## Para saber más
#
# - S. Hochreiter (1991), *Untersuchungen zu dynamischen neuronalen Netzen*, trabajo de fin de carrera, Universidad
#   Técnica de Múnich: donde se describe por primera vez.
# - Y. Bengio, P. Simard y P. Frasconi (1994), *Learning long-term dependencies with gradient descent is difficult*, IEEE
#   Transactions on Neural Networks 5.
# - R. Pascanu, T. Mikolov, Y. Bengio (2013), *On the difficulty of training recurrent neural networks*, ICML.
# - A. M. Saxe, J. L. McClelland y S. Ganguli (2014), *Exact solutions to the nonlinear dynamics of learning in deep
#   linear neural networks*, ICLR.
#
# **Siguiente**: [15 · Keras y PyTorch](15_keras_y_pytorch.ipynb), donde la misma red se escribe con dos bibliotecas.
