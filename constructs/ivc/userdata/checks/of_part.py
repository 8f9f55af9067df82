"""All checks of one part, by its form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yaml.nodes import MappingNode

from ivc.userdata import shell_length
from ivc.userdata.checks import cloud_config, devices, secret, shell, terraform_template, tree, write_files
from ivc.userdata.checks.finding import Finding
from ivc.userdata.checks.part import Form, Part
from ivc.userdata.checks.secret import Secret
from ivc.userdata.on_guest import NAMES


@dataclass(frozen=True)
class Checked:
    """What is wrong or odd in a part, and the secrets in it, which no message may show.

    root: the mapping that a cloud-config is, where it is one for certain.
    """

    findings: tuple[Finding, ...]
    secrets: tuple[Secret, ...]
    root: MappingNode | None


def check(part: Part, *, existing_volumes: bool, key_pair: bool) -> Checked:
    """Check a part.

    existing_volumes, key_pair: as in `ivc.userdata.checks.findings`.
    """
    findings = [] if part.jinja is None else [*_jinja(part.jinja)]
    root = None
    disks = devices.Disks.of(part.text, existing=existing_volumes)
    if part.form is Form.CLOUD_CONFIG:
        root, found = _parsed(part)
        findings += found
    elif part.form is Form.SCRIPT:
        if shell.is_shell(part.text):
            findings += shell.check(shell.Script(part.text, line=1, ends=True))
            findings += terraform_template.check(part.text, "warning")
        findings += devices.in_file("the script", part.text, 1, disks, runs=True)
    elif part.form is Form.INCLUDE:
        findings += shell.one_slashes(part.text, line=1)
    elif part.form is Form.PATCH:
        findings += _patch(part.text)
    if root is not None:
        findings += cloud_config.check(root, _files(root), text=part.text, disks=disks, key_pair=key_pair)
    # The parts of an archive are looked through each by itself.
    hidden = [] if part.form is Form.ARCHIVE else [*_secrets(part, root)]
    findings += [one for one in hidden if isinstance(one, Finding)]
    secrets_ = tuple(one for one in hidden if isinstance(one, Secret))
    return Checked(tuple(findings), secrets_, None if part.conditional else root)


def secrets(part: Part) -> tuple[Secret, ...]:
    """The secrets in a part alone, which is sooner had than all checks."""
    hidden = _secrets(part, _parsed(part)[0] if part.form is Form.CLOUD_CONFIG else None)
    return tuple(one for one in hidden if isinstance(one, Secret))


def _secrets(part: Part, root: MappingNode | None) -> Iterator[Secret | Finding]:
    """The secrets, weak hashes of passwords, and what stands where a secret is to be put."""
    judged: dict[int, Secret | Finding | None] = {}
    if root is not None:
        judged = dict(secret.passwords(root))
        yield from (one for one in judged.values() if one is not None)
        for file in _files(root):
            if file.encoded:
                yield from secret.scan(secret.Text(file.content, file.line, inside=file.path))
    yield from secret.scan(secret.Text(part.text, line=1), judged=frozenset(judged))


def _files(root: MappingNode) -> tuple[write_files.File, ...]:
    return tuple(write_files.files(tree.entries(root).get("write_files")))


def _parsed(part: Part) -> tuple[MappingNode | None, list[Finding]]:
    """The mapping, where it is one, and what is wrong with its YAML.

    What cloud-init's Jinja leaves of a part may well be right, so that nothing is said of one with conditions.
    """
    try:
        root = tree.parse(part.text)
    except tree.NotYamlError as error:
        return None, [] if part.conditional else [*terraform_template.check(part.text, "error")] or [error.finding]
    if isinstance(root, MappingNode):
        found = [] if part.conditional else [*tree.line_ends(part.text), *tree.duplicates(root)]
        return tree.with_merges(root, part.text), found
    return None, [] if root is None or part.conditional else [cloud_config.not_a_mapping(root)]


def _patch(text: str) -> Iterator[Finding]:
    """Whether a JSON patch can be read (RFC 6902)."""
    above = len(text) - len(text.lstrip())
    header, _, body = text[above:].partition("\n")
    first = text.count("\n", 0, above) + 2
    if header.strip().lower() != "#cloud-config-jsonp":
        body, first = text.lstrip(), first - 1
    try:
        operations = json.loads(body)
    except json.JSONDecodeError as error:
        yield _lost_patch(first + error.lineno - 1, f"this is not JSON ({error.msg})")
        return
    known = ("add", "remove", "replace", "move", "copy", "test")
    listed = operations if isinstance(operations, list) else [None]
    if not all(isinstance(one, dict) and one.get("op") in known and "path" in one for one in listed):
        yield _lost_patch(first, "this is no list of operations, each with `op` and `path`")


def _lost_patch(line: int, what: str) -> Finding:
    message = f"{what}, so that cloud-init leaves the patch out; write it as RFC 6902 has it"
    return Finding(id="json-patch", severity="error", line=line, message=message)


def _jinja(text: str) -> Iterator[Finding]:
    """Whether cloud-init can render the part on the guest."""
    from jinja2 import Environment, TemplateSyntaxError, nodes

    if length_at := shell_length.line_of(text):
        yield Finding(id="jinja-comment", severity="error", line=length_at, message=shell_length.EATEN)
        return
    # cloudinit/templater.py
    environment = Environment(extensions=["jinja2.ext.do"])  # noqa: S701 - it only reads
    try:
        tree_ = environment.parse(text)
        environment.compile(text)
    except RecursionError:
        yield _unrendered("brackets stand in brackets too many times", line=None)
        return
    except TemplateSyntaxError as error:
        yield _unrendered((error.message or "").rstrip("."), line=error.lineno)
        return
    # cloudinit/handlers/jinja_template.py: what is undefined then loses the part.
    for taken_from in tree_.find_all(nodes.Sub):
        if _is_of_the_guest(taken_from.left):
            why = "a name with - is a subtraction to Jinja (write v1.instance_id, not v1.instance-id)"
            yield _unrendered(why, line=taken_from.lineno)
    for node in tree_.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
        yield Finding(
            id="jinja-syntax",
            severity="error",
            line=node.lineno,
            message="cloud-init has no other templates on the guest to include, import or extend, and leaves this part "
            "out; put the text here, or include it without {% raw %}",
        )


def _is_of_the_guest(node: Any) -> bool:
    """Whether it is a name of cloud-init's own, or something in one."""
    while (inside := getattr(node, "node", None)) is not None:
        node = inside
    return getattr(node, "name", None) in NAMES


def _unrendered(why: str, *, line: int | None) -> Finding:
    return Finding(
        id="jinja-syntax",
        severity="error",
        line=line,
        message=f"cloud-init cannot render its own Jinja here: {why}; correct it, or take the first line "
        "'## template: jinja' away",
    )
