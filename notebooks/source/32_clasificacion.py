# %% [markdown]
# # 32 · Clasificación
#
# **¿Esta reseña es favorable? Casi siempre basta con mirar qué palabras tiene. ¿Cuándo importa en qué orden están?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a hacer una bolsa de palabras y a no presumir de red sin compararla con ella; a resumir los estados de una red sin leer el relleno; a demostrar con un control si el orden importa; a ver qué palabras deciden y a comprobar que ese mapa dice algo; a medir si una probabilidad es de fiar y a corregirla; a encontrar tres fallos en una evaluación |
# | **Antes de empezar** | [31 · Texto a tensores](31_texto_a_tensores.ipynb) y [22 · GRU](22_gru.ipynb) |
# | **Tiempo** | 75 minutos de lectura y ejercicios, mejor en dos ratos; un minuto de ejecución |
# | **Herramientas** | Keras, NumPy y, para la regresión logística, scikit-learn |

# %% tags=["parameters"]
FAST = True  # False: el doble de redes en las secciones 2 y 7 (medio minuto más)
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED, frameworks=("tensorflow",))

# %%
from collections import Counter
from itertools import pairwise

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers, ops
from sklearn.linear_model import LogisticRegression

from course_utils.claims import claim, explain, verify
from course_utils.comparison import crossed_bootstrap, mcnemar, paired, welch, wilson
from course_utils.datasets import load_result, load_reviews, load_trained
from course_utils.exercises import check, hint, progress, solution

# %%
from course_utils.lessons.lesson_32 import (
    build_classifier,
    encode_texts,
    encoded_puzzles,
    encoded_reviews,
    hits_matrix,
    is_blind,
    log_loss,
    plot_classifier,
    plot_hits,
    plot_learning_curves,
    plot_reliability,
    plot_word_effects,
    train_classifier,
)
from course_utils.synthetic import puzzle_opinions
from course_utils.text import Vocabulary, build_vocabulary, words

rng = np.random.default_rng(SEED)

# %% [markdown]
# ## 1 · Una bolsa de palabras
#
# Las reseñas del curso son cortas y cada una lleva su etiqueta: 1 si es favorable y 0 si no. En las **directas**, las propias palabras lo
# dicen. Más de un tercio se escribieron para engañar a quien mire palabras sueltas: lo que decide es una negación, un contraste o la ironía.

# %%
reviews = {split: load_reviews(split) for split in ("train", "validation", "test")}
texts = {split: [words(text) for text in part.texts] for split, part in reviews.items()}
labels = {split: part.labels for split, part in reviews.items()}
tricky = np.array([kind != "directa" for kind in reviews["test"].kinds])
majority = np.mean(labels["test"] == round(labels["train"].mean()))
for kind in ("directa", "contraste"):
    place = reviews["train"].kinds.index(kind)
    print(f"{kind}, {labels['train'][place]}: {reviews['train'].texts[place]}")
explain(
    f"{len(texts['train'])} reseñas para entrenar, {len(texts['validation'])} para elegir y {len(tricky)} para probar, de las que "
    f"{tricky.sum()} son engañosas. Decir siempre lo mismo acierta el {100 * majority:.0f} %."
)

# %% [markdown]
# La **bolsa de palabras** (*bag of words*) apunta qué palabras hay en un texto y olvida su orden.
#
# ### Ejercicio 32.1 ★ · La bolsa
#
# `texts` es una lista de listas de palabras y `columns`, un diccionario de palabra a columna. Devuelve un array con una fila por texto y una
# columna por palabra: **cuántas veces** está, en números del tipo que da `np.zeros`. Las palabras que no tienen columna no cuentan.


# %% tags=["exercise"]
def bag_of_words(texts, columns):
    """Array (textos, palabras) con cuántas veces sale cada palabra en cada texto."""
    ### BEGIN SOLUTION
    counts = np.zeros((len(texts), len(columns)))
    for row, text in enumerate(texts):
        for word in text:
            if word in columns:
                counts[row, columns[word]] += 1
    return counts
    ### END SOLUTION


# %% tags=["check"]
bag_of_words = check("32.1", bag_of_words)

# %% [markdown]
# Con la bolsa, una **regresión logística** da un peso a cada palabra y los suma. Como Wang y Manning (2012), apuntamos solo si la palabra está, no
# cuántas veces. El vocabulario sale del entrenamiento (palabras que están en dos reseñas o más), y cuánto se frenan los pesos (`C`) se elige con la
# validación. La misma función hará las **parejas** de palabras seguidas (*bigrams*), que guardan un poco de orden.


# %%
def with_pairs(text):
    """Las palabras de un texto y sus parejas de palabras seguidas."""
    return [*text, *(" ".join(pair) for pair in pairwise(text))]


def fit_linear(train, train_labels, chosen, chosen_labels):
    """La mejor regresión en validación y sus columnas; los textos son listas de piezas."""
    counts = Counter(piece for text in train for piece in set(text))
    kept = sorted(piece for piece, count in counts.items() if count > 1)
    columns = {piece: place for place, piece in enumerate(kept)}
    x, x_chosen = (np.minimum(bag_of_words(part, columns), 1) for part in (train, chosen))
    fits = [
        LogisticRegression(C=c, max_iter=1000).fit(x, train_labels) for c in (0.03, 0.1, 0.3, 1.0)
    ]
    losses = [log_loss(model.decision_function(x_chosen), chosen_labels) for model in fits]
    return fits[int(np.argmin(losses))], columns


def linear_logits(fitted, texts):
    """El logit de cada texto."""
    model, columns = fitted
    return model.decision_function(np.minimum(bag_of_words(texts, columns), 1))


# %% [markdown]
# **Predice**: en las reseñas engañosas, ¿acertará la bolsa más que una moneda?

# %%
linear, hits = {}, {}
for name, pieces in {"bolsa": list, "parejas": with_pairs}.items():
    train, chosen, test = ([pieces(text) for text in part] for part in texts.values())
    linear[name] = fit_linear(train, labels["train"], chosen, labels["validation"])
    hits[name] = (linear_logits(linear[name], test) > 0) == labels["test"]  # (reseñas,)
