# %% [markdown]
# # 31 · Texto a tensores
#
# **Una red solo lee números. ¿Cómo se convierte un texto en números sin romperlo por el camino?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a pasar de texto a números y volver sin perder una tilde; a decir qué destruye un limpiador, contándolo; a elegir entre caracteres, palabras y trozos; a aprender un BPE; a explicar qué hace una capa de incrustación y qué filas mueve su gradiente; a juzgar vectores de palabras sin fiarte de un mapa |
# | **Antes de empezar** | [16 · Secuencias de longitud variable](16_longitud_variable.ipynb): el relleno y la máscara |
# | **Tiempo** | 60 minutos de lectura y ejercicios; medio minuto de ejecución |
# | **Herramientas** | Keras, NumPy y, para los mapas, scikit-learn |

# %% tags=["parameters"]
FAST = True  # False: el triple de redes en la sección 6 (medio minuto más)
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED, frameworks=("tensorflow",))

# %%
import re
import unicodedata
from collections import Counter, defaultdict
from itertools import combinations, pairwise

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers
from sklearn.manifold import TSNE

from course_utils.claims import claim, explain, verify
from course_utils.comparison import paired, welch
from course_utils.datasets import load_result, load_stories
from course_utils.exercises import check, hint, progress, solution

# %%
from course_utils.lessons.lesson_31 import (
    chance_share,
    classed_words,
    island_gaps,
    kept_neighbours,
    nearest,
    neighbour_share,
    plot_families,
    plot_growth,
    plot_maps,
    plot_neighbour_shares,
    plot_skipgram,
    plot_text_to_tensor,
    train_skipgram,
    unit,
)
from course_utils.text import Tokenizer, bpe_from_merges, char_tokenizer, chunks

rng = np.random.default_rng(SEED)
stories, unseen = load_stories(), load_stories("validation")

# %% [markdown]
# Todo lo que se aprende sale de los cuentos de entrenamiento, `stories`. Los de validación, `unseen`, hacen de texto nuevo.
#
# ## 1 · Dos textos iguales que no lo son
#
# En Unicode cada carácter tiene un número, su **código**. Algunas letras se pueden escribir de dos maneras: la *ñ* es un código o
# son dos, una *n* y una tilde que se le pone encima (una **marca combinante**). Así llegan, por ejemplo, los nombres de archivo de
# algunos sistemas y lo que se copia de muchos PDF.
#
# **Predice**: ¿dirá Python que los dos «año» son iguales?

# %%
one_code, two_codes = "a\u00f1o", "an\u0303o"
print("En pantalla:", one_code, "y", two_codes, "· ¿iguales?", one_code == two_codes)
for text in (one_code, two_codes):
    print(len(text), "códigos:", *(f"U+{ord(char):04X}" for char in text))

# %% [markdown]
# Para un programa son dos palabras. La forma **NFC** junta cada letra con sus marcas en un solo código, si existe; la **NFD** las
# separa. El remedio es una línea, y va antes que nada: `unicodedata.normalize("NFC", text)`.
#
# ¿Importa? Escribamos la mitad de los cuentos en cada forma y contemos las palabras distintas que salen al partir por los espacios.


# %%
def distinct(texts):
    """Las palabras distintas de unos textos, partidos por los espacios."""
    return {word for text in texts for word in text.split()}


half = len(stories) // 2
mixed = [unicodedata.normalize("NFD", story) for story in stories[:half]] + stories[half:]
healed = [unicodedata.normalize("NFC", story) for story in mixed]
doubled = len(distinct(mixed)) - len(distinct(healed))
explain(
    f"Con las dos formas mezcladas hay {len(distinct(mixed))} palabras distintas; en NFC, "
    f"{len(distinct(healed))}: {doubled} estaban dos veces."
)

# %% [markdown]
# ### Los bytes, la red de seguridad
#
# Un **tokenizador** parte un texto en piezas y las numera; el más simple, en caracteres. ¿Y si llega uno que no conoce, como «🎉» o «щ»? Todo
# carácter se guarda en disco como uno o varios **bytes**, números de 0 a 255, según una regla que se llama **UTF-8**. Si los 256 bytes
# tienen número propio, ningún texto se queda fuera: es la **vuelta a bytes** (*byte fallback*).
#
# Nuestros números: del 0 al 255, los bytes; desde el 256, los caracteres conocidos. Volver es fácil: todo se pasa a bytes y se lee.

# %%
characters = sorted(set("".join(stories)))
char_ids = {char: 256 + place for place, char in enumerate(characters)}


def decode(numbers, chars):
    """El texto de unos números: bytes hasta el 255 y, desde el 256, caracteres de chars."""
    parts = (bytes([n]) if n < 256 else chars[n - 256].encode("utf-8") for n in numbers)
    return b"".join(parts).decode("utf-8")


print("«щ» en bytes:", list("щ".encode()), "· «ñ», conocida:", char_ids["ñ"])

# %% [markdown]
# ### Ejercicio 31.1 ★ · Ir y volver sin perder nada
#
# Escribe `encode(text, ids)`: pasa el texto a NFC y devuelve una lista con el número de cada carácter que esté en `ids` y, de los que
# no estén, sus bytes. Debe cumplirse `decode(encode(t)) == NFC(t)` para cualquier texto que UTF-8 pueda escribir. (Medio emoji, un
# *sustituto suelto*, no puede: da un error).


# %% tags=["exercise"]
def encode(text, ids):
    """Lista con el número de cada carácter; de los que no están en ids, sus bytes."""
    ### BEGIN SOLUTION
    numbers = []
    for char in unicodedata.normalize("NFC", text):
        numbers += [ids[char]] if char in ids else list(bytes(char, "utf-8"))
    return numbers
    ### END SOLUTION


