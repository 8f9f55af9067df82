"""The configuration that ssh reads."""

from __future__ import annotations

import re
import shutil
import subprocess
from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivc.access import ssh_config
from tests.access.samples import ID, running, shop
from tests.running import cannot_be_had

SHOP = f"""\
Host bastion
    HostName 203.0.113.5
    HostKeyAlias bastion.{ID}
    User debian

Host db-1
    HostName 10.0.0.21
    HostKeyAlias db-1.{ID}
    User debian
    ProxyJump bastion

Host www-1
    HostName 198.51.100.7
    HostKeyAlias www-1.{ID}
    User debian
"""


@pytest.fixture(scope="module")
def ssh() -> str:
    found = shutil.which("ssh")
    if found is None:
        cannot_be_had("ssh", "OpenSSH's client is not on PATH")
    return found


def understood(ssh: str, written: str, name: str) -> dict[str, str]:
    """What ssh makes of it for a host."""
    command = [ssh, "-G", "-T", "-F", "/dev/stdin", name]
    done = subprocess.run(command, input=written, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)


def test_each_server_is_a_block_and_goes_by_the_jump_where_nothing_else_leads() -> None:
    """On the network that the jump is on, too."""
    assert ssh_config.text(shop(), jump="bastion", user="debian") == SHOP


def test_without_a_jump_or_a_login_none_is_said() -> None:
    assert ssh_config.text([running()]) == f"Host www-1\n    HostName 10.0.0.11\n    HostKeyAlias www-1.{ID}\n"


def test_a_jump_that_nobody_reaches_from_outside_is_reached_directly() -> None:
    written = ssh_config.text([running("gate"), running("www-1")], jump="gate")
    assert [line for line in written.splitlines() if "Proxy" in line or "Host " in line] == [
        "Host gate",
        "Host www-1",
        "    ProxyJump gate",
    ]


def test_ssh_reads_it(ssh: str) -> None:
    inside, outside, other = (understood(ssh, SHOP, name) for name in ("db-1", "www-1", "elsewhere"))
    assert (inside["hostname"], inside["user"], inside["proxyjump"]) == ("10.0.0.21", "debian", "bastion")
    assert inside["hostkeyalias"] == f"db-1.{ID}"
    assert (outside["hostname"], outside.get("proxyjump")) == ("198.51.100.7", None)
    assert (other["hostname"], other.get("hostkeyalias")) == ("elsewhere", None)


NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,10}(_[A-Za-z][A-Za-z0-9-]{0,5})?", fullmatch=True)


@settings(deadline=None, max_examples=25)
@given(
    name=NAMES.filter(lambda name: name != "gate"),
    user=st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,12}", fullmatch=True),
    address=st.ip_addresses().map(str),
)
def test_ssh_reads_any_name_login_and_address_as_it_is(ssh: str, name: str, user: str, address: str) -> None:
    written = ssh_config.text(
        [running("gate"), running(name, addresses={"backend": [address]})], jump="gate", user=user
    )
    found = understood(ssh, written, name)
    # It may write an IPv6 address otherwise.
    assert ip_address(found["hostname"]) == ip_address(address)
    assert (found["user"], found["proxyjump"]) == (user, "gate")


@pytest.mark.parametrize("user", ["", "a b", 'a"', "a\n    ProxyCommand x", "a#", "%r", "-l", "\\", "é", "a\u2028b"])
def test_a_login_that_would_break_out_of_its_line_is_refused(user: str) -> None:
    with pytest.raises(ValueError, match=rf"^--user: {re.escape(repr(user))} is no login: use letters, digits and"):
        ssh_config.text(shop(), user=user)


def test_a_jump_that_is_no_server_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match=r"^--jump: no server is called 'gate'; there are bastion, db-1, www-1$"):
        ssh_config.text(shop(), jump="gate")
    with pytest.raises(ValueError, match=r"^--jump: no server is called 'gate'; there are none$"):
        ssh_config.text([], jump="gate")


def test_a_jump_that_ssh_takes_for_none_is_refused(ssh: str) -> None:
    assert understood(ssh, "Host a\n    ProxyJump None\n", "a").get("proxyjump") in (None, "none")
    with pytest.raises(ValueError, match=r"^--jump: ssh takes a jump through 'None' for none at all; rename"):
        ssh_config.text([running("None")], jump="None")


def test_a_server_without_an_address_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"^stack shop: instance www-1 has no address in the state"):
        ssh_config.text([running(addresses={})])
