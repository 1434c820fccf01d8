"""Ejercicios de la lección 14: gradientes que desaparecen y que explotan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from course_utils.cells import cosine, global_norm
from course_utils.exercises.definition import Exercise, Mistake

TITLE = "Gradientes que desaparecen y que explotan"


def _sizes(rng: np.random.Generator, count: int) -> list[int]:
    """Tamaños todos distintos: así una transposición no puede pasar."""
    return [int(size) for size in rng.permutation(np.arange(2, 9))[:count]]


# ---------------------------------------------------------------- 14.1


def _gradients(rng: np.random.Generator, size: float) -> list[np.ndarray]:
    """De dos a cuatro gradientes de formas distintas, con esa norma global."""
    input_size, hidden_size, output_size = _sizes(rng, 3)
    shapes = ((input_size, hidden_size), (hidden_size,), (hidden_size, hidden_size), (output_size,))
    count = int(rng.integers(2, 5))
    parts = [rng.normal(size=shape) * rng.uniform(0.2, 2.0) for shape in shapes[:count]]
    return [size * part / global_norm(parts) for part in parts]


def _draw_clip(rng: np.random.Generator) -> tuple:
    """Por encima o por debajo del tope, por poco o por mucho."""
    max_norm = round(float(rng.uniform(0.5, 5.0)), 1)
    return _gradients(rng, max_norm * rng.choice([0.3, 0.8, 1.3, 20.0])), max_norm


def _as_tuple(answer: Callable[..., Any], gradients: list[np.ndarray], max_norm: float) -> Any:
    """Lo que devuelve, como tupla: así se distingue una lista de arrays de una de listas."""
    returned = answer(gradients, max_norm)
    return tuple(returned) if isinstance(returned, list) else returned


_CLIP = "def clip_by_global_norm(gradients, max_norm):\n"

CLIP = Exercise(
    key="14.1",
    title="Recorta un gradiente por su norma global.",
    stars=1,
    hints=(
        "Hay un solo factor para todos los arrays. ¿Cuánto vale si la norma pasa del tope? ¿Y si no?",
        "Si la norma es mayor que el tope, el factor es el tope entre la norma; si no, es uno. "
        "Devuelve una lista con cada array multiplicado por ese factor.",
    ),
    mistakes=(
        Mistake(
            "Usas una norma por cada array: la norma global es una sola, la de todos juntos.",
            code=_CLIP
            + "    return [part * min(1.0, max_norm / np.linalg.norm(part)) for part in gradients]",
        ),
        Mistake(
            "Llevas cada array al tope por separado: el factor es uno solo para todos, y si la norma "
            "global no pasa del tope no hay que tocar nada.",
            code=_CLIP
            + "    return [max_norm * part / np.linalg.norm(part) for part in gradients]",
        ),
        Mistake(
            "Recortas cada número por su cuenta: así cambia la dirección.",
            code=_CLIP + "    return [np.clip(part, -max_norm, max_norm) for part in gradients]",
        ),
        Mistake(
            "También cambias los gradientes que no pasan del tope: esos deben salir iguales.",
            swap=(("max(global_norm(gradients), max_norm)", "global_norm(gradients)"),),
        ),
        Mistake(
            "El resultado debe medir el tope, no uno.",
            swap=(
                (
                    "max_norm / max(global_norm(gradients), max_norm)",
                    "1.0 / max(global_norm(gradients), 1.0)",
                ),
            ),
        ),
        Mistake(
            "Sumas las normas de los arrays. La norma global es la raíz de la suma de todos los "
            "cuadrados.",
            swap=(("global_norm(gradients)", "sum(np.linalg.norm(part) for part in gradients)"),),
        ),
        Mistake(
            "Divides entre la norma y te olvidas del tope.",
            swap=(
                (
                    "max_norm / max(global_norm(gradients), max_norm)",
                    "1.0 / global_norm(gradients)",
                ),
            ),
        ),
        Mistake(
            "A la suma de los cuadrados le falta la raíz.",
            swap=(("global_norm(gradients)", "global_norm(gradients) ** 2"),),
        ),
        Mistake(
            "El cociente está al revés: cuanto mayor es el gradiente, más lo agrandas.",
            swap=(
                (
                    "max_norm / max(global_norm(gradients), max_norm)",
                    "max(global_norm(gradients), max_norm) / max_norm",
                ),
            ),
        ),
        Mistake(
            "Los arrays tienen formas distintas, así que no caben en uno solo. Usa `global_norm`, que "
            "suma los cuadrados de cada uno.",
            swap=(("global_norm(gradients)", "np.linalg.norm(gradients)"),),
        ),
    ),
    variants=(
        _CLIP + "    norm = np.linalg.norm(np.concatenate([part.ravel() for part in gradients]))\n"
        "    if norm <= max_norm:\n"
        "        return gradients\n"
        "    return tuple(part * max_norm / norm for part in gradients)",
        _CLIP + "    total = 0.0\n"
        "    for part in gradients:\n"
        "        total += float((np.asarray(part) ** 2).sum())\n"
        "    factor = min(1.0, max_norm / total**0.5)\n"
        "    return [(factor * part).tolist() for part in gradients]",
    ),
    equivalent={
        "línea 3: «max(global_norm(gradients), max_norm)» → «max(max_norm, global_norm(gradients))»": (
            "el mayor de dos números no depende de su orden"
        ),
    },
    draw=_draw_clip,
    draws=6,
    probe=_as_tuple,
    namespace=lambda: {"global_norm": global_norm},
    mutates=(
        _CLIP + "    scale = max_norm / max(global_norm(gradients), max_norm)\n"
        "    for part in gradients:\n"
        "        part *= scale\n"
        "    return gradients"
    ),
)


# ---------------------------------------------------------------- 14.2


def _draw_states(rng: np.random.Generator) -> tuple:
    """Nueve pasos o más, con estados que no se saturan: así cada factor se nota."""
    hidden_size = _sizes(rng, 1)[0]
    timesteps = int(rng.integers(9, 14))
    states = rng.uniform(-0.8, 0.8, size=(timesteps, hidden_size))
    return states, 1.6 * rng.normal(size=(hidden_size, hidden_size)) / np.sqrt(hidden_size)


JACOBIAN = Exercise(
    key="14.2",
    title="Calcula el jacobiano entre dos estados.",
    stars=2,
    hints=(
        "En cada vuelta se añade un factor, D_t por W_h transpuesta. Los factores van de izquierda a "
        "derecha en el mismo orden en que el bucle recorre los estados.",
        "La pendiente es `1 - h**2`. El factor es esa pendiente, con `[:, None]`, por `hidden.T`, "
        "elemento a elemento. El producto nuevo es `product @ factor`.",
    ),
    mistakes=(
        Mistake(
            "Falta la pendiente de tanh: esto es el jacobiano de una red lineal.",
            swap=(("((1 - h**2)[:, None] * hidden.T)", "hidden.T"),),
        ),
        Mistake(
            "¿Has olvidado transponer W_h? Hacia atrás se multiplica por la transpuesta.",
            swap=(("hidden.T", "hidden"),),
        ),
        Mistake(
            "La pendiente multiplica las columnas de W_h transpuesta; D_t va delante y multiplica sus "
            "filas.",
            swap=(("(1 - h**2)[:, None]", "(1 - h**2)"),),
        ),
        Mistake(
            "El orden de los factores importa: a la izquierda el de h_T, y a la derecha el de h_{t+1}. "
            "Del último al primero, cada factor nuevo va a la derecha.",
            swap=(
                (
                    "product @ ((1 - h**2)[:, None] * hidden.T)",
                    "((1 - h**2)[:, None] * hidden.T) @ product",
                ),
            ),
        ),
        Mistake(
            "`h` ya es el resultado de tanh: la pendiente es `1 - h**2`, sin volver a aplicarla.",
            swap=(("1 - h**2", "1 - np.tanh(h) ** 2"),),
        ),
        Mistake(
            "El producto no se acumula: cada vuelta borra lo anterior.",
            swap=(
                ("product @ ((1 - h**2)[:, None] * hidden.T)", "(1 - h**2)[:, None] * hidden.T"),
            ),
        ),
        Mistake(
            "`*` multiplica elemento a elemento; para acumular factores hace falta `@`.",
            swap=(("product @ (", "product * ("),),
        ),
        Mistake(
            "Un vector multiplicado con `@` por una matriz da un vector. Para multiplicar las filas "
            "de la matriz, usa `[:, None] *`.",
            swap=(("(1 - h**2)[:, None] * hidden.T", "(1 - h**2) @ hidden.T"),),
        ),
    ),
    variants=(
        "def jacobian_product(states, hidden):\n"
        "    product = np.eye(len(hidden))\n"
        "    for h in states:\n"
        "        product = np.diag(1 - h**2) @ hidden.T @ product\n"
        "    return product",
        "def jacobian_product(states, hidden):\n"
        "    rows = []\n"
        "    for unit in range(len(hidden)):\n"
        "        gradient = np.zeros(len(hidden))\n"
        "        gradient[unit] = 1.0\n"
        "        for h in reversed(states):\n"
        "            gradient = (gradient * (1 - h * h)) @ hidden.T\n"
        "        rows.append(gradient)\n"
        "    return np.array(rows).tolist()",
    ),
    draw=_draw_states,
    mutates=(
        "def jacobian_product(states, hidden):\n"
        "    product = np.eye(len(hidden))\n"
        "    np.subtract(1, states**2, out=states)\n"
        "    for slope in states[::-1]:\n"
        "        product = product @ (slope[:, None] * hidden.T)\n"
        "    return product"
    ),
)


# ---------------------------------------------------------------- 14.3


def _draw_orthogonal(rng: np.random.Generator) -> tuple:
    size, seed = int(rng.integers(4, 12)), int(rng.integers(1_000))
    return size, float(rng.choice([0.5, 0.9, 1.3, 2.0])), seed


class Properties(NamedTuple):
    """Lo que una matriz ortogonal al azar tiene que cumplir, se calcule como se calcule."""

    W_por_su_transpuesta: Any
    se_repite_con_el_mismo_rng: bool
    cambia_con_otro_rng: bool
    mezcla_todas_las_unidades: bool


def _properties(
    answer: Callable[..., Any], size: int, radius: float, seed: int
) -> Properties | None:
    """Mide las propiedades de la matriz que da una respuesta."""
    returned = answer(size, radius, np.random.default_rng(seed))
    if returned is None:
        return None
    matrix = np.asarray(returned)
    if matrix.dtype.kind not in "iuf" or matrix.ndim == 0:
        raise TypeError(f"se esperaba una matriz de forma {(size, size)} y ha llegado {returned!r}")
    if matrix.shape != (size, size):
        return Properties(matrix, *[False] * 3)
    again = np.asarray(answer(size, radius, np.random.default_rng(seed)))
    other = np.asarray(answer(size, radius, np.random.default_rng(seed + 1)))
    product = matrix @ matrix.T
    return Properties(
        product if hasattr(returned, "shape") else product.tolist(),
        bool(np.array_equal(matrix, again)),
        not np.allclose(matrix, other, atol=1e-3),
        bool((np.abs(matrix) > 0).mean() > 0.9),
    )


_ORTHOGONAL = "def orthogonal_matrix(size, radius, rng):\n"

ORTHOGONAL = Exercise(
    key="14.3",
    title="Sortea una matriz que multiplica todas las longitudes por lo mismo.",
    stars=2,
    hints=(
        "Son tres pasos: sortear una matriz cuadrada, quedarse con su parte ortogonal y "
        "multiplicarla por el radio.",
        "`np.linalg.qr(...)` devuelve dos matrices: guárdalas con `q, _ = ...`. El radio multiplica a "
        "`q` al final; antes de `qr` se perdería.",
    ),
    mistakes=(
        Mistake(
            "La matriz que sorteas no es ortogonal: falta pasarla por `np.linalg.qr`.",
            code=_ORTHOGONAL + "    return radius * rng.normal(size=(size, size)) / np.sqrt(size)",
        ),
        Mistake(
            "Las longitudes no cambian: falta el radio, y ha de multiplicar después de `qr`; antes se "
            "pierde.",
            code=_ORTHOGONAL + "    q, _ = np.linalg.qr(radius * rng.normal(size=(size, size)))\n"
            "    return q",
        ),
        Mistake(
            "Devuelves R; la ortogonal es la primera de las dos, Q.", swap=(("q, _ =", "_, q ="),)
        ),
        Mistake(
            "Devuelves las dos matrices de `np.linalg.qr`; la ortogonal es la primera.",
            code=_ORTHOGONAL + "    return np.linalg.qr(rng.normal(size=(size, size)))",
        ),
        Mistake(
            "`np.linalg.qr` devuelve dos matrices: separa la primera antes de multiplicar.",
            swap=(("q, _ =", "q ="),),
        ),
        Mistake(
            "Que cada fila mida uno no basta: además tienen que ser perpendiculares entre sí.",
            code=_ORTHOGONAL + "    matrix = rng.normal(size=(size, size))\n"
            "    return radius * matrix / np.linalg.norm(matrix, axis=1, keepdims=True)",
        ),
        Mistake(
            "La identidad es ortogonal, pero no es al azar: no mezcla ninguna unidad con otra.",
            code=_ORTHOGONAL + "    return radius * np.eye(size)",
        ),
        Mistake(
            "Sorteas con otro generador: usa el `rng` que recibes, para que se pueda repetir.",
            code=_ORTHOGONAL
            + "    q, _ = np.linalg.qr(np.random.default_rng(7).normal(size=(size, size)))\n"
            "    return radius * q",
        ),
        Mistake(
            "Dividir entre el radio espectral fija lo que pasa a la larga, pero no hace ortogonal a la "
            "matriz.",
            code=_ORTHOGONAL + "    matrix = rng.normal(size=(size, size))\n"
            "    return radius * matrix / np.abs(np.linalg.eigvals(matrix)).max()",
        ),
    ),
    variants=(
        _ORTHOGONAL + "    u, _, vt = np.linalg.svd(rng.normal(size=(size, size)))\n"
        "    return radius * u @ vt",
        _ORTHOGONAL + "    rows = []\n"
        "    for row in rng.uniform(-1, 1, size=(size, size)):\n"
        "        for done in rows:\n"
        "            row = row - (row @ done) * done\n"
        "        rows.append(row / np.sqrt(row @ row))\n"
        "    return [[radius * value for value in row] for row in rows]",
        _ORTHOGONAL + "    q, r = np.linalg.qr(rng.standard_normal((size, size)))\n"
        "    return radius * q * np.sign(np.diag(r))",
    ),
    draw=_draw_orthogonal,
    probe=_properties,
)


# ---------------------------------------------------------------- 14.4


def _draw_steps(rng: np.random.Generator) -> tuple:
    return (int(rng.integers(2, 200)),)


_BIAS = "def bias_for_half_life(steps):\n"

HALF_LIFE = Exercise(
    key="14.4",
    title="Elige el sesgo de una memoria que dura lo que se pide.",
    stars=3,
    hints=(
        "Primero f: si f elevada a `steps` vale un medio, f es la raíz de índice `steps` de un "
        "medio. Después b: de f = 1/(1 + e⁻ᵇ), deja e⁻ᵇ sola a un lado y toma logaritmos.",
        "f = 0.5 elevado a 1/steps. De f = 1/(1 + e⁻ᵇ) sale e⁻ᵇ = 1/f - 1 = (1 - f)/f. Toma logaritmos "
        "y cambia el signo; cambiar el signo de un logaritmo da la vuelta a la fracción.",
    ),
    mistakes=(
        Mistake(
            "Eso es f. Falta deshacer la sigmoide para obtener b.",
            swap=(("np.log(forget / (1 - forget))", "forget"),),
        ),
        Mistake(
            "El signo está al revés: un sesgo mayor debe recordar más.",
            swap=(("forget / (1 - forget)", "(1 - forget) / forget"),),
        ),
        Mistake(
            "Elevas a `steps` en lugar de a su inverso: es f elevada a `steps` la que vale un medio.",
            swap=(("0.5 ** (1 / steps)", "0.5**steps"),),
        ),
        Mistake(
            "f = 1 - 1/steps es otra memoria: a esa distancia no queda la mitad, sino algo más de un "
            "tercio.",
            swap=(("0.5 ** (1 / steps)", "1 - 1 / steps"),),
        ),
        Mistake(
            "Aplicas la sigmoide a f; hay que deshacerla.",
            swap=(("np.log(forget / (1 - forget))", "1 / (1 + np.exp(-forget))"),),
        ),
        Mistake(
            "Calculas la semivida que corresponde a un sesgo; te piden el camino contrario.",
            code=_BIAS + "    return np.log(0.5) / np.log(1 / (1 + np.exp(-steps)))",
        ),
        Mistake(
            "En Python la potencia se escribe `**`; `^` es otra operación.",
            swap=(("0.5 ** (1 / steps)", "0.5 ^ (1 / steps)"),),
        ),
        Mistake(
            "El logaritmo de f no deshace la sigmoide: es el de f / (1 - f).",
            swap=(("np.log(forget / (1 - forget))", "np.log(forget)"),),
        ),
        Mistake(
            "`np.log` es el logaritmo natural y no admite una base como segundo argumento.",
            swap=(("np.log(forget / (1 - forget))", "np.log(forget, 1 - forget)"),),
        ),
    ),
    variants=(
        _BIAS + "    return -np.log(2 ** (1 / steps) - 1)",
        _BIAS + "    low, high = -50.0, 50.0\n"
        "    while high - low > 1e-10:\n"
        "        middle = (low + high) / 2\n"
        "        remains = (1 / (1 + np.exp(-middle))) ** steps\n"
        "        low, high = (middle, high) if remains < 0.5 else (low, middle)\n"
        "    return low",
    ),
    draw=_draw_steps,
    draws=5,
    edges=((50,),),
)


# ---------------------------------------------------------------- 14.5


def _by_global_norm(cap: float) -> Callable:
    def clip(gradients):
        scale = cap / max(global_norm(gradients), cap)
        return [scale * part for part in gradients]

    return clip


def _by_value(cap: float) -> Callable:
    return lambda gradients: [np.clip(part, -cap, cap) for part in gradients]


def _by_matrix(cap: float) -> Callable:
    return lambda gradients: [
        part * cap / max(float(np.linalg.norm(part)), cap) for part in gradients
    ]


def _always(norm: float) -> Callable:
    """Lleva cualquier gradiente a esa norma, aunque sea mayor que la suya."""
    return lambda gradients: [norm * part / global_norm(gradients) for part in gradients]


def _first_only(cap: float) -> Callable:
    """Recorta el primer array y deja los demás."""
    return lambda gradients: [*_by_matrix(cap)(gradients[:1]), *gradients[1:]]


def _backwards(cap: float) -> Callable:
    """Recorta bien y cambia el signo."""
    return lambda gradients: [-part for part in _by_global_norm(cap)(gradients)]


_KINDS = (_by_global_norm, _by_value, _by_matrix, _first_only, _backwards)


def _draw_clip_function(rng: np.random.Generator) -> tuple:
    return (_KINDS[rng.integers(len(_KINDS))](float(rng.uniform(0.5, 1.5))),)


def _verdict(answer: Callable[[Callable], Any], clip: Callable) -> Any:
    """Lo que la respuesta dice de un recorte; un booleano de NumPy es un booleano."""
    returned = answer(clip)
    return bool(returned) if isinstance(returned, np.bool_) else returned


DIRECTION = Exercise(
    key="14.5",
    title="Descubre qué recortes tuercen el gradiente.",
    stars=2,
    hints=(
        "¿Con qué gradiente se nota cada fallo? Tiene que pasar del tope, tener más de un array y no "
        "tener todos los números iguales.",
        "Prepara una lista con dos arrays de números grandes y distintos. Pásala por `clip`, calcula "
        "el coseno con la original y comprueba que no baja de uno más que por redondeo, por ejemplo "
        "de 0.999999.",
    ),
    mistakes=(
        Mistake(
            "O tu gradiente de prueba es demasiado pequeño (si no pasa del tope, ningún recorte lo toca) "
            "o te conformas con un coseno demasiado bajo.",
            swap=(("30.0, -2.0", "0.03, -0.002"), ("5.0", "0.005")),
        ),
        Mistake(
            "Recortar cada matriz por separado te pasa inadvertido: la prueba necesita más de un array y "
            "un solo coseno, el de todos juntos.",
            swap=((", np.array([[5.0]])]", "]"),),
        ),
        Mistake(
            "Tu gradiente tiene todos los números iguales, y así recortarlos de uno en uno no lo "
            "tuerce.",
            swap=(("[30.0, -2.0]", "[30.0, 30.0]"), ("5.0", "30.0")),
        ),
        Mistake(
            "Está al revés: `True` es que la conserva.", swap=((" > 1 - 1e-9", " <= 1 - 1e-9"),)
        ),
        Mistake(
            "Comparas normas, y lo que se pregunta es la dirección: usa `cosine`.",
            swap=(
                (
                    "cosine(large, clip(large)) > 1 - 1e-9",
                    "global_norm(clip(large)) <= global_norm(large)",
                ),
            ),
        ),
        Mistake(
            "El coseno basta para saberlo, pero hay que devolver `True` o `False`: compáralo con uno.",
            swap=((" > 1 - 1e-9", ""),),
        ),
        Mistake(
            "El sentido contrario no es la misma dirección: un recorte que cambia el signo no la "
            "conserva.",
            swap=(("cosine(large, clip(large))", "abs(cosine(large, clip(large)))"),),
        ),
        Mistake(
            "Exiges que el coseno valga uno exacto, y con el redondeo no siempre lo vale.",
            swap=((" > 1 - 1e-9", " == 1"),),
        ),
        Mistake(
            "Contestas que sí a todos: hay que probarlos.",
            code="def keeps_direction(clip):\n    return True",
        ),
        Mistake(
            "`clip` espera una lista de arrays, como los gradientes de una red, y no una lista de "
            "números.",
            swap=(("[np.array([30.0, -2.0]), np.array([[5.0]])]", "[30.0, -2.0, 5.0]"),),
        ),
    ),
    variants=(
        "def keeps_direction(clip):\n"
        "    rng = np.random.default_rng(3)\n"
        "    before = [100 * rng.normal(size=shape) for shape in ((4, 3), (3, 3), (3,))]\n"
        "    after = clip(before)\n"
        "    return bool(np.isclose(cosine(before, after), 1.0))",
        "def keeps_direction(clip):\n"
        "    before = [np.array([7.0, 40.0]), np.array([90.0, -3.0])]\n"
        "    after = clip(before)\n"
        "    ratios = np.concatenate(after) / np.concatenate(before)\n"
        "    return ratios.min() > 0 and np.ptp(ratios) < 1e-9",
    ),
    equivalent={
        "línea 3: «30.0» → «60.0»": "vale cualquier gradiente grande",
        "línea 3: «-2.0» → «2.0»": "vale cualquier gradiente grande",
        "línea 3: «2.0» → «4.0»": "vale cualquier gradiente grande",
        "línea 3: «5.0» → «10.0»": "vale cualquier gradiente grande",
        "línea 4: «cosine(large, clip(large)) > 1 - 1e-9» → «cosine(large, clip(large)) >= 1 - 1e-09»": (
            "el coseno nunca cae justo en el límite"
        ),
        "línea 4: «cosine(large, clip(large))» → «cosine(clip(large), large)»": "el coseno es simétrico",
        "línea 4: «1e-9» → «2e-09»": "la tolerancia solo cubre el redondeo",
    },
    edges=(*((kind(cap),) for kind in _KINDS for cap in (0.7, 1.2)), (_always(500.0),)),
    draw=_draw_clip_function,
    draws=40,
    probe=_verdict,
    namespace=lambda: {"cosine": cosine, "global_norm": global_norm},
)

EXERCISES = (CLIP, JACOBIAN, ORTHOGONAL, HALF_LIFE, DIRECTION)
