"""El bucle de entrenamiento: igual que uno escrito a mano, y nada se pierde si algo lo corta."""

from __future__ import annotations

import io
import itertools
import math
import os
import pickle
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
import torch
from nbclient import NotebookClient
from torch import nn

from course_utils.training import DivergenceError, History, checkpoint, fit, loop, progress

REPOSITORY = Path(__file__).resolve().parents[2]
RNG = np.random.default_rng(0)
X = RNG.normal(size=(22, 5, 2))  # (lote, tiempo, entrada), float64
Y = X.sum(axis=(1, 2))[:, None]
VALIDATION = (X[:9] + 1, Y[:9])
MSE = nn.MSELoss()


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


class Net(nn.Module):
    """Una GRU con dropout: recuerda cómo la llamaron."""

    def __init__(self, hidden_size=4, dropout=0.3):
        super().__init__()
        self.rnn = nn.GRU(2, hidden_size, batch_first=True)
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(hidden_size, 1)
        self.calls = []

    def forward(self, x):
        self.calls.append((self.training, torch.is_grad_enabled()))
        return self.head(self.drop(self.rnn(x)[1][0]))


def make(seed=0, optimizer=torch.optim.Adam, lr=0.05, **options):
    """Un modelo y su optimizador, siempre los mismos para una semilla."""
    torch.manual_seed(seed)
    model = Net(**options)
    return model, optimizer(model.parameters(), lr=lr)


def train(model, optimizer, **options):
    """``fit`` con datos y tamaños de prueba: 22 ejemplos, lotes de 8, 8 y 6."""
    defaults = {"loss": MSE, "epochs": 4, "batch_size": 8, "seed": 5}
    return fit(model, (X, Y), optimizer=optimizer, **defaults | options)


def weights(model):
    return {name: value.clone() for name, value in model.state_dict().items()}


def same(one, other):
    """Si dos modelos, o dos juegos de pesos, coinciden bit a bit."""
    one, other = (
        item.state_dict() if isinstance(item, nn.Module) else item for item in (one, other)
    )
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def same_history(one, other):
    return one.values.keys() == other.values.keys() and all(
        np.array_equal(one[name], other[name]) for name in one.values
    )


def at_call(number, action, loss=MSE):
    """La pérdida de siempre, que en su llamada ``number`` hace otra cosa."""
    calls = 0

    def wrapped(outputs, targets):
        nonlocal calls
        calls += 1
        value = loss(outputs, targets)
        return action(value) if calls == number else value

    wrapped.__name__ = type(loss).__name__
    return wrapped


def stop(value):
    raise KeyboardInterrupt


def die(value):
    os.kill(os.getpid(), signal.SIGKILL)


# --- el bucle ---------------------------------------------------------------------------------


def plain_loop(model, optimizer, *, epochs, seed, clip_norm):
    """El bucle de siempre, con el orden y el dropout que promete ``fit``."""
    x, y = torch.tensor(X, dtype=torch.float32), torch.tensor(Y, dtype=torch.float32)
    losses, norms = [], []
    for epoch in range(1, epochs + 1):
        rng = np.random.default_rng((seed, epoch))
        order = rng.permutation(len(X))
        torch.manual_seed(int(rng.integers(2**32)))
        model.train()
        total, norms_now = 0.0, []
        for start in range(0, len(X), 8):
            chosen = order[start : start + 8]
            optimizer.zero_grad()
            loss = MSE(model(x[chosen]), y[chosen])
            loss.backward()
            flat = torch.cat([p.grad.ravel() for p in model.parameters()])
            norms_now.append(flat.norm().item())
            if clip_norm is not None:
                torch.nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
            optimizer.step()
            total += loss.item() * len(chosen)
        losses.append(total / len(X))
        norms.append(norms_now)
    return losses, norms


@pytest.mark.parametrize("clip_norm", [None, 0.5])
@pytest.mark.parametrize("optimizer", [torch.optim.Adam, torch.optim.SGD])
def test_it_is_the_loop_one_would_write(optimizer, clip_norm):
    one, other = make(optimizer=optimizer), make(optimizer=optimizer)
    losses, norms = plain_loop(*one, epochs=3, seed=5, clip_norm=clip_norm)
    history = train(*other, epochs=3, clip_norm=clip_norm)
    assert same(one[0], other[0])
    assert history["loss"].tolist() == losses
    assert max(map(max, norms)) > 0.5  # si no, recortar no se notaría
    np.testing.assert_allclose(history["grad_norm"], np.mean(norms, axis=1), rtol=1e-5)
    np.testing.assert_allclose(history["grad_norm_max"], np.max(norms, axis=1), rtol=1e-5)


def test_clipping_changes_what_is_learnt_and_not_what_is_noted_first():
    free, clipped = make(optimizer=torch.optim.SGD), make(optimizer=torch.optim.SGD)
    one, other = train(*free, epochs=1, batch_size=22), None
    other = train(*clipped, epochs=1, batch_size=22, clip_norm=0.1)
    assert one["grad_norm"] == other["grad_norm"] > 0.1
    moved = [
        math.dist(
            *(torch.cat([v.ravel() for v in weights(m).values()]) for m in (make()[0], model))
        )
        for model in (free[0], clipped[0])
    ]
    assert moved[1] == pytest.approx(0.05 * 0.1, rel=1e-3)  # lr por la norma recortada
    assert moved[0] == pytest.approx(0.05 * one["grad_norm"][0], rel=1e-3)


