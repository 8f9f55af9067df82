"""Checks of rendered user data: the document as a whole, its forms, waivers, and what must not be found."""

from __future__ import annotations

import base64
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivc.userdata import AtApply, Document
from ivc.userdata.checks import NOVA_LIMIT, Finding, Waiver, findings, refuse, waive
from ivc.userdata.checks.placeholder import without_jinja


def document(*parts: str | AtApply) -> Document:
    return Document(parts)


def said(text: str, *, no_way_out: str | None = None, existing_volumes: bool = False) -> list[str]:
    """What a user reads: id, and the sentence with its line."""
    found = findings(document(text), no_way_out=no_way_out, existing_volumes=existing_volumes)
    return [f"{finding.severity} {finding.id}: {finding.text}" for finding in found]


def config(*lines: str) -> str:
    return "\n".join(("#cloud-config", *lines, ""))


@pytest.mark.parametrize(
    "text",
    [
        "#cloud-config\n",
        "#cloud-config",
        "#cloud-config\r\nhostname: www\r\n",
        "#cloud-config\n# only a note\n",
        "#include\nhttps://example.org/user-data\n",
        "#cloud-boothook\n#!/bin/sh\necho hello\n",
        "#part-handler\ndef list_types(): ...\n",
        "#!/usr/bin/env python3\nprint('tail -f')\n",
        "#cloud-config-archive\n- type: text/cloud-config\n  content: |\n    hostname: www\n",
    ],
)
def test_each_form_is_taken(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize("above", ["\n", " ", "\n\n  "])
def test_blanks_above_the_first_line_are_a_warning(above: str) -> None:
    assert said(f"{above}#cloud-config\nhostname: www\n") == [
        "warning first-line: there is something blank above the first line, which cloud-init at a boot does not mind, "
        "and `cloud-init schema` and tools that look at the first bytes do; take it away"
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "packages: [nginx]\n",
            "error first-line: the first line is 'packages: [nginx]', and cloud-init ignores what it does not know: "
            "begin "
            "with #cloud-config, #!/bin/sh or another of its headers, with nothing above it",
        ),
        (
            "user_data: |\n  #cloud-config\n  packages: [nginx]\n",
            "error wrapper: the first line is 'user_data: |', which belongs to the tool that this text was taken "
            "from; take "
            "that line away, and the indentation below it, so that #cloud-config or #!/bin/sh comes first",
        ),
        (
            "  user_data = <<-EOF\n    #!/bin/sh\n  EOF\n",
            "error wrapper: the first line is 'user_data = <<-EOF', which belongs to the tool that this text was "
            "taken from; "
            "take that line away, and the indentation below it, so that #cloud-config or #!/bin/sh comes first",
        ),
        (
            "#cloud-config\nuser_data:\n  packages: [nginx]\n",
            "error wrapper: line 2 of the result: 'user_data:' belongs to the tool that this text was taken from, "
            "and not "
            "into the text; take that line away, and the indentation below it",
        ),
        (
            "#cloud-config\n\nfinal_message: cafe\u0301\n",
            "error unicode-form: line 3 of the result: 'final_message: cafe\u0301' is not in Unicode's form C, into "
            "which "
            "Terraform brings all text, so that the guest would read other bytes: write its accented letters as one "
            "character each",
        ),
        (
            base64.b64encode(gzip.compress(b"#cloud-config\nhostname: www\n", mtime=0)).decode(),
            "error whole-encoded: the whole text is gzip in base64, which newer clouds and guests refuse or take for "
            "text; "
            "give it as plain text, and only large files inside `write_files` with `encoding: gz+b64`",
        ),
        (
            base64.encodebytes(b"#cloud-config\nhostname: www\n" * 20).decode(),
            "error whole-encoded: the whole text is base64, which newer clouds and guests refuse or take for text; "
            "give it as plain text, and only large files inside `write_files` with `encoding: gz+b64`",
        ),
        (
            "#include\n# ours\nhttps:/example.org/user-data\n",
            "error url-one-slash: line 3 of the result: 'https:/example.org/user-data' has one slash after its colon, "
            "which is no address; write two",
        ),
    ],
)
def test_the_whole(text: str, sentence: str) -> None:
    assert said(text) == [sentence]


def test_a_document_that_is_too_large_says_what_weighs_most() -> None:
    text = config(
        "hostname: www", "write_files:", "- path: /a", f"  content: {'a' * 49_000}", "packages: [nginx, curl]"
    )
    size = len(text) + 100
    (finding,) = findings(document(text, f"# {'b' * 97}\n"))
    assert finding.message == (
        f"{size:,} bytes are over Nova's limit of 49,149 (write_files has 49,036, packages has 124, hostname has 14): "
        "take something out, or let the guest fetch it"
    )


def test_the_limit_is_measured_with_the_longest_that_a_value_can_get() -> None:
    room = NOVA_LIMIT - len("#cloud-config\n# ")
    assert findings(document("#cloud-config\n# ", AtApply("x", "address of www", longest=room))) == ()
    (finding,) = findings(document("#cloud-config\n# ", AtApply("x", "address of www", longest=room + 1)))
    assert finding.message.startswith("49,150 bytes are over Nova's limit of 49,149")


