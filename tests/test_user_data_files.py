"""User data stands in a file beside the JSON: what people read there is what Terraform sends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from ivc import Network, OpenStackStack
from ivc.estate import EstateError
from ivc.estate.template_text import template as as_json
from ivc.estate.user_data import HASH, check, expression, hash_of
from ivc.terraform.document import Document as Terraform
from ivc.terraform.value import Unknown
from ivc.userdata import AtApply, Document
from tests.helpers import INSTANCE, Json, backend, rendered, resources, server, synth, template, user_data

VALUES = (
    AtApply("data.a.b.id", "id of volume a", 36),
    AtApply('concat([for ip in x : ip if !strcontains(ip, ":")], y)[0]', 'address of "w, (1)" on é\\ ${n} %{m} 𝄞', 39),
    AtApply('f("a, b)", g(1, 2))', "x", 3),
)


def written(folder: Path, text: Document, *, note: bool = True) -> tuple[Json, Path]:
    """A JSON with one instance called `www`, and its file."""
    path = folder / "cdk.tf.json"
    (folder / "userdata").mkdir(exist_ok=True)
    (folder / "userdata" / "www").write_bytes(text.readable.encode())
    document: dict[str, Any] = {"resource": {INSTANCE: {"www": {"user_data": expression("www", text)}}}}
    if note:
        document["//"] = {"ivc": {"www": {HASH: hash_of(text.readable)}}}
    return document, path


def read(document: Json, path: Path) -> object:
    """What the instance's user data comes to."""
    whole = Terraform.of("shop", document, path)
    check(whole, path)
    return whole.elements[f"{INSTANCE}.www"].given["user_data"]


def in_json(said: str) -> object:
    """What it comes to where it stands in the JSON, as older versions wrote it."""
    return read({"resource": {INSTANCE: {"www": {"user_data": said}}}}, Path("cdk.tf.json"))


def test_the_json_names_the_file_and_the_file_holds_the_text(shop: OpenStackStack) -> None:
    data = template(shop, "#cloud-config\nhostname: www\n# ${HOME} %{http_code} $$\n")
    server(shop, "www", backend(shop), user_data=data)
    assert resources(synth(shop), INSTANCE)["www"]["user_data"] == '${file("${path.module}/userdata/www")}'
    assert rendered(shop, "www") == b"#cloud-config\nhostname: www\n# ${HOME} %{http_code} $$\n"


def test_what_only_apply_knows_takes_the_place_of_its_placeholder(shop: OpenStackStack) -> None:
    data = template(shop, "#cloud-config\nhostname: {{ instance.addresses['Ext-Net'] }}\n")
    server(shop, "www", Network.lookup(shop, "Ext-Net"), user_data=data)
    said = resources(synth(shop), INSTANCE)["www"]["user_data"]
    assert said.startswith('${replace(file("${path.module}/userdata/www"), "<address of www on Ext-Net>", concat(')
    assert rendered(shop, "www") == b"#cloud-config\nhostname: <address of www on Ext-Net>\n"


def test_two_addresses_of_a_server_in_one_network_are_told_apart(shop: OpenStackStack) -> None:
    network = backend(shop)
    data = template(shop, "#cloud-config\n{% for n in instance.networks %}# {{ n.ip }}\n{% endfor %}")
    server(shop, "www", nics=[network.nic(), network.nic()], user_data=data)
    assert rendered(shop, "www") == (b"#cloud-config\n# <address of www on backend>\n# <address of www on backend-2>\n")


def test_a_placeholder_in_ones_own_text_is_refused(shop: OpenStackStack) -> None:
    text = "#cloud-config\nhostname: {{ instance.addresses['Ext-Net'] }}\n# not <address of www on Ext-Net>\n"
    with pytest.raises(ValueError, match=r"^Instance www: user_data: its own text makes <address of www on Ext-Net>, "):
        server(shop, "www", Network.lookup(shop, "Ext-Net"), user_data=template(shop, text))


def test_a_placeholder_that_only_text_and_value_together_make_is_refused() -> None:
    text = Document(("<", AtApply("a", "b", 1), AtApply("c", "<b>", 1)))
    with pytest.raises(ValueError, match=r"its own text makes <b>, which stands for a value known only at apply"):
        expression("www", text)


def test_two_values_of_one_placeholder_are_refused() -> None:
    text = Document((AtApply("a", "address of www", 1), AtApply("b", "address of www", 1)))
    with pytest.raises(ValueError, match="are both shown as <address of www>; give what they belong to "):
        expression("www", text)


