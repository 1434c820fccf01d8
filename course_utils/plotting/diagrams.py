"""Diagramas: sus piezas (cajas, flechas, cables, operaciones) y los que dibujan varias lecciones.

En una celda, lo pintado igual es lo mismo: en azul, una compuerta, que es una sigmoide; en verde,
una tangente; en gris, el producto por una matriz y las cuentas sin pesos; en naranja y más grueso,
el camino aditivo. Los círculos son operaciones elemento a elemento: con un punto, un producto; con
una cruz, una suma. Un punto sobre un cable es una unión; dos cables que se cruzan sin él no se
tocan.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from course_utils.plotting.canvas import BLUE, GREEN, GREY, ORANGE, new_axes, set_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Point = tuple[float, float]

INCHES = 0.49  # lo que mide en la figura una unidad de un diagrama
SYMBOL, WORD = 16, 12  # en puntos: se leen aunque la figura se vea a la mitad
RADIUS = 0.26  # de una operación
GATE_HEIGHT, BLOCK_HEIGHT = 1.15, 0.74  # de una caja con y sin nombre
PATH = {"color": ORANGE, "lw": 4}  # el camino aditivo
INPUT_ROW, STATE_ROW, OUTPUT_ROW = 0.8, 2.3, 3.8  # de una red desplegada
COLUMN_GAP = 0.6  # de las cajas de un paso a las del siguiente
BODY = "#f2f2f2"  # el fondo de una celda


def arrow(
    ax: Axes, start: Point, end: Point, color: str, *, bend: float = 0.0, **style: object
) -> None:
    """Una flecha entre dos puntos, recta o curvada.

    Examples
    --------
    >>> from course_utils.plotting.canvas import new_axes
    >>> ax = new_axes(None, (2, 2))
    >>> arrow(ax, (0, 0), (1, 1), "black")
    >>> ax.texts[0].xy
    (1, 1)
    """
    look = {"arrowstyle": "-|>", "color": color, "lw": 1.2, "shrinkA": 0, "shrinkB": 0}
    look["connectionstyle"] = f"arc3,rad={bend}"
    ax.annotate("", end, start, arrowprops=look, **style)


def box(
    ax: Axes, center: Point, size: Point, color: str, *, edge: str = "none", **style: object
) -> None:
    """Una caja de esquinas redondas con el centro y el tamaño (ancho, alto) dados.

    Examples
    --------
    >>> from course_utils.plotting.canvas import new_axes
    >>> ax = new_axes(None, (2, 2))
    >>> box(ax, (1, 1), (0.5, 0.4), "black")
    >>> len(ax.patches)
    1
    """
    from matplotlib.patches import FancyBboxPatch

    corner = (center[0] - size[0] / 2, center[1] - size[1] / 2)
    look = {"boxstyle": "round,pad=0.03", "facecolor": color, "edgecolor": edge} | style
    ax.add_patch(FancyBboxPatch(corner, *size, **look))


def hide_frame(ax: Axes) -> None:
    """Quita el marco y la cuadrícula, y deja los rótulos de los ejes."""
    ax.grid(False)
    for side in ax.spines.values():
        side.set_visible(False)


def new_diagram(ax: Axes | None, width: float, height: float) -> Axes:
    """Unos ejes sin marco en los que una unidad mide lo mismo a lo ancho y a lo alto.

    Examples
    --------
    >>> new_diagram(None, 8, 4).axison
    False
    """
    ax = new_axes(ax, (INCHES * width, INCHES * height + 0.3))
    ax.set(xlim=(0, width), ylim=(0, height), aspect="equal")
    ax.axis("off")
    return ax


def body(ax: Axes, low: Point, high: Point) -> None:
    """El fondo de una celda, de esquina a esquina: lo que queda dentro es lo que calcula.

    Examples
    --------
    >>> ax = new_diagram(None, 4, 2)
    >>> body(ax, (1, 0.5), (3, 1.5))
    >>> ax.patches[0].get_width(), ax.patches[0].get_height()
    (2, 1.0)
    """
    center = (low[0] + high[0]) / 2, (low[1] + high[1]) / 2
    box(ax, center, (high[0] - low[0], high[1] - low[1]), BODY, edge="#bdbdbd", zorder=0)


def wire(
    ax: Axes,
    *points: Point,
    color: str = "black",
    lw: float = 1.6,
    ls: str = "-",
    head: bool = True,
) -> None:
    """Un cable que pasa por los puntos dados y acaba en flecha, o sin ella con ``head=False``.

    Examples
    --------
    >>> ax = new_diagram(None, 2, 2)
    >>> wire(ax, (0, 0), (1, 0), (1, 1), head=False)
    >>> ax.patches[0].get_path().vertices.round(3).tolist()
    [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]
    """
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    look = {"color": color, "lw": lw, "ls": ls, "joinstyle": "miter", "capstyle": "butt"}
    look |= {"arrowstyle": "-|>,head_width=0.28,head_length=0.5" if head else "-", "fill": head}
    ax.add_patch(FancyArrowPatch(path=Path(points), mutation_scale=9 + 1.5 * lw, **look))


def joint(ax: Axes, center: Point, color: str = "black") -> None:
    """El punto en que un cable se reparte o dos se juntan.

    Examples
    --------
    >>> ax = new_diagram(None, 2, 2)
    >>> joint(ax, (1, 1))
    >>> ax.lines[0].get_marker()
    'o'
    """
    ax.plot(*center, "o", color=color, ms=6)


def operation(ax: Axes, center: Point, sign: str) -> None:
    """Un círculo que suma, ``"+"``, o multiplica elemento a elemento, ``"."``.

    Examples
    --------
    >>> ax = new_diagram(None, 2, 2)
    >>> operation(ax, (1, 1), "+")
    >>> ax.lines[0].get_marker()
    '+'
    """
    from matplotlib.patches import Circle

    ax.add_patch(Circle(center, RADIUS, facecolor="white", edgecolor="black", lw=1.6))
    ax.plot(*center, sign, color="black", ms=11, mew=2)


def symbol(ax: Axes, center: Point, text: str) -> None:
    """Un nombre de las ecuaciones.

    Examples
    --------
    >>> ax = new_diagram(None, 2, 2)
    >>> symbol(ax, (1, 1), "$h_t$")
    >>> ax.texts[0].get_text()
    '$h_t$'
    """
    ax.text(*center, text, fontsize=SYMBOL, ha="center", va="center")


def word(ax: Axes, center: Point, text: str, color: str = "black") -> None:
    """El nombre de una parte del diagrama.

    Examples
    --------
    >>> ax = new_diagram(None, 2, 2)
    >>> word(ax, (1, 1), "codificador")
    >>> ax.texts[0].get_text()
    'codificador'
    """
    ax.text(*center, text, color=color, fontsize=WORD, weight="bold", ha="center", va="center")


def block(
    ax: Axes, center: Point, width: float, text: str, name: str = "", *, color: str = GREY
) -> None:
    """Una caja con lo que calcula y, debajo, su nombre.

    Examples
    --------
    >>> ax = new_diagram(None, 2, 2)
    >>> block(ax, (1, 1), 1.6, "tanh", "candidato")
    >>> [text.get_text() for text in ax.texts]
    ['tanh', 'candidato']
    """
    height, raised, dropped = (GATE_HEIGHT, 0.25, 0.29) if name else (BLOCK_HEIGHT, 0.03, 0)
    box(ax, center, (width, height), color, boxstyle="round,pad=0,rounding_size=0.12")
    style = {"ha": "center", "va": "center_baseline", "color": "white"}
    ax.text(center[0], center[1] + raised, text, fontsize=SYMBOL, **style)
    if name:
        ax.text(center[0], center[1] - dropped, name, fontsize=WORD, **style)


def gate(ax: Axes, center: Point, width: float, name: str) -> None:
    """Una compuerta: una sigmoide con sus propios pesos.

    Examples
    --------
    >>> ax = new_diagram(None, 2, 2)
    >>> gate(ax, (1, 1), 1.6, "olvido")
    >>> [text.get_text() for text in ax.texts]
    ['$\\\\sigma$', 'olvido']
    """
    block(ax, center, width, r"$\sigma$", name, color=BLUE)


def squash(ax: Axes, center: Point, width: float, name: str = "") -> None:
    """Una tangente hiperbólica.

    Examples
    --------
    >>> ax = new_diagram(None, 2, 2)
    >>> squash(ax, (1, 1), 1.6)
    >>> [text.get_text() for text in ax.texts]
    ['tanh']
    """
    block(ax, center, width, "tanh", name, color=GREEN)


def additive_path(ax: Axes, start: float, stops: Sequence[float], end: float, y: float) -> None:
    """El camino aditivo, de ``start`` a ``end``, con una flecha hasta cada operación y su nombre.

    Examples
    --------
    >>> ax = new_diagram(None, 8, 2)
    >>> additive_path(ax, 1, [3, 6], 7, 1)
    >>> len(ax.patches), ax.texts[0].get_text()
    (3, 'camino aditivo')
    """
    starts = [start, *(x + RADIUS for x in stops)]
    ends = [*(x - RADIUS for x in stops), end]
    pieces = list(zip(starts, ends, strict=True))
    for left, right in pieces:
        wire(ax, (left, y), (right, y), **PATH)
    left, right = max(pieces, key=lambda piece: piece[1] - piece[0])
    word(ax, ((left + right) / 2, y + 0.5), "camino aditivo", color=ORANGE)


def plot_rnn_cell(*, title: str | None = None, ax: Axes | None = None) -> Axes:
    r"""La celda RNN de las lecciones 12 y 21, con su matriz en cada entrada.

    Dibuja :math:`h_t = \tanh(x_t W_x + h_{t-1} W_h + b)`.

    Parameters
    ----------
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> [text.get_text() for text in plot_rnn_cell().texts]
    ['$W_h$', '$W_x$', 'tanh', '$h_{t-1}$', '$x_t$', '$b$', '$h_t$']
    """
    ax = new_diagram(ax, 11, 4.3)
    body(ax, (1.2, 0.75), (10, 4.2))
    row, total = 2.7, 5.1  # la fila del estado y el lugar de la suma
    wire(ax, (1.05, row), (2.3, row))
    wire(ax, (3.7, row), (total - RADIUS, row))
    wire(ax, (total, 0.5), (total, 1.05), head=False)
    wire(ax, (total, 1.73), (total, row - RADIUS))
    wire(ax, (total, 3.5), (total, row + RADIUS))
    wire(ax, (total + RADIUS, row), (6.8, row))
    wire(ax, (8.5, row), (10.4, row))
    operation(ax, (total, row), "+")
    block(ax, (3, row), 1.4, "$W_h$")
    block(ax, (total, 1.39), 1.4, "$W_x$")
    squash(ax, (7.65, row), 1.7)
    symbol(ax, (0.5, row), "$h_{t-1}$")
    symbol(ax, (total, 0.25), "$x_t$")
    symbol(ax, (total, 3.8), "$b$")
    symbol(ax, (10.7, row), "$h_t$")
    set_title(ax, title)
    return ax


def plot_lstm_cell(*, title: str | None = None, ax: Axes | None = None) -> Axes:
    r"""La celda LSTM de las lecciones 21 y siguientes.

    Dibuja :math:`c_t = f_t\odot c_{t-1} + i_t\odot g_t` y :math:`h_t = o_t\odot\tanh(c_t)`. Cada
    caja tiene sus propios pesos y recibe la entrada y el estado anterior.

    Parameters
    ----------
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Examples
    --------
    >>> [text.get_text() for text in plot_lstm_cell().texts if "_t" in text.get_text()]
    ['$f_t$', '$i_t$', '$g_t$', '$o_t$', '$x_t$', '$c_t$', '$h_t$']
    """
    ax = new_diagram(ax, 11, 6.6)
    body(ax, (1.2, 0.75), (10, 6.5))
    bus, row, show, write, curve, memory = 1.2, 2.5, 3.75, 4.3, 4.8, 5.6  # alturas
    below, above = row - GATE_HEIGHT / 2, row + GATE_HEIGHT / 2  # de las cajas
    join, forget, enter, new, out, end = 1.62, 2.25, 4.1, 6.02, 7.94, 9.28  # columnas
    additive_path(ax, 1.05, (forget, new), 10.45, memory)
    wire(ax, (join, 0.5), (join, bus), head=False)
    wire(ax, (1.05, bus), (out, bus), (out, below))
    for x in (forget, enter, new):
        wire(ax, (x, bus), (x, below))
    for x in (join, forget, enter, new):
        joint(ax, (x, bus))
    wire(ax, (forget, above), (forget, memory - RADIUS))
    wire(ax, (enter, above), (enter, write), (new - RADIUS, write))
    wire(ax, (new, above), (new, write - RADIUS))
    wire(ax, (new, write + RADIUS), (new, memory - RADIUS))
    wire(ax, (out, above), (out, show), (end - RADIUS, show))
    wire(ax, (end, memory), (end, curve + BLOCK_HEIGHT / 2), head=False)
    wire(ax, (end, curve - BLOCK_HEIGHT / 2), (end, show + RADIUS))
    wire(ax, (end, show - RADIUS), (end, bus), (10.4, bus))
    joint(ax, (end, memory), ORANGE)
    for center, sign in (
        ((forget, memory), "."),
        ((new, memory), "+"),
        ((new, write), "."),
        ((end, show), "."),
    ):
        operation(ax, center, sign)
    gate(ax, (forget, row), 1.76, "olvido")
    gate(ax, (enter, row), 1.76, "entrada")
    squash(ax, (new, row), 1.92, "candidato")
    gate(ax, (out, row), 1.76, "salida")
    squash(ax, (end, curve), 1.25)
    for x, y, name in (
        (forget - 0.35, 3.6, "f_t"),
        (enter - 0.35, 3.6, "i_t"),
        (new + 0.42, 3.5, "g_t"),
        (out - 0.38, 3.5, "o_t"),
        (join, 0.25, "x_t"),
        (0.5, memory, "c_{t-1}"),
        (10.75, memory, "c_t"),
        (0.5, bus, "h_{t-1}"),
        (10.7, bus, "h_t"),
    ):
        symbol(ax, (x, y), f"${name}$")
    set_title(ax, title)
    return ax


def text_width(text: str) -> float:
    """Lo que ocupa a lo ancho un texto del tamaño de los símbolos, en unidades del diagrama.

    Examples
    --------
    >>> bool(text_width("l") < text_width("m"))
    True
    """
    from matplotlib.textpath import TextPath

    return TextPath((0, 0), text, size=SYMBOL).get_extents().width / 72 / INCHES


def plot_encoder_decoder(
    source: Sequence[str],
    target: Sequence[str],
    *,
    start: str = "ini",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """El codificador, que lee, y el decodificador, que escribe a partir de su último estado.

    Parameters
    ----------
    source : sequence of str
        Lo que se lee, un símbolo por paso.
    target : sequence of str
        Lo que se escribe, con el símbolo de fin.
    start : str
        Lo primero que recibe el decodificador; después recibe cada símbolo que ha escrito.
    title : str, optional
        Lo que hay que ver.
    ax : Axes, optional
        Dónde dibujar.

    Raises
    ------
    ValueError
        Si lo que se lee o lo que se escribe no llega a dos símbolos, o alguno está vacío.

    Examples
    --------
    >>> ax = plot_encoder_decoder(["dos", "mil"], ["2", "0", "fin"])
    >>> [text.get_text() for text in ax.texts if "$" in text.get_text()]
    ['$h_{1}$', '$h_{2}$', '$s_{1}$', '$s_{2}$', '$s_{3}$']
    """
    for name, tokens in (("source", source), ("target", target)):
        if len(tokens) < 2 or not all(tokens):
            raise ValueError(
                f"Se esperaban dos símbolos o más en {name}, ninguno vacío; ha llegado {tokens!r}."
            )
    source, target = ([token.replace(" ", "␣") for token in part] for part in (source, target))
    received = [start, *target[:-1]]
    steps = [
        COLUMN_GAP + max(0.95, 0.35 + max(map(text_width, tokens)))
        for tokens in (source, [*received, *target])
    ]
    encoder_end = len(source) * steps[0]
    decoder_start = encoder_end + 0.9
    ax = new_diagram(ax, decoder_start + len(target) * steps[1], 5.2)
    _draw_network(ax, "codificador", 0, steps[0], "h", source)
    _draw_network(ax, "decodificador", decoder_start, steps[1], "s", received, target)
    ends = encoder_end - COLUMN_GAP / 2, decoder_start + COLUMN_GAP / 2
    wire(ax, *((x, STATE_ROW) for x in ends), color=GREEN, lw=5)
    word(ax, (encoder_end - 0.95, STATE_ROW + 0.65), "resumen", color=GREEN)
    set_title(ax, title)
    return ax


def _draw_network(
    ax: Axes,
    name: str,
    left: float,
    step: float,
    state: str,
    inputs: Sequence[str],
    outputs: Sequence[str] = (),
) -> None:
    """Una de las dos redes, una columna por paso; si escribe, cada salida es la entrada siguiente.

    Sus columnas, de ancho ``step``, empiezan en ``left``; ``state`` es la letra de sus estados.
    """
    right, side, tall = left + len(inputs) * step, (step - COLUMN_GAP) / 2, BLOCK_HEIGHT / 2
    body(ax, (left + 0.04, 0.04), (right - 0.04, 5.16))
    word(ax, ((left + right) / 2, 4.75), name)
    for t, token in enumerate(inputs):
        x = left + (t + 0.5) * step
        before = x - step + side  # donde acaban las cajas de la columna anterior
        block(ax, (x, INPUT_ROW), 2 * side, token, color=BLUE)
        block(ax, (x, STATE_ROW), 2 * side, f"${state}_{{{t + 1}}}$", color=GREEN)
        wire(ax, (x, INPUT_ROW + tall), (x, STATE_ROW - tall))
        if t:
            wire(ax, (before, STATE_ROW), (x - side, STATE_ROW))
        if outputs:
            block(ax, (x, OUTPUT_ROW), 2 * side, outputs[t], color=ORANGE)
            wire(ax, (x, STATE_ROW + tall), (x, OUTPUT_ROW - tall))
        if outputs and t:
            turn = before + COLUMN_GAP / 4
            corners = (before, OUTPUT_ROW), (turn, OUTPUT_ROW), (turn, INPUT_ROW)
            wire(ax, *corners, color=GREY, ls="--", head=False)
            wire(ax, (turn, INPUT_ROW), (x - side, INPUT_ROW), color=GREY)


def describe_encoder_decoder(
    source: Sequence[str], target: Sequence[str], *, start: str = "ini"
) -> str:
    """Lo que dibuja :func:`plot_encoder_decoder`, en palabras, para ``explain``.

    Examples
    --------
    >>> describe_encoder_decoder(["mil", "dos"], ["1", "0", "fin"]).split(". ")[0]
    'El codificador lee «mil», «dos» y guarda un estado por paso, de $h_{1}$ a $h_{2}$'
    """
    read, written = (", ".join(f"«{token}»" for token in part) for part in (source, target))
    last = len(source)
    return (
        f"El codificador lee {read} y guarda un estado por paso, de $h_{{1}}$ a $h_{{{last}}}$. Al "
        f"decodificador solo llega el último, $h_{{{last}}}$ (flecha verde). Con él, y empezando "
        f"por «{start}», escribe {written}, un símbolo por estado; cada símbolo escrito es la "
        "entrada del paso siguiente (flechas discontinuas)."
    )
