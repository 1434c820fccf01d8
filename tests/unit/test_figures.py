"""Lo que cumplen todas las figuras del curso, de la primera a la que aún no existe."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping

import matplotlib.pyplot as plt
import matplotlib.style
import numpy as np
import pytest

from course_utils.training import History
from tests.unit.drawn import (
    count_artists,
    everything_written,
    hidden,
    is_labelled,
    titles,
)
from tests.unit.figure_examples import EXAMPLES, Example, figure, figure_names

every_figure = pytest.mark.parametrize(
    ("name", "example"), EXAMPLES.items(), ids=[name.rpartition(".")[2] for name in EXAMPLES]
)
SPANISH = ("espera", "debe", "llegado", "hacen falta", "distingue", "no está en", "queda por")


@pytest.fixture(autouse=True)
def course_style():
    with matplotlib.style.context("course_utils.plotting.curso"):
        yield


def draw(
    name: str, example: Example, args: tuple | None = None, /, **options: object
) -> plt.Figure:
    """La figura nueva con un ejemplo, o con otros datos y otras opciones."""
    plt.close("all")
    figure(name)(*(example.args if args is None else args), **(dict(example.options) | options))
    return plt.gcf()


def change(value: object, how: Callable, *, once: bool = False) -> object:
    """Una copia de unos datos con los números cambiados: todos o solo los primeros."""
    done = False

    def walk(value):
        nonlocal done
        if done and once:
            return value
        if isinstance(value, Mapping):
            return {name: walk(item) for name, item in value.items()}
        if isinstance(value, History):
            return History({name: walk(item) for name, item in value.values.items()})
        if hasattr(value, "_fields"):
            return type(value)(*map(walk, value))
        if isinstance(value, list | tuple):
            return type(value)(map(walk, value))
        number = isinstance(value, float) or (
            isinstance(value, np.ndarray) and value.dtype.kind == "f"
        )
        done |= number
        return how(value) if number else value

    return walk(value)


def with_series(example: Example, count: int) -> tuple[tuple, dict]:
    """El ejemplo con ``count`` series: copias de la primera con otro nombre."""

    def grown(value):
        extra = count - len(value)
        first = next(iter(value.values()))
        return dict(value) | {f"Serie {place}": first for place in range(extra)}

    args = tuple(grown(arg) if isinstance(arg, Mapping) else arg for arg in example.args)
    return args, {name: grown(example.options[name]) for name in example.series}


def in_spanish(error: Exception) -> bool:
    """Si el mensaje es de los nuestros, que dicen qué se esperaba o qué ha llegado."""
    return any(word in str(error) for word in SPANISH)


def initial_series(example: Example) -> int:
    return max((len(arg) for arg in example.args if isinstance(arg, Mapping)), default=0)


def test_every_figure_has_an_example():
    missing = sorted(set(figure_names()) - set(EXAMPLES))
    gone = sorted(set(EXAMPLES) - set(figure_names()))
    assert not missing, f"Falta su ejemplo en tests/unit/figure_examples.py: {missing}"
    assert not gone, f"Sobra en tests/unit/figure_examples.py: {gone}"


@every_figure
def test_it_has_the_agreed_shape(name, example):
    options = inspect.signature(figure(name)).parameters
    where = "axes" if example.panels else "ax"
    for option in ("title", where):
        assert options[option].kind is inspect.Parameter.KEYWORD_ONLY
        assert options[option].default is None


@every_figure
def test_it_draws_where_it_is_told_or_makes_one_figure(name, example):
    given = list(plt.figure(figsize=(6, 9)).subplots(max(example.panels, 1), squeeze=False)[:, 0])
    option = {"axes": given} if example.panels else {"ax": given[0]}
    returned = figure(name)(*example.args, **example.options, **option)
    assert (returned == given) if example.panels else (returned is given[0])
    assert len(plt.get_fignums()) == 1
    if example.panels:
        with pytest.raises(ValueError, match="hacen falta"):
            figure(name)(*example.args, **example.options, axes=[*given, given[0]])
    plt.close("all")
    figure(name)(*example.args, **example.options)
    assert len(plt.get_fignums()) == 1


@every_figure
def test_its_axes_say_what_they_measure(name, example):
    panels = draw(name, example).axes[: max(example.panels, 1)]
    assert any(is_labelled(ax, "x") for ax in panels)
    assert any(is_labelled(ax, "y") for ax in panels)


@every_figure
def test_its_title_is_the_one_it_is_given(name, example):
    assert sorted(titles(draw(name, example))) == sorted(example.names)
    given = titles(draw(name, example, title="Lo que se ve"))
    assert sorted(given) == sorted([*example.names, "Lo que se ve"])


@every_figure
def test_no_series_is_lost(name, example):
    """Una serie más se dibuja, con su nombre, o es un error."""
    start = initial_series(example)
    if not start:
        return
    most = example.most or start + 4
    args, options = with_series(example, start)
    drawn = count_artists(draw(name, example, args, **options))
    for count in range(start + 1, most + 1):
        args, options = with_series(example, count)
        now = draw(name, example, args, **options)
        assert count_artists(now) > drawn, count
        assert f"serie {count - start - 1}" in everything_written(now), count
        drawn = count_artists(now)
    if example.most:
        args, options = with_series(example, most + 1)
        with pytest.raises(ValueError, match=r"series como mucho|Se esperaban"):
            draw(name, example, args, **options)


CHANGES = {
    "tal cual": lambda number: number,
    "negativos": lambda number: -3.0 * number - 1.0,
    "enormes": lambda number: 1e3 * number,
    "diminutos": lambda number: 1e-3 * number,
    "ceros": lambda number: number * (np.arange(np.size(number)).reshape(np.shape(number)) % 3 > 0),
}


@pytest.mark.parametrize("how", CHANGES.values(), ids=CHANGES)
@every_figure
def test_no_axis_hides_data(name, example, how):
    """Se ve todo lo que se dibuja; lo que no se puede dibujar se rechaza en español."""
    try:
        drawn = draw(name, example, change(example.args, how))
    except (TypeError, ValueError) as error:
        if how is CHANGES["tal cual"] or not in_spanish(error):
            raise
    else:
        assert hidden(drawn) == []


def broken(example: Example) -> dict[str, tuple[tuple, dict]]:
    """Llamadas que hay que rechazar."""
    args, calls = example.args, {}
    for place, arg in enumerate(args):
        rest = args[:place], args[place + 1 :]
        if isinstance(arg, Mapping):
            calls[f"{place} vacío"] = (*rest[0], {}, *rest[1]), {}
            calls[f"{place} sin nombres"] = (*rest[0], list(arg.values()), *rest[1]), {}
        if isinstance(arg, Mapping) and sum(isinstance(one, Mapping) for one in args) > 1:
            calls[f"{place} sin un nombre"] = (*rest[0], dict([*arg.items()][1:]), *rest[1]), {}
        if isinstance(arg, np.ndarray):
            calls[f"{place} de letras"] = (*rest[0], arg.astype(str), *rest[1]), {}
            calls[f"{place} vacío"] = (*rest[0], arg[:0], *rest[1]), {}
            calls[f"{place} de más ejes"] = (*rest[0], arg[None], *rest[1]), {}
    changes = {} if example.gaps else {"con NaN": lambda number: np.nan * number}
    if not example.ragged:
        changes["recortado"] = lambda number: number[:-1] if np.ndim(number) else number
    for label, how in changes.items():
        changed = change(args, how, once=True)
        if repr(changed) != repr(args):
            calls[label] = changed, {}
    return calls | {f"opciones {place}": (args, bad) for place, bad in enumerate(example.bad)}


@every_figure
def test_bad_input_is_told_in_spanish(name, example):
    for label, (args, options) in broken(example).items():
        with pytest.raises((TypeError, ValueError)) as caught:
            draw(name, example, args, **options)
        assert in_spanish(caught.value), (label, caught.value)
