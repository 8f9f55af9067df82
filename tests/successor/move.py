"""The move of a project to CDK Terrain, as docs/cdktn.md has it, made in a copy.

There are no bindings of OpenStack's provider for it. CDKTF's are re-pointed: their Python, their JavaScript and what
describes both name `cdktn` where they named `cdktf`.
"""

from __future__ import annotations

import io
import re
import shutil
import tarfile
from importlib.util import find_spec
from pathlib import Path

from ivc.declare.bindings import PACKAGE
from tests.helpers import PROJECT, copy_of_project
from tests.own_environment import program

_IMPORT = re.compile(r"^(from|import) cdktf\b", re.MULTILINE)
_REFUSED = 'raise ImportError("CDKTF is imported, which the project moved away from")\n'


def moved(folder: Path) -> tuple[Path, str]:
    """The project, moved, in a folder; with the PYTHONPATH that it runs with. Raises NotToBeHadError."""
    project = copy_of_project(folder / "project")
    shutil.copytree(
        PROJECT / "examples",
        project / "examples",
        ignore=shutil.ignore_patterns("cdktf.out", "*.tfstate*", "__pycache__"),
    )
    programs = [file.relative_to(project).as_posix() for file in project.glob("examples/*/main.py")]
    # The library names CDKTF in one file (tests/test_project.py).
    for name in ("constructs/ivc/declare/cdktf.py", *programs):
        _edit(project / name, _IMPORT, r"\1 cdktn")
    (site,) = (program("cdktn", "python").parent.parent / "lib").glob("python*/site-packages")
    beside = _bindings(folder / "beside")
    (beside / "cdktf.py").write_text(_REFUSED)
    return project, ":".join(map(str, (project / "constructs", beside, site)))


def _edit(file: Path, old: re.Pattern[str], new: str) -> None:
    file.write_text(old.sub(new, file.read_text()))


def _bindings(folder: Path) -> Path:
    """CDKTF's bindings, re-pointed, in a folder."""
    spec = find_spec(PACKAGE)
    assert spec is not None
    assert spec.submodule_search_locations
    package = shutil.copytree(
        spec.submodule_search_locations[0], folder / PACKAGE, ignore=shutil.ignore_patterns("__pycache__")
    )
    for module in package.rglob("*.py"):
        _edit(module, _IMPORT, r"\1 cdktn")
    (archive,) = package.glob("_jsii/*.tgz")
    with tarfile.open(archive) as old:
        files = [(member, old.extractfile(member)) for member in old.getmembers()]
        with tarfile.open(folder / archive.name, "w:gz", compresslevel=1) as new:
            for member, file in files:
                content = _repointed(file.read()) if file is not None else b""
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))
    (folder / archive.name).replace(archive)
    return folder


def _repointed(content: bytes) -> bytes:
    """A file of the bindings' JavaScript, or its description for jsii: `require("cdktf")`, `"cdktf.TerraformResource"`,
    `"cdktf": "^0.20.0"`.
    """
    return (
        content.replace(b'require("cdktf")', b'require("cdktn")')
        .replace(b'"cdktf.', b'"cdktn.')
        .replace(b'"cdktf":', b'"cdktn":')
    )
