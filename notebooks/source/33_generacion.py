# %% [markdown]
# # 33 · Generación
#
# **Un modelo que solo sabe predecir la letra siguiente puede escribir un cuento. ¿Qué sabe de verdad, cómo se mide y
# cuánto de lo que escribe es copiado?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a escribir con un modelo de lenguaje y a gobernar el sorteo con temperatura, top-k y núcleo; a medir modelos en bits por carácter y a pasar a perplejidad por palabra; a exigirle a una red que gane a una buena cuenta; a entrenar con texto continuo sin perder el estado ni arrastrar el gradiente; a distinguir escribir de copiar |
# | **Antes de empezar** | [31 · Texto a tensores](31_texto_a_tensores.ipynb) y [22 · GRU](22_gru.ipynb) |
# | **Tiempo** | 75 minutos de lectura y ejercicios, en dos ratos: el primero acaba con la sección 3; medio minuto de ejecución |
# | **Herramientas** | PyTorch |

# %% tags=["parameters"]
FAST = True  # False: la red en directo se entrena el cuádruple (dos minutos)
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED, frameworks=("torch",))

# %%
import math
import unicodedata
from collections import Counter, defaultdict
from functools import cache, partial

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

# %%
from course_utils.claims import claim, explain, verify
from course_utils.comparison import paired, welch
from course_utils.datasets import SPLITS, load_result, load_stories, load_trained
from course_utils.decoding import top_k
from course_utils.exercises import check, hint, progress, solution
from course_utils.lessons.lesson_33 import (
    KneserNey,
    longest_copied,
    plot_by_position,
    plot_copied,
    plot_data_curve,
    plot_language_model,
    plot_next,
    plot_orders,
    plot_variety,
    words_of,
    write_texts,
)

rng = np.random.default_rng(SEED)

# %% [markdown]
# ## 1 · Escribir contando
#
# Un **modelo de lenguaje** (*language model*) hace una sola cosa: da, de cada símbolo posible, la probabilidad de que sea el
# siguiente. Nuestros símbolos son caracteres, y el texto, los cuentos del curso. Cada uno empieza y acaba con dos saltos de
# línea: así el modelo aprende también a empezar y a terminar. El vocabulario son los caracteres de los cuentos de
# **entrenamiento**; los de validación y los de prueba no traen ninguno más.

# %%
END = "\n\n"
stories = {part: load_stories(part) for part in SPLITS}
alphabet = sorted(set(END.join(stories["train"])))
places = {symbol: place for place, symbol in enumerate(alphabet)}
new_symbols = {
    part: sorted(set("".join(stories[part])) - set(alphabet)) for part in ("validation", "test")
}
for part, texts in stories.items():
    print(f"{part:10s} {len(texts):4d} cuentos, {sum(map(len, texts)):7,d} caracteres")
print(len(alphabet), "caracteres distintos. Nuevos en las otras dos partes:", new_symbols)

# %% [markdown]
# El modelo más sencillo no es una red: es una cuenta. ¿Qué letra sigue a «qu»? Se mira qué ha seguido a «qu» en los cuentos. Con
# dos caracteres de **contexto** y uno que se predice, es un **trigrama** (*trigram*).

# %%
counts = defaultdict(Counter)
for story in stories["train"]:
    text = END + story + END
    for place in range(2, len(text)):
        counts[text[place - 2 : place]][text[place]] += 1


def trigram_scores(context):
    """Una puntuación por carácter: el logaritmo de las veces que ha seguido, más un poco."""
    seen = counts[context[-2:]]
    return np.log([seen[symbol] + 0.1 for symbol in alphabet])  # (vocabulario,)


for context in ("qu", "a ", "ña"):
    print(repr(context), counts[context].most_common(5))

# %% [markdown]
# El «poco», una décima, es para que lo que nunca se ha visto no sea imposible. Devolvemos **puntuaciones** (*scores*; también
# *logits*) y no probabilidades, como hará la red, porque falta una decisión: cuánto nos fiamos de ellas. Para pasar de
# puntuaciones $s_i$ a probabilidades se usa la softmax, y la decisión es la **temperatura** (*temperature*), $T$:
#
# $$p_i=\frac{e^{s_i/T}}{\sum_j e^{s_j/T}}$$
#
# Con $T=1$ salen las proporciones de las cuentas. Con $T$ casi cero, todo se lo lleva la mayor; con $T$ enorme, todas salen
# iguales.
#
# ### Ejercicio 33.1 ★ · Softmax con temperatura
#
# Las puntuaciones pueden venir en una fila o en varias, y ser enormes o $-\infty$: que nada se desborde. Cada fila suma uno.


# %% tags=["exercise"]
def softmax(scores, temperature=1.0):
    """Probabilidades, por filas: (..., vocabulario) → (..., vocabulario)."""
    ### BEGIN SOLUTION
    weights = np.exp((scores - scores.max(axis=-1, keepdims=True)) / temperature)
    return weights / weights.sum(axis=-1, keepdims=True)
    ### END SOLUTION


# %% tags=["check"]
softmax = check("33.1", softmax)

# %% [markdown]
# **Predice**: detrás de «ca» han salido muchas letras. ¿Qué hará con ellas una temperatura de 0.5? ¿Y una de 2?

