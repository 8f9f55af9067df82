"""One declaration in several environments: what each makes is its own, by the same addresses."""

from __future__ import annotations

import json
import re
import runpy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as of_hypothesis
from hypothesis import strategies as st

from ivc import (
    S3,
    App,
    DeclarationError,
    Environment,
    FloatingIp,
    KeyPair,
    Network,
    OpenStackStack,
    Router,
    SecurityGroup,
    ServerGroup,
    Tcp,
    Tier,
    UserData,
    Vip,
    Volume,
)
from tests.helpers import (
    INSTANCE,
    NETWORK,
    PORT,
    PROJECT,
    PUBLIC_KEY,
    SUBNET,
    VOLUME,
    Json,
    addresses,
    backend,
    resources,
    run_program,
    server,
)

HELLO = "#cloud-config\nhostname: {{ instance.name }}\n"


@dataclass(frozen=True)
class Settings:
    servers: int = 1
    volumes: dict[str, str] = field(default_factory=dict)


def environments(folder: Path, text: str) -> tuple[Environment[Settings], ...]:
    (folder / "userdata").mkdir(exist_ok=True)
    (folder / "userdata" / "hello.jinja").write_text(HELLO)
    (folder / "environments.toml").write_text(text)
    return Environment.read(App(folder=folder), Settings)


def declare(shop: OpenStackStack, settings: Settings) -> None:
    """An estate with what the cloud shows by name."""
    internet = Network.lookup(shop, "Ext-Net", public=True)
    backend = Network(shop, "backend", cidr="10.0.0.0/24")
    Router(shop, "gate", external_network=internet).add_interface(backend)
    web = SecurityGroup(shop, "web")
    web.allow_from_anywhere(Tcp(80))
    keys, apart = KeyPair(shop, "ops", public_key=PUBLIC_KEY), ServerGroup(shop, "web")
    Vip(shop, "web", network=backend, ip="10.0.0.100")
    for number in range(1, settings.servers + 1):
        volume = settings.volumes.get(f"www-{number}")
        server(
            shop,
            f"www-{number}",
            nics=[backend.nic(web, ip=f"10.0.0.{number + 10}")],
            key_pair=keys,
            server_group=apart,
            user_data=UserData.template("hello.jinja"),
            volumes=[Volume.lookup(shop, volume).attach()] if volume else [],
        )


def written(app: App) -> dict[str, Json]:
    """What is written, by stack."""
    app.synth()
    return {path.parent.name: json.loads(path.read_bytes()) for path in Path(app.outdir).glob("stacks/*/cdk.tf.json")}


def deployed(folder: Path, text: str) -> dict[str, Json]:
    found = environments(folder, text)
    for one in found:
        declare(OpenStackStack(one, "shop"), one.settings)
    return written(found[0].app)


def names(document: Json) -> set[str]:
    """What the cloud shows of all that is made."""
    made = [one for kind in document["resource"].values() for one in kind.values()]
    return {one["name"] for one in made if "name" in one}


def marks(document: Json) -> set[str]:
    return {*re.findall(r"ivc:([^/\"]*)/", json.dumps(document))}


def test_the_addresses_are_the_same_in_each_and_the_names_in_the_cloud_are_not(tmp_path: Path) -> None:
    found = deployed(
        tmp_path,
        '[prod]\nvolumes = { www-1 = "prod-www-data" }\n[staging]\nvolumes = { www-1 = "www-data-staging" }\n',
    )
    prod, staging = found["shop-prod"], found["shop-staging"]
    assert addresses(prod) == addresses(staging)
    assert f"data.{VOLUME}.www-data" in addresses(prod)
    assert names(prod) == {f"{one}-prod" for one in ("backend", "gate", "web", "ops", "www-1")} | {"www-1-prod_backend"}
    assert names(prod) & names(staging) == set()
    assert (marks(prod), marks(staging)) == ({"shop-prod"}, {"shop-staging"})
    places = [one["terraform"]["backend"]["local"]["path"] for one in (prod, staging)]
    assert places == ["../../../terraform.shop-prod.tfstate", "../../../terraform.shop-staging.tfstate"]
    assert prod["//"]["environment"] == {"name": "prod", "stack": "shop"}
    user_data = tmp_path / "cdktf.out" / "stacks" / "shop-staging" / "userdata" / "www-1"
    assert user_data.read_text() == "#cloud-config\nhostname: www-1-staging\n"


