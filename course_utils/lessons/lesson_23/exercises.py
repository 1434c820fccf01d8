"""Ejercicios de la lección 23: memoria larga."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from course_utils.exercises.definition import Exercise, Mistake

TITLE = "Memoria larga"


# ---------------------------------------------------------------- 23.1


def _draw_batch(rng: np.random.Generator) -> tuple:
    """Longitudes pares e impares; muchas secuencias, para que salgan todos los lugares."""
    return int(rng.integers(600, 900)), int(rng.integers(9, 15)), int(rng.integers(1_000))


class Batch(NamedTuple):
    """Lo que cumple un lote de sumas, se sortee como se sortee."""

    forma_de_x: str
    forma_de_y: str
    números_repartidos_entre_0_y_1: bool
    marcas_que_valen_0_o_1: bool
    marcas_en_la_primera_mitad: str
    marcas_en_la_segunda_mitad: str
    pasos_en_los_que_cae_alguna_marca: int
    pasos_distintos_en_la_primera_mitad: bool
    mayor_error_de_la_suma: Any
    precisión_sencilla: bool
    se_repite_con_el_mismo_rng: bool
    cambia_con_otro_rng: bool


def _span(counts: np.ndarray) -> str:
    """De cuántas a cuántas."""
    low, high = counts.min(), counts.max()
    return f"{low:g}" if low == high else f"de {low:g} a {high:g}"


def _examine(answer: Callable[..., Any], count: int, length: int, seed: int) -> Batch | None:
    """Mira las propiedades del lote que da una respuesta."""
    returned = answer(count, length, np.random.default_rng(seed))
    if returned is None:
        return None
    if not isinstance(returned, tuple | list) or len(returned) != 2:
        raise TypeError("se esperaban dos cosas, las secuencias y las sumas")
    x, y = (np.asarray(part) for part in returned)
    if x.dtype.kind not in "iuf" or y.dtype.kind not in "iuf" or x.ndim != 3 or x.shape[2] != 2:
        raise TypeError(f"se esperaba x de forma {(count, length, 2)} y ha llegado {x.shape}")
    again = np.asarray(answer(count, length, np.random.default_rng(seed))[0])
    other = np.asarray(answer(count, length, np.random.default_rng(seed + 1))[0])
    numbers, marks, half = x[..., 0], x[..., 1], length // 2
    parts = marks[:, :half].sum(axis=1), marks[:, half:].sum(axis=1)
    sums = (numbers * marks).sum(axis=1, keepdims=True)
    gap = round(float(np.abs(y - sums).max()), 4) if y.shape == sums.shape else float("nan")
    are_arrays = all(hasattr(part, "shape") for part in returned)
    return Batch(
        str(x.shape),
        str(y.shape),
        bool(numbers.min() >= 0 and numbers.max() <= 1 and 0.26 < numbers.std() < 0.32),
        bool(np.isin(marks, (0, 1)).all()),
        *(f"{_span(part)} por secuencia" for part in parts),
        int(np.count_nonzero(marks.any(axis=0))),
        len({int(row.argmax()) for row in marks[:20]}) > 1,
        np.array(gap) if are_arrays else gap,
        not are_arrays or x.dtype == y.dtype == np.float32,
        bool(np.array_equal(x, again)),
        not np.allclose(x, other, atol=1e-3),
    )


_FIRST = "    marks[rows, rng.integers(0, half, size=count)] = 1\n"
_SECOND = "    marks[rows, rng.integers(half, length, size=count)] = 1\n"
_SUMS = "    sums = (numbers * marks).sum(axis=1, keepdims=True)\n"
_HEAD = (
    "def adding_batch(count, length, rng):\n"
    "    numbers = rng.random((count, length))\n"
    "    marks = np.zeros((count, length))\n"
    "    rows, half = np.arange(count), length // 2\n"
)
_TAIL = (
    "    x = np.stack([numbers, marks], axis=-1)\n"
    '    return x.astype("float32"), sums.astype("float32")'
)

GENERATOR = Exercise(
    key="23.1",
    title="Genera un lote de sumas.",
    stars=2,
    hints=(
        "Sortea un lugar por secuencia en cada mitad y pon ahí un 1: `marks[rows, lugares] = 1` usa "
        "en la fila 0 el primer lugar, en la fila 1 el segundo… La suma se obtiene multiplicando "
        "números por marcas.",
        "Los lugares de la primera mitad van de `0` a `half`; los de la segunda, de `half` a "
        "`length`. La suma es la del producto a lo largo del eje 1, con `keepdims=True`.",
    ),
    mistakes=(
        Mistake(
            "Las dos marcas caen en cualquier parte de la secuencia: va una en cada mitad.",
            swap=(("integers(0, half", "integers(0, length"), ("integers(half,", "integers(0,")),
        ),
        Mistake(
            "Sumas todos los números: solo cuentan los dos marcados.",
            swap=(("(numbers * marks)", "numbers"),),
        ),
        Mistake(
            "Sumas también las marcas: la respuesta es la suma de los números marcados.",
            swap=(("(numbers * marks)", "(numbers * marks + marks)"),),
        ),
        Mistake(
            "Falta el eje de la respuesta: la suma tiene forma (secuencias, 1), con `keepdims=True`.",
            swap=((", keepdims=True", ""),),
        ),
        Mistake(
            "Todas las secuencias tienen las marcas en los mismos pasos: falta `size=count`.",
            swap=((", size=count", ""),),
        ),
        Mistake(
            "Con `marks[:, lugares]` cada lugar se marca en todas las filas: usa `marks[rows, lugares]`.",
            swap=(("marks[rows,", "marks[:,"),),
        ),
        Mistake(
            "Hay un paso que no se marca nunca: `rng.integers(a, b)` ya deja fuera a `b`.",
            swap=(("(half, length,", "(half, length - 1,"),),
        ),
        Mistake(
            "La suma va por filas: el eje del tiempo es el 1.",
            swap=(("axis=1, keepdims", "axis=0, keepdims"),),
        ),
        Mistake(
            "PyTorch espera precisión sencilla: devuelve las dos cosas en float32.",
            swap=(('.astype("float32")', ""),),
        ),
        Mistake(
            "Falta la marca de la segunda mitad.",
            swap=((_SECOND, ""),),
        ),
        Mistake(
            "Falta la marca de la primera mitad.",
            swap=((_FIRST, ""),),
        ),
        Mistake(
            "Sorteas con otro generador: usa el `rng` que recibes, para que se pueda repetir.",
            swap=(
                ("rng.integers", "np.random.default_rng(7).integers"),
                ("rng.random((", "np.random.default_rng(7).random(("),
            ),
        ),
    ),
    variants=(
        _HEAD + "    sums = np.zeros((count, 1))\n"
        "    for row in range(count):\n"
        "        for low, high in ((0, half), (half, length)):\n"
        "            place = rng.integers(low, high)\n"
        "            marks[row, place] = 1\n"
        "            sums[row, 0] += numbers[row, place]\n" + _TAIL,
        _HEAD + "    one = (rng.random(count) * half).astype(int)\n"
        "    two = half + (rng.random(count) * (length - half)).astype(int)\n"
        "    marks = np.eye(length)[one] + np.eye(length)[two]\n"
        "    sums = (numbers[rows, one] + numbers[rows, two])[:, None]\n"
        "    return [np.stack([numbers, marks], axis=2).tolist(), sums.tolist()]",
    ),
    equivalent={
        "línea 5: «length // 2» → «length / 2»": "`integers` redondea hacia abajo sus límites",
        "línea 6: «marks[rows, rng.integers(0, half, size=count)]» → "
        "«marks[rows - 1, rng.integers(0, half, size=count)]»": "reparte los mismos lugares en otro orden",
        "línea 7: «marks[rows, rng.integers(half, length, size=count)]» → "
        "«marks[rows - 1, rng.integers(half, length, size=count)]»": "reparte los mismos lugares en otro orden",
    },
    draw=_draw_batch,
    probe=_examine,
)


# ---------------------------------------------------------------- 23.2


def _draw_guess(rng: np.random.Generator) -> tuple:
    return (round(float(rng.uniform(-1.0, 3.0)), 2),)


_CONSTANT = "1 / 6 + (1 - guess) ** 2"

CONSTANT = Exercise(
    key="23.2",
    title="Calcula el error de contestar siempre lo mismo.",
    stars=1,
    hints=(
        "La fórmula tiene dos sumandos: la varianza de la respuesta, que es la de la suma de dos "
        "números, y el cuadrado de lo que `guess` se aleja de su media.",
        "La media de la suma es 1/2 + 1/2 y su varianza, 1/12 + 1/12. Suma a la varianza el cuadrado de "
        "la diferencia entre la media y `guess`.",
    ),
    mistakes=(
        Mistake(
            "Esa es la varianza de un solo número: se suman dos, y sus varianzas también.",
            swap=(("1 / 6", "1 / 12"),),
        ),
        Mistake(
            "Ese es el error de la mejor respuesta: falta lo que `guess` se aleja de la media.",
            swap=((_CONSTANT, "1 / 6"),),
        ),
        Mistake(
            "Falta la varianza: aun contestando la media, la respuesta cambia de una secuencia a otra.",
            swap=(("1 / 6 + ", ""),),
        ),
        Mistake(
            "Falta elevar al cuadrado lo que `guess` se aleja de la media.",
            swap=(("(1 - guess) ** 2", "abs(1 - guess)"),),
        ),
        Mistake(
            "La media de la suma de dos números es 1, no un medio.",
            swap=(("(1 - guess)", "(0.5 - guess)"),),
        ),
        Mistake(
            "Eso es la raíz del error cuadrático medio; se pide sin raíz.",
            swap=((_CONSTANT, f"({_CONSTANT}) ** 0.5"),),
        ),
        Mistake(
            "Las varianzas de números independientes se suman; no se multiplican.",
            swap=(("1 / 6", "1 / 144"),),
        ),
        Mistake(
            "1/3 es la media del cuadrado de un número; la varianza es eso menos el cuadrado de su media.",
            swap=(("1 / 6", "2 / 3"),),
        ),
    ),
    variants=(
        "def constant_error(guess):\n    return guess**2 - 2 * guess + 7 / 6",
        "def constant_error(guess):\n"
        "    second_moment = 1 / 3 + 1 / 3 + 2 * 0.25\n"
        "    return float(np.polyval([1.0, -2.0, second_moment], guess))",
    ),
    draw=_draw_guess,
    edges=((1.0,), (0.0,)),
)


# ---------------------------------------------------------------- 23.3


def _draw_solved(rng: np.random.Generator) -> tuple:
    n = int(rng.integers(5, 30))
    return (np.arange(n) < rng.integers(1, n),)


_EQUATION = "[1 + z**2 / n, -(2 * rate + z**2 / n), rate**2]"
_SOLVE = f"np.sort(np.roots({_EQUATION}).real)"
_INTERVAL = "def success_interval(solved, z=1.96):\n    rate, n = np.mean(solved), len(solved)\n"

INTERVAL = Exercise(
    key="23.3",
    title="Da una tasa de éxito con su intervalo.",
    stars=2,
    hints=(
        "Los coeficientes de la ecuación, de mayor a menor grado, son los tres paréntesis de la fórmula. "
        "`np.roots` devuelve las dos soluciones; ¿cuál es el mínimo?",
        "El primero es uno más z²/n; el segundo, con signo menos, dos veces la tasa más z²/n; el tercero, "
        "la tasa al cuadrado. Ordena las soluciones con `np.sort` y guárdalas en `low` y `high`.",
    ),
    mistakes=(
        Mistake(
            "Has puesto la tasa medida dentro de la raíz: es el atajo que da anchura cero a «cinco de cinco».",
            code=_INTERVAL + "    half = z * np.sqrt(rate * (1 - rate) / n)\n"
            "    return rate, rate - half, rate + half",
        ),
        Mistake(
            "El primer coeficiente es uno **más** z²/n.",
            swap=(("[1 + z**2 / n", "[1"),),
        ),
        Mistake(
            "Al segundo coeficiente le falta el signo menos.",
            swap=(("-(2 * rate + z**2 / n)", "2 * rate + z**2 / n"),),
        ),
        Mistake(
            "En el segundo coeficiente, el menos afecta a todo el paréntesis.",
            swap=(("-(2 * rate + z**2 / n)", "-2 * rate + z**2 / n"),),
        ),
        Mistake("El tercer coeficiente es la tasa al cuadrado.", swap=((", rate**2]", ", rate]"),)),
        Mistake(
            "Los extremos están cambiados: primero, el mínimo.",
            swap=(("np.sort(", "-np.sort(-"),),
        ),
        Mistake("Falta elevar z al cuadrado.", swap=(("z**2", "z"),)),
        Mistake(
            "Es la tasa, la proporción de verdaderos, y no la cuenta: divide entre el número de entrenamientos.",
            swap=(("np.mean(solved)", "np.sum(solved)"),),
        ),
        Mistake(
            "Falta dividir entre el número de entrenamientos: con más pruebas, el intervalo debe estrecharse.",
            swap=(("z**2 / n", "z**2"),),
        ),
        Mistake(
            "Devuelves la mitad de la anchura; se piden los dos extremos, en la escala de la tasa.",
            code=_INTERVAL + f"    low, high = {_SOLVE}\n"
            "    return rate, (high - low) / 2, (high - low) / 2",
        ),
    ),
    variants=(
        _INTERVAL + "    center = (rate + z**2 / (2 * n)) / (1 + z**2 / n)\n"
        "    half = z * np.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)\n"
        "    return rate, center - half, center + half",
        "def success_interval(solved, z=1.96):\n"
        "    k, n = sum(bool(item) for item in solved), len(solved)\n"
        "    a, b, c = n * (n + z * z), -n * (2 * k + z * z), k * k\n"
        "    root = (b * b - 4 * a * c) ** 0.5\n"
        "    return [k / n, (-b - root) / (2 * a), (-b + root) / (2 * a)]",
    ),
    draw=_draw_solved,
    edges=((np.ones(5, dtype=bool),), (np.zeros(7, dtype=bool),)),
    draws=6,
    mutates=_INTERVAL + f"    low, high = {_SOLVE}\n"
    "    solved[:] = False\n"
    "    return rate, low, high",
)


# ---------------------------------------------------------------- 23.4

LENGTH, UPDATES, ALLOWED = 40, 300, 0.1
BLOCKS = ("entrada (i)", "olvido (f)", "candidato (g)", "salida (o)")


def _learned(answer: Callable[..., Any], seeds: tuple[int, ...]) -> dict[str, Any] | None:
    """Entrena lo que prepara una respuesta: peor error en ecos nuevos y sesgos de los que partía."""
    import torch
    from torch.nn.utils import parameters_to_vector

    from course_utils.lessons.lesson_23.experiment import build_model
    from course_utils.synthetic import echo

    errors = []
    for seed in seeds:
        torch.manual_seed(seed)
        start = build_model("LSTM", "eco")
        untouched = parameters_to_vector(start.parameters()).detach()
        shapes = {name: value.shape for name, value in start.state_dict().items()}
        model = answer(start)
        if model is None:
            return None
        if not isinstance(model, torch.nn.Module):
            raise TypeError("se esperaba el modelo, con sus pesos iniciales cambiados")
        if {name: value.shape for name, value in model.state_dict().items()} != shapes:
            raise TypeError("la red debe ser la misma: solo se pueden cambiar sus pesos iniciales")
        same = torch.equal(untouched, parameters_to_vector(model.parameters()).detach())
        summed = (model.layer.bias_ih_l0 + model.layer.bias_hh_l0).detach()
        blocks = [float(block.mean()) for block in summed.chunk(4)]
        rng = np.random.default_rng([seed, LENGTH])
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        for _ in range(UPDATES):
            x, y = map(torch.from_numpy, echo(32, LENGTH, rng=rng))
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(x), y).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        x, y = map(torch.from_numpy, echo(500, LENGTH, rng=rng))
        with torch.inference_mode():
            errors.append(float((model(x).argmax(dim=1) != y).double().mean()))
        if errors[-1] > ALLOWED:
            break
    return {"error": errors[-1], "sesgos": blocks, "iguales": same}


def _learning_fault(received: Any) -> str | None:
    """Qué le falta a un modelo que no ha aprendido, por los sesgos de los que partía."""
    if not isinstance(received, dict):
        return "se esperaba el modelo"
    if received["error"] <= ALLOWED:
        return None
    biases = received["sesgos"]
    failed = f"tras entrenarla, falla el {100 * received['error']:.0f} % de los ecos nuevos. "
    highest = int(np.argmax(biases))
    if received["iguales"]:
        cause = (
            "Los pesos son los que tenía. Con `forget = 5.0` solo cambias a qué se refiere un nombre, y con "
            "`clone` llenas una copia; `forget.fill_(5.0)` o `forget[:] = 5.0` cambian el parámetro"
        )
    elif min(biases) > 1.5:
        cause = "Has subido los sesgos de los cuatro bloques: basta con el de olvido"
    elif biases[1] < 0.5:
        cause = "La compuerta de olvido empieza más cerrada que antes: para conservar debe abrirse"
    elif highest != 1:
        cause = f"El sesgo mayor está en el bloque de {BLOCKS[highest]}. ¿En qué bloque está el de olvido?"
    elif biases[1] < 3.5:
        half_life = np.log(0.5) / -np.log1p(np.exp(-biases[1]))
        cause = (
            f"Con {biases[1]:.1f} en el sesgo de olvido, la semivida es de {half_life:.0f} pasos, y hay que "
            f"recordar {LENGTH - 1}"
        )
    else:
        cause = "El sesgo de olvido ya es grande: mira qué más has cambiado"
    return failed + cause


def _torch_names() -> dict[str, Any]:
    import torch

    # Lo que PyTorch importa al crear su primer optimizador: si no, contaría como tiempo de la respuesta.
    torch.optim.Adam([torch.zeros(1, requires_grad=True)])
    return {"torch": torch, "nn": torch.nn}


_PATIENT = "def make_patient(model):\n    biases = model.layer.bias_ih_l0\n"

PATIENT = Exercise(
    key="23.4",
    title="Haz que aprenda una LSTM que fallaba.",
    stars=3,
    hints=(
        "La memoria debe durar unos 40 pasos ya antes de aprender. ¿Qué compuerta decide cuánto dura? ¿Qué "
        "sesgo da esa semivida? Lo calculaste en el ejercicio 14.4.",
        "El bloque de olvido es el segundo de los cuatro: `chunk` de un tensor lo divide en partes que comparten "
        "sus números. Pon en él 4 o más, dentro de `with torch.no_grad():`.",
    ),
    mistakes=(
        Mistake(
            "El sesgo grande está en la compuerta de entrada: el orden es i, f, g, o.",
            swap=(("_, forget, _, _", "forget, _, _, _"),),
        ),
        Mistake(
            "El sesgo grande está en la compuerta de salida: el orden es i, f, g, o.",
            swap=(("_, forget, _, _", "_, _, _, forget"),),
        ),
        Mistake(
            "El sesgo grande está en el candidato: el orden es i, f, g, o.",
            swap=(("_, forget, _, _", "_, _, forget, _"),),
        ),
        Mistake(
            "El signo está al revés: con un sesgo negativo, la compuerta de olvido se cierra y olvida.",
            swap=(("5.0", "-5.0"),),
        ),
        Mistake(
            "Con un 1 no cambia nada: es el sesgo que ya tenía.",
            swap=(("fill_(5.0)", "fill_(1.0)"),),
        ),
        Mistake(
            "Los cuatro sesgos a la vez saturan también las otras compuertas.",
            swap=(("forget.fill_", "biases.fill_"),),
        ),
        Mistake(
            "Cambias una copia: con `clone` el parámetro se queda como estaba.",
            swap=(("biases.chunk(4)", "biases.clone().chunk(4)"),),
        ),
        Mistake(
            "Das otro nombre a un número: el parámetro se queda como estaba.",
            swap=(("forget.fill_(5.0)", "forget = 5.0"),),
        ),
        Mistake(
            "Un parámetro que aprende no se puede modificar así: falta `with torch.no_grad():`.",
            swap=(("with torch.no_grad():", "if True:"),),
        ),
        Mistake(
            "Creas otra red: solo se pueden cambiar los pesos iniciales de esta.",
            code="def make_patient(model):\n    return nn.LSTM(4, 64, batch_first=True)",
        ),
    ),
    variants=(
        _PATIENT + "    size = model.layer.hidden_size\n"
        "    with torch.no_grad():\n"
        "        biases[size : 2 * size] = 4.05\n"
        "    return model",
        "def make_patient(model):\n"
        "    f = 0.5 ** (1 / 80)\n"
        "    value = float(np.log(f / (1 - f)))\n"
        "    model.layer.bias_hh_l0.data.view(4, -1)[1] = value\n"
        "    return model",
    ),
    edges=(((1, 3),),),
    probe=_learned,
    threshold=_learning_fault,
    namespace=_torch_names,
    seconds=60.0,
    max_mutants=5,
    equivalent={"línea 6: «5.0» → «10.0»": "un sesgo mayor también deja recordar 40 pasos"},
)

EXERCISES = (GENERATOR, CONSTANT, INTERVAL, PATIENT)
