"""The state folder."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from practice.cloud import Cloud
from practice.errors import PracticeError
from practice.folder import Folder


def test_the_folder_can_be_named_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVC_PRACTICE_DIR", str(tmp_path / "there"))
    assert Cloud().folder == tmp_path / "there"


def test_by_itself_it_stands_beside_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IVC_PRACTICE_DIR", raising=False)
    assert (Cloud().folder.parent.name, Cloud().folder.name) == ("practice", ".cloud")


def test_git_sees_nothing_of_it(folder: Folder) -> None:
    folder.make()
    assert (folder.root / ".gitignore").read_text().splitlines()[-1] == "*"


def test_a_folder_with_other_files_is_neither_used_nor_removed(folder: Folder) -> None:
    folder.root.mkdir()
    (folder.root / "thesis.tex").touch()
    with pytest.raises(PracticeError, match="holds files that are not the practice cloud's"):
        folder.make()
    folder.remove_state()
    folder.remove()
    assert (folder.root / "thesis.tex").exists()


def test_those_who_make_it_at_the_same_moment_do_not_disturb_each_other(tmp_path: Path) -> None:
    folders = [Folder(tmp_path / str(number // 8)) for number in range(400)]
    with ThreadPoolExecutor(8) as workers:
        for _ in range(3):
            for _ in workers.map(Folder.make, folders):
                pass
    assert {path.name for folder in folders for path in folder.root.iterdir()} == {".gitignore"}


@pytest.mark.parametrize("name", ["my cloud", "100%", "it's", "a$b", "a;b"])
def test_a_path_that_no_configuration_file_can_hold_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(PracticeError, match="name another folder in IVC_PRACTICE_DIR"):
        Folder(tmp_path / name).make()


def test_a_path_too_long_for_a_socket_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PracticeError, match="too long a path"):
        Folder(tmp_path / ("x" * 100)).make()


def test_a_wipe_keeps_what_is_installed_unless_all_is_wanted(folder: Folder) -> None:
    cloud = Cloud(folder.root)
    folder.make_state()
    folder.venv.mkdir()
    (folder.data / "mysql").mkdir()
    cloud.wipe()
    assert folder.venv.exists()
    assert not folder.data.exists()
    cloud.wipe(everything=True)
    assert not folder.root.exists()


def test_a_second_hand_on_the_folder_is_told_of_the_first(folder: Folder) -> None:
    folder.make()
    with folder.locked(), pytest.raises(PracticeError, match=r"Process \d+ is at work"), folder.locked():
        pass
    with folder.locked():
        pass


def test_where_nothing_was_ever_made_down_and_wipe_make_nothing(folder: Folder) -> None:
    assert Cloud(folder.root).down() == 0
    Cloud(folder.root).wipe(everything=True)
    assert not folder.root.exists()