# %% tags=["check"]
encode = check("31.1", encode)

# %%
odd = ["¿Y el pingüino? «¡Mañana!» —dijo él.", "an\u0303o 🎉", "", "שלום", "\t\x00"]
odd += unseen
returned = [decode(encode(text, char_ids), characters) for text in odd]
all_return = all(
    back == unicodedata.normalize("NFC", text) for text, back in zip(odd, returned, strict=True)
)
explain(
    f"{'Vuelven enteros todos' if all_return else 'No vuelven enteros'} los {len(odd)} textos: "
    "los cuentos nuevos, un emoji, hebreo, el vacío…"
)

# %% [markdown]
# ## 2 · Lo que se come un limpiador
#
# Muchas recetas publicadas «limpian» el texto antes de nada, y casi todas se escribieron para el inglés. Dos habituales: quedarse con
# las veintiséis letras del inglés, y quitar las tildes. Las palabras son aquí letras y cifras seguidas, en minúsculas.
#
# **Predice**: de cada cien palabras de los cuentos, ¿cuántas habrán cambiado?


# %%
def words(text):
    """Palabras en NFC y en minúsculas, sin signos."""
    return re.findall(r"\w+", unicodedata.normalize("NFC", text).lower())


def only_ascii(text):
    return re.sub("[^a-zA-Z]+", " ", text).lower().split()


def without_accents(text):
    parts = unicodedata.normalize("NFD", text)
    return words("".join(char for char in parts if not unicodedata.combining(char)))


# %%
story_words = [word for story in stories for word in words(story)]
counts = Counter(story_words)
touched = {
    clean.__name__: sum(clean(word) != [word] for word in story_words) / len(story_words)
    for clean in (only_ascii, without_accents)
}
debris = Counter(piece for story in stories for piece in only_ascii(story))
debris = {piece: n for piece, n in debris.most_common() if piece not in counts}
print("Restos que deja only_ascii:", ", ".join(f"{p} ({n})" for p, n in list(debris.items())[:14]))

# %%
forms = defaultdict(set)
for word in counts:
    forms[without_accents(word)[0]].add(word)
collisions = [sorted(sorted(g), key=counts.get) for g in forms.values() if len(g) > 1]
collisions.sort(key=lambda group: -counts[group[0]])
print("Se confunden:", " · ".join("/".join(group) for group in collisions[:26]))
merged = sum(counts[word] for group in collisions for word in group)
missed = sum(counts[word] for group in collisions for word in group[:-1])  # menos la más frecuente
explain(
    f"Cambia el {100 * touched['only_ascii']:.0f} % de las palabras con la primera receta, que deja {len(debris)} "
    f"restos que no son palabras, y el {100 * touched['without_accents']:.0f} % con la segunda, que hace iguales "
    f"{len(collisions)} parejas o grupos: el {100 * merged / len(story_words):.0f} % de lo que se lee puede ser después dos palabras. "
    f"Si se apuesta siempre por la más frecuente, se falla el {100 * missed / len(story_words):.1f} %."
)

# %% [markdown]
# No son rarezas: `él` y `el`, `qué` y `que`, `hacía` y `hacia`, `pasó` y `paso`. Quitar tildes puede servir, en un buscador por
# ejemplo, donde la gente no las escribe; pero es una decisión y se mide. El código de la lección no quita ninguna.
#
# ## 3 · Palabras
#
# Con un número por palabra las secuencias son cortas. A cambio hay que decidir qué palabras entran: eso es el **vocabulario**, y se hace
# **solo con el entrenamiento**. Lleva además símbolos especiales: el relleno, que en Keras es el 0, y uno para las palabras
# desconocidas. (Los que generan texto llevan también inicio y fin).
#
# ### Ejercicio 31.2 ★ · Un vocabulario con desconocidas
#
# Devuelve un diccionario de palabra a número: `"<relleno>"` es el 0; `"<desconocida>"`, el 1; y después, desde el 2, las `size` palabras
# más frecuentes, de más a menos. En un empate, por orden alfabético, el de `sorted`.


# %% tags=["exercise"]
def make_vocabulary(words, size):
    """Diccionario con el número de cada palabra; words: lista con repeticiones."""
    ### BEGIN SOLUTION
    counts = Counter(words)
    order = sorted(counts, key=lambda word: (-counts[word], word))
    kept = ["<relleno>", "<desconocida>", *order[:size]]
    return {word: number for number, word in enumerate(kept)}
    ### END SOLUTION


# %% tags=["check"]
make_vocabulary = check("31.2", make_vocabulary)

# %%
unseen_words = [word for story in unseen for word in words(story)]
for size in (100, 300, 1000, len(counts)):
    some = make_vocabulary(story_words, size)
    unknown = np.mean([word not in some for word in unseen_words])
    print(f"{size:5} palabras: en cuentos nuevos, desconocidas el {100 * unknown:.1f} %")
vocabulary, word_unknown = some, unknown  # con todas
print([vocabulary.get(word, 1) for word in words("La luna, una mecánica cuántica")])

# %% [markdown]
# Ni con todas las del entrenamiento se acaban las desconocidas. ¿Y con más cuentos? Contemos las palabras distintas según se lee.
#
# **Predice**: al leer el doble, ¿saldrá el doble de palabras distintas? ¿Dejarán de salir nuevas?

