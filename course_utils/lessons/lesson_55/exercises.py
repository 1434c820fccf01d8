"""Hitos del proyecto 55: cómo se sortean sus casos y qué se compara.

Ninguno lanza procesos: un :class:`Meeting` hace de todos ellos, uno detrás de otro.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from course_utils.exercises.definition import Exercise
from course_utils.exercises.drawing import draw_sizes, torch_names

# ---------------------------------------------------------------- 55.1


def _draw_split(rng: np.random.Generator) -> tuple:
    """Un lote que no se divide justo entre los procesos y una vuelta que acaba en uno corto."""
    world, batch = int(rng.integers(2, 6)), int(rng.integers(6, 13))
    count = batch * int(rng.integers(2, 5)) + int(rng.integers(1, batch))
    return count, batch, world, int(rng.integers(1_000))


def _shares(answer: Callable[..., Any], count: int, batch: int, world: int, seed: Any) -> Any:
    """Lo que se lleva entre todos cada lote, y cuánto cada uno; quién se lleva qué da igual."""
    ranks = [answer(count, batch, rank, world, seed) for rank in range(world)]
    if any(share is None or share is Ellipsis for share in ranks):
        return None
    for share in ranks:
        _check_batches(share)
    lengths = sorted({len(share) for share in ranks})
    if len(lengths) > 1:
        raise TypeError(
            "todos los procesos deben dar los mismos lotes, aunque a alguno le toque uno vacío; "
            f"unos dan {lengths[0]} y otros {lengths[-1]}"
        )
    if lengths[0] != -(-count // batch):
        raise TypeError(
            f"la vuelta tiene {-(-count // batch)} lotes conjuntos y cada proceso trae {lengths[0]}"
        )
    found: dict[str, Any] = {}
    for step, parts in enumerate(zip(*ranks, strict=True), start=1):
        arrays = [np.asarray(part).ravel() for part in parts]
        found[f"filas del lote {step}, entre todos y ordenadas"] = np.sort(np.concatenate(arrays))
        found[f"tamaños del lote {step}"] = np.sort([len(array) for array in arrays])
    return found


def _check_batches(share: Any) -> None:
    """Que un proceso dé una lista de arrays de filas."""
    if not hasattr(share, "__len__"):
        raise TypeError(f"se esperaba una lista de lotes y ha llegado `{type(share).__name__}`")
    if not all(hasattr(rows, "__len__") and not any(map(np.ndim, rows)) for rows in share):
        raise TypeError(
            "de cada lote se esperaba un array de una dimensión: las filas de este proceso"
        )


SPLIT = Exercise(
    key="55.1",
    draw=_draw_split,
    # Un solo proceso; el último lote, con menos filas que procesos; un solo lote, corto; más
    # procesos que filas; todo justo; y la semilla con su vuelta.
    edges=(
        (7, 3, 1, 0),
        (13, 6, 3, 5),
        (5, 8, 2, 1),
        (9, 4, 5, 2),
        (12, 4, 2, 3),
        (11, 4, 3, (3, 1)),
    ),
    probe=_shares,
)


# ---------------------------------------------------------------- 55.2 y 55.3


class Meeting:
    """Hace de todos los procesos, uno detrás de otro, y de la suma entre ellos.

    Dos rondas: en la primera apunta lo que cada uno aporta a cada suma; en la segunda, se la da.
    """

    def __init__(self, world: int) -> None:
        self.given: list[list[Any]] = [[] for _ in range(world)]
        self.sums: list[Any] | None = None
        self.rank = self.place = 0

    def enter(self, rank: int) -> None:
        """Ahora habla este proceso."""
        self.rank, self.place = rank, 0

    def total(self, value: Any) -> Any:
        """La suma entre todos de lo que aporta cada uno, en un tensor nuevo."""
        import torch

        value = torch.as_tensor(value).detach().clone()
        if self.sums is None:
            self.given[self.rank].append(value)
            return value
        self.place += 1
        if self.place > len(self.sums):
            raise TypeError("cada proceso debe hacer siempre las mismas sumas")
        return self.sums[self.place - 1].clone()

    def all_reduce(
        self, tensor: Any, op: Any = None, group: Any = None, async_op: bool = False
    ) -> None:
        """Como ``distributed.all_reduce``: la suma queda en el mismo tensor."""
        import torch

        if op not in (None, torch.distributed.ReduceOp.SUM):
            raise TypeError("gloo no hace medias: `all_reduce` suma, y dividir te toca a ti")
        if group is not None or async_op:
            raise TypeError("llama a `all_reduce(tensor)`: con todos y esperando a que acabe")
        if not isinstance(tensor, torch.Tensor):
            raise TypeError(f"all_reduce espera un tensor y ha llegado `{type(tensor).__name__}`")
        with torch.no_grad():
            tensor.copy_(self.total(tensor))

    def finish_round(self) -> None:
        """Suma lo que ha aportado cada uno, si todos han aportado lo mismo."""
        counts = sorted({len(values) for values in self.given})
        if len(counts) > 1:
            raise TypeError(
                f"unos procesos hacen {counts[-1]} sumas y otros {counts[0]}: los primeros "
                "esperarían para siempre"
            )
        for values in zip(*self.given, strict=True):
            if len({(tuple(value.shape), value.dtype) for value in values}) > 1:
                raise TypeError(
                    "en una misma suma, cada proceso aporta un tensor de otra forma o de otro tipo"
                )
        self.sums = [sum(values) for values in zip(*self.given, strict=True)]


def _draw_losses(rng: np.random.Generator) -> tuple:
    """Las pérdidas de cada proceso, de longitudes distintas y con ceros en el relleno."""
    torch_names()
    world = int(rng.integers(2, 5))
    rows = draw_sizes(rng, world, range(1, 7))
    lengths = [rng.integers(1, 9 + 6 * rank, size=count) for rank, count in enumerate(rows)]
    return tuple(_table(rng, part) for part in lengths), tuple(lengths)


def _table(rng: np.random.Generator, lengths: np.ndarray) -> np.ndarray:
    steps = int(max(lengths, default=1)) + 1
    real = np.arange(steps) < lengths[:, None]
    return np.where(real, rng.gamma(2.0, 1.5, size=real.shape), 0.0)


def _loss_edges() -> tuple[tuple, ...]:
    """Un solo proceso; todos con lo mismo; uno sin filas; y tres muy distintos."""
    rng, cases = np.random.default_rng(5502), []
    for shares in (((4, 2, 5),), ((3, 3), (3, 3)), ((6, 1, 2), ()), ((2,), (9, 7, 8), (1, 1))):
        lengths = tuple(np.array(share, dtype=np.int64) for share in shares)
        cases.append((tuple(_table(rng, part) for part in lengths), lengths))
    cases[1][0][0][0, 0] = 0.0  # un paso real también puede valer cero
    return tuple(cases)


@contextlib.contextmanager
def _no_group() -> Iterator[None]:
    """Aquí no hay procesos de verdad: a quien los use se le dice en español."""
    try:
        yield
    except (RuntimeError, ValueError) as error:
        if "process group" not in str(error):
            raise
        raise TypeError(
            "aquí no hay procesos de verdad: usa la función que recibes, `total` o `all_reduce`"
        ) from None


def _joint_gradient(answer: Callable[..., Any], tables: tuple, lengths: tuple) -> Any:
    """El gradiente que queda tras promediar, respecto de cada pérdida, y si le llega alguno."""
    import torch

    world, meeting = len(tables), Meeting(len(tables))
    for final in (False, True):
        leaves = [torch.tensor(table, requires_grad=True) for table in tables]
        values = []
        for rank, (leaf, own) in enumerate(zip(leaves, lengths, strict=True)):
            meeting.enter(rank)
            losses, steps = leaf * 1.0, torch.tensor(own)
            with _no_group():
                values.append(answer(losses, steps, meeting.total, world))
            tables[rank][:] = losses.detach().numpy()  # si los ha cambiado, que se note
            own[:] = steps.numpy()
        if any(value is None or value is Ellipsis for value in values):
            return None
        if not final:
            meeting.finish_round()
    found = {}
    for rank, (leaf, value) in enumerate(zip(leaves, values, strict=True)):
        if not isinstance(value, torch.Tensor) or value.numel() != 1:
            raise TypeError("se esperaba un tensor de un solo número: la pérdida de un proceso")
        if value.requires_grad:
            value.backward()
        slope = torch.zeros_like(leaf) if leaf.grad is None else leaf.grad
        real = (
            np.arange(leaf.shape[1]) < lengths[rank][:, None]
        )  # el relleno no lleva a ningún peso
        found[f"gradiente del proceso {rank}"] = np.where(real, slope.numpy() / world, 0.0)
    for rank, leaf in enumerate(leaves):  # sin él, sus parámetros se quedan sin `grad`
        found[f"al proceso {rank} le llega gradiente, aunque sea de ceros"] = leaf.grad is not None
    return found


LOSS = Exercise(
    key="55.2",
    draw=_draw_losses,
    edges=_loss_edges(),
    probe=_joint_gradient,
    namespace=torch_names,
    tolerance=1e-9,
)


def _draw_network(rng: np.random.Generator) -> tuple:
    torch_names()
    inputs, hidden, world = draw_sizes(rng, 3, range(2, 6))
    return inputs, hidden, world, int(rng.integers(1_000))


def _averaged(answer: Callable[..., Any], inputs: int, hidden: int, world: int, seed: int) -> Any:
    """Los gradientes con que se queda cada proceso y cuántos viajes ha costado."""
    meeting = Meeting(world)
    for final in (False, True):
        rng = np.random.default_rng(seed)
        models = [_network(rng, inputs, hidden) for _ in range(world)]
        for rank, model in enumerate(models):
            meeting.enter(rank)
            with _no_group():
                answer(model, meeting.all_reduce, world)
        if not final:
            meeting.finish_round()
    found: dict[str, Any] = {"viajes": len(meeting.sums)}
    for rank, model in enumerate(models):
        for name, part in model.named_parameters():
            found[f"proceso {rank}, {name}"] = part.detach().numpy().copy()
            if part.requires_grad:
                found[f"proceso {rank}, gradiente de {name}"] = part.grad.numpy().copy()
            else:
                found[f"proceso {rank}, {name} sigue sin gradiente"] = part.grad is None
    return found


def _network(rng: np.random.Generator, inputs: int, hidden: int) -> Any:
    """Una red con gradientes al azar y un parámetro congelado, que no tiene."""
    import torch

    class Network(torch.nn.ModuleDict):
        def __deepcopy__(self, memo):
            raise TypeError("PyTorch copia los pesos sin su gradiente")

    model = Network(
        {"gru": torch.nn.GRU(inputs, hidden), "output": torch.nn.Linear(hidden, inputs)}
    ).double()
    model["output"].bias.requires_grad_(False)
    for part in model.parameters():
        with torch.no_grad():
            part.fill_(float(rng.normal()))  # distintos: que se note si se tocan
        if part.requires_grad:
            part.grad = torch.from_numpy(rng.normal(size=tuple(part.shape)))
    return model


AVERAGE = Exercise(
    key="55.3",
    draw=_draw_network,
    edges=((3, 4, 1, 7), (2, 5, 3, 8)),
    probe=_averaged,
    namespace=torch_names,
    tolerance=1e-9,
)


# ---------------------------------------------------------------- 55.4


def _draw_arrivals(rng: np.random.Generator) -> tuple:
    """Una rejilla, un libro empezado y lo que va llegando, con repetidos y con puntos de otra."""
    points = [{"rate": rate, "seed": seed} for rate in (0.001, 0.01) for seed in range(4)]
    points = [_shuffled(rng, points[k]) for k in rng.permutation(len(points))]
    others = [{"rate": 0.5, "seed": 0}, {"rate": 0.001, "seed": 9}]
    kept = int(rng.integers(1, 4))
    book = [(_shuffled(rng, point), _score(rng)) for point in points[:kept]]
    pool = [*points[: kept + 1], *points[1:6], *others]
    chosen = rng.permutation(len(pool))[: int(rng.integers(5, len(pool)))]
    arrivals = [(_shuffled(rng, pool[k]), _score(rng)) for k in [*chosen, chosen[0], chosen[2]]]
    return points, book, arrivals


def _score(rng: np.random.Generator) -> float:
    return round(float(rng.uniform(2, 5)), 3)


def _shuffled(rng: np.random.Generator, point: dict) -> dict:
    """El mismo punto, con sus parámetros quizá en otro orden."""
    names = sorted(point, reverse=bool(rng.integers(2)))
    return {name: point[name] for name in names}


def _arrival_edges() -> tuple[tuple, ...]:
    """Nada; todo de nuevas; el libro entero; repetidos y de otra rejilla; valores que se cruzan."""
    a, b = {"rate": 0.1, "seed": 0}, {"rate": 0.1, "seed": 1}
    turned = {"seed": 0, "rate": 0.1}
    return (
        ([a, b], [], []),
        ([a, b], [], [(b, 2.0), (a, 3.0)]),
        ([b, a], [(a, 3.0), (b, 2.0)], [(b, 2.5)]),
        ([a, b], [(a, 3.0)], [(turned, 3.5), (turned, 3.0)]),
        ([a], [({"rate": 9.0, "seed": 0}, 1.0)], [(b, 2.0), (b, 2.0), (a, 4.0)]),
        ([a, b], [(turned, 3.0), (a, 3.5)], [(b, 2.0)]),
        ([turned, b], [], [(a, 3.0), (turned, 3.5)]),
        ([{"size": 1, "seed": 2}, {"size": 2, "seed": 1}], [], [({"seed": 1, "size": 2}, 0.0)]),
    )


def _settled(answer: Callable[..., Any], points: list, book: list, arrivals: list) -> Any:
    """El libro, lo que falta y los repetidos; los puntos, como texto."""
    result = answer(points, book, arrivals)
    if result is None:
        return None
    if not isinstance(result, tuple | list) or len(result) != 3:
        raise TypeError("se esperaban tres cosas: el libro, los que faltan y cuántos se repiten")
    kept, missing, repeated = result
    if not all(isinstance(part, list | tuple) for part in (kept, missing)):
        raise TypeError("el libro y los puntos que faltan deben ser dos listas")
    if not all(isinstance(entry, list | tuple) and len(entry) == 2 for entry in kept):
        raise TypeError("el libro es una lista de parejas `(punto, valor)`")
    if not all(isinstance(point, dict) for point in [*missing, *(point for point, _ in kept)]):
        raise TypeError("un punto de la rejilla es un diccionario")
    return {
        "puntos del libro": [json.dumps(point, sort_keys=True) for point, _ in kept],
        "valores del libro": np.array([value for _, value in kept], dtype=float),
        "faltan": [json.dumps(point, sort_keys=True) for point in missing],
        "repetidos": repeated,
    }


SETTLE = Exercise(
    key="55.4",
    draw=_draw_arrivals,
    edges=_arrival_edges(),
    probe=_settled,
    namespace=lambda: {"json": json},
)

EXERCISES = (SPLIT, LOSS, AVERAGE, SETTLE)
