"""Figuras del aprendizaje: pendientes, gradientes que se comprueban y lo que una red aprende."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
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
    new_panels,
    reach,
    set_title,
)
from course_utils.plotting.diagrams import arrow, hide_frame
from course_utils.plotting.labels import End, label_ends, level
from course_utils.plotting.series import (
    as_curves,
    as_numbers,
    check_names,
    check_positive,
    same_length,
    styled,
)
from course_utils.validation import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Color, símbolo y trazo de las curvas que llevan la banda de sus semillas.
SPREAD_LOOKS = ((BLUE, "o", "-"), (ORANGE, "s", "--"), (GREEN, "^", "-."), (PURPLE, "D", ":"))


def plot_tangent(
    weights: np.ndarray,
    losses: np.ndarray,
    *,
    at: float,
    slope: float,
    name: str,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """La pérdida según un parámetro, con su tangente en un punto.

    Parameters
    ----------
    weights, losses : ndarray of shape (puntos,)
        Valores del parámetro, en orden, y la pérdida de cada uno.
    at : float
        Dónde se traza la tangente.
    slope : float
        Su pendiente.
    name : str
        Nombre del parámetro, para el eje.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si no hay una pérdida por valor o el punto no está entre ellos.

    Examples
    --------
    >>> w = np.linspace(-1, 1, 21)
    >>> plot_tangent(w, w**2, at=0.5, slope=1.0, name="w").get_xlabel()
    'w'
    """
    weights = as_array("weights", weights, ndim=1, min_length=2)
    losses = as_array("losses", losses, ndim=1)
    same_length({"weights": weights, "losses": losses})
    if not weights[0] <= at <= weights[-1]:
        raise ValueError(
            f"at={at} debe estar entre {weights[0]:g} y {weights[-1]:g}. Elige otro punto."
        )
    ax = new_axes(ax, (6.0, 2.9))
    height = float(np.interp(at, weights, losses))
    nearby = 0.2 * (weights[-1] - weights[0]) * np.array([-1, 1])
    ax.plot(weights, losses, color=BLUE, lw=2.2)
    ax.plot(at + nearby, height + slope * nearby, color=ORANGE, ls="--", lw=1.8)
    ax.plot(at, height, "o", color="black", ms=7, zorder=3)
    ax.annotate(
        f"pendiente {slope:.2f}",
        (at, height),
        (0, 14),
        textcoords="offset points",
        color=ORANGE,
        weight="bold",
        ha="left" if slope < 0 else "right",
    )
    downhill = -np.sign(slope) * abs(nearby[1]) * 0.6
    low = losses.min() - 0.3 * np.ptp(losses)
    arrow(ax, (at, low), (at + downhill, low), "black")
    side = {"ha": "left" if downhill > 0 else "right", "va": "center"}
    ax.annotate("hacia aquí", (at + downhill, low), (6 * np.sign(downhill), 0),
                textcoords="offset points", **side)  # fmt: skip
    reach(ax, low - 0.15 * np.ptp(losses), losses.max())
    ax.set(xlabel=name, ylabel="pérdida")
    set_title(ax, title)
    return ax


def plot_chain(
    values: Mapping[str, float], *, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """Una unidad desplegada en dos pasos, con cada factor de la regla de la cadena.

    Parameters
    ----------
    values : mapping of str to float
        Los valores ``h0``, ``z1``, ``h1``, ``z2``, ``h2``, ``loss``, ``error`` (∂L/∂h₂),
        ``slope2``, ``slope1`` (pendientes de tanh), ``w_h``, ``delta2`` y ``delta1``.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si falta alguno.

    Examples
    --------
    >>> names = "h0 z1 h1 z2 h2 loss error slope2 slope1 w_h delta2 delta1".split()
    >>> plot_chain(dict.fromkeys(names, 0.5)).texts[0].get_text()
    '$h_0$\\n0.5'
    """
    values = as_numbers("values", values)
    needed = {"h0", "z1", "h1", "z2", "h2", "loss"}
    needed |= {"error", "slope2", "slope1", "w_h", "delta2", "delta1"}
    check_names("los valores", values, sorted(needed))
    if missing := needed - values.keys():
        raise ValueError(
            f"plot_chain espera los valores {', '.join(sorted(needed))}; faltan "
            f"{', '.join(sorted(missing))}."
        )
    ax = new_axes(ax, (8.2, 3.6))
    spots = {"h_0": 0.0, "z_1": 1.5, "h_1": 3.0, "z_2": 4.5, "h_2": 6.0, "L": 7.5}
    for name, x in spots.items():
        value = values["loss" if name == "L" else name.replace("_", "")]
        ax.text(
            x, 0, f"${name}$\n{value:.3g}", ha="center", va="center", fontsize=12,
            bbox={"boxstyle": "round,pad=0.35", "fc": "white", "ec": GREY},
        )  # fmt: skip
    forward = ["$w_h$", "$\\tanh$", "$w_h$", "$\\tanh$", "$\\frac{1}{2}(h_2-y)^2$"]
    backward = [
        "",
        f"$1-h_1^2$\n{values['slope1']:.2f}",
        f"$w_h$\n{values['w_h']:.2f}",
        f"$1-h_2^2$\n{values['slope2']:.2f}",
        f"$h_2-y$\n{values['error']:.2f}",
    ]
    places = list(spots.values())
    for (left, right), ahead, back in zip(pairwise(places), forward, backward, strict=True):
        middle = (left + right) / 2
        arrow(ax, (left + 0.3, 0.32), (right - 0.3, 0.32), BLUE, bend=-0.25)
        ax.text(middle, 0.72, ahead, ha="center", color=BLUE, fontsize=11)
        if back:
            arrow(ax, (right - 0.3, -0.32), (left + 0.3, -0.32), ORANGE, bend=-0.25)
            ax.text(middle, -0.62, back, ha="center", va="top", color=ORANGE, fontsize=11)
    for step, x in ((1, spots["z_1"]), (2, spots["z_2"])):
        arrow(ax, (x, 1.12), (x, 0.38), GREY)
        ax.text(x, 1.2, f"$w_x x_{step}+b$", ha="center", color=GREY, fontsize=11)
        ax.text(
            x, -1.55, f"$\\delta_{step}$ = {values[f'delta{step}']:.3f}", ha="center",
            color=ORANGE, weight="bold", fontsize=12,
        )  # fmt: skip
        ax.plot([x, x], [-0.36, -1.3], color=ORANGE, ls=":", lw=1)
    sum_of_copies = "$\\partial L/\\partial w_h = \\delta_1 h_0 + \\delta_2 h_1$ = "
    total = values["delta1"] * values["h0"] + values["delta2"] * values["h1"]
    ax.text(7.9, -1.95, f"{sum_of_copies}{total:.3f}", ha="right", fontsize=12)
    ax.set(xlim=(-0.6, 8.1), ylim=(-2.1, 1.5), xticks=[], yticks=[])
    hide_frame(ax)
    set_title(ax, title)
    return ax


def plot_step_errors(
    steps: np.ndarray,
    errors: Mapping[str, np.ndarray],
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Error del gradiente numérico según el tamaño del empujón.

    Parameters
    ----------
    steps : ndarray of shape (puntos,)
        Tamaños, positivos.
    errors : mapping of str to ndarray of shape (puntos,)
        Error relativo de cada método; tres como mucho.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si hay más de tres métodos o no hay un error por tamaño.

    Examples
    --------
    >>> plot_step_errors(np.array([1e-3, 1e-2]), {"central": np.array([1e-6, 1e-4])}).get_yscale()
    'log'
    """
    steps = as_array("steps", steps, ndim=1, min_length=1)
    errors = as_curves("errors", errors)
    same_length({"steps": steps} | errors)
    ax = new_axes(ax, (6.4, 3.2))
    middle = 3 * len(steps) // 4
    # Color, trazo, dónde va el nombre (en puntos de la curva y de la página) y cómo se alinea.
    looks = (
        (BLUE, "-", middle, (-8, 2), ("right", "bottom")),
        (ORANGE, "--", middle, (8, -2), ("left", "top")),
        (GREEN, "-.", 0, (0, -6), ("left", "top")),
    )
    for name, values, (color, style, place, shift, (ha, va)) in styled(errors, looks):
        ax.plot(steps, values, style, color=color, lw=2.2, marker="o", ms=4)
        ax.annotate(
            name, (steps[place], values[place]), shift, textcoords="offset points", ha=ha, va=va,
            color=color, weight="bold",
        )  # fmt: skip
    log_scale(ax, steps, axis="x")
    log_scale(ax, *errors.values())
    ax.set(xlabel="tamaño del empujón ε", ylabel="error relativo")
    set_title(ax, title)
    return ax


