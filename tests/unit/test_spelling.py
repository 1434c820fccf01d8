"""El corrector ortográfico, con faltas sembradas y con textos correctos."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from pathlib import Path

import pytest

from tools.texts import spelling as tool

RULES = tool.load_rules()

# Cada frase lleva una falta, la palabra de la derecha, que ningún diccionario vería.
SEEDED = [
    ("El numero de parámetros no crece con el tiempo.", "numero"),
    ("Comprueba el calculo con la fórmula de la lección.", "calculo"),
    ("Fíjate en como calculas la media.", "como"),
    ("Cada termino de la suma usa el mismo peso.", "termino"),
    ("El titulo de la figura dice una sola cosa.", "titulo"),
    ("El rotulo del eje lleva la unidad.", "rotulo"),
    ("Ese modulo no carga TensorFlow.", "modulo"),
    ("Un pronostico a 24 meses se desploma.", "pronostico"),
    ("El ultimo paso se predice mal.", "ultimo"),
    ("Esa máscara no es un vector valido.", "valido"),
    ("La maquina traduce frase a frase.", "maquina"),
    ("La mascara vale cero en el relleno.", "mascara"),
    ("Mira la linea que falla.", "linea"),
    ("El indice empieza en cero.", "indice"),
    ("Ademas, los pesos se comparten.", "ademas"),
    ("Es un requisito explicito del ejercicio.", "explicito"),
    ("La serie tiene un ano y medio.", "ano"),
    ("Son datos de once anos.", "anos"),
    ("La lección ensena a leer el gradiente.", "ensena"),
    ("Las ventas suben con la campana de Navidad.", "campana"),
    ("Así esta la perdida al terminar.", "perdida"),
    ("La función de perdida compara las dos curvas.", "perdida"),
    ("Hay un limite de memoria.", "limite"),
    ("Cambia el interprete de Python.", "interprete"),
    ("La practica guiada dura una hora.", "practica"),
    ("Cada formula se deduce antes de usarla.", "formula"),
    ("Es una respuesta valida.", "valida"),
    ("Usa la versión publica del paquete.", "publica"),
    ("Es una tarea muy especifica.", "especifica"),
    ("El entrenamiento continua hasta la época 20.", "continua"),
    ("El error varia con la semilla.", "varia"),
    ("Amplia la ventana a 24 pasos.", "amplia"),
    ("La serie continuo creciendo.", "continuo"),
    ("Guarda los datos en la cache.", "cache"),
    ("El modelo esta entrenado.", "esta"),
    ("Comprueba que la celda no esta vacía.", "esta"),
    ("La solución esta en la celda siguiente.", "esta"),
    ("Con esa tasa, la red esta aprendiendo.", "esta"),
    ("Así lo hace está red.", "está"),
    ("Piensa si estas usando la semilla.", "estas"),
    ("Espera a que este listo.", "este"),
    ("Compara con esté modelo.", "esté"),
    ("Ésta es la idea.", "ésta"),
    ("Sólo cambia un peso.", "sólo"),
    ("El estado cambia y con el, la salida.", "el"),
    ("Vuelve a el principio de la lección.", "a el"),
    ("Entrena él modelo otra vez.", "él"),
    ("Cuantos más datos, mas tarda.", "mas"),
    ("Los pesos son iguales entre si.", "si"),
    ("Sí usas otra semilla, cambia el resultado.", "sí"),
    ("Ahora tu decides el ancho.", "tu"),
    ("Escribe tú respuesta debajo.", "tú"),
    ("A mi me sale otra cosa.", "mi"),
    ("Revisa mí código.", "mí"),
    ("El modelo aun no sabe nada.", "aun"),
    ("Aún así, la red acierta.", "aún"),
    ("Usa la función dé pérdida.", "dé"),
    ("Evita que el programa te de un error.", "de"),
    ("El gradiente sé calcula hacia atrás.", "sé"),
    ("Todavía no se si funciona.", "se"),
    ("La celda té avisa.", "té"),
    ("¿Que le pasa a la pérdida?", "que"),
    ("¿De que depende el estado?", "que"),
    ("¿Como calculas la media?", "como"),
    ("¿Donde está el error?", "donde"),
    ("¿Cuantos parámetros tiene la red?", "cuantos"),
    ("¿Porque falla la primera celda?", "porque"),
    ("Explica porque no aprende.", "porque"),
    ("La red falla porqué no hay datos.", "porqué"),
    ("Ese es el porque de la diferencia.", "porque"),
    ("No se entiende por que ocurre.", "por que"),
    ("La compuerta decide que guardar.", "que"),
    ("El mensaje dice que versión hace falta.", "que"),
    ("Explica como funciona la celda.", "como"),
    ("El resultado depende de como se lea.", "como"),
    ("La red es tan rápida cómo la otra.", "cómo"),
    ("Averigua cual es el mejor modelo.", "cual"),
    ("Es la razón por lo cuál falla.", "cuál"),
    ("Calcula cuanto crece el error.", "cuanto"),
    ("Averigua donde se pierde el gradiente.", "donde"),
    ("El estado cambia siempre cuándo llega una letra.", "cuándo"),
    ("De vez en cuándo la pérdida sube.", "cuándo"),
    ("Eso es lo qué importa.", "qué"),
    ("En cuánto al error, no mejora.", "cuánto"),
    ("Ayer se hacia con un bucle.", "hacia"),
    ("El gradiente va hacía atrás.", "hacía"),
    ("Lo mejor seria probar otra semilla.", "seria"),
    ("El resultado sera distinto.", "sera"),
    ("Nadie sabia la respuesta.", "sabia"),
    ("La red tenia dos capas.", "tenia"),
    ("Con más datos el error bajara.", "bajara"),
    ("En el ejercicio encontraras dos pistas.", "encontraras"),
    ("La red mejoro mucho.", "mejoro"),
    ("La pérdida se estanco muy pronto.", "estanco"),
    ("El gradiente al final exploto.", "exploto"),
    ("El error paso de tres a cinco.", "paso"),
    ("El primer cambió es pequeño.", "cambió"),
    ("El ejercicio ya está echo.", "echo"),
    ("Vamos haber si funciona.", "haber"),
    ("Quizá halla cambiado la semilla.", "halla"),
    ("La pérdida no a bajado.", "a"),
    ("Vamos ha calcular la media.", "ha"),
    ("Cada ves que se lee una letra, cambia.", "ves"),
    ("Has clic en la celda.", "has"),
    ("Si lo haz resuelto, sigue.", "haz"),
    ("Ya e terminado la lección.", "e"),
    ("Por hay no se llega.", "hay"),
    ("La red tubo que aprenderlo.", "tubo"),
    ("Quizá valla mejor con otra tasa.", "valla"),
    ("Importa sobretodo el orden.", "sobretodo"),
    ("El error oscila entorno a cero.", "entorno"),
    ("No solo mide el error si no también su signo.", "si no"),
    ("Es una prueba sencilla y importante.", "y"),
    ("Prueba con siete o ocho pasos.", "o"),
    ("Usa NumPy ó PyTorch.", "ó"),
    ("Asegurate de que termina.", "asegurate"),
    ("Vas a remover la media de la serie.", "remover"),
    ("El modelo asume que los datos son independientes.", "asume"),
    ("Eventualmente la pérdida converge.", "eventualmente"),
    ("Es una librería muy usada.", "librería"),
    ("La capa no soporta máscaras.", "soporta"),
    ("Eso no hace sentido.", "hace sentido"),
    ("Corre la celda otra vez.", "corre"),
    ("El error es mayor a cero.", "a"),
    ("En la serie habían muchos huecos.", "habían"),
    ("Resulta de que la semilla importa.", "resulta de que"),
]

# Español correcto, con las mismas palabras en sus contextos legítimos.
CORRECT = """
¿Qué número saldrá si calculas la media de cada año?
La pérdida de entrenamiento baja, pero la de validación sube: es sobreajuste.
Esta red está entrenada con once años de datos y esta otra no lo está.
Predice cómo cambiará el error; después, ejecuta la celda y compara.
Como la serie es corta, basta una capa; cuando crezca, probaremos dos.
No sé si el gradiente se desvanece, pero sé que se puede medir.
El modelo funciona como un filtro: deja pasar lo lento y quita lo rápido.
Cuanto mayor es la ventana, más tarda; en cuanto a la memoria, apenas crece.
El estado oculto resume lo que la red ha visto hasta ese momento.
Si usas otra semilla, los pesos cambian; la conclusión, no.
¿Y si la secuencia es más larga que las de entrenamiento?
Él no lo sabe, y tú tampoco: tu respuesta se comprueba al final.
Aún no hemos entrenado nada; aun así, la red ya devuelve números.
La compuerta decide qué se olvida y qué se guarda en cada paso.
Dime cuál prefieres: la que aprende deprisa o la que generaliza, la cual es más pequeña.
El porqué está en la derivada: la tangente se aplana porque se satura.
¿Por qué no aprende? Porque la tasa de aprendizaje es demasiado alta.
Hacia el final, lo que antes se hacía con un bucle se hace con un producto.
Solo cambia una línea: donde ponía el último estado, pon el primero.
Sería más fácil con menos datos, y así lo haría quien empieza.
El límite es de 60 segundos; que el tamaño limite lo que pruebas es normal.
Practica con la serie de manchas: la práctica importa más que la teoría.
Publica tu cuaderno solo si quieres; la versión pública es la del curso.
La función continua se aproxima bien, y el entrenamiento continúa sin cambios.
De una información perdida no se recupera nada: quedó fuera de la ventana.
Dé el resultado que dé, anótalo; no dejes que te dé miedo equivocarte.
Te pedimos que te fijes en el eje: está en unidades de la serie.
Mi modelo y el tuyo tienen el mismo número de pesos; a mí me costó entenderlo.
La campana de Gauss no describe las ventas de una campaña.
Pasó lo que esperábamos: el error pasó de 3 a 12 paso a paso.
El cambio de escala cambió el resultado, y el fallo que falló fue el del índice.
Este cuaderno está listo en cuanto esté guardado; este otro, cuando esté completo.
Estas dos celdas son iguales; si estás usando Colab, estarán en otra carpeta.
Valida la entrada antes de nada: una fecha válida tiene diez caracteres.
La función valida los datos, y la capa publica su máscara.
No es que el modelo mienta, sino que no sabe; si no sabe, no puede decirlo.
Se enseña a una red como se enseña a un niño: con ejemplos, y uno a uno.
En vez del del curso, has usado otro intérprete.
Hay tres maneras de hacerlo, y de ahí viene la confusión.
Haz una copia, que has hecho bien; de hecho, ya lo habías hecho antes.
Quizá haya otra razón: halla la derivada y lo verás.
Va a calcular la media y ha calculado también la desviación.
La primera vez no se ve; otra vez será.
Prefiere siete u ocho pasos, y padres e hijos en el mismo lote.
Nueve o diez capas e incluso más; hierro y hielo; ¿y Inés?
Parece mayor que cero, o al menos igual a cero.
Había muchos huecos y habían pasado dos meses.
Puede que ahora pronosticara mejor si la ventana llegara más lejos.
Para que sirva, compara y prepara la cara rara de la serie clara.
Con más datos, el error bajará; encontrarás dos pistas en el ejercicio.
¡Cuidado! El objetivo está desplazado un paso (¿lo habías visto?).
¿Cuándo conviene una GRU? ¿Dónde? ¿Con cuántos datos? ¿A qué precio?
Muestra cómo crece el error y cuánto tarda cada época.
Nadie sabe cuándo parar: depende de cómo se mida y de cuáles sean los datos.
Con lo que hay basta; lo que falta es lo que no se ha medido.
Tenemos que repetir: hay que hacerlo tantas veces como semillas.
Lo mismo que antes, tanto como quieras, tal como está escrito.
Se trata de una biblioteca que admite máscaras y supone que el relleno va al final.
Dejamos fuera el 20 % de los datos, es decir, los últimos dos años.
Según el caso, se elige una u otra; según cómo se mire, ninguna.
Este estado y este resultado son de aquel periodo; este sentido se pierde.
Cada uno de los pesos se multiplica por su entrada: de ello resulta una suma.
El Niño de 1997 se ve en la figura; los datos de El Niño son mensuales.
Esa capa es tan rápida como la otra y casi tan precisa.
La red aprendió el ritmo antes que la tendencia, y lo olvidó después.
El registro se guarda cerca de los datos, así que no se pierde el uso.
La memoria está llena, por eso el programa se para y para siempre.
Calculo los resúmenes, y genero los cuadernos que faltan.
Entre sí son iguales; por sí solo, ninguno sirve. Eso sí, son rápidos.
"""
SENTENCES = CORRECT.strip().splitlines()


def has_dictionary() -> bool:
    """Indica si están hunspell y su diccionario es_ES."""
    try:
        return tool.unknown_words({"red"}) == set()
    except tool.DictionaryMissing:
        return False


needs_hunspell = pytest.mark.skipif(not has_dictionary(), reason=tool.HOW_TO_GET_HUNSPELL)


def flagged(text: str, rules: tuple[tool.Rule, ...] = RULES) -> list[str]:
    """Palabras señaladas sin diccionario, en minúsculas."""
    found = tool.check_fragments(tool.prose(text), rules=rules)
    return [word.lower() for _, word, _ in found]


def write(folder: Path, name: str, text: str) -> Path:
    """Crea un archivo de prueba."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def check_one(path: Path, *, dictionary: bool = False) -> list[tuple[int, str]]:
    """Faltas de un archivo, como línea y palabra."""
    found = tool.check([path], dictionary=dictionary, root=path.parent)
    return [(problem.line, problem.word) for problem in found]


