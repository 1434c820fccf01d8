# %% [markdown]
# # 13 · Retropropagación a través del tiempo
#
# **Una red pequeña tiene cientos de números, y todos actúan a la vez y en todos los pasos. ¿Cómo sabe cada
# uno hacia dónde moverse?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a derivar a mano el gradiente de una red recurrente y a programarlo; a comprobarlo con diferencias centrales; a entrenar una red sin ninguna biblioteca; a distinguir lo que ha memorizado de lo que ha aprendido; a truncar la retropropagación y a medir lo que falta |
# | **Antes de empezar** | [12 · Una red recurrente con NumPy](12_rnn_numpy.ipynb); derivadas y regla de la cadena; en Python, pasar una función a otra |
# | **Tiempo** | 70 minutos de lectura y ejercicios, en dos ratos: el primero, hasta la sección 5; medio minuto de ejecución |
# | **Herramientas** | NumPy |

# %% tags=["parameters"]
FAST = True  # False: más entrenamiento en la sección 7
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED)

# %%
import time
from functools import partial
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np

from course_utils.cells import RNNWeights, init_rnn, rnn_forward
from course_utils.claims import claim, explain, verify
from course_utils.comparison import paired
from course_utils.datasets import load_result
from course_utils.exercises import check, hint, progress, solution

# %%
from course_utils.lessons.lesson_13 import (
    echo_task,
    plot_chain,
    plot_extrapolation,
    plot_losses,
    plot_parts,
    plot_rates,
    plot_step_errors,
    plot_tangent,
    plot_truncation,
    train_echo,
)

rng = np.random.default_rng(SEED)

# %% [markdown]
# `rnn_forward` es la de la lección 12, con las comprobaciones hechas: `rnn_forward(x, weights).states` son los
# estados, de forma (lote, tiempo, oculto). `init_rnn` sortea los pesos, un `RNNWeights(input, hidden, bias)`: $W_x$, $W_h$
# y $b$. Es una tupla con nombres: `weights.hidden` es una parte, y `weights._replace(hidden=otra)`, una copia con otra en su lugar.
#
# ## 1 · Aprender es bajar una cuesta
#
# Empecemos con lo mínimo: una sola unidad y dos pasos. Queremos que el segundo estado valga $y$, y
# medimos el fallo con la mitad del error al cuadrado: $L = \frac{1}{2}(h_2 - y)^2$.

# %%
w_x, w_h, b = 0.5, 0.8, 0.1
x_1, x_2, h_0, y = 1.0, -0.4, 0.3, 0.9


def two_steps(w_x, w_h, b):
    """La unidad en dos pasos: estados y pérdida."""
    h_1 = np.tanh(w_x * x_1 + w_h * h_0 + b)
    h_2 = np.tanh(w_x * x_2 + w_h * h_1 + b)
    return h_1, h_2, 0.5 * (h_2 - y) ** 2


h_1, h_2, loss = two_steps(w_x, w_h, b)
print(f"h_1 = {h_1:.3f}   h_2 = {h_2:.3f}   pérdida = {loss:.3f}")

# %% [markdown]
# El estado $h_2$ se queda corto. ¿Hay que subir $w_h$ o bajarlo? Probemos: un empujón pequeño y vemos qué hace la
# pérdida. Lo que cambia la pérdida por cada unidad que cambia el peso es la **pendiente**, su derivada.

# %%
nudge = 1e-6
slope = (two_steps(w_x, w_h + nudge, b)[2] - two_steps(w_x, w_h - nudge, b)[2]) / (2 * nudge)
candidates = np.linspace(-0.5, 3.0, 200)
losses = two_steps(w_x, candidates, b)[2]
title = "La pendiente dice hacia dónde mover el parámetro"
plot_tangent(candidates, losses, at=w_h, slope=slope, name="$w_h$", title=title)
plt.show()
explain(
    f"En w_h = {w_h}, la pendiente es {slope:.2f}: si el peso sube, la pérdida baja. Hay que "
    f"moverlo en sentido contrario al de la pendiente."
)

# %% [markdown]
# Esa es toda la idea del **descenso por gradiente** (*gradient descent*): mover cada parámetro un poco en contra de su
# pendiente, y repetir.
#
# $$w \leftarrow w - \eta\,\frac{\partial L}{\partial w}$$
#
# La fracción $\partial L/\partial w$ es la derivada de siempre: cuánto cambia $L$ si se mueve $w$ y nada más. El número $\eta$ es la **tasa de
# aprendizaje** (*learning rate*), lo largo que es cada movimiento. Al conjunto de todas las pendientes se le llama **gradiente**
# (*gradient*). Tres actualizaciones, con $\eta = 1$:

# %%
moved, path = w_h, [loss]
for _ in range(3):
    above, below = two_steps(w_x, moved + nudge, b)[2], two_steps(w_x, moved - nudge, b)[2]
    moved -= 1.0 * (above - below) / (2 * nudge)
    path.append(two_steps(w_x, moved, b)[2])
    print(f"w_h = {moved:.2f}   pérdida = {path[-1]:.3f}")

# %% [markdown]
# Con empujones bastaría, pero cada parámetro pide dos, y por cada uno hay que recorrer la secuencia otra vez.
#
# **Predice**: una red de 128 unidades con 64 entradas (recuerda: $W_x$, $W_h$ y $b$), ¿cuántos recorridos necesita para una sola
# actualización?

# %%
sizes = [part.size for part in init_rnn(64, 128, rng=rng)]
passes = 2 * sum(sizes)
explain(
    f"La red tiene {sum(sizes)} parámetros. Con dos empujones cada uno hay que recorrer la "
    f"secuencia {passes} veces para actualizarlos. Vamos a lograrlo con una ida y una vuelta."
)

# %% [markdown]
# ## 2 · Dos pasos, a mano
#
# Llamemos $z_t$ a lo que hay dentro de la tangente hiperbólica en el paso $t$:
#
# $$z_1 = w_x x_1 + w_h h_0 + b,\quad h_1=\tanh(z_1),\qquad z_2 = w_x x_2 + w_h h_1 + b,\quad h_2=\tanh(z_2)$$
#
# La regla de la cadena dice que, si una cantidad influye en la pérdida a través de otras, su derivada es el producto de las
# derivadas de cada eslabón. Recorramos la cadena desde el final. Llamaremos $\delta_t$ a $\partial L/\partial z_t$.
#
# 1. De la pérdida a $h_2$: la derivada de $\frac{1}{2}(h_2-y)^2$ es $h_2-y$.
# 2. De $h_2$ a $z_2$: la derivada de $\tanh(z)$ es $1-\tanh^2(z)$, y como $h_2=\tanh(z_2)$, es $1-h_2^2$. Luego
#    $\delta_2 = (h_2-y)(1-h_2^2)$.
# 3. De $z_2$ a $h_1$: $h_1$ entra en $z_2$ multiplicado por $w_h$. Luego $\partial L/\partial h_1 = \delta_2\,w_h$.
# 4. De $h_1$ a $z_1$: otra tangente. Luego $\delta_1 = \delta_2\,w_h\,(1-h_1^2)$.

