# %% [markdown]
# # 55 · Escalar
#
# **Dos ordenadores que entrenan como uno, una noche de experimentos en ordenadores que se apagan sin avisar, y una pregunta: ¿pedimos
# mil máquinas?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a repartir un entrenamiento entre procesos de modo que salga lo mismo que con uno, y a demostrarlo; a encontrar los dos fallos que no dan ningún error; a medir en qué se va el tiempo; a parar con un proceso y seguir con dos; a repartir una rejilla de experimentos sin perder ni repetir un resultado; a calcular si mil máquinas te servirían de algo |
# | **Antes de empezar** | [16 · Longitud variable](16_longitud_variable.ipynb) y [33 · Generación](33_generacion.ipynb) |
# | **Tiempo** | dos horas y media, en tres ratos: el primero acaba con la sección 3 y el segundo, con la 5; menos de dos minutos de ejecución |
# | **Herramientas** | PyTorch y, para el tercer rato, Dask |

# %% tags=["parameters"]
FAST = True  # False: más actualizaciones y una rejilla mayor
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED, frameworks=("torch",))

# %%
import contextlib
import hashlib
import inspect
import json
import operator
import os
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import distributed, nn

# %%
from course_utils.claims import claim, explain, verify
from course_utils.comparison import paired
from course_utils.datasets import load_result
from course_utils.environment import available_cores, home_dir
from course_utils.exercises import check, hint, progress, solution

# %%
from course_utils.lessons.lesson_55 import (
    BATCH,
    LONGEST,
    bits_per_character,
    build_model,
    joint_batches,
    kill_in_the_middle,
    load_paragraphs,
    note,
    plot_deviations,
    plot_efficiency,
    plot_shifts,
    plot_step_parts,
    plot_two_processes,
    read_diary,
    read_shifts,
    step_losses,
)

# %%
from course_utils.requirements import install_command
from course_utils.scaling import (
    checkpoint_interval,
    expected_slowest,
    has_dask,
    hours_between_failures,
    local_cluster,
    lost_to_failures,
    ring_seconds,
    torchrun,
)

# %% [markdown]
# ## El encargo
#
# Elena lleva el aula de informática de un instituto y está reuniendo cuentos de la comarca. Quiere un modelo que los siga escribiendo,
# como el de la lección 33. Tiene seis ordenadores libres por la noche, y el conserje apaga alguno sin avisar. Nos pide tres cosas:
#
# 1. **Que dos ordenadores entrenen el mismo modelo**, y que salga lo mismo que con uno. No «parecido»: lo mismo.
# 2. **Que una rejilla de experimentos aguante toda la noche**: que no se pierda ningún resultado ni aparezca ninguno dos veces, aunque se
#    apague un ordenador a medias.
# 3. **Un informe de una página**: una empresa le ofrece mil máquinas. ¿Las pide?
#
# Hay cuatro **hitos** que se comprueban solos y, al final, una rúbrica para que juzgues tu trabajo. Los procesos que lanzarás están
# todos en este ordenador; las órdenes son las mismas con varios, y al final se dice qué cambia. Cada lanzamiento acaba siempre: si algo se
# cuelga, si interrumpes la celda o si cierras el cuaderno, sus procesos terminan con él.
#
# **Primer rato.** Si reinicias el kernel a medias, ejecuta desde el principio: todo el cuaderno son menos de dos minutos.
#
# ## 1 · Los datos y la red
#
# Los ejemplos son **párrafos** de los cuentos del curso, y no cuentos enteros, porque sus longitudes son muy distintas: ahí estará la
# trampa. Para que todo quepa en un rato, se cortan los muy largos. `paragraphs.take(filas)` da unos cuantos: lo que lee la red (`given`), lo
# que debe decir (`targets`) y sus longitudes. La red es la de la lección 33, pequeña.

# %%
paragraphs, symbols = load_paragraphs()
lengths = paragraphs.lengths.numpy()
network = build_model(symbols, packed=False, seed=SEED)
size = sum(part.numel() for part in network.parameters())
low, middle = np.percentile(lengths, (10, 50))
explain(
    f"{len(lengths)} párrafos. Uno de cada diez no pasa de {low:.0f} pasos y la mitad, de {middle:.0f}; el "
    f"{100 * np.mean(lengths > LONGEST):.0f} % se ha quedado en {lengths.max()}: {LONGEST} caracteres y el final. La red tiene {size} parámetros: su gradiente ocupa {4 * size / 1e3:.0f} kB en precisión simple."
)

# %% [markdown]
# ## 2 · Dos procesos que entrenan como uno
#
# La idea se llama **paralelismo de datos** (*data parallelism*). Cada proceso tiene una copia de la red, con los mismos pesos, y se lleva
# una parte de las filas del lote. Cada uno calcula su gradiente; se **juntan** todos; y con el mismo gradiente y los mismos pesos, todos
# dan el mismo paso y vuelven a estar iguales. Los pesos no viajan nunca. El lote que se reparte es el **lote conjunto** (*global batch*).

# %%
plot_two_processes(title="Cada uno calcula con lo suyo; lo que se junta es el gradiente")
plt.show()
explain(
    "El lote conjunto se reparte entre dos procesos, cada uno con su red y su gradiente. Un all-reduce los junta, y los dos dan el mismo paso."
)

# %% [markdown]
# Juntar se hace con una **reducción entre todos** (*all-reduce*): cada proceso pone un tensor y recibe la suma de los de todos. En PyTorch es
# `distributed.all_reduce`, y quien lleva los mensajes entre procesos sin GPU se llama **gloo**. Falta quien los lance: `torchrun` arranca
# varias veces el mismo programa y dice a cada copia qué número es, su **rango** (*rank*), y cuántas son (*world size*).
#
# En el cuaderno lo usamos con `torchrun(función, procesos)`, de `course_utils.scaling`, que manda la función a otros procesos, espera y recoge lo que
# devuelve cada uno. **Predice**: hay dos procesos, 0 y 1, y cada uno pone su número más uno. ¿Qué recibe cada uno?


# %%
def say_hello(rank, world):
    """Lo que ejecuta cada proceso."""
    value = torch.tensor([rank + 1.0])
    distributed.all_reduce(value)  # la suma de los de todos, en el mismo tensor
    return {"rango": rank, "de": world, "suma": value.numpy(), "proceso": os.getpid()}


hello = torchrun(say_hello, 2)
for result in hello.ranks:
    print({name: value.item() for name, value in result.items() if name != "proceso"})
explain(
    f"Son {len({int(result['proceso']) for result in hello.ranks} | {os.getpid()})} procesos distintos, contado este. Arrancar, cargar PyTorch y "
    f"acabar ha costado {hello.processor:.1f} segundos de procesador entre los dos. Con `torchrun` y el cuaderno, ocupan "
    f"{hello.memory.proportional_mb:.0f} MB: sumando lo que dice cada uno saldrían {hello.memory.resident_mb:.0f}, porque lo que comparten "
    "se contaría varias veces."
)

