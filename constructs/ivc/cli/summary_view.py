"""An estate for people: tables of its instances, sentences for its groups, and where its files lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from ivc import estate
from ivc.estate import Estate, File, Instance, Nic, Rule, Stack
from ivc.estate.holders import Holder, holders, of_record
from ivc.estate.model import Listener, LoadBalancer
from ivc.estate.reach import ALL, NONE, of_load_balancer
from ivc.estate.sharing import grants
from ivc.review import balancing, exposure, traffic
from ivc.terraform.address import named
from ivc.terraform.value import Unknown
from ivc.words.foreign_text import visible


def render(whole: Estate, console: Console) -> str:
    """The summary as text, as wide and as colourful as the console; names in it are never obeyed as markup."""
    with console.capture() as capture:
        for stack in whole.stacks:
            _print_stack(console, stack)
        for name in whole.others:
            console.print(_text(f"Stack {name} is not on OpenStack: not shown.\n"))
        if not whole.stacks:
            console.print(_text(f"{whole.folder} holds no stack: the program declares none."))
    # Tables fill their lines with blanks.
    return "\n".join(line.rstrip() for line in capture.get().split("\n"))


def _print_stack(console: Console, stack: Stack) -> None:
    counts = (
        _count(len(stack.instances), "instance"),
        _count(len(stack.networks), "network"),
        _count(len(stack.groups), "security group"),
        _count(len({volume.name for instance in stack.instances for volume in instance.volumes}), "volume"),
    )
    console.print(
        Text.assemble(_text("Stack ", "bold"), _text(stack.name, "bold cyan"), _text(f": {', '.join(counts)}"))
    )
    for part in (
        _instances(stack.instances),
        _networks(stack.networks),
        _ways_in_and_out(stack),
        _load_balancers(stack),
        _names(stack),
        _data(stack),
        _groups(stack),
    ):
        if part is not None:
            console.print(part)
    # Not folded: a path is there to be copied.
    console.print(_files(stack), soft_wrap=True)
    console.print()


def _instances(instances: Sequence[Instance]) -> RenderableType | None:
    if not instances:
        return None
    table = _table("Instance", "Image, flavor", "Network", "Address", "Groups", "Also")
    for instance in instances:
        columns = (
            _identity(instance),
            [_text(instance.image), _text(instance.flavor)],
            [_text(nic.network.name) for nic in instance.nics],
            [_text("\n".join(nic.ips)) if nic.ips else _text("automatic", "dim") for nic in instance.nics],
            [_groups_of(nic) for nic in instance.nics],
            list(_extras(instance)),
        )
        for row in zip_longest(*columns, fillvalue=Text()):
            table.add_row(*row)
        # With this box a section ends with an empty line.
        table.add_section()
    return table


def _identity(instance: Instance) -> list[Text]:
    name = [_text(instance.id, "bold")]
    return name if instance.name == instance.id else [*name, _text(f'called "{instance.name}"')]


def _groups_of(nic: Nic) -> Text:
    if nic.groups:
        return _text(", ".join(nic.groups))
    return _text("unfiltered", "red") if nic.port_security is False else _text("none", "yellow")


def _extras(instance: Instance) -> Iterator[Text]:
    yield from _disks(instance)
    if instance.config_drive:
        yield _text("config drive")
    if instance.prevent_destroy:
        yield _text("protected")
    if instance.availability_zone:
        yield _text(f"zone {instance.availability_zone}")


def _disks(instance: Instance) -> Iterator[Text]:
    """Its disks but the flavor's own, and what becomes of them when the server goes."""
    if (disk := instance.root_disk) is not None:
        ends = {True: "stays, without a name", False: "goes with it", None: "may stay, or go with it"}[disk.kept]
        yield _text(f"root disk{_of_size(disk.size)}, a volume that {ends}")
    for size in instance.ephemeral_disks:
        yield _text(f"ephemeral disk{_of_size(size)}")
    if instance.swap is not None:
        yield _text(f"swap of {instance.swap:,} MiB")
    for volume in instance.volumes:
        if volume.boot:
            ends = "goes with it" if volume.deleted else "stays"
            yield _text(f"root volume {volume.name}{_of_size(volume.size)}, which {ends}")
        else:
            yield _text(f"volume {volume.name}" + (", live" if volume.live else ""))


