"""A review as one comment in the Markdown of GitHub and GitLab, cut by importance where it is too long.

What came from outside stands in code: there nobody is notified by a mention, and nothing is linked or obeyed. It is a
code span within a paragraph; within an HTML block, where Markdown is not read, a `code` element with entities. No line
begins with it, as code hosts and bots take commands from there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from html import escape

from ivc.policies.policy_finding import PolicyFinding
from ivc.review.model import Action, Count, Danger, FileDiff, Resource, Review, StackReview, Thing
from ivc.review.output import mermaid, wording
from ivc.review.output._fitting import Heading, Part, fit, size
from ivc.review.output.folding import Folded, folded
from ivc.words.foreign_text import shortened, visible, visible_line
from ivc.words.sentence import Sentence, listed, say

# The comment's first line: whoever posts it looks for a comment that begins with this, and updates that one.
MARKER = "<!-- ivc-review -->"

# Under it a comment may have no room for its head and the note on what is left out.
SMALLEST_LIMIT = 3_000

_LONGEST_QUOTE = 300
_LONGEST_NAME = 60
_LONGEST_LINE = 500
# Of each file's diff, where there is no room for all.
_FEWER_LINES = (60, 12)

_SIGNS: Mapping[Danger | Action, str] = {
    Danger.DESTROY: "🔴",
    Danger.WIPE: "🔴",
    Danger.REPLACE: "🟠",
    Danger.DETACH: "🟠",
    Danger.STOP: "🟠",
    Danger.OPEN: "🟣",
    Action.CREATE: "🟢",
    Action.UPDATE: "🔵",
}
_OTHER_SIGN = "⚪"

_ACTIVE = re.compile(r"[\\`*_{}\[\]<>#|~@$&!]")
_PLAIN_IN_HTML = "-./ "
_ENTITIES = {
    code: f"&#{code};" for code in range(32, 127) if not chr(code).isalnum() and chr(code) not in _PLAIN_IN_HTML
}


class _Importance(IntEnum):
    """What is given room first."""

    DANGERS = 0
    WARNINGS = 1
    DETAILS = 2
    DIFFS = 3
    REST = 4
    REMARKS = 5
    DIAGRAM = 6
    DETAILS_OF_REST = 7
    DIFFS_OF_REST = 8
    RESOURCES = 9
    RESOURCES_OF_REST = 10


def render(review: Review, *, limit: int = 65_536) -> str:
    """The comment, with a line feed at its end: at most `limit` characters, as GitHub and GitLab count them.

    What there is no room for is left out by its importance, the least first: lists of resources, then diffs, details
    and the sentences of harmless changes, with the diagram and remarks between them, then diffs of user data and
    details. Each dangerous change keeps its whole sentence while there is room for all of them; then, the worst last,
    a short line, then its name in a row of names, and at the very end its place in the counts of the first line.
    The end says what was left out.

    Raises ValueError for a limit under SMALLEST_LIMIT.
    """
    if limit < SMALLEST_LIMIT:
        raise ValueError(f"limit: {limit} characters have no room for a review: give at least {SMALLEST_LIMIT}.")
    head = _head(review)
    parts = [part for stack in review.stacks for part in _parts(stack)]
    room = limit - size(head)
    fitted = fit(parts, room)
    if fitted.lacking:
        # The note needs room itself, so that more may have to go for it.
        nouns = {part.what for part in parts}
        fitted = fit(parts, room - size(_note(dict.fromkeys(nouns, 10**9), limit)))
        return head + fitted.text + _note(fitted.lacking, limit)
    return head + fitted.text


def _head(review: Review) -> str:
    rest = _sentence(wording.rest_at_a_glance(review))
    verdict = _capital(_sentence(wording.verdict(review)))
    if review.no_changes:
        glance = f"**{verdict}.**" + (f" {_capital(rest)}." if rest else "")
    else:
        between = "; " if review.dangers or review.unread else ": "
        glance = f"**{verdict}**" + (f"{between}{rest}" if rest else "") + "."
    return f"{MARKER}\n## What this change does\n\n{glance}\n\n<sub>{_words(wording.source(review))}</sub>\n"


def _note(lacking: Mapping[str, int], limit: int) -> str:
    what = _sentence(listed(say("{} " + noun, number) for noun, number in lacking.items()))
    return (
        f"\n\n---\n\n**Shortened or left out**, since a comment has at most {limit:,} characters: {what}. "
        "The same review in the terminal, in HTML and in JSON has all of it.\n"
    )


def _parts(stack: StackReview) -> Iterator[Part]:
    """All that is told of a stack, in the order of the text."""
    title = Heading(f"\n\n### Stack {_code(stack.name, longest=_LONGEST_NAME)}\n\n")
    yield from _warnings(title, "All at once", stack.at_once)
    yield from _warnings(title, "Not judged", stack.unread)
    for group in wording.dangerous(stack.things):
        yield from _dangerous(title, group)
    yield from _warnings(title, "Failing", stack.failing)
    yield from _warnings(title, "Changed outside of Terraform", stack.outside)
    yield from _findings(title, stack)
    yield from _quota(title, stack)
    yield from _harmless(title, stack)
    yield from _diagram(title, stack)
    yield from _notes(title, stack)


# What happens to things.


def _dangerous(title: Heading, group: wording.Group) -> Iterator[Part]:
    words = f"{_SIGNS[group.danger]} {_capital(group.words)}: {len(group.things):,}"
    heading = Heading(f"\n\n#### {words}\n\n", title)
    urgency = list(Danger).index(group.danger)
    for under, each in _folded_by_module(heading, group.things):
        names = " ".join(_code(name, longest=_LONGEST_NAME) for name in (each.thing.id, *each.alike))
        entry = Part(
            under,
            (_Importance.DANGERS, urgency),
            (_entry(each, group), _short_entry(each), f"{names} "),
            "sentences on dangerous changes",
        )
        yield entry
        yield from _about(each, entry, urgency)


def _harmless(title: Heading, stack: StackReview) -> Iterator[Part]:
    heading = Heading("\n\n#### Nothing dangerous\n\n", title)
    for under, each in _folded_by_module(heading, wording.harmless(stack.things)):
        entry = Part(
            under,
            (_Importance.REST, 0),
            (_entry(each), _short_entry(each)),
            "sentences on harmless changes",
        )
        yield entry
        yield from _about(each, entry, None)


def _folded_by_module(heading: Heading, things: Iterable[Thing]) -> Iterator[tuple[Heading, Folded]]:
    for module, given in wording.by_module(things):
        name = _code(module, longest=_LONGEST_NAME)
        under = Heading(f"\n\n##### In the module {name}\n\n", heading) if module else heading
        for each in folded(given):
            yield under, each


def _entry(told: Folded, group: wording.Group | None = None) -> str:
    thing = told.thing
    label = wording.label_of(thing, group)
    label = f"**{_capital(label)}:** " if label else ""
    if group is None:
        label = f"{_SIGNS.get(thing.action, _OTHER_SIGN)} {label}"
    name = "" if thing.name is None else f" (the cloud shows it as {_code(thing.name)})"
    alike = f"; {_sentence(told.words)}" if told.alike else ""
    return f"- {label}{_sentence(thing.headline)}{name}{alike}\n\n"


def _short_entry(told: Folded) -> str:
    more = f" and {len(told.alike):,} more" if told.alike else ""
    return f"- {_code(told.thing.id, longest=_LONGEST_NAME)}{more}: {wording.words_of(told.thing)}\n\n"


def _about(told: Folded, entry: Part, urgency: int | None) -> Iterator[Part]:
    """What stands under a thing's entry."""
    thing = told.thing
    details, diffs, resources = (
        (_Importance.DETAILS_OF_REST, _Importance.DIFFS_OF_REST, _Importance.RESOURCES_OF_REST)
        if urgency is None
        else (_Importance.DETAILS, _Importance.DIFFS, _Importance.RESOURCES)
    )
    kind = "harmless" if urgency is None else "dangerous"
    names = _folded("Their names", _sentence(told.names)) if told.names else ""
    given = [
        (details, (names,), f"lists of names of {kind} changes"),
        (details, (_details(thing),), f"lists of details of {kind} changes"),
        (diffs, _diffs(thing.user_data), f"diffs of the user data of {kind} changes"),
        (resources, (_resources(thing.resources),), f"lists of the resources of {kind} changes"),
    ]
    for importance, versions, what in given:
        if versions[0]:
            yield Part(entry.under, (importance, urgency or 0), versions, what, about=entry)


