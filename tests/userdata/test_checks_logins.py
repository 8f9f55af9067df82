"""Getting in: users, keys, passwords, homes, owners, and the host's name.

What cloud-init does with each is recorded from its own code, Debian's 22.4.2 and the newest: both do the same but where
it is said.
"""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
import yaml

from ivc import FileTree, OpenStackStack, UserData
from ivc.userdata.checks import findings, tree
from ivc.userdata.checks.users import groups, users
from tests.helpers import PUBLIC_KEY, backend, server, template
from tests.userdata.test_checks import config, document, said

KEY = PUBLIC_KEY.split()[1]
RSA = "ssh-rsa " + base64.b64encode(
    b"\0\0\0\x07ssh-rsa" + b"\0\0\0\x03\1\0\1" + (257).to_bytes(4, "big") + b"\0" + b"\xd5" * 256
).decode()  # fmt: skip
HASH = "$6$saltsalt$" + "a" * 86


def with_key_pair(*lines: str) -> list[str]:
    found = findings(document(config(*lines)), key_pair=True)
    return [f"{finding.severity} {finding.id}: {finding.text}" for finding in found]


def found(*lines: str) -> list[tuple[str, str, int | None]]:
    """What matters of each finding: how grave it is, its id and its line."""
    return [(one.severity, one.id, one.line) for one in findings(document(config(*lines)))]


# What cloudinit.distros.ug_util.normalize_users_groups makes of each, on Debian: its users, and which takes the place
# of the image's own; the name `debian` is that one's.
USERS = {
    "users: []": ([], None),
    "users: [app]": (["app"], None),
    "users: [default, app]": (["app", "debian"], "debian"),
    "users: default, app": (["app", "debian"], "debian"),
    "users: app": (["app"], None),
    "users: { app: true, default: true }": (["app", "debian"], "debian"),
    "users: { app: { gecos: x } }": (["app"], None),
    "users: [[a, b]]": (["a", "b"], None),
    "users: [{ gecos: x }]": (["debian"], "debian"),
    "user: { name: app }": (["app"], "app"),
    "user: app": (["app"], "app"),
    "{ user: { name: app }, users: [b] }": (["b", "app"], "app"),
    "{ users: [{ name: ops }], user: { name: app } }": (["ops", "app"], "app"),
    "users: [{ name: ops }]": (["ops"], None),
    "users:": ([], None),
    "{ users: 'app ,b', user: x }": (["app", "b", "x"], "x"),
}
GROUPS = {
    "groups: team": {"team"},
    "groups: team,b": {"team", "b"},
    "groups: [team]": {"team"},
    "groups: [{ team: [x] }]": {"team"},
    "groups: { team: [x] }": {"team"},
    "groups: { team: x }": {"team"},
    "users: [{ name: app, groups: 'web, adm' }]": {"app", "web"},
    "users: [{ name: app, groups: [web], primary_group: shop }]": {"web", "shop"},
    "users: [{ name: app, no_user_group: true }]": set(),
    "users: [{ name: app, no-user-group: true }]": set(),
}


@pytest.mark.parametrize("text", USERS)
def test_users_come_in_all_the_ways_in_which_cloud_init_takes_them(text: str) -> None:
    names, default = USERS[text]
    made = users(tree.entries(yaml.compose(text)))
    assert sorted(user.name or "debian" for user in made) == sorted(names)
    assert [user.name or "debian" for user in made if user.default] == [default] * (default is not None)


@pytest.mark.parametrize("text", GROUPS)
def test_groups_come_with_them_or_alone(text: str) -> None:
    fields = tree.entries(yaml.compose(text))
    assert groups(fields, users(fields)) == GROUPS[text]


