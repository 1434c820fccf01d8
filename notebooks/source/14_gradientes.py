# %% [markdown]
# # 14 · Gradientes que desaparecen y que explotan
#
# **Una red recurrente puede recordar algo para siempre. ¿Por qué le cuesta tanto aprender a hacerlo?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a medir cuánto gradiente llega a cada paso y a leerlo en una curva; a deducir que se desvanece o explota porque es un producto de matrices; a recortar un gradiente sin torcerlo; a elegir pesos iniciales que lo conservan; a elegir cuánto dura una memoria |
# | **Antes de empezar** | [13 · Retropropagación a través del tiempo](13_bptt.ipynb); potencias y logaritmos |
# | **Tiempo** | 75 minutos de lectura y ejercicios, en dos ratos si quieres: el primero, hasta la sección 4; medio minuto de ejecución |
# | **Herramientas** | NumPy y nada más |

# %% tags=["parameters"]
FAST = True  # False: más redes en las secciones 1, 5, 6 y 7 (minuto y medio)
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED)

# %%
from functools import partial
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np

from course_utils.cells import RNNWeights, cosine, rnn_backward, rnn_forward
from course_utils.claims import claim, explain, verify
from course_utils.exercises import check, hint, progress, solution
from course_utils.lessons.lesson_14 import (
    plot_accuracy_by_distance,
    plot_starts,
    plot_transient,
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
def mark_task(count, distance, rng):
    """Marca y `distance` distractores: entradas (lote, tiempo, 6) y respuestas (lote,)."""
    symbols = rng.integers(2, 6, size=(count, distance + 1))
    symbols[:, 0] = rng.integers(0, 2, size=count)  # 0 es A; 1 es B
    return np.eye(6)[symbols], np.where(symbols[:, 0] == 0, 1.0, -1.0)


class Network(NamedTuple):
    """Una red recurrente y su capa de salida."""

    input: np.ndarray  # W_x (entrada, oculto)
    hidden: np.ndarray  # W_h (oculto, oculto)
    bias: np.ndarray  # b (oculto,)
    readout: np.ndarray  # w_y (oculto,): la respuesta es h_T w_y


# %% [markdown]
# ¿Puede una red recurrente hacerlo? Sí, y ya la construiste: el pestillo de la lección 12. Una sola unidad, con la A como
# marca.

# %%
latch = Network(
    input=np.array([[10.0], [0.0], [0.0], [0.0], [0.0], [0.0]]),  # solo la A lo levanta
    hidden=np.array([[5.0]]),
    bias=np.array([-2.0]),
    readout=np.array([1.0]),
)
x, answers = mark_task(1_000, 80, rng)
latch_states = rnn_forward(x, RNNWeights(*latch[:3])).states  # (1000, 81, 1)
latch_accuracy = np.mean(np.sign(latch_states[:, -1] @ latch.readout) == answers)
explain(f"El pestillo, a 80 pasos de la marca, acierta el {100 * latch_accuracy:.0f} %.")

# %% [markdown]
# La solución existe. Veamos si el descenso por gradiente encuentra esa u otra, con dieciséis unidades y pesos al azar
# como los de la lección 12. La pérdida es el error cuadrático medio.


# %%
def new_network(rng, *, gain=1.0, input_scale=1.0, size=16):
    """Pesos gaussianos: los de W_h, con desviación típica gain / √oculto."""
    return Network(
        input_scale * rng.normal(size=(6, size)) / np.sqrt(6),
        gain * rng.normal(size=(size, size)) / np.sqrt(size),
        np.zeros(size),
        0.1 * rng.normal(size=size),
    )


# %%
def backward(network, x, answers):
    """Predicciones (lote,), gradientes de los pesos y gradiente de la entrada."""
    weights = RNNWeights(*network[:3])
    run = rnn_forward(x, weights)
    last = run.states[:, -1]  # (lote, oculto)
    predictions = last @ network.readout
    grad_predictions = 2 * (predictions - answers) / len(answers)  # (lote,)
    grad_states = np.zeros_like(run.states)  # (lote, tiempo, oculto)
    grad_states[:, -1] = np.outer(grad_predictions, network.readout)  # solo importa el final
    back = rnn_backward(run, weights, grad_states)
    return predictions, Network(*back.weights, last.T @ grad_predictions), back.x


# %% [markdown]
# Al entrenar guardaremos también el tamaño del gradiente, la raíz de la suma de los cuadrados de **todos** sus
# números: la **norma global** (*global norm*). Cada lote es nuevo: salvo a distancias muy cortas, con pocas
# secuencias posibles, el acierto se mide sobre secuencias que la red no ha visto.


# %%
def global_norm(gradients):
    """Norma de todos los gradientes juntos, como si fueran un solo vector."""
    return np.sqrt(sum(np.sum(part**2) for part in gradients))


class Training(NamedTuple):
    """Lo que deja un entrenamiento."""

    losses: np.ndarray
    norms: np.ndarray  # norma global antes de recortar
    accuracy: float  # en los últimos veinte lotes
    network: tuple  # los pesos al acabar


# %%
def train(network, distance, rng, *, rate, steps, clip=None, backward=backward, batch=32):
    """Descenso por gradiente. rate: una tasa, o una por parámetro; clip: transforma gradientes."""
    history, rates = [], np.broadcast_to(rate, len(network))
    for _ in range(steps):
        x, answers = mark_task(batch, distance, rng)
        predictions, gradients, *_ = backward(network, x, answers)
        loss = np.mean((predictions - answers) ** 2)
        history.append((loss, global_norm(gradients), np.mean(np.sign(predictions) == answers)))
        if not np.isfinite(loss):
            break  # se ha desbordado: ya no hay nada que aprender
        if clip is not None:
            gradients = clip(list(gradients))
        triples = zip(network, rates, gradients, strict=True)
        network = type(network)(*(part - r * grad for part, r, grad in triples))
    losses, norms, hits = np.array(history).T
    return Training(losses, norms, hits[-20:].mean(), network)


# %% [markdown]
# **Predice**: con 500 actualizaciones, ¿a cuántos pasos dejará de aprender?

# %%
distances = (2, 5, 10, 20, 40, 80)
networks = 3 if FAST else 12


def learn_at(distance, run):
    """Acierto de la red `run`, la misma en todas las distancias, tras entrenarla a una."""
    network = new_network(np.random.default_rng([SEED, 1, run]))
    own = np.random.default_rng([SEED, distance, run])
    return train(network, distance, own, rate=0.05, steps=500).accuracy


by_distance = np.array([[learn_at(d, run) for run in range(networks)] for d in distances])

# %%
near_hits, far_hits = 100 * by_distance[[2, -1]].mean(axis=1)  # a 10 y a 80 pasos
plot_accuracy_by_distance(
    distances,
    by_distance,
    reference=("pestillo a mano", latch_accuracy),
    title=f"A 10 pasos, un {near_hits:.0f} % de acierto; a 80, un {far_hits:.0f} %",
)
plt.show()
mean_accuracy = dict(zip(distances, by_distance.mean(axis=1), strict=True))
learned_at = dict(zip(distances, np.sum(by_distance > 0.9, axis=1), strict=True))
explain(
    f"Cada punto es una red. Aciertan más del 90 %, de {networks}: "
    + "; ".join(f"a {distance} pasos, {count}" for distance, count in learned_at.items())
    + f". A 80 pasos, la media es {100 * mean_accuracy[80]:.0f} %."
)

# %% [markdown]
# La misma red, la misma tarea y una solución que sabemos que existe. Lo único que cambia es la distancia. Miremos qué
# recibe la marca: la norma del gradiente de la pérdida respecto de cada entrada, en redes aún sin entrenar.
#
# **Predice**: la marca está a 80 pasos del final. ¿Cuántas veces menor será su gradiente que el de la última entrada?

# %%
input_norms = []
for _ in range(20):
    _, _, grad_x = backward(new_network(rng), *mark_task(32, 80, rng))  # (32, 81, 6)
    input_norms.append(np.linalg.norm(grad_x, axis=2).mean(axis=0)[::-1])  # del final a la marca
reach = np.exp(np.log(input_norms).mean(axis=0))  # la media, en escala logarítmica
plot_gradient_norms(
    {"": reach}, title="El gradiente se pierde por el camino", ylabel="norma del gradiente"
)
plt.show()
explain(
    f"Media de 20 redes: a la última entrada le llega {reach[0]:.1e}; a la marca, 80 pasos antes, "
    f"{reach[-1]:.1e}, unas {reach[0] / reach[-1]:.0e} veces menos. En cada paso se divide por "
    f"{(reach[0] / reach[-1]) ** (1 / 80):.2f}."
)

# %% [markdown]
# Casi una recta, y el eje vertical es logarítmico: el gradiente se divide por lo mismo en cada paso. Es el
# **desvanecimiento del gradiente** (*vanishing gradient*; Hochreiter, 1991). No basta con subir la tasa de
# aprendizaje: una tasa que hiciera notar la marca multiplicaría también, y muchísimo más, el efecto de los pasos cercanos.
#
# ## 2 · El otro extremo
#
# ¿Puede pasar lo contrario? Quitemos a la red la tangente hiperbólica y nada más: $h_t = x_t W_x + h_{t-1} W_h + b$, una
# red **lineal**. La vuelta es la de la lección 13 sin el factor $1-h_t^2$.


# %%
def linear_backward(network, x, answers):
    """Como `backward`, para la red lineal. x: (lote, tiempo, 6)."""
    states = [np.zeros((len(x), len(network.bias)))]  # h_0, h_1…: (lote, oculto) cada uno
    for x_t in np.swapaxes(x, 0, 1):
        states.append(x_t @ network.input + states[-1] @ network.hidden + network.bias)
    predictions = states[-1] @ network.readout
    grad_predictions = 2 * (predictions - answers) / len(answers)
    grad_h = np.outer(grad_predictions, network.readout)  # ∂L/∂h_T
    grad_input, grad_hidden, grad_bias = (np.zeros_like(part) for part in network[:3])
    for t in reversed(range(x.shape[1])):
        grad_input += x[:, t].T @ grad_h
        grad_hidden += states[t].T @ grad_h
        grad_bias += grad_h.sum(axis=0)
        grad_h = grad_h @ network.hidden.T  # al estado anterior
    grad_readout = states[-1].T @ grad_predictions
    return predictions, Network(grad_input, grad_hidden, grad_bias, grad_readout)


# %%
def train_linear(distance, run, clip=None):
    """Entrena una red lineal con los pesos iniciales y la tasa de la sección 1."""
    own = np.random.default_rng([SEED, 2, run])
    options = {"rate": 0.05, "steps": 300, "clip": clip, "backward": linear_backward}
    return train(new_network(own), distance, own, **options)


# %% [markdown]
# Cinco redes con la marca **al lado**, a un paso, y las mismas cinco con la marca a quince.
#
# **Predice**: las tasas, los pesos iniciales y la tarea son los mismos. ¿Aprenderán igual?

# %%
with np.errstate(over="ignore", invalid="ignore"):  # que NumPy no avise de lo que vamos a mirar
    near = [train_linear(1, run) for run in range(5)]
    unclipped = [train_linear(15, run) for run in range(5)]
near_accuracy = np.array([training.accuracy for training in near])
diverged = sum(not np.isfinite(training.losses[-1]) for training in unclipped)
print("a un paso, primeras pérdidas:", "  ".join(f"{loss:.2g}" for loss in near[0].losses[:8]))
print(
    "a quince, sus últimas:       ", "  ".join(f"{loss:.2g}" for loss in unclipped[0].losses[-8:])
)
print("y sus gradientes:            ", "  ".join(f"{norm:.2g}" for norm in unclipped[0].norms[-8:]))
explain(
    f"A un paso, la peor acierta el {100 * near_accuracy.min():.0f} %. A quince, la pérdida de "
    f"{diverged} de 5 crece hasta desbordarse, en {max(len(t.losses) for t in unclipped)} "
    "actualizaciones como mucho."
)

# %% [markdown]
# Es la **explosión del gradiente** (*exploding gradient*). Cuando la pérdida crece así, hasta dejar de ser un número, se dice que
# el entrenamiento **diverge**. Con la marca al lado no pasa: la culpa es de los quince pasos.
#
# La cura es sencilla (Pascanu, Mikolov y Bengio, 2013). El gradiente dice **hacia dónde** ir y **cuánto**; cuando es
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
# **Predice**: con el recorte, ¿dejará de ser enorme el gradiente?

# %%
clip_to_one = partial(clip_by_global_norm, max_norm=1.0)
clipped = [train_linear(15, run, clip_to_one) for run in range(5)]
clipped_learned = sum(training.accuracy > 0.8 for training in clipped)
plot_divergence(
    {
        f"Sin recorte divergen {diverged} de 5": [training.losses for training in unclipped],
        f"Con recorte aprenden {clipped_learned} de 5": [training.losses for training in clipped],
    }
)
plt.show()
clipped_accuracy = np.array([training.accuracy for training in clipped])
largest_norm = max(training.norms[10:].max() for training in clipped)
explain(
    f"Cinco redes con los mismos pesos iniciales y los mismos datos. Con recorte, la peor acierta "
    f"el {100 * clipped_accuracy.min():.0f} %, aunque el gradiente, antes de recortarlo, llega a "
    f"medir {largest_norm:.0f} pasadas las diez primeras actualizaciones."
)

# %% [markdown]
# El gradiente sigue explotando; lo que ya no hace es arrastrar a los pesos. ¿Y cómo se elige
# el tope? Mirando las normas.

# %%
healthy_norm = max(training.norms.max() for training in near)
acting = np.mean([training.norms > 1.0 for training in clipped])
explain(
    f"Con la marca a un paso, la norma nunca pasa de {healthy_norm:.1f}. A quince, pasa de 1 en el "
    f"{100 * acting:.0f} % de las actualizaciones."
)

# %% [markdown]
# En un entrenamiento que va bien, un tope del orden de su mayor norma apenas actúa. En uno que explota actúa casi siempre: el
# gradiente pone la dirección y el tope, la longitud.
#
# ¿Y con la tangente hiperbólica? Sus estados no pasan de uno, así que la pérdida no se desborda. Pero demos a la red pesos
# mayores, `gain=2`, y contemos los estados **saturados**, pegados a -1 o a 1, donde la curva es casi plana y no
# deja pasar gradiente. Las entradas son pequeñas (en la sección 5 veremos por qué) y la capa de salida va más despacio que el
# resto para que no se descontrole ella sola.
#
# **Predice**: ¿quedará la red en su sitio tras la primera actualización?


# %%
def saturated_share(network, rng):
    """Parte de los estados a menos de una centésima de -1 o de 1."""
    x, _ = mark_task(200, 15, rng)
    states = rnn_forward(x, RNNWeights(*network[:3])).states
    return np.mean(np.abs(states) > 0.99)


def large_network(run):
    """Una red de pesos grandes, con tanh, y su generador."""
    own = np.random.default_rng([SEED, 2, run])
    return new_network(own, gain=2.0, input_scale=0.1), own


def train_large(run, steps, clip=None):
    """La entrena a quince pasos de la marca."""
    network, own = large_network(run)
    return train(network, 15, own, rate=(0.5, 0.5, 0.5, 0.02), steps=steps, clip=clip)


# %%
moved = [train_large(run, steps=1) for run in range(5)]
large = [train_large(run, steps=200) for run in range(5)]
born_saturated = np.mean([saturated_share(large_network(run)[0], rng) for run in range(5)])
after_one, after_all = (
    np.mean([saturated_share(training.network, rng) for training in group])
    for group in (moved, large)
)
rescued = [train_large(run, 200, clip_to_one) for run in range(5)]
after_clip = np.mean([saturated_share(training.network, rng) for training in rescued])
large_accuracy, rescued_accuracy = (
    np.array([training.accuracy for training in group]) for group in (large, rescued)
)


# %%
def input_norm(network):
    """Norma del gradiente de W_x: lo que empuja a la red, sin la capa de salida."""
    return np.linalg.norm(backward(network, *mark_task(32, 15, rng))[1].input)


first_push = np.median([input_norm(large_network(run)[0]) for run in range(5)])
last_push = np.median([input_norm(training.network) for training in large])
explain(
    f"Recién creadas, el {100 * born_saturated:.0f} % de los estados está saturado; tras **una** "
    f"actualización, el {100 * after_one:.0f} %; tras doscientas, el {100 * after_all:.0f} %. El "
    f"gradiente de $W_x$ pasa de {first_push:.1f} a {last_push:.1g}, y aprenden "
    f"{np.sum(large_accuracy > 0.9)} redes de 5. Con recorte, acaba saturado el "
    f"{100 * after_clip:.0f} % y aprenden {np.sum(rescued_accuracy > 0.9)}."
)

# %% [markdown]
# Una sola actualización enorme manda los pesos tan lejos que las unidades se saturan, y de ahí no se vuelve: sin pendiente no
# hay gradiente que las devuelva a su sitio. La explosión de un paso acaba en desvanecimiento. También lo cura el recorte;
# pero recortar no agranda un gradiente pequeño: contra el desvanecimiento no sirve. Para eso hay que entender de
# dónde sale.
#
# ## 3 · Un producto muy largo
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
# distancia. Con una sola unidad los factores son números, y ya se ve el problema.

# %%
for factor in (0.9, 1.0, 1.1):
    print(f"{factor} multiplicado por sí mismo 80 veces: {factor**80:.4g}")

# %% [markdown]
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
network = new_network(rng)
weights = RNNWeights(*network[:3])
sequence, _ = mark_task(1, 30, rng)  # (1, 31, 6)
run = rnn_forward(np.repeat(sequence, 16, axis=0), weights)
grad_states = np.zeros_like(run.states)  # (16, 31, 16)
grad_states[:, -1] = np.eye(16)
by_backward = rnn_backward(run, weights, grad_states).h0  # (16, 16)
by_product = jacobian_product(run.states[0], network.hidden)
jacobian_gap = np.abs(by_product - by_backward).max() / np.abs(by_backward).max()
explain(
    f"Entre el producto y la retropropagación, la mayor diferencia, relativa al mayor elemento, es "
    f"{jacobian_gap:.0e}."
)

# %% [markdown]
# ## 4 · ¿Cuánto estira una matriz?
#
# Volvamos a la red **lineal**, de pendiente siempre uno. Todos los factores son
# $W_h^\top$, y el jacobiano es una potencia. ¿Qué hace una matriz cuando se aplica una y otra vez? Probemos con un vector
# cualquiera.
#
# **Predice**: ¿se alargará siempre por el mismo factor?

# %%
matrix = np.array([[0.5, 0.6], [0.3, 0.8]])
vector = np.array([1.0, -0.5])
for step in range(1, 7):
    longer = vector @ matrix
    growth = np.linalg.norm(longer) / np.linalg.norm(vector)
    vector = longer
    direction = vector / np.linalg.norm(vector)
    print(f"paso {step}: se multiplica por {growth:.4f}   dirección {direction.round(4)}")
print("valores propios:", np.linalg.eigvals(matrix).round(4))

# %% [markdown]
# A los pocos pasos el vector deja de girar: ha encontrado una dirección en la que la matriz **solo estira**, y
# siempre por el mismo factor (antes de asentarse puede estirar más o menos). Ese factor es un **valor propio**
# (*eigenvalue*) de la matriz. Hay otro, más pequeño, cuya parte del vector se apaga enseguida. Al módulo del mayor se
# le llama **radio espectral** (*spectral radius*): es el factor que manda a la larga. Si la matriz gira sin parar,
# los valores propios son números complejos, y su módulo lo da `np.abs`.
#
# Hay matrices muy cómodas, las **ortogonales**: giran o reflejan, pero no cambian la longitud de ningún vector. Sus filas
# miden uno y son perpendiculares entre sí; por eso $W W^\top$ es la matriz identidad, la que deja todo igual. Si se multiplican por
# $r$, su radio espectral es $r$: multiplican por $r$ la longitud de **cualquier** vector, en cada paso.
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
# Para medir un jacobiano usaremos su norma, `np.linalg.norm(matriz, 2)`: lo que estira en la dirección que **más**
# estira. La función recibe las pendientes de la activación; en la red lineal, todas valen uno.


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
    return radius * matrix / np.abs(np.linalg.eigvals(matrix)).max()


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
# El radio habla de **a la larga**; la norma, de **un paso**. Una matriz así puede estirar mucho una dirección, pero
# el vector sale mirando hacia otra, que ya no se estira tanto. A esos primeros pasos se les llama **transitorio**
# (*transient*). Si tus secuencias son cortas, el radio no lo dice todo.
#
# ## 5 · La tangente hiperbólica frena
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
    x, _ = mark_task(1, 2 * steps, rng)
    states = rnn_forward(x, RNNWeights(inputs, hidden, np.zeros(len(hidden)))).states
    return 1 - states[0, -steps:] ** 2


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
    slopes = [tanh_slopes(rotation, scale, rng) for _ in range(5 if FAST else 20)]
    norms = [jacobian_norms(part, rotation)[-1] for part in slopes]
    by_input[scale], mean_slopes[scale] = np.exp(np.mean(np.log(norms))), np.mean(slopes)
    print(
        f"entradas de tamaño {scale:4}: pendiente media {mean_slopes[scale]:.4f}; a {steps} pasos "
        f"llega {by_input[scale]:.1e}"
    )

# %% [markdown]
# La matriz es la misma en los tres casos. Con las entradas mayores la pendiente media sigue lejos de cero. Pero cien factores
# así bastan para que no quede nada. **Leer apaga el gradiente**: cuanto más
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
# ## 6 · Empezar bien
#
# Ya sabemos qué pedir a los pesos iniciales: entradas pequeñas, para que la pendiente sea casi uno, y una $W_h$ que no
# estire ni encoja.
# El radio de la gaussiana de la sección 1 ronda el uno, pero cambia de un sorteo a otro, y a la larga lo que cuenta
# es su potencia.

# %%
born = [np.abs(np.linalg.eigvals(new_network(rng).hidden)).max() for _ in range(200)]
explain(
    f"En 200 sorteos, el radio de la gaussiana va de {min(born):.2f} a {max(born):.2f}. En una red "
    f"lineal, a 70 pasos, eso es un factor de entre {min(born) ** 70:.0e} y {max(born) ** 70:.0e}."
)

# %% [markdown]
# La ortogonal lo cumple siempre, y además en **todas** las direcciones (Saxe, McClelland y Ganguli, 2014). Eso la
# norma no lo ve, porque solo mira la mejor. `np.linalg.svd(matriz, compute_uv=False)` da lo que se estira en cada una
# de dieciséis direcciones perpendiculares, de mayor a menor: los **valores singulares** (*singular values*). El
# primero es la norma.
#
# Entrenemos las dos clases de redes a 70 pasos, con entradas pequeñas y con recorte. Antes de empezar, medimos los
# valores singulares del jacobiano hasta la marca. Diremos que una red aprende si acierta más de tres de cada cuatro veces.
#
# **Predice**: ¿cuántas de las seis de cada clase aprenderán?


# %%
def start_and_learn(kind, run, distance=70):
    """Valores singulares del jacobiano hasta la marca antes de entrenar, y acierto después."""
    own = np.random.default_rng([SEED, 6, run])
    network = new_network(own, input_scale=0.1)
    if kind == "ortogonal":
        network = network._replace(hidden=orthogonal_matrix(16, 1.0, own))
    x, _ = mark_task(1, distance, own)
    states = rnn_forward(x, RNNWeights(*network[:3])).states[0]  # (71, 16)
    jacobian = jacobian_product(states[1:], network.hidden)
    training = train(network, distance, own, rate=0.07, steps=400, clip=clip_to_one)
    return np.linalg.svd(jacobian, compute_uv=False), training.accuracy


stretches, accuracies = {}, {}
for kind in ("gaussiana", "ortogonal"):
    runs = [start_and_learn(kind, run) for run in range(6 if FAST else 24)]
    stretches[kind] = np.array([values for values, _ in runs])  # (redes, 16)
    accuracies[kind] = np.array([accuracy for _, accuracy in runs])

# %%
learned = {kind: values > 0.75 for kind, values in accuracies.items()}
plot_starts(
    {kind: (stretches[kind], learned[kind]) for kind in stretches},
    title="La ortogonal deja pasar el gradiente por todas partes",
)
plt.show()
middle = {kind: np.median(values) for kind, values in stretches.items()}
good_norm = stretches["gaussiana"][:, 0] >= stretches["ortogonal"][:, 0].min()
explain(
    f"Aprenden {learned['gaussiana'].sum()} gaussianas y {learned['ortogonal'].sum()} ortogonales "
    f"de {len(runs)}. En la dirección mediana, la del medio de las dieciséis, las gaussianas multiplican por "
    f"{middle['gaussiana']:.0e}; las ortogonales, por {middle['ortogonal']:.2f}. De las gaussianas que no aprenden, "
    f"{np.sum(good_norm & ~learned['gaussiana'])} tenían una norma como las ortogonales."
)

# %% [markdown]
# En la gaussiana, el gradiente llega por unas pocas direcciones y se pierde en las demás; en la ortogonal llega por
# todas, y aprenden más. Pero ni la norma ni la dirección mediana dicen **cuál** aprenderá: solo hablan del comienzo. Empezar bien
# ayuda; no resuelve el problema.
#
# ## 7 · Una memoria con fugas
#
# El mal está en la forma de la recurrencia: en cada paso, el recuerdo pasa por una matriz y por una curva. Probemos a
# dejarlo pasar **casi sin tocarlo**:
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


def leaky_run(c, inputs, forget):
    """Último valor de la unidad desde un valor inicial."""
    for u in inputs:
        c = forget * c + u
    return c


# %%
forgets = {b: sigmoid(b) for b in (0, 1, 3, 5)}
half_lives = {b: np.log(0.5) / np.log(f) for b, f in forgets.items()}
kept = {  # un jacobiano de una sola unidad: pendiente f y matriz identidad
    f"b = {b}": jacobian_norms(np.full((120, 1), f), np.eye(1)) for b, f in forgets.items()
}
inputs = rng.normal(size=100)
by_nudge = {
    b: leaky_run(0.5, inputs, f) - leaky_run(-0.5, inputs, f) for b, f in forgets.items()
}  # ∂c_100/∂c_0, a empujones: de -0.5 a 0.5 hay distancia uno

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
    + f". A 100 pasos, con b = 5 todavía queda el {100 * kept['b = 5'][100]:.0f} % del gradiente. Y si "
    f"se empuja el valor inicial, el final se mueve {by_nudge[5]:.2f} por cada unidad: lo mismo."
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
# ¿Sirve para la tarea del principio? Una capa de dieciséis unidades con fugas: cada símbolo añade
# $u_t=\tanh(x_t W_x + b_x)$. Al final, de la marca quedará $f^{T-t}$. La vuelta es corta: el gradiente de
# $c_T$ llega a cada $u_t$ multiplicado por $f^{T-t}$, sin recorrer la cadena.


# %%
class Leaky(NamedTuple):
    """Una capa con fugas y su capa de salida."""

    input: np.ndarray  # W_x (entrada, oculto)
    bias: np.ndarray  # b_x (oculto,)
    readout: np.ndarray  # w_y (oculto,)


def leaky_backward(layer, x, answers, forget):
    """Predicciones (lote,) y gradientes."""
    remains = forget ** np.arange(x.shape[1])[::-1]  # (tiempo,): lo que queda de cada paso
    u = np.tanh(x @ layer.input + layer.bias)  # (lote, tiempo, oculto)
    c = remains @ u  # (lote, oculto): c_T, la suma de lo que queda
    predictions = c @ layer.readout
    grad_predictions = 2 * (predictions - answers) / len(answers)
    grad_c = np.outer(grad_predictions, layer.readout)  # (lote, oculto)
    delta = grad_c[:, None] * remains[:, None] * (1 - u**2)  # (lote, tiempo, oculto)
    grad_input = x.reshape(-1, 6).T @ delta.reshape(-1, len(layer.bias))
    return predictions, Leaky(grad_input, delta.sum(axis=(0, 1)), c.T @ grad_predictions)


# %% [markdown]
# Como $c_T$ suma muchos pasos y puede ser grande, la tasa de aprendizaje es menor.
#
# **Predice**: con la marca a 50 pasos, ¿con qué semividas se aprenderá?


# %%
long_run = {"steps": 1_000, "batch": 64, "clip": clip_to_one}


def leaky_accuracy(b, run, distance=50):
    """Acierto de una capa con fugas tras entrenarla."""
    own = np.random.default_rng([SEED, 7, run])
    layer = Leaky(own.normal(size=(6, 16)) / np.sqrt(6), np.zeros(16), 0.1 * own.normal(size=16))
    learn = partial(leaky_backward, forget=sigmoid(b))
    return train(layer, distance, own, rate=0.004, backward=learn, **long_run).accuracy


def plain_accuracy(run, distance=50):
    """Lo mismo con una red como las de la sección 1 y su tasa."""
    own = np.random.default_rng([SEED, 7, run])
    return train(new_network(own), distance, own, rate=0.05, **long_run).accuracy


# %%
layers = 2 if FAST else 8
plain_50 = np.mean([plain_accuracy(run) for run in range(layers)])
print(f"red de la sección 1:   acierto {100 * plain_50:3.0f} %")
leaky_results = {}
for b in (1, 3, bias_50, 5):
    leaky_results[b] = np.mean([leaky_accuracy(b, run) for run in range(layers)])
    half_life = np.log(0.5) / np.log(sigmoid(b))
    print(f"fugas, semivida {half_life:5.1f}: acierto {100 * leaky_results[b]:3.0f} %")

# %% [markdown]
# Lo que se aprende lo decide la semivida, y sin achicar las entradas, como hubo que hacer en la sección 6. El precio es que $f$
# es fijo: la unidad guarda igual la marca que los distractores, y olvida todo al mismo ritmo. ¿Y si la red pudiera
# decidir, **en cada paso y según lo que lee**, qué añade y cuánto olvida? Eso es una **compuerta** (*gate*), y con
# tres de ellas se hace una LSTM. La construiremos en la lección 21.
#
# ## 8 · Rómpelo y arréglalo
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
learned_with = {}
for name, clip in clips.items():
    scores = np.array([train_linear(15, run, clip).accuracy for run in range(5)])
    learned_with[name] = np.mean(scores > 0.9)
    print(f"{name}: aprenden {np.sum(scores > 0.9)} redes de 5")

# %% [markdown]
# Con las tres aprenden todas. Pero el recorte debía cambiar la longitud del gradiente, **no su
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
exploding = []
while len(exploding) < 20:  # gradientes de verdad, de redes que explotan
    gradients = list(linear_backward(new_network(rng), *mark_task(32, 15, rng))[1])
    if global_norm(gradients) > healthy_norm:
        exploding.append(gradients)
verdicts, twists = {}, {}
for name, clip in clips.items():
    verdicts[name] = bool(keeps_direction(clip))
    cosines = [min(1.0, cosine(gradients, clip(gradients))) for gradients in exploding]
    twists[name] = np.degrees(np.arccos(cosines)).mean()
    kept_or_not = "conserva" if verdicts[name] else "tuerce"
    print(f"{name}: {kept_or_not} la dirección; en 20 gradientes, {twists[name]:.1f} grados")

# %% [markdown]
# Recortar cada número por su cuenta iguala los grandes con los enormes, y la dirección es justo la proporción entre
# ellos. Recortar cada matriz por separado hace lo mismo entre matrices. Las dos funcionaron aquí, y a veces se usan a
# propósito; pero quien crea que sigue el gradiente se equivoca. El arreglo ya lo tienes: un solo factor para todo. En
# la lección 15 verás cómo se llama cada una en Keras y en PyTorch.
#
# ## 9 · Lo que hemos comprobado

# %%
shrunk = [clip_by_global_norm(gradients, 1.0) for gradients in exploding]
worst_cosine = min(cosine(*pair) for pair in zip(exploding, shrunk, strict=True))
largest_growth = max(
    global_norm(clip_by_global_norm(gradients, cap)) / global_norm(gradients)
    for gradients in exploding
    for cap in (0.1, 1.0, 10.0, 1e4)
)
half_life_gap, nudge_gap = 0.0, 0.0
for b, half_life in half_lives.items():
    values = kept[f"b = {b}"]
    measured = np.interp(1, -np.log2(values), np.arange(len(values)))  # cuándo queda la mitad
    half_life_gap = max(half_life_gap, abs(measured / half_life - 1))
    nudge_gap = max(nudge_gap, abs(by_nudge[b] - values[100]))

# %% tags=["nbval-check-output"]
verify(
    claim("El pestillo cableado a mano acierta siempre a 80 pasos", latch_accuracy, "==", 1, kind="identidad"),
    claim("A 10 pasos la red entrenada aprende", mean_accuracy[10], ">", 0.8),
    claim("A 80 pasos no pasa del azar", mean_accuracy[80], "in", (0.35, 0.65)),
    claim("A la marca le llega menos de una milésima de lo que le llega al final",
          reach[-1] / reach[0], "<", 1e-3),
    claim("Sin tanh y con la marca al lado, aprenden todas", near_accuracy.min(), ">", 0.9),
    claim("Con la marca a quince pasos, divergen todas", diverged / len(unclipped), "==", 1, of=len(unclipped)),
    claim("Con recorte aprenden todas", clipped_accuracy.min(), ">", 0.8),
    claim("Y el gradiente sigue explotando", largest_norm, ">", 5),
    claim("Con tanh y pesos grandes, una sola actualización satura varias veces más estados",
          after_one / born_saturated, ">", 2),
    claim("Y casi ninguna aprende", np.mean(large_accuracy > 0.9), "<", 0.5, of=len(large_accuracy)),
    claim("Con recorte, casi todas", np.mean(rescued_accuracy > 0.9), ">", 0.7, of=len(rescued_accuracy)),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("El recorte por norma global conserva la dirección", 1 - worst_cosine, "<", 1e-9, kind="identidad"),
    claim("Y nunca aumenta la norma", largest_growth - 1, "<", 1e-9, kind="identidad"),
    claim("Con las tres maneras de recortar aprenden todas", min(learned_with.values()), ">", 0.9, of=len(scores)),
    claim("Recortar cada número tuerce el gradiente", twists["clip_a"], ">", 20),
    claim("Recortar cada matriz también, aunque menos", twists["clip_b"] / twists["clip_a"], "in", (0.1, 0.9)),
    claim("El producto de jacobianos es lo que calcula la retropropagación", jacobian_gap, "<", 1e-10, kind="identidad"),
    claim("Con una matriz ortogonal, la pendiente es el logaritmo del radio", max(slope_errors), "<", 1e-10, kind="identidad"),
    claim("Con una gaussiana de radio 0.9, alguna dirección se alarga en el primer paso", long_norms[:, 1].min(), ">", 1.1),
    claim("Y al final la pendiente es la del radio", tail_error, "<", 0.01),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("La curva con tanh nunca supera a la lineal", highest_ratio - 1, "<", 1e-9, kind="identidad"),
    claim("Con radio 1.3, la red de tanh que lee símbolos se desvanece", tanh_ends[3], "<", 0.5),
    claim("Con radio 2, también la de tanh explota", strong, ">", 10),
    claim("Con radio uno, leer símbolos desvanece el gradiente", by_input[1.0], "<", 1e-4),
    claim("Aunque la pendiente media esté lejos de cero", mean_slopes[1.0], ">", 0.5),
    claim("Con entradas diez veces menores llega mucho más", by_input[0.1] / by_input[1.0], ">", 1e3),
    claim("Con ReLU, duplicar el radio multiplica por dos en cada paso", abs(relu_growth - steps), "<", 1e-6, kind="identidad"),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("Con gaussianas, la mitad de las direcciones no deja pasar casi nada", middle["gaussiana"], "<", 1e-5),
    claim("Con ortogonales, pasa por todas", np.median(stretches["ortogonal"], axis=1).min(), ">", 0.005),
    claim("Las ortogonales aciertan más que las gaussianas",
          accuracies["ortogonal"].mean() - accuracies["gaussiana"].mean(), ">", 0.05),
    claim("La semivida que se lee en la curva es la de la fórmula", half_life_gap, "<", 1e-9, kind="identidad"),
    claim("Con empujones sale el mismo gradiente", nudge_gap, "<", 1e-12, kind="identidad"),
    claim("Con el sesgo del ejercicio, a 50 pasos queda la mitad", abs(kept_at_50 - 0.5), "<", 1e-9, kind="identidad"),
    claim("Con una semivida de dos pasos no se aprende a 50", leaky_results[1], "<", 0.65),
    claim("Con una semivida de 50, sí", leaky_results[bias_50], ">", 0.75),
    claim("Y mejor que una red como la de la sección 1 con los mismos datos", leaky_results[bias_50] - plain_50, ">", 0.1),
)  # fmt: skip

# %% [markdown]
# ## Resumen
#
# - El gradiente que llega a un paso lejano es un **producto** con un factor por paso de distancia: mengua o crece de
#   manera exponencial.
# - A la larga manda el **radio espectral** de $W_h$; en los primeros pasos, su norma. La tangente hiperbólica
#   frena, más cuanto mayores son las entradas; con un radio grande no basta.
# - Contra la **explosión**, recortar por norma global: cambia la longitud del gradiente, no su dirección.
# - Contra el **desvanecimiento**, empezar bien (entradas pequeñas, $W_h$ ortogonal) ayuda; lo que lo evita es un camino
#   directo, como el de la unidad con fugas.
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
