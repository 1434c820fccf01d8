"""Una GRU para muchas series: lee ciclos enteros y da todo el plazo a la vez."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import ModuleType

import numpy as np

from course_utils.validation import as_array, as_int

BATCH = 256
RATE = 3e-3
CLIP = 1.0
PASSES = 20


def fit_network(
    histories: Sequence[np.ndarray],
    *,
    period: int,
    width: int,
    horizon: int,
    seed: int,
    updates: int = 1500,
    hidden_size: int = 48,
) -> Callable[[np.ndarray, int], np.ndarray]:
    """Entrena con todas las series una GRU que sirve para cualquiera de ellas.

    Cada paso de la GRU es un ciclo entero (24 horas), de modo que una quincena son 14 pasos y no
    336. A lo que dice la GRU se suma una capa lineal de la ventana: lo fácil no tiene que
    aprenderlo la red. Ventanas y objetivos se miden desde la media de la ventana y en sus
    desviaciones típicas.

    Parameters
    ----------
    histories : sequence of ndarray of shape (tiempo,)
        Lo que se usa para entrenar de cada serie; las que no dan para un ejemplo no cuentan.
    period : int
        Pasos de un ciclo.
    width : int
        Cuántos valores mira: un múltiplo de ``period``.
    horizon : int
        Cuántos pasos pronostica.
    seed : int
        Semilla de los pesos y del sorteo de ejemplos.
    updates : int, default 1500
        Cuántas actualizaciones, como mucho: con pocos ejemplos se queda en 20 vueltas. Si la red
        vale la pena, lo dirá la validación.
    hidden_size : int, default 48
        El tamaño del estado.

    Returns
    -------
    callable
        De ventanas ``(lote, ancho)`` y el plazo a ``(lote, horizonte)``: para
        :class:`~course_utils.forecasting.FromWindows`.

    Raises
    ------
    TypeError, ValueError
        Si ninguna serie da para un ejemplo o el ancho no es un múltiplo del ciclo.
    ImportError
        Si falta PyTorch.

    Examples
    --------
    >>> waves = [k + np.sin(np.arange(80) * np.pi / 4) for k in (1.0, 50.0)]
    >>> predict = fit_network(waves, period=8, width=16, horizon=3, seed=0, updates=2)
    >>> predict(np.stack([waves[0][:16], waves[1][:16]]), 3).shape
    (2, 3)
    """
    torch = _import_torch()
    period = as_int("period", period, minimum=1)
    width, horizon = as_int("width", width, minimum=1), as_int("horizon", horizon, minimum=1)
    if width % period:
        raise ValueError(
            f"width debe ser un múltiplo de period={period}, porque la red lee ciclos enteros; ha "
            f"llegado {width}. Usa {period * math.ceil(width / period)}."
        )
    flat, starts = _examples(histories, width + horizon)
    updates = min(updates, max(1, PASSES * len(starts) // BATCH))
    rng = np.random.default_rng(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = _build(torch, period, width, horizon, hidden_size)
    optimiser = torch.optim.Adam(net.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, updates)
    for _ in range(updates):
        chosen = rng.choice(starts, BATCH)
        both = flat[chosen[:, None] + np.arange(width + horizon)]
        mean, std = _scale(both[:, :width])
        scaled = torch.as_tensor((both - mean) / std, dtype=torch.float32)
        optimiser.zero_grad()
        # El error absoluto, que es lo que mide el MASE, y que un salto enorme no desborda.
        loss = (net(scaled[:, :width]) - scaled[:, width:]).abs().mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), CLIP)
        optimiser.step()
        schedule.step()

    def predict(windows: np.ndarray, steps: int) -> np.ndarray:
        windows = as_array("windows", windows, ndim=2, dtype="float64")
        mean, std = _scale(windows)
        with torch.no_grad():
            scaled = torch.as_tensor((windows - mean) / std, dtype=torch.float32)
            return (net(scaled).double().numpy() * std + mean)[:, :steps]

    return predict


def _examples(histories: Sequence[np.ndarray], length: int) -> tuple[np.ndarray, np.ndarray]:
    """Todas las series, una detrás de otra, y dónde empieza cada ejemplo entero de una de ellas."""
    histories = [as_array("history", h, ndim=1, dtype="float64") for h in histories]
    firsts = np.cumsum([0, *map(len, histories)])
    starts = [
        first + np.arange(len(history) - length + 1)
        for first, history in zip(firsts, histories, strict=False)
        if len(history) >= length
    ]
    if not starts:
        raise ValueError(
            f"Ninguna serie da para un ejemplo de {length} valores, la ventana y su plazo. Usa "
            "menos ancho o series más largas."
        )
    return np.concatenate(histories), np.concatenate(starts)


def _scale(windows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Media y desviación típica de cada ventana, (lote, 1); una plana se mide en unos."""
    mean, std = windows.mean(axis=1, keepdims=True), windows.std(axis=1, keepdims=True)
    flat = std <= 1e-9 * np.abs(windows).max(axis=1, keepdims=True)
    return mean, np.where(flat, 1.0, std)


def _build(torch: ModuleType, period: int, width: int, horizon: int, hidden_size: int) -> object:
    """La red: una GRU que lee ciclos, más una capa lineal de la ventana."""

    class CycleReader(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.recurrent = torch.nn.GRU(period, hidden_size, batch_first=True)
            self.head = torch.nn.Linear(hidden_size, horizon)
            self.skip = torch.nn.Linear(width, horizon)

        def forward(self, windows):  # (lote, ancho)
            cycles = windows.reshape(len(windows), -1, period)  # (lote, ciclos, periodo)
            _, last = self.recurrent(cycles)  # (1, lote, oculto)
            return self.head(last[0]) + self.skip(windows)

    return CycleReader()


def _import_torch() -> ModuleType:
    try:
        import torch
    except ImportError as error:
        from course_utils.requirements import install_command

        raise ImportError(
            "forecasting.network.fit_network necesita PyTorch y no se puede importar. "
            f"Instálalo con: {install_command('torch')}"
        ) from error
    return torch
