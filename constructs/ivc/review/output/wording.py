"""The order in which a review is told, and our words for it, in any medium."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from ivc.policies.policy_finding import PolicyFinding
from ivc.review.model import Action, Attribute, Count, Danger, FileDiff, Resource, Review, Thing
from ivc.words.order import as_counted
from ivc.words.sentence import Quoted, Sentence, joined, listed, say

# Each as it is certain, and as the folders alone do not tell.
_DANGERS: Mapping[Danger, tuple[str, str]] = {
    Danger.DESTROY: ("destroyed", "may be destroyed"),
    Danger.WIPE: ("wiped", "may be wiped"),
    Danger.REPLACE: ("replaced", "may be replaced"),
    Danger.DETACH: ("volume detached", "volume may be detached"),
    Danger.STOP: ("stopped", "may be stopped"),
    Danger.OPEN: ("opened to the world", "may be opened to the world"),
}
_COUNTED: Mapping[Danger, tuple[str, str]] = {
    **_DANGERS,
    Danger.DETACH: ("with a volume detached", "with a volume that may be detached"),
}
_ACTIONS: Mapping[Action, tuple[str, str]] = {
    Action.DESTROY: ("destroyed", "may be destroyed"),
    Action.WIPE: ("wiped", "may be wiped"),
    Action.REPLACE: ("replaced", "may be replaced"),
    Action.CREATE: ("created", "may be created"),
    Action.UPDATE: ("changed", "may be changed"),
    Action.IMPORT: ("imported", "may be imported"),
    Action.FORGET: ("forgotten", "may be forgotten"),
    Action.MOVE: ("moved", "may be moved"),
    Action.NONE: ("affected", "may be affected"),
}
_SOURCES = {
    "folders": "Read from the synthesized folders; no plan was at hand.",
    "plan": "Read from Terraform's plan; the synthesized folders were not at hand.",
    "both": "Read from Terraform's plan and the synthesized folders.",
    "environments": "Two environments, told as if the first became the second; nothing happens.",
}
_LINK = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]+)?(?:/[A-Za-z0-9._/-]*)?(?:#[A-Za-z0-9._-]*)?")
# Of files, in the title of their diffs.
_MOST_NAMES = 4
_SEVERITIES = ("error", "warning", "info")


def words_of_action(action: Action, *, certain: bool = True) -> str:
    """Such as `replaced`, or `may be replaced`."""
    return _ACTIONS[action][not certain]


def words_of(thing: Thing) -> str:
    """What happens to it in a few words: its dangers, the worst first; its action where there is none."""
    dangers = dangers_of(thing)
    if not dangers:
        return words_of_action(thing.action, certain=thing.certain)
    return ", ".join(_DANGERS[danger][danger in thing.possible] for danger in dangers)


def label_of(thing: Thing, group: Group | None) -> str:
    """What `words_of` says, unless it is just what the heading of the thing's group says already."""
    words = words_of(thing)
    return "" if group is not None and words == group.words else words


def dangers_of(thing: Thing) -> tuple[Danger, ...]:
    """Its dangers, the worst first."""
    return tuple(danger for danger in Danger if danger in thing.dangers)


@dataclass(frozen=True)
class Group:
    """Things of one stack whose worst danger is the same, in the stack's order."""

    danger: Danger
    things: tuple[Thing, ...]

    @property
    def words(self) -> str:
        """Such as `destroyed`."""
        return _DANGERS[self.danger][0]


def dangerous(things: Iterable[Thing]) -> tuple[Group, ...]:
    """The dangerous ones by their worst danger, the worst first."""
    found: dict[Danger, list[Thing]] = {danger: [] for danger in Danger}
    for thing in things:
        if thing.dangers:
            found[dangers_of(thing)[0]].append(thing)
    return tuple(Group(danger, tuple(group)) for danger, group in found.items() if group)