# --- Lo que un diccionario no ve ------------------------------------------------------------------


@pytest.mark.parametrize(("sentence", "wrong"), SEEDED, ids=[wrong for _, wrong in SEEDED])
def test_a_seeded_mistake_is_caught(sentence, wrong):
    """Cada falta sembrada se señala, y se señala ella."""
    assert wrong in flagged(sentence)


def test_there_are_enough_seeded_mistakes():
    """Al menos ochenta frases distintas."""
    assert len({sentence for sentence, _ in SEEDED}) == len(SEEDED) >= 80


@needs_hunspell
def test_a_dictionary_alone_would_not_see_them():
    """Las faltas sembradas son palabras que existen: sin las parejas, se escaparían.

    Con el diccionario de Debian, todas; se dejan unas pocas para los de otros sistemas.
    """
    words = {part for _, wrong in SEEDED for part in wrong.split() if len(part) > 1}
    assert len(tool.unknown_words(words)) <= len(words) // 20


@pytest.mark.parametrize("rule", RULES, ids=[rule.words[0][1] for rule in RULES])
def test_every_pair_has_a_seeded_mistake(rule):
    """Quien añade una pareja añade su frase: ninguna entrada está de adorno."""
    assert any(wrong in flagged(sentence, (rule,)) for sentence, wrong in SEEDED)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_correct_spanish_is_left_alone(sentence):
    """Ni una señal en sesenta frases correctas escritas para provocarlas."""
    assert flagged(sentence) == []


