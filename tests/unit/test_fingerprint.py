"""La huella cambia con todo lo que puede cambiar una salida, y con nada más."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.unit.stand_in import edit, make_repository
from tools.notebooks.fingerprint import (
    KNOWN_IMPORTS,
    LEFT_OUT,
    LEFT_OUT_FILES,
    Dependencies,
    lesson_fingerprint,
)
from tools.notebooks.names import Course
from tools.notebooks.pieces import code_lines
from tools.notebooks.stale import lesson_dependencies, stale_table, summary

ROOT = Path(__file__).resolve().parents[2]
CODE = "from course_utils.adding import add\nprint(add(1, 2))"
ONE = "def f():\n    return 1\n"

# Módulos que hacen falta para leer datos y resultados.
DATASETS = {
    "datasets/__init__.py": "from course_utils.datasets.results import load_result\n"
    "from course_utils.datasets.series import load_co2, load_sunspots, registry\n",
    "datasets/results.py": "def load_result(name):\n    return name\n",
    "datasets/series.py": "def registry():\n    return {}\n\n\ndef load_sunspots():\n    return 1\n"
    "\n\ndef load_co2():\n    from course_utils.waves import wave\n    return wave()\n",
    "waves.py": "def wave():\n    return 2\n",
    "../datasets/results/memory.toml": 'sha256 = "1111"\n',
    "../datasets/results/cost.toml": 'sha256 = "2222"\n',
}


def write(root, modules):
    """Escribe unos módulos en el paquete de un curso."""
    for name, text in modules.items():
        path = root / "course_utils" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def repository(tmp_path):
    """El curso de prueba."""
    make_repository(tmp_path)
    return tmp_path


def fingerprint(root, code=CODE, **options):
    return lesson_fingerprint(root, "12", [code], **options)


def changes(root, modules, code, change, **options):
    """Si la huella de una lección cambia con un cambio en un archivo del paquete."""
    write(root, modules)
    before = fingerprint(root, code, **options)
    name, old, new = change
    edit(root / "course_utils" / name, old, new)
    return fingerprint(root, code, **options) != before


# De cada clase de cambio: los módulos, la lección y el cambio de un archivo.
ALTER = {
    "función que usa la función": (
        {"a.py": "def inner():\n    return 1\n\n\ndef f():\n    return inner()\n"},
        "from course_utils.a import f\nf()",
        ("a.py", "return 1", "return 2"),
    ),
    "función de otro módulo": ({}, CODE, ("deep.py", "return a", "return -a")),
    "constante": (
        {"a.py": "LIMIT = 1\n\n\ndef f():\n    return LIMIT\n"},
        "from course_utils.a import f\nf()",
        ("a.py", "LIMIT = 1", "LIMIT = 2"),
    ),
    "constante calculada con otra": (
        {"a.py": "from course_utils.b import START\n\nLIMIT = START * 2\n", "b.py": "START = 1\n"},
        "from course_utils.a import LIMIT\nprint(LIMIT)",
        ("b.py", "1", "2"),
    ),
    "una de dos constantes de la línea": (
        {"a.py": "FIRST, LAST = 1, 2\n"},
        "from course_utils.a import FIRST\nprint(FIRST)",
        ("a.py", "1, 2", "3, 2"),
    ),
    "valor por omisión": (
        {"a.py": "SCALE = 1\n\n\ndef f(x=SCALE):\n    return x\n"},
        "from course_utils.a import f\nf()",
        ("a.py", "SCALE = 1", "SCALE = 2"),
    ),
    "clase base": (
        {
            "a.py": "from course_utils.b import Base\n\n\nclass Child(Base):\n    pass\n",
            "b.py": "class Base:\n    def size(self):\n        return 1\n",
        },
        "from course_utils.a import Child\nChild().size()",
        ("b.py", "return 1", "return 2"),
    ),
    "método": (
        {"a.py": "class A:\n    size = staticmethod(lambda: 1)\n\n\ndef make():\n    return A()\n"},
        "from course_utils.a import make\nmake().size()",
        ("a.py", "lambda: 1", "lambda: 2"),
    ),
    "campo de una clase": (
        {"a.py": "from typing import NamedTuple\n\n\nclass A(NamedTuple):\n    size: int = 1\n"},
        "from course_utils.a import A\nA()",
        ("a.py", "= 1", "= 2"),
    ),
    "decorador": (
        {
            "a.py": f"from course_utils.b import twice\n\n\n@twice\n{ONE}",
            "b.py": "def twice(g):\n    return lambda: 2 * g()\n",
        },
        "from course_utils.a import f\nf()",
        ("b.py", "2 * g", "3 * g"),
    ),
    "decorador conocido que se quita": (
        {"a.py": f"from functools import cache\n\n\n@cache\n{ONE}"},
        "from course_utils.a import f\nf()",
        ("a.py", "@cache\n", ""),
    ),
    "argumento de un decorador": (
        {"a.py": f"from functools import lru_cache\n\n\n@lru_cache(maxsize=1)\n{ONE}"},
        "from course_utils.a import f\nf()",
        ("a.py", "maxsize=1", "maxsize=2"),
    ),
    "reexportación que apunta a otro módulo": (
        {"k/__init__.py": "from course_utils.k.one import f\n", "k/one.py": ONE, "k/two.py": ONE},
        "from course_utils.k import f\nf()",
        ("k/__init__.py", "k.one", "k.two"),
    ),
    "reexportación a través de dos caras": (
        {
            "k/__init__.py": "from course_utils.k.in_k import f\n",
            "k/in_k/__init__.py": "from .one import g as f\n",
            "k/in_k/one.py": "def g():\n    return 1\n",
        },
        "from course_utils.k import f\nf()",
        ("k/in_k/one.py", "return 1", "return 2"),
    ),
    "dos nombres importados que se cruzan": (
        {
            "a.py": "from course_utils.b import one as x, two as y\n\nf = lambda: x - y\n",
            "b.py": "one = 1\ntwo = 2\n",
        },
        "from course_utils.a import f\nf()",
        ("a.py", "one as x, two as y", "two as x, one as y"),
    ),
    "import dentro de una función": (
        {
            "a.py": "def f():\n    from course_utils.b import g\n    return g()\n",
            "b.py": "g = int\n",
        },
        "from course_utils.a import f\nf()",
        ("b.py", "int", "float"),
    ),
    "import relativo": (
        {"k/__init__.py": "", "k/a.py": "from . import b\n\n\nx = b.y\n", "k/b.py": "y = 1\n"},
        "from course_utils.k.a import x\nprint(x)",
        ("k/b.py", "1", "2"),
    ),
    "módulo usado como atributo": (
        {"figures.py": "def plot_x():\n    return 1\n"},
        "from course_utils import figures\nfigures.plot_x()",
        ("figures.py", "return 1", "return 2"),
    ),
    "import con el nombre completo": (
        {"k/__init__.py": "", "k/a.py": ONE},
        "import course_utils.k.a\ncourse_utils.k.a.f()",
        ("k/a.py", "return 1", "return 2"),
    ),
    "módulo con otro nombre": (
        {"k/__init__.py": "", "k/a.py": ONE},
        "import course_utils.k.a as other\nother.f()",
        ("k/a.py", "return 1", "return 2"),
    ),
    "carpeta sin __init__": (
        {"k/a.py": ONE},
        "from course_utils.k import a\na.f()",
        ("k/a.py", "return 1", "return 2"),
    ),
    "import de todo": (
        {"a.py": "from course_utils.b import *\n", "b.py": ONE},
        "from course_utils.a import *\nf()",
        ("b.py", "return 1", "return 2"),
    ),
    "nombre que llega con un import de todo": (
        {"a.py": "from course_utils.b import *\n\n\ndef g():\n    return f()\n", "b.py": ONE},
        "from course_utils.a import g\ng()",
        ("b.py", "return 1", "return 2"),
    ),
    "nombre que se calcula": (
        {"a.py": ONE},
        "from course_utils import a\ngetattr(a, 'f')()",
        ("a.py", "return 1", "return 2"),
    ),
    "__getattr__ del módulo": (
        {"a.py": "def __getattr__(name):\n    return 1\n"},
        "from course_utils.a import anything\nprint(anything)",
        ("a.py", "return 1", "return 2"),
    ),
    "globals()": (
        {"a.py": f"{ONE}\n\ndef call(name):\n    return globals()[name]()\n"},
        "from course_utils.a import call\ncall('f')",
        ("a.py", "return 1", "return 2"),
    ),
    "import_module con el nombre escrito": (
        {"a.py": ONE},
        "from importlib import import_module\nimport_module('course_utils.a').f()",
        ("a.py", "return 1", "return 2"),
    ),
    "import_module con un nombre que se calcula": (
        {"a.py": ONE},
        "import importlib\nimportlib.import_module('course_' + 'utils.a').f()",
        ("a.py", "return 1", "return 2"),
    ),
    "import_module con otro nombre": (
        {"a.py": ONE},
        "from importlib import import_module as load\nload('course_' + 'utils.a').f()",
        ("a.py", "return 1", "return 2"),
    ),
    "try en el módulo": (
        {
            "a.py": "try:\n    from course_utils.b import g\nexcept ImportError:\n    g = None\n",
            "b.py": "g = 1\n",
        },
        "from course_utils.a import g\nprint(g)",
        ("b.py", "1", "2"),
    ),
    "un módulo cambia otro al importarse": (
        {"adding.py": "from course_utils import patch\nadd = max\n", "patch.py": "VALUE = 1\n"},
        CODE,
        ("patch.py", "VALUE = 1", "import course_utils.deep\ncourse_utils.deep.inner = abs"),
    ),
    "el paquete cambia algo al importarse": (
        {"k/__init__.py": "", "k/a.py": ONE},
        "from course_utils.k.a import f\nf()",
        ("k/__init__.py", "", "import os\n\nos.umask(0)\n"),
    ),
    "la cara de la lección cambia algo al importarse": (
        {},
        CODE,
        ("lessons/lesson_12/__init__.py", "", "import os\n\nos.umask(0)\n"),
    ),
    "decorador conocido que ya es otro": (
        {
            "adding.py": "from course_utils import b\nadd = max\n",
            "b.py": f"from functools import cache\n\n\n@cache\n{ONE}",
            "r.py": "from functools import cache\n",
        },
        CODE,
        ("b.py", "functools", "course_utils.r"),
    ),
    "una constante que llama al calcularse": (
        {"adding.py": "from course_utils import patch\nadd = max\n", "patch.py": "OLD = 1\n"},
        CODE,
        ("patch.py", "OLD = 1", "import os\n\nOLD = os.umask(0)"),
    ),
    "un valor por omisión que llama": (
        {"adding.py": "from course_utils import patch\nadd = max\n", "patch.py": ONE},
        CODE,
        ("patch.py", "def f():", "def f(x=print('hola')):"),
    ),
    "orden de dos módulos que cambian algo": (
        {
            "adding.py": "import course_utils.p1\nimport course_utils.p2\nadd = max\n",
            "p1.py": "print(1)\n",
            "p2.py": "print(2)\n",
        },
        CODE,
        ("adding.py", "p1\nimport course_utils.p2", "p2\nimport course_utils.p1"),
    ),
    "función apuntada en un registro": (
        {
            "a.py": "from course_utils import b\nfrom course_utils.r import REGISTER\n",
            "b.py": f"from course_utils.r import register\n\n\n@register\n{ONE}",
            "r.py": "REGISTER = []\n\n\ndef register(g):\n    REGISTER.append(g)\n    return g\n",
        },
        "from course_utils.a import REGISTER\nREGISTER[0]()",
        ("b.py", "return 1", "return 2"),
    ),
    "clase que su base apunta": (
        {
            "a.py": "from course_utils import b\nfrom course_utils.r import Base\n",
            "b.py": "from course_utils.r import Base\n\n\nclass B(Base):\n    size = 1\n",
            "r.py": "class Base:\n    known = []\n\n    def __init_subclass__(cls):\n"
            "        cls.known.append(cls)\n",
        },
        "from course_utils.a import Base\nBase.known[0].size",
        ("b.py", "size = 1", "size = 2"),
    ),
    "biblioteca de un módulo": (
        {"a.py": "import numpy as np\n\n\ndef f():\n    return np.ones(2)\n"},
        "from course_utils.a import f\nf()",
        ("a.py", "import numpy as np", "import cupy as np"),
    ),
    "biblioteca que se importa de paso": (
        {"a.py": ONE},
        "from course_utils.a import f\nf()",
        ("a.py", "def f", "import seaborn\n\n\ndef f"),
    ),
    "docstring que se enseña": (
        {"a.py": 'def f():\n    """Uno."""\n'},
        "from course_utils.a import f\nprint(f.__doc__)",
        ("a.py", "Uno", "Dos"),
    ),
    "texto de una línea que parece un comentario": (
        {"a.py": 'TEXT = """\n# uno\n"""\n'},
        "from course_utils.a import TEXT\nprint(TEXT)",
        ("a.py", "# uno", "# dos"),
    ),
    "clase en la línea de su docstring": (
        {"a.py": 'class A(int): "Uno."\n'},
        "from course_utils.a import A\nA()",
        ("a.py", "int", "float"),
    ),
    "texto que acompaña al módulo": (
        {"k/__init__.py": ONE, "k/glosario.md": "uno\n"},
        "from course_utils.k import f\nf()",
        ("k/glosario.md", "uno", "dos"),
    ),
    "estilo": (
        {},
        "import matplotlib.pyplot as plt\nplt.plot([1])",
        ("plotting/curso.mplstyle", "1", "2"),
    ),
    "ejercicio de la lección": ({}, CODE, ("lessons/lesson_12/exercises.py", "Prueba", "Otra")),
    "lo que usa un ejercicio": ({}, CODE, ("helping.py", "return 1", "return 2")),
    "pistas que la lección enseña": (
        {
            "exercises/__init__.py": "from course_utils.exercises.core import hint\n",
            "exercises/core.py": "def hint(key):\n    return key\n",
            "lessons/lesson_12/answers.toml": "hint = 'una'\n",
        },
        "from course_utils.exercises import hint\nhint('12.1')",
        ("lessons/lesson_12/answers.toml", "una", "otra"),
    ),
    "figura de la lección": (
        {
            "lessons/lesson_12/__init__.py": "from course_utils.lessons.lesson_12.figures "
            "import (\n    f,\n)\n",
            "lessons/lesson_12/figures.py": ONE,
        },
        "from course_utils.lessons.lesson_12 import f\nf()",
        ("lessons/lesson_12/figures.py", "return 1", "return 2"),
    ),
    "experimento de la lección": (
        {
            "lessons/lesson_12/__init__.py": "from .experiment import train\n",
            "lessons/lesson_12/experiment.py": "RATE = 1\n\n\ndef train():\n    return RATE\n",
        },
        "from course_utils.lessons.lesson_12 import train\ntrain()",
        ("lessons/lesson_12/experiment.py", "RATE = 1", "RATE = 2"),
    ),
    "bloque principal del cuaderno": (
        {"a.py": ONE},
        "from course_utils.a import f\nif __name__ == '__main__':\n    f()",
        ("a.py", "return 1", "return 2"),
    ),
    "generador que usa un cargador": (
        DATASETS,
        "from course_utils.datasets import load_co2\nload_co2()",
        ("waves.py", "return 2", "return 3"),
    ),
    "datos": (
        DATASETS,
        "from course_utils.datasets import load_sunspots\nload_sunspots()",
        ("../datasets/registry.toml", "aaaa", "dddd"),
    ),
    "registro que se enseña": (
        DATASETS,
        "from course_utils.datasets import registry\nprint(registry())",
        ("../datasets/registry.toml", "co2.csv", "CO2.csv"),
    ),
    "resultado": (
        DATASETS,
        "from course_utils.datasets import load_result\nload_result('memory')",
        ("../datasets/results/memory.toml", "1111", "4444"),
    ),
    "módulo que no cuenta y cambia otro": (
        {
            "adding.py": "from course_utils import requirements\nadd = max\n",
            "requirements.py": "from course_utils import deep\n\ndeep.inner = abs\n",
        },
        CODE,
        ("requirements.py", "abs", "float"),
    ),
}