# %%
read = np.unique(np.geomspace(100, len(story_words), 60).astype(int))
first_seen = np.sort(np.unique(story_words, return_index=True)[1])  # dónde sale cada una
distinct_seen = np.searchsorted(first_seen, read)
doubling = len(first_seen) / np.sum(first_seen < len(story_words) / 2)
slope, start = np.polyfit(np.log(read), np.log(distinct_seen), 1)
plot_growth(
    read, distinct_seen, np.exp(start) * read**slope,
    title=f"Al final, leer el doble da {doubling:.2f} veces las palabras distintas",
)  # fmt: skip
plt.show()
late = np.sum(first_seen >= 0.9 * len(story_words))
explain(
    f"Según la recta, de pendiente {slope:.2f}, leer el doble da {2**slope:.2f} veces las distintas; la última vez que se dobla lo leído "
    f"son {doubling:.2f}. En la última décima parte todavía salen {late} palabras nuevas, y "
    f"{sum(n == 1 for n in counts.values())} de las {len(counts)} solo se ven una vez."
)

# %% [markdown]
# Es la **ley de Heaps**: $V = k\,n^\beta$, con $\beta$ menor que uno. El vocabulario crece cada vez más despacio, pero no se cierra. La ley es
# aproximada: al final nuestra curva se queda por debajo de la recta. Los cuentos son cortos y de palabras corrientes; en otros textos,
# $k$ y $\beta$ son otros.
#
# ### Lo que trae Keras
#
# Keras tiene una capa que hace todo esto: `TextVectorization`. Con sus valores por omisión pasa a minúsculas, quita los signos y parte
# por los espacios.
#
# **Predice**: ¿qué hará con «—¿Qué? ¡Él dijo “Mañana” y se fue!»?

# %%
ready_made = layers.TextVectorization()
ready_made.adapt(stories)
entries = [str(entry) for entry in ready_made.get_vocabulary()][2:]  # sin relleno ni [UNK]
glued = [entry for entry in entries if not entry.isalnum()]
capitals = [entry for entry in entries if entry != entry.lower()]
same_word = Counter("".join(words(entry)) for entry in entries)
stuck = {sign: sum(sign in entry for entry in entries) for sign in "¿¡«»—"}
alone, phrase = layers.TextVectorization(), "—¿Qué? ¡Él dijo “Mañana” y se fue!"
alone.adapt([phrase])
print("La frase:", *np.array(alone.get_vocabulary())[alone(phrase).numpy()], sep="  ")
print("Con signos pegados:", "  ".join(glued[:14]))
print("Entradas con cada signo:", "  ".join(f"{sign} {n}" for sign, n in stuck.items()))
print("Con mayúscula:", "  ".join(capitals))

# %%
ids = np.concatenate([ready_made([story]).numpy()[0] for story in unseen])
split_up = [word for word, times in same_word.items() if times > 1]
accented = [word for word in counts if without_accents(word) != [word]]
explain(
    f"De las {len(accented)} palabras con tilde o eñe conserva {sum(word in same_word for word in accented)}. "
    f"De sus {len(entries)} entradas, {len(glued)} llevan un signo pegado y {len(capitals)} una mayúscula. "
    f"{len(split_up)} palabras están varias veces; «qué», {same_word['qué']}. En cuentos nuevos, el "
    f"{100 * np.mean(ids == 1):.1f} % de desconocidas; con nuestras palabras, el {100 * word_unknown:.1f} %."
)

# %% [markdown]
# Las tildes las respeta. Pero su lista de signos es la del inglés, sin `¿`, `¡`, raya ni más comillas que las rectas, y sus minúsculas son las
# del ASCII: la `É` de «Él» se queda como está. No es un fallo, es un valor por omisión: la capa admite los suyos. Basta con darle el texto ya partido.

# %%
tamed = layers.TextVectorization(standardize=None, split="whitespace")
tamed.adapt([" ".join(words(story)) for story in stories])
same_entries = {str(entry) for entry in tamed.get_vocabulary()[2:]} == set(counts)
explain(f"Con nuestras palabras, ¿tiene las mismas entradas? {'Sí' if same_entries else 'No'}.")

# %% [markdown]
# ## 4 · Trozos
#
# Los caracteres no dejan nada fuera, pero hacen secuencias larguísimas. Las palabras, cortas, pero con desconocidas. Entre medias están
# los trozos: partes de palabra que se repiten. **BPE** (*byte pair encoding*; Sennrich, Haddow y Birch, 2016) los aprende con
# una sola idea: empieza con caracteres y, muchas veces, **junta la pareja de símbolos seguidos que más se repite**.
#
# ### Ejercicio 31.3 ★★ · Una fusión
#
# Escribe la pieza que hace una fusión. `symbols` es la lista de símbolos de una palabra; `pair`, una tupla con los dos que se juntan.
# Recorre de izquierda a derecha: un símbolo ya juntado no se vuelve a usar.


# %% tags=["exercise"]
def merge_pair(symbols, pair):
    """Lista con los símbolos, fundida la pareja en todos los sitios donde está."""
    ### BEGIN SOLUTION
    merged, place = [], 0
    while place < len(symbols):
        if tuple(symbols[place : place + 2]) == pair:
            merged.append(pair[0] + pair[1])
            place += 2
        else:
            merged.append(symbols[place])
            place += 1
    return merged
    ### END SOLUTION


# %% tags=["check"]
merge_pair = check("31.3", merge_pair)

# %% [markdown]
# Y ya está casi todo. `chunks` parte un texto en palabras, cada una con el espacio que lleva delante, y en grupos de signos; juntos son
# el texto entero. Al fundir se va actualizando la cuenta de las parejas, solo en los trozos donde estaba la elegida.
#
# En un empate hay que decidir: gana la que tenga el símbolo izquierdo más antiguo y, si no basta, el derecho. Con esa regla salen las
# **mismas** fusiones que con la biblioteca `tokenizers`, una a una; con otra regla, pronto dejan de coincidir.


