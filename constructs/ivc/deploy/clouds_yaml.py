"""A cloud of clouds.yaml, as the OpenStack provider finds and reads it.

The provider's way (gophercloud/utils, openstack/clientconfig) is not openstacksdk's: it looks in other folders,
beginning with the one that Terraform runs in, and knows no profile that stands in no file.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ivc.deploy.errors import DeployError
from ivc.words.foreign_text import visible

_MACHINE = Path("/etc/openstack")


@dataclass(frozen=True)
class Cloud:
    """A cloud, with what secure.yaml, its profile and its region add. file: the clouds.yaml that has it.

    settings: as they are called there. What is no list and no mapping is a text.
    """

    name: str
    file: Path
    settings: Mapping[str, Any]

    @property
    def auth(self) -> dict[str, str]:
        """What it says under `auth`."""
        said = self.settings.get("auth")
        return {key: value for key, value in said.items() if isinstance(value, str)} if isinstance(said, dict) else {}

    def __str__(self) -> str:
        return f"cloud {self.name!r} of {visible(str(self.file))}"


def find(name: str, *, region: str, environment: Mapping[str, str], folder: Path) -> Cloud:
    """The cloud of a name. folder: where Terraform runs. region: whose own settings it has there; may be empty.

    Raises DeployError where there is no such file, or it cannot be read, or has no such cloud.
    """
    file = _clouds_file(environment, folder)
    if file is None:
        places = ", ".join(visible(str(one)) for one in _folders(folder))
        raise DeployError(
            f"cloud {name!r}: there is no clouds.yaml, in none of {places}{_named_in_vain(environment)}; put it there, "
            "or set OS_CLIENT_CONFIG_FILE to its full path"
        )
    clouds = _clouds(file, "clouds")
    if name not in clouds:
        raise DeployError(f"cloud {name!r}: {visible(str(file))} has no such cloud; {_one_of(name, clouds)}")
    settings = clouds[name]
    if profile := settings.get("profile") or settings.get("cloud"):
        settings = _merged(settings, _profile(Cloud(name, file, settings), str(profile), folder))
    secure = _first("secure", folder)
    if secure is not None:
        settings = _merged(_clouds(secure, "clouds").get(name, {}), settings)
    for one in settings.get("regions") or ():
        if region and isinstance(one, dict) and one.get("name") == region:
            settings = _merged(one.get("values") or {}, settings)
            break
    return Cloud(name, file, settings)


def known(environment: Mapping[str, str], folder: Path) -> Sequence[str]:
    """The names of all clouds that there are; of none where there is no file, or one that cannot be read."""
    file = _clouds_file(environment, folder)
    try:
        return list(_clouds(file, "clouds")) if file else []
    except DeployError:
        return []


def home() -> Path:
    """The folder of the user; by the user database, whatever `HOME` says (Go, os/user)."""
    try:
        import pwd

        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except (ImportError, KeyError):
        return Path.home()


def _clouds_file(environment: Mapping[str, str], folder: Path) -> Path | None:
    named = environment.get("OS_CLIENT_CONFIG_FILE")
    if named and (folder / named).exists():
        return folder / named
    return _first("clouds", folder)


def _named_in_vain(environment: Mapping[str, str]) -> str:
    named = environment.get("OS_CLIENT_CONFIG_FILE")
    return f", and what OS_CLIENT_CONFIG_FILE names, {visible(named)}, does not exist" if named else ""


def _folders(folder: Path) -> tuple[Path, ...]:
    return folder, home() / ".config" / "openstack", _MACHINE


def _first(stem: str, folder: Path) -> Path | None:
    files = (place / f"{stem}{end}" for end in (".yaml", ".yml") for place in _folders(folder))
    return next((file for file in files if file.exists()), None)


def _profile(cloud: Cloud, profile: str, folder: Path) -> Mapping[str, Any]:
    """What a public cloud says for all who use it."""
    file = _first("clouds-public", folder)
    public = _clouds(file, "public-clouds") if file else {}
    if profile not in public:
        lacks = f"is not in {visible(str(file))}" if file else "stands nowhere, since there is no clouds-public.yaml"
        raise DeployError(
            f"{cloud}: its profile {profile!r} {lacks}, and Terraform's provider knows none by itself; write auth_url "
            "and region_name into the cloud, and take the profile out"
        )
    return public[profile]


def _clouds(file: Path, section: str) -> dict[str, dict[str, Any]]:
    """By name. Raises DeployError for a file that cannot be read, or that is no YAML of clouds."""
    shown = visible(str(file))
    try:
        # Only texts, and no objects.
        read = yaml.load(file.read_bytes(), Loader=_Texts)  # noqa: S506
    except OSError as error:
        raise DeployError(f"{shown}: it cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = visible(str(getattr(error, "problem", None) or "unreadable"))
        raise DeployError(f"{shown}{line}: it is no YAML: {problem}; correct it") from None
    if read is not None and not isinstance(read, dict):
        raise DeployError(f"{shown}: it is no mapping; write `{section}:`, and each cloud by its name below")
    clouds = (read or {}).get(section) or {}
    if not isinstance(clouds, dict):
        raise DeployError(f"{shown}: `{section}` is no mapping; write each cloud by its name below")
    return {str(name): settings if isinstance(settings, dict) else {} for name, settings in clouds.items()}


class _Texts(yaml.SafeLoader):
    """Leaves what is not quoted as it is written: a password may look like a number, or like a date."""


_Texts.yaml_implicit_resolvers = {
    first: [one for one in resolvers if one[0] in ("tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _merged(over: Mapping[str, Any], under: Mapping[str, Any]) -> dict[str, Any]:
    """Both; where both say something, what is over the other."""
    merged = {**under}
    for key, value in over.items():
        below = under.get(key)
        if isinstance(value, dict) and isinstance(below, dict):
            merged[key] = _merged(value, below)
        elif value not in (None, "", [], {}) or key not in under:
            merged[key] = value
    return merged


def _one_of(name: str, clouds: Mapping[str, Any]) -> str:
    if not clouds:
        return "it has none"
    nearest = difflib.get_close_matches(name, clouds, n=len(clouds), cutoff=0.0)
    return f"it has {', '.join(map(repr, nearest))}"