HARMLESS = {
    "docstring": ({}, CODE, ("adding.py", "Suma dos números.", "Suma dos números, a y b.")),
    "docstring más largo": ({}, CODE, ("adding.py", '"""Suma."""', '"""Suma.\n\nMás.\n"""')),
    "comentario": ({}, CODE, ("deep.py", "# Igual que entra.", "# Sale igual que entra.")),
    "líneas en blanco": ({}, CODE, ("deep.py", "    return a", "\n\n    return a")),
    "módulo que no se importa": ({}, CODE, ("unused.py", "1", "2")),
    "otra función del módulo": (
        {"a.py": f"{ONE}\n\ndef other():\n    return 3\n"},
        "from course_utils.a import f\nf()",
        ("a.py", "return 3", "return 4"),
    ),
    "otra función del módulo, con el módulo como atributo": (
        {"a.py": f"{ONE}\n\ndef other():\n    return 3\n"},
        "from course_utils import a\na.f()",
        ("a.py", "return 3", "return 4"),
    ),
    "función que la lección importa y no usa": (
        {"a.py": f"{ONE}\n\ndef other():\n    return 3\n"},
        "from course_utils.a import f, other\nf()",
        ("a.py", "return 3", "return 4"),
    ),
    "otro nombre de la cara": (
        {
            "k/__init__.py": "from .a import f\nfrom .b import g\n",
            "k/a.py": ONE,
            "k/b.py": "g = 1\n",
        },
        "from course_utils.k import f\nf()",
        ("k/b.py", "1", "2"),
    ),
    "nombre nuevo en la cara": (
        {"k/__init__.py": "from .a import f\n", "k/a.py": ONE, "k/b.py": "g = 1\n"},
        "from course_utils.k import f\nf()",
        ("k/__init__.py", "f\n", "f\nfrom .b import g\n\n__all__ = ['f', 'g']\n"),
    ),
    "función nueva": (
        {"a.py": ONE},
        "from course_utils.a import f\nf()",
        ("a.py", "return 1\n", "return 1\n\n\ndef g():\n    return 2\n"),
    ),
    "import para los tipos": (
        {"a.py": f"from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    X = 1\n\n\n{ONE}"},
        "from course_utils.a import f\nf()",
        ("a.py", "X = 1", "X = 2"),
    ),
    "bloque principal de un módulo": (
        {"a.py": f"{ONE}\n\nif __name__ == '__main__':\n    print(1)\n"},
        "from course_utils.a import f\nf()",
        ("a.py", "print(1)", "print(2)"),
    ),
    "figura de otra lección": (
        {"lessons/lesson_13/__init__.py": "", "lessons/lesson_13/figures.py": ONE},
        CODE,
        ("lessons/lesson_13/figures.py", "return 1", "return 2"),
    ),
    "estilo, si no dibuja": ({}, CODE, ("plotting/curso.mplstyle", "1", "2")),
    "otros datos": (
        DATASETS,
        "from course_utils.datasets import load_sunspots\nload_sunspots()",
        ("../datasets/registry.toml", "bbbb", "dddd"),
    ),
    "otro resultado": (
        DATASETS,
        "from course_utils.datasets import load_result\nload_result('memory')",
        ("../datasets/results/cost.toml", "2222", "4444"),
    ),
    "doctor": (
        {"doctor.py": "def doctor():\n    return 'bien'\n"},
        "from course_utils.doctor import doctor\ndoctor()",
        ("doctor.py", "bien", "estupendo"),
    ),
    "causa de un error": (
        {"lessons/lesson_12/answers.toml": "cause = 'una'\n"},
        CODE,
        ("lessons/lesson_12/answers.toml", "una", "otra"),
    ),
}


