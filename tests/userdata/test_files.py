"""File trees: what a folder becomes on the guest, and what is said of a wrong one."""

from __future__ import annotations

import base64
import os
import posixpath
import subprocess
import sys
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivc.userdata import AtApply, FileTree, UserData

HEADER = "#cloud-config\n"


@dataclass(frozen=True)
class Written:
    """A file as cloud-init writes it (cloudinit/config/cc_write_files.py)."""

    content: bytes
    permissions: int
    owner: str
    append: bool
    defer: bool


def put(folder: Path, files: Mapping[str, str | bytes], *, executable: tuple[str, ...] = ()) -> None:
    """Files, by their paths below the app's userdata/."""
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
        place.chmod(0o755 if path in executable else 0o644)


def read_as_cloud_init(text: str) -> dict[str, Written]:
    """The files that a guest would have."""
    written = {}
    for item in yaml.safe_load(text)["write_files"]:
        content = item.get("content", "")
        data = content if isinstance(content, bytes) else content.encode()
        encoding = item.get("encoding", "")
        if encoding in ("b64", "gz+b64"):
            data = base64.b64decode(data)
        if encoding == "gz+b64":
            data = zlib.decompress(data, wbits=31)
        path = posixpath.abspath(item["path"])
        assert path not in written
        assert isinstance(item.get("permissions", ""), str)
        written[path] = Written(
            content=data,
            permissions=int(item.get("permissions", "0644"), 8),
            owner=item.get("owner", "root:root"),
            append=item.get("append", False),
            defer=item.get("defer", False),
        )
    return written


def text_of(folder: Path, *trees: FileTree, text: str = HEADER, **variables: object) -> str:
    put(folder, {"t": text})
    data = UserData.template("t", files=trees, **variables)
    return data.render(folder=folder, instance={"name": "www-1"}).readable


def refused(folder: Path, *trees: FileTree, text: str = HEADER, **variables: object) -> str:
    with pytest.raises(ValueError, match=r"\S") as raised:
        text_of(folder, *trees, text=text, **variables)
    assert "\n" not in str(raised.value)
    return str(raised.value).replace(f"{folder}/", "")


def files(folder: Path, *trees: FileTree, **said: Any) -> dict[str, Written]:
    return read_as_cloud_init(text_of(folder, *(trees or (FileTree("www"),)), **said))


NAMES = st.text(st.sampled_from("aB9 ._-~#:'\"\\{}[]%$&*!|>@`,?é中𝄞"), min_size=1, max_size=8).filter(
    lambda name: not name.endswith(("~", ".")) and not name.startswith((".#", "._", "#"))
)
TEXTS = st.one_of(
    st.binary(max_size=60),
    st.text(st.sampled_from(" \t\n\r\\\"'#:-|>%{}$aä\u0301\ufeff\u2028\x85\x1b\x7f\U0001f600\ue000"), max_size=40),
    st.text(st.characters(codec="utf-8"), max_size=40),
    st.sampled_from(
        ["---\n", "...\n", "- a\n", "  a\n b\n", "\n\n a\n", " \n \n", "\t", "\n", "a\n\n\n", "MIME-Version: 1\n"]
    ),
).map(lambda content: content if isinstance(content, bytes) else content.encode())


