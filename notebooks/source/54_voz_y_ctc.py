# %% [markdown]
# # 54 · Voz y CTC
#
# **Una centralita tiene que entender las cifras que le dicta alguien a quien no ha oído nunca. ¿Cuántas entenderá, y qué hay que
# grabar para que entienda más?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a preparar la voz para una red; a entrenar con CTC, que no pide saber cuándo suena cada letra, y a calcularla tú; a leer lo que la red dice, paso a paso y con un haz de prefijos; a medir errores de letras y palabras con su intervalo; a distinguir lo que hace con voces conocidas de lo que hará con quien llame |
# | **Antes de empezar** | [35 · Atención](35_atencion.ipynb) |
# | **Tiempo** | 180 minutos en tres ratos, que el cuaderno marca; los dos hitos de tres estrellas pueden pedirte una hora más; un minuto de ejecución |
# | **Herramientas** | NumPy, PyTorch y SciPy |

# %% tags=["parameters"]
FAST = True  # False: la red se entrena el triple (un minuto)
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED, frameworks=("torch",))

# %%
import itertools
import tempfile
import time
from collections import Counter
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

# %%
from course_utils.claims import claim, explain, verify
from course_utils.comparison import ratio_bootstrap, ratio_gap, welch, wilson
from course_utils.datasets import UTTERANCE_PARTS, load_result, load_sounds, load_utterances
from course_utils.exercises import check, hint, progress, solution

# %%
from course_utils.lessons.lesson_54 import (
    CURVE,
    Recipe,
    choose_utterances,
    choose_voices,
    encode,
    fit_recognizer,
    hear,
    play,
    plot_error_rows,
    plot_listener,
    plot_paths,
    plot_spectrogram,
    plot_spikes,
    plot_voice_curve,
    recall_or_train,
)

# %%
from course_utils.speech import (
    RATE,
    collapse,
    count_errors,
    ctc_gradient,
    ctc_loss,
    ctc_posteriors,
    edit_distance,
    frames_needed,
    load_own_voice,
    log_mel,
    prefix_beam,
    to_bytes,
    trim_silence,
)

rng = np.random.default_rng(SEED)

# %% [markdown]
# ## El encargo
#
# > *«Llevamos las citas de un centro de salud. Quien llama dice su número de expediente, de tres a cinco cifras, y una centralita debe escribirlo. No
# > podemos grabar a todos los pacientes. Queremos saber tres cosas: de cada cien palabras que diga **alguien que llama por primera vez**,
# > cuántas saldrán mal; de cada cien números, cuántos llegarán enteros; y si conviene gastar en grabar a más gente o en grabar más a los mismos.»*
#
# No hay grabaciones de pacientes, ni debe haberlas para una prueba. Hay 1500 locuciones de un **sintetizador de voz** con 62 voces, a distintas
# velocidades, con ruido y con eco. Sirven para aprender el método y para ensayar la respuesta; lo que pasa con personas, al
# final, sale de otros datos.
#
# Cinco **hitos** se comprueban solos. Varias funciones que importa el cuaderno ya resuelven uno: escríbelo tú con Python y NumPy, y guárdalas para comparar. Entre uno y otro hay menos guía que en una lección: puedes cambiar lo que quieras, y al final hay una
# rúbrica para juzgar lo tuyo. Este cuaderno resuelto es **una** buena respuesta.
#
# # Primer rato · Qué se oye y cómo se puntúa (65 minutos)
#
# ## 1 · Lo que oye la red
#
# Un segundo de teléfono son 8000 números. Para reconocer lo que se dice sobran casi todos. Desde hace medio siglo se hace esto: cada 25 ms, en una ventana de 50, se
# mira cuánta **energía** hay en cada zona de frecuencias, con zonas más anchas cuanto más agudas, como el oído (la **escala de mel**), y se
# toma el logaritmo (diez veces, en **decibelios**). Quedan 20 **bandas** por paso. De cada locución se resta su máximo: el volumen depende del micrófono.
#
# Vienen en cuatro partes: `train`, con la que se entrena; `known`, otras locuciones de esas **mismas** voces; `validation`, cinco voces distintas, para elegir; y
# `unknown`, doce más, para examinar.

# %%
spoken = {part: load_utterances(part) for part in UTTERANCE_PARTS}
print(f"{'parte':11s} {'locuciones':>10s} {'voces':>6s} {'familias':>9s} {'minutos':>8s}")
for part, data in spoken.items():
    minutes = sum(map(len, data.features)) * 0.025 / 60
    voices, families = len(set(data.voices)), len(set(data.families))
    print(f"{part:11s} {len(data.texts):10d} {voices:6d} {families:9d} {minutes:8.1f}")

# %% [markdown]
# Vienen doce sonidos enteros. Escucha dos: uno de una voz de las que se usan para entrenar y otro de una que no.

# %%
sounds = load_sounds()
heard_first, heard_last = sounds[0], sounds[-1]
for sound in (heard_first, heard_last):
    play(sound.samples, sound.rate, f"Voz {sound.voice}: «{sound.text}»")

# %%
plot_spectrogram(
    heard_first.features,
    title=f"«{heard_first.text}»: {len(heard_first.features)} pasos para {len(heard_first.text)} letras",
)
plt.show()
again = to_bytes(log_mel(heard_first.samples)).astype(int)
explain(
    f"Energía de cada banda, más oscura cuanta más: {heard_first.features.shape[1]} bandas y un paso cada 25 ms. Las vocales son rayas anchas que "
    "duran varios pasos. Calculada aquí de su sonido, la mayor diferencia con la guardada es de "
    f"{np.abs(again - heard_first.features).max()} escalones de 255."
)

# %% [markdown]
# ## 2 · Quién puede examinar
#
# Las 62 voces no son 62 personas: muchas nacieron de copiar otra y retocarla. Si la red aprende con `steph` y se examina con `steph2`, el examen
# no mide lo que pide el encargo. Por eso cada voz lleva su **familia**: las que comparten nombre, formantes (las resonancias de la garganta) casi iguales o trozos copiados.
#
# ### Hito 1 ★ · Aparta sin dejar hermanas
#
# Recibes la voz y la familia de cada locución y una lista de voces apartadas. Devuelve dos arrays de verdadero y falso: con cuáles se entrena
# (ninguna de la **familia** de una apartada) y con cuáles se examina (solo las apartadas). Las hermanas de una apartada no van a ningún lado.


# %% tags=["exercise"]
def split_by_family(voices, families, apart):
    """(con cuáles se entrena, con cuáles se examina): dos arrays, verdadero o falso (locuciones,)."""
    ### BEGIN SOLUTION
    test = np.isin(voices, apart)
    train = ~np.isin(families, families[test])
    return train, test
    ### END SOLUTION


# %% tags=["check"]
split_by_family = check("54.1", split_by_family)

# %%
train = spoken["train"]
all_voices = np.concatenate([data.voices for data in spoken.values()])
all_families = np.concatenate([data.families for data in spoken.values()])
strangers = sorted(set(spoken["unknown"].voices))
may_train, _ = split_by_family(all_voices, all_families, strangers)
is_train = np.repeat([part == "train" for part in spoken], [len(d.texts) for d in spoken.values()])
print(
    "Locuciones de entrenamiento con una hermana en el examen:", int((is_train & ~may_train).sum())
)
apart_train, _ = split_by_family(train.voices, train.families, ["m1"])
print(
    f"Apartar «m1» deja {apart_train.sum()} de {len(train.texts)}: su familia es la mayor, con "
    f"{len(set(train.voices[train.families == train.families[train.voices == 'm1'][0]]))} voces."
)

