# %% [markdown]
# # 15 · Keras y PyTorch
#
# **Dos bibliotecas, la misma red, los mismos pesos, los mismos datos y el mismo algoritmo. ¿Aprenderán lo
# mismo?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a escribir la misma red en Keras y en PyTorch, y a llevar los pesos de una a la otra; a entrenarla en las dos; a averiguar con medidas por qué dos programas que parecen iguales no dan lo mismo; a juzgar un modelo con datos que no ha visto; a guardarlo y a cargarlo sin peligro |
# | **Antes de empezar** | [13 · Retropropagación a través del tiempo](13_bptt.ipynb); de Python, escribir una clase |
# | **Tiempo** | 80 minutos de lectura y ejercicios, en dos ratos si quieres: el primero, hasta la sección 5; medio minuto de ejecución |
# | **Herramientas** | Keras 3 sobre TensorFlow, PyTorch y NumPy |

# %% tags=["parameters"]
FAST = True  # False: entrenamientos más largos y más semillas en las secciones 5 y 7 (unos dos minutos)
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
from course_utils.datasets import load_elnino, load_stories
from course_utils.exercises import check, hint, progress, solution
from course_utils.lessons.lesson_15 import plot_gaps, plot_parting
from course_utils.metrics import mae, seasonal_persistence
from course_utils.plotting.training import plot_history
from course_utils.sequences import scaled_windows
from course_utils.training import History

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
keras_model = keras.Sequential(
    [
        keras.Input((None, 1)),  # (tiempo, entrada); None: cualquier número de pasos
        keras.layers.SimpleRNN(hidden_size),
        keras.layers.Dense(1),
    ]
)
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
        state |= {f"{name}.{key}": array for key, array in port_simple_rnn(three).items()}
    return {name: torch.tensor(np.array(array)) for name, array in state.items()}


def numpy_output(arrays, x):
    """La misma red con la función de la lección 12. x: (lote, tiempo, entrada)."""
    states = rnn_forward(x, RNNWeights(*arrays[:3])).states  # (lote, tiempo, oculto)
    return states[:, -1] @ arrays[3] + arrays[4]  # (lote, salida)


start = keras_model.get_weights()  # una copia, en NumPy

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

# %%
keras_model.compile(optimizer=keras.optimizers.SGD(learning_rate=rate), loss="mse")
fit_options = {"batch_size": len(count_x), "shuffle": False, "verbose": 0}
history = keras_model.fit(count_x, count_y, epochs=steps, **fit_options)
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
        loss = nn.functional.mse_loss(model(x), y)  # 2. ida
        loss.backward()  # 3. vuelta: deja en cada parámetro su gradiente
        optimizer.step()  # 4. mover los parámetros
        losses.append(loss.item())  # .item(): un número de Python
    return np.array(losses)


def sgd(model):
    """Descenso por gradiente para los parámetros de un modelo."""
    return torch.optim.SGD(model.parameters(), lr=rate)


count_data = torch.from_numpy(count_x), torch.from_numpy(count_y)
torch.manual_seed(SEED)
own_model = TorchRNN(1, hidden_size, 1)
own_losses = train_torch(own_model, *count_data, sgd(own_model), steps)
print(f"PyTorch: la pérdida baja de {own_losses[0]:.3f} a {own_losses[-1]:.4f}")

# %% [markdown]
# Las dos bajan. No se pueden comparar todavía, porque cada red ha empezado en sus propios pesos al azar. Lo haremos en la sección 5.
#
# ## 4 · Rómpelo y arréglalo
#
# Un bucle propio da libertad, también para equivocarse. Este tiene dos fallos que aparecen una y otra vez en los foros de
# PyTorch. No da ningún error. Los objetivos llegan con forma (lote,), como los daría `count_y[:, 0]`.


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
torch.manual_seed(SEED)
broken_model = TorchRNN(1, hidden_size, 1)
broken_train(broken_model, *flat_data, rate, 400)
broken_predictions = broken_model(flat_data[0]).detach().numpy()[:, 0]
print("objetivos:   ", count_y[:, 0])
print("predicciones:", broken_predictions.round(2))

# %% [markdown]
# Los objetivos van de menor a mayor y las predicciones son casi la misma. Dos preguntas para buscar: ¿qué forma tiene
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