# %%
after_ca = trigram_scores("ca")
top_places = np.argsort(-after_ca)[:9]
by_temperature = {f"T = {t:g}": softmax(after_ca, t) for t in (0.5, 1.0, 2.0)}
likeliest = {name: chances.max() for name, chances in by_temperature.items()}
plot_next(
    {name: chances[top_places] for name, chances in by_temperature.items()},
    [alphabet[place] for place in top_places],
    title=f"Tras «ca», «{alphabet[top_places[0]]}»: del {100 * likeliest['T = 2']:.0f} al {100 * likeliest['T = 0.5']:.0f} %",
)
plt.show()
rest = {name: 1 - chances[top_places].sum() for name, chances in by_temperature.items()}
explain(
    "El mismo contexto a tres temperaturas. La letra más probable pasa de "
    + " a ".join(f"{100 * value:.0f} % ({name})" for name, value in likeliest.items())
    + f". Lo que no cabe en la figura, {len(alphabet) - 9} caracteres, suma "
    + ", ".join(f"{100 * value:.0f} %" for value in rest.values())
    + "."
)

# %% [markdown]
# Para escribir, se sortea un carácter, se añade al texto y se vuelve a preguntar.


# %%
def write_with_counts(choose, length=160):
    """Un texto del trigrama; choose pasa de puntuaciones a probabilidades."""
    text = END
    while len(text) < length:
        text += alphabet[rng.choice(len(alphabet), p=choose(trigram_scores(text)))]
    return text.strip().replace("\n", " ⏎ ")


for temperature in (0.3, 1.0, 2.0):
    choose = partial(softmax, temperature=temperature)
    print(f"T = {temperature:g}:", write_with_counts(choose), "\n")

# %% [markdown]
# Frío, da vueltas a lo mismo; caliente, no es español. Y en cuanto cae en un par de letras que no ha visto, sortea a ciegas entre todo
# el vocabulario: volveremos a ello. La temperatura toca **todo** el reparto. Otra idea es dejar el reparto como
# está y quitarle la **cola**: decenas de caracteres casi imposibles que, juntos, salen a menudo. **Top-k** se queda con los $k$
# más probables (Fan y otros, 2018). Pero tras «q» hay uno razonable y tras un espacio, treinta: ningún $k$ sirve para los dos. El
# **núcleo** (*nucleus*; Holtzman y otros, 2020) se queda con los justos para que sumen $p$ o más.
#
# ### Ejercicio 33.2 ★★ · El núcleo
#
# Recibes las probabilidades de un vocabulario, desordenadas. Los que no estén en el núcleo se quedan a cero; los demás, en su sitio
# y con sus proporciones, suman uno. Si los primeros suman **justo** $p$, no hace falta otro.


# %% tags=["exercise"]
def nucleus(probabilities, p):
    """Las probabilidades con solo el núcleo: (vocabulario,) → (vocabulario,)."""
    ### BEGIN SOLUTION
    order = np.argsort(-probabilities)
    ordered = probabilities[order]
    before = np.cumsum(ordered) - ordered  # lo que suman los que van delante
    inside = order[before < p]
    kept = np.zeros_like(probabilities)
    kept[inside] = probabilities[inside]
    return kept / kept.sum()
    ### END SOLUTION


# %% tags=["check"]
nucleus = check("33.2", nucleus)

# %%
for context in (" q", "qu", "ca", "a "):
    chances = softmax(trigram_scores(context))
    inside = np.count_nonzero(nucleus(chances, 0.9))
    covered = np.sort(chances)[-5:].sum()
    print(f"{context!r}: el núcleo del 90 % tiene {inside:2d}; los 5 primeros suman {covered:.2f}")
print("\nnúcleo:", write_with_counts(lambda scores: nucleus(softmax(scores), 0.9)))
print("\ntop-5: ", write_with_counts(lambda scores: top_k(softmax(scores), 5)))

# %% [markdown]
# El núcleo se encoge cuando el modelo está seguro y se ensancha cuando duda. `top_k` viene de `course_utils.decoding`; allí están
# también tus dos funciones, por filas.
#
# ## 2 · ¿Cuánto sabe?
#
# Leer una muestra no basta: engaña. Un modelo se mide por la probabilidad que daba a lo que **de verdad** venía, en textos que no ha
# visto. Si a un carácter le daba $p$, le ha costado $-\log_2 p$ **bits**: uno si dudaba entre dos iguales, cero si estaba seguro y
# acertó. La probabilidad de un texto es el producto de las de sus caracteres, cada uno dado lo anterior, así que sus bits se
# **suman**. La media son los **bits por carácter**; es la entropía cruzada de la lección 13, en base 2.
#
# Contamos los de cada cuento y los de su final, y cada cuento empieza de cero.


# %%
@cache
def trigram_costs(context):
    """Lo que costaría cada carácter tras un contexto, en bits: (vocabulario,)."""
    return -np.log2(softmax(trigram_scores(context)))


def trigram_bits(story):
    """Bits de cada carácter de un cuento y de su final: (caracteres + 2,)."""
    text = END + story + END
    return np.array(
        [
            trigram_costs(text[place - 2 : place])[places[text[place]]]
            for place in range(2, len(text))
        ]
    )


# %%
letter_counts = Counter(END.join(stories["train"]))
frequencies = np.array([letter_counts[symbol] for symbol in alphabet])
frequencies = frequencies / frequencies.sum()
uniform_bits = math.log2(len(alphabet))
held_out = "".join(story + END for story in stories["validation"])
letter_bits = np.mean([-math.log2(frequencies[places[symbol]]) for symbol in held_out])
trigram = np.concatenate([trigram_bits(story) for story in stories["validation"]])
explain(
    f"Bits por carácter en validación: todos iguales, {uniform_bits:.2f}; según su frecuencia, {letter_bits:.2f}; el trigrama, "
    f"{trigram.mean():.2f}. Lo que más le cuesta, {trigram.max():.1f} bits, es algo que no esperaba."
)

