"""Probar varios modelos desde muchos orígenes, y una tabla con todo lo que pasó."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from course_utils import metrics
from course_utils.forecasting.origins import Cut, rolling_origin
from course_utils.probabilistic import as_levels
from course_utils.validation import as_array, describe

if TYPE_CHECKING:
    import pandas as pd

# Un modelo: de la historia (tiempo,) y el plazo, al pronóstico (horizonte,), o con cuantiles
# (horizonte, niveles).
Forecaster = Callable[[np.ndarray, int], np.ndarray]


def backtest(
    series: np.ndarray,
    models: Mapping[str, Forecaster],
    *,
    horizon: int,
    origins: int,
    step: int = 1,
    period: int = 1,
    levels: Sequence[float] | None = None,
    name: str = "serie",
) -> pd.DataFrame:
    """Pronostica con cada modelo desde cada origen y apunta cada paso.

    Parameters
    ----------
    series : ndarray of shape (tiempo,)
        La serie, en orden y sin huecos.
    models : mapping of str to callable
        Cada modelo, ``modelo(historia, horizonte)``. Recibe una copia de lo que ha pasado hasta el
        origen: uno de statsmodels se ajusta entero cada vez; uno ya entrenado va en
        :class:`~course_utils.forecasting.FromWindows`, que comprueba que no lo fuera con lo que
        pronostica y hace todos los orígenes en un lote.
    horizon, origins, step : int
        Como en :func:`~course_utils.forecasting.rolling_origin`.
    period : int, default 1
        El ciclo con que se escala el error: el del MASE.
    levels : sequence of float, optional
        Si los modelos dan cuantiles, cuáles.
    name : str, default "serie"
        Cómo se llama la serie. Las tablas de varias se juntan con ``pandas.concat``.

    Returns
    -------
    pandas.DataFrame
        Una fila por modelo, origen y paso del plazo: ``series``, ``model``, ``origin`` (cuántos
        valores habían pasado), ``horizon`` (de 1 en adelante), ``actual``, ``forecast``, ``scale``
        y ``rms_scale`` (los divisores del MASE y del RMSSE con lo que había pasado) y ``seconds``
        (los de procesador que costó ese origen, los mismos en todos sus pasos). Con ``levels``,
        además una columna por cuantil, como ``q0.9``, y ``forecast`` es el nivel más cercano a 0.5.

    Raises
    ------
    TypeError, ValueError
        Si la serie o los tamaños no valen, o un modelo no da lo que debe: dice cuál y dónde.
    ImportError
        Si falta pandas.

    Examples
    --------
    >>> from course_utils.forecasting import drift, naive
    >>> table = backtest(
    ...     [1, 3, 2, 5, 4, 6], {"igual": naive, "deriva": drift}, horizon=2, origins=2
    ... )
    >>> table[["model", "origin", "horizon", "actual", "forecast"]].head(3)
       model  origin  horizon  actual  forecast
    0  igual       3        1     5.0       2.0
    1  igual       3        2     4.0       2.0
    2  igual       4        1     4.0       5.0
    """
    pandas = _import_pandas()
    series = as_array("series", series, ndim=1, dtype="float64")
    cuts = list(rolling_origin(len(series), horizon=horizon, origins=origins, step=step))
    levels = None if levels is None else as_levels(levels)
    changes = [metrics.seasonal_changes(series[cut.train], period=period) for cut in cuts]
    base = {
        "origin": np.repeat([cut.origin for cut in cuts], horizon),
        "horizon": np.tile(np.arange(1, horizon + 1), len(cuts)),
        "actual": np.concatenate([series[cut.test] for cut in cuts]),
        "scale": np.repeat([np.abs(change).mean() for change in changes], horizon),
        "rms_scale": np.repeat([np.sqrt(np.square(c).mean()) for c in changes], horizon),
    }
    order = ["series", "model", "origin", "horizon", "actual", "forecast", "scale", "rms_scale"]
    tables = []
    for model_name, model in models.items():
        forecasts, seconds = _run(model_name, model, series, cuts, horizon)
        columns = _columns(model_name, forecasts, levels)
        rows = {"series": name, "model": model_name, **base, **columns}
        extra = [column for column in columns if column != "forecast"]
        frame = pandas.DataFrame({**rows, "seconds": np.repeat(seconds, horizon)})
        tables.append(frame[[*order, "seconds", *extra]])
    if not tables:
        raise ValueError("models está vacío: pasa al menos un modelo, con su nombre.")
    return pandas.concat(tables, ignore_index=True)


def score_table(table: pd.DataFrame) -> pd.DataFrame:
    """Las medidas de cada pronóstico de una tabla de :func:`backtest`.

    Parameters
    ----------
    table : pandas.DataFrame
        La de :func:`backtest`, o varias juntas.

    Returns
    -------
    pandas.DataFrame
        Una fila por serie, modelo y origen, con ``mae``, ``rmse``, ``mase``, ``rmsse``, ``wape``,
        ``smape`` y ``seconds``. Donde el WAPE no está definido, NaN. Para la media de cada modelo,
        ``.groupby("model").mean(numeric_only=True)``.

    Raises
    ------
    ImportError
        Si falta pandas.

    Examples
    --------
    >>> from course_utils.forecasting import naive
    >>> table = backtest([1, 3, 2, 5, 4, 6], {"igual": naive}, horizon=2, origins=1)
    >>> score_table(table)[["origin", "mae", "mase"]].round(2)
       origin  mae  mase
    0       4  1.0   0.5
    """
    pandas = _import_pandas()
    keys = ["series", "model", "origin"]
    rows = []
    for names, group in table.groupby(keys, sort=False):
        actual, forecast = group["actual"].to_numpy(), group["forecast"].to_numpy()
        mae, rmse = metrics.mae(actual, forecast), metrics.rmse(actual, forecast)
        rows.append(
            {
                **dict(zip(keys, names, strict=True)),
                "mae": mae,
                "rmse": rmse,
                "mase": mae / group["scale"].iloc[0],
                "rmsse": rmse / group["rms_scale"].iloc[0],
                "wape": metrics.wape(actual, forecast) if actual.any() else np.nan,
                "smape": metrics.smape(actual, forecast),
                "seconds": group["seconds"].iloc[0],
            }
        )
    return pandas.DataFrame(rows)


def rank_table(scores: pd.DataFrame, *, measure: str = "mase") -> pd.DataFrame:
    """El puesto de cada modelo en cada serie y origen: 1 es el mejor; los empates se reparten.

    Parameters
    ----------
    scores : pandas.DataFrame
        La de :func:`score_table`.
    measure : str, default "mase"
        La medida que ordena; menos es mejor.

    Returns
    -------
    pandas.DataFrame
        Una fila por serie y origen, y una columna por modelo.

    Raises
    ------
    ValueError
        Si no hay tal medida.

    Examples
    --------
    >>> from course_utils.forecasting import drift, naive
    >>> models = {"igual": naive, "deriva": drift}
    >>> table = backtest([1, 3, 2, 5, 4, 6, 7], models, horizon=1, origins=3)
    >>> rank_table(score_table(table))
    model          deriva  igual
    series origin
    serie  4          2.0    1.0
           5          1.0    2.0
           6          1.0    2.0
    """
    if measure not in scores:
        raise ValueError(
            f"No hay ninguna medida {describe(measure)} en la tabla. Las hay: "
            f"{', '.join(scores.columns[3:])}."
        )
    wide = scores.pivot(index=["series", "origin"], columns="model", values=measure)
    return wide.rank(axis=1)


def _run(
    name: str, model: Forecaster, series: np.ndarray, cuts: Sequence[Cut], horizon: int
) -> tuple[np.ndarray, np.ndarray]:
    """Los pronósticos desde todos los orígenes (orígenes, horizonte…), y lo que costó cada uno."""
    start = time.process_time()
    if hasattr(model, "at"):
        forecasts = list(model.at(series.copy(), [cut.origin for cut in cuts], horizon))
        return _check(name, forecasts, cuts, horizon), np.full(
            len(cuts), (time.process_time() - start) / len(cuts)
        )
    forecasts, seconds = [], []
    for cut in cuts:
        start = time.process_time()
        forecasts.append(model(series[cut.train].copy(), horizon))
        seconds.append(time.process_time() - start)
    return _check(name, forecasts, cuts, horizon), np.array(seconds)


def _check(name: str, forecasts: Sequence[object], cuts: Sequence[Cut], horizon: int) -> np.ndarray:
    """Los pronósticos de un modelo, si son números y tienen la forma que deben."""
    found = []
    for forecast, cut in zip(forecasts, cuts, strict=True):
        array = as_array(f"«{name}», en el origen {cut.origin},", forecast, dtype="float64")
        if array.shape[:1] != (horizon,) or array.ndim > 2:
            raise ValueError(
                f"«{name}» debe dar {horizon} pasos, ({horizon},), o ({horizon}, niveles) con "
                f"cuantiles; en el origen {cut.origin} ha dado {array.shape}. "
                "¿Falta o sobra un eje?"
            )
        found.append(array)
    return np.stack(found)


def _columns(name: str, forecasts: np.ndarray, levels: np.ndarray | None) -> dict[str, np.ndarray]:
    """El pronóstico y, si los hay, sus cuantiles, como columnas."""
    if levels is None and forecasts.ndim == 2:
        return {"forecast": forecasts.ravel()}
    count = 0 if levels is None else len(levels)
    if forecasts.ndim == 2:
        forecasts = np.repeat(forecasts[..., None], count, axis=2)  # un punto: todos iguales
    if forecasts.shape[2] != count:
        raise ValueError(
            f"«{name}» da {forecasts.shape[2]} cuantiles y se esperaban {count}. Pasa en levels "
            "los niveles que da, por ejemplo levels=(0.05, 0.5, 0.95)."
        )
    flat = forecasts.reshape(-1, count)
    middle = int(np.abs(levels - 0.5).argmin())
    quantiles = {f"q{level:g}": flat[:, place] for place, level in enumerate(levels)}
    return {"forecast": flat[:, middle], **quantiles}


def _import_pandas() -> ModuleType:
    try:
        import pandas
    except ImportError as error:
        from course_utils.requirements import install_command

        raise ImportError(
            "forecasting.backtest devuelve una tabla de pandas y no se puede importar. "
            f"Instálalo con: {install_command('pandas')}"
        ) from error
    return pandas