def test_there_are_enough_correct_sentences():
    """Sesenta, al menos."""
    assert len(set(SENTENCES)) == len(SENTENCES) >= 60


@needs_hunspell
def test_the_correct_sentences_pass_the_dictionary(tmp_path):
    """Tampoco el diccionario se queja de ellas."""
    assert check_one(write(tmp_path, "texto.md", "\n\n".join(SENTENCES)), dictionary=True) == []


@needs_hunspell
def test_losing_one_accent_is_nearly_always_seen(tmp_path):
    """De cada cien tildes que se pierden en un texto correcto se ven más de noventa."""
    spoiled = [
        sentence[: found.start()] + without_accents(found[0]) + sentence[found.end() :]
        for sentence in SENTENCES
        for found in tool.WORD.finditer(sentence)
        if without_accents(found[0]) != found[0]
    ]
    path = write(tmp_path, "texto.md", "\n\n".join(spoiled))
    lines = {line for line, _ in check_one(path, dictionary=True)}
    assert len(spoiled) > 120
    assert len(lines) / len(spoiled) > 0.9


def without_accents(word: str) -> str:
    """Quita tildes y virgulillas."""
    parts = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", re.sub("[\u0301\u0303]", "", parts))


def test_the_reason_says_the_right_word():
    """El motivo propone la forma correcta y explica la diferencia."""
    ((line, word, reason),) = tool.check_fragments(tool.prose("La red mejoro."), rules=RULES)
    assert (line, word) == (1, "mejoro")
    assert reason.startswith("¿«mejoró»? ")
    assert reason.endswith(".")