# %% [markdown]
# Otra forma de decir lo mismo es la **perplejidad** (*perplexity*): $2^{\text{bits}}$, entre cuántos símbolos igual de probables se
# duda. Y aquí hay una trampa. Un modelo de palabras publica su perplejidad **por palabra**; el nuestro, por carácter. No se pueden
# comparar, pero los bits de un texto son los mismos se repartan como se repartan: basta repartirlos entre las **palabras**.
#
# ### Ejercicio 33.3 ★ · De bits a perplejidad
#
# Recibes los bits de cada carácter de un texto y cuántas palabras tiene. Devuelve tres números: los bits por carácter, la
# perplejidad por carácter y la perplejidad por palabra.


# %% tags=["exercise"]
def perplexities(bits, words):
    """(bits por carácter, perplejidad por carácter, perplejidad por palabra). bits: (n,)."""
    ### BEGIN SOLUTION
    per_character = bits.mean()
    per_word = bits.sum() / words
    return per_character, 2**per_character, 2**per_word
    ### END SOLUTION


# %% tags=["check"]
perplexities = check("33.3", perplexities)

# %%
word_count = len(held_out.split())
_, by_symbol, by_word = perplexities(trigram, word_count)
explain(
    f"El trigrama duda, en validación, entre {by_symbol:.1f} caracteres. Por palabra, entre {by_word:,.0f}: el mismo modelo y los mismos "
    f"bits, repartidos entre {word_count} palabras en vez de {len(trigram)} caracteres."
)

# %% [markdown]
# ## 3 · El rival
#
# Antes de entrenar una red, hay que saber qué tiene que batir. ¿Y si se miran más caracteres? Con cinco, el contexto «el ni» casi
# obliga a seguir con «ñ». Pero la mayoría de los contextos largos aparecen una vez o ninguna, y entonces hay que **suavizar**
# (*smoothing*): decidir qué probabilidad se da a lo no visto.
#
# Sumar una décima a todo es lo más tosco. Lo mejor que se conoce para contar es el método de **Kneser y Ney** (1995): descuenta un
# poco de cada cuenta y reparte lo descontado según el contexto un carácter más corto. Y en los contextos cortos no cuenta veces,
# sino **detrás de cuántas cosas distintas** sale un carácter: el salto de línea es frecuente, pero casi siempre tras un punto o tras
# otro salto, así que tras una letra no hay que esperarlo. Está en `KneserNey`.
#
# **Predice**: al alargar el contexto, ¿qué le pasará a cada uno en los cuentos de entrenamiento? ¿Y en los de validación?


# %%
def additive_bits(order, held_out):
    """Bits por carácter sumando una décima a cada cuenta, con ese orden."""
    seen, totals, bits = Counter(), Counter(), []
    pad = "\n" * max(order - 1, 2)
    for training, part in ((True, stories["train"]), (False, held_out)):
        for story in part:
            text = pad + story + END
            for place in range(len(pad), len(text)):
                context = text[place - order + 1 : place]
                if training:
                    seen[context, text[place]] += 1
                    totals[context] += 1
                else:
                    likely = seen[context, text[place]] + 0.1
                    bits.append(-math.log2(likely / (totals[context] + 0.1 * len(alphabet))))
    return np.mean(bits)


# %%
orders = np.arange(2, 8)
counting = {order: KneserNey(stories["train"], order, alphabet) for order in orders}


@cache
def count_bits(order, part):
    """Bits de los 36 primeros cuentos de una parte, con Kneser-Ney: una lista de arrays."""
    return [counting[order].bits(story) for story in stories[part][:36]]


def mean_bits(bits):
    """Bits por carácter de todos los cuentos juntos."""
    return np.concatenate(bits).mean()


curves = {
    "décima, validación": [additive_bits(order, stories["validation"]) for order in orders],
    "Kneser-Ney, validación": [mean_bits(count_bits(n, "validation")) for n in orders],
    "Kneser-Ney, entren.": [mean_bits(count_bits(n, "train")) for n in orders],
}
curves = {name: np.array(values) for name, values in curves.items()}

# %%
smoothed = curves["Kneser-Ney, validación"]
best_order = int(orders[np.argmin(smoothed)])
naive = curves["décima, validación"]
naive_best = int(orders[np.argmin(naive)])
plot_orders(
    orders,
    curves,
    title=f"Kneser-Ney mejora hasta {best_order}; la décima, solo hasta {naive_best}",
)
plt.show()
gap = smoothed[-1] - curves["Kneser-Ney, entren."][-1]
explain(
    f"En validación, sumando una décima lo mejor es el orden {naive_best}, {naive.min():.2f} bits; con Kneser-Ney, el {best_order}, "
    f"{smoothed.min():.2f}. En 36 cuentos de entrenamiento, con orden 7, {curves['Kneser-Ney, entren.'][-1]:.2f}: {gap:.2f} menos que en "
    "validación, porque esos ya los ha contado."
)

# %% [markdown]
# El mismo número de letras miradas y las mismas cuentas: solo cambia cómo se reparte lo no visto. La curva de entrenamiento dice por
# qué nunca se mide ahí: siempre mejora. El orden lo ha elegido la **validación**; la prueba la guardamos para el final.
#
# > **Puedes parar aquí.** Ya sabes escribir con un modelo, medirlo y cuál es el rival; lo que queda es entrenar la red, y mirar
# > qué escribe.
#
# ## 4 · La red lee seguido
#
# Un $n$-grama olvida todo lo que está a más de $n-1$ letras. Una GRU puede llevar en su estado lo que quiera. Tres capas: cada
# carácter se convierte en números aprendidos (**incrustación**), la GRU los lee y una capa lineal da una puntuación por carácter.


