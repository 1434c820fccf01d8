"""Los modelos que vienen con el curso: qué se lee, qué se comprueba y qué los estropea."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from course_utils.datasets import (
    DatasetError,
    Weights,
    load_trained,
    read_weights,
    verify_all,
    write_weights,
)
from course_utils.datasets.models import dump_weights, keras_state, verify_models
from course_utils.doctor import doctor
from tests.unit.data_copy import read_from_a_copy
from tools.models.shipping import ship_model

ARRAYS = {"weight": np.array([[0.5, -1.25]]), "bias": np.array([0.1])}


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """Una copia de datasets/ en la que solo hay un modelo, de prueba."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "toy.py").write_text("", encoding="utf-8")
    copy = read_from_a_copy(tmp_path, monkeypatch)
    shutil.rmtree(copy / "models", ignore_errors=True)
    ship(tmp_path)
    return copy


def ship(root, **options):
    """Guarda el modelo de prueba."""
    known = {
        "vocabulary": ["a", "ñ"],
        "measures": {"bits_prueba": 1.5},
        "description": "De prueba",
        "card": "# Ficha\n",
        "script": root / "tools" / "toy.py",
        "seed": 3,
        "seconds": 12.34,
        "root": root,
    }
    return ship_model("toy", ARRAYS, **known | options)


def linear(inputs=2):
    import torch

    return torch.nn.Linear(inputs, 1)


def test_a_model_is_read_back(copy):
    trained = load_trained("toy")
    np.testing.assert_array_equal(trained.arrays["weight"], [[0.5, -1.25]])
    assert trained.arrays["bias"].dtype == np.float32
    assert abs(trained.arrays["bias"][0] - 0.1) < 1e-4  # float16
    assert trained.vocabulary == ("a", "ñ")
    assert (trained.seed, trained.seconds) == (3, 12.3)
    assert trained.script == "tools/toy.py"
    assert trained.measures == {"bits_prueba": 1.5}
    assert "torch" in trained.versions
    model = linear()
    trained.load_into(model, vocabulary="añ")
    np.testing.assert_array_equal(model.weight.detach().numpy(), trained.arrays["weight"])
    assert verify_all() == []


def test_every_call_returns_its_own_arrays(copy):
    load_trained("toy").arrays["weight"][:] = 0
    assert load_trained("toy").arrays["weight"].any()


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-1],
        lambda content: content[:20],
        lambda content: b"",
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
    ],
    ids=["cortado", "solo el principio", "vacío", "un bit"],
)
def test_an_altered_file_is_refused_everywhere(copy, damage):
    path = copy / "models" / "toy.safetensors"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DatasetError, match=r"toy\.safetensors no es el registrado") as caught:
        load_trained("toy")
    assert "git checkout -- datasets" in str(caught.value)
    assert verify_all() == [str(caught.value)]
    findings = [item for item in doctor(quick=True).findings if item.topic == "datos"]
    assert [item.level for item in findings] == ["✗"]
    assert "toy.safetensors" in findings[0].text


def replace_registered(copy, content):
    """Pone otros pesos y los registra: el sha256 es bueno y lo demás, no."""
    import hashlib

    path = copy / "models" / "toy.safetensors"
    old = hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_bytes(content)
    registry = path.with_suffix(".toml")
    text = registry.read_text(encoding="utf-8")
    assert old in text
    registry.write_text(text.replace(old, hashlib.sha256(content).hexdigest()), encoding="utf-8")


@pytest.mark.parametrize(
    ("arrays", "vocabulary", "message"),
    [
        ({"weight": np.zeros((1, 3)), "bias": np.zeros(1)}, "añ", r"weight tiene forma \(1, 3\)"),
        ({"weight": np.zeros((1, 2))}, "añ", "bias solo está en uno"),
        (ARRAYS, "ña", "en otro orden"),
        (ARRAYS, "ab", "solo allí"),
    ],
)
def test_what_does_not_match_its_registry_is_refused(copy, arrays, vocabulary, message):
    replace_registered(copy, dump_weights(arrays, vocabulary=vocabulary, half=True))
    with pytest.raises(DatasetError, match=message):
        load_trained("toy")
    assert len(verify_models(copy / "models")) == 1


@pytest.mark.parametrize(
    ("inputs", "vocabulary", "message"),
    [
        (3, "añ", r"weight tiene forma \(1, 2\) y se esperaba \(1, 3\)"),
        (2, "ña", "el número 0 es 'a' allí y 'ñ' aquí"),
        (2, "añb", r"2 símbolos allí y 3 aquí; solo aquí: \['b'\]"),
        (2, "a", r"solo allí: \['ñ'\]"),
    ],
)
def test_weights_only_go_where_they_fit(copy, inputs, vocabulary, message):
    model = linear(inputs)
    before = model.weight.detach().clone()
    with pytest.raises(ValueError, match=message):
        load_trained("toy").load_into(model, vocabulary=vocabulary)
    assert (model.weight == before).all()


def test_another_model_is_refused(copy):
    import torch

    with pytest.raises(ValueError, match="son de otro modelo"):
        load_trained("toy").load_into(torch.nn.GRU(2, 1), vocabulary="añ")


