"""Una copia de ``datasets/`` que las pruebas pueden estropear."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from course_utils.datasets import bundled

ROOT = Path(__file__).resolve().parents[2]


def read_from_a_copy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copia los datos en una carpeta y hace que se lean de ahí."""
    copy = Path(shutil.copytree(ROOT / "datasets", folder / "datasets"))
    monkeypatch.setattr(bundled, "data_dir", lambda: copy)
    return copy


def edit_registry(folder: Path, old: str, new: str) -> None:
    """Cambia un texto del registro, que tiene que estar."""
    path = folder / "registry.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
