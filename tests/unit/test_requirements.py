"""Qué pide el curso y cómo se instala, según lo que él mismo declara."""

from __future__ import annotations

import importlib.metadata
import sys

import pytest

from course_utils import requirements
from course_utils.requirements import install_command, required, supported_python

METADATA = """\
Metadata-Version: 2.4
Name: curso-rnn
Version: 9.9
Requires-Python: <3.14,>=3.11
Requires-Dist: numpy>=2.1
Requires-Dist: colorama>=1; sys_platform == "una-que-no-existe"
Requires-Dist: torch<2.14,>=2.11; extra == "torch"
Requires-Dist: pandas>=2.2; extra == "series"
Requires-Dist: curso-rnn[series,torch]; extra == "curso"
"""


def list_requirements(extra: str = "") -> list[str]:
    return [str(package) for package in required(extra)]


def test_requirements_come_from_the_installed_metadata(tmp_path, monkeypatch):
    """Con los grupos que se incluyen unos a otros, y sin lo que es de otro sistema."""
    folder = tmp_path / "curso_rnn-9.9.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(METADATA, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert list_requirements() == ["numpy>=2.1"]
    assert list_requirements("torch") == ["torch<2.14,>=2.11"]
    assert list_requirements("curso") == ["pandas>=2.2", "torch<2.14,>=2.11"]
    assert list_requirements("no-existe") == []


@pytest.fixture
def _not_installed(monkeypatch):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "metadata", missing)


@pytest.mark.usefixtures("_not_installed")
def test_requirements_of_a_clone_come_from_its_pyproject():
    """Sin instalar, de pyproject.toml."""
    assert "numpy>=2.1" in list_requirements()
    assert {"torch", "keras", "pandas", "jupyterlab"} <= {
        package.name for package in required("curso")
    }
    assert "3.11" in supported_python()
    assert "3.14" not in supported_python()


@pytest.mark.usefixtures("_not_installed")
def test_requirements_are_empty_when_nothing_declares_them(tmp_path, monkeypatch):
    """Una copia suelta de course_utils no sabe qué pide, y no por eso falla."""
    monkeypatch.setattr(
        requirements, "__file__", str(tmp_path / "course_utils" / "requirements.py")
    )
    assert required("curso") == []
    assert "3.99" in supported_python()
    assert install_command("keras") == 'python -m pip install "keras"'


@pytest.mark.parametrize(("platform", "index"), [("linux", True), ("win32", False)])
def test_install_command_avoids_the_huge_torch_of_linux(monkeypatch, platform, index):
    """En Linux, PyTorch se pide al índice sin bibliotecas de GPU."""
    monkeypatch.setattr(sys, "platform", platform)
    command = install_command("torch")
    assert command.startswith('python -m pip install "torch>=2.')
    assert ("download.pytorch.org/whl/cpu" in command) is index
    assert "download.pytorch.org" not in install_command("keras")
