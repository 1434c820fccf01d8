"""Figuras de la GRU: guardar o cambiar, dónde actúa el reinicio, qué cuesta y cómo se porta mal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from course_utils.plotting.canvas import BLUE, GREY, ORANGE, new_axes, reach, set_title
from course_utils.plotting.diagrams import (
    BLOCK_HEIGHT,
    BODY,
    GATE_HEIGHT,
    RADIUS,
    additive_path,
    block,
    body,
    gate,
    joint,
    new_diagram,
    operation,
    squash,
    symbol,
    wire,
)
from course_utils.plotting.labels import End, draw_rows, label_ends
from course_utils.plotting.series import (
    as_curves,
    as_numbers,
    check_names,
    check_series,
    same_length,
    styled,
)
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CELLS = {"RNN": (GREY, ""), "LSTM": (BLUE, ""), "GRU": (ORANGE, "//")}  # color y trama


def plot_gru_cell(*, title: str | None = None, ax: Axes | None = None) -> Axes:
    r"""La celda GRU, con el reinicio después del producto.

    Dibuja :math:`n_t = \tanh(x_t W_x^n + r_t\cdot(h_{t-1} W_h^n))`, sin los sesgos, y
    :math:`h_t = z_t\cdot h_{t-1} + (1-z_t)\cdot n_t`.

    Parameters
    ----------
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> [text.get_text() for text in plot_gru_cell().texts if "_t" in text.get_text()]
    ['$1-z_t$', '$r_t$', '$z_t$', '$n_t$', '$x_t$', '$h_t$']
    """
    ax = new_diagram(ax, 11, 6.6)
    body(ax, (1.2, 0.75), (10, 6.5))
    rail, under, row, blend, state = 1.1, 1.6, 2.75, 4.3, 5.6  # alturas
    below, above = row - GATE_HEIGHT / 2, row + GATE_HEIGHT / 2  # de las cajas
    reset, again, new, update = 2.12, 3.58, 5.18, 7.78  # columnas
    tap, keep, rest, end = 6.66, 7.42, 8.38, 9.64
    reset_side, new_side, rest_side = 0.82, 0.96, 0.71  # la mitad de lo que mide la caja
    additive_path(ax, 1.05, (keep, end), 10.45, state)
    wire(ax, (reset, 0.5), (reset, below))
    wire(ax, (reset, rail), (update, rail), (update, below))
    wire(ax, (new, rail), (new, below))
    for x, bottom in ((reset, above), (again, blend + BLOCK_HEIGHT / 2), (tap, above)):
        wire(ax, (x, state), (x, bottom), head=x != again)
        joint(ax, (x, state), ORANGE)
    wire(ax, (again, blend - BLOCK_HEIGHT / 2), (again, row + RADIUS))
    for x in (reset, new):
        joint(ax, (x, rail))
    wire(ax, (reset + reset_side, row), (again - RADIUS, row))
    wire(ax, (again + RADIUS, row), (new - new_side, row))
    turn = new + 1.14
    # Un claro en el cable de la entrada: el del candidato pasa por encima.
    wire(ax, (update - 0.3, under), (update + 0.3, under), color=BODY, lw=8, head=False)
    wire(ax, (new + new_side, row), (turn, row), (turn, under), (end, under), (end, blend - RADIUS))
    wire(ax, (keep, above), (keep, state - RADIUS))
    wire(ax, (keep, blend), (rest - rest_side, blend), head=False)
    wire(ax, (rest + rest_side, blend), (end - RADIUS, blend))
    wire(ax, (end, blend + RADIUS), (end, state - RADIUS))
    joint(ax, (keep, blend))
    for center, sign in (
        ((keep, state), "."),
        ((end, state), "+"),
        ((end, blend), "."),
        ((again, row), "."),
    ):
        operation(ax, center, sign)
    block(ax, (again, blend), 1.3, "$W_h^n$")
    block(ax, (rest, blend), 2 * rest_side, "$1-z_t$")
    gate(ax, (reset, row), 2 * reset_side, "reinicio")
    squash(ax, (new, row), 2 * new_side, "candidato")
    gate(ax, (update, row), 2.5, "actualización")
    for x, y, name in (
        (3.16, row + 0.38, "r_t"),
        (keep + 0.4, 4.95, "z_t"),
        (end - 0.4, 3.6, "n_t"),
        (reset, 0.25, "x_t"),
        (0.5, state, "h_{t-1}"),
        (10.7, state, "h_t"),
    ):
        symbol(ax, (x, y), f"${name}$")
    set_title(ax, title)
    return ax


def plot_interpolation(
    candidates: np.ndarray,
    states: np.ndarray,
    update: np.ndarray,
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Un estado que se guarda o se cambia por su candidato, paso a paso.

    Parameters
    ----------
    candidates : ndarray of shape (tiempo,)
        Lo que se propone en cada paso.
    states : ndarray of shape (tiempo,)
        El estado después de cada paso.
    update : ndarray of shape (tiempo,)
        La compuerta de actualización: con 1 se guarda y con 0 se cambia.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no miden lo mismo.

    Examples
    --------
    >>> ax = plot_interpolation(np.array([0.5, -1.0]), np.array([0.5, 0.5]), np.array([0.0, 1.0]))
    >>> [text.get_text() for text in ax.texts]
    ['marca', 'candidato', 'estado']
    """
    candidates, states, update = (
        as_array(name, values, ndim=1, min_length=1)
        for name, values in (("candidates", candidates), ("states", states), ("update", update))
    )
    same_length({"candidates": candidates, "states": states, "update": update})
    ax = new_axes(ax, (6.8, 3.0))
    ax.plot(candidates, ls=":", lw=1.2, color=GREY, marker="o", ms=3)
    ax.plot(states, drawstyle="steps-post", color=BLUE, lw=2.4, ls="-")
    changes = np.flatnonzero(update < 0.5)
    ax.plot(changes, states[changes], "s", color=ORANGE, ms=8, mew=0)
    for place in changes:
        ax.axvline(place, color=ORANGE, lw=1, ls="--", zorder=0)
    if len(changes):
        ax.annotate(
            "marca", (changes[0], 0), (4, 4), xycoords=ax.get_xaxis_transform(),
            textcoords="offset points", color=ORANGE, weight="bold",
        )  # fmt: skip
    ax.set(xlabel="paso temporal", ylabel="valor")
    reach(ax, -1.1, 1.1)
    last = len(states) - 1
    ends = [End("candidato", last, candidates[-1], GREY), End("estado", last, states[-1], BLUE)]
    label_ends(ax, ends)
    set_title(ax, title)
    return ax