def test_losses_and_metrics_are_means_over_examples():
    model, optimizer = make(optimizer=torch.optim.SGD, lr=0.0, dropout=0.0)

    def bias(outputs, targets):
        return (outputs - targets).mean()

    history = train(model, optimizer, epochs=1, validation=VALIDATION, metrics={"bias": bias})
    with torch.no_grad():
        for prefix, (x, y) in (("", (X, Y)), ("val_", VALIDATION)):
            errors = (model(torch.tensor(x).float()) - torch.tensor(y)).double().numpy()
            assert history[f"{prefix}loss"][0] == pytest.approx((errors**2).mean(), rel=1e-5)
            assert history[f"{prefix}bias"][0] == pytest.approx(errors.mean(), rel=1e-4)


def test_metrics_do_not_change_what_is_learnt():
    one, other = make(), make()
    train(*one)
    train(*other, metrics={"mae": lambda o, t: (o - t).abs().mean().item()}, validation=VALIDATION)
    assert same(one[0], other[0])


def test_validation_is_measured_in_eval_mode_and_without_gradients():
    model, optimizer = make()
    assert train(model, optimizer, epochs=2, validation=VALIDATION).epochs == 2
    once = [(True, True)] * 3 + [(False, False)] * 2  # tres lotes y dos de validación
    assert model.calls == once * 2
    assert not model.training


def test_the_order_depends_on_the_seed_and_the_epoch_only():
    class Echo(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight, self.seen = nn.Parameter(torch.ones(1)), []

        def forward(self, x):
            self.seen += x.ravel().tolist()
            return x * self.weight

    def seen(**options):
        model = Echo()
        numbers = np.arange(10.0)[:, None]
        optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
        fit(model, (numbers, numbers + 1), loss=MSE, optimizer=optimizer, **options)
        return np.reshape(model.seen, (-1, 10)).astype(int).tolist()

    expected = [np.random.default_rng((3, e)).permutation(10).tolist() for e in (1, 2, 3)]
    assert seen(epochs=3, seed=3, batch_size=4) == expected
    torch.manual_seed(99)
    assert seen(epochs=3, seed=3, batch_size=7) == expected
    assert seen(epochs=3, seed=4, batch_size=4) != expected


def test_the_global_generator_is_neither_read_nor_moved():
    one, other = make(), make()
    torch.manual_seed(1)
    before = torch.get_rng_state()
    train(*one)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    train(*other)
    assert same(one[0], other[0])


def test_another_seed_gives_another_model():
    one, other = make(), make()
    train(*one)
    train(*other, seed=6)
    assert not same(one[0], other[0])


# --- los datos --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "convert",
    [
        lambda a: a.tolist(),
        lambda a: np.asfortranarray(a),
        lambda a: a[::-1].copy()[::-1],  # pasos negativos
        lambda a: np.lib.stride_tricks.as_strided(a, a.shape, a.strides, writeable=False),
        lambda a: torch.tensor(a),
        lambda a: torch.tensor(a, dtype=torch.float32),
    ],
    ids=["lista", "Fortran", "al revés", "solo lectura", "tensor", "tensor de 32 bits"],
)
def test_any_array_will_do_and_none_is_changed(convert):
    one, other = make(), make()
    train(*one)
    given = (convert(X), convert(Y))
    fit(other[0], given, loss=MSE, optimizer=other[1], epochs=4, batch_size=8, seed=5)
    assert same(one[0], other[0])
    for now, before in zip(given, (X, Y), strict=True):
        np.testing.assert_array_equal(now, np.asarray(before, np.asarray(now).dtype))


def test_it_keeps_the_precision_of_the_model():
    model = Net().double()
    train(model, torch.optim.Adam(model.parameters()), epochs=1)
    assert model.head.weight.dtype == torch.float64


def test_packed_sequences_and_integer_targets():
    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.rnn, self.head = nn.Embedding(7, 3), nn.GRU(3, 4), nn.Linear(4, 3)

        def forward(self, x, lengths):
            packed = nn.utils.rnn.pack_padded_sequence(
                self.embed(x), lengths, batch_first=True, enforce_sorted=False
            )
            return self.head(self.rnn(packed)[1][0])

    tokens = RNG.integers(7, size=(20, 6), dtype=np.int32)
    lengths = RNG.integers(1, 7, size=20, dtype=np.int32)
    model = Tagger()
    model.rnn.batch_first = True
    history = fit(
        model,
        (tokens, lengths, tokens[:, 0] % 3),  # cross_entropy no admite enteros de 32 bits
        loss=nn.functional.cross_entropy,
        optimizer=torch.optim.Adam(model.parameters(), lr=0.05),
        epochs=30,
    )
    assert history["loss"][-1] < 0.5 * history["loss"][0]


def test_a_mask_is_still_a_mask():
    class Masked(nn.Module):
        def __init__(self):
            super().__init__()
            self.head, self.kinds = nn.Linear(2, 1), set()

        def forward(self, x, mask):
            self.kinds.add(mask.dtype)
            return self.head((x * mask[..., None]).sum(1))

    model = Masked()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    fit(model, (X, X[..., 0] > 0, Y), loss=MSE, optimizer=optimizer, epochs=1)
    assert model.kinds == {torch.bool}


# --- las formas de salidas y objetivos --------------------------------------------------------

ROWS = np.linspace(-1, 1, 22)[:, None]  # (lote, 1)
STEPS = RNG.normal(size=(22, 8, 1))  # (lote, tiempo, 1): el tiempo mide lo que el lote
POSITIVE = ROWS[:, 0] > 0


class Line(nn.Module):
    """Una recta, y lo que se haga con su salida."""

    def __init__(self, finish, size):
        super().__init__()
        self.head, self.finish = nn.Linear(1, size), finish

    def forward(self, x):
        return self.finish(self.head(x))


def fit_line(x, y, loss, *, finish=lambda outputs: outputs, size=1, **options):
    model = Line(finish, size)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    defaults = {"epochs": 1, "batch_size": 8}
    return model, fit(model, (x, y), loss=loss, optimizer=optimizer, **defaults | options)


