"""Afirmaciones que se cumplen o no, y frases calculadas."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from course_utils.claims import ClaimError, claim, explain, verify


@pytest.mark.parametrize(
    ("value", "operator", "bound"),
    [
        (0.8, "<", 1.0),
        (1, "<=", 1),
        (3, ">", 2),
        (2, ">=", 2),
        (-3, "<", -2),
        (0.5, "in", (0.4, 0.6)),
        (0.4, "in", [0.4, 0.6]),
        (7, "in", (7, 7)),
        (2, "==", 2),
        (True, "==", True),
        (np.array([[2.5]]), "<", np.float32(3)),
        (math.inf, ">", 1),
    ],
)
def test_true_claims(value, operator, bound):
    """Lo cierto se cumple."""
    assert claim("texto", value, operator, bound).holds


@pytest.mark.parametrize(
    ("value", "operator", "bound"),
    [
        (1.0, "<", 1.0),
        (1.1, "<=", 1.0),
        (2, ">", 2),
        (1, ">=", 2),
        (2.0000001, "==", 2),
        (0.7, "in", (0.4, 0.6)),
    ],
)
def test_false_claims(value, operator, bound):
    """Lo falso no se cumple."""
    assert not claim("texto", value, operator, bound).holds


@pytest.mark.parametrize(("operator", "bound"), [("<", 1), (">=", 1), ("==", 1), ("in", (0, 1))])
def test_nan_never_holds(operator, bound):
    """Un valor que no es un número no cumple nada."""
    assert not claim("texto", math.nan, operator, bound).holds


def test_tensors_of_one_element():
    """Un tensor de un elemento vale; uno de dos, no."""
    torch = pytest.importorskip("torch")
    assert claim("texto", torch.ones(1, 1, requires_grad=True), "==", 1).holds
    with pytest.raises(TypeError, match="necesita números; ha llegado Tensor"):
        claim("texto", torch.ones(2), "<", 1)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("", 1, "<", 2), ValueError, "espera un texto"),
        ((3, 1, "<", 2), ValueError, "espera un texto"),
        (("t", 1, "!=", 2), ValueError, "operador de <, <=, >, >=, ==, in; ha llegado '!='"),
        (("t", np.zeros(2), "<", 2), TypeError, "«t» necesita números; ha llegado ndarray"),
        (("t", None, "<", 2), TypeError, "«t» necesita números; ha llegado NoneType"),
        (("t", "1", "<", 2), TypeError, "«t» necesita números; ha llegado str"),
        (("t", 1, "<", (1, 2)), TypeError, "«t» necesita números; ha llegado tuple"),
        (("t", 1, "in", 5), TypeError, r"un intervalo \(mínimo, máximo\); ha llegado int"),
        (("t", 1, "in", (1, 2, 3)), TypeError, "un intervalo"),
        (("t", 1, "in", (2, 1)), ValueError, "está al revés"),
        (("t", 1, "in", (math.nan, 1)), ValueError, "está al revés"),
    ],
)
def test_badly_written_claims(arguments, error, message):
    """Una afirmación mal escrita falla al escribirla, con un mensaje que dice por qué."""
    with pytest.raises(error, match=message):
        claim(*arguments)


@pytest.mark.parametrize(
    ("value", "options", "message"),
    [
        (1, {"kind": "fija"}, "kind='medida' o kind='identidad'; ha llegado 'fija'"),
        (4, {"of": 5}, "«t» debe ser una parte de 5, un entero; ha llegado 4"),
        (0.7, {"of": 5}, "una parte de 5"),
        (-0.2, {"of": 5}, "una parte de 5"),
        (math.nan, {"of": 5}, "una parte de 5, un entero; ha llegado nan"),
        (0.5, {"of": 2.0}, "una parte de 2.0, un entero"),
    ],
)
def test_badly_written_kinds_and_counts(value, options, message):
    """La clase es una de dos, y lo contado es una parte entera de los intentos."""
    with pytest.raises(ValueError, match=message):
        claim("t", value, "<", 9, **options)


@pytest.mark.parametrize("value", [0, 0.2, 1 - 0.8, np.float32(0.6), 1])
def test_a_count_is_a_share(value):
    """Una parte de cinco vale aunque lleve el redondeo de la cuenta."""
    assert claim("t", value, "<=", 1, of=5).of == 5


def test_verify_prints_no_values(capsys):
    """Una línea por afirmación, sin los valores: la misma para toda semilla."""
    verify(claim("A baja", 0.123, "<", 1), claim("B sube", 2, ">", 1, kind="identidad"))
    assert capsys.readouterr().out == "✓ A baja\n✓ B sube [identidad]\n"


def test_verify_tells_everything_that_is_false(capsys):
    """El error trae los valores de todas las que fallan; las demás se muestran."""
    with pytest.raises(ClaimError) as caught:
        verify(claim("Bien", 1, "<", 2), claim("Mal", 3, "<", 2), claim("Peor", 9, "in", (1, 2)))
    assert str(caught.value) == (
        "No se cumple lo que la lección afirma:\n"
        "✗ Mal: se esperaba < 2.0; ha salido 3.0\n"
        "✗ Peor: se esperaba in (1.0, 2.0); ha salido 9.0"
    )
    assert capsys.readouterr().out == "✓ Bien\n"


def test_verify_needs_something():
    """Sin afirmaciones no hay nada que comprobar."""
    with pytest.raises(ValueError, match="al menos una afirmación"):
        verify()


def test_claims_are_recorded_even_when_false(tmp_path, monkeypatch, capsys):
    """Si se pide, cada afirmación queda apuntada con sus valores, y las falsas también."""
    path = tmp_path / "claims.jsonl"
    monkeypatch.setenv("CURSO_CLAIMS_FILE", str(path))
    verify(claim("Sí", 1, "<", 2, kind="identidad"))
    with pytest.raises(ClaimError):
        verify(claim("No", math.nan, "in", (0, 1)))
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert rows[0] == {
        "text": "Sí",
        "value": 1.0,
        "operator": "<",
        "bound": 2.0,
        "kind": "identidad",
        "of": None,
        "holds": True,
    }
    assert (rows[1]["kind"], rows[1]["bound"], rows[1]["holds"]) == ("medida", [0.0, 1.0], False)


def test_whoever_measures_goes_on_after_a_false_claim(tmp_path, monkeypatch, capsys):
    """Para medir, una afirmación falsa se apunta y la lección sigue."""
    path = tmp_path / "claims.jsonl"
    monkeypatch.setenv("CURSO_CLAIMS_FILE", str(path))
    monkeypatch.setenv("CURSO_CLAIMS_GO_ON", "1")
    verify(claim("No", 3, "<", 2))
    assert json.loads(path.read_text(encoding="utf-8"))["holds"] is False
    assert capsys.readouterr().out == ""


def test_nothing_is_recorded_unless_asked(tmp_path, monkeypatch, capsys):
    """Quien aprende no deja archivos por ahí."""
    monkeypatch.delenv("CURSO_CLAIMS_FILE", raising=False)
    monkeypatch.chdir(tmp_path)
    verify(claim("Sí", 1, "<", 2))
    assert list(tmp_path.iterdir()) == []


def test_explain_shows_the_sentence(capsys):
    """En una terminal la frase se imprime sin las marcas de Markdown."""
    explain("El error **sube** un 3 %.")
    assert capsys.readouterr().out == "El error sube un 3 %.\n"


@pytest.mark.parametrize("text", ["", "  ", None, 3])
def test_explain_needs_a_sentence(text):
    """Una frase vacía es un descuido."""
    with pytest.raises(ValueError, match="explain espera una frase"):
        explain(text)