@pytest.mark.parametrize(("modules", "code", "change"), ALTER.values(), ids=ALTER)
def test_what_alters_an_output_counts(repository, modules, code, change):
    """Cada clase de cambio que puede alterar una salida cambia la huella."""
    assert changes(repository, modules, code, change)


@pytest.mark.parametrize(("modules", "code", "change"), HARMLESS.values(), ids=HARMLESS)
def test_what_alters_nothing_does_not_count(repository, modules, code, change):
    """Lo que no puede alterar ninguna salida de la lección no la cambia."""
    assert not changes(repository, modules, code, change)


def test_a_docstring_that_is_shown_does_not_change_a_measure(repository):
    """Lo que una lección enseña de un docstring está en su salida, no en lo que mide."""
    assert not changes(repository, *ALTER["docstring que se enseña"], outputs=False)


def test_lesson_code_counts_and_its_comments_do_not(repository):
    """El código de la lección cuenta; sus comentarios, no."""
    before = fingerprint(repository)
    assert fingerprint(repository, CODE + "\n# nota") == before
    assert fingerprint(repository, CODE.replace("2", "3")) != before


@pytest.mark.parametrize(
    ("code", "read"),
    [
        ("load_result('memory')", {"memory"}),
        ("datasets.load_result('cost')", {"cost"}),
        ("load_result(name='memory')", {"memory"}),
        ("load_result('memory')\nload_result('cost')", {"memory", "cost"}),
        ("load_result('otro')", set()),
        ("load_result(NAME)", {"memory", "cost"}),
        ("load_result(f'mem{x}')", {"memory", "cost"}),
        ("load_result('memory')\nload_result(NAME)", {"memory", "cost"}),
        ("read = load_result\nread('memory')", {"memory", "cost"}),
        ("from course_utils.datasets import load_result as r\nr('cost')", {"memory", "cost"}),
        ("getattr(datasets, 'load_' + 'result')('memory')", {"memory", "cost"}),
        ("text = 'load_result'", set()),
    ],
)
def test_which_results_a_lesson_reads(repository, code, read):
    """Los que nombra; si alguno no está escrito en la llamada, todos."""
    write(repository, DATASETS)
    imports = "from course_utils import datasets\nfrom course_utils.datasets import load_result\n"
    found = Dependencies(repository, "12", [imports + code]).results()
    assert set(found) == {f"results/{name}" for name in read}