@given(
    tree=st.dictionaries(st.tuples(NAMES, NAMES), st.tuples(TEXTS, st.booleans()), min_size=1, max_size=6),
    text=st.sampled_from(
        [
            HEADER,
            HEADER + "packages: [a]",
            HEADER + "write_files:\n- path: /own\n  content: |+\n    x\n\n\n",
            HEADER
            + "hostname: a\nwrite_files: #\n    # one\n    - {path: /own, content: x}\n# end\nusers:\n  - |\n   a\n",
            HEADER + "write_files:\npackages: [a]\n",
        ]
    ),
)
@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_tree_comes_back_unchanged(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[tuple[str, str], tuple[bytes, bool]], text: str
) -> None:
    folder = tmp_path_factory.mktemp("app")
    paths = {f"www/{parent}/{name}": (content, executable) for (parent, name), (content, executable) in tree.items()}
    put(
        folder,
        {path: content for path, (content, _) in paths.items()},
        executable=tuple(path for path, (_, executable) in paths.items() if executable),
    )
    result = text_of(folder, FileTree("www"), text=text)
    found = read_as_cloud_init(result)
    own = yaml.safe_load(text) or {}
    assert {path: (file.content, file.permissions == 0o755) for path, file in found.items() if path != "/own"} == {
        path.removeprefix("www"): said for path, said in paths.items()
    }
    assert ("/own" in found) == ("/own" in text)
    after = yaml.safe_load(result)
    assert {key: after[key] for key in own if key != "write_files"} == {
        key: value for key, value in own.items() if key != "write_files"
    }
    assert text_of(folder, FileTree("www"), text=text) == result


def test_a_tree_and_a_template_read_as_one_document(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "www/etc/nginx/nginx.conf.jinja": "server {\n  server_name {{ site }}; # {{ instance.name }}\n}\n",
            "www/usr/local/bin/hello": "#!/bin/sh\necho hello",
            "www/etc/logo": b"\x00\xff",
            "www/.files.yaml": '/etc/nginx/**: {owner: "root:www-data", permissions: "0640"}\n',
        },
        executable=("www/usr/local/bin/hello",),
    )
    text = """\
#cloud-config
# Everything else of the template stays as it is.
write_files:
  # Who we are.
  - path: /etc/motd
    content: "{{ site }}"   # as is
packages: [ nginx ]
"""
    assert (
        text_of(tmp_path, FileTree("www"), text=text, site="shop.example")
        == """\
#cloud-config
# Everything else of the template stays as it is.
write_files:
  - path: /etc/logo
    permissions: "0644"
    encoding: b64
    content: "AP8="
  - path: /etc/nginx/nginx.conf
    owner: "root:www-data"
    permissions: "0640"
    defer: true
    content: |
      server {
        server_name shop.example; # www-1
      }
  - path: /usr/local/bin/hello
    permissions: "0755"
    content: |-
      #!/bin/sh
      echo hello
  # Who we are.
  - path: /etc/motd
    content: "shop.example"   # as is
packages: [ nginx ]
"""
    )


def test_a_document_of_files_alone(tmp_path: Path) -> None:
    put(tmp_path, {"www/etc/a.jinja": "{{ x }}\n"})
    data = UserData.files(FileTree("www"), x=1)
    assert data.render(folder=tmp_path, instance=None).readable == (
        '#cloud-config\nwrite_files:\n  - path: /etc/a\n    permissions: "0644"\n    content: |\n      1\n'
    )


def test_text_that_a_literal_block_cannot_hold_stays_readable(tmp_path: Path) -> None:
    put(tmp_path, {"www/a": 'one "1"\r\n  two\\\r\nthree'})
    assert text_of(tmp_path, FileTree("www")).endswith(
        'content: "\\\n      one \\"1\\"\\r\\n\\\n      \\  two\\\\\\r\\n\\\n      three"\n'
    )
    assert files(tmp_path)["/a"].content == b'one "1"\r\n  two\\\r\nthree'


def test_what_a_reviewer_could_not_see_is_shown(tmp_path: Path) -> None:
    """A character that turns the direction of writing makes text read as what it is not."""
    put(tmp_path, {"www/a": "a\u202eb\u200bc\n"})
    assert "a\\u202eb\\u200bc\\n" in text_of(tmp_path, FileTree("www"))


def test_what_terraform_would_normalize_is_encoded(tmp_path: Path) -> None:
    put(tmp_path, {"www/a": "e\u0301\n"})
    assert "encoding: b64" in text_of(tmp_path, FileTree("www"))
    assert files(tmp_path)["/a"].content == "e\u0301\n".encode()