def own_loss(outputs, targets):
    return ((outputs - targets) ** 2).mean()


def squeezing_loss(outputs, targets):
    return own_loss(outputs[..., 0], targets)


BROADCAST = {
    "MSE": ((ROWS, ROWS[:, 0], MSE), r"\(8, 1\) y los objetivos, \(8,\).*y.reshape\(-1, 1\)"),
    "L1": ((ROWS, ROWS[:, 0], nn.L1Loss()), r"y.reshape\(-1, 1\)"),
    "Poisson": ((ROWS, ROWS[:, 0] + 1, nn.PoissonNLLLoss()), r"y.reshape\(-1, 1\)"),
    "BCE": ((ROWS, POSITIVE * 1.0, nn.BCEWithLogitsLoss()), r"y.reshape\(-1, 1\)"),
    "enteros": ((ROWS, POSITIVE * 1, MSE), r"y.reshape\(-1, 1\)"),
    "propia": ((ROWS, ROWS[:, 0], own_loss), r"'loss' los difunde.*y.reshape\(-1, 1\)"),
    "por pasos": ((STEPS, STEPS[..., 0], own_loss), r"y.reshape\(-1, 8, 1\)"),
    "de un ejemplo": ((STEPS[:1], STEPS[:1, :, 0], own_loss), r"y.reshape\(-1, 8, 1\)"),
    "varias salidas": ((ROWS, ROWS, MSE), r"\(8, 3\) y los objetivos, \(8, 1\).*la última capa"),
}
OTHER_OPTIONS = {"varias salidas": {"size": 3}}


@pytest.mark.parametrize("case", BROADCAST)
def test_targets_that_would_broadcast_are_refused(case):
    (x, y, loss), message = BROADCAST[case]
    with pytest.raises(ValueError, match=message):
        fit_line(x, y, loss, **OTHER_OPTIONS.get(case, {}))


@pytest.mark.parametrize(
    ("x", "axis", "shape"), [(ROWS, 1, r"-1,"), (STEPS, 2, r"-1, 8")], ids=["(N,)", "(N, T)"]
)
@pytest.mark.parametrize("batch_size", [8, 5])
def test_outputs_that_lack_an_axis_are_refused(x, axis, shape, batch_size):
    """También cuando el lote no mide lo que el tiempo y PyTorch protestaría en inglés."""
    with pytest.raises(ValueError, match=rf"y.reshape\({shape}\)"):
        fit_line(x, x, MSE, finish=lambda o: o.squeeze(axis), batch_size=batch_size)


def test_what_broadcasts_only_in_validation_or_in_a_metric_is_refused_too():
    with pytest.raises(ValueError, match="'loss' los difunde"):
        fit_line(ROWS, ROWS, own_loss, validation=(ROWS, ROWS[:, 0]))
    with pytest.raises(ValueError, match="'mae' los difunde"):
        fit_line(ROWS, ROWS[:, 0], squeezing_loss, metrics={"mae": nn.functional.l1_loss})


def test_a_refusal_of_shapes_leaves_the_model_as_it_was():
    model, optimizer = make()
    initial = weights(model)
    with pytest.raises(ValueError, match="misma forma"):
        fit(model, (X, Y[:, 0]), loss=MSE, optimizer=optimizer, epochs=1)
    assert same(model, initial)


def pinball(outputs, targets):
    """Tres cuantiles contra un mismo objetivo: aquí difundir es lo que se quiere."""
    levels, gap = torch.tensor([0.1, 0.5, 0.9]), targets - outputs
    return torch.maximum(levels * gap, (levels - 1) * gap).mean()


PAIRED = {
    "clases": (ROWS, POSITIVE * 1, nn.CrossEntropyLoss(), {"size": 3}),
    "tantas clases como lote": (ROWS, POSITIVE * 1, nn.CrossEntropyLoss(), {"size": 8}),
    "quita el eje": (ROWS, ROWS[:, 0], squeezing_loss, {}),
    "quita el eje por pasos": (STEPS, STEPS[..., 0], squeezing_loss, {}),
    "media y varianza": (
        ROWS,
        ROWS[:, 0],
        lambda o, t: nn.functional.gaussian_nll_loss(o[:, 0], t, o[:, 1].exp()),
        {"size": 2},
    ),
    "cuantiles": (ROWS, ROWS, pinball, {"size": 3}),
    "lote de uno": (ROWS[:17], ROWS[:17, 0], MSE, {"finish": torch.squeeze}),
    "tupla": (ROWS, ROWS, lambda o, t: MSE(o[0], t), {"finish": lambda o: (o, o)}),
}


@pytest.mark.parametrize("case", PAIRED)
def test_other_shapes_that_pair_well_are_accepted(case):
    x, y, loss, options = PAIRED[case]
    assert math.isfinite(fit_line(x, y, loss, **options)[1]["loss"][0])


def test_an_error_of_the_loss_itself_is_not_blamed_on_the_shapes():
    with pytest.raises(IndexError, match="out of bounds"):
        fit_line(ROWS, np.full(22, 7), nn.CrossEntropyLoss(), size=3)


# --- parada temprana --------------------------------------------------------------------------


class Drift(nn.Module):
    """Un número que el entrenamiento lleva a 10; la validación lo querría en 3."""

    def __init__(self):
        super().__init__()
        self.level = nn.Parameter(torch.zeros(()))

    def forward(self, x):
        return self.level.expand(len(x), 1)


def drift(**options):
    model = Drift()
    ten, three = np.full((4, 1), 10.0), np.full((4, 1), 3.0)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    options = {"epochs": 20, "validation": (three, three), "loss": MSE} | options
    return fit(model, (ten, ten), optimizer=optimizer, **options), model