def test_a_name_that_is_said_is_the_name(tmp_path: Path) -> None:
    (prod,) = environments(tmp_path, "[prod]\n")
    shop = OpenStackStack(prod, "shop")
    network = Network(shop, "backend", cidr="10.0.0.0/24", name="inside")
    server(shop, "www", network, name="www.example.com")
    assert names(written(prod.app)["shop-prod"]) == {"inside", "www.example.com", "www.example.com_backend"}


def test_what_one_stack_makes_another_of_the_same_environment_looks_up(tmp_path: Path) -> None:
    for environment in (found := environments(tmp_path, "[prod]\n[staging]\n")):
        made = Network(OpenStackStack(environment, "net"), "backend", cidr="10.0.0.0/24")
        assert made.name == environment.name_of("backend")
        shop = OpenStackStack(environment, "shop")
        server(shop, "www", Network.lookup(shop, made.name))
    documents = written(found[0].app)
    assert documents["shop-staging"]["data"][NETWORK]["backend"]["name"] == "backend-staging"
    assert (
        [*resources(documents["shop-staging"], PORT)] == [*resources(documents["shop-prod"], PORT)] == ["www_backend"]
    )


def test_two_look_ups_that_would_have_one_address_are_refused(tmp_path: Path) -> None:
    (prod,) = environments(tmp_path, "[prod]\n")
    shop = OpenStackStack(prod, "shop")
    Volume.lookup(shop, "data")
    with pytest.raises(DeclarationError, match=r"its address data\.\w+\.data is that of 'data' already; look one of "):
        Volume.lookup(shop, "data-prod")


def test_an_estate_that_was_there_before_becomes_an_environment_and_nothing_changes(tmp_path: Path) -> None:
    prod, staging = environments(
        tmp_path, '[prod]\nplain_names = true\nvolumes = { www-1 = "www-data-prod" }\n[staging]\n'
    )
    for one in (prod, staging):
        declare(OpenStackStack(one, "shop"), one.settings)
    documents = written(prod.app)
    assert {*documents} == {"shop", "shop-staging"}
    assert documents["shop"].pop("//")["environment"] == {"name": "prod", "stack": "shop"}
    former = OpenStackStack(App(folder=tmp_path, outdir=tmp_path / "former"), "shop")
    declare(former, prod.settings)
    before = written(former.app)["shop"]
    before.pop("//")
    assert documents["shop"] == before


def test_cloud_project_and_region_are_those_of_the_settings(tmp_path: Path) -> None:
    found = environments(
        tmp_path, '[defaults]\ncloud = "ovh"\nregion = "GRA11"\n[prod]\nproject = "shop-prod"\n[staging]\n'
    )
    stacks = {one.name: OpenStackStack(one, "shop") for one in found}
    OpenStackStack(found[1], "other", cloud="acme")
    documents = written(found[0].app)
    assert documents["shop-prod"]["provider"]["openstack"] == [{"cloud": "ovh"}]
    assert documents["other-staging"]["provider"]["openstack"] == [{"cloud": "acme"}]
    (guard,) = documents["shop-prod"]["data"]["openstack_identity_auth_scope_v3"].values()
    assert re.findall(r'"([\w-]+)"', " ".join(one["condition"] for one in guard["lifecycle"]["postcondition"])) == [
        "shop-prod",
        "GRA11",
    ]
    assert {*stacks} == {"prod", "staging"}


def test_an_environment_can_be_made_in_a_test_of_ones_own(tmp_path: Path) -> None:
    environment = Environment(App(folder=tmp_path), "test", Settings(servers=2), cloud="acme")
    assert OpenStackStack(environment, "shop").name == "shop-test"
    with pytest.raises(DeclarationError, match=r"^Environment: Terraform cannot carry the name 'a b'"):
        Environment(environment.app, "a b", Settings())
    with pytest.raises(DeclarationError, match=r"^Environment: the name 'a-' would end .* such as 'a'$"):
        Environment(environment.app, "a-", Settings())


def test_a_rename_keeps_the_name_that_the_cloud_has(tmp_path: Path) -> None:
    (prod,) = environments(tmp_path, "[prod]\n")
    with pytest.raises(DeclarationError, match=r"renamed_from: .* such as name='ops-prod'$"):
        KeyPair(OpenStackStack(prod, "shop"), "keys", public_key=PUBLIC_KEY, renamed_from="ops")