# %%
class CharModel(nn.Module):
    """Un modelo de lenguaje de caracteres."""

    def __init__(self, symbols, hidden_size=128, embed_size=64):
        super().__init__()
        self.embed = nn.Embedding(symbols, embed_size)
        self.gru = nn.GRU(embed_size, hidden_size, batch_first=True)
        self.head = nn.Linear(hidden_size, symbols)

    def forward(self, x, state=None):
        """x: (lote, tiempo) → puntuaciones (lote, tiempo, vocabulario) y último estado."""
        states, last = self.gru(self.embed(x), state)  # (lote, tiempo, oculto)
        return self.head(states), last


# %%
plot_language_model("niña", title="La misma red en cada paso: de una letra, la siguiente")
plt.show()
explain(
    "De abajo arriba: entra un carácter, E lo convierte en números, la GRU los junta con su estado (flechas verdes) y W da una puntuación "
    "a cada carácter posible. Debe acertar el carácter siguiente, que en el paso siguiente es el que entra."
)

# %% [markdown]
# ¿Cómo se reparte un texto largo en lotes? Si cada ejemplo fuera un trozo cualquiera, la red empezaría siempre con el estado a cero y
# nunca aprendería a usar lo que leyó hace rato. La solución: partir el texto en unas pocas **filas** largas y leerlas a la vez, tramo
# a tramo. Cada fila de un lote **continúa donde se quedó** la misma fila del anterior, y su estado también.
#
# ### Ejercicio 33.4 ★★ · Lotes que continúan
#
# `ids` es el texto como números. Con `width = (len(ids) - 1) // rows`, la fila $r$ son los `width` caracteres que empiezan en
# $r\cdot$`width`. Devuelve una lista de parejas `(x, y)` de forma `(rows, steps)`: las columnas 0 a `steps`, después las siguientes… En
# `y` está el carácter que sigue a cada uno de `x`. Lo que no llegue a un tramo entero se descarta.


# %% tags=["exercise"]
def continuing_batches(ids, rows, steps):
    """Lista de parejas (x, y), cada una (rows, steps); la fila r sigue siempre a la fila r."""
    ### BEGIN SOLUTION
    width = (len(ids) - 1) // rows
    x = ids[: rows * width].reshape(rows, width)
    y = ids[1 : rows * width + 1].reshape(rows, width)
    return [
        (x[:, place : place + steps], y[:, place : place + steps])
        for place in range(0, width - steps + 1, steps)
    ]
    ### END SOLUTION


# %% tags=["check"]
continuing_batches = check("33.4", continuing_batches)

# %%
sample_text = "érase una vez una niña que"
shown = continuing_batches(np.arange(len(sample_text)), 2, 4)
for number, (x, _) in enumerate(shown):
    rows = ["".join(sample_text[place] for place in row) for row in x]
    print(f"lote {number}: fila 0 «{rows[0]}»   fila 1 «{rows[1]}»")

# %% [markdown]
# ## 5 · Rómpelo y arréglalo
#
# Dos bucles de entrenamiento como los que se encuentran por ahí. Al primero se le olvidó **cortar el gradiente**; al segundo,
# **llevar el estado**.


