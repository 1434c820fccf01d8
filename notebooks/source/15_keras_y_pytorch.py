# %% [markdown]
# # 15 · Keras y PyTorch
#
# **Dos bibliotecas, la misma red, los mismos pesos, los mismos datos y el mismo algoritmo. ¿Aprenderán lo
# mismo?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a escribir la misma red en Keras y en PyTorch, y a llevar los pesos de una a la otra; a entrenarla en las dos; a averiguar con medidas por qué dos programas que parecen iguales no dan lo mismo; a juzgar un modelo con datos que no ha visto; a guardarlo y a cargarlo sin peligro |
# | **Antes de empezar** | [13 · Retropropagación a través del tiempo](13_bptt.ipynb); de Python, escribir una clase que herede de otra y llamar a una función con `**opciones` |
# | **Tiempo** | 75 minutos de lectura y ejercicios, en dos ratos: llevar pesos y entrenar (secciones 1 a 5, 45 minutos); un proyecto y guardarlo (6 a 9, 30 minutos). Medio minuto de ejecución |
# | **Herramientas** | Keras 3 sobre TensorFlow, PyTorch y NumPy |

# %% tags=["parameters"]
FAST = True  # False: entrenamientos más largos en la sección 5 y más semillas en la 7 (unos dos minutos)
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED, frameworks=("tensorflow", "torch"))

# %%
import pickle
import tempfile
import time
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from course_utils.cells import RNNWeights, rnn_backward, rnn_forward
from course_utils.claims import claim, explain, verify
from course_utils.comparison import block_bootstrap, wilson
from course_utils.datasets import load_elnino, load_stories
from course_utils.exercises import check, hint, progress, solution
from course_utils.lessons.lesson_15 import plot_epochs, plot_gaps, plot_parting
from course_utils.sequences import scaled_windows

rng = np.random.default_rng(SEED)

# %% [markdown]
# `setup` ha importado las dos bibliotecas y las ha puesto a trabajar con un solo hilo. Un programa normal usa una de ellas; esta
# lección, las dos, para compararlas.
#
# ## 1 · La misma red, tres veces
#
# En la lección 13 escribiste tú cada derivada. Una biblioteca lo evita: apunta las operaciones de la ida y con ellas calcula
# la vuelta. Es la **diferenciación automática** (*automatic differentiation*), y hace la misma retropropagación que tú. Las dos
# bibliotecas más usadas son **PyTorch** y **TensorFlow**; **Keras** es una manera más cómoda de usar, aquí, TensorFlow.
#
# La red será la de siempre: una capa recurrente que lee números y una capa de salida que mira su último estado. En Keras las
# capas se apilan.

# %%
hidden_size = 16


def new_keras():
    """La red en Keras, con pesos al azar."""
    return keras.Sequential(
        [
            keras.Input((None, 1)),  # (tiempo, entrada); None: cualquier número de pasos
            keras.layers.SimpleRNN(hidden_size),
            keras.layers.Dense(1),
        ]
    )


keras_model = new_keras()
for weight in keras_model.weights:
    print(f"{weight.path.split('/', 1)[1]:45s} {tuple(weight.shape)}")

# %% [markdown]
# `Input` dice la forma de una secuencia; el lote no se nombra. `SimpleRNN` es la recurrencia de la lección 12: su `kernel` es $W_x$ y
# su `recurrent_kernel`, $W_h$. `Dense` es la capa de salida.
#
# En PyTorch se escribe una clase que hereda de `nn.Module`. En `__init__` se crean las capas, después de que
# `super().__init__()` prepare el módulo; en `forward` se dice qué se hace con los datos. Las dos cosas que devuelve `nn.RNN` las
# veremos en la sección 2.


# %%
class TorchRNN(nn.Module):
    """Una capa recurrente y una salida que mira el último estado."""

    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.rnn = nn.RNN(input_size, hidden_size, batch_first=True)
        self.head = nn.Linear(hidden_size, output_size)

    def forward(self, x):  # (lote, tiempo, entrada)
        _, last = self.rnn(x)  # (capas, lote, oculto)
        return self.head(last[-1])  # (lote, salida)


torch_model = TorchRNN(1, hidden_size, 1)  # al llamarlo, torch_model(x), se ejecuta forward
for name, parameter in torch_model.named_parameters():
    print(f"{name:45s} {tuple(parameter.shape)}")

# %% [markdown]
# Compara las dos listas. PyTorch guarda las matrices **transpuestas**, (oculto, entrada), y en cada paso suma **dos sesgos**:
#
# $$h_t = \tanh(x_t W_{ih}^\top + b_{ih} + h_{t-1} W_{hh}^\top + b_{hh})$$
#
# En la fórmula sobra uno. Está, según un comentario de su propio código, por compatibilidad con cuDNN, la biblioteca de NVIDIA para
# sus tarjetas gráficas. La función que se calcula es la misma.
#
# ### Ejercicio 15.1 ★ · Llevar los pesos
#
# Recibes los tres arrays de una `SimpleRNN`: `kernel`, `recurrent_kernel` y `bias`. Devuelve los cuatro de una `nn.RNN` que calcule lo
# mismo, en un diccionario: `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0` y `bias_hh_l0`. ¿Qué harás con el sesgo de más?


# %% tags=["exercise"]
def port_simple_rnn(weights):
    """Pesos de SimpleRNN (lista de tres arrays) → pesos de nn.RNN (diccionario de cuatro)."""
    kernel, recurrent_kernel, bias = weights
    ### BEGIN SOLUTION
    return {
        "weight_ih_l0": kernel.T,
        "weight_hh_l0": recurrent_kernel.T,
        "bias_ih_l0": bias,
        "bias_hh_l0": np.zeros_like(bias),
    }
    ### END SOLUTION


# %% tags=["check"]
port_simple_rnn = check("15.1", port_simple_rnn)

# %% [markdown]
# En NumPy no hay nada que convertir: el curso guarda los pesos como Keras. Las tres redes, con los mismos pesos y los mismos datos:


# %%
def torch_state(arrays, *names):
    """De los pesos de un modelo de Keras al `state_dict` de PyTorch; names: capas recurrentes."""
    state = {"head.weight": arrays[-2].T, "head.bias": arrays[-1]}
    for place, name in enumerate(names):
        three = arrays[3 * place : 3 * place + 3]
        for key, array in port_simple_rnn(three).items():
            state[f"{name}.{key}"] = array
    return {name: torch.tensor(np.array(array)) for name, array in state.items()}


def numpy_output(arrays, x):
    """La misma red con la función de la lección 12. x: (lote, tiempo, entrada)."""
    states = rnn_forward(x, RNNWeights(*arrays[:3])).states  # (lote, tiempo, oculto)
    return states[:, -1] @ arrays[3] + arrays[4]  # (lote, salida)


start = keras_model.get_weights()  # una copia, en NumPy: de aquí partirán todas

# %% [markdown]
# **Predice**: ¿en qué cifra empezarán a diferir las tres salidas?

# %%
torch_model.load_state_dict(torch_state(start, "rnn"))
x = rng.normal(size=(4, 9, 1)).astype("float32")  # (lote, tiempo, entrada)
outputs = {
    "NumPy": numpy_output(start, x),
    "Keras": keras_model(x).numpy(),
    "PyTorch": torch_model(torch.from_numpy(x)).detach().numpy(),
}
for name, output in outputs.items():
    print(f"{name:8s}", output[:, 0])
output_gap = np.ptp(np.stack(list(outputs.values())), axis=0).max()
explain(
    f"La mayor diferencia entre las tres es {output_gap:.0e}. Las dos bibliotecas calculan por "
    f"omisión en precisión simple, `float32`, que guarda unas siete cifras: es redondeo."
)

# %% [markdown]
# `detach` separa el resultado de las operaciones que PyTorch había apuntado para la vuelta; sin eso no se deja pasar a NumPy.
#
# ## 2 · Lo que entra y lo que sale
#
# Las dos capas calculan los mismos estados, pero no devuelven lo mismo.

# %%
batch = rng.normal(size=(5, 12, 3)).astype("float32")  # (lote, tiempo, entrada)
last = keras.layers.SimpleRNN(6)(batch)
every = keras.layers.SimpleRNN(6, return_sequences=True)(batch)
both = keras.layers.SimpleRNN(6, return_sequences=True, return_state=True)(batch)
output, h_n = nn.RNN(3, 6, batch_first=True)(torch.from_numpy(batch))
print("Keras                         ", tuple(last.shape))
print("Keras, return_sequences=True  ", tuple(every.shape))
print("Keras, y return_state=True    ", [tuple(part.shape) for part in both])
print("PyTorch: output, h_n          ", [tuple(part.shape) for part in (output, h_n)])

