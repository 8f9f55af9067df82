"""What happens to one server, told as one thing: what is said first, and what more there is to know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Sized

from ivc.estate import Instance, Volume
from ivc.estate.kinds import TRIGGER
from ivc.review import pending_user_data, user_data
from ivc.review.model import Action, Thing
from ivc.review.server import Server
from ivc.review.server_causes import besides, changes_of_ports, ephemeral_disks, reasons, root_disk
from ivc.terraform.address import module_of
from ivc.words.sentence import Sentence, joined, listed, say


def thing(server: Server) -> Thing:
    """What happens to it, in words."""
    texts = [side.user_data.get(server.id) for side in (server.before, server.after)]
    waits = server.ignores_user_data and server.compares_user_data != "from now on"
    told = server.action not in (Action.DESTROY, Action.FORGET) and not waits and server.knows_former_text
    whole = server.new or server.old
    name = whole.name if whole is not None else server.id
    return Thing(
        kind="instance",
        id=server.id,
        action=server.action,
        headline=_headline(server),
        name=name if name != server.id else None,
        details=tuple(_details(server)),
        resources=tuple(server.resources),
        user_data=user_data.diffs(*texts) if told else (),
        exposure=server.exposure[0] if server.action is not Action.DESTROY else None,
        dangers=tuple(server.dangers),
        possible=frozenset(danger for danger, certain in server.dangers.items() if not certain),
        certain=server.certain,
        module=module_of(whole.address) if whole is not None else "",
        own=frozenset(_own(server)),
    )


def _own(server: Server) -> Iterator[str]:
    for one in server.resources:
        # Its name too: what the cloud shows, and the mark, are made of it.
        yield from (one.address, one.name)
    for side, instance in ((server.before, server.old), (server.after, server.new)):
        if instance is not None:
            yield from (volume.name for volume in instance.volumes)
            for nic in instance.nics:
                yield from (*nic.ips, *side.actual.get(nic.port or "", ()))


def _headline(server: Server) -> Sentence:
    name, will = server.id, "will be" if server.certain else "may be"
    match server.action:
        case Action.DESTROY:
            first = say("{} will be destroyed", name)
        case Action.REPLACE:
            first = say(f"{{}} {will} replaced: {{}}", name, listed(reasons(server)))
        case Action.WIPE:
            first = say(f"{{}}: its root disk {will} wiped in place: {{}}", name, listed(reasons(server)))
        case Action.UPDATE if all(one.type == TRIGGER for one in server.resources):
            first = say("{} stays as it is: {}", name, listed(reasons(server)))
        case Action.UPDATE:
            first = say(f"{{}} {will} changed in place: {{}}", name, listed(reasons(server)))
        case _:
            first = _without_loss(server)
    return joined([first, *_what_stays(server)])


def _without_loss(server: Server) -> Sentence:
    """What is said of a server that nothing is taken from."""
    name = server.id
    match server.action:
        case Action.CREATE:
            said = say("{} will be made", name)
        case Action.IMPORT:
            said = say("{} will be imported: it exists as {}", name, (server.main and server.main.imported) or "")
        case Action.FORGET:
            said = say("{} will be forgotten: it stays in the cloud, and Terraform lets go of it", name)
        case Action.MOVE if server.former is not None:
            said = say("{} is {} under another name: nothing else happens to it", name, server.former)
        case Action.MOVE:
            said = say("{}: its ports are renamed with what they belong to, and nothing else happens to it", name)
        case _:
            said = say("{} stays as it is, and what the world reaches of it changes", name)
    return said


def _what_stays(server: Server) -> Iterator[Sentence]:
    """What stays of its addresses and volumes and what does not, where anything is at stake."""
    if server.action not in (Action.DESTROY, Action.REPLACE, Action.WIPE):
        return
    kept, lost = _addresses(server, kept=True), _addresses(server, kept=False)
    stays = [say(f"its {_plural('address', kept)} {{}}", listed(kept))] if kept else []
    if server.action is not Action.DESTROY:
        stays += [
            say(f"its {_plural(noun, volumes)} {{}}", listed(volume.name for volume in volumes))
            for noun, volumes in _by_noun(server.staying)
        ]
    if stays and server.action is Action.DESTROY:
        yield say(f"{{}} {'stay' if len(kept) > 1 else 'stays'} with its port", listed(stays))
    elif stays:
        yield say("keeps {}", listed(stays))
    if lost:
        yield say(f"loses its {_plural('address', lost)} {{}}", listed(lost))
    for noun, volumes in _by_noun(server.doomed):
        yield say(f"Nova deletes its {_plural(noun, volumes)} {{}} with it", listed(one.name for one in volumes))
    for noun, volumes in _by_noun(server.lost):
        yield say(
            f"its {_plural(noun, volumes)} {{}} {'is' if len(volumes) == 1 else 'are'} destroyed, with "
            f"{'its' if len(volumes) == 1 else 'their'} data",
            listed(map(_sized, volumes)),
        )
    for noun, volumes in _by_noun(server.staying) if server.action is Action.DESTROY else ():
        verb = "stay" if len(volumes) > 1 else "stays"
        yield say(
            f"its {_plural(noun, volumes)} {{}} {verb}, with {'their' if verb == 'stay' else 'its'} data",
            listed(volume.name for volume in volumes),
        )


def _by_noun(volumes: Sequence[Volume]) -> Iterator[tuple[str, list[Volume]]]:
    """The one that it boots from, and the others, each with what it is called; those of which there are none not."""
    for noun, boots in (("root volume", True), ("volume", False)):
        found = [volume for volume in volumes if volume.boot is boots]
        if found:
            yield noun, found


def _addresses(server: Server, *, kept: bool) -> list[Sentence]:
    return [
        say("{}", address) if address else say("(automatic, on {})", network)
        for address, network in server.addresses(kept=kept)
    ]


def _sized(volume: Volume) -> Sentence:
    return say("{}", volume.name) if volume.size is None else say("{} ({} GiB)", volume.name, volume.size)


def _details(server: Server) -> Iterator[Sentence]:
    yield from _lost(server)
    for words in server.given[0]:
        yield say(f"newly given to all: {words}")
    for name in server.pulled:
        yield say("volume {} is pulled from the running server: unmount it in the guest before", name)
    if server.action is Action.REPLACE:
        for volume in server.leaving:
            if volume not in (*server.lost, *server.doomed):
                yield say("volume {} leaves it after it was shut down; its data stays", volume.name)
    yield from _protection(server)
    if server.action in (Action.REPLACE, Action.WIPE):
        if more := besides(server):
            yield say("with it: {}", listed(more))
        yield from changes_of_ports(server)
    if server.action is Action.CREATE and server.new is not None:
        yield from _made(server.new)
    if server.former and server.action is not Action.MOVE:
        yield say("it was {} until now", server.former)


def _lost(server: Server) -> Iterator[Sentence]:
    """What becomes of what is on its disks, and of what is declared for it."""
    if server.action in (Action.REPLACE, Action.WIPE, Action.DESTROY):
        yield from _disks(server)
    if server.doomed:
        yield say("delete_on_termination is set on what stands; a plan that only unsets it must be applied before")
    if not server.knows_former_text and server.id in server.after.user_data and server.changes_user_data:
        yield say("the lines of its user data that change are told where the folder of before is at hand (--base)")
    yield from pending_user_data.of_server(server)


def _disks(server: Server) -> Iterator[Sentence]:
    """What becomes of its root disk and its ephemeral ones, as far as they are no volumes of their own."""
    old = server.old
    root = old.root_disk if old is not None else None
    size = say(" of {} GiB", root.size) if root is not None and root.size is not None else say("")
    gone = "what is on it is lost"
    if server.action is Action.WIPE or (root is None and (old is None or old.root_volume is None)):
        yield say("what is on its root disk is lost")
    elif root is not None and root.kept:
        yield say("its root volume{} stays behind, with its data, and nothing uses it", size)
    elif root is not None and root.kept is None:
        yield say(f"its root disk{{}}, a volume, goes with it, and {gone}, unless delete_on_termination is false", size)
    elif root is not None:
        yield say(f"its root disk{{}}, a volume, goes with it, and {gone}", size)
    if old is not None and old.ephemeral_disks:
        yield say(f"what is on its ephemeral {_plural('disk', old.ephemeral_disks)} is lost")


def _protection(server: Server) -> Iterator[Sentence]:
    if server.action is Action.DESTROY and server.old is not None and server.old.prevent_destroy:
        yield say("prevent_destroy does not save it: with its declaration its protection is gone")
    if server.action is Action.REPLACE and server.new is not None and server.new.prevent_destroy:
        yield say("it is protected (prevent_destroy), so that Terraform will refuse the whole plan")


def _made(new: Instance) -> Iterator[Sentence]:
    yield say("image {}, flavor {}", new.image, new.flavor) if new.image else say("flavor {}", new.flavor)
    for nic in new.nics:
        groups = listed(nic.groups) if nic.groups else say("no groups")
        at = listed(nic.ips) if nic.ips else say("an automatic address")
        yield say("on {}: {}, {}", nic.network.name, at, groups)
    if new.root_disk is not None or new.root_volume is not None:
        yield say("its root disk is {}", root_disk(new))
    for volume in new.volumes:
        if not volume.boot:
            yield say("with the volume {}" + (", attached while it runs" if volume.live else ""), volume.name)
    if new.ephemeral_disks:
        yield say(f"with the ephemeral {_plural('disk', new.ephemeral_disks)} {{}}", ephemeral_disks(new))
    if new.swap is not None:
        yield say("with a swap disk of {} MiB", new.swap)


def _plural(noun: str, things: Sized) -> str:
    if len(things) == 1:
        return noun
    return f"{noun}es" if noun.endswith("s") else f"{noun}s"
