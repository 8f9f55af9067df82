"""What changes of a stack as a whole: where its state is, which cloud it is, what modules it has.

Terraform's plan of such a change may say nothing of it, or be made against another cloud.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ivc.estate.kinds import INSTANCE, kind
from ivc.review.model import Action, Danger, Thing
from ivc.review.side import Side
from ivc.terraform.state_place import state_place
from ivc.words.order import as_counted
from ivc.words.sentence import Sentence, say


def things(before: Side, after: Side, *, planned: bool) -> Iterator[Thing]:
    """The settings that change, each as a thing of its own. planned: whether a plan tells what modules do."""
    then, now = before.document.raw, after.document.raw
    old, new = then.get("terraform") or {}, now.get("terraform") or {}
    yield from _state(after, old, new)
    # As it is written, which may be in a form that is not read here, and as it comes to.
    written = then.get("provider") != now.get("provider")
    if written or before.document.section("provider") != after.document.section("provider"):
        yield _thing(
            "provider",
            after,
            say(
                "the settings of a provider of stack {} change: it may be another cloud, project or region",
                after.stack.name,
            ),
            Danger.REPLACE,
        )
    yield from _provider_versions(after, old.get("required_providers") or {}, new.get("required_providers") or {})
    if not planned:
        yield from _modules(after, then.get("module") or {}, now.get("module") or {})


def _state(after: Side, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Thing]:
    name, place = after.stack.name, state_place(new)
    if state_place(old) != place:
        said = say(
            "the place of the state of stack {} changes, from {} to {}: unless it is moved there ({}), Terraform knows "
            "of no server and makes all anew",
            name,
            str(state_place(old)),
            str(place),
            f"ivc move-state {name}",
        )
        yield _thing("state", after, said, Danger.REPLACE)
    elif (old.get("backend"), old.get("cloud")) != (new.get("backend"), new.get("cloud")):
        yield _thing(
            "state", after, say("how the state of stack {} in {} is reached or locked changes", name, str(place))
        )
    then, now = old.get("encryption"), new.get("encryption")
    if then != now:
        how = "otherwise" if then and now else "from now on" if now else "no longer"
        yield _thing("encryption", after, say(f"the state and the plans of stack {{}} are encrypted {how}", name))


def unprotected(before: Side, after: Side) -> Iterator[Sentence]:
    """The servers, and all else, whose protection is taken away, which Terraform does not tell."""
    for address, new in after.document.resources.items():
        old = before.document.elements.get(address)
        if old is not None and old.is_protected and not new.is_protected:
            called = new.title if new.type == INSTANCE else say(f"{kind(new.type)} {{}}", new.title)
            yield say("{} is protected no longer (prevent_destroy)", called)


def _provider_versions(after: Side, then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Thing]:
    for name in sorted({*then, *now}, key=as_counted):
        old, new = (side.get(name) or {} for side in (then, now))
        if old == new or not isinstance(old, Mapping) or not isinstance(new, Mapping):
            continue
        said = say(
            "provider {} becomes {} {} instead of {} {}",
            name,
            str(new.get("source", "none")),
            str(new.get("version", "of any version")),
            str(old.get("source", "none")),
            str(old.get("version", "of any version")),
        )
        # Another version is of the same people; another source need not be.
        other = old.get("source") != new.get("source")
        yield _thing("provider", after, said, *([Danger.REPLACE] if other else []), id=name)


def _modules(after: Side, then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Thing]:
    for name in sorted({*then, *now}, key=as_counted):
        if then.get(name) == now.get(name):
            continue
        if name not in now:
            said, dangers = say("module {} goes, and all that it made is destroyed", name), [Danger.DESTROY]
        elif name not in then:
            said, dangers = say("module {} comes: what it makes only a plan tells", name), []
        else:
            said, dangers = (
                say("module {} changes: what of it only a plan tells", name),
                [Danger.DESTROY, Danger.REPLACE],
            )
        yield _thing("module", after, said, *dangers, id=name)


def _thing(kind: str, after: Side, headline: Sentence, *dangers: Danger, id: str | None = None) -> Thing:
    return Thing(
        kind=kind,
        id=id or after.stack.name,
        action=Action.UPDATE,
        headline=headline,
        dangers=dangers,
        possible=frozenset(dangers),
        certain=False,
    )
