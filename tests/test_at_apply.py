"""Values known only at apply: inserted as they are with a readable placeholder, or refused with a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ivc import Instance, Network, OpenStackStack, Secret
from ivc.errors import DeclarationError
from ivc.userdata import AtApply, Document, UserData
from tests.helpers import INSTANCE, PORT, backend, new_stack, rendered, resources, server, synth, template, user_data

# A kind of document whose text is not looked into: these tests are of the engine.
HEADER = "#part-handler\n"
VALUE = AtApply("data.x.y.id", "id of y", 36)


def document(folder: Path, text: str, /, **variables: Any) -> Document:
    (folder / "t").write_bytes((HEADER + text).encode())
    return UserData.template("t", **variables).render(folder=folder, instance=None)


@pytest.mark.parametrize(
    "text",
    [
        "{{ x }}",
        "{{ items[0] }}",
        "{{ named.x }}",
        "{% for item in items %}{{ item }}{% endfor %}",
        "{% if x %}{{ x }}{% endif %}",
        "{{ x if x is defined }}",
        "{{ x | default('none') }}",
        "{% set y = x %}{{ y }}",
        "{% with y = x %}{{ y }}{% endwith %}",
        "{% set y %}{{ x }}{% endset %}{{ y }}",
        "{% macro m(y) %}{{ y }}{% endmacro %}{{ m(x) }}",
        "{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}{{ x }}{% endcall %}",
        "{% block a %}{{ x }}{% endblock %}",
    ],
)
def test_an_insertion_is_taken_wherever_it_stands(tmp_path: Path, text: str) -> None:
    made = document(tmp_path, f"a: {text}$\n", x=VALUE, items=[VALUE], named={"x": VALUE})
    assert made.parts == (f"{HEADER}a: ", VALUE, "$\n")
    assert made.readable == f"{HEADER}a: <id of y>$\n"
    assert made.longest == len(HEADER) + 5 + 36


def test_a_parents_block_may_hold_one(tmp_path: Path) -> None:
    (tmp_path / "base").write_text(HEADER + "{% block a %}{{ x }}{% endblock %}\n")
    (tmp_path / "t").write_text('{% extends "base" %}{% block a %}a: {{ super() }}{% endblock %}')
    made = UserData.template("t", x=VALUE).render(folder=tmp_path, instance=None)
    assert made.readable == f"{HEADER}a: <id of y>\n"


@pytest.mark.parametrize(
    "text",
    [
        "{{ x ~ 'a' }}",
        "{{ x + 'a' }}",
        "{{ 'a' + x }}",
        "{{ 'a%s' % x }}",
        "{{ 'a%s' | format(x) }}",
        "{{ '%r' | format(x) }}",
        "{{ x * 2 }}",
        "{{ x | upper }}",
        "{{ x | length }}",
        "{{ x | string }}",
        "{{ x | tojson }}",
        "{{ x | pprint }}",
        "{{ x | urlencode }}",
        "{{ x | trim }}",
        "{{ x | indent }}",
        "{{ x | replace('a', 'b') }}",
        "{{ x | b64encode }}",
        "{{ x | int }}",
        "{{ x | float }}",
        "{{ x | list }}",
        "{{ [x] | join(',') }}",
        "{{ [x] | sum }}",
        "{{ [x, 'a'] | sort }}",
        "{{ [x] }}",
        "{{ {'a': x} }}",
        "{{ named }}",
        "{{ x[0] }}",
        "{{ x[:3] }}",
        "{{ x.split('.') }}",
        "{{ x.startswith('a') }}",
        "{{ x.label }}",
        "{{ x.expression }}",
        "{{ x.placeholder }}",
        "{{ x == 'a' }}",
        "{{ x != 'a' }}",
        "{{ x < 'a' }}",
        "{{ 'a' in x }}",
        "{{ x in ['a'] }}",
        "{% if x == 'a' %}{% endif %}",
        "{% for c in x %}{% endfor %}",
        "{% set y %}{{ x }}{% endset %}{{ y | length }}",
        "{% set y %}{{ x }}{% endset %}{{ y[1:] }}",
        "{% set y %}{{ x }}{% endset %}{{ y | tojson }}",
        "{% set y %}{{ x }}{% endset %}{{ y | urlencode }}",
    ],
)
def test_whatever_asks_for_more_than_an_insertion_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match=r"t: |line [0-9]+: ") as raised:
        document(tmp_path, f"\na: {text}\n", x=VALUE, named={"x": VALUE})
    message = str(raised.value)
    assert message.startswith(f"{tmp_path}/t")
    assert "\n" not in message


def test_the_refusal_says_what_it_is_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"t: |line [0-9]+: ") as raised:
        document(tmp_path, "\na: {{ x | upper }}\n", x=VALUE)
    assert str(raised.value) == (
        f"{tmp_path}/t, line 3: <id of y> is known only at apply: insert it as it is, {{{{ value }}}}, "
        "with no filter, test or calculation on it; in Python take its as_terraform"
    )


def test_the_longest_it_can_get_is_measured(tmp_path: Path) -> None:
    filler = "a" * (49_149 - len(HEADER) - 36)
    assert document(tmp_path, f"{filler}{{{{ x }}}}", x=VALUE).longest == 49_149
    with pytest.raises(ValueError, match="49,150 bytes are over Nova's limit"):
        document(tmp_path, f"a{filler}{{{{ x }}}}", x=VALUE)


def test_it_cannot_stand_where_cloud_init_looks_first(tmp_path: Path) -> None:
    (tmp_path / "t").write_text("{{ x }}\n")
    with pytest.raises(ValueError, match="the first line is '<id of y>'"):
        UserData.template("t", x=VALUE).render(folder=tmp_path, instance=None)


def test_another_servers_address_is_the_declared_one_or_known_at_apply(shop: OpenStackStack) -> None:
    network = Network.lookup(shop, "Ext-Net", public=True)
    fixed = server(shop, "fixed", nics=[network.nic(ip="192.0.2.9")])
    chosen = server(shop, "chosen", network)
    text = HEADER + "{{ a }} ${{ b }}\n"
    data = template(shop, text, a=fixed.addresses["Ext-Net"], b=chosen.addresses["Ext-Net"])
    server(shop, "www", network, user_data=data)
    ips = f"sort({PORT}.chosen_Ext-Net.all_fixed_ips)"
    assert user_data(shop, "www") == (
        f'{HEADER}192.0.2.9 ${{"$"}}${{concat([for ip in {ips} : ip if !strcontains(ip, ":")], {ips})[0]}}\n'
    )
    assert rendered(shop, "www").decode() == f"{HEADER}192.0.2.9 $<address of chosen on Ext-Net>\n"


class TestCdktfTokens:
    """CDKTF's own way to write a value known only at apply: users have it from an L1's attributes."""

    REFERENCE = f"{INSTANCE}.other.access_ip_v4"

    @pytest.fixture
    def stack(self, tmp_path: Path) -> OpenStackStack:
        return new_stack(tmp_path)

    @pytest.fixture
    def other(self, stack: OpenStackStack) -> Instance:
        return server(stack, "other", Network.lookup(stack, "Ext-Net", public=True))

    def both(self, stack: OpenStackStack, text: str, **variables: object) -> tuple[str, str]:
        server(stack, "www", backend(stack), user_data=template(stack, HEADER + text, **variables))
        return user_data(stack, "www"), rendered(stack, "www").decode()

    def test_a_token_is_inserted_with_a_readable_placeholder(self, stack: OpenStackStack, other: Instance) -> None:
        written, readable = self.both(stack, "{{ x }}\n", x=other.l1.access_ip_v4)
        assert written == f"{HEADER}${{{self.REFERENCE}}}\n"
        assert readable == f"{HEADER}<{self.REFERENCE}>\n"

    @pytest.mark.parametrize("text", ["{{ x[0] }}", "{% for y in x %}{{ y }}{% endfor %}"])
    def test_a_token_in_a_list_is_one_as_well(self, stack: OpenStackStack, other: Instance, text: str) -> None:
        written, readable = self.both(stack, text, x=[other.l1.access_ip_v4])
        assert written == f"{HEADER}${{{self.REFERENCE}}}"
        assert readable == f"{HEADER}<{self.REFERENCE}>"

    def test_a_token_in_a_dict_is_one_as_well(self, stack: OpenStackStack, other: Instance) -> None:
        written, readable = self.both(stack, "{{ x.a.b[0] }}", x={"a": {"b": (other.l1.access_ip_v4,)}})
        assert written == f"{HEADER}${{{self.REFERENCE}}}"
        assert readable == f"{HEADER}<{self.REFERENCE}>"

    def test_a_token_that_stands_for_a_number_is_one_as_well(self, stack: OpenStackStack, other: Instance) -> None:
        other.l1.add_override("timeouts", None)
        number = other.l1.get_number_attribute("vendor_options")
        written, readable = self.both(stack, "{{ x }}\n", x=number)
        assert written == f"{HEADER}${{{INSTANCE}.other.vendor_options}}\n"
        assert readable == f"{HEADER}<{INSTANCE}.other.vendor_options>\n"

    def test_a_token_that_stands_for_a_list_is_refused(self, stack: OpenStackStack, other: Instance) -> None:
        with pytest.raises(ValueError, match=r"^Instance www: user_data: variable x: ") as raised:
            self.both(stack, "{{ x[0] }}\n", x=other.l1.get_list_attribute("tags"))
        assert "\n" not in str(raised.value)

    def test_a_token_is_refused_where_more_than_an_insertion_is_asked(
        self, stack: OpenStackStack, other: Instance
    ) -> None:
        with pytest.raises(ValueError, match=r"^Instance www: user_data: .*t\.jinja, line 2: <.*> is known only at"):
            self.both(stack, "{{ x | upper }}", x=other.l1.access_ip_v4)

    def test_a_token_among_other_text_is_refused(self, stack: OpenStackStack, other: Instance) -> None:
        with pytest.raises(ValueError, match=r"^Instance www: user_data: variable x: it holds a value known only at"):
            self.both(stack, "{{ x }}", x=f"http://{other.l1.access_ip_v4}/")

    def test_text_that_looks_like_a_token_is_text(self, stack: OpenStackStack, other: Instance) -> None:
        assert other.l1.access_ip_v4
        text = "a: ${TfToken[TOKEN.0]} ${TfToken[TOKEN.99]}\n"
        written, readable = self.both(stack, text)
        assert written == HEADER + text.replace("${", '${"$"}{')
        assert readable == HEADER + text

    def test_tokens_work_in_other_fields(self, stack: OpenStackStack, other: Instance) -> None:
        server(stack, "www", backend(stack), metadata={"peer": f"at {other.l1.access_ip_v4} ${{x}}"})
        metadata = resources(synth(stack), INSTANCE)["www"]["metadata"]
        assert metadata["peer"] == f"at ${{{self.REFERENCE}}} $${{x}}"


def test_its_text_for_terraform_is_no_text_of_a_template(shop: OpenStackStack) -> None:
    """It would stand in the user data as it is: the guest would read `${var.token}`."""
    token = Secret(shop, "token", description="x")
    with pytest.raises(DeclarationError, match=r"token: it is the as_terraform of a value; give the value itself$"):
        server(shop, "www", backend(shop), user_data=template(shop, "#!/bin/sh\n", token=token.as_terraform))