# %%
def learn_bpe(counts, merges):
    """Las fusiones que se aprenden de unos trozos y sus cuentas, en orden."""
    ids = {char: place for place, char in enumerate(sorted(set("".join(counts))))}
    split, pairs, where = {chunk: list(chunk) for chunk in counts}, Counter(), defaultdict(set)

    def tally(chunk, sign):
        for pair in pairwise(split[chunk]):
            pairs[pair] += sign * counts[chunk]
            where[pair].add(chunk)

    for chunk in counts:
        tally(chunk, 1)
    learned = []
    for _ in range(merges):
        best = min(pairs, key=lambda pair: (-pairs[pair], ids[pair[0]], ids[pair[1]]))
        learned.append(best)
        ids.setdefault(best[0] + best[1], len(ids))
        for chunk in where.pop(best):
            tally(chunk, -1)
            split[chunk] = merge_pair(split[chunk], best)
            tally(chunk, 1)
    return learned


# %% [markdown]
# **Predice**: ¿qué se juntará primero? ¿Qué parecerán los trozos al cabo de quinientas fusiones?

# %%
chunk_counts = Counter(chunk for story in stories for chunk in chunks(story))
merges = learn_bpe(chunk_counts, 500)
joined = ["".join(pair).replace(" ", "␣") for pair in merges]
print("Las primeras:", *joined[:14])
print("Las últimas: ", *joined[-14:])
bpe = bpe_from_merges(characters, merges)
for text in ("La abuela miraba las montañas", "La otorrinolaringóloga"):
    print("|".join(bpe.tokens(text)))

# %% [markdown]
# Palabras frecuentes enteras, terminaciones como las de los verbos y, de lo que nunca ha visto, trozos. `bpe_from_merges` es una función de
# `course_utils.text`: aplica las fusiones en el orden en que se aprendieron y, como el ejercicio 31.1, vuelve a bytes si hace falta.
# De ahí son también `char_tokenizer`, que hace lo mismo con caracteres, y `Tokenizer`, con las piezas que se le den.
#
# Comparemos las tres familias en cuentos que no han visto, con vocabularios de varios tamaños. Las **palabras** son aquí lo que da `chunks`,
# con su espacio delante, entero: las tres se miden con la misma vara, y con las tres se puede reconstruir el texto. **Desconocida** es la
# pieza que no tiene número propio, y que habría que escribir con bytes.
#
# **Predice**: ¿cuál será la curva de los trozos?

# %%
ranked = [chunk for chunk, _ in chunk_counts.most_common()]
grid = {
    "caracteres": [char_tokenizer(stories, size=size) for size in (20, 30, 50, len(characters))],
    "trozos (BPE)": [bpe_from_merges(characters, merges[:n]) for n in (0, 50, 150, 500)],
    "palabras": [Tokenizer(ranked[:size], chunks) for size in (30, 150, len(bpe.known), 3000)],
}
total = sum(map(len, unseen))


def measure(tokenizer):
    """Piezas por cada cien caracteres y desconocidas, en tanto por ciento."""
    pieces = [piece for story in unseen for piece in tokenizer.tokens(story)]
    return 100 * len(pieces) / total, 100 * np.mean([not tokenizer.is_known(p) for p in pieces])


# %%
families = {name: np.array([measure(one) for one in ones]) for name, ones in grid.items()}
plot_families(
    families,
    {name: [len(one.known) for one in ones] for name, ones in grid.items()},
    title="Los trozos acortan la secuencia sin dejar nada fuera",
)
plt.show()
bpe_length, bpe_unknown = families["trozos (BPE)"][-1]
in_bytes = 100 * sum(len(grid["palabras"][2].encode(story)) for story in unseen) / total
explain(
    f"El número junto a cada extremo son las piezas conocidas. Con {len(bpe.known)} trozos, {bpe_length:.0f} piezas por cada cien "
    f"caracteres y un {bpe_unknown:.2f} % de desconocidas; con otras tantas palabras, {families['palabras'][2, 0]:.0f} y un "
    f"{families['palabras'][2, 1]:.1f} %. Si esas desconocidas se escriben con sus bytes, las palabras pasan a {in_bytes:.0f}."
)

# %% [markdown]
# Los trozos se quedan en el suelo de la figura y, con más fusiones, van hacia la izquierda, hacia las palabras. Ninguna secuencia es tan
# corta como la de palabras, si se perdonan las desconocidas. Si hay que escribirlas con bytes y el vocabulario es igual de grande, aquí
# es más corta la de trozos. Casi todos los modelos grandes los usan. En este curso usaremos caracteres para generar y palabras para clasificar.
#
# ## 5 · De números a vectores
#
# Los números son nombres, no cantidades: la palabra 200 no es el doble que la 100. En la lección 12 los convertimos en *one-hot*. Una
# capa de **incrustación** (*embedding*) hace algo más corto: tiene una matriz con una fila por pieza, y lee la fila que toca.

# %%
sample = "¿Mañana?"
pieces = bpe.tokens(sample)
plot_text_to_tensor(
    [("piezas", pieces), ("números", [str(n) for n in bpe.encode(sample)])],
    title="De un texto a un tensor: cada número lee su fila",
)
plt.show()
explain(
    f"«{sample}» son {len(pieces)} piezas, {len(pieces)} números y {len(pieces)} vectores: (tiempo, ancho)."
)

# %% [markdown]
# ¿Es lo mismo que multiplicar el *one-hot* por la matriz? Un producto de matrices hace miles de sumas, y cada una redondea. **Predice**:
# ¿saldrán iguales hasta el último bit?