weights = linear["bolsa"][0].coef_[0]
by_weight = [list(linear["bolsa"][1])[place] for place in np.argsort(weights)]
print("A favor:", ", ".join(by_weight[:-11:-1]), "\nEn contra:", ", ".join(by_weight[:10]))
bag_direct, bag_tricky = (wilson(hits["bolsa"][part]) for part in (~tricky, tricky))
explain(
    f"La bolsa acierta el {bag_direct.in_words('%', decimals=0, scale=100)} de las directas y el "
    f"{bag_tricky.in_words('%', decimals=0, scale=100)} de las engañosas. Parejas frente a bolsa, en todas: "
    f"{mcnemar(hits['parejas'], hits['bolsa']).verdict('puntos', scale=100)}."
)

# %% [markdown]
# En las directas se equivoca poco. En las engañosas, el intervalo contiene la mitad: no se puede decir que acierte más que una moneda. Y aquí las parejas de palabras no ayudan.
#
# ## 2 · Redes que leen
#
# Una red lee las palabras en orden y guarda un estado en cada paso. ¿Qué estado se le enseña a la salida? Se puede leer **el último**, y confiar en que lo
# del principio siga ahí; o resumir **todos**, con su media y su máximo (*pooling*); o leer en **los dos sentidos** y juntar los dos finales.

# %%
plot_classifier(
    ["no", "fue", "malo", "·"], title="Un clasificador: incrustación, GRU y resumen de los estados"
)
plt.show()
explain(
    "Cada palabra, una fila de la matriz de incrustación; cada fila entra en un paso de la GRU, que guarda un estado. La última columna es relleno: "
    "no se lee. La media y el máximo de los estados reales van juntos a la salida, un solo número: el logit."
)

# %% [markdown]
# ### Ejercicio 32.2 ★ · Media y máximo de los pasos reales
#
# `states` es (lote, tiempo, oculto) y `lengths`, los pasos reales de cada texto: lo demás, al final, es relleno. Devuelve (lote, 2 · oculto): primero la
# media de los estados **reales** y después su máximo. Cuidado: los estados pueden ser negativos.


# %% tags=["exercise"]
def pool_states(states, lengths):
    """Media y máximo de los pasos reales: (lote, tiempo, oculto) → (lote, 2 · oculto)."""
    ### BEGIN SOLUTION
    real = (np.arange(states.shape[1]) < lengths[:, None])[:, :, None]
    mean = np.where(real, states, 0).sum(axis=1) / lengths[:, None]
    largest = np.where(real, states, -np.inf).max(axis=1)
    return np.concatenate([mean, largest], axis=1)
    ### END SOLUTION


# %% tags=["check"]
pool_states = check("32.2", pool_states)

# %% [markdown]
# En Keras, lo mismo con sus operaciones. Para que con tan pocos textos no se los aprenda de memoria, la red lleva *dropout*: en la incrustación, que apaga cada
# característica en todas las palabras a la vez (`SpatialDropout1D`), y en la salida.


# %%
def pooled_gru(size, width=32, units=32):
    """De números de palabra, (lote, palabras), al logit, (lote, 1)."""
    ids = keras.Input((None,), dtype="int32")
    vectors = layers.Embedding(size, width, mask_zero=True)(ids)  # (lote, palabras, ancho)
    vectors = layers.SpatialDropout1D(0.4)(vectors)
    states = layers.GRU(units, return_sequences=True)(vectors)  # (lote, palabras, oculto)
    real = ops.cast(ops.expand_dims(ids != 0, -1), "float32")  # (lote, palabras, 1)
    mean = ops.sum(states * real, axis=1) / ops.sum(real, axis=1)
    largest = ops.max(states - 1e9 * (1 - real), axis=1)
    summary = layers.Dropout(0.4)(ops.concatenate([mean, largest], axis=-1))
    return keras.Model(ids, layers.Dense(1)(summary))


data = encoded_reviews()  # los mismos textos en números, con el vocabulario del entrenamiento
probe = pooled_gru(len(data.vocabulary))
few = data.test.ids[:6]
layer_states = keras.Model(probe.input, probe.get_layer(index=3).output).predict_on_batch(few)
summary = keras.Model(probe.input, probe.layers[-2].output).predict_on_batch(few)
pool_gap = np.abs(summary - pool_states(layer_states, (few != 0).sum(axis=1))).max()
print(f"{probe.count_params()} parámetros; Keras y NumPy difieren en {pool_gap:.0e}")

# %% [markdown]
# Se entrena como siempre, y tras cada época se apunta lo que da en la validación y en la prueba. La época se elige con la **pérdida en validación**; la prueba solo se
# mira al final.


# %%
unread = encode_texts(reviews["validation"].texts + reviews["test"].texts, data.vocabulary)


def train_epochs(seed, epochs=6):
    """Los logits tras cada época, en validación y en prueba."""
    keras.utils.set_random_seed(seed)
    model = pooled_gru(len(data.vocabulary))
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.01, clipnorm=1.0), loss=loss)
    seen = []
    for _ in range(epochs):
        model.fit(data.train.ids, data.train.labels[:, None], batch_size=32, verbose=0)
        logits = model.predict_on_batch(unread)[:, 0]
        seen.append(np.split(logits, [len(texts["validation"])]))
    return seen


count = 4 if FAST else 8
runs = [train_epochs(100 * SEED + n + 7) for n in range(count)]
losses = np.array([[log_loss(v, labels["validation"]) for v, _ in seen] for seen in runs])
picked = losses.argmin(axis=1)  # la época de cada red
live = np.array([seen[epoch][1] for seen, epoch in zip(runs, picked, strict=True)])
live_hits = (live > 0) == labels["test"]  # (redes, reseñas)

# %% [markdown]
# **Predice**: ¿ganará a la bolsa?

# %%
live_gain = crossed_bootstrap(live_hits, hits["bolsa"][None], seed=SEED)
explain(
    f"{count} redes aciertan, de media, el {100 * live_hits.mean():.1f} %: el {100 * live_hits[:, ~tricky].mean():.0f} % de las directas y el "
    f"{100 * live_hits[:, tricky].mean():.0f} % de las engañosas. Frente a la bolsa: {live_gain.verdict('puntos', scale=100)}."
)

