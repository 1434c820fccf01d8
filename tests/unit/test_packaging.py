"""El entorno se describe en varios sitios: aquí se comprueba que todos dicen lo mismo.

pyproject.toml manda. constraints.txt fija las versiones exactas, environment.yml repite el entorno
para conda y Binder, CI y tools/lab.py repiten los Python admitidos. Crear el entorno de conda no
se puede probar aquí; que no se aparte de los demás, sí.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import tomllib
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

import course_utils
from tools import freeze

ROOT = Path(__file__).resolve().parents[2]
COMPARED = (
    "pyproject.toml",
    "constraints.txt",
    "environment.yml",
    ".github/workflows/ci.yml",
    "tools/lab.py",
    "README.md",
)
CPU_INDEX = "https://download.pytorch.org/whl/cpu"


def load_lab(root: Path):
    """Importa tools/lab.py de ``root``, que puede ser una copia."""
    spec = importlib.util.spec_from_file_location("copied_lab", root / "tools/lab.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ---------------------------------------------------------------- el comparador


def read_constraints(text: str) -> tuple[dict[str, str], list[str]]:
    """Devuelve las versiones de constraints.txt y los problemas de forma que tenga."""
    versions: dict[str, str] = {}
    problems = []
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        match = re.fullmatch(r"([A-Za-z0-9._-]+)==(\S+)", line)
        if not match:
            problems.append(f"constraints.txt: «{line}» no es «nombre==versión»")
            continue
        name = canonicalize_name(match[1])
        if name in versions:
            problems.append(f"constraints.txt: {name} está dos veces")
        if Version(match[2]).local:
            problems.append(f"constraints.txt: {line} lleva un sufijo local")
        versions[name] = match[2]
    return versions, problems


def compare_constraints(project: dict, constraints: dict[str, str]) -> list[str]:
    """Compara constraints.txt con lo que pide pyproject.toml."""
    problems = []
    for name, requirement in freeze.declared(project, "test").items():
        if name not in constraints:
            problems.append(f"constraints.txt: falta {name}, que pide pyproject.toml")
        elif not requirement.specifier.contains(constraints[name]):
            problems.append(
                f"constraints.txt: {name}=={constraints[name]} queda fuera de "
                f"«{requirement.specifier}» de pyproject.toml"
            )
    own = canonicalize_name(project["name"])
    return problems + [f"constraints.txt: sobra {own}, el propio curso"] * (own in constraints)


def read_environment(text: str) -> tuple[list[str], list[str]]:
    """Devuelve las líneas de conda y las de pip de environment.yml."""
    entries = yaml.safe_load(text)["dependencies"]
    conda = [entry for entry in entries if isinstance(entry, str)]
    return conda, [line for entry in entries if isinstance(entry, dict) for line in entry["pip"]]


def compare_environment(project: dict, constraints: dict[str, str], text: str) -> list[str]:
    """Compara environment.yml con pyproject.toml (conda) y con constraints.txt (pip)."""
    conda, pip = read_environment(text)
    problems = []
    options = [line for line in pip if line.startswith("-")]
    if options != [f"--extra-index-url {CPU_INDEX}"]:
        problems.append(f"environment.yml: las opciones de pip son {options}")
    from_conda = [Requirement(line) for line in conda if line.partition("=")[0] != "python"]
    from_pip = [Requirement(line) for line in pip if not line.startswith("-")]
    names = [canonicalize_name(item.name) for item in from_conda + from_pip]
    wanted = freeze.declared(project, "curso")
    problems += [f"environment.yml: {n} está dos veces" for n in {*names} if names.count(n) > 1]
    problems += [f"environment.yml: falta {n}" for n in sorted({*wanted, "pip"} - {*names})]
    problems += [f"environment.yml: sobra {n}" for n in sorted({*names} - {*wanted, "pip"})]
    for item in from_conda:
        expected = wanted.get(canonicalize_name(item.name))
        if expected and item.specifier != expected.specifier:
            problems.append(f"environment.yml: «{item}» y pyproject.toml pide «{expected}»")
    for item in from_pip:
        exact = constraints.get(canonicalize_name(item.name))
        if str(item.specifier) != f"=={exact}":
            problems.append(f"environment.yml: «{item}» y constraints.txt fija {exact}")
    return problems


def admitted_pythons(project: dict) -> list[str]:
    """Los Python que admite pyproject.toml, del más antiguo al más nuevo."""
    admitted = SpecifierSet(project["requires-python"])
    return [f"3.{minor}" for minor in range(30) if f"3.{minor}.0" in admitted]


def compare_pythons(minors: list[str], root: Path) -> list[str]:
    """Compara los Python que admite pyproject.toml con los de los demás ficheros."""
    problems = []
    lab = load_lab(root)
    supported = [f"{major}.{minor}" for major, minor in lab.SUPPORTED]
    if supported != minors:
        problems.append(f"tools/lab.py admite {supported} y pyproject.toml {minors}")
    if lab.CPU_INDEX != CPU_INDEX:
        problems.append(f"tools/lab.py usa el índice {lab.CPU_INDEX}")
    conda, _ = read_environment((root / "environment.yml").read_text("utf-8"))
    python = [line for line in conda if line.startswith("python")]
    if python not in [[f"python={minor}"] for minor in minors]:
        problems.append(f"environment.yml: {python} no es un solo «python=3.x» admitido")
    jobs = yaml.safe_load((root / ".github/workflows/ci.yml").read_text("utf-8"))["jobs"]
    ends = [minors[0], minors[-1]]
    for name in ("checks", "notebooks"):
        if jobs[name]["strategy"]["matrix"]["python-version"] != ends:
            problems.append(f"ci.yml: {name} no prueba {ends}, los extremos de pyproject.toml")
    if [f"python={x}" for x in jobs["solutions"]["strategy"]["matrix"]["python-version"]] != python:
        problems.append(f"ci.yml: solutions no prueba el {python} de environment.yml")
    readme = (root / "README.md").read_text("utf-8")
    missing = [minor for minor in (minors[0], minors[-1]) if minor not in readme]
    return problems + [f"README.md no nombra Python {minor}" for minor in missing]


def drift(root: Path) -> list[str]:
    """Enumera todo aquello en lo que los ficheros no coinciden; vacía si coinciden."""
    pyproject = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    project = pyproject["project"]
    environment = (root / "environment.yml").read_text("utf-8")
    constraints, problems = read_constraints((root / "constraints.txt").read_text("utf-8"))
    problems += compare_constraints(project, constraints)
    problems += compare_environment(project, constraints, environment)
    target, minors = pyproject["tool"]["ruff"]["target-version"], admitted_pythons(project)
    if target != "py" + minors[0].replace(".", ""):
        problems.append(f"ruff revisa para {target} y el mínimo es {minors[0]}")
    return problems + compare_pythons(minors, root)


# ---------------------------------------------------------------- coinciden, y si no se nota


def test_descriptions_of_the_environment_agree():
    """pyproject.toml, constraints.txt, environment.yml, CI y tools/lab.py dicen lo mismo."""
    assert drift(ROOT) == []


DRIFTED = {
    "un paquete nuevo en pyproject": (
        "pyproject.toml",
        r'"psutil>=5.9",',
        '"psutil>=5.9",\n    "rich>=13",',
        "environment.yml: falta rich",
    ),
    "un paquete nuevo solo para pruebas": (
        "pyproject.toml",
        r'"ruff>=0.9",',
        '"ruff>=0.9",\n    "nox>=2024",',
        "constraints.txt: falta nox",
    ),
    "un paquete que ya no se pide": (
        "pyproject.toml",
        r'    "pooch>=1.8",\n',
        "",
        "environment.yml: sobra pooch",
    ),
    "un margen que deja fuera la versión fijada": (
        "pyproject.toml",
        r"keras>=3\.13,<3\.16",
        "keras>=3.13,<3.14",
        "constraints.txt: keras==",
    ),
    "un margen cambiado en un solo sitio": (
        "environment.yml",
        r"jupyterlab>=4.4,<5",
        "jupyterlab>=4.2,<5",
        "environment.yml: «jupyterlab<5,>=4.2»",
    ),
    "una versión distinta con pip": (
        "environment.yml",
        r"keras==[\d.]+",
        "keras==3.14.0",
        "environment.yml: «keras==3.14.0»",
    ),
    "una versión sin fijar con pip": (
        "environment.yml",
        r"- torch==[\d.]+",
        "- torch",
        "environment.yml: «torch»",
    ),
    "un paquete que falta en environment": (
        "environment.yml",
        r"      - pandas==.*\n",
        "",
        "environment.yml: falta pandas",
    ),
    "un paquete repetido": (
        "environment.yml",
        r"  - tqdm>=4.66",
        "  - numpy>=2.1\n  - tqdm>=4.66",
        "environment.yml: numpy está dos veces",
    ),
    "pip sin nombrar": ("environment.yml", r"  - pip  #.*\n", "", "environment.yml: falta pip"),
    "el índice de CUDA": ("environment.yml", r"whl/cpu", "whl/cu130", "las opciones de pip"),
    "otro índice en lab.py": ("tools/lab.py", r"whl/cpu", "whl/cu130", "tools/lab.py usa"),
    "un margen de Python que Binder no entiende": (
        "environment.yml",
        r"python=3.12",
        "python>=3.12",
        "no es un solo «python=3.x» admitido",
    ),
    "un Python no admitido en Binder": (
        "environment.yml",
        r"python=3.12",
        "python=3.14",
        "no es un solo «python=3.x» admitido",
    ),
    "un Python más en pyproject": ("pyproject.toml", r"<3\.14", "<3.15", "tools/lab.py admite"),
    "un Python menos en lab.py": (
        "tools/lab.py",
        r"SUPPORTED = .*",
        "SUPPORTED = ((3, 11), (3, 12))",
        "tools/lab.py admite",
    ),
    "una matriz que olvida un extremo": (
        ".github/workflows/ci.yml",
        r'\["3.11", "3.13"\]',
        '["3.11", "3.12"]',
        "ci.yml: checks no prueba",
    ),
    "unas soluciones en otro Python que Binder": (
        ".github/workflows/ci.yml",
        r'\["3.12"\]',
        '["3.13"]',
        "ci.yml: solutions no prueba",
    ),
    "ruff para otro Python": ("pyproject.toml", r'"py311"', '"py312"', "ruff revisa para py312"),
    "un README atrasado": ("README.md", r"(?s)3\.13.*", "", "README.md no nombra Python 3.13"),
    "un sufijo local": (
        "constraints.txt",
        r"(torch==[\d.]+)",
        r"\1+cpu",
        "lleva un sufijo local",
    ),
    "una línea que no fija nada": ("constraints.txt", r"numpy==.*", "numpy>=2", "no es «nombre=="),
    "un paquete sin fijar": (
        "constraints.txt",
        r"papermill==.*\n",
        "",
        "constraints.txt: falta papermill",
    ),
    "el propio curso entre las versiones": (
        "constraints.txt",
        r"cycler==",
        "curso-rnn==0.1.0\ncycler==",
        "sobra curso-rnn",
    ),
}


@pytest.fixture
def copied(tmp_path):
    """Una copia de los ficheros comparados, para estropearla."""
    for name in COMPARED:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("case", DRIFTED)
def test_drift_is_noticed(case, copied):
    """Cada diferencia introducida a propósito se nombra, con su fichero."""
    name, pattern, replacement, message = DRIFTED[case]
    text = (copied / name).read_text("utf-8")
    changed = re.sub(pattern, replacement, text, count=1)
    assert changed != text, f"el patrón {pattern!r} ya no está en {name}: corrige esta prueba"
    (copied / name).write_text(changed, "utf-8")
    problems = drift(copied)
    assert any(message in problem for problem in problems), problems


def test_version_is_the_same_everywhere():
    """course_utils.__version__ es la de pyproject.toml."""
    assert course_utils.__version__ == freeze.read_project(ROOT)["version"]


# ---------------------------------------------------------------- constraints.txt y su herramienta


def test_constraints_serve_the_oldest_python():
    """Ninguna versión fijada (de las instaladas aquí) pide un Python posterior al mínimo.

    Debian 12 trae Python 3.11.2: una sola versión que pida 3.11.5 impide instalar el curso.
    """
    constraints, _ = read_constraints((ROOT / "constraints.txt").read_text("utf-8"))
    installed = {canonicalize_name(item.name): item for item in metadata.distributions()}
    pinned = {
        name: found
        for name, found in installed.items()
        if name in constraints and Version(found.version).public == constraints[name]
    }
    assert "numpy" in pinned, "este entorno no tiene las versiones de constraints.txt"
    project = freeze.read_project(ROOT)
    freeze.public_versions(pinned, oldest_python=freeze.oldest_python(project["requires-python"]))


def distribution(version: str, *requires: str, python: str | None = None) -> SimpleNamespace:
    """Una distribución instalada, de mentira."""
    return SimpleNamespace(
        version=version, requires=list(requires), metadata={"Requires-Python": python}
    )


def finder(**installed: SimpleNamespace):
    def find(name: str) -> SimpleNamespace:
        if name not in installed:
            raise metadata.PackageNotFoundError(name)
        return installed[name]

    return find


def test_closure_follows_markers_and_extras():
    """Se recorre lo que el entorno necesita: extras pedidos sí, otros sistemas no."""
    find = finder(
        a=distribution("1", "b[x]>=1", 'never; sys_platform == "ninguno"', 'no; extra == "y"'),
        b=distribution("2+cpu", 'c; extra == "x"', 'never; extra == "z"', "a"),
        c=distribution("3"),
    )
    found = freeze.closure([Requirement("a")], find=find)
    assert freeze.public_versions(found, oldest_python="3.11.0") == {"a": "1", "b": "2", "c": "3"}


def test_closure_revisits_a_package_asked_with_another_extra():
    """Un paquete visto sin extras se vuelve a mirar cuando alguien lo pide con uno."""
    find = finder(
        a=distribution("1", "b", "d"),
        b=distribution("2", 'c; extra == "x"'),
        c=distribution("3"),
        d=distribution("4", "b[x]"),
    )
    assert list(freeze.closure([Requirement("a")], find=find)) == ["a", "b", "c", "d"]


def test_closure_names_what_is_missing():
    """Si falta un paquete, el mensaje dice cuál, quién lo pide y qué hacer."""
    with pytest.raises(RuntimeError, match=r"No está instalado b, que pide a\. Instala"):
        freeze.closure([Requirement("a")], find=finder(a=distribution("1", "b")))


def test_a_version_for_newer_pythons_is_refused():
    """Una versión que deja fuera al Python más antiguo se rechaza con su nombre."""
    found = {"a": distribution("1"), "b": distribution("4.1", python=">=3.11.5")}
    with pytest.raises(RuntimeError, match=r"b 4\.1 pide Python >=3\.11\.5"):
        freeze.public_versions(found, oldest_python="3.11.0")


def test_declared_refuses_contradictions_and_unknown_extras():
    """Dos márgenes para un mismo paquete o un extra que no existe son errores."""
    project = {"name": "p", "dependencies": ["numpy>=2"], "optional-dependencies": {"a": []}}
    with pytest.raises(ValueError, match="no tiene el extra 'b'; tiene: a"):
        freeze.declared(project, "b")
    project["optional-dependencies"]["a"] = ["NumPy>=3"]
    with pytest.raises(ValueError, match="pide numpy de dos maneras"):
        freeze.declared(project, "a")


@pytest.fixture
def frozen(tmp_path, monkeypatch):
    """Un repositorio mínimo, con un entorno de mentira en el que solo hay dos paquetes."""
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "p"\nrequires-python = ">=3.11,<3.14"\ndependencies = ["a"]\n'
        "[project.optional-dependencies]\ntest = []\n",
        "utf-8",
    )
    (tmp_path / "environment.yml").write_text("- pip:\n    - a==0.1  # motivo\n", "utf-8")
    find = finder(a=distribution("1.0+cpu", "B_c>=1"), B_c=distribution("2.0"))
    closure = freeze.closure
    monkeypatch.setattr(freeze, "closure", lambda roots: closure(roots, find=find))
    return tmp_path


def test_freeze_writes_both_files_and_then_agrees(frozen, capsys):
    """Escribe constraints.txt, pone al día environment.yml y --check queda conforme."""
    assert freeze.main([], root=frozen) == 0
    assert (frozen / "constraints.txt").read_text("utf-8").splitlines()[2:] == [
        "a==1.0",
        "b-c==2.0",
    ]
    expected = "- pip:\n    - a==1.0  # motivo\n"
    assert (frozen / "environment.yml").read_text("utf-8") == expected
    capsys.readouterr()
    assert freeze.main(["--check"], root=frozen) == 0
    assert capsys.readouterr().out == "constraints.txt: al día\nenvironment.yml: al día\n"


def test_freeze_check_writes_nothing(frozen, capsys):
    """--check enseña las diferencias, no escribe y termina con 1."""
    assert freeze.main(["--check"], root=frozen) == 1
    assert not (frozen / "constraints.txt").exists()
    assert "a==0.1" in (frozen / "environment.yml").read_text("utf-8")
    shown = capsys.readouterr().out
    assert "+a==1.0" in shown
    assert "python -m tools.freeze" in shown


# ---------------------------------------------------------------- CI, Binder y licencias


WORKFLOWS = ROOT / ".github/workflows"
READ = {"contents": "read"}
# Cada flujo, cuándo se ejecuta y con qué permisos. Uno nuevo, como el que publique, se apunta aquí
# con los mínimos que necesite: ninguno hereda los de otro.
LEAST = {
    "ci.yml": ({"pull_request"}, READ),
    "nightly.yml": ({"schedule", "workflow_dispatch"}, READ),
}
# Lo único que se ejecuta sin make: el reparto, que no necesita instalar nada, y apt.
WITHOUT_MAKE = (
    r'echo "(lessons=\$\(python3 -m tools\.notebooks\.shards \d\)|seed=\$\(date \+%Y%m%d\))"'
    r' >> "\$GITHUB_OUTPUT"|sudo apt-get update && sudo apt-get install --yes hunspell hunspell-es'
)


def read_workflow(path: Path) -> dict:
    """Un flujo o una acción; con BaseLoader, «on» no es un booleano."""
    return yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)


def workflow_steps(workflow: dict) -> list[dict]:
    """Todos los pasos de un flujo, con los de las acciones propias que usa."""
    steps = []
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            steps.append(step)
            if step.get("uses", "").startswith("./"):
                steps += read_workflow(ROOT / step["uses"] / "action.yml")["runs"]["steps"]
    return steps


def make_orders(workflow: dict) -> set[str]:
    """Las órdenes de make que ejecuta un flujo."""
    found = set()
    for job in workflow["jobs"].values():
        orders = job.get("strategy", {}).get("matrix", {}).get("order", [])
        for step in job["steps"]:
            if step.get("run", "").startswith("make "):
                words = step["run"].replace("${{ matrix.order }}", " ".join(orders)).split()
                found |= {word for word in words[1:] if re.fullmatch(r"[a-z0-9-]+", word)}
    return found


def test_every_workflow_has_its_least_privilege():
    """Cada flujo está apuntado con sus permisos; ningún trabajo los amplía ni usa secretos."""
    assert {path.name for path in WORKFLOWS.iterdir()} == LEAST.keys()
    for name, (events, permissions) in LEAST.items():
        workflow = read_workflow(WORKFLOWS / name)
        triggers = workflow["on"]
        assert ({triggers} if isinstance(triggers, str) else set(triggers)) == events, name
        assert workflow["permissions"] == permissions, name
        assert workflow["concurrency"]["cancel-in-progress"] == "true", name
        assert "secrets." not in (WORKFLOWS / name).read_text("utf-8"), name
        for job in workflow["jobs"].values():
            assert "permissions" not in job, name
            assert "timeout-minutes" in job, name
        for step in workflow_steps(workflow):
            if "checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] == "false", name


def test_workflows_run_the_orders_of_make():
    """Los flujos ejecutan órdenes del Makefile, que existen, y poco más."""
    phony = (ROOT / "Makefile").read_text("utf-8").split(".PHONY:")[1].splitlines()[0].split()
    for name in LEAST:
        workflow = read_workflow(WORKFLOWS / name)
        orders = make_orders(workflow)
        assert orders
        assert orders <= set(phony), name
        lines = [
            line for step in workflow_steps(workflow) for line in step.get("run", "").split("\n")
        ]
        strange = [line for line in lines if line and not line.startswith("make ")]
        assert [line for line in strange if not re.fullmatch(WITHOUT_MAKE, line)] == [], name


def test_a_pull_request_runs_everything():
    """En cada propuesta, todas las partes; las que ejecutan lecciones, repartidas y todas ellas."""
    workflow = read_workflow(WORKFLOWS / "ci.yml")
    every = {"lint", "test-unit", "test-lessons", "notebooks", "test-solutions", "test-e2e"}
    assert make_orders(workflow) == every
    for name in ("notebooks", "solutions"):
        job = workflow["jobs"][name]
        assert job["needs"] == "shards"
        assert (
            job["strategy"]["matrix"]["lessons"] == "${{ fromJSON(needs.shards.outputs.lessons) }}"
        )
        assert job["steps"][-1]["run"].endswith('LESSONS="${{ matrix.lessons }}"')
    assert not any("if" in job for job in workflow["jobs"].values())


def test_actions_are_pinned_by_commit():
    """Cada acción ajena lleva su commit completo y, al lado, la versión que es."""
    paths = [*WORKFLOWS.iterdir(), *ROOT.glob(".github/actions/*/action.yml")]
    used = [
        found
        for path in paths
        for found in re.findall(r"uses: (?!\./)(\S+)@(\S+)(.*)", path.read_text("utf-8"))
    ]
    assert len(used) >= len(paths)
    for action, reference, comment in used:
        assert re.fullmatch(r"[0-9a-f]{40}", reference), f"{action}@{reference}"
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), f"{action}: falta la versión"


def test_environment_gives_a_reason_for_each_package():
    """Cada línea de dependencias dice por qué está."""
    text = (ROOT / "environment.yml").read_text("utf-8").partition("dependencies:")[2]
    packages = [line for line in text.splitlines() if re.match(r"\s*- (?!pip:|--)", line)]
    assert len(packages) > 15
    assert [line for line in packages if not re.search(r"  # \w.{10,}", line)] == []


def test_citation_and_licences():
    """La cita es YAML válido y no repite la dirección; las dos licencias están enteras."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert not {"repository-code", "url"} & citation.keys()
    assert "MIT License" in (ROOT / "LICENSE").read_text("utf-8")
    prose = (ROOT / "LICENSE-CC-BY-4.0").read_text("utf-8")
    assert prose.startswith("Attribution 4.0 International\n")
    assert [f"Section {n} " in prose for n in range(1, 9)] == [True] * 8
