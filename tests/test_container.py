"""Containers and objects: who gets at them, and that an object is changed as a whole or not at all."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivc import Anyone, Container, DeclarationError, OpenStackStack, Project, StoredObject, User
from ivc.declare.access_list import Reader, access_list
from tests.conftest import StackFactory
from tests.helpers import (
    CONTAINER,
    INSTANCE,
    OBJECT,
    TRIGGER,
    backend,
    data_sources,
    new_stack,
    rendered,
    resources,
    server,
    synth,
    template,
    tree,
)

PROJECT, USER = "0a" * 16, "0b" * 16
CONTENT = b"\x1f\x8b\x00\xff app"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
IN_TERRAFORM = "releases_app_tar_gz_4a21ab"


def store(stack: OpenStackStack, **said: Any) -> Container:
    """A container that anyone reads."""
    return Container(stack, "releases", **{"readers": [Anyone()]} | said)


def app_in(container: Container, content: bytes = CONTENT, **said: Any) -> StoredObject:
    """An object of a file."""
    file = container._stack.app.folder / "files" / "app.tar.gz"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    return container.file("app.tar.gz", "files/app.tar.gz", **said)


def test_a_container_is_its_projects_alone_marked_and_protected(shop: OpenStackStack) -> None:
    Container(shop, "releases")
    synthesized = synth(shop)
    assert resources(synthesized, CONTAINER) == {
        "releases": {
            "name": "releases",
            "metadata": {"ivc": "shop/releases"},
            "lifecycle": {
                "prevent_destroy": True,
                "replace_triggered_by": [f"{TRIGGER}.releases__container_name"],
            },
        }
    }
    # The provider takes another name for a change in place, and does nothing.
    assert resources(synthesized, TRIGGER) == {"releases__container_name": {"input": {"name": "releases"}}}


def test_readers_and_writers_are_words(shop: OpenStackStack) -> None:
    store(
        shop,
        readers=[User(USER), Anyone(listing=True), Project(PROJECT)],
        writers=[User(USER, project=PROJECT)],
        metadata={"owner": "${ops}"},
    )
    made = resources(synth(shop), CONTAINER)["releases"]
    assert made["container_read"] == f"*:{USER},.r:*,.rlistings,{PROJECT}:*"
    assert made["container_write"] == f"{PROJECT}:{USER}"
    assert made["metadata"] == {"owner": "$${ops}", "ivc": "shop/releases"}


_HEX = st.text("0123456789abcdef", min_size=32, max_size=32)
_READERS = st.one_of(
    st.builds(Anyone, listing=st.booleans()), st.builds(Project, _HEX), st.builds(User, _HEX, st.none() | _HEX)
)


@settings(deadline=None)
@given(st.lists(_READERS, max_size=5), st.randoms())
def test_their_order_changes_no_byte_and_nobody_is_added(readers: list[Reader], random: Any) -> None:
    shuffled = [*readers, *readers[:1]]
    random.shuffle(shuffled)
    said = access_list(shuffled)
    assert said == access_list(readers)
    assert (".r:*" in said.split(",")) == any(isinstance(one, Anyone) for one in readers)
    assert set(filter(None, said.split(","))) == {entry for one in readers for entry in one._entries}


def test_it_goes_with_its_objects_only_where_that_is_said_twice(shop: OpenStackStack) -> None:
    with pytest.raises(DeclarationError, match=r"^Container cache: force_destroy: it is protected as well, so that no"):
        Container(shop, "cache", force_destroy=True)
    Container(shop, "scratch", force_destroy=True, prevent_destroy=False)
    made = resources(synth(shop), CONTAINER)["scratch"]
    assert made["force_destroy"] is True
    assert "prevent_destroy" not in made["lifecycle"]


def test_an_object_is_of_a_file_and_only_ever_replaced(shop: OpenStackStack) -> None:
    app = app_in(store(shop))
    synthesized = synth(shop)
    assert resources(synthesized, OBJECT) == {
        IN_TERRAFORM: {
            "container_name": f"${{{CONTAINER}.releases.name}}",
            "name": "app.tar.gz",
            "source": f"${{path.module}}/objects/{IN_TERRAFORM}",
            "etag": hashlib.md5(CONTENT, usedforsecurity=False).hexdigest(),
            "metadata": {"ivc": f"shop/{IN_TERRAFORM}"},
            "lifecycle": {
                "ignore_changes": "all",
                "replace_triggered_by": [
                    f"{TRIGGER}.{IN_TERRAFORM}__object_content",
                    f"{TRIGGER}.releases__container_name",
                ],
            },
        }
    }
    assert resources(synthesized, TRIGGER)[f"{IN_TERRAFORM}__object_content"] == {"input": {"sha256": SHA256}}
    assert (app.name, app.sha256) == ("app.tar.gz", SHA256)


def test_whatever_is_said_of_an_object_replaces_it(tmp_path: Path) -> None:
    """A change that the trigger does not hold would be ignored for ever."""
    held = set()
    for number, (content, said) in enumerate(
        [(CONTENT, {}), (b"other", {}), (CONTENT, {"content_type": "text/html"}), (CONTENT, {"content_type": "a/b"})]
    ):
        stack = new_stack(tmp_path / str(number))
        app_in(store(stack), content, **said)
        held.add(json.dumps(resources(synth(stack), TRIGGER)[f"{IN_TERRAFORM}__object_content"], sort_keys=True))
    assert len(held) == 4


def test_its_content_stands_beside_the_json_and_what_is_no_longer_declared_goes(tmp_path: Path) -> None:
    (tmp_path / "cdktf.json").write_text("{}")
    stack = new_stack(tmp_path)
    app_in(store(stack).waive("IVC161", reason="it is free software"))
    stack.app.synth()
    folder = Path(stack.app.outdir) / "stacks" / "shop"
    assert tree(folder / "objects") == {IN_TERRAFORM: CONTENT}
    new_stack(tmp_path).app.synth()
    assert tree(folder / "objects") == {}


def test_a_server_that_fetches_it_waits_for_it_and_its_user_data_stays_the_same(shop: OpenStackStack) -> None:
    app = app_in(store(shop))
    text = template(shop, "#cloud-config\nruncmd:\n  - curl '{{ app.url }}' # {{ app.sha256 }}\n", app=app)
    server(shop, "www", backend(shop), user_data=text)
    synthesized = synth(shop)
    said = resources(synthesized, INSTANCE)["www"]["user_data"]
    address = f"{OBJECT}.{IN_TERRAFORM}"
    assert f'join("/", [local.object_store, {address}.container_name, {address}.name])' in said
    assert b"curl '<URL of app.tar.gz in container releases>'" in rendered(shop, "www")
    # An object's id, unlike its name, is unknown while it is replaced, and would replace the server each time.
    assert f"{address}.id" not in json.dumps(synthesized)
    found = data_sources(synthesized, "openstack_identity_auth_scope_v3")["object-store"]
    (rule,) = found["lifecycle"]["postcondition"]
    assert rule["error_message"].startswith("This cloud has no object store: ")


def test_only_what_anyone_reads_has_a_url(shop: OpenStackStack) -> None:
    app = app_in(store(shop, readers=[Project(PROJECT)]))
    with pytest.raises(
        DeclarationError, match=r"^Container releases: url of app\.tar\.gz: nobody gets it there without"
    ):
        _ = app.url


def test_what_somebody_else_puts_there_is_named_and_nothing_is_made(shop: OpenStackStack) -> None:
    theirs = Container.lookup(shop, "their-releases")
    app = theirs.object("app-1.2.tar.gz", sha256=SHA256)
    url = app.url
    assert not isinstance(url, str)
    assert url.expression == 'join("/", [local.object_store, "their-releases", "app-1.2.tar.gz"])'
    assert "resource" not in synth(shop)


def test_an_object_may_be_put_into_a_container_that_exists(shop: OpenStackStack) -> None:
    (shop.app.folder / "motd").write_text("hello")
    Container.lookup(shop, "theirs").file("motd", "motd")
    synthesized = synth(shop)
    made = resources(synthesized, OBJECT)["theirs_motd"]
    assert made["container_name"] == "theirs"
    assert made["lifecycle"]["replace_triggered_by"] == [f"{TRIGGER}.theirs_motd__object_content"]
    assert CONTAINER not in synthesized["resource"]


def test_a_rename_moves_it_with_its_objects(shop: OpenStackStack) -> None:
    (shop.app.folder / "motd").write_text("hello")
    store(shop, renamed_from="downloads", name="downloads").file("motd", "motd")
    assert {"from": f"{OBJECT}.downloads_motd", "to": f"{OBJECT}.releases_motd"} in synth(shop)["moved"]
    with pytest.raises(DeclarationError, match=r"^Container b: renamed_from: its name in the cloud would change too"):
        Container(shop, "b", renamed_from="a")


def test_everybodys_container_is_found_by_a_policy(shop: OpenStackStack, capsys: pytest.CaptureFixture[str]) -> None:
    store(shop)
    shop.app.synth()
    assert "container releases: anybody can read its objects: name those that are meant (IVC161)" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("a b", "Container releases: file: name: a URL does not take 'a b' as it is; use letters, digits, '.', '_'"),
        ("/a", "Container releases: file: name: a URL does not take '/a' as it is; use"),
        ("a/../b", "Container releases: file: name: a URL does not take 'a/../b' as it is; use"),
        ("ä" * 2, "Container releases: file: name: a URL does not take 'ää' as it is; use"),
        ("a" * 1025, "Container releases: file: name: it has 1025 characters, and Swift takes 1024; make it shorter"),
    ],
)
def test_a_name_that_a_url_does_not_take_is_one_sentence(shop: OpenStackStack, name: str, sentence: str) -> None:
    with pytest.raises(DeclarationError) as raised:
        store(shop).file(name, "x")
    assert str(raised.value).startswith(sentence)


def test_a_container_has_a_name_that_a_url_takes(shop: OpenStackStack) -> None:
    with pytest.raises(DeclarationError, match=r"^Container c: name: a URL does not take 'a/b' as it is; use letters"):
        Container(shop, "c", name="a/b")
    with pytest.raises(DeclarationError, match=r"^Container\.lookup\('\?'\): name: a URL does not take '\?' as it is"):
        Container.lookup(shop, "?")


def test_a_file_that_is_not_there_is_one_sentence(shop: OpenStackStack) -> None:
    (shop.app.folder / "dist").mkdir()
    with pytest.raises(DeclarationError, match=r"^Container releases: file: file: there is no file \S+/files/no; say"):
        store(shop).file("no", "files/no")
    with pytest.raises(DeclarationError, match=r"^Container b: file: file: \S+/dist is a folder; give a file, such as"):
        Container(shop, "b").file("dist", "dist")


@pytest.mark.parametrize("wrong", ["", "x", SHA256.upper(), SHA256[:-1]])
def test_what_is_no_sha256_is_one_sentence(shop: OpenStackStack, wrong: str) -> None:
    with pytest.raises(DeclarationError, match=r"^Container releases: object: sha256: '.*' is none, of 64 hexadecimal"):
        store(shop).object("app", sha256=wrong)


def test_a_name_is_taken_once(shop: OpenStackStack) -> None:
    container = store(shop)
    app_in(container)
    with pytest.raises(
        DeclarationError, match=r"^Container releases: file: name: it has an object called 'app\.tar\.gz' alr"
    ):
        app_in(container)


@pytest.mark.parametrize(("make", "sentence"), [(Project, "Project: id"), (User, "User: id")])
def test_a_name_is_no_id(make: Any, sentence: str) -> None:
    with pytest.raises(DeclarationError, match=rf"^{sentence}: 'ops' is"):
        make("ops")


def test_an_object_of_another_stack_is_refused(make_stack: StackFactory) -> None:
    shop, staging = make_stack("shop"), make_stack("staging")
    app = app_in(store(shop))
    text = template(staging, "#cloud-config\nruncmd:\n  - curl '{{ app.url }}'\n", app=app)
    with pytest.raises(DeclarationError, match=r"Container releases is of stack shop, and this is stack staging; look"):
        server(staging, "www", backend(staging), user_data=text)


def test_a_container_of_one_stack_has_one_owner(shop: OpenStackStack) -> None:
    Container(shop, "releases")
    with pytest.raises(DeclarationError) as raised:
        Container(shop, "other", name="releases")
    assert str(raised.value) == (
        "Container other: the container releases is that of Container releases already; give another name"
    )


def test_no_two_stacks_have_one_container_or_one_object(shop: OpenStackStack) -> None:
    """Whichever is deployed last would have it, and whichever is destroyed first would take it from the other."""
    other = OpenStackStack(shop.app, "other")
    Container(shop, "releases")
    Container(other, "builds", name="releases")
    with pytest.raises(
        DeclarationError, match=r"^Container builds \(stack other\): the container releases is taken by "
    ):
        shop.app.synth()


def test_no_two_stacks_put_one_object_into_a_container(shop: OpenStackStack) -> None:
    for stack in (shop, OpenStackStack(shop.app, "other")):
        app_in(Container.lookup(stack, "releases"))  # type: ignore[arg-type] # one that is looked up takes it, too
    with pytest.raises(DeclarationError, match=r"the object app\.tar\.gz of the container releases is taken by "):
        shop.app.synth()