def test_a_warning_never_hides_an_error_and_lines_are_in_order() -> None:
    text = config("apt_update: true", "runcmd:", "- sleep infinity", "mounts:", "- [ /dev/vdb, /srv ]", "hostnam: www")
    assert [(finding.severity, finding.line) for finding in findings(document(text))] == [
        ("error", 4),
        ("error", 7),
        ("warning", 2),
        ("warning", 6),
    ]


def test_the_first_error_is_raised_and_the_others_are_counted() -> None:
    with pytest.raises(ValueError, match="hostnam") as raised:
        refuse(waive(findings(document(config("hostnam: www", "packagess: [nginx]", "pakages: [nginx]"))), ()))
    assert str(raised.value) == (
        "line 2 of the result: cloud-init knows no key 'hostnam' and ignores it; write 'hostname' if that was meant "
        "(and "
        "2 more errors)"
    )
    warned = waive(findings(document(config("apt_update: true"))), ())
    refuse(warned)
    assert [finding.id for finding in warned.remaining] == ["deprecated-key"]


class TestValuesKnownOnlyAtApply:
    ADDRESS = AtApply("x", "address of a: b, [c] on 'net' # x", longest=15)

    def test_their_labels_mean_nothing_to_yaml(self) -> None:
        text = (
            "#cloud-config\nhostname: ",
            self.ADDRESS,
            "\npackages: [",
            self.ADDRESS,
            "]\nruncmd:\n- echo ",
            self.ADDRESS,
        )
        assert findings(document(*text)) == ()

    def test_nobody_says_what_form_they_have(self) -> None:
        text = ("#cloud-config\npackage_update: ", self.ADDRESS, "\nwrite_files:\n- path: ", self.ADDRESS,
                "\n  permissions: ", self.ADDRESS, "\n  encoding: b64\n  content: ", self.ADDRESS, "\n")  # fmt: skip
        assert findings(document(*text)) == ()

    def test_they_are_no_secrets(self) -> None:
        assert findings(document("#!/bin/sh\nPASSWORD=", self.ADDRESS, "\n")) == ()

    def test_a_message_shows_them_as_the_rendered_file_does(self) -> None:
        (finding,) = findings(document("#!/bin/sh\ncurl https:/", AtApply("x", "id of y", longest=36), "/z\n"))
        assert "'https:/<id of y>/z'" in finding.message


class TestCloudInitsOwnJinja:
    HEAD = "## template: jinja\n"

    @pytest.mark.parametrize(
        "body",
        [
            "#cloud-config\nhostname: {{ v1.local_hostname }}\nruncmd:\n- echo {{ v1.region }} > /etc/region\n",
            "#cloud-config\n{% if v1.distro == 'debian' %}\npackages: [a]\n{% else %}\npackages: [b]\n{% endif %}\n",
            "#cloud-config\npackages: [ {% for p in x %}{{ p }}, {% endfor %} a ]\n",
            "#cloud-config\npackages: {{ ds.packages }}\nmounts: {{ ds['mounts'] }}\n",
            "#cloud-config\n{# a note: with } #}\nhostname: www\n",
            "#!/bin/sh\necho {{ v1.instance_id }}\nPASSWORD={{ ds.meta_data.admin_pass }}\n",
        ],
    )
    def test_nothing_wrong_is_said(self, body: str) -> None:
        assert said(self.HEAD + body) == []

    def test_what_can_be_checked_is(self) -> None:
        assert said(self.HEAD + "#cloud-config\nhostnam: {{ v1.local_hostname }}\n") == [
            "error unknown-key: line 3 of the result: cloud-init knows no key 'hostnam' and ignores it; write "
            "'hostname' "
            "if that was meant"
        ]

    def test_its_own_mistakes_are_found(self) -> None:
        assert said(self.HEAD + "#cloud-config\n# {% if v1.region %}\nhostname: www\n") == [
            "error jinja-syntax: line 3 of the result: cloud-init cannot render its own Jinja here: Unexpected end of "
            "template. Jinja was looking for the following tags: 'elif' or 'else' or 'endif'. The innermost block that "
            "needs to be closed is 'if'; correct it, or take the first line '## template: jinja' away"
        ]

    def test_a_name_with_a_dash_is_a_subtraction(self) -> None:
        """22.4.2 and 26.2 leave the part out: asked of render_jinja_payload."""
        assert said(self.HEAD + "#cloud-config\nhostname: a{{ v1.instance-id }}\n") == [
            "error jinja-syntax: line 3 of the result: cloud-init cannot render its own Jinja here: a name with - is a "
            "subtraction to Jinja (write v1.instance_id, not v1.instance-id); correct it, or take the first line "
            "'## template: jinja' away"
        ]
        assert said(self.HEAD + "#cloud-config\nhostname: a{{ v1.instance_id }}-{{ 5 - 3 }}\n") == []


def test_an_empty_text_is_said_to_be_empty() -> None:
    sentence = "it is empty; begin with #cloud-config or #!/bin/sh, or give no user data"
    assert [said(text) for text in ("", "\n", " \n")] == [[f"error first-line: {sentence}"]] * 3


