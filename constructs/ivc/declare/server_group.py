"""Server groups: whether servers stand on one host or on several.

apart = ServerGroup(shop, "web")
Instance(shop, "www-1", ..., server_group=apart)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from ivc.declare.cdktf import Construct
from ivc.declare.declaration import Made, Ordered
from ivc.declare.provider import ComputeServergroupV2, ComputeServergroupV2Rules
from ivc.declare.references import same_stack
from ivc.declare.terraform_text import literal
from ivc.errors import DeclarationError
from ivc.estate import families

ServerGroupPolicy = Literal["affinity", "anti-affinity", "soft-affinity", "soft-anti-affinity"]


class ServerGroup(Made):
    """Servers that Nova puts onto hosts with regard to each other; ten of them, unless the cloud allows more.

    Nova places a server when it makes it, and knows no way to do so later: a server that joins, leaves or changes its
    group is replaced, and so is each server of a group that is itself replaced.

    policy: `anti-affinity` puts each server on a host of its own, or fails; `soft-anti-affinity`, the default, does
    so as far as there are hosts. `affinity` and `soft-affinity` put them onto one. Another policy replaces the group.
    max_server_per_host: how many of them a host may have, with `anti-affinity` alone; another number replaces it.
    name: what the cloud shows; by default the id. Another name replaces it.
    depends_on: what is to be there first, declarations or CDKTF's resources and data sources.
    renamed_from: the id that this declaration had before; then `name` must be said.

    The cloud has no field for a mark on it. Raises DeclarationError for an id that Terraform cannot carry or that is
    taken, for an unknown policy, and for a number of servers that cannot be.
    """

    family = families.SERVER_GROUP

    @same_stack
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        policy: ServerGroupPolicy = "soft-anti-affinity",
        max_server_per_host: int | None = None,
        name: str | None = None,
        depends_on: Sequence[Ordered] = (),
        renamed_from: str | None = None,
    ) -> None:
        self._declare(scope, id, name=name, renamed_from=renamed_from, depends_on=depends_on)
        rules: dict[str, Any] = {}
        if max_server_per_host is not None:
            _check_number(f"{self._called}: max_server_per_host", max_server_per_host, policy)
            rules["rules"] = ComputeServergroupV2Rules(max_server_per_host=int(max_server_per_host))
        self.policy = policy
        self._open()
        self.l1: ComputeServergroupV2 = self._make(
            ComputeServergroupV2, name=literal(self.name), policies=[policy], **rules
        )


def _check_number(where: str, number: int, policy: str) -> None:
    if number < 1:
        raise DeclarationError(f"{where}: {number!r} is no number of servers; give 1 or more")
    if policy != "anti-affinity":
        raise DeclarationError(
            f"{where}: Nova takes it with policy='anti-affinity' alone, and it is {policy!r}; leave it out"
        )