def test_every_pattern_of_the_list_is_in_lower_case():
    """Los contextos se comparan en minúsculas: una mayúscula no casaría nunca."""
    document = tomllib.loads((tool.DATA / "confusables.toml").read_text(encoding="utf-8"))
    for entry in document["pair"]:
        patterns = [*entry["words"], *entry.get("flag", []), *entry.get("allow", [])]
        assert all(re.search(r"(?<!\\)[A-ZÁÉÍÓÚÑ]", text) is None for text in patterns), entry


# --- Signos y repeticiones ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Qué pasa si cambias la semilla?", "semilla?"),
        ("Funciona!", "funciona!"),
        ("¿Qué pasa si cambias la semilla.", "¿"),
        ("¡Funciona. Sigue.", "¡"),
        ("La suma de de los pesos.", "de de"),
        ("La red\nred aprende.", "red red"),
    ],
)
def test_marks_and_repeated_words(text, word):
    """Un signo sin pareja y una palabra dos veces, también entre dos líneas."""
    assert flagged(text) == [word]


@pytest.mark.parametrize(
    "text",
    [
        "¿Sabes (¿de verdad?) qué mide?",
        "¡¿Cómo?!",
        "Compara `a!=b` y `x?`: da lo mismo.",
        "Usa `de` de momento.",
        "La salida de `f` de cada paso.",
    ],
)
def test_marks_that_are_right(text):
    """Preguntas dentro de preguntas, y lo que no se lee no cuenta."""
    assert flagged(text) == []