# %% [markdown]
# ## 3 · Siete redes y un control
#
# ¿Hemos elegido mal la red? Un programa aparte ha medido siete, con dos tasas de aprendizaje y varias semillas. La tasa y la época de cada una se eligieron con la
# validación. De cada red se guarda qué reseñas de prueba acierta: así el margen cuenta las dos cosas que podrían haber salido de otra manera, **las reseñas y las redes** (de estas hay pocas: si varían mucho, se queda corto). La octava es el **control**: la misma GRU, con su misma
# tasa y las palabras de cada reseña barajadas, al entrenar y al probar. Si el orden ayuda, debe ser peor.

# %%
table = load_result("clasificacion")
print(table.script, "·", len(table["seed"]), "redes")
networks, rates = (
    list(dict.fromkeys(table["network"].tolist())),
    sorted(set(table["rate"].tolist())),
)
stored, costs = {}, {}
for name in networks:
    mine = [(table["network"] == name) & (table["rate"] == rate) for rate in rates]
    rows = max(mine, key=np.sum)  # la tasa elegida en validación es la que tiene todas las semillas
    stored[name] = hits_matrix(table["hits"][rows])  # (redes, reseñas)
    costs[name] = int(table["parameters"][rows][0]), table["seconds"][rows].mean()

# %%
print(f"{'':24s}parámetros segundos  todas  engañosas  frente a la bolsa")
gains = {}
for name, one in stored.items():
    gains[name] = crossed_bootstrap(one, hits["bolsa"][None], seed=SEED)
    print(
        f"{name:24s}{costs[name][0]:10d}{costs[name][1]:9.1f}{100 * one.mean():7.1f}"
        f"{100 * one[:, tricky].mean():11.1f}  {gains[name].verdict('puntos', scale=100)}"
    )
for name, one in hits.items():
    parameters = linear[name][0].coef_.size + 1
    print(
        f"{name:24s}{parameters:10d}{'':9s}{100 * one.mean():7.1f}{100 * one[tricky].mean():11.1f}"
    )
explain(
    f"Decir siempre lo mismo: {100 * majority:.1f}. Segundos de procesador, de entrenar cada red."
)

# %%
parts = {"directas": ~tricky, "engañosas": tricky}
panels = {
    part: {name: 100 * one[:, chosen].mean(axis=1) for name, one in stored.items()}
    for part, chosen in parts.items()
}
levels = {part: 100 * hits["bolsa"][chosen].mean() for part, chosen in parts.items()}
sharp = [name for name, one in stored.items() if crossed_bootstrap(one[:, tricky], hits["bolsa"][None][:, tricky], seed=SEED).low > 0]  # fmt: skip
won, lost = (sum(gain.is_clear and gain.value * sign > 0 for gain in gains.values()) for sign in (1, -1))  # fmt: skip
plot_hits(panels, levels, title=f"Ganan con claridad a la bolsa: {won}; pierden: {lost}")
plt.show()
ordered, mixed = stored["GRU, todos"], stored["GRU, todos, barajadas"]
order_gain = crossed_bootstrap(ordered, mixed, seed=SEED)
order_tricky = crossed_bootstrap(ordered[:, tricky], mixed[:, tricky], seed=SEED)
explain(
    f"Cada punto, una red; la raya, la bolsa. En las engañosas la superan con claridad: {', '.join(sharp) or 'ninguna'}. La GRU con las palabras en su sitio frente a barajadas: en todas, "
    f"{order_gain.verdict('puntos', scale=100)}; en las engañosas, {order_tricky.verdict('puntos', scale=100)}. Las redes de ahora "
    f"frente a las guardadas: {welch(live_hits.mean(axis=1), ordered.mean(axis=1)).verdict('puntos', scale=100)}."
)

# %% [markdown]
# Con medio millar de textos, ninguna arquitectura queda por encima de contar palabras, y el control no deja decir que la GRU saque algo del orden: la diferencia de las medias la pone casi toda **una** red barajada que no aprendió.
# Promediar las redes antes de comparar lo habría escondido. Y el orden importa: en más de un tercio de las reseñas es lo que decide. Con estos textos, en las engañosas ninguna red gana a la bolsa. ¿Es que son pocos?
#
# ## 4 · ¿Cuántos textos harían falta?
#
# Entrenemos con una parte: un octavo, un cuarto, la mitad y todo. En papel logarítmico, el error suele bajar en línea recta: $\text{error}\approx a\,n^{-b}$.
#
# **Predice**: para fallar la mitad, ¿harán falta el doble de textos, cuatro veces más…?

# %%
curve = load_result("clasificacion_curva")
seeds, total = sorted(set(curve["seed"].tolist())), len(texts["train"])
sizes = [*sorted(set(curve["size"].tolist())), total]
parts = [hits_matrix(curve["hits"][curve["size"] == n]) for n in sizes[:-1]]
by_size = {"GRU": [*parts, stored["GRU, todos"]], "bolsa": []}
for n in sizes:
    found = []
    for seed in seeds if n < total else seeds[:1]:
        some = np.random.default_rng(seed).permutation(total)[:n]  # las mismas que las redes
        part = [texts["train"][place] for place in some]
        fitted = fit_linear(part, labels["train"][some], texts["validation"], labels["validation"])
        found.append((linear_logits(fitted, texts["test"]) > 0) == labels["test"])
    by_size["bolsa"].append(np.array(found))


# %%
def fit_power(errors):
    """La pendiente y el logaritmo de a de error = a · n^pendiente."""
    return np.polyfit(np.log(sizes), np.log(errors), 1)


def factor_to_halve(per_text):
    """Por cuánto hay que multiplicar los textos para fallar la mitad. per_text: (tamaños, reseñas)."""
    slope = fit_power(1 - per_text.mean(axis=1))[0]
    return 0.5 ** (1 / slope) if slope < 0 else np.inf


factors, curves = {}, {}
for name, parts in by_size.items():
    per_text = np.array([part.mean(axis=0) for part in parts])  # (tamaños, reseñas)
    draws = rng.integers(
        per_text.shape[1], size=(1000, per_text.shape[1])
    )  # otras reseñas de prueba
    spread = [factor_to_halve(per_text[:, draw]) for draw in draws]
    factors[name] = (
        factor_to_halve(per_text),
        *np.quantile(spread, [0.025, 0.975], method="nearest"),
    )
    curves[name] = np.array([100 * (1 - part.mean()) for part in parts])