# %% [markdown]
# Esa memoria que reparte lo compartido entre quienes lo usan se llama **tamaño proporcional** (*proportional set size*, PSS). Es la que
# hay que mirar antes de decir que no cabe otro proceso.
#
# ### Hito 55.1 ★ · Quién se lleva qué
#
# Los lotes de una vuelta tienen que ser los mismos con uno, dos o siete procesos: si no, no será el mismo entrenamiento. El orden es
# `np.random.default_rng(seed).permutation(count)`; el primer lote conjunto son las `batch` primeras de ese orden, el segundo, las
# siguientes, y así; el último puede quedar corto. De cada lote, cada proceso se lleva una parte, y los tamaños de las partes difieren, como
# mucho, en una fila. `seed` puede ser un entero o una tupla. Devuelve las filas de **este** proceso en cada lote: una lista de arrays.
# Si a un proceso no le toca ninguna, la suya es un array vacío.


# %% tags=["exercise"]
def rank_batches(count, batch, rank, world, seed):
    """Las filas de este proceso en cada lote de la vuelta: lista de (filas,)."""
    ### BEGIN SOLUTION
    order = np.random.default_rng(seed).permutation(count)
    joint = [order[place : place + batch] for place in range(0, count, batch)]
    return [rows[rank::world] for rows in joint]
    ### END SOLUTION


# %% tags=["check"]
rank_batches = check("55.1", rank_batches)

# %%
count = len(lengths)
first_batches = {
    world: [rank_batches(count, BATCH, rank, world, SEED)[0] for rank in range(world)]
    for world in (1, 2, 3)
}
for world, shares in first_batches.items():
    steps = [int(lengths[rows].sum()) for rows in shares]
    print(world, "proceso(s): filas", [len(rows) for rows in shares], "· pasos reales", steps)

# %% [markdown]
# Las filas se reparten justo. Los **pasos** no: unos párrafos son más largos que otros.
#
# ### Hito 55.2 ★★ · Qué pérdida
#
# Lo que se juntan son gradientes, y lo habitual es **promediarlos**: se suman y se dividen entre los procesos. Así lo hace
# `DistributedDataParallel` (DDP), la clase de PyTorch para esto. Queremos que ese promedio sea el gradiente de la pérdida media, por paso
# real, **del lote conjunto**. ¿Qué pérdida tiene que calcular cada proceso?
#
# Recibes las pérdidas de sus pasos (filas, pasos), que valen cero en el relleno; las longitudes de sus filas; una función `total(valor)` que
# suma un número entre todos los procesos, sin gradiente; y cuántos procesos son. Un proceso puede no tener filas: entonces sus pérdidas son
# un tensor vacío. Todos deben llamar a `total` las mismas veces.


# %% tags=["exercise"]
def rank_loss(losses, lengths, total, world):
    """La pérdida de este proceso. losses: (filas, pasos); lengths: (filas,)."""
    ### BEGIN SOLUTION
    everyone = total(lengths.sum())  # los pasos reales de todos
    return losses.sum() * world / everyone
    ### END SOLUTION


# %% tags=["check"]
rank_loss = check("55.2", rank_loss)

# %% [markdown]
# ### Hito 55.3 ★★ · Un solo viaje
#
# Ahora el promedio. La red tiene varios parámetros: la incrustación, cuatro de la GRU y dos de la salida. Un all-reduce por
# cada uno funciona, pero cada viaje tiene un precio fijo, por poco que lleve. Hazlo con **uno**: `all_reduce(tensor)` suma en el sitio, como
# `distributed.all_reduce`. Al acabar, el `grad` de cada parámetro es la media. Un parámetro congelado no tiene gradiente (`None`); los
# demás sí lo tienen, y en todos los procesos están en el mismo orden.