# --- Qué se lee y qué no --------------------------------------------------------------------------


def test_markdown_leaves_out_what_is_not_prose():
    """Código, fórmulas, direcciones, rutas, órdenes e identificadores son huecos."""
    text = (
        "Usa `el numero` y $el~numero$ con \\(x\\) en course_utils.cells y en notebooks/source/, "
        "con --el-numero, seed=numero, 16GB, MiClase, [el enlace](https://numero.es/numero) "
        "y <a href='el numero'>.\n\n```python\nel numero\n```\n\n$$\nel numero\n$$\n"
        "<!-- el numero -->"
    )
    assert flagged(text) == []
    assert "enlace" in " ".join(fragment.text for fragment in tool.prose(text))


def test_lines_are_those_of_the_file():
    """En un párrafo de varias líneas, en una lista y en una tabla."""
    text = "# Título\n\nUna línea\ny el numero.\n\n- uno\n- el calculo\n\n| a | el termino |\n"
    found = tool.check_fragments(tool.prose(text), rules=RULES)
    assert [(line, word) for line, word, _ in found] == [
        (4, "numero"),
        (7, "calculo"),
        (9, "termino"),
    ]


def test_an_accent_stored_apart_from_its_letter(tmp_path):
    """Algunos sistemas guardan la tilde como un carácter suelto: es la misma palabra."""
    text = unicodedata.normalize("NFD", "El número de la sesión.\n")
    assert check_one(write(tmp_path, "a.md", text)) == []


def test_emphasis_does_not_hide_a_mistake():
    """Los asteriscos se quitan antes de mirar los contextos."""
    assert flagged("Mira **el** *numero* y **la** perdida.") == ["numero", "perdida"]


@needs_hunspell
def test_references_keep_their_names_and_titles(tmp_path):
    """Autores y títulos de una referencia no se buscan; el resto de la frase, sí."""
    text = (
        "- J. L. Elmanstein y Q. Wangchuk (1990), *Finding Structure in Time*, Cognitive Science: "
        "una ideaa breve.\n\nUna ideaa de Wangchuk.\n"
    )
    path = write(tmp_path, "texto.md", text)
    assert check_one(path, dictionary=True) == [(1, "ideaa"), (3, "Wangchuk"), (3, "ideaa")]


