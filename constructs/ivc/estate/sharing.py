"""What a stack gives to everybody by other means than a network: to all users of the cloud, or to the world."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from ivc.estate.model import Stack
from ivc.estate.public_ranges import reaches_world
from ivc.estate.reach import ALL, Assumed, is_assumed
from ivc.terraform.value import Unknown

_READERS = {
    ".r:*": "anybody can read its objects",
    ".rlistings": "anybody can list it",
    "*:*": "every user of the cloud can read its objects",
    "*": "every user of the cloud can read its objects",
}
_WRITERS = {
    "*:*": "every user of the cloud can write objects into it",
    "*": "every user of the cloud can write objects into it",
}
_SHARED = "every project of the cloud can use it"
# A community image is in nobody's list, and anybody can boot it by its id.
_FOR_EVERY_PROJECT = ("public", "community")


@dataclass(frozen=True)
class Grant:
    """What everybody may do with a thing.

    address: of the resource that gives it. words: what, in ours. unknown: what it hangs on, where only apply tells.
    """

    address: str
    words: str
    unknown: Unknown | None = None

    def holds(self, assumed: Assumed = ALL) -> bool:
        """Whether it is given. assumed: the unknown values that are taken for the worse."""
        return self.unknown is None or is_assumed(self.unknown, assumed)


def grants(stack: Stack) -> Iterator[Grant]:
    """All that a stack gives to everybody, or may give."""
    for container in stack.containers:
        yield from (grant for entry in container.readers for grant in _entry(container.address, entry, _READERS))
        yield from (grant for entry in container.writers for grant in _entry(container.address, entry, _WRITERS))
    for image in stack.images:
        yield from _if(image.address, _SHARED, _one_of(image.visibility, _FOR_EVERY_PROJECT))
    for share in stack.shares:
        yield from _if(share.address, _SHARED, share.public)
    for access in chain(stack.loose_accesses, *(share.accesses for share in stack.shares)):
        yield from _if(access.address, "every address can use its share", access.kind == "ip" and _any(access.to))
    for network in stack.networks:
        yield from _if(network.address, _SHARED, network.shared)
    for port, pair in ((one.port or "", pair) for one in stack.ports for pair in one.pairs):
        yield from _if(port, "it may send and take what is any other's address", _any(pair))
    for sharing in stack.sharings:
        yield from _if(sharing.address, _SHARED, sharing.with_all)


def _if(address: str, words: str, given: bool | Unknown | None) -> Iterator[Grant]:
    if given:
        yield Grant(address, words, given if isinstance(given, Unknown) else None)


def _entry(address: str, entry: str | Unknown, words: Mapping[str, str]) -> Iterator[Grant]:
    """What an entry of a container's access list gives."""
    if words is _READERS and isinstance(entry, str) and entry.startswith(".r:") and not entry.startswith(".r:-"):
        # Whoever asks says himself which page he comes from.
        entry = ".r:*"
    if isinstance(entry, Unknown):
        yield Grant(address, next(iter(words.values())), entry)
    elif entry in words:
        yield Grant(address, words[entry])


def _one_of(value: str | Unknown, wanted: tuple[str, ...]) -> bool | Unknown:
    return value if isinstance(value, Unknown) else value in wanted


def _any(cidr: str | Unknown) -> bool | Unknown:
    return cidr if isinstance(cidr, Unknown) else bool(cidr) and reaches_world((cidr,))