# %% [markdown]
# Keras da el último estado si no se le pide más. PyTorch da siempre las dos cosas: todos los estados y el último, `h_n`, con un eje
# delante para las capas. De ahí el `last[-1]` de nuestra clase: el último estado de la última capa.
#
# ¿Y `batch_first=True`? PyTorch espera el tiempo delante, (tiempo, lote, entrada), si no se le dice lo contrario.
#
# **Predice**: si se olvida, ¿dará un error? ¿Qué forma tendrá `output`?


# %%
def contamination(layer):
    """Cambia solo la secuencia 0 y mide cuánto cambian los estados de las demás."""
    touched = batch.copy()
    touched[0] += 1.0
    with torch.inference_mode():  # sin apuntar operaciones: aquí no habrá vuelta
        before, after = (layer(torch.from_numpy(x))[0] for x in (batch, touched))
    return before.shape, (after - before)[1:].abs().max().item()


shape_forgotten, mixed = contamination(nn.RNN(3, 6))
shape_right, separate = contamination(nn.RNN(3, 6, batch_first=True))
explain(
    f"Sin `batch_first=True` la salida tiene la misma forma, {tuple(shape_forgotten)}, pero al "
    f"cambiar una secuencia las demás cambian en {mixed:.2f}; con él, en {separate:g}."
)

# %% [markdown]
# Es la prueba de la lección 12, y otra vez descubre un error que no se ve: PyTorch ha leído el lote como si fuera el tiempo.
#
# ### Ejercicio 15.2 ★★ · Traducir un modelo
#
# Este modelo tiene dos capas recurrentes. La primera da todos sus estados, que son la entrada de la segunda.
#
# ```python
# keras.Sequential([
#     keras.Input((None, input_size)),
#     keras.layers.SimpleRNN(first, activation="relu", return_sequences=True),
#     keras.layers.SimpleRNN(second),
#     keras.layers.Dense(outputs),
# ])
# ```
#
# Escríbelo en PyTorch con dos `nn.RNN` y un `nn.Linear`, que se llamen `first`, `second` y `head`. La activación de `nn.RNN` se elige con
# `nonlinearity`.


# %% tags=["exercise"]
class Translated(nn.Module):
    """El modelo de Keras de arriba. Entra (lote, tiempo, entrada) y sale (lote, salidas)."""

    def __init__(self, input_size, first, second, outputs):
        super().__init__()
        ### BEGIN SOLUTION
        self.first = nn.RNN(input_size, first, nonlinearity="relu", batch_first=True)
        self.second = nn.RNN(first, second, batch_first=True)
        self.head = nn.Linear(second, outputs)
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        every, _ = self.first(x)  # (lote, tiempo, first)
        _, last = self.second(every)  # (1, lote, second)
        return self.head(last[-1])  # (lote, salidas)
        ### END SOLUTION


# %% tags=["check"]
Translated = check("15.2", Translated)

# %%
original = keras.Sequential(
    [
        keras.Input((None, 3)),
        keras.layers.SimpleRNN(6, activation="relu", return_sequences=True),
        keras.layers.SimpleRNN(4),
        keras.layers.Dense(2),
    ]
)
translated = Translated(3, 6, 4, 2)
translated.load_state_dict(torch_state(original.get_weights(), "first", "second"))
difference = translated(torch.from_numpy(batch)).detach().numpy() - original(batch).numpy()
translation_gap = np.abs(difference).max()
explain(f"Con los mismos pesos, el original y la traducción difieren en {translation_gap:.0e}.")

# %% [markdown]
# ## 3 · Entrenar
#
# Volvamos a contar hasta diez, como en la lección 13: entran tres números seguidos, divididos entre diez, y se predice el siguiente.

# %%
numbers = np.arange(1, 11, dtype="float32") / 10
count_x = np.stack([numbers[k : k + 3] for k in range(7)])[..., None]  # (7, 3, 1)
count_y = numbers[3:, None]  # (7, 1)
rate, steps = 0.05, 40 if FAST else 200

# %% [markdown]
# En Keras se entrena con dos llamadas: `compile` fija el **optimizador** (*optimizer*), la regla con que se mueven los pesos, y la
# pérdida; `fit` hace todo lo demás. Una **época** (*epoch*) es una pasada por todos los ejemplos. Aquí los siete van en un solo
# lote, así que cada época es una actualización. `SGD` es el descenso por gradiente de la lección 13, y `"mse"`, el error cuadrático medio.
# Cada vez que entrenemos haremos una red nueva, siempre con los mismos pesos iniciales, `start`.


# %%
def fresh_keras(optimizer):
    """Una red de Keras con los pesos `start`, lista para entrenar."""
    model = new_keras()
    model.set_weights(start)
    model.compile(optimizer=optimizer, loss="mse")
    return model


fit_options = {"batch_size": len(count_x), "shuffle": False, "verbose": 0}
counting_model = fresh_keras(keras.optimizers.SGD(learning_rate=rate))
history = counting_model.fit(count_x, count_y, epochs=steps, **fit_options)
keras_losses = np.array(history.history["loss"])  # una por época
print(f"Keras: la pérdida baja de {keras_losses[0]:.3f} a {keras_losses[-1]:.4f}")

# %% [markdown]
# En PyTorch el bucle lo escribes tú. Cada paso tiene cuatro partes, siempre en este orden.


# %%
def train_torch(model, x, y, optimizer, steps):
    """Entrena con todos los ejemplos en un lote. Devuelve la pérdida de cada paso."""
    model.train()  # en modo de entrenar
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()  # 1. borrar los gradientes del paso anterior
        loss = ((model(x) - y) ** 2).mean()  # 2. ida: el error cuadrático medio
        loss.backward()  # 3. vuelta: deja en cada parámetro su gradiente
        optimizer.step()  # 4. mover los parámetros
        losses.append(loss.item())  # .item(): un número de Python
    return np.array(losses)


def sgd(model):
    """Descenso por gradiente para los parámetros de un modelo."""
    return torch.optim.SGD(model.parameters(), lr=rate)


def new_torch():
    """La red en PyTorch, con los pesos al azar que dé la semilla."""
    torch.manual_seed(SEED)
    return TorchRNN(1, hidden_size, 1)


# %%
count_data = torch.from_numpy(count_x), torch.from_numpy(count_y)
own_model = new_torch()
own_losses = train_torch(own_model, *count_data, sgd(own_model), steps)
print(f"PyTorch: la pérdida baja de {own_losses[0]:.3f} a {own_losses[-1]:.4f}")

# %% [markdown]
# Las dos bajan. No se pueden comparar todavía, porque cada red ha empezado en sus propios pesos al azar. Lo haremos en la sección 5.
#
# ## 4 · Rómpelo y arréglalo
#
# Un bucle propio da libertad, también para equivocarse. Este tiene dos fallos y no da ningún error. Los objetivos llegan con
# forma (lote,), como los daría `count_y[:, 0]`.


# %%
def broken_train(model, x, y, rate, steps):
    """Descenso por gradiente. x: (lote, tiempo, entrada); y: (lote,). Devuelve las pérdidas."""
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    losses = []
    for _ in range(steps):
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


flat_data = torch.from_numpy(count_x), torch.from_numpy(count_y[:, 0])
broken_model = new_torch()
broken_train(broken_model, *flat_data, rate, 400)
print("objetivos:   ", count_y[:, 0])
print("predicciones:", broken_model(flat_data[0]).detach().numpy()[:, 0].round(2))

# %% [markdown]
# No ha aprendido a contar. Dos preguntas para buscar: ¿qué forma tiene
# `model(x) - y`? ¿Y qué hace `backward` con el gradiente que ya había?
#
# ### Ejercicio 15.3 ★★ · Dos fallos
#
# Copia el cuerpo de la función y arréglalo.


