"""Forms of user data: several documents as a MIME message, addresses to include, scripts."""

from __future__ import annotations

import email
import email.message
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivc import OpenStackStack
from ivc.userdata import AtApply, Document, FileTree, UserData
from ivc.userdata.forms import Part, multipart
from tests.helpers import backend, rendered, server, template, user_data

CONFIG = "#cloud-config\npackages: [nginx]\n"
OTHER = "#cloud-config\npackages: [curl]\n"
SCRIPT = '#!/bin/sh\necho "$1" = x\n'


def message_of(text: str) -> email.message.Message:
    """As cloud-init reads a message (cloudinit/user_data.py): from text, not from bytes."""
    return email.message_from_string(text)


def payloads(text: str) -> list[bytes]:
    found = [part.get_payload(decode=True) for part in message_of(text).walk() if not part.is_multipart()]
    assert all(isinstance(payload, bytes) for payload in found)
    return [payload for payload in found if isinstance(payload, bytes)]


def several(folder: Path, *texts: str, **variables: Any) -> UserData:
    for number, text in enumerate(texts):
        (folder / f"t{number}.jinja").write_bytes(text.encode())
    return UserData.multipart([UserData.template(f"t{number}.jinja", **variables) for number in range(len(texts))])


def refused(folder: Path, data: UserData) -> str:
    with pytest.raises(ValueError, match=r"\S") as raised:
        data.render(folder=folder, instance=None)
    assert "\n" not in str(raised.value)
    return str(raised.value).replace(f"{folder}/", "")


@given(
    st.lists(
        st.one_of(
            st.text(st.characters(codec="utf-8"), max_size=80),
            st.text(st.sampled_from("\r\n -=.\t\x0b\x0c\x1c\x85\u2028äa\x00"), max_size=40),
            st.binary(max_size=40).map(lambda data: data.decode("latin-1") * 9),
            st.sampled_from(["--ivc-0\n", "From a\n.\n", "x" * 2000, "a=20\nb=\n", "Content-Type: a/b\n\nc", "ä" * 99]),
        ).map("#!{}".format),
        min_size=1,
        max_size=4,
    )
)
@example(["#!/bin/sh\r"])  # What ends in half a line end.
@settings(deadline=None, max_examples=300)
def test_every_part_comes_back_unchanged(texts: list[str]) -> None:
    document = multipart([Part("a", Document((text,))) for text in texts])
    assert payloads(document.readable) == [text.encode() for text in texts]
    assert multipart([Part("a", Document((text,))) for text in texts]) == document
    boundary = message_of(document.readable).get_boundary()
    assert document.readable.count(f"--{boundary}") == len(texts) + 1


def test_a_message_reads_well(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "www.yaml.jinja").write_text("#cloud-config\npackages: [ {{ what }} ]\n")
    (tmp_path / "first boot.sh").write_text("#!/bin/sh\necho Grüße\n")
    data = UserData.multipart(
        [
            UserData.template("sub/www.yaml.jinja", what="nginx"),
            UserData.template("first boot.sh"),
            UserData.include("https://example.com/a"),
        ]
    )
    text = data.render(folder=tmp_path, instance=None).readable
    boundary = message_of(text).get_boundary()
    assert boundary is not None
    assert (
        text.replace(boundary, "BOUNDARY")
        == """\
Content-Type: multipart/mixed; boundary="BOUNDARY"
MIME-Version: 1.0

--BOUNDARY
Content-Type: text/cloud-config; charset="utf-8"
Content-Transfer-Encoding: 7bit
Content-Disposition: attachment; filename="01-www.yaml"

#cloud-config
packages: [ nginx ]

--BOUNDARY
Content-Type: text/x-shellscript; charset="utf-8"
Content-Transfer-Encoding: quoted-printable
Content-Disposition: attachment; filename="02-first-boot.sh"

#!/bin/sh
echo Gr=C3=BC=C3=9Fe

--BOUNDARY
Content-Type: text/x-include-url; charset="utf-8"
Content-Transfer-Encoding: 7bit
Content-Disposition: attachment; filename="03-include"

#include
https://example.com/a

--BOUNDARY--
"""
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (CONFIG, "text/cloud-config"),
        (SCRIPT, "text/x-shellscript"),
        ("## template: jinja\n#cloud-config\n", "text/jinja2"),
        ("#include\nhttps://a.b/c\n", "text/x-include-url"),
        ("#include-once\nhttps://a.b/c\n", "text/x-include-once-url"),
        ("#cloud-boothook\n#!/bin/sh\n", "text/cloud-boothook"),
        ("#part-handler\n", "text/part-handler"),
        ("#cloud-config-archive\n- x\n", "text/cloud-config-archive"),
        ("#cloud-config-jsonp\n[]\n", "text/cloud-config-jsonp"),
    ],
)
def test_a_part_is_typed_by_its_first_line(text: str, kind: str) -> None:
    message = message_of(multipart([Part("a", Document((text,)))]).readable)
    assert [part.get_content_type() for part in message.walk()] == ["multipart/mixed", kind]