@needs_hunspell
def test_english_summary_and_english_columns_are_skipped(tmp_path):
    """El resumen en inglés y las columnas tituladas «Inglés»."""
    text = (
        "Falta una letrra.\n\n## English summary\n\nThis is fine and nobody checks it.\n\n"
        "## Otra\n\n| Español | Inglés |\n|---|---|\n| sobra una letrra | hidden stuff |\n"
    )
    path = write(tmp_path, "README.md", text)
    assert check_one(path, dictionary=True) == [(1, "letrra"), (11, "letrra")]


def test_a_region_can_be_switched_off(tmp_path):
    """Entre «spelling: off» y «spelling: on» no se mira."""
    text = (
        "El numero.\n\n<!-- spelling: off -->\nEl calculo.\n<!-- spelling: on -->\n\nEl titulo.\n"
    )
    path = write(tmp_path, "texto.md", text)
    assert check_one(path) == [(1, "numero"), (7, "titulo")]


PROGRAM = '''\
"""Un modulo con docstring."""
# %% [markdown]
# ## El titulo
#
# Mira `el numero` y **el termino**.

# %% tags=["exercise"]
x = 1  # el calculo


def f(numero: int) -> str:
    """Suma.

    Parameters
    ----------
    numero : int
        El numero de pasos.

    Returns
    -------
    numero

    Examples
    --------
    >>> print("el numero")
    el numero

    Y el rotulo::

        el numero

    References
    ----------
    El numero.
    """
    ### BEGIN SOLUTION
    if x == "el numero":
        raise ValueError(
            f"se esperaba {x}: "
            f"el pronostico de {numero} no vale."
        )
    ### END SOLUTION
    return {"clave": "la linea"}["clave"]


Mistake("El ultimo paso.", code="el numero = 1", swap=(("el numero", "el calculo"),))
SOURCE = """
def g(x):
    return x  # el numero
"""
plt.title("Perdida")
re.sub("el numero de", "", x)
print("el calculo " + str(x))
'''


def test_python_is_read_by_its_parts(tmp_path):
    """Celdas, comentarios, docstrings y textos que se muestran; no el código ni sus claves."""
    assert check_one(write(tmp_path, "leccion.py", PROGRAM)) == [
        (1, "modulo"),
        (3, "titulo"),
        (5, "termino"),
        (8, "calculo"),
        (17, "numero"),
        (28, "rotulo"),
        (40, "pronostico"),
        (43, "linea"),
        (46, "ultimo"),
        (51, "Perdida"),
        (53, "calculo"),
    ]


def test_tests_are_read_without_their_strings(tmp_path):
    """En las pruebas hay textos mal escritos a propósito: se leen comentarios y docstrings."""
    path = write(tmp_path, "tests/unit/test_x.py", '"""El numero."""\nprint("el calculo")\n')
    assert check_one(path) == [(1, "numero")]


@needs_hunspell
def test_names_of_the_program_are_not_words(tmp_path):
    """Un mensaje puede nombrar un argumento; una errata no se libra por eso."""
    text = 'def f(horizonx):\n    """Suma."""\n    raise ValueError("horizonx es negatibo.")\n'
    assert check_one(write(tmp_path, "a.py", text), dictionary=True) == [(3, "negatibo")]


@pytest.mark.parametrize(
    "text",
    ["float32", "train", "x = a + b", "def f(x):\n    return x", "Kernel died before replying"],
)
def test_strings_that_are_not_spanish(text):
    """Claves, código y mensajes ajenos en inglés no se toman por textos del curso."""
    assert not tool.is_prose(text)


@pytest.mark.parametrize(
    "text", ["falta el archivo", "época", "LSTM y GRU", "tras □", "Frente a frente", "¡Listo!"]
)
def test_strings_that_are_spanish(text):
    """Frases, palabras con tilde y trozos de un `f-string`."""
    assert tool.is_prose(text)


def test_makefile_toml_and_yaml(tmp_path):
    """Comentarios, ayudas y textos entre comillas."""
    makefile = "lab: .venv ## el numero\n\t@echo 'el calculo no vale'\n# El titulo.\n"
    registry = '# El termino.\nlicence = "con el rotulo puesto"\nloader = "el_numero"\n'
    assert check_one(write(tmp_path, "Makefile", makefile)) == [
        (1, "numero"),
        (2, "calculo"),
        (3, "titulo"),
    ]
    assert check_one(write(tmp_path, "registry.toml", registry)) == [(1, "termino"), (2, "rotulo")]