# %%
size, width = len(counts) + 2, 24
embedding = layers.Embedding(size, width)
batch = np.array([[vocabulary.get(word, 1) for word in words(story)[:12]] for story in stories[:5]])
looked_up = embedding(batch)  # (lote, tiempo, ancho)
matrix = embedding.embeddings.numpy()  # (vocabulario, ancho)
one_hot = np.eye(size, dtype="float32")[batch]  # (lote, tiempo, vocabulario)
same_bits = np.array_equal(looked_up.numpy(), one_hot @ matrix)
explain(
    f"¿Iguales al bit? {'Sí' if same_bits else 'No'}. Pero el one-hot ocupa {one_hot.nbytes // 1000} kB, y los números, "
    f"{batch.astype('int32').nbytes} bytes."
)

# %% [markdown]
# Iguales, porque todos los sumandos son cero, salvo uno. Así que una incrustación **es** una capa densa sin sesgo sobre *one-hot*, escrita de manera
# que no cueste casi nada. ¿Y su gradiente? Sale de la misma igualdad: $\partial L/\partial E = \text{one-hot}^\top\,\partial L/\partial e$,
# donde $e$ son los vectores leídos.
#
# ### Ejercicio 31.4 ★★ · El gradiente de una incrustación
#
# Te dan el gradiente que llega a los vectores leídos, `grad_vectors`, de forma (lote, tiempo, ancho), y los números que se leyeron,
# `ids`, de forma (lote, tiempo). Devuelve el de la matriz, de forma (size, ancho). No hace falta ningún *one-hot*. Piensa en una
# palabra que salga tres veces.


# %% tags=["exercise"]
def embedding_gradient(grad_vectors, ids, size):
    """Gradiente de la matriz (size, ancho) a partir del de los vectores leídos."""
    ### BEGIN SOLUTION
    grad = np.zeros((size, grad_vectors.shape[-1]))
    np.add.at(grad, ids, grad_vectors)
    return grad
    ### END SOLUTION


# %% tags=["check"]
embedding_gradient = check("31.4", embedding_gradient)

# %%
weights = rng.normal(size=looked_up.shape).astype("float32")
with tf.GradientTape() as tape:  # apunta lo que se calcula, para derivarlo después
    loss = tf.reduce_sum(weights * embedding(batch) ** 2)
keras_gradient = tape.gradient(loss, embedding.embeddings.value)  # solo las filas leídas
dense_gradient = tf.convert_to_tensor(keras_gradient).numpy()
ours = embedding_gradient(2 * weights * looked_up.numpy(), batch, size)
gradient_gap = np.abs(ours - dense_gradient).max()
rows = np.flatnonzero(np.abs(dense_gradient).sum(axis=1))
only_read = set(rows) == set(batch.ravel())
explain(
    f"El de Keras y el nuestro difieren en {f'{gradient_gap:.0e}' if gradient_gap else 'nada'}. De {size} filas reciben gradiente {len(rows)}: "
    f"{'justo las leídas' if only_read else 'no solo las leídas'}."
)

# %% [markdown]
# El vector de una palabra que sale poco se aprende con muy pocos ejemplos. Recuérdalo cuando veas vectores de palabras raras.
#
# ## 6 · Vectores que salen de los cuentos
#
# ¿Se puede saber algo de una palabra por las que van a su lado? Miraremos dos caminos con los **mismos** datos: las parejas de palabras que van
# juntas, una a cada lado, entre las que salen cinco veces o más.
#
# El primero **cuenta**. La *información mutua puntual* (PMI) dice cuántas veces más de lo esperado van juntas dos palabras, en
# logaritmos: $\text{PMI}(w,v)=\log\frac{P(w,v)}{P(w)P(v)}$. Se ponen a cero las negativas y se resume la tabla con la
# **descomposición en valores singulares** (*singular value decomposition*, SVD): escribe cada fila como una suma de direcciones, de la que más
# cuenta a la que menos, por su valor singular (lección 14). Quedarse con las cincuenta primeras es perder lo menos posible.

# %%
frequent = [word for word, count in counts.most_common() if count >= 5]
numbers = {word: place for place, word in enumerate(frequent)}
neighbours = [
    (numbers[one], numbers[other])
    for story in stories
    for one, other in pairwise(words(story))
    if one in numbers and other in numbers
]
together = np.array(neighbours + [(b, a) for a, b in neighbours])  # (parejas, 2)
table = np.zeros((len(frequent), len(frequent)))
np.add.at(table, tuple(together.T), 1)

# %%
smooth = table.sum(axis=0) ** 0.75  # P(v) suavizada: con menos de 1, las raras no se hinchan tanto
expected = np.outer(table.sum(axis=1), smooth / smooth.sum())
with np.errstate(divide="ignore"):  # el logaritmo de cero: nunca juntas
    positive_pmi = np.maximum(np.log(table / expected), 0)
left, strengths, _ = np.linalg.svd(positive_pmi)
svd_vectors = left[:, :50] * strengths[:50]  # (palabras, 50)
closest = nearest(unit(svd_vectors), 4)
for word in ("lunes", "abuela", "verde", "miró"):
    print(f"{word}: {', '.join(frequent[place] for place in closest[numbers[word]])}")

# %% [markdown]
# El segundo **entrena**. La red recibe una palabra y una candidata, lee una fila de cada matriz y multiplica; la sigmoide dice si son
# vecinas. Con cada pareja de verdad van cinco falsas, sorteadas. Es la red de word2vec (*skip-gram* con muestras negativas; Mikolov et al.,
# 2013), y Levy y Goldberg (2014) demostraron que, con vectores bastante anchos, lo que aprende su producto es la PMI menos una constante.

# %%
plot_skipgram(title="La red de word2vec: dos filas, un producto y una pregunta")
plt.show()
explain(
    "De la palabra se lee una fila de E; de la candidata, una de C. El producto de las dos filas, por la sigmoide, "
    "es la probabilidad de que sean vecinas."
)

