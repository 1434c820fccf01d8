"""La atención: frente a PyTorch, a su bucle y a Keras; la máscara y la fila que no mira nada."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from course_utils.attention import additive_scores, attend, attention_weights, dot_scores

HERE = Path(__file__).resolve().parent
BATCH, QUERIES, POSITIONS, FEATURES, WIDTH = 3, 4, 6, 5, 2


def draw(seed=0, dtype=torch.float64):
    """Consultas, claves, valores y una máscara en la que todas pueden mirar algo."""
    rng = np.random.default_rng(seed)
    shapes = (
        (BATCH, QUERIES, FEATURES),
        (BATCH, POSITIONS, FEATURES),
        (BATCH, POSITIONS, WIDTH),
    )
    tensors = [torch.as_tensor(rng.normal(size=shape), dtype=dtype) for shape in shapes]
    mask = torch.as_tensor(rng.random((BATCH, QUERIES, POSITIONS)) < 0.6)
    mask[:, :, 0] = True
    return *tensors, mask


@pytest.mark.parametrize("masked", [False, True])
def test_the_scaled_dot_product_is_the_one_of_pytorch(masked):
    queries, keys, values, mask = draw()
    mask = mask if masked else None
    context = attend(dot_scores(queries, keys, scaled=True), values, mask=mask).context
    expected = F.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
    torch.testing.assert_close(context, expected, atol=1e-12, rtol=0)


def test_unscaled_is_each_product_written_out():
    queries, keys, _, _ = draw()
    scores = dot_scores(queries, keys)
    for b, i, j in np.ndindex(BATCH, QUERIES, POSITIONS):
        wanted = sum(queries[b, i, f] * keys[b, j, f] for f in range(FEATURES))
        assert float(scores[b, i, j]) == pytest.approx(float(wanted), abs=1e-12)


def test_the_additive_one_is_its_written_loop():
    queries, keys, values, mask = draw(1)
    vector = torch.linspace(-1, 2, FEATURES, dtype=torch.float64)
    context, weights = attend(additive_scores(queries, keys, vector), values, mask=mask)
    for b, i in np.ndindex(BATCH, QUERIES):
        powers = [0.0] * POSITIONS
        for j in range(POSITIONS):
            if mask[b, i, j]:
                score = sum(
                    float(vector[f]) * math.tanh(float(queries[b, i, f] + keys[b, j, f]))
                    for f in range(FEATURES)
                )
                powers[j] = math.exp(score)
        wanted = np.array(powers) / sum(powers)
        np.testing.assert_allclose(weights[b, i], wanted, atol=1e-12)
        np.testing.assert_allclose(context[b, i], wanted @ values[b].numpy(), atol=1e-12)


def test_the_additive_one_is_the_one_of_keras(tmp_path):
    queries, keys, values, _ = draw(2, torch.float32)
    vector = torch.linspace(-1, 2, FEATURES)
    lengths = torch.tensor([POSITIONS, 2, 1])
    mask = torch.arange(POSITIONS) < lengths[:, None]  # (lote, posiciones)
    case = {"queries": queries, "keys": keys, "values": values, "vector": vector, "mask": mask}
    np.savez(tmp_path / "in.npz", **{name: part.numpy() for name, part in case.items()})
    done = subprocess.run(
        [sys.executable, HERE / "attention_keras.py", tmp_path / "in.npz", tmp_path / "out.npz"],
        env=os.environ | {"PYTHONPATH": str(HERE.parents[1])},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    keras = np.load(tmp_path / "out.npz")
    scores = additive_scores(queries, keys, vector)
    for name, used in (("whole", None), ("masked", mask[:, None])):
        context, weights = attend(scores, values, mask=used)
        np.testing.assert_allclose(weights, keras[f"{name}_weights"], atol=1e-6)
        np.testing.assert_allclose(context, keras[f"{name}_context"], atol=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("size", [1.0, 1e4])
def test_what_is_masked_gets_exactly_nothing_and_the_rest_adds_to_one(dtype, size):
    queries, keys, _, mask = draw(3, dtype)
    weights = attention_weights(size * dot_scores(queries, keys), mask=mask)
    assert (weights[~mask] == 0).all()
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(BATCH, QUERIES, dtype=dtype))


def test_nothing_behind_the_mask_reaches_the_context_or_the_gradient():
    queries, keys, values, _ = draw(4)
    mask = torch.arange(POSITIONS) < 4
    for part in (queries, keys, values):
        part.requires_grad_()
    first = attend(dot_scores(queries, keys), values, mask=mask).context
    changed = [torch.where(mask[:, None], part, 100.0) for part in (keys, values)]
    second = attend(dot_scores(queries, changed[0]), changed[1], mask=mask).context
    assert torch.equal(first, second)
    first.sum().backward()
    assert (keys.grad[:, 4:] == 0).all()
    assert (values.grad[:, 4:] == 0).all()
    assert keys.grad[:, :4].abs().sum() > 0


def test_a_row_that_is_all_mask_gives_zeros_and_no_nan_even_in_the_gradient():
    queries, keys, values, mask = draw(5)
    mask[1, 2] = False
    queries.requires_grad_()
    context, weights = attend(dot_scores(queries, keys), values, mask=mask)
    assert (weights[1, 2] == 0).all()
    assert (context[1, 2] == 0).all()
    context.square().sum().backward()
    assert torch.isfinite(queries.grad).all()
    assert (queries.grad[1, 2] == 0).all()
    assert (queries.grad[0] != 0).any()


def test_bad_arguments_say_what_to_do():
    queries, keys, _, mask = draw()
    with pytest.raises(ValueError, match="mismos rasgos; han llegado 5 y 4"):
        dot_scores(queries, keys[..., :4])
    with pytest.raises(ValueError, match="mismos rasgos"):
        additive_scores(queries, keys[..., :4], torch.ones(5))
    with pytest.raises(ValueError, match=r"\(5,\); ha llegado la forma \(3,\)"):
        additive_scores(queries, keys, torch.ones(3))
    for wrong in (mask.long(), mask.numpy(), -1e9 * (~mask)):
        with pytest.raises(TypeError, match="mask debe ser un tensor booleano"):
            attention_weights(dot_scores(queries, keys), mask=wrong)
