"""Variables are given by the environment or by files; what is missing is told before Terraform is asked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivc.deploy import secrets
from ivc.deploy.errors import DeployError

PASSWORD: Mapping[str, Any] = {"password": {"type": "string", "sensitive": True}}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o700)
    return folder


def environment_of(
    variables: Mapping[str, Any] = PASSWORD, *, store: Path | None, folder: Path = Path("/nowhere"), **set_already: str
) -> dict[str, str]:
    return secrets.environment(variables, stack="shop", folder=folder, store=store, environment=set_already)


def refusal(variables: Mapping[str, Any] = PASSWORD, **how: Any) -> str:
    with pytest.raises(DeployError) as raised:
        environment_of(variables, **how)
    return str(raised.value)


def test_a_file_called_as_the_variable_gives_its_value(store: Path) -> None:
    (store / "password").write_text("s3cret $x 'y'\n")
    (store / "others").write_text("not for us")
    assert environment_of(store=store) == {"TF_VAR_password": "s3cret $x 'y'"}


def test_one_line_feed_at_the_end_is_none_of_the_value(store: Path) -> None:
    found = []
    for text in ("a", "a\n", "a\n\n", "a\r\n", "a\r", " a \n"):
        (store / "password").write_bytes(text.encode())
        found.append(environment_of(store=store)["TF_VAR_password"])
    assert found == ["a", "a", "a\n", "a", "a\r", " a "]


def test_what_the_environment_gives_already_needs_no_file(store: Path) -> None:
    assert environment_of(store=None, TF_VAR_password="x") == {}
    assert environment_of(store=store, TF_VAR_password="x") == {}


def test_a_default_needs_no_value(store: Path) -> None:
    assert environment_of({"size": {"type": "number", "default": 3}, "of": {"default": None}}, store=store) == {}


def test_a_list_or_a_map_is_given_in_terraforms_own_words(store: Path) -> None:
    (store / "keys").write_text('["a", "b"]\n')
    assert environment_of({"keys": {"type": "list(string)"}}, store=store) == {"TF_VAR_keys": '["a", "b"]'}


def test_two_that_say_the_same_are_one_and_two_that_differ_are_refused(store: Path) -> None:
    (store / "password").write_text("x\n")
    assert environment_of(store=store, TF_VAR_password="x") == {"TF_VAR_password": "x"}
    assert refusal(store=store, TF_VAR_password="y") == (
        f"stack shop: variable password: TF_VAR_password and {store}/password say different things; take one of them "
        "away"
    )


def test_a_variable_that_nobody_gives_is_told_with_both_ways(store: Path) -> None:
    assert refusal(store=None) == (
        "stack shop: variable password has no value; set TF_VAR_password, or name a folder that has a file password "
        "with --secrets"
    )
    (store / "pasword").write_text("x")
    assert refusal(store=store) == (
        f"stack shop: variable password has no value; set TF_VAR_password, or put it into a file password in {store}, "
        "which has 'pasword'"
    )


@pytest.mark.parametrize("file", ["terraform.tfvars", "terraform.tfvars.json", "a.auto.tfvars", "a.auto.tfvars.json"])
def test_terraforms_own_files_of_variables_may_give_it(tmp_path: Path, file: str) -> None:
    assert "has no value" in refusal(store=None, folder=tmp_path)
    (tmp_path / file).write_text("")
    assert environment_of(store=None, folder=tmp_path) == {}


@pytest.mark.parametrize("name", ["TF_CLI_ARGS", "TF_CLI_ARGS_plan"])
def test_options_of_the_environment_may_give_it(name: str) -> None:
    few: dict[str, Any] = {name: "-parallelism=3"}
    given: dict[str, Any] = {name: "-parallelism=3 -var-file=/run/x.tfvars"}
    assert "has no value" in refusal(store=None, **few)
    assert environment_of(store=None, **given) == {}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty; write the value into it"),
        (b"\n", "is empty; write the value into it"),
        (b"a\0b", "holds a zero byte, which no variable may; encode it, such as with base64"),
        (b"\xff\xfe", "is no text in UTF-8; encode it, such as with base64"),
    ],
)
def test_a_file_that_gives_no_value_is_told_and_never_shown(store: Path, content: bytes, sentence: str) -> None:
    (store / "password").write_bytes(content)
    assert refusal(store=store) == f"stack shop: variable password: {store}/password {sentence}"


def test_a_file_that_cannot_be_read_is_told(store: Path) -> None:
    (store / "password").mkdir()
    assert refusal(store=store) == (f"stack shop: variable password: {store}/password cannot be read (Is a directory)")
    (store / "password").rmdir()
    (store / "password").symlink_to(store / "gone")
    assert "cannot be read (No such file or directory)" in refusal(store=store)


def test_a_file_of_ones_own_that_everybody_may_read_is_refused(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = store / "password"
    file.write_text("x")
    if os.getuid() == 0:
        os.chown(file, 1000, -1)
        monkeypatch.setattr(os, "getuid", lambda: 1000)
    store.chmod(0o755)
    file.chmod(0o644)
    assert refusal(store=store) == (f"stack shop: variable password: everybody may read {file}; chmod 600 {file}")
    file.chmod(0o640)
    assert environment_of(store=store) == {"TF_VAR_password": "x"}
    file.chmod(0o644)
    store.chmod(0o700)
    assert environment_of(store=store) == {"TF_VAR_password": "x"}


def test_a_secret_that_a_container_mounts_for_all_its_users_is_taken(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (store / "..data").mkdir()
    (store / "..data" / "password").write_text("x")
    (store / "password").symlink_to("..data/password")
    store.chmod(0o755)
    monkeypatch.setattr(os, "getuid", lambda: (store / "password").stat().st_uid + 1)
    assert environment_of(store=store) == {"TF_VAR_password": "x"}


def test_the_folder_is_what_is_named_most_plainly(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("option", "own", "systemd")]
    for folder in folders:
        folder.mkdir()
    option, own, systemd = folders
    environment = {"IVC_SECRETS": str(own), "CREDENTIALS_DIRECTORY": str(systemd)}
    found = [secrets.store(option, environment), secrets.store(None, environment)]
    del environment["IVC_SECRETS"]
    found.append(secrets.store(None, environment))
    assert found == folders
    assert secrets.store(None, {"IVC_SECRETS": ""}) is None


def test_a_folder_that_there_is_not_is_told(tmp_path: Path) -> None:
    with pytest.raises(DeployError) as raised:
        secrets.store(None, {"IVC_SECRETS": str(tmp_path / "gone")})
    assert str(raised.value) == f"IVC_SECRETS: {tmp_path}/gone is no folder; name one with a file for each variable"


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_any_text_comes_through_as_it_is(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    store = tmp_path_factory.mktemp("secrets")
    store.chmod(0o700)
    (store / "password").write_bytes(f"{text}x\n".encode())
    assert environment_of(store=store) == {"TF_VAR_password": f"{text}x"}