# %%
future = np.geomspace(sizes[0], 50 * total, 50)
laws = {}
for name, errors in curves.items():
    slope, start = fit_power(errors)
    laws[name] = np.exp(start) * future**slope
plot_learning_curves(
    sizes, curves, future, laws, title="El error según los textos, y la recta que seguiría"
)
plt.show()
explain(
    "Para fallar la mitad, si la recta siguiera, habría que multiplicar los textos por "
    + "; ".join(
        f"{factor:.0f} con la {name} (entre {low:.0f} y {'cualquier número' if high > 1e4 else f'{high:.0f}'})"
        for name, (factor, low, high) in factors.items()
    )
    + f". Ahora son {total}."
)

# %% [markdown]
# La recta sale de cuatro puntos y se alarga mucho: es una orientación, no un pronóstico. Sus márgenes, ya enormes, solo cuentan otras reseñas de prueba; y con menos textos la red da también menos pasos. Lo razonable es pensar en **decenas de miles** de textos. En la sección 9 hay veinticinco mil.
#
# ## 5 · Cuando solo queda el orden
#
# Para saber si una red **puede** usar el orden hace falta una tarea en la que lo demás no sirva. Estas adivinanzas vienen con su **gemela**: exactamente las mismas palabras y la etiqueta contraria. En la
# mitad se afirma el último adjetivo («no es malo, es bueno») y en la otra mitad, el primero («es más bueno que malo»).

# %%
puzzles = encoded_puzzles(np.random.default_rng(SEED))
phrases, opinions = puzzles.phrases, puzzle_opinions()
for phrase, label in list(zip(phrases["train"], puzzles.train.labels, strict=True))[:6]:
    print(int(label), phrase)
truth = puzzles.test.labels == 1
blind = np.array([is_blind(phrase) for phrase in phrases["test"]])
explain(
    f"{len(phrases['train'])} frases para entrenar y {len(truth)} para probar, con los mismos moldes; y {len(phrases['held_out'])} con moldes que no se han visto."
)

# %% [markdown]
# Dos reglas de una línea (creer al primer adjetivo o al último), la bolsa y las parejas de palabras. En algunas frases, las **ciegas**, los dos adjetivos llevan las mismas palabras al lado («al principio *era* malo *y* al final *era* bueno *y*…»).
#
# **Predice**: ¿qué sacará cada una?

# %%
adjectives = [[opinions[w] for w in words(phrase) if w in opinions] for phrase in phrases["test"]]
solved = {
    "primer adjetivo": np.array([found[0] for found in adjectives]) == truth,
    "último adjetivo": np.array([found[-1] for found in adjectives]) == truth,
}
held_truth, held = puzzles.held_out.labels == 1, {}
for name, pieces in {"bolsa": list, "parejas": with_pairs}.items():
    parts = {key: [pieces(words(phrase)) for phrase in part] for key, part in phrases.items()}
    fitted = fit_linear(parts["train"], puzzles.train.labels, parts["validation"], puzzles.validation.labels)  # fmt: skip
    solved[name] = (linear_logits(fitted, parts["test"]) > 0) == truth
    held[name] = (linear_logits(fitted, parts["held_out"]) > 0) == held_truth
for name, each in solved.items():
    print(f"{name:16s} todas {100 * each.mean():5.1f} %   ciegas {100 * each[blind].mean():5.1f} %")

# %% [markdown]
# La bolsa da el mismo número a dos gemelas: acierta una y falla la otra, siempre. Las parejas de palabras resuelven todo lo que se ve por la ventana de dos, y en las ciegas vuelven a
# la mitad. ¿Y una red?

# %%
order_runs = [
    train_classifier(
        "GRU, último",
        len(puzzles.vocabulary),
        puzzles.train,
        [puzzles.validation, puzzles.test, puzzles.held_out],
        rate=0.01,
        epochs=8,
        seed=100 * SEED + n,
    )
    for n in (1, 2)
]
solved["GRU"] = (order_runs[0].logits[1] > 0) == truth
held["GRU"] = (order_runs[0].logits[2] > 0) == held_truth

# %%
order = load_result("clasificacion_orden")
print(f"{'':20s}  todas  ciegas  la peor, en ciegas  moldes nuevos")
for name in dict.fromkeys(order["network"].tolist()):
    rows = order["network"] == name
    means = [100 * order[column][rows].mean() for column in ("test", "blind", "held_out")]
    worst = 100 * order["blind"][rows].min()
    print(f"{name:20s}{means[0]:7.1f}{means[1]:8.1f}{worst:20.1f}{means[2]:15.1f}")

# %%
network_gain = mcnemar(solved["GRU"][::2], solved["parejas"][::2])  # una de cada dos gemelas
explain(
    f"La GRU de ahora acierta el {100 * solved['GRU'].mean():.1f} %, el {100 * solved['GRU'][blind].mean():.0f} % de las ciegas y el "
    f"{100 * held['GRU'].mean():.0f} % en moldes nuevos; las parejas, el {100 * solved['parejas'].mean():.1f}, el {100 * solved['parejas'][blind].mean():.0f} y el "
    f"{100 * held['parejas'].mean():.0f} %. Con una frase de cada dos gemelas, la GRU frente a las parejas: {network_gain.verdict('puntos', scale=100)}."
)

# %% [markdown]
# Una red sin orden, como la media de incrustaciones, da lo mismo a dos gemelas: se queda en la mitad por construcción, como la bolsa. Las recurrentes pasan de ahí, aunque no todas: la **peor** LSTM, que en las
# ciegas se queda en la mitad, acierta como las parejas de palabras, y en la cifra de todas se nota menos. Todas llevan la misma tasa: otra podría haberla salvado. Los moldes nuevos usan palabras ya vistas, puestas de otra manera: acertarlos no es saber español, es haber
# aprendido qué palabras acompañan a lo que se descarta; por eso también los aciertan las parejas.
#
# ## 6 · ¿Qué palabra ha decidido?
#
# Una manera de preguntar: se **quita** cada palabra y se mira cuánto cambia el logit. Lo que más cambia al faltar es lo que más pesaba (*occlusion*, o *leave-one-out*).
#
# ### Ejercicio 32.3 ★★ · El efecto de cada palabra
#
# `score` recibe un array de números de palabra, (lote, palabras), y devuelve un logit por fila; `ids`, un array de dos o más números, es un texto. Devuelve un array con, para cada palabra, el
# logit del texto entero **menos** el del texto sin esa palabra (el resto, en su orden).