def test_no_registry_no_data(tmp_path):
    """Un curso sin registro de datos no carga ninguno."""
    assert Dependencies(tmp_path, "12", ["load_sunspots()"]).data() == {}


def test_text_that_looks_like_a_comment_is_kept():
    """Dentro de un texto, una línea que empieza por # o está vacía no es un comentario."""
    code = 'corpus = """\n# título\n\nfin"""\n# nota'
    assert list(code_lines(code).values()) == code.split("\n")[:4]


SAME_EVERYWHERE = "f51cd017493e"
MANY_KINDS = '''from __future__ import annotations

import numpy as np


def f(x, *, y: int = 2) -> str:
    """Doc."""
    match x:
        case {"a": [1, *rest]}:
            return f"""{x!r:>{y}}
            # {'no'} {rest}
            """
    return (
        f"{x}" "b"
        # nota
        f"{np.pi:.2f}"
    )
'''


def test_same_fingerprint_in_every_python(repository):
    """El valor está escrito: el mismo en Python 3.11, 3.12 y 3.13, y en toda ejecución."""
    write(repository, {"many.py": MANY_KINDS, **DATASETS})
    code = "from course_utils import datasets, many\nmany.f(datasets.load_result('cost'))"
    assert fingerprint(repository, code)[:12] == SAME_EVERYWHERE