def _details(thing: Thing) -> str:
    lines = [_sentence(sentence) for sentence in thing.details]
    if thing.exposure is not None:
        opened, before, after = thing.exposure.opened, thing.exposure.before, thing.exposure.after
        if opened:
            lines.append(f"**newly open to the world:** {_sentence(listed(opened))}")
        lines.append(f"the world reached: {_sentence(listed(before)) or 'nothing'}")
        lines.append(f"the world will reach: {_sentence(listed(after)) or 'nothing'}")
    return _indented("".join(f"- {line}\n" for line in lines)) + "\n" if lines else ""


def _diffs(diffs: tuple[FileDiff, ...]) -> tuple[str, ...]:
    """The whole diff, and shorter ones."""
    if not diffs:
        return ("",)
    longest = max(len(diff.lines) for diff in diffs)
    return tuple(
        _folded(
            _sentence_in_html(wording.title_of_diffs(diffs)),
            "\n\n".join(_diff(diff, most) for diff in diffs),
        )
        for most in (longest, *(fewer for fewer in _FEWER_LINES if fewer < longest))
    )


def _diff(diff: FileDiff, most: int) -> str:
    lines = [shortened(visible_line(line), _LONGEST_LINE) for line in diff.lines[:most]]
    more = len(diff.lines) - len(lines)
    rest = f"\n\n*{more:,} more lines*" if more else ""
    return f"{_sentence(wording.title(diff))}\n\n{_fenced('diff', lines)}{rest}"