# %%
error = h_2 - y
delta_2 = error * (1 - h_2**2)
delta_1 = delta_2 * w_h * (1 - h_1**2)
plot_chain(
    {"h0": h_0, "h1": h_1, "h2": h_2, "loss": loss, "error": error, "w_h": w_h}
    | {"slope1": 1 - h_1**2, "slope2": 1 - h_2**2, "delta1": delta_1, "delta2": delta_2}
    | {"z1": np.arctanh(h_1), "z2": np.arctanh(h_2)},
    title="Hacia delante se calcula; hacia atrás se multiplican los factores",
)
plt.show()
explain(
    f"De derecha a izquierda: {error:.2f} · {1 - h_2**2:.2f} = {delta_2:.3f}, que es δ_2; por "
    f"{w_h} y por {1 - h_1**2:.2f} da {delta_1:.3f}, que es δ_1."
)

# %% [markdown]
# Faltan los parámetros. El peso $w_h$ aparece **dos veces**: en $z_1$ multiplica a $h_0$ y en $z_2$ a $h_1$. Si cada paso
# tuviera su propia copia, cada copia tendría su derivada: $\delta_1 h_0$ la primera y $\delta_2 h_1$ la segunda. Como es el
# mismo número, moverlo mueve las dos copias a la vez y los efectos **se suman**:
#
# $$\frac{\partial L}{\partial w_h} = \delta_1 h_0 + \delta_2 h_1,\qquad
# \frac{\partial L}{\partial w_x} = \delta_1 x_1 + \delta_2 x_2,\qquad
# \frac{\partial L}{\partial b} = \delta_1 + \delta_2$$
#
# **Predice**: ¿coincidirá $\delta_1 h_0 + \delta_2 h_1$ con la pendiente de la primera figura?

# %%
by_hand = {
    "w_x": delta_1 * x_1 + delta_2 * x_2,
    "w_h": delta_1 * h_0 + delta_2 * h_1,
    "b": delta_1 + delta_2,
}
point, by_nudges = np.array([w_x, w_h, b]), {}
for place, name in enumerate(by_hand):
    step = nudge * np.eye(3)[place]
    by_nudges[name] = (two_steps(*(point + step))[2] - two_steps(*(point - step))[2]) / (2 * nudge)
    print(f"{name:4s} a mano {by_hand[name]:+.8f}   con empujones {by_nudges[name]:+.8f}")
hand_gap = max(abs(by_hand[name] - by_nudges[name]) for name in by_hand)

# %% [markdown]
# Coinciden. Una **ida** (*forward pass*) para calcular los estados, una **vuelta** (*backward pass*) para calcular las $\delta$, y con
# ellas salen todas las derivadas. Este método se llama **retropropagación a través del tiempo** (*backpropagation through time*, BPTT; Werbos, 1990).
#
# ## 3 · De números a matrices
#
# Con muchas unidades y un lote, los números pasan a ser matrices, pero los eslabones son los mismos. Cada estado $h_t$
# recibe gradiente por **dos caminos**: el de la pérdida de su propio paso, si la hay, y el que vuelve del paso siguiente.
#
# $$\frac{\partial L}{\partial h_t} = \underbrace{g_t}_{\text{pérdida del paso }t} + \underbrace{\delta_{t+1} W_h^\top}_{\text{paso siguiente}},
# \qquad \delta_t = \frac{\partial L}{\partial h_t}\odot(1-h_t^2)$$
#
# El símbolo $\odot$ es el producto elemento a elemento, `*` en NumPy. ¿Por qué $W_h^\top$? Hacia delante, la unidad $i$ llega a la
# unidad $j$ multiplicada por $W_h[i,j]$. Hacia atrás, la unidad $i$ recoge lo de todas las $j$ a las que llegó: suma sobre $j$,
# con el mismo número. Eso es multiplicar por la transpuesta.
#
# En los pesos, $W_h[i,j]$ multiplicó a $h_{t-1}[n,i]$ y fue a parar a $z_t[n,j]$, en cada secuencia $n$ del lote. Su derivada es la suma de
# $h_{t-1}[n,i]\,\delta_t[n,j]$ sobre $n$, es decir, $h_{t-1}^\top\,\delta_t$. Lo mismo con la entrada: $x_t^\top\,\delta_t$. El sesgo llega a todas las
# secuencias sin multiplicar: su derivada es la suma de $\delta_t$ sobre el lote. Una guía: **el
# gradiente de algo tiene la forma de ese algo**; con $W_h$, que es cuadrada, no delata una transpuesta de más.
#
# ### Ejercicio 13.1 ★★ · Un paso hacia atrás
#
# Recibes el gradiente que llega al estado de un paso, con los dos caminos ya sumados, y devuelves dos cosas: el que pasa al estado
# anterior y los de los tres parámetros, en un `RNNWeights`.


# %% tags=["exercise"]
def step_backward(grad_h, x, h_before, h, weights):
    """Un paso hacia atrás. grad_h, h_before, h: (lote, oculto); x: (lote, entrada)."""
    delta = grad_h * (1 - h**2)  # (lote, oculto)
    ### BEGIN SOLUTION
    grad_before = delta @ weights.hidden.T  # (lote, oculto)
    grads = RNNWeights(x.T @ delta, h_before.T @ delta, delta.sum(axis=0))
    ### END SOLUTION
    return grad_before, grads


# %% tags=["check"]
step_backward = check("13.1", step_backward)

# %% [markdown]
# La vuelta entera repite lo mismo, del último paso al primero, y **suma** los gradientes de los parámetros, porque todos los
# pasos comparten los mismos.


# %%
def rnn_backward(x, states, weights, grad_states, h_0=None):
    """BPTT. grad_states: (lote, tiempo, oculto), el gradiente directo de la pérdida en cada paso."""
    h_0 = np.zeros_like(states[:, 0]) if h_0 is None else h_0
    total = RNNWeights(*(np.zeros_like(part) for part in weights))
    from_future = np.zeros_like(h_0)  # (lote, oculto)
    for t in reversed(range(x.shape[1])):
        h_before = states[:, t - 1] if t > 0 else h_0
        grad_h = grad_states[:, t] + from_future  # los dos caminos
        from_future, grads = step_backward(grad_h, x[:, t], h_before, states[:, t], weights)
        total = RNNWeights(*(old + new for old, new in zip(total, grads, strict=True)))
    return total


# %% [markdown]
# ## 4 · ¿Y si me he equivocado?
#
# Una retropropagación con un error no avisa: devuelve números con la forma debida. Por eso se comprueba contra
# los empujones: subir cada parámetro un poco, bajarlo otro tanto, y dividir la
# diferencia de la pérdida entre la distancia. Son las **diferencias centrales** (*central differences*).
#
# ### Ejercicio 13.2 ★★ · El gradiente, a empujones
#
# Recorre los elementos del array con `np.ndindex` y calcula la derivada de `function` respecto de cada uno, con empujones de
# tamaño `epsilon`. `function` recibe un array con la misma forma y devuelve un número. No cambies el array recibido: trabaja
# con copias.


