"""`ivc check` and `ivc explain` as a linter: all of every file, in the forms of people and of programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivc.__main__ import app
from ivc.pages import page
from ivc.policies import BUILT_IN, ON_REQUEST
from ivc.userdata.checks.explained import explained

TWICE = """\
#cloud-config
{# who we are -#}
hostname: a
{% if true %}
hostname: b
{% endif %}
package: [a]
write_files:
  - {path: /etc/x, content: "password=hunter2hunter2", permissions: "4755"}
"""
SECRET = (
    "a password or key under password stands in clear; user data is no place for it, since every program on the guest "
    "can read it: let the guest fetch it, or accept it with a waiver of 'secret:password' and a reason"
)
SETUID = (
    "with the permissions 4755 whoever runs /etc/x does it as its owner or its group; take the first digit away, or "
    "say in a waiver why it must be so"
)
DUPLICATE = (
    "the key 'hostname' stands in line 3 already, and of the two only the last counts; put both under one key, or take "
    "one away"
)
UNKNOWN = "cloud-init knows no key 'package' and ignores it; write 'packages' if that was meant"


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line, in a folder with a template of each kind."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "userdata").mkdir()
    (tmp_path / "userdata" / "twice.yaml").write_text(TWICE)
    (tmp_path / "userdata" / "broken.yaml").write_text("#cloud-config\nhostname: {{ nope }}\n")
    (tmp_path / "userdata" / "fine.yaml").write_text("#cloud-config\nhostname: {{ name }}\n")

    def ran(*arguments: str) -> Ran:
        done = CliRunner().invoke(app, arguments)
        error = done.exception if isinstance(done.exception, ValueError) else None
        return Ran(done.exit_code, done.stdout, done.stderr + (f"ivc: {error}\n" if error else ""))

    return ran


def test_everything_in_every_file_is_told_with_its_line(run: Run) -> None:
    done = run("check", "userdata/twice.yaml", "userdata/broken.yaml", "userdata/fine.yaml", "--var", "name=a")
    assert done.out.splitlines() == [
        f"userdata/twice.yaml:5: error: {DUPLICATE} [yaml-duplicate-key]",
        f"userdata/twice.yaml:7: error: {UNKNOWN} [unknown-key]",
        f"userdata/twice.yaml:9: error: {SECRET} [secret]",
        f"userdata/twice.yaml:9: warning: {SETUID} [write-files-setuid]",
        "userdata/broken.yaml:2: error: 'nope' is undefined: give it in the declaration, or correct its name "
        "[not-rendered]",
        "Checked 3: 4 errors, 1 warning.",
    ]
    assert done.status == 1


def test_a_line_that_nobody_can_tell_is_called_one_of_the_result(run: Run, tmp_path: Path) -> None:
    text = "#cloud-config\n{% macro m() %}a{% endmacro %}{{ 'package' if m() == 'a' }}: [a]\n"
    (tmp_path / "userdata" / "twice.yaml").write_text(text)
    assert run("check", "userdata/twice.yaml").out.splitlines()[0] == (
        f"userdata/twice.yaml: error: line 2 of the result: {UNKNOWN} [unknown-key]"
    )


def test_a_line_of_another_file_is_told_as_that_files(run: Run, tmp_path: Path) -> None:
    (tmp_path / "userdata" / "part").write_text("\n\npackage: [a]\n")
    (tmp_path / "userdata" / "www" / "etc").mkdir(parents=True)
    (tmp_path / "userdata" / "www" / "etc" / "key").write_text("a\npassword=hunter2hunter2\n")
    (tmp_path / "userdata" / "twice.yaml").write_text("#cloud-config\n{% include 'part' %}")
    done = run("check", "userdata/twice.yaml", "--files", "www")
    assert [line.partition(": ")[0] for line in done.out.splitlines()[:-1]] == [
        "userdata/part:3",
        "userdata/www/etc/key:2",
    ]


def test_what_stands_there_already_is_told_as_that_files(run: Run, tmp_path: Path) -> None:
    (tmp_path / "userdata" / "part").write_text("\nhostname: a\n")
    (tmp_path / "userdata" / "twice.yaml").write_text("#cloud-config\n\n{% include 'part' %}\nhostname: b\n")
    assert run("check", "userdata/twice.yaml").out.startswith(
        "userdata/twice.yaml:4: error: the key 'hostname' stands in line 2 of userdata/part already, and of the two "
    )


def test_a_secret_stands_in_no_form(run: Run) -> None:
    done = [
        run("check", "userdata/twice.yaml", *form) for form in ((), ("--json", "-"), ("--sarif", "-"), ("--github",))
    ]
    assert [("hunter2" in each.out + each.err, each.status) for each in done] == [(False, 1)] * 4


def test_json_has_all_facts(run: Run, tmp_path: Path) -> None:
    done = run("check", "userdata/twice.yaml", "--json", "facts.json", "--accept", "secret:password=of the test")
    assert (done.out, done.err) == ("", "Checked 1: 2 errors, 1 warning.\n")
    written = json.loads((tmp_path / "facts.json").read_text())
    assert (written["version"], written["checked"]) == (1, ["userdata/twice.yaml"])
    assert [(one["id"], one["line"], one["rendered_line"], one["waived"]) for one in written["findings"]] == [
        ("yaml-duplicate-key", 5, 4, None),
        ("unknown-key", 7, 6, None),
        ("secret", 9, 8, "of the test"),
        ("write-files-setuid", 9, 8, None),
    ]
    assert written["findings"][1] == {
        "id": "unknown-key",
        "severity": "error",
        "target": "userdata/twice.yaml",
        "file": "userdata/twice.yaml",
        "line": 7,
        "rendered_line": 6,
        "subject": "package",
        "message": UNKNOWN,
        "page": page("user-data-findings.md#unknown-key"),
        "waived": None,
    }


def test_sarif_has_the_place_the_help_and_what_is_accepted(run: Run) -> None:
    (only,) = json.loads(run("check", "userdata/twice.yaml", "--sarif", "-", "--accept", "secret=so").out)["runs"]
    rules = {rule["id"]: rule for rule in only["tool"]["driver"]["rules"]}
    places = [
        (
            result["ruleId"],
            result["level"],
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            result["locations"][0]["physicalLocation"]["region"]["startLine"],
            [one["justification"] for one in result["suppressions"]],
        )
        for result in only["results"]
    ]
    assert places == [
        ("yaml-duplicate-key", "error", "userdata/twice.yaml", 5, []),
        ("unknown-key", "error", "userdata/twice.yaml", 7, []),
        ("secret", "error", "userdata/twice.yaml", 9, ["so"]),
        ("write-files-setuid", "warning", "userdata/twice.yaml", 9, []),
    ]
    assert rules["unknown-key"]["shortDescription"]["text"] == explained()["unknown-key"].title
    assert explained()["unknown-key"].help in rules["unknown-key"]["help"]["markdown"]


def test_github_gets_annotations(run: Run, tmp_path: Path) -> None:
    (tmp_path / "userdata" / "a,b:c.yaml").write_text("#cloud-config\npackage: [100%]\n")
    done = run("check", "userdata/a,b:c.yaml", "userdata/twice.yaml", "--github", "--accept", "secret=so")
    assert done.out.splitlines() == [
        f"::error file=userdata/a%2Cb%3Ac.yaml,line=2,title=unknown-key::{UNKNOWN}",
        f"::error file=userdata/twice.yaml,line=5,title=yaml-duplicate-key::{DUPLICATE}",
        f"::error file=userdata/twice.yaml,line=7,title=unknown-key::{UNKNOWN}",
        f"::warning file=userdata/twice.yaml,line=9,title=write-files-setuid::{SETUID}",
    ]


def test_no_text_of_a_file_obeys_a_terminal_or_a_code_host(run: Run, tmp_path: Path) -> None:
    (tmp_path / "userdata" / "x.yaml").write_text('#cloud-config\n"a\\e[31m%0A\\n::error::b": 1\n')
    lines = run("check", "userdata/x.yaml").out.splitlines()
    annotations = run("check", "userdata/x.yaml", "--github").out.splitlines()
    assert [("\x1b" in line, line.startswith("userdata/x.yaml:2: error: ")) for line in lines[:-1]] == [(False, True)]
    assert [line.count("%250A") for line in annotations] == [1]
    assert annotations[0].startswith("::error file=userdata/x.yaml,line=2,title=unknown-key::")


def test_what_is_accepted_is_shown_and_is_no_error(run: Run) -> None:
    accepted = ("yaml-duplicate-key=a", "unknown-key:package=b=c", "secret=d", "write-files-setuid=e")
    done = run("check", "userdata/twice.yaml", *(word for each in accepted for word in ("--accept", each)))
    assert done.out.splitlines()[1:] == [
        f"userdata/twice.yaml:7: waived: {UNKNOWN} [unknown-key] (b=c)",
        f"userdata/twice.yaml:9: waived: {SECRET} [secret] (d)",
        f"userdata/twice.yaml:9: waived: {SETUID} [write-files-setuid] (e)",
        "Checked 1: 0 errors, 0 warnings.",
    ]
    assert done.status == 0


@pytest.mark.parametrize(
    ("accept", "sentence"),
    [
        ("no-such=x", "ivc: --accept: 'no-such' accepts nothing of what was found: take it away\n"),
        ("secret=", "ivc: the waiver of 'secret' has no reason; say why it is right here\n"),
        ("secret", "ivc: --accept: 'secret' has no sign =; write NAME=VALUE\n"),
    ],
)
def test_what_accepts_nothing_is_an_error(run: Run, accept: str, sentence: str) -> None:
    done = [run(*command, "--accept", accept) for command in (("check", "userdata/twice.yaml"),
            ("render", "userdata/twice.yaml"), ("seed", "userdata/twice.yaml", "-o", "x.iso"))]  # fmt: skip
    assert [(each.err.endswith(sentence), each.status) for each in done] == [(True, 1)] * 3
    assert not Path("x.iso").exists()


def test_a_variable_counts_as_unread_where_no_file_reads_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "vars.yaml").write_text("site: a\n")
    (tmp_path / "userdata" / "other.yaml").write_text("#cloud-config\nfqdn: {{ fqdn }}\n")
    given = ("--var", "name=a", "--var", "fqdn=b", "--var", "nam=c", "--vars", "vars.yaml")
    done = run("check", "userdata/fine.yaml", "userdata/other.yaml", *given)
    unread = (
        "the variable nam is given and no template reads it: take it out of the declaration, or write {{ nam }} where"
    )
    assert [line.partition(" it is")[0] for line in done.out.splitlines()] == [
        f"userdata/fine.yaml: warning: {unread}",
        f"userdata/other.yaml: warning: {unread}",
        "Checked 2: 0 errors, 2 warnings.",
    ]


def test_render_shows_the_text_and_says_what_is_wrong_with_it(run: Run) -> None:
    done = run("render", "userdata/twice.yaml", "--accept", "secret=so")
    assert done.out.startswith("#cloud-config\nhostname: a\n")
    assert done.err.splitlines() == [
        f"userdata/twice.yaml:5: error: {DUPLICATE} [yaml-duplicate-key]",
        f"userdata/twice.yaml:7: error: {UNKNOWN} [unknown-key]",
        f"userdata/twice.yaml:9: warning: {SETUID} [write-files-setuid]",
    ]
    assert done.status == 1


def test_seed_writes_nothing_that_is_wrong_and_says_what_is_odd(run: Run, tmp_path: Path) -> None:
    assert run("seed", "userdata/twice.yaml", "-o", "x.iso").status == 1
    assert not Path("x.iso").exists()
    (tmp_path / "userdata" / "odd.yaml").write_text("#cloud-config\nmounts: [[/dev/vdb, /srv]]\n")
    done = run("seed", "userdata/odd.yaml", "-o", "x.iso")
    assert done.status == 0
    assert done.err.startswith("userdata/odd.yaml:2: warning: mounts names the disk '/dev/vdb'")
    assert Path("x.iso").exists()


@pytest.mark.parametrize("size", [49_149, 49_150, 200_000])
def test_only_nova_has_a_limit(run: Run, tmp_path: Path, size: int) -> None:
    (tmp_path / "userdata" / "long.yaml").write_text("#cloud-config\n# ".ljust(size - 1, "a") + "\n")
    is_over = size > 49_149
    commands = [("check",), ("render",), ("check", "--for", "nocloud"), ("render", "--for", "nocloud"),
                ("seed", "-o", "x.iso")]  # fmt: skip
    done = [run(command, "userdata/long.yaml", *options) for command, *options in commands]
    assert [each.status for each in done] == [is_over, is_over, 0, 0, 0]
    assert ("[size]" in done[0].out) == is_over


@pytest.mark.parametrize("files", ["www", "www/", "userdata/www", "userdata/www/", "./userdata/www/"])
def test_a_folder_of_files_may_be_given_as_the_shell_completes_it(run: Run, tmp_path: Path, files: str) -> None:
    (tmp_path / "userdata" / "www").mkdir()
    (tmp_path / "userdata" / "www" / "motd").write_text("hello\n")
    done = run("render", "userdata/fine.yaml", "--var", "name=a", "--files", files)
    assert (done.status, "- path: /motd" in done.out) == (0, True)


def test_the_machines_own_cloud_init_is_asked(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run("check", "userdata/fine.yaml", "--var", "name=a", "--schema").err == (
        "ivc: --schema: there is no cloud-init on this machine; install the package cloud-init\n"
    )
    asked = tmp_path / "cloud-init"
    asked.write_text('#!/bin/sh\nread -r first <"$3"\necho "$1 $2: $first is odd\nin $3" >&2\nexit 1\n')
    asked.chmod(0o755)
    done = run("check", "userdata/fine.yaml", "--var", "name=a", "--schema")
    assert (done.status, done.out.splitlines()[0]) == (
        1,
        "userdata/fine.yaml: error: cloud-init schema says: schema -c: #cloud-config is odd in [cloud-init-schema]",
    )


def test_every_id_is_explained_without_a_network(run: Run) -> None:
    listed = [line.partition(":")[0] for line in run("explain").out.splitlines()]
    assert listed == [*explained(), *(policy.id for policy in (*BUILT_IN, *ON_REQUEST))]
    assert len(listed) > 50
    texts = [run("explain", id_) for id_ in listed]
    assert [(one.status, one.out.startswith(f"{id_}: ")) for id_, one in zip(listed, texts, strict=True)] == [
        (0, True)
    ] * len(listed)


def test_an_explanation_says_why_and_how_to_mend_it(run: Run) -> None:
    assert run("explain", "secret:DB_KEY").out == run("explain", "secret").out
    assert run("explain", "size").out == (
        "size: The text is over Nova's limit (error)\n\n"
        f"{explained()['size'].help}\n\n"
        f"See {page('user-data-findings.md#size')}\n"
    )
    assert run("explain", "ivc101").out == (
        "IVC101: The world reaches SSH (error): tcp 22.\n\n"
        "Passwords and stolen keys are tried around the clock, and each hole in a daemon is used within hours.\n\n"
        "Mend it:\n"
        '`allow_from(group, ...)` for servers, `allow_from(Cidr("203.0.113.0/24"), ...)` for an office or a VPN.\n\n'
        'Waive it: `web.waive("IVC101", reason="...")` on the group.\n\n'
        f"See {page('policies.md#ivc101')}\n"
    )
    assert run("explain", "ACME1").err == ("ivc: ACME1: no finding has this id; `ivc explain` lists them\n")
