"""Environments: one declaration, several times, each with settings of its own from one file.

for environment in Environment.read(app, Settings):
    shop = OpenStackStack(environment, "shop")
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass
from fnmatch import fnmatchcase
from typing import Generic, TypeVar

from ivc.arguments import checked
from ivc.declare.app import App
from ivc.declare.names import check_name
from ivc.declare.settings import T, Tables, nearest
from ivc.errors import DeclarationError

VARIABLE = "IVC_ENVIRONMENT"
"""Names the only environment that is declared."""

S = TypeVar("S")
_DEFAULTS = "defaults"
_PLAIN = "plain_names"


@dataclass(frozen=True)
class _OfStacks:
    """What a table says of the stacks of its environment, beside the user's own settings."""

    cloud: str | None = None
    project: str | None = None
    region: str | None = None
    plain_names: bool = False


_OURS = tuple(field.name for field in fields(_OfStacks))


@checked
@dataclass(frozen=True, eq=False)
class Environment(Generic[S]):
    """One of several that are declared alike, such as `prod` and `staging`; `Environment.read` has them from a file.

    Its stacks are `OpenStackStack(environment, "shop")`: called `shop-prod`, and so are their states and marks. What
    they make is called in the cloud by its id and the environment, `www-1-prod`, unless `name=` says otherwise. A
    Terraform address is the same in each: `openstack_compute_instance_v2.www-1`, and of what is looked up by a name
    that begins or ends with the environment's (`prod-www-data`, `www-data-prod`) it has what is left, `www-data`.

    app: whose they are.
    name: such as `prod`.
    settings: an object of the user's own class.
    cloud, project, region: of its stacks, where they say none themselves.
    plain_names: whether its stacks and what they make are called without it, as an estate is that was there before its
    environments.

    Raises DeclarationError for a name that Terraform cannot carry, or that ends with `-`.
    """

    app: App
    name: str
    settings: S
    cloud: str | None = None
    project: str | None = None
    region: str | None = None
    plain_names: bool = False

    def __post_init__(self) -> None:
        check_name("Environment", self.name)
        if self.name.endswith("-"):
            better = self.name.rstrip("-")
            raise DeclarationError(
                f"Environment: the name {self.name!r} would end servers' host names, and none ends with '-'; give one "
                f"such as {better!r}"
            )

    @checked
    def name_of(self, name: str) -> str:
        """What a stack of it, or what it makes, is called: `backend-prod`, of `backend`."""
        return name if self.plain_names else f"{name}-{self.name}"

    @staticmethod
    @checked
    def read(app: App, settings: type[T], *, file: str = "environments.toml") -> tuple[Environment[T], ...]:
        """The environments of a settings file, in its order.

        settings: a dataclass. Its fields are the settings that there are, and one without a default must be said.
        file: TOML, in the app's folder. Each table is an environment; `[defaults]` lies under all. `cloud`, `project`,
        `region` and `plain_names` in a table are the environment's own.

        A table whose name has a `*`, such as `["pr-*"]`, is for environments that come and go: nothing is declared for
        it, unless `IVC_ENVIRONMENT` in the environment of the program says `pr-7`. With that variable the environment
        that it names is the only one.

        Raises DeclarationError for what is no such file, an unknown or missing setting, a value that its type does not
        allow, a name that Terraform cannot carry, and an environment that there is not.
        """
        if not is_dataclass(settings):
            raise DeclarationError(f"Environment.read: settings: {settings.__name__} is no dataclass; make it one")
        if ours := [field.name for field in fields(settings) if field.name in _OURS]:
            raise DeclarationError(
                f"Environment.read: settings: {settings.__name__}.{ours[0]}: it is the environment's own "
                f"already, environment.{ours[0]}; leave the field out"
            )
        tables = Tables(app.folder / file)
        names = [name for name in tables.names if name != _DEFAULTS]
        for name in names:
            check_name(f"{file}: [{name}]", name.replace("*", "x"))
        _check_plain(tables, names)
        only = os.environ.get(VARIABLE)
        whose = {only: _table(only, names, file)} if only else {name: name for name in names if "*" not in name}
        return tuple(_read(app, tables, name, table, settings) for name, table in whose.items())


def _check_plain(tables: Tables, names: Sequence[str]) -> None:
    """Raise DeclarationError where several environments would be called alike, whichever of them is read now."""
    plain: list[str] = []
    for name in names:
        of = (_DEFAULTS, name)
        if tables.laid(*of).get(_PLAIN) is not True:
            continue
        plain.append(name)
        whose = tables.whose((_PLAIN,), of)
        if "*" in name:
            it = "it" if whose == name else f"[{name}]"
            why = f"{it} may be several environments, whose names would meet; leave it out"
        elif len(plain) > 1:
            why = f"what [{plain[0]}] and [{name}] make would be called alike; say it in one of the two alone"
        else:
            continue
        raise DeclarationError(f"[{whose}]: {_PLAIN}: {why}", line=tables.line_of((_PLAIN,), of))


def _table(name: str, names: list[str], file: str) -> str:
    """The table of an environment; raises DeclarationError where there is none, or several are for it."""
    check_name(VARIABLE, name)
    found = [name] if name in names else [one for one in names if fnmatchcase(name, one)]
    if not found:
        raise DeclarationError(f"{VARIABLE}: {file} has no environment {name!r}; {nearest(name, names)}")
    if len(found) > 1:
        raise DeclarationError(f"{VARIABLE}: {file} has several tables for {name!r}, {', '.join(found)}; leave one")
    return found[0]


def _read(app: App, tables: Tables, name: str, table: str, settings: type[T]) -> Environment[T]:
    of = (_DEFAULTS, table)
    given = tables.laid(*of)
    ours = {key: given.pop(key) for key in _OURS if key in given}
    stacks = tables.read(_OfStacks, ours, of, ())
    return Environment(app, name, tables.read(settings, given, of, _OURS), **asdict(stacks))
