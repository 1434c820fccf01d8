"""La prueba que debe pasar todo modelo de secuencias: que el relleno no cambie nada."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from course_utils.padding.batches import as_filling, as_sequences
from course_utils.padding.bench import (
    COMPANION,
    Bench,
    Predict,
    call,
    check_steps,
    draw_rows,
    make_bench,
    stack,
    to_numpy,
)
from course_utils.padding.causes import find_causes
from course_utils.padding.report import Cause, PaddingReport
from course_utils.validation import as_array, as_int, describe

Loss = Callable[[np.ndarray, np.ndarray, np.ndarray], object]


def check_padding_invariance(
    predict: Predict,
    sequences: Sequence[np.ndarray],
    *,
    paddings: Sequence[int] = (0, 1, 7, 30),
    tolerance: float = 1e-5,
    value: float = 0.0,
    loss: Loss | None = None,
    targets: Sequence[np.ndarray] | None = None,
    target_value: float = 0.0,
    seed: int = 0,
) -> PaddingReport:
    """Comprueba que el relleno no cambia las predicciones y, si las cambia, busca la causa.

    Predice cada secuencia sola y después todas juntas, rellenadas a la derecha, en un lote con una
    compañera sorteada que llega hasta el final. De cada secuencia prueba también su primer paso
    solo, porque en una corta el relleno pesa más. Si hay una predicción por paso, compara solo los
    pasos reales.

    Parameters
    ----------
    predict : callable
        ``predict(batch, lengths)``, con ``batch`` de forma (lote, tiempo, características), o
        (lote, tiempo) si son identificadores, y ``lengths`` (lote,), ambos de NumPy. Devuelve
        predicciones de forma (lote, ...) o (lote, tiempo, ...): un array o un tensor de PyTorch o
        de TensorFlow. Mejor logits o probabilidades que clases, que ocultan las diferencias. Un
        modelo de Keras conviene compilarlo antes para lotes de cualquier tamaño:
        ``tf.function(model, input_signature=[tf.TensorSpec((None, None, características))])``.
    sequences : sequence of ndarray of shape (pasos,) or (pasos, características)
        Unas pocas secuencias reales.
    paddings : sequence of int, default (0, 1, 7, 30)
        Pasos de relleno de la secuencia más larga; alguno mayor que 0.
    tolerance : float, default 1e-5
        Diferencia admitida: absoluta si ninguna predicción pasa de 1; si no, relativa a la mayor.
        Con predicciones de poca precisión no baja de 16 veces la de su tipo.
    value : float, default 0.0
        Con qué se rellena.
    loss : callable, optional
        ``loss(predictions, targets, lengths)``, un número: la pérdida con la que se entrena, si las
        predicciones son por paso. Recibe arrays de NumPy.
    targets : sequence of ndarray, optional
        Los objetivos de cada secuencia, uno por paso. Hacen falta con ``loss``.
    target_value : float, default 0.0
        Con qué se rellenan los objetivos.
    seed : int, default 0
        Semilla de la compañera y de los cambios que se prueban.

    Returns
    -------
    PaddingReport
        Se puede imprimir.

    Raises
    ------
    TypeError, ValueError
        Si los argumentos no valen, o ``predict`` devuelve otra forma o algo que no son números
        finitos.
    RuntimeError
        Si ``predict`` o ``loss`` fallan; el mensaje dice con qué lote.

    Notes
    -----
    Hay modelos distintos que calculan lo mismo, y ninguna prueba de caja cerrada los separa:

    - Sin máscara, el estado final y la última posición son el mismo número.
    - Una máscara que se pierde antes de la primera capa recurrente es lo mismo que no tenerla.
    - Si el modelo no usa las longitudes, recordar el principio de la secuencia y leerla al revés
      dejan las mismas señales.
    - Con identificadores y una máscara que sale de ellos (``mask_zero=True``), una red sin máscara
      puede haber aprendido a no hacer caso del 0; se elige lo más probable según cuánto recuerda
      la predicción tras mucho relleno.

    En estos casos ``compatible`` dice cuáles son las otras causas. Una causa puede tapar a otra:
    arregla la primera y repite. Y una falta que no cambia la predicción no se ve: en una red de
    Keras sin entrenar, con los sesgos a cero, una capa que lee hacia atrás un relleno de ceros
    sigue a cero al llegar a los datos.

    Examples
    --------
    Una media que divide entre los pasos del lote, y la misma entre los reales:

    >>> rng = np.random.default_rng(0)
    >>> sequences = [rng.normal(size=(n, 2)) for n in (3, 5)]
    >>> print(check_padding_invariance(lambda batch, lengths: batch.mean(axis=1), sequences))
    ✗ No pasa: la predicción cambia como mucho 0.97... (se admite 1e-05).
    Media sobre el relleno. El efecto del relleno sigue a 1/tiempo: ...
    >>> check_padding_invariance(
    ...     lambda batch, lengths: batch.sum(axis=1) / lengths[:, None], sequences
    ... ).passed
    True
    """
    paddings = _check_paddings(paddings)
    _check_callables(predict, loss, targets)
    seed = as_int("seed", seed, minimum=0)
    bench = make_bench(predict, sequences, value=value, tolerance=tolerance, seed=seed)
    gaps = {p: bench.change(bench.plain(bench.longest + p), bench.alone) for p in paddings}
    gap, loss_gap = max(gaps.values()), None
    causes, compatible = find_causes(bench) if gap > bench.tolerance else ((), ())
    if loss is not None:
        loss_gap = _loss_gap(bench, loss, targets, target_value, bench.longest + max(paddings))
        causes += (Cause.LOSS,) if loss_gap > bench.tolerance else ()
    return PaddingReport(
        passed=not causes,
        gap=gap,
        gaps=gaps,
        tolerance=bench.tolerance,
        causes=causes,
        compatible=compatible,
        loss_gap=loss_gap,
        notes=_warnings(bench),
    )


def _check_paddings(paddings: object) -> list[int]:
    amounts = as_array("paddings", paddings, ndim=1, min_length=1)
    amounts = sorted({as_int("paddings", amount, minimum=0) for amount in amounts})
    if amounts[-1] == 0:
        raise ValueError(
            "paddings debe tener algún número mayor que 0: sin relleno no hay nada que comprobar. "
            "Pasa, por ejemplo, (0, 1, 7)."
        )
    return amounts


def _check_callables(predict: object, loss: object, targets: object) -> None:
    for name, one in (("predict", predict), ("loss", loss)):
        if not callable(one) and (one is not None or name == "predict"):
            raise TypeError(
                f"{name} debe ser una función; ha llegado {describe(one)}. Pasa la función, sin "
                "llamarla."
            )
    if (loss is None) != (targets is None):
        raise ValueError(
            "loss y targets van juntos: la pérdida se mide con los objetivos de cada secuencia. "
            "Pasa los dos o ninguno."
        )


def _warnings(bench: Bench) -> tuple[str, ...]:
    """Lo que la prueba no puede ver con estas secuencias."""
    warnings = []
    steps = np.concatenate(bench.sequences[: bench.given])
    if len(bench.steps) < len(steps):
        warnings.append(
            f"Aviso: hay pasos reales iguales al relleno ({bench.value}); una máscara que se "
            "deduzca de los valores también los saltaría. Usa otro relleno."
        )
    if bench.discrete:
        warnings.append(
            "Aviso: las predicciones son enteros. Si son clases, pasa las probabilidades: la clase "
            "puede no cambiar aunque cambie todo lo demás."
        )
    spread = bench.change(bench.alone, np.full_like(bench.alone, bench.alone.mean()))
    if spread < 10 * bench.tolerance:
        warnings.append(
            "Aviso: las predicciones apenas se distinguen unas de otras "
            f"({spread:.1g} como mucho): la prueba dice poco. Baja tolerance o usa un modelo que "
            "ya distinga algo."
        )
    return tuple(warnings)


def _loss_gap(
    bench: Bench, loss: Loss, targets: object, target_value: float, timesteps: int
) -> float:
    """Cuánto se separa la pérdida del lote de la que dan sus secuencias, en términos relativos."""
    rows = _check_targets(bench, targets)
    values, lengths = bench.batch(timesteps)
    predictions = call(bench.predict, values, lengths)
    check_steps(predictions, timesteps)
    companion = draw_rows(np.concatenate(rows), (bench.seed, COMPANION), timesteps)
    filled, _ = stack([*rows, companion], as_filling(target_value, companion.dtype))
    whole = _loss_value(loss, predictions, filled, lengths)
    singles = np.array(
        [
            _loss_value(loss, one[None, :n], target[None, :n], np.array([n]))
            for one, target, n in zip(predictions, filled, lengths, strict=True)
        ]
    )
    # Por paso, por secuencia o la suma: cualquiera de las tres es una pérdida correcta.
    fair = (np.average(singles, weights=lengths), singles.mean(), singles.sum())
    return min(_relative(whole, one) for one in fair)


def _relative(one: float, other: float) -> float:
    return abs(one - other) / (max(abs(one), abs(other)) or 1.0)


def _check_targets(bench: Bench, targets: object) -> list[np.ndarray]:
    """Los objetivos de cada secuencia y, detrás, el primero de las que se prueban cortadas."""
    if not bench.per_step:
        raise ValueError(
            "loss necesita predicciones por paso, de forma (lote, tiempo, ...): con una sola "
            "predicción por secuencia la pérdida no ve el relleno. Quita loss y targets."
        )
    rows = as_sequences("targets", targets)
    expected, found = bench.lengths[: bench.given].tolist(), [len(row) for row in rows]
    if found != expected:
        raise ValueError(
            f"targets debe tener un objetivo por paso de cada secuencia: longitudes {expected}; "
            f"han llegado {found}. Pasa los objetivos sin rellenar y en el mismo orden."
        )
    rows = [row.astype(np.result_type(*rows), copy=False) for row in rows]
    return rows + [rows[0][:1]] * (len(bench.lengths) - bench.given)


def _loss_value(
    loss: Loss, predictions: np.ndarray, targets: np.ndarray, lengths: np.ndarray
) -> float:
    where = (
        f"con predicciones de forma {predictions.shape}, objetivos de forma {targets.shape} y "
        f"longitudes {lengths.tolist()}"
    )
    try:
        returned = loss(predictions.copy(), targets.copy(), lengths.copy())
    except Exception as error:
        raise RuntimeError(f"loss ha fallado {where}: {type(error).__name__}: {error}.") from error
    value, _ = to_numpy("loss", returned)
    if value.size != 1 or not np.isfinite(value).all():
        raise ValueError(
            f"loss debe devolver un número finito, {where}; ha devuelto {describe(value)}. Usa la "
            "misma reducción que al entrenar: una media o una suma."
        )
    return float(value.item())
