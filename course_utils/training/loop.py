"""El bucle: :func:`fit` y lo que hace en cada época."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.training.arguments import (
    Job,
    check_arguments,
    check_path,
    describe_value,
    trained_parameters,
)
from course_utils.training.checkpoint import (
    State,
    describe_run,
    go_back,
    history_of,
    is_over,
    read_checkpoint,
    take_state,
    write_checkpoint,
)
from course_utils.training.history import History, count_epochs
from course_utils.training.progress import ProgressLine
from course_utils.training.shapes import measure_pairs
from course_utils.validation import as_int

if TYPE_CHECKING:
    import torch

    from course_utils.training.arguments import Measure


class DivergenceError(ArithmeticError):
    """El entrenamiento ha llegado a valores que no son finitos.

    Attributes
    ----------
    history : History
        Las épocas completas, que son las anteriores.
    """

    history: History


def fit(
    model: torch.nn.Module,
    train: Sequence,
    *,
    loss: Measure,
    optimizer: torch.optim.Optimizer,
    epochs: int,
    batch_size: int = 32,
    validation: Sequence | None = None,
    clip_norm: float | None = None,
    patience: int | None = None,
    seed: int = 0,
    progress: bool = True,
    checkpoint: str | os.PathLike | None = None,
    metrics: Mapping[str, Measure] | None = None,
) -> History:
    """Entrena ``model`` y devuelve su historial.

    Acabe como acabe, el modelo queda como al final de la última época completa (con ``patience``,
    como al final de la mejor) y en modo ``eval()``, listo para predecir.

    Parameters
    ----------
    model : torch.nn.Module
        El modelo; se modifica. Los datos van a su dispositivo y los decimales, a su precisión.
    train : sequence of array_like
        Arrays o tensores con un ejemplo por fila: el último es el objetivo y los demás se pasan al
        modelo en ese orden. ``(x, y)`` o, con secuencias empaquetadas, ``(x, lengths, y)``. El
        objetivo tiene la forma de la salida, salvo que la pérdida pida otra (``cross_entropy``).
    loss : callable
        ``loss(salidas, objetivos)``: la media del lote, en un tensor de un solo número.
    optimizer : torch.optim.Optimizer
        Con los parámetros de este modelo.
    epochs : int
        Cuántas épocas, contadas las que ya estén en ``checkpoint``.
    batch_size : int, default 32
        Ejemplos por lote; el último de cada época puede traer menos.
    validation : sequence of array_like, optional
        Como ``train``. Se mide al final de cada época, en modo ``eval()`` y sin gradientes.
    clip_norm : float, optional
        Norma máxima del gradiente entero (Pascanu et al., 2013); si la pasa, se reduce hasta ella.
    patience : int, optional
        Cuántas épocas seguidas sin mejorar en validación se esperan antes de parar.
    seed : int, default 0
        De ella dependen el orden de los datos y el dropout.
    progress : bool, default True
        Si se muestra una línea con lo que falta. Solo cuando hay alguien mirando, y se borra.
    checkpoint : str or path, optional
        Archivo en el que se guarda el estado al final de cada época. Si ya existe, se sigue desde
        él: el resultado es el mismo, bit a bit, que sin la interrupción. Lo escribe un solo
        proceso a la vez.
    metrics : mapping of str to callable, optional
        Otras medidas, con la misma forma que ``loss``.

    Returns
    -------
    History
        ``loss`` y las métricas son medias por ejemplo; las de entrenamiento se toman mientras el
        modelo cambia, como en Keras. ``grad_norm`` y ``grad_norm_max`` son la media y el máximo de
        la norma del gradiente antes de recortarlo.

    Raises
    ------
    TypeError, ValueError
        Si un argumento no vale, las salidas no tienen la forma de los objetivos y PyTorch los
        difundiría, o ``checkpoint`` está dañado o es de otro entrenamiento. No se ha tocado ni el
        modelo ni el archivo.
    FileNotFoundError
        Si la carpeta de ``checkpoint`` no existe.
    OSError
        Si no se puede escribir. Lo guardado en la época anterior sigue ahí.
    DivergenceError
        Si la pérdida, el gradiente o un parámetro dejan de ser finitos.

    Notes
    -----
    El orden de la época ``e``, contada desde 1, es ``default_rng((seed, e)).permutation(n)``, con
    el ``default_rng`` de NumPy. El dropout también se siembra en cada época con ``(seed, e)``, y al
    acabar el generador global de PyTorch queda como estaba. Si el modelo usa otro azar (el de
    NumPy, por ejemplo), lo reanudado no será igual que lo seguido.

    Con ``KeyboardInterrupt`` (el botón de parar) no hay excepción: devuelve las épocas completas.

    Examples
    --------
    >>> import torch
    >>> x = np.linspace(-1, 1, 64)[:, None]
    >>> model = torch.nn.Linear(1, 1)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    >>> history = fit(model, (x, 2 * x), loss=torch.nn.MSELoss(), optimizer=optimizer, epochs=20)
    >>> history.epochs, bool(history["loss"][-1] < 0.01), model.training
    (20, True, False)
    """
    import torch

    job = check_arguments(
        model, train, loss, optimizer, batch_size, validation, clip_norm, patience, seed, metrics
    )
    epochs = as_int("epochs", epochs, minimum=1)
    state = take_state(job, {name: [] for name in job.names}, seconds=0.0)
    path = None if checkpoint is None else check_path(checkpoint)
    run = [] if path is None else describe_run(job)
    if path is not None and path.exists():
        state = read_checkpoint(path, run, epochs)
        print(_describe_start(job, path, state, epochs))
        go_back(job, state)

    device = job.train[0].device
    try:
        with (
            ProgressLine(
                progress, epochs=epochs, steps=job.steps, done=history_of(state).epochs
            ) as line,
            # El azar de aquí dentro se siembra en cada época y no cambia el de fuera.
            torch.random.fork_rng([device] if device.type == "cuda" else []),
        ):
            while not is_over(job, state, epochs):
                start = time.perf_counter()
                epoch = history_of(state).epochs + 1
                measured = _train_epoch(job, epoch, line) | _evaluate(job, epoch)
                values = {name: [*state["values"][name], measured[name]] for name in job.names}
                seconds = state["seconds"] + time.perf_counter() - start
                state = take_state(job, values, seconds, best=state["best"])
                line.validation = measured.get("val_loss", math.nan)
                if path is not None:
                    write_checkpoint(path, {**state, "run": run})
    except KeyboardInterrupt:
        print(_describe_interruption(state, resumable=path is not None))
    except DivergenceError as error:
        error.history = history_of(state)
        raise
    finally:
        go_back(job, state, best=True)
        model.eval()
    return history_of(state)


def _train_epoch(job: Job, epoch: int, line: ProgressLine) -> dict[str, float]:
    """Una pasada por los datos de entrenamiento; devuelve lo que ha medido."""
    import torch

    rng = np.random.default_rng((job.seed, epoch))
    order = torch.from_numpy(rng.permutation(len(job.train[0])))
    torch.manual_seed(int(rng.integers(2**32)))  # de aquí sale el dropout
    parameters = trained_parameters(job.optimizer)
    limit = math.inf if job.clip_norm is None else job.clip_norm
    sums, norms, seen = dict.fromkeys(["loss", *job.metrics], 0.0), [], 0
    job.model.train()
    for step, chosen in enumerate(order.split(job.batch_size), start=1):
        where = f"la época {epoch}, paso {step} de {job.steps}"
        *inputs, targets = (tensor[chosen] for tensor in job.train)
        job.optimizer.zero_grad()
        outputs = job.model(*inputs)
        loss = _check_loss(measure_pairs("loss", job.loss, outputs, targets))
        value = loss.item()
        _check_finite(job, "La pérdida", value, where)
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(parameters, limit).item())  # sin recortar
        _check_finite(job, "La norma del gradiente", norms[-1], where)
        job.optimizer.step()
        seen += len(targets)
        sums["loss"] += value * len(targets)
        _add(sums, job.metrics, outputs, targets)
        line.update(epoch, step, sums["loss"] / seen)
    if not all(torch.isfinite(parameter).all() for parameter in parameters):
        _check_finite(job, "Algún parámetro", math.nan, where)
    means = {name: total / seen for name, total in sums.items()}
    return {**means, "grad_norm": sum(norms) / len(norms), "grad_norm_max": max(norms)}


def _evaluate(job: Job, epoch: int) -> dict[str, float]:
    """Las medias de validación, con ``val_`` delante; nada si no hay datos."""
    import torch

    if job.validation is None:
        return {}
    measures = {"loss": job.loss, **job.metrics}
    sums = dict.fromkeys(measures, 0.0)
    job.model.eval()
    with torch.no_grad():
        batches = (tensor.split(job.batch_size) for tensor in job.validation)
        for *inputs, targets in zip(*batches, strict=True):
            _add(sums, measures, job.model(*inputs), targets)
    means = {f"val_{name}": total / len(job.validation[0]) for name, total in sums.items()}
    _check_finite(job, "La pérdida de validación", means["val_loss"], f"la época {epoch}")
    return means


def _add(
    sums: dict[str, float], measures: Mapping[str, Measure], outputs: Any, targets: torch.Tensor
) -> None:
    """Suma a ``sums`` las medidas de un lote, que pesan según sus ejemplos."""
    import torch

    with torch.no_grad():
        for name, measure in measures.items():
            value = measure_pairs(name, measure, outputs, targets)
            try:
                sums[name] += float(value) * len(targets)
            except (TypeError, ValueError, RuntimeError) as error:
                raise TypeError(
                    f"La medida {name!r} debe devolver un solo número por lote; ha llegado "
                    f"{describe_value(value)}. Termínala, por ejemplo, con .mean()."
                ) from error


def _check_loss(value: object) -> torch.Tensor:
    import torch

    if isinstance(value, torch.Tensor) and value.numel() == 1 and value.requires_grad:
        return value
    raise TypeError(
        "loss(salidas, objetivos) debe devolver un tensor de un solo número, calculado con las "
        f"salidas del modelo; ha llegado {describe_value(value)}. Usa, por ejemplo, "
        "loss=torch.nn.MSELoss()."
    )


def _check_finite(job: Job, what: str, value: float, where: str) -> None:
    if math.isfinite(value):
        return
    rate = float(job.optimizer.param_groups[0]["lr"])
    limit = 1.0 if job.clip_norm is None else job.clip_norm / 10
    raise DivergenceError(
        f"{what} ha llegado a {value} en {where}. Prueba con una tasa de aprendizaje menor "
        f"que la actual, {rate:g}, o recorta el gradiente con clip_norm={limit:g}. El modelo queda "
        "como en la última época buena."
    )


def _describe_start(job: Job, path: Path, state: State, epochs: int) -> str:
    done = history_of(state).epochs
    if is_over(job, state, epochs):
        return (
            f"{path.name} ya estaba completo, con {count_epochs(done)}: no hay nada que entrenar."
        )
    return f"Sigo desde {path.name}: {count_epochs(done)} de {epochs} ya hechas."


def _describe_interruption(state: State, *, resumable: bool) -> str:
    history = history_of(state)
    epoch = f"Interrumpido en la época {history.epochs + 1}"
    if not history.epochs:
        return f"{epoch}: el modelo queda como estaba."
    kept = history.epochs if state["best"] is None else history.best_epoch
    how = " Para seguir, repite la llamada." if resumable else ""
    return f"{epoch}: el modelo queda como al final de la época {kept}.{how}"