def by_module(things: Iterable[Thing]) -> tuple[tuple[str, tuple[Thing, ...]], ...]:
    """Things by the module that they are in, those of the root first."""
    found: dict[str, list[Thing]] = {}
    for thing in things:
        found.setdefault(thing.module, []).append(thing)
    return tuple((module, tuple(found[module])) for module in sorted(found, key=as_counted))


def harmless(things: Iterable[Thing]) -> tuple[Thing, ...]:
    """Those without any danger, in the stack's order."""
    return tuple(thing for thing in things if not thing.dangers)


def danger_counts(review: Review) -> dict[Danger, int]:
    """How many things each danger threatens; all dangers are in it."""
    found = Counter(danger for thing in review.things for danger in thing.dangers)
    return {danger: found[danger] for danger in Danger}


def verdict(review: Review) -> Sentence:
    """What is to be read first of all, without a full stop: such as `1 destroyed, 2 may be replaced; 1 not judged`."""
    found = Counter((danger, danger in thing.possible) for thing in review.things for danger in thing.dangers)
    dangers = _counted(
        (found[danger, possible], _COUNTED[danger][possible]) for danger in Danger for possible in (False, True)
    )
    unread = sum(len(stack.unread) for stack in review.stacks)
    if review.no_changes:
        return say("no changes")
    if not unread:
        return dangers or say("nothing dangerous")
    not_judged = say("{} not judged", unread)
    return say("{}; {}", dangers, not_judged) if dangers else say("{}, and nothing dangerous in the rest", not_judged)


def rest_at_a_glance(review: Review) -> Sentence:
    """What else happens, what stays, and what else is to be read, without a full stop; empty where there is nothing."""
    found = Counter((thing.action, thing.certain) for thing in review.things if not thing.dangers)
    changes = _counted(
        (found[action, certain], words_of_action(action, certain=certain))
        for action in Action
        for certain in (True, False)
    )
    also = _counted(
        (
            (len(exceeded(review)), "over quota"),
            (sum(len(stack.outside) for stack in review.stacks), "changed outside of Terraform"),
            (sum(len(stack.failing) for stack in review.stacks), "failing"),
            (sum(len(by_news(stack.policies).new) for stack in review.stacks), "found by policies"),
        )
    )
    return joined(part for part in (changes, also, staying(review)) if part)


def staying(review: Review) -> Sentence:
    """How many servers stay as they are; empty where none does."""
    unchanged = sum(stack.unchanged for stack in review.stacks)
    if not unchanged:
        return Sentence(())
    return say("1 server stays as it is") if unchanged == 1 else say("{} servers stay as they are", unchanged)


def source(review: Review) -> str:
    """What the review was read from, in a sentence."""
    return _SOURCES[review.source]


def exceeded(review: Review) -> tuple[Count, ...]:
    """What is more than the project may have, in any stack."""
    return tuple(count for stack in review.stacks for count in stack.counts if count.exceeded)


def by_need(counts: Iterable[Count]) -> tuple[Count, ...]:
    """Counts, those that are exceeded first."""
    return tuple(sorted(counts, key=lambda count: not count.exceeded))


def amount(count: Count, number: int | None) -> Sentence:
    """Such as `16 GiB`; `unknown` where it is not known."""
    if number is None:
        return say("unknown")
    # A plain word needs no marks around it.
    unit = say(count.unit) if count.unit.isascii() and count.unit.isalpha() else say("{}", count.unit)
    return say("{} {}", number, unit) if count.unit else say("{}", number)


def limit(count: Count) -> Sentence:
    """How many the project may have: such as `limit 20`."""
    return say("no limit known") if count.limit is None else say("limit {}", amount(count, count.limit))


def remark(count: Count) -> Sentence:
    """What a reader must know of a count, such as `8 too many`; empty where there is nothing."""
    if count.limit is None or count.after is None:
        return Sentence(())
    left = count.limit - count.after
    return say("{} too many", amount(count, -left)) if left < 0 else say("{} left", amount(count, left))


def sentence_of_count(count: Count) -> Sentence:
    """Such as `cores: 36 with this change, limit 32, 4 too many`."""
    parts = (say("{} with this change", amount(count, count.after)), limit(count), remark(count))
    return say("{}: {}", count.what, joined(filter(None, parts), ", "))