def _resources(resources: tuple[Resource, ...]) -> str:
    if not resources:
        return ""
    lines: list[str] = []
    for resource in resources:
        lines.append(f"- {_sentence(wording.sentence_of(resource))}")
        lines += [f"  - {_sentence(wording.sentence_of_attribute(given))}" for given in resource.attributes]
    number = len(resources)
    return _folded(f"{number:,} Terraform resource{'s' * (number != 1)}", "\n".join(lines))


def _folded(summary: str, content: str) -> str:
    """A part of a list's item that is opened by a click. summary: HTML of one line."""
    return _indented(f"<details><summary>{summary}</summary>\n\n{content}\n\n</details>\n") + "\n"


# What else is to be known.


def _warnings(title: Heading, words: str, sentences: Iterable[Sentence]) -> Iterator[Part]:
    heading = Heading(f"\n\n#### ⚠️ {words}\n\n", title)
    for sentence in sentences:
        yield Part(heading, (_Importance.WARNINGS, 0), (f"- {_sentence(sentence)}\n",), "warnings")


def _findings(title: Heading, stack: StackReview) -> Iterator[Part]:
    findings = wording.by_news(stack.policies)
    heading = Heading("\n\n#### Policies\n\n", title)
    for finding in findings.new:
        yield Part(heading, (_Importance.WARNINGS, 2), (f"- {_finding(finding)}\n",), "findings of policies")
    for words, given in (("found as before", findings.old), ("accepted, with a reason", findings.waived)):
        if given:
            lines = "\n".join(f"- {_finding(finding)}" for finding in given)
            summary = f"{len(given):,} {words}"
            part = f"\n<details><summary>{summary}</summary>\n\n{lines}\n\n</details>\n"
            yield Part(heading, (_Importance.REMARKS, 1), (part,), "lists of older or accepted findings of policies")


