"""What a stack's variables are given when Terraform runs: by the environment, or by a folder of secrets.

Such a folder has a file for each variable, called as the variable is: what Docker and Kubernetes mount, what systemd
calls credentials, what `sops` or `vault` write into one.
"""

from __future__ import annotations

import difflib
import os
import shlex
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ivc.deploy.errors import DeployError
from ivc.words.foreign_text import visible

_PREFIX = "TF_VAR_"


def store(option: Path | None, environment: Mapping[str, str]) -> Path | None:
    """The folder of secrets: what `--secrets` says, or else IVC_SECRETS, or else systemd's CREDENTIALS_DIRECTORY.

    Raises DeployError where what is named is no folder.
    """
    said = {name: environment.get(name) for name in ("IVC_SECRETS", "CREDENTIALS_DIRECTORY")}
    named = next(((how, Path(place)) for how, place in {"--secrets": option, **said}.items() if place), None)
    if named is None:
        return None
    how, folder = named
    if not folder.is_dir():
        raise DeployError(f"{how}: {visible(str(folder))} is no folder; name one with a file for each variable")
    return folder


def environment(
    variables: Mapping[str, Any],
    *,
    stack: str,
    folder: Path,
    store: Path | None,
    environment: Mapping[str, str],
) -> dict[str, str]:
    """What Terraform gets beside its environment: `TF_VAR_<name>` for each variable that a file of the store gives.

    variables: the section `variable` of the stack's JSON. folder: where Terraform runs. A file's text is the value as
    `TF_VAR_<name>` has it, a list or a map in Terraform's own words; one line feed at its end is none of it. Other
    files of the store are left alone.

    Raises DeployError for a variable without a default that nobody gives; where the environment and the store
    say different things; and for a file that cannot be read, is empty, or is the user's own and open to everybody.
    It is not for a stack that runs elsewhere: there the workspace gives the values.
    """
    files = {path.name: path for path in sorted(store.iterdir())} if store else {}
    given: dict[str, str] = {}
    for name, variable in variables.items():
        where = f"stack {stack}: variable {name}"
        set_already = environment.get(f"{_PREFIX}{name}")
        if name in files:
            value = _value(where, files[name])
            if set_already not in (None, value):
                both = f"{_PREFIX}{name} and {visible(str(files[name]))}"
                raise DeployError(f"{where}: {both} say different things; take one of them away")
            given[f"{_PREFIX}{name}"] = value
        elif set_already is None and "default" not in variable and not _may_be_given_otherwise(folder, environment):
            raise DeployError(f"{where} has no value; {_how_to_give(name, store, files)}")
    return given


def _value(where: str, file: Path) -> str:
    shown = visible(str(file))
    try:
        if _is_open(file):
            raise DeployError(f"{where}: everybody may read {shown}; chmod 600 {shlex.quote(shown)}")
        text = file.read_bytes().decode()
    except OSError as error:
        raise DeployError(f"{where}: {shown} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise DeployError(f"{where}: {shown} is no text in UTF-8; encode it, such as with base64") from None
    value = text.removesuffix("\r\n") if text.endswith("\r\n") else text.removesuffix("\n")
    if not value:
        raise DeployError(f"{where}: {shown} is empty; write the value into it")
    if "\0" in value:
        raise DeployError(f"{where}: {shown} holds a zero byte, which no variable may; encode it, such as with base64")
    return value


def _is_open(file: Path) -> bool:
    """Whether a file is the user's own, and all users of the machine can come to it and read it.

    What is root's is left alone: Docker and Kubernetes mount secrets so that all users of a container may read them.
    """
    said = file.stat()
    if said.st_uid != os.getuid() or said.st_uid == 0:
        return False
    return bool(said.st_mode & stat.S_IROTH) and bool(file.resolve().parent.stat().st_mode & stat.S_IXOTH)


def _may_be_given_otherwise(folder: Path, environment: Mapping[str, str]) -> bool:
    """Whether Terraform finds values where it says so itself, should one be missing."""
    files = [*folder.glob("terraform.tfvars"), *folder.glob("terraform.tfvars.json"), *folder.glob("*.auto.tfvars*")]
    options = (value for name, value in environment.items() if name.startswith("TF_CLI_ARGS"))
    return bool(files) or any("-var" in option for option in options)


def _how_to_give(name: str, store: Path | None, files: Mapping[str, Path]) -> str:
    if store is None:
        return f"set {_PREFIX}{name}, or name a folder that has a file {name} with --secrets"
    nearest = difflib.get_close_matches(name, files, 1)
    has = f", which has {nearest[0]!r}" if nearest else ""
    return f"set {_PREFIX}{name}, or put it into a file {name} in {visible(str(store))}{has}"
