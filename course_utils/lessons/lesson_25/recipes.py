"""Maneras de preparar las ventas para una red: qué se le quita a cada ventana."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from course_utils.lessons.lesson_25.classic import fit_ets
from course_utils.sequences import make_windows

WIDTH, PERIOD = 14, 7
RECIPES = ("tal cual", "en logaritmos", "sin nivel", "suavizada")


class Parts(NamedTuple):
    """Qué ventanas son de entrenamiento, de validación y de prueba."""

    train: slice
    validation: slice
    test: slice


class Prepared(NamedTuple):
    """Ventanas listas para una red.

    Attributes
    ----------
    x : ndarray of shape (ventanas, tiempo, características)
        Las ventanas.
    y : ndarray of shape (ventanas,)
        Los objetivos, en la escala de la red.
    center : ndarray of shape (ventanas,)
        Lo que se le ha restado a cada una.
    spread : float
        Por cuánto se ha dividido después.
    logs : bool
        Si antes se han tomado logaritmos.
    """

    x: np.ndarray
    y: np.ndarray
    center: np.ndarray
    spread: float
    logs: bool

    def in_units(self, outputs: np.ndarray) -> np.ndarray:
        """Lo que dice la red, en unidades vendidas: (..., ventanas)."""
        values = np.asarray(outputs, dtype=float) * self.spread + self.center
        return np.exp(values) if self.logs else values


def split_windows(days: int) -> Parts:
    """Reparte las ventanas de ``days`` días: 60, 20 y 20 %, en orden.

    Examples
    --------
    >>> split_windows(100).validation
    slice(46, 66, None)
    """
    held = days // 5
    test = days - held - WIDTH
    return Parts(slice(0, test - held), slice(test - held, test), slice(test, days - WIDTH))


def prepare_sales(
    units: np.ndarray, recipe: str, *, calendar: np.ndarray | None = None
) -> Prepared:
    """Prepara unas ventas con una de las recetas, sin mirar más allá del entrenamiento.

    Parameters
    ----------
    units : ndarray of shape (días,)
        Ventas.
    recipe : str
        ``"tal cual"``, con la media y la desviación del entrenamiento; ``"en logaritmos"``, lo
        mismo con sus logaritmos; ``"sin nivel"``, a cada ventana de logaritmos se le resta su
        media; ``"suavizada"``, se le restan el nivel de un ETS el último día de la ventana y la
        estación.
    calendar : ndarray of shape (días, columnas), optional
        Lo que se sabe de cada día; en cada paso va el del día siguiente.

    Returns
    -------
    Prepared
        Las ventanas y cómo volver a unidades.

    Examples
    --------
    >>> prepared = prepare_sales(np.geomspace(100, 200, 60), "sin nivel")
    >>> prepared.x.shape, bool(np.abs(prepared.x.mean(axis=1)).max() < 1e-6)
    ((46, 14, 1), True)
    """
    values = units if recipe == "tal cual" else np.log(units)
    train = split_windows(len(units)).train
    known = values[: WIDTH + train.stop]
    inputs, targets = make_windows(values, width=WIDTH)
    if recipe == "suavizada":
        smoothed = fit_ets(units, len(known), period=PERIOD, kind="mul")
        level, season = np.log(smoothed.level), np.log(smoothed.season)
        inputs = make_windows(values - season, width=WIDTH).inputs
        shift = level[WIDTH - 1 : -1]  # el del último día de la ventana
        center = shift + season[WIDTH - PERIOD : -PERIOD]  # la estación, la de hace una semana
    else:
        shift = (
            inputs.mean(axis=1) if recipe == "sin nivel" else np.full(len(targets), known.mean())
        )
        center = shift
    y = targets - center
    spread = y[train].std()
    x = (inputs - shift[:, None])[..., None] / spread
    if calendar is not None:
        tomorrow = np.lib.stride_tricks.sliding_window_view(calendar[1:], WIDTH, axis=0)
        x = np.concatenate([x, np.moveaxis(tomorrow, -1, 1)], axis=2)
    logs = recipe != "tal cual"
    return Prepared(x.astype("float32"), (y / spread).astype("float32"), center, spread, logs)


def sales_calendar(dates: np.ndarray, *flags: np.ndarray) -> np.ndarray:
    """Una columna por día de la semana, desde el lunes, y otra por cada marca: (días, columnas).

    Examples
    --------
    >>> days = np.array(["2024-01-01", "2024-01-02"], dtype="datetime64[D]")
    >>> sales_calendar(days, np.array([True, False]))
    array([[1., 0., 0., 0., 0., 0., 0., 1.],
           [0., 1., 0., 0., 0., 0., 0., 0.]])
    """
    weekday = (dates.astype("datetime64[D]").astype(int) + 3) % 7  # 0 es lunes
    return np.column_stack([np.eye(7)[weekday], *flags])
