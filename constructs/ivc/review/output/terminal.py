"""A review for a terminal: as wide and as colourful as the console, plain where there is no colour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivc.policies.policy_finding import PolicyFinding
from ivc.review.model import Action, Danger, FileDiff, Review, StackReview, Thing
from ivc.review.output import wording
from ivc.review.output.folding import folded
from ivc.words.foreign_text import visible, visible_line
from ivc.words.sentence import Sentence, listed, say

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_STYLES: Mapping[Danger | Action, str] = {
    Danger.DESTROY: "bold red",
    Danger.WIPE: "bold red",
    Danger.REPLACE: "bold yellow",
    Danger.DETACH: "bold yellow",
    Danger.STOP: "bold yellow",
    Danger.OPEN: "bold magenta",
    Action.CREATE: "bold green",
}
_OTHER_STYLE = "bold blue"
_STYLES_OF_LINES = {"+": "green", "-": "red", "@": "dim"}
_STYLES_OF_SEVERITIES = {"error": "bold red", "warning": "bold yellow", "info": "bold blue"}
_FOREIGN = "cyan"


@dataclass(frozen=True)
class _Item:
    """A line of text that folds behind its bullet. Rich's grids do the same, many times slower."""

    text: Text
    bullet: str = " "
    level: int = 0

    def lines(self, console: Console) -> Iterator[Text]:
        from rich.cells import cell_len

        indent = "  " * self.level
        width = max(console.width - len(indent) - 2, 8)
        line = self.text
        line.expand_tabs()
        folded = [line] if cell_len(line.plain) <= width else line.wrap(console, width, overflow="fold")
        for number, piece in enumerate(folded):
            yield _ours(f"{indent}{' ' if number else self.bullet} ").append_text(piece)


def render(review: Review, console: Console) -> str:
    """The review as text, with a line feed at its end. Nothing that came from outside is obeyed as markup or escape."""
    from rich.text import Text

    lines: list[Text] = []
    for part in _parts(review):
        lines += part.lines(console) if isinstance(part, _Item) else part.wrap(console, console.width, overflow="fold")
    with console.capture() as capture:
        console.print(Text("\n").join(lines), highlight=False, soft_wrap=True)
    return "\n".join(line.rstrip() for line in capture.get().split("\n"))


def _parts(review: Review) -> Iterator[Text | _Item]:
    from rich.text import Text

    rest = wording.rest_at_a_glance(review)
    calm = not review.dangers and not review.unread
    verdict = str(wording.verdict(review))
    yield _ours(f"{verdict[:1].upper()}{verdict[1:]}.", "bold green" if calm else "bold red")
    if rest:
        yield _sentence(say("{}.", rest))
    yield _ours(wording.source(review), "dim")
    for stack in review.stacks:
        sections = [(title, list(content)) for title, content in _sections(stack)]
        if any(content for _, content in sections):
            yield _said(("\nStack ", "bold"), (_quoted(stack.name), "bold cyan"))
        for title, content in sections:
            if content:
                yield Text("\n").append_text(title)
                yield from content


def _sections(stack: StackReview) -> Iterator[tuple[Text, Iterable[_Item]]]:
    yield _ours("All at once", "bold red"), _sentences(stack.at_once)
    yield _ours("Not judged", "bold red"), _sentences(stack.unread)
    for group in wording.dangerous(stack.things):
        heading = f"{group.words.capitalize()}: {len(group.things):,}"
        yield _ours(heading, _STYLES[group.danger]), _things(group.things, group)
    yield _ours("Failing", "bold"), _sentences(stack.failing)
    yield _ours("Changed outside of Terraform", "bold"), _sentences(stack.outside)
    yield _ours("Policies", "bold"), _policies(stack)
    yield _ours("Quota", "bold"), _quota(stack)
    yield _ours("Nothing dangerous", "bold"), _things(wording.harmless(stack.things))
    yield _ours("Notes", "bold"), _sentences(stack.notes)


def _things(things: Iterable[Thing], group: wording.Group | None = None) -> Iterator[_Item]:
    for module, given in wording.by_module(things):
        if module:
            yield _Item(_said(("In the module ", "bold"), (_quoted(module), _FOREIGN)))
        yield from _folded_things(given, group)