# %%
torch.manual_seed(SEED)
mended_model = TorchRNN(1, hidden_size, 1)
mended_train(mended_model, *flat_data, rate, 400)
mended_predictions = mended_model(flat_data[0]).detach().numpy()[:, 0]
broken_spread, mended_spread = np.ptp(broken_predictions), np.ptp(mended_predictions)
explain(
    f"Los objetivos abarcan {np.ptp(count_y):.2f}. Las predicciones de la versión rota abarcan "
    f"{broken_spread:.2f}; las de la arreglada, {mended_spread:.2f}."
)

# %% [markdown]
# El primer fallo: `backward` **suma** el gradiente al que ya había, así que sin `zero_grad` cada paso arrastra todos los anteriores. El
# segundo: (7, 1) menos (7,) no es (7,), sino (7, 7), cada predicción contra cada objetivo. Lo mejor que puede hacer la red con
# esa pérdida es contestar siempre la media. Y como los gradientes se acumulan, se pasa de largo una y otra vez y ni siquiera se queda
# ahí.
#
# ## 5 · El misterio de las dos curvas
#
# Ahora en serio: la misma red, los mismos pesos iniciales, los mismos datos en el mismo orden, el mismo optimizador con la misma
# tasa. Llamamos como testigo a la red de NumPy, con la retropropagación de la lección 13.


# %%
def numpy_step(arrays, x, y, rate):
    """Un paso de descenso por gradiente. Devuelve los pesos nuevos y la pérdida de antes."""
    weights, w_y, b_y = RNNWeights(*arrays[:3]), *arrays[3:]
    run = rnn_forward(x, weights)
    last = run.states[:, -1]  # (lote, oculto)
    gap = last @ w_y + b_y - y  # (lote, salida)
    grad_output = 2 * gap / gap.size
    grad_states = np.zeros_like(run.states)
    grad_states[:, -1] = grad_output @ w_y.T  # la pérdida solo mira el último estado
    grads = [*rnn_backward(run, weights, grad_states).weights]
    grads += [last.T @ grad_output, grad_output.sum(axis=0)]
    return [w - rate * g for w, g in zip(arrays, grads, strict=True)], np.mean(gap**2)


def fresh_torch():
    """Una red de PyTorch con los pesos con que empezó la de Keras."""
    model = TorchRNN(1, hidden_size, 1)
    model.load_state_dict(torch_state(start, "rnn"))
    return model


# %% [markdown]
# **Predice**: ¿coincidirán las tres curvas? Si una se separa, ¿cuál?

# %%
arrays, numpy_losses = start, []
for _ in range(steps):
    arrays, loss = numpy_step(arrays, count_x, count_y, rate)
    numpy_losses.append(loss)
model = fresh_torch()
torch_losses = train_torch(model, *count_data, sgd(model), steps)

plot_parting(
    {"NumPy": np.array(numpy_losses), "Keras": keras_losses, "PyTorch": torch_losses},
    title="Mismo comienzo, mismos datos: una se separa",
)
plt.show()
witness_gap = np.abs(keras_losses - numpy_losses).max()
parting = np.abs(torch_losses - keras_losses).max()
factor = np.exp(np.abs(np.log(torch_losses / keras_losses)).max())
explain(
    f"NumPy y Keras difieren como mucho en {witness_gap:.0e}. PyTorch empieza igual, se separa en "
    f"el primer paso y llega a tener una pérdida {factor:.1f} veces mayor o menor."
)

# %% [markdown]
# Las salidas coincidían en seis cifras y el entrenamiento no coincide ni en la primera. Hagamos de detectives: cada sospechoso se
# descarta con una medida. El primero, el **orden de los datos**: barajamos los siete ejemplos (van en un lote, así que solo puede
# cambiar el redondeo). El segundo, la **precisión**: repetimos en `float64`. El tercero, los **pesos iniciales**: ya medimos las
# salidas.

# %%
shuffled = torch.from_numpy(rng.permutation(len(count_x)))
model = fresh_torch()
other_order = train_torch(model, *(part[shuffled] for part in count_data), sgd(model), steps)
model = fresh_torch().double()
precise = train_torch(model, *(part.double() for part in count_data), sgd(model), steps)