def test_early_stopping_waits_and_restores_the_best():
    history, model = drift(patience=3)
    values = history["val_loss"]
    best = int(values.argmin()) + 1
    assert 1 < best == history.best_epoch
    assert history.epochs == best + 3
    assert same(model, drift(epochs=best)[1])
    assert not same(model, drift(epochs=best + 3)[1])


def test_without_patience_the_last_epoch_stays():
    history, model = drift()
    assert history.epochs == 20 > history.best_epoch + 3
    assert (model.level.item() - 3) ** 2 == pytest.approx(history["val_loss"][-1])


def test_patience_that_does_not_run_out_also_restores_the_best():
    history, model = drift(patience=15, epochs=9)
    assert history.epochs == 9 > history.best_epoch
    assert same(model, drift(epochs=history.best_epoch)[1])


# --- interrupciones y divergencias ------------------------------------------------------------


def test_an_interruption_keeps_the_last_whole_epoch(capsys):
    model, optimizer = make()
    history = train(model, optimizer, loss=at_call(8, stop))  # época 3, paso 2 de 3
    assert capsys.readouterr().out == (
        "Interrumpido en la época 3: el modelo queda como al final de la época 2.\n"
    )
    whole = make()
    assert same_history(history, train(*whole, epochs=2))
    assert same(model, whole[0])
    assert not model.training
    moments = [
        [state["exp_avg"] for state in one.state_dict()["state"].values()]
        for one in (optimizer, whole[1])
    ]
    assert all(map(torch.equal, *moments))


def test_an_interruption_in_the_first_epoch_leaves_the_model_as_it_was(capsys):
    model, optimizer = make()
    history = train(model, optimizer, loss=at_call(2, stop), validation=VALIDATION)
    assert "época 1: el modelo queda como estaba" in capsys.readouterr().out
    assert history.epochs == 0
    assert history.best_epoch is None
    assert len(history["val_loss"]) == 0
    assert same(model, make()[0])


def test_an_interruption_with_patience_keeps_the_best_epoch(capsys):
    history, model = drift(patience=9, loss=at_call(2 * 8 + 1, stop))  # entrena y valida cada vez
    assert history.epochs == 8 > history.best_epoch
    assert f"al final de la época {history.best_epoch}." in capsys.readouterr().out
    assert same(model, drift(epochs=history.best_epoch)[1])


def test_any_other_error_also_leaves_a_whole_epoch():
    model, optimizer = make()
    with pytest.raises(ZeroDivisionError):
        train(model, optimizer, loss=at_call(5, lambda value: 1 / 0))
    whole = make()
    train(*whole, epochs=1)
    assert same(model, whole[0])
    assert not model.training


def infinite_gradient(value):
    return value + (0 * value).sqrt() * 0 + (value * 0).sqrt()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"loss": at_call(5, lambda value: value * math.nan)},
            "La pérdida ha llegado a nan en la época 2, paso 2 de 3",
        ),
        (
            {"loss": at_call(4, infinite_gradient)},
            "La norma del gradiente ha llegado a nan en la época 2, paso 1 de 3",
        ),
        (
            {
                "loss": at_call(5, lambda value: value * math.inf),
                "validation": VALIDATION,
            },
            "La pérdida de validación ha llegado a inf en la época 1",
        ),
    ],
    ids=["pérdida", "gradiente", "validación"],
)
def test_a_divergence_says_where_and_what_to_try(options, message):
    model, optimizer = make(lr=0.125)
    with pytest.raises(DivergenceError, match=message) as caught:
        train(model, optimizer, **options)
    assert "menor que la actual, 0.125," in str(caught.value)
    assert "clip_norm=1." in str(caught.value)
    done = caught.value.history.epochs
    whole = make(lr=0.125)
    if done:
        assert same_history(caught.value.history, train(*whole, epochs=done))
    assert same(model, whole[0])
    assert not model.training


def test_parameters_that_overflow_do_not_make_a_good_epoch():
    """Un solo paso por época: el siguiente llegaría tarde para volver atrás."""
    model, optimizer = make(optimizer=torch.optim.SGD, lr=1e38)
    with pytest.raises(DivergenceError, match="Algún parámetro ha llegado a nan en la época 1"):
        train(model, optimizer, loss=lambda o, t: 1e3 * MSE(o, t), batch_size=22)
    assert same(model, make()[0])


def test_a_real_divergence_is_cured_by_what_the_error_suggests():
    data = (np.full((8, 1), 3.0), np.full((8, 1), 1.0))

    def run(**options):
        torch.manual_seed(0)
        model = nn.Linear(1, 1)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
        return fit(model, data, loss=MSE, optimizer=optimizer, epochs=200, **options)

    with pytest.raises(DivergenceError) as caught:
        run()
    assert 0 < caught.value.history.epochs < 200
    assert np.isfinite(caught.value.history["loss"]).all()
    assert run(clip_norm=0.1).epochs == 200


# --- el archivo del que se sigue --------------------------------------------------------------

RESUMABLE = {
    "Adam": {},
    "SGD con inercia": {
        "optimizer": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9, nesterov=True)
    },
    "AMSGrad": {"optimizer": lambda p, lr: torch.optim.AdamW(p, lr=lr, amsgrad=True)},
}


@pytest.mark.parametrize("options", RESUMABLE.values(), ids=RESUMABLE)
def test_resuming_gives_the_same_bits(options, tmp_path, capsys):
    straight, first, second = (make(**options) for _ in range(3))
    more = {"validation": VALIDATION, "clip_norm": 1.0, "metrics": {"mae": nn.L1Loss()}}
    expected = train(*straight, epochs=5, **more)
    train(*first, epochs=2, checkpoint=tmp_path / "modelo.pt", **more)
    second[0].load_state_dict(make(seed=9)[0].state_dict())  # empiece donde empiece
    torch.manual_seed(123)
    history = train(*second, epochs=5, checkpoint=str(tmp_path / "modelo.pt"), **more)
    assert capsys.readouterr().out == "Sigo desde modelo.pt: 2 épocas de 5 ya hechas.\n"
    assert same(second[0], straight[0])
    assert same_history(history, expected)
    assert [path.name for path in tmp_path.iterdir()] == ["modelo.pt"]


