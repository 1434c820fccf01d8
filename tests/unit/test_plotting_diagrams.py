"""Los diagramas: sus cables son los de las ecuaciones y todo lo escrito se lee."""

from itertools import pairwise

import matplotlib.pyplot as plt
import matplotlib.style
import pytest

from course_utils.lessons.lesson_22 import plot_gru_cell
from course_utils.plotting.diagrams import (
    PATH,
    block,
    body,
    describe_encoder_decoder,
    new_diagram,
    plot_encoder_decoder,
    plot_lstm_cell,
    plot_rnn_cell,
    symbol,
    wire,
)
from tests.unit.drawn import tangled, texts
from tests.unit.wiring import Wiring

SIGMA, TITLE = r"$\sigma$", "Un título de unas cuarenta y cinco letras, más"
RNN = {
    ("h_{t-1}", "$W_h$"),
    ("x_t", "$W_x$"),
    *((term, "suma 1") for term in ("$W_h$", "$W_x$", "b")),
    ("suma 1", "tanh"),
    ("tanh", "h_t"),
}
LSTM = {
    *((given, f"{SIGMA} {name}") for given in ("h_{t-1}", "x_t") for name in
      ("olvido", "entrada", "salida")),
    *((given, "tanh candidato") for given in ("h_{t-1}", "x_t")),
    *((factor, "producto 1") for factor in ("c_{t-1}", f"{SIGMA} olvido")),
    *((factor, "producto 2") for factor in (f"{SIGMA} entrada", "tanh candidato")),
    *((term, "suma 1") for term in ("producto 1", "producto 2")),
    *(("suma 1", end) for end in ("c_t", "tanh")),
    *((factor, "producto 3") for factor in (f"{SIGMA} salida", "tanh")),
    ("producto 3", "h_t"),
}  # fmt: skip
GRU = {
    *((given, f"{SIGMA} {name}") for given in ("h_{t-1}", "x_t") for name in
      ("reinicio", "actualización")),
    ("h_{t-1}", "$W_h^n$"),
    *((factor, "producto 3") for factor in ("$W_h^n$", f"{SIGMA} reinicio")),
    *((given, "tanh candidato") for given in ("x_t", "producto 3")),
    *((factor, "producto 1") for factor in ("h_{t-1}", f"{SIGMA} actualización")),
    (f"{SIGMA} actualización", "$1-z_t$"),
    *((factor, "producto 2") for factor in ("$1-z_t$", "tanh candidato")),
    *((term, "suma 1") for term in ("producto 1", "producto 2")),
    ("suma 1", "h_t"),
}  # fmt: skip


CELLS = {plot_rnn_cell: RNN, plot_lstm_cell: LSTM, plot_gru_cell: GRU}


@pytest.fixture(autouse=True)
def course_style():
    with matplotlib.style.context("course_utils.plotting.curso"):
        yield


@pytest.mark.parametrize(("plot", "equations"), CELLS.items(), ids=["RNN", "LSTM", "GRU"])
def test_the_wires_of_a_cell_are_its_equations(plot, equations):
    wiring = Wiring(plot())
    assert wiring.edges() == equations
    for (x0, y0), (x1, y1) in (piece for points in wiring.wires for piece in pairwise(points)):
        assert x0 == x1 or y0 == y1


@pytest.mark.parametrize(
    ("plot", "names"), [(plot_lstm_cell, "figo"), (plot_gru_cell, "rzn")], ids=["LSTM", "GRU"]
)
def test_what_leaves_a_gate_has_its_name_beside(plot, names):
    """El nombre está más cerca del cable que sale de su caja que de los demás de su nombre."""
    wiring = Wiring(plot())
    gates = {"f": "olvido", "i": "entrada", "o": "salida", "r": "reinicio", "z": "actualización"}
    for name in names:
        owner = gates.get(name, "candidato")
        nearest = wiring.nearest_wire(wiring.symbols[f"{name}_t"])
        assert any(owner in source for source in wiring.sources(nearest)), name