suspects = {
    "orden de los datos": np.abs(other_order - torch_losses).max(),
    "precisión": np.abs(precise - torch_losses).max(),
    "pesos iniciales": output_gap,
}
for name, effect in suspects.items():
    print(f"{name:20s} {effect:.0e}   (hay que explicar {parting:.2g})")

# %% [markdown]
# Los tres, inocentes. (Con un solo lote el orden no podía influir: la media no depende de él). Queda la **fórmula del optimizador**, y con ella los gradientes. Un solo paso basta para interrogarla: se
# entrena una vez desde los mismos pesos y se compara cuánto se ha movido cada parámetro.
#
# **Predice**: ¿qué parámetro se moverá distinto?


# %%
def in_keras_order(model):
    """Pesos de un TorchRNN como los da Keras, con uno solo de los sesgos recurrentes."""
    rnn, head = model.rnn, model.head
    parts = rnn.weight_ih_l0.T, rnn.weight_hh_l0.T, rnn.bias_ih_l0, head.weight.T, head.bias
    return [part.detach().numpy() for part in parts]


keras_model.set_weights(start)
keras_model.fit(count_x, count_y, epochs=1, **fit_options)
model = fresh_torch()
train_torch(model, *count_data, sgd(model), steps=1)
names = ("kernel", "recurrent_kernel", "bias", "kernel de salida", "bias de salida")
step_gaps = {}
for name, one, other in zip(names, keras_model.get_weights(), in_keras_order(model), strict=True):
    step_gaps[name] = np.abs(one - other).max()
    print(f"{name:20s} difieren en {step_gaps[name]:.0e}")
after_step = keras_model(count_x).numpy() - model(count_data[0]).detach().numpy()
after_gap = np.abs(after_step).max()
print(f"salida tras el paso: difieren en {after_gap:.2g}")

# %% [markdown]
# Los cinco se han movido lo mismo y, sin embargo, la salida ya no es la misma. Imposible… si fueran todos. Keras tiene cinco
# arrays; PyTorch, **seis**. Falta el que pusimos a cero y nadie volvió a mirar.

# %%
first_move = (model.rnn.bias_ih_l0 - torch.tensor(start[2])).detach().numpy()
second_move = model.rnn.bias_hh_l0.detach().numpy()  # empezó en cero
same_move = np.abs(first_move - second_move).max()
explain(
    f"El segundo sesgo ha pasado de cero a {np.abs(second_move).max():.2g}. Se ha movido lo mismo "
    f"que el primero: difieren en {same_move:.0e}."
)

# %% [markdown]
# Dentro de la tangente los dos se suman, así que la pérdida tiene la misma derivada respecto de los dos: $\sum_t \delta_t$, la de la
# lección 13. Cada uno baja $\eta \sum_t \delta_t$, y su suma, el doble. **El sesgo de PyTorch aprende el doble de rápido.** La función
# es la misma; el camino por el que se aprende, no.
#
# Si la explicación es buena, hay dos maneras de deshacer la diferencia: **congelar** el segundo sesgo, o dar a los dos la mitad de
# la tasa.

# %%
model = fresh_torch()
model.rnn.bias_hh_l0.requires_grad_(False)  # sin gradiente: no se mueve
frozen_losses = train_torch(model, *count_data, sgd(model), steps)

model = fresh_torch()
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
frozen_gap = np.abs(frozen_losses - keras_losses).max()
halved_gap = np.abs(halved_losses - keras_losses).max()

# %%
explain(
    f"Con los dos sesgos, la diferencia con Keras llega a {parting:.2g}. Con el segundo congelado no "
    f"pasa de {frozen_gap:.0e} en {steps} pasos; con los dos a media tasa, de {halved_gap:.0e}."
)

# %% [markdown]
# Caso cerrado. (Donde las dos curvas se cruzan, la diferencia cae un instante). Moverse el doble no es llegar antes: a veces es
# pasarse. Ninguna de las dos está mal, y ninguna es mejor por ello. Pero una tasa de
# aprendizaje copiada de un ejemplo de la otra biblioteca no es la misma tasa, y dos artículos que dicen «la misma red» pueden no
# haber entrenado lo mismo.
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
# ## 6 · Otras diferencias con las que se tropieza
#
# Hay más valores por omisión que no coinciden. Preguntémoslos a las propias bibliotecas.

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
# **Adam** (Kingma y Ba, 2015) es el optimizador más usado: da a cada parámetro su propio tamaño de paso, según lo grandes que
# vienen siendo sus gradientes. El épsilon es un número pequeño que evita dividir entre cero. (`LayerNorm` llegará en el módulo 2.)
#
# **Predice**: con Adam y el segundo sesgo congelado, ¿coincidirán las curvas? ¿Y si además PyTorch usa el épsilon de Keras?