def test_the_file_does_not_change_what_is_learnt(tmp_path):
    one, other = make(), make()
    assert same_history(train(*one), train(*other, checkpoint=tmp_path / "modelo.pt"))
    assert same(one[0], other[0])


def test_resuming_with_patience_goes_on_from_the_last_epoch_and_not_from_the_best(tmp_path):
    path = tmp_path / "modelo.pt"
    expected, model = drift(patience=6)
    first, _ = drift(patience=6, epochs=expected.best_epoch + 2, checkpoint=path)
    assert first.epochs == first.best_epoch + 2
    history, resumed = drift(patience=6, checkpoint=path)
    assert same_history(history, expected)
    assert same(resumed, model)
    patient, _ = drift(patience=8, checkpoint=path)  # se puede esperar más que antes
    assert patient.epochs == expected.epochs + 2


def test_an_interruption_right_after_resuming_changes_nothing(tmp_path, capsys):
    """El optimizador reanudado no comparte memoria con el estado al que hay que volver."""
    path, straight, resumed = tmp_path / "modelo.pt", make(), make()
    train(*straight, epochs=5)
    train(*resumed, epochs=2, checkpoint=path)
    for call in (2, 3):  # dos veces, a mitad de la época 3
        history = train(*resumed, epochs=5, checkpoint=path, loss=at_call(call, stop))
        assert history.epochs == 2
        assert capsys.readouterr().out.endswith("época 2. Para seguir, repite la llamada.\n")
    path.unlink()
    two = make()
    train(*two, epochs=2)
    assert str(resumed[1].state_dict()) == str(two[1].state_dict())


def test_the_seconds_are_those_of_all_the_epochs(tmp_path, monkeypatch):
    """Con un reloj que avanza un segundo cada vez que se mira: dos miradas por época."""
    ticks = itertools.count()
    monkeypatch.setattr(loop, "time", SimpleNamespace(perf_counter=lambda: float(next(ticks))))
    path = tmp_path / "modelo.pt"
    assert train(*make(), epochs=2, checkpoint=path).seconds == 2.0
    next(ticks)
    assert train(*make(), epochs=5, checkpoint=path).seconds == 5.0


def test_a_finished_training_comes_back_at_once(tmp_path, capsys):
    one, other = make(), make(seed=1)
    expected = train(*one, checkpoint=tmp_path / "modelo.pt")
    calls = len(other[0].calls)
    history = train(*other, checkpoint=tmp_path / "modelo.pt")
    assert "modelo.pt ya estaba completo, con 4 épocas" in capsys.readouterr().out
    assert len(other[0].calls) == calls
    assert same(one[0], other[0])
    assert same_history(history, expected)
    assert history.seconds == expected.seconds > 0


def test_a_training_that_stopped_early_is_finished(tmp_path, capsys):
    expected, model = drift(patience=2, checkpoint=tmp_path / "modelo.pt")
    history, again = drift(patience=2, checkpoint=tmp_path / "modelo.pt")
    assert "ya estaba completo" in capsys.readouterr().out
    assert same_history(history, expected)
    assert same(again, model)