# ---------------------------------------------------------------- con el curso de verdad


@pytest.fixture(scope="module")
def dependencies():
    """De qué depende cada lección del curso."""
    return lesson_dependencies(ROOT)


def test_left_out_exists_and_says_why():
    """Lo que no cuenta existe, con su razón: si se muda, hay que decidir de nuevo."""
    course = Course(ROOT)
    for name, reason in (LEFT_OUT | KNOWN_IMPORTS).items():
        module, _, thing = name.rpartition(".")
        there = course.module(name) or thing in course.module(module).bound
        assert there, name
        assert reason, name
    assert all(LEFT_OUT_FILES.values())


def test_every_lesson_draws_and_none_reads_everything(dependencies):
    """Si un módulo se abre entero, o cuenta todo el registro, que sea a sabiendas."""
    assert all(item.draws() for item in dependencies.values())
    opened = {name for item in dependencies.values() for name in item.reach.opened}
    launched = {"course_utils.scaling.leash", "course_utils.scaling.rank"}  # por su nombre, en 55
    assert opened <= {"course_utils.plotting"} | launched  # su estilo, que ``setup`` nombra
    whole = [number for number, item in dependencies.items() if "registry.toml" in item.data()]
    assert whole == ["00"]


def test_one_changed_line_makes_few_lessons_stale(dependencies):
    """La peor línea de cada módulo caduca, de media, menos de la quinta parte de las lecciones."""
    rows = stale_table(ROOT, dependencies)
    worst = sum(row.worst for row in rows) / len(rows)
    assert worst <= len(dependencies) / 5, summary(rows)


