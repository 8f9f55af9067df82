"""User data as a guest gets it, read back from a synthesized folder or rendered from a template alone.

For the command line: no declaration, no CDKTF, no Node. Libvirt guests and bare metal get theirs this way.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from ivc.estate import Estate, EstateError, Instance, Stack
from ivc.userdata import AtApply, Document, FileTree, UserData, checks, described
from ivc.userdata.checks import NO_NETWORK, NO_WAY_OUT, Finding, Waiver
from ivc.userdata.origin import Place
from ivc.userdata.template import LEADS_OUT, TemplateError
from ivc.userdata.user_data import UNREAD, not_read

_UNREAD = re.compile(re.escape(not_read("\0").message).replace("\0", "(.+)", 1).replace("\0", ".+"))
_ALREADY = re.compile(r"\bin line (\d+) already\b")
_SIZE = "size"
"""The id of the finding that a text is over Nova's limit."""


@dataclass(frozen=True)
class Placed:
    """A finding, and where a person mends it.

    finding: its `line` is that of the rendered text. file: what a person edits, or the rendered file itself.
    line: of that file; None where it is not known. waived: the reason why it is accepted; None where it is not.
    """

    finding: Finding
    file: Path
    line: int | None
    waived: str | None = None


@dataclass(frozen=True)
class Judged:
    """The user data of an instance or a template, and all that is wrong or odd in it.

    label: how messages call it. file: of the template, or of the rendered text.
    found: in the order of the lines; what is waived, too.
    """

    label: str
    file: Path
    document: Document
    found: tuple[Placed, ...]

    @property
    def errors(self) -> tuple[Placed, ...]:
        """What is wrong and not accepted."""
        return tuple(one for one in self.found if one.finding.severity == "error" and one.waived is None)

    def without_unread(self, names: Collection[str]) -> Judged:
        """The same without a word about these variables where the template does not read them."""
        return replace(
            self, found=tuple(one for one in self.found if one.finding.id != UNREAD or one.finding.subject not in names)
        )

    def accepting(self, waivers: Sequence[Waiver]) -> Judged:
        """The same with what waivers accept."""
        found = tuple(
            replace(one, waived=next((each.reason for each in waivers if each.covers(one.finding)), one.waived))
            for one in self.found
        )
        return replace(self, found=found)


@dataclass(frozen=True)
class Declared:
    """An instance of a synthesized folder, and its stack."""

    stack: Stack
    instance: Instance

    @property
    def label(self) -> str:
        """How messages call it."""
        return f"{self.stack.name}/{self.instance.id}"

    def text(self, values: Mapping[str, str]) -> str:
        """Its user data, with values for what is known only at apply; raises EstateError for a value of nothing.

        values: by what stands in angle brackets, without them. What has no value stays in its brackets.
        """
        if self.instance.user_data is None:
            raise EstateError(f"Instance {self.label} has no user data: give it some in the declaration.")
        text = self.instance.user_data.path.read_bytes().decode()
        for label, value in values.items():
            if label not in self.instance.unknown:
                known = ", ".join(repr(each) for each in self.instance.unknown) or "nothing"
                raise EstateError(f"--set: {label!r} is no value known only at apply of {self.label}; it has {known}.")
            text = text.replace(f"<{label}>", value)
        return text

    def judged(self) -> Judged:
        """Its user data as it was synthesized, judged anew; what its synthesis alone knew is taken from there."""
        text = self.text({})
        pattern = "|".join(re.escape(f"<{label}>") for label in self.instance.unknown)
        pieces = re.split(f"({pattern})", text) if pattern else [text]
        document = Document(
            tuple(AtApply("", piece[1:-1], 0) if number % 2 else piece for number, piece in enumerate(pieces))
        )
        waivers = [Waiver(waiver.id, waiver.reason) for waiver in self.instance.accepted]
        has_volumes = bool(self.instance.mounts) or any(not volume.boot for volume in self.instance.volumes)
        why = self.instance.no_way_out or NO_NETWORK
        found = [
            finding
            for finding in checks.findings(document, existing_volumes=has_volumes, no_way_out=why)
            if finding.id != NO_WAY_OUT
            or finding.text in self.instance.warnings
            or any(waiver.covers(finding) for waiver in waivers)
        ]
        found += [not_read(match[1]) for text in self.instance.warnings if (match := _UNREAD.fullmatch(text))]
        file = self.instance.user_data.path if self.instance.user_data else self.stack.file.path
        placed = tuple(Placed(finding, file, finding.line) for finding in _by_line(found))
        return Judged(self.label, file, document, placed).accepting(waivers)


def instances(estate: Estate) -> Iterator[Declared]:
    """All instances of a folder."""
    for stack in estate.stacks:
        for instance in stack.instances:
            yield Declared(stack, instance)