# %% tags=["exercise"]
def word_effects(score, ids):
    """Cuánto pone cada palabra: logit del texto menos logit sin ella, (palabras,)."""
    ### BEGIN SOLUTION
    without = np.array([np.delete(ids, place) for place in range(len(ids))])
    return score(ids[None])[0] - score(without)
    ### END SOLUTION


# %% tags=["check"]
word_effects = check("32.3", word_effects)


# %%
sample = [row[row != 0] for row in puzzles.test.ids[:60]]


def map_effects(model):
    """El efecto de cada palabra en cada frase de la muestra."""
    return [word_effects(lambda ids: model.predict_on_batch(ids)[:, 0], ids) for ids in sample]


first, second = (run.model for run in order_runs)
maps = {"entrenada": map_effects(first), "otra entrenada": map_effects(second)}
mixed = build_classifier("GRU, último", len(puzzles.vocabulary))
shuffled = [f"barajada {n}" for n in range(1, 6)]  # los números de cada matriz, barajados
for name in shuffled:
    mixed.set_weights([rng.permutation(w.ravel()).reshape(w.shape) for w in first.get_weights()])
    maps[name] = map_effects(mixed)


# %%
def agreement(names, change=lambda effects: effects):
    """Correlación media, frase a frase, con los mapas de la primera red: (frases,)."""
    found = [
        [np.corrcoef(change(a), change(b))[0, 1] for a, b in zip(maps["entrenada"], maps[name], strict=True)]
        for name in names
    ]  # fmt: skip
    return np.mean(found, axis=0)


# %%
turns = {"más", "no", "antes"}
shown = int(np.argmax([len(set(each.split()) & turns) for each in phrases["test"][:60]]))
plot_word_effects(
    words(phrases["test"][shown]),
    {name: maps[name][shown] for name in ("entrenada", "otra entrenada", shuffled[0])},
    title="Qué palabras mueven a dos redes entrenadas y a una barajada",
)
plt.show()
same, sanity = agreement(["otra entrenada"]), agreement(shuffled)
same_size, sanity_size = agreement(["otra entrenada"], np.abs), agreement(shuffled, np.abs)
sanity_gap = paired(same[::2], sanity[::2])  # una de cada dos gemelas
explain(
    f"«{phrases['test'][shown]}»: azul, a favor; naranja, en contra; más fuerte, más efecto. En {len(sample)} frases, los mapas de las dos redes entrenadas tienen una correlación media de "
    f"{same.mean():.2f}; con los pesos barajados de {len(shuffled)} maneras, {sanity.mean():.2f}: {sanity_gap.verdict(decimals=2)}. Sin el signo, {same_size.mean():.2f} y {sanity_size.mean():.2f}: "
    f"{paired(same_size[::2], sanity_size[::2]).verdict(decimals=2)}."
)

# %% [markdown]
# Comparar con una red barajada es la **comprobación de cordura** de Adebayo y otros (2018): hay métodos que dibujan un mapa igual de convincente con una red que no sabe nada. Un mapa que no cambia al
# barajar los pesos habla de la frase, no de la red. Con su signo, el nuestro la pasa; pero mira la segunda cuenta: si solo se pinta **cuánto** pesa cada palabra, una red que no sabe nada dibuja un mapa que ya se parece, y la diferencia se ve peor.
# Sin el control nos lo habríamos creído. Que dos redes coincidan no demuestra que razonen bien: dice qué palabras mueven su respuesta, y una frase a la que le falta una
# palabra puede no parecerse a ninguna que hayan visto.
#
# ## 7 · Probabilidad no es confianza
#
# La sigmoide del logit es un número entre 0 y 1. ¿Es una probabilidad? Si lo es, de las reseñas a las que da un 80 % debe acertar ocho de cada diez. Se ve en un **diagrama de fiabilidad**: se agrupan por lo
# segura que dice estar la red y se mira cuántas acierta. El resumen es el **error de calibración** (ECE): la distancia media entre lo que dice y lo que acierta.
#
# Comparemos las mismas redes en la época elegida y en la última, cuando ya se saben los textos de memoria. Solo cambia eso. **Predice**: ¿cuál se creerá más segura? ¿Acertará más?


# %%
def confidence_groups(logits, labels, edges=(0.5, 0.6, 0.7, 0.8, 0.9, 1.0)):
    """Por grupo: confianza media, parte de aciertos y cuántas."""
    confidence = 1 / (1 + np.exp(-np.abs(logits)))  # de la respuesta dada
    hit = (logits > 0) == labels
    group = np.clip(np.searchsorted(edges, confidence, side="right"), 1, len(edges) - 1)
    found = [group == place for place in range(1, len(edges))]
    return np.array([[confidence[g].mean(), hit[g].mean(), g.sum()] for g in found if g.any()])


def calibration_error(logits, labels):
    """ECE: la distancia media entre lo que dice y lo que acierta."""
    confidence, hit, size = confidence_groups(logits, labels).T
    return np.sum(size * np.abs(confidence - hit)) / size.sum()


last = np.array([seen[-1][1] for seen in runs])  # (redes, reseñas)
repeated = np.tile(labels["test"], count)
chance_errors = [  # si cada red dijera la verdad en la última, ¿qué ECE saldría por azar?
    calibration_error(row, rng.random(row.size) < 1 / (1 + np.exp(-row)))
    for _ in range(200)
    for row in last
]

# %% [markdown]
# ### Ejercicio 32.4 ★★ · La temperatura
#
# El remedio más simple (Guo y otros, 2017): dividir todos los logits por una **temperatura** $T$. Con $T>1$ la red se vuelve más prudente; el signo, y con él la respuesta, no cambia. $T$ se elige con la
# **validación**. Prueba cada temperatura de `grid` y devuelve aquella en la que los logits divididos tienen la menor **entropía cruzada** media; en un empate, la primera. La de un logit $s$ con etiqueta $y$ es
# $\ln(1+e^{s}) - y\,s$; `np.logaddexp(0, s)` calcula la primera parte sin desbordarse.