# %% tags=["exercise"]
def mended_train(model, x, y, rate, steps):
    """Descenso por gradiente. x: (lote, tiempo, entrada); y: (lote,). Devuelve las pérdidas."""
    ### BEGIN SOLUTION
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = ((model(x)[:, 0] - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
    ### END SOLUTION


# %% tags=["check"]
mended_train = check("15.3", mended_train)

# %% [markdown]
# ¿Qué hace cada fallo? Se prueban por separado, desde los mismos pesos. Con los objetivos bien, en forma (lote, 1), al bucle roto
# solo le queda el fallo de `zero_grad`; y `train_torch`, con los objetivos en forma (lote,), solo tiene el de la forma.

# %%
variants = {name: new_torch() for name in ("ninguno", "la forma", "zero_grad", "los dos")}
only_shape = variants["la forma"]
fault_losses = {
    "ninguno": mended_train(variants["ninguno"], *flat_data, rate, 400),
    "la forma": train_torch(only_shape, *flat_data, sgd(only_shape), 400),
    "zero_grad": broken_train(variants["zero_grad"], *count_data, rate, 400),
    "los dos": broken_train(variants["los dos"], *flat_data, rate, 400),
}

# %%
spreads, errors, rises = {}, {}, {}
for name, model in variants.items():
    predictions = model(count_data[0]).detach().numpy()
    spreads[name] = np.ptp(predictions)  # de la menor a la mayor
    errors[name] = np.abs(predictions - count_y).mean()
    rises[name] = np.mean(np.diff(fault_losses[name]) > 0)  # pasos en que la pérdida sube
    print(f"{name:10s} abarcan {spreads[name]:.2f}, error {errors[name]:.3f}, "
          f"sube en el {100 * rises[name]:.0f} % de los pasos")  # fmt: skip
explain(
    f"Los objetivos abarcan {np.ptp(count_y):.2f}. Con solo el fallo de la forma, las predicciones "
    f"abarcan {spreads['la forma']:.2f}. Con solo el de `zero_grad`, el error es "
    f"{errors['zero_grad'] / errors['ninguno']:.0f} veces el de la versión arreglada, y la pérdida "
    f"sube en el {100 * rises['zero_grad']:.0f} % de los pasos."
)

# %% [markdown]
# **La forma**: (7, 1) menos (7,) no es (7,), sino (7, 7), cada predicción contra cada objetivo. Con esa pérdida, lo mejor es
# contestar siempre la media. (`nn.functional.mse_loss` hace la misma cuenta y avisa si las formas no coinciden).
#
# **`zero_grad`**: `backward` **suma** el gradiente al que ya había, así que cada paso arrastra todos los anteriores. Con ese solo fallo,
# la pérdida baja y vuelve a subir: los pesos se pasan de largo.
#
# ## 5 · El misterio de las dos curvas
#
# Ahora en serio: la misma red, los mismos pesos iniciales, los mismos datos en el mismo orden, el mismo optimizador con la misma
# tasa. Llamamos como testigo a la red de NumPy, con la retropropagación de la lección 13.


# %%
def numpy_gradient(arrays, x, y):
    """El gradiente, en una lista como la de los pesos, y la pérdida."""
    weights, w_y, b_y = RNNWeights(*arrays[:3]), *arrays[3:]
    run = rnn_forward(x, weights)
    last = run.states[:, -1]  # (lote, oculto)
    gap = last @ w_y + b_y - y  # (lote, salida)
    grad_output = 2 * gap / gap.size
    grad_states = np.zeros_like(run.states)
    grad_states[:, -1] = grad_output @ w_y.T  # la pérdida solo mira el último estado
    recurrent = rnn_backward(run, weights, grad_states).weights
    return [*recurrent, last.T @ grad_output, grad_output.sum(axis=0)], np.mean(gap**2)


def numpy_step(arrays, x, y, rate):
    """Un paso de descenso por gradiente. Devuelve los pesos nuevos y la pérdida de antes."""
    grads, loss = numpy_gradient(arrays, x, y)
    return [w - rate * g for w, g in zip(arrays, grads, strict=True)], loss


# %%
def numpy_losses(arrays):
    """La pérdida de cada paso de la red de NumPy, desde unos pesos."""
    losses = []
    for _ in range(steps):
        arrays, loss = numpy_step(arrays, count_x, count_y, rate)
        losses.append(loss)
    return np.array(losses)


def fresh_torch(arrays):
    """Una red de PyTorch con unos pesos de Keras."""
    model = TorchRNN(1, hidden_size, 1)
    model.load_state_dict(torch_state(arrays, "rnn"))
    return model


# %% [markdown]
# **Predice**: ¿coincidirán las tres curvas? Si una se separa, ¿cuál?

# %%
model = fresh_torch(start)
torch_losses = train_torch(model, *count_data, sgd(model), steps)
curves = {"NumPy": numpy_losses(start), "Keras": keras_losses, "PyTorch": torch_losses}
plot_parting(curves, title="Mismo comienzo, mismos datos: una se separa")
plt.show()
witness_gap = np.abs(keras_losses - curves["NumPy"]).max()
parting = np.abs(torch_losses - keras_losses).max()
explain(
    f"NumPy y Keras difieren como mucho en {witness_gap:.0e}. PyTorch empieza igual, se separa en "
    f"el primer paso y llega a separarse {parting:.2g}."
)

# %% [markdown]
# Las salidas coincidían en seis cifras y las pérdidas se separan al primer paso. Hagamos de detectives. Un sospechoso se
# interroga así: se cambia **solo eso**, se entrena otra vez y se mira qué parte de la diferencia queda. Para no depender de un sorteo,
# desde veinte comienzos; de testigo basta NumPy, que acaba de aprender como Keras.


# %%
SUSPECTS = "el orden de los datos", "la precisión", "los pesos iniciales", "la tasa"


def interrogate(suspect, arrays):
    """Entrena otra vez en PyTorch con una sola cosa cambiada. Devuelve las pérdidas."""
    model, own_rate, (x, y) = fresh_torch(arrays), rate, count_data
    if suspect == "el orden de los datos":
        x, y = x.flip(0), y.flip(0)  # del revés
    elif suspect == "la precisión":
        model, x, y = model.double(), x.double(), y.double()  # float64
    elif suspect == "los pesos iniciales":
        model = fresh_torch([array * (1 + 1e-6) for array in arrays])  # una millonésima más
    elif suspect == "la tasa":
        own_rate = float(np.float32(rate))  # Keras la guarda en float32
    return train_torch(model, x, y, torch.optim.SGD(model.parameters(), lr=own_rate), steps)


# %%
starts = [start] + [new_keras().get_weights() for _ in range(19)]
witnesses = [numpy_losses(arrays) for arrays in starts]
plain = [interrogate("nadie", arrays) for arrays in starts]  # sin cambiar nada


def remaining(losses, k):
    """Qué parte de la diferencia con el testigo queda, desde el comienzo k."""
    return np.abs(losses - witnesses[k]).max() / np.abs(plain[k] - witnesses[k]).max()


factors = [np.exp(np.abs(np.log(a / b)).max()) for a, b in zip(plain, witnesses, strict=True)]
explain(
    f"Con veinte comienzos, la pérdida de PyTorch llega a ser entre {min(factors):.1f} y "
    f"{max(factors):.0f} veces mayor o menor que la del testigo; la mediana, {np.median(factors):.1f}."
)

# %% [markdown]
# **Elige**: los cuatro sospechosos están en `SUSPECTS`. ¿De quién desconfías? Escríbelo, ejecuta la celda y, si no ha sido, prueba
# con otro.

# %%
my_suspect = "la precisión"  # cámbialo por el tuyo
assert my_suspect in SUSPECTS, f"escribe uno de estos: {SUSPECTS}"
mine = remaining(interrogate(my_suspect, start), 0)
explain(f"Al cambiar {my_suspect} queda el {100 * mine:.3f} % de la diferencia.")

# %% [markdown]
# Y ahora los cuatro, con los cinco primeros comienzos: si uno tuviera la culpa, con él quedaría mucho menos del 100 %.

# %%
shares = {
    suspect: [remaining(interrogate(suspect, arrays), k) for k, arrays in enumerate(starts[:5])]
    for suspect in SUSPECTS
}
for suspect, values in shares.items():
    print(f"{suspect:22s} queda el {100 * np.median(values):.3f} % (mediana de {len(values)})")

# %% [markdown]
# Los cuatro, inocentes. (Con un solo lote el orden no podía influir: la media no depende de él). Queda mirar de cerca **un solo paso**:
# se entrena una vez desde los mismos pesos y se compara cuánto se ha movido cada parámetro.
#
# **Predice**: ¿qué parámetro se moverá distinto?


# %%
def in_keras_order(model):
    """Pesos de un TorchRNN como los da Keras, con uno solo de los sesgos recurrentes."""
    rnn, head = model.rnn, model.head
    parts = rnn.weight_ih_l0.T, rnn.weight_hh_l0.T, rnn.bias_ih_l0, head.weight.T, head.bias
    return [part.detach().numpy() for part in parts]


moved, _ = numpy_step(start, count_x, count_y, rate)
model = fresh_torch(start)
train_torch(model, *count_data, sgd(model), steps=1)
names = ("kernel", "recurrent_kernel", "bias", "kernel de salida", "bias de salida")
for name, one, other in zip(names, moved, in_keras_order(model), strict=True):
    print(f"{name:20s} difieren en {np.abs(one - other).max():.0e}")
after_step = numpy_output(moved, count_x) - model(count_data[0]).detach().numpy()
print(f"salida tras el paso: difieren en {np.abs(after_step).max():.2g}")

# %% [markdown]
# Los cinco se han movido lo mismo que en el testigo y, sin embargo, la salida ya no es la misma. Imposible… si fueran todos. Keras tiene cinco
# arrays; PyTorch, **seis**. Falta el que pusimos a cero y nadie volvió a mirar.

# %%
first_move = (model.rnn.bias_ih_l0 - torch.tensor(start[2])).detach().numpy()
second_move = model.rnn.bias_hh_l0.detach().numpy()  # empezó en cero
explain(
    f"El segundo sesgo ha pasado de cero a {np.abs(second_move).max():.2g}. Se ha movido lo mismo "
    f"que el primero: difieren en {np.abs(first_move - second_move).max():.0e}."
)

# %% [markdown]
# Dentro de la tangente los dos se suman, así que la pérdida tiene la misma derivada respecto de los dos: $\sum_t \delta_t$, la de la
# lección 13. Cada uno baja $\eta \sum_t \delta_t$, y su suma, el doble. **El sesgo de PyTorch aprende el doble de rápido.** La función
# es la misma; el camino por el que se aprende, no.
#
# Si la explicación es buena, hay dos maneras de deshacer la diferencia: **congelar** el segundo sesgo, o dar a los dos la mitad de
# la tasa.


# %%
def frozen_torch(arrays):
    """Una red de PyTorch cuyo segundo sesgo no se mueve."""
    model = fresh_torch(arrays)
    model.rnn.bias_hh_l0.requires_grad_(False)  # sin gradiente
    return model


model = frozen_torch(start)
frozen_losses = train_torch(model, *count_data, sgd(model), steps)

model = fresh_torch(start)
biases = [model.rnn.bias_ih_l0, model.rnn.bias_hh_l0]
others = [model.rnn.weight_ih_l0, model.rnn.weight_hh_l0, *model.head.parameters()]
groups = [{"params": others}, {"params": biases, "lr": rate / 2}]
halved_losses = train_torch(model, *count_data, torch.optim.SGD(groups, lr=rate), steps)

plot_gaps(
    {"con los dos sesgos": torch_losses - keras_losses,
     "con uno congelado": frozen_losses - keras_losses},
    title="Diferencia con Keras: el segundo sesgo la explica toda",
)  # fmt: skip
plt.show()

# %%
frozen_gap = np.abs(frozen_losses - keras_losses).max()
halved_gap = np.abs(halved_losses - keras_losses).max()
frozen_models = [frozen_torch(arrays) for arrays in starts]
frozen_shares = [
    remaining(train_torch(model, *count_data, sgd(model), steps), k)
    for k, model in enumerate(frozen_models)
]
lower = [a[-1] < b[-1] for a, b in zip(plain, witnesses, strict=True)]
explain(
    f"Con los dos sesgos, la diferencia con Keras llega a {parting:.2g}. Con el segundo congelado no "
    f"pasa de {frozen_gap:.0e} en {steps} pasos; con los dos a media tasa, de {halved_gap:.0e}. "
    f"Con veinte comienzos, al congelarlo queda el {100 * np.median(frozen_shares):.4f} % (mediana). "
    f"¿Y quién acaba más abajo? PyTorch, en el {wilson(lower).in_words('%', decimals=0, scale=100)}."
)

# %% [markdown]
# Caso cerrado. (Donde las dos curvas se cruzan, la diferencia cae un instante). Moverse el doble no siempre es llegar antes: según de
# dónde se parta, acaba más abajo una o la otra. (El intervalo, de Wilson, dice qué proporciones son compatibles con esa cuenta). Pero
# para los sesgos una tasa copiada de la otra biblioteca no es la misma tasa, y dos artículos que dicen «la misma red» pueden no haber
# entrenado lo mismo.
#
# ### Ejercicio 15.4 ★★ · La cuenta que lo delataba
#
# Había una pista a la vista: el número de parámetros. Cuéntalos en las dos bibliotecas para `layers` capas recurrentes apiladas, todas
# de `hidden_size` unidades, y una capa de salida de `output_size`. La primera capa lee la entrada; las demás, la capa anterior.


# %% tags=["exercise"]
def count_both(input_size, hidden_size, output_size, layers):
    """Número de parámetros: (en Keras, en PyTorch)."""
    ### BEGIN SOLUTION
    keras_total = output_size * (hidden_size + 1)
    for layer in range(layers):
        size = input_size if layer == 0 else hidden_size
        keras_total += hidden_size * (size + hidden_size + 1)
    return keras_total, keras_total + layers * hidden_size
    ### END SOLUTION


# %% tags=["check"]
count_both = check("15.4", count_both)

# %%
in_keras, in_torch = count_both(1, hidden_size, 1, layers=1)
counted = sum(parameter.numel() for parameter in torch_model.parameters())
explain(
    f"En Keras, {keras_model.count_params()} parámetros, y la cuenta dice {in_keras}. En PyTorch, "
    f"{counted}, y la cuenta dice {in_torch}. Sobran {in_torch - in_keras}: un sesgo por unidad."
)

# %% [markdown]
# Esos parámetros no dan a la red nada nuevo que calcular. Solo cambian cómo aprende.
#
# > **Puedes parar aquí.** Ya sabes llevar los pesos y entrenar en las dos. El segundo rato, un proyecto con datos nuevos y cómo
# > guardarlo, empieza con otras diferencias que conviene conocer.
#
# ## 6 · Otras diferencias con las que se tropieza
#
# Hay más valores por omisión que no coinciden. Preguntémoslos a las propias bibliotecas. (Enseguida explicamos Adam; `LayerNorm` es una
# capa que aquí no se usa).

# %%
weight = [torch.zeros(1)]  # un optimizador de PyTorch pide qué va a mover
defaults = {
    "SGD, tasa": (keras.optimizers.SGD().learning_rate, torch.optim.SGD(weight).defaults["lr"]),
    "Adam, épsilon": (keras.optimizers.Adam().epsilon, torch.optim.Adam(weight).defaults["eps"]),
    "LayerNorm, épsilon": (keras.layers.LayerNormalization().epsilon, nn.LayerNorm(1).eps),
}
for name, (in_keras, in_torch) in defaults.items():
    print(f"{name:20s} Keras {float(in_keras):.0e}   PyTorch {float(in_torch):.0e}")

# %% [markdown]
# **Adam** (Kingma y Ba, 2015) lleva, para cada parámetro, dos medias que se van olvidando de lo viejo: la de sus gradientes $g_t$, que es
# el **momento** (*momentum*), y la de sus cuadrados:
#
# $$m_t = \beta_1 m_{t-1} + (1-\beta_1)\,g_t \qquad v_t = \beta_2 v_{t-1} + (1-\beta_2)\,g_t^2$$
#
# El momento dice hacia dónde vienen tirando los gradientes: uno suelto pesa poco, y dos que se llevan la contraria se compensan.
# $\sqrt{v_t}$ dice lo grandes que vienen siendo. Las dos medias empiezan en cero y al principio se quedan cortas; se corrigen al dar el
# paso:
#
# $$w_t = w_{t-1} - \eta\,\frac{\hat m_t}{\sqrt{\hat v_t} + \varepsilon}, \qquad \hat m_t = \frac{m_t}{1-\beta_1^t}, \quad \hat v_t = \frac{v_t}{1-\beta_2^t}$$
#
# y $\varepsilon$ evita dividir entre cero. Así lo escribe PyTorch. Keras suma $\varepsilon$ a $\sqrt{v_t}$, **sin corregir**: es como si en
# PyTorch valiera $\varepsilon/\sqrt{1-\beta_2^t}$, mucho más en los primeros pasos. Además, calcula $1-\beta_1^t$ y $1-\beta_2^t$ en precisión
# simple.
#
# **Predice**: con Adam y el segundo sesgo congelado, ¿coincidirán las curvas?

# %%
adam_rate, adam_steps = 0.01, 20


def keras_adam(arrays):
    """Las pérdidas con el Adam de Keras, que recibe el gradiente de la red de NumPy."""
    optimizer, losses = keras.optimizers.Adam(adam_rate), []
    variables = [keras.Variable(array) for array in arrays]
    for _ in range(adam_steps):
        grads, loss = numpy_gradient([v.numpy() for v in variables], count_x, count_y)
        optimizer.apply([keras.ops.convert_to_tensor(g) for g in grads], variables)
        losses.append(loss)
    return np.array(losses)


def torch_adam(model):
    """Las pérdidas con el Adam de PyTorch."""
    optimizer = torch.optim.Adam(model.parameters(), adam_rate)
    return train_torch(model, *count_data, optimizer, adam_steps)


# %%
in_keras, frozen_adam = keras_adam(start), torch_adam(frozen_torch(start))
both_gap = np.abs(torch_adam(fresh_torch(start)) - in_keras).max()
one_gap = np.abs(frozen_adam - in_keras).max()
explain(f"Con los dos sesgos se separan {both_gap:.2g}; con el segundo congelado, {one_gap:.0e}.")

# %% [markdown]
# El segundo sesgo vuelve a ser casi todo. Queda un resto pequeño, y tres sospechosos: el **valor** del épsilon, su **lugar** y la **precisión**
# de la corrección. Escribamos Adam en NumPy para poder cambiarlos de uno en uno, desde los veinte comienzos.
#
# **Predice**: si PyTorch copia el número del épsilon de Keras, ¿qué parte del resto quedará? ¿Y si además lo pone donde Keras?


# %%
def adam_losses(arrays, epsilon=1e-8, number=float, placed=False):
    """Adam en NumPy, como PyTorch; placed: el épsilon, donde Keras; number: precisión."""
    arrays, losses = [array.astype(float) for array in arrays], []
    m, v = [0.0] * len(arrays), [0.0] * len(arrays)
    for t in range(1, adam_steps + 1):
        grads, loss = numpy_gradient(arrays, count_x, count_y)
        losses.append(loss)
        m = [0.9 * mean + 0.1 * g for mean, g in zip(m, grads, strict=True)]
        v = [0.999 * mean + 0.001 * g**2 for mean, g in zip(v, grads, strict=True)]
        for_m, for_v = (float(1 - number(beta) ** t) for beta in (0.9, 0.999))
        added = epsilon / np.sqrt(for_v) if placed else epsilon
        arrays = [
            w - adam_rate * (a / for_m) / (np.sqrt(b / for_v) + added)
            for w, a, b in zip(arrays, m, v, strict=True)
        ]
    return np.array(losses)


# %%
def like_keras(arrays):
    """Adam en NumPy con las tres cosas como en Keras."""
    return adam_losses(arrays, 1e-7, number=np.float32, placed=True)


twin_gap = max(
    np.abs(adam_losses(start) - frozen_adam).max(), np.abs(like_keras(start) - in_keras).max()
)
left = {"copiar el valor": [], "y ponerlo en su lugar": []}
for arrays in starts:
    goal = like_keras(arrays)
    whole = np.abs(adam_losses(arrays) - goal).max()
    for name, placed in zip(left, (False, True), strict=True):
        left[name].append(np.abs(adam_losses(arrays, 1e-7, placed=placed) - goal).max() / whole)

# %%
for name, values in left.items():
    print(f"{name:22s} queda el {100 * np.median(values):.0f} % "
          f"(mediana de {len(values)}; de {100 * min(values):.0f} a {100 * max(values):.0f})")  # fmt: skip
explain(
    f"Las dos versiones de NumPy se apartan de su biblioteca {twin_gap:.0e} como mucho. Poner el "
    f"épsilon en su lugar deja menos de la mitad del resto en "
    f"{np.sum(np.array(left['y ponerlo en su lugar']) < 0.5)} de {len(starts)} comienzos."
)

# %% [markdown]
# Copiar el número apenas quita nada; lo que cuenta es el **lugar** donde se suma. Lo que queda con el épsilon en su lugar es la precisión de la
# corrección, que es lo único que falta por igualar. Cuánto pesa cada cosa depende del comienzo. (Si en alguno queda más del 100 %, es que
# los dos efectos se compensaban).
#
# ### Dos recortes con nombres parecidos
#
# Recortar el gradiente (lección 14) es acortarlo cuando es demasiado largo. En Keras hay dos opciones que miran la norma,
# `clipnorm` y `global_clipnorm`, además de `clipvalue`, que recorta cada número; en PyTorch, una función, `clip_grad_norm_`, que se llama entre `backward` y `step`. Démosles el mismo
# gradiente, el de la red de NumPy. En Keras recorta el optimizador, así que se mira un paso de SGD con tasa uno: lo que resta a los pesos **es** el
# gradiente recortado.
#
# **Predice**: ¿cuál de las dos de Keras hará lo mismo que PyTorch?


# %%
gradient, _ = numpy_gradient(start, count_x, count_y)


def flat(arrays):
    """Todos los números de una lista de arrays, en un solo vector."""
    return np.concatenate([np.ravel(array) for array in arrays])


def keras_clipped(optimizer):
    """El gradiente que Keras aplica con un optimizador de tasa uno."""
    variables = [keras.Variable(array) for array in start]
    optimizer.apply([keras.ops.convert_to_tensor(g) for g in gradient], variables)
    return flat(start) - flat([variable.numpy() for variable in variables])


def torch_clipped(limit):
    """El gradiente que PyTorch deja en los parámetros con un recorte."""
    parameters = [nn.Parameter(torch.tensor(array)) for array in start]
    for parameter, g in zip(parameters, gradient, strict=True):
        parameter.grad = torch.tensor(g)
    nn.utils.clip_grad_norm_(parameters, limit)
    return flat([parameter.grad.numpy() for parameter in parameters])


# %%
limit, full = 0.05, flat(gradient)
vectors = {
    "clipnorm": keras_clipped(keras.optimizers.SGD(1.0, clipnorm=limit)),
    "global_clipnorm": keras_clipped(keras.optimizers.SGD(1.0, global_clipnorm=limit)),
    "clip_grad_norm_": torch_clipped(limit),
}
turns = {}
for name, vector in vectors.items():
    cosine = vector @ full / (np.linalg.norm(vector) * np.linalg.norm(full))
    turns[name] = np.degrees(np.arccos(min(cosine, 1.0)))
    print(f"{name:16s} norma {np.linalg.norm(vector):.3f}, girado {turns[name]:4.1f} grados")
clip_gap = np.abs(vectors["global_clipnorm"] - vectors["clip_grad_norm_"]).max()

# %% [markdown]
# `clipnorm` recorta **cada array por su cuenta**: el gradiente entero sale más largo que el límite y, lo que es peor, apunta a otro
# sitio. El recorte de los artículos es el global.
#
# ### De dónde parten los pesos
#
# **Predice**: si un recuerdo pasa treinta veces por $W_h$, recién sorteada y sin activación, ¿llegará entero en las dos?

# %%
layer = keras.layers.SimpleRNN(64)
layer.build((None, None, 1))
recurrent = {
    "Keras": layer.get_weights()[1],
    "PyTorch": nn.RNN(1, 64).weight_hh_l0.detach().numpy(),
}
survives = {
    name: np.linalg.norm(np.linalg.matrix_power(matrix, 30), 2)
    for name, matrix in recurrent.items()
}
explain(
    f"Lo que más se conserva tras treinta pasos queda en {survives['Keras']:.2f} de su tamaño con "
    f"Keras y en {survives['PyTorch']:.0e} con PyTorch."
)

# %% [markdown]
# Keras sortea $W_h$ **ortogonal**, que gira sin encoger, y deja los sesgos a cero; PyTorch lo sortea todo entre $-1/\sqrt{o}$ y
# $1/\sqrt{o}$, con $o$ unidades. Por qué importa se ve en la lección 14. Si comparas dos bibliotecas sin igualar esto, comparas
# dos sorteos.
#
# ### ¿Cuánto tarda cada una?
#
# La misma red con lotes de 32 secuencias de 24 pasos: ida, vuelta y paso de SGD, en un hilo.


# %%
def seconds(action):
    """Tiempo de procesador de una llamada: no cuenta lo que hagan otros programas."""
    begin = time.process_time()
    action()
    return time.process_time() - begin


many_x = rng.normal(size=(1_600, 24, 1)).astype("float32")  # cincuenta lotes
many_y = many_x.mean(axis=1)
few_x, few_y = many_x[:32], many_y[:32]
model, data = fresh_torch(start), (torch.from_numpy(few_x), torch.from_numpy(few_y))


# lambda: una función sin nombre, que se llamará después
def keras_seconds():
    """Lo que tardan dos épocas de cincuenta pasos, la primera y la segunda."""
    model = fresh_keras(keras.optimizers.SGD(learning_rate=rate))
    return [seconds(lambda: model.fit(many_x, many_y, batch_size=32, verbose=0)) for _ in range(2)]


# %%
first_epoch, second_epoch = keras_seconds()  # la primera vez, además, prepara el cálculo
per_step = {
    "NumPy": seconds(lambda: [numpy_step(start, few_x, few_y, rate) for _ in range(200)]) / 200,
    "PyTorch": seconds(lambda: train_torch(model, *data, sgd(model), 50)) / 50,
    "Keras": second_epoch / 50,
}
preparing = first_epoch / per_step["Keras"] - 50  # en pasos, sin contar los que da
for name, value in per_step.items():
    print(f"{name:8s} {1000 * value:5.2f} ms por paso, {value / per_step['NumPy']:.1f} × NumPy")
explain(
    f"La primera época de Keras cuesta, además de sus cincuenta pasos, lo mismo que otros "
    f"{preparing:.0f}: antes de empezar prepara el cálculo."
)

# %% [markdown]
# Son los tiempos de esta red en este ordenador: no dicen nada de una red grande ni de una tarjeta gráfica.
#
# ### Tabla de equivalencias
#
# | Keras | PyTorch | cuidado con |
# |---|---|---|
# | `SimpleRNN(o)` | `nn.RNN(e, o, batch_first=True)` | Keras averigua `e`; PyTorch la pide |
# | `return_sequences=True` | `output` | |
# | último estado (por omisión) | `h_n[-1]` | `h_n` lleva delante el eje de las capas |
# | `activation="relu"` | `nonlinearity="relu"` | |
# | `use_bias=False` | `bias=False` | en PyTorch quita los dos |
# | varias capas, con `return_sequences=True` en todas menos la última | `num_layers=n` | todas del mismo tamaño |
# | `Bidirectional(...)` | `bidirectional=True` | toma `h_n`, no `output[:, -1]` |
# | `dropout=` | `dropout=` | en Keras, en la entrada; en PyTorch, solo entre capas |
# | `Dense(s)` | `nn.Linear(o, s)` | matriz transpuesta |
# | `"mse"` | `nn.MSELoss()` | en PyTorch, (n, 1) con (n,) da (n, n) |
# | `SparseCategoricalCrossentropy(from_logits=True)` | `nn.CrossEntropyLoss()` | Keras, por omisión, espera probabilidades |
# | `fit(shuffle=True)`, por omisión | `DataLoader(shuffle=True)` | PyTorch, por omisión, no baraja |
# | `global_clipnorm=c` | `clip_grad_norm_(parámetros, c)` | `clipnorm` es otra cosa |
# | `keras.utils.set_random_seed(s)` | `torch.manual_seed(s)` | |
# | `model(x, training=False)`, `predict` | `model.eval()` e `inference_mode()` | en PyTorch el modo se queda puesto |
#
# ## 7 · Dos clásicos, con examen
#
# Contar hasta diez no demuestra nada: la red ve todos los casos, como viste en la lección 13. Para juzgar hacen falta datos que no
# haya visto y un modelo de referencia.
#
# ### Números, con Keras: la temperatura del mar
#
# Ventanas de dos años, el mes siguiente como objetivo, y tres tramos en orden: **entrenamiento**, con el que se ajustan los pesos;
# **validación** (*validation*), con el que se toman decisiones, y **prueba**, que se mira una vez. `scaled_windows` hace lo que
# hiciste en la lección 11: las ventanas, el reparto y la escala, que se calcula solo con el entrenamiento.

# %%
series = load_elnino().values  # un valor al mes
train, validation, test, mean, std = scaled_windows(series, width=24)
for name, (sea_x, sea_y) in {"entrenar": train, "validar": validation, "probar": test}.items():
    print(f"{name:8s} ventanas {sea_x.shape}, objetivos {sea_y.shape}")

# %% [markdown]
# Las referencias, en la prueba y en grados. La serie tiene un año dentro, así que repetir el último mes es poco rival. Hay otros
# dos: la **climatología** (la media de cada mes del año) más la última anomalía, que es cuánto se apartó de ella el mes anterior; y
# una regresión lineal con la misma ventana que la red.


# %%
def with_one(x):
    """Ventanas (n, 24) con una columna de unos, para el término independiente."""
    return np.column_stack([x[..., 0], np.ones(len(x))])


coefficients = np.linalg.lstsq(with_one(train[0]), train[1][:, 0], rcond=None)[0]  # (25,)
known = len(train[0]) + 24  # meses que se ven al entrenar
climatology = np.array([series[:known][month::12].mean() for month in range(12)])
anomaly = series - climatology[np.arange(len(series)) % 12]
count = len(test[1])  # los últimos meses de la serie
truth = series[-count:]
references = {
    "persistencia": series[-count - 1 : -1],
    "climatología y anomalía": truth - anomaly[-count:] + anomaly[-count - 1 : -1],
    "lineal": mean + std * (with_one(test[0]) @ coefficients),
}
sea_errors = {name: np.abs(truth - forecast) for name, forecast in references.items()}
for name, error in sea_errors.items():
    print(f"{name:24s} {error.mean():.2f} °C")

# %% [markdown]
# `fit` acepta los datos de validación y mide con ellos al final de cada época. En `callbacks` van objetos a los que `fit` llama en
# ciertos momentos. La **parada temprana** (*early stopping*) detiene el entrenamiento cuando la validación lleva `patience` épocas
# sin mejorar, y se queda con los mejores pesos. El otro lo escribimos: al acabar cada época vuelve a medir la pérdida en el
# entrenamiento. Enseguida veremos para qué. Los datos de prueba no intervienen.


# %%
class AtRest(keras.callbacks.Callback):
    """Apunta, al acabar cada época, la pérdida de entrenamiento con los pesos quietos."""

    def on_epoch_end(self, epoch, logs):
        x, y = train
        logs["at_rest"] = np.mean((numpy_output(self.model.get_weights(), x) - y) ** 2)


def train_sea_model(seed):
    """Entrena una red. Devuelve su error en cada mes de la prueba y su historial."""
    keras.utils.clear_session()  # suelta la memoria de las redes anteriores
    keras.utils.set_random_seed(seed)
    model = new_keras()
    model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.02), loss="mse")
    stop = keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)
    options = {"epochs": most_epochs, "batch_size": 64, "callbacks": [AtRest(), stop]}
    history = model.fit(*train, validation_data=validation, verbose=0, **options)
    forecast = mean + std * model(test[0]).numpy()[:, 0]
    return np.abs(truth - forecast), {name: np.array(x) for name, x in history.history.items()}