def test_an_escape_does_not_join_with_the_accent_behind_it(tmp_path: Path) -> None:
    """A form feed is \\x0c in YAML, and its last letter with an accent is one letter in form C."""
    put(tmp_path, {"www/a": "\x0c\u0301"})
    assert files(tmp_path)["/a"].content == "\x0c\u0301".encode()


def test_a_file_does_not_make_the_user_data_look_like_mime(tmp_path: Path) -> None:
    """cloud-init takes all user data for a MIME message that has these words in its first 4 KiB."""
    put(tmp_path, {"www/mail": "Subject: x\nMIME-Version: 1.0\n"})
    assert "mime-version" not in text_of(tmp_path, FileTree("www")).lower()
    assert files(tmp_path)["/mail"].content == b"Subject: x\nMIME-Version: 1.0\n"


def test_gzip_only_where_it_is_smaller_and_never_of_text_unasked(tmp_path: Path) -> None:
    put(tmp_path, {"www/many": b"\x00" * 2000, "www/few": b"\x00\x01", "www/text": "line\n" * 400, "www/short": "a\n"})
    items = {
        item["path"]: item.get("encoding") for item in yaml.safe_load(text_of(tmp_path, FileTree("www")))["write_files"]
    }
    assert items == {"/many": "gz+b64", "/few": "b64", "/text": None, "/short": None}
    put(tmp_path, {"www/.files.yaml": "/text: {compress: true}\n/short: {compress: true}\n"})
    items = {
        item["path"]: item.get("encoding") for item in yaml.safe_load(text_of(tmp_path, FileTree("www")))["write_files"]
    }
    assert items == {"/many": "gz+b64", "/few": "b64", "/text": "gz+b64", "/short": None}
    assert files(tmp_path)["/text"].content == b"line\n" * 400


def test_gzip_holds_no_time_no_name_and_no_system(tmp_path: Path) -> None:
    """With a time in it two runs differ, and every server would be replaced."""
    put(tmp_path, {"www/a": b"\x00" * 2000})
    item = yaml.safe_load(text_of(tmp_path, FileTree("www")))["write_files"][0]
    assert base64.b64decode(item["content"])[:10] == b"\x1f\x8b\x08" + b"\x00" * 5 + b"\x02\xff"


def test_the_bytes_depend_on_nothing_but_the_tree(tmp_path: Path) -> None:
    """Neither the order of making, nor time, umask, hash seed or locale."""
    contents: dict[str, str | bytes] = {"a/z": "z", "a/b": b"\x00" * 999, "B": "ä\n", "a.b": "x", "é": "y", "_": "\r"}
    program = (
        "import sys; from pathlib import Path; from ivc.userdata import UserData, FileTree; "
        "sys.stdout.buffer.write(UserData.files(FileTree('www')).render("
        "folder=Path(sys.argv[1]), instance=None).readable.encode())"
    )
    results = set()
    for seed, mode, order in (("1", 0o600, 1), ("2", 0o664, -1)):
        folder = tmp_path / seed
        put(folder, {f"www/{path}": contents[path] for path in sorted(contents)[::order]})
        for path in contents:
            (folder / "www" / path).chmod(mode)
            os.utime(folder / "www" / path, (int(seed), int(seed)))
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "LC_ALL": "C" if seed == "1" else "C.UTF-8",
            "PYTHONUTF8": "0",
        }
        environment["PYTHONPATH"] = os.pathsep.join(sys.path)
        if seed == "1":
            environment["PYTHONCOERCECLOCALE"] = "0"
        done = subprocess.run(
            [sys.executable, "-c", program, str(folder)], env=environment, capture_output=True, check=True
        )
        results.add(done.stdout)
    assert len(results) == 1
    paths = [item["path"] for item in yaml.safe_load(results.pop().decode())["write_files"]]
    assert paths == sorted(paths)


