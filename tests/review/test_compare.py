"""What two folders tell of what is written by hand: overrides, L1s, plain Terraform JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ivc.estate import EstateError
from ivc.review import reviewer
from ivc.review.model import Action
from tests.review.folders import GROUP, NETWORK, PORT, RULE, SERVER, dangers, review, stack, write

KEY, VOLUME = "openstack_compute_keypair_v2", "openstack_blockstorage_volume_v3"
Document = dict[str, Any]
GONE = ("destroy", "replace")
"""The dangers of a volume that is made anew: with the old one goes what is on it."""


def a_server(**said: Any) -> Document:
    return stack(resource={SERVER: {"a": said}})


def told(tmp_path: Path, before: Document, after: Document) -> dict[str, tuple[str, ...]]:
    return dangers(review(tmp_path, before, after))


def test_equal_documents_have_no_changes(tmp_path: Path) -> None:
    assert told(tmp_path, stack(), stack()) == {}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (a_server(), a_server(scheduler_hints=[{"group": "g"}]), ("replace",)),
        (a_server(scheduler_hints=[{"group": "g"}]), a_server(scheduler_hints=[{"group": "h"}]), ("replace",)),
        (a_server(count="${var.many}"), a_server(count="${var.more}"), ("destroy", "?")),
        (a_server(for_each="${var.many}"), a_server(for_each="${var.more}"), ("destroy", "?")),
        (a_server(count="${var.many}"), a_server(count="${var.many}"), None),
        (a_server(count="${var.many}"), a_server(count=2), ("destroy", "?")),
        (a_server(count=2), a_server(count="${var.many}"), ("open",)),
        (a_server(), a_server(provider="openstack.other"), ("replace", "?")),
        (a_server(key_pair="${var.key}"), a_server(key_pair="${var.key}"), None),
        (a_server(tags=["a", "b"]), a_server(tags=["b", "a"]), None),
        (a_server(admin_pass="x"), a_server(admin_pass="y"), ()),
        # What the provider takes by itself may as well be said.
        (a_server(), a_server(power_state="active", stop_before_destroy=False), None),
        (a_server(power_state="active"), a_server(), None),
        (a_server(), a_server(power_state="shutoff"), ("stop",)),
    ],
)
def test_a_changed_server(tmp_path: Path, before: Document, after: Document, expected: tuple[str, ...] | None) -> None:
    assert told(tmp_path, before, after).get("instance a") == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (a_server(count=3), a_server(count=1), {"instance a[1]": ("destroy",), "instance a[2]": ("destroy",)}),
        (a_server(for_each={"x": 1, "y": 2}), a_server(for_each={"x": 1}), {'instance a["y"]': ("destroy",)}),
        (a_server(count="${var.n}") | {"variable": {"n": {"default": 2}}}, a_server(count=2), {}),
        # Terraform moves it by itself.
        (a_server(), a_server(count=1), {"instance a[0]": ()}),
        (a_server(count=1), a_server(), {"instance a": ()}),
        (a_server(count=1), a_server(count="${var.n}"), {"instance a": ("open",), "instance a[0]": ("destroy", "?")}),
        (a_server(tags=["${count.index}"], count=2), a_server(tags=["x${count.index}"], count=2), {
            "instance a[0]": (), "instance a[1]": (),
        }),
    ],
)  # fmt: skip
def test_each_of_several_is_told_by_itself(
    tmp_path: Path, before: Document, after: Document, expected: dict[str, tuple[str, ...]]
) -> None:
    assert told(tmp_path, before, after) == expected


@pytest.mark.parametrize(
    ("version", "dangers"),
    [("3.0.0", GONE), ("= 3.0.1", GONE), ("3.1.0", ()), ("~> 3.4", ()), (">= 3.0", ()), (None, ())],
)
def test_what_replaces_is_what_the_declared_version_of_the_provider_says(
    tmp_path: Path, version: str | None, dangers: tuple[str, ...]
) -> None:
    def volume(kind: str) -> Document:
        required = {"openstack": {"version": version} if version else {}}
        made = stack(resource={VOLUME: {"v": {"size": 1, "volume_type": kind}}})
        return made | {"terraform": {"required_providers": required}}

    assert told(tmp_path, volume("classic"), volume("fast")) == {"volume v": dangers}


def test_a_volume_of_ones_own_with_other_hints_is_replaced(tmp_path: Path) -> None:
    def volume(**said: Any) -> Document:
        return stack(resource={VOLUME: {"v": {"size": 1, **said}}})

    assert told(tmp_path, volume(), volume(scheduler_hints=[{"different_host": ["x"]}])) == {"volume v": GONE}


def test_what_stands_in_a_variable_or_a_local_is_compared(tmp_path: Path) -> None:
    def with_key(value: str) -> Document:
        return a_server(key_pair="${var.key}") | {"variable": {"key": {"default": value}}}

    def with_range(value: str) -> Document:
        rule = {"remote_ip_prefix": "${local.office}", "security_group_id": f"${{{GROUP}.web.id}}"}
        return stack(resource={RULE: {"ssh": rule}}) | {"locals": {"office": value}}

    assert told(tmp_path / "key", with_key("a"), with_key("b"))["instance a"] == ("replace",)
    assert told(tmp_path / "range", with_range("10.0.0.0/8"), with_range("0.0.0.0/0"))["security group web"] == (
        "open",
    )
    assert told(tmp_path / "same", a_server(key_pair="a"), with_key("a")) == {}


def ingress(group: str = f"${{{GROUP}.web.id}}", **said: Any) -> dict[str, Any]:
    """A rule."""
    return {"direction": "ingress", "ethertype": "IPv4", "security_group_id": group, **said}


def test_a_source_that_only_apply_tells_may_be_the_world(tmp_path: Path) -> None:
    before, after = (
        stack(resource={RULE: {"ssh": ingress(remote_ip_prefix=source)}}) for source in ("10.0.0.0/8", "${var.office}")
    )

    assert told(tmp_path, before, after)["security group web"] == ("open",)


@pytest.mark.parametrize(
    "after",
    [
        stack(resource={PORT: {"a": {"security_group_ids": [f"${{{GROUP}.web.id}}", f"${{{GROUP}.ssh.id}}"]}}}),
        stack(resource={PORT: {"a": {"port_security_enabled": False}}}),
        stack(resource={PORT: {"a": {"port_security_enabled": "false"}}}),
        stack(
            resource={
                "openstack_networking_port_secgroup_associate_v2": {
                    "more": {"port_id": f"${{{PORT}.a.id}}", "security_group_ids": [f"${{{GROUP}.ssh.id}}"]}
                }
            }
        ),
        stack(resource={RULE: {"all": ingress()}}),
        stack(resource={RULE: {"six": ingress(protocol="6", port_range_min="22", port_range_max="22")}}),
    ],
    ids=["a group", "no port security", "no port security, as a text", "an association", "every protocol", "numbers"],
)
def test_ways_to_open_a_server(tmp_path: Path, after: Document) -> None:
    assert "open" in {danger for found in told(tmp_path, stack(), after).values() for danger in found}


def test_a_rule_in_a_group_that_is_named_by_its_id(tmp_path: Path) -> None:
    after = stack(resource={RULE: {"other": ingress("1234", protocol="tcp")}})

    assert told(tmp_path, stack(), after) == {"security group 1234": ("open",)}


def test_a_server_without_ports_of_its_own_has_what_it_says(tmp_path: Path) -> None:
    def worn(group: str) -> Document:
        return stack(resource={SERVER: {"a": {"network": [{"name": "Ext-Net"}], "security_groups": [group]}}})

    assert "open" in told(tmp_path, worn("db"), worn("web"))["instance a"]


def test_a_group_that_only_private_servers_have_opens_nothing(tmp_path: Path) -> None:
    private = {NETWORK: {"inside": {"name": "inside"}}, PORT: {"a": {"network_id": f"${{{NETWORK}.inside.id}}"}}}
    rule = ingress(protocol="tcp")
    floating = {"openstack_networking_floatingip_v2": {"f": {"pool": "Ext-Net", "port_id": f"${{{PORT}.a.id}}"}}}

    found = told(tmp_path / "private", stack(resource=private), stack(resource={**private, RULE: {"more": rule}}))
    assert found == {"security group web": ()}

    found = told(tmp_path / "floating", stack(resource=private), stack(resource={**private, **floating}))
    assert found["instance a"] == ("open",)


def _disk(*, deleted: bool, boot: int = -1) -> list[dict[str, Any]]:
    block = {"source_type": "volume", "destination_type": "volume", "uuid": "data"}
    return [{**block, "boot_index": boot, "delete_on_termination": deleted}]


def test_a_volume_that_nova_deletes_with_its_server_is_not_said_to_stay(tmp_path: Path) -> None:
    before = a_server(block_device=_disk(deleted=True))
    for name, after in {
        "replaced": a_server(block_device=_disk(deleted=True), key_pair="x"),
        "unset at once": a_server(block_device=_disk(deleted=False), key_pair="x"),
        "destroyed": stack(resource={SERVER: None, PORT: None}),
    }.items():
        (thing,) = [one for one in review(tmp_path / name, before, after).things if one.kind == "instance"]
        assert "destroy" in thing.dangers, name
        assert "Nova deletes its volume data with it" in str(thing.headline), name
        assert "stays" not in str(thing.headline), name


def test_a_volume_that_comes_from_another_server_is_named_with_it(tmp_path: Path) -> None:
    other = {"name": "b", "flavor_name": "small", "network": [{"name": "Ext-Net"}]}

    def attached(**by: list[dict[str, Any]]) -> Document:
        return stack(resource={SERVER: {name: {**other, "block_device": block} for name, block in by.items()}})

    things = review(tmp_path, attached(b=_disk(deleted=False), c=[]), attached(b=[], c=_disk(deleted=False))).things

    assert "c will be replaced: volume data comes from b" in "\n".join(str(thing.headline) for thing in things)


def test_a_server_that_boots_from_a_volume_loses_no_root_disk(tmp_path: Path) -> None:
    before, after = (a_server(block_device=_disk(deleted=False, boot=0), key_pair=key) for key in ("x", "y"))
    (thing,) = review(tmp_path, before, after).things

    assert "root disk" not in " ".join(map(str, thing.details))


def test_of_two_live_volumes_just_the_one_that_goes_is_pulled(tmp_path: Path) -> None:
    def live(*names: str) -> Document:
        return stack(
            resource={
                "openstack_compute_volume_attach_v2": {
                    f"a_{name}": {"instance_id": f"${{{SERVER}.a.id}}", "volume_id": name} for name in names
                }
            }
        )

    (thing,) = review(tmp_path, live("one", "two"), live("one")).things

    assert [str(detail) for detail in thing.details if "pulled" in str(detail)] == [
        "volume two is pulled from the running server: unmount it in the guest before"
    ]


def test_a_port_of_others_keeps_its_address(tmp_path: Path) -> None:
    nics = [{"port": "11111111-2222-3333-4444-555555555555", "fixed_ip_v4": "10.0.0.5"}]
    (thing,) = review(tmp_path, a_server(network=nics), a_server(network=nics, key_pair="x")).things

    assert "keeps its address 10.0.0.5" in str(thing.headline)


@pytest.mark.parametrize("text", ["${" * 100_000, "${a_" * 50_000, "${" + "a_" * 100_000 + "}", "${ " * 50_000 + "}"])
def test_a_text_that_is_made_to_take_long_does_not(tmp_path: Path, text: str) -> None:
    documents = [a_server(metadata={"a": text, "b": side}) for side in ("x", "y")]

    # The whole suite has a time; quadratic, this one would take minutes.
    assert told(tmp_path, *documents) == {"instance a": ()}


class TestSettings:
    """What changes of a whole stack is never `No changes`."""

    def test_where_the_state_is(self, tmp_path: Path) -> None:
        after = stack(terraform={"backend": {"local": {"path": "elsewhere"}}})

        assert told(tmp_path, stack(), after) == {"state shop": ("replace", "?")}

    def test_how_the_state_is_locked(self, tmp_path: Path) -> None:
        before, after = (
            stack(terraform={"backend": {"s3": {"bucket": "states", "key": "shop.tfstate", "use_lockfile": locked}}})
            for locked in (True, False)
        )

        assert told(tmp_path, before, after) == {"state shop": ("?",)}

    def test_that_the_state_is_encrypted_no_longer(self, tmp_path: Path) -> None:
        before = stack(terraform={"encryption": {"state": {"method": "method.aes_gcm.state_passphrase"}}})

        assert told(tmp_path, before, stack()) == {"encryption shop": ("?",)}

    def test_which_cloud_it_is(self, tmp_path: Path) -> None:
        after = stack(provider={"openstack": [{"region": "other"}]})

        assert told(tmp_path, stack(), after) == {"provider shop": ("replace", "?")}

    def test_which_provider_it_has(self, tmp_path: Path) -> None:
        newer = stack(terraform={"required_providers": {"openstack": {"version": "3.5.0"}}})
        other = stack(terraform={"required_providers": {"openstack": {"source": "y/openstack"}}})

        assert told(tmp_path / "newer", stack(), newer) == {"provider openstack": ("?",)}
        assert told(tmp_path / "other", stack(), other) == {"provider openstack": ("replace", "?")}

    def test_a_module_that_goes(self, tmp_path: Path) -> None:
        before = stack() | {"module": {"m": {"source": "./m"}}}

        assert told(tmp_path, before, stack()) == {"module m": ("destroy", "?")}

    def test_protection_that_is_taken_away(self, tmp_path: Path) -> None:
        found = review(tmp_path, a_server(lifecycle={"prevent_destroy": True}), stack())

        assert [str(note) for note in found.notes] == ["a is protected no longer (prevent_destroy)"]

    def test_a_stack_that_is_on_openstack_no_longer_destroys_what_it_had(self, tmp_path: Path) -> None:
        after: Document = {"provider": {"null": [{}]}, "resource": {}}

        assert told(tmp_path, stack(), after)["instance a"] == ("destroy",)


def test_an_import_may_replace(tmp_path: Path) -> None:
    other = {"name": "b", "flavor_name": "small"}
    after = stack(resource={SERVER: {"b": other}}) | {"import": [{"to": f"{SERVER}.b", "id": "1"}]}

    assert told(tmp_path, stack(), after) == {"instance b": ("replace", "?")}


def test_what_is_removed_from_the_state_alone_is_forgotten(tmp_path: Path) -> None:
    after = stack(resource={SERVER: None}) | {"removed": [{"from": f"{SERVER}.a", "lifecycle": [{"destroy": False}]}]}
    (thing,) = review(tmp_path, stack(), after).things

    assert (thing.action, thing.dangers) == (Action.FORGET, ())


def test_who_is_two_versions_behind_is_moved_all_the_way(tmp_path: Path) -> None:
    moved = [{"from": f"{SERVER}.a", "to": f"{SERVER}.b"}, {"from": f"{SERVER}.b", "to": f"{SERVER}.c"}]
    renamed = stack(resource={SERVER: {"a": None, "c": stack()["resource"][SERVER]["a"]}}) | {"moved": moved}
    (thing,) = review(tmp_path / "at once", stack(), renamed).things

    assert (thing.id, thing.action, thing.dangers) == ("c", Action.MOVE, ())
    assert told(tmp_path / "left in place", renamed, renamed) == {}


def test_a_key_pair_that_is_made_anew_under_its_name_replaces_no_server(tmp_path: Path) -> None:
    def with_key(public: str) -> Document:
        return stack(
            resource={
                KEY: {"ops": {"name": "ops", "public_key": public}},
                SERVER: {"a": {"key_pair": f"${{{KEY}.ops.name}}"}},
            }
        )

    assert told(tmp_path / "other key", with_key("x"), with_key("y")) == {"key pair ops": ("replace",)}
    assert "instance a" not in told(tmp_path / "literal", a_server(key_pair="ops"), with_key("x"))


def test_a_secret_among_attributes_is_not_shown(tmp_path: Path) -> None:
    before, after = (a_server(metadata={"db_password": secret}) for secret in ("hunter2-swordfish", "correct-horse-9"))
    found = repr(review(tmp_path, before, after))

    assert "hunter2" not in found
    assert "correct-horse" not in found
    assert "(sensitive)" in found


def test_ignored_user_data_is_not_shown_as_if_it_came(tmp_path: Path) -> None:
    ignoring = {"lifecycle": {"ignore_changes": ["user_data"]}}
    documents = [a_server(user_data=text, tags=[text], **ignoring) for text in ("a", "b")]
    folders = [write(tmp_path / side, document) for side, document in zip(("base", "head"), documents, strict=True)]
    for folder, text in zip(folders, ("a", "b"), strict=True):
        (folder / "stacks" / "shop" / "userdata").mkdir()
        (folder / "stacks" / "shop" / "userdata" / "a").write_text(f"#cloud-config\n# {text}\n")
    (found,) = reviewer.review(base=folders[0], head=folders[1]).stacks
    (thing,) = found.things

    assert thing.user_data == ()
    assert "its user data is declared otherwise, which is ignored until something else replaces it" in [
        str(detail) for detail in thing.details
    ]


class TestAFolderOfSomebodyElse:
    """It may come from a fork: it must not choose which files are read."""

    def test_no_file_outside_of_it_is_shown_as_user_data(self, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text("swordfish\n")
        document = stack(resource={SERVER: {"../../../../secret": {"name": "x", "user_data": "x"}}})
        head = write(tmp_path / "head", document)
        (head / "stacks" / "shop" / "userdata").mkdir()
        (head / "stacks" / "shop" / "userdata" / "a").symlink_to(tmp_path / "secret")

        assert "swordfish" not in repr(reviewer.review(base=write(tmp_path / "base", stack()), head=head))

    def test_no_file_outside_of_it_is_read_as_a_stack(self, tmp_path: Path) -> None:
        head = write(tmp_path / "head", stack())
        (head / "stacks" / "shop" / "cdk.tf.json").rename(tmp_path / "outside.json")
        (head / "stacks" / "shop" / "cdk.tf.json").symlink_to(tmp_path / "outside.json")

        with pytest.raises(EstateError, match="lists a file outside of"):
            reviewer.review(head=head)

    @pytest.mark.parametrize("section", ["resource", "data"])
    @pytest.mark.parametrize("wrong", [[], "x", {SERVER: []}, {SERVER: {"a": "x"}}])
    def test_what_no_synthesis_writes_is_refused(self, tmp_path: Path, section: str, wrong: object) -> None:
        with pytest.raises(EstateError, match="not as a synthesis writes it"):
            reviewer.review(head=write(tmp_path / "head", stack() | {section: wrong}))


def test_a_server_that_the_cloud_shows_by_another_name_is_told_with_it(tmp_path: Path) -> None:
    shown = review(tmp_path, a_server(name="www.example.com"), a_server(name="www.example.com", key_pair="k"))
    (other,) = [thing for thing in shown.things if thing.kind == "instance"]
    assert (other.id, other.name) == ("a", "www.example.com")