def plot_zero_lines(
    axis: np.ndarray,
    contributions: Mapping[str, np.ndarray],
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Los estados desde los que el pasado no aporta nada al candidato de una unidad.

    Parameters
    ----------
    axis : ndarray of shape (n,)
        Valores de cada una de las dos unidades del estado.
    contributions : mapping of str to ndarray of shape (n, n)
        Lo que el pasado aporta, dos casos como mucho; la fila es la segunda unidad y la columna,
        la primera.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si hay más de dos cuadrículas, o alguna no mide lo mismo que el eje, por sus dos lados, o
        nunca cambia de signo.

    Examples
    --------
    >>> axis = np.linspace(-1, 1, 3)
    >>> ax = plot_zero_lines(axis, {"antes": axis[None] - axis[:, None]})
    >>> ax.get_xlabel()
    'unidad 1 del estado'
    """
    axis = as_array("axis", axis, ndim=1)
    ax = new_axes(ax, (5.2, 3.9))
    looks = ((BLUE, "-", 2.6), (ORANGE, "--", 2.2))
    handles = []
    contributions = as_curves("contributions", contributions, ndim=2)
    for name, values, (color, style, width) in styled(contributions, looks):
        if values.shape != (len(axis), len(axis)):
            raise ValueError(
                f"Se esperaba una cuadrícula de forma {(len(axis), len(axis))}, una fila y una "
                f"columna por valor del eje; ha llegado {values.shape}."
            )
        if not values.min() <= 0 <= values.max():
            raise ValueError(
                f"En {name!r} el pasado siempre aporta algo: no hay línea de ceros que dibujar. "
                "Quítalo o amplía el eje."
            )
        ax.contour(
            axis, axis, values, levels=[0], colors=[color], linestyles=[style], linewidths=[width]
        )
        handles += ax.plot([], [], color=color, ls=style, lw=width, label=name)
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    ax.set(xlabel="unidad 1 del estado", ylabel="unidad 2 del estado", aspect="equal")
    set_title(ax, title)
    return ax


def plot_port_errors(
    errors: Mapping[str, np.ndarray],
    *,
    reference: tuple[str, float],
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Error de las mismas redes, bien y mal convertidas.

    Parameters
    ----------
    errors : mapping of str to ndarray of shape (redes,)
        Error de cada red en °C, con el nombre de lo que falla; la primera es la buena.
    reference : (str, float)
        Nombre y error de un modelo con el que comparar.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> ax = plot_port_errors({"bien": np.array([0.4])}, reference=("persistencia", 0.9))
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['bien']
    """
    errors = as_curves("errors", errors)
    ax = new_axes(ax, (6.8, 0.9 + 0.42 * len(errors)))
    name, value = reference
    draw_rows(ax, errors, [(BLUE, "o")] + [(ORANGE, "s")] * (len(errors) - 1))
    ax.axvline(value, color=GREY, ls="--", lw=1.8)
    ax.text(value, -0.72, f" {name}", color=GREY, weight="bold", va="center")
    ax.set_xlabel("error absoluto medio en la prueba (°C)")
    reach(ax, 0, 0, axis="x")
    ax.set_ylim(len(errors) - 0.5, -1)
    set_title(ax, title)
    return ax


def plot_step_times(
    times: Mapping[str, Mapping[str, float]], *, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """Milisegundos por paso de entrenamiento de cada celda, en varias bibliotecas.

    Parameters
    ----------
    times : mapping of str to mapping of str to float
        De cada biblioteca, los milisegundos de cada celda: RNN, LSTM y GRU.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si alguna celda no es una de las tres.

    Examples
    --------
    >>> ax = plot_step_times({"Keras": {"RNN": 10.0, "LSTM": 18.0, "GRU": 20.0}})
    >>> [text.get_text() for text in ax.texts]
    [' RNN 10.0', ' LSTM 18.0', ' GRU 20.0']
    """
    check_series("times", times)
    times = {library: as_numbers(f"times[{library!r}]", row) for library, row in times.items()}
    check_names("las celdas", (cell for row in times.values() for cell in row), CELLS)
    ax = new_axes(ax, (6.8, 0.8 + 0.8 * len(times)))
    bars = len(CELLS)
    for group, row in enumerate(times.values()):
        for place, (cell, value) in enumerate(row.items()):
            color, hatch = CELLS[cell]
            y = group * (bars + 1) + place
            ax.barh(y, value, height=0.85, color=color, hatch=hatch, edgecolor="white")
            ax.text(value, y, f" {cell} {value:.1f}", va="center", fontsize=10)
    ax.set_yticks([group * (bars + 1) + (bars - 1) / 2 for group in range(len(times))], list(times))
    ax.invert_yaxis()
    ax.margins(x=0.15)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("milisegundos por paso de entrenamiento")
    set_title(ax, title)
    return ax
