"""User data: Jinja templates, byte for byte, and the readable file beside the JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ivc import Network, OpenStackStack, UserData
from ivc.userdata import NOVA_LIMIT
from tests.helpers import INSTANCE, PORT, backend, new_stack, rendered, resources, server, synth, template, user_data

# A kind of document whose text is not looked into: these tests are of the engine.
HEADER = "#part-handler\n"


def render(folder: Path, text: str, /, instance: object = None, **variables: Any) -> str:
    """A template's text, rendered without any cloud."""
    (folder / "t").write_bytes(text.encode())
    return UserData.template("t", **variables).render(folder=folder, instance=instance).readable


def refused(folder: Path, text: str, /, **variables: object) -> str:
    with pytest.raises(ValueError, match="t") as raised:
        render(folder, text, **variables)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_the_text_arrives_byte_for_byte(shop: OpenStackStack) -> None:
    text = HEADER + "a: '${HOME} %{http_code} $$ $${x} %%{y} \"q\" \\n \\\\'\r\n\tb: äöü → 𝄞\r\n\r\n\n"
    server(shop, "www", backend(shop), user_data=template(shop, text))
    written = text.replace("${", "$${").replace("%{", "%%{")
    assert user_data(shop, "www") == written
    assert rendered(shop, "www") == text.encode()


def test_a_server_without_user_data_has_no_file(shop: OpenStackStack) -> None:
    server(shop, "www", backend(shop))
    shop.app.synth()
    assert not (Path(shop.app.outdir) / "stacks" / "shop" / "userdata").exists()
    assert "user_data" not in resources(synth(shop), INSTANCE)["www"]


def test_files_of_servers_that_are_gone_vanish_at_the_next_synth(tmp_path: Path) -> None:
    folder = tmp_path / "cdktf.out" / "stacks" / "shop" / "userdata"
    for servers in (["a", "b", "c"], ["b"], []):
        stack = new_stack(tmp_path)
        network = backend(stack)
        for name in servers:
            server(stack, name, network, user_data=template(stack, HEADER))
        stack.app.synth()
        assert sorted(path.name for path in folder.iterdir()) == servers


@pytest.mark.parametrize("ending", ["", "\n", "\n\n\n", "\r\n", " \t", "\r"])
def test_the_end_of_a_template_stays_as_it_is(tmp_path: Path, ending: str) -> None:
    assert render(tmp_path, f"#part-handler\na: b{ending}") == f"#part-handler\na: b{ending}"


def test_line_ends_stay_as_they_are_also_mixed(tmp_path: Path) -> None:
    text = "#part-handler\r\na\nb\r\nc\rd\r\r\n{% if true %}e\r\n{% endif %}\r\n{# note\r\n #}f\r\n{{ 1\r\n}}\r\n"
    assert render(tmp_path, text) == "#part-handler\r\na\nb\r\nc\rd\r\r\ne\r\n\r\nf\r\n1\r\n"


def test_jinjas_white_space_control_takes_crlf_as_a_line_end(tmp_path: Path) -> None:
    text = "#part-handler\r\na:\r\n{%- for i in [1, 2] %}\r\n  - {{ i }}\r\n{%- endfor %}\r\nb: {{ 3 -}}\r\n\r\n4\r\n"
    assert render(tmp_path, text) == "#part-handler\r\na:\r\n  - 1\r\n  - 2\r\nb: 34\r\n"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_raw_blocks_are_left_for_the_guest(tmp_path: Path, newline: str) -> None:
    lines = [
        "## template: jinja",
        "#cloud-config",
        "{% raw %}fqdn: {{ v1.instance_id",
        "}}",
        "{# a",
        "#}{% endraw %}",
        "",
    ]
    expected = newline.join(lines).replace("{% raw %}", "").replace("{% endraw %}", "")
    assert render(tmp_path, newline.join(lines)) == expected


def test_text_is_not_escaped_for_html_whatever_the_templates_name(shop: OpenStackStack) -> None:
    data = template(shop, HEADER + "a: {{ x }}\n", "page.html", x="<b> & \"c\" 'd'")
    server(shop, "www", backend(shop), user_data=data)
    assert user_data(shop, "www") == HEADER + "a: <b> & \"c\" 'd'\n"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_templates_extend_include_and_import_others(shop: OpenStackStack, newline: str) -> None:
    def lines(*text: str) -> str:
        return newline.join(text)

    template(shop, lines("#part-handler", "{% block a %}base {{ x }}{% endblock %}", "end", ""), "lib/base.jinja")
    template(shop, lines("part {{ x }}", ""), "part.jinja")
    template(shop, lines("{% macro m(y) %}m:", "{{ y }}{% endmacro %}"), "macros.jinja")
    text = lines(
        '{% extends "lib/base.jinja" %}{% from "macros.jinja" import m %}',
        '{% block a %}{{ super() }}|{{ m(x) }}|{% include "part.jinja" %}{% endblock %}',
    )
    server(shop, "www", backend(shop), user_data=template(shop, text, x="${v}"))
    expected = lines("#part-handler", "base ${v}|m:", "${v}|part ${v}", "", "end", "")
    assert user_data(shop, "www") == expected.replace("${", "$${")


def test_one_servers_variables_do_not_leak_into_the_next(shop: OpenStackStack) -> None:
    network = backend(shop)
    server(shop, "a", network, user_data=template(shop, HEADER + "{% set y = 1 %}{{ x }}\n", x=1))
    with pytest.raises(ValueError, match="'x' is undefined"):
        server(shop, "b", network, user_data=UserData.template("t.jinja"))


