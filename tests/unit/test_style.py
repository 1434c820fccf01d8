"""El código tiene el estilo acordado: lo mismo que ``make lint``, contado con lo demás."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("order", [("check",), ("format", "--check")], ids=lambda order: order[0])
def test_style(order):
    """``ruff`` no encuentra nada que decir."""
    command = [sys.executable, "-m", "ruff", *order, "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