def find(estate: Estate, name: str) -> Declared:
    """An instance by its id, or by `stack/id` where several stacks have it; raises EstateError."""
    found = [one for one in instances(estate) if name in (one.instance.id, one.label)]
    if len(found) == 1:
        return found[0]
    if found:
        labels = ", ".join(one.label for one in found)
        raise EstateError(f"{name} is an instance of several stacks: give one of {labels}.")
    are_several = len({one.stack.name for one in instances(estate)}) > 1
    known = ", ".join(one.label if are_several else one.instance.id for one in instances(estate)) or "none"
    raise EstateError(f"{name} is neither a file nor an instance of {estate.folder}; its instances: {known}.")


def of_template(
    path: Path,
    *,
    folder: Path | None,
    name: str,
    variables: Mapping[str, Any],
    files: Sequence[str] = (),
    limited: bool = True,
) -> Judged:
    """A template's user data, with no declaration.

    path: the template. folder: where it, and what it includes, is looked for; its own folder unless said.
    name: the server's. variables: the template's; `instance` among them is what it sees as that, and its `volumes`
    with a `mount_point` are mounted. files: folders below `folder` whose files are brought.
    limited: whether Nova's limit holds for it.

    Raises ValueError where it does not render or cannot be user data.
    """
    root = (folder or path.parent).resolve()
    if not path.resolve().is_relative_to(root):
        if path.absolute().is_relative_to(root):
            raise ValueError(f"{path} {LEADS_OUT}")
        raise ValueError(f"{path} is not below {root}: give --folder, where its templates stand")
    given = {key: value for key, value in variables.items() if key != "instance"}
    facts = described.facts(name, variables.get("instance", {}))
    trees = [FileTree(_below(root, tree)) for tree in files]
    user_data = UserData.template(path.resolve().relative_to(root).as_posix(), files=trees, **given)
    has_volumes = bool(facts["volumes"])
    draft = user_data.draft(folder=root, instance=facts, mounts=described.mounts(facts), existing_volumes=has_volumes)
    found = [one for one in draft.found if one.id != NO_WAY_OUT and (limited or one.id != _SIZE)]
    places = user_data.places(draft.text, folder=root, instance=facts) if found else {}
    placed = tuple(_placed(finding, places, path) for finding in _by_line(found))
    return Judged(str(path), path, draft.text, placed)


def not_rendered(path: Path, error: ValueError) -> Judged:
    """What stands for a template that gives no user data at all."""
    file, line, said = path, None, str(error)
    if isinstance(error, TemplateError):
        file, line, said = _shown(error.file), error.line, error.said
    finding = Finding(id="not-rendered", severity="error", line=None, message=said)
    return Judged(str(path), path, Document(()), (Placed(finding, file, line),))


def variables_of(path: Path) -> dict[str, Any]:
    """The variables that a YAML file holds; raises ValueError for what is no mapping of names."""
    try:
        loaded = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(loaded, dict) or not all(isinstance(key, str) for key in loaded):
        raise ValueError(f"{path} holds no variables: write a line for each, such as `site: shop.example`")
    return loaded


def newer_source(output: Path) -> Path | None:
    """A file of the project that is newer than what was synthesized from it, if there is one."""
    project = output.resolve().parent
    written = (output / "manifest.json").stat().st_mtime
    sources = (*project.glob("*.py"), *(project / "constructs").rglob("*.py"), *(project / "userdata").rglob("*"))
    return next((path for path in sorted(sources) if path.is_file() and path.stat().st_mtime > written), None)


def _by_line(found: Sequence[Finding]) -> Sequence[Finding]:
    return sorted(found, key=lambda finding: finding.line or 0)


def _placed(finding: Finding, places: Mapping[int, Place], template: Path) -> Placed:
    """A finding where it was written, and with the place that it says something stands at already."""
    place = places.get(finding.line or 0)
    if place is None:
        return Placed(finding, template, None)

    def other(match: re.Match[str]) -> str:
        first = places.get(int(match[1]))
        if first is None or first.line is None:
            return f"in line {match[1]} of the result already"
        return f"in line {first.line}{'' if first.file == place.file else f' of {_shown(first.file)}'} already"

    message = _ALREADY.sub(other, finding.message)
    return Placed(replace(finding, message=message), _shown(place.file), place.line)


def _shown(path: Path) -> Path:
    """The path from here, where it stands below."""
    return Path(os.path.relpath(path)) if path.resolve().is_relative_to(Path.cwd()) else path


def _below(root: Path, tree: str) -> str:
    """A folder of files by its path from the templates' folder, however it was given."""
    path = Path(tree)
    if not (root / tree).is_dir() and path.is_dir() and path.absolute().is_relative_to(root):
        return path.absolute().relative_to(root).as_posix()
    return tree
