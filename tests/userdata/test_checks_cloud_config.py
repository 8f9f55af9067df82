"""Checks of a cloud-config: each fault with the sentence that a user reads."""

from __future__ import annotations

import base64
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivc.userdata import AtApply
from ivc.userdata.checks import NO_NETWORK, findings
from tests.userdata.test_checks import config, document, said

# Each: the lines below #cloud-config, and the sentence.
FAULTS = {
    "a value with a colon": (
        ["hostname: www", "final_message: done: really"],
        "error yaml-syntax: line 3 of the result: column 20: this is not YAML: there is a ': ' too many, or the "
        "indentation is off; put a value that has ': ' in it in quotes",
    ),
    "a tab": (
        ["users:", "\t- default"],
        "error yaml-syntax: line 3 of the result: column 1: this is not YAML: no value may begin with this character "
        "(a "
        "tab, @, ` or %); indent with spaces, and put such a value in quotes",
    ),
    "a quote that is not closed": (
        ['hostname: "www', "timezone: Etc/UTC"],
        "error yaml-syntax: line 4 of the result: column 1: this is not YAML: a quote is not closed before the end; "
        "close "
        "it",
    ),
    "a second document": (
        ["hostname: www", "---", "timezone: Etc/UTC"],
        "error yaml-syntax: line 3 of the result: column 1: this is not YAML: a second document begins with '---', and "
        "cloud-init reads one; take that line away",
    ),
    "a control character": (
        ["hostname: www", "final_message: a\x07b"],
        "error yaml-syntax: line 3 of the result: this is not YAML: character U+0007 has no place in it; remove it",
    ),
    "a list": (
        ["- path: /etc/motd"],
        "error yaml-not-a-mapping: line 2 of the result: a cloud-config is a mapping of keys, such as `packages: "
        "[nginx]`, and this is a list; put a key before it",
    ),
    "a key that stands twice": (
        ["packages: [nginx]", "runcmd: [ls]", "packages: [curl]"],
        "error yaml-duplicate-key: line 4 of the result: the key 'packages' stands in line 2 already, and of the two "
        "only "
        "the last counts; put both under one key, or take one away",
    ),
    "a key that stands twice, deep inside": (
        ["write_files:", "- path: /a", "  content: a", "  path: /b"],
        "error yaml-duplicate-key: line 5 of the result: the key 'path' stands in line 3 already, and of the two "
        "only the "
        "last counts; put both under one key, or take one away",
    ),
    "an unknown key": (
        ["package: [nginx]"],
        "error unknown-key: line 2 of the result: cloud-init knows no key 'package' and ignores it; write 'packages' "
        "if "
        "that was meant",
    ),
    "a key in the wrong case": (
        ["Packages: [nginx]"],
        "error unknown-key: line 2 of the result: cloud-init knows no key 'Packages' and ignores it; write 'packages' "
        "if that was meant",
    ),
    "an unknown key like no other": (
        ["xyzzy: 1"],
        "error unknown-key: line 2 of the result: cloud-init knows no key 'xyzzy' and ignores it; take it away, or "
        "correct its name",
    ),
    "an unknown key inside": (
        ["write_files:", "- path: /a", "  contents: a"],
        "error unknown-key: line 4 of the result: cloud-init knows no key 'contents' in write_files, item 1 and "
        "ignores "
        "it; write 'content' if that was meant",
    ),
    "a text for a list": (
        ["packages: nginx"],
        "error schema: line 2 of the result: packages is 'nginx', and cloud-init expects a list of mappings, lists of "
        "texts or texts",
    ),
    "a key with nothing after it": (
        ["write_files:"],
        "error schema: line 2 of the result: write_files has nothing after it, and cloud-init expects a list of "
        "mappings; "
        "give it a value or take the key away",
    ),
    "no, as a text": (
        ["write_files:", "- path: /etc/motd", '  append: "no"'],
        "error schema: line 4 of the result: write_files, item 1, append is the text 'no', and cloud-init expects "
        "true or "
        "false; write it without quotes",
    ),
    "yes, where a text is expected": (
        ["runcmd:", "- [ echo, yes ]"],
        "error schema: line 3 of the result: runcmd, item 1, item 2 is yes without quotes, which YAML reads as true, "
        "and "
        'cloud-init expects a text; write "yes"',
    ),
    "a number in a command": (
        ["runcmd:", "- [ sleep, 10 ]"],
        "warning schema: line 3 of the result: runcmd, item 1, item 2 is the number 10, where a text is expected; "
        "write "
        '"10"',
    ),
    "a version that YAML shortens": (
        ["chef:", "  omnibus_version: 3.10"],
        "error schema: line 3 of the result: chef, omnibus_version is 3.10 without quotes, which YAML reads as another "
        'number, and cloud-init expects a text; write "3.10"',
    ),
    "a command that became a mapping": (
        ["runcmd:", "- ls", "- echo hello: world"],
        "error schema: line 4 of the result: runcmd, item 2 is a mapping with the key 'echo hello', and cloud-init "
        "expects a list of texts or a text; put a text that has ': ' in it in quotes",
    ),
    "a word that is not one of those": (
        ["power_state:", "  mode: restart"],
        "error schema: line 3 of the result: power_state, mode is 'restart', and cloud-init expects poweroff, reboot "
        "or "
        "halt",
    ),
    "files that lost their key and became mounts": (
        ["mounts:", "- path: /etc/motd", "  content: hello"],
        "error schema: line 3 of the result: mounts, item 1 is a file, with path and content, and cloud-init expects a "
        "list of texts; put 'write_files:' above it",
    ),
    "mounts that is one list": (
        ["mounts: [ LABEL=data ]"],
        "error schema: line 2 of the result: mounts, item 1 is 'LABEL=data', and cloud-init expects a list of texts",
    ),
    "a disk by its order": (
        ["mounts:", "- [ /dev/vdb, /srv ]"],
        "warning unstable-device: line 3 of the result: mounts names the disk '/dev/vdb', which may be another one "
        "at the "
        "next boot; name it by its link, /dev/disk/by-id/virtio- and the first 20 characters of its volume's id, by "
        "LABEL= or by UUID=",
    ),
    "a deprecated key": (
        ["apt_update: true"],
        "warning deprecated-key: line 2 of the result: 'apt_update' is deprecated since cloud-init 22.2; write "
        "'package_update'",
    ),
    "a deprecated key inside": (
        ["users:", "- name: ops", "  lock-passwd: true"],
        "warning deprecated-key: line 4 of the result: 'lock-passwd' in users is deprecated since cloud-init 22.3; "
        "write "
        "'lock_passwd'",
    ),
    "a key that is missing": (
        ["power_state:", "  delay: 5"],
        "error schema: line 3 of the result: power_state has no 'mode', which cloud-init needs; add it",
    ),
    "nothing at all, where a key is needed": (
        ["keyboard: {}"],
        "error schema: line 2 of the result: keyboard has no 'layout', which cloud-init needs; add it",
    ),
    "one of several keys that is missing": (
        ["yum_repos:", "  epel: { name: EPEL }"],
        "error schema: line 3 of the result: yum_repos, epel has no 'baseurl', 'metalink' or 'mirrorlist', of which "
        "cloud-init needs one; add it",
    ),
    "a password that is missing": (
        ["chpasswd:", "  users:", "  - name: ops"],
        "error schema: line 4 of the result: chpasswd, users, item 1 has no 'password', which cloud-init needs; add it",
    ),
    "a type that does not exist": (
        ["chpasswd: { users: [{ name: ops, password: R, type: plain }] }"],
        "error schema: line 2 of the result: chpasswd, users, item 1, type is 'plain', and cloud-init expects hash, "
        "text or RANDOM",
    ),
    "a password beside a random one": (
        ["chpasswd: { users: [{ name: ops, type: RANDOM, password: R }] }"],
        "error unknown-key: line 2 of the result: cloud-init knows no key 'password' in chpasswd, users, item 1 and "
        "ignores it; take it away, or correct its name",
    ),
    "keys that cannot stand together": (
        ["users: [{ name: ops, snapuser: ops@example.org }]"],
        "error schema: line 2 of the result: users, item 1 has both 'name' and 'snapuser', and cloud-init expects one "
        "of them; take one away",
    ),
    "a text that is not as it has to be": (
        ["power_state: { mode: halt, delay: soon }"],
        "error schema: line 2 of the result: power_state, delay is 'soon', and cloud-init expects a whole number not "
        "below 0 or now",
    ),
    "a size with a blank": (
        ["swap: { filename: /swap, size: 1 GB }"],
        "error schema: line 2 of the result: swap, size is '1 GB', and cloud-init expects auto, a whole number or a "
        "text like 512M",
    ),
    "a date that is none": (
        ["users: [{ name: ops, expiredate: '2038,1,19' }]"],
        "error schema: line 2 of the result: users, item 1, expiredate is '2038,1,19', and cloud-init expects a text "
        'like "2038-01-19"',
    ),
    "a date without quotes": (
        ["users: [{ name: ops, expiredate: 2038-01-19 }]"],
        "error schema: line 2 of the result: users, item 1, expiredate is 2038-01-19 without quotes, which YAML reads "
        'as a date, and cloud-init expects a text like "2038-01-19"; write "2038-01-19"',
    ),
    "a number that is too small": (
        ["lxd: { bridge: { mode: new, mtu: -5 } }"],
        "error schema: line 2 of the result: lxd, bridge, mtu is -5, and cloud-init expects a whole number not below "
        "-1",
    ),
    "an empty list": (
        ["packages: []"],
        "warning schema: line 2 of the result: packages is an empty list, and cloud-init expects at least one item; "
        "fill it or take it away",
    ),
    "an empty mapping": (
        ["snap: {}"],
        "warning schema: line 2 of the result: snap is an empty mapping, and cloud-init expects at least one key; "
        "fill it or take it away",
    ),
    "too few items": (
        ["packages: [[nginx]]"],
        "error schema: line 2 of the result: packages, item 1 has 1 item, and cloud-init expects 2 items; add the rest",
    ),
    "too many items": (
        ["mounts:", "- [ LABEL=a, /a, auto, nofail, '0', '2', x ]"],
        "error schema: line 3 of the result: mounts, item 1 has 7 items, and cloud-init expects 1 to 6 items; take "
        "some away",
    ),
    "an item that stands twice": (
        ["ntp:", "  servers:", "  - a.example", "  - a.example"],
        "warning schema: line 5 of the result: ntp, servers, item 2 is 'a.example' once more, and cloud-init expects "
        "each once; take one away",
    ),
    "a module that does not exist": (
        ["cloud_final_modules: [ scripts_users ]"],
        "error schema: line 2 of the result: cloud_final_modules, item 1 is 'scripts_users', and cloud-init expects "
        "the name of a module or a list; write 'scripts_user' if that was meant",
    ),
    "true, in quotes, beside a word": (
        ['resize_rootfs: "true"'],
        "error schema: line 2 of the result: resize_rootfs is the text 'true', and cloud-init expects true, false or "
        "noblock; write it without quotes",
    ),
    "a value that is deprecated": (
        ["growpart: { mode: off }"],
        "warning deprecated-key: line 2 of the result: growpart, mode is off, which YAML reads as false, and that is "
        'deprecated since cloud-init 22.3; write "off"',
    ),
    "a form that is deprecated": (
        ["users:", "- name: ops", "  groups: { sudo: null }"],
        "warning deprecated-key: line 4 of the result: users, item 1, groups is a mapping, and that is deprecated "
        "since cloud-init 23.1; write a list of texts",
    ),
    "a key that is gone": (
        ["migrate: true"],
        "warning deprecated-key: line 2 of the result: 'migrate' means nothing to cloud-init since 24.1; take it away",
    ),
    "a file without a path": (
        ["write_files:", "- content: a"],
        "error write-files-path: line 3 of the result: item 1 of write_files has no path, and cloud-init skips it; add "
        "one",
    ),
    "a path that is not absolute": (
        ["write_files:", "- path: etc/motd"],
        "error write-files-path: line 3 of the result: the path 'etc/motd' is not absolute; begin it with /",
    ),
    "a path that is a folder": (
        ["write_files:", "- path: /etc/motd/"],
        "error write-files-path: line 3 of the result: the path '/etc/motd/' ends with /, and write_files makes no "
        "folders; name a file",
    ),
    "a path that is not normal": (
        ["write_files:", "- path: /etc//../etc/motd"],
        "warning write-files-path: line 3 of the result: the path '/etc//../etc/motd' means '/etc/motd'; write that",
    ),
    "a file that is written twice": (
        ["write_files:", "- path: /etc/motd", "- path: /etc/issue", "- path: /etc/motd"],
        "error write-files-duplicate: line 5 of the result: /etc/motd is written in line 3 already, and this "
        "overwrites "
        "it; keep one, or add `append: true` here",
    ),
    "permissions without quotes": (
        ["write_files:", "- path: /a", "  permissions: 0644"],
        "warning write-files-permissions: line 4 of the result: the permissions 0644 of /a are the number 420 to "
        "YAML, for "
        'want of quotes; write "0644"',
    ),
    "permissions that are another mode": (
        ["write_files:", "- path: /a", "  permissions: 644"],
        "error write-files-permissions: line 4 of the result: the permissions 644 of /a are a number, which is the "
        "mode "
        '1204, for want of quotes; write "0644"',
    ),
    "permissions that are no number": (
        ["write_files:", "- path: /a", "  permissions: rw-r--r--"],
        "error write-files-permissions: line 4 of the result: the permissions 'rw-r--r--' of /a are no octal number, "
        "so "
        'that it gets 0644; write them like "0644"',
    ),
    "an encoding that does not exist": (
        ["write_files:", "- path: /a", "  encoding: utf-8", "  content: a"],
        "error schema: line 4 of the result: write_files, item 1, encoding is 'utf-8', and cloud-init expects gz, "
        "gzip, "
        "gz+base64, gzip+base64, gz+b64, gzip+b64, b64, base64 or text/plain",
    ),
    "content that is not base64": (
        ["write_files:", "- path: /a", "  encoding: b64", "  content: hello, world"],
        "error write-files-content: line 5 of the result: the content of /a is not base64, though its encoding is "
        "'b64'; "
        "encode it, or take the encoding away",
    ),
    "content that is not gzip": (
        ["write_files:", "- path: /a", "  encoding: gz+b64", "  content: aGVsbG8="],
        "error write-files-content: line 5 of the result: the content of /a is not gzip, though its encoding is "
        "'gz+b64'; "
        "encode it, or take the encoding away",
    ),
    "an owner who comes later": (
        ["users: [{name: shop}]", "write_files:", "- path: /a", "  owner: shop:shop"],
        "error write-files-owner: line 5 of the result: /a belongs to the user 'shop', whom cloud-init makes only "
        "after it has written the files, so that it fails; add `defer: true`",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_sentence(fault: str) -> None:
    lines, sentence = FAULTS[fault]
    assert said(config(*lines)) == [sentence]


def test_a_password_is_in_no_message() -> None:
    sentences = said(config("chpasswd:", "  list:", "  - hunter2isnotgood"))
    assert sentences[0] == (
        "error schema: line 4 of the result: chpasswd, list, item 1 is another text, and cloud-init expects a text "
        "like name:password"
    )
    assert [sentence for sentence in sentences if "hunter2" in sentence] == []


def test_nothing_is_claimed_of_what_is_known_at_apply() -> None:
    value = AtApply("known.later", "known", 20)
    parts = document(
        "#cloud-config\npower_state: { mode: ", value, ", delay: ", value, " }\nkeyboard: { ", value, ": us }\n"
        "swap: { size: ", value, " }\nusers: [{ name: ops, expiredate: ", value, " }]\npackages: [", value, "]\n"
        "phone_home: ", value, "\nntp: { servers: [", value, ", ", value, "] }\n"
    )  # fmt: skip
    assert findings(parts) == ()


@pytest.mark.parametrize(
    "lines",
    [
        ["write_files:", "- path: /a", "  content: a", "- path: /a", "  content: b", "  append: true"],
        ["write_files:", "- path: /a", "  owner: shop", "  defer: true", "users: [{name: shop}]"],
        ["write_files:", "- path: /a", "  content: !!binary aGVsbG8="],
        ["write_files:", "- path: /a.b", "- path: /a/b"],
        ["mounts:", "- [ /dev/disk/by-id/virtio-0123, /srv, auto, 'defaults,nofail', '0', '2' ]", "- [ swap, null ]"],
        ["mounts:", "- [ LABEL=data, /srv ]", "- [ UUID=1234-5678, /boot ]", "- [ /dev/vg0/data, /data ]"],
        ["runcmd:", "- null", "- ls", "- [ ls, -l ]"],
        ["groups: [ admins, { cloud: [ root ] } ]", "users: [ default, { name: ops, sudo: null } ]"],
        ["packages: [ nginx, [ curl, '8.1' ], { snap: [ lxd ] } ]"],
        ["power_state: { mode: reboot, delay: now, timeout: 30, condition: true }"],
        ["yum_repos: { a: { baseurl: 'https://example.org', gpgcheck: true } }"],
        ["apt: { sources: { a: { source: 'deb https://example.org a main', keyid: ABCD } } }"],
        ["ca_certs: { trusted: [ a ], remove_defaults: true }", "swap: { filename: /swap, size: auto }"],
        ["x: &x {}", "hostname: www"][1:],
    ],
)
def test_what_is_right_is_not_touched(lines: list[str]) -> None:
    assert said(config(*lines)) == []


class TestExistingVolumes:
    def test_nothing_may_format_them(self) -> None:
        text = config("disk_setup:", "  /dev/vdb: { table_type: gpt, layout: true, overwrite: true }",
                      "fs_setup:", "- { filesystem: ext4, device: /dev/vdb }")  # fmt: skip
        assert said(text) == []
        sentence = (
            "may format '/dev/vdb', and this instance has existing volumes, whose data that would end; mount them by "
            "`Volume.lookup(...).mount(...)`, and format here only an ephemeral disk by its name, ephemeral0"
        )
        assert said(text, existing_volumes=True) == [
            f"error formats-volume: line 3 of the result: disk_setup {sentence}",
            f"error formats-volume: line 5 of the result: fs_setup {sentence}",
        ]

    @pytest.mark.parametrize("device", ["ephemeral0", "/dev/ephemeral1", "ephemeral0.1", "scratch"])
    def test_an_ephemeral_disk_may_be_formatted(self, device: str) -> None:
        text = config(
            "device_aliases: { scratch: ephemeral0 }", "fs_setup:", f"- {{ filesystem: ext4, device: {device} }}"
        )
        assert said(text, existing_volumes=True) == []


class TestWithoutAWayOut:
    def test_packages_cannot_be_installed(self) -> None:
        text = config("package_update: true", "packages: [ nginx, curl ]")
        assert said(text) == []
        advice = (
            "needs the Internet, and this instance has no network that leads there; let the image bring it, or name a "
            "mirror that it reaches under `apt:` or `yum_repos:`"
        )
        assert said(text, no_way_out=NO_NETWORK) == [
            f"warning no-way-out: line 2 of the result: package_update {advice}",
            f"warning no-way-out: line 3 of the result: packages (nginx, curl) {advice}",
        ]

    @pytest.mark.parametrize(
        "lines",
        [["packages: []"], ["package_update: false"], ["packages: [a]", "apt: { http_proxy: 'http://10.0.0.1' }"]],
    )
    def test_what_needs_no_internet_is_fine(self, lines: list[str]) -> None:
        assert [line for line in said(config(*lines), no_way_out=NO_NETWORK) if "no-way-out" in line] == []


@given(st.binary(min_size=1, max_size=300), st.sampled_from(["b64", "gz+b64", "base64", "gzip+base64"]))
def test_any_encoded_content_is_taken(content: bytes, encoding: str) -> None:
    raw = gzip.compress(content, mtime=0) if encoding.startswith("gz") else content
    text = config(
        "write_files:", "- path: /a", f"  encoding: {encoding}", f"  content: {base64.b64encode(raw).decode()}"
    )
    assert [finding.id for finding in findings(document(text)) if finding.id.startswith("write-files")] == []


def test_keys_that_begin_as_extensions_do_are_meant_to_be_ignored() -> None:
    assert said(config("x-common: &c { a: 1 }", "final_message: done")) == []
    assert len(said(config("ntp: { x-common: 1 }"))) == 1


def test_an_owner_who_may_come_with_the_packages_is_a_warning() -> None:
    lines = ["write_files:", "- path: /etc/db.conf", "  owner: postgres:postgres"]
    assert said(config(*lines, "packages: [postgresql]")) == [
        "warning write-files-owner: line 4 of the result: /etc/db.conf belongs to the user 'postgres', whom few images "
        "have, and packages are installed only after the files are written, so that it fails if one of them brings "
        "him; add `defer: true`"
    ]
    assert said(config(*lines)) == []
    assert said(config(*lines, "  defer: true", "packages: [postgresql]")) == []
    assert said(config(*lines[:2], "  owner: www-data", "packages: [nginx]")) == []


@given(st.integers(0, 0o7777))
def test_any_octal_text_is_a_mode(mode: int) -> None:
    found = findings(document(config("write_files:", "- path: /a", f'  permissions: "{mode:04o}"')))
    assert [finding.id for finding in found if finding.id != "write-files-setuid"] == []
