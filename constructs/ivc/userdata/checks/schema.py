"""A cloud-config held against the keys that cloud-init knows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from yaml.nodes import MappingNode, Node, ScalarNode

from ivc.userdata.checks import tree
from ivc.userdata.checks.finding import Finding
from ivc.userdata.checks.known_keys import CLOUD_CONFIG
from ivc.userdata.checks.misfit import of_key
from ivc.userdata.checks.placeholder import unknown


def check(root: MappingNode) -> Iterator[Finding]:
    """Keys that cloud-init does not know, or no longer wants, and values that are not of their key's form."""
    for key, value in root.value:
        if not isinstance(key, ScalarNode) or unknown(key.value) or tree.kind(key) == "merge":
            continue
        if key.value == "user_data":
            yield Finding(
                id="wrapper",
                severity="error",
                line=tree.line_of(key),
                message="'user_data:' belongs to the tool that this text was taken from, and not into the text; take "
                "that line away, and the indentation below it",
            )
        else:
            yield from _of_key(key, value)


@lru_cache(maxsize=48)
def _of_key(key: ScalarNode, value: Node) -> tuple[Finding, ...]:
    return tuple(of_key(key, value, CLOUD_CONFIG, ""))