# %% [markdown]
# ¿Cómo se juzgan unos vectores? Mirar unos cuantos vecinos a ojo convence a cualquiera. Tenemos una lista de palabras con su **clase**,
# escrita antes de entrenar nada: días, colores, familia, infinitivos… De cada palabra miramos sus cinco vecinas más cercanas de la lista
# (por coseno) y contamos cuántas son de su clase. La mitad de las palabras, `chosen`, sirve para elegir; con la otra mitad se juzga.
#
# La red tiene mandos: la tasa, las épocas y hasta qué distancia dos palabras son vecinas (la **ventana**). Se han medido muchas recetas, con varias
# redes cada una, en un programa aparte que usa el mismo `train_skipgram`, y se elige con la primera mitad. También con ella se eligen los
# mandos de la SVD: cuántos números se guardan y a qué se elevan sus valores singulares.

# %%
recipes = load_result("incrustaciones")
print(recipes.script, "·", len(recipes["seed"]), "medidas")
keys = list(zip(*(recipes[name].tolist() for name in ("window", "rate", "epochs")), strict=True))
tried = defaultdict(list)
for key, chosen in zip(keys, recipes["chosen"], strict=True):
    tried[key].append(chosen)
means = {key: np.mean(values) for key, values in tried.items()}
good = [key for key, mean in means.items() if mean > max(means.values()) - 0.01]
best = min(good, key=lambda key: key[2])  # de las mejores, por menos de un punto, la más corta
stored = recipes["judged"][[key == best for key in keys]]  # (redes,)
window, rate, epochs = best
print(f"La elegida entre {len(tried)}: ventana {window}, tasa {rate:g}, {epochs} épocas")

# %% [markdown]
# Ahora, los de la SVD.

# %%
classed = classed_words(frequent)
judged = ~classed.chosen
svds = {
    (kept, power): left[:, :kept] * strengths[:kept] ** power
    for kept in (12, 25, 50, 100, 200)
    for power in (0, 0.5, 1)
}
svd_shares = {key: neighbour_share(vectors, classed) for key, vectors in svds.items()}
chosen_svd = max(svds, key=lambda key: svd_shares[key][classed.chosen].mean())
svd_vectors = svds[chosen_svd]
on_others = [100 * share[judged].mean() for share in svd_shares.values()]
print(f"La elegida entre {len(svds)}: {chosen_svd[0]} números, exponente {chosen_svd[1]}")
print(
    f"Con la otra mitad, de la peor a la mejor: del {min(on_others):.0f} al {max(on_others):.0f} %"
)

# %% [markdown]
# Y entrenemos en directo unas cuantas redes con la suya.
#
# **Predice**: ¿quién ganará, contar o entrenar? ¿Y qué sacarán unos vectores al azar?

# %%
networks = 4 if FAST else 12
options = {"width": 50, "rate": rate, "epochs": epochs}
trained = [
    train_skipgram(together, len(frequent), **options, seed=100 * SEED + n + 7)[-1]
    for n in range(networks)
]
drawn = [rng.normal(size=(len(frequent), 50)) for _ in range(networks)]

# %%
ways = {
    "vectores al azar": drawn,
    "cuentas (logaritmo)": [np.log1p(table)],
    "PMI positiva": [positive_pmi],
    "PMI y SVD": [svd_vectors],
    "red entrenada": trained,
}
# De cada manera, (repeticiones, palabras que juzgan)
scores = {
    name: np.array([neighbour_share(vectors, classed)[judged] for vectors in several])
    for name, several in ways.items()
}

# %%
by_word = {name: each.mean(axis=0) for name, each in scores.items()}  # media de las repeticiones
svd_gain = paired(by_word["PMI y SVD"], by_word["red entrenada"])
net_gain = paired(by_word["red entrenada"], by_word["vectores al azar"])
count_gain = paired(by_word["PMI y SVD"], by_word["cuentas (logaritmo)"])
plain_gap = paired(by_word["red entrenada"], by_word["cuentas (logaritmo)"])
word_gaps, label = by_word["PMI y SVD"] - by_word["red entrenada"], classed.labels[judged]
class_gaps = np.array([word_gaps[label == one].mean() for one in np.unique(label)])
class_gain = paired(class_gaps, np.zeros(len(class_gaps)))

# %%
shares = {name: each.mean(axis=1) for name, each in scores.items()}
plot_neighbour_shares(
    shares,
    chance_share(classed),
    title=f"La SVD, {100 * shares['PMI y SVD'][0]:.0f} %; la red, {100 * shares['red entrenada'].mean():.0f} %",
)
plt.show()
explain(
    f"Cada punto es una repetición; se juzga con {judged.sum()} palabras. La SVD frente a la red: "
    f"{svd_gain.verdict('puntos', scale=100)}; si la muestra son las clases, "
    f"{class_gain.verdict('puntos', scale=100)}. La red frente al azar: {net_gain.verdict('puntos', scale=100)}. "
    f"La SVD frente a las cuentas: {count_gain.verdict('puntos', scale=100)}. "
    f"La red frente a las cuentas: {plain_gap.verdict('puntos', scale=100)}. Las redes de ahora frente a las guardadas: "
    f"{welch(shares['red entrenada'], stored).verdict('puntos', scale=100)}."
)