# %% [markdown]
# El reparto del curso está bien hecho, y lo comprueba tu función. Fíjate en lo caro que sale: examinar una sola voz de la familia grande quita
# mucho entrenamiento.
#
# ## 3 · Nadie dice cuándo suena cada letra
#
# Tenemos el sonido y el texto, pero no en qué paso empieza cada letra. Anotarlo a mano es lentísimo. La **clasificación temporal
# conexionista** (*connectionist temporal classification*, CTC; Graves y otros, 2006) no lo necesita. La red da en cada paso una probabilidad a
# cada símbolo y a uno más, el **blanco** (*blank*, aquí «–»), que significa «ahora no escribo nada». Una elección por paso es un **camino**, y de
# cada camino sale un texto: se juntan los iguales y seguidos y después se quitan los blancos.
#
# De `–d–oo–s–` sale «dos», y de `lle–e`, «lee»: sin el blanco de en medio, las dos «e» serían una sola.
#
# ¿Por qué **letras** y no cifras enteras? Con diez símbolos, uno por cifra, bastaría para este encargo. Con letras se ve más: la red puede
# escribir `cuato`, de modo que equivocarse de letra y equivocarse de palabra son cosas distintas, y con las mismas letras se escribiría cualquier
# otra palabra. El precio: más símbolos por segundo.

# %%
alphabet = "".join(sorted(set("".join(train.texts))))
spare = np.array(
    [len(f) - frames_needed(t) for f, t in zip(train.features, train.texts, strict=True)]
)
explain(
    f"{len(alphabet)} símbolos, «{alphabet.replace(' ', '␣')}», y el blanco. Un texto necesita un paso por letra, y uno más entre dos iguales. La locución que va más justa tiene "
    f"{spare.min()} de sobra; la mediana, {np.median(spare):.0f}."
)

# %% [markdown]
# ### Hito 2 ★ · Del camino al texto
#
# La manera más simple de leer: el mejor símbolo de cada paso, y de ese camino, su texto. Es la lectura **voraz** (*greedy*). El blanco es el
# símbolo 0. Devuelve una lista de enteros.


# %% tags=["exercise"]
def read_greedy(log_probs):
    """El texto del camino más probable, sin blancos. log_probs: (pasos, símbolos)."""
    ### BEGIN SOLUTION
    text, before = [], 0
    for symbol in log_probs.argmax(axis=1):
        if symbol != 0 and symbol != before:
            text.append(int(symbol))
        before = symbol
    return text
    ### END SOLUTION


# %% tags=["check"]
read_greedy = check("54.2", read_greedy)

# %% [markdown]
# **Predice**: con seis pasos y las tres letras de «dos», ¿cuántos caminos distintos escriben «dos»?


# %%
scores = rng.normal(size=(6, 4))
small = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)  # (pasos, símbolos): – d o s
ways, likelihood = Counter(), Counter()
for path in itertools.product(range(4), repeat=6):
    text = tuple(collapse(path))
    ways[text] += 1
    likelihood[text] += np.exp(small[np.arange(6), path].sum())
best_text = likelihood.most_common(1)[0][0]
shown_greedy, shown_best = (
    "".join("–dos"[k] for k in text) or "nada" for text in (read_greedy(small), best_text)
)
explain(
    f"De los {4**6} caminos, {ways[1, 2, 3]} escriben «dos». Salen {len(ways)} textos distintos, y sus probabilidades suman "
    f"{sum(likelihood.values()):.3f}. El mejor camino escribe «{shown_greedy}»; el texto más probable es «{shown_best}». No tienen por qué coincidir: lo "
    "veremos en la sección 8."
)

# %% [markdown]
# ## 4 · Sumar todos los caminos
#
# La pérdida es $-\log$ de la probabilidad del texto verdadero, y esa probabilidad es la suma de las de **todos** sus caminos. Enumerarlos no
# se puede: crecen como una exponencial. Pero se parecen mucho entre sí, y eso se aprovecha. Se escribe el texto con un blanco en cada hueco,
# `– d – o – s –`, y se llama $\alpha_t(s)$ a lo que suman los caminos que en el paso $t$ van por el lugar $s$. Se llega desde el mismo lugar, desde el
# anterior o, si lo que hay en medio es un blanco que se puede saltar, desde dos antes:
#
# $$\alpha_t(s)=\bigl(\alpha_{t-1}(s)+\alpha_{t-1}(s-1)+[\text{salto}]\,\alpha_{t-1}(s-2)\bigr)\;y_t(s)$$
#
# donde $y_t(s)$ es lo que la red da en el paso $t$ al símbolo del lugar $s$. Se puede saltar si el lugar es una **letra** y no es la misma que la
# de dos lugares antes. Los caminos empiezan en el primer blanco o en la primera letra, y acaban en la última letra o en el último blanco.
#
# ### Hito 3 ★★★ · La recursión, con logaritmos
#
# Tras cien pasos las probabilidades son tan pequeñas que el ordenador las redondea a cero: se calcula todo con logaritmos, y sumar es
# `np.logaddexp`. Devuelve la pérdida, un número; si el texto no cabe en los pasos que hay, `inf`.


# %% tags=["exercise"]
def ctc_forward(log_probs, labels):
    """Menos el logaritmo de la probabilidad de labels. log_probs: (pasos, símbolos)."""
    ### BEGIN SOLUTION
    spread = np.zeros(2 * len(labels) + 1, dtype=int)  # – d – o – s –
    spread[1::2] = labels
    jumps = (spread[2:] != 0) & (spread[2:] != spread[:-2])
    reach = np.full(len(spread), -np.inf)
    reach[:2] = log_probs[0, spread[:2]]
    for step in log_probs[1:]:
        reached = reach.copy()
        reached[1:] = np.logaddexp(reached[1:], reach[:-1])
        jumped = np.logaddexp(reached[2:], reach[:-2])
        reached[2:] = np.where(jumps, jumped, reached[2:])
        reach = reached + step[spread]
    return -float(np.logaddexp.reduce(reach[-2:]))
    ### END SOLUTION


# %% tags=["check"]
ctc_forward = check("54.3", ctc_forward)

# %%
enumerated = -np.log(likelihood[1, 2, 3])
recursion = ctc_forward(small, [1, 2, 3])
scores = torch.tensor(rng.normal(size=(40, 9)), requires_grad=True)  # (pasos, símbolos)
labels = [1, 1, 8, 3, 3, 3, 2]  # con letras dobles
torch_loss = nn.functional.ctc_loss(
    scores.log_softmax(-1)[:, None],
    torch.tensor([labels]),
    torch.tensor([40]),
    torch.tensor([len(labels)]),
    reduction="sum",
)
torch_loss.backward()
log_probs = scores.detach().log_softmax(-1).numpy()
loss_gap = abs(ctc_forward(log_probs, labels) - torch_loss.item())
gradient_gap = np.abs(ctc_gradient(log_probs, labels) - scores.grad.numpy()).max()
explain(
    f"«dos» en seis pasos: {enumerated:.6f} enumerando y {recursion:.6f} con la recursión. Con letras dobles y 40 pasos, la pérdida difiere de la de "
    f"PyTorch en {loss_gap:.0e} y el gradiente, en {gradient_gap:.0e}. Y tres letras iguales en cuatro pasos: {ctc_forward(log_probs[:4], [5, 5, 5])}, porque "
    f"hacen falta {frames_needed([5, 5, 5])}."
)

# %% [markdown]
# El **gradiente** respecto de las puntuaciones tiene una forma que se entiende: en cada paso, lo que la red da a cada símbolo menos la parte de los
# caminos buenos que pasa por él (está en `course_utils.speech.ctc_gradient`). Si casi todos los caminos del texto pasan por un blanco en ese paso,
# empuja al blanco.
#
# Una pérdida infinita no es un número muy grande: es un texto que **no cabe** en esos pasos; puede que no sea el de ese sonido. Su gradiente estropea
# la red entera. `fit_recognizer`, que viene ahora, no la tapa: dice qué transcripción es.
#
# > **Puedes parar aquí.** Ya sabes qué oye la red y cómo se puntúa lo que dice. Para seguir otro día, ejecuta las celdas del principio, incluidos los
# > `import`, y continúa en la siguiente: cada rato se basta solo.
#
# # Segundo rato · Entrenar y medir (50 minutos)

# %%
# Para retomar: lo que este rato necesita.
spoken = {part: load_utterances(part) for part in UTTERANCE_PARTS}
train, known, validation = (spoken[part] for part in ("train", "known", "validation"))
alphabet = "".join(sorted(set("".join(train.texts))))