# %%
adam_rate, adam_steps = 0.01, 20
keras_model.set_weights(start)
keras_model.compile(optimizer=keras.optimizers.Adam(learning_rate=adam_rate), loss="mse")
history = keras_model.fit(count_x, count_y, epochs=adam_steps, **fit_options)
adam_losses = np.array(history.history["loss"])


def adam_gap(eps, frozen):
    """Mayor diferencia de pérdida con Keras al entrenar con Adam."""
    model = fresh_torch()
    model.rnn.bias_hh_l0.requires_grad_(not frozen)
    optimizer = torch.optim.Adam(model.parameters(), lr=adam_rate, eps=eps)
    return np.abs(train_torch(model, *count_data, optimizer, adam_steps) - adam_losses).max()


adam_gaps = adam_gap(1e-8, frozen=False), adam_gap(1e-8, frozen=True), adam_gap(1e-7, frozen=True)
explain(
    f"Con los dos sesgos, las curvas se separan {adam_gaps[0]:.2g}. Con uno congelado, "
    f"{adam_gaps[1]:.0e}; y con el épsilon de Keras, {adam_gaps[2]:.0e}: no se va."
)

# %% [markdown]
# El sesgo vuelve a ser lo que más pesa. Lo que queda es pequeño y no se va copiando el épsilon, que no entra en el
# mismo lugar de las dos fórmulas.
#
# ### Dos recortes con nombres parecidos
#
# Recortar el gradiente (lección 14) es acortarlo cuando es demasiado largo. En Keras hay dos opciones que miran la norma,
# `clipnorm` y `global_clipnorm`, además de `clipvalue`, que recorta cada número; en PyTorch, una función, `clip_grad_norm_`, que se llama entre `backward` y `step`. Para verlos basta un paso de SGD
# con tasa uno: lo que mueve los pesos **es** el gradiente recortado.
#
# **Predice**: ¿cuál de las dos de Keras hará lo mismo que PyTorch?


# %%
def flat_move(arrays):
    """Lo que un paso ha restado a los pesos del comienzo, en un solo vector."""
    return np.concatenate([(a - b).ravel() for a, b in zip(start, arrays, strict=True)])


def keras_clipped(**clip):
    """El gradiente que Keras aplica con un recorte."""
    keras_model.set_weights(start)
    keras_model.compile(optimizer=keras.optimizers.SGD(learning_rate=1.0, **clip), loss="mse")
    keras_model.fit(count_x, count_y, epochs=1, **fit_options)
    return flat_move(keras_model.get_weights())


def torch_clipped(limit):
    """El gradiente que PyTorch aplica con un recorte."""
    model = fresh_torch()
    model.rnn.bias_hh_l0.requires_grad_(False)
    nn.functional.mse_loss(model(count_data[0]), count_data[1]).backward()
    nn.utils.clip_grad_norm_(model.parameters(), limit)
    torch.optim.SGD(model.parameters(), lr=1.0).step()
    return flat_move(in_keras_order(model))