class TestNobodyGetsIn:
    def test_users_without_a_key_are_a_warning_where_there_is_a_key_pair(self) -> None:
        lines = ["hostname: www", "users: [{ name: ops }]"]
        assert found(*lines) == []
        assert with_key_pair(*lines) == [
            "warning no-login: line 3 of the result: users names neither `default` nor anybody with a key, so that "
            "the instance's key pair goes to root alone, whom cloud-init lets nobody log in as; add `- default`, or "
            "give a user ssh_authorized_keys"
        ]

    @pytest.mark.parametrize(
        "lines",
        [
            ["users: []"],
            ["users: ops, app"],
            ["users: { ops: true, default: false }"],
            ["users: [{ name: debian }]"],
            ["users: [{ name: ops, ssh_authorized_keys: null }]"],
            # They go to the default user, whom nobody is.
            ["users: [ops]", f"ssh_authorized_keys: [ {PUBLIC_KEY} ]"],
            ["users: [ops]", "disable_root: true"],
        ],
    )
    def test_whatever_the_form(self, lines: list[str]) -> None:
        assert [one.id for one in findings(document(config(*lines)), key_pair=True) if one.id == "no-login"]

    @pytest.mark.parametrize(
        "lines",
        [
            ["hostname: www"],
            ["users: [default]"],
            ["users: [ops, default]"],
            ["users: [ops]", "user: { name: app }"],
            [f"users: [{{ name: ops, ssh_authorized_keys: [ {PUBLIC_KEY} ] }}]"],
            [f"users: [{{ name: ops, passwd: {HASH}, lock_passwd: false }}]"],
            ["users: [{ name: ops, ssh_import_id: [ 'gh:ops' ] }]"],
            ["users: [ops]", f"chpasswd: {{ users: [{{ name: ops, password: {HASH} }}] }}"],
            ["users: [ops]", "disable_root: false"],
            ["users: [ops]", "runcmd: [ cp keys /home/ops/.ssh/authorized_keys ]"],
            ["packages: [sssd]", "users: [ops]"],
        ],
    )
    def test_not_where_somebody_may(self, lines: list[str]) -> None:
        assert [one.id for one in findings(document(config(*lines)), key_pair=True) if one.id == "no-login"] == []

    def test_a_declaration_knows_whether_there_is_a_key_pair(self, shop: OpenStackStack) -> None:
        front, data = backend(shop), template(shop, "#cloud-config\nusers: [ops]\n")
        server(shop, "a", front, user_data=data, key_pair="ops")
        server(shop, "b", front, user_data=data)
        shop.app.synth()
        notes = shop._record.notes
        assert {name: len(notes[name].get("warnings", [])) for name in ("a", "b")} == {"a": 1, "b": 0}