ANSWERS = """\
title = "El titulo"

[12.1]
title = "Suma."
hints = [
  "Una pista sin faltas.",
  \'\'\'
  Una pista larga, con el
  numero de pasos y `el calculo`.
  \'\'\',
]

[[12.1.mistakes]]
cause = "Falta el ultimo paso."
swap = [['numero = 1', 'raise ValueError("el rotulo no vale")']]

[[12.1.variants]]
code = \'\'\'
def calculo(numero):
    # Mira la linea de arriba.
    if numero == "el indice":
        raise ValueError("el pronostico no vale")
    return numero  # otro modulo
\'\'\'

[12.1.equivalent]
'«el numero» → «el calculo»' = "es el mismo termino"
"""


def test_answers_are_read_by_their_parts(tmp_path):
    """De las frases, todo; del código, comentarios y textos que se muestran, no sus nombres."""
    assert check_one(write(tmp_path, "answers.toml", ANSWERS)) == [
        (1, "titulo"),
        (9, "numero"),
        (14, "ultimo"),
        (15, "rotulo"),
        (20, "linea"),
        (22, "pronostico"),
        (23, "modulo"),
        (27, "termino"),
    ]


@needs_hunspell
def test_names_of_the_code_of_an_answer_are_not_words(tmp_path):
    """Una pista puede nombrar un argumento; una errata no se libra por eso."""
    text = "[12.1]\ntitle = 'horizonx es negatibo.'\n[12.1.mutates]\ncode = 'horizonx = widthx'\n"
    assert check_one(write(tmp_path, "answers.toml", text), dictionary=True) == [(2, "negatibo")]


def test_a_file_that_does_not_parse_is_said(tmp_path):
    """Un archivo a medio escribir no detiene el repaso de los demás."""
    broken = [write(tmp_path, "a.py", "x = (\n"), write(tmp_path, "answers.toml", "x = (\n")]
    found = tool.check(
        [*broken, write(tmp_path, "b.md", "El numero.\n")], dictionary=False, root=tmp_path
    )
    assert [(item.path, item.line, item.reason) for item in found[:2]] == [
        ("a.py", 1, tool.BROKEN),
        ("answers.toml", 1, tool.BROKEN),
    ]
    assert [(item.path, item.word) for item in found[2:]] == [("b.md", "numero")]


def test_only_texts_of_the_course_are_found(tmp_path):
    """Ni entornos, ni cuadernos generados, ni el trabajo de quien aprende."""
    for name in (
        "README.md",
        ".ci/run",
        ".github/workflows/ci.yml",
        ".venv/x.py",
        "mi_curso/nota.md",
        "solutions/a.py",
        "build/b.md",
        "notebooks/00.ipynb",
        "datasets/a.csv",
        "course_utils/cells.py",
    ):
        write(tmp_path, name, "")
    found = [path.relative_to(tmp_path).as_posix() for path in tool.find_texts(tmp_path)]
    assert found == [".ci/run", ".github/workflows/ci.yml", "README.md", "course_utils/cells.py"]


# --- El diccionario -------------------------------------------------------------------------------


@needs_hunspell
def test_the_dictionary_sees_plain_mistakes(tmp_path):
    """Una errata en cada clase de archivo, con su línea."""
    text = "La rexd aprende.\n\nY despues, el sesgo.\n"
    assert check_one(write(tmp_path, "a.md", text), dictionary=True) == [
        (1, "rexd"),
        (3, "despues"),
    ]
    program = '# La rexd.\nprint("uno",\n      "y despues, dos")\n'
    path = write(tmp_path, "a.py", program)
    assert check_one(path, dictionary=True) == [(1, "rexd"), (3, "despues")]