# %%
limit, full = 0.05, torch_clipped(np.inf)
vectors = {
    "clipnorm": keras_clipped(clipnorm=limit),
    "global_clipnorm": keras_clipped(global_clipnorm=limit),
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
model, data = fresh_torch(), (torch.from_numpy(few_x), torch.from_numpy(few_y))


def keras_epoch():
    """Una época de cincuenta pasos."""
    keras_model.fit(many_x, many_y, batch_size=32, verbose=0)


# %%
keras_model.compile(optimizer=keras.optimizers.SGD(learning_rate=rate), loss="mse")
first_epoch = seconds(keras_epoch)  # la primera vez, además, prepara el cálculo
per_step = {
    "NumPy": seconds(lambda: [numpy_step(start, few_x, few_y, rate) for _ in range(200)]) / 200,
    "PyTorch": seconds(lambda: train_torch(model, *data, sgd(model), 50)) / 50,
    "Keras": seconds(keras_epoch) / 50,
}
preparing = first_epoch / per_step["Keras"] - 50  # en pasos, sin contar los que da
for name, value in per_step.items():
    print(f"{name:8s} {1000 * value:5.2f} ms por paso, {value / per_step['NumPy']:.1f} × NumPy")
explain(
    f"La primera época de Keras cuesta, además de sus cincuenta pasos, lo mismo que otros "
    f"{preparing:.0f}: antes de empezar prepara el cálculo."
)

# %% [markdown]
# Con una red tan pequeña, llamar a las operaciones puede costar más que hacerlas, y ahí NumPy tiene ventaja. Estos
# números no dicen nada de una red grande ni de una tarjeta gráfica.
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
train, validation, test, _, std = scaled_windows(load_elnino().values, width=24)
for name, (sea_x, sea_y) in {"entrenar": train, "validar": validation, "probar": test}.items():
    print(f"{name:8s} ventanas {sea_x.shape}, objetivos {sea_y.shape}")

# %% [markdown]
# Las referencias, en la prueba y en grados: la persistencia, la persistencia estacional y una regresión lineal.


# %%
def with_one(x):
    """Ventanas (n, 24) con una columna de unos, para el término independiente."""
    return np.column_stack([x, np.ones(len(x))])


coefficients = np.linalg.lstsq(with_one(train[0][..., 0]), train[1][:, 0], rcond=None)[0]  # (25,)
past, truth = test[0][..., 0], test[1][:, 0]
sea_errors = {
    "persistencia": std * mae(truth, past[:, -1]),
    "persistencia estacional": std * mae(truth, seasonal_persistence(past, period=12)),
    "lineal": std * mae(truth, with_one(past) @ coefficients),
}
for name, error in sea_errors.items():
    print(f"{name:24s} {error:.2f} °C")

# %% [markdown]
# `fit` acepta los datos de validación y mide con ellos al final de cada época. En `callbacks` van funciones que `fit` llama en
# ciertos momentos. La **parada temprana** (*early stopping*) detiene el entrenamiento cuando la validación deja de mejorar y se queda
# con los mejores pesos; la otra, nuestra, mide una cosa que veremos enseguida. Los datos de prueba no intervienen.


# %%
def train_sea_model(seed):
    """Entrena una red. Devuelve error en la prueba, historial y pérdida tras la primera época."""
    keras.utils.clear_session()  # suelta la memoria de las redes anteriores
    keras.utils.set_random_seed(seed)
    model = keras.models.clone_model(keras_model)  # la misma arquitectura, con pesos nuevos
    model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.01), loss="mse")
    measured = []

    def measure(epoch, logs):
        if epoch == 0:  # la pérdida en el entrenamiento, con los pesos quietos
            measured.append(np.mean((model(train[0]).numpy() - train[1]) ** 2))

    stop = keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)
    callbacks = [stop, keras.callbacks.LambdaCallback(on_epoch_end=measure)]
    options = {"epochs": 10 if FAST else 60, "callbacks": callbacks, "verbose": 0}
    history = model.fit(*train, validation_data=validation, **options)
    error = std * mae(test[1], model(test[0]).numpy())
    return error, History.from_keras(history), measured[0]


# %% [markdown]
# **Predice**: ¿ganará la red a la persistencia? ¿Y a la regresión lineal?

# %%
repeats = 3 if FAST else 5
sea_runs = [train_sea_model(1000 * SEED + k) for k in range(repeats)]
network_errors = np.array([error for error, _, _ in sea_runs])
plot_history(sea_runs[0][1], title="En validación va por debajo… al principio")
plt.show()
explain(
    f"En la prueba, la red se equivoca entre {network_errors.min():.2f} y "
    f"{network_errors.max():.2f} °C con {repeats} semillas; la persistencia, "
    f"{sea_errors['persistencia']:.2f}; la regresión lineal, {sea_errors['lineal']:.2f}."
)

# %% [markdown]
# Mejora con claridad a la persistencia, y con la regresión lineal queda a la par. La red no es mejor por ser una red.
#
# Mira el principio de la figura: la pérdida de validación es **menor** que la de entrenamiento. ¿Se entiende mejor lo que no se ha
# estudiado? No: la pérdida de una época que da Keras es la media de sus lotes **mientras la red cambia**, y los primeros los hizo una
# red peor. Se ve midiendo otra vez al acabar la época.