# Dos entrenamientos que mueren de verdad, en procesos que nacen de uno: así PyTorch se importa una
# sola vez. El primero muere a mitad de la época 3; el segundo, cuando escribe su archivo.
KILLED = """
import os, sys
from pathlib import Path
import test_training as t

def die_half_written(part, path, calls=[]):
    calls.append(path)
    if len(calls) == 3:
        data = Path(part).read_bytes()
        Path(part).write_bytes(data[: len(data) // 2])
        t.die(None)
    replace(part, path)

t.torch.set_num_threads(1)
for name in ("epoch", "write"):
    child = os.fork()
    if child == 0:
        options = {"loss": t.at_call(8, t.die)} if name == "epoch" else {}
        if name == "write":
            replace, os.replace = os.replace, die_half_written
        t.train(*t.make(), checkpoint=Path(sys.argv[1], name, "modelo.pt"), **options)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """Una carpeta con lo que dejan los dos, uno en ``epoch`` y otro en ``write``."""
    folder = tmp_path_factory.mktemp("muertos")
    for name in ("epoch", "write"):
        (folder / name).mkdir()
    modules = os.pathsep.join(map(str, (REPOSITORY, Path(__file__).parent)))
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder)],
        env={**os.environ, "PYTHONPATH": modules},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.stdout.split() == [str(-signal.SIGKILL)] * 2, done.stderr
    return folder


@pytest.mark.skipif(not hasattr(os, "fork"), reason="solo donde se puede matar un proceso así")
@pytest.mark.parametrize("how", ["epoch", "write"])
def test_a_killed_training_resumes_as_if_nothing_had_happened(how, killed, capsys):
    path = killed / how / "modelo.pt"
    assert Path(f"{path}.part").exists() == (how == "write")
    straight, resumed = make(), make()
    history = train(*resumed, checkpoint=path)
    assert "2 épocas de 4 ya hechas" in capsys.readouterr().out
    assert same_history(history, train(*straight))
    assert same(resumed[0], straight[0])
    assert [item.name for item in path.parent.iterdir()] == ["modelo.pt"]


OTHER_RUNS = {
    "otro tamaño": ({"hidden_size": 5}, {}, r"parámetro rnn.weight_ih_l0: \(15, 2\) float32"),
    "otro dropout": ({"dropout": 0.5}, {}, r"modelo: \(drop\): Dropout\(p=0.5"),
    "otra tasa": ({"lr": 0.01}, {}, "optimizador: lr: 0.05» y ahora toca «optimizador: lr: 0.01"),
    "otro optimizador": ({"optimizer": torch.optim.SGD}, {}, r"«optimizador: SGD \("),
    "otro lote": ({}, {"batch_size": 4}, "«batch_size: 8» y ahora toca «batch_size: 4»"),
    "otra semilla": ({}, {"seed": 6}, "«seed: 5» y ahora toca «seed: 6»"),
    "otro recorte": ({}, {"clip_norm": 1.0}, "«clip_norm: None» y ahora toca «clip_norm: 1.0»"),
    "otra pérdida": ({}, {"loss": nn.L1Loss()}, "«loss: MSELoss» y ahora toca «loss: L1Loss»"),
    "otras métricas": (
        {},
        {"metrics": {"mae": nn.L1Loss()}},
        "«metrics: ninguna» .*«metrics: mae»",
    ),
    "otra validación": ({}, {"validation": (X, Y)}, r"«validation: \(9, 5, 2\) .*\(22, 5, 2\)"),
    "otros datos": ({}, {"validation": (VALIDATION[0], -VALIDATION[1])}, "huella"),
    "con paciencia": ({}, {"patience": 3}, "«patience: no» y ahora toca «patience: sí»"),
    "sin validación": ({}, {"validation": None}, "ahora toca «nada más»"),
    "menos épocas": ({}, {"epochs": 1}, "ya tiene 2 épocas y has pedido epochs=1. Pide al menos 2"),
}


@pytest.mark.parametrize(("of_model", "of_fit", "message"), OTHER_RUNS.values(), ids=OTHER_RUNS)
def test_a_file_of_another_training_is_refused_and_kept(of_model, of_fit, message, tmp_path):
    path = tmp_path / "modelo.pt"
    train(*make(), epochs=2, checkpoint=path, validation=VALIDATION)
    before = path.read_bytes()
    model, optimizer = make(**of_model)
    initial = weights(model)
    with pytest.raises(ValueError, match=message):
        train(model, optimizer, checkpoint=path, **{"validation": VALIDATION} | of_fit)
    assert path.read_bytes() == before
    assert same(model, initial)
    assert model.calls == []
    assert model.training


def damaged_files():
    """Archivos que no sirven: cada uno, con lo que se dice de él."""
    buffer = io.BytesIO()
    torch.save(make()[0].state_dict(), buffer)
    return {
        "vacío": (lambda good: b"", "está dañado"),
        "cortado al final": (lambda good: good[:-1], "está dañado"),
        "cortado a la mitad": (lambda good: good[: len(good) // 2], "está dañado"),
        "un bit cambiado": (flip_a_weight, "está dañado"),
        "un texto": (lambda good: b"hola\n" * 50, r"está dañado .*\(250 bytes\)"),
        "un pickle": (lambda good: pickle.dumps({"a": 1}), "está dañado"),
        "solo los pesos": (lambda good: buffer.getvalue(), "quizá solo los pesos de un modelo"),
    }


def flip_a_weight(good):
    """El mismo archivo, con un bit distinto dentro de los datos de un tensor."""
    model, optimizer = make()
    train(model, optimizer, epochs=2)
    place = good.index(model.head.weight.detach().numpy().tobytes())
    return good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :]


@pytest.mark.parametrize(("spoil", "message"), damaged_files().values(), ids=damaged_files())
def test_a_damaged_file_is_refused_and_kept(spoil, message, tmp_path):
    path = tmp_path / "modelo.pt"
    train(*make(), epochs=2, checkpoint=path)
    path.write_bytes(spoil(path.read_bytes()))
    before = path.read_bytes()
    model, optimizer = make(seed=1)
    initial = weights(model)
    with pytest.raises(ValueError, match=message) as caught:
        train(model, optimizer, checkpoint=path)
    assert "elige otro archivo" in str(caught.value).lower()
    assert path.read_bytes() == before
    assert same(model, initial)


class Bomb:
    def __reduce__(self):
        return print, ("¡pum!",)


def test_a_file_cannot_run_code(tmp_path, capsys):
    path = tmp_path / "modelo.pt"
    torch.save({"format": checkpoint.FORMAT, "run": Bomb()}, path)
    with pytest.raises(ValueError, match="contiene otra cosa"):
        train(*make(), checkpoint=path)
    assert capsys.readouterr().out == ""


def test_a_full_disk_loses_nothing(tmp_path, monkeypatch):
    path, whole = tmp_path / "modelo.pt", make()
    train(*make(), epochs=1, checkpoint=path)
    before = path.read_bytes()

    def full(descriptor):
        raise OSError(28, "No queda espacio en el dispositivo")

    monkeypatch.setattr(os, "fsync", full)
    model, optimizer = make()
    with pytest.raises(OSError, match=r"No se ha podido guardar .*No queda espacio"):
        train(model, optimizer, checkpoint=path)
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["modelo.pt"]
    train(*whole, epochs=2)
    assert same(model, whole[0])  # la época estaba entera, aunque no guardada


@pytest.mark.parametrize(
    ("place", "error", "message"),
    [
        ("no/existe/modelo.pt", FileNotFoundError, "la carpeta .*no/existe, que no existe. Créala"),
        ("", ValueError, "es una carpeta. Añade un nombre"),
    ],
)
def test_a_file_that_cannot_be(place, error, message, tmp_path):
    model, optimizer = make()
    with pytest.raises(error, match=message):
        train(model, optimizer, checkpoint=tmp_path / place)
    assert model.calls == []
    assert list(tmp_path.iterdir()) == []


# --- argumentos -------------------------------------------------------------------------------

BROKEN = X.copy()
BROKEN[3, 2, 1] = math.nan

BAD = {
    "model: clase": ({"model": Net}, TypeError, "model debe ser un torch.nn.Module"),
    "optimizer: texto": ({"optimizer": "adam"}, TypeError, "optimizer debe ser un optimizador"),
    "optimizer: de otro": ({"optimizer": make()[1]}, ValueError, "los parámetros de este modelo"),
    "loss: texto": ({"loss": "mse"}, TypeError, "loss debe ser una función"),
    "loss: clase": ({"loss": nn.MSELoss}, TypeError, r"ha llegado type: .*torch.nn.MSELoss\(\)"),
    "loss: sin reducir": (
        {"loss": nn.MSELoss(reduction="none")},
        TypeError,
        r"un solo número.*ha llegado un tensor de forma \(8, 1\) y tipo float32",
    ),
    "loss: sin gradiente": (
        {"loss": lambda o, t: MSE(o.detach(), t)},
        TypeError,
        "calculado con las salidas del modelo",
    ),
    "epochs: cero": ({"epochs": 0}, ValueError, "epochs debe ser al menos 1"),
    "epochs: decimal": ({"epochs": 1.5}, TypeError, "epochs debe ser un número entero"),
    "batch_size": ({"batch_size": 0}, ValueError, "batch_size debe ser al menos 1"),
    "seed": ({"seed": -1}, ValueError, "seed debe ser al menos 0"),
    "clip_norm: cero": ({"clip_norm": 0}, ValueError, "clip_norm debe ser un número positivo"),
    "clip_norm: texto": ({"clip_norm": "1"}, ValueError, "clip_norm debe ser un número positivo"),
    "clip_norm: NaN": ({"clip_norm": math.nan}, ValueError, "clip_norm debe ser un número posi"),
    "patience: cero": (
        {"patience": 0, "validation": VALIDATION},
        ValueError,
        "patience debe ser al menos 1",
    ),
    "patience: sola": ({"patience": 3}, ValueError, "no ha llegado validation"),
    "train: solo x": ({"train": X}, TypeError, "train debe ser una tupla .*train=\\(x, y\\)"),
    "train: un tensor": ({"train": torch.ones(3, 2)}, TypeError, r"un tensor de forma \(3, 2\)"),
    "train: sin objetivo": ({"train": (X,)}, TypeError, "train debe ser una tupla"),
    "train: vacío": ({"train": (X[:0], Y[:0])}, ValueError, "y al menos uno; han llegado 0, 0"),
    "train: longitudes": ({"train": (X, Y[:-1])}, ValueError, "han llegado 22, 21"),
    "train: texto": ({"train": (X, ["a"] * 22)}, TypeError, r"train\[1\] debe ser un array de núm"),
    "train: escalar": ({"train": (X, 1.0)}, ValueError, r"train\[1\] debe tener un ejemplo por fi"),
    "train: NaN": (
        {"train": (BROKEN, Y)},
        ValueError,
        r"train\[0\] .*posición \(3, 2, 1\) hay nan",
    ),
    "train: inf": (
        {"train": (X, torch.tensor(Y).where(torch.tensor(Y) > 0, math.inf))},
        ValueError,
        r"train\[1\] debe tener solo valores finitos",
    ),
    "train: no cabe": (
        {"train": (X, Y * 1e300)},
        ValueError,
        r"train\[1\] .*que no cabe en float32. Usa números menores",
    ),
    "validation: partes": (
        {"validation": (X, X, Y)},
        ValueError,
        "validation debe tener las mismas partes que train, 2; han llegado 3",
    ),
    "validation: NaN": ({"validation": (BROKEN, Y)}, ValueError, r"validation\[0\] debe tener"),
    "metrics: lista": ({"metrics": [MSE]}, TypeError, "metrics debe ser un diccionario"),
    "metrics: texto": ({"metrics": {"mae": "mae"}}, TypeError, "metrics debe ser un diccionario"),
    "metrics: loss": ({"metrics": {"loss": MSE}}, ValueError, "no puede usar el nombre 'loss'"),
    "metrics: val_": ({"metrics": {"val_a": MSE}}, ValueError, "no puede usar el nombre 'val_a'"),
    "metrics: sin reducir": (
        {"metrics": {"error": lambda o, t: o - t}},
        TypeError,
        r"La medida 'error' debe devolver un solo número por lote; .*\(8, 1\)",
    ),
    "metrics: nada": (
        {"metrics": {"error": lambda o, t: None}},
        TypeError,
        "La medida 'error' debe devolver un solo número por lote; ha llegado NoneType",
    ),
    "checkpoint": ({"checkpoint": 3}, TypeError, "checkpoint debe ser el nombre de un archivo"),
}


@pytest.mark.parametrize(("options", "error", "message"), BAD.values(), ids=BAD)
def test_bad_input_says_what_was_expected(options, error, message):
    model, optimizer = make()
    initial = weights(model)
    arguments = {
        "model": model,
        "train": (X, Y),
        "loss": MSE,
        "optimizer": optimizer,
        "epochs": 1,
        "batch_size": 8,
    }
    with pytest.raises(error, match=message):
        fit(**arguments | options)
    assert same(model, initial)


# --- el historial -----------------------------------------------------------------------------


def test_a_history_holds_read_only_copies():
    losses = np.array([2.0, 1.0])
    history = History({"loss": losses})
    losses[0] = 9
    assert history["loss"].tolist() == [2.0, 1.0]
    with pytest.raises(ValueError, match="read-only"):
        history["loss"][0] = 3
    assert math.isnan(history.seconds)


def test_the_best_epoch_is_the_first_of_the_best():
    assert History({"loss": [3, 1, 1], "val_loss": [1, 2, 3]}).best_epoch == 1
    assert History({"loss": [3, 1, 1]}).best_epoch == 2
    assert History({"loss": [math.nan, 5, math.inf]}).best_epoch == 2
    assert History({"loss": [math.nan]}).best_epoch is None


def test_a_history_says_what_it_has():
    history = History({"loss": [1.0], "mae": [2.0]})
    with pytest.raises(KeyError, match="'mse' no está en el historial, que tiene loss, mae"):
        history["mse"]
    assert repr(history) == "History(1 época, loss=1, best_epoch=1)"
    assert repr(History({"loss": []})) == "History(0 épocas, best_epoch=None)"


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({"mae": [1.0]}, ValueError, "con la pérdida de cada época"),
        ([1.0], ValueError, "con la pérdida de cada época"),
        ({"loss": [1.0, 2.0], "mae": [1.0]}, ValueError, "hay 2 de la pérdida y 1 de mae"),
        ({"loss": ["a"]}, TypeError, "loss debe ser un array de números"),
        ({"loss": [[1.0]]}, ValueError, "loss debe tener 1 dimensiones"),
    ],
)
def test_a_bad_history_says_why(values, error, message):
    with pytest.raises(error, match=message):
        History(values)
    with pytest.raises(error, match=message):
        History.from_keras(SimpleNamespace(history=values))


def test_a_history_from_keras_is_the_same_kind_of_thing():
    """Con un doble de lo que devuelve ``model.fit``: Keras de verdad lo usan las lecciones."""
    inner = {"loss": [0.5, 0.25], "val_loss": [0.4, 0.6], "mae": [0.1, 0.2]}
    stand_in = SimpleNamespace(history=inner, epoch=[0, 1], params={"epochs": 2})
    history = History.from_keras(stand_in, seconds=3.0)
    assert same_history(history, History(inner))
    assert (history.epochs, history.best_epoch, history.seconds) == (2, 1, 3.0)


# --- lo que se ve -----------------------------------------------------------------------------

SLOW = """
import numpy as np, torch
from course_utils.training import fit, progress
progress.FIRST_LOOK = progress.REFRESH = 0
shown, Note = [], progress.Note
progress.Note = lambda text: (shown.append(text), Note(text))[1]
x = np.ones((6, 1))
def go():
    model = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    data = {"train": (x, x), "validation": (x, x), "batch_size": 3}
    fit(model, **data, loss=torch.nn.MSELoss(), optimizer=optimizer, epochs=2)