def test_parts_are_named_in_their_order() -> None:
    """The guest runs scripts in the order of their names, and one of a name would take another's place."""
    document = multipart([Part("b/run.sh.jinja", Document((SCRIPT,)))] * 12)
    names = [part.get_filename() for part in message_of(document.readable).walk() if part.get_filename()]
    assert names == [f"{number:02}-run.sh" for number in range(1, 13)]


def test_a_value_known_only_at_apply_stays_plain_in_a_part(tmp_path: Path) -> None:
    ip = AtApply("port.ip", "the address", 40)
    data = several(tmp_path, CONFIG + "hostname: {{ ip }}\n", "#!/bin/sh\necho ä\n", SCRIPT + "ping {{ ip }}", ip=ip)
    document = data.render(folder=tmp_path, instance=None)
    assert [part for part in document.parts if isinstance(part, AtApply)] == [ip, ip]
    text = "".join(part if isinstance(part, str) else "10.0.0.1" for part in document.parts)
    assert payloads(text)[0] == f"{CONFIG}hostname: 10.0.0.1\n".encode()
    assert payloads(text)[2] == f"{SCRIPT}ping 10.0.0.1".encode()


def test_a_value_known_only_at_apply_is_refused_where_the_part_must_be_encoded(tmp_path: Path) -> None:
    data = several(tmp_path, "#!/bin/sh\necho ä {{ ip }}\n", ip=AtApply("port.ip", "the address", 40))
    assert refused(tmp_path, data) == (
        "t0.jinja: <the address> is known only at apply, and the part would have to be encoded for "
        "MIME, which keeps ASCII alone as it is: 'echo ä '; write that in ASCII, or put it into a part of its own"
    )


def test_a_key_that_two_parts_have_is_refused(tmp_path: Path) -> None:
    """cloud-init takes the last and forgets the first, without a word."""
    assert refused(tmp_path, several(tmp_path, CONFIG, SCRIPT, OTHER + "runcmd: []\n")) == (
        "UserData.multipart: line 26 of the result: packages also stands in 01-t0, and cloud-init would forget what "
        "that says; put it into one part, or write merge_how: 'list(append)+dict(recurse_array)+str()' in the later one"
    )
    assert "packages also stands" in refused(tmp_path, several(tmp_path, CONFIG, f"## template: jinja\n{OTHER}"))
    other = '#cloud-config\n"packages" : [curl]\n'
    assert "packages also stands" in refused(tmp_path, several(tmp_path, CONFIG, other))
    several(tmp_path, CONFIG, other + "merge_how: 'list(append)+dict(recurse_array)'\n").render(
        folder=tmp_path, instance=None
    )


def test_each_part_is_checked_and_named(tmp_path: Path) -> None:
    assert refused(tmp_path, several(tmp_path, CONFIG, "echo\n")).startswith("t1.jinja: the first line is 'echo'")
    nested = UserData.multipart([several(tmp_path, CONFIG)])
    assert "a part cannot have parts itself" in refused(tmp_path, nested)
    with pytest.raises(ValueError, match="give at least one part"):
        UserData.multipart([])


