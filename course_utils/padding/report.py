"""Lo que dice la prueba del relleno: las causas, qué delata a cada una y qué hacer."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Cause(enum.StrEnum):
    """Por qué el relleno cambia lo que no debería cambiar.

    Examples
    --------
    >>> print(Cause.MEAN)
    media sobre el relleno
    """

    NO_MASK = "sin máscara"
    LOST_MASK = "máscara perdida entre capas"
    MEAN = "media sobre el relleno"
    LAST_POSITION = "última posición en vez de la última real"
    BIDIRECTIONAL = "capa bidireccional que empieza en el relleno"
    LOSS = "pérdida sobre el relleno"
    MAXIMUM = "máximo sobre el relleno"
    ONE_LATE = "lectura un paso después del último real"
    BATCH = "filas del lote que se mezclan"
    RANDOM = "predicción que cambia de una llamada a otra"


# De cada causa, qué se ha visto y qué hacer.
STORIES: dict[Cause, tuple[str, str]] = {
    Cause.NO_MASK: (
        "La predicción depende de los valores del relleno: una capa lo lee como si fueran datos y "
        "la predicción sale de lo que queda después.",
        "Enmascáralo (`Masking` o `mask_zero=True` en Keras, `pack_padded_sequence` en PyTorch) o, "
        "si la red va solo hacia delante, lee el último estado real, el de `lengths - 1`. Si ya "
        "habías puesto una máscara, alguna capa la pierde antes de la primera recurrente.",
    ),
    Cause.LOST_MASK: (
        "Hay una máscara, pero la cantidad de relleno cambia la predicción: una capa posterior "
        "sigue avanzando sobre él.",
        "Haz que la máscara llegue a todas las capas recurrentes: en PyTorch, no desempaquetes "
        "entre ellas; en Keras, busca la capa que no la propaga o pásala con `mask=`.",
    ),
    Cause.MEAN: (
        "El efecto del relleno sigue a 1/tiempo: una media, o una atención, cuenta también los "
        "pasos de relleno.",
        "Suma solo los pasos reales y divide entre cuántos son; en una atención, pon −∞ en el "
        "relleno antes de la softmax.",
    ),
    Cause.LAST_POSITION: (
        "La predicción sale de la última posición del lote, que en una secuencia rellenada no es "
        "suya.",
        "Lee el último estado real, el de `lengths - 1`, o `h_n` si has empaquetado.",
    ),
    Cause.BIDIRECTIONAL: (
        "Lo que más pesa es el relleno pegado al final de la secuencia, o cambian pasos que van "
        "antes que él: una capa recorre el lote hacia atrás y llega a los datos con un estado que "
        "viene del relleno.",
        "Enmascara esa capa o empaqueta el lote, y toma el estado final de cada sentido (`h_n`). "
        "Si no hay capa bidireccional, busca una convolución centrada o una atención sin máscara.",
    ),
    Cause.LOSS: (
        "La pérdida del lote no se deduce de las de sus secuencias: los pasos de relleno suman "
        "error o cuentan en el divisor.",
        "Anula el error en el relleno y divide entre los pasos reales, no entre todos.",
    ),
    Cause.MAXIMUM: (
        "El primer paso de relleno cambia la predicción y los siguientes ya no: una operación "
        "sobre el tiempo, casi siempre un máximo, cuenta lo que hay en el relleno.",
        "Pon −∞ en el relleno antes del máximo.",
    ),
    Cause.ONE_LATE: (
        "Del relleno solo importa el primer paso: se lee una posición después de la última real.",
        "El último paso real está en `lengths - 1`. Si lees ahí, busca una convolución que mire "
        "hacia delante.",
    ),
    Cause.BATCH: (
        "La predicción de una secuencia depende de las demás del lote, aunque no haya relleno.",
        "Si ordenas las secuencias por longitud, deshaz el orden al final; si hay una "
        "normalización por lotes, predice en modo de evaluación; busca también un `reshape` o un "
        "`squeeze` que toque el eje del lote.",
    ),
    Cause.RANDOM: (
        "Dos llamadas idénticas dan predicciones distintas: así no se puede juzgar el relleno.",
        "Apaga el dropout (`model.eval()` en PyTorch, `training=False` en Keras) y comprueba que "
        "la red no guarda su estado de una llamada a la siguiente.",
    ),
}


@dataclass(frozen=True)
class PaddingReport:
    """Lo que ha encontrado :func:`~course_utils.padding.check_padding_invariance`.

    Attributes
    ----------
    passed : bool
        Si una secuencia sola y la misma en un lote dan la misma predicción (y, si se ha pedido,
        la pérdida no cuenta el relleno).
    gap : float
        La mayor diferencia entre predicciones. Es absoluta si ninguna predicción pasa de 1; si no,
        relativa a la mayor.
    gaps : dict of int to float
        La diferencia según los pasos de relleno que lleva la secuencia más larga; las otras llevan
        además los que les faltan hasta ella.
    tolerance : float
        La diferencia que se admite: la pedida o, si es mayor, 16 veces la precisión del tipo de
        las predicciones.
    causes : tuple of Cause
        Lo que explica el fallo, empezando por lo principal; vacía si pasa.
    compatible : tuple of Cause
        Otras causas que las mismas señales no descartan.
    loss_gap : float or None
        Diferencia relativa entre la pérdida del lote y la que debería dar.
    notes : tuple of str
        Avisos: lo que la prueba no ha podido ver.
    """

    passed: bool
    gap: float
    gaps: dict[int, float]
    tolerance: float
    causes: tuple[Cause, ...] = ()
    compatible: tuple[Cause, ...] = ()
    loss_gap: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def explanation(self) -> str:
        """Qué se ha visto y qué hacer, en una línea por causa.

        Examples
        --------
        >>> PaddingReport(True, 2e-8, {1: 2e-8}, 1e-5).explanation
        'Una secuencia sola y la misma, rellenada en un lote, dan la misma predicción.'
        """
        if self.passed:
            return "Una secuencia sola y la misma, rellenada en un lote, dan la misma predicción."
        lines = [f"{_capital(cause)}. {' '.join(STORIES[cause])}" for cause in self.causes]
        if self.compatible:
            lines.append(f"También es compatible con: {'; '.join(self.compatible)}.")
        return "\n".join(lines)

    def __str__(self) -> str:
        numbers = [
            f"{'✓ Pasa' if self.passed else '✗ No pasa'}: la predicción cambia como mucho "
            f"{self.gap:.3g} (se admite {self.tolerance:.3g})."
        ]
        if self.loss_gap is not None:
            numbers.append(f"La pérdida cambia {self.loss_gap:.3g} en términos relativos.")
        return "\n".join([" ".join(numbers), self.explanation, *self.notes])


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