"""


def test_a_notebook_keeps_nothing_of_the_line():
    """Ejecutado como papermill, nada; ejecutado como JupyterLab, aparece y desaparece."""
    sources = [textwrap.dedent(SLOW), "go()", "shown", "print('a')\ngo()\nprint('b')", "shown"]
    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, sources)))
    environment = {name: os.environ[name] for name in os.environ if name != "PYTEST_CURRENT_TEST"}
    client = NotebookClient(notebook, kernel_name="python3", shutdown_kernel="immediate")
    with client.setup_kernel(env={**environment, "PYTHONPATH": str(REPOSITORY)}):
        for number, cell in enumerate(notebook.cells):
            client.kc.allow_stdin = number >= 3  # lo que distingue a quien puede mirar
            client.execute_cell(cell, number)
    silent, nothing, watched, seen = (cell.outputs for cell in notebook.cells[1:])
    assert silent == []
    assert nothing[0].data["text/plain"] == "[]"
    assert [output.get("text", output.get("data")) for output in watched] == ["a\n", {}, "b\n"]
    text = seen[0].data["text/plain"]
    assert "época 1 de 2, paso 1 de 2 · pérdida " in text
    assert "época 2 de 2, paso 2 de 2 · pérdida " in text
    assert " · validación " in text
    assert " · quedan 0 s" in text


class Screen(io.StringIO):
    """Una terminal de mentira."""

    def isatty(self):
        return True

    def line(self):
        """Lo que queda a la vista en la línea, y dónde."""
        cells = {}
        for piece in self.getvalue().split("\r"):
            cells.update(enumerate(piece))
        return "".join(cells[place] for place in sorted(cells)).rstrip()


@pytest.fixture
def screen(monkeypatch):
    screen = Screen()
    monkeypatch.setattr(progress, "FIRST_LOOK", 0)
    monkeypatch.setattr(progress, "REFRESH", 0)
    # No sys.stderr: pytest lo cambia por el suyo entre los preparativos y la prueba.
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=screen, modules={}))
    return screen


def test_a_terminal_line_clears_itself(screen):
    train(*make(), validation=VALIDATION)
    assert screen.line() == ""
    assert "\n" not in screen.getvalue()
    lines = [piece.strip() for piece in screen.getvalue().split("\r") if piece.strip()]
    assert len(lines) == 12
    assert lines[0].startswith("época 1 de 4, paso 1 de 3 · pérdida ")
    assert "validación" not in lines[2]
    assert "validación" in lines[3]


def test_the_line_is_cleared_before_anything_else_is_said(screen, monkeypatch):
    monkeypatch.setattr(sys, "stdout", screen)
    train(*make(), loss=at_call(8, stop))
    assert screen.line() == (
        "Interrumpido en la época 3: el modelo queda como al final de la época 2."
    )


def test_a_narrow_terminal_does_not_break_the_line(screen, monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    train(*make())
    pieces = screen.getvalue().split("\r")
    assert max(map(len, pieces)) == 29
    assert screen.line() == ""


def test_a_short_training_shows_nothing(screen, monkeypatch):
    monkeypatch.setattr(progress, "FIRST_LOOK", 100)
    train(*make())
    assert screen.getvalue() == ""


def test_no_line_when_it_is_not_wanted_or_nobody_looks(screen, monkeypatch):
    train(*make(), progress=False)
    assert screen.getvalue() == ""
    monkeypatch.setattr(screen, "isatty", lambda: False)
    train(*make())
    assert screen.getvalue() == ""