# %% [markdown]
# Con tan poco texto, contar y hacer una SVD es por lo menos tan bueno como entrenar, y es una sola cuenta, sin semilla ni tasa. La red no gana
# ni a las cuentas tal cual.
# Ninguna de las dos sabe qué es un día de la semana: sabe al lado de qué va. De **por qué** gana la SVD no decimos nada: las dos no solo se
# distinguen en contar o entrenar, también en que la PMI negativa se pone a cero. Las palabras de una clase se parecen, así que no son
# muestras sueltas: por eso se mira también clase a clase. Y ningún intervalo es de textos: no dice que pase con otros.
#
# ## 7 · El mapa
#
# Los vectores se suelen enseñar en un mapa: cincuenta números resumidos en dos, con **t-SNE** (L. van der Maaten y G. Hinton, 2008). Pone cerca lo
# que estaba cerca y parte de un sorteo; la **perplejidad** dice, más o menos, cuántos vecinos atiende cada punto. Su
# rival es una proyección fija, la **PCA**: las dos direcciones en que más varían los vectores.
#
# **Predice**: si se cambia solo la semilla, ¿quedarán las mismas islas en los mismos sitios?

# %%
cloud = unit(svd_vectors[classed.rows])  # (palabras con clase, 50)


def tsne(seed, perplexity=30, init="random"):
    """Un mapa (palabras, 2)."""
    method = TSNE(perplexity=perplexity, init=init, random_state=seed, n_jobs=1)
    return method.fit_transform(cloud)


centered = cloud - cloud.mean(axis=0)
pca = centered @ np.linalg.svd(centered, full_matrices=False)[2][:2].T
draws = [tsne(SEED + n) for n in range(3)]
maps = {
    "t-SNE, perplejidad 30": draws[0],
    "t-SNE, otra semilla": draws[1],
    "t-SNE, perplejidad 5": tsne(SEED, perplexity=5),
    "PCA": pca,
}

# %%
marked = ("días", "infinitivos", "pretéritos", "números", "la casa", "nombres")
groups = {name: classed.labels == classed.names.index(name) for name in marked}
plot_maps(maps, groups, title="Las mismas palabras y los mismos vectores en cuatro mapas")
plt.show()
first, _, short, _ = maps.values()
kept = {
    "semillas": np.mean([kept_neighbours(*two) for two in combinations(draws, 2)]),
    "perplejidades": kept_neighbours(first, short),
    "t-SNE": kept_neighbours(first, cloud),
    "PCA": kept_neighbours(pca, cloud),
}
explain(
    f"De los diez vecinos de cada palabra, se conserva el {100 * kept['semillas']:.0f} % al cambiar la semilla y el "
    f"{100 * kept['perplejidades']:.0f} % al cambiar la perplejidad. De los vecinos de verdad, los de cincuenta números, el mapa "
    f"guarda el {100 * kept['t-SNE']:.0f} %; la PCA, el {100 * kept['PCA']:.0f} %; al azar, el {1000 / len(cloud):.0f} %."
)

# %% [markdown]
# La PCA da siempre lo mismo, y enseña mucho menos. t-SNE enseña más vecinos de verdad, pero algunos solo están con una semilla. ¿Y las
# distancias entre islas? Comparemos lo que distan los centros de las clases en cada mapa con lo que distan de verdad.
#
# Falta un control: al cambiar la perplejidad, ¿cuánto cambia por ella y cuánto por el sorteo?
#
# Hay un truco para que el mapa no cambie: empezarlo en la PCA, como hace hoy scikit-learn si no se le dice otra cosa. **Predice**: ¿será un mapa más
# fiel?


# %%
def ranks(values):
    """El puesto de cada valor."""
    return np.argsort(np.argsort(values))


def same_order(one, other):
    """Correlación del orden de las distancias entre islas de dos mapas (Spearman)."""
    gaps = [ranks(island_gaps(points, classed.labels)) for points in (one, other)]
    return np.corrcoef(gaps)[0, 1]


between = [same_order(*two) for two in combinations(draws, 2)]
faithful = [same_order(one, cloud) for one in draws]
explain(
    f"Orden de las distancias entre islas: de una semilla a otra, correlaciones de {min(between):.2f} a {max(between):.2f}; con las "
    f"de verdad, de {min(faithful):.2f} a {max(faithful):.2f}; la PCA con las de verdad, {same_order(pca, cloud):.2f}."
)

# %%
steady, again = tsne(SEED, init="pca"), tsne(SEED + 1, init="pca")
steady_short = tsne(SEED, perplexity=5, init="pca")
explain(
    f"Empezado en la PCA, dos semillas comparten el {100 * kept_neighbours(steady, again):.0f} % de los vecinos; sin sorteo, "
    f"al cambiar la perplejidad se conserva el {100 * kept_neighbours(steady, steady_short):.0f} %. De los de verdad guarda el "
    f"{100 * kept_neighbours(steady, cloud):.0f} %, frente al {100 * kept['t-SNE']:.0f} %, y el orden de las islas, con una correlación "
    f"de {same_order(steady, cloud):.2f}."
)

# %% [markdown]
# Aquí, el mapa que se repite no es más cierto: solo esconde el sorteo. (Con datos de células, empezar en la PCA conserva mejor la estructura
# global; Kobak y Berens, 2019). Y la perplejidad cambia el mapa también sin sorteo. En uno de t-SNE se puede leer **qué palabras van juntas**, y solo en
# parte; lo lejos que está una isla de otra, apenas a grandes rasgos, y según la semilla. Su tamaño no lo hemos medido. Para afirmar algo,
# cuéntalo con los vectores enteros, como en la sección 6.
#
# ## 8 · Rómpelo y arréglalo
#
# Un limpiador como los que se ven en muchos tutoriales, con tres pasos que parecen inocentes.


# %%
def published_clean(text):
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    text = re.sub("[^a-zA-Z]", " ", text)
    return text.lower().split()


print(published_clean("¿Cuántos años tiene? «Cumplí 80 —dijo él—. ¡Mañana, 81!»"))