def test_paths_keep_their_dots_and_their_case(tmp_path: Path) -> None:
    """Earlier scripts mapped `/etc/a.b` and `/etc/a/b` to one key, and lower-cased it."""
    put(tmp_path, {"www/etc/a.b": "1", "www/etc/a/b": "2", "www/etc/A.b": "3", "www/etc/a b: #c": "4"})
    assert {path: file.content for path, file in files(tmp_path).items()} == {
        "/etc/a.b": b"1",
        "/etc/a/b": b"2",
        "/etc/A.b": b"3",
        "/etc/a b: #c": b"4",
    }


def test_html_is_not_escaped_and_newlines_stay(tmp_path: Path) -> None:
    put(tmp_path, {"www/index.html.jinja": "<b>{{ x }}</b>\n\n\n", "www/end": "no newline"})
    found = files(tmp_path, x="<&\"'>")
    assert found["/index.html"].content == b"<b><&\"'></b>\n\n\n"
    assert found["/end"].content == b"no newline"


def test_the_list_keeps_its_key_whatever_stands_around_it(tmp_path: Path) -> None:
    """Earlier scripts lost the key `write_files`, and the files became items of `mounts`."""
    put(tmp_path, {"www/a": "1"})
    text = HEADER + "mounts:\n- [ /dev/vdb, /srv ]\n"
    loaded = yaml.safe_load(text_of(tmp_path, FileTree("www"), text=text))
    assert loaded["mounts"] == [["/dev/vdb", "/srv"]]
    assert [item["path"] for item in loaded["write_files"]] == ["/a"]


def test_of_several_trees_the_last_one_wins(tmp_path: Path) -> None:
    put(tmp_path, {"base/etc/a": "base", "base/etc/b": "base", "www/etc/a.jinja": "{{ x }}"})
    found = files(tmp_path, FileTree("base"), FileTree("www"), x="www")
    assert {path: file.content for path, file in found.items()} == {"/etc/a": b"www", "/etc/b": b"base"}


def test_templates_stay_as_they_are_where_the_tree_says_so(tmp_path: Path) -> None:
    put(tmp_path, {"www/etc/a.jinja": "{{ x }}"})
    assert files(tmp_path, FileTree("www", templated=False))["/etc/a.jinja"].content == b"{{ x }}"


def test_owner_and_permissions_of_a_tree_and_of_one_file(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "www/etc/a": "",
            "www/etc/run": "",
            "www/etc/app/b": "",
            "www/etc/app/deep/c": "",
            "www/.files.yaml": "/etc/app/*: {permissions: 0400}\n/etc/app/**: {owner: app}\n/etc/app/b: {defer: no}\n",
        },
        executable=("www/etc/run",),
    )
    found = files(tmp_path, FileTree("www", owner="root:adm", permissions="0640"))
    assert {path: (file.owner, f"{file.permissions:04o}", file.defer) for path, file in found.items()} == {
        "/etc/a": ("root:adm", "0640", True),
        "/etc/run": ("root:adm", "0750", True),
        "/etc/app/b": ("app", "0400", False),
        "/etc/app/deep/c": ("app", "0640", True),
    }


@pytest.mark.parametrize(("said", "appends"), [("yes", True), ("true", True), ("no", False), ("false", False)])
def test_append_means_what_it_says(tmp_path: Path, said: str, appends: bool) -> None:
    """`append = no` appended in earlier scripts, since any text is true."""
    put(
        tmp_path,
        {"www/etc/crontab": "x\n", "www/.files.yaml": f"/etc/crontab: {{append: {said}, permissions: '0644'}}\n"},
    )
    assert files(tmp_path)["/etc/crontab"].append is appends
    assert ("append" in text_of(tmp_path, FileTree("www"))) == appends


