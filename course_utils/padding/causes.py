"""Quién tiene la culpa de que el relleno cambie las predicciones.

El modelo se trata como una caja cerrada: se cambia una cosa cada vez —cuánto relleno hay, qué
valores lleva y en qué sitio, qué longitud se declara, qué secuencia va delante— y se mira qué mueve
la predicción. Cada causa deja una combinación distinta de señales (:class:`Signs`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course_utils.padding.bench import NOISE, OTHER_COMPANION, Bench
from course_utils.padding.report import Cause

Found = tuple[tuple[Cause, ...], tuple[Cause, ...]]  # lo que es y lo que no se descarta

# Pasos de relleno con los que se ve cómo depende la predicción de su cantidad. A la segunda parte
# solo se llega si al final de la primera sigue cambiando.
LADDER, LONG_LADDER = (1, 16, 32, 64, 128), (256, 512)


@dataclass(frozen=True)
class Signs:
    """Qué mueve la predicción de un modelo que falla.

    Attributes
    ----------
    values : bool
        Los valores del relleno.
    lengths : bool
        Las longitudes que se declaran.
    special : bool
        Ese valor de relleno se trata aparte: hay una máscara que lo busca.
    guessed : bool
        ``special`` es solo lo más probable: el relleno es un identificador.
    settled : bool
        Con un paso de relleno ya ha cambiado todo lo que va a cambiar.
    averaged : bool
        Se acerca a su límite como 1/tiempo.
    drifts : bool
        Con muchísimo relleno sigue cambiando.
    forgets : bool
        Con mucho relleno da igual qué secuencia iba delante.
    first, last : bool
        Pesa el primer paso del relleno, o el último, mucho más que el central.
    only_ends : bool
        El paso central no pesa nada.
    """

    values: bool
    lengths: bool
    special: bool
    guessed: bool
    settled: bool
    averaged: bool
    drifts: bool
    forgets: bool
    first: bool
    last: bool
    only_ends: bool

    @property
    def masked(self) -> bool:
        """Si hay una máscara en algún sitio."""
        return not self.values or self.special


def find_causes(bench: Bench) -> Found:
    """Busca por qué un modelo no predice lo mismo con relleno y sin él.

    Returns
    -------
    tuple of two tuples of Cause
        Las causas y las que las mismas señales no descartan.
    """
    if _is_random(bench):
        return (Cause.RANDOM,), ()
    if _mixes_rows(bench):
        return (Cause.BATCH,), ()
    signs = read_signs(bench)
    if signs.averaged:
        return (Cause.MEAN,), ()
    if bench.per_step:
        # Hacia delante, el relleno no puede cambiar los pasos reales: van antes que él.
        lost = (Cause.LOST_MASK,) if signs.masked else ()
        unsure = (Cause.LOST_MASK,) if signs.guessed and not lost else ()
        return (*lost, Cause.BIDIRECTIONAL), unsure
    return _with_mask(signs) if signs.masked else _without_mask(signs)


def _with_mask(signs: Signs) -> Found:
    if signs.settled and signs.forgets:
        return (Cause.LAST_POSITION,), (Cause.ONE_LATE,)
    if signs.settled:
        return (Cause.MAXIMUM,), (Cause.LOST_MASK, Cause.BIDIRECTIONAL)
    # Tras leer mucho relleno hacia delante se olvida la secuencia; hacia atrás, no.
    compatible = [] if signs.forgets else [Cause.BIDIRECTIONAL]
    compatible += [Cause.NO_MASK] if signs.guessed else []
    compatible += [Cause.MEAN] if signs.drifts else []
    return (Cause.LOST_MASK,), tuple(compatible)


def _without_mask(signs: Signs) -> Found:
    if signs.settled and not signs.only_ends:
        return (Cause.MAXIMUM,), (Cause.LOST_MASK, Cause.BIDIRECTIONAL)
    if signs.settled and signs.last and not signs.first:
        return (Cause.LAST_POSITION,), (Cause.NO_MASK,)
    if signs.settled and signs.first and not signs.last:
        return (Cause.ONE_LATE,), (Cause.BIDIRECTIONAL,)
    if signs.lengths:
        # Quien conoce las longitudes no lee hacia delante más allá de la secuencia.
        return (Cause.BIDIRECTIONAL,), () if signs.first else (Cause.NO_MASK,)
    compatible = [Cause.LAST_POSITION] if signs.last else []
    # Recordar el principio y leerlo al revés es lo mismo para quien no sabe dónde acaba.
    compatible += [Cause.BIDIRECTIONAL] if signs.first or not signs.last else []
    compatible += [Cause.LOST_MASK] if signs.guessed else []
    compatible += [Cause.MEAN] if signs.drifts else []
    return (Cause.NO_MASK,), tuple(compatible)


def _is_random(bench: Bench) -> bool:
    timesteps = bench.longest + 1
    again = bench.vector(*bench.batch(timesteps))
    return bench.change(again, bench.plain(timesteps)) > bench.tolerance


def _mixes_rows(bench: Bench) -> bool:
    """Si una secuencia depende de sus compañeras de lote, y no del relleno."""
    timesteps = bench.longest
    # Sin relleno: solo las secuencias más largas, en un lote de esa longitud.
    unpadded = bench.lengths[bench.owner] == timesteps
    if bench.change(bench.plain(timesteps)[unpadded], bench.alone[unpadded]) > bench.tolerance:
        return True
    other = bench.batch(timesteps + 1, companion=OTHER_COMPANION)
    return bench.try_change(*other) > bench.tolerance


def read_signs(bench: Bench) -> Signs:
    """Cambia una cosa cada vez y apunta qué mueve la predicción."""
    ladder = _climb(bench)
    few, some, far, many = (bench.longest + min(p, max(ladder)) for p in (1, 16, 64, 128))
    reads_values = bench.noisy(some) > bench.floor
    values, lengths = bench.batch(some)
    longer = np.append(lengths[:-1] + 1, lengths[-1])
    kept = bench.try_change(*bench.batch(many, other_data=True))
    special = False
    first = middle = last = 0.0
    if reads_values:
        special = _is_special(bench, few, many, kept)
        first, middle, last = (bench.noisy(far, place) for place in ("first", "middle", "last"))
    noticeable = 5 * max(middle, bench.floor)
    return Signs(
        values=reads_values,
        lengths=bench.try_change(values, longer) > bench.floor,
        special=special,
        guessed=reads_values and bench.value.dtype.kind != "f",
        settled=all(bench.change(one, ladder[1]) <= bench.floor for one in ladder.values()),
        averaged=_is_average(bench, ladder) or (reads_values and _dilutes(bench)),
        drifts=_drifts(bench, ladder),
        forgets=kept <= bench.floor,
        first=first > noticeable,
        last=last > noticeable,
        only_ends=middle <= bench.floor,
    )


def _climb(bench: Bench) -> dict[int, np.ndarray]:
    """Las predicciones con cada vez más relleno, mientras cambien y el modelo lo admita."""
    ladder = {LADDER[0]: bench.plain(bench.longest + LADDER[0])}
    for padding in LADDER[1:] + LONG_LADDER:
        if padding in LONG_LADDER and not _drifts(bench, ladder):
            break
        try:
            ladder[padding] = bench.plain(bench.longest + padding)
        except (RuntimeError, ValueError):
            break
    return ladder


def _drifts(bench: Bench, ladder: dict[int, np.ndarray]) -> bool:
    """Si entre los dos últimos peldaños la predicción aún cambia."""
    last = list(ladder.values())[-2:]
    return len(last) == 2 and bench.change(*last) > 3 * bench.floor


def _is_average(bench: Bench, ladder: dict[int, np.ndarray]) -> bool:
    """Si, en la parte alta de la escalera, la predicción es una recta en 1/(c + relleno).

    Lo es una media sobre los pasos del lote, con ``c`` igual a la longitud, y una atención, con el
    peso de los pasos reales en ``c``. Una red que avanza sobre el relleno se acerca a su límite
    mucho más deprisa, o no se acerca.
    """
    rungs = dict(ladder)
    while len(rungs) > 1 and not _drifts(bench, rungs):
        rungs.popitem()
    if len(rungs) < 4:
        return False
    paddings = np.array(list(rungs)[-4:])
    predictions = np.stack([rungs[padding] for padding in paddings])
    return any(_is_line(bench, linear, paddings) for linear in _undo_head(bench, predictions))


def _is_line(bench: Bench, predictions: np.ndarray, paddings: np.ndarray) -> bool:
    moves = predictions[:-1] - predictions[1:]
    misfits = []
    for row, length in enumerate(bench.lengths):
        mine = moves[:, bench.owner == row]
        if np.abs(mine[-1]).max() <= 3 * bench.floor * bench.scale:
            continue
        # Relleno de esta fila y, delante, c: la longitud o varias veces la longitud.
        places = bench.longest - length + paddings + length * 2 ** np.arange(8)[:, None]
        slopes = mine / -np.diff(1 / places)[:, :, None]
        errors = np.linalg.norm(slopes - slopes[:, -1:], axis=2).max(axis=1)
        misfits.append((errors / np.linalg.norm(slopes[:, -1], axis=1)).min())
    return bool(misfits) and float(np.median(misfits)) <= 0.15


def _dilutes(bench: Bench) -> bool:
    """Si el último paso del relleno pesa como 1/tiempo.

    En una media pesa uno de todos los pasos; hacia delante es siempre lo último que se lee, y hacia
    atrás su huella se pierde mucho más deprisa.
    """
    timesteps = bench.longest + np.array([32, 64, 128])
    weights = np.array([bench.noisy(int(t), "last") for t in timesteps])
    if weights.min() <= bench.floor or not np.isfinite(weights).all():
        return False
    shares = weights * timesteps
    return bool(shares.max() <= 1.25 * shares.min())


def _undo_head(bench: Bench, predictions: np.ndarray) -> list[np.ndarray]:
    """Las predicciones y, si parecen probabilidades, los logits de los que vienen."""
    found = [predictions]
    sure = ((predictions > 1e-4) & (predictions < 1 - 1e-4)).all(axis=0)
    if not sure.any() or predictions.min() <= 0 or predictions.max() >= 1:
        return found
    found.append(np.where(sure, np.log(predictions / (1 - predictions)), 0))
    rows = predictions.reshape(-1, bench.width)
    if np.allclose(rows.sum(axis=1), 1, atol=1e-3):
        logits = np.log(rows) - np.log(rows).mean(axis=1, keepdims=True)
        found.append(np.where(sure, logits.reshape(predictions.shape), 0))
    return found


def _is_special(bench: Bench, few: int, many: int, kept: float) -> bool:
    """Si el valor de relleno se trata de otro modo que cualquier otro."""
    if bench.value.dtype.kind == "f":
        # Lo que se lee como dato cambia poco a poco; lo que se busca para enmascarar, de golpe.
        big, small = (_nudge(bench, few, size) for size in (0.3, 0.003))
        return small > bench.floor and small > 0.2 * big
    # Un identificador no se puede mover poco a poco: se mira si, tras mucho relleno, la predicción
    # recuerda la secuencia con este valor y no con otros.
    others = np.unique(bench.draw(NOISE, 50))[:2]
    memories = [_memory(bench, many, other) for other in others]
    # Es infinita si el modelo no admite otro valor en el relleno.
    return not np.isfinite(memories).all() or kept > 10 * max(*memories, bench.floor)


def _nudge(bench: Bench, timesteps: int, size: float) -> float:
    """Cuánto cambia la predicción si el relleno se mueve un poco."""
    values, lengths = bench.batch(timesteps)
    spread = bench.steps.std(axis=0, dtype="float64")
    shift = size * np.where(spread > 0, spread, 1)
    values[bench.padding(timesteps)] = (bench.value + shift).astype(values.dtype)
    return bench.try_change(values, lengths)


def _memory(bench: Bench, timesteps: int, filling: np.ndarray) -> float:
    """Cuánto depende la predicción de la secuencia tras un relleno hecho de ``filling``."""
    vectors = []
    for other_data in (False, True):
        values, lengths = bench.batch(timesteps, other_data=other_data)
        values[bench.padding(timesteps)] = filling
        try:
            vectors.append(bench.vector(values, lengths))
        except (RuntimeError, ValueError):
            return np.inf
    return bench.change(*vectors)