# Each: the lines below `ssh_authorized_keys:`, and what is wrong.
BROKEN = {
    "cut by a line's end": (
        [f"- {PUBLIC_KEY[:40]}", f"  {PUBLIC_KEY[40:]}"],
        "is cut: its end is missing, and sshd takes no such key",
    ),
    "cut in a literal block": (
        ["- |", f"  {PUBLIC_KEY[:40]}", f"  {PUBLIC_KEY[40:]}"],
        "is cut: its end is missing, and sshd takes no such key",
    ),
    "cut off": ([f"- ssh-ed25519 {KEY[:40]} ops"], "is cut: its end is missing, and sshd takes no such key"),
    "cut in a group of four": ([f"- ssh-ed25519 {KEY[:-1]}"], "is cut, or changed: it is not base64, and sshd"),
    "shortened by hand": (["- ssh-rsa AAAAB3NzaC1yc2E... ops"], "is cut, or changed: it is not base64, and sshd"),
    "longer than it can be": (
        [f"- ssh-ed25519 {KEY}AAAA"],
        "is cut: its end is missing, and sshd takes no such key",
    ),
    "with too few numbers": (
        ["- ssh-ed25519 " + base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0\x03abc").decode()],
        "is cut, or changed: its numbers are not those of its type, and sshd takes no such key",
    ),
    "the second of two in one text": (
        ["- |", f"  {PUBLIC_KEY}", f"  {PUBLIC_KEY[:60]}"],
        "is cut: its end is missing, and sshd takes no such key",
    ),
    "of another type inside": (
        [f"- ssh-rsa {KEY} ops"],
        "says that it is 'ssh-rsa', and is another inside, and sshd takes no such key",
    ),
    "without its type": (
        [f"- {KEY} ops"],
        "has no type before it (ssh-ed25519, ssh-rsa), and cloud-init leaves it out",
    ),
    "with its type alone": (["- ssh-ed25519"], "has nothing behind its type 'ssh-ed25519', and cloud-init"),
    "a path": (["- ~/.ssh/id_ed25519.pub"], "is a path, which cloud-init does not read, and leaves it out"),
    "a path in full": (["- /home/ops/.ssh/id.pub"], "is a path, which cloud-init does not read, and leaves it out"),
    "its type in capitals": ([f"- SSH-ED25519 {KEY}"], "begins with no type of key that cloud-init knows"),
    "an address": (["- https://github.com/ops.keys"], "begins with no type of key that cloud-init knows"),
    "of DSA": (["- ssh-dss AAAAB3NzaC1kc3MAAACBAA== ops"], "is of DSA, which newer guests do not take"),
    "in the form of RFC 4716": (
        ["- |", "  ---- BEGIN SSH2 PUBLIC KEY ----", f"  {KEY}"],
        "is in another form than OpenSSH's, or a private key, and cloud-init leaves it out",
    ),
    "two on one line": (
        [f"- ssh-ed25519 {KEY} ssh-ed25519 {KEY}"],
        "has another key in the place of its note, which is lost; make each an item of its own",
    ),
    # cloud-init joins what stands behind a key without a note.
    "two in one text, of which the first has no note": (
        ["- |", f"  ssh-ed25519 {KEY}", f"  {PUBLIC_KEY}"],
        "has another key in the place of its note, which is lost; make each an item of its own",
    ),
}
WHOLE = (
    [f"- {PUBLIC_KEY}", f"- {RSA}"],
    [f"- 'from=\"10.0.0.0/8\",command=\"echo \\\"a b\\\"\" ssh-ed25519 {KEY} ops'"],
    ["- |", f"  {PUBLIC_KEY}", f"  {RSA} second"],
    ["- '# none yet'"],
    # Wrapped behind its type it is whole: cloud-init takes any white space there.
    ["- >-", "  ssh-ed25519", f"  {KEY}"],
)  # fmt: skip


class TestKeys:
    """cloudinit/ssh_util.py leaves out a line that begins with no type it knows, and looks at nothing else; what sshd
    thinks of the rest was asked of `ssh-keygen -l`.
    """

    @pytest.mark.parametrize("case", BROKEN)
    def test_what_lets_nobody_in_is_an_error(self, case: str) -> None:
        lines, why = BROKEN[case]
        (sentence,) = said(config("ssh_authorized_keys:", *lines))
        assert sentence.startswith("error ssh-key: line 3 of the result: the SSH key '" if lines[0] != "- |" else
                                   "error ssh-key: line 4 of the result: the SSH key '")  # fmt: skip
        assert f"' of the default user {why}" in sentence

    def test_the_fix_is_said(self) -> None:
        assert said(config("users:", "- name: ops", "  ssh-authorized-keys: [ id.pub ]"))[0] == (
            "error ssh-key: line 4 of the result: the SSH key 'id.pub' of the user 'ops' is a path, which cloud-init "
            "does not read, and leaves it out; write the line of its .pub file, whole and on one line"
        )

    @pytest.mark.parametrize("lines", WHOLE)
    def test_what_lets_somebody_in_is_left_alone(self, lines: list[str]) -> None:
        assert found("ssh_authorized_keys:", *lines) == []

    @pytest.mark.parametrize(
        "lines",
        [
            ["users: [{ name: ops, ssh_authorized_keys: id.pub }]"],
            ["users: [{ name: ops, ssh_authorized_keys: { laptop: id.pub } }]"],
            ["users: [{ name: ops, ssh_authorized_keys: [ id.pub ] }]"],
            ["user: { name: ops, ssh_authorized_keys: [ id.pub ] }"],
            ["write_files: [{ path: /root/.ssh/authorized_keys, content: id.pub }]"],
        ],
    )
    def test_wherever_it_stands(self, lines: list[str]) -> None:
        assert ("error", "ssh-key", 2) in found(*lines)

    def test_a_private_key_is_not_shown(self) -> None:
        text = config("ssh_authorized_keys:", "- |", "  -----BEGIN OPENSSH PRIVATE KEY-----", "  b3BlbnNzaC1rZXktdjE")
        assert "b3BlbnNzaC1rZXktdjE" not in "".join(said(text))


class TestPasswords:
    """What cloudinit.distros.Distro.create_user was seen to do: it locks each of LOCKED, and none of OPEN."""

    LOCKED = (
        [f"passwd: {HASH}"],
        [f"hashed_passwd: {HASH}"],
        [f"hashed-passwd: {HASH}"],
        [f"passwd: {HASH}", "lock_passwd: true"],
        [f"passwd: {HASH}", "lock-passwd: true"],
        [f"passwd: {HASH}", "lock_passwd: 'false'"],
    )
    OPEN = (
        [f"passwd: {HASH}", "lock_passwd: false"],
        [f"passwd: {HASH}", "lock-passwd: no"],
        [f"passwd: {HASH}", "lock_passwd: null"],
        ["lock_passwd: true"],
        ["passwd: '!'"],
        ["passwd: '*'"],
    )

    @staticmethod
    def ids(user: list[str], *lines: str) -> list[str]:
        every = found("users:", "- name: ops", *(f"  {line}" for line in user), *lines)
        return [one[1] for one in every if one[1] == "locked-password"]

    @pytest.mark.parametrize("user", LOCKED)
    def test_one_that_stays_locked_is_a_warning(self, user: list[str]) -> None:
        assert self.ids(user) == ["locked-password"]

    @pytest.mark.parametrize("user", OPEN)
    def test_one_that_does_not_is_none(self, user: list[str]) -> None:
        assert self.ids(user) == []

    @pytest.mark.parametrize(
        "line",
        [
            f"chpasswd: {{ users: [{{ name: ops, password: {HASH} }}] }}",
            f'chpasswd: {{ list: "ops:{HASH}\\nb:{HASH}" }}',
            f"chpasswd: {{ list: [ 'ops:{HASH}' ] }}",
        ],
    )
    def test_what_sets_it_once_more_unlocks_it(self, line: str) -> None:
        assert self.ids(self.LOCKED[0], line) == []

    def test_it_is_one_sentence(self) -> None:
        assert said(config("users:", "- default", "- name: ops", f"  hashed_passwd: {HASH}")) == [
            "warning locked-password: line 5 of the result: hashed_passwd of the user 'ops' is of no use, since "
            "cloud-init locks each password unless it is told otherwise; add `lock_passwd: false`, or take the "
            "password away"
        ]


class TestOwners:
    """cloudinit.util.chownbyname raises OSError for a user or group that is not there yet, and for a number."""

    @pytest.mark.parametrize(
        ("owner", "lines"),
        [
            ("app:app", ["users: [app]"]),
            ("app", ["users: default, app"]),
            ("app:app", ["user: { name: app }"]),
            ("app", ["user: app"]),
            ("app", ["users: { app: true }"]),
            ("app", ["users: [[app]]"]),
            ("root:team", ["groups: [team]"]),
            ("':team'", ["groups: { team: [root] }"]),
            ("root:web", ["users: [{ name: ops, groups: 'adm, web' }]"]),
            ("root:ops", ["users: [{ name: ops }]"]),
            ("root:shop", ["users: [{ name: ops, primary-group: shop }]"]),
            ("'1000:1000'", []),
            ("'root:0'", []),
        ],
    )
    def test_who_comes_after_the_files_is_an_error(self, owner: str, lines: list[str]) -> None:
        file = f"write_files: [{{ path: /a, owner: {owner} }}]"
        assert [one for one in found(file, *lines) if one[1] != "schema" and one[1] != "deprecated-key"] == [
            ("error", "write-files-owner", 2)
        ]
        late = f"write_files: [{{ path: /a, defer: true, owner: {owner} }}]"
        assert [one for one in found(late, *lines) if one[1].startswith("write-files")] == []

    @pytest.mark.parametrize("lines", [[], ["users: [default]"], ["users: [{ name: ops }, default]"]])
    def test_the_default_user_is_not_in_most_images(self, lines: list[str]) -> None:
        assert found("write_files: [{ path: /a, owner: 'debian:debian' }]", *lines) == [
            ("warning", "write-files-owner", 2)
        ]

    @pytest.mark.parametrize(
        ("owner", "lines"),
        [
            ("root:root", ["users: [app]"]),
            ("www-data:adm", ["users: [{ name: ops, groups: [adm, www-data] }]"]),
            ("root:adm", ["groups: [adm, { www-data: [root] }]"]),
            ("nginx", []),
            ("'-1:none'", []),
            ("debian", ["users: [app]"]),
            ("debian", ["user: { name: app }"]),
            ("root:app", ["users: [{ name: app, no_user_group: true }]"]),
        ],
    )
    def test_others_are_left_alone(self, owner: str, lines: list[str]) -> None:
        assert found(f"write_files: [{{ path: /a, owner: {owner} }}]", *lines) == []


class TestHomes:
    @pytest.mark.parametrize(
        ("path", "lines"),
        [
            ("/home/deploy/.bashrc", ["users: [deploy]"]),
            ("/home/deploy/.ssh/config", ["users: [default, { name: deploy }]"]),
            ("/home/app/x", ["user: { name: app }"]),
            ("/srv/deploy/x", ["users: [{ name: deploy, homedir: /srv/deploy }]"]),
            ("/home/ubuntu/.profile", []),
            ("/home/debian/.profile", ["users: [default]"]),
        ],
    )
    def test_a_file_in_a_home_that_is_made_later_is_a_warning(self, path: str, lines: list[str]) -> None:
        assert [one for one in found(f"write_files: [{{ path: {path} }}]", *lines) if one[1] != "deprecated-key"] == [
            ("warning", "write-files-home", 2)
        ]
        assert found(f"write_files: [{{ path: {path}, defer: true }}]", *lines) == []

    @pytest.mark.parametrize(
        ("path", "lines"),
        [
            ("/home/deploy2/x", ["users: [deploy]"]),
            ("/home/deploy/x", ["users: [{ name: deploy, homedir: /srv/deploy }]"]),
            ("/home/deploy/x", ["users: [{ name: deploy, no_create_home: true }]"]),
            ("/home/deploy/x", ["users: [{ name: deploy, system: true }]"]),
            ("/home/debian/x", ["users: [deploy]"]),
            ("/root/x", ["users: [deploy]"]),
        ],
    )
    def test_not_elsewhere(self, path: str, lines: list[str]) -> None:
        assert found(f"write_files: [{{ path: {path} }}]", *lines) == []

    def test_it_is_one_sentence_beside_none_about_the_owner(self) -> None:
        lines = ["users: [deploy]", "write_files:", "- path: /home/deploy/.bashrc"]
        assert said(config(*lines)) == [
            "warning write-files-home: line 4 of the result: /home/deploy/.bashrc is written before cloud-init makes "
            "the user 'deploy', whose home /home/deploy then belongs to root and holds nothing else; add `defer: true`"
        ]
        assert found(*lines, "  owner: deploy") == [("error", "write-files-owner", 5)]


class TestNotFilledIn:
    @pytest.mark.parametrize(
        "lines",
        [
            ["hostname: ${name}"],
            ["hostname: $name"],
            ["hostname: www-$(date +%s)"],
            ['fqdn: "{{ name }}.shop.example"'],
            ["users: [{ name: '${user}' }]"],
            ["users: ['${user}']"],
            ["user: { name: '${user}' }"],
            ["users: [{ name: a, ssh_authorized_keys: ['${key}'] }]"],
            ["ssh_authorized_keys: ['${file.key}']"],
            ["users: [{ name: a, lock_passwd: false, passwd: '${hash}' }]"],
            ["chpasswd: { users: [{ name: a, password: '${hash}' }] }"],
            ["chpasswd: { users: [{ name: '${user}', type: RANDOM }] }"],
            ['password: "${hash}"'],
        ],
    )
    def test_what_nobody_fills_in_is_a_warning(self, lines: list[str]) -> None:
        assert [one for one in found(*lines) if one[0] == "warning"] == [("warning", "not-filled-in", 2)]

    def test_it_is_one_sentence(self) -> None:
        assert said(config("hostname: ${name}")) == [
            "warning not-filled-in: line 2 of the result: hostname holds '${name}', which neither cloud-init nor a "
            "shell fills in, so that the guest gets it as it stands; write the value, or {{ name }} in a template"
        ]

    def test_what_cloud_init_fills_in_is_left_alone(self) -> None:
        assert said("## template: jinja\n#cloud-config\nhostname: www-{{ v1.instance_id }}\n") == []

    def test_a_password_with_a_dollar_is_one(self) -> None:
        assert found(f"users: [{{ name: a, lock_passwd: false, passwd: {HASH} }}]") == []


class TestTheHostsName:
    """cloud-init passes any name on (cloudinit.util.get_hostname_fqdn). Debian's `hostname` refuses each of these;
    systemd takes `_`.
    """

    @pytest.mark.parametrize(
        ("lines", "severity"),
        [
            (["hostname: www_1"], "warning"),
            (["fqdn: www_1.shop.example"], "warning"),
            (["hostname: -www"], "error"),
            (["hostname: www-"], "error"),
            (["hostname: www 1"], "error"),
            (["hostname: www..example"], "error"),
            (["hostname: caf\u00e9"], "error"),
            ([f"hostname: {'a' * 65}"], "error"),
            (["hostname: www/1"], "error"),
        ],
    )
    def test_what_is_none(self, lines: list[str], severity: str) -> None:
        assert found(*lines) == [(severity, "host-name", 2)]

    @pytest.mark.parametrize("name", ["www-1", "WWW.shop.example", "1www", "a" * 63, "www.example.org."])
    def test_what_is_one(self, name: str) -> None:
        assert found(f"fqdn: {name}") == []

    def test_it_is_one_sentence(self) -> None:
        assert said(config("hostname: www_1", "fqdn: -a.example")) == [
            "error host-name: line 3 of the result: fqdn '-a.example' is no host name, and the guest does not "
            "take it; write words of letters, digits and '-', each of 63 at most, with dots between them",
            "warning host-name: line 2 of the result: hostname 'www_1' has a '_', which Debian's `hostname` refuses "
            "and no name in DNS may have; write '-'",
        ]


class TestLineEndsOfWindows:
    def test_in_a_script_that_is_written_they_are_an_error(self) -> None:
        text = config("write_files:", "- path: /usr/local/bin/a", '  content: "#!/bin/sh\\r\\nls\\r\\n"')
        assert said(text) == [
            "error crlf: line 4 of the result: the script /usr/local/bin/a ends its lines with CRLF, so that the guest "
            "looks for a program '/bin/sh' with a carriage return behind its name, and runs nothing; save it with LF"
        ]

    @pytest.mark.parametrize(
        ("content", "permissions", "severities"),
        [
            ("#!/usr/bin/env python3\r\n", "0755", ["error"]),
            ("#!/usr/bin/env python3\r\n", "0644", []),
            ("#!/bin/sh\n", "0755", []),
            ("a = 1\r\n", "0755", []),
        ],
    )
    def test_it_matters_where_the_guest_runs_it(self, content: str, permissions: str, severities: list[str]) -> None:
        file = f"- {{ path: /a, permissions: '{permissions}', encoding: b64, content: {encoded(content)} }}"
        assert [one.severity for one in findings(document(config("write_files:", file)))] == severities

    def test_in_a_folder_of_files_they_are_an_error(self, shop: OpenStackStack) -> None:
        script = Path(shop.app.templates) / "tree" / "usr" / "bin" / "a"
        script.parent.mkdir(parents=True)
        script.write_bytes(b"#!/bin/sh\r\nls\r\n")
        with pytest.raises(ValueError, match="the script /usr/bin/a ends its lines with CRLF"):
            server(shop, "www", backend(shop), user_data=UserData.files(FileTree("tree")))

    @pytest.mark.parametrize("text", ["#!/bin/sh\r\nls\r\n", "#cloud-boothook\r\n#!/bin/sh\r\nls\r\n"])
    def test_user_data_that_is_a_script_itself_is_put_right_by_cloud_init(self, text: str) -> None:
        """cloudinit.util.dos2unix, which its handlers of scripts and of boothooks call."""
        assert said(text) == []


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