# Del paquete de verdad: el cambio y las lecciones que caducan.
REAL = {
    "claims.py": ("✓ {item.text}", "✔ {item.text}", "all"),
    "environment.py": ("random.seed(seed)", "random.seed(seed + 1)", "all"),
    "exercises/core.py": ("sigue con tu respuesta", "usa tu respuesta", "all"),
    "plotting/curso.mplstyle": ("figure.dpi", "#figure.dpi", "all"),
    "datasets/own/faults.py": ("return ", "return None or ", "25 41 42 43 44"),
    "synthetic/number_words.py": ("return UNITS[0]", "return 'nada'", "16 34 35 54"),
    "cells/gru.py": ("np.tanh(", "np.sin(", ""),
    "cells/lstm.py": ("np.tanh(", "np.sin(", "21"),
    "cells/rnn.py": ("np.tanh(", "np.sin(", "12 13 14 15 16 21 22"),
    "lessons/lesson_24/experiment.py": ("RATE = ", "RATE = 2 * ", "24"),
    "lessons/lesson_21/figures.py": ("ax.plot(", "ax.step(", "21"),
    "lessons/lesson_00/__init__.py": ("lesson_00.figures", "lesson_11.figures", "00"),
    "reference/glosario.md": ("persistencia", "la persistencia", "00"),
    "doctor.py": ("return ", "return None or ", ""),
    "requirements.py": ("return ", "return None or ", ""),
    "exercises/store.py": ("return ", "return None or ", ""),
    "exercises/compare.py": ("se esperaba ", "esperaba ", ""),
    "exercises/sandbox.py": ("línea", "fila", ""),
    "exercises/definition.py": ("No hay ejercicio", "No existe el ejercicio", ""),
}