# %% tags=["exercise"]
def numeric_gradient(function, array, epsilon=1e-5):
    """Diferencias centrales, elemento a elemento: un array con la forma de `array`."""
    gradient = np.zeros_like(array)
    for place in np.ndindex(array.shape):
        ### BEGIN SOLUTION
        above, below = array.copy(), array.copy()
        above[place] += epsilon
        below[place] -= epsilon
        gradient[place] = (function(above) - function(below)) / (2 * epsilon)
        ### END SOLUTION
    return gradient


# %% tags=["check"]
numeric_gradient = check("13.2", numeric_gradient)

# %% [markdown]
# Para comparar dos gradientes no sirve mirar la diferencia a secas: una milésima es mucho si el gradiente es de una
# millonésima. Usamos el **error relativo**: el tamaño de la diferencia, dividido por la suma de los dos tamaños. El tamaño es la
# **norma** (*norm*), la raíz de la suma de los cuadrados. La pérdida será la mitad del error al cuadrado, como en la sección 1: su
# gradiente en cada estado es `states - targets`.


# %%
def relative_error(one, other):
    """Norma de la diferencia, dividida por la suma de las normas."""
    return np.linalg.norm(one - other) / (np.linalg.norm(one) + np.linalg.norm(other))


x = rng.normal(size=(3, 12, 4))  # (lote, tiempo, entrada)
targets = rng.normal(size=(3, 12, 5))  # (lote, tiempo, oculto): un objetivo en cada paso
weights = init_rnn(4, 5, rng=rng)._replace(bias=0.1 * rng.normal(size=5))


def state_loss(weights, h_0=None, precision=np.float64):
    """Mitad de la suma de los errores cuadráticos de los estados."""
    states = rnn_forward(x.astype(precision), weights, h0=h_0).states
    return 0.5 * np.sum((states - targets.astype(precision)) ** 2)


# %%
def gradient_error(name, analytic, h_0=None):
    """Error relativo del gradiente de un parámetro frente a las diferencias centrales."""

    def loss_of(moved):
        return state_loss(weights._replace(**{name: moved}), h_0)  # solo cambia ese parámetro

    return relative_error(
        getattr(analytic, name), numeric_gradient(loss_of, getattr(weights, name))
    )


def check_gradients(backward, h_0=None):
    """El error de cada gradiente. `backward` recibe x, estados, pesos y gradiente de la pérdida."""
    states = rnn_forward(x, weights, h0=h_0).states
    analytic = RNNWeights(*backward(x, states, weights, states - targets))
    return {name: gradient_error(name, analytic, h_0) for name in weights._fields}


check_errors = check_gradients(rnn_backward)
for name, value in check_errors.items():
    print(f"{name:7s} {value:.1e}")

# %% [markdown]
# Por debajo de una millonésima en los tres. (Los empujones también se equivocan: nunca saldrá cero).
#
# Pero una comprobación solo prueba lo que recorre, y estas secuencias empiezan con ceros. **Predice**: si la vuelta se
# olvidara de $h_0$, ¿lo habríamos notado? (`partial` deja puesto un argumento).

# %%
start = rng.normal(size=(3, 5))  # (lote, oculto)
forgetful_errors = check_gradients(rnn_backward, start)  # la vuelta no se entera de `start`
complete_errors = check_gradients(partial(rnn_backward, h_0=start), start)
explain(
    f"Con ceros, la vuelta que no recibe el estado inicial da en W_h un error de "
    f"{check_errors['hidden']:.0e}, y pasa. Con otro estado inicial, {forgetful_errors['hidden']:.2f}: "
    f"es la única matriz que multiplica a h_0. Si lo recibe, {complete_errors['hidden']:.0e}."
)

# %% [markdown]
# ¿Qué tamaño debe tener el empujón? La derivada es un límite cuando $\varepsilon$ tiende a cero. **Predice**: entonces, ¿cuanto más pequeño,
# mejor? ¿Da lo mismo empujar solo hacia arriba? ¿Y calcular con siete cifras (precisión simple, `float32`) en lugar de dieciséis?

# %%
states = rnn_forward(x, weights).states
gradient = rnn_backward(x, states, weights, states - targets).hidden
directions = rng.normal(size=(20, 5, 5))  # empujamos todo W_h a la vez, en veinte direcciones
exact = np.sum(gradient * directions, axis=(1, 2))


def loss_along(push, precision):
    """La pérdida con W_h empujada en cada dirección."""
    moved = [weights._replace(hidden=weights.hidden + push * way) for way in directions]
    return np.array([state_loss(pushed, precision=precision) for pushed in moved])


def push_error(up, down, precision=np.float64):
    """Error relativo de las derivadas en esas direcciones, con dos empujones."""
    slopes = (loss_along(up, precision) - loss_along(down, precision)) / (up - down)
    return np.linalg.norm(slopes - exact) / np.linalg.norm(exact)


epsilons = 10.0 ** np.arange(-13, 0)
step_errors = {
    "un solo lado": np.array([push_error(e, 0) for e in epsilons]),
    "central": np.array([push_error(e, -e) for e in epsilons]),
    "central, precisión simple": np.array([push_error(e, -e, np.float32) for e in epsilons]),
}
least = {name: errors.min() for name, errors in step_errors.items()}

# %%
plot_step_errors(epsilons, step_errors, title="Ni muy grande ni muy pequeño")
plt.show()
explain(
    f"Con ε = {epsilons[0]:.0e} el error central es {step_errors['central'][0]:.0e}; el mejor "
    f"empujón es {epsilons[step_errors['central'].argmin()]:.0e}, con un error de "
    f"{least['central']:.0e}. Empujando hacia un solo lado, el menor error es "
    f"{least['un solo lado']:.0e}; en precisión simple, {least['central, precisión simple']:.0e}."
)

# %% [markdown]
# A la derecha manda la curvatura, y las dos precisiones yerran lo mismo: la pendiente cambia por el camino. Empujando a los dos lados,
# lo que sobra en uno falta en el otro y casi se cancela; por eso esa recta cae el doble de deprisa. A la izquierda manda el
# redondeo: al restar dos pérdidas casi iguales se pierden cifras, y cuantas menos haya, antes se acaban. El gradiente se comprueba en doble
# precisión (`float64`), con diferencias centrales y un empujón intermedio.
#
# ## 5 · Rómpelo y arréglalo: busca los fallos
#
# Alguien escribió esta versión de memoria. Python no da ningún error.