# %%
reported = np.array([history["loss"][0] for _, history, _ in sea_runs])
measured = np.array([after for _, _, after in sea_runs])
explain(
    f"Primera época: `fit` informa de {reported[0]:.3f}; con los mismos datos y los pesos ya "
    f"quietos, la pérdida es {measured[0]:.3f}."
)

# %% [markdown]
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
@torch.inference_mode()  # sin apuntar operaciones: más rápido y con menos memoria; y por lotes
def evaluate(model, part):
    """Pérdida en los primeros 500 tramos de uno de los tres conjuntos."""
    model.eval()  # en modo de usar
    batches = zip(*(piece[:500].split(50) for piece in story_parts[part]), strict=True)
    return np.mean([character_loss(model, x, y).item() for x, y in batches])


# %% [markdown]
# `train()` y `eval()` no entrenan ni evalúan: cambian el modo de las capas que se comportan distinto al aprender y al usarse, como las
# de la lección 24. Con estas capas no cambia nada; acostúmbrate a escribirlos.
#
# Las referencias son dos tablas de frecuencias: la de cada letra, y la de cada letra según la anterior (**bigramas**).


# %%
def bigram_loss(ids):
    """Pérdida de predecir según la letra anterior, con las frecuencias del entrenamiento."""
    counts = np.full((V, V), 0.1)  # nada es imposible
    np.add.at(counts, (story_ids[:-1], story_ids[1:]), 1)
    probabilities = counts / counts.sum(axis=1, keepdims=True)
    return -np.log(probabilities[ids[:-1], ids[1:]]).mean()


story_ids = ids["train"]
frequencies = np.bincount(story_ids, minlength=V) / len(story_ids)
character_references = {
    "repartir por igual": np.log(V),
    "frecuencia de cada letra": -np.log(frequencies[ids["test"]]).mean(),
    "bigramas": bigram_loss(ids["test"]),
}
for name, value in character_references.items():
    print(f"{name:26s} {value:.2f}")

# %% [markdown]
# **Predice**: ¿bajará la red de los bigramas en cuentos que no ha leído? ¿Habrá mucha distancia entre lo leído y lo nuevo?

# %%
models = [train_characters(1000 * SEED + k) for k in range(3 if FAST else 5)]
losses = {part: np.array([evaluate(model, part) for model in models]) for part in parts}
explain(
    f"En la prueba, la pérdida queda entre {losses['test'].min():.2f} y {losses['test'].max():.2f} "
    f"con {len(models)} semillas; la de los bigramas es {character_references['bigramas']:.2f}. En el "
    f"entrenamiento es {losses['train'].mean():.2f} de media; en la validación, "
    f"{losses['validation'].mean():.2f}; en la prueba, {losses['test'].mean():.2f}."
)

# %% [markdown]
# Esta red sí ha aprendido algo que vale fuera de lo que leyó: usa más de una letra de memoria, y lo nuevo le cuesta casi lo mismo que
# lo leído. Si quieres probar otra tasa o más épocas, decide con la validación: la prueba se mira una vez.
#
# ## 8 · Guardar y cargar sin peligro
#
# `model.save` de Keras guarda en un archivo `.keras` la arquitectura, los pesos y el estado del optimizador. En PyTorch se guarda el
# **diccionario de pesos** (`state_dict`); para cargarlo hace falta la clase.

# %%
temporary = tempfile.TemporaryDirectory()  # se borra al cerrar el cuaderno
folder = Path(temporary.name)
keras_model.save(folder / "modelo.keras")
loaded_keras = keras.saving.load_model(folder / "modelo.keras")

torch.save(models[0].state_dict(), folder / "pesos.pt")
loaded_torch = CharacterRNN(64)
loaded_torch.load_state_dict(torch.load(folder / "pesos.pt", weights_only=True))