# %% [markdown]
# **Predice**: ¿ganará la red a la persistencia? ¿Y a las otras dos referencias? ¿En qué época se parará?

# %%
repeats, most_epochs = 2 if FAST else 5, 60
sea_runs = [train_sea_model(1000 * SEED + k) for k in range(repeats)]
network_error = np.mean([error for error, _ in sea_runs], axis=0)  # por mes, media de las redes
compared = {
    name: block_bootstrap(network_error, error, seed=SEED, block=5, steps="meses")
    for name, error in sea_errors.items()
}
explain(
    f"En la prueba, {repeats} redes se equivocan {network_error.mean():.2f} °C de media. "
    + " ".join(
        f"Frente a {name}: {gap.verdict('°C', decimals=2)}." for name, gap in compared.items()
    )
)

# %% [markdown]
# `block_bootstrap` sortea muchas veces trozos seguidos de la prueba y mira entre qué valores queda la diferencia; si el intervalo
# contiene el cero, no sabemos cuál de los dos es mejor. Ganar a la persistencia no decía mucho: con las dos referencias que conocen
# el año, la red queda a la par. Aquí, ser una red no da ventaja.
#
# ### ¿Se entiende mejor lo que no se ha estudiado?
#
# Este es el historial de la primera red. Mira el principio: la validación va por debajo de la pérdida de entrenamiento que da `fit`.