# %% [markdown]
# ¿Cuántas cosas se ha comido? La pregunta y la exclamación, las cifras, las tildes y la eñe, las comillas y la raya.
#
# ### Ejercicio 31.5 ★★★ · Un limpiador que no se come el español
#
# Escribe uno que devuelva una lista de trozos **en NFC y en minúsculas**: cada palabra entera (letras y cifras seguidas, lo que `\w` sabe
# reconocer) y **cada signo por su cuenta** (`¿`, `»`, `—`, `.`…). Los espacios y saltos de línea no se devuelven. El texto puede llegar en NFD. Cuidado
# con las formas que cambian más de la cuenta: «3.ª» no es «3.a».


# %% tags=["exercise"]
def clean(text):
    """Lista de palabras y signos en NFC y en minúsculas, sin espacios."""
    ### BEGIN SOLUTION
    text = unicodedata.normalize("NFC", text).lower()
    return re.findall(r"\w+|[^\w\s]", text)
    ### END SOLUTION


# %% tags=["check"]
clean = check("31.5", clean)

# %%
print(clean("¿Cuántos años tiene? «Cumplí 80 —dijo él—. ¡Mañana, 81!»"))
published = {piece for story in stories for piece in published_clean(story)}
mended = {piece for story in stories for piece in clean(story)}
lost = {word for word in counts if word not in published}
explain(
    f"El publicado deja {len(published)} piezas distintas, y {len(lost)} de las {len(counts)} palabras no están en ellas tal como "
    f"se escriben. El arreglado tiene {len(mended)}: todas las palabras y {len(mended) - len(counts)} signos."
)

# %% [markdown]
# ## Lo que hemos comprobado

# %% tags=["nbval-check-output"]
verify(
    claim("La red entrenada junta palabras de la misma clase mucho más que el azar", net_gain.value, ">", 0.15),
    claim("Contar y hacer una SVD junta más que entrenar, clase a clase, con todo el intervalo", class_gain.low, ">", 0.0),
    claim("Con otra semilla, t-SNE cambia una parte de los vecinos", kept["semillas"], "<", 0.9),
    claim("Con otra perplejidad, también", kept["perplejidades"], "<", 0.8),
    claim("t-SNE guarda más vecinos de verdad que la PCA", kept["t-SNE"] - kept["PCA"], ">", 0.2),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("De los textos que van y vuelven no se pierde nada", float(all_return), "==", 1.0, kind="identidad"),
    claim("Una incrustación es un one-hot por una matriz, al bit", float(same_bits), "==", 1.0, kind="identidad"),
    claim("Su gradiente solo toca las filas leídas", float(only_read), "==", 1.0, kind="identidad"),
    claim("Quitar las tildes toca más de una palabra de cada diez", touched["without_accents"], ">", 0.1, kind="identidad"),
    claim("Y confunde decenas de formas de los cuentos", len(collisions), ">", 50, kind="identidad"),
    claim("Por omisión, TextVectorization deja signos pegados en cientos de entradas", len(glued), ">", 300, kind="identidad"),
    claim("Con quinientas fusiones casi no hay desconocidas", bpe_unknown, "<", 0.1, kind="identidad"),
)  # fmt: skip

# %% [markdown]
# ## Resumen
#
# - Antes de nada, **NFC**: dos textos que se ven iguales pueden no serlo.
# - Los limpiadores pensados para el inglés destruyen español. Lo que quites, cuéntalo.
# - **Palabras**: secuencias cortas y desconocidas que no se acaban. **Caracteres**: nada fuera y secuencias largas. **Trozos**: entre medias. Con la
#   vuelta a bytes ningún texto se pierde.
# - Una **incrustación** es un *one-hot* por una matriz; su gradiente solo mueve las filas leídas.
# - Los vectores se juzgan contando vecinos, con un rival y con el azar. Un mapa ilustra: no demuestra.
#
# **Qué no hemos demostrado.** Que la SVD gane a una red con más texto: aquí hay muy poco. Ni que gane a la mejor red: siempre le hemos dado
# cincuenta números, y podrían irle mejor otros, o más épocas con la tasa menor. Las clases son nuestras, sobre todo de
# gramática: con otras, como los temas, quizá ganaría otra ventana. Y los mapas son de unos solos vectores.
#
# ## Errores frecuentes
#
# - Hacer el vocabulario con todos los textos, también los de prueba: es una fuga.
# - Comparar textos sin haberlos pasado por la misma forma.
# - Usar el 0 para una palabra: en Keras es el relleno, y `mask_zero=True` se la saltará.
# - Creer que `lower()` es igual en todas las bibliotecas.
# - Leer distancias entre islas en un mapa de t-SNE, o enseñar el que mejor ha quedado.
#
# ## Para saber más
#
# - R. Sennrich, B. Haddow y A. Birch (2016), *Neural machine translation of rare words with subword units*, ACL.
# - T. Mikolov, I. Sutskever, K. Chen, G. Corrado y J. Dean (2013), *Distributed representations of words and phrases and their
#   compositionality*, NeurIPS.
# - O. Levy e Y. Goldberg (2014), *Neural word embedding as implicit matrix factorization*, NeurIPS.
# - O. Levy, Y. Goldberg e I. Dagan (2015), *Improving distributional similarity with lessons learned from word embeddings*, TACL.
# - L. van der Maaten y G. Hinton (2008), *Visualizing data using t-SNE*, Journal of Machine Learning Research 9.
# - D. Kobak y P. Berens (2019), *The art of using t-SNE for single-cell transcriptomics*, Nature Communications 10.
# - M. Wattenberg, F. Viégas e I. Johnson (2016), *How to use t-SNE effectively*, Distill.
#
# **Siguiente**: [32 · Clasificación](32_clasificacion.ipynb), donde una red decide si una reseña es favorable y se compara con contar palabras.
