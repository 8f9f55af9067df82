"""What the real provider does with containers, objects, secrets and certificates: what it sends, and in which order."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cdktf_cdktf_provider_openstack.objectstorage_container_v1 import ObjectstorageContainerV1
from cdktf_cdktf_provider_openstack.objectstorage_object_v1 import ObjectstorageObjectV1

from ivc import Anyone, Container, KeyManagerSecret, OpenStackStack, Secret, User
from tests.helpers import clean_environment, new_stack
from tests.program import terraform
from tests.running import cannot_be_had
from tests.terraform.stores import Stores, serving
from tests.test_key_manager_secret import PEM, ROBOT, certificate

pytestmark = [pytest.mark.terraform]

Declare = Callable[[OpenStackStack], object]


class Deployment:
    """A stack that is deployed onto the stand-in."""

    def __init__(self, folder: Path, stores: Stores) -> None:
        self._folder, self.stores = folder, stores
        self._environment = clean_environment(**stores.environment(), TF_VAR_key="the key")

    def declare(self, declare: Declare) -> None:
        (self._folder / "cdktf.json").write_text("{}")
        stack = new_stack(self._folder)
        declare(stack)
        stack.app.synth()

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [terraform().path, *words, "-no-color"],
            cwd=self._folder / "cdktf.out" / "stacks" / "shop",
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def apply(self, declare: Declare) -> list[str]:
        """What changed something, in order; it then plans nothing more."""
        self.declare(declare)
        initialized = self.run("init", "-input=false")
        if initialized.returncode:
            cannot_be_had("the OpenStack provider", initialized.stderr[-300:])
        self.stores.came.clear()
        done = self.run("apply", "-auto-approve", "-input=false")
        assert done.returncode == 0, done.stderr
        again = self.run("plan", "-input=false", "-detailed-exitcode")
        assert again.returncode == 0, again.stdout + again.stderr
        return list(self.stores.came)

    def refused(self, declare: Declare) -> str:
        self.declare(declare)
        done = self.run("plan", "-input=false")
        assert done.returncode
        return " ".join(done.stderr.split())

    def output(self, name: str) -> Any:
        return json.loads(self.run("output", "-json", name).stdout)


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    terraform()
    with serving() as stores:
        yield Deployment(tmp_path, stores)


def released(content: bytes, **said: Any) -> Declare:
    def declare(stack: OpenStackStack) -> None:
        (stack.app.folder / "app").write_bytes(content)
        of_object = {"content_type": said.pop("content_type")} if "content_type" in said else {}
        store = Container(stack, "releases", readers=[Anyone()], **said).waive("IVC161", reason="public")
        app = store.file("app", "app", **of_object)
        stack.add_override("output.url.value", app.url.as_terraform)  # type: ignore[union-attr]

    return declare


def test_an_object_is_sent_whole_whatever_changes_and_its_address_stays(deployment: Deployment) -> None:
    stores = deployment.stores
    assert deployment.apply(released(b"first\x00\xff")) == ["PUT releases", "PUT releases/app"]
    assert stores.objects == {"releases/app": b"first\x00\xff"}
    assert stores.containers["releases"]["x-container-read"] == ".r:*"
    assert deployment.output("url") == f"{stores.url}/v1/AUTH_shop/releases/app"

    assert deployment.apply(released(b"second")) == ["DELETE releases/app", "PUT releases/app"]
    assert stores.objects == {"releases/app": b"second"}
    assert deployment.apply(released(b"second", content_type="a/b")) == ["DELETE releases/app", "PUT releases/app"]
    assert stores.objects == {"releases/app": b"second"}
    assert deployment.output("url") == f"{stores.url}/v1/AUTH_shop/releases/app"

    # What somebody overwrites by hand is not seen, and above all not emptied.
    stores.objects["releases/app"] = b"by hand"
    assert deployment.apply(released(b"second", content_type="a/b")) == []
    assert stores.objects == {"releases/app": b"by hand"}


def test_a_container_of_another_name_is_another_container(deployment: Deployment) -> None:
    deployment.apply(released(b"x", prevent_destroy=False))
    came = deployment.apply(released(b"x", prevent_destroy=False, name="downloads"))
    assert came == ["DELETE releases/app", "DELETE releases", "PUT downloads", "PUT downloads/app"]
    assert "Instance cannot be destroyed" in deployment.refused(released(b"x", name="others"))


def test_what_is_not_ours_keeps_its_container(deployment: Deployment) -> None:
    deployment.apply(released(b"x", prevent_destroy=False))
    deployment.stores.objects["releases/theirs"] = b"theirs"
    deployment.declare(lambda _: None)
    done = deployment.run("apply", "-auto-approve", "-input=false")
    assert done.returncode
    assert "releases" in deployment.stores.containers
    assert deployment.stores.objects == {"releases/theirs": b"theirs"}


def by_hand(**said: Any) -> Declare:
    def declare(stack: OpenStackStack) -> None:
        ObjectstorageContainerV1(stack, "c", name="c")
        ObjectstorageObjectV1(stack, "o", container_name="c", name="o", content="all of it", **said)

    return declare


def test_a_change_in_place_by_hand_empties_an_object_as_the_review_says(deployment: Deployment) -> None:
    deployment.apply(by_hand(metadata={"v": "1"}))
    assert deployment.apply(by_hand(metadata={"v": "2"})) == ["PUT c/o (empty)"]
    assert deployment.stores.objects == {"c/o": b""}


def read_by(*users: User) -> Declare:
    def declare(stack: OpenStackStack) -> None:
        key = Secret(stack, "key", description="x")
        KeyManagerSecret(stack, "key", payload=key, readers=users, project_access=not users)

    return declare


def test_readers_come_and_go(deployment: Deployment) -> None:
    def read() -> Any:
        (one,) = deployment.stores.kept.values()
        return one["acl"]["read"]

    deployment.apply(read_by(User(ROBOT)))
    assert read() == {"project-access": False, "users": [ROBOT]}
    deployment.apply(read_by())
    assert read() == {"project-access": True, "users": []}


def served(text: str, *, key: str = "key", **said: Any) -> Declare:
    def declare(stack: OpenStackStack) -> None:
        private = KeyManagerSecret(stack, key, payload=Secret(stack, "key", description="x"), **said)
        made = certificate(stack, "shop", certificate=KeyManagerSecret(stack, "pem", payload=text), private_key=private)
        stack.add_override("output.reference.value", made.container_ref.as_terraform)  # type: ignore[union-attr]

    return declare


NEW = PEM.replace("MIIB", "MIIC")
ANEW = ["POST secrets", "PUT secrets", "POST containers"]


def test_a_renewed_certificate_is_there_before_the_old_one_goes(deployment: Deployment) -> None:
    came = deployment.apply(served(PEM))
    assert sorted(came) == ["POST containers", *["POST secrets"] * 2, *["PUT secrets"] * 2]
    assert came[-1] == "POST containers"
    first = deployment.output("reference")

    assert deployment.apply(served(NEW)) == [*ANEW, "DELETE containers", "DELETE secrets"]
    second = deployment.output("reference")
    assert first != second
    kept = deployment.stores.kept
    assert [one["container_ref"] for path, one in kept.items() if path.startswith("containers/")] == [second]
    payloads = {one["payload"] for path, one in kept.items() if path.startswith("secrets/")}
    assert payloads == {b"the key", NEW.encode()}


def test_a_secret_of_another_name_here_changes_nothing_there(deployment: Deployment) -> None:
    deployment.apply(served(PEM))
    assert deployment.apply(served(PEM, key="its-key", name="key", renamed_from="key")) == []


def test_a_certificate_whose_secret_somebody_deleted_is_made_anew(deployment: Deployment) -> None:
    """In place the cloud would refuse it."""
    deployment.apply(served(PEM))
    kept = deployment.stores.kept
    del kept[next(path for path, one in kept.items() if one["name"] == "pem")]
    assert deployment.apply(served(PEM)) == [*ANEW, "DELETE containers"]