# %%
shown = sea_runs[0][1]
best = int(np.argmin(shown["val_loss"])) + 1
reported, at_rest, validated = (
    [history[name] for _, history in sea_runs] for name in ("loss", "at_rest", "val_loss")
)
# En la primera época, cuántas veces mayor es la que da fit; en todas, cuántas la de validación.
inflated = np.mean([one[0] / other[0] for one, other in zip(reported, at_rest, strict=True)])
ratios = np.concatenate(validated) / np.concatenate(at_rest)  # con los pesos quietos las dos
above, below = np.mean(ratios), int(np.sum(shown["val_loss"] < shown["at_rest"]))

# %%
plot_epochs(
    {"la que da fit": shown["loss"], "con los pesos quietos": shown["at_rest"],
     "validación": shown["val_loss"]},
    best=best,
    title=f"Con pesos quietos, por debajo en {below} de {len(shown['loss'])} épocas",
)  # fmt: skip
plt.show()
explain(
    f"De {most_epochs} épocas posibles se han hecho {len(shown['loss'])}: la validación deja de "
    f"mejorar en la {best}, la parada temprana espera tres y devuelve los pesos de esa. En la "
    f"primera, `fit` da {shown['loss'][0]:.3f} y la validación, {shown['val_loss'][0]:.3f}; en el "
    f"entrenamiento, con los pesos ya quietos, la pérdida es {shown['at_rest'][0]:.3f}. De media de "
    f"{repeats} redes y todas sus épocas, la de validación es {above:.1f} veces esa; va por debajo en "
    f"{np.sum(ratios < 1)} de {len(ratios)} épocas."
)