def _finding(finding: PolicyFinding) -> str:
    place = wording.place(finding)
    words = f"**{finding.severity}** {_code(finding.id)}, {_code(finding.subject)}"
    words += f" in {_code(place)}: " if place else ": "
    words += _sentence(finding.message)
    if finding.waived is not None:
        words += f"; accepted: {_code(finding.waived)}"
    page = f"[why]({finding.page})" if wording.is_link(finding.page) else f"see {_code(finding.page)}"
    return f"{words} ({page})"


def _quota(title: Heading, stack: StackReview) -> Iterator[Part]:
    heading = Heading("\n\n#### Quota\n\n", title)
    counts = wording.by_need(stack.counts)
    for count in counts:
        if count.exceeded:
            line = f"- 🔴 **Over quota:** {_sentence(wording.sentence_of_count(count))}\n"
            yield Part(heading, (_Importance.WARNINGS, 1), (line,), "exceeded quotas")
    if counts:
        rows = "".join(_row(count) for count in counts)
        table = (
            "\n<details><summary>All counts</summary>\n\n"
            f"<table>\n<tr><th></th><th>now</th><th>then</th><th></th><th></th></tr>\n{rows}</table>\n\n</details>\n"
        )
        yield Part(heading, (_Importance.REMARKS, 2), (table,), "tables of quotas")


def _row(count: Count) -> str:
    cells = (
        wording.amount(count, count.before),
        wording.amount(count, count.after),
        wording.limit(count),
        wording.remark(count),
    )
    content = "".join(f"<td>{_sentence_in_html(cell)}</td>" for cell in cells)
    return f"<tr><td>{_html_code(count.what)}</td>{content}</tr>\n"


def _diagram(title: Heading, stack: StackReview) -> Iterator[Part]:
    diagram = mermaid.diagram(stack.topology)
    if diagram:
        text = "\n\n<details open><summary>What is on which network</summary>\n\n"
        text += f"{_fenced('mermaid', diagram.splitlines())}\n\n</details>\n"
        yield Part(title, (_Importance.DIAGRAM, 0), (text,), "diagrams")


def _notes(title: Heading, stack: StackReview) -> Iterator[Part]:
    heading = Heading("\n\n#### Notes\n\n", title)
    for sentence in stack.notes:
        yield Part(heading, (_Importance.REMARKS, 0), (f"- {_sentence(sentence)}\n",), "notes")


# Texts in Markdown.


def _sentence(sentence: Sentence) -> str:
    return "".join(_code(words) if foreign else _words(words) for words, foreign in wording.pieces(sentence))


def _words(words: str) -> str:
    """Our own words."""
    return _ACTIVE.sub(r"\\\g<0>", words)


def _code(words: str, *, longest: int = _LONGEST_QUOTE) -> str:
    """Foreign words: nothing is obeyed between backticks but a longer or equal run of them."""
    shown = shortened(visible(words), longest) or '""'
    fence = "`" * (_longest_run("`", shown) + 1)
    padding = " " if "`" in (shown[0], shown[-1]) or (shown[0] == " " == shown[-1] and shown.strip()) else ""
    return f"{fence}{padding}{shown}{padding}{fence}"


def _fenced(language: str, lines: Iterable[str]) -> str:
    content = "\n".join(lines)
    fence = "`" * max(3, _longest_run("`", content) + 1)
    return f"{fence}{language}\n{content}\n{fence}"


def _longest_run(sign: str, text: str) -> int:
    return max(map(len, re.findall(f"{re.escape(sign)}+", text)), default=0)


def _indented(text: str) -> str:
    """Text as a part of a list's item."""
    return "".join(f"  {line}" if line.strip() else line for line in text.splitlines(keepends=True))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# Texts within HTML blocks, where Markdown is not read.


def _sentence_in_html(sentence: Sentence) -> str:
    return "".join(_html_code(words) if foreign else escape(words) for words, foreign in wording.pieces(sentence))


def _html_code(words: str) -> str:
    return f"<code>{_in_html(words)}</code>"


def _in_html(words: str) -> str:
    """Foreign words: all signs as entities, so that no engine finds Markdown in them either."""
    return (shortened(visible(words), _LONGEST_NAME) or '""').translate(_ENTITIES)