@pytest.mark.parametrize(
    ("plot", "kept"),
    [
        (plot_rnn_cell, []),
        (plot_lstm_cell, ["c_{t-1}", "producto 1", "suma 1", "c_t"]),
        (plot_gru_cell, ["h_{t-1}", "producto 1", "suma 1", "h_t"]),
    ],
    ids=["RNN", "LSTM", "GRU"],
)
def test_only_the_additive_path_is_thick(plot, kept):
    """Va de lo que se recordaba a lo que se recuerda; la RNN no lo tiene."""
    ax = plot()
    thick = [patch for patch in ax.patches if patch.get_linewidth() == PATH["lw"]]
    assert [Wiring(ax).ends(patch) for patch in thick] == list(pairwise(kept))
    assert ("camino aditivo" in texts(ax)) == bool(kept)


@pytest.mark.parametrize("title", [None, TITLE])
@pytest.mark.parametrize("plot", CELLS, ids=["RNN", "LSTM", "GRU"])
def test_everything_in_a_cell_can_be_read(plot, title):
    assert tangled(plot(title=title).figure) == []


def test_one_cell_over_another_can_be_read():
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(5.4, 6.1), height_ratios=(4.3, 6.6))
    plot_rnn_cell(title=TITLE, ax=top)
    plot_lstm_cell(title=TITLE, ax=bottom)
    assert tangled(figure) == []


READ, WRITTEN = ["dos", "mil"], ["2", "7", "fin"]


def test_the_decoder_gets_the_last_state_and_what_it_writes():
    edges = Wiring(plot_encoder_decoder(READ, WRITTEN)).edges()
    states = ["$h_{1}$", "$h_{2}$", "$s_{1}$", "$s_{2}$", "$s_{3}$"]
    assert edges == {
        *pairwise(states),
        *zip([*READ, "ini", "2", "7"], states, strict=True),
        *zip(states[2:], WRITTEN, strict=True),
        *((token, token) for token in WRITTEN[:-1]),
    }


@pytest.mark.parametrize(
    ("source", "target", "start"),
    [
        (READ, WRITTEN, "ini"),
        (["a", "b"], ["c", "d"], "e"),
        (["doscientos", "veintiún", "mil"], [*"221004", "<fin>"], "<inicio>"),
        (list("el 2 de"), list("0123456789"), "WWWW"),
    ],
)
def test_everything_in_the_encoder_decoder_can_be_read(source, target, start):
    assert tangled(plot_encoder_decoder(source, target, start=start, title="Leer").figure) == []


def test_the_description_says_what_is_read_what_passes_and_what_is_written():
    told = describe_encoder_decoder(READ, WRITTEN, start="ya")
    assert "lee «dos», «mil»" in told
    assert "solo llega el último, $h_{2}$" in told
    assert "empezando por «ya», escribe «2», «7», «fin»" in told


@pytest.mark.parametrize(
    ("source", "target"), [(["uno"], WRITTEN), (READ, ["fin"]), (READ, ["2", ""])]
)
def test_a_single_symbol_is_not_a_sequence(source, target):
    with pytest.raises(
        ValueError, match=r"dos símbolos o más en (source|target), ninguno vacío; ha llegado"
    ):
        plot_encoder_decoder(source, target)


@pytest.mark.parametrize(
    ("add", "problem"),
    [
        (lambda ax: symbol(ax, (2.1, 1), "$h_t$"), "$h_{t-1}$ toca $h_t$"),
        (
            lambda ax: ax.text(0, 3, "$h_t$", ha="right", in_layout=False),
            "$h_t$ se sale de la figura",
        ),
        (lambda ax: wire(ax, (1, 1), (5, 1)), "$h_{t-1}$ tiene una flecha encima"),
        (lambda ax: block(ax, (5, 3), 1, "tanh", "candidato"), "candidato se sale de una caja"),
        (lambda ax: body(ax, (1, 0.5), (2, 1.5)), "$h_{t-1}$ se sale de una caja"),
    ],
)
def test_the_reader_of_diagrams_sees_what_is_wrong(add, problem):
    ax = new_diagram(None, 8, 4)
    symbol(ax, (2, 1), "$h_{t-1}$")
    assert tangled(ax.figure) == []
    add(ax)
    assert problem in tangled(ax.figure)