# %%
def pass_a(model, batches, optimizer):
    state = None
    for x, y in batches:
        scores, state = model(x, state)
        loss = nn.functional.cross_entropy(scores.flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def pass_b(model, batches, optimizer):
    for x, y in batches:
        scores, _ = model(x)
        loss = nn.functional.cross_entropy(scores.flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


# %% [markdown]
# **Predice**: ¿cuál de los dos dará un error? ¿Qué se notará en el otro?

# %%
corpus = END + END.join(stories["train"]) + END
ids = np.array([places[symbol] for symbol in corpus])
tensors = [
    tuple(torch.from_numpy(part) for part in pair) for pair in continuing_batches(ids, 32, 32)
]
for name, loop in (("pass_a", pass_a), ("pass_b", pass_b)):
    torch.manual_seed(SEED)
    model = CharModel(len(alphabet))
    try:
        loop(model, tensors[:10], torch.optim.Adam(model.parameters()))
        print(name, "termina sin quejarse")
    except RuntimeError as error:
        print(name, "se detiene:", str(error).split(" (")[0])

# %% [markdown]
# El primero se queja en inglés: intenta retropropagar **por segunda vez** por un cálculo ya borrado. El estado que lleva de un tramo
# al siguiente recuerda cómo se calculó, y el gradiente quiere seguir por él hasta el principio del texto. Se arregla
# cortando: el **valor** del estado sigue, su historia no. Es la retropropagación truncada de la lección 13.
#
# Quien resuelve ese error quitando el estado escribe el segundo, que no se queja nunca. Para el final de esta sección: qué pierde.
#
# ### Ejercicio 33.5 ★★★ · Una vuelta bien hecha
#
# Escribe el cuerpo del bucle: que lleve el estado, que corte el gradiente y que lo recorte a norma 1 antes de cada paso (lección 14).
# Cada pérdida se guarda en **bits** por carácter: `cross_entropy` da logaritmos naturales.


# %% tags=["exercise"]
def train_pass(model, batches, optimizer):
    """Una vuelta al texto; devuelve la pérdida de cada tramo, en bits por carácter."""
    losses, state = [], None
    for x, y in batches:
        ### BEGIN SOLUTION
        scores, state = model(x, state)
        loss = nn.functional.cross_entropy(scores.flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        state = state.detach()
        losses.append(loss.item() / math.log(2))
        ### END SOLUTION
    return losses


# %% tags=["check"]
train_pass = check("33.5", train_pass)

# %% [markdown]
# A entrenar. Cada vuelta empieza por otro sitio del texto, y la tasa baja en línea recta.

# %%
passes = 5 if FAST else 20
torch.manual_seed(SEED)
live = CharModel(len(alphabet))
optimizer = torch.optim.AdamW(live.parameters(), lr=6e-3)
schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.1, total_iters=passes)
first_loss = last_loss = None
for number in range(passes):
    turned = np.roll(ids, -int(rng.integers(len(ids))))
    batches = [
        (torch.from_numpy(x), torch.from_numpy(y)) for x, y in continuing_batches(turned, 32, 32)
    ]
    losses = train_pass(live, batches, optimizer)
    schedule.step()
    print(f"vuelta {number + 1}: {np.mean(losses):.2f} bits por carácter, en entrenamiento")


# %%
@torch.inference_mode()
def network_bits(model, texts):
    """Bits de cada carácter de cada cuento, sin lo que los iguala en largo: una lista de arrays."""
    coded = [torch.tensor([places[symbol] for symbol in END + story + END]) for story in texts]
    padded = nn.utils.rnn.pad_sequence(coded, batch_first=True)  # (cuentos, tiempo)
    logs = torch.log_softmax(model(padded[:, :-1])[0], dim=-1)  # (cuentos, tiempo - 1, vocabulario)
    bits = -logs.gather(-1, padded[:, 1:, None])[..., 0] / math.log(2)  # (cuentos, tiempo - 1)
    return [row[1 : len(one) - 1].numpy() for row, one in zip(bits, coded, strict=True)]


live_bits = network_bits(live, stories["validation"])
explain(
    f"La red en directo, en validación: {mean_bits(live_bits):.2f} bits por carácter. El trigrama, {trigram.mean():.2f}; Kneser-Ney de orden "
    f"{best_order}, {smoothed.min():.2f}."
)

# %% [markdown]
# Unos segundos de red no alcanzan a la buena cuenta, que se hace en uno. Antes de darle más tiempo, lo prometido: ¿qué pierde quien
# no lleva el estado? Primero, en esta misma red: los mismos cuentos de validación, a tramos de 32, con el estado y sin él.

# %%
read = np.array([places[symbol] for symbol in held_out])


@torch.inference_mode()
def bits_by_position(carry):
    """Bits por carácter según el lugar en su tramo: (32,)."""
    state, rows = None, []
    for x, y in continuing_batches(read, 8, 32):
        scores, last = live(torch.from_numpy(x), state)
        logs = torch.log_softmax(scores, dim=-1).numpy()
        rows.append(-np.take_along_axis(logs, y[..., None], axis=-1)[..., 0] / math.log(2))
        state = last if carry else None
    return np.concatenate(rows).mean(axis=0)


carried, dropped = bits_by_position(True), bits_by_position(False)
first_gap = dropped[0] - carried[0]
plot_by_position(
    {"sin estado": dropped, "con estado": carried},
    title=f"Sin estado, la primera letra de cada tramo cuesta {first_gap:.1f} bits más",
)
plt.show()

# %%
state_runs = load_result("generacion_estado")
with_state = state_runs["validation"][state_runs["carry"]]
without = state_runs["validation"][~state_runs["carry"]]
state_gap = paired(without, with_state)
explain(
    f"Sin estado, la primera letra de un tramo cuesta {first_gap:.1f} bits más; las ocho últimas, {(dropped - carried)[-8:].mean():.2f}. Y en "
    "redes de 64 unidades, entrenar sin llevarlo frente a llevándolo, medidas después con los cuentos de validación enteros: "
    f"{state_gap.verdict('bits por carácter', decimals=3)}."
)

# %% [markdown]
# Las dos maneras de entrenar, que ha medido un programa aparte, parten de los mismos pesos y leen lo mismo en el mismo orden; solo
# cambia si el estado pasa de un tramo a otro. En la letra que empieza un tramo se nota mucho; en la red ya entrenada, lo que dice el
# intervalo.
#
# ## 6 · El modelo que viene con el curso
#
# Con unos minutos más, más unidades y un poco de dropout (lección 24) se llega más lejos. Ese entrenamiento no cabe
# aquí: lo hizo un programa, `tools/models/stories.py`, que puedes repetir. El resultado viene en un archivo *safetensors*, con su
# ficha. `load_trained` comprueba que es el registrado, y `load_into`, que el vocabulario y las formas son los de **tu** red: con las
# letras en otro orden, los pesos cargarían igual y no significarían nada.

# %%
trained = load_trained("cuentos")
hidden_size = trained.arrays["gru.weight_hh_l0"].shape[1]
shipped = CharModel(len(alphabet), hidden_size=hidden_size)
trained.load_into(shipped, vocabulary=alphabet)
print(trained.description, "·", trained.script, "·", f"{trained.seconds:.0f} s de un núcleo")
try:
    trained.load_into(shipped, vocabulary=alphabet[::-1])
except ValueError as error:
    print("Con otro orden:", str(error).partition("(")[2].split(")")[0])

# %% [markdown]
# Ahora sí, la **prueba**: 36 cuentos que no han servido para elegir nada.
#
# **Predice**: ¿cuánto ganará el modelo entregado a la mejor cuenta? ¿Y la red en directo?

# %%
trigram_by_story = {
    part: [trigram_bits(story) for story in stories[part]] for part in ("validation", "test")
}
contenders = {
    "trigrama": trigram_by_story.get,
    "Kneser-Ney, orden 5": lambda part: count_bits(5, part),
    f"Kneser-Ney, orden {best_order}": lambda part: count_bits(best_order, part),
    "red en directo": lambda part: network_bits(live, stories[part]),
    "modelo entregado": lambda part: network_bits(shipped, stories[part]),
}
scored = {
    name: {part: score(part) for part in ("validation", "test")}
    for name, score in contenders.items()
}
test_words = len(" ".join(stories["test"]).split())
print(
    f"{'bits por carácter':22s} {'validación':>10s} {'prueba':>8s} {'perplejidad por palabra':>24s}"
)
for name, bits in scored.items():
    joined = np.concatenate(bits["test"])
    print(
        f"{name:22s} {mean_bits(bits['validation']):10.3f} {joined.mean():8.3f} "
        f"{perplexities(joined, test_words)[2]:17,.0f}, prueba"
    )

# %%
best_count = f"Kneser-Ney, orden {best_order}"
by_story = {name: np.array([b.mean() for b in bits["test"]]) for name, bits in scored.items()}
shipped_gap = paired(by_story["modelo entregado"], by_story[best_count])
live_gap = paired(by_story["red en directo"], by_story[best_count])
margin = mean_bits(scored[best_count]["test"]) - mean_bits(scored["modelo entregado"]["test"])
explain(
    f"En los 36 cuentos de prueba, uno a uno, frente a la mejor cuenta: el modelo entregado gasta {shipped_gap.verdict('bits por carácter', decimals=3)}; "
    f"la red en directo, {live_gap.verdict('bits por carácter', decimals=3)}."
)

# %% [markdown]
# Minutos de red para ganar por poco a unas cuentas. ¿Qué falta: más red o más cuentos? Un programa ha entrenado otra red, de 128
# unidades como la nuestra y con más vueltas, con la mitad de los cuentos, tres cuartos y todos, siempre con las mismas
# actualizaciones. Las cuentas, con el orden que mejor va en validación cada vez.
#
# **Predice**: ¿qué curva bajará más deprisa, la de la red o la de las cuentas?

# %%
data_runs = load_result("generacion_datos")
shares = np.unique(data_runs["share"])


def test_bits(kind):
    """Bits en prueba de un modelo: (partes, semillas)."""
    chosen = data_runs["model"] == kind
    return np.array([data_runs["test"][chosen & (data_runs["share"] == share)] for share in shares])


data_curves = {"red": test_bits("red"), "mejor cuenta": test_bits("cuentas")[:, :1]}
falls = {name: values[0].mean() - values[-1].mean() for name, values in data_curves.items()}

# %%
plot_data_curve(
    shares,
    data_curves,
    title=f"De la mitad a todos los cuentos, la red baja {falls['red']:.2f} bits",
)
plt.show()
explain(
    "Bits por carácter en prueba con la mitad, tres cuartos y todos los cuentos: "
    + "; ".join(
        f"{name}, " + ", ".join(f"{value:.2f}" for value in values.mean(axis=1))
        for name, values in data_curves.items()
    )
    + f". Entrenamientos de la red con cada parte: {data_curves['red'].shape[1]}; las cuentas no tienen azar."
)

# %% [markdown]
# Ninguna de las dos ha llegado al fondo: con más cuentos, las dos seguirían bajando. Son los datos, y no los minutos, lo que
# falta.
#
# ## 7 · Continuar un cuento
#
# Dale un principio y seguirá. Un texto de fuera puede traer cualquier cosa: se pasa a NFC (lección 31) y lo que no está en el
# vocabulario se salta, diciéndolo.


# %%
def continue_story(prompt, temperature=0.7, length=300):
    """Lo que el modelo entregado escribe a continuación, hasta el final del cuento."""
    prompt = unicodedata.normalize("NFC", prompt)
    strange = sorted(set(prompt) - set(alphabet))
    if strange:
        print("No conozco, y me salto:", " ".join(strange))
    prompt = "".join(symbol for symbol in prompt if symbol in places)
    choose = partial(softmax, temperature=temperature)
    written = write_texts(
        shipped, alphabet, choose, count=1, length=length, rng=rng, prompt=prompt
    )[0]
    return prompt + "|" + written.split(END)[0]


for temperature in (0.5, 0.8, 1.1):
    print(f"T = {temperature:g}\n{continue_story('La niña abrió la puerta y', temperature)}\n")
print(continue_story("THE CAT 🐱 ran", length=120))

# %% [markdown]
# Tal como ha salido, sin escoger. Frases que suenan bien, personajes que cambian, cuentos que no van a ninguna parte: sabe qué letra
# sigue, no qué historia cuenta. Prueba con un principio tuyo.
#
# ## 8 · ¿Dónde se para cada manera de sortear?
#
# Escribir bien y no repetirse tiran en sentidos contrarios. Midamos los dos: la parte de **palabras de verdad** (las que están en un
# diccionario de español) y la **variedad** (palabras distintas entre dos mil). Un programa ha hecho escribir al modelo entregado con
# muchos ajustes, varias veces cada uno; de referencia, los cuentos de prueba.
#
# **Predice**: a temperatura 0.7, ¿qué parte serán palabras de verdad? ¿Ganará el núcleo a la temperatura?

# %%
drawn = load_result("generacion_muestras")


def sampled(column, method, setting):
    """Lo medido con un ajuste: (veces,)."""
    return drawn[column][(drawn["method"] == method) & (drawn["setting"] == setting)]


settings = {
    m: np.unique(drawn["setting"][drawn["method"] == m]) for m in ("temperatura", "k", "núcleo")
}
points = {
    method: np.array(
        [[sampled(c, method, s).mean() for c in ("variety", "dictionary")] for s in values]
    )
    for method, values in settings.items()
}
human_variety, human_words = (sampled(c, "prueba", 0.0)[0] for c in ("variety", "dictionary"))
at_07 = sampled("dictionary", "temperatura", 0.7)

# %%
plot_variety(
    points,
    {method: [f"{setting:g}" for setting in values] for method, values in settings.items()},
    reference=("cuentos de prueba", human_variety, human_words),
    title=f"A temperatura 0.7, un {100 * at_07.mean():.1f} % de palabras de verdad",
)
plt.show()
match = welch(sampled("dictionary", "núcleo", 0.9), sampled("dictionary", "temperatura", 0.8))
match_variety = welch(sampled("variety", "núcleo", 0.9), sampled("variety", "temperatura", 0.8))
explain(
    f"A temperatura 0.7 están en el diccionario entre el {100 * at_07.min():.1f} y el {100 * at_07.max():.1f} % de las palabras, en {len(at_07)} "
    f"muestras; en los cuentos de prueba, el {100 * human_words:.1f} %. El núcleo de 0.9 frente a la temperatura 0.8: en palabras de verdad, "
    f"{match.verdict('puntos', scale=100)}; en variedad, {match_variety.verdict('puntos', scale=100)}."
)

# %% [markdown]
# Todas las maneras caen casi en la misma curva: en este modelo, lo que se gana en palabras se paga en variedad, y entre una manera y
# otra hay, como mucho, lo que dicen los intervalos. Ninguna llega a la estrella, que tiene las dos cosas. Repitamos en directo un punto, el de temperatura 0.7, y otro caliente. Sin diccionario:
# contamos las palabras que salen en los cuentos de entrenamiento, que es más exigente.

# %%
known = {word for story in stories["train"] for word in words_of(story + " fin")}


def write_sample(temperature, count=24, length=400):
    """Textos del modelo entregado, todos a la vez."""
    choose = partial(softmax, temperature=temperature)
    return write_texts(shipped, alphabet, choose, count=count, length=length, rng=rng)


def known_share(texts):
    """Parte de las palabras que salen en los cuentos de entrenamiento."""
    return np.mean([word in known for text in texts for word in words_of(text)])


live_known = {t: known_share(write_sample(t)) for t in (0.7, 1.2)}
human_known = known_share(stories["test"])
stored = sampled("known", "temperatura", 0.7)
explain(
    f"Palabras que salen en los cuentos de entrenamiento: a 0.7, un {100 * live_known[0.7]:.1f} % (guardadas: entre {100 * stored.min():.1f} y "
    f"{100 * stored.max():.1f}); a 1.2, un {100 * live_known[1.2]:.1f} %; en los cuentos de prueba, un {100 * human_known:.1f} %."
)

# %% [markdown]
# Los cuentos de prueba también traen palabras nuevas: pocas, y de verdad. Las nuevas del modelo son, casi todas, **inventadas**.

# %%
unknown, invented = 1 - stored.mean(), 1 - at_07.mean()
explain(
    f"De cada cien palabras del modelo a 0.7, {100 * unknown:.1f} no salen en los cuentos de entrenamiento y {100 * invented:.1f} no están "
    f"en el diccionario. De las de los cuentos de prueba, {100 * (1 - human_known):.1f} y {100 * (1 - human_words):.1f}."
)

# %% [markdown]
# ## 9 · ¿Escribe o copia?
#
# Si se hubiera aprendido los cuentos de memoria, todas sus palabras serían de verdad. Busquemos, en cada texto, el **tramo más largo
# que está tal cual en los cuentos de entrenamiento**. Pero ojo: dos cuentos escritos por separado también comparten tramos («y se
# quedó mirando»). La vara son los cuentos de prueba. Y, para saber cómo se ve la copia, una red que se ha aprendido
# 36 de ellos dándoles muchas vueltas; a ella se le buscan en esos 36.
#
# **Predice**: ¿cuántas letras seguidas compartirá un cuento de prueba con los de entrenamiento? ¿Y uno del modelo?

# %%
source = END.join(stories["train"])
texts = write_sample(0.7, count=36, length=max(map(len, stories["test"])))
texts = [text[: len(test)] for text, test in zip(texts, stories["test"], strict=True)]
spans = {
    name: [longest_copied(text, source) for text in written]
    for name, written in (("cuentos de prueba", stories["test"]), ("modelo entregado", texts))
}
copied = {name: np.array([len(span) for span in found]) for name, found in spans.items()}
copies = load_result("generacion_copia")
by_heart = copies["length"][copies["kind"] == "memoria"]
plot_copied(
    {**copied, "red de memoria": by_heart},
    title=f"Medianas: {np.median(copied['cuentos de prueba']):.0f}, {np.median(copied['modelo entregado']):.0f} y {np.median(by_heart):.0f} letras",
)
plt.show()

# %%
copy_gap = welch(copied["modelo entregado"], copied["cuentos de prueba"])
longest = {name: max(found, key=len).replace("\n", "⏎") for name, found in spans.items()}
explain(
    f"El mayor tramo copiado de cada texto, de 36 y 36: el modelo a 0.7 frente a los cuentos de prueba, {copy_gap.verdict('caracteres')}. El más largo: "
    + "; ".join(f"{name}, «{span}»" for name, span in longest.items())
    + f". La red que se aprendió 36 cuentos llega a {by_heart.max()} caracteres."
)

# %% [markdown]
# La red de memoria copia párrafos enteros; el modelo entregado, trozos de frase. Lo decisivo es tener con qué comparar: sin los cuentos de
# prueba, veinte letras copiadas parecerían plagio.
#
# ## 10 · Lo que hemos comprobado

# %% tags=["nbval-check-output"]
test_score = {name: mean_bits(bits["test"]) for name, bits in scored.items()}
verify(
    claim("La red en directo gana al trigrama en validación", mean_bits(live_bits) - trigram.mean(), "<", -0.2),
    claim("Y no alcanza a la mejor cuenta en prueba", test_score["red en directo"] - test_score[best_count], ">", 0.05),
    claim("Sin estado, la primera letra de un tramo cuesta mucho más", first_gap, ">", 1.0),
    claim("A temperatura 0.7, casi todas las palabras salen en los cuentos de entrenamiento", live_known[0.7], ">", 0.9),
    claim("A 1.2 salen bastantes menos", live_known[0.7] - live_known[1.2], ">", 0.1),
    claim("Los tramos que copia el modelo no son mucho mayores que los que ya comparten los cuentos de prueba",
          np.median(copied["modelo entregado"]) / np.median(copied["cuentos de prueba"]), "<", 2.0),
)  # fmt: skip

# %% tags=["nbval-check-output"]
check_rows = nn.functional.softmax(torch.from_numpy(after_ca), dim=-1).numpy()
verify(
    claim("Nuestra softmax es la de PyTorch", np.abs(softmax(after_ca) - check_rows).max(), "<", 1e-9, kind="identidad"),
    claim("Kneser-Ney reparte toda la probabilidad", abs(counting[5].probabilities("zzzz").sum() - 1), "<", 1e-9, kind="identidad"),
    claim("El modelo entregado da en prueba lo que dice su registro",
          abs(test_score["modelo entregado"] - trained.measures["bits_prueba"]), "<", 1e-3, kind="identidad"),
    claim("Y no pasa de 1.9 bits por carácter", test_score["modelo entregado"], "<", 1.9, kind="identidad"),
    claim("A temperatura 0.7, el diccionario conoce más del 95 % de sus palabras", at_07.mean(), ">", 0.95, kind="identidad"),
    claim("La red de memoria copia tramos mucho mayores", np.median(by_heart) / np.median(copied["cuentos de prueba"]), ">", 3, kind="identidad"),
)  # fmt: skip

# %% [markdown]
# ## Resumen
#
# - Un modelo de lenguaje da la probabilidad del siguiente símbolo; escribir es **sortear** y volver a preguntar.
# - La **temperatura** cambia todo el reparto; **top-k** y el **núcleo** cortan la cola. El núcleo se adapta a lo que duda el modelo.
# - Se mide en **bits por carácter**, en textos no vistos y diciendo de qué parte. Por palabra, se reparten los mismos bits.
# - El rival de una red de letras es una buena cuenta: **Kneser-Ney**, no el trigrama.
# - En texto continuo, de un tramo al siguiente **pasa el estado y no el gradiente**.
# - Unos pesos sin su vocabulario no son nada: van juntos y se comprueban al cargar.
# - Para saber si copia, hay que saber cuánto comparten dos textos que no se han copiado.
#
# **Qué no hemos demostrado.** Es un solo texto, pequeño y de un solo estilo: con más datos, la distancia entre la red y las cuentas
# sería otra. Del modelo entregado hay una sola semilla; su ventaja se ha medido sobre los cuentos, no sobre entrenamientos. No hemos
# medido si un cuento **se entiende**: eso no está en los bits ni en el diccionario. Y la mejor manera de sortear aquí no tiene por qué
# serlo en un modelo de palabras, que es para lo que nació el núcleo.
#
# ## Errores frecuentes
#
# - Enseñar una muestra escogida como prueba de lo bueno que es un modelo.
# - Comparar perplejidades por palabra y por carácter, o de vocabularios distintos, como si fueran lo mismo.
# - Batir a un rival flojo y no probar el bueno.
# - Elegir la temperatura o el orden con los textos de prueba.
# - Arreglar «retropropagar por segunda vez» quitando el estado o con `retain_graph=True`.
# - Cargar unos pesos con el vocabulario en otro orden: no da error si nadie lo comprueba.
#
# ## Para saber más
#
# - C. E. Shannon (1951), *Prediction and entropy of printed English*, Bell System Technical Journal 30: bits por letra, medidos con
#   personas.
# - R. Kneser y H. Ney (1995), *Improved backing-off for m-gram language modeling*, ICASSP; S. F. Chen y J. Goodman (1999), *An empirical
#   study of smoothing techniques for language modeling*, Computer Speech and Language 13.
# - I. Sutskever, J. Martens y G. Hinton (2011), *Generating text with recurrent neural networks*, ICML.
# - A. Holtzman, J. Buys, L. Du, M. Forbes e Y. Choi (2020), *The curious case of neural text degeneration*, ICLR.
#
# **Siguiente**: [34 · Codificador-decodificador](34_encoder_decoder.ipynb), donde lo que se escribe depende de lo que se ha leído.
