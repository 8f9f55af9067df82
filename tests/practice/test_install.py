"""The installation, without installing anything."""

import re
import subprocess
from pathlib import Path

import practice
import pytest
from practice import install
from practice.errors import PracticeError
from practice.folder import Folder
from practice.services import Extra

_PRACTICE = Path(practice.__file__).parent


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-extras.lock"])
def test_every_pin_in_a_lock_has_its_hashes_and_nothing_names_a_host(name: str) -> None:
    lock = (_PRACTICE / name).read_text()
    pins = re.findall(r"^\S+==\S+.*\\$", lock, re.MULTILINE)
    names = re.findall(r"^[a-z0-9]", lock, re.MULTILINE)
    assert len(pins) == len(names) > 100
    assert "--hash=sha256:" in lock
    assert "://" not in lock


def test_the_extras_are_locked_in_the_versions_that_the_core_has() -> None:
    core, extras = (
        dict(re.findall(r"^(\S+)==(\S+)", (_PRACTICE / name).read_text(), re.MULTILINE))
        for name in ("requirements.lock", "requirements-extras.lock")
    )
    assert {"barbican", "designate", "octavia", "openstack-heat", "swift"} <= extras.keys() - core.keys()
    assert {name: core[name] for name in core.keys() & extras.keys()} == {
        name: extras[name] for name in core.keys() & extras.keys()
    }


def test_the_policy_that_holds_daemons_is_taken_away_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = tmp_path / "policy-rc.d"
    monkeypatch.setattr(install, "_POLICY", policy)
    codes: list[int] = []

    def fail_while_held() -> None:
        with install._daemons_held(()):
            codes.append(subprocess.run([policy], check=False).returncode)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_while_held()
    assert codes == [101]
    assert not policy.exists()


def test_a_policy_of_somebody_else_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = tmp_path / "policy-rc.d"
    policy.write_text("theirs")
    monkeypatch.setattr(install, "_POLICY", policy)
    with install._daemons_held(()):
        pass
    assert policy.read_text() == "theirs"


@pytest.mark.parametrize(
    ("programs", "sentence"),
    [({}, "no apt-get: use Debian or Ubuntu"), ({"apt-get": "/usr/bin/apt-get"}, "as root, then this again")],
    ids=["another system", "no root and no sudo"],
)
def test_what_is_missing_and_how_to_get_it_is_one_sentence(
    programs: dict[str, str], sentence: str, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "find_program", programs.get)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(PracticeError, match=sentence) as error:
        install.install(folder, print)
    assert "rabbitmq-server" in str(error.value)
    assert "\n" not in str(error.value)


def test_what_was_installed_from_another_lock_is_not_current(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "find_program", lambda name: name)
    folder.venv.mkdir(parents=True)
    assert not install.is_installed(folder)
    install._stamp(folder).write_text(install.lock_hash())
    assert install.is_installed(folder)
    install._stamp(folder).write_text("of an older lock")
    assert not install.is_installed(folder)


@pytest.fixture
def installed(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """On a machine that has every program and the cloud's services: what is installed then."""
    monkeypatch.setattr(install, "find_program", lambda name: name)
    folder.make()
    folder.venv.mkdir()
    install._stamp(folder).write_text(install.lock_hash())
    said: list[str] = []

    def run(command: tuple[str, ...]) -> None:
        said.append(command[-1])
        folder.venv.mkdir(exist_ok=True)

    monkeypatch.setattr(install, "_run", run)
    return said


def test_what_extras_need_is_installed_once_and_when_one_is_asked_for(folder: Folder, installed: list[str]) -> None:
    install.install(folder, lambda _: None)
    assert installed == []
    assert not install.is_installed(folder, [Extra.OBJECTS])
    install.install(folder, lambda _: None, [Extra.OBJECTS])
    assert installed == [str(_PRACTICE / "requirements-extras.lock")]
    assert install.is_installed(folder, tuple(Extra))
    assert install.is_installed(folder)


def test_a_new_lock_of_the_core_takes_the_extras_away_too(folder: Folder, installed: list[str]) -> None:
    install.install(folder, lambda _: None, [Extra.OBJECTS])
    install._stamp(folder).write_text("of an older lock")
    installed.clear()
    install.install(folder, lambda _: None, [Extra.OBJECTS])
    assert [Path(one).name for one in installed] == ["venv", "requirements.lock", "requirements-extras.lock"]


@pytest.mark.parametrize(("extras", "packages"), [((), []), (["dns"], ["bind9", "bind9-utils"]), (["objects"], [])])
def test_only_an_extra_that_wants_a_program_asks_for_it(
    extras: list[str], packages: list[str], folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = {program for program, _ in install._PROGRAMS.items()}
    monkeypatch.setattr(install, "find_program", lambda name: name if name in there else None)
    assert install._missing_packages(Extra.named(extras)) == packages
