"""Ejercicios de la lección 16: secuencias de longitud variable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.exercises.compare import differences
from course_utils.exercises.definition import Exercise, Mistake

TITLE = "Secuencias de longitud variable"


# --- 16.1 -----------------------------------------------------------------------------------------


def _draw_batch(rng: np.random.Generator) -> tuple:
    """Secuencias de longitudes distintas; a veces la caja es más larga que todas."""
    count = int(rng.integers(3, 7))
    lengths = rng.permutation(np.arange(1, 12))[:count]
    sequences = [rng.integers(0, 10, size=n) for n in lengths]
    timesteps = int(lengths.max() + rng.choice([0, 1, 4]))
    value = int(rng.choice([0, 0, -1, 7]))
    sequences[0][0] = value  # un dato que vale lo mismo que el relleno
    return sequences, timesteps, value


def _box_fault(received: Any, expected: tuple[np.ndarray, np.ndarray]) -> str | None:
    """Además de los números, que los identificadores sigan siendo enteros y la máscara, booleana."""
    if message := differences(received, expected):
        return message
    for name, part, kinds in zip(("valores", "máscara"), received, ("iu", "b"), strict=True):
        dtype = np.asarray(part).dtype
        if dtype.kind not in kinds:
            wanted = "números enteros" if "i" in kinds else "verdadero o falso"
            mend = "" if "i" in kinds else ". Crea la máscara con `dtype=bool`"
            return f"{name}: se esperaban {wanted} y han llegado elementos de tipo {dtype}{mend}"
    return None


_PAD_START = (
    "def pad_batch(sequences, timesteps, value=0):\n"
    "    values = np.full((len(sequences), timesteps), value)\n"
    "    mask = np.zeros((len(sequences), timesteps), dtype=bool)\n"
)

PAD = Exercise(
    key="16.1",
    title="Rellena y enmascara un lote.",
    stars=1,
    hints=(
        "La caja ya viene rellena y la máscara, toda en falso. De cada fila solo hay que escribir "
        "los primeros pasos, tantos como mida su secuencia.",
        "Los primeros `n` pasos de una fila son `values[row, :n]`, con `n = len(sequence)`. Guarda "
        "ahí la secuencia, y en el mismo trozo de `mask`, `True`.",
    ),
    mistakes=(
        Mistake(
            "Las secuencias están al final de su fila: aquí el relleno va detrás.",
            swap=((", : len(sequence)]", ", timesteps - len(sequence) :]"),),
        ),
        Mistake(
            "La máscara está al revés: verdadero es «paso real».",
            swap=(
                ("dtype=bool)", "dtype=bool) | True"),
                ("mask[row, : len(sequence)] = True", "mask[row, : len(sequence)] = False"),
            ),
        ),
        Mistake(
            "La máscara no puede salir de los valores: un dato puede valer lo mismo que el relleno.",
            swap=(("return values, mask", "return values, values != value"),),
        ),
        Mistake(
            "La máscara no dice si un identificador es 0, sino si el paso es de la secuencia.",
            swap=(("return values, mask", "return values, values != 0"),),
        ),
        Mistake(
            "Copias los valores, pero la máscara se queda toda en falso.",
            swap=(("        mask[row, : len(sequence)] = True\n", ""),),
        ),
        Mistake(
            "Marcas la máscara, pero no copias los valores.",
            swap=(("        values[row, : len(sequence)] = sequence\n", ""),),
        ),
        Mistake(
            "Una secuencia más corta que la caja no cabe en toda la fila: di qué pasos ocupa.",
            swap=(("values[row, : len(sequence)]", "values[row]"),),
        ),
        Mistake(
            "Los identificadores se han vuelto decimales: `np.full` con un entero da enteros.",
            swap=(("timesteps), value)", "timesteps), float(value))"),),
        ),
        Mistake(
            "Marcas un paso de más en la máscara: un corte no incluye su final.",
            swap=(("mask[row, : len(sequence)]", "mask[row, : len(sequence) + 1]"),),
        ),
        Mistake(
            "El relleno vale siempre 0: usa `value`.",
            swap=(
                (
                    "values[row, : len(sequence)] = sequence",
                    "values[row, : len(sequence)] = sequence\n        values[row, len(sequence) :] = 0",
                ),
            ),
        ),
    ),
    variants=(
        "def pad_batch(sequences, timesteps, value=0):\n"
        "    lengths = np.array([len(sequence) for sequence in sequences])\n"
        "    mask = np.arange(timesteps) < lengths[:, None]\n"
        "    values = np.full(mask.shape, value)\n"
        "    values[mask] = np.concatenate(sequences)\n"
        "    return values, mask",
        "def pad_batch(sequences, timesteps, value=0):\n"
        "    values, mask = [], []\n"
        "    for sequence in sequences:\n"
        "        extra = timesteps - len(sequence)\n"
        "        values.append(list(sequence) + [value] * extra)\n"
        "        mask.append([True] * len(sequence) + [False] * extra)\n"
        "    return np.array(values), np.array(mask)",
        _PAD_START + "    for row, sequence in enumerate(sequences):\n"
        "        for t, symbol in enumerate(sequence):\n"
        "            values[row, t], mask[row, t] = symbol, True\n"
        "    return values, mask",
    ),
    draw=_draw_batch,
    draws=6,
    compare=_box_fault,
    edges=(([np.array([3, 1, 4]), np.array([5]), np.array([0, 2])], 5),),
    mutates=(
        "def pad_batch(sequences, timesteps, value=0):\n"
        "    sequences.sort(key=len, reverse=True)\n"
        "    mask = np.arange(timesteps) < np.array([[len(sequence)] for sequence in sequences])\n"
        "    values = np.full(mask.shape, value)\n"
        "    values[mask] = np.concatenate(sequences)\n"
        "    return values, mask"
    ),
)


# --- 16.2 -----------------------------------------------------------------------------------------


def _draw_states(rng: np.random.Generator) -> tuple:
    """Unas veces la más larga llena la caja y otras no."""
    batch, hidden = (int(size) for size in rng.permutation(np.arange(2, 9))[:2])
    timesteps = int(rng.integers(9, 14))
    lengths = rng.integers(1, timesteps, size=batch)
    lengths[0] = rng.choice([timesteps, timesteps - 2])
    return rng.normal(size=(batch, timesteps, hidden)), lengths


LAST = Exercise(
    key="16.2",
    title="Lee el último estado real de cada secuencia.",
    stars=1,
    hints=(
        "Hace falta un índice distinto en cada fila. NumPy lo permite: si le das dos listas de "
        "índices, toma el primero de una con el primero de la otra, y así todos.",
        "En el primer eje, los números de fila, `np.arange(len(states))`; en el segundo, el lugar del "
        "último paso real de cada una. Se cuenta desde 0: si hay 3 pasos, el último está en el 2.",
    ),
    mistakes=(
        Mistake(
            "Es la última posición de la caja: en las secuencias cortas, relleno.",
            swap=(("states[np.arange(len(states)), lengths - 1]", "states[:, -1]"),),
        ),
        Mistake(
            "Lees un paso después del último real: se cuenta desde 0.",
            code=(
                "def last_real(states, lengths):\n"
                "    places = np.minimum(lengths, states.shape[1] - 1)\n"
                "    return states[np.arange(len(states)), places]"
            ),
        ),
        Mistake(
            "Ese índice no existe en la secuencia que llena la caja: se cuenta desde 0.",
            swap=(("lengths - 1", "lengths"),),
        ),
        Mistake(
            "Con `:` delante tomas esos pasos de todas las filas, y salen tres ejes: hace falta un "
            "índice de fila para cada longitud.",
            swap=(("np.arange(len(states))", ":"),),
        ),
        Mistake(
            "Usas la misma longitud, la mayor, para todas las filas.",
            swap=(
                (
                    "states[np.arange(len(states)), lengths - 1]",
                    "states[:, lengths.max() - 1]",
                ),
            ),
        ),
        Mistake(
            "Eso es la media de los estados reales, no el último.",
            code=(
                "def last_real(states, lengths):\n"
                "    return np.stack([row[:n].mean(axis=0) for row, n in zip(states, lengths)])"
            ),
        ),
        Mistake(
            "Solo tomas una unidad de cada estado: el resultado es (lote, oculto).",
            swap=(("lengths - 1]", "lengths - 1, 0]"),),
        ),
    ),
    variants=(
        "def last_real(states, lengths):\n"
        "    return np.stack([row[n - 1] for row, n in zip(states, lengths, strict=True)])",
        "def last_real(states, lengths):\n"
        "    places = (lengths - 1)[:, None, None]\n"
        "    return np.take_along_axis(states, places, axis=1)[:, 0]",
        "def last_real(states, lengths):\n"
        "    chosen = np.eye(states.shape[1])[lengths - 1]\n"
        "    return np.einsum('bt,bth->bh', chosen, states)",
    ),
    draw=_draw_states,
    draws=6,
    mutates=(
        "def last_real(states, lengths):\n"
        "    lengths -= 1\n"
        "    return states[np.arange(len(states)), lengths]"
    ),
)


# --- 16.3 -----------------------------------------------------------------------------------------


def _draw_losses(rng: np.random.Generator) -> tuple:
    """Pérdidas por paso; el relleno, con valores mucho mayores."""
    batch, timesteps = int(rng.integers(3, 8)), int(rng.integers(9, 14))
    lengths = rng.integers(1, timesteps + 1, size=batch)
    lengths[:2] = (1, timesteps - 1)
    mask = np.arange(timesteps) < lengths[:, None]
    if rng.random() < 0.5:  # relleno delante
        mask = mask[:, ::-1].copy()
    losses = rng.uniform(0.1, 3.0, size=mask.shape)
    return np.where(mask, losses, rng.uniform(5.0, 9.0, size=mask.shape)), mask


_NAN_CASE = (
    np.array([[0.5, 1.5, np.nan, np.nan], [2.0, np.nan, np.nan, np.nan], [1.0, 3.0, 4.0, 6.0]]),
    np.array([[1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 1, 1]], dtype=bool),
)

MASKED_LOSS = Exercise(
    key="16.3",
    title="Promedia la pérdida en los pasos reales.",
    stars=2,
    hints=(
        "Hay que quedarse con los pasos reales y después hacer la media: cada paso real del lote "
        "pesa lo mismo, sea de la secuencia que sea.",
        "Una máscara booleana sirve de índice: `losses[...]` con ella dentro da solo los elementos "
        "donde es verdadera, en un array de una dimensión. Falta promediarlos.",
    ),
    mistakes=(
        Mistake(
            "Es la media de toda la caja, con relleno.",
            swap=(("losses[mask].mean()", "losses.mean()"),),
        ),
        Mistake(
            "Anulas el relleno, pero divides entre todos los pasos: entre cuántos son reales.",
            swap=(("losses[mask].mean()", "np.where(mask, losses, 0).mean()"),),
        ),
        Mistake(
            "Multiplicar por la máscara no basta: `nan` por cero es `nan`. Elige los pasos.",
            swap=(("losses[mask].mean()", "(losses * mask).sum() / mask.sum()"),),
        ),
        Mistake(
            "Multiplicas por la máscara y promedias: `nan` por cero es `nan`, y además divides entre "
            "todos los pasos.",
            swap=(("losses[mask].mean()", "(losses * mask).mean()"),),
        ),
        Mistake(
            "Es la media de las medias de cada secuencia: así un paso de una corta pesa más que uno "
            "de una larga. Aquí todos los pasos reales pesan lo mismo.",
            swap=(
                (
                    "losses[mask].mean()",
                    "np.mean([row[real].mean() for row, real in zip(losses, mask)])",
                ),
            ),
        ),
        Mistake(
            "El relleno no siempre es `nan`: qué cuenta lo dice la máscara.",
            swap=(("losses[mask].mean()", "np.nanmean(losses)"),),
        ),
        Mistake(
            "Cuentas los pasos reales de cada fila y tomas los primeros, pero el relleno puede ir "
            "delante: usa la propia máscara como índice.",
            code=(
                "def masked_mean_loss(losses, mask):\n"
                "    rows = [row[: real.sum()] for row, real in zip(losses, mask)]\n"
                "    return np.concatenate(rows).mean()"
            ),
        ),
        Mistake(
            "Es la suma, sin dividir.",
            swap=(("losses[mask].mean()", "losses[mask].sum()"),),
        ),
        Mistake(
            "Divides entre las secuencias, y no entre los pasos reales.",
            swap=(("losses[mask].mean()", "losses[mask].sum() / len(losses)"),),
        ),
        Mistake(
            "Esa media es la del relleno: la máscara es verdadera en los pasos reales.",
            swap=(("losses[mask]", "losses[~mask]"),),
        ),
        Mistake(
            "Sale una media por secuencia; se pide un número para todo el lote.",
            swap=(("losses[mask].mean()", "np.mean(losses, axis=1, where=mask)"),),
        ),
    ),
    variants=(
        "def masked_mean_loss(losses, mask):\n"
        "    return np.where(mask, losses, 0).sum() / mask.sum()",
        "def masked_mean_loss(losses, mask):\n    return np.mean(losses, where=mask)",
        "def masked_mean_loss(losses, mask):\n"
        "    total, count = 0.0, 0\n"
        "    for row, real in zip(losses, mask, strict=True):\n"
        "        for loss, counts in zip(row, real, strict=True):\n"
        "            if counts:\n"
        "                total, count = total + loss, count + 1\n"
        "    return total / count",
    ),
    draw=_draw_losses,
    edges=(_NAN_CASE,),
    mutates=(
        "def masked_mean_loss(losses, mask):\n"
        "    losses[~mask] = 0\n"
        "    return losses.sum() / mask.sum()"
    ),
)


# --- 16.4 -----------------------------------------------------------------------------------------

GAP = 1e-4  # en precisión sencilla, muy por encima del redondeo


def _torch_names() -> dict[str, Any]:
    import torch
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    return {
        "torch": torch,
        "nn": torch.nn,
        "F": torch.nn.functional,
        "pack_padded_sequence": pack_padded_sequence,
        "pad_packed_sequence": pad_packed_sequence,
    }


def _draw_vectors(rng: np.random.Generator) -> tuple:
    """Secuencias de longitudes distintas, desordenadas, y los tamaños del modelo."""
    import torch  # aquí y no más tarde: al ejecutar una respuesta ya corre el tiempo

    count = int(rng.integers(3, 6))
    features, hidden, classes = (int(size) for size in rng.permutation(np.arange(2, 9))[:3])
    # Ninguna de un solo paso: ahí las dos mitades leen lo mismo se mire donde se mire.
    lengths = np.append(rng.permutation(np.arange(2, 9))[:count], rng.integers(9, 13))
    rows = [rng.normal(size=(n, features)) for n in rng.permutation(lengths)]
    rows[0][-1] = 0.0  # un paso real puede valer lo mismo que el relleno
    sequences = [torch.as_tensor(row, dtype=torch.float32) for row in rows]
    return sequences, hidden, classes, int(rng.integers(0, 4)), int(rng.integers(1_000))


def _alone_and_together(
    answer: Callable, sequences: list, hidden: int, classes: int, extra: int, seed: int
) -> dict[str, np.ndarray] | None:
    """Lo que predice el modelo de cada secuencia sola y de todas en una caja."""
    import torch

    if isinstance(answer, torch.nn.Module):
        raise TypeError("se esperaba la clase, y ha llegado un modelo ya creado: pasa `BothWays`")
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        model = answer(sequences[0].shape[1], hidden, classes)
        _fill(model, seed)
        model.eval()
        lengths = torch.tensor([len(sequence) for sequence in sequences])
        box = torch.zeros(len(sequences), int(lengths.max()) + extra, sequences[0].shape[1])
        for row, sequence in zip(box, sequences, strict=True):
            row[: len(sequence)] = sequence
        alone = [model(one[None], torch.tensor([len(one)])) for one in sequences]
        if any(prediction is None for prediction in alone):
            return None
        return {"solas": torch.cat(alone).numpy(), "en un lote": model(box, lengths).numpy()}


def _fill(model: Any, seed: int) -> None:
    """Los mismos parámetros para todas las respuestas, aunque sus capas se llamen de otro modo."""
    import torch

    seen: Counter = Counter()
    for parameter in model.parameters():
        shape = tuple(parameter.shape)
        rng = np.random.default_rng([seed, seen[shape], *shape])
        seen[shape] += 1
        parameter.copy_(torch.as_tensor(rng.normal(size=shape) / np.sqrt(shape[-1])))


def _padding_fault(received: dict, expected: dict) -> str | None:
    """Primero, la prueba del relleno; después, que cada sentido lea la secuencia entera."""
    alone, together = received["solas"], received["en un lote"]
    if alone.shape == together.shape == expected["solas"].shape:
        gap = float(np.abs(alone - together).max())
        if not gap <= GAP:
            return (
                "no pasa la prueba del relleno: entre una secuencia sola y la misma en el lote, la "
                f"predicción cambia hasta {gap:.2g}"
            )
    return differences(alone, expected["solas"], tolerance=GAP, where="cada secuencia, sola")


_CLASS_START = (
    "class BothWays(nn.Module):\n"
    "    def __init__(self, features, hidden, classes):\n"
    "        super().__init__()\n"
    "        self.rnn = nn.RNN(features, hidden, batch_first=True, bidirectional=True)\n"
    "        self.output = nn.Linear(2 * hidden, classes)\n\n"
    "    def forward(self, x, lengths):\n"
)
_PACK = (
    "        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)\n"
)

_PACKED_ORDER = "un lote empaquetado ya lleva su orden: la capa no mira batch_first"

BOTH_WAYS = Exercise(
    key="16.4",
    title="Arregla un clasificador bidireccional que no pasa la prueba del relleno.",
    stars=3,
    hints=(
        "Son dos problemas: la red que vuelve empieza en el relleno, y su estado final no está en "
        "la última posición. La sección 2 tiene la pieza que resuelve los dos.",
        "Empaqueta `x` con sus longitudes, sin exigir que vengan ordenadas. De lo que devuelve la "
        "capa, quédate con `h_n`: `h_n[0]` es el sentido que va y `h_n[1]`, el que vuelve. Júntalos "
        "por el eje 1, el de las unidades, y pásalos por `self.output`.",
    ),
    mistakes=(
        Mistake(
            "Es la versión rota: la última posición de una caja sin empaquetar.",
            code=_CLASS_START + "        states, _ = self.rnn(x)\n"
            "        return self.output(states[:, -1])",
        ),
        Mistake(
            "`h_n` es la pieza, pero sin empaquetar la red que va termina en el relleno y la que "
            "vuelve empieza en él.",
            swap=(("self.rnn(packed)", "self.rnn(x)"),),
        ),
        Mistake(
            "Sin empaquetar, el último paso real vale para la red que va; la que vuelve ha empezado en "
            "el relleno.",
            code=_CLASS_START + "        states, _ = self.rnn(x)\n"
            "        return self.output(states[torch.arange(len(x)), lengths - 1])",
        ),
        Mistake(
            "Los dos lugares son los buenos, pero sin empaquetar la red que vuelve llega a ellos desde el "
            "relleno.",
            code=_CLASS_START + "        states, _ = self.rnn(x)\n"
            "        ahead, back = states.chunk(2, dim=-1)\n"
            "        last = ahead[torch.arange(len(x)), lengths - 1]\n"
            "        return self.output(torch.cat([last, back[:, 0]], dim=-1))",
        ),
        Mistake(
            "La capa de salida recibe un eje de más: `h_n` es (2, lote, oculto). Junta `h_n[0]` y "
            "`h_n[1]` por las unidades.",
            swap=(("torch.cat([h_n[0], h_n[1]], dim=1)", "h_n"),),
        ),
        Mistake(
            "El lote va empaquetado, pero lees la última posición de la caja: en las cortas hay "
            "ceros.",
            code=_CLASS_START + _PACK + "        states, _ = self.rnn(packed)\n"
            "        states, _ = pad_packed_sequence(states, batch_first=True)\n"
            "        return self.output(states[:, -1])",
        ),
        Mistake(
            "El relleno ya no influye, pero en el último paso real la red que vuelve solo ha leído "
            "un paso: su estado final está en el primero.",
            code=_CLASS_START + _PACK + "        states, _ = self.rnn(packed)\n"
            "        states, _ = pad_packed_sequence(states, batch_first=True)\n"
            "        return self.output(states[torch.arange(len(x)), lengths - 1])",
        ),
        Mistake(
            "`h_n` tiene forma (2, lote, oculto): `reshape` mezcla las filas. Junta `h_n[0]` y "
            "`h_n[1]`.",
            swap=(("torch.cat([h_n[0], h_n[1]], dim=1)", "h_n.reshape(len(x), -1)"),),
        ),
        Mistake(
            "Los dos sentidos están cambiados: primero el que va hacia delante, `h_n[0]`.",
            swap=(("[h_n[0], h_n[1]]", "[h_n[1], h_n[0]]"),),
        ),
        Mistake(
            "`h_n[-1]` es solo el sentido que vuelve: la capa de salida espera los dos.",
            swap=(("torch.cat([h_n[0], h_n[1]], dim=1)", "h_n[-1]"),),
        ),
        Mistake(
            "Deduces las longitudes buscando ceros, y un paso real puede valer cero: usa `lengths`.",
            swap=(
                (
                    "        packed = ",
                    "        lengths = (x.abs().sum(dim=-1) > 0).sum(dim=1)\n        packed = ",
                ),
            ),
        ),
        Mistake(
            "El lote va delante: `pack_padded_sequence` también necesita `batch_first=True`.",
            swap=(("x, lengths, batch_first=True, enforce", "x, lengths, enforce"),),
        ),
        Mistake(
            "PyTorch exige las secuencias ordenadas por longitud, salvo que se lo digas.",
            swap=((", enforce_sorted=False", ""),),
        ),
        Mistake(
            "Eso promedia los estados; se piden los finales de cada sentido.",
            code=_CLASS_START + _PACK + "        states, _ = self.rnn(packed)\n"
            "        states, _ = pad_packed_sequence(states, batch_first=True)\n"
            "        return self.output(states.sum(dim=1) / lengths[:, None])",
        ),
    ),
    variants=(
        _CLASS_START + _PACK + "        states, _ = self.rnn(packed)\n"
        "        states, _ = pad_packed_sequence(states, batch_first=True)\n"
        "        ahead, back = states.chunk(2, dim=-1)\n"
        "        last = ahead[torch.arange(len(x)), lengths - 1]\n"
        "        return self.output(torch.cat([last, back[:, 0]], dim=-1))",
        _CLASS_START + "        rows = []\n"
        "        for row, n in zip(x, lengths.tolist()):\n"
        "            _, h_n = self.rnn(row[None, :n])\n"
        "            rows.append(torch.cat([h_n[0, 0], h_n[1, 0]]))\n"
        "        return self.output(torch.stack(rows))",
        _CLASS_START.replace("self.rnn", "self.both").replace("self.output", "self.head")
        + _PACK
        + "        _, h_n = self.both(packed)\n"
        "        return self.head(h_n.transpose(0, 1).flatten(1))",
    ),
    equivalent={
        "línea 6: «nn.RNN(features, hidden, batch_first=True, bidirectional=True)» → "
        "«nn.RNN(features, hidden, bidirectional=True)»": _PACKED_ORDER,
        "línea 6: «True» → «False»": _PACKED_ORDER,
    },
    draw=_draw_vectors,
    probe=_alone_and_together,
    compare=_padding_fault,
    namespace=_torch_names,
)

EXERCISES = (PAD, LAST, MASKED_LOSS, BOTH_WAYS)