# %%
def broken_backward(x, states, weights, grad_states):
    """Retropropagación con tres fallos."""
    delta = np.zeros_like(states[:, 0])  # (lote, oculto)
    total = [np.zeros_like(part) for part in weights]
    for t in reversed(range(x.shape[1])):
        delta = (grad_states[:, t] + delta @ weights.hidden) * (1 - states[:, t] ** 2)
        total[0] += x[:, t].T @ delta
        total[1] += states[:, t].T @ delta
        total[2] = delta.sum(axis=0)
    return RNNWeights(*total)


broken_errors = check_gradients(broken_backward)
for name, value in broken_errors.items():
    print(f"{name:7s} {value:.1e}")

# %% [markdown]
# Los tres gradientes están mal, pero no todos por lo mismo. Un fallo en `delta` los estropea todos; uno en la línea de un
# parámetro, solo el suyo. Arregla primero lo que afecta a todos y vuelve a comprobar.
#
# ### Ejercicio 13.3 ★★★ · Tres fallos y una comprobación
#
# Copia aquí el cuerpo de la función y arréglalo. **Antes** de ejecutar `check`, mira cómo vas: escribe
# `check_gradients(mended_backward)` en una celda nueva. (Después de un ✗, `mended_backward` es la solución de referencia: vuelve a
# ejecutar tu celda antes de mirar).


# %% tags=["exercise"]
def mended_backward(x, states, weights, grad_states):
    """Retropropagación correcta: RNNWeights con los tres gradientes. El estado inicial es cero."""
    ### BEGIN SOLUTION
    delta = np.zeros_like(states[:, 0])  # (lote, oculto)
    total = [np.zeros_like(part) for part in weights]
    for t in reversed(range(x.shape[1])):
        before = states[:, t - 1] if t > 0 else np.zeros_like(delta)
        delta = (grad_states[:, t] + delta @ weights.hidden.T) * (1 - states[:, t] ** 2)
        total[0] += x[:, t].T @ delta
        total[1] += before.T @ delta
        total[2] += delta.sum(axis=0)
    return RNNWeights(*total)
    ### END SOLUTION


# %% tags=["check"]
mended_backward = check("13.3", mended_backward)

# %%
mended_errors = check_gradients(mended_backward)
explain(
    f"Con los fallos, el menor de los tres errores relativos era {min(broken_errors.values()):.2f}; "
    f"sin ellos, el mayor es {max(mended_errors.values()):.0e}."
)

# %% [markdown]
# **Puedes parar aquí.** Ya sabes calcular el gradiente y comprobarlo. Ahora, a usarlo.
#
# ## 6 · Memorizar «hello world»
#
# Vuelve el ejemplo de la lección 12: entran tres caracteres y se predice el cuarto. Ahora la red aprende. Falta el eslabón de
# la salida: puntuaciones (*scores*) $s = h_T W_y + b_y$, probabilidades $p = \mathrm{softmax}(s)$ y pérdida $L=-\ln p_k$, donde $k$ es el
# carácter que llegó: la sorpresa de la lección 12, que se llama **entropía cruzada** (*cross-entropy*). Con $p_j = e^{s_j}/\sum_m e^{s_m}$,
#
# $$L = -s_k + \ln\sum_m e^{s_m}\quad\Rightarrow\quad
# \frac{\partial L}{\partial s_j} = \frac{e^{s_j}}{\sum_m e^{s_m}} - [j=k] = p_j - [j=k]$$
#
# donde $[j=k]$ vale uno en el carácter que llegó y cero en los demás. El gradiente es lo que la red creía menos lo que pasó.
# Desde ahí, lo de siempre: $W_y$ multiplicó a $h_T$, luego su gradiente es $h_T^\top(p-[j=k])$, y al estado llega por $W_y^\top$. En el código, todo se
# divide entre el tamaño del lote, porque la pérdida es una media.


# %%
class Head(NamedTuple):
    """Capa de salida: W_y (oculto, salida) y b_y (salida,)."""

    weight: np.ndarray
    bias: np.ndarray


def descend(parts, grads, rate):
    """Un paso de descenso por gradiente de unos parámetros."""
    moved = (p - rate * g for p, g in zip(parts, grads, strict=True))
    return type(parts)(*moved)  # la misma clase de tupla: RNNWeights o Head


# %%
def fit(x, loss_and_gradient, weights, head, *, rate, steps):
    """Entrena con la lectura del último estado. Devuelve pesos, salida y pérdidas."""
    losses = []
    for _ in range(steps):
        states = rnn_forward(x, weights).states  # (lote, tiempo, oculto)
        loss, grad_scores = loss_and_gradient(states[:, -1] @ head.weight + head.bias)
        grad_states = np.zeros_like(states)
        grad_states[:, -1] = grad_scores @ head.weight.T  # la pérdida solo mira el último estado
        grads = rnn_backward(x, states, weights, grad_states)
        grad_head = Head(states[:, -1].T @ grad_scores, grad_scores.sum(axis=0))
        weights, head = descend(weights, grads, rate), descend(head, grad_head, rate)
        losses.append(loss)
    return weights, head, np.array(losses)


# %%
text = "hello world"
characters = sorted(set(text))
V = len(characters)


def text_windows(text):
    """Ventanas de tres caracteres (lote, 3, V) y el que sigue a cada una (lote,)."""
    ids = np.array([characters.index(character) for character in text])
    return np.eye(V)[np.stack([ids[k : k + 3] for k in range(len(ids) - 3)])], ids[3:]


def cross_entropy(scores, ids):
    """Pérdida media y su gradiente respecto de las puntuaciones."""
    shifted = scores - scores.max(axis=1, keepdims=True)  # así la exponencial no se desborda
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    rows = np.arange(len(ids))
    # log_p[rows, ids]: de cada fila, la columna del carácter que llegó
    return -log_p[rows, ids].mean(), (np.exp(log_p) - np.eye(V)[ids]) / len(ids)


# %%
text_x, text_y = text_windows(text)
text_weights, text_head, text_losses = fit(
    text_x,
    lambda scores: cross_entropy(scores, text_y),
    init_rnn(V, 16, rng=rng),
    Head(0.1 * rng.normal(size=(16, V)), np.zeros(V)),
    rate=0.5,
    steps=300,
)


def text_scores(x):
    """Puntuaciones que da la red entrenada a unas ventanas."""
    return rnn_forward(x, text_weights).states[:, -1] @ text_head.weight + text_head.bias


# %%
plot_losses(
    {"red": text_losses},
    title="La red aprende los ocho casos",
    reference=("repartir por igual", np.log(V)),
)
plt.show()
text_accuracy = np.mean(text_scores(text_x).argmax(axis=1) == text_y)
explain(
    f"La pérdida baja de {text_losses[0]:.2f} a {text_losses[-1]:.3f}, y la red acierta el "
    f"{100 * text_accuracy:.0f} % de los casos."
)