def test_what_editors_leave_and_empty_folders_are_not_sent(tmp_path: Path) -> None:
    leftovers = ["a~", ".a.swp", "a.swp", ".a.swo", ".a.kate-swp", ".#a", "#a#", ".DS_Store", "._a", "Thumbs.db"]
    leftovers += ["desktop.ini", ".directory", ".nfs0001", ".gitkeep", "__pycache__/a.pyc", ".git/HEAD", ".svn/x"]
    sent = [".gitignore", ".hidden", "a", "a.swap", "git"]
    put(tmp_path, {f"www/etc/{name}": "x" for name in [*sent, *leftovers, "sub/.git"]})
    (tmp_path / "www" / "empty").mkdir()
    # As Emacs marks a file that is being edited.
    (tmp_path / "www" / "etc" / ".#b").symlink_to("somebody@somewhere")
    assert sorted(files(tmp_path)) == [f"/etc/{name}" for name in sent]


def test_a_value_known_only_at_apply_stands_in_a_file_as_it_is(tmp_path: Path) -> None:
    put(tmp_path, {"t": HEADER + "hostname: '{{ y }}'\nwrite_files:\n- path: /own\n  content: '{{ x }}'\n"})
    put(tmp_path, {"www/a.jinja": "{{ x }}: {{ y }}\n", "www/b.jinja": "{{ y }}"})
    x, y = AtApply("x.id", "the id of x", 36), AtApply("y.id", 'y: "odd"', 36)
    document = UserData.template("t", files=[FileTree("www")], x=x, y=y).render(folder=tmp_path, instance=None)
    assert [part.expression for part in document.parts if isinstance(part, AtApply)] == [
        "y.id", "x.id", "y.id", "y.id", "x.id",
    ]  # fmt: skip
    with_values = "".join(part if isinstance(part, str) else part.expression for part in document.parts)
    assert {path: file.content for path, file in read_as_cloud_init(with_values).items()} == {
        "/a": b"x.id: y.id\n",
        "/b": b"y.id",
        "/own": b"x.id",
    }


@pytest.mark.parametrize(
    ("content", "rule", "why"),
    [
        ("{{ x }}\r\n", "", "would have to be encoded, since it has carriage returns (CRLF)"),
        ("e\u0301 {{ x }}", "", "would have to be encoded, since it is not in Unicode's form C"),
        ("{{ x }}\u200b", "", "would have to be encoded, since it holds the character '\\u200b'"),
        ("MIME-Version: {{ x }}", "", "would have to be encoded, since it says 'mime-version:'"),
        ("{{ x }}", "/a: {compress: true}", "what it stands in cannot be compressed"),
    ],
)
def test_a_value_known_only_at_apply_is_never_encoded(tmp_path: Path, content: str, rule: str, why: str) -> None:
    put(tmp_path, {"www/a.jinja": content, "www/.files.yaml": rule})
    message = refused(tmp_path, FileTree("www"), x=AtApply("x.id", "the id of x", 36))
    assert message.startswith("t: www/a.jinja: <the id of x> is known only at apply, and ")
    assert why in message


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        ({}, "www: there is no such folder to mirror; in "),
        ({"www/.files.yaml": ""}, "www: the tree holds no file; put one there, or take FileTree('www') out"),
        ({"www/a": "", "www/a.jinja": ""}, "www: both a and a.jinja would be /a on the guest; keep one of the two"),
        ({"www/etc/.jinja": ""}, "www/etc/.jinja: nothing is left of its name without .jinja; rename it"),
        ({"www/a.jinja": "\n{{ x }}"}, "www/a.jinja, line 2: 'x' is undefined: give it in the declaration"),
        ({"www/a.jinja": "{% include 'gone' %}"}, "gone, which www/a.jinja asks for, is not among the templates in "),
        ({"www/a.jinja": b"\xff"}, "www/a.jinja, line 1: it is not UTF-8"),
        ({"www/a\tb": ""}, "www: the file name 'a\\tb' holds '\\t', a control character; rename it"),
        ({"www/e\u0301": ""}, "is not in Unicode's form C"),
    ],
)
def test_a_wrong_tree_is_refused(tmp_path: Path, contents: dict[str, str | bytes], message: str) -> None:
    put(tmp_path, contents)
    assert message in refused(tmp_path, FileTree("www"))


