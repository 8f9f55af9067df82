"""The installation, without installing anything."""

import re
import subprocess
from pathlib import Path

import practice
import pytest
from practice import install
from practice.errors import PracticeError
from practice.folder import Folder

_PRACTICE = Path(practice.__file__).parent


def test_every_pin_in_the_lock_has_its_hashes_and_nothing_names_a_host() -> None:
    lock = (_PRACTICE / "requirements.lock").read_text()
    pins = re.findall(r"^\S+==\S+.*\\$", lock, re.MULTILINE)
    names = re.findall(r"^[a-z0-9]", lock, re.MULTILINE)
    assert len(pins) == len(names) > 100
    assert "--hash=sha256:" in lock
    assert "://" not in lock


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