# %% [markdown]
# Así terminan muchos tutoriales. Pero la red ha visto los ocho casos, y un diccionario de Python con ocho entradas acertaría lo
# mismo. La pregunta es qué hace con lo que **no** ha visto.
#
# **Predice**: cambiemos el orden de las palabras, «world hello». Cuatro de sus ventanas son nuevas. ¿Qué pérdida tendrá la red en
# ellas, comparada con la de repartir por igual? ¿Dudará?

# %%
swapped_x, swapped_y = text_windows("world hello")
is_new = ~(swapped_x[:, None] == text_x).all(axis=(2, 3)).any(axis=1)  # (8,) ventanas no vistas
new_loss, _ = cross_entropy(text_scores(swapped_x[is_new]), swapped_y[is_new])
triples = np.eye(V)[np.indices((V, V, V)).reshape(3, -1).T]  # todas las ventanas posibles
scores = text_scores(triples)
top = 1 / np.exp(scores - scores.max(axis=1, keepdims=True)).sum(axis=1)  # la mayor probabilidad
confidence = top.mean()
explain(
    f"En las {is_new.sum()} ventanas nuevas la pérdida es {new_loss:.2f}; la de repartir por igual "
    f"es {np.log(V):.2f}. Y no duda: en las {len(triples)} ventanas posibles, da a su carácter "
    f"favorito una probabilidad media de {confidence:.2f}."
)

# %% [markdown]
# Peor que no saber nada, y sin dudar. Nadie podía saber qué venía: lo malo no es fallar, sino estar segura. La red ha **memorizado** los ocho ejemplos. Que la pérdida de entrenamiento sea casi cero no
# dice nada de lo que no ha visto.
#
# ## 7 · Contar hasta diez
#
# Otro clásico: la serie del 1 al 10. Entran tres números seguidos y se predice el siguiente. ¿Hay que dividirlos entre diez?


# %%
def fit_numbers(x, targets, rng, *, units=16, rate=0.1, steps=1_000 if FAST else 10_000):
    """Entrena con secuencias (lote, tiempo) y objetivos (lote,). Devuelve un predictor y pérdidas."""

    def squared_error(predictions):
        gap = predictions - targets[:, None]
        return np.mean(gap**2), 2 * gap / gap.size

    weights, head = (
        init_rnn(1, units, rng=rng),
        Head(0.1 * rng.normal(size=(units, 1)), np.zeros(1)),
    )
    weights, head, losses = fit(x[..., None], squared_error, weights, head, rate=rate, steps=steps)

    def predict(x):
        states = rnn_forward(x[..., None], weights).states
        return (states[:, -1] @ head.weight + head.bias)[:, 0]

    return predict, losses


# %%
numbers = np.arange(1.0, 11.0)
seen = np.stack([numbers[k : k + 3] for k in range(7)])  # (7, 3)
following = numbers[3:]  # (7,)
_, raw_losses = fit_numbers(seen, following, rng, steps=20)
_, patient_losses = fit_numbers(seen, following, rng, rate=0.005)
predict_scaled, scaled_losses = fit_numbers(seen / 10, following / 10, rng)
raw_growth = raw_losses[-1] / raw_losses[0]
seen_error = 10 * np.sqrt(scaled_losses[-1])
explain(
    f"Sin dividir, con la misma tasa de aprendizaje, en 20 actualizaciones la pérdida se multiplica por "
    f"{raw_growth:.0e}; con una tasa veinte veces menor, el error acaba en "
    f"{np.sqrt(patient_losses[-1]):.2f} unidades. Dividiendo entre diez, en {seen_error:.2f}."
)

# %% [markdown]
# Sin dividir, a esa tasa, cada movimiento se pasa de largo; con una menor, no. O se busca una tasa para cada escala, o se
# **escalan** los datos y vale la de siempre. Ahora, lo importante: ¿ha aprendido a contar?
#
# **Predice**: le damos 8, 9, 10; después 9, 10, 11; y después 97, 98, 99. ¿Qué dirá?

# %%
asked = np.array([[3, 4, 5], [8, 9, 10], [9, 10, 11], [97, 98, 99]], dtype=float)
for window, answer in zip(asked, 10 * predict_scaled(asked / 10), strict=True):
    print([int(value) for value in window], "→", f"{answer:.1f}")

# %% [markdown]
# No ha aprendido «suma uno», sino una curva que pasa cerca de siete puntos. Y con techo: los estados viven entre -1 y 1, así que la
# salida no puede pasar de la suma de los tamaños de $W_y$, más el sesgo.
#
# ¿Y una red mayor? Probemos también a **preguntar otra cosa**: que lea las **diferencias** y prediga la siguiente. Al último valor se le
# suma lo predicho.

# %%
differences = np.diff(seen, axis=1)  # (7, 2)
predict_step, _ = fit_numbers(differences, following - seen[:, -1], rng)
predict_large, _ = fit_numbers(seen / 10, following / 10, rng, units=64)


def next_by_steps(window, predict=predict_step):
    """El último valor más la diferencia que predice la red."""
    return window[:, -1] + predict(np.diff(window, axis=1))


# %%
far = np.arange(1.0, 31.0)[:, None] + np.arange(3)  # de (1, 2, 3) a (30, 31, 32)
truth = far[:, -1] + 1
answers = {
    "valores": 10 * predict_scaled(far / 10),
    "valores, 64 unidades": 10 * predict_large(far / 10),
    "diferencias": next_by_steps(far),
}
title = "Las redes con valores se quedan cortas fuera de lo que han visto"
plot_extrapolation(truth, answers, trained=(4, 10), title=title)
plt.show()
explain(
    f"Cuando toca decir {truth[-1]:.0f}, la red que lee valores dice {answers['valores'][-1]:.1f}, "
    f"y con 64 unidades, {answers['valores, 64 unidades'][-1]:.1f}; la que lee diferencias, "
    f"{answers['diferencias'][-1]:.2f}."
)

# %% [markdown]
# **Predice**: ¿y si contamos de dos en dos? 2, 4, 6… La red de diferencias solo ha visto unos. Para saber si es por eso, entrenamos
# otra igual con series de uno en uno, de dos en dos y de tres en tres. ¿Sabrá esta seguir de cinco en cinco?

# %%
steps = np.array([1.0, 2.0, 3.0])
predict_rhythm, _ = fit_numbers(np.stack([steps, steps], axis=1), steps, rng)  # (3, 2) → (3,)
by_twos = np.array([[2.0, 4.0, 6.0], [12.0, 14.0, 16.0]])
one_rhythm, three_rhythms = next_by_steps(by_twos), next_by_steps(by_twos, predict_rhythm)
by_fives = next_by_steps(np.array([[5.0, 10.0, 15.0]]), predict_rhythm)  # un ritmo que no vio
explain(
    f"Tras 2, 4, 6, la red que solo ha visto unos dice {one_rhythm[0]:.2f}, y no 8; tras 12, 14, 16, "
    f"{one_rhythm[1]:.2f}. La que ha visto tres ritmos dice {three_rhythms[0]:.2f} y "
    f"{three_rhythms[1]:.2f}; pero ese ritmo lo había visto: tras 5, 10, 15 dice {by_fives[0]:.2f}, y no 20."
)

