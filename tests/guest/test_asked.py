"""What a guest must have is read off the user data rightly."""

import base64
import gzip
import subprocess
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import pytest
from practice.guest import ExpectedFile, expected_files
from practice.guest.asked import read, watched


def config(body: str) -> bytes:
    return f"#cloud-config\n{body}".encode()


def test_a_file_has_its_bytes_mode_and_owner() -> None:
    entry = "{path: /a, content: 'x', permissions: '0600', owner: www-data}"
    assert expected_files(config(f"write_files: [{entry}]")) == {"/a": ExpectedFile(b"x", 0o600, "www-data")}


def test_what_is_not_said_is_cloud_inits_default() -> None:
    assert expected_files(config("write_files: [{path: /a}]")) == {"/a": ExpectedFile(b"", 0o644, "root:root")}


@pytest.mark.parametrize("encoding", ["b64", "base64"])
def test_base64_is_decoded(encoding: str) -> None:
    text = base64.b64encode(b"\x00\xff").decode()
    found = expected_files(config(f"write_files: [{{path: /a, encoding: {encoding}, content: '{text}'}}]"))
    assert found["/a"].content == b"\x00\xff"


@pytest.mark.parametrize("encoding", ["gz+b64", "gzip+base64"])
def test_gzip_is_unpacked(encoding: str) -> None:
    text = base64.b64encode(gzip.compress(b"long")).decode()
    found = expected_files(config(f"write_files: [{{path: /a, encoding: {encoding}, content: '{text}'}}]"))
    assert found["/a"].content == b"long"


def test_yamls_own_binary_is_bytes() -> None:
    assert expected_files(config("write_files: [{path: /a, content: !!binary /w==}]"))["/a"].content == b"\xff"


def test_what_is_appended_is_the_end_of_a_file() -> None:
    files = expected_files(
        config("write_files: [{path: /a, content: x}, {path: /a, content: y, append: true}, {path: /b, append: true}]")
    )
    assert files["/a"] == ExpectedFile(b"xy")
    assert not files["/b"].whole


def test_a_deferred_file_is_written_last() -> None:
    files = expected_files(config("write_files: [{path: /a, content: late, defer: true}, {path: /a, content: early}]"))
    assert files["/a"].content == b"late"


def test_the_last_part_of_several_wins() -> None:
    message = MIMEMultipart()
    for content in ("old", "new"):
        message.attach(MIMEText(f"#cloud-config\nwrite_files: [{{path: /a, content: {content}}}]", "cloud-config"))
    message.attach(MIMEText("#!/bin/sh\ntrue\n", "x-shellscript"))
    asked = read(message.as_bytes())
    assert asked.files["/a"].content == b"new"
    assert asked.scripts == 1


def test_yaml_that_does_not_parse_is_a_problem_with_its_line() -> None:
    asked = read(config('hostname: a\nruncmd: [ sh -c "oops\n'))
    assert len(asked.problems) == 1
    assert asked.problems[0].startswith("The user data is not YAML: line ")


def test_a_list_is_no_cloud_config() -> None:
    assert read(config("- a\n")).problems == ("The user data is a list and not a mapping of keys to values.",)


def test_content_that_is_not_in_its_encoding_is_a_problem() -> None:
    asked = read(config("write_files: [{path: /a, encoding: gz+b64, content: aGk=}]"))
    assert "the content of /a is not gz+b64" in asked.problems[0]


def test_what_needs_a_network_is_said() -> None:
    asked = read(config("package_update: true\npackages: [nginx, [vim, '2']]"))
    assert asked.packages == ("nginx", "vim")
    assert [sentence.partition(":")[0] for sentence in asked.not_read] == [
        "package_update",
        "the installation of nginx, vim",
    ]


def test_a_jinja_document_cannot_be_foretold() -> None:
    assert "text/jinja2" in read(b"## template: jinja\n#cloud-config\nhostname: {{ v1.x }}\n").not_read[0]


def test_mounts_that_nobody_mounts_are_not_expected() -> None:
    entries = "[[/dev/vdb, /srv], [/dev/vdc, none, swap], [/dev/vdd, /x, auto, 'defaults,noauto'], [ephemeral0, null]]"
    assert [mount.target for mount in read(config(f"mounts: {entries}")).mounts] == ["/srv"]


def test_each_command_is_watched(tmp_path: Path) -> None:
    asked = read(config("runcmd: [[sh, -c, \"exit 3\"], 'x=$?', 'test $x = 3', [echo, \"it's\"]]"))
    scripts = watched(asked.commands, str(tmp_path / "record"))
    assert scripts is not None
    assert scripts[0] == "#!/bin/sh\n'sh' '-c' 'exit 3'\nx=$?\ntest $x = 3\n'echo' 'it'\\''s'\n"
    done = subprocess.run(["/bin/sh"], input=scripts[1], text=True, capture_output=True, check=True)
    assert done.stdout == "it's\n"
    assert (tmp_path / "record").read_text() == "1 3\n2 0\n3 0\n4 0\n"


@pytest.mark.parametrize(
    "open_one", ["if true; then", "cat <<END", "echo 'open", "echo \\"], ids=["if", "heredoc", "quote", "backslash"]
)
def test_commands_that_go_on_in_the_next_entry_are_left_alone(open_one: str) -> None:
    assert watched((open_one, "true"), "/x") is None