def plot_losses(
    losses: Mapping[str, np.ndarray],
    *,
    reference: tuple[str, float] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Pérdida en cada paso de entrenamiento, en escala logarítmica.

    Parameters
    ----------
    losses : mapping of str to ndarray of shape (pasos,)
        Una curva por nombre.
    reference : tuple of (str, float), optional
        Nombre y pérdida de un modelo de referencia.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si hay más curvas que estilos.

    Examples
    --------
    >>> plot_losses({"red": np.array([2.0, 1.0])}, title="Baja").get_ylabel()
    'pérdida (escala logarítmica)'
    """
    losses = as_curves("losses", losses)
    ax = new_axes(ax, (6.4, 3.0))
    ends = []
    for name, values, look in styled(losses):
        ax.plot(values, lw=2, **look)
        ends.append(End(name, len(values) - 1, values[-1], look["color"]))
    drawn = list(losses.values())
    if reference is not None:
        name, value = reference
        level(ax, value, name, side="right", below=True)
        drawn.append(np.array([value]))
    log_scale(ax, *drawn)
    ax.set(xlabel="paso de entrenamiento", ylabel="pérdida (escala logarítmica)")
    label_ends(ax, ends)
    set_title(ax, title)
    return ax


def plot_extrapolation(
    truth: np.ndarray,
    predictions: Mapping[str, np.ndarray],
    *,
    trained: tuple[float, float],
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Lo que cada modelo predice dentro y fuera de los valores con los que aprendió.

    Parameters
    ----------
    truth : ndarray of shape (puntos,)
        El valor verdadero, en orden.
    predictions : mapping of str to ndarray of shape (puntos,)
        La predicción de cada modelo; tres como mucho.
    trained : tuple of (float, float)
        Menor y mayor objetivo del entrenamiento.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si hay más de tres modelos o no hay una predicción por valor.

    Examples
    --------
    >>> ax = plot_extrapolation(np.arange(3), {"red": np.arange(3)}, trained=(0, 1))
    >>> ax.get_xlabel()
    'valor verdadero'
    """
    truth = as_array("truth", truth, ndim=1, min_length=1)
    predictions = as_curves("predictions", predictions)
    same_length({"truth": truth} | predictions)
    ax = new_axes(ax, (6.4, 3.4))
    ax.axvspan(*trained, color=GREY, alpha=0.15, lw=0)
    ax.text(sum(trained) / 2, 0.97, "visto", ha="center", va="top", color=GREY, fontsize=10,
            transform=ax.get_xaxis_transform())  # fmt: skip
    ax.plot(truth, truth, color="black", ls=":", lw=1.5, zorder=3)
    ax.annotate("exacto", (truth[len(truth) // 2],) * 2, (-8, 6), textcoords="offset points",
                ha="right")  # fmt: skip
    ends = []
    looks = ((BLUE, "o", "-"), (ORANGE, "s", "--"), (GREEN, "^", "-."))
    for name, values, (color, marker, style) in styled(predictions, looks):
        ax.plot(truth, values, marker=marker, ms=4, lw=1.6, ls=style, color=color)
        ends.append(End(name, truth[-1], values[-1], color))
    ax.set(xlabel="valor verdadero", ylabel="predicción")
    label_ends(ax, ends)
    set_title(ax, title)
    return ax


def plot_truncation(
    lengths: np.ndarray,
    cosines: Mapping[int, np.ndarray],
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Parecido entre el gradiente truncado y el completo según la longitud del tramo.

    Parameters
    ----------
    lengths : ndarray of shape (longitudes,)
        Pasos de cada tramo.
    cosines : mapping of int to ndarray of shape (semillas, longitudes)
        Coseno del ángulo entre los dos gradientes, por retardo de la tarea; cuatro como mucho.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si las formas no encajan o hay más de cuatro retardos.

    Examples
    --------
    >>> ax = plot_truncation(np.array([1, 2, 4]), {4: np.array([[0.5, 0.7, 0.9]])})
    >>> ax.get_ylabel()
    'coseno con el completo'
    """
    lengths, cosines = _over_steps(lengths, cosines, "cosines")
    ax = new_axes(ax, (6.4, 3.2))
    ends = []
    for delay, values, look in styled(cosines, SPREAD_LOOKS):
        mean = _draw_spread(ax, lengths, _mean_and_range(values), *look)
        ends.append(End(f"retardo {delay}", lengths[0], mean[0], look[0]))
    _steps_axis(ax, lengths)
    ax.set_xlim(lengths.min() / 2.2, lengths.max() * 1.15)
    ax.set_ylabel("coseno con el completo")
    reach(ax, 0, 1.05)
    label_ends(ax, ends, side="left")
    set_title(ax, title)
    return ax


def plot_parts(
    lengths: np.ndarray,
    parts: Mapping[str, np.ndarray],
    *,
    at: int,
    title: str | None = None,
    axes: Sequence[Axes] | None = None,
) -> Sequence[Axes]:
    """Los sumandos del gradiente según la longitud del tramo, dos por fila.

    Parameters
    ----------
    lengths : ndarray of shape (longitudes,)
        Pasos de cada tramo.
    parts : mapping of str to ndarray of shape (semillas, longitudes)
        Lo que cada sumando aporta al gradiente completo, como parte de uno; un panel cada uno.
    at : int
        Longitud en la que se escribe el valor medio.
    title : str, optional
        Lo que hay que ver.
    axes : sequence of Axes, optional
        Dónde dibujar, un panel por sumando.

    Raises
    ------
    ValueError
        Si las formas no encajan o ``at`` no es una de las longitudes.

    Examples
    --------
    >>> parts = {"dentro": np.array([[0.2, 0.6]]), "más allá": np.array([[0.8, 0.4]])}
    >>> [ax.texts[0].get_text() for ax in plot_parts(np.array([4, 8]), parts, at=8)]
    ['0.60', '0.40']
    """
    lengths, parts = _over_steps(lengths, parts, "parts")
    if at not in lengths:
        raise ValueError(f"at={at} no está en las longitudes, {lengths.tolist()}. Elige una.")
    place = lengths.tolist().index(at)
    axes = new_panels(
        axes, len(parts), (6.4, 2.1 * -(-len(parts) // 2)), columns=2, sharex=True, sharey=True
    )
    for number, (ax, (name, values)) in enumerate(zip(axes, parts.items(), strict=True)):
        mean = _draw_spread(ax, lengths, _mean_and_range(values), *SPREAD_LOOKS[number % 2])
        ax.axhline(0, color=GREY, lw=0.8)
        ax.axvline(at, color=GREY, ls=":", lw=1)
        side, ha = (-1, "right") if mean[-1] > mean[0] else (1, "left")  # donde no pasa la curva
        ax.annotate(f"{mean[place]:.2f}", (at, mean[place]), (4 * side, 5), ha=ha, weight="bold",
                    textcoords="offset points")  # fmt: skip
        _steps_axis(ax, lengths, label=number >= len(parts) - 2)
        ax.set_title(name, fontsize=11)
        if number % 2 == 0:
            ax.set_ylabel("parte del total")
    every = np.concatenate([values.ravel() for values in parts.values()])
    for ax in axes:  # comparten la altura: caben los valores de todos
        reach(ax, min(0, every.min()), max(1, every.max()))
    set_title(axes, title)
    return axes


def plot_rates(
    rates: np.ndarray,
    errors: Mapping[str, np.ndarray],
    *,
    reference: tuple[str, float],
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Error tras entrenar según la tasa de aprendizaje, en escala logarítmica.

    Parameters
    ----------
    rates : ndarray of shape (tasas,)
        Tasas de aprendizaje, positivas.
    errors : mapping of str to ndarray of shape (semillas, tasas)
        Error de cada manera de entrenar; cuatro como mucho. La curva es la mediana, y la banda, la
        mitad central de las semillas.
    reference : tuple of (str, float)
        Nombre y error de lo que se compara.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si las formas no encajan o hay más de cuatro curvas.

    Examples
    --------
    >>> ax = plot_rates(np.array([0.1, 0.2]), {"completa": np.array([[0.02, 0.01]])},
    ...                 reference=("lectura", 0.2))
    >>> ax.get_xlabel()
    'tasa de aprendizaje'
    """
    rates, errors = _over_steps(rates, errors, "errors", what="rates")
    ax = new_axes(ax, (6.4, 3.4))
    ends = []
    for name, values, look in styled(errors, SPREAD_LOOKS):
        low, median, high = np.quantile(values, (0.25, 0.5, 0.75), axis=0)
        _draw_spread(ax, rates, (low, median, high), *look)
        ends.append(End(name, rates[-1], median[-1], look[0]))
    level(ax, reference[1], reference[0])
    log_scale(ax, *(line.get_ydata() for line in ax.lines))
    ax.set_xscale("log", base=2)
    ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
    ax.set(xlabel="tasa de aprendizaje", ylabel="error (escala logarítmica)")
    label_ends(ax, ends)
    set_title(ax, title)
    return ax


def _over_steps(
    points: np.ndarray, series: Mapping, name: str, *, what: str = "lengths"
) -> tuple[np.ndarray, dict]:
    """Los puntos del eje y las series (semillas, puntos), comprobados."""
    points = as_array(what, points, ndim=1, min_length=1)
    check_positive(what, points)
    series = as_curves(name, series, ndim=2)
    for key, values in series.items():
        if values.shape[1] != len(points):
            raise ValueError(
                f"Se esperaba un valor por cada uno de los {len(points)} puntos de {what}; los de "
                f"{key!r} tienen forma {values.shape}, y debe ser (semillas, {len(points)})."
            )
    return points, series


def _mean_and_range(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """La semilla menor, la media y la mayor de cada punto."""
    return values.min(axis=0), values.mean(axis=0), values.max(axis=0)


def _draw_spread(
    ax: Axes,
    x: np.ndarray,
    spread: tuple[np.ndarray, np.ndarray, np.ndarray],
    color: str,
    marker: str,
    style: str,
) -> np.ndarray:
    """Una curva con su banda: lo más bajo, la curva, que devuelve, y lo más alto."""
    low, middle, high = spread
    ax.plot(x, middle, color=color, marker=marker, ls=style, ms=5, lw=2)
    ax.fill_between(x, low, high, color=color, alpha=0.2, lw=0)
    return middle


def _steps_axis(ax: Axes, lengths: np.ndarray, *, label: bool = True) -> None:
    """El eje de los pasos de cada tramo, que se doblan de un punto al siguiente."""
    ax.set_xscale("log", base=2)
    ax.set_xticks(lengths, [str(length) for length in lengths])
    ax.set_xlim(lengths.min() / 1.15, lengths.max() * 1.15)
    if label:
        ax.set_xlabel("pasos de cada tramo")