@dataclass(frozen=True)
class Findings:
    """What the policies found: what is to be read first, what was there before, what was accepted with a reason."""

    new: tuple[PolicyFinding, ...]
    old: tuple[PolicyFinding, ...]
    waived: tuple[PolicyFinding, ...]


def by_news(policies: Iterable[PolicyFinding]) -> Findings:
    """Findings, the graver first. One of which it is not known whether it is new is read first too."""
    ordered = sorted(policies, key=lambda finding: _SEVERITIES.index(finding.severity))
    return Findings(
        # A waiver that comes with the change is as new as what it accepts.
        new=tuple(one for one in ordered if (one.waived is None and one.new is not False) or (one.waived and one.new)),
        old=tuple(finding for finding in ordered if finding.waived is None and finding.new is False),
        waived=tuple(one for one in ordered if one.waived is not None and not one.new),
    )


def place(finding: PolicyFinding) -> str:
    """Where it is declared, such as `main.py:12`; empty where that is not known."""
    if finding.file is None:
        return ""
    return finding.file if finding.line is None else f"{finding.file}:{finding.line}"


def is_link(page: str) -> bool:
    """Whether a policy's page is an address that may stand as a link in any medium: https, and of plain signs only."""
    return _LINK.fullmatch(page) is not None


def title(diff: FileDiff) -> Sentence:
    """What a diff is of, and how much of it changes."""
    what = say("{}", diff.path) if diff.path else say("user data")
    come, go = diff.counts
    if diff.change == "changed":
        return say("{}: {} added, {} removed", what, _lines(come), _lines(go))
    return say("{}: {}, {}", what, say(diff.change), _lines(come if diff.change == "new" else go))


def title_of_diffs(diffs: Iterable[FileDiff]) -> Sentence:
    """What the user data's diffs are of, in short."""
    given = tuple(diffs)
    names = [say("{}", diff.path) if diff.path else say("the document itself") for diff in given]
    if len(names) > _MOST_NAMES:
        names[_MOST_NAMES:] = [say("{} more", len(names) - _MOST_NAMES)]
    words = "Its user data: {}" if all(diff.change == "new" for diff in given) else "What changes in its user data: {}"
    return say(words, listed(names))


def sentence_of(resource: Resource) -> Sentence:
    """A resource and what happens to it: `address: moved from ..., replaced`."""
    what = [say("moved from {}", resource.moved_from)] if resource.moved_from else []
    if resource.imported:
        what.append(say("imported by its id {}", resource.imported))
    if not (resource.moved_from or resource.imported) or resource.action not in (Action.MOVE, Action.IMPORT):
        what.append(say(words_of_action(resource.action, certain=resource.certain)))
    return say("{}: {}", resource.address, joined(what, ", "))


def sentence_of_attribute(attribute: Attribute) -> Sentence:
    """An attribute and its change."""
    before, after = (
        None if value is None else Sentence((Quoted(value),)) for value in (attribute.before, attribute.after)
    )
    path = say("{}", attribute.path)
    if before is None:
        change = path if after is None else say("{} set to {}", path, after)
    elif after is None:
        change = say("{} taken away, was {}", path, before)
    else:
        change = say("{} from {} to {}", path, before, after)
    return say("{}; this forces the replacement", change) if attribute.forces_replacement else change


def pieces(sentence: Sentence) -> tuple[tuple[str, bool], ...]:
    """Its words, and whether they are foreign. Foreign ones never stand side by side: marks around them would merge."""
    return tuple(
        ("".join(part.text if isinstance(part, Quoted) else part for part in parts), foreign)
        for foreign, parts in groupby(sentence.parts, key=lambda part: isinstance(part, Quoted))
    )


def _counted(counts: Iterable[tuple[int, str]]) -> Sentence:
    return joined((say("{} " + words, number) for number, words in counts if number), ", ")


def _lines(number: int) -> Sentence:
    return say("1 line") if number == 1 else say("{} lines", number)