def test_a_missing_tree_says_which_there_are(tmp_path: Path) -> None:
    put(tmp_path, {"www/a": "", "base/a": ""})
    assert refused(tmp_path, FileTree("wwww")).endswith("in " + str(tmp_path) + " there are base, www")


def test_a_file_name_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    put(tmp_path, {"www/a": ""})
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/www/\xff")).write_text("")
    assert refused(tmp_path, FileTree("www")) == "www: the file name b'\\xff' is not UTF-8; rename it"


def test_links_and_what_is_no_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "www" / "etc").mkdir(parents=True)
    link = tmp_path / "www" / "etc" / "link"
    for target in ("/etc/passwd", "../../t", "/etc"):
        link.symlink_to(target)
        assert refused(tmp_path, FileTree("www")).startswith("www/etc/link: it is a symbolic link, ")
        link.unlink()
    os.mkfifo(link)
    assert refused(tmp_path, FileTree("www")).startswith("www/etc/link: it is neither a file nor a folder")
    link.unlink()
    rules = tmp_path / "www" / ".files.yaml"
    rules.symlink_to("../t")
    assert refused(tmp_path, FileTree("www")).startswith("www/.files.yaml: it is a symbolic link, ")
    (tmp_path / "other").symlink_to("www")
    assert refused(tmp_path, FileTree("other")).startswith("other: it is a symbolic link, ")
    assert refused(tmp_path, FileTree("other/etc")).startswith("other: it is a symbolic link, ")


def test_a_folder_may_be_written_as_a_shell_completes_it(tmp_path: Path) -> None:
    put(tmp_path, {"www/etc/a": "1"})
    assert FileTree("www/") == FileTree("www")
    assert files(tmp_path, FileTree("www/etc/"))["/a"].content == b"1"


@pytest.mark.parametrize("folder", ["", "/", "/etc", "../www", "www/..", "www//", "./www", "a//b", "a\\b"])
def test_a_tree_is_a_folder_below_userdata(folder: str) -> None:
    with pytest.raises(ValueError, match="a tree is a folder below the app's userdata/; write its path from there"):
        FileTree(folder)


@pytest.mark.parametrize("permissions", ["644", "0o644", "rw-r--r--", "0648", "00644", ""])
def test_permissions_are_octal_strings(tmp_path: Path, permissions: str) -> None:
    with pytest.raises(ValueError, match="are not four octal digits in a string, as in '0644'"):
        FileTree("www", permissions=permissions)
    put(tmp_path, {"www/a": "", "www/.files.yaml": f"/a: {{permissions: '{permissions}'}}\n"})
    assert refused(tmp_path, FileTree("www")).startswith(
        f"t: www/.files.yaml, line 1: /a: permissions: '{permissions}'"[3:]
    )


@pytest.mark.parametrize("owner", ["1000", "www-data:", ":adm", "a:b:c", "a b", ""])
def test_owners_are_names(owner: str) -> None:
    """cloud-init looks a name up, and finds none for a number."""
    with pytest.raises(ValueError, match="is not a user, or a user and group as in 'www-data:www-data', by name"):
        FileTree("www", owner=owner)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (
            "/a: {ower: root}",
            "line 1: /a: ower: there is no such rule; use one of owner, permissions, append, defer, compress",
        ),
        ("\n/b/*: {owner: root}", "line 2: no file of the tree matches '/b/*'; the first is /a"),
        ("a: {owner: root}", "line 1: a: a pattern is a path on the guest and begins with /"),
        ("/a: {append: 'no'}", "line 1: /a: append: 'no' is neither true nor false; write one of them, without quotes"),
        ("/a: {append: 1}", "line 1: /a: append: '1' is neither true nor false"),
        ("/a: {append: true}", "/a: append: cloud-init also sets the permissions of a file that it appends to"),
        ("/a: {owner: root}\n/a: {append: no}", "line 2: /a stands there twice; keep one"),
        ("/a: {owner: root, owner: adm}", "/a: line 1: owner stands there twice; keep one"),
        ("/a: {owner: [root]}", "line 1: /a: owner: it has one value, and here stands a list or a mapping"),
        ("/a: root", "line 1: /a: here belongs a mapping"),
        ("- /a", "here belongs a mapping"),
        ("/a: [", "it is not YAML"),
    ],
)
def test_a_wrong_rule_is_refused(tmp_path: Path, rules: str, message: str) -> None:
    put(tmp_path, {"www/a": "", "www/.files.yaml": rules})
    found = refused(tmp_path, FileTree("www"))
    assert found.startswith("www/.files.yaml")
    assert message in found


