"""Moving a state between backends, by real Terraform and real servers of states on loopback."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import requests

from ivc import S3, Backend, Http, Local, Postgres, StateEncryption
from ivc.deploy.errors import DeployError
from ivc.deploy.moving import elsewhere, former_settings, move
from tests.helpers import Json, new_stack, synth
from tests.program import terraform
from tests.terraform import state_servers

pytestmark = pytest.mark.terraform


Places = Mapping[str, Backend]
_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[str, str]]:
    """The addresses of S3 and of HTTP; all that Terraform needs to reach the others is in the environment."""
    with (
        state_servers.s3() as s3,
        state_servers.http() as http,
        state_servers.postgres() as database,
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv("AWS_ACCESS_KEY_ID", "a")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "b")
        environment.setenv("PG_CONN_STR", database)
        yield s3, http


@pytest.fixture
def places(servers: tuple[str, str]) -> Places:
    """Places for a state that nobody used before."""
    number, (s3, http) = next(_NUMBERS), servers
    address = f"{http}/{number}"
    return {
        "local": Local(),
        "local-elsewhere": Local("states/of/shop.tfstate"),
        "s3": S3(state_servers.BUCKET, key=f"{number}/shop.tfstate", region="gra", endpoint=s3),
        "http": Http(address, lock_address=address),
        "postgres": Postgres(f"shop_{number}"),
    }


class Estate:
    """A stack on disk, without a cloud: its backend as the library writes it, and `terraform_data`."""

    name = "shop"

    def __init__(self, folder: Path, places: Places, program: str | None = None) -> None:
        self.top = folder
        self.folder = folder / "cdktf.out" / "stacks" / "shop"
        self.copies = folder / ".ivc" / "shop"
        self.document: Json = {}
        self.places = places
        self._program = terraform(program).path

    def declare(self, place: str, value: str = "canary", encryption: StateEncryption | None = None) -> None:
        synthesized = synth(new_stack(self.top, backend=self.places[place], encryption=encryption))
        # There is no cloud.
        synthesized["terraform"].pop("required_providers")
        self.document = {name: synthesized[name] for name in ("terraform", "variable") if name in synthesized}
        self.document["resource"] = {"terraform_data": {"www": {"input": value}}}
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "cdk.tf.json").write_text(json.dumps(self.document))

    def start(self, arguments: Sequence[str], folder: Path | None = None) -> subprocess.Popen[str]:
        quiet = {"CHECKPOINT_DISABLE": "1", "TF_INPUT": "0", "TF_IN_AUTOMATION": "1"}
        return subprocess.Popen(
            [self._program, *arguments],
            cwd=folder or self.folder,
            env=os.environ | quiet,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, arguments: Sequence[str], folder: Path | None = None) -> str:
        process = self.start(arguments, folder)
        said, wrong = process.communicate()
        if process.returncode:
            raise DeployError(f"{' '.join(arguments)}: {wrong}{said}")
        return said

    def deploy(self, place: str, value: str = "canary", encryption: StateEncryption | None = None) -> None:
        self.declare(place, value, encryption)
        self.run(["init", "-no-color"])
        self.run(["apply", "-auto-approve", "-no-color"])

    def move(self, run: Callable[[Sequence[str], Path], str] | None = None) -> str:
        former = former_settings(self)
        assert former is not None
        return move(run or self.run, self, former=former, copy_to=self.copies)

    def has_changes(self) -> bool:
        return "No changes." not in self.run(["plan", "-no-color"])

    def state(self) -> Json:
        read: Json = json.loads(self.run(["state", "pull"]))
        return read

    def shown(self, said: str) -> str:
        """A sentence without what differs from run to run."""
        return re.sub(r"127\.0\.0\.1:\d+", "HOST", said.replace(f"{self.top}/", ""))


@pytest.fixture
def estate(tmp_path: Path, places: Places) -> Estate:
    return Estate(tmp_path, places)


def test_a_state_moves_from_each_place_to_each_other(estate: Estate) -> None:
    tour = [
        "local",
        "postgres",
        "s3",
        "http",
        "local",
        "s3",
        "postgres",
        "http",
        "s3",
        "local",
        "http",
        "postgres",
        "local",
    ]
    assert len({*itertools.pairwise(tour)}) == 12
    estate.deploy(tour[0], "0")
    (lineage, former) = (estate.state()["lineage"], [])
    for number, (here, there) in enumerate(itertools.pairwise(tour), 1):
        estate.declare(there, str(number - 1))
        told = elsewhere(estate)
        assert told is not None
        assert "ivc move-state shop" in told
        estate.move()
        former.append((here, there, estate.has_changes(), estate.state()["lineage"] == lineage, elsewhere(estate)))
        # It goes on there, so that what was left behind is older.
        estate.deploy(there, str(number))
    assert former == [(here, there, False, True, None) for here, there in itertools.pairwise(tour)]


def test_what_moved_where_is_told(estate: Estate) -> None:
    estate.deploy("local")
    estate.declare("http")
    lineage = json.loads((estate.top / "terraform.shop.tfstate").read_text())["lineage"]
    number = estate.document["terraform"]["backend"]["http"]["address"].rpartition("/")[2]
    assert estate.shown(elsewhere(estate) or "") == (
        f"the state of stack shop is in terraform.shop.tfstate, and the declaration keeps it in http://HOST/{number}; "
        "take it there with `ivc move-state shop`"
    )
    assert estate.shown(estate.move()) == (
        f"the state of stack shop (serial 1, 1 object) is now in http://HOST/{number}; a copy in clear is "
        f".ivc/shop/shop-1-{lineage[:8]}.tfstate, and terraform.shop.tfstate is now called "
        "terraform.shop.tfstate.moved"
    )


def test_the_copy_is_for_this_user_alone(estate: Estate) -> None:
    estate.deploy("local", "canary")
    estate.declare("postgres", "canary")
    estate.move()
    (copy,) = estate.copies.iterdir()
    assert copy.stat().st_mode & 0o777 == 0o600
    assert estate.copies.stat().st_mode & 0o777 == 0o700
    assert json.loads(copy.read_text())["resources"][0]["instances"][0]["attributes"]["input"]["value"] == "canary"


def test_a_local_state_may_get_another_name(estate: Estate) -> None:
    estate.deploy("local")
    estate.declare("local-elsewhere")
    estate.move()
    assert not estate.has_changes()
    assert (estate.top / "states" / "of" / "shop.tfstate").is_file()


class StoppedError(Exception):
    """What stops a move, as Ctrl-C would."""


@pytest.mark.parametrize(("here", "there"), [("local", "s3"), ("s3", "local"), ("postgres", "http")])
def test_a_move_that_was_interrupted_is_begun_again(estate: Estate, here: str, there: str) -> None:
    estate.deploy(here)
    state = estate.state()
    estate.declare(there)
    points, ended = 0, False
    while not ended:
        points += 1
        left = points

        def run(arguments: Sequence[str], folder: Path) -> str:
            nonlocal left
            left -= 1
            if left == 0:
                raise StoppedError
            return estate.run(arguments, folder)

        if former_settings(estate) is None:
            break
        try:
            estate.move(run)
        except StoppedError:
            continue
        ended = True
    estate.run(["init", "-no-color"])
    assert points > 6
    assert estate.state()["resources"] == state["resources"]
    assert not estate.has_changes()
    assert elsewhere(estate) is None


def test_another_state_there_is_not_written_over(estate: Estate, tmp_path: Path) -> None:
    theirs = Estate(tmp_path / "theirs", estate.places)
    theirs.deploy("s3", "theirs")
    state = theirs.state()
    estate.deploy("local", "ours")
    estate.declare("s3", "ours")
    with pytest.raises(DeployError, match=r"^stack shop: s3://states/.* at .* holds another state \(1 obj"):
        estate.move()
    assert theirs.state() == state
    assert (estate.top / "terraform.shop.tfstate").is_file()


def test_what_was_destroyed_there_makes_room(estate: Estate, tmp_path: Path) -> None:
    theirs = Estate(tmp_path / "theirs", estate.places)
    theirs.deploy("postgres", "theirs")
    theirs.run(["destroy", "-auto-approve"])
    estate.deploy("local", "ours")
    estate.declare("postgres", "ours")
    estate.move()
    assert not estate.has_changes()


def a_colleague_moves_it(estate: Estate, folder: Path) -> Estate:
    """From HTTP to S3, in a folder of their own, which is returned."""
    theirs = Estate(folder / "theirs", estate.places)
    theirs.declare("http")
    theirs.run(["init"])
    theirs.declare("s3")
    theirs.move()
    return theirs


def test_a_colleague_moved_it_already(estate: Estate, tmp_path: Path) -> None:
    estate.deploy("http")
    theirs = a_colleague_moves_it(estate, tmp_path)
    theirs.deploy("s3", "newer")
    estate.declare("s3", "newer")
    assert "was there already, in s3://" in estate.move()
    assert not estate.has_changes()


def test_two_that_went_on_apart_are_refused(estate: Estate, tmp_path: Path) -> None:
    estate.deploy("http")
    theirs = a_colleague_moves_it(estate, tmp_path)
    theirs.run(["apply", "-auto-approve", "-replace=terraform_data.www"])
    theirs.run(["apply", "-auto-approve", "-replace=terraform_data.www"])
    estate.run(["apply", "-auto-approve", "-replace=terraform_data.www"])
    estate.declare("s3")
    with pytest.raises(DeployError, match=r"went on apart .*, without terraform_data\.www; find out which one"):
        estate.move()


def test_a_state_that_changes_meanwhile_is_not_lost(estate: Estate) -> None:
    estate.deploy("http", "old")
    estate.declare("s3", "old")

    def run(arguments: Sequence[str], folder: Path) -> str:
        said = estate.run(arguments, folder)
        if arguments[:2] == ("state", "push"):
            other = Estate(estate.top / "other", estate.places)
            other.deploy("http", "new")
        return said

    with pytest.raises(DeployError, match=r"changed while it was moved; wait until nobody deploys, and move it again$"):
        estate.move(run)
    estate.declare("s3", "new")
    estate.move()
    assert not estate.has_changes()


def test_nothing_is_elsewhere_where_all_is_as_declared(estate: Estate) -> None:
    estate.declare("s3")
    assert elsewhere(estate) is None
    estate.deploy("s3")
    assert elsewhere(estate) is None
    assert former_settings(estate) is None


def test_a_local_state_that_lies_there_is_told_beside_another(estate: Estate) -> None:
    estate.deploy("local")
    shutil.rmtree(estate.folder)
    estate.deploy("s3")
    told = estate.shown(elsewhere(estate) or "")
    assert told.startswith(
        "the state of stack shop is in terraform.shop.tfstate, and the declaration keeps it in s3://"
    )
    assert told.endswith("; take it there with `ivc move-state shop`, or move that file away if nothing uses it")


def test_a_state_of_nothing_holds_nobody_up(estate: Estate) -> None:
    estate.deploy("local")
    estate.run(["destroy", "-auto-approve"])
    estate.declare("s3")
    assert elsewhere(estate) is None


def test_where_nothing_was_ever_deployed_nothing_is_moved(estate: Estate) -> None:
    estate.declare("s3")
    former = {"backend": {"local": {"path": "../../../terraform.shop.tfstate"}}}
    with pytest.raises(DeployError, match=r"^stack shop: .*/terraform.shop.tfstate holds no state; name the folder of"):
        move(estate.run, estate, former=former, copy_to=estate.copies)
    with pytest.raises(DeployError, match=r"^the state of stack shop is in s3://.* already; there is nothing to move$"):
        move(estate.run, estate, former=estate.document["terraform"], copy_to=estate.copies)


def test_a_selected_workspace_is_not_moved(estate: Estate) -> None:
    estate.deploy("local")
    estate.run(["workspace", "new", "blue"])
    estate.declare("s3")
    with pytest.raises(DeployError, match=r"^stack shop: Terraform's workspace blue is selected, and only the default"):
        estate.move()


# Locks.


@pytest.mark.parametrize("place", ["local", "http", "postgres", "s3"])
def test_of_two_writers_the_second_is_refused(estate: Estate, place: str) -> None:
    estate.deploy(place)
    gate = estate.top / "gate"
    wait = f"touch {gate}.open; while [ ! -e {gate} ]; do sleep 0.05; done"
    estate.document["resource"]["terraform_data"]["slow"] = {"provisioner": [{"local-exec": {"command": wait}}]}
    (estate.folder / "cdk.tf.json").write_text(json.dumps(estate.document))
    first = estate.start(["apply", "-auto-approve"])
    try:
        end = time.monotonic() + state_servers.PATIENCE
        while not gate.with_suffix(".open").exists():
            assert first.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
        with pytest.raises(DeployError, match="Error acquiring the state lock"):
            estate.run(["apply", "-auto-approve", "-no-color"])
    finally:
        gate.touch()
        first.communicate()
    assert first.returncode == 0
    assert not estate.has_changes()
    assert [one["name"] for one in estate.state()["resources"]] == ["slow", "www"]


# Encryption.


@pytest.fixture
def encrypted(tmp_path: Path, places: Places, monkeypatch: pytest.MonkeyPatch) -> Estate:
    for name in ("state_passphrase", "newer_passphrase"):
        monkeypatch.setenv(f"TF_VAR_{name}", f"correct horse {name}")
    return Estate(tmp_path, places, "tofu")


def test_opentofu_encrypts_a_state_that_was_in_clear(encrypted: Estate) -> None:
    file = encrypted.top / "terraform.shop.tfstate"
    encrypted.deploy("local")
    assert "canary" in file.read_text()
    encrypted.deploy("local", "canary-2", StateEncryption(former_unencrypted=True))
    assert "encrypted_data" in file.read_text()
    assert "canary" not in file.read_text()


@pytest.mark.long  # OpenTofu takes seconds to make a key of a passphrase, and makes it anew for each command
def test_an_encrypted_state_moves_and_stays_so(encrypted: Estate) -> None:
    encrypted.deploy("local", encryption=StateEncryption())
    encrypted.declare("http", encryption=StateEncryption())
    told = elsewhere(encrypted)
    assert told is not None
    assert encrypted.shown(told).startswith("the state of stack shop is in terraform.shop.tfstate, and ")
    encrypted.move()
    assert not encrypted.has_changes()
    address = encrypted.document["terraform"]["backend"]["http"]["address"]
    assert "encrypted_data" in requests.get(address, timeout=state_servers.PATIENCE).json()
    assert "canary" not in requests.get(address, timeout=state_servers.PATIENCE).text


@pytest.mark.long
def test_a_passphrase_can_be_changed(encrypted: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    encrypted.deploy("local", encryption=StateEncryption())
    both = StateEncryption("newer_passphrase", former_passphrase="state_passphrase")
    encrypted.deploy("local", "another", both)
    monkeypatch.delenv("TF_VAR_state_passphrase")
    encrypted.declare("local", "another", StateEncryption("newer_passphrase"))
    encrypted.run(["init"])
    assert not encrypted.has_changes()


def test_without_the_passphrase_nothing_is_done(encrypted: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TF_VAR_state_passphrase")
    with pytest.raises(DeployError, match=r"var\.state_passphrase which is not available"):
        encrypted.deploy("local", encryption=StateEncryption())


def test_terraform_refuses_to_keep_in_clear_what_is_to_be_encrypted(tmp_path: Path, places: Places) -> None:
    estate = Estate(tmp_path, places, "terraform")
    with pytest.raises(DeployError, match='No argument or block type is named "encryption"'):
        estate.deploy("local", encryption=StateEncryption())