# %% [markdown]
# Si solo hay unos, los datos no distinguen «repite la diferencia» de «di uno». Con tres ritmos acierta los vistos, y más allá vuelve
# el techo. Y «el último más la última diferencia» acierta siempre
# sin red alguna: ese es aquí el modelo de referencia, y ninguna red lo mejora.
#
# ## 8 · Secuencias largas
#
# La vuelta necesita todos los estados de la ida: hay que guardarlos. ¿Cuánta memoria es eso?

# %%
wide = init_rnn(1, 32, rng=rng)
stored = {
    length: rnn_forward(rng.normal(size=(32, length, 1)), wide).states.nbytes / 1e6
    for length in (100, 1_000, 10_000)
}
for length, megabytes in stored.items():
    print(f"{length:6d} pasos: {megabytes:6.1f} MB de estados")

# %% [markdown]
# Crece con la longitud, aunque los parámetros sean los mismos. ¿Y el tiempo? Cada paso espera al anterior. Comparemos mil pasos en cadena
# con mil operaciones iguales pero independientes, en el mismo bucle y de una vez.
#
# **Predice**: ¿cuál de las tres maneras gasta menos? ¿Hay dos que gasten lo mismo?

# %%
rows = rng.normal(size=(1_000, 32))
matrix = wide.hidden  # (32, 32)


def in_a_chain():
    """Mil pasos: cada uno usa el resultado del anterior."""
    h = np.zeros(32)
    for row in rows:
        h = np.tanh(row + h @ matrix)


def independent():
    """Las mismas operaciones, sin que ninguna espere a otra."""
    for row in rows:
        np.tanh(row + row @ matrix)


# %%
def seconds(action, repeats=5):
    """Tiempo de procesador, no de reloj: no cuenta lo que hagan otros programas."""
    start = time.process_time()
    for _ in range(repeats):
        action()
    return time.process_time() - start


def at_once():
    """Las independientes, en un solo producto."""
    np.tanh(rows + rows @ matrix)


ways = in_a_chain, independent, at_once  # por turnos, para que un tirón no toque a una sola
chain, loop, together = np.sum([[seconds(way) for way in ways] for _ in range(20)], axis=0)
explain(
    f"En cadena se gasta {chain / loop:.2f} veces lo que en el bucle sin dependencias, y "
    f"{chain / together:.0f} veces lo que de una vez."
)

# %% [markdown]
# La dependencia no encarece cada paso: lo que prohíbe es **juntarlos** en un solo producto. Se juntan en un lote las secuencias,
# que no dependen unas de otras, y no los pasos.
#
# La memoria sí tiene arreglo. Se parte la secuencia en **tramos**: el estado pasa de un tramo al siguiente, pero el gradiente
# se corta en la frontera. Es la **retropropagación truncada** (*truncated BPTT*): cada tramo aprende como si el estado con el que
# empieza fuera un dato. Basta guardar los estados de un tramo, por larga que sea la secuencia.
#
# Probémosla con un **eco** (*echo task*): entran signos al azar, 1 o -1, y hay que repetir el que entró $d$ pasos antes; mientras no lo haya,
# cero. `echo_task(lote, pasos, retardo, rng)` da las entradas y los objetivos. Como en la lección 12, la salida es una lectura lineal del
# estado, `readout`.


# %%
def chunk_gradient(x, targets, weights, readout, h_0):
    """Un tramo: su gradiente (RNNWeights) y su último estado (lote, oculto). readout: (oculto, 1)."""
    states = rnn_forward(x, weights, h0=h_0).states
    grad_states = 2 * (states @ readout - targets) @ readout.T  # de la suma de (salida - objetivo)²
    return rnn_backward(x, states, weights, grad_states, h_0), states[:, -1]


# %% [markdown]
# ### Ejercicio 13.4 ★★ · Truncar
#
# Recorre la secuencia en tramos de `length` pasos (el último puede ser más corto) con `chunk_gradient`. El primero empieza
# con ceros; cada uno de los demás, con el último estado del anterior. Suma los gradientes.


# %% tags=["exercise"]
def truncated_gradient(x, targets, weights, readout, length):
    """Suma de los gradientes de los tramos: un RNNWeights. x: (lote, tiempo, entrada)."""
    h = np.zeros((len(x), len(weights.bias)))  # (lote, oculto)
    total = RNNWeights(*(np.zeros_like(part) for part in weights))
    for start in range(0, x.shape[1], length):
        ### BEGIN SOLUTION
        stop = start + length
        grads, h = chunk_gradient(x[:, start:stop], targets[:, start:stop], weights, readout, h)
        total = RNNWeights(*(old + new for old, new in zip(total, grads, strict=True)))
        ### END SOLUTION
    return total


# %% tags=["check"]
truncated_gradient = check("13.4", truncated_gradient)

# %% [markdown]
# ¿Cuánto se desvía? Lo medimos con el **coseno** del ángulo entre el gradiente truncado y el completo: uno si apuntan igual,
# cero si no tienen nada que ver. En el código, `*task` reparte los elementos de una tupla entre los argumentos.
#
# **Predice**: con un eco de ocho pasos, ¿bastarán tramos de ocho para que apunten igual?


# %%
def flat(grads):
    """Las tres partes de un gradiente, en un solo vector."""
    return np.concatenate([part.ravel() for part in grads])


def cosine(one, other):
    """Coseno del ángulo entre dos vectores."""
    return one @ other / (np.linalg.norm(one) * np.linalg.norm(other))


def draw_echo(delay, seed, batch=256):
    """Lo que recibe truncated_gradient: datos de 64 pasos y una red recién creada."""
    rng = np.random.default_rng([SEED, seed])
    weights, readout = init_rnn(1, 32, rng=rng), rng.normal(size=(32, 1)) / np.sqrt(32)
    return *echo_task(batch, 64, delay, rng), weights, readout


def gradient_vector(*task):
    """truncated_gradient, en un solo vector."""
    return flat(truncated_gradient(*task))


def truncation_cosines(delay, lengths, seed, **options):
    """Parecido con el gradiente completo para cada longitud de tramo."""
    task = draw_echo(delay, seed, **options)
    full = gradient_vector(*task, 64)  # un solo tramo: la completa
    return [cosine(gradient_vector(*task, k), full) for k in lengths]


# %%
lengths, networks = np.array([1, 2, 4, 8, 16, 32]), 20
cosines = {
    delay: np.array([truncation_cosines(delay, lengths, seed) for seed in range(networks)])
    for delay in (2, 8)
}  # (redes, longitudes)
plot_truncation(lengths, cosines, title="Cortar el gradiente lo desvía")
plt.show()
typical = dict(zip(lengths, cosines[8].mean(axis=0), strict=True))
few_data = np.mean([truncation_cosines(8, [8], seed, batch=16) for seed in range(networks)])
explain(
    f"Con un eco de 8 pasos, el coseno medio es {typical[4]:.2f} con tramos de 4, "
    f"{typical[8]:.2f} con tramos de 8 y {typical[32]:.2f} con tramos de 32. La banda va del menor "
    f"al mayor de {networks} redes. Y no es ruido que más datos promedien: con dieciséis veces menos "
    f"secuencias, tramos de 8 dan {few_data:.2f}."
)