keras_saved = np.abs(loaded_keras(count_x).numpy() - keras_model(count_x).numpy()).max()
torch_saved = abs(evaluate(loaded_torch, "validation") - evaluate(models[0], "validation"))
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
    claim("Un modelo traducido da la misma salida", translation_gap, "<", 1e-5, kind="identidad"),
    claim("Sin batch_first, las secuencias se mezclan y la forma no lo delata",
          mixed * (shape_forgotten == shape_right), ">", 0.01),
    claim("Con batch_first, no se mezclan", separate, "==", 0, kind="identidad"),
    claim("El bucle con dos fallos contesta casi lo mismo a todo", broken_spread, "<", 0.15),
    claim("Arreglado, distingue los casos", mended_spread, ">", 0.35),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("NumPy y Keras aprenden igual", witness_gap, "<", 1e-6, kind="identidad"),
    claim("La pérdida de PyTorch llega a separarse de la de Keras más de un 10 %", factor, ">", 1.1),
    claim("Ni el orden, ni la precisión, ni los pesos iniciales lo explican",
          max(suspects.values()) / parting, "<", 1e-3),
    claim("Tras un paso, los cinco parámetros comunes coinciden", max(step_gaps.values()), "<", 1e-5, kind="identidad"),
    claim("Y la salida no", after_gap, ">", 1e-2),
    claim("Los dos sesgos se mueven lo mismo", same_move, "<", 1e-6, kind="identidad"),
    claim("Con un sesgo congelado, PyTorch y Keras aprenden igual", frozen_gap, "<", 1e-6, kind="identidad"),
    claim("Con los dos a media tasa, también", halved_gap, "<", 1e-6, kind="identidad"),
    claim("PyTorch tiene un parámetro más por unidad",
          counted - keras_model.count_params(), "==", hidden_size, kind="identidad"),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("Con Adam, el segundo sesgo pesa mil veces más que lo demás",
          adam_gaps[0] / adam_gaps[1], ">", 1000),
    claim("Igualar el épsilon no quita la diferencia que queda", adam_gaps[2] / adam_gaps[1], ">", 0.7),
    claim("global_clipnorm hace lo mismo que clip_grad_norm_", clip_gap, "<", 1e-6, kind="identidad"),
    claim("clipnorm cambia la dirección del gradiente", turns["clipnorm"], ">", 5),
    claim("La matriz recurrente con que empieza Keras no encoge", survives["Keras"], "in", (0.99, 1.01), kind="identidad"),
    claim("La de PyTorch sí encoge", survives["PyTorch"], "<", 1e-3),
    claim("La primera llamada a fit cuesta como muchos pasos",
          preparing, ">", 10),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("En la temperatura del mar, la red mejora a la persistencia",
          network_errors.max() / sea_errors["persistencia"], "<", 0.65),
    claim("Y queda a la par de la regresión lineal",
          network_errors.mean() / sea_errors["lineal"], "in", (0.8, 1.3)),
    claim("En la primera época, la pérdida de validación va por debajo",
          min(history["loss"][0] / history["val_loss"][0] for _, history, _ in sea_runs), ">", 1.1),
    claim("La pérdida de la primera época es mayor que la medida al acabarla",
          (reported / measured).min(), ">", 1.3),
    claim("En cuentos nuevos, la red mejora a los bigramas",
          character_references["bigramas"] - losses["test"].max(), ">", 0.1),
    claim("Lo nuevo le cuesta casi lo mismo que lo leído",
          (losses["test"] - losses["train"]).max(), "<", 0.1),
    claim("Lo guardado y lo cargado dan lo mismo", max(keras_saved, torch_saved), "<", 1e-6, kind="identidad"),
    claim("Con weights_only, un archivo tramposo se rechaza", refused, "==", True, kind="identidad"),
)  # fmt: skip

# %% [markdown]
# ## Resumen
#
# - La misma red, con los mismos pesos, da la misma salida en NumPy, Keras y PyTorch, salvo redondeo.
# - Entrenarla no da lo mismo: los **dos sesgos** de PyTorch reciben cada uno el gradiente, y su suma se mueve el doble.
# - Cuando dos programas «iguales» no coinciden, se descarta cada sospechoso con una medida, y un solo paso dice más que mil.
# - `global_clipnorm` es `clip_grad_norm_`; `clipnorm`, no. Adam y los pesos iniciales tampoco coinciden por omisión.
# - La pérdida de una época de Keras es una media mientras la red cambia.
# - Un modelo se juzga en datos que no ha visto y frente a una referencia; ganarle no está garantizado.
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
