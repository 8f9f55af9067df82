"""Parts are split, typed and merged as cloud-init does it: what a person reads where one is lost."""

from __future__ import annotations

import pytest

from ivc.userdata.checks.part import Form, parts
from tests.userdata.reading_corpus import APPENDS, ARCHIVE, CURL, DOCUMENTS, HEAD, PACKAGES, config, merged, mime, typed
from tests.userdata.test_checks import said

SENTENCES = {
    "no boundary": (
        "error mime-parts: this is a MIME message without a part, so that the guest takes nothing of it; "
        "name the boundary that stands above each part in its Content-Type"
    ),
    "a type of one's own": (
        "error part-type: line 5 of the result: cloud-init knows no part of the type 'text/x-cloud-config' "
        "and leaves it out; write Content-Type: text/cloud-config, or what it is"
    ),
    "a script's type for no script": (
        "error script-start: line 7 of the result: a script of the type text/x-shellscript begins with "
        "'echo a', and the guest cannot run it; write #!/bin/sh at the very top"
    ),
    "letters in a part": (
        "error mime-letters: line 8 of the result: 'final_message: Grüße' has letters outside ASCII in a "
        "part that is not encoded, and cloud-init loses them or the part; give it `Content-Transfer-"
        "Encoding: base64` and encode it, or build it by UserData.multipart, which does"
    ),
    "a packed part that is none": (
        "error part-packed: line 5 of the result: this part is no gzip, though its type is "
        "application/gzip, and the guest goes without all user data for it; pack it, or write the type that"
        " it has"
    ),
    "jinja typed as a cloud-config": (
        "error jinja-header: line 5 of the result: a part of the type text/cloud-config is not rendered on "
        "the guest, whatever its first line says; write Content-Type: text/jinja2"
    ),
    "a part in base64 that is no YAML": (
        "error yaml-syntax: line 5 of the result: in the encoded part, line 2: column 5: this is not YAML: "
        "there is a ': ' too many, or the indentation is off; put a value that has ': ' in it in quotes"
    ),
    "one key twice": (
        "error merge-forgets: line 14 of the result: packages also stands in line 8, and cloud-init would "
        "forget what that says; put it into one part, or write merge_how: "
        "'list(append)+dict(recurse_array)+str()' in the later one"
    ),
    "lists alone": (
        "error merge-how: line 15 of the result: merge_how says nothing of mappings, and a cloud-config is "
        "one, so that the guest loses this whole part; write 'list(append)+dict(recurse_array)+str()'"
    ),
    "a number": (
        "error merge-how: line 15 of the result: merge_how is in no form that cloud-init reads, or does not"
        " fit what stands here, so that the guest loses this whole part; write "
        "'list(append)+dict(recurse_array)+str()'"
    ),
    "another text": (
        "error merge-forgets: line 14 of the result: hostname also stands in line 8, and cloud-init would "
        "forget what this says; put it into one part"
    ),
    "mappings with lists in them": (
        "error merge-forgets: line 14 of the result: packages also stands in line 8, and cloud-init would "
        "forget what this says; put it into one part"
    ),
    "an archive with a wrong type": (
        "error archive: line 2 of the result: 'cloud-config' is no type, and cloud-init gives up all user "
        "data for it; write it like text/cloud-config, or leave it out"
    ),
    "an archive that includes": (
        "error archive: line 2 of the result: cloud-init takes no part of the type 'text/x-include-url' "
        "from an archive, and leaves it out; write one of text/cloud-config, text/x-shellscript, "
        "text/cloud-boothook"
    ),
    "an archive with a number": (
        "error archive: line 2 of the result: the content of a part is text, and this is none, for which "
        "cloud-init gives up all user data; put it in quotes, or below `content: |`"
    ),
    "an archive with a list": (
        "error archive: line 2 of the result: a part of an archive is a text or a mapping with `content`, "
        "and cloud-init leaves others out; put it in quotes, or below `content: |`"
    ),
    "an archive that is a mapping": (
        "error archive: line 2 of the result: a #cloud-config-archive is a list of parts, and this is none,"
        " so that the guest takes nothing; begin each part with '- '"
    ),
    "an archive with a part that is no YAML": (
        "error yaml-syntax: line 4 of the result: column 5: this is not YAML: there is a ': ' too many, or "
        "the indentation is off; put a value that has ': ' in it in quotes"
    ),
    "an archive with a key twice": (
        "error merge-forgets: line 3 of the result: in the encoded part, line 1: packages also stands in "
        "line 2, and cloud-init would forget what that says; put it into one part, or write merge_how: "
        "'list(append)+dict(recurse_array)+str()' in the later one"
    ),
    "a patch that is no JSON": (
        "error json-patch: line 2 of the result: this is not JSON (Expecting property name enclosed in "
        "double quotes), so that cloud-init leaves the patch out; write it as RFC 6902 has it"
    ),
    "a patch of no operation": (
        "error json-patch: line 2 of the result: this is no list of operations, each with `op` and `path`, "
        "so that cloud-init leaves the patch out; write it as RFC 6902 has it"
    ),
    "jinja of version 2": (
        "error jinja-header: line 1 of the result: cloud-init renders its own Jinja where the first line is"
        " '## template: jinja' and nothing else, and '## template: jinja2' is not, so that it leaves this "
        "out; write that line at the very top"
    ),
    "jinja for a hook": (
        "warning jinja-kind: line 2 of the result: a #cloud-boothook with '## template: jinja' is left out "
        "by older releases of cloud-init, 22.4.2 of Debian 12 among them; take that line away, and ask "
        "`cloud-init query` in the script"
    ),
    "jinja for addresses": (
        "error jinja-kind: line 2 of the result: what is below '## template: jinja' is of the type "
        "text/x-include-url, and cloud-init renders only #cloud-config and scripts, and leaves this out; "
        "begin with one of their headers, or take the first line away"
    ),
    "jinja that includes": (
        "error jinja-syntax: line 3 of the result: cloud-init has no other templates on the guest to "
        "include, import or extend, and leaves this part out; put the text here, or include it without {% "
        "raw %}"
    ),
    "jinja for nothing known": (
        "error jinja-kind: line 2 of the result: what is below '## template: jinja' begins with no header "
        "of its own, and cloud-init renders only #cloud-config and scripts, and leaves this out; begin with"
        " one of their headers, or take the first line away"
    ),
    "a hook without a shell": (
        "error script-start: line 1 of the result: a script of the type text/cloud-boothook begins with "
        "'echo a', and the guest cannot run it; write #!/bin/sh below #cloud-boothook"
    ),
    "an empty line above a script": (
        "error script-start: line 1 of the result: there is something above '#!', so that the guest cannot "
        "run it; remove it"
    ),
    "an address with a query in brackets": (
        "error yaml-syntax: line 2 of the result: column 37: this is not YAML: a ? in brackets or braces "
        "ends the text before it on the guest; put it in quotes"
    ),
    "a way in the head that does not work": (
        "error merge-how: line 15 of the result: Merge-Type says nothing of mappings, and a cloud-config is"
        " one, so that the guest loses this whole part; write 'list(append)+dict(recurse_array)+str()'"
    ),
    "jinja for a script, with an empty line": (
        "error script-start: line 2 of the result: there is something above '#!', so that the guest cannot "
        "run it; remove it"
    ),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_what_the_guest_makes_of_it_is_said(name: str) -> None:
    assert said(DOCUMENTS[name])[0] == SENTENCES[name]


def test_a_part_in_parts_stands_at_its_line() -> None:
    inner = mime(config("hostnam: a\n")).replace("====", "++++")
    text = mime(inner, config("package: b\n"))
    numbers = [
        number for number, line in enumerate(text.split("\n"), start=1) if line.startswith(("hostnam:", "package:"))
    ]
    assert [one.partition(" of the result")[0] for one in said(text)] == [
        f"error unknown-key: line {number}" for number in numbers
    ]


def test_a_part_of_an_archive_stands_at_its_line() -> None:
    text = ARCHIVE + "# first\n- type: text/cloud-config\n  content: |\n    # second\n    hostnam: www\n"
    assert said(text) == [
        "error unknown-key: line 6 of the result: cloud-init knows no key 'hostnam' and ignores it; write "
        "'hostname' if that was meant"
    ]


def test_a_volume_is_seen_in_an_archive() -> None:
    text = ARCHIVE + "- 'disk_setup: {/dev/vdb: {table_type: gpt}}'\n"
    assert [one.partition(":")[0] for one in said(text, existing_volumes=True)][:1] == ["error formats-volume"]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (mime(typed("text/x-shellscript", PACKAGES)), Form.CLOUD_CONFIG),
        (mime(typed("text/x-cloud-config", PACKAGES)), Form.OTHER),
        (mime(typed("text/plain", "#!/bin/sh\n")), Form.SCRIPT),
        (mime(typed("text/cloud-config", "#!/bin/sh\n")), Form.CLOUD_CONFIG),
        (mime(config(PACKAGES), head=""), Form.OTHER),
        ("#Cloud-Config-Archive\n", Form.ARCHIVE),
        ("\n \n#cloud-config-jsonp\n", Form.PATCH),
        ("## template: jinja\n\n#cloud-config\n", Form.CLOUD_CONFIG),
    ],
)
def test_a_part_is_what_the_guest_takes_it_for(text: str, form: Form) -> None:
    assert [part.form for part in parts(text)] == [form]


def test_a_part_handler_may_know_any_type() -> None:
    handler = typed("text/part-handler", "#part-handler\ndef list_types():\n    return ['text/x-ours']\n")
    ours = typed("text/x-ours", "a\n")
    assert said(mime(handler, ours)) == []
    assert [one.partition(":")[0] for one in said(mime(ours, handler))] == ["error part-type"]


def test_what_is_merged_as_somebody_says_is_his_wish() -> None:
    assert said(merged("merge_how: list(replace)+dict(recurse_array)+str()")) == []
    assert said(merged("merge_how: dict(replace)+list()+str()")) == []


def test_parts_that_lose_nothing_are_fine() -> None:
    more = config(f"{CURL}merge_how: {APPENDS!r}\n")
    assert said(mime(config(PACKAGES), more, config(HEAD + "hostname: a\n"))) == []