# %% tags=["exercise"]
def fit_temperature(logits, labels, grid):
    """La temperatura de grid con menor entropía cruzada en unos logits y sus etiquetas."""
    ### BEGIN SOLUTION
    losses = []
    for temperature in grid:
        scaled = logits / temperature
        losses.append(np.mean(np.logaddexp(0, scaled) - labels * scaled))
    return float(grid[int(np.argmin(losses))])
    ### END SOLUTION


# %% tags=["check"]
fit_temperature = check("32.4", fit_temperature)

# %%
grid = np.geomspace(0.25, 40, 150)
temperatures = {
    "época elegida": [fit_temperature(seen[e][0], labels["validation"], grid) for seen, e in zip(runs, picked, strict=True)],
    "última": [fit_temperature(seen[-1][0], labels["validation"], grid) for seen in runs],
}  # fmt: skip
cooled = last / np.array(temperatures["última"])[:, None]
groups = {
    "época elegida": confidence_groups(live.ravel(), repeated),
    "última": confidence_groups(last.ravel(), repeated),
    "última, con T": confidence_groups(cooled.ravel(), repeated),
}
eces = {
    name: np.mean([calibration_error(row, labels["test"]) for row in part])  # red a red
    for name, part in zip(groups, (live, last, cooled), strict=True)
}


def text_losses(logits):
    """La entropía cruzada de cada red en cada reseña: (redes, reseñas)."""
    return np.logaddexp(0, logits) - labels["test"] * logits


# %%
plot_reliability(groups, title="La última época se cree más segura de lo que acierta")
plt.show()
none = np.zeros((1, len(tricky)))  # son las mismas redes: se sortea lo que cambia cada una
scale_gain = crossed_bootstrap(text_losses(last) - text_losses(cooled), none, seed=SEED)
late_change = ((last > 0) == labels["test"]) - live_hits.astype(float)
late_hits = crossed_bootstrap(late_change, none, seed=SEED)
explain(
    f"ECE, de media: {'; '.join(f'{name}, {value:.2f}' for name, value in eces.items())}; una red que dijera la verdad con esas probabilidades daría por azar {np.mean(chance_errors):.2f}. "
    f"Temperatura media: {np.mean(temperatures['época elegida']):.1f} en la época elegida y {np.mean(temperatures['última']):.1f} en la última. Aciertos de la última frente a la elegida: "
    f"{late_hits.verdict('puntos', scale=100)}. Pérdida sin T frente a con T, en la última: {scale_gain.verdict(decimals=2)}."
)

# %% [markdown]
# La exageración viene de seguir entrenando: las mismas redes, con menos épocas, exageran menos. Y la temperatura corrige la confianza sin tocar un solo acierto. Tiene un límite: es un número para todas las reseñas. No
# sabe que en las engañosas se equivoca más.

# %%
confident = 1 / (1 + np.exp(-np.abs(cooled)))
tricky_excess = confident[:, tricky].mean() - ((cooled > 0) == labels["test"])[:, tricky].mean()
direct_excess = confident[:, ~tricky].mean() - ((cooled > 0) == labels["test"])[:, ~tricky].mean()
explain(
    f"Ya con la temperatura, confianza media menos aciertos: {100 * tricky_excess:+.0f} puntos en las engañosas y {100 * direct_excess:+.0f} en las directas.".replace(
        "-", "−"
    )
)

# %% [markdown]
# ## 8 · Un clasificador que ya viene entrenado
#
# El curso trae uno: son solo **pesos**, en un archivo *safetensors*, y se cargan en una red que construyes tú. Con ellos viene el vocabulario, porque con otro los números no significan nada, y una ficha
# (`datasets/models/resenas.md`) que dice con qué se entrenó, qué acierta y qué no.

# %%
trained = load_trained("resenas")
shipped = pooled_gru(len(trained.vocabulary))
shipped_vocabulary = Vocabulary(trained.vocabulary[4:])  # los cuatro primeros son los especiales
trained.load_into(shipped, vocabulary=shipped_vocabulary.pieces)
shipped_logits = shipped.predict_on_batch(encode_texts(reviews["test"].texts, shipped_vocabulary))[
    :, 0
]
shipped_hits = (shipped_logits > 0) == labels["test"]
temperature = trained.measures["temperatura"]
mine = [
    "Una maravilla, volveré seguro.",
    "No está mal.",
    "Ni bueno ni malo, sino todo lo contrario.",
]
for text, logit in zip(mine, shipped.predict_on_batch(encode_texts(mine, shipped_vocabulary))[:, 0], strict=True):  # fmt: skip
    print(f"{100 / (1 + np.exp(-logit / temperature)):3.0f} %  {text}")
explain(
    f"Acierta el {100 * shipped_hits.mean():.1f} % de la prueba; su ficha dice {100 * trained.measures['acierto_prueba']:.1f}. Frente a la bolsa: "
    f"{mcnemar(shipped_hits, hits['bolsa']).verdict('puntos', scale=100)}."
)

# %% [markdown]
# Escribe tus propias frases en `mine`. Antes de creer lo que diga, mira la última cuenta: contar palabras acierta más, y se explica solo.
#
# ## 9 · Con veinticinco mil textos
#
# IMDB es el conjunto con el que más se enseña esto: críticas de cine, en inglés. Hay una receta muy repetida: 20 000 palabras, las 100 últimas de cada crítica, incrustación
# y LSTM de 128, *dropout* de 0.2, cinco épocas. Un programa aparte la ha medido con las críticas de verdad. Le ha puesto también **arreglos**: máscara, más palabras, resumir todos los estados, una tasa que cae y lotes de
# longitud parecida; de uno en uno (con dos épocas, porque cada red tarda minutos) y todos a la vez, con una red menor. Y al lado ha puesto un modelo **lineal** con palabras y parejas (como Wang y Manning, 2012), que lee la crítica entera.
#
# **Predice**: ¿cuánto ganará la mejor red al modelo lineal?

# %%
imdb = load_result("imdb")
print(imdb.script)
recipes = list(dict.fromkeys(imdb["recipe"].tolist()))
chosen = {name: (imdb["recipe"] == name) & (imdb["stage"] == "elegir") for name in recipes}
print(f"{'':36s}parámetros segundos   MB  validación (redes)")
for name, rows in chosen.items():
    size, seconds, memory, right = (
        imdb[column][rows].mean() for column in ("params", "seconds", "megabytes", "validation")
    )
    print(f"{name:36s}{size:10.0f}{seconds:9.0f}{memory:5.0f}{100 * right:12.1f} ({rows.sum()})")