# %% [markdown]
# La pérdida de una época que da `fit` es la media de sus lotes **mientras la red cambia**, y los primeros los hizo una red peor.
# Medidas las dos con los mismos pesos, quietos, esa ventaja de la validación desaparece.
#
# ### Letras, con PyTorch: cuentos
#
# En la lección 13 la red memorizó «hello world». Ahora lee cuentos y la examinamos con otros. La pérdida se mide **en cada paso**:
# entra un tramo de letras y en cada una se predice la siguiente.

# %%
parts = ("train", "validation", "test")
texts = {part: "\n\n".join(load_stories(part)).lower() for part in parts}
alphabet = sorted(set(texts["train"]))
V, place = len(alphabet), {letter: index for index, letter in enumerate(alphabet)}
ids = {part: np.array([place[letter] for letter in text]) for part, text in texts.items()}


def cut(ids, length=40):
    """Tramos (tramos, length) y, en cada lugar, la letra que sigue (tramos, length)."""
    count = (len(ids) - 1) // length
    pieces = ids[: count * length], ids[1 : count * length + 1]
    return [torch.from_numpy(piece.reshape(count, length)) for piece in pieces]


story_parts = {part: cut(ids[part]) for part in parts}
print({part: tuple(x.shape) for part, (x, _) in story_parts.items()}, f"{V} caracteres")