# %% [markdown]
# ## 5 · La red
#
# Una LSTM lee las bandas de izquierda a derecha y otra, de derecha a izquierda; una capa lineal junta las dos y da una puntuación por símbolo. Puede
# leer en los dos sentidos porque la locución está entera (lección 24): para escribir mientras se habla habría que renunciar a la vuelta.

# %%
plot_listener(title="En cada paso, las bandas; y de las dos lecturas, un símbolo")
plt.show()
explain(
    "Las bandas de cada paso entran en dos LSTM: la de ida (azul) pasa su estado hacia la derecha y la de vuelta (naranja), hacia la izquierda. W junta lo que dicen "
    "y da una probabilidad al blanco y a cada letra."
)


# %%
class Listener(nn.Module):
    """La red del diagrama, escrita con lo que trae PyTorch."""

    def __init__(self, symbols, hidden_size=64):
        super().__init__()
        self.lstm = nn.LSTM(20, hidden_size, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * hidden_size, symbols)

    def forward(self, x, lengths):
        """x: (lote, pasos, bandas) → logaritmos (lote, pasos, símbolos)."""
        packed = nn.utils.rnn.pack_padded_sequence(
            x, lengths, batch_first=True, enforce_sorted=False
        )
        states, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.head(states).log_softmax(dim=-1)


# %%
torch.manual_seed(SEED)
first_model = Listener(len(alphabet) + 1)
rows = [torch.tensor(f / 255, dtype=torch.float32) for f in train.features[:6]]  # de 0 a 1
lengths = torch.tensor([len(row) for row in rows])
outputs = first_model(nn.utils.rnn.pad_sequence(rows, batch_first=True), lengths)
targets = [encode(text, alphabet) for text in train.texts[:6]]
batch_loss = nn.CTCLoss(reduction="sum")(
    outputs.transpose(0, 1),  # CTCLoss pide el tiempo delante
    torch.tensor([label for target in targets for label in target]),
    lengths,
    torch.tensor([len(target) for target in targets]),
).item()
own_loss = sum(
    ctc_loss(row[:length].detach().double().numpy(), target)
    for row, length, target in zip(outputs, lengths, targets, strict=True)
)
explain(
    f"Un lote de seis locuciones, con la red sin entrenar: {batch_loss:.2f} según PyTorch y {own_loss:.2f} sumando las nuestras, una a una y sin relleno. "
    f"Son {batch_loss / sum(map(len, targets)):.1f} por letra."
)

# %% [markdown]
# El relleno no cuenta ni en la red, que va empaquetada (lección 16), ni en la pérdida, que sabe las longitudes.
#
# ## Rómpelo y arréglalo
#
# Antes de entrenar con todo, una prueba que ahorra tardes: que la red se aprenda **de memoria** cuatro locuciones. Si no puede, hay algo roto. Aquí un bucle copiado de otro sitio, que
# numera las letras como se le ocurre a cualquiera, `alphabet.index(letra)`.
#
# Las bandas, de 0 a 255, pasan a números entre −2 y 2, con los que aprende antes.
#
# **Predice**: ¿se las aprenderá? ¿Qué tasa de error será peor, la de letras o la de palabras?


# %%
few_rows = [torch.tensor(f / 64 - 2, dtype=torch.float32) for f in train.features[:4]]
few_lengths, few_texts = torch.tensor([len(row) for row in few_rows]), train.texts[:4]


def memorise(first, updates=300):
    """Se aprende cuatro locuciones numerando las letras desde first: lo que lee y la pérdida."""
    torch.manual_seed(SEED)
    lstm, head = nn.LSTM(20, 64, batch_first=True), nn.Linear(64, len(alphabet) + first)
    optimizer = torch.optim.Adam([*lstm.parameters(), *head.parameters()], lr=0.02)
    targets = [torch.tensor([alphabet.index(x) + first for x in text]) for text in few_texts]
    sizes, inputs = (
        torch.tensor([len(t) for t in targets]),
        nn.utils.rnn.pad_sequence(few_rows, True),
    )
    for _ in range(updates):
        logs = head(lstm(inputs)[0]).log_softmax(dim=-1)  # (lote, pasos, símbolos)
        loss = nn.CTCLoss()(logs.transpose(0, 1), torch.cat(targets), few_lengths, sizes)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    paths = [row[:n].argmax(dim=-1).tolist() for row, n in zip(logs, few_lengths, strict=True)]
    return ["".join(alphabet[k - first] for k in collapse(path)) for path in paths], loss.item()


# %%
glued, glued_loss = memorise(first=0)
for text, read in zip(few_texts, glued, strict=True):
    print(f"«{text}» → «{read}»")
glued_words, glued_letters = (
    count_errors(few_texts, glued, unit=unit).rate for unit in ("words", "characters")
)
print(
    f"palabras mal: {100 * glued_words:.0f} %   letras mal: {100 * glued_letters:.0f} %   pérdida: {glued_loss:.2f}"
)

# %% [markdown]
# Se las sabe, y todas las palabras están mal. Mira **qué** falta y cuál es el símbolo 0. Y la pérdida, si baja de cero, dice que una probabilidad pasa de uno: algo se cuenta dos veces.
# Lo primero del alfabeto es el espacio, y el 0 es el blanco: el espacio se ha quedado sin símbolo. PyTorch no protesta; `ctc_loss`, la del curso, sí.

# %%
mended, mended_loss = memorise(first=1)
try:
    ctc_loss(np.log(np.full((9, 3), 1 / 3)), [1, 0, 2])
except ValueError as error:
    print("La del curso no lo deja pasar:", error)
mended_words = count_errors(few_texts, mended).rate
explain(
    f"Numerando desde 0, el {100 * glued_words:.0f} % de las palabras mal y solo el {100 * glued_letters:.0f} % de las letras: las dos tasas juntas delatan el fallo. Desde 1, "
    f"el {100 * mended_words:.0f} % de las palabras mal y una pérdida de {mended_loss:.2f}."
)

# %% [markdown]
# ## Entrenar con todo
#
# El bucle de entrenamiento es el de
# siempre, con recorte del gradiente; está en `fit_recognizer`, que va de lo que oye la red y sus textos a un reconocedor. Resta a cada banda su media en el entrenamiento y la divide entre su
# desviación. Hace dos cosas más con cada lote: le suma
# un poco de ruido y **estira o encoge las frecuencias** al azar, hasta un 15 %, como si hablaran otras gargantas; lo que da eso se mide en la sección 9. Y en vez de
# empaquetar, da la vuelta a cada locución por su cuenta, para leerla del revés sin que estorbe el relleno: calcula lo mismo. ¿Merece la pena?

# %%
unpacked = fit_recognizer(
    train.features[:6], train.texts[:6], seed=SEED, recipe=Recipe(updates=1)
).model


def step_seconds(model):
    """Segundos de procesador de una ida y vuelta, la mejor de cinco."""
    spent = []
    for _ in range(5):
        start = time.process_time()
        model(nn.utils.rnn.pad_sequence(rows, batch_first=True), lengths).sum().backward()
        spent.append(time.process_time() - start)
    return min(spent)


packed_times = step_seconds(first_model) / step_seconds(unpacked)
print(f"empaquetando, una ida y vuelta cuesta {packed_times:.1f} veces más")

# %% [markdown]
# **Predice**: con muy poco entrenamiento, ¿qué escribirá: letras al azar, siempre lo mismo, nada?

# %%
barely = fit_recognizer(train.features, train.texts, seed=SEED, recipe=Recipe(updates=40))
barely_read = barely.transcribe(validation.features)
print("con 40 actualizaciones:", Counter(barely_read).most_common(3))

# %% [markdown]
# Con CTC es lo normal: empieza por callar o por repetir una letra frecuente. Ahí mucha gente cree que su programa está mal. Sigue, y mira cuánto baja la pérdida.