def keras_linear(outputs=1):
    """La misma red de prueba, en Keras."""
    import keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(outputs)])
    weights = {"kernel": np.array([[0.5], [-1.25]]), "bias": np.array([0.1])}
    stored = {f"sequential/dense/{kind}": part.astype("float32") for kind, part in weights.items()}
    return model, Weights(stored, ("a", "ñ"), "un ejemplo")


def test_weights_go_into_a_keras_model():
    model, weights = keras_linear()
    weights.load_into(model, vocabulary="añ")
    np.testing.assert_allclose(model.predict_on_batch(np.array([[2.0, 1.0]])), [[-0.15]], atol=1e-6)


def test_weights_that_do_not_fit_leave_a_keras_model_as_it_was():
    model, weights = keras_linear(outputs=3)
    before = model.get_weights()
    with pytest.raises(ValueError, match=r"tiene forma \(2, 1\) y se esperaba \(2, 3\)"):
        weights.load_into(model, vocabulary="añ")
    for one, other in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_names_of_a_keras_model_do_not_depend_on_earlier_ones():
    import keras

    def names():
        model = keras.Sequential([keras.Input((None, 2)), keras.layers.GRU(3)])
        return list(keras_state(model))

    assert names() == names()


def test_two_keras_layers_of_one_name_are_refused():
    import keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2), keras.layers.Dense(1)])
    with pytest.raises(ValueError, match="Pon un nombre distinto"):
        keras_state(model)


def test_an_unknown_name_says_which_there_are(copy):
    with pytest.raises(ValueError, match=r"hay: 'toy'\. ¿Querías decir 'toy'\?"):
        load_trained("toi")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seed = 3", 'seed = "tres"', "seed falta o no es de tipo int"),
        ("seed = 3", "", "seed falta"),
        ("seed = 3", "seed = 3\ncolour = 1", "sobra colour"),
        ("sha256 = ", "sha256 = 3 # ", "sha256 falta"),
    ],
)
def test_a_bad_registry_is_told(copy, old, new, message):
    path = copy / "models" / "toy.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(DatasetError, match=message):
        load_trained("toy")


def test_every_model_has_its_three_files(copy):
    folder = copy / "models"
    (folder / "toy.md").unlink()
    assert ["Falta la ficha" in problem for problem in verify_models(folder)] == [True]
    (folder / "toy.toml").unlink()
    problems = verify_models(folder)
    assert len(problems) == 1
    assert "falta toy.toml" in problems[0]


def test_a_model_that_is_too_big_is_not_written(tmp_path):
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "toy.py").write_text("", encoding="utf-8")
    big = {"w": np.zeros(2_000_001)}
    with pytest.raises(ValueError, match="como mucho caben 4000000"):
        ship_model(
            "toy", big, vocabulary="a", measures={}, description="", card="",
            script=tmp_path / "tools" / "toy.py", seed=0, seconds=1, root=tmp_path,
        )  # fmt: skip
    assert not (tmp_path / "datasets").exists()


def test_your_own_weights_come_back(tmp_path):
    import torch

    model = linear()
    write_weights(tmp_path / "mio.safetensors", model.state_dict(), vocabulary="añ")
    weights = read_weights(tmp_path / "mio.safetensors")
    np.testing.assert_array_equal(weights.arrays["weight"], model.weight.detach().numpy())
    other = linear()
    weights.load_into(other, vocabulary=["a", "ñ"])
    assert torch.equal(other.weight, model.weight)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cortado, dañado o es otra cosa"),
        (b"hola, no soy un modelo", "cortado, dañado o es otra cosa"),
        (dump_weights(ARRAYS, vocabulary="añ")[:-3], "cortado, dañado o es otra cosa"),
        (dump_weights({"w": np.array([np.nan])}, vocabulary="a"), "NaN o infinito"),
    ],
)
def test_a_file_that_is_no_model_is_told(tmp_path, content, message):
    path = tmp_path / "malo.safetensors"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_weights(path)


def test_without_vocabulary_weights_mean_nothing(tmp_path):
    from safetensors.numpy import save

    path = tmp_path / "sin.safetensors"
    path.write_bytes(save({"w": np.zeros(2)}))
    with pytest.raises(ValueError, match="no dice con qué vocabulario"):
        read_weights(path)
    path.write_bytes(save({"w": np.zeros(2)}, metadata={"vocabulary": json.dumps(3)}))
    with pytest.raises(ValueError, match="no dice con qué vocabulario"):
        read_weights(path)
    with pytest.raises(ValueError, match="No se puede leer"):
        read_weights(tmp_path / "no_hay.safetensors")


def test_the_shipped_models_are_whole():
    """Los de verdad: el vocabulario son los caracteres de los cuentos y caben en 4 MB."""
    from course_utils.datasets import load_stories
    from course_utils.datasets.bundled import data_dir

    trained = load_trained("cuentos")
    assert list(trained.vocabulary) == sorted(set("\n\n".join(load_stories())))
    assert (data_dir() / "models" / "cuentos.safetensors").stat().st_size < 4_000_000