MULTIPART = """\
Content-Type: multipart/mixed; boundary="===x=="
MIME-Version: 1.0

--===x==
Content-Type: text/cloud-config; charset="utf-8"
MIME-Version: 1.0

#cloud-config
hostname: www
hostname: web

--===x==
Content-Type: text/x-shellscript

#!/bin/sh
sleep infinity
--===x==
Content-Type: text/cloud-config
Content-Transfer-Encoding: base64

{encoded}
--===x==--
"""


def test_each_part_of_a_multipart_is_a_document_with_the_lines_of_the_whole() -> None:
    encoded = base64.b64encode(b"#cloud-config\n\nhostnam: www\n").decode()
    assert said(MULTIPART.format(encoded=encoded)) == [
        "error yaml-duplicate-key: line 10 of the result: the key 'hostname' stands in line 9 already, and of the "
        "two only "
        "the last counts; put both under one key, or take one away",
        "error foreground: line 16 of the result: 'sleep infinity' stays in the foreground, so nothing after it runs; "
        "take it away",
        "error unknown-key: line 18 of the result: in the encoded part, line 3: cloud-init knows no key 'hostnam' and "
        "ignores it; write 'hostname' if that was meant",
    ]


class TestWaivers:
    FOUND = tuple(
        Finding(id=name, severity="error", line=None, message=name, subject=subject)
        for name, subject in (("secret", "DB_PASSWORD"), ("secret", "API_KEY"), ("foreground", "tail"))
    )

    def test_an_id_covers_all_such_findings(self) -> None:
        waived = waive(self.FOUND, [Waiver("secret", "a lab without a secret")])
        assert [finding.subject for finding in waived.remaining] == ["tail"]
        assert waived.unused == ()

    def test_a_subject_narrows_it_to_one_thing(self) -> None:
        waived = waive(self.FOUND, [Waiver("secret:DB_PASSWORD", "it is on loopback only")])
        assert [finding.subject for finding in waived.remaining] == ["API_KEY", "tail"]

    def test_one_that_covers_nothing_is_named(self) -> None:
        known, stale = Waiver("foreground", "it is the last"), Waiver("secret:OLD", "once upon a time")
        waived = waive(self.FOUND, [known, stale])
        assert (waived.accepted, waived.unused) == ((known,), (stale,))

    def test_what_is_accepted_is_as_grave_as_what_it_covers(self) -> None:
        odd = Finding(id="foreground", severity="warning", line=None, message="foreground")
        accepted = waive(
            [*self.FOUND, odd], [Waiver("secret", "a lab"), Waiver("foreground", "it is the last")]
        ).accepted
        assert [waiver.severity for waiver in accepted] == ["error", "error"]
        assert [waiver.severity for waiver in waive([odd], [Waiver("foreground", "so")]).accepted] == ["warning"]

    @pytest.mark.parametrize("reason", ["", " \n"])
    def test_it_needs_a_reason(self, reason: str) -> None:
        with pytest.raises(ValueError, match="the waiver of 'secret' has no reason; say why it is right here"):
            Waiver("secret", reason)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=200))
def test_no_text_makes_a_check_fail(text: str) -> None:
    for head in ("", "#cloud-config\n", "#!/bin/sh\n", "## template: jinja\n#cloud-config\n", "#include\n"):
        for finding in findings(document(head + text)):
            assert "\n" not in finding.message
            assert finding.line is None or 1 <= finding.line <= (head + text).count("\n") + 2


KEYS = st.sampled_from(["hostname", "fqdn", "timezone", "locale", "final_message"])


@given(st.lists(KEYS, min_size=1, max_size=6), st.integers(0, 3))
def test_every_key_that_stands_twice_is_found(keys: list[str], above: int) -> None:
    text = config(*[""] * above, *(f"{key}: a{number}" for number, key in enumerate(keys)))
    lines = [finding.line for finding in findings(document(text)) if finding.id == "yaml-duplicate-key"]
    assert lines == [above + 2 + index for index, key in enumerate(keys) if key in keys[:index]]


def test_brackets_of_cloud_inits_jinja_that_stand_in_each_other_too_often_are_one_sentence() -> None:
    assert said("## template: jinja\n#cloud-config\nhostname: " + "{{" * 20_000 + "\n")[:1] == [
        "error jinja-syntax: cloud-init cannot render its own Jinja here: brackets stand in brackets too many times; "
        "correct it, or take the first line '## template: jinja' away"
    ]


def test_what_cloud_inits_jinja_opens_and_does_not_close_stays() -> None:
    assert without_jinja("a {{ b }} {% c %} {{ {%") == "a \ue000b\ue001  {{ {%"


@pytest.mark.parametrize("nested", ["[" * 20_000, "{a: " * 10_000, "- " * 20_000])
def test_lists_in_lists_without_end_are_one_sentence(nested: str) -> None:
    assert said(config(f"a:\n  {nested}")) == [
        "error yaml-syntax: line 3 of the result: this is not YAML that a guest reads: lists and mappings stand in "
        "each other more than 400 times; close the brackets before"
    ]