# %% [markdown]
# `TensorDataset` guarda los ejemplos y `DataLoader` los reparte en lotes. `DataLoader` baraja solo si se le pide, y con un `generator` propio el orden
# se puede repetir.


# %%
class CharacterRNN(nn.Module):
    """Puntuaciones de la letra siguiente en cada paso. Entra (lote, tiempo), enteros."""

    def __init__(self, hidden_size):
        super().__init__()
        self.rnn = nn.RNN(V, hidden_size, batch_first=True)
        self.head = nn.Linear(hidden_size, V)

    def forward(self, letters):
        states, _ = self.rnn(nn.functional.one_hot(letters, V).float())  # (lote, tiempo, oculto)
        return self.head(states)  # (lote, tiempo, V)


def character_loss(model, x, y):
    """Menos el logaritmo de la probabilidad dada a la letra que llegó, en promedio."""
    return nn.functional.cross_entropy(model(x).flatten(0, 1), y.flatten())


# %%
def train_characters(seed, epochs=2 if FAST else 8):
    """Entrena una red con los cuentos de entrenamiento."""
    torch.manual_seed(seed)
    model = CharacterRNN(64)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    dataset = torch.utils.data.TensorDataset(*story_parts["train"])
    generator = torch.Generator().manual_seed(seed)
    loader = torch.utils.data.DataLoader(dataset, batch_size=32, shuffle=True, generator=generator)
    for _ in range(epochs):
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            character_loss(model, x, y).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
    return model


# %%
def letter_losses(model, part):
    """Pérdida en cada letra de los primeros 500 tramos de un conjunto: (500, 40)."""
    model.eval()  # en modo de usar
    x, y = (piece[:500] for piece in story_parts[part])
    with torch.inference_mode():  # sin apuntar operaciones: más rápido y con menos memoria
        losses = [
            nn.functional.cross_entropy(model(few).transpose(1, 2), wanted, reduction="none")
            for few, wanted in zip(x.split(50), y.split(50), strict=True)
        ]  # por lotes cabe en menos memoria
    return torch.cat(losses).numpy()


# %% [markdown]
# `train()` y `eval()` no entrenan ni evalúan: cambian el modo de las capas que se comportan distinto al aprender y al usarse, como las
# de la lección 24. Con estas capas no cambia nada; acostúmbrate a escribirlos.
#
# Las referencias son tablas de frecuencias: la de cada letra, la de cada letra según la anterior (**bigramas**, *bigrams*) y la de cada
# letra según las dos anteriores (trigramas).


# %%
def count_losses(order):
    """Pérdida en cada letra de la prueba, con las frecuencias según las `order` anteriores."""
    seen, asked = (
        np.lib.stride_tricks.sliding_window_view(ids[part], order + 1) for part in ("train", "test")
    )  # (letras, order + 1): cada letra, con las anteriores delante
    counts = np.full((V,) * (order + 1), 0.1)  # una tabla con un eje por letra; nada es imposible
    np.add.at(counts, tuple(seen.T), 1)  # suma uno en la casilla de cada fila
    probabilities = counts / counts.sum(axis=-1, keepdims=True)
    return -np.log(probabilities[tuple(asked.T)])


def by_piece(losses, order):
    """Las de los tramos 1 a 499 de la prueba, los mismos de la red. Una media por tramo."""
    first = 41 - order
    return losses[first : first + 499 * 40].reshape(499, 40).mean(axis=1)


tables = {"cada letra": 0, "bigramas": 1, "trigramas": 2}
counted_losses = {name: by_piece(count_losses(order), order) for name, order in tables.items()}
print(f"{'repartir por igual':20s} {np.log(V):.2f}")
for name, values in counted_losses.items():
    print(f"{name:20s} {values.mean():.2f}")

# %% [markdown]
# **Predice**: en cuentos que no ha leído, ¿bajará la red de los bigramas? ¿Y de los trigramas?

# %%
models = [train_characters(1000 * SEED + k) for k in range(2 if FAST else 5)]
story_losses = {part: np.mean([letter_losses(m, part) for m in models], axis=0) for part in parts}
tested = story_losses["test"]  # (500, 40), media de las redes
network_pieces = tested[1:].mean(axis=1)
story_gaps = {
    name: block_bootstrap(network_pieces, values, seed=SEED, steps="tramos")
    for name, values in counted_losses.items()
}
explain(
    f"La pérdida de {len(models)} redes es {network_pieces.mean():.2f} de media. "
    + " ".join(f"Frente a {name}: {gap.verdict(decimals=2)}." for name, gap in story_gaps.items())
    + f" En lo que leyeron es {story_losses['train'].mean():.2f}; en la validación, "
    f"{story_losses['validation'].mean():.2f}; en la prueba, {tested.mean():.2f}."
)

# %% [markdown]
# La red ha aprendido algo que vale fuera de lo que leyó: mejora a los bigramas, y lo nuevo le cuesta casi lo mismo que lo leído. Pero
# mira los trigramas: una tabla de contar es un rival serio.
#
# ¿Cuántas letras usa? Cada tramo empieza con la memoria en blanco, así que basta mirar la pérdida según las letras leídas.