def test_the_example_of_the_page_synthesizes(tmp_path: Path) -> None:
    page = (PROJECT / "docs" / "environments.md").read_text()
    for language, name in (("toml", "environments.toml"), ("python", "main.py")):
        (text,) = re.findall(rf"```{language}\n(# {re.escape(name)}\n.*?)```", page, re.DOTALL)
        (tmp_path / name).write_text(text)
    for named, stacks in (("", ["shop-prod", "shop-staging"]), ("pr-7", ["shop-pr-7"])):
        assert run_program(tmp_path, IVC_ENVIRONMENT=named).returncode == 0
        assert [*json.loads((tmp_path / "cdktf.out" / "manifest.json").read_text())["stacks"]] == stacks
    (tmp_path / "environments.toml").write_text(
        (tmp_path / "environments.toml").read_text().replace("servers = 2\nsite", 'servers = "2"\nsites')
    )
    done = run_program(tmp_path, IVC_ENVIRONMENT="")
    shown = re.findall(r"^environments\.toml:.*$", page, re.MULTILINE)
    assert [line for line in done.stderr.splitlines() if "is missing" not in line] == shown


# What two environments of one project must not share.


def key_pair(shop: OpenStackStack, _: str) -> None:
    KeyPair(shop, "ops", public_key=PUBLIC_KEY, name="ops")


def volume(shop: OpenStackStack, _: str) -> None:
    network = Network(shop, "backend", cidr="10.0.0.0/24")
    server(shop, "www", network, volumes=[Volume.lookup(shop, "data").attach()])


def root_disk(shop: OpenStackStack, _: str) -> None:
    network = Network(shop, "backend", cidr="10.0.0.0/24")
    server(shop, "www", network, image=None, root_disk=Volume.lookup(shop, "boot"))


def address(shop: OpenStackStack, _: str) -> None:
    server(shop, "www", nics=[Network.lookup(shop, "office").nic(ip="10.0.0.11")])


def floating_ip(shop: OpenStackStack, _: str) -> None:
    network = Network.lookup(shop, "office")
    Vip(shop, "web", network=network, floating_ip=FloatingIp.lookup(shop, "203.0.113.7"))


def router(shop: OpenStackStack, _: str) -> None:
    Router.lookup(shop, "gate").add_interface(Network(shop, "backend", cidr="10.0.0.0/24"))


SHARED: dict[Any, str] = {
    key_pair: r"KeyPair ops \(stack shop-staging\): the key pair ops is taken by KeyPair ops \(stack shop-prod\)",
    volume: r"Instance www \(stack shop-staging\): the volume data is taken by Instance www \(stack shop-prod\)",
    root_disk: r"Instance www \(stack shop-staging\): the volume boot is taken by Instance www \(stack shop-prod\)",
    address: r"Instance www \(stack shop-staging\): the address 10\.0\.0\.11 on network office is taken by "
    r"Instance www",
    floating_ip: r"Vip web \(stack shop-staging\): the floating IP 203\.0\.113\.7 is taken by Vip web",
    router: r"Router\.lookup\('gate'\): add_interface \(stack shop-staging\): the range 10\.0\.0\.0/24 on "
    "router gate is ",
}


@pytest.mark.parametrize("shared", SHARED, ids=lambda one: one.__name__)
def test_two_in_one_project_do_not_take_the_same(tmp_path: Path, shared: Any) -> None:
    found = environments(tmp_path, "[prod]\n[staging]\n")
    for environment in found:
        shared(OpenStackStack(environment, "shop"), environment.name)
    with pytest.raises(DeclarationError, match=SHARED[shared]):
        found[0].app.synth()
    assert not (tmp_path / "cdktf.out" / "manifest.json").exists()


PROGRAM = """\
from pathlib import Path
from ivc import App, Environment, KeyPair, OpenStackStack

app = App(folder=Path(__file__).parent)
for name in ("prod", "staging"):
    shop = OpenStackStack(Environment(app, name, None), "shop")
    KeyPair(shop, "ops", public_key=KEY, name="ops")
app.synth()
"""


