"""Figuras del proyecto 55: quién hace qué, cuánto se desvía, en qué se va el tiempo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plotting.canvas import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    log_scale,
    new_axes,
    reach,
    set_title,
)
from course_utils.plotting.diagrams import block, new_diagram, symbol, wire, word
from course_utils.plotting.labels import End, draw_rows, label_ends
from course_utils.plotting.series import as_curves, as_numbers, same_length, same_names, styled
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOOKS = ((BLUE, "-"), (ORANGE, "--"), (GREEN, "-."), (PURPLE, ":"))
PARTS = (("la cuenta", BLUE, ""), ("esperar al más lento", GREY, "..."), ("sumar", ORANGE, "///"))


def plot_two_processes(*, title: str | None = None, ax: Axes | None = None) -> Axes:
    """Dos procesos que entrenan como uno: cada uno sus filas, y los gradientes se juntan.

    Parameters
    ----------
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> texts = [text.get_text() for text in plot_two_processes().texts]
    >>> [text for text in texts if "$" not in text]
    ['lote conjunto', 'proceso 0', 'red', 'proceso 1', 'red', 'all-reduce', 'el mismo paso']
    """
    ax = new_diagram(ax, 15.6, 5.6)
    middle = 2.6
    word(ax, (1.7, middle), "lote conjunto")
    for rank, row in enumerate((4.2, 1.0)):
        wire(
            ax, (1.7, middle + (0.4 if row > middle else -0.4)), (1.7, row), (3.0, row), color=GREY
        )
        symbol(ax, (3.8, row), f"$x^{{({rank})}}$")
        word(ax, (6.3, row + 0.85), f"proceso {rank}", color=BLUE)
        block(ax, (6.3, row), 2.0, "red", color=BLUE)
        symbol(ax, (8.7, row), f"$g^{{({rank})}}$")
        wire(ax, (4.5, row), (5.3, row))
        wire(ax, (7.3, row), (8.1, row))
        wire(ax, (9.3, row), (10.5, row), (10.5, middle + (0.4 if row > middle else -0.4)))
    block(ax, (10.5, middle), 2.8, "all-reduce", color=ORANGE)
    wire(ax, (11.9, middle), (12.6, middle))
    word(ax, (14.1, middle), "el mismo paso")
    set_title(ax, title)
    return ax


def plot_deviations(
    deviations: Mapping[str, float],
    *,
    tolerance: float = 1e-6,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Cuánto se aparta cada gradiente del que daría un solo proceso, en partes de su tamaño.

    Parameters
    ----------
    deviations : mapping of str to float
        La desviación relativa de cada caso; ninguna negativa.
    tolerance : float, default 1e-6
        Lo que se admite.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si alguna es negativa.

    Examples
    --------
    >>> ax = plot_deviations({"bien": 1e-15, "mal": 0.05})
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['bien', 'mal']
    """
    deviations = as_numbers("deviations", deviations)
    if negative := [name for name, value in deviations.items() if value < 0]:
        raise ValueError(
            f"Una desviación debe ser cero o positiva; es negativa la de {', '.join(negative)}. "
            "Pasa su valor absoluto."
        )
    ax = new_axes(ax, (7.2, 1.2 + 0.42 * len(deviations)))
    looks = [(BLUE, "o") if value < tolerance else (ORANGE, "s") for value in deviations.values()]
    draw_rows(ax, {name: np.array([value]) for name, value in deviations.items()}, looks)
    ax.axvline(tolerance, color=GREY, ls=":", lw=1.6)
    values = np.array([*deviations.values(), tolerance])
    log_scale(ax, values, axis="x")
    reach(ax, values.min() / 3, 3 * values.max(), axis="x")
    ax.set(xlabel="desviación relativa del gradiente; a puntos, lo admitido", ylabel="caso")
    set_title(ax, title)
    return ax


def plot_step_parts(
    parts: Mapping[str, np.ndarray],
    *,
    whole: Mapping[str, np.ndarray] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """En qué se va una actualización, de reloj, en cada configuración.

    Parameters
    ----------
    parts : mapping of str to ndarray of shape (3,)
        Milisegundos de hacer la cuenta, de esperar al más lento y de sumar los gradientes.
    whole : mapping of str to ndarray of shape (repeticiones,), optional
        Lo que ha tardado entera cada repetición: una raya va de la más corta a la más larga.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no son tres partes o alguna es negativa.

    Examples
    --------
    >>> ax = plot_step_parts({"1 proceso": np.array([60.0, 0.0, 1.0])})
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['la cuenta', 'esperar al más lento', 'sumar']
    """
    parts = as_curves("parts", parts)
    for name, values in parts.items():
        if len(values) != len(PARTS) or (values < 0).any():
            raise ValueError(
                f"Se esperaban tres tiempos que no sean negativos en {name!r}; ha llegado "
                f"{values.tolist()}. Pasa la cuenta, la espera y la suma."
            )
    ax = new_axes(ax, (7.4, 1.5 + 0.45 * len(parts)))
    places, start = np.arange(len(parts)), np.zeros(len(parts))
    for (label, color, hatch), values in zip(PARTS, np.stack([*parts.values()]).T, strict=True):
        ax.barh(places, values, 0.62, left=start, color=color, hatch=hatch, ec="white", label=label)
        start = start + values
    if whole is not None:
        same_names("las configuraciones", parts, whole)
        ends = [(np.min(whole[name]), np.max(whole[name])) for name in parts]
        ax.hlines(places, *zip(*ends, strict=True), color="black", lw=1.6)
    ax.set_yticks(places, list(parts))
    ax.invert_yaxis()
    ax.set(xlabel="milisegundos de reloj por actualización", ylabel="configuración")
    ax.grid(axis="y", visible=False)
    ax.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False)
    set_title(ax, title, pad=26)
    return ax