def test_files_can_join_what_the_guest_renders_again_as_a_part(tmp_path: Path) -> None:
    """The guest's own Jinja leaves them alone there."""
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "a").write_text("{{ v1.x }}\r\n")
    (tmp_path / "t").write_text("## template: jinja\n#cloud-config\nhostname: {{ v1.instance_id }}\n")
    data = UserData.multipart([UserData.template("t"), UserData.files(FileTree("www"))])
    config, files = payloads(data.render(folder=tmp_path, instance=None).readable)
    assert config.endswith(b"hostname: {{ v1.instance_id }}\n")
    assert b'"{{ v1.x }}\\r\\n"' in files.replace(b"\\\n      ", b"")


def test_an_include_is_its_addresses_in_order(tmp_path: Path) -> None:
    data = UserData.include("https://example.com/a?b=c", "http://[2001:db8::1]:8080/b")
    assert data.render(folder=tmp_path, instance=None).readable == (
        "#include\nhttps://example.com/a?b=c\nhttp://[2001:db8::1]:8080/b\n"
    )


@pytest.mark.parametrize(
    "url",
    ["https:/example.com/x", "example.com/x", "ftp://a.b/c", "file:///etc/passwd", "https://", "https://a.b/c d",
     "https://a.b/c\n#", "https://ä.b/", "https://a.b:x/", "https://[::1/", "", "#https://a.b", " https://a.b"],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"^UserData.include: .* https://example.com/user-data$"):
        UserData.include(url)


def test_an_address_with_a_password_is_refused_and_not_repeated() -> None:
    with pytest.raises(ValueError, match=r"an address at example.com has a user or password in it") as raised:
        UserData.include("https://" + "ops:" + "hunter2" + "@example.com/a")
    assert "hunter2" not in str(raised.value)
    with pytest.raises(ValueError, match="give at least one address"):
        UserData.include()


def test_a_script_is_a_template(tmp_path: Path) -> None:
    (tmp_path / "s.sh.jinja").write_text("#!/bin/sh\necho {{ x }}\n")
    data = UserData.template("s.sh.jinja", x=1)
    assert data.render(folder=tmp_path, instance=None).readable == "#!/bin/sh\necho 1\n"


def test_each_parts_variables_reach_terraform(shop: OpenStackStack) -> None:
    """CDKTF's own tokens in them too, escaped as all other text."""
    network = backend(shop)
    first = server(shop, "a", network)
    tree = shop.app.templates / "www" / "etc" / "peer.jinja"
    tree.parent.mkdir(parents=True)
    tree.write_text("${PEER} = {{ peer }}\n")
    parts = [
        UserData.files(FileTree("www"), peer=first.l1.id),
        template(shop, "#!/bin/sh\nping {{ peer }}\n", "s.sh", peer=first.l1.name),
    ]
    server(shop, "b", network, user_data=UserData.multipart(parts))
    text = user_data(shop, "b")
    assert "      $${PEER} = ${openstack_compute_instance_v2.a.id}\n" in text
    # A name is known beforehand to whoever reads the JSON.
    assert "\nping a\n" in text
    assert b"\nping <openstack_compute_instance_v2.a.name>\n" in rendered(shop, "b")
    assert b"      ${PEER} = <openstack_compute_instance_v2.a.id>\n" in rendered(shop, "b")


def test_a_wrong_variable_of_a_part_names_the_instance(shop: OpenStackStack) -> None:
    network = backend(shop)
    first = server(shop, "a", network)
    part = template(shop, "#!/bin/sh\n{{ x }}", "s.sh", x=f"id: {first.l1.id}")
    with pytest.raises(
        ValueError, match="Instance b: user_data: variable x: it holds a value known only at apply among"
    ):
        server(shop, "b", network, user_data=UserData.multipart([part]))