def test_the_line_is_that_of_the_declaration(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(PROGRAM)
    with pytest.raises(DeclarationError, match=r"^KeyPair ops \(stack shop-staging\): ") as raised:
        runpy.run_path(str(tmp_path / "main.py"), {"KEY": PUBLIC_KEY})
    assert (raised.value.file, raised.value.line) == (tmp_path / "main.py", 7)


@pytest.mark.parametrize("key", ["cloud", "project", "region"])
@pytest.mark.parametrize("shared", SHARED, ids=lambda one: one.__name__)
def test_two_in_different_projects_may(tmp_path: Path, shared: Any, key: str) -> None:
    found = environments(tmp_path, f'[prod]\n{key} = "one"\n[staging]\n{key} = "two"\n')
    for environment in found:
        shared(OpenStackStack(environment, "shop"), environment.name)
    assert {*written(found[0].app)} == {"shop-prod", "shop-staging"}


def test_two_environments_never_share_a_state(tmp_path: Path) -> None:
    found = environments(tmp_path, '[prod]\ncloud = "one"\n[staging]\ncloud = "two"\n')
    for environment in found:
        OpenStackStack(environment, "shop", backend=S3("states", key="shop.tfstate"))
    with pytest.raises(
        DeclarationError,
        match=r"^OpenStackStack shop-staging: backend: its state is where that of stack "
        r"shop-prod is \(s3://states/shop\.tfstate\), and each has its own; ",
    ):
        found[0].app.synth()


# For all environments.


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("environments")


_NAMES = st.from_regex(r"[a-z]([a-z0-9-]{0,7}[a-z0-9])?", fullmatch=True).filter(
    lambda name: name not in ("prod", "defaults")
)


@of_hypothesis(max_examples=15)
@given(before=st.lists(_NAMES, max_size=2), after=st.lists(_NAMES, max_size=2))
def test_what_one_is_does_not_depend_on_which_others_there_are(
    folder: Path, before: list[str], after: list[str]
) -> None:
    mine = "[prod]\nservers = 2\n"
    others = [[f"[{name}]\nservers = 1\n" for name in side] for side in (before, [*{*after} - {*before}])]
    alone = deployed(folder, mine)["shop-prod"]
    assert len(resources(alone, INSTANCE)) == 2
    text = "".join([*dict.fromkeys(others[0]), mine, *others[1]])
    assert deployed(folder, text)["shop-prod"] == alone
    assert resources(alone, SUBNET)["backend"]["name"] == "backend-prod"


def test_the_members_of_a_tier_are_called_after_it_too(tmp_path: Path) -> None:
    (staging,) = environments(tmp_path, "[staging]\n")
    shop = OpenStackStack(staging, "shop")
    nic = Network.lookup(shop, "Ext-Net", public=True).nic(SecurityGroup(shop, "web"))
    web = Tier(shop, "web", count=2, image="Debian 12", flavor="b2-7", nics=[nic])
    other = Tier(shop, "db", count=1, image="Debian 12", flavor="b2-7", nics=[nic], name="db-{n}.example")
    assert [one.name for one in web.instances] == ["web-1-staging", "web-2-staging"]
    assert web.server_group is not None
    assert web.server_group.name == "web-staging"
    assert other.member(1).name == "db-1.example"
    with pytest.raises(DeclarationError, match=r"name='old-staging', renamed_from='old'\)$"):
        Tier(shop, "new", count=1, image="Debian 12", flavor="b2-7", nics=[nic], renamed_from="old")


def test_two_stacks_of_a_program_do_not_have_the_same_either(tmp_path: Path) -> None:
    app = App(folder=tmp_path)
    for name in ("one", "two"):
        stack = OpenStackStack(app, name)
        server(stack, "a", backend(stack), volumes=[Volume.lookup(stack, "data").attach()])
    sentence = (
        r"^Instance a \(stack two\): the volume data is taken by Instance a \(stack one\) already; take another, or "
        r"say the cloud= or project= of each where they are not in the same$"
    )
    with pytest.raises(DeclarationError, match=sentence):
        app.synth()


def test_two_stacks_that_say_other_projects_may(tmp_path: Path) -> None:
    app = App(folder=tmp_path)
    for name in ("one", "two"):
        stack = OpenStackStack(app, name, project=name)
        server(stack, "a", backend(stack), volumes=[Volume.lookup(stack, "data").attach()])
    app.synth()
