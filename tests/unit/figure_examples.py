"""Un ejemplo de cada figura del curso, con datos parecidos a los de su lección.

Quien añade una ``plot_*`` añade aquí su ejemplo; :mod:`test_figures` hace lo demás.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import numpy as np

from course_utils.course_map import MapEntry
from course_utils.datasets import load_co2, load_sunspots
from course_utils.training import History

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Example:
    """Cómo se llama a una figura.

    Attributes
    ----------
    args, options : tuple, dict
        Lo que se dibuja.
    panels : int
        Cuántos paneles lleva; cero si recibe ``ax`` en lugar de ``axes``.
    most : int or None
        Cuántas series distingue; ``None`` si caben todas, en filas o paneles con su nombre.
    series : tuple of str
        Opciones a las que también hay que añadir cada serie nueva.
    names : tuple of str
        Títulos de panel, que salen de los datos.
    ragged, gaps : bool
        Si admite series de distinta longitud y si admite huecos (NaN).
    bad : tuple of dict
        Opciones que se rechazan.
    """

    args: tuple = ()
    options: Mapping[str, object] = field(default_factory=dict)
    panels: int = 0
    most: int | None = None
    series: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    ragged: bool = False
    gaps: bool = False
    bad: tuple[Mapping[str, object], ...] = ()


def figure_names() -> list[str]:
    """``módulo.función`` de todas las ``plot_*`` del paquete."""
    return [
        f"{'.'.join(path.relative_to(ROOT).with_suffix('').parts)}.{node.name}"
        for path in sorted((ROOT / "course_utils").rglob("*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("plot_")
    ]


def figure(name: str) -> Callable:
    module, _, function = name.rpartition(".")
    return getattr(import_module(module), function)


rng = np.random.default_rng(0)
STEPS = np.arange(60.0)
TRACK = np.stack([STEPS[:20] * 0.5, np.sin(STEPS[:20] / 9)], axis=1)
CURVES = {"radio 0.5": 0.9**STEPS, "radio 1": np.ones(60), "radio 1.3": 1.05**STEPS}
TURN = np.array([[0.8, 0.6], [-0.6, 0.8]])
LOSSES = {name: np.exp(-STEPS / 20) + 0.02 * rng.random(60) for name in ("NumPy", "Keras")}
DAYS = np.arange("2024-01-01", "2024-03-01", dtype="datetime64[D]")
MONTHS = np.arange("2000-01", "2005-01", dtype="datetime64[M]")
SALES = 40 + 10 * np.sin(STEPS / 4) + rng.normal(size=60)
CELLS = ("RNN", "LSTM", "GRU")
HISTORY = History({"loss": [3.0, 2.0, 1.5, 1.2], "val_loss": [2.8, 2.1, 1.9, 2.0]})
MAP = (
    MapEntry("11", "Secuencias", (), 30),
    MapEntry("12", "Una red", ("11",), 40),
    MapEntry("13", "BPTT", ("11", "12")),
    MapEntry("21", "LSTM", ("13",)),
)
CHAIN = dict.fromkeys("h0 z1 h1 z2 h2 loss error slope2 slope1 w_h delta2 delta1".split(), 0.5)
MARKS = STEPS % 15 == 3
WAYS = {"una caja": 1.0, "agrupar": 0.5}
SHARES = {"una caja": 0.4, "agrupar": 0.1}


def _lesson(number: int, name: str) -> str:
    return f"course_utils.lessons.lesson_{number:02d}.figures.{name}"


EXAMPLES = {
    _lesson(0, "plot_course_map"): Example((MAP,)),
    _lesson(0, "plot_order_matters"): Example(
        (SALES, rng.permutation(SALES), {"lineal": (12.0, 40.0), "media": (45.0, 40.0)}),
        {"unit": "manchas"},
        panels=3,
        names=("En orden", "De la serie barajada"),
        ragged=True,
    ),
    _lesson(11, "plot_series"): Example(
        ([load_sunspots(), load_co2()],),
        panels=2,
        names=("Manchas solares", "CO2 en Mauna Loa"),
    ),
    _lesson(11, "plot_windows"): Example(
        (SALES[:9],),
        {"width": 4},
        ragged=True,
        bad=({"width": 9}, {"width": 0}, {"width": 4, "horizon": 0}),
    ),
    _lesson(11, "plot_horizons"): Example(
        ({1: (SALES, SALES + 1.0), 12: (SALES, SALES - 9.0)},),
        {"dates": MONTHS, "unit": "manchas"},
        panels=2,
        names=("A 1 mes: error medio de 1", "A 12 meses: error medio de 9"),
    ),
    _lesson(11, "plot_leak"): Example(
        ({"memoria": 2.0, "lineal": 17.0}, {"memoria": 20.0, "lineal": 17.5}), {"unit": "manchas"}
    ),
    _lesson(12, "plot_unrolled"): Example(("hello world", np.tanh(rng.normal(size=(11, 6))))),
    _lesson(12, "plot_iterates"): Example(
        ({"ReLU": 0.1 * 1.3**STEPS, "tanh": np.tanh(STEPS + 0.1)},), most=7, ragged=True
    ),
    _lesson(12, "plot_io_patterns"): Example(),
    _lesson(12, "plot_latch"): Example((0.1 * np.sin(STEPS) + MARKS, np.tanh(STEPS - 20))),
    _lesson(13, "plot_tangent"): Example(
        (np.linspace(-0.5, 3, 60), (np.linspace(-0.5, 3, 60) - 1) ** 2),
        {"at": 0.5, "slope": -1.0, "name": "$w_h$"},
        bad=({"at": 7.0, "slope": 1.0, "name": "w"},),
    ),
    _lesson(13, "plot_chain"): Example((CHAIN,), most=len(CHAIN)),
    _lesson(13, "plot_step_errors"): Example(
        (10.0 ** np.arange(-9, 0), {"un solo lado": 10.0 ** np.arange(-9, 0)}), most=3
    ),
    _lesson(13, "plot_losses"): Example(
        ({"red": LOSSES["NumPy"]},), {"reference": ("repartir", 2.1)}, most=7, ragged=True
    ),
    _lesson(13, "plot_extrapolation"): Example(
        (np.arange(4.0, 34), {"valores": np.minimum(np.arange(4.0, 34), 11)}),
        {"trained": (4, 10)},
        most=3,
    ),
    _lesson(13, "plot_truncation"): Example(
        (np.array([1, 2, 4, 8]), {2: np.array([[0.4, 0.8, 0.9, 1.0], [0.2, 0.7, 0.9, 1.0]])}),
        most=4,
        ragged=True,
    ),
    _lesson(13, "plot_parts"): Example(
        (np.array([4, 8]), {"Dentro": np.array([[0.2, 0.6]]), "Más allá": np.array([[0.8, 0.4]])}),
        {"at": 8},
        panels=2,
        names=("Dentro", "Más allá"),
        ragged=True,
        bad=({"at": 5},),
    ),
    _lesson(13, "plot_rates"): Example(
        (np.array([0.1, 0.2]), {"completa": np.array([[0.02, 0.01], [0.03, 0.01]])}),
        {"reference": ("lectura", 0.2)},
        most=4,
        ragged=True,
    ),
    _lesson(14, "plot_accuracy_by_distance"): Example(
        (np.array([2, 10, 80]), np.array([[1.0, 0.9], [0.8, 0.9], [0.5, 0.45]])),
        {"reference": ("a mano", 1.0)},
    ),
    _lesson(14, "plot_transient"): Example((1 + rng.random((4, 60)),), ragged=True),
    _lesson(14, "plot_starts"): Example(
        ({"gaussiana": (10.0 ** rng.normal(size=(3, 16)), np.array([True, False, False]))},),
        panels=1,
        names=("gaussiana: 1 de 3",),
    ),
    _lesson(14, "plot_orbits"): Example(
        ({"A": np.diag([1.1, 0.5]), "B": 0.9 * TURN}, np.array([1.0, -0.6])),
        panels=2,
        names=("A", "B"),
    ),
    _lesson(14, "plot_ellipses"): Example(
        ({"A": np.diag([1.1, 0.5]), "B": 0.9 * TURN},), panels=2, names=("A", "B")
    ),
    _lesson(14, "plot_success"): Example(
        (np.array([[0, 5, 24]]),),
        {"rows": ["tope 1"], "columns": ["0.01", "0.1", "1"], "runs": 24, "xlabel": "tasa"},
        bad=({"runs": 20}, {"rows": ["tope 1", "tope 2"]}),
    ),
    _lesson(14, "plot_tail"): Example((10.0 ** rng.normal(size=200),), ragged=True),
    _lesson(15, "plot_parting"): Example((LOSSES,), most=4),
    _lesson(15, "plot_gaps"): Example(
        ({"dos sesgos": LOSSES["NumPy"] - LOSSES["Keras"]},), most=3, ragged=True
    ),
    _lesson(15, "plot_epochs"): Example((LOSSES,), {"best": 2}, most=7),
    _lesson(16, "plot_box"): Example(
        (np.arange(9) < np.array([[9], [5], [2]]),),
        ragged=True,
    ),
    _lesson(16, "plot_padding_effect"): Example(
        (np.arange(60), {"lee el relleno": rng.random(60)}), {"trained": 8}, most=3
    ),
    _lesson(16, "plot_unit"): Example(
        (np.arange(60), {"empieza por 1": rng.random(60)}), {"trained": 8}, most=2
    ),
    _lesson(16, "plot_costs"): Example(
        ({"RNN": WAYS, "LSTM": WAYS}, {"RNN": SHARES, "LSTM": SHARES}),
        panels=2,
        names=("RNN", "LSTM"),
    ),
    _lesson(21, "plot_error_by_span"): Example(
        (np.array([0.5, 8.0, 1000.0]), np.array([0.9, 0.6, 0.8])), {"reference": ("mira", 0.1)}
    ),
    _lesson(21, "plot_memories"): Example(
        (np.sin(STEPS), {"Con olvido": np.cos(STEPS)}, MARKS), panels=1, names=("Con olvido",)
    ),
    _lesson(21, "plot_gates"): Example(
        (
            np.stack([np.sin(STEPS), MARKS, STEPS % 15 == 9], axis=1),
            {"entrada": 1.0 * MARKS, "olvido": 1.0 - MARKS, "salida": 0.5 + 0 * STEPS},
            np.sin(STEPS),
            np.cos(STEPS),
        ),
        panels=3,
        most=3,
    ),
    _lesson(22, "plot_gru_cell"): Example(),
    _lesson(22, "plot_interpolation"): Example((np.sin(STEPS), np.cos(STEPS), 1.0 - MARKS)),
    _lesson(22, "plot_zero_lines"): Example(
        (np.linspace(-1, 1, 9), {"antes": np.add.outer(np.arange(-4, 5.0), np.arange(-4, 5.0))}),
        most=2,
    ),
    _lesson(22, "plot_port_errors"): Example(
        ({"bien": np.array([0.4, 0.5]), "mal": np.array([1.0, 1.2])},),
        {"reference": ("persistencia", 0.9)},
        ragged=True,
    ),
    _lesson(22, "plot_step_times"): Example(
        ({"Keras": {"RNN": 10.0, "LSTM": 18.0, "GRU": 20.0}, "PyTorch": {"RNN": 8.0}},)
    ),
    _lesson(23, "plot_learning"): Example(
        ({cell: np.array([1.2, 0.2, 0.05]) for cell in CELLS},),
        {"every": 20, "levels": {"nada aprendido": 1 / 6}},
        most=3,
        ragged=True,
    ),
    _lesson(23, "plot_success"): Example(
        ([12, 50], {"eco": {cell: np.array([[1, 0.5, 1], [0.2, 0.1, 0.6]]) for cell in CELLS}}),
        panels=1,
        names=("eco",),
    ),
    _lesson(23, "plot_knobs"): Example(
        ([0.0, 3.0], [0.001, 0.01], {"con recorte": np.array([[0.0, 1.0], [5.0, 3.0]])}),
        {"runs": 5},
        panels=1,
        names=("con recorte",),
        bad=({"runs": 3},),
    ),
    _lesson(24, "plot_digit_rows"): Example((16 * rng.random((8, 8)),), ragged=True),
    _lesson(24, "plot_influence"): Example(
        ({"Un sentido": np.triu(rng.random((12, 12)))},),
        panels=1,
        names=("Un sentido",),
        ragged=True,
    ),
    _lesson(24, "plot_gaps"): Example(
        (
            {"densa": np.array([0.95, 0.97, 0.96, 0.94, 0.98, 0.95])},
            ("LSTM 44", np.array([0.94, 0.95, 0.95, 0.94, 0.96, 0.95])),
        ),
    ),
    _lesson(24, "plot_repeats"): Example(
        ({"sin nada": np.array([0.95, 0.97])},), {"xlabel": "acierto (%)"}, ragged=True
    ),
    _lesson(24, "plot_skill_by_step"): Example(
        ({"dos sentidos": np.array([1.0, 1.0, 1.0, -0.1])},), most=3, ragged=True
    ),
    _lesson(25, "plot_split"): Example(
        (DAYS, SALES, (30, 45)), {"unit": "unidades al día"}, ragged=False
    ),
    _lesson(25, "plot_forecasts"): Example(
        (DAYS, SALES, {"GRU": SALES + 1.0}),
        {"unit": "unidades", "marked": MARKS, "mark": "promoción"},
        most=4,
    ),
    _lesson(25, "plot_errors"): Example(
        ({"GRU": np.array([40.0, 44.0]), "suavizado": np.array([38.0])},),
        {"unit": "unidades", "lines": {"suelo": 15.0}},
        ragged=True,
        bad=({"unit": "unidades", "lines": dict.fromkeys("abcd", 1.0)},),
    ),
    _lesson(33, "plot_next"): Example(
        ({"T = 1": np.array([0.6, 0.3, 0.1])}, ["a", " ", "ñ"]), most=3
    ),
    _lesson(33, "plot_orders"): Example(
        (np.array([2.0, 3.0, 4.0]), {"Kneser-Ney": np.array([3.3, 2.7, 2.2])}), most=7
    ),
    _lesson(33, "plot_language_model"): Example(("niña",)),
    _lesson(33, "plot_by_position"): Example(
        ({"sin estado": 2 + np.exp(-STEPS / 3)},), most=7, ragged=True
    ),
    _lesson(33, "plot_data_curve"): Example(
        (np.array([0.5, 1.0]), {"red": np.array([[2.1, 2.0], [1.9, 1.9]])}), most=4
    ),
    _lesson(33, "plot_variety"): Example(
        (
            {"temperatura": np.array([[0.3, 0.99], [0.5, 0.9]])},
            {"temperatura": ["0.5", "1"]},
        ),
        {"reference": ("cuentos", 0.5, 0.98)},
        most=4,
    ),
    _lesson(33, "plot_copied"): Example(
        ({"modelo": np.array([20.0, 31.0, 18.0])},), most=4, ragged=True
    ),
    _lesson(31, "plot_text_to_tensor"): Example(
        ([("piezas", ["la", "luna"]), ("números", ["4", "9"])],),
    ),
    _lesson(31, "plot_skipgram"): Example(),
    _lesson(31, "plot_growth"): Example((STEPS + 1, STEPS + 1, STEPS + 2)),
    _lesson(31, "plot_families"): Example(
        (
            {"palabras": np.array([[20.0, 30.0], [20.0, 3.0]])},
            {"palabras": [30, 3000]},
        ),
        most=3,
    ),
    _lesson(31, "plot_neighbour_shares"): Example(
        ({"red": np.array([0.3, 0.4]), "SVD": np.array([0.5])}, 0.07), ragged=True
    ),
    _lesson(31, "plot_maps"): Example(
        ({"PCA": rng.normal(size=(9, 2))}, {"días": np.arange(9) < 4}),
        panels=1,
        names=("PCA",),
    ),
    _lesson(32, "plot_classifier"): Example((["no", "es", "malo", "·"],)),
    _lesson(32, "plot_hits"): Example(
        ({"directas": {"GRU": np.array([90.0, 93.0]), "media": np.array([88.0, 91.0])}},),
        {"levels": {"directas": 92.0}},
        panels=1,
        series=("levels",),
        names=("directas",),
        ragged=True,
    ),
    _lesson(32, "plot_learning_curves"): Example(
        (
            np.array([72, 576]),
            {"GRU": np.array([42.0, 28.0])},
            np.array([72.0, 5760.0]),
            {"GRU": np.array([42.0, 18.0])},
        ),
        most=3,
    ),
    _lesson(32, "plot_word_effects"): Example(
        (["no", "es", "malo"], {"red": np.array([2.0, 0.1, -1.0])})
    ),
    _lesson(32, "plot_reliability"): Example(
        ({"GRU": np.array([[0.6, 0.5, 20.0], [0.9, 0.8, 60.0]])},), most=3, ragged=True
    ),
    _lesson(35, "plot_attention_step"): Example((["3", "/", "2"], np.array([0.1, 0.8, 0.1]), "3")),
    _lesson(35, "plot_attention_map"): Example((np.eye(3, 4), list("3/2·"), list("02>"))),
    _lesson(35, "plot_heads"): Example(
        ({"cabeza 1": np.eye(3), "cabeza 2": np.full((3, 3), 1 / 3)}, list("3/2")),
        panels=2,
        names=("cabeza 1", "cabeza 2"),
    ),
    _lesson(35, "plot_cost"): Example(
        ([32, 128], {"GRU": np.array([0.01, 0.04]), "autoatención": np.array([0.001, 0.01])}),
        most=3,
    ),
    "course_utils.plotting.networks.plot_accuracy": Example(
        (["3", "4"], {"64": np.array([[1.0, 0.8], [0.9, 0.7]])}),
        {"xlabel": "cifras"},
        most=3,
        ragged=True,
    ),
    "course_utils.plotting.networks.plot_networks": Example(
        ({"normal": np.array([0.5, 0.6]), "invertida": np.array([0.4])},),
        {"xlabel": "aciertos"},
        ragged=True,
    ),
    "course_utils.plotting.diagrams.plot_rnn_cell": Example(),
    "course_utils.plotting.diagrams.plot_lstm_cell": Example(),
    "course_utils.plotting.diagrams.plot_encoder_decoder": Example(
        (("mil", "dos"), ("1", "0", "0", "2", "fin")),
    ),
    "course_utils.plotting.gradients.plot_gradient_norms": Example(
        (CURVES,),
        {"references": {"radio 1": 2 * CURVES["radio 1"]}},
        most=7,
        ragged=True,
        bad=({"references": {"radio 2": np.ones(3)}}, {"floor": 1e9}),
    ),
    "course_utils.plotting.gradients.plot_divergence": Example(
        ({"sin recorte": [np.array([1.0, 50.0, 9e7]), LOSSES["Keras"]], "con": [LOSSES["NumPy"]]},),
        panels=2,
        names=("sin recorte", "con"),
        ragged=True,
        gaps=True,
    ),
    "course_utils.plotting.training.plot_history": Example(
        ({"GRU": HISTORY, "LSTM": HISTORY},),
        most=5,
        ragged=True,
        gaps=True,
        bad=({"metric": "mae"},),
    ),
    _lesson(41, "plot_late"): Example(
        (SALES, SALES + 1.0, np.arange(3), rng.normal(size=(4, 3))), {"unit": "euros"}, panels=2
    ),
    _lesson(41, "plot_ratios"): Example(
        ({"GRU": np.array([1.0, 1.2]), "deriva": np.array([1.1, 0.9])},),
        {"quantity": "error", "reference": ("repetir ayer", 1.0)},
        ragged=True,
    ),
    _lesson(41, "plot_rank_grid"): Example(
        ({"deriva": np.array([1.0, 2.0]), "theta": np.array([2.0, 1.0])}, ["1990", "1991"])
    ),
    _lesson(41, "plot_mean_ranks"): Example(
        ({"CO2": {"deriva": (2.0, 1.5, 2.5), "theta": (1.0, 1.0, 1.2)}},),
        panels=1,
        names=("CO2",),
    ),
    _lesson(41, "plot_measures"): Example(
        (np.arange(3.0), {"MAE": np.array([2.0, 1.0, 2.0])}), {"unit": "panes"}, most=7
    ),
    _lesson(41, "plot_beyond"): Example(
        (DAYS, SALES, {"GRU": SALES[30:]}), {"limit": 45.0, "unit": "ppm"}, most=3, ragged=True
    ),
    _lesson(41, "plot_forecaster"): Example(),
    _lesson(42, "plot_outlook"): Example(
        (SALES[:20], SALES[20:], {"igual": SALES[20:] + 1.0}), {"unit": "°C"}, most=7, ragged=True
    ),
    _lesson(42, "plot_by_horizon"): Example(
        ({"recursiva": np.array([[1.0, 2.0], [1.5, 4.0]])},), {"unit": "°C"}, most=7, ragged=True
    ),
    _lesson(42, "plot_strategies"): Example(),
    _lesson(42, "plot_paths"): Example(
        ({"recta": {"visto": TRACK, "fue": TRACK + 3.0, "red": TRACK + 3.5}},),
        panels=1,
        names=("recta",),
        ragged=True,
    ),
    _lesson(42, "plot_by_manoeuvre"): Example(
        (["recta", "giro"], {"red": np.array([[0.4, 2.0], [0.5, 2.1]])}), most=4, ragged=True
    ),
    _lesson(43, "plot_quantile_losses"): Example(
        (
            np.arange(4.0),
            {"0.5": np.array([3.0, 1.0, 2.0, 4.0]), "0.9": np.array([4.0, 3.0, 1.0, 2.0])},
        ),
        {"unit": "°C"},
        most=7,
    ),
    _lesson(43, "plot_network"): Example(("temperatura", "hora")),
    _lesson(43, "plot_fan"): Example(
        (np.arange(5.0), np.array([4.0, 6.0]), np.array([[3.0, 5.0], [2.0, 9.0]]), (0.05, 0.95)),
        {"unit": "°C"},
        ragged=True,
    ),
    _lesson(43, "plot_promised"): Example(
        (np.array([0.1, 0.5, 0.9]), {"normal": np.array([0.1, 0.4, 0.8])}), most=7
    ),
    _lesson(43, "plot_blocks"): Example(
        ({"antes": np.array([80.0, 91.0, 85.0]), "después": np.array([90.0, 88.0])},),
        {"unit": "cobertura (%)", "lines": {"prometido": 90.0}},
        ragged=True,
        bad=({"unit": "%", "lines": dict.fromkeys("abc", 1.0)},),
    ),
    _lesson(43, "plot_by_hour"): Example(
        ({"antes": np.linspace(0.7, 0.9, 24), "después": np.linspace(0.8, 0.95, 24)},),
        {"promised": 0.9},
        most=7,
    ),
    _lesson(44, "plot_faults"): Example(
        ({"pico": np.array([[1.0, 9.0, 2.0], [1.0, 2.5, 2.0]])}, {"pico": (1, 2)}),
        {"unit": "l/s"},
        panels=1,
        names=("pico",),
    ),
    _lesson(44, "plot_scores"): Example(
        (SALES, {"z": SALES - 3.0}, {"z": 20.0}, [(2, 5)]),
        {"unit": "l/s", "per_day": 10},
        panels=2,
    ),
    _lesson(44, "plot_noise"): Example(
        (
            np.array([0.01, 0.1, 0.3]),
            np.array([0.4, 0.8, 0.6]),
            np.array([0.5, 0.7, 0.6]),
            {"z": 0.9},
        ),
        most=4,
        ragged=False,
    ),
    _lesson(44, "plot_detector_networks"): Example(),
    _lesson(44, "plot_fault_map"): Example(
        ({"z": np.array([1.0, 0.5]), "bosque": np.array([0.25, 0.75])}, ["pico", "deriva"]),
        {"side": {"z": 0.1, "bosque": 0.4}, "side_name": "falsos/semana"},
        series=("side",),
    ),
    _lesson(44, "plot_levels"): Example(
        (["1", "4"], {"z": np.array([[0.5, 0.6], [0.7, 0.8]])}),
        {"xlabel": "cuello", "ylabel": "área"},
        most=4,
        ragged=True,
    ),
    _lesson(44, "plot_coastal"): Example(
        (DAYS, SALES, [(3, 6)], {"z": MARKS}), {"unit": "°C"}, most=4
    ),
    _lesson(55, "plot_two_processes"): Example(),
    _lesson(55, "plot_deviations"): Example(({"a mano": 1e-15, "media de medias": 0.05},)),
    _lesson(55, "plot_step_parts"): Example(
        ({"1 proceso": np.array([60.0, 0.0, 1.0]), "2 procesos": np.array([35.0, 4.0, 2.0])},),
    ),
    _lesson(55, "plot_shifts"): Example(
        (
            {"A": np.array([[0.0, 1.0], [1.0, 1.5]]), "B": np.array([[0.0, 1.2]])},
            {"A": ["1", "3"], "B": ["2"]},
        ),
        {"deaths": {"A": 1.5}},
    ),
    _lesson(55, "plot_efficiency"): Example(
        (np.array([1.0, 10.0, 100.0]), {"aula": np.array([1.0, 0.7, 0.1])}), most=4
    ),
    _lesson(54, "plot_spectrogram"): Example((rng.uniform(0, 255, size=(40, 20)),), ragged=True),
    _lesson(54, "plot_spikes"): Example(
        (
            rng.uniform(0, 255, size=(6, 20)),
            np.array([[0.9, 0.1], [0.9, 0.1], [0.2, 0.8], [0.9, 0.1], [0.8, 0.2], [0.9, 0.1]]),
            "s",
        ),
        panels=2,
    ),
    _lesson(54, "plot_paths"): Example((np.eye(5) * 0.8 + 0.04, "sí"), ragged=True),
    _lesson(54, "plot_voice_curve"): Example(
        (np.array([5.0, 15.0]), {"conocidas": np.array([[0.1, 0.2], [0.1, 0.1]])}), most=4
    ),
    _lesson(54, "plot_error_rows"): Example(({"zac": np.array([0.2, 0.4])},), ragged=True),
    _lesson(54, "plot_listener"): Example(),
}
