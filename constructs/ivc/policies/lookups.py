"""Look-ups, which the cloud answers with whatever goes by a name."""

from __future__ import annotations

from collections.abc import Iterator

from ivc.pages import page
from ivc.policies.facts import GROUP, IMAGE, NETWORK, SUBNET, VOLUME, Facts
from ivc.policies.policy import Finding, Policy
from ivc.words.sentence import say

# Of these several may have one name; of flavors, and of what belongs to one user, none may.
_IDS = {
    IMAGE: ("image_id",),
    NETWORK: ("network_id",),
    SUBNET: ("subnet_id",),
    GROUP: ("secgroup_id",),
    VOLUME: (),
    "openstack_networking_port_v2": ("port_id",),
    "openstack_networking_router_v2": ("router_id",),
}
_NARROWING = {IMAGE: ("owner", "hidden", "properties"), NETWORK: ("tenant_id",), GROUP: ("tenant_id",)}


class SeveralOfOneName(Policy):
    """A name need not be one thing's alone. Where `most_recent` is said the newest is taken, whoever made it; else the
    plan fails.

    Look it up by its id, or narrow the look-up (`owner`, `tenant_id`). The library's own look-ups are not found: of
    several images it takes the newest, of anything else none, so that the plan fails before anything is made.
    """

    id = "IVC302"
    title = "A look-up by hand goes by a name that several may have"
    severity = "info"
    page = page("policies.md#ivc302")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for element in facts.data(*_IDS):
            keys = (*_IDS[element.type], *_NARROWING.get(element.type, ()))
            if element.address in facts.declared:
                continue
            if element.text("name") and not any(element.given.get(key) for key in keys):
                newest = element.flag("most_recent") is True
                yield Finding(
                    subject=element.address,
                    message=say(
                        "several may be called {}, and then {}",
                        element.text("name") or "",
                        say("the newest is taken, whoever made it" if newest else "the plan fails"),
                    ),
                )


class LookUpOfAnything(Policy):
    """A look-up that goes by neither a name nor an id takes what happens to be there: another thing tomorrow.

    Say the name or the id.
    """

    id = "IVC303"
    title = "A look-up goes by neither a name nor an id"
    severity = "warning"
    page = page("policies.md#ivc303")

    def check(self, facts: Facts) -> Iterator[Finding]:
        for element in facts.data(*_IDS, "openstack_compute_flavor_v2"):
            keys = ("name", "flavor_id", *_IDS.get(element.type, ()))
            if not any(element.given.get(key) for key in keys):
                yield Finding(
                    subject=element.address,
                    message=say("it goes by neither a name nor an id, and takes what is there: give one of them"),
                )