def plot_shifts(
    spans: Mapping[str, np.ndarray],
    labels: Mapping[str, Sequence[str]],
    *,
    deaths: Mapping[str, float] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Qué punto medía cada trabajador en cada momento y cuándo murió el que murió.

    Parameters
    ----------
    spans : mapping of str to ndarray of shape (encargos, 2)
        De cada trabajador, el principio y el final de cada encargo, en segundos.
    labels : mapping of str to sequence of str
        Qué punto era cada uno.
    deaths : mapping of str to float, optional
        El segundo en que murió un trabajador: lo que estaba haciendo entonces queda tachado.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no hay una etiqueta por encargo, los trabajadores no coinciden o un encargo acaba antes
        de empezar.

    Examples
    --------
    >>> spans = {"A": np.array([[0.0, 1.0], [1.0, 1.5]])}
    >>> ax = plot_shifts(spans, {"A": ["1", "2"]}, deaths={"A": 1.5})
    >>> [text.get_text() for text in ax.texts]
    ['1', '2', 'muere']
    """
    spans, deaths = as_curves("spans", spans, ndim=2), dict(deaths or {})
    same_names("los trabajadores", spans, labels)
    ax = new_axes(ax, (7.6, 1.2 + 0.75 * len(spans)))
    for row, (name, times) in enumerate(spans.items()):
        same_length({f"spans[{name!r}]": times, f"labels[{name!r}]": labels[name]})
        if times.shape[1] != 2 or (times[:, 1] < times[:, 0]).any():
            raise ValueError(
                f"Se esperaban un principio y un final no anterior en cada encargo de {name!r}; "
                "ha llegado alguno al revés o de más. Pasa dos columnas."
            )
        end = deaths.get(name)
        for (start, stop), label in zip(times, labels[name], strict=True):
            lost = end is not None and stop >= end
            look = {"color": ORANGE, "hatch": "xxx"} if lost else {"color": BLUE}
            ax.barh(row, stop - start, 0.6, left=start, ec="white", **look)
            style = {"color": "white", "weight": "bold", "ha": "center", "va": "center"}
            ax.text((start + stop) / 2, row, label, fontsize=7, **style)
        if end is not None:
            ax.plot(end, row, "X", color="black", ms=9)
            ax.annotate("muere", (end, row), (9, 0), textcoords="offset points", va="center")
    ax.set_yticks(range(len(spans)), list(spans))
    ax.set_ylim(len(spans) - 0.5, -0.5)
    ax.set(xlabel="segundos", ylabel="trabajador")
    ax.grid(axis="y", visible=False)
    set_title(ax, title)
    return ax


def plot_efficiency(
    machines: np.ndarray,
    curves: Mapping[str, np.ndarray],
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Qué parte del tiempo se calcula, y no se espera, según las máquinas.

    Parameters
    ----------
    machines : ndarray of shape (n,)
        Cuántas.
    curves : mapping of str to ndarray of shape (n,)
        La parte aprovechada en cada caso, en tanto por uno; cuatro como mucho.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si las longitudes difieren o hay más de cuatro curvas.

    Examples
    --------
    >>> ax = plot_efficiency(np.array([1.0, 10.0]), {"aula": np.array([1.0, 0.4])})
    >>> [text.get_text() for text in ax.texts]
    ['aula']
    """
    machines = as_array("machines", machines, ndim=1, min_length=1)
    curves, ends = as_curves("curves", curves), []
    ax = new_axes(ax, (7.2, 3.6))
    for name, values, (color, style) in styled(curves, LOOKS):
        same_length({"machines": machines, f"curves[{name!r}]": values})
        ax.plot(machines, 100 * values, color=color, ls=style, lw=2.2)
        ends.append(End(name, machines[-1], 100 * values[-1], color))
    log_scale(ax, machines, axis="x")
    reach(ax, 0, 100)
    ax.set(xlabel="máquinas", ylabel="tiempo que se aprovecha (%)")
    label_ends(ax, ends)
    set_title(ax, title)
    return ax