def test_a_file_that_template_and_tree_both_bring_is_refused(tmp_path: Path) -> None:
    """Earlier scripts emitted such a path twice."""
    put(tmp_path, {"www/etc/motd": ""})
    text = HEADER + "write_files:\n- path: /etc//motd\n  content: x\n"
    assert refused(tmp_path, FileTree("www"), text=text) == (
        "t: write_files has /etc/motd, which www/etc/motd brings too; keep one of the two"
    )


def test_a_file_where_another_tree_has_a_folder_is_refused(tmp_path: Path) -> None:
    put(tmp_path, {"base/etc/a": "", "www/etc/a/b/c": ""})
    assert refused(tmp_path, FileTree("base"), FileTree("www")) == (
        "www/etc/a/b/c: /etc/a is a file on the guest, by base/etc/a, and cannot be the folder of /etc/a/b/c; "
        "rename one of the two"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEADER + "a: b\nwrite_files: []\n", "t: line 3 of the result: write_files is no list with one item a line"),
        (
            HEADER + "write_files: [{path: /b}]\n",
            "t: line 2 of the result: write_files is no list with one item a line",
        ),
        (HEADER + "a: &a\n- path: /b\nwrite_files: *a\n", "t: line 4 of the result: write_files is no list with one"),
        (HEADER + "write_files: ''\n", "t: line 2 of the result: write_files is no list with one item a line"),
        (HEADER + "write_files:\nwrite_files:\n", "t: line 3 of the result: write_files stands there a second time"),
        (
            HEADER + "write_files:\n  &a\n  - path: /b\n",
            "t: the files cannot be added without a change of what is there",
        ),
        (
            HEADER + "x: &x {write_files: [1]}\n<<: *x\n",
            "t: the files cannot be added without a change of what is there",
        ),
        (HEADER + "{a: b}\n", "t: the files cannot be added without a change of what is there"),
        (HEADER + "a: b\n...\n", "t: the files cannot be added without a change of what is there"),
        (HEADER + "runcmd:\n- |\n  x", "t: the files cannot be added without a change of what is there: end it with a"),
        (HEADER + "- a\n", "t: it is not a mapping of keys to values"),
        (HEADER + "a: [\n", "t: it is not YAML"),
        (
            "#!/bin/sh\n",
            "t: files become part of a document that begins with #cloud-config, and this one begins with '#!/",
        ),
        ("## template: jinja\n#cloud-config\n", "t: files become part of a document that begins with #cloud-config"),
    ],
)
def test_a_document_that_files_cannot_join_is_refused(tmp_path: Path, text: str, message: str) -> None:
    put(tmp_path, {"www/a": ""})
    assert refused(tmp_path, FileTree("www"), text=text).startswith(message)


def test_what_is_no_tree_is_refused() -> None:
    with pytest.raises(ValueError, match="files: item 1, 'www', is a text; give a folder of files, such as FileTree"):
        UserData.template("t", files=["www"])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="give at least one folder"):
        UserData.files()
    with pytest.raises(ValueError, match="the name `instance` is taken"):
        UserData.files(FileTree("www"), instance=1)