def test_templates_see_the_facts_of_their_instance(shop: OpenStackStack) -> None:
    network, internet = backend(shop), Network.lookup(shop, "Ext-Net", public=True)
    text = (
        HEADER + "{{ instance.name }} {{ instance.addresses['backend'] }} {{ instance.addresses['Ext-Net'] }}\n"
        "{% for network in instance.networks %}{{ network.name }} {{ network.public }} {{ network.ip }}\n{% endfor %}"
    )
    nics = [network.nic(ip="10.0.0.11"), internet.nic()]
    server(shop, "www", nics=nics, name="www.example.com", user_data=template(shop, text))
    ips = f"sort({PORT}.www_Ext-Net.all_fixed_ips)"
    ip = f'${{concat([for ip in {ips} : ip if !strcontains(ip, ":")], {ips})[0]}}'
    assert user_data(shop, "www") == (
        HEADER + f"www.example.com 10.0.0.11 {ip}\nbackend False 10.0.0.11\nExt-Net True {ip}\n"
    )
    readable = "<address of www.example.com on Ext-Net>"
    assert rendered(shop, "www").decode() == (
        HEADER + f"www.example.com 10.0.0.11 {readable}\nbackend False 10.0.0.11\nExt-Net True {readable}\n"
    )


@pytest.mark.parametrize(
    "first",
    ["#cloud-config", "#!/bin/sh", "## template: jinja", "#include", "#cloud-boothook", "#part-handler",
     "MIME-Version: 1.0", "#cloud-config\r", "#Cloud-Config"],
)  # fmt: skip
def test_a_first_line_that_cloud_init_knows_is_taken(tmp_path: Path, first: str) -> None:
    assert render(tmp_path, f"{first}\n") == f"{first}\n"


@pytest.mark.parametrize("text", ["cloud-config\n", "# cloud-config\n", "#cloud-confi\n"])
def test_a_first_line_that_cloud_init_does_not_know_is_refused(tmp_path: Path, text: str) -> None:
    assert ": the first line is " in refused(tmp_path, text)


def test_what_nearly_is_a_first_line_is_refused_with_what_is_missing(tmp_path: Path) -> None:
    assert "a byte-order mark (U+FEFF) stands before the first line" in refused(tmp_path, "\ufeff#cloud-config\n")
    assert "write MIME-Version: 1.0 above the first empty line" in refused(
        tmp_path, 'Content-Type: multipart/mixed; boundary="x"\n\n--x--\n'
    )
    assert "there is something above '#!', so that the guest cannot run it" in refused(tmp_path, "\n#!/bin/sh\n")


def test_novas_limit_is_measured_in_bytes(tmp_path: Path) -> None:
    assert NOVA_LIMIT == 49_149
    room = NOVA_LIMIT - len(HEADER)
    assert len(render(tmp_path, HEADER + "a" * room)) == NOVA_LIMIT
    assert "49,150 bytes are over Nova's limit of 49,149" in refused(tmp_path, HEADER + "a" * (room + 1))
    assert "bytes are over Nova's limit" in refused(tmp_path, HEADER + "ä" * (room // 2 + 1))


def test_a_mistake_in_an_included_file_names_that_file_and_its_line(tmp_path: Path) -> None:
    (tmp_path / "part").write_text("fine\n\n{{ missing }}\n")
    (tmp_path / "broken").write_text("\n{% if %}\n")
    assert refused(tmp_path, HEADER + "{% include 'part' %}").startswith(f"{tmp_path}/part, line 3: 'missing' is undef")
    assert refused(tmp_path, HEADER + "{% include 'broken' %}").startswith(f"{tmp_path}/broken, line 2: ")


def test_a_template_that_is_asked_for_and_missing_is_named(tmp_path: Path) -> None:
    message = refused(tmp_path, "{% extends 'base' %}")
    assert message == f"base, which t asks for, is not among the templates in {tmp_path} (t)"


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "a/../../secret"])
def test_templates_are_read_from_their_folder_alone(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "userdata").mkdir()
    message = refused(tmp_path / "userdata", f"#part-handler\n{{% include '{path}' %}}")
    assert "is not among the templates" in message


def test_templates_cannot_reach_pythons_inside(tmp_path: Path) -> None:
    refused(tmp_path, HEADER + "{{ ''.__class__.__mro__[1].__subclasses__() }}")
    refused(tmp_path, HEADER + "{{ x.__globals__ }}", x=lambda: 1)


@pytest.mark.parametrize("character", ["\x1d", "\x1e", "\x1f"])
def test_characters_that_we_use_ourselves_are_refused(tmp_path: Path, character: str) -> None:
    assert "has no place in user data" in refused(tmp_path, HEADER + character)
    assert "has no place in user data" in refused(tmp_path, HEADER + "{{ x }}", x=character)
    assert "has no place in user data" in refused(tmp_path, HEADER + "{{ x[0] | upper }}", x=["a" + character])


def test_a_template_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"#part-handler\na: \xe9\n")
    with pytest.raises(ValueError, match="latin"):
        UserData.template("latin").render(folder=tmp_path, instance=None)


def test_text_that_terraform_would_normalize_is_refused(tmp_path: Path) -> None:
    """Terraform brings every string into Unicode's form C: a decomposed é would reach the guest composed."""
    assert render(tmp_path, HEADER + "\u00e9") == HEADER + "\u00e9"
    assert "form C" in refused(tmp_path, HEADER + "\ne\u0301\n")
