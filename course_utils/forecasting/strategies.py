"""Varios pasos con un modelo que mira una ventana: recursiva, directa y todo a la vez.

Una estrategia recibe ventanas ``(lote, ancho)`` y da pronósticos ``(lote, horizonte)``. Lo que hay
dentro es cosa de quien la usa: una función de arrays a arrays, venga de scikit-learn
(``model.predict``), de Keras (``lambda x: model.predict(x[..., None], verbose=0)[:, 0]``) o de
PyTorch (``lambda x: net(torch.as_tensor(x)).detach().numpy()``). :class:`FromWindows` la convierte
en un modelo como los demás, ``modelo(historia, horizonte)``, que es lo que son también los de
statsmodels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from course_utils.sequences import Windows
from course_utils.validation import as_array, as_int


def recursive(
    step: Callable[[np.ndarray], np.ndarray], windows: np.ndarray, horizon: int
) -> np.ndarray:
    """Estrategia recursiva: un modelo de un paso que se come sus propios pronósticos.

    Parameters
    ----------
    step : callable
        De ventanas ``(lote, ancho)`` al valor siguiente ``(lote,)``.
    windows : ndarray of shape (lote, ancho)
        Lo último que se conoce, con el valor más reciente al final.
    horizon : int
        Cuántos pasos.

    Returns
    -------
    ndarray of shape (lote, horizonte)

    Raises
    ------
    TypeError, ValueError
        Si las ventanas no valen o ``step`` no da un número finito por ventana.

    Examples
    --------
    >>> recursive(lambda x: 2 * x[:, -1], [[1.0, 2.0]], 3)
    array([[ 4.,  8., 16.]])
    """
    windows, horizon = _as_windows(windows), as_int("horizon", horizon, minimum=1)
    width = windows.shape[1]
    seen = np.concatenate([windows, np.zeros((len(windows), horizon))], axis=1)
    for place in range(width, width + horizon):
        seen[:, place] = _answer("step", step(seen[:, place - width : place].copy()), len(windows))
    return seen[:, width:]


def direct(
    steps: Sequence[Callable[[np.ndarray], np.ndarray]], windows: np.ndarray, horizon: int
) -> np.ndarray:
    """Estrategia directa: un modelo para cada plazo, y ninguno ve pronósticos de otro.

    Parameters
    ----------
    steps : sequence of callable
        El primero pronostica a un paso, el segundo a dos…; de ``(lote, ancho)`` a ``(lote,)``.
    windows, horizon
        Como en :func:`recursive`.

    Returns
    -------
    ndarray of shape (lote, horizonte)

    Raises
    ------
    TypeError, ValueError
        Como :func:`recursive`, o si no hay un modelo por paso.

    Examples
    --------
    >>> direct([lambda x: x[:, -1] + 1, lambda x: x[:, -1] + 2], [[5.0, 7.0]], 2)
    array([[8., 9.]])
    """
    windows, horizon = _as_windows(windows), as_int("horizon", horizon, minimum=1)
    if len(steps) < horizon:
        raise ValueError(
            f"La estrategia directa necesita un modelo por paso: se piden {horizon} y hay "
            f"{len(steps)}. Entrena los que faltan o pide menos."
        )
    answers = [_answer("step", step(windows.copy()), len(windows)) for step in steps[:horizon]]
    return np.stack(answers, axis=1)


def all_at_once(
    predict: Callable[[np.ndarray], np.ndarray], windows: np.ndarray, horizon: int
) -> np.ndarray:
    """Todo a la vez: un modelo que da el plazo entero.

    Parameters
    ----------
    predict : callable
        De ``(lote, ancho)`` a ``(lote, pasos)``.
    windows, horizon
        Como en :func:`recursive`.

    Returns
    -------
    ndarray of shape (lote, horizonte)

    Raises
    ------
    TypeError, ValueError
        Como :func:`recursive`, o si el modelo da menos pasos de los que se piden.

    Examples
    --------
    >>> all_at_once(lambda x: x[:, -1:] + [1, 2, 3], [[5.0, 7.0]], 2)
    array([[8., 9.]])
    """
    windows, horizon = _as_windows(windows), as_int("horizon", horizon, minimum=1)
    answer = as_array("lo que da predict", predict(windows.copy()), dtype="float64")
    if answer.ndim != 2 or len(answer) != len(windows) or answer.shape[1] < horizon:
        raise ValueError(
            f"predict debe dar un array ({len(windows)}, {horizon}), una fila por ventana y una "
            f"columna por paso; ha dado {answer.shape}. Entrénalo con ese horizonte."
        )
    return answer[:, :horizon]


def multistep_windows(series: np.ndarray, *, width: int, horizon: int) -> Windows:
    """Ventanas con todos los objetivos de su plazo: con lo que se entrenan las tres estrategias.

    La columna ``h`` de los objetivos es el valor a ``h + 1`` pasos: la primera sirve a la
    recursiva; cada una, a un modelo de la directa; y todas, a la que lo da todo a la vez.

    Parameters
    ----------
    series : ndarray of shape (tiempo,)
        La serie, en orden y sin huecos.
    width : int
        Cuántos valores ve cada ventana.
    horizon : int
        Cuántos pasos siguen.

    Returns
    -------
    Windows
        ``inputs`` (lote, ancho) y ``targets`` (lote, horizonte); son vistas de solo lectura.

    Raises
    ------
    TypeError, ValueError
        Si la serie no es numérica, tiene huecos o es demasiado corta.

    Examples
    --------
    >>> windows = multistep_windows([10, 20, 30, 40, 50], width=2, horizon=2)
    >>> windows.inputs
    array([[10, 20],
           [20, 30]])
    >>> windows.targets
    array([[30, 40],
           [40, 50]])
    """
    width = as_int("width", width, minimum=1)
    horizon = as_int("horizon", horizon, minimum=1)
    series = as_array("series", series, ndim=1)
    if len(series) < width + horizon:
        raise ValueError(
            f"Con width={width} y horizon={horizon} la serie debe tener al menos {width + horizon} "
            f"valores; ha llegado una de {len(series)}. Usa una serie más larga o menos ancho."
        )
    both = np.lib.stride_tricks.sliding_window_view(series, width + horizon)
    return Windows(both[:, :width], both[:, width:])


@dataclass(frozen=True, kw_only=True)
class FromWindows:
    """Un modelo entrenado que mira una ventana, con la misma cara que los demás.

    Attributes
    ----------
    predict : callable
        ``predict(windows, horizon)``, de ``(lote, ancho)`` a ``(lote, horizonte)``. Con
        :func:`functools.partial`, una estrategia: ``partial(recursive, step)``.
    width : int
        Cuántos valores mira.
    trained_until : int
        Cuántos valores de la serie se usaron para entrenar, elegir y escalar. Desde un origen
        anterior no se deja usar: ya habría visto lo que pronostica.

    Examples
    --------
    >>> from functools import partial
    >>> doubles = partial(recursive, lambda x: 2 * x[:, -1])
    >>> model = FromWindows(predict=doubles, width=2, trained_until=3)
    >>> model(np.array([1.0, 2.0, 4.0]), 2)
    array([ 8., 16.])
    >>> model(np.array([1.0, 2.0]), 2)
    Traceback (most recent call last):
    ValueError: El modelo se entrenó con los 3 primeros valores y se usa desde el origen 2: ...
    """

    predict: Callable[[np.ndarray, int], np.ndarray]
    width: int
    trained_until: int

    def __call__(self, history: np.ndarray, horizon: int) -> np.ndarray:
        """El pronóstico (horizonte,) que sigue a una historia (tiempo,)."""
        return self.at(history, [len(history)], horizon)[0]

    def at(self, series: np.ndarray, origins: Sequence[int], horizon: int) -> np.ndarray:
        """Los pronósticos desde varios orígenes de una serie, en un solo lote.

        Parameters
        ----------
        series : ndarray of shape (tiempo,)
            La serie; de cada origen solo se mira la ventana anterior.
        origins : sequence of int
            Los orígenes.
        horizon : int
            Cuántos pasos.

        Returns
        -------
        ndarray of shape (orígenes, horizonte)

        Raises
        ------
        TypeError, ValueError
            Si algún origen es anterior al final del entrenamiento o no tiene ventana.
        """
        series = as_array("series", series, ndim=1, dtype="float64")
        first = min(origins)
        if first < self.trained_until:
            raise ValueError(
                f"El modelo se entrenó con los {self.trained_until} primeros valores y se usa "
                f"desde el origen {first}: ya ha visto lo que pronostica. "
                "Entrena con menos o empieza la prueba más tarde."
            )
        if first < self.width:
            raise ValueError(
                f"El modelo mira {self.width} valores y en el origen {first} no los hay. Empieza "
                "más tarde."
            )
        windows = np.stack([series[origin - self.width : origin] for origin in origins])
        answer = as_array("el pronóstico", self.predict(windows, horizon), dtype="float64")
        if answer.shape[:2] != (len(origins), horizon):
            raise ValueError(
                f"predict debe dar un pronóstico ({len(origins)}, {horizon}); ha dado "
                f"{answer.shape}. ¿Falta o sobra un eje?"
            )
        return answer


def _as_windows(windows: object) -> np.ndarray:
    return as_array("windows", windows, ndim=2, dtype="float64")


def _answer(name: str, answer: object, count: int) -> np.ndarray:
    """Lo que da un modelo de un paso: un número por ventana; se admite una columna."""
    answer = as_array(f"lo que da {name}", answer, dtype="float64")
    if answer.shape not in ((count,), (count, 1)):
        raise ValueError(
            f"{name} debe dar un valor por ventana, ({count},); ha dado {answer.shape}. "
            "¿Falta quedarse con una columna?"
        )
    return answer.reshape(count)