def _of_size(size: int | None) -> str:
    return "" if size is None else f" of {size:,} GiB"


def _networks(networks: Sequence[estate.Network]) -> RenderableType | None:
    if not networks:
        return None
    table = _table("Network", "", "Subnets")
    for network in networks:
        kind = {True: "public", False: "private", None: ""}[network.public]
        origin = "made by this stack" if network.made else "looked up"
        table.add_row(
            _text(network.name, "bold"),
            _text(f"{kind}, {origin}" if kind else origin),
            _text(", ".join(network.cidrs)),
        )
    return table


def _ways_in_and_out(stack: Stack) -> RenderableType | None:
    """Routers, floating IPs and VIPs."""
    if not stack.routers and not stack.floating_ips and not stack.vips:
        return None
    table = _table("Router, floating IP, VIP", "Outside", "Leads to")
    known = holders(stack)
    for router in stack.routers:
        table.add_row(
            _text(router.name, "bold"),
            _text(router.outside or ("not told" if router.address.startswith("data.") else "none")),
            _text("\n".join(router.networks) or "nothing"),
        )
    for floating in stack.floating_ips:
        port = floating.port or ""
        target = _called(known[port]) if port in known else port or "nothing that is known here"
        table.add_row(
            _text(floating.ip or "an address that the cloud chooses"), _text(floating.pool or "not told"), _text(target)
        )
    for vip in stack.vips:
        users = [one.id for one in stack.instances for nic in one.nics if vip.address in nic.vips]
        where = ", ".join(vip.ips) or "an address that the cloud chooses"
        table.add_row(
            _text(f"{vip.name}: {where} on {vip.network.name}"),
            "",
            _text("\n".join(users) or "nothing that is known here"),
        )
    return table


def _load_balancers(stack: Stack) -> RenderableType | None:
    """Load balancers with their listeners, and where what comes there goes."""
    if not stack.load_balancers:
        return None
    table = _table("Load balancer, listener, pool", "", "Leads to")
    for balancer in stack.load_balancers:
        where = f"{', '.join(balancer.ips)} on {balancer.network.name}" if balancer.ips else balancer.network.name
        reached = _reached(stack, balancer) if balancer.listeners else "nothing"
        table.add_row(_text(balancer.name, "bold"), _text(where), _text(reached))
        for listener in balancer.listeners:
            leads = [str(sentence) for sentence in balancing.leads(listener, balancer.pools)]
            table.add_row(
                _text(f"  {listener.name}"),
                _text("\n".join(_listens(listener))),
                _text("\n".join(one.removeprefix("→ ") for one in leads) or "nothing"),
            )
        for pool in balancer.pools:
            members = [str(balancing.member(member)) for member in pool.members] or ["nobody"]
            told = [*members, *([] if pool.told else ["members known only at apply"])]
            table.add_row(_text(f"  pool {pool.name}"), _text(pool.protocol), _text("\n".join(told)))
    return table


def _reached(stack: Stack, balancer: LoadBalancer) -> str:
    """By which address and ports the world reaches it."""
    sure, at_worst = (of_load_balancer(stack, balancer, assumed).openings for assumed in (NONE, ALL))
    floating = [one for one in stack.floating_ips if one.port in (balancer.address, balancer.port) and one.port]
    at = "".join(f" at {one.ip or 'the floating IP ' + named(one.address)}" for one in floating)
    if sure:
        return f"the Internet reaches {exposure.words(sure)}{at}"
    return f"the Internet perhaps reaches {exposure.words(at_worst)}{at}" if at_worst else ""


def _listens(listener: Listener) -> Iterator[str]:
    yield f"{listener.protocol} {'port known only at apply' if isinstance(listener.port, Unknown) else listener.port}"
    if None not in listener.allowed or listener.unknown:
        yield f"from {', '.join([*filter(None, listener.allowed), *map(str, listener.unknown)])}"
    if listener.certificates:
        yield f"certificate {', '.join(listener.certificates)}"


def _names(stack: Stack) -> RenderableType | None:
    """DNS zones, and the names that are declared in them."""
    if not stack.zones:
        return None
    table = _table("DNS zone, name", "", "Records")
    known = holders(stack)
    for zone in stack.zones:
        table.add_row(_text(zone.name, "bold"), _text("made by this stack" if zone.made else "looked up"), "")
        for one in sorted(zone.record_sets, key=lambda one: (one.name, one.type)):
            records = [_record(record, known) for record in one.records]
            table.add_row(_text(f"  {one.name}"), _text(one.type), _text("\n".join(records)))
    return table


