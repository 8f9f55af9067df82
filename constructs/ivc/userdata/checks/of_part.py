"""All checks of one part, by its form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from yaml.nodes import MappingNode

from ivc.userdata import shell_length
from ivc.userdata.checks import cloud_config, devices, secret, shell, terraform_template, tree, write_files
from ivc.userdata.checks.finding import Finding
from ivc.userdata.checks.part import Form, Part
from ivc.userdata.checks.secret import Secret


@dataclass(frozen=True)
class Checked:
    """What is wrong or odd in a part, and the secrets in it, which no message may show."""

    findings: tuple[Finding, ...]
    secrets: tuple[Secret, ...]


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
    if root is not None:
        findings += cloud_config.check(root, _files(root), text=part.text, disks=disks, key_pair=key_pair)
        findings += [one for _, one in secret.passwords(root) if isinstance(one, Finding)]
    return Checked(tuple(findings), tuple(_secrets(part, root)))


def secrets(part: Part) -> tuple[Secret, ...]:
    """The secrets in a part alone, which is sooner had than all checks."""
    return tuple(_secrets(part, _parsed(part)[0] if part.form is Form.CLOUD_CONFIG else None))


def _secrets(part: Part, root: MappingNode | None) -> Iterator[Secret]:
    judged: dict[int, Secret | Finding | None] = {}
    if root is not None:
        judged = dict(secret.passwords(root))
        yield from (one for one in judged.values() if isinstance(one, Secret))
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


def _jinja(text: str) -> Iterator[Finding]:
    """Whether cloud-init can render the part on the guest."""
    from jinja2 import Environment, TemplateSyntaxError

    if length_at := shell_length.line_of(text):
        yield Finding(id="jinja-comment", severity="error", line=length_at, message=shell_length.EATEN)
        return
    try:
        Environment().parse(text)  # noqa: S701 - it only reads
    except TemplateSyntaxError as error:
        said = (error.message or "").rstrip(".")
        yield Finding(
            id="jinja-syntax",
            severity="error",
            line=error.lineno,
            message=f"cloud-init cannot render its own Jinja here: {said}; correct it, or take the first line "
            "'## template: jinja' away",
        )