def _folded_things(things: Iterable[Thing], group: wording.Group | None) -> Iterator[_Item]:
    for each in folded(things):
        thing = each.thing
        label = wording.label_of(thing, group)
        style = _STYLES.get(group.danger if group else thing.action, _OTHER_STYLE)
        headline = _said((f"{label}: " * bool(label), style)).append_text(_sentence(thing.headline))
        if thing.name is not None:
            headline.append_text(_said((" (the cloud shows it as ", ""), (_quoted(thing.name), _FOREIGN), (")", "")))
        if each.alike:
            headline.append_text(_sentence(say("; {}", each.words)))
        yield _Item(headline, "*")
        if each.names:
            yield _Item(_sentence(say("their names: {}", each.names)), "-", level=1)
        for sentence in _details(thing):
            yield _Item(_sentence(sentence), "-", level=1)
        for diff in thing.user_data:
            yield from _diff(diff)
        for resource in thing.resources:
            yield _Item(_ours(_plain(wording.sentence_of(resource)), "dim"), level=1)
            # All attributes of what is new are new.
            for attribute in resource.attributes if resource.action is not Action.CREATE else ():
                yield _Item(_ours(_plain(wording.sentence_of_attribute(attribute)), "dim"), level=2)


def _details(thing: Thing) -> Iterator[Sentence]:
    yield from thing.details
    if thing.exposure is not None:
        opened, before, after = thing.exposure.opened, thing.exposure.before, thing.exposure.after
        if opened:
            yield say("newly open to the world: {}", listed(opened))
        yield say("the world reached: {}", listed(before) or say("nothing"))
        yield say("the world will reach: {}", listed(after) or say("nothing"))


def _diff(diff: FileDiff) -> Iterator[_Item]:
    yield _Item(_sentence(wording.title(diff)), "-", level=1)
    for line in diff.lines:
        yield _Item(_ours(visible_line(line), _STYLES_OF_LINES.get(line[:1], "")), level=2)


def _sentences(sentences: Iterable[Sentence]) -> Iterator[_Item]:
    return (_Item(_sentence(sentence), "*") for sentence in sentences)


def _policies(stack: StackReview) -> Iterator[_Item]:
    findings = wording.by_news(stack.policies)
    for finding in findings.new:
        yield _Item(_finding(finding), "*")
        place = wording.place(finding)
        yield _Item(_ours(f"{_quoted(place)}, " * bool(place) + f"see {_quoted(finding.page)}", "dim"), level=1)
    for words, given in (("found as before", findings.old), ("accepted, with a reason", findings.waived)):
        if given:
            yield _Item(_ours(f"{len(given):,} {words}:"), "*")
            for finding in given:
                yield _Item(_finding(finding), "-", level=1)


def _finding(finding: PolicyFinding) -> Text:
    severity = (finding.severity, _STYLES_OF_SEVERITIES[finding.severity])
    of = ((_quoted(finding.id), _FOREIGN), (", ", ""), (_quoted(finding.subject), _FOREIGN), (": ", ""))
    text = _said(severity, (" ", ""), *of).append_text(_sentence(finding.message))
    if finding.waived is not None:
        text.append_text(_said(("; accepted: ", ""), (_quoted(finding.waived), _FOREIGN)))
    return text


def _quota(stack: StackReview) -> Iterator[_Item]:
    for count in wording.by_need(stack.counts):
        text = _sentence(wording.sentence_of_count(count))
        yield _Item(_said(("over quota: ", "bold red")).append_text(text) if count.exceeded else text, "*")


# Texts.


def _sentence(sentence: Sentence) -> Text:
    pieces = wording.pieces(sentence)
    return _said(*((_quoted(words), _FOREIGN) if foreign else (words, "") for words, foreign in pieces))


def _plain(sentence: Sentence) -> str:
    return "".join(_quoted(words) if foreign else words for words, foreign in wording.pieces(sentence))


def _quoted(words: str) -> str:
    return visible(words) or '""'


def _ours(words: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(words, style)


def _said(*pieces: tuple[str, str]) -> Text:
    from rich.text import Text

    return Text.assemble(*pieces)