def _record(record: str | Unknown, known: Mapping[str, Holder]) -> str:
    whose = ", ".join(map(_called, of_record(record, known)))
    if isinstance(record, str):
        return f"{record} ({whose})" if whose else record
    of = whose or ", ".join(dict.fromkeys(one.address for one in record.depends_on))
    return f"known only at apply: of {of}" if of else "known only at apply"


def _called(holder: Holder) -> str:
    """What has an address, and what is reached there."""
    own = f"{holder.kind} {holder.name}"
    return own if holder.to is None else f"{own}, of {_called(holder.to)}"


def _data(stack: Stack) -> RenderableType | None:
    """Containers with their objects, images and shares, and who may use them besides their project."""
    if not stack.containers and not stack.images and not stack.shares:
        return None
    table = _table("Container, image, share", "", "Open to")
    given: dict[str, list[str]] = {}
    for grant in grants(stack):
        given.setdefault(grant.address, []).append(grant.words if grant.holds(NONE) else f"perhaps: {grant.words}")
    for container in stack.containers:
        lists = [
            f"{may}: {', '.join(map(str, entries))}"
            for may, entries in (("read", container.readers), ("write", container.writers))
            if entries
        ]
        table.add_row(
            _text(container.name, "bold"),
            _text("container" if container.made else "container, another's"),
            _text("\n".join([*given.get(container.address, ()), *lists]) or ("its project" if container.made else "")),
        )
        for one in container.objects:
            fetched = f"fetched by {', '.join(one.fetched_by)}" if one.fetched_by else ""
            table.add_row(_text(f"  {one.name}"), _text("object"), _text(fetched))
    for image in stack.images:
        table.add_row(
            _text(image.name, "bold"),
            _text(f"image, {image.visibility}"),
            _text("\n".join(given.get(image.address, ())) or "its project"),
        )
    for share in stack.shares:
        open_to = list(given.get(share.address, ()))
        for access in share.accesses:
            open_to += given.get(access.address, (f"{access.kind} {access.to}",))
        table.add_row(
            _text(share.name, "bold"),
            _text("share" if share.size is None else f"share of {share.size:,} GiB"),
            _text("\n".join(open_to) or "nobody"),
        )
    return table


def _groups(stack: Stack) -> RenderableType | None:
    if not stack.groups:
        return None
    table = _table("Group", "Lets through")
    for group in stack.groups:
        names = [_text(group.name, "bold"), *([_text(group.description, "dim")] if group.description else [])]
        sentences = ["looked up: its rules stand in the cloud"]
        if group.made:
            sentences = [
                f"{way}: {sentence}"
                for way, direction in (("in", "ingress"), ("out", "egress"))
                for sentence in _sentences([rule for rule in group.rules if rule.direction == direction])
            ]
        # One cell for all its sentences: a long description folds beside them.
        table.add_row(Text("\n").join(names), _text("\n".join(sentences)), end_section=True)
    return table


def _sentences(rules: Sequence[Rule]) -> list[str]:
    """Such as `tcp 80, 443 and icmp from anywhere`: one for each peer."""
    return [str(sentence) for sentence in traffic.sentences(rules)] or ["nothing"]


def _files(stack: Stack) -> RenderableType:
    """Each file in a line, its size first so that the paths begin in one column."""
    user_data = [instance.user_data for instance in stack.instances if instance.user_data is not None]
    parts: list[Text] = [_heading("Terraform JSON"), _file(stack.file)]
    if user_data:
        parts += [_heading("User data, rendered"), *map(_file, user_data)]
    parts += [_heading("State"), _text(f"  {stack.state}")]
    return Group(*parts)


def _file(file: File) -> Text:
    return Text.assemble(_text(f"  {file.size:>9,} bytes  ", "dim"), _text(str(file.path)))


def _heading(words: str) -> Text:
    return _text(words, "bold")


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _text(words: str, style: str = "") -> Text:
    """Words from a declaration, with what a terminal would obey or hide made visible. A line feed stays ours."""
    return Text("\n".join(visible(line) for line in words.split("\n")), style=style)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