# %%
imdb_rows = {
    name: 100 * imdb["validation"][rows] for name, rows in chosen.items() if name != "lineal"
}
linear_level = 100 * imdb["validation"][chosen["lineal"]].mean()
plot_hits(
    {"críticas de validación": imdb_rows}, {"críticas de validación": linear_level},
    title="IMDB: la raya es el modelo lineal",
)  # fmt: skip
plt.show()
final = {
    name: imdb["test"][(imdb["recipe"] == name) & (imdb["stage"] == "final")]
    for name in ("mejor", "lineal")
}
linear_error = 1 - final["lineal"].mean()
linear_margin = 196 * np.sqrt(linear_error * (1 - linear_error) / 5000)  # 5000 críticas de prueba
explain(
    f"En las críticas de prueba, la mejor red acierta el {100 * final['mejor'].mean():.1f} % ({len(final['mejor'])} semillas, de {100 * final['mejor'].min():.1f} a "
    f"{100 * final['mejor'].max():.1f}); el modelo lineal, el {100 * final['lineal'].mean():.1f} %. Por las críticas que han tocado, la del lineal tiene un margen de ±{linear_margin:.1f}."
)

# %% [markdown]
# La receta repetida queda lejos, y tarda minutos. La mejor red la pasa con una parte del tiempo, y aun así no alcanza a contar palabras y parejas, que tarda segundos.
#
# Puestos de uno en uno en la receta repetida, con dos épocas, los cinco arreglos suben varios puntos. No lo creas aún: hay **una** red de cada, y la de partida pudo salir mal. Quitados de la mejor, con tres semillas, se ve más: lo que más cuesta
# perder es leer más palabras, resumir todos los estados (y los vectores) y que caiga la tasa, que empieza igual. La máscara, cuando los lotes por longitud apenas dejan relleno, no se nota, y los lotes ahorran tiempo, no fallos.
#
# Dos avisos. Hay películas a los dos lados del reparto, y esa prueba se miró antes del último cambio de la red: su cifra es algo optimista. Y falta la misma red **sin GRU**: no sabemos cuánto pone la recurrencia.
#
# Lo que se sigue es modesto: en textos largos, donde la opinión se repite, **antes de una red prueba el modelo lineal**, que además se explica solo. No se sigue que las redes no sirvan: con modelos entrenados antes con muchísimo más
# texto la comparación es otra, y en la sección 5 ningún recuento llegaba. Tampoco que el orden añada poco: las parejas ya llevan algo de orden.
#
# Si tienes las críticas (`load_imdb()` las descarga), la receta entera es una función: `train_best(imdb.x_train, imdb.y_train)`, de `course_utils.lessons.lesson_32`.
#
# ## 10 · Rómpelo y arréglalo
#
# Una evaluación puede mentir sin que falle una línea. A nuestras reseñas les pasa ahora lo que a muchas colecciones reales: hay textos **repetidos casi igual**; aquí, uno de cada tres, con dos palabras cambiadas. Y solo se leen quince palabras de cada una.

