"""What it would do to go from one estate to another, as `ivc review` tells it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from ivc.review import reviewer
from ivc.review.model import Action, Danger, Review, StackReview, Thing
from ivc.testing.estate import Estate
from ivc.testing.names import Names


@dataclass(frozen=True, repr=False)
class Change:
    """A change from one estate to another. review: all that is known of it.

    What depends on values that are known only at apply is told as `perhaps replace`. What could not be judged stands
    under its stack, in whatever is asked: `{"stack shop": "not known: ..."}`.
    """

    before: Estate
    after: Estate
    review: Review

    @classmethod
    def between(cls, before: Estate, after: Estate) -> Change:
        """The change; raises EstateError where the two have no stack in common."""
        review = reviewer.review(base=before.folder, head=after.folder)
        # Where a stack alone was given, its folder has others.
        ours = {*before.stacks, *after.stacks}
        return cls(before, after, replace(review, stacks=tuple(each for each in review.stacks if each.name in ours)))

    def __repr__(self) -> str:
        return f"<Change from {self.before} to {self.after}>"

    @cached_property
    def servers(self) -> dict[str, str]:
        """What happens to servers: `create`, `destroy`, `replace`, `wipe`, `update`, `import`, `forget` or `move`.

        Those that stay as they are are left out.
        """
        return self._unread | {
            self._called(stack, thing): _perhaps(thing.action, certain=thing.certain)
            for stack, thing in self._things
            if thing.kind == "instance" and thing.action is not Action.NONE
        }

    @cached_property
    def resources(self) -> dict[str, str]:
        """What happens to Terraform's resources, by address, in the same words."""
        all_ = [(stack, one) for stack, thing in self._things for one in thing.resources]
        return self._unread | {
            self._names.of(stack.name, one.address): _perhaps(one.action, certain=one.certain)
            for stack, one in all_
            if one.action is not Action.NONE
        }

    @cached_property
    def dangers(self) -> dict[str, set[str]]:
        """What `ivc review --fail-on` would stop at, by server, and by what else it is of: `{"www-1": {"replace"},
        "security group db": {"open"}}`; `{"stack shop": {"stop"}}` where all servers that stand in for
        one another go at once.
        """
        found = {stack: {said} for stack, said in self._unread.items()}
        for stack, thing in self._things:
            for danger in thing.dangers:
                said = _perhaps(danger, certain=danger not in thing.possible)
                found.setdefault(self._called(stack, thing), set()).add(said)
        for stack in self.review.stacks:
            if stack.at_once:
                found.setdefault(f"stack {stack.name}", set()).add(Danger.STOP.value)
        return found

    @cached_property
    def text(self) -> str:
        """The review as `ivc review` prints it, 100 characters wide."""
        from rich.console import Console

        from ivc.review.output import terminal

        return terminal.render(self.review, Console(width=100, color_system=None, highlight=False))

    @property
    def _unread(self) -> dict[str, str]:
        return {
            f"stack {stack.name}": f"not known: {'; '.join(map(str, stack.unread))}"
            for stack in self.review.stacks
            if stack.unread
        }

    @property
    def _things(self) -> Iterator[tuple[StackReview, Thing]]:
        for stack in self.review.stacks:
            for thing in stack.things:
                yield stack, thing

    def _called(self, stack: StackReview, thing: Thing) -> str:
        return self._names.of(stack.name, _named(thing))

    @cached_property
    def _names(self) -> Names:
        return Names(stack.name for stack in self.review.stacks)


def _named(thing: Thing) -> str:
    return thing.id if thing.kind == "instance" else f"{thing.kind} {thing.id}"


def _perhaps(said: Action | Danger, *, certain: bool) -> str:
    return said.value if certain else f"perhaps {said.value}"