# %% tags=["exercise"]
def average_gradients(model, all_reduce, world):
    """Deja en cada parámetro la media de los gradientes de todos los procesos."""
    ### BEGIN SOLUTION
    gradients = [part.grad for part in model.parameters() if part.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    all_reduce(flat)
    flat /= world
    for gradient, piece in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(piece.view_as(gradient))
    ### END SOLUTION


# %% tags=["check"]
average_gradients = check("55.3", average_gradients)

# %% [markdown]
# Las tres piezas, juntas. La prueba es exigente a propósito: con números de doble precisión, el gradiente que quede en **cada** proceso
# tiene que ser el que da un solo proceso con el lote entero, hasta la sexta cifra. Con secuencias rellenadas, con secuencias
# **empaquetadas** (lección 16), y también con DDP, que hace por dentro lo del hito 55.3.


# %%
def total(value):
    """La suma de un número entre todos los procesos."""
    value = torch.as_tensor(value).detach().clone()
    distributed.all_reduce(value)
    return value


def flat_gradient(model):
    """Todos los gradientes de una red, en un array: (parámetros,)."""
    return nn.utils.parameters_to_vector([part.grad for part in model.parameters()]).numpy()


def first_rows(rank, world):
    """Las filas de un proceso en el primer lote."""
    return rank_batches(count, BATCH, rank, world, SEED)[0]


# %%
def gradient_here(rank, world, *, packed=False, rows_of=first_rows, loss_of=rank_loss):
    """El gradiente que queda en este proceso, repartido a mano."""
    model = build_model(symbols, packed=packed, seed=SEED).double()
    own = load_paragraphs()[0].take(rows_of(rank, world))
    losses = step_losses(model(own.given, own.lengths), own.targets)
    loss_of(losses, own.lengths, total, world).backward()
    average_gradients(model, distributed.all_reduce, world)
    return flat_gradient(model)


def gradient_ddp(rank, world):
    """El mismo, con la clase de PyTorch: `backward` hace los viajes."""
    model = nn.parallel.DistributedDataParallel(
        build_model(symbols, packed=False, seed=SEED).double()
    )
    own = load_paragraphs()[0].take(first_rows(rank, world))
    losses = step_losses(model(own.given, own.lengths), own.targets)
    rank_loss(losses, own.lengths, total, world).backward()
    return flat_gradient(model.module)


# %% [markdown]
# ## 3 · Rómpelo y arréglalo
#
# En el mismo lanzamiento van tres maneras de hacerlo **mal**. Ninguna da un error: la pérdida baja, los pesos son iguales en todos los
# procesos y el programa acaba bien.
#
# - **Media de medias**: cada proceso hace la media de lo suyo, `losses.sum() / lengths.sum()`, y DDP promedia sin saber cuántos pasos traía
#   cada uno. Así lo hacía la biblioteca Transformers cuando se avisó en octubre de 2024 (referencias, al final).
# - **Media de medias, por longitud**: lo mismo, cuando el lote se ordenó por longitud para rellenar menos (lección 16) y cada proceso se lleva
#   un tramo.
# - **Las mismas filas**: cada proceso sortea las suyas, pero todos con la misma semilla.
#
# **Predice**: ¿cuál se apartará más del gradiente de un solo proceso?


# %%
def mean_of_means(losses, lengths, total, world):
    return losses.sum() / lengths.sum()


def by_length(rank, world):
    joint = rank_batches(count, BATCH, 0, 1, SEED)[0]
    ordered = joint[np.argsort(lengths[joint], kind="stable")]
    return np.array_split(ordered, world)[rank]


def same_rows(rank, world):
    return first_rows(0, world)  # la semilla no sabe quién es quién


def all_ways(rank, world):
    """Todas las maneras, en un solo lanzamiento."""
    return {
        "a mano, con relleno": gradient_here(rank, world),
        "a mano, empaquetadas": gradient_here(rank, world, packed=True),
        "DistributedDataParallel": gradient_ddp(rank, world),
        "media de medias": gradient_here(rank, world, loss_of=mean_of_means),
        "… por longitud": gradient_here(rank, world, rows_of=by_length, loss_of=mean_of_means),
        "las mismas filas": gradient_here(rank, world, rows_of=same_rows),
    }


# %%
def gradient_of(rows):
    """El gradiente de unas filas en este proceso, sin repartir nada: (parámetros,)."""
    model = build_model(symbols, packed=False, seed=SEED).double()
    own = paragraphs.take(rows)
    losses = step_losses(model(own.given, own.lengths), own.targets)
    (losses.sum() / own.lengths.sum()).backward()
    return flat_gradient(model)


joint_gradient = gradient_of(rank_batches(count, BATCH, 0, 1, SEED)[0])
ways = torchrun(all_ways, 2)
scale = np.linalg.norm(joint_gradient)
deviations = {
    name: max(np.linalg.norm(result[name] - joint_gradient) / scale for result in ways.ranks)
    for name in ways.ranks[0]
}

# %%
right = list(deviations)[:3]
plot_deviations(
    deviations,
    title=f"Bien hechos, coinciden; por longitud, un {100 * deviations['… por longitud']:.0f} % fuera",
)
plt.show()
explain(
    f"Las tres maneras correctas se apartan, como mucho, {max(deviations[name] for name in right):.0e} del gradiente de un solo proceso. "
    + "; ".join(
        f"«{name}», {100 * value:.1f} %" for name, value in deviations.items() if name not in right
    )
    + ". El eje es logarítmico."
)

# %% [markdown]
# El síntoma de las dos primeras es que **el resultado depende de cuántos procesos haya**, y de cómo caigan las filas. La causa: en la media de
# cada proceso, un paso pesa uno entre los pasos de **ese** proceso. Quien tiene párrafos cortos tiene pocos pasos, y cada uno pesa de más.
# Al azar, cada vez le toca a uno distinto; por longitud, siempre ganan los párrafos cortos. La cura es la del hito 55.2: dividir entre los
# pasos de todos.
#
# ¿Cambia lo que se aprende? **Predice** antes de mirar. Lo mide una tabla registrada, `escalar_medias`: la misma red, las mismas semillas,
# los mismos lotes y las mismas actualizaciones; solo cambia cuánto pesa cada paso, como si hubiera dos procesos. Se mira en validación: en
# todos los párrafos y, aparte, en la mitad corta y en la larga. Como son seis comparaciones, cada intervalo es más ancho de lo habitual: así,
# de cada veinte veces que no hubiera nada, en una, como mucho, alguno de los seis diría que sí (es la corrección de Bonferroni).

# %%
rules = load_result("escalar_medias")


def rule_bits(rule, column):
    """Una medida de todas las semillas, en su orden."""
    chosen = rules["rule"] == rule
    return rules[column][chosen][np.argsort(rules["seed"][chosen])]


gaps = {
    (rule, name): paired(
        rule_bits(rule, column), rule_bits("pasos del lote", column), level=1 - 0.05 / 6
    )
    for rule in ("media de medias", "media de medias, por longitud")
    for column, name in (("bits", "todos"), ("short_bits", "cortos"), ("long_bits", "largos"))
}
for (rule, name), gap in gaps.items():
    print(f"{rule} · {name}: {gap.verdict('bits por carácter', decimals=4)}")

# %% [markdown]
# Menos bits es mejor. La avería por longitud **cambia lo que se aprende, y la nota media no lo enseña**: la red predice mejor los párrafos cortos y
# peor los largos, y en el conjunto no se distingue de la buena. Quien solo mire la media dirá que no pasa nada. Repartiendo al azar, con estas
# actualizaciones, no se ve diferencia en ningún grupo. Pero Elena pidió **lo mismo** con dos ordenadores que con uno, y eso se comprueba en
# el gradiente, no en la nota.
#
# La tercera avería es otra cosa. Si los dos procesos ven las mismas filas, el gradiente que queda es, exactamente, el de medio lote: se paga
# el doble para no aprender más. ¿Qué se pierde? El gradiente de un lote es una estimación del de todos los datos, y con menos filas
# **distintas** el error de la estimación es mayor.

# %%
half = gradient_of(first_rows(0, 2))
duplicated = np.linalg.norm(ways.ranks[0]["las mismas filas"] - half) / np.linalg.norm(half)
halves = [gradient_of(rows) for rows in joint_batches(count, (SEED, 1), BATCH // 2)[:24]]
halves = np.stack(halves)  # (24, parámetros): medios lotes sin filas comunes
wholes = halves.reshape(12, 2, -1).mean(axis=1)  # (12, parámetros): de dos en dos, lotes enteros
noise_ratio = halves.var(axis=0, ddof=1).sum() / wholes.var(axis=0, ddof=1).sum()
explain(
    f"Con las mismas filas, el gradiente es el de medio lote (diferencia relativa, {duplicated:.0g}). La varianza de esa estimación es "
    f"{noise_ratio:.1f} veces la de un lote con todas las filas distintas; con filas independientes, la teoría dice 2."
)

# %% [markdown]
# Se encuentra así: que cada proceso imprima los índices de sus primeras filas, o que se junten y se cuenten. En PyTorch, el reparto lo hace
# `DistributedSampler`; su avería clásica es olvidar `set_epoch`, y entonces todas las vueltas tienen el mismo orden.
#
# **Aquí acaba el primer rato.** Tienes las tres piezas y sabes demostrar que funcionan.
#
# ## 4 · Parar con uno y seguir con dos
#
# **Segundo rato.** Si vuelves otro día, ejecuta las celdas de arriba; los lanzamientos tardan unos segundos.
#
# Elena empieza en su portátil, con un proceso, y quiere seguir por la noche con dos. Un punto de control tiene que guardar todo lo que decide lo que viene
# después: los pesos, el estado del optimizador (Adam guarda dos números por parámetro) y por dónde iban los datos. Lo último es gratis: el
# lote de la actualización *k* sale de la semilla y de *k*, sin importar cuántos procesos haya. Para eso era el hito 55.1.

# %%
MIDDLE, LAST = (6, 12) if FAST else (40, 80)
WORK = home_dir() / "proyecto_55" / f"semilla_{SEED}"
WORK.mkdir(parents=True, exist_ok=True)


def save(path, model, optimizer):
    """Escribe a un lado y cambia de nombre: si se corta, queda el anterior entero."""
    part = path.with_suffix(".part")
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, part)
    os.replace(part, path)


def resume(path, model, optimizer):
    """Deja la red y el optimizador como se guardaron."""
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])


# %%
def update(model, optimizer, own, world):
    """Una actualización; devuelve lo que ha tardado, de reloj y de procesador."""
    distributed.barrier()  # todos empiezan a la vez, para medir
    start, busy = time.perf_counter(), time.process_time()
    optimizer.zero_grad()
    losses = step_losses(model(own.given, own.lengths), own.targets)
    rank_loss(losses, own.lengths, total, world).backward()
    average_gradients(model, distributed.all_reduce, world)
    optimizer.step()
    return time.perf_counter() - start, time.process_time() - busy