# %%
recipe = Recipe(updates=500 if FAST else 1500)
listener = recall_or_train(train.features, train.texts, seed=SEED, recipe=recipe)
print(f"{sum(p.numel() for p in listener.model.parameters())} parámetros; pérdida por letra:")
for start in range(0, recipe.updates, recipe.updates // 5):
    part = listener.losses[start : start + recipe.updates // 5]
    print(f"hasta la actualización {start + len(part):4d}: {part.mean():.2f}")

# %%
for text, read in list(
    zip(validation.texts, listener.transcribe(validation.features), strict=True)
)[:6]:
    print(f"{'bien' if text == read else 'MAL ':4s} «{text}» → «{read}»")

# %% [markdown]
# `recall_or_train` guarda la red en tu carpeta personal: si reinicias el kernel, la siguiente vez la lee.
#
# ## 6 · Picos
#
# ¿En qué paso escribe cada letra? Nadie se lo ha dicho.
#
# **Predice**: ¿cuántos pasos durará una vocal larga en lo que escribe la red?

# %%
well_read = [
    place
    for place, read in enumerate(listener.transcribe(known.features))
    if read == known.texts[place]
]
# La más corta de las que lee bien.
shown = min(well_read or range(len(known.texts)), key=lambda place: len(known.texts[place]))
shown_features = known.features[shown]
shown_logs = listener.log_probs([shown_features])[0]
blank_share = np.mean(
    np.concatenate([logs.argmax(axis=1) for logs in listener.log_probs(known.features)]) == 0
)

# %%
plot_spikes(
    shown_features,
    np.exp(shown_logs),
    alphabet,
    title=f"«{listener.read(shown_logs)}»: en el {100 * np.mean(shown_logs.argmax(axis=1) == 0):.0f} % de los pasos, calla",
)
plt.show()
lasting = [
    len(list(group)) for symbol, group in itertools.groupby(shown_logs.argmax(axis=1)) if symbol
]
explain(
    f"Arriba, lo que oye; abajo, la probabilidad del blanco (gris) y de cada letra. En todas las locuciones de voces conocidas, el blanco gana en el "
    f"{100 * blank_share:.0f} % de los pasos. En esta, una letra dura {np.mean(lasting):.1f} pasos de media, {25 * np.mean(lasting):.0f} milésimas de segundo."
)

# %% [markdown]
# Con CTC basta con que cada letra gane un instante, y el blanco puede llenar lo demás; aquí hay pocos pasos por letra y los picos son anchos. Aun así, **no** dicen cuándo
# empieza y acaba una letra: dicen en qué orden suenan y más o menos por dónde. La recursión del hito 3, hacia delante y hacia atrás, da además por dónde van los caminos del texto:

# %%
shown_text = listener.read(shown_logs)
shares = ctc_posteriors(shown_logs, encode(shown_text, alphabet))  # (pasos, lugares)
best_path = np.exp(shown_logs.max(axis=1).sum())
whole_text = np.exp(-ctc_loss(shown_logs, encode(shown_text, alphabet)))
plot_paths(shares, shown_text, title=f"Los caminos que escriben «{shown_text}»")
plt.show()
explain(
    f"Cada fila, una letra de «{shown_text}» o un blanco; más azul, más caminos pasan por ahí. El camino más probable tiene una probabilidad de {best_path:.2g}, y el "
    f"texto entero, de {whole_text:.2g}: la diferencia son los demás caminos."
)

# %% [markdown]
# ## 7 · ¿Cuánto se equivoca?
#
# Contar locuciones perfectas es duro; contar letras, blando. El oficio usa la **tasa de error de palabras** (*word error rate*, WER): palabras cambiadas, de más y
# de menos, entre las que se dijeron; y la de letras (*character error rate*, CER), igual con letras y espacios. Los cambios se cuentan con la distancia
# de Levenshtein: los menos que llevan de un texto a otro.
#
# ### Hito 4 ★★ · La tasa de error de palabras
#
# Recibes lo que se dijo y lo que se entendió, dos listas de textos. Devuelve **una** tasa: todos los errores entre todas las palabras dichas. Puede pasar de uno.


# %% tags=["exercise"]
def word_error_rate(references, hypotheses):
    """Errores de palabras entre palabras dichas, en todas las locuciones."""
    ### BEGIN SOLUTION
    errors = words = 0
    for reference, hypothesis in zip(references, hypotheses, strict=True):
        said, heard = reference.split(), hypothesis.split()
        table = np.zeros((len(said) + 1, len(heard) + 1), dtype=int)
        table[:, 0], table[0] = np.arange(len(said) + 1), np.arange(len(heard) + 1)
        for i, word in enumerate(said, start=1):
            for j, other in enumerate(heard, start=1):
                changed = table[i - 1, j - 1] + (word != other)
                table[i, j] = min(changed, table[i - 1, j] + 1, table[i, j - 1] + 1)
        errors += int(table[-1, -1])
        words += len(said)
    return errors / words
    ### END SOLUTION


# %% tags=["check"]
word_error_rate = check("54.4", word_error_rate)

# %%
readings = {
    part: listener.transcribe(spoken[part].features) for part in ("train", "known", "validation")
}
for part, read in readings.items():
    data = spoken[part]
    words, letters = (count_errors(data.texts, read, unit=unit) for unit in ("words", "characters"))
    of_words, of_letters = (ratio_bootstrap(*errors, seed=0) for errors in (words, letters))
    print(f"{part:11s} palabras: {of_words.in_words('%', scale=100)}")
    print(f"{'':11s} letras:   {of_letters.in_words('%', scale=100)}")
own_rate = word_error_rate(known.texts, readings["known"])
known_rate = count_errors(known.texts, readings["known"]).rate

# %% [markdown]
# Los intervalos salen de sortear **locuciones** (*bootstrap*): dicen cuánto cambiaría la cifra con otras locuciones parecidas. Para la validación, que son solo
# cinco voces, eso es engañoso, y lo arreglaremos en el examen. ¿Qué se confunde con qué?

# %%
mixed_up = Counter()
for text, read in zip(validation.texts, readings["validation"], strict=True):
    said, understood = text.split(), read.split()
    if len(said) == len(understood):
        mixed_up.update((a, b) for a, b in zip(said, understood, strict=True) if a != b)
print("lo más confundido, en validación:", mixed_up.most_common(5))

# %% [markdown]
# > **Puedes parar aquí.** La red queda guardada.
#
# # Tercer rato · Leer mejor y responder (65 minutos)

# %%
# Para retomar: lo que este rato necesita. La red se lee de tu carpeta; si no está, se entrena.
spoken = {part: load_utterances(part) for part in UTTERANCE_PARTS}
train, validation, known, unknown = (spoken[part] for part in UTTERANCE_PARTS)
alphabet = "".join(sorted(set("".join(train.texts))))
recipe = Recipe(updates=500 if FAST else 1500)
listener = recall_or_train(train.features, train.texts, seed=SEED, recipe=recipe)
DIGITS = "cero uno dos tres cuatro cinco seis siete ocho nueve".split()

# %% [markdown]
# ## 8 · Leer mejor
#
# La voraz lee el mejor **camino**. El encargo quiere el mejor **texto**, que puede repartirse entre muchos caminos poco probables. Con dos pasos en los que el
# blanco gana por 0.6 a 0.4, el mejor camino es callar, con 0.36; pero «a» reúne 0.64. Un **haz de prefijos** (*prefix beam search*) junta los caminos que
# escriben lo mismo. De cada prefijo guarda dos cuentas, la de los caminos que acaban en **blanco** y la de los que acaban en su última **letra**, porque repetir esa letra solo
# escribe otra si se viene de un blanco.
#
# ### Hito 5 ★★★ · El haz de prefijos
#
# En cada paso, alarga todos los prefijos del haz, suma lo que llegue al mismo y quédate con los `width` de mayor probabilidad, **sumadas sus dos cuentas**. Devuelve el mejor al
# final, una tupla de enteros, y el logaritmo de su probabilidad, también sumadas las dos.


# %% tags=["exercise"]
def beam_read(log_probs, width):
    """(texto, logaritmo de su probabilidad). log_probs: (pasos, símbolos)."""
    ### BEGIN SOLUTION
    beam = {(): [0.0, -np.inf]}  # prefijo → [acaban en blanco, acaban en letra]
    for step in log_probs:
        grown = {}
        for prefix, (blanks, letters) in beam.items():
            either = np.logaddexp(blanks, letters)
            moves = [(prefix, 0, either + step[0])]
            if prefix:
                moves.append((prefix, 1, letters + step[prefix[-1]]))
            for letter in range(1, len(step)):
                before = blanks if prefix[-1:] == (letter,) else either
                moves.append(((*prefix, letter), 1, before + step[letter]))
            for text, place, log_prob in moves:
                ends = grown.setdefault(text, [-np.inf, -np.inf])
                ends[place] = np.logaddexp(ends[place], log_prob)
        best = sorted(grown, key=lambda text: -np.logaddexp(*grown[text]))[:width]
        beam = {text: grown[text] for text in best}
    best = next(iter(beam))
    return best, float(np.logaddexp(*beam[best]))
    ### END SOLUTION


# %% tags=["check"]
beam_read = check("54.5", beam_read)

# %%
tiny = np.log([[0.6, 0.4], [0.6, 0.4]])
print("voraz:", collapse(tiny.argmax(axis=1)), "  haz:", beam_read(tiny, 2))
scores = rng.normal(size=(5, 3))
few = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)  # (pasos, símbolos)
wide = prefix_beam(few, width=1000)
every = Counter()
for path in itertools.product(range(3), repeat=5):
    every[tuple(collapse(path))] += np.exp(few[np.arange(5), path].sum())
beam_gap = max(abs(np.exp(one.log_prob) - every[one.labels]) for one in wide)
print(f"en un haz en el que cabe todo, {len(wide)} textos y una diferencia de {beam_gap:.0e}")

# %% [markdown]
# El otro modo de leer mejor no mira probabilidades, sino el encargo: solo se dicen **diez palabras**. Lo que no sea una de ellas se cambia por la más parecida.


# %%
def snap(text):
    """Cada palabra, por la cifra que menos letras cambia; en caso de empate, la primera."""
    return " ".join(
        min(DIGITS, key=lambda digit: edit_distance(word, digit)) for word in text.split()
    )


# %%
validation_logs = listener.log_probs(validation.features)
ways_to_read = {"voraz": [listener.read(logs) for logs in validation_logs]}
ways_to_read["haz"] = [listener.read(logs, width=4) for logs in validation_logs]
ways_to_read["voraz y diez palabras"] = [snap(text) for text in ways_to_read["voraz"]]
ways_to_read["haz y diez palabras"] = [snap(text) for text in ways_to_read["haz"]]
edits = {name: count_errors(validation.texts, read) for name, read in ways_to_read.items()}
for name, errors in edits.items():
    print(f"{name:22s} {100 * errors.rate:5.2f} % de palabras mal, en validación")
sizes = edits["voraz"].lengths
beam_change = ratio_gap(edits["haz"].edits, edits["voraz"].edits, sizes, seed=0)
snap_change = ratio_gap(edits["voraz y diez palabras"].edits, edits["voraz"].edits, sizes, seed=0)
explain(
    f"En las {len(sizes)} locuciones de validación: el haz frente a la voraz, {beam_change.verdict('puntos', scale=100)}; llevar lo leído a las diez palabras, "
    f"{snap_change.verdict('puntos', scale=100)}."
)

# %% [markdown]
# Esos intervalos sortean locuciones de solo cinco voces: no prometen nada de otras. El haz luce más con un **modelo de lenguaje**, que suma lo probable que es cada
# palabra tras las anteriores; aquí las cifras salen al azar y eso no diría nada. La lista de palabras, en cambio, sí dice, y aún más **dentro** del haz, sin dejarle
# escribir lo que no empiece una de ellas, que aplicada después, como aquí. Nos quedamos con la lectura que mejor va en **validación**.

# %%
chosen_way = min(edits, key=lambda name: (edits[name].rate, "haz" in name))
print("se elige:", chosen_way)


def read_well(recognizer, features):
    """Lo que entiende, leído de la manera elegida."""
    width = 4 if "haz" in chosen_way else None
    read = recognizer.transcribe(features, width=width)
    return [snap(text) for text in read] if "diez" in chosen_way else read


# %% [markdown]
# ## 9 · ¿Más voces o más de las mismas?
#
# La tercera pregunta del encargo. Un programa (`tools/experiments/speech.py`) ha entrenado redes con 5, 15 y 45 voces. Para que solo cambie eso, **siempre con 300
# locuciones** y 400 actualizaciones: con cinco voces, sesenta de cada una; con cuarenta y cinco, seis o siete. Las cinco se sortean con cada semilla. Todo,
# dos veces: con las frecuencias estiradas al azar y sin ellas.
#
# Las **desconocidas** son siempre las mismas doce. Las **conocidas** son aquellas con las que aprendió cada red, en otras locuciones: con cinco voces, quince; con
# cuarenta y cinco, ciento treinta y cinco. Ese examen, pues, cambia con la columna. Todo en esta sección se lee con la voraz, **sin** llevar a las diez palabras: los
# porcentajes son más altos que los del examen de la sección 10.
#
# **Predice**: ¿qué pasará con las voces conocidas al pasar de 5 a 45? ¿Y con las desconocidas?

# %%
runs = load_result("voz_voces")
counts = np.unique(runs["voices"])


def by_count(part, warp):
    """La tasa de error de palabras: (cuántas voces, semillas)."""
    chosen = runs["warp"] == warp
    return np.array([runs[part][chosen & (runs["voices"] == count)] for count in counts])


curves = {
    "desconocidas": by_count("unknown", 0.0),
    "desc., estirando": by_count("unknown", 0.15),
    "conocidas": by_count("known", 0.0),
    "con., estirando": by_count("known", 0.15),
}
plot_voice_curve(
    counts,
    curves,
    title=f"Con {counts[0]} voces: conocidas, {100 * curves['conocidas'][0].mean():.0f} % mal; desconocidas, {100 * curves['desconocidas'][0].mean():.0f} %",
)
plt.show()

# %%
more_voices = welch(curves["desconocidas"][-1], curves["desconocidas"][0])
from_fifteen = welch(curves["desconocidas"][-1], curves["desconocidas"][1])
stretched = welch(curves["desc., estirando"][0], curves["desconocidas"][0])
known_cost = welch(curves["conocidas"][-1], curves["conocidas"][0])
on_validation = welch(by_count("validation", 0.15)[-1], by_count("validation", 0.0)[-1])
families_by_count = [int(runs["families"][runs["voices"] == count].max()) for count in counts]
explain(
    f"Palabras equivocadas con voces desconocidas, sin estirar: {', '.join(f'{100 * v.mean():.1f} %' for v in curves['desconocidas'])} con {', '.join(map(str, counts))} voces. "
    f"De {counts[0]} a {counts[-1]}, {more_voices.verdict('puntos', scale=100)}; de {counts[1]} a {counts[-1]}, {from_fifteen.verdict('puntos', scale=100)}. "
    f"Con {counts[0]} voces, estirar frente a no estirar: {stretched.verdict('puntos', scale=100)}. Con voces conocidas, {counts[-1]} frente a {counts[0]}: "
    f"{known_cost.verdict('puntos', scale=100)}. Y en validación, con {counts[-1]}, estirar frente a no estirar: {on_validation.verdict('puntos', scale=100)}."
)

# %% [markdown]
# El número de locuciones es el mismo, repartido de otra manera. Ojo con el último tramo: de 15 a 45 voces no hay
# familias nuevas, solo hermanas. Y mira qué dice de estirar la validación, que es con la que se elige: sus voces son cinco y de cuatro familias.
#
# Esos intervalos dicen cuánto cambiaría la cifra con otras redes y **las mismas** doce voces desconocidas. La centralita pregunta por otras voces: se juntan las redes
# y se sortean las voces, de familia en familia, porque dos de las doce son hermanas.

# %%
by_stranger = load_result("voz_voces_por_voz")
names = np.unique(by_stranger["voice"])
family_of = dict(zip(unknown.voices, unknown.families, strict=True))
name_families = np.array([family_of[name] for name in names])


def voice_sums(column, count, warp=0.0):
    """Errores o palabras de cada voz desconocida, sumando las redes: (voces,)."""
    chosen = (by_stranger["warp"] == warp) & (by_stranger["voices"] == count)
    return np.array(
        [by_stranger[column][chosen & (by_stranger["voice"] == n)].sum() for n in names]
    )


# %%
fewest, middle, many = (voice_sums("errors", count) for count in counts)
voice_words = voice_sums("words", counts[0])
duels = {
    f"{counts[-1]} voces de entrenamiento frente a {counts[0]}": (many, fewest),
    f"{counts[-1]} frente a {counts[1]}": (many, middle),
    f"estirar con {counts[0]}": (voice_sums("errors", counts[0], 0.15), fewest),
    f"estirar con {counts[-1]}": (voice_sums("errors", counts[-1], 0.15), many),
}
voice_gaps = {
    name: ratio_gap(*pair, voice_words, seed=0, groups=name_families, cases="familias")
    for name, pair in duels.items()
}
gap_all, gap_siblings, stretch_few, stretch_all = voice_gaps.values()
told = [f"{name}, {gap.verdict('puntos', scale=100)}" for name, gap in voice_gaps.items()]
explain(
    f"Sorteando familias de voces desconocidas: {'; '.join(told)}. Con once familias, estos intervalos salen algo estrechos."
)

# %% [markdown]
# El tramo de 15 a 45 parecía claro cambiando solo de red y deja de serlo al cambiar de voces: son dos preguntas, y el encargo hace la segunda. A igual número de locuciones,
# pasar de cinco voces a todas quita errores con las desconocidas; como con las voces crecen las familias, no se sabe cuál de las dos cosas manda, pero añadir solo hermanas no se distingue del azar.
# Estirar también los quita, sin grabar a nadie, y **la validación no lo habría dicho**: con cuatro familias no basta para elegir entre recetas.

# %%
print("familias con", dict(zip(counts.tolist(), families_by_count, strict=True)), "voces")
live_voices = choose_voices(train, 5, seed=SEED)
live_share = choose_utterances(train, live_voices, seed=SEED)
five = fit_recognizer(
    live_share.features, live_share.texts, seed=SEED, recipe=CURVE._replace(warp=0.0)
)
five_rate = count_errors(validation.texts, five.transcribe(validation.features)).rate
stored = by_count("validation", 0.0)[0]
chosen_rate = count_errors(validation.texts, listener.transcribe(validation.features)).rate
explain(
    f"En directo, con cinco voces ({', '.join(live_voices)}): {100 * five_rate:.1f} % de palabras mal en validación; las guardadas van de {100 * stored.min():.1f} a "
    f"{100 * stored.max():.1f}. Nuestra red, con todas las voces, más locuciones, otras actualizaciones y estirando: {100 * chosen_rate:.1f} %."
)

# %% [markdown]
# ¿Hacía falta **recurrencia**? Con los mismos parámetros y las mismas actualizaciones, otro programa ha entrenado con todo: la de dos sentidos, una de uno solo y una que no recuerda nada: una
# convolución que mira una ventana de 375 ms y una capa. A cada una se le prueban tres tasas de aprendizaje y se le elige la suya en validación; el error que se compara es el de las
# desconocidas, y el intervalo, el de cambiar de red con las mismas doce voces.

# %%
networks = load_result("voz_red")
kinds = dict.fromkeys(networks["kind"].tolist())
best_rates, network_errors = {}, {}
for kind in kinds:
    by_rate = {
        rate: networks["validation"][(networks["kind"] == kind) & (networks["rate"] == rate)].mean()
        for rate in np.unique(networks["rate"])
    }
    best_rates[kind] = min(by_rate, key=by_rate.get)
    chosen = (networks["kind"] == kind) & (networks["rate"] == best_rates[kind])
    network_errors[kind] = networks["unknown"][chosen]
    edge = best_rates[kind] in (min(by_rate), max(by_rate))
    print(
        f"{kind:14s} {networks['params'][chosen][0]} parámetros; conocidas, {100 * networks['known'][chosen].mean():.0f} % mal; tasa {best_rates[kind]:g}{', la última probada' if edge else ''}"
    )

# %%
plot_error_rows(
    network_errors,
    title=f"La ventana falla el {100 * network_errors['ventana'].mean():.0f} %; la de dos sentidos, el {100 * network_errors['bidireccional'].mean():.0f} %",
)
plt.show()
against_window = welch(network_errors["bidireccional"], network_errors["ventana"])
against_one_way = welch(network_errors["bidireccional"], network_errors["unidireccional"])
explain(
    f"Palabras equivocadas con voces desconocidas. La de dos sentidos frente a la ventana: {against_window.verdict('puntos', scale=100)}; frente a la de un sentido: "
    f"{against_one_way.verdict('puntos', scale=100)}."
)

# %% [markdown]
# Con los mismos parámetros y actualizaciones, recordar quita errores y oír lo que viene después, también, y no solo con las voces nuevas: mira las conocidas. Si la mejor tasa de
# alguna es la última probada, quizá le quedaba margen.
#
# ## 10 · El examen
#
# La red, la receta y la manera de leer están elegidas. Ahora, **una vez**, las doce voces desconocidas: en las tablas de la sección 9 han servido para medir, y de ellas no ha salido ninguna decisión sobre esta red. Cada voz dice quince locuciones que se parecen entre sí,
# así que el intervalo que responde al encargo no sortea locuciones: sortea **familias** de voces enteras. Son once, y con tan pocas sale algo estrecho.
#
# **Predice**: ¿cuál de los dos intervalos será más ancho?

# %%
answers = read_well(listener, unknown.features)
exam = count_errors(unknown.texts, answers)
loose = ratio_bootstrap(*exam, seed=0)
by_family = {"seed": 0, "groups": unknown.families, "cases": "familias"}
whole = ratio_bootstrap(*exam, **by_family)
complete = np.array([a == b for a, b in zip(answers, unknown.texts, strict=True)])
arriving = ratio_bootstrap(complete, np.ones(len(complete)), **by_family)
promised, familiar = (
    count_errors(data.texts, read_well(listener, data.features)).rate
    for data in (validation, known)
)
unknown_greedy = listener.transcribe(unknown.features)
plain = count_errors(unknown.texts, unknown_greedy)
snapped = count_errors(unknown.texts, [snap(text) for text in unknown_greedy])
word_gap = ratio_gap(snapped.edits, plain.edits, plain.lengths, **by_family)
explain(
    f"Palabras equivocadas de voces desconocidas: {loose.in_words('%', scale=100)}, sorteando locuciones; {whole.in_words('%', scale=100)}, sorteando familias. Números que llegan enteros: "
    f"{arriving.in_words('%', scale=100, decimals=0)}. Leyendo igual, la validación decía {100 * promised:.1f} % y las voces conocidas, {100 * familiar:.1f} %."
)

# %%
# Ya elegido todo: qué habría pasado sin las diez palabras.
explain(
    f"Con la voraz sin más, {100 * plain.rate:.1f} % de palabras mal en las desconocidas. Llevarlas a las diez palabras: {word_gap.verdict('puntos', scale=100)}."
)

# %% [markdown]
# La validación tampoco conocía a sus voces, pero son cinco: con tan pocas, lo que prometa para otras vale poco. Sirve para comparar maneras de hacer; la cifra que se da es la del examen.

# %%
per_voice = {
    str(voice): np.array(
        [exam.edits[unknown.voices == voice].sum() / exam.lengths[unknown.voices == voice].sum()]
    )
    for voice in np.unique(unknown.voices)
}
ordered = dict(sorted(per_voice.items(), key=lambda item: -item[1][0]))
worst, gentlest = next(iter(ordered)), list(ordered)[-1]
plot_error_rows(
    ordered,
    title=f"Con «{worst}» falla el {100 * ordered[worst][0]:.0f} %; con «{gentlest}», el {100 * ordered[gentlest][0]:.0f} %",
)
plt.show()
half = sum(exam.edits[np.isin(unknown.voices, list(ordered)[:2])]) / max(exam.edits.sum(), 1)
arriving_worst = wilson(complete[unknown.voices == worst])
explain(
    f"Una fila por voz desconocida. Las dos peores, de doce, reúnen el {100 * half:.0f} % de los errores. De los números de «{worst}» llegan enteros el "
    f"{arriving_worst.in_words('%', scale=100, decimals=0)}."
)

# %% [markdown]
# Es lo que hay que contestar a la centralita, y con las dos peores voces a la vista: para algunas personas funcionará mucho peor que lo que dice la media. Antes de
# instalarlo habría que saber **para quiénes**.
#
# ## 11 · ¿Y con personas?
#
# Que una voz sintética sea nueva no dice lo que pasará con una persona. La misma receta se ha probado con grabaciones de verdad: cifras en inglés de cinco personas
# (*Free Spoken Digit Dataset*), **una fuera cada vez**. El símbolo es la cifra. El rival no tiene recurrencia ni CTC: una regresión logística con cada grabación estirada a 16 pasos, con su
# regularización elegida apartando personas. Como todos saben que se dice una cifra, la red elige entre las diez la más probable. Lo mide `tools/experiments/spoken_digits.py`.
#
# **Predice**: si con las personas que conoce falla muy pocas, ¿cuántas de cada cien fallará con una desconocida?

# %%
people = load_result("voz_personas")
speakers = np.unique(people["speaker"])


def person_rates(system, part, warp=0.0):
    """La parte equivocada con cada persona, media de las semillas: (personas,)."""
    chosen = (people["system"] == system) & (people["warp"] == warp)
    return np.array([people[part][chosen & (people["speaker"] == who)].mean() for who in speakers])


systems = {
    "receta": ("entre diez", 0.15),
    "sin estirar": ("entre diez", 0.0),
    "logística": ("logística", 0.0),
}
for name, (system, warp) in systems.items():
    rates = {part: 100 * person_rates(system, part, warp) for part in ("known", "unknown")}
    listed = ", ".join(
        f"{who} {rate:.0f}" for who, rate in zip(speakers, rates["unknown"], strict=True)
    )
    print(
        f"{name:15s} conocidas {rates['known'].mean():5.1f} %   desconocida {rates['unknown'].mean():5.1f} %  ({listed})"
    )

# %%
rows = {
    f"{who}, {name}": people["unknown"][
        (people["system"] == system) & (people["warp"] == warp) & (people["speaker"] == who)
    ]
    for who in speakers
    for name, (system, warp) in systems.items()
}
network_people = {part: person_rates("entre diez", part, 0.15) for part in ("known", "unknown")}
plot_error_rows(
    rows,
    title=f"Apartada, una persona cuesta del {100 * network_people['unknown'].min():.0f} al {100 * network_people['unknown'].max():.0f} %",
)
plt.show()
stretch_gain = network_people["unknown"] - person_rates("entre diez", "unknown")
rival_gain = person_rates("logística", "unknown") - network_people["unknown"]
explain(
    f"Cifras equivocadas de la persona apartada, un punto por red. De media, la receta falla el {100 * network_people['known'].mean():.1f} % con personas conocidas y el "
    f"{100 * network_people['unknown'].mean():.1f} % con la apartada. Estirar frecuencias quita errores con {np.sum(stretch_gain < 0)} de {len(speakers)} personas, "
    f"{100 * stretch_gain.mean():+.1f} puntos de media; la regresión logística falla menos que la receta con {np.sum(rival_gain < 0)} de {len(speakers)}."
)

# %% [markdown]
# Cinco personas no dan para un intervalo: se dicen las cinco y no se concluye sobre la sexta. Lo que sí se ve en las cinco es el salto entre
# las conocidas y la apartada: una cifra que solo diga lo primero promete lo que no hay. No todo es la voz: cada persona grabó en su casa, y con ella cambian el micrófono y el ruido. Y
# el rival oye las mismas bandas, pero sin ruido ni estirar: si uno falla menos, no se sabe por qué pieza.
#
# ## 12 · Graba tu voz
#
# Con el móvil o el ordenador: di de tres a cinco cifras, en español, y pasa el archivo a WAV (con Audacity, *Archivo → Exportar*). En Colab o Binder, súbelo con el icono de la carpeta. Pon
# su ruta en `my_recording`. `load_own_voice` lo pasa a un canal y a 8000 muestras por segundo, y dice qué no puede usar y qué puede salir mal. `understand` quita además el silencio de los extremos.

# %%
my_recording = None  # por ejemplo "mi_voz.wav"


def understand(path):
    """Lo que entiende de una grabación, diciendo lo que le pasa."""
    try:
        recording = load_own_voice(path)
    except (ValueError, OSError) as error:
        return str(error)
    for note in recording.notes:
        print("Ojo:", note)
    features = hear([trim_silence(recording.samples)], RATE)
    return read_well(listener, features)[0] or "(no entiende nada)"


# %%
if my_recording is not None:
    print(understand(my_recording))

# %% [markdown]
# Mientras tanto, lo mismo con un sonido del curso guardado como lo guardaría un grabador (44 100 muestras por segundo, dos canales, con silencio delante) y con dos archivos que no sirven.

# %%
from scipy.io import wavfile
from scipy.signal import resample_poly

folder = Path(tempfile.mkdtemp())
sound = load_sounds()[0]
studio = np.pad(resample_poly(sound.samples / 32768, 441, 80), (40_000, 0))
wavfile.write(
    folder / "bueno.wav", 44_100, np.stack([0.1 * studio, studio], axis=1).astype("float32")
)
wavfile.write(folder / "corto.wav", 44_100, studio[-5_000:].astype("float32"))
(folder / "disfraz.wav").write_bytes(b"OggS" + bytes(100))
for name in ("bueno.wav", "corto.wav", "disfraz.wav"):
    print(f"{name}: {understand(folder / name)}\n")
print("decía:", sound.text)

# %% [markdown]
# Si tu voz sale mal, no te sorprendas: la red solo ha oído a un sintetizador. Prueba a decir lo mismo despacio, cerca del micrófono y sin ruido, y apunta cuántas de veinte cifras entiende.
#
# ## Lo que hemos comprobado
#
# Las tres celdas usan cosas de los tres ratos: si has reiniciado por el camino, ejecuta antes el cuaderno entero, que tarda un minuto.

# %% tags=["nbval-check-output"]
barely_share = np.mean([a == b for a, b in zip(barely_read, validation.texts, strict=True)])
mended_share = np.mean([a == b for a, b in zip(mended, few_texts, strict=True)])
verify(
    claim("Con cuarenta actualizaciones no entiende entera casi ninguna locución", barely_share, "<", 0.2, of=75),
    claim("La red entrenada entiende más de tres de cada cuatro palabras de las voces conocidas", known_rate, "<", 0.25),
    claim("En voces conocidas, el blanco gana al menos en uno de cada cinco pasos", blank_share, ">", 0.2),
    claim("Numerando desde 1, se aprende de memoria casi todas", mended_share, ">", 0.4, of=4),
    claim("Las voces desconocidas cuestan mucho más que las conocidas", exam.rate - familiar, ">", 0.05),
    claim("Sortear familias da un intervalo mucho más ancho que sortear locuciones",
          (whole.high - whole.low) / (loose.high - loose.low), ">", 1.5),
    claim("Llevar lo leído a las diez palabras quita al menos una cuarta parte de los errores con voces desconocidas", snapped.rate / plain.rate, "<", 0.75),
)  # fmt: skip

# %% tags=["nbval-check-output"]
text_gap = abs(enumerated - recursion)
verify(
    claim("Con el espacio de blanco, todas las palabras salen pegadas", glued_words, "==", 1.0, kind="identidad"),
    claim("La recursión da lo mismo que enumerar los caminos", text_gap, "<", 1e-6, kind="identidad"),
    claim("Nuestra CTC es la de PyTorch, letras dobles incluidas", loss_gap, "<", 1e-6, kind="identidad"),
    claim("Y su gradiente también", gradient_gap, "<", 1e-6, kind="identidad"),
    claim("El texto es al menos tan probable como su mejor camino", whole_text > best_path - 1e-9, "==", True, kind="identidad"),
    claim("Un haz en el que cabe todo da las probabilidades exactas", beam_gap, "<", 1e-9, kind="identidad"),
    claim("Tu tasa de error es la del curso", abs(own_rate - known_rate), "<", 1e-12, kind="identidad"),
)  # fmt: skip

# %% tags=["nbval-check-output"]
verify(
    claim("Con cinco voces, las desconocidas cuestan mucho más que las conocidas, con toda red",
          (curves["desconocidas"][0] - curves["conocidas"][0]).min(), ">", 0.2, kind="identidad"),
    claim("A igual número de locuciones, con todas las voces falla menos que con cinco en las desconocidas", gap_all.high, "<", 0, kind="identidad"),
    claim("De quince voces a todas, parece claro cambiando de red y no cambiando de familias",
          from_fifteen.is_clear and not gap_siblings.is_clear, "==", True, kind="identidad"),
    claim("Estirar quita errores con las desconocidas, con cinco voces y con todas",
          max(stretch_few.high, stretch_all.high), "<", 0, kind="identidad"),
    claim("La validación no lo habría dicho", on_validation.is_clear, "==", False, kind="identidad"),
    claim("Recordar quita errores, y leer en los dos sentidos, más",
          max(against_window.high, against_one_way.high), "<", 0, kind="identidad"),
    claim("Con cada una de las cinco personas, apartada cuesta mucho más que las conocidas",
          (network_people["unknown"] - network_people["known"]).min(), ">", 0.05, kind="identidad"),
)  # fmt: skip

# %% [markdown]
# ## Qué entregar
#
# Una página para la centralita, que pueda leer quien no sabe qué es una red:
#
# 1. De cada cien palabras de alguien que llama por primera vez, cuántas saldrán mal, con el intervalo **por familias de voces** y la peor voz al lado de la media.
# 2. De cada cien números, cuántos llegarán enteros.
# 3. En qué gastar: más voces, más locuciones de las mismas o ninguna de las dos, con la comparación que lo apoya.
# 4. Qué **no** se sabe todavía y qué habría que grabar para saberlo.
#
# En cuatro frases, la nuestra:

# %%
explain(
    f"De cada cien palabras de una voz nueva salen mal {100 * whole.value:.0f} (entre {100 * whole.low:.0f} y {100 * whole.high:.0f}), y con la peor de las doce, "
    f"{100 * ordered[worst][0]:.0f}; de cada cien números llegan enteros {100 * arriving.value:.0f} (entre {100 * arriving.low:.0f} y {100 * arriving.high:.0f}). Para gastar lo mismo, mejor pocas "
    "locuciones de muchas voces distintas que muchas de pocas, y estirar al entrenar no cuesta grabaciones. Todo eso, con un sintetizador: con personas, la misma receta "
    f"pasó de fallar el {100 * network_people['known'].mean():.0f} % con las que conocía al {100 * network_people['unknown'].mean():.0f} % con la apartada. Antes de instalar nada hay que grabar a personas, y probar con otras."
)

# %% [markdown]
# ## Júzgate
#
# | | flojo | bien | muy bien |
# |---|---|---|---|
# | **Reparto** | por locuciones | por voces | por familias, comprobado con una función |
# | **CTC** | la de PyTorch, sin más | la tuya, igual | además sabes qué significa que sea infinita y lo compruebas antes de entrenar |
# | **Elegir** | con el examen | con la validación | con la validación, y el examen una sola vez |
# | **Cifras** | una media | con intervalo | con intervalo por familias de voces y la peor voz a la vista |
# | **Causas** | «con más voces va mejor» | mismas locuciones y actualizaciones | además, separas voces de familias |
# | **Respuesta** | en porcentajes de error | en números que llegan | dice para quién no funcionará |
#
# ## Qué probamos y qué dejamos
#
# - **Empaquetar** el lote, como en la clase `Listener`: sale lo mismo y cuesta lo que dice la sección 5. Se quedó la red que da la vuelta a cada locución.
# - **El haz**: solo se usa si en validación gana.
# - **Cifras como símbolos**, en lugar de letras: esconde qué oye mal y no vale para otra palabra. Con personas, en cambio, cada grabación es una sola cifra, y ese es el símbolo.
# - **Una ventana** sin recurrencia y **un solo sentido**: en la tabla de la sección 9.
#
# ## Tres caminos para seguir
#
# 1. **Al vuelo.** Escribe mientras se habla: una red de un sentido con unos pocos pasos de retraso. ¿Cuánto error cuesta cada paso que ahorras?
# 2. **Un «no lo sé».** Con la probabilidad del texto elegido, decide cuándo pedir que repitan. Dibuja errores que se cuelan frente a veces que se pide repetir.
# 3. **Con gente.** `course_utils.datasets.load_spoken_digits()` descarga las grabaciones del apartado 11: empieza con la red de aquí y afínala con una persona. ¿Cuántas grabaciones suyas hacen falta?
#
# ## Resumen
#
# - La voz se da a la red como energía por **bandas de mel**, en decibelios.
# - **CTC** suma todos los caminos que escriben el texto; nadie anota cuándo suena cada letra. El **blanco** separa letras iguales y llena lo demás.
# - Si el texto no cabe, la pérdida es **infinita**: se comprueba antes.
# - El mejor camino no es el mejor texto: el **haz de prefijos** suma caminos.
# - WER y CER, con su intervalo; y si la pregunta es por gente nueva, se sortean **voces** enteras, y las hermanas juntas.
# - Se aparta por **familias**: una hermana en el entrenamiento es una trampa.
#
# **Qué no hemos demostrado.** Nada sobre pacientes: las voces son de un sintetizador, las palabras son diez y nadie duda ni tose. De 15 a 45 voces solo cambian las hermanas; qué harían treinta familias más no se ha
# medido. Tampoco cuánto dan más locuciones de las mismas voces, a igualdad de actualizaciones, ni una red sin recurrencia más honda que la ventana. La receta llegó hecha: no está apuntado con qué
# datos se eligieron el 15 % y el ruido, y si fue mirando a las doce, el examen es algo optimista. Lo de las personas son cinco, en inglés y grabadas cada una en su casa.
#
# ## Errores frecuentes
#
# - Quitar los blancos antes de juntar los repetidos.
# - Dar a una letra el número del blanco: no protesta nadie.
# - Creer que el entrenamiento está roto porque al principio solo salen blancos.
# - Tapar las pérdidas infinitas con ceros (`zero_infinity=True`) sin mirar de qué texto vienen.
# - Tomar los picos por el principio o el final de cada letra.
# - Promediar la tasa de cada locución en lugar de sumar errores y palabras.
# - Examinar con voces conocidas, o con sus hermanas, y prometerlo para quien llame.
#
# ## Para saber más
#
# - A. Graves, S. Fernández, F. Gomez y J. Schmidhuber (2006), *Connectionist temporal classification: labelling unsegmented sequence data with recurrent neural networks*, ICML.
# - A. Graves (2012), *Supervised sequence labelling with recurrent neural networks*, Springer: la recursión y las lecturas, con detalle.
# - A. Hannun (2017), *Sequence modeling with CTC*, Distill: con dibujos, por dónde empezar.
# - A. Zeyer, R. Schlüter y H. Ney (2021), *Why does CTC result in peaky behavior?*, arXiv 2105.14849: por qué salen picos.
# - A. Hannun, A. Maas, D. Jurafsky y A. Ng (2014), *First-pass large vocabulary continuous speech recognition using bi-directional recurrent DNNs*, arXiv 1408.2873: el haz de prefijos.
# - N. Jaitly y G. Hinton (2013), *Vocal tract length perturbation (VTLP) improves speech recognition*, taller del ICML: la idea de estirar las frecuencias (ellos, los hercios; aquí, las bandas).
# - M. Bisani y H. Ney (2004), *Bootstrap estimates for confidence intervals in ASR performance evaluation*, ICASSP.
# - V. I. Levenshtein (1966), *Binary codes capable of correcting deletions, insertions, and reversals*, Soviet Physics Doklady 10.
#
# **Siguiente**: [55 · Escalar](55_escalar.ipynb).