def fingerprints(root, dependencies):
    """La huella de cada lección, con el paquete de otra carpeta."""
    return {
        number: lesson_fingerprint(root, number, [item.code])
        for number, item in dependencies.items()
    }


@pytest.fixture(scope="module")
def copied(tmp_path_factory, dependencies):
    """Una copia del paquete y de los registros, y la huella de cada lección con ella."""
    root = tmp_path_factory.mktemp("curso")
    shutil.copytree(ROOT / "course_utils", root / "course_utils")
    shutil.copytree(ROOT / "datasets" / "results", root / "datasets" / "results")
    shutil.copy(ROOT / "datasets" / "registry.toml", root / "datasets")
    return root, fingerprints(root, dependencies)


@pytest.mark.parametrize("name", REAL)
def test_planted_change_in_the_real_package(copied, dependencies, name):
    """Un cambio en el paquete de verdad hace caducar las lecciones que lo usan, y ninguna más."""
    root, before = copied
    old, new, expected = REAL[name]
    path = root / "course_utils" / name
    text = path.read_text(encoding="utf-8")
    edit(path, old, new)
    after = fingerprints(root, dependencies)
    path.write_text(text, encoding="utf-8")
    stale = {number for number in before if before[number] != after[number]}
    assert stale == (set(before) if expected == "all" else set(expected.split()))


def test_the_table_says_what_a_change_does(copied, dependencies):
    """Cambiar una línea hace caducar justo las lecciones que la tabla dice de ella."""
    root, before = copied
    rows = {row.module: row for row in stale_table(root, dependencies)}
    for module in ("course_utils.cells.rnn", "course_utils.plotting.gradients"):
        path = Course(root).file(module)
        text = path.read_text(encoding="utf-8")
        places = [at for at, line in code_lines(text).items() if line.strip().startswith("return")]
        for at in places[::4]:
            lines = text.split("\n")
            lines[at - 1] = lines[at - 1].replace("return", "return not")
            path.write_text("\n".join(lines), encoding="utf-8")
            after = fingerprints(root, dependencies)
            stale = {number for number in before if before[number] != after[number]}
            assert stale == rows[module].stale[list(code_lines(text)).index(at)], (module, at)
        path.write_text(text, encoding="utf-8")