_texts = st.lists(
    st.one_of(
        st.sampled_from(["<", ">", "<x>", "${", "%{", "$", "%", '"', "\\", "a, b", ")", "\r\n", "\r", "é"]),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5),
    ),
    max_size=4,
).map("".join)


@given(parts=st.lists(st.one_of(_texts, st.sampled_from(VALUES)), max_size=6), noted=st.booleans())
def test_what_is_read_is_what_a_json_without_files_held(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str | AtApply], noted: bool
) -> None:
    text = Document(tuple(parts))
    try:
        document, path = written(tmp_path_factory.mktemp("stack"), text, note=noted)
    except ValueError:
        reject()
    assert read(document, path) == in_json(as_json(text.parts))


def test_a_file_that_was_changed_or_taken_away_is_told(tmp_path: Path) -> None:
    document, path = written(tmp_path, Document(("#cloud-config\n",)))
    (tmp_path / "userdata" / "www").write_text("#cloud-config\nhostname: other\n")
    with pytest.raises(EstateError, match=r"userdata/www is not as it was written: somebody changed it"):
        read(document, path)
    (tmp_path / "userdata" / "www").unlink()
    with pytest.raises(EstateError, match=r"userdata/www, which .*cdk\.tf\.json reads, is not there"):
        read(document, path)


def test_no_file_outside_of_the_folder_is_read(tmp_path: Path) -> None:
    document, path = written(tmp_path, Document(("#cloud-config\n",)))
    outside = tmp_path / "secret"
    outside.write_text("s3cret")
    (tmp_path / "userdata" / "www").unlink()
    (tmp_path / "userdata" / "www").symlink_to(outside)
    with pytest.raises(EstateError, match="is not there"):
        read(document, path)


@pytest.mark.parametrize(
    "said",
    [
        '${file("${path.module}/userdata/other")}',
        '${file("${path.module}/../www")}',
        '${file("/etc/passwd")}',
        '${templatefile("${path.module}/userdata/www", {})}',
    ],
)
def test_no_other_file_is_read_where_somebody_wrote_it_by_hand(tmp_path: Path, said: str) -> None:
    (tmp_path / "www").write_text("outside")
    (tmp_path / "stack").mkdir()
    document, path = written(tmp_path / "stack", Document(("#cloud-config\n",)))
    document["resource"][INSTANCE]["www"]["user_data"] = said
    found = read(document, path)
    assert isinstance(found, Unknown)
    assert str(found) == said


@pytest.mark.parametrize(
    "said",
    [
        '${replace(file("${path.module}/userdata/www"), "no placeholder", x)}',
        '${replace(file("${path.module}/userdata/www"), "<a>")}',
        '${replace(file("${path.module}/userdata/www"), "<a>", "${f("b", ")")}")}',
        '${base64encode(file("${path.module}/userdata/www"))}',
    ],
)
def test_a_change_of_a_file_shows_whatever_is_done_with_it(tmp_path: Path, said: str) -> None:
    found = []
    for text in ("#cloud-config\nhostname: a\n", "#cloud-config\nhostname: b\n"):
        document, path = written(tmp_path, Document((text,)))
        document["resource"][INSTANCE]["www"]["user_data"] = said
        found.append(read(document, path))
    assert found[0] != found[1]


def test_a_change_of_what_is_done_with_a_file_shows(tmp_path: Path) -> None:
    document, path = written(tmp_path, Document(("#cloud-config\n# <a>\n",)))
    found = []
    for said in ("base64encode(x)", "base64gzip(x)", 'replace(x, "<a>", "1")', 'replace(x, "<a>", "2")', "x"):
        file = 'file("${path.module}/userdata/www")'
        document["resource"][INSTANCE]["www"]["user_data"] = f"${{{said.replace('x', file)}}}"
        found.append(read(document, path))
    assert len({repr(each) for each in found}) == len(found)
    assert found[2:] == ["#cloud-config\n# 1\n", "#cloud-config\n# 2\n", "#cloud-config\n# <a>\n"]


def test_terraform_and_the_readers_come_to_the_same(shop: OpenStackStack) -> None:
    data = template(shop, "#cloud-config\nhostname: ${a}-{{ instance.addresses['Ext-Net'] }}\n")
    server(shop, "www", Network.lookup(shop, "Ext-Net"), user_data=data)
    ips = "sort(openstack_networking_port_v2.www_Ext-Net.all_fixed_ips)"
    assert user_data(shop, "www") == (
        f'#cloud-config\nhostname: $${{a}}-${{concat([for ip in {ips} : ip if !strcontains(ip, ":")], {ips})[0]}}\n'
    )
