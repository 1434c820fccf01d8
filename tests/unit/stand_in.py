"""Un curso diminuto, en una carpeta temporal, para probar las herramientas con cosas mal hechas."""

from __future__ import annotations

from pathlib import Path

PYPROJECT = '[tool.curso]\nrepository = "quien/curso"\ntag = "v9"\n'

LESSON = '''# %% [markdown]
# # 12 · Lección de prueba
#
# ¿Cuánto suma?

# %% tags=["parameters"]
FAST = True
SEED = 0

# %% [markdown]
# ## 1 · Sumar

# %%
from course_utils.adding import add


# %% tags=["exercise"]
def double(x):
    """El doble."""
    ### BEGIN SOLUTION
    return add(x, x)
    ### END SOLUTION


# %% tags=["check"]
double = check("12.1", double)

# %% [markdown]
# ## 2 · Ver

# %%
# Un comentario.
print("el doble de tres es", double(3))
'''

MODULES = {
    "__init__.py": "",
    "adding.py": '"""Suma."""\n\nfrom course_utils.deep import inner\n\n\ndef add(a, b):\n'
    '    """Suma dos números."""\n    return inner(a) + b\n',
    "deep.py": '"""Lo de dentro."""\n\n\ndef inner(a):\n    # Igual que entra.\n    return a\n',
    "unused.py": "VALUE = 1\n",
    "exercises/__init__.py": "",
    "lessons/__init__.py": "",
    "lessons/lesson_12/__init__.py": "",
    "lessons/lesson_12/exercises.py": (
        "from course_utils.helping import help_me\n\nTITLE = 'Prueba'\n\n\n"
        "def draw():\n    return help_me()\n"
    ),
    "helping.py": "def help_me():\n    return 1\n",
    "plotting/__init__.py": "",
    "plotting/curso.mplstyle": "lines.linewidth: 1\n",
}

REGISTRY = """\
[sunspots]
file = "sunspots.csv"
loader = "load_sunspots"
sha256 = "aaaa"

[co2]
file = "co2.csv"
loader = "load_co2"
sha256 = "bbbb"
"""


def make_repository(root: Path, *, lesson: str = LESSON, stem: str = "12_prueba") -> Path:
    """Escribe el curso de prueba y devuelve la ruta de su única fuente."""
    (root / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    for name, text in MODULES.items():
        path = root / "course_utils" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "datasets").mkdir()
    (root / "datasets" / "registry.toml").write_text(REGISTRY, encoding="utf-8")
    source = root / "notebooks" / "source" / f"{stem}.py"
    source.parent.mkdir(parents=True)
    source.write_text(lesson, encoding="utf-8")
    return source


def edit(path: Path, old: str, new: str) -> None:
    """Cambia un texto de un archivo y exige que estuviera."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} no contiene {old!r}"
    path.write_text(text.replace(old, new), encoding="utf-8")