@needs_hunspell
def test_hunspell_is_called_once_or_twice_for_everything(tmp_path, monkeypatch):
    """Todas las palabras de una vez; una segunda, para los verbos con pronombres."""
    calls = []
    original = tool.subprocess.run

    def count(command, **options):
        calls.append(command)
        return original(command, **options)

    monkeypatch.setattr(tool.subprocess, "run", count)
    paths = [write(tmp_path, f"{i}.md", f"Bórralo y repítelo {i} veces.\n") for i in range(5)]
    assert tool.check(paths, root=tmp_path) == []
    assert len(calls) == 2


@needs_hunspell
@pytest.mark.parametrize("word", ["instalalo", "repitelo", "borralo", "instalálo", "xxxxálo"])
def test_a_verb_with_pronouns_needs_its_accent(tmp_path, word):
    """«instálalo» vale sin estar en el diccionario; sin tilde, o con ella mal puesta, no."""
    found = check_one(write(tmp_path, "a.md", f"{word} ya.\n"), dictionary=True)
    assert set(found) == {(1, word)}


def test_own_words_are_sorted_and_unique():
    """Una por línea, por orden alfabético sin contar tildes ni mayúsculas."""
    words = (tool.DATA / "palabras.txt").read_text(encoding="utf-8").splitlines()
    assert words == sorted(set(words), key=lambda word: (without_accents(word.lower()), word))


@needs_hunspell
def test_own_words_are_not_misspellings():
    """Ninguna es una palabra española a la que le falte una tilde o una eñe."""
    words = tool.load_words()
    accents = {"a": "á", "e": "é", "i": "í", "o": "ó", "u": "ú", "n": "ñ"}
    accented = {
        word[:i] + accents[letter] + word[i + 1 :]
        for word in words
        if word.islower() and len(word) > 3
        for i, letter in enumerate(word)
        if letter in accents
    }
    assert accented - tool.unknown_words(accented) == set()


def test_without_hunspell_the_rest_is_still_checked(tmp_path, monkeypatch, capsys):
    """Una línea dice cómo conseguirlo, y las parejas se revisan igual."""
    monkeypatch.setattr(tool.shutil, "which", lambda name: None)
    path = write(tmp_path, "a.md", "El numero y la rexd.\n")
    assert tool.main([str(path)]) == 1
    said = capsys.readouterr()
    assert "a.md:1: numero — ¿«número»?" in said.out
    assert "rexd" not in said.out
    assert said.err.splitlines()[0] == tool.HOW_TO_GET_HUNSPELL
    assert "\n" not in tool.HOW_TO_GET_HUNSPELL
    with pytest.raises(tool.DictionaryMissing):
        tool.check([path])


@needs_hunspell
def test_without_the_spanish_dictionary_it_is_as_if_missing(monkeypatch):
    """hunspell sin es_ES no da por buenas todas las palabras."""
    original = tool.subprocess.run

    def other(command, **options):
        command = ["xx_XX" if part == "es_ES" else part for part in command]
        return original(command, **options)

    monkeypatch.setattr(tool.subprocess, "run", other)
    with pytest.raises(tool.DictionaryMissing):
        tool.unknown_words({"hola"})


# --- La orden -------------------------------------------------------------------------------------


def test_the_command_lists_and_counts(tmp_path, capsys):
    """``archivo:línea: palabra — motivo``, por orden, y código 1 si hay faltas."""
    write(tmp_path, "b.md", "El calculo.\n")
    write(tmp_path, "a.md", "Bien.\n\nEl numero.\n")
    assert tool.main([str(tmp_path)]) == 1
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert re.fullmatch(r".*a\.md:3: numero — ¿«número»\? .+\.", lines[0])
    assert re.fullmatch(r".*b\.md:1: calculo — ¿«cálculo»\? .+\.", lines[1])
    assert said.err.splitlines()[-1] == "Faltas: 2. Archivos: 2."


def test_the_command_is_quiet_when_all_is_well(tmp_path, capsys):
    """Sin faltas, nada en la salida y código 0."""
    path = write(tmp_path, "a.md", "La red aprende.\n")
    assert tool.main([str(path)]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines()[-1] == "Faltas: 0. Archivos: 1."


def test_a_path_that_does_not_exist(tmp_path, capsys):
    """Dice qué no existe y qué se esperaba."""
    with pytest.raises(SystemExit):
        tool.main([str(tmp_path / "nada.md")])
    assert "no existe" in capsys.readouterr().err
