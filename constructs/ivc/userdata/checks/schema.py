"""cloud-init's schema, as `cloud-init-models` has it: which keys there are, and of what form their values."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode

from ivc.userdata.checks import tree
from ivc.userdata.checks.deprecated import deprecations
from ivc.userdata.checks.finding import Finding
from ivc.userdata.checks.placeholder import unknown
from ivc.userdata.checks.shape import Hint, Shapes, misfits, unknown_key

# Keys of cloudinit/config/schemas/schema-cloud-config-v1.json (26.1) that the models do not have.
_NEWER = ("rpi", "version")


class _Schema:
    """The keys, and their hints; a hint is made when it is first asked for."""

    def __init__(self) -> None:
        import cloud_init_models as models  # type: ignore[import-untyped]
        from cloud_init_models import ubuntu_pro, users_groups

        text_or_list = str | list[str]
        # Where the schema allows several types for a value, the models keep one.
        wider: dict[tuple[Any, str], Any] = {
            (models.Ansible, "pull"): Any,
            # Null takes one of cloud-init's own mounts away.
            (models.CcMounts, "mounts"): list[list[str | None]],
            (models.CcUsersGroups, "groups"): str | dict[str, text_or_list] | list[str | dict[str, text_or_list]],
            (models.CcUsersGroups, "users"): str | dict[str, Any] | list[str | list[str] | users_groups.User],
            (models.FsSetupItem, "cmd"): text_or_list,
            (models.FsSetupItem, "extra_opts"): text_or_list,
            (models.FsSetupItem, "partition"): str | int,
            (models.Snap, "assertions"): list[str] | dict[str, str],
            (models.Snap, "commands"): list[text_or_list] | dict[str, text_or_list],
            (models.VendorData, "prefix"): str | list[str | int],
            # Checked with what it means.
            (models.WriteFile, "permissions"): Any,
        }
        others_too = frozenset(
            (
                models.Autoinstall,
                models.Client,
                models.Conf,
                models.InitialAttributes,
                models.Repo,
                models.RhSubscription,
                models.RunAnsibleItem,
                models.YumRepos,
                models.Zypper,
                ubuntu_pro.Config,
            )
        )
        self._shapes = Shapes(wider=wider, open=others_too)
        # Not `CloudInit`: there `Any` overwrites each key's type.
        modules = [
            value for name, value in vars(models).items() if typing.is_typeddict(value) and name.startswith("Cc")
        ]
        modules += [models.BaseConfig, models.OutputConfig, models.ReportingConfig]
        self._owner = {key: module for module in modules for key in module.__annotations__}
        self.keys = sorted({*self._owner, *_NEWER, *models.CloudInit.__annotations__})
        self._hints: dict[str, Hint] = {}

    def hint(self, key: str) -> Hint:
        if key not in self._hints:
            owner = self._owner.get(key)
            self._hints.update(self._shapes.fields(owner) if owner else {key: Hint("any")})
        return self._hints[key]


@lru_cache(maxsize=1)
def _schema() -> _Schema:
    return _Schema()


def check(root: MappingNode) -> Iterator[Finding]:
    """Keys that cloud-init does not know, or no longer wants, and values that are not of their key's form."""
    schema = _schema()
    known = dict.fromkeys(schema.keys)
    for key, value in root.value:
        if not isinstance(key, ScalarNode) or unknown(key.value) or tree.kind(key) == "merge":
            continue
        if key.value in known:
            yield from _misfits(key.value, value)
        elif key.value == "user_data":
            yield Finding(
                id="wrapper",
                severity="error",
                line=tree.line_of(key),
                message="'user_data:' belongs to the tool that this text was taken from, and not into the text; take "
                "that line away, and the indentation below it",
            )
        else:
            yield unknown_key(key, known, "")
    yield from deprecations(root)


@lru_cache(maxsize=48)
def _misfits(key: str, value: Node) -> tuple[Finding, ...]:
    return tuple(misfits(value, _schema().hint(key), key))
