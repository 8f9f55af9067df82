"""What load balancers do with what comes to them, in words: `/v1* → pool web`."""

from __future__ import annotations

from collections.abc import Iterable

from ivc.estate.model import L7Rule, Listener, Pool, PoolMember, Route
from ivc.review.compare import looks_secret
from ivc.terraform.address import named
from ivc.terraform.value import SENSITIVE, holds_unknown
from ivc.words.sentence import Sentence, joined, say, some

_LATER = "known only at apply"


def member(one: PoolMember) -> Sentence:
    """`www-1 (10.0.0.11:8080)`."""
    return say("{} ({})", one.name, _place(one)) if one.name else _place(one)


def _place(one: PoolMember) -> Sentence:
    told = isinstance(one.address, str) and one.address and not holds_unknown(one.address)
    address = say("{}", _bracketed(str(one.address))) if told else say(f"an address {_LATER}")
    if not isinstance(one.port, int):
        return address
    return say("{}:{}" if told else "{}, port {}", address, str(one.port))


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def listener(one: Listener) -> Sentence:
    """`https (TERMINATED_HTTPS 443)`."""
    return say("{} ({} {})", one.name, one.protocol, str(one.port) if isinstance(one.port, int) else f"a port {_LATER}")


def leads(one: Listener, pools: Iterable[Pool]) -> list[Sentence]:
    """What a listener does with what comes: its routes in their order, then all else; empty where it leads nowhere."""
    found = [route(each, pools) for each in one.routes]
    if one.pool is not None:
        found.append(say("→ {}" if not found else "all else → {}", pool(one.pool, pools)))
    return found


def pool(address: str, pools: Iterable[Pool]) -> Sentence:
    """`pool web`."""
    known = next((one.name for one in pools if one.address == address), None)
    # One of others is told by its id alone.
    return say("pool {}", known or named(address) or address)


def route(one: Route, pools: Iterable[Pool]) -> Sentence:
    """`/v1* → pool web`."""
    return say("{} → {}", _requests(one.rules), _target(one, pools))


def _target(one: Route, pools: Iterable[Pool]) -> Sentence:
    if one.pool is not None:
        return pool(one.pool, pools)
    code = say("") if one.code is None else say(" ({})", str(one.code))
    if one.action == "REJECT":
        return say("refused (403)")
    if one.redirect is None:
        return say("nowhere")
    return say(
        "the same path at {}{}" if one.action == "REDIRECT_PREFIX" else "{}{}", _readable("url", one.redirect), code
    )


def _requests(rules: Iterable[L7Rule]) -> Sentence:
    """Which requests rules are about, a host and a path as one: `www.example.com/v1*`."""
    hosts = [one for one in rules if one.type == "HOST_NAME" and not one.inverted]
    paths = [one for one in rules if one.type == "PATH" and not one.inverted]
    if len(hosts) == len(paths) == 1 and _is_plain(hosts[0]) and _is_plain(paths[0]):
        others = [_condition(one) for one in rules if one not in (*hosts, *paths)]
        return joined([say("{}{}", _condition(hosts[0]), _condition(paths[0])), *others], " and ")
    return joined([_condition(one) for one in rules], " and ") or say("any request")


def _is_plain(rule: L7Rule) -> bool:
    return rule.compare_type != "REGEX"


def _condition(rule: L7Rule) -> Sentence:
    value = _readable(rule.key or "value", rule.value)
    shown = {
        "EQUAL_TO": say("{}", value),
        "STARTS_WITH": say("{}*", value),
        "ENDS_WITH": say("*{}", value),
        "CONTAINS": say("*{}*", value),
        "REGEX": say("what fits {}", value),
    }.get(rule.compare_type, say("{} {}", rule.compare_type, value))
    if rule.key is not None:
        shown = say("{} {} of {}", rule.type.lower(), rule.key, shown)
    elif rule.type not in ("HOST_NAME", "PATH"):
        shown = say("{} {}", rule.type.lower().replace("_", " "), shown)
    return say("not {}", shown) if rule.inverted else shown


def _readable(what: str, value: str) -> str:
    """A value, unless it looks like a secret, such as a header that shows a token."""
    return SENSITIVE if looks_secret(what, value) else value


def members(of: Pool) -> Sentence:
    """Who is behind a pool."""
    if not of.told:
        return say(f"members {_LATER}")
    return some([member(one) for one in of.members]) or say("no members")
