"""How a change of user data is shown."""

from __future__ import annotations

import base64
import gzip

from hypothesis import example, given
from hypothesis import strategies as st

from ivc.review.user_data import diffs
from ivc.userdata import UserData

BEFORE = """#cloud-config
password: correct horse battery
write_files:
  - path: /etc/encoded
    encoding: b64
    content: {encoded}
    owner: root
  - path: /etc/plain
    content: |
      one
      two
packages: [curl]
"""


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def shown(before: str | None, after: str | None) -> dict[str, str]:
    return {diff.path: "\n".join(diff.lines) for diff in diffs(before, after)}


def test_equal_texts_have_no_difference() -> None:
    assert diffs(BEFORE, BEFORE) == ()
    assert diffs(None, None) == ()


def test_a_file_is_shown_decoded_under_its_own_path() -> None:
    found = shown(BEFORE.format(encoded=encoded("hello\n")), BEFORE.format(encoded=encoded("goodbye\n")))

    assert found == {"/etc/encoded": "@@ -1 +1 @@\n-hello\n+goodbye"}


def test_a_compressed_file_is_shown_as_its_text() -> None:
    packed = [base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode() for text in ("hello\n", "goodbye\n")]
    before, after = (BEFORE.format(encoded=one).replace("encoding: b64", "encoding: gz+b64") for one in packed)

    assert shown(before, after) == {"/etc/encoded": "@@ -1 +1 @@\n-hello\n+goodbye"}


def test_a_file_in_a_block_is_shown_as_a_file_and_the_rest_without_it() -> None:
    before = BEFORE.format(encoded=encoded("x\n"))
    found = shown(before, before.replace("      two\n", "      three\n").replace("curl", "wget"))

    assert found["/etc/plain"] == "@@ -1,2 +1,2 @@\n one\n-two\n+three"
    assert found[""].endswith("     content: (see /etc/plain)\n-packages: [curl]\n+packages: [wget]")


def test_a_new_and_a_gone_document_are_shown_whole() -> None:
    (new,) = diffs(None, "#!/bin/sh\ntrue\n")
    (gone,) = diffs("#!/bin/sh\ntrue\n", None)

    assert (new.change, new.lines) == ("new", ("@@ -0,0 +1,2 @@", "+#!/bin/sh", "+true"))
    assert (gone.change, gone.lines) == ("gone", ("@@ -1,2 +0,0 @@", "-#!/bin/sh", "-true"))


def test_a_line_feed_at_the_end_is_seen() -> None:
    assert shown("#!/bin/sh\ntrue\n", "#!/bin/sh\ntrue") == {
        "": "@@ -1,2 +1,3 @@\n #!/bin/sh\n true\n+(no line feed at the end)"
    }


def test_secrets_are_masked_and_a_change_of_one_is_seen() -> None:
    before = BEFORE.format(encoded=encoded("token = abcdef0123456789\n"))
    after = before.replace("correct horse battery", "another long phrase").replace(
        encoded("token = abcdef0123456789\n"), encoded("token = 9876543210fedcba\n")
    )
    found = shown(before, after)

    assert "-password: *** (before)\n+password: *** (after)" in found[""]
    assert found["/etc/encoded"] == "@@ -1 +1 @@\n-token = *** (before)\n+token = *** (after)"
    assert "horse" not in repr(found)
    assert "phrase" not in repr(found)


def test_the_body_of_a_private_key_is_masked() -> None:
    def key(body: str) -> str:
        kind = "PRIVATE" + " KEY"
        return f"-----BEGIN {kind}-----\n{body}\n-----END {kind}-----\n"

    before = BEFORE.format(encoded=encoded(key("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC")))
    found = shown(before, before.replace("      two\n", "      three\n"))
    changed = shown(before, BEFORE.format(encoded=encoded("gone\n")))

    single = shown(
        None, f'#cloud-config\nkey: "{key("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC").strip()}"\n'.replace("-\n", "-\\n")
    )

    assert "MIIEvQ" not in repr([found, changed, single])
    assert "-***" in changed["/etc/encoded"]


def test_parts_of_a_multipart_are_shown_each(tmp_path) -> None:  # type: ignore[no-untyped-def]
    def text(name: str) -> str:
        (tmp_path / "a.yaml").write_text("#cloud-config\npackages: [curl]\n")
        (tmp_path / "b.sh").write_text(f"#!/bin/sh\necho {name}\n")
        parts = [UserData.template("a.yaml"), UserData.template("b.sh")]
        return UserData.multipart(parts).render(folder=tmp_path, instance={}).readable

    (found,) = diffs(text("one"), text("two"))

    assert (found.path, found.lines[-2:]) == ("part 2", ("-echo one", "+echo two"))


def test_what_is_no_yaml_is_shown_as_text() -> None:
    assert shown("#cloud-config\na: [\n", "#cloud-config\na: ]\n") == {
        "": "@@ -1,2 +1,2 @@\n #cloud-config\n-a: [\n+a: ]"
    }


@given(st.text(), st.text())
@example("", "\n")
@example("\n#cloud-config\n", "#cloud-config\n")
def test_any_two_texts_can_be_shown(before: str, after: str) -> None:
    found = diffs(before, after)

    assert bool(found) == (before != after)
    assert all("\n" not in line for diff in found for line in diff.lines)


def test_the_library_s_own_text_is_one_line_unless_it_changed() -> None:
    from ivc.userdata.volumes import own_text

    indented = "".join(f"    {line}\n" for line in own_text().splitlines())
    document = f"#cloud-config\nbootcmd:\n  - |\n    volume 1 /srv\n{indented}"

    (made,) = diffs(None, document)
    assert f"+    ... # the library's own text, {len(own_text().splitlines())} lines" in made.lines
    assert "+    volume 1 /srv" in made.lines
    assert len(made.lines) < 8
    (changed,) = diffs(document, document.replace("pause=5", "pause=6"))
    assert any("pause=6" in line for line in changed.lines)


def test_what_a_password_is_checked_by_is_masked() -> None:
    hashes = ["$6$rounds=4096$saltsalt$abcdefghijklmnop", "$y$j9T$saltsalt$abcdefghijklmnop"]
    before, after = (f"#cloud-config\n# {hash_}\n" for hash_ in hashes)

    (changed,) = diffs(before, after)
    assert [line for line in changed.lines if line[0] in "+-"] == ["-# *** (before)", "+# *** (after)"]