# %%
def train_together(rank, world, first, last, folder):
    """De la actualización `first` a la `last`; el proceso 0 guarda en la mitad y todos cargan de ahí."""
    data, symbols = load_paragraphs()
    model = build_model(symbols, packed=False, seed=SEED).double()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    middle, costs, saving = Path(folder) / "mitad.pt", [], 0.0
    if first:
        resume(middle, model, optimizer)
    for step in range(first, last):
        epoch, place = divmod(step, -(-len(data.lengths) // BATCH))  # entre los lotes de la vuelta
        rows = rank_batches(len(data.lengths), BATCH, rank, world, (SEED, epoch))[place]
        costs.append(update(model, optimizer, data.take(rows), world))
        if rank == 0 and step + 1 == MIDDLE:
            start = time.perf_counter()
            save(middle, model, optimizer)
            saving = time.perf_counter() - start
    weights = nn.utils.parameters_to_vector(model.parameters()).detach().numpy()
    return {"weights": weights, "costs": np.array(costs), "saving": saving}


# %% [markdown]
# Arrancar procesos no es gratis: lo ha dicho la sección 2. Ya que estarán en marcha, en el mismo lanzamiento mediremos, para la sección 5, cuánto
# tarda un all-reduce según lo que lleve.


# %%
def time_trips(rank, world, shapes, sizes):
    """Segundos de reloj de un all-reduce de cada tamaño y de los gradientes, juntos o por separado."""

    def least_of(tensors):  # lo menos de 15 veces: lo demás estorba, nunca ayuda
        spent = []
        for _ in range(15):
            distributed.barrier()
            start = time.perf_counter()
            for tensor in tensors:
                distributed.all_reduce(tensor)
            spent.append(time.perf_counter() - start)
        return min(spent)

    by_size = [least_of([torch.zeros(numbers)]) for numbers in sizes]
    apart = [torch.zeros(numbers) for numbers in shapes]
    return {"by_size": by_size, "apart": least_of(apart), "joint": least_of([torch.cat(apart)])}


# %%
def go_on(rank, world, training, trips):
    """Lo que falta del entrenamiento y, después, los viajes."""
    return {**train_together(rank, world, **training), **time_trips(rank, world, **trips)}


# %%
sizes = (1, 1_000, 100_000, 3_000_000)
shapes = [part.numel() for part in network.parameters()]
alone = torchrun(train_together, 1, arguments={"first": 0, "last": LAST, "folder": str(WORK)})
rest = {"first": MIDDLE, "last": LAST, "folder": str(WORK)}
pair = torchrun(go_on, 2, arguments={"training": rest, "trips": {"shapes": shapes, "sizes": sizes}})
reached = alone.ranks[0]["weights"]
resumed_gap = max(np.abs(result["weights"] - reached).max() for result in pair.ranks)
ranks_gap = np.abs(pair.ranks[0]["weights"] - pair.ranks[1]["weights"]).max()
explain(
    f"Un proceso ha dado {LAST} actualizaciones y ha guardado en la {MIDDLE}. Dos han seguido desde ahí hasta la {LAST}: sus pesos se "
    f"diferencian de los del que no paró en {resumed_gap:.0g}, como mucho, y entre ellos, en {ranks_gap:.0g}."
)

# %% [markdown]
# Dos precauciones que no se ven hasta que fallan. Guarda **uno** solo: dos procesos escribiendo el mismo archivo lo estropean. Y con varias
# máquinas, la carpeta tiene que verse desde todas, o el proceso 0 tiene que mandar los pesos a los demás (`distributed.broadcast`).
#
# ## 5 · ¿Y es el doble de rápido?
#
# **Predice**: de un proceso a dos, ¿qué parte del tiempo se ahorrará? ¿Quién tendrá la culpa de que no sea la mitad?
#
# Primero, lo que se midió en el último lanzamiento: cuánto cuesta un viaje según lo que lleve, y el precio de hacer uno por parámetro.

# %%
trips = pair.ranks[0]
for numbers, seconds in zip(sizes, trips["by_size"], strict=True):
    print(f"{numbers:9,d} número(s): {1e3 * seconds:8.2f} ms de reloj".replace(",", " "))
explain(
    f"Un viaje con mil números cuesta {trips['by_size'][1] / trips['by_size'][0]:.1f} veces lo que con uno, y lleva mil veces más. Los "
    f"{size} del gradiente, en un viaje, {trips['joint'] / trips['by_size'][0]:.1f} veces; en {len(shapes)} viajes, "
    f"{trips['apart'] / trips['joint']:.1f} veces lo que en uno. Son tiempos de reloj, en este ordenador y ahora."
)

# %% [markdown]
# El precio fijo de un viaje es su **latencia** (*latency*), y lo que puede llevar por segundo, el **ancho de banda** (*bandwidth*).
#
# Y ahora, una actualización entera, sin el paso de Adam, que es igual para todos. Se parte en tres: hacer la cuenta, esperar al proceso más lento
# y sumar. La tabla registrada `escalar` se midió en una máquina virtual de dos núcleos, que comparte su ordenador con otras, y no se sabe qué hacían:
# por eso se repite, y por eso se dan los extremos. Cada repetición lleva su **control**: un solo proceso con la mitad o la cuarta parte de las
# filas, que es lo que tardaría cada uno si ser varios no costara nada.

# %%
table = load_result("escalar")


def step_parts(processes, batch, hidden=64, packed=False):
    """Milisegundos de la cuenta, la espera y la suma en cada repetición: (repeticiones, 3)."""
    wanted = {"processes": processes, "batch": batch, "hidden": hidden, "packed": packed}
    rows = np.all([table[name] == value for name, value in wanted.items()], axis=0).nonzero()[0]
    rows = rows[np.argsort(table["seed"][rows])]
    return 1e3 * np.stack([table[name][rows] for name in ("compute", "wait", "trip")], axis=1)


def percent_of_one(processes, batch, **network):
    """Qué parte tarda de lo que un proceso con 32 filas, en cada repetición: (repeticiones,)."""
    whole = step_parts(processes, batch, **network).sum(axis=1)
    return 100 * whole / step_parts(1, 32, **network).sum(axis=1)


def told(values):
    """La mediana y los extremos de unas repeticiones."""
    return f"{np.median(values):.0f} % (de {values.min():.0f} a {values.max():.0f})"


# %%
parts = {
    "1 proceso, 32 filas": step_parts(1, 32),
    "2 procesos, 32 filas": step_parts(2, 32),
    "(control) 1 con 16": step_parts(1, 16),
    "4 procesos, 32 filas": step_parts(4, 32),
    "(control) 1 con 8": step_parts(1, 8),
}
two = percent_of_one(2, 32)
plot_step_parts(
    {name: np.median(values, axis=0) for name, values in parts.items()},
    whole={name: values.sum(axis=1) for name, values in parts.items()},
    title=f"Dos procesos ganan a uno en {(two < 100).sum()} de {len(two)} repeticiones",
)
plt.show()
explain(
    f"Medianas de {len(two)} repeticiones y, en negro, de la más corta a la más larga. Medido en: {table.machine}. De lo que tarda uno, repetición a "
    f"repetición: dos procesos, el {told(two)}; cuatro, el {told(percent_of_one(4, 32))}; uno solo con la mitad de las filas, el "
    f"{told(percent_of_one(1, 16))}, y con la cuarta parte, el {told(percent_of_one(1, 8))}."
)

# %% [markdown]
# Si repartir fuera gratis, dos tardarían el 50 %. El control separa lo que sobra en tres causas, en tanto por ciento de lo que tarda uno.

# %%
one, half, both = step_parts(1, 32), step_parts(1, 16), step_parts(2, 32)
whole = one.sum(axis=1)
causes = {
    "la mitad de las filas no es la mitad de la cuenta": half.sum(axis=1) - whole / 2,
    "los dos a la vez calculan más despacio": both[:, 0] - half[:, 0],
    "esperarse y sumar los gradientes": both[:, 1:].sum(axis=1) - half[:, 2],
}
for name, extra in causes.items():
    print(f"{name}: {told(100 * extra / whole)}")

# %%
networks = {
    "64 unidades, con relleno": {},
    "256 unidades": {"hidden": 256},
    "64, empaquetadas": {"packed": True},
}
for name, network_of in networks.items():
    print(f"{name}: dos procesos, {told(percent_of_one(2, 32, **network_of))}; ", end="")
    print(f"uno con la mitad, {told(percent_of_one(1, 16, **network_of))}")
packed_two = step_parts(2, 32, packed=True).sum(axis=1)
explain(
    "Empaquetar las secuencias da lo mismo y, con un proceso, tarda el "
    f"{told(100 * step_parts(1, 32, packed=True).sum(axis=1) / whole)} de lo que rellenar. Dos procesos empaquetando tardan el "
    f"{told(100 * packed_two / whole)} de lo que **uno** rellenando."
)

# %% [markdown]
# - **La cadena de pasos no se reparte.** La red recorre los mismos pasos, uno detrás de otro, y cada uno tiene un precio fijo, por pocas filas
#   que lleve: la primera causa está **aunque no haya con quién juntarse**. Una red recurrente se reparte por filas, no por pasos.
# - **Se estorban.** Comparten la memoria y, a veces, hasta el núcleo: en una máquina virtual, dos «núcleos» pueden ser dos hilos de uno. Aquí se
#   mide cuánto, no por cuál de las dos cosas. Cuatro procesos en dos núcleos, además, se turnan.
# - **Juntarse** es la tercera línea: esperar al otro y el viaje.
#
# Y una trampa al leer la última frase: quien parte de una cuenta más lenta lo tiene más fácil para ganar al repartir. La comparación que
# vale es con el **mejor** proceso único.
#
# Y en este ordenador, ahora, con lo que acabamos de entrenar:


# %%
def live(column, ranks, together):
    """La mediana de una actualización de la segunda mitad, juntando los procesos."""
    costs = [result["costs"][-(LAST - MIDDLE) :, column] for result in ranks]
    return np.median(together(costs, axis=0))


wall = live(0, pair.ranks, np.max) / live(0, alone.ranks, np.max)
processor = live(1, pair.ranks, np.sum) / live(1, alone.ranks, np.sum)
explain(
    f"Aquí hay {available_cores()} núcleo(s). De **reloj**, con dos procesos cada actualización tarda el {100 * wall:.0f} % de lo que con uno; de "
    f"**procesador**, entre los dos gastan el {100 * processor:.0f} %: repartir no ahorra trabajo, lo hace en más sitios a la vez. Es una "
    "sola vez, sin repetir."
)

# %% [markdown]
# Con un solo núcleo, o si el ordenador está ocupado, el reloj puede decir **más** del cien por cien: los procesos se turnan. Por eso el curso
# no compara relojes en ninguna prueba, y por eso se dicen las dos proporciones.
#
# **Aquí acaba el segundo rato.** Falta lo que se reparte sin que nadie espere a nadie.
#
# ## 6 · Una noche de experimentos
#
# **Tercer rato.** Si vuelves otro día, ejecuta las celdas de arriba: el informe del final usa lo que han medido.
#
# Una **rejilla** de experimentos se reparte sola: cada punto es un entrenamiento distinto y nadie tiene que esperar a nadie. Lo difícil no es
# la velocidad, es la contabilidad: quién hizo qué cuando se apagó uno. Usaremos **Dask**, que tiene un planificador (*scheduler*: reparte y
# recuerda) y trabajadores (*workers*: hacen). Nunca a la vez que `torchrun`: cada uno cree que los núcleos son suyos.
#
# La regla tiene dos partes, y conviene no confundirlas:
#
# - **Hecho una vez no se puede prometer.** Si un trabajador muere a medias, su punto hay que empezarlo otra vez; y si murió después de acabar y
#   antes de decirlo, se habrá hecho dos veces.
# - **Apuntado una vez, sí.** Basta con que apunte **uno** solo, que cada punto tenga una clave y que lo apuntado no se toque.
#
# ### Hito 55.4 ★★ · El libro
#
# Recibes los puntos de la rejilla, que son diccionarios; el libro, una lista de parejas `(punto, valor)`; y lo que ha ido llegando, en orden y
# también en parejas. El libro y lo que llega pueden traer repetidos y puntos que no son de la rejilla: estos se dejan fuera y no se cuentan.
# Dos puntos son el mismo aunque sus parámetros vengan en otro orden. Devuelve tres cosas: el libro nuevo, con cada punto de la rejilla una
# vez como mucho, lo que ya estaba primero y en su orden, y de un punto repetido lo **primero** que llegó; los puntos que faltan, en el orden
# de la rejilla; y cuántas parejas, del libro o de las que llegan, se han descartado por repetidas.


# %% tags=["exercise"]
def settle(points, book, arrivals):
    """El libro en orden, los puntos que faltan y cuántos han llegado repetidos."""
    ### BEGIN SOLUTION
    wanted = {json.dumps(point, sort_keys=True) for point in points}
    kept, repeated = {}, 0
    for point, value in [*book, *arrivals]:
        name = json.dumps(point, sort_keys=True)
        if name in kept:
            repeated += 1
        elif name in wanted:
            kept[name] = (point, value)
    missing = [point for point in points if json.dumps(point, sort_keys=True) not in kept]
    return list(kept.values()), missing, repeated
    ### END SOLUTION


# %% tags=["check"]
settle = check("55.4", settle)

# %% [markdown]
# La rejilla de Elena: con qué **tasa de aprendizaje** aprende antes una red pequeña. Cada punto entrena una y devuelve sus bits por carácter en validación.
# Además, para poder contar, cada trabajador apunta en un **diario** el momento en que empieza y en que acaba cada punto, y con qué valor.

# %%
UPDATES = 6 if FAST else 80
RATES = (1e-3, 5e-3, 2e-2)
points = [
    {"rate": rate, "seed": 100 * SEED + k} for k in range(6 if FAST else 12) for rate in RATES
]


def measure_point(point, diary, updates):
    """Bits por carácter con esa tasa; lo ejecuta un trabajador."""
    note(diary, json.dumps(point, sort_keys=True))
    data, symbols = load_paragraphs()
    model = build_model(symbols, hidden_size=32, packed=False, seed=point["seed"])
    optimizer = torch.optim.Adam(model.parameters(), lr=point["rate"])
    for rows in joint_batches(len(data.lengths), point["seed"], BATCH // 2)[:updates]:
        own = data.take(rows)
        optimizer.zero_grad()
        losses = step_losses(model(own.given, own.lengths), own.targets)
        (losses.sum() / own.lengths.sum()).backward()
        optimizer.step()
    bits = bits_per_character(model, load_paragraphs("validation")[0])
    note(diary, json.dumps(point, sort_keys=True), bits)
    return bits


# %% [markdown]
# El libro es un archivo al que se añade una línea por punto, y no se sigue hasta que está en el disco. Por eso aguanta que reinicies el kernel a
# media rejilla: vuelve a ejecutar estas celdas y seguirá por donde iba. Si cambias `measure_point`, el libro es otro: lo viejo lo midió otro código.
# Para empezar de cero y ver morir a un trabajador otra vez: `BOOK.unlink(); DIARY.unlink()`.

# %%
code = hashlib.sha256(f"{inspect.getsource(measure_point)} {UPDATES}".encode()).hexdigest()[:8]
BOOK, DIARY = WORK / f"libro_{code}.jsonl", WORK / f"diario_{code}.tsv"


def record(point, bits):
    """Apunta un resultado; solo lo llama el cuaderno."""
    with BOOK.open("a", encoding="utf-8") as file:
        # El salto va delante: si la línea anterior quedó a medias, esta no se le pega.
        file.write("\n" + json.dumps({"point": point, "bits": bits}))
        file.flush()
        os.fsync(file.fileno())


def read_book():
    """Lo apuntado, en orden; si se cortó la luz, la línea a medias no cuenta."""
    kept = []
    for line in BOOK.read_text("utf-8").splitlines() if BOOK.exists() else []:
        with contextlib.suppress(ValueError):
            entry = json.loads(line)
            kept.append((entry["point"], entry["bits"]))
    return kept


# %% [markdown]
# Se levanta un clúster de dos trabajadores, cada uno un proceso aparte, y se les encarga la rejilla. Cuando llevan unos cuantos puntos, hacemos de
# conserje: se mata a uno **a medias** de un punto. `submit` encarga; `as_completed` da cada resultado según llega. Si murieran todos, la celda
# esperaría hasta su límite y fallaría; vuelve a ejecutarla y sigue por donde iba.


# %%
def run_on_cluster(missing):
    """Mide lo que falta con dos trabajadores; si se empieza de cero, muere uno por el camino."""
    from distributed import Client, as_completed

    limit = 300 if FAST else 3600  # segundos de reloj
    with local_cluster(2, seconds=limit) as cluster, Client(cluster.address) as client:
        # A los dos trabajadores y una vez: el planificador no necesita abrirla ni cargar PyTorch.
        sent = client.scatter(measure_point, broadcast=True, direct=True, hash=False)
        asked = {
            client.submit(operator.call, sent, point, str(DIARY), UPDATES, pure=False): point
            for point in missing
        }
        if len(missing) == len(points):
            kill_in_the_middle(cluster, DIARY)
        for future in as_completed(asked):
            record(asked[future], future.result())


# %%
book, missing, _ = settle(points, read_book(), [])
if missing and has_dask():
    run_on_cluster(missing)
elif missing:
    explain(
        f"Falta Dask; se instala con `{install_command('distributed')}`. La rejilla sigue aquí."
    )
    for point in missing:
        record(point, measure_point(point, str(DIARY), UPDATES))
book, missing, repeated_in_book = settle(points, read_book(), [])
print(len(points), "puntos:", len(book), "en el libro,", len(missing), "sin medir")

# %% [markdown]
# Las cuentas, con tu `settle`. El diario es el libro que habría salido si apuntaran los trabajadores.

# %%
names = [json.dumps(point, sort_keys=True) for point in points]
entries = [entry for entry in read_diary(DIARY) if entry.point in names or entry.what == "muere"]
started = [entry.point for entry in entries if entry.what == "empieza"]
finished = [(json.loads(entry.point), entry.value) for entry in entries if entry.what == "acaba"]
_, _, repeated_in_diary = settle(points, [], finished)
values_of = {}
for point, bits in finished:
    values_of.setdefault(json.dumps(point, sort_keys=True), []).append(bits)
repeat_gap = max(max(values) - min(values) for values in values_of.values())
explain(
    f"La rejilla tiene {len(points)} puntos y los trabajadores empezaron {len(started)}; de más, {len(started) - len(points)}. "
    f"Acabados de más, según el diario: {repeated_in_diary}; apuntados de más, en el libro: {repeated_in_book}. Un punto repetido se aparta de sí mismo "
    f"{repeat_gap:.0g} bits: la semilla va en el punto."
)

# %%
shifts = read_shifts(entries, names)
plot_shifts(
    shifts.spans,
    shifts.labels,
    deaths=shifts.deaths,
    title=f"{len(points)} puntos, {len(started)} empezados, {len(missing)} sin apuntar",
)
plt.show()
explain(
    f"Cada barra es un punto, con su número; la primera de cada proceso incluye cargar PyTorch. Procesos que trabajaron: {len(shifts.spans)}; "
    f"muertos a medias de un punto, {len(shifts.deaths)}."
    + (" Tachado, lo que el muerto tenía entre manos." if shifts.deaths else "")
)

# %% [markdown]
# Si ha muerto alguno, se ha repetido más de lo que tenía entre manos: lo que un trabajador ha acabado vive en **su** memoria hasta que alguien lo
# recoge, y aquí no se recogió nada hasta después de la muerte. En un barrido de verdad se recoge según llega y se repite lo justo.
#
# ¿Y qué tasa le decimos a Elena? Cada semilla comparte pesos iniciales y lotes con las tres tasas: se miran por parejas.

# %%
in_order = sorted(book, key=lambda entry: entry[0]["seed"])
scores = {
    rate: np.array([bits for point, bits in in_order if point["rate"] == rate]) for rate in RATES
}
ranking = sorted(RATES, key=lambda rate: scores[rate].mean())
explain(
    f"Con {UPDATES} actualizaciones, la menor media es la de {ranking[0]:g}: {scores[ranking[0]].mean():.2f} bits por carácter en validación. Frente "
    f"a {ranking[1]:g}, {paired(scores[ranking[0]], scores[ranking[1]]).verdict('bits')}."
    + (" Está en el borde: hay que alargar la rejilla por ahí." if ranking[0] in RATES[::2] else "")
)

# %% [markdown]
# Es una elección hecha en validación y con muy pocas actualizaciones: dice con cuál empezar, no cuánto acertará. Y la diferencia está medida
# con las mismas semillas con que se eligió a la primera, así que es algo optimista.
#
# Con seis ordenadores, las órdenes son estas, **desde la carpeta del curso** en todos, y los experimentos largos del propio curso ya las entienden:
#
# ```bash
# python -m dask scheduler                                               # en uno; escribe su dirección
# python -m dask worker tcp://AULA-01:8786 --nthreads 1 --nworkers 2     # en cada uno
# python -m tools.experiments.memory --cluster tcp://AULA-01:8786
# ```
#
# Con `dask` a secas, sin `python -m`, la carpeta no cuenta y ni el planificador ni los trabajadores encuentran los programas.
#
# Un hilo por trabajador: dos entrenamientos en el mismo proceso se cambiarían el azar. Y en una red de confianza: quien llega al
# planificador puede ejecutar lo que quiera en todos los ordenadores.
#
# ## 7 · ¿Y mil máquinas? Una página
#
# El informe para Elena. Cada cifra sale de una celda de este cuaderno o de una fuente que se cita al final.
#
# **Los cables.** En un **anillo** (*ring all-reduce*), el gradiente se parte en tantos trozos como máquinas; cada una manda y recibe $2(n-1)$ trozos
# (Patarasuk y Yuan, 2009):
#
# $$t(n) = 2(n-1)\left(\ell + \frac{G}{n\,B}\right)$$
#
# con $\ell$ la latencia, $G$ los bytes del gradiente y $B$ los bytes por segundo. Con $n$ grande los bytes por cable se quedan en $2G$: el ancho de
# banda aguanta. Lo que crece es la latencia. Tomamos un cable de aula, 1 Gb/s, y el de un gran centro, 400 Gb/s (Llama Team, 2024); y como latencia,
# la mitad de los 0.5 ms de ida y vuelta que Dean (2009) da dentro de un centro de datos.
#
# **Los rezagados** (*stragglers*). Se espera siempre al más lento, y el más lento de mil es más lento que el de dos.

# %%
GIGABIT, DATACENTER, LATENCY = 1e9 / 8, 400e9 / 8, 0.25e-3
step_seconds = np.median(one[:, 0]) / 1e3  # en precisión simple, de la tabla `escalar`
step_times = alone.ranks[0]["costs"][2:, 0]  # las dos primeras calientan
step_times = step_times / step_times.mean()
machines = np.array([1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000])


def useful(times, bandwidth):
    """Parte del tiempo que se calcula, con una red `times` veces mayor: (máquinas,)."""
    waits = np.array([expected_slowest(step_times, n) for n in machines])
    trips = [
        ring_seconds(4 * size * times, n, bandwidth=bandwidth, latency=LATENCY) for n in machines
    ]
    return step_seconds * times / (step_seconds * times * waits + np.array(trips))


curves = {
    "esta red, aula": useful(1, GIGABIT),
    "esta red, 400 Gb/s": useful(1, DATACENTER),
    "1000 veces mayor, aula": useful(1_000, GIGABIT),
    "1000 veces mayor, 400 Gb/s": useful(1_000, DATACENTER),
}

# %%
plot_efficiency(
    machines,
    curves,
    title=f"Con mil, esta red aprovecha el {100 * curves['esta red, aula'][-1]:.0f} % del tiempo",
)
plt.show()
ring = ring_seconds(4 * size, 1_000, bandwidth=GIGABIT, latency=LATENCY)
explain(
    f"Una actualización son {1e3 * step_seconds:.0f} ms de cuenta por máquina y el gradiente, {4 * size / 1e3:.0f} kB. Entre mil, el anillo "
    f"tarda {1e3 * ring:.0f} ms, y de ellos {1e3 * 2 * 999 * LATENCY:.0f} son latencia: un cable mejor no lo arregla. Al más lento de mil se le espera "
    f"{expected_slowest(step_times, 1_000):.1f} veces la media, contando solo lo que hemos visto variar aquí. Se aprovecha el "
    + ", el ".join(f"{100 * values[-1]:.0f} % ({name})" for name, values in curves.items())
    + "."
)

# %% [markdown]
# Los supuestos, a la vista: cada máquina tiene siempre un lote entero como el nuestro, la red mayor cuesta en proporción a sus parámetros, y el viaje no
# se solapa con la cuenta (DDP lo solapa en parte). Los anillos de verdad se hacen por niveles, para que la latencia no crezca con $n$.
#
# **Los datos.** Mil lotes como el nuestro no existen: no hay tantos párrafos. Y al revés, con datos grandes, no caben en una máquina.

# %%
joint_rows = 1_000 * BATCH
tokens = 15.6e12  # Llama 3 (Llama Team, 2024)
corpus_bytes = 4 * tokens  # cada uno, un entero de cuatro bytes
days = corpus_bytes / GIGABIT / 86_400
explain(
    f"Mil máquinas con {BATCH} filas cada una son {joint_rows} filas por actualización, y tenemos {count}: {joint_rows / count:.0f} veces más de las que hay. "
    f"Repartiendo las que hay, tocaría a {count / 1_000:.1f} párrafos por máquina y **vuelta**, y la cuenta no bajaría en proporción (sección 5). Al otro lado, "
    f"los {tokens / 1e12:.1f} billones de símbolos de Llama 3, guardados con cuatro bytes, son {corpus_bytes / 1e12:.0f} TB: por un cable de aula tardarían "
    f"{days:.0f} días en llegar a una máquina. Cada una tiene que leer solo lo suyo."
)

# %% [markdown]
# Un lote conjunto mayor tampoco es gratis para aprender: hay que subir la tasa, al principio poco a poco, y llega un punto en que más filas no acortan el camino
# (Goyal y otros, 2017, lo llevaron hasta 8192 imágenes por lote en 256 GPU).
#
# **Los fallos.** En el entrenamiento de Llama 3 con 16 384 GPU hubo 419 paradas imprevistas en 54 días (Llama Team, 2024). Con esa tasa, ¿cada
# cuánto se para algo con mil? ¿Y cada cuánto hay que guardar? Young (1974): si guardar cuesta $c$ y falla cada $m$, cada $\sqrt{2cm}$. Aquí
# una «máquina» es una GPU con su parte de lo demás.

# %%
machine_hours = 54 * 24 * 16_384 / 419
between = hours_between_failures(machine_hours, 1_000)
saving = max(float(alone.ranks[0]["saving"]), 1e-4)
every = checkpoint_interval(saving / 3600, between)
explain(
    f"Una sola falla cada {machine_hours / 24 / 365:.1f} años; alguna de mil, cada {between:.0f} horas. Guardar nuestra red ha costado {1e3 * saving:.0f} ms, la vez que se ha hecho: "
    f"convendría hacerlo cada {3600 * every:.0f} segundos, y entre guardar y repetir se iría el {100 * lost_to_failures(saving / 3600, between, every):.2f} % del "
    "tiempo. En un entrenamiento repartido, un fallo los para a todos; en una rejilla, se repite un punto."
)

# %% [markdown]
# **La respuesta para Elena**, con las cifras de arriba:

# %%
explain(
    f"Para **un** modelo como el suyo, no: entre mil máquinas se aprovecharía el {100 * curves['esta red, aula'][-1]:.0f} % del tiempo, y con datos que no "
    f"tiene; con dos procesos, aquí, se tardaba el {told(two)} de lo que con uno. Para una **rejilla**, sí, hasta donde haya puntos: nadie "
    f"espera a nadie, y la suya tiene {len(points)}. Que acepte las que pueda llenar."
)

# %% [markdown]
#
# ## Lo que hemos comprobado

# %% tags=["nbval-check-output"]
verify(
    claim("Dos procesos dan el gradiente de uno, con relleno", deviations["a mano, con relleno"], "<", 1e-6, kind="identidad"),
    claim("También con secuencias empaquetadas", deviations["a mano, empaquetadas"], "<", 1e-6, kind="identidad"),
    claim("Y con DistributedDataParallel, si la pérdida es la nuestra", deviations["DistributedDataParallel"], "<", 1e-6, kind="identidad"),
    claim("La media de medias, por longitud, desvía el gradiente", deviations["… por longitud"], ">", 0.012),
    claim("Con ella se predicen mejor los párrafos cortos", gaps["media de medias, por longitud", "cortos"].high, "<", 0, kind="identidad"),
    claim("Y peor los largos", gaps["media de medias, por longitud", "largos"].low, ">", 0, kind="identidad"),
    claim("Y en el conjunto no se nota", gaps["media de medias, por longitud", "todos"].is_clear, "==", False, kind="identidad"),
    claim("Con las mismas filas, el gradiente es el de medio lote", duplicated, "<", 1e-6, kind="identidad"),
    claim("Y su varianza es bastante mayor", noise_ratio, ">", 1.6),
    claim("Dos procesos siguen donde paró uno y acaban donde el que no paró", resumed_gap, "<", 1e-6, kind="identidad"),
    claim("Todos los procesos acaban con los mismos pesos", ranks_gap, "<", 1e-12, kind="identidad"),
    claim("De la rejilla no falta ningún punto", len(missing), "==", 0, kind="identidad"),
    claim("Ni hay ninguno apuntado dos veces", repeated_in_book, "==", 0, kind="identidad"),
    claim("Un punto que se repite da lo mismo", repeat_gap, "<", 1e-9, kind="identidad"),
)  # fmt: skip

# %% [markdown]
# ## Júzgate tú
#
# | | Falta | Bien | Muy bien |
# |---|---|---|---|
# | **El mismo entrenamiento** | la pérdida baja en todos los procesos | el gradiente coincide con el de uno, con filas y longitudes desiguales | además lo compruebas con otro número de procesos y con uno sin filas |
# | **Los fallos callados** | sabes nombrarlos | los has visto y sabes qué síntoma dan | has escrito una comprobación que los detecta al arrancar |
# | **El tiempo** | un número | reloj y procesador, con su control | explicas qué parte no se puede repartir, y lo pruebas con otra red |
# | **La contabilidad** | acaba sin errores | ninguno perdido, ninguno repetido, y sabes cuántos se rehicieron | sigue tras cortar el cuaderno **y** el clúster a media rejilla |
# | **El informe** | cifras sin origen | cada cifra, de una celda o de una fuente | dices qué supuestos cambiarían la respuesta |
#
# ## Qué entregar
#
# 1. Este cuaderno, con los cuatro hitos en verde.
# 2. El libro de tu rejilla y el número de puntos que se rehicieron.
# 3. El informe, de una página, con **tu** máquina: cambia la latencia (la mitad de lo que dice `ping`) y el ancho de banda (lo
#    que promete el cable o el wifi) por los de tu red, y di si cambia la respuesta.
#
# ## Qué se probó y se descartó
#
# - **`multiprocessing` en el cuaderno.** Una función escrita en una celda no está en ningún archivo, y el proceso nuevo no la encuentra; con *fork* la
#   encuentra, pero hereda a medias los hilos de PyTorch y se cuelga cuando quiere. `torchrun` arranca limpio.
# - **Matar solo a `torchrun`.** Pone a cada hijo en un grupo de procesos propio: quedaban huérfanos. Hay que buscar a toda la descendencia antes.
# - **Confiar en que alguien los pare.** Si muere el kernel, nadie lo hace. Cada proceso lleva una correa: la entrada estándar, que el sistema cierra
#   cuando muere quien lo lanzó.
# - **Que apunte cada trabajador.** Es el diario de la sección 6: con repetidos.
# - **Empaquetar al entrenar.** Da lo mismo; lo que tarda en CPU está en la sección 5.
#
# ## Tres caminos para seguir
#
# 1. **Dos ordenadores de verdad.** La misma orden en los dos, con la dirección de uno:
#    `torchrun --nnodes=2 --nproc-per-node=1 --rdzv-backend=c10d --rdzv-endpoint=AULA-01:29400 programa.py`. Lleva tus tres piezas a `programa.py`,
#    empieza con `distributed.init_process_group("gloo")` y repite la comprobación de la sección 2.
# 2. **Viajar menos.** Acumula el gradiente de cuatro lotes antes de juntarlo (en DDP, `no_sync`). ¿Qué pérdida hay que calcular ahora para que siga
#    siendo lo mismo que un proceso?
# 3. **Un experimento del curso en tu clúster.** `python -m tools.experiments.gradients --cluster DIRECCIÓN`, con un trabajador que muere cada diez
#    minutos. ¿Cuánto se rehace? ¿Coincide la tabla con la que trae el curso?
#
# ## Resumen
#
# - Paralelismo de datos: mismos pesos, filas distintas, **gradientes juntos**, mismo paso.
# - La pérdida de cada proceso es su suma, por los procesos, entre los pasos reales **de todos**. La media de las medias no es la media.
# - Todos barajan con la **misma** semilla y se llevan trozos **distintos**; el lote *k* no depende de cuántos sean.
# - La media de toda la validación puede no enseñar una avería que sí cambia lo que se aprende: mira por grupos.
# - Cada viaje paga su latencia: mejor uno con todo que muchos con poco.
# - Repartir filas no acorta la cadena de pasos; y se compara con el mejor proceso único.
# - **Hecho** una vez no se promete; **apuntado** una vez, sí: un solo escritor y una clave por punto.
#
# **Qué no hemos demostrado.** Que dos ordenadores con un cable de por medio tarden lo que dos procesos en uno: aquí los mensajes no salen de la
# máquina. Ni cuánto se ahorra en la tuya: los tiempos son de una sola máquina y varían mucho de una repetición a otra. La cuenta de las mil
# máquinas es una cuenta, con sus supuestos; no se han usado mil. Y la rejilla es un juguete: la tasa que gana con unas pocas actualizaciones
# puede no ser la que gane con miles. La avería por longitud se ha mirado en una red, con unos textos y dos procesos.
#
# ## Errores frecuentes
#
# - Promediar las medias de procesos con distinto número de pasos.
# - Sembrar igual a todos y dejar que cada uno sortee sus filas; o sembrar distinto y creer que los trozos encajan.
# - Que un proceso haga un all-reduce y otro no: no hay error, hay silencio.
# - Guardar desde todos los procesos en el mismo archivo.
# - Lanzar cuatro procesos de cuatro hilos en dos núcleos.
# - Sumar la memoria residente de cada proceso y decir que no cabe.
#
# ## Para saber más
#
# - J. W. Young (1974), *A first order approximation to the optimum checkpoint interval*, Communications of the ACM 17(9).
# - P. Patarasuk y X. Yuan (2009), *Bandwidth optimal all-reduce algorithms for clusters of workstations*, Journal of Parallel and Distributed Computing 69(2).
# - J. Dean (2009), *Designs, lessons and advice from building large distributed systems*, conferencia en LADIS: «Numbers everyone should know».
# - M. Rocklin (2015), *Dask: Parallel computation with blocked algorithms and task scheduling*, SciPy.
# - P. Goyal y otros (2017), *Accurate, large minibatch SGD: training ImageNet in 1 hour*, arXiv 1706.02677.
# - S. Li y otros (2020), *PyTorch Distributed: Experiences on accelerating data parallel training*, VLDB 13(12).
# - Incidencia 34242 de `huggingface/transformers` (octubre de 2024), *Add DDP token averaging for equivalent non-parallel training*: la media de medias,
#   descubierta en una biblioteca que usa medio mundo.
# - Llama Team (2024), *The Llama 3 herd of models*, arXiv 2407.21783: las paradas, los cables y los datos.
#
# **Siguiente**: 61 · Recurrencia moderna, en preparación.
