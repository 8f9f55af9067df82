"""The shape of the project, where a slip would break its users quietly."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import ivc
from tests.helpers import PROJECT, clean_environment

LIBRARY = PROJECT / "constructs" / "ivc"


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
    for module in _imports(file):
        top = module.split(".")[0]
        assert top not in ("cdktf", "cdktf_cdktf_provider_openstack", "constructs", "jsii"), f"{file.name}: {module}"
        if top == "ivc":
            assert module.startswith("ivc.userdata"), f"{file.name} imports {module}, which may import CDKTF"


@pytest.mark.parametrize("file", _files(LIBRARY), ids=lambda file: file.relative_to(LIBRARY).as_posix())
def test_cdktfs_own_names_are_imported_in_one_module(file: Path) -> None:
    if file == LIBRARY / "declare" / "cdktf.py":
        return
    tops = {module.split(".")[0] for module in _imports(file)}
    assert not tops & {"cdktf", "constructs", "jsii", "cdktn"}, "import it from ivc.declare.cdktf"


@pytest.mark.parametrize("file", _files(LIBRARY), ids=lambda file: file.relative_to(LIBRARY).as_posix())
def test_of_the_bindings_only_the_modules_needed_are_imported(file: Path) -> None:
    """The bindings' top package imports a hundred modules: half a second."""
    bindings = {module for module in _imports(file) if module.startswith("cdktf_cdktf_provider_openstack")}
    assert "cdktf_cdktf_provider_openstack" not in bindings


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
    for name in ivc.__all__:
        assert getattr(ivc, name).__doc__, name
