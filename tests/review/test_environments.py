"""Two environments side by side: what differs is told, and what is each one's own is not."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivc import (
    S3,
    App,
    Environment,
    FloatingIp,
    Instance,
    KeyPair,
    Network,
    OpenStackStack,
    Router,
    SecurityGroup,
    ServerGroup,
    Tcp,
    UserData,
    Vip,
    Volume,
)
from ivc.estate.environment import without
from ivc.review import environments
from ivc.review.model import Review, StackReview
from tests.deploy.outputs import ivc
from tests.helpers import PUBLIC_KEY


@dataclass(frozen=True)
class Settings:
    servers: int = 2
    flavor: str = "b2-7"
    site: str = "shop.example"
    volumes: dict[str, str] = field(default_factory=dict)
    waived: bool = False


USER_DATA = """#cloud-config
fqdn: {{ instance.name }}.{{ site }}
write_files:
  - {path: /etc/address, content: "{{ instance.address_on("Ext-Net") }}"}
"""


def declare(environment: Environment[Settings]) -> None:
    """An estate with all that is called after its environment, on two stacks."""
    said = environment.settings
    shop = OpenStackStack(environment, "shop", backend=S3("states", key=f"{environment.name}/shop"))
    internet = Network.lookup(shop, "Ext-Net", public=True)
    backend = Network(shop, "backend", cidr="10.0.0.0/24", description="Inside")
    Router(shop, "gate", external_network=internet).add_interface(backend)
    address = FloatingIp(shop, "address", network=internet)
    Vip(shop, "web", network=backend, ip="10.0.0.100", floating_ip=address)
    web = SecurityGroup(shop, "web")
    web.allow_from_anywhere(Tcp(80))
    if said.waived:
        web.waive("IVC134", reason="The world reads it")
    keys, apart = KeyPair(shop, "ops", public_key=PUBLIC_KEY), ServerGroup(shop, "web")
    for number in range(1, said.servers + 1):
        name = f"www-{number}"
        Instance(
            shop,
            name,
            image="Debian 12",
            flavor=said.flavor,
            nics=[internet.nic(web), backend.nic(web, ip=f"10.0.0.{10 + number}")],
            key_pair=keys,
            server_group=apart,
            user_data=UserData.template("www.jinja", site=said.site),
            volumes=[Volume.lookup(shop, said.volumes[name]).mount("/srv")] if name in said.volumes else [],
        )
    other = OpenStackStack(environment, "other")
    Instance(
        other,
        "db",
        image="Debian 12",
        flavor="b2-7",
        nics=[Network.lookup(other, backend.name).nic(port_security=False)],
    )


def synthesized(folder: Path, **of: Settings) -> Path:
    """The output of some environments, all in different clouds."""
    (folder / "userdata").mkdir(exist_ok=True)
    (folder / "userdata" / "www.jinja").write_text(USER_DATA)
    shutil.rmtree(folder / "cdktf.out", ignore_errors=True)
    app = App(folder=folder)
    for name, said in of.items():
        declare(Environment(app, name, said, cloud=f"ovh-{name}", project=f"shop-{name}"))
    app.synth()
    return folder / "cdktf.out"


def compared(folder: Path, base: Settings, head: Settings) -> Review:
    output = synthesized(folder, prod=base, staging=head)
    return environments.review(output, base="prod", head="staging")


def changed(found: StackReview) -> dict[str, str]:
    return {f"{thing.kind} {thing.id}": str(thing.action) for thing in found.things}


def test_what_is_each_ones_own_is_no_difference(tmp_path: Path) -> None:
    volumes = ({"www-1": "prod-data"}, {"www-1": "data-staging"})
    review = compared(tmp_path, *(Settings(volumes=named) for named in volumes))
    (other, shop) = review.stacks
    assert (other.name, shop.name) == ("other", "shop")
    assert review.no_changes
    assert (shop.unchanged, other.unchanged) == (2, 1)
    assert [str(note) for note in shop.notes] == ["prod is in cloud ovh-prod, and staging in cloud ovh-staging"]
    assert [finding.new for finding in shop.policies] == [False] * len(shop.policies) != []


def test_what_differs_is_told_by_the_names_that_both_have(tmp_path: Path) -> None:
    (_, shop) = compared(tmp_path, Settings(), Settings(servers=3, flavor="b2-15", site="other.example")).stacks
    assert changed(shop) == {"instance www-1": "replace", "instance www-2": "replace", "instance www-3": "create"}
    www = next(thing for thing in shop.things if thing.id == "www-1")
    assert "flavor b2-7 → b2-15" in " ".join(map(str, www.details))
    lines = [line for diff in www.user_data for line in diff.lines]
    assert "-fqdn: www-1.shop.example" in lines
    assert "+fqdn: www-1.other.example" in lines


def test_another_volume_is_another_volume(tmp_path: Path) -> None:
    (_, shop) = compared(
        tmp_path, Settings(volumes={"www-1": "prod-data"}), Settings(volumes={"www-1": "files-staging"})
    ).stacks
    assert changed(shop) == {"instance www-1": "replace"}


def test_what_only_one_accepts_is_new(tmp_path: Path) -> None:
    (_, shop) = compared(tmp_path, Settings(waived=True), Settings()).stacks
    assert [finding.id for finding in shop.policies if finding.new] == ["IVC134"]


def test_a_stack_that_only_one_has_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "userdata").mkdir()
    (tmp_path / "userdata" / "www.jinja").write_text(USER_DATA)
    app = App(folder=tmp_path)
    for name in ("prod", "staging"):
        declare(Environment(app, name, Settings(), cloud=name))
    OpenStackStack(Environment(app, "staging", Settings(), cloud="staging"), "more")
    app.synth()
    review = environments.review(tmp_path / "cdktf.out", base="prod", head="staging")
    (more,) = (stack for stack in review.stacks if stack.name == "more")
    assert [str(note) for note in more.notes] == ["staging has it, and prod has not"]
    assert review.no_changes


# The command.


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    synthesized(folder, prod=Settings(), staging=Settings(servers=1))
    (folder / "cdktf.json").write_text("{}")
    return folder


def test_the_command_compares_environments_by_their_names(project: Path) -> None:
    done = ivc(project, "review", "--base", "prod", "--head", "staging", "--fail-on", "destroy")
    assert done.returncode == 2, done.stderr
    assert "Two environments, told as if the first became the second; nothing happens.\n" in done.stdout
    assert "* www-2 will be destroyed; " in done.stdout
    done = ivc(project, "review", "--base", "staging", "--head", "staging", "--fail-on", "destroy")
    assert (done.returncode, done.stdout[:11]) == (0, "No changes.")


def test_a_synthesized_folder_of_that_name_comes_first(project: Path) -> None:
    shutil.copytree(project / "cdktf.out", project / "prod")
    done = ivc(project, "review", "--base", "prod", "--head", "cdktf.out")
    shutil.rmtree(project / "prod")
    assert (done.returncode, "Read from the synthesized folders" in done.stdout) == (0, True)


NO_FOLDER = "is no synthesized folder, and cdktf.out has no environment of that name"
ALONE = (
    "prod is no synthesized folder; name the cdktf.out of its branch, which `git worktree add` and `ivc synth` make, "
    "or, of an environment, another one beside it and no --plan"
)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--base", "prd", "--head", "staging"], f"prd {NO_FOLDER}; did you mean prod?"),
        (["--base", "prod", "--head", "x"], f"x {NO_FOLDER}; it has prod, staging."),
        (["--base", "prod"], f"--base, --head: {ALONE}"),
        (["--base", "cdktf.out", "--head", "prod"], f"--base, --head: {ALONE}"),
        (["--base", "prod", "--head", "staging", "--plan", "p.json"], f"--base, --head: {ALONE}"),
    ],
)
def test_what_is_no_environment_is_refused(project: Path, options: list[str], sentence: str) -> None:
    done = ivc(project, "review", *options)
    assert (done.returncode, done.stderr) == (1, f"ivc: {sentence}\n")


# For all names.


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("environments")


_NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,12}", fullmatch=True)


@given(name=_NAMES, environment=_NAMES)
def test_a_name_without_its_environment_is_what_it_was_made_of(name: str, environment: str) -> None:
    assert without(environment, f"{name}-{environment}") == name
    assert without(environment, f"{name}-{environment}_0/{name}-{environment}.") == f"{name}_0/{name}."


@settings(max_examples=10)
@given(
    st.lists(st.from_regex(r"[a-z][a-z0-9]{3,8}(-[0-9]{1,3})?", fullmatch=True), min_size=2, max_size=2, unique=True)
)
def test_equal_settings_are_no_difference_whatever_the_environments_are_called(folder: Path, names: list[str]) -> None:
    of = {name: Settings(volumes={"www-1": f"files-of-it-{name}"}) for name in names}
    output = synthesized(folder, **of)
    found = environments.review(output, base=names[0], head=names[1])
    assert len(found.stacks) == 2
    assert found.no_changes, [str(thing.headline) for thing in found.things]