# %%
by_place = tested.mean(axis=0)  # (40,): por lugar en el tramo
explain(
    f"Con una letra leída, la pérdida es {by_place[0]:.2f}; con dos, {by_place[1]:.2f}; con tres, "
    f"{by_place[2]:.2f}; de diez en adelante, {by_place[9:].mean():.2f} de media."
)

# %% [markdown]
# Usa más de una, y casi todo lo ganan las primeras. Si quieres probar otra tasa o más épocas, decide con la validación: la prueba
# se mira una vez.
#
# ## 8 · Guardar y cargar sin peligro
#
# `model.save` de Keras guarda en un archivo `.keras` la arquitectura, los pesos y el estado del optimizador. En PyTorch se guarda el
# **diccionario de pesos** (`state_dict`); para cargarlo hace falta la clase.

# %%
temporary = tempfile.TemporaryDirectory()  # se borra al cerrar el cuaderno
folder = Path(temporary.name)
counting_model.save(folder / "modelo.keras")
loaded_keras = keras.saving.load_model(folder / "modelo.keras")

torch.save(models[0].state_dict(), folder / "pesos.pt")
loaded_torch = CharacterRNN(64)
loaded_torch.load_state_dict(torch.load(folder / "pesos.pt", weights_only=True))

keras_saved = np.abs(loaded_keras(count_x).numpy() - counting_model(count_x).numpy()).max()
both = (letter_losses(model, "validation") for model in (loaded_torch, models[0]))
torch_saved = np.abs(np.subtract(*both)).max()
explain(f"Tras cargar, las salidas difieren en {keras_saved:g} y las pérdidas, en {torch_saved:g}.")

# %% [markdown]
# ¿Por qué `weights_only=True`? PyTorch escribe sus archivos con **pickle**, el formato de Python para guardar objetos. Un archivo de
# pickle no contiene solo datos: contiene instrucciones para reconstruirlos, y entre ellas puede estar llamar a **cualquier función**.
#
# **Predice**: ¿qué hará la última línea de esta celda, que solo lee unos bytes?


# %%
class Trap:
    """Un objeto que, para reconstruirse, pide llamar a una función."""

    def __reduce__(self):
        return print, ("¡Este texto lo ha escrito el archivo al leerlo!",)


received = pickle.dumps(Trap())  # imagina que te lo has descargado
pickle.loads(received)

# %% [markdown]
# Aquí era `print`; podía ser borrar tus archivos. Con `weights_only=True` solo se admiten tensores y tipos sencillos.

# %%
torch.save({"pesos": Trap()}, folder / "trampa.pt")
try:
    torch.load(folder / "trampa.pt", weights_only=True)
    refused = False
except pickle.UnpicklingError as error:
    refused = True
    print("Rechazado:", str(error).split(".")[0])

# %% [markdown]
# Desde PyTorch 2.6 es lo que hace por omisión, pero muchos ejemplos escriben `weights_only=False` para que «funcione», o guardan el modelo
# entero. No lo hagas con un archivo ajeno. `load_model` de Keras se niega a cargar funciones escritas dentro del archivo
# (`safe_mode=True`); aun así, carga solo lo que venga de alguien de confianza.
#
# ## 9 · Lo que hemos comprobado

# %% tags=["nbval-check-output"]
verify(
    claim("NumPy, Keras y PyTorch dan la misma salida", output_gap, "<", 1e-5, kind="identidad"),
    claim("Sin batch_first, las secuencias se mezclan y la forma no lo delata",
          mixed * (shape_forgotten == shape_right), ">", 0.01),
    claim("Con solo el fallo de la forma, las predicciones se parecen mucho más entre sí",
          spreads["la forma"] / spreads["ninguno"], "<", 1 / 3),
    claim("NumPy y Keras aprenden igual", witness_gap, "<", 1e-6, kind="identidad"),
    claim("La pérdida de PyTorch se separa de la suya (mediana de veinte comienzos)", np.median(factors), ">", 1.5),
    claim("Ni el orden, ni la precisión, ni los pesos iniciales, ni la tasa lo explican",
          min(np.median(values) for values in shares.values()), ">", 0.99, kind="identidad"),
    claim("Con un sesgo congelado, PyTorch y Keras aprenden igual", frozen_gap, "<", 1e-6, kind="identidad"),
    claim("Con los dos a media tasa, también", halved_gap, "<", 1e-6, kind="identidad"),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("Con Adam, el segundo sesgo pesa cien veces más que todo lo demás",
          both_gap / one_gap, ">", 100),
    claim("Adam en NumPy, escrito como en cada biblioteca, aprende como ella", twin_gap, "<", 1e-6, kind="identidad"),
    claim("De lo que queda, copiar el valor del épsilon apenas quita nada (mediana de veinte comienzos)",
          np.median(left["copiar el valor"]), ">", 0.9),
    claim("Ponerlo además donde Keras quita más de la mitad (mediana de veinte comienzos)",
          np.median(left["y ponerlo en su lugar"]), "<", 0.5),
    claim("global_clipnorm hace lo mismo que clip_grad_norm_", clip_gap, "<", 1e-6, kind="identidad"),
    claim("clipnorm cambia la dirección del gradiente", turns["clipnorm"], ">", 5),
    claim("La matriz recurrente con que empieza PyTorch encoge", survives["PyTorch"], "<", 1e-3),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("En la temperatura del mar, la red queda a la par de la mejor referencia",
          network_error.mean() / min(error.mean() for error in sea_errors.values()), "in", (0.85, 1.3)),
    claim("La pérdida que da fit en la primera época es mayor que con los pesos quietos",
          inflated, ">", 1.3),
    claim("Con los pesos quietos, la validación va de media por encima", above, ">", 1.1),
    claim("En cuentos nuevos, la red mejora a los bigramas", -story_gaps["bigramas"].high, ">", 0.05),
    claim("Lo guardado y lo cargado dan lo mismo", max(keras_saved, torch_saved), "<", 1e-6, kind="identidad"),
    claim("Con weights_only, un archivo tramposo se rechaza", refused, "==", True, kind="identidad"),
)  # fmt: skip

# %% [markdown]
# **Qué no hemos demostrado**: que una biblioteca aprenda mejor que la otra, ni que una red de letras pierda siempre con una tabla: la
# nuestra es pequeña y ha leído poco rato. Tampoco que otra red, o esta con otra tasa, no mejore a las referencias de la temperatura: no
# hemos buscado su mejor ajuste.
#
# ## Resumen
#
# - La misma red, con los mismos pesos, da la misma salida en NumPy, Keras y PyTorch, salvo redondeo.
# - Entrenarla no da lo mismo: los **dos sesgos** de PyTorch reciben cada uno el gradiente, y su suma se mueve el doble.
# - Cuando dos programas «iguales» no coinciden, se descarta cada sospechoso con una medida, y un solo paso dice más que mil.
# - `global_clipnorm` es `clip_grad_norm_`; `clipnorm`, no. Adam y los pesos iniciales tampoco coinciden por omisión.
# - La pérdida de una época de Keras es una media mientras la red cambia: compárala con la validación solo si la mides con los pesos quietos.
# - Un modelo se juzga en datos que no ha visto y frente a la mejor referencia; ganarle no está garantizado.
# - Un archivo de pickle puede ejecutar código: `weights_only=True`.
#
# ## Errores frecuentes
#
# - Olvidar `batch_first=True`: la forma de la salida es la misma.
# - Olvidar `zero_grad`, o restar (n, 1) y (n,) en la pérdida.
# - Copiar la tasa de aprendizaje de un ejemplo de la otra biblioteca.
# - Comparar dos bibliotecas sin igualar los pesos iniciales.
# - Creer que `eval()` desactiva los gradientes, o que `inference_mode()` cambia el modo de las capas: hacen falta los dos.
# - Ajustar la tasa o las épocas mirando la prueba.
#
# ## Para saber más
#
# - D. P. Kingma y J. Ba (2015), *Adam: a method for stochastic optimization*, ICLR.
# - S. Chetlur y otros (2014), *cuDNN: efficient primitives for deep learning*, arXiv 1410.0759.
# - A. Paszke y otros (2019), *PyTorch: an imperative style, high-performance deep learning library*, NeurIPS 32.
#
# **Siguiente**: [16 · Secuencias de longitud variable](16_longitud_variable.ipynb), donde las frases de un lote
# dejan de medir lo mismo. Desde ahora, los pesos de una biblioteca a otra los lleva `course_utils.porting`, y el bucle de PyTorch está en `course_utils.training`.
