"""What a review says of what a plan hides, of what somebody did by hand, and of what nothing else stops."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from openstack.connection import Connection
from practice.cloud import Cloud
from practice.ready import PATIENCE

from ivc import ImageId, Instance, Network, OpenStackStack, SecurityGroup, Tcp, Volume
from ivc.review import reviewer
from ivc.review.model import Action, Danger, StackReview, Thing
from ivc.review.reviewer import PlanFile
from tests.cloud import witness
from tests.cloud.terraform import Deployment, Plan, TerraformError

IMAGE, VOLUME, FLAVOR = "reviewed", "reviewed-data", "reviewed-flavor"


@dataclass(frozen=True)
class Estate:
    """What is declared, and what a test changes of it."""

    image: str
    keeper: bool = True
    flavor: str = FLAVOR
    ignoring: bool = False

    def __call__(self, stack: OpenStackStack) -> None:
        outside = Network.lookup(stack, "Ext-Net", public=True)
        inside = Network(stack, "inside", cidr="10.31.0.0/24")
        group = SecurityGroup(stack, "app")
        group.allow_from(group, Tcp(8080))
        said: dict[str, Any] = {"flavor": "d2-2", "image": IMAGE}
        if self.keeper:
            Instance(
                stack,
                "keeper",
                nics=[inside.nic(group)],
                volumes=[Volume.lookup(stack, VOLUME)],
                prevent_destroy=True,
                **said,
            )
        Instance(
            stack,
            "rebuilt",
            nics=[inside.nic(group)],
            image_update_policy="rebuild",
            **said | {"image": ImageId(self.image)},
        )
        Instance(stack, "handled", nics=[outside.nic(group)], **said)
        Instance(
            stack,
            "retired",
            nics=[inside.nic(group)],
            flavor_update_policy="ignore" if self.ignoring else "resize",
            **said | {"flavor": self.flavor},
        )


@pytest.fixture(scope="module")
def images(image: Callable[[str], str]) -> list[str]:
    return [image(IMAGE), image("reviewed-another")]


@pytest.fixture(scope="module")
def flavor(admin: Connection) -> Iterator[Callable[[], None]]:
    """A flavor, and how the cloud retires it."""
    made = admin.compute.create_flavor(name=FLAVOR, ram=512, vcpus=1, disk=1)

    def retire() -> None:
        admin.compute.delete_flavor(made.id, ignore_missing=True)

    yield retire
    retire()


@pytest.fixture(scope="module")
def deployment(
    cloud: Cloud, volume: Callable[[str], str], flavor: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """As it always is, but what is protected, and whose flavor is gone, is declared no longer before it goes."""
    volume(VOLUME)
    deployment = Deployment(tmp_path_factory.mktemp("reviewed"), credentials=cloud.credentials())
    yield deployment
    deployment.declare(_nothing)
    deployment.apply()


def _nothing(stack: OpenStackStack) -> None:
    """Declares nothing."""


@pytest.fixture(scope="module")
def before(deployment: Deployment, images: list[str]) -> Estate:
    """What is declared and deployed."""
    estate = Estate(image=images[0])
    deployment.declare(estate)
    deployment.apply()
    shutil.copytree(deployment.folder / "cdktf.out", deployment.folder / "base", ignore=_TERRAFORM_S_OWN)
    return estate


_TERRAFORM_S_OWN = shutil.ignore_patterns(".terraform", "plan")


@dataclass(frozen=True)
class Told:
    """A plan as a person reads it, and the reviews of the folders alone and with it."""

    plan: Plan
    file: Path
    folders: StackReview
    both: StackReview

    def thing(self, name: str) -> Thing:
        """What the review with the plan says of a server."""
        return next(thing for thing in self.both.things if thing.id == name)

    @property
    def outside(self) -> str:
        """What it says that somebody did."""
        return "\n".join(map(str, self.both.outside))


def told(deployment: Deployment, estate: Estate) -> Told:
    deployment.declare(estate)
    plan = deployment.plan()
    file = deployment.folder / "plan.json"
    file.write_text(deployment.run("show", "-json", "plan"))
    base, head = deployment.folder / "base", deployment.folder / "cdktf.out"
    return Told(
        plan,
        file,
        folders=reviewer.review(base=base, head=head).stacks[0],
        both=reviewer.review(base=base, head=head, plan=[PlanFile(file)]).stacks[0],
    )


def review(deployment: Deployment, *options: str) -> subprocess.CompletedProcess[str]:
    """The command itself."""
    folders = ("--base", str(deployment.folder / "base"), "--head", str(deployment.folder / "cdktf.out"))
    return subprocess.run(
        [sys.executable, "-m", "ivc", "review", *folders, *options], capture_output=True, text=True, check=False
    )


def test_without_a_change_it_says_so_plainly(deployment: Deployment, before: Estate) -> None:
    found = told(deployment, before)

    assert (found.both.things, found.outside) == ((), "")
    assert "No changes" in review(deployment, "--plan", str(found.file)).stdout


def test_an_image_change_with_the_policy_rebuild_is_a_wipe_and_in_the_plan_an_update(
    deployment: Deployment, before: Estate, images: list[str]
) -> None:
    found = told(deployment, replace(before, image=images[1]))

    assert found.plan.servers == {"rebuilt": ["update"]}
    assert "openstack_compute_instance_v2.rebuilt will be updated in-place" in found.plan.text
    for stack in (found.folders, found.both):
        assert [(thing.id, thing.action, thing.dangers) for thing in stack.things] == [
            ("rebuilt", Action.WIPE, (Danger.WIPE,))
        ]


def test_only_the_review_stops_the_deletion_of_a_protected_server(deployment: Deployment, before: Estate) -> None:
    found = told(deployment, replace(before, keeper=False))

    assert found.plan.servers == {"keeper": ["delete"]}
    assert found.thing("keeper").dangers == (Danger.DESTROY,)
    assert f"its volume {VOLUME} stays, with its data" in str(found.thing("keeper").headline)
    for options in (("--plan", str(found.file)), ()):
        stopped = review(deployment, "--fail-on", "destroy", *options)
        assert stopped.returncode == 2
        assert "keeper will be destroyed" in stopped.stdout
        assert review(deployment, "--fail-on", "wipe", *options).returncode == 0


def test_what_somebody_did_by_hand_is_said(deployment: Deployment, before: Estate, demo: Connection) -> None:
    handled = witness.running(demo, "handled")
    port = demo.network.get_port(handled.port_ids[0])
    (default,) = [one for one in demo.network.security_groups(project_id=port.project_id) if one.name == "default"]
    demo.network.update_port(port, security_groups=[*port.security_group_ids, default.id])
    rebuilt = demo.compute.get_server(witness.running(demo, "rebuilt").id)
    demo.compute.delete_server(rebuilt)
    demo.compute.wait_for_delete(rebuilt, wait=PATIENCE)

    found = told(deployment, before)

    assert "the instance rebuilt was deleted outside of Terraform" in found.outside
    assert "its port handled_Ext-Net has other security groups than the declared ones" in found.outside
    assert found.thing("rebuilt").action is Action.CREATE
    demo.network.update_port(port, security_groups=port.security_group_ids)
    deployment.apply()


def test_a_flavor_that_the_cloud_retires(
    deployment: Deployment, before: Estate, demo: Connection, flavor: Callable[[], None]
) -> None:
    known = witness.running(demo, "retired").id
    flavor()

    deployment.declare(before)
    with pytest.raises(TerraformError, match=FLAVOR):
        deployment.plan()

    ignoring = told(deployment, replace(before, flavor="d2-2", ignoring=True))
    assert "retired" not in ignoring.plan.servers

    resized = told(deployment, replace(before, flavor="d2-2"))
    assert [(one.id, one.action) for one in resized.folders.things] == [("retired", Action.UPDATE)]
    assert resized.thing("retired").action is Action.REPLACE
    assert "is gone from the cloud, so that it cannot be resized" in str(resized.thing("retired").headline)
    assert any("the plan says replace" in str(note) for note in resized.both.notes)

    deployment.apply()
    assert witness.running(demo, "retired").id != known