# %% [markdown]
# Con tramos de ocho, la entrada que hay que repetir siempre quedó al otro lado. ¿De dónde sale el parecido? Una explicación
# tentadora: casi todo el gradiente trata de callar a una red que habla de más, no del eco.
#
# Se comprueba sin aproximar nada. El gradiente respecto de la salida es $2(o_t-y_t)$: $2o_t$ es el que habría si el objetivo fuera
# **callar**, siempre cero; el resto es del **eco**. Hacia atrás se multiplica por números que no dependen del objetivo, así
# que el gradiente entero es la suma de los dos. Y cada uno, la de lo que queda **dentro** de los tramos y lo que está **más allá**.
# Medimos cuánto del gradiente completo pone cada sumando (su proyección sobre él); entre los cuatro, uno.
#
# **Predice**: con tramos de ocho, ¿cuál de los cuatro será el mayor?


# %%
def echo_part(gradient, task, length):
    """El sumando del eco: el gradiente menos el que habría con objetivo cero."""
    x, targets, *network = task
    return gradient(x, targets, *network, length) - gradient(x, 0 * targets, *network, length)


def four_parts(task, lengths):
    """Cuánto del gradiente completo pone cada sumando: una lista (cuatro) por longitud."""
    full, full_echo = gradient_vector(*task, 64), echo_part(gradient_vector, task, 64)
    shares = []
    for k in lengths:
        inside, echo = gradient_vector(*task, k), echo_part(gradient_vector, task, k)
        silence, full_silence = inside - echo, full - full_echo
        parts = silence, full_silence - silence, echo, full_echo - echo
        shares.append([part @ full / (full @ full) for part in parts])
    return shares


# %%
names = ("callar, dentro", "callar, más allá", "eco, dentro", "eco, más allá")
shares = np.array([four_parts(draw_echo(8, seed), lengths) for seed in range(networks)])
parts = {name: shares[:, :, place] for place, name in enumerate(names)}  # (redes, longitudes)
at_delay = {name: part[:, lengths == 8].mean() for name, part in parts.items()}
plot_parts(lengths, parts, at=8, title="Lo que falta es eco, y lo que hay, también")
plt.show()
explain(
    f"Con tramos de 8 y eco de 8: de lo que no trata del eco, {at_delay['callar, dentro']:.2f} del "
    f"total queda dentro y {at_delay['callar, más allá']:.2f} se pierde; del eco, "
    f"{at_delay['eco, dentro']:.2f} queda dentro y {at_delay['eco, más allá']:.2f} se pierde."
)

# %% [markdown]
# Dentro hay más eco que silencio, y la explicación no basta. (El reparto depende de la lectura: si se duplica, el gradiente de callar
# se multiplica por cuatro, y el del eco, por dos). Miremos solo el eco. Queda un sospechoso: el **estado** con el que empieza cada tramo, que ya vio la entrada. Cambiemos
# solo eso: que cada secuencia empiece sus tramos con el estado de **otra** del lote, que no sabe nada de su pasado.


# %%
def borrowed_vector(x, targets, weights, readout, length):
    """Como gradient_vector, pero cada tramo empieza con el estado de otra secuencia del lote."""
    states, total = rnn_forward(x, weights).states, 0
    for start in range(0, x.shape[1], length):
        h = np.roll(states[:, start - 1], 1, axis=0) if start else np.zeros_like(states[:, 0])
        part = slice(start, start + length)
        total = total + flat(chunk_gradient(x[:, part], targets[:, part], weights, readout, h)[0])
    return total


def echo_cosine(gradient, seed):
    """Parecido entre el eco de dentro, con tramos de 8, y el del gradiente completo."""
    task = draw_echo(8, seed)
    return cosine(echo_part(gradient, task, 8), echo_part(gradient_vector, task, 64))


own, borrowed = (
    np.mean([echo_cosine(gradient, seed) for seed in range(networks)])
    for gradient in (gradient_vector, borrowed_vector)
)
explain(
    f"Solo el eco, tramos de 8: con su propio estado, el coseno con el eco del gradiente completo es "
    f"{own:.2f}; con el de otra secuencia, {borrowed:.2f}."
)

# %% [markdown]
# Era el estado: **ya lleva** la huella de lo que entró antes, y sí cruza la frontera. Sin él, nada de lo que hay en el tramo tiene que ver
# con lo que hay que repetir, y no podía quedar eco. Estos dos cosenos no dependen del tamaño de la lectura. (Medido en redes recién
# creadas y con signos independientes).
#
# ¿Basta para aprender? `train_echo` entrena con tu `truncated_gradient` un eco de seis pasos. Da el error en secuencias nuevas,
# relativo a contestar siempre cero (`error`), y el de la mejor lectura lineal de los estados antes de entrenar la red (`born`; por mínimos cuadrados,
# como en la lección 12).
#
# **Predice**: con tramos de **un** paso el gradiente no viaja nada hacia atrás. ¿Logrará algo que no se pudiera leer ya en una red al azar?

# %%
again = SEED % 20  # una de las veinte redes de la tabla que veremos después
one_step, complete = (
    train_echo(length, again, rate=0.1, updates=250, gradient=truncated_gradient)
    for length in (1, 48)
)
explain(
    f"Leyendo lo mejor posible la red al azar, el error es {one_step.born:.3f}. Entrenada con tramos "
    f"de un paso, {one_step.error:.3f}; con la retropropagación completa, {complete.error:.3f}."
)

# %% [markdown]
# Es una red, y una tasa. `tools/experiments/truncation.py` ha medido veinte redes con cuatro longitudes de tramo y cuatro tasas; cada
# red, con los mismos pesos iniciales, datos y actualizaciones.

# %%
grid = load_result("tramos")
rates, seeds = np.unique(grid["rate"]), np.unique(grid["seed"])


def measured(column, length, updates=250):
    """Una columna de la tabla, con una longitud de tramo: (redes, tasas)."""
    chosen = (grid["length"] == length) & (grid["updates"] == updates)
    return grid[column][chosen].reshape(len(seeds), -1)


