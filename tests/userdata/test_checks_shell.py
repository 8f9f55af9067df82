"""Checks of shell text, wherever it stands: each fault with the sentence that a user reads."""

from __future__ import annotations

import base64

import pytest

from tests.userdata.test_checks import config, said

DASH, LEFT, RIGHT, APOSTROPHE, SPACE = "\u2013", "\u201c", "\u201d", "\u2019", "\u00a0"


def script(*lines: str) -> str:
    return "\n".join(("#!/bin/sh", *lines, ""))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            config("runcmd:", f"- apt-get install {DASH}y nginx"),
            f"error typographic: line 3 of the result: a typographic dash ({DASH}) in shell text, near 'apt-get "
            "install "
            f"{DASH}y nginx': the shell takes it for a letter; write a plain hyphen",
        ),
        (
            config("runcmd:", f"- [ apt-get, install, {DASH}y, nginx ]"),
            f"error typographic: line 3 of the result: a typographic dash ({DASH}) in shell text, near '{DASH}y': "
            "the shell "
            "takes it for a letter; write a plain hyphen",
        ),
        (
            script("set -e", f"echo {LEFT}hello > /etc/motd"),
            f"error typographic: line 3 of the result: a typographic quote ({LEFT}) in shell text, near 'echo "
            f"{LEFT}hello > "
            "/etc/motd': the shell takes it for a letter; write a straight one",
        ),
        (
            script(f"ls{SPACE}-l"),
            "error typographic: line 2 of the result: a typographic non-breaking space (U+00A0) in shell text, near "
            "'ls "
            "-l': the shell takes it for a letter; write a plain space",
        ),
        (
            config("write_files:", "- path: /usr/local/bin/a", "  content: |", "    #!/bin/bash", "",
                   f"    rm {DASH}rf /srv/a"),
            f"error typographic: line 7 of the result: a typographic dash ({DASH}) in shell text, near 'rm {DASH}rf "
            "/srv/a': "
            "the shell takes it for a letter; write a plain hyphen",
        ),
        (
            config("write_files:", "- path: /usr/local/bin/a", "  encoding: b64",
                   "  content: " + base64.b64encode(f"#!/bin/sh\nrm {DASH}r a\n".encode()).decode()),
            "error typographic: line 5 of the result: in /usr/local/bin/a, decoded, line 2: a typographic dash "
            f"({DASH}) in shell text, near 'rm {DASH}r a': the shell takes it for a letter; write a plain hyphen",
        ),
        (
            config("runcmd:", "- curl -fsS https:/get.example.org/install | sh"),
            "error url-one-slash: line 3 of the result: 'https:/get.example.org/install' has one slash after its "
            "colon, "
            "which is no address; write two",
        ),
        (
            config("runcmd:", "- |", "  set -e", "  curl -o /srv/a 'http:/example.org/a'"),
            "error url-one-slash: line 5 of the result: 'http:/example.org/a' has one slash after its colon, which "
            "is no "
            "address; write two",
        ),
        (
            config("runcmd:", "- cd /srv", "- python3 -m http.server 80", "- systemctl restart nginx"),
            "error foreground: line 4 of the result: 'python3 -m http.server 80' stays in the foreground, so nothing "
            "after "
            "it runs; make it a systemd service, or start it with systemd-run",
        ),
        (
            config("runcmd:", "- [ sh, -c, 'cd /srv && tail -F log' ]"),
            "error foreground: line 3 of the result: 'tail -F log' stays in the foreground, so nothing after it "
            "runs; look "
            "at the log when you need it",
        ),
        (
            config("bootcmd:", "- docker run -p 80:80 nginx"),
            "warning foreground: line 3 of the result: 'docker run -p 80:80 nginx' stays in the foreground, and "
            "nothing "
            "after it runs until it ends; add -d, or --rm where it is to end",
        ),
        (
            "#cloud-boothook\n#!/bin/sh\nsleep infinity\n",
            "error foreground: line 3 of the result: 'sleep infinity' stays in the foreground, so nothing after it "
            "runs; "
            "take it away",
        ),
    ],
)  # fmt: skip
def test_a_fault_is_one_sentence(text: str, sentence: str) -> None:
    assert said(text) == [sentence]


@pytest.mark.parametrize(
    "line",
    [
        "tail -f /var/log/syslog",
        "sudo -u shop nohup tail -n 5 -f log",
        "FOO=bar exec /usr/sbin/sshd -D",
        "journalctl -fu nginx",
        "nc -lk 8080",
        "docker compose -f a.yaml up",
        "nginx -g 'daemon off;'",
        "watch df",
        "cd /srv; gunicorn app:app",
        "/opt/shop/bin/shopd --foreground",
        "apachectl -D FOREGROUND",
        "uvicorn app:app --port 80",
        "sleep infinity 2>&1",
    ],
)
def test_programs_that_stay(line: str) -> None:
    assert len(said(script(line, "echo done"))) == 1


@pytest.mark.parametrize(
    "line",
    [
        "tail -f /var/log/syslog &",
        "nohup python3 -m http.server 80 > /dev/null 2>&1 &",
        "systemd-run --unit=web python3 -m http.server 80",
        "(cd /srv && python3 -m http.server 80) &",
        "timeout 10 tail -f log",
        "tail -f log | grep -m1 ready",
        "tail -n 5 log",
        "docker run -d nginx",
        "docker run --rm backup",
        "docker compose up -d",
        "gunicorn --daemon app:app",
        "sleep 5",
        "topology --show",
        "echo 'tail -f log'",
        "# tail -f log",
        "journalctl -u nginx -n 5",
        "cat > /etc/systemd/system/a.service <<EOF\ntail -f log\nsshd -D\nEOF",
        "cat <<-'END'\n\twatch it's\n\tEND",
        "web() {\n  tail -f log\n}",
        "sed -i s/http:/https:/ /etc/apt/sources.list",
        "sed -i 's|http:/|https:/|' a",
        "curl https://example.org/a//b",
        f"echo 'it{APOSTROPHE}s {LEFT}done{RIGHT} {DASH}ok'",
        f'echo "{SPACE}"',
        f"# the {LEFT}usual{RIGHT} way {DASH}x",
        f"cat > /etc/motd <<EOF\nGr{LEFT}a{RIGHT} {DASH}x\nEOF",
        'echo "a \\" b" # don\'t',
        "echo $((1 << 2))",
        "sshd --help",
    ],
)
def test_what_is_right_is_not_touched(line: str) -> None:
    assert said(script(line, "echo done")) == []


def test_a_script_that_a_service_may_run_may_stay() -> None:
    assert (
        said(config("write_files:", "- path: /a", "  content: |", "    #!/bin/sh", "    exec tail -f /var/log/a")) == []
    )


def test_text_that_is_no_shell_is_left_alone() -> None:
    assert said(f"#!/usr/bin/env python3\nprint({LEFT!r})  # tail -f, https:/x\n") == []
    assert said(config("write_files:", "- path: /a", "  content: |", f"    Caf\u00e9 {DASH}x https:/x")) == []


def test_a_command_of_many_thousand_letters_is_read_as_a_short_one_is() -> None:
    long = f"tail -f /var/log/{'x' * 40_000}"
    assert [message.partition(" stays ")[0] for message in said(script(long))] == [
        f"error foreground: line 2 of the result: {long[:57] + '...'!r}"
    ]
