"""Where the lines of a rendered text were written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ivc.userdata import AtApply, FileTree, UserData
from ivc.userdata.volumes import Mount
from tests.userdata.test_files import put


def written(folder: Path, *trees: FileTree, mounts: tuple[Mount, ...] = (), **variables: Any) -> list[str]:
    """Each line with the place where it was written."""
    data = UserData.template("t", files=trees, **variables)
    document = data.draft(folder=folder, instance=None, mounts=mounts).text
    places = data.places(document, folder=folder, instance=None)
    shown = []
    for number, line in enumerate(document.readable.split("\n"), start=1):
        place = places.get(number)
        where = "?" if place is None else f"{place.file.relative_to(folder)}:{place.line or '?'}"
        shown.append(f"{where} {line}")
    return shown


def test_lines_are_those_of_the_template_whatever_jinja_leaves_out(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "t": "#cloud-config\n{# a\nnote #}\n{% set n = 2 %}\nruncmd:\n"
            "{%- for i in range(n) %}\n  - [ls, '{{ i }}']\n{%- endfor %}\n{{ key }}: b\n{{ line }}\n"
            "{% include 'part' %}# end\n",
            "part": "# part {{ key }}\r\n{% if false %}\r\n# no\r\n{% endif %}\r\n# last\r\n",
        },
    )
    assert written(tmp_path, key="hostname", line="timezone: UTC") == [
        "t:1 #cloud-config",
        "? ",
        "? ",
        "t:5 runcmd:",
        "t:7   - [ls, '0']",
        "t:7   - [ls, '1']",
        "t:9 hostname: b",
        "t:10 timezone: UTC",
        "part:1 # part hostname\r",
        "? \r",
        "part:5 # last\r",
        "t:11 # end",
        "? ",
    ]


def test_all_lines_of_a_value_stand_where_it_is_put_in(tmp_path: Path) -> None:
    put(tmp_path, {"t": "#cloud-config\n{{ a | verbatim }}\n# end\nusers:\n  {{ b | verbatim }}\n"})
    found = written(tmp_path, a="hostname: a\nfqdn: b.c", b="- default")
    assert found == [
        "t:1 #cloud-config",
        "t:2 hostname: a",
        "t:2 fqdn: b.c",
        "t:3 # end",
        "t:4 users:",
        "t:5   - default",
        "? ",
    ]


def test_what_a_template_of_the_librarys_brings_stands_where_it_is_called(tmp_path: Path) -> None:
    call = '{% import "ivc/packages.jinja" as packages %}\n{{ packages.install("apt", apt=["nginx"]) }}'
    put(tmp_path, {"t": f"#cloud-config\n{call}\n# end\n"})
    found = written(tmp_path)
    assert found == [
        "t:1 #cloud-config",
        "? ",
        "t:3 package_update: true",
        "t:3 packages: [nginx]",
        "t:4 # end",
        "? ",
    ]


def test_values_known_only_at_apply_move_nothing(tmp_path: Path) -> None:
    put(tmp_path, {"t": "#cloud-config\nhostname: {{ x }}\n{{ x }}: {{ x }}\n"})
    found = written(tmp_path, x=AtApply("x", "the id", 36))
    assert found[:3] == ["t:1 #cloud-config", "t:2 hostname: <the id>", "t:3 <the id>: <the id>"]


@pytest.mark.parametrize(
    "text",
    [
        "{% filter wordcount | string %}abc{% endfilter %}",
        "{% set a %}x{% endset %}{{ a | length }}",
        "{{ m() == 'x' }}",
    ],
)
def test_where_a_template_looks_at_its_own_text_nothing_is_said(tmp_path: Path, text: str) -> None:
    put(tmp_path, {"t": "#cloud-config\n{% macro m() %}x{% endmacro %}# " + text + "\n"})
    assert [line.partition(" ")[0] for line in written(tmp_path)] == ["?", "?", "?"]


def test_what_the_library_and_folders_bring_is_not_the_templates(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "t": "#cloud-config\nwrite_files:\n  - path: /own\n    content: a\nbootcmd:\n  - ls\n",
            "www/etc/a": "1\n\n2\n",
            "www/etc/b.jinja": "{# x\n#}{{ v }}\n{% if true %}\nlast\n{% endif %}\n",
            "www/etc/c": 'one "1"\r\ntwo\r\n',
            "www/etc/d": b"\x00",
        },
    )
    mount = Mount("data", "3f2504e0-4f89-41d3-9", "/srv", None, None)
    found = written(tmp_path, FileTree("www"), mounts=(mount,), v=1)
    # All of the library's own command stands below that one.
    command = found.index("?   - |")
    assert found[command + 1].startswith("?     ")
    assert [*found[: command + 1], *found[-2:]] == [
        "t:1 #cloud-config",
        "t:2 write_files:",
        "www/etc/a:?   - path: /etc/a",
        'www/etc/a:?     permissions: "0644"',
        "www/etc/a:?     content: |",
        "www/etc/a:1       1",
        "www/etc/a:2 ",
        "www/etc/a:3       2",
        "www/etc/b.jinja:?   - path: /etc/b",
        'www/etc/b.jinja:?     permissions: "0644"',
        "www/etc/b.jinja:?     content: |+",
        "www/etc/b.jinja:?       1",
        "www/etc/b.jinja:? ",
        "www/etc/b.jinja:4       last",
        "www/etc/b.jinja:? ",
        "www/etc/c:?   - path: /etc/c",
        'www/etc/c:?     permissions: "0644"',
        'www/etc/c:?     content: "\\',
        'www/etc/c:1       one \\"1\\"\\r\\n\\',
        'www/etc/c:2       two\\r\\n"',
        "www/etc/d:?   - path: /etc/d",
        'www/etc/d:?     permissions: "0644"',
        "www/etc/d:?     encoding: b64",
        'www/etc/d:?     content: "AA=="',
        "t:3   - path: /own",
        "t:4     content: a",
        "t:5 bootcmd:",
        "?   - |",
        "t:6   - ls",
        "? ",
    ]