# %%
everything = [text for part in texts.values() for text in part]
answers = np.concatenate(list(labels.values()))
again = rng.permutation(len(everything))[: len(everything) // 3]
pool = sorted({word for text in everything for word in text})
copies = [list(everything[place]) for place in again]
for copy in copies:
    for place in rng.permutation(len(copy))[:2]:
        copy[place] = str(rng.choice(pool))
collected, answers = everything + copies, np.concatenate([answers, answers[again]])


def near_duplicates(texts, share=0.6):
    """El grupo de cada texto: el lugar del primero con el que comparte esa parte de las palabras."""
    columns = {word: place for place, word in enumerate(sorted({w for t in texts for w in t}))}
    present = np.minimum(bag_of_words(texts, columns), 1).astype("float32")
    shared = present @ present.T
    sizes = present.sum(axis=1)
    return (shared / (sizes[:, None] + sizes - shared) >= share).argmax(axis=1)


duplicate_groups = near_duplicates(collected)
print(len(collected), "reseñas en", len(set(duplicate_groups.tolist())), "grupos")

# %% [markdown]
# Esta es la preparación que nos ha llegado. Reparte al azar, hace el vocabulario, numera y recorta.


# %%
def published_prepare(texts, groups, order, test_size, size, length):
    test, train = order[:test_size], order[test_size:]
    vocabulary = build_vocabulary((word for text in texts for word in text), size=size)
    ids = [vocabulary.encode(text)[:length] for text in texts]
    return train, test, vocabulary, ids


# %% [markdown]
# ### Ejercicio 32.5 ★★★ · Audítala
#
# Tiene **tres** fallos. Escribe `prepare`, con los mismos argumentos y resultados, que cumpla lo que promete:
#
# - `test` son los `test_size` primeros de `order`; `train`, los demás **que no sean de un grupo** (`groups`) que esté en la prueba, en su orden. Los dos, arrays;
# - `vocabulary` sale de `build_vocabulary` con `size`, y **solo** de los textos de `train`, sin recortar;
# - `ids` es una lista con los números, en listas, de **todos** los textos, en el orden de `texts`: de cada uno, las `length` **últimas** palabras, que es donde suele estar el veredicto.


# %% tags=["exercise"]
def prepare(texts, groups, order, test_size, size, length):
    """Entrenamiento, prueba, vocabulario y números, sin trampas."""
    ### BEGIN SOLUTION
    test = order[:test_size]
    train = order[test_size:][~np.isin(groups[order[test_size:]], groups[test])]
    vocabulary = build_vocabulary((word for place in train for word in texts[place]), size=size)
    ids = [vocabulary.encode(text[-length:]) for text in texts]
    return train, test, vocabulary, ids
    ### END SOLUTION


# %% tags=["check"]
prepare = check("32.5", prepare)

# %% [markdown]
# ¿Cuánto mentía cada fallo? Volvamos a ponerlos **de uno en uno**, con los mismos repartos y el mismo número de textos de entrenamiento, y midamos con una bolsa.


# %%
def audited_accuracy(fault, order, test_size=200, size=1500, length=15):
    """Acierto en la prueba con un fallo puesto, o con ninguno."""
    alone = np.arange(len(collected))  # como si nadie se pareciera a nadie
    read = [text[:length] for text in collected] if fault == "recorte" else collected
    train, test, vocabulary, ids = prepare(read, duplicate_groups, order, test_size, size, length)
    if fault == "casi iguales":
        count = len(train)
        train, test, vocabulary, ids = prepare(read, alone, order, test_size, size, length)
        train = train[:count]
    if fault == "vocabulario":
        vocabulary = build_vocabulary((word for text in read for word in text), size=size)
        ids = [vocabulary.encode(text[-length:]) for text in read]
    columns = {number: number for number in range(len(vocabulary))}  # la bolsa, con los números
    x = np.minimum(bag_of_words(ids, columns), 1)
    model = LogisticRegression(C=0.1, max_iter=1000).fit(x[train], answers[train])
    return model.score(x[test], answers[test])


# %% [markdown]
# **Predice**: ¿cuál infla más la cifra? ¿Y cuál la estropea?

# %%
faults = ("ninguno", "casi iguales", "vocabulario", "recorte")
orders = [rng.permutation(len(collected)) for _ in range(10)]
audit = {fault: np.array([audited_accuracy(fault, order) for order in orders]) for fault in faults}
audit_gaps = {fault: paired(audit[fault], audit["ninguno"]) for fault in faults[1:]}
print(f"{'ninguno':13s} {100 * audit['ninguno'].mean():.1f} %")
for fault, gap in audit_gaps.items():
    print(f"{fault:13s} {100 * audit[fault].mean():.1f} %  {gap.verdict('puntos', scale=100)}")

# %% [markdown]
# Los casi iguales inflan la cifra: la prueba deja de ser nueva. (Los diez repartos comparten textos: el margen es algo optimista.) El recorte no es trampa, es torpeza, y se nota en contra. El vocabulario de todos los textos **apenas se nota aquí**, y sigue siendo una fuga: en otra tarea, o con
# pesos que dependen de cuántos textos tienen cada palabra, puede notarse. Que un fallo no cambie la cifra no lo convierte en correcto.
#
# ## Lo que hemos comprobado

# %% tags=["nbval-check-output"]
verify(
    claim("Las redes de ahora no ganan a la bolsa con todo el intervalo", live_gain.low, "<", 0.0),
    claim("En las adivinanzas, las parejas de palabras pasan de la mitad", solved["parejas"].mean(), ">", 0.7),
    claim("Y la GRU acierta casi todas", solved["GRU"].mean(), ">", 0.9),
    claim("Dos redes entrenadas se parecen más en su mapa que una barajada", sanity_gap.value, ">", 0.0),
    claim("En la última época, la temperatura pasa de uno", np.mean(temperatures["última"]), ">", 1.2),
    claim("Y baja la pérdida en la prueba", scale_gain.value, ">", 0.0),
    claim("Los casi iguales inflan el acierto", audit_gaps["casi iguales"].value, ">", 0.0),
    claim("Leer el comienzo en vez del final lo baja", -audit_gaps["recorte"].value, ">", 0.03),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("En las adivinanzas, la bolsa acierta la mitad justa", solved["bolsa"].mean(), "==", 0.5, kind="identidad"),
    claim("El primer adjetivo y el último, también",
          abs(solved["primer adjetivo"].mean() - 0.5) + abs(solved["último adjetivo"].mean() - 0.5), "==", 0.0, kind="identidad"),
    claim("Y en las ciegas, las parejas de palabras", solved["parejas"][blind].mean(), "==", 0.5, kind="identidad"),
    claim("Keras y NumPy resumen igual los estados", pool_gap, "<", 1e-5, kind="identidad"),
    claim("La temperatura no cambia ninguna respuesta", float(np.all((cooled > 0) == (last > 0))), "==", 1.0, kind="identidad"),
    claim("El clasificador del curso acierta lo que dice su ficha",
          abs(shipped_hits.mean() - trained.measures["acierto_prueba"]), "<", 0.02, kind="identidad"),
)  # fmt: skip

# %% [markdown]
# ## Resumen
#
# - La **bolsa de palabras** es el rival: barata, sin semilla y difícil de batir. Una red que no se compara con ella no ha demostrado nada.
# - Si el orden importa se demuestra con un **control** que lo quite: barajar las palabras, o una tarea en la que solo quede el orden.
# - Para resumir los estados, solo los **pasos reales**.
# - Un mapa de qué palabras deciden necesita su **comprobación de cordura**: con los pesos barajados no debe salir.
# - Una probabilidad se comprueba con un diagrama de fiabilidad. La **temperatura**, elegida en validación, corrige la confianza sin tocar las respuestas.
# - Casi iguales, vocabulario de todo y recortes: se auditan antes de creer una cifra.
#
# **Qué no hemos demostrado.** Que una red no pueda ganar a la bolsa en estas reseñas: con más textos, con vectores entrenados antes, o con otra tasa (hemos probado dos) u otra regularización, quizá sí; aquí son pocas, escritas por modelos de lenguaje, y la prueba, más pequeña todavía. Que
# acertar las adivinanzas sirva para reseñas. Que quitar palabras diga por qué decide una red: dice qué la mueve.
#
# ## Errores frecuentes
#
# - Enseñar el acierto de una red sin el de la bolsa al lado.
# - Hacer la media o el máximo también del relleno.
# - Elegir la época mirando la prueba.
# - Llamar confianza a la sigmoide sin haberla comprobado.
# - Creerse un mapa de palabras porque queda bonito.
# - Repartir al azar una colección con textos casi iguales.
#
# ## Para saber más
#
# - S. Wang y C. Manning (2012), *Baselines and bigrams: simple, good sentiment and topic classification*, ACL.
# - A. Maas y otros (2011), *Learning word vectors for sentiment analysis*, ACL: las críticas de IMDB.
# - J. Adebayo y otros (2018), *Sanity checks for saliency maps*, NeurIPS.
# - C. Guo, G. Pleiss, Y. Sun y K. Weinberger (2017), *On calibration of modern neural networks*, ICML.
# - M. Iyyer y otros (2015), *Deep unordered composition rivals syntactic methods for text classification*, ACL.
#
# **Siguiente**: [33 · Generación](33_generacion.ipynb), donde la red escribe.