# %%
plans = {"1 paso": 1, "6 pasos": 6, "12 pasos": 12, "completa": 48}
errors = {name: measured("error", length) for name, length in plans.items()}
at_birth = measured("born", 1)[:, 0]  # (redes,): no depende de la tasa
reference = "leer una red al azar", np.median(at_birth)
title = "Con tramos cortos queda más error, y más con la tasa mayor"
plot_rates(rates, errors, reference=reference, title=title)
plt.show()
gains = [
    paired(errors[name][:, place], at_birth)
    for name, place in (("1 paso", 1), ("1 paso", 3), ("6 pasos", 0))
]
words = [gain.verdict("de error", decimals=2) for gain in gains]
explain(
    f"Medianas, y la mitad central de las {len(seeds)} redes. Frente a leer una red al azar, los "
    f"tramos de un paso dejan, con tasa {rates[1]}, {words[0]}; con {rates[3]}, {words[1]}. Los de "
    f"seis, con {rates[0]}, {words[2]}. La completa, con {rates[3]}, una mediana de "
    f"{np.median(errors['completa'][:, 3]):.3f}; los tramos de 12, el doble del retardo, "
    f"{np.median(errors['12 pasos'][:, 3]):.3f}."
)

# %% [markdown]
# De una curva a otra solo cambia la longitud del tramo. Con un paso se gana poco a leer una red al azar (y esa es la mejor
# de cuatro tasas: no está claro que sea algo). Con seis, el gradiente nunca llega a la entrada que hay que repetir y, aun así, con tasa
# baja se aprende: la lleva el estado. Con la mayor, se estropea, y alguna red hasta diverge.
#
# **Predice**: ¿es por la tasa? Con la menor y tantas actualizaciones que recorren lo mismo, ¿qué pasará con los tramos de uno y de seis?

# %%
longer = {length: measured("error", length, updates=2_000)[:, 0] for length in (1, 6)}
slow = paired(longer[1], at_birth)
lost, lost_before = (longer[6] > at_birth).sum(), (errors["6 pasos"][:, 0] > at_birth).sum()
explain(
    f"Con tasa {rates[0]} y ocho veces más actualizaciones, los tramos de un paso dejan, frente a leer "
    f"una red al azar, {slow.verdict('de error', decimals=2)}. Los de seis acaban peor que ella en "
    f"{lost} de las {len(seeds)} redes, y antes, en {lost_before}; sus errores van de "
    f"{longer[6].min():.3f} a {longer[6].max():.2f}."
)

# %% [markdown]
# Con un paso sí era la tasa: despacio y con tiempo, se aprende algo. Con seis, no: unas redes casi lo logran, y otras pierden lo
# aprendido también despacio. El gradiente truncado **no es** el de la pérdida, y seguirlo no asegura bajarla. (Medido en un eco y con
# redes de dieciséis unidades).
#
# ## 9 · Lo que hemos comprobado

# %% tags=["nbval-check-output"]
verify(
    claim("A mano y con empujones sale la misma derivada", hand_gap, "<", 1e-9, kind="identidad"),
    claim("El error relativo de cada gradiente es menor que una millonésima",
          max(check_errors.values()), "<", 1e-6, kind="identidad"),
    claim("La comprobación delata los tres fallos, y el olvido del estado inicial",
          min(*broken_errors.values(), forgetful_errors["hidden"]), ">", 1e-3),
    claim("Las diferencias centrales se equivocan mucho menos que las de un solo lado",
          least["un solo lado"] / least["central"], ">", 20),
    claim("En precisión simple no se pasa la comprobación con ningún empujón",
          least["central, precisión simple"], ">", 1e-5),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("La red memoriza los ocho casos", text_losses[-1], "<", np.log(2) / len(text_y)),
    claim("En ventanas nuevas, es peor que repartir por igual", new_loss, ">", np.log(V)),
    claim("Con valores, lejos de lo visto se queda muy corta, también con 64 unidades",
          truth[-1] - max(answers["valores"][-1], answers["valores, 64 unidades"][-1]), ">", 5),
    claim("Contando de dos en dos, quien vio tres ritmos se equivoca mucho menos que quien vio uno",
          np.abs(one_rhythm - [8, 18]).min() / np.abs(three_rhythms - [8, 18]).max(), ">", 3),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("En cadena se gasta lo mismo que en un bucle sin dependencias", chain / loop, "in", (0.5, 2)),
    claim("De una vez, menos de la mitad", together / chain, "<", 0.5),
    claim("Con tramos más cortos que el retardo, el gradiente se desvía",
          cosines[8][:, lengths < 8].max(), "<", 0.95),
    claim("Las cuatro partes suman el gradiente completo",
          np.abs(shares.sum(axis=2) - 1).max(), "<", 1e-9, kind="identidad"),
    claim("Con tramos tan largos como el retardo, dentro hay más eco que silencio",
          at_delay["eco, dentro"] / at_delay["callar, dentro"], ">", 1.2),
    claim("Con el estado de otra secuencia, del eco de dentro no queda casi nada",
          abs(borrowed), "<", 0.3),
    claim("Las redes repetidas dan lo que dice la tabla",
          max(abs(one_step.error - errors["1 paso"][again, 1]),
              abs(complete.error - errors["completa"][again, 1])), "<", 1e-3, kind="identidad"),
    claim("Con tramos de un paso y tasa alta, peor que leer una red al azar", gains[1].low, ">", 0, kind="identidad"),
    claim("La completa deja menos error con todas las tasas y en todas las redes",
          np.mean(errors["completa"] < errors["1 paso"]), "==", 1, kind="identidad"),
)  # fmt: skip

# %% [markdown]
# ## Resumen
#
# - El gradiente dice, para cada parámetro, cuánto cambia la pérdida si se mueve; aprender es moverse en contra.
# - Cada estado recibe gradiente de su pérdida y del paso siguiente, y los parámetros **suman** lo de todos los pasos.
# - Un gradiente escrito a mano se comprueba con diferencias centrales, en doble precisión y con un estado inicial que no sea cero.
# - Una pérdida de entrenamiento casi nula puede ser memoria: pregunta por lo que no ha visto y compara con un modelo de referencia.
# - Truncar ahorra memoria; al gradiente le falta lo que cruza las fronteras, pero el estado sí las cruza.
#
# ## Errores frecuentes
#
# - Guardar el gradiente de un parámetro con `=` en lugar de sumarlo con `+=`.
# - Multiplicar por $W_h$ en vez de por $W_h^\top$, o usar $h_t$ donde va $h_{t-1}$: las formas encajan y nadie avisa.
# - Comprobar gradientes en precisión simple y creer que hay un fallo donde solo hay redondeo.
# - Empezar cada tramo con ceros al truncar: el estado sí pasa de uno a otro.
#
# ## Para saber más
#
# - P. J. Werbos (1990), *Backpropagation through time: what it does and how to do it*, Proceedings of the IEEE 78.
# - R. J. Williams y J. Peng (1990), *An efficient gradient-based algorithm for on-line training of recurrent network
#   trajectories*, Neural Computation 2: una variante de la retropropagación truncada, que ya llaman «muy usada».
# - I. Goodfellow, Y. Bengio y A. Courville (2016), *Deep Learning*, capítulos 6 y 10.
#
# **Siguiente**: [14 · Gradientes que desaparecen y que explotan](14_gradientes.ipynb), donde verás por qué cuesta tanto
# recordar lo que pasó hace cien pasos.
