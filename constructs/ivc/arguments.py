"""Arguments of public functions, checked against their annotations before anything is done with them.

A wrong one is a sentence: of what, which argument, what was given, and what to give instead.
"""

from __future__ import annotations

import collections.abc
import difflib
import inspect
import ipaddress
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache, wraps
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from ivc.errors import DeclarationError

Public = TypeVar("Public", bound=Callable[..., Any])
Made = TypeVar("Made")

_LONGEST = 60
_WITHOUT_A_NAME = "give each by itself, without a name and behind what has none"
_OWNERS = ("self", "cls")
_UNSHOWN = "it"
_PLAIN: Mapping[Any, str] = {str: "a text", int: "a whole number", bool: "True or False"}
_MADE_BY = {
    "AllocationPool": 'AllocationPool("10.0.0.100", "10.0.0.199")',
    "AnyCertificate": "a Certificate, or Certificate.lookup(stack, ...)",
    "AnyFloatingIp": 'a FloatingIp, or FloatingIp.lookup(stack, "203.0.113.7")',
    "AnyKeyManagerSecret": "a KeyManagerSecret, or KeyManagerSecret.lookup(stack, ...)",
    "AnyNetwork": "a Network, or Network.lookup(stack, ...)",
    "AnySecurityGroup": "a SecurityGroup, or SecurityGroup.lookup(stack, ...)",
    "AnySubnet": "a Subnet, or Subnet.lookup(stack, ...)",
    "AnySubnetPool": "a SubnetPool, or SubnetPool.lookup(stack, ...)",
    "Anyone": "Anyone()",
    "App": "ivc.App()",
    "AtApply": "a value known only at apply, such as a Secret",
    "Attachment": 'a volume with its place, such as Volume.lookup(stack, "www-data").mount("/srv")',
    "Backend": 'where its state is kept, such as S3("states", region="gra")',
    "Caa": 'one such as Caa("issue", "letsencrypt.org")',
    "Cidr": 'a range, such as Cidr("203.0.113.0/24")',
    "Construct": "the stack, or a scope in it, which comes first",
    "Declaration": "a declaration",
    "Environment": "one of Environment.read(app, Settings)",
    "EphemeralDisk": "EphemeralDisk(size=40)",
    "FileTree": 'a folder of files, such as FileTree("www")',
    "Image": "an Image(stack, ...)",
    "ImageId": 'ImageId("...")',
    "LoadBalancer": "the LoadBalancer, which comes first",
    "Member": 'Member(image="Debian 13")',
    "Monitor": 'Monitor("HTTP", url_path="/health")',
    "Mx": 'one such as Mx(10, "mail")',
    "Nic": "a NIC, such as backend.nic(web)",
    "Nics": 'NICs, such as backend.nics(web, first="10.0.0.11")',
    "PurePath": "a path",
    "Network": "one that is made here, Network(stack, ...)",
    "Policy": "an object of a class made from ivc.Policy",
    "PoolMember": "PoolMember(www_1, weight=2)",
    "PortRange": "PortRange(8000, 8010)",
    "Project": 'Project("...") with its id',
    "RootDisk": "RootDisk(size=20)",
    "RootVolume": "RootVolume(stack, ...)",
    "Route": 'a route, such as Route("10.9.0.0/16", next_hop="10.0.0.254")',
    "Segment": 'Segment("vlan", physical_network="...")',
    "Srv": 'one such as Srv(priority=10, weight=60, port=5060, target="sip")',
    "StateEncryption": "StateEncryption()",
    "TerraformResource": "a resource or data source of CDKTF's",
    "TerraformDataSource": "a resource or data source of CDKTF's",
    "Traffic": "traffic, such as Tcp(80)",
    "User": 'User("...") with its id',
    "UserData": 'UserData.template("www.yaml.jinja") or UserData.text("...")',
    "Vip": "a Vip",
    "Volume": 'Volume.lookup(stack, "www-data")',
    "Volumes": 'Volumes("web-{n}-data")',
}
"""By class, what to give."""


@dataclass(frozen=True)
class _Advice:
    """What to write where one of these classes is wanted and such a value was given, which stands for `{}`."""

    wanted: tuple[str, ...]
    fits: Callable[[Any], bool]
    write: str


def _is_range(value: Any) -> bool:
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return isinstance(value, str)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_at_apply(value: Any) -> bool:
    """Whether it is an `AtApply`, or one in Terraform's words; their module stands above this one."""
    return getattr(type(value), "only_at_apply", False) is True


def _is_plain_text(value: Any) -> bool:
    if _is_at_apply(value):
        return False
    # An Enum of texts is one, and prints as something else.
    return isinstance(value, str) and (type(value) is str or f"{value}" == str.__str__(value))


_ADVICES = (
    _Advice(("str",), lambda value: hasattr(value, "string_value"), "give its .string_value"),
    _Advice(("str",), lambda value: isinstance(value, Enum), "give its .value"),
    _Advice(("Cidr",), _is_range, 'write Cidr("{}")'),
    _Advice(("Traffic",), lambda value: type(value) is int, "write Tcp({0}) or Udp({0})"),
    _Advice(("AnySecurityGroup",), lambda value: hasattr(value, "ports"), "give a security group that it has"),
    _Advice(("AnySecurityGroup",), _is_text, 'give a SecurityGroup, or SecurityGroup.lookup(stack, "{}")'),
    _Advice(("AnyNetwork",), _is_text, 'give a Network, or Network.lookup(stack, "{}")'),
    _Advice(("Nic",), lambda value: hasattr(value, "nic"), "give a NIC in it, with its .nic(...)"),
    _Advice(("Nic",), _is_text, 'give a NIC in it, such as Network.lookup(stack, "{}").nic(...)'),
    _Advice(("Volume",), _is_text, 'give Volume.lookup(stack, "{}")'),
    _Advice(
        ("UserData",),
        _is_text,
        'write UserData.text("...") for a text, or UserData.template("...") for a file below userdata/',
    ),
    _Advice(("Construct",), _is_text, 'the stack comes first: (stack, "{}")'),
)


def checked(target: Public) -> Public:
    """Have a public function, or a class made of its fields, refuse what its annotations do not allow, before it does
    anything.

    It raises DeclarationError for a value of another type or none of those that there are, for a text where a list is
    wanted, for a keyword that it does not know, with the nearest one, for an argument that is given twice, and for one
    that is missing.
    """
    if isinstance(target, type):
        target.__init__ = _checking(target.__init__)  # type: ignore[misc]
        return target
    return cast("Public", _checking(target))


def _checking(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def checking(*args: Any, **kwargs: Any) -> Any:
        check_arguments(function, args, kwargs)
        return function(*args, **kwargs)

    return checking


def made_by(write: str) -> Callable[[type[Made]], type[Made]]:
    """Have a class that its users make by a method alone say so where it is called like the others.

    write: what to write instead.
    """

    def saying(cls: type[Made]) -> type[Made]:
        constructor: Callable[..., None] = cls.__init__
        signature = inspect.signature(constructor)

        @wraps(constructor)
        def making(*args: Any, **kwargs: Any) -> None:
            try:
                signature.bind(*args, **kwargs)
            except TypeError:
                raise DeclarationError(f"{cls.__name__}: write {write}") from None
            constructor(*args, **kwargs)

        cls.__init__ = making  # type: ignore[method-assign]
        return cls

    return saying


def check_arguments(function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    """Raise DeclarationError for the first argument that a function cannot take."""
    call = _signature(function)
    given = [*zip(call.names, args, strict=False), *((call.rest, one) for one in args[len(call.names) :])]
    if twice := next((name for name in call.named[: len(args)] if name in kwargs), None):
        raise DeclarationError(f"{_where(function, dict(given))}: {twice}: {_given_twice(twice, dict(given), kwargs)}")
    given += kwargs.items()
    if call.rest in kwargs:
        what = f"{call.rest}: it is given by its name; {_WITHOUT_A_NAME}"
        raise DeclarationError(f"{_where(function, dict(given))}: {what}")
    for name, value in given:
        is_one = call.predicates.get(name)
        if is_one is not None and not is_one(value):
            where = _where(function, dict(given))
            if name == call.rest and isinstance(value, list | tuple | set | frozenset):
                problem = f"{as_written(value)} is {kind_of(value)}; give each by itself, without the list"
            else:
                problem = _problem(name, value, call.hints[name])
            raise DeclarationError(f"{where}: {name}: {problem}")
        if not name:
            raise DeclarationError(f"{_where(function, dict(given))}: {_too_many(value, call)}")
        if is_one is None and not call.takes_any and name not in call.names:
            missing = [one for one in call.required if one not in dict(given)]
            raise DeclarationError(f"{_where(function, dict(given))}: {_unknown(name, call, missing)}")
    for name in call.required:
        if name not in kwargs and name not in call.names[: len(args)]:
            what = f"{name}: it is missing; give {_words(call.hints[name])}"
            raise DeclarationError(f"{_where(function, dict(given))}: {what}")


class NoAttributeError(DeclarationError, AttributeError):
    """An object of a public class has no attribute of that name."""


def no_attribute(owner: object, called: str, name: str) -> AttributeError:
    """The error for an attribute that an object has not, with the nearest one that it has."""
    if name.startswith("_"):  # Python and jsii ask for many
        return AttributeError(name)
    nearest = difflib.get_close_matches(name, [one for one in dir(type(owner)) if not one.startswith("_")], 1)
    hint = f"; did you mean {nearest[0]}?" if nearest else ""
    return NoAttributeError(f"{called}: it has no attribute {name!r}{hint}")


def is_public(cls: type, name: str) -> bool:
    """Whether a class has an attribute of a name, or its constructor an argument."""
    constructor: Callable[..., Any] = vars(cls).get("__init__", object.__init__)
    return hasattr(cls, name) or name in inspect.signature(constructor).parameters


class _Signature:
    """What a function takes: its positional arguments, those of them that may be given by name as well, in their
    places, the name of the rest, whether any keyword goes.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        parameters = inspect.signature(function).parameters.values()
        annotations = _annotations(function)
        named = [one for one in parameters if one.kind is not one.VAR_KEYWORD]
        self.names = tuple(one.name for one in named if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD))
        self.named = tuple(one.name if one.kind is one.POSITIONAL_OR_KEYWORD else "" for one in named)
        self.rest = next((one.name for one in named if one.kind is one.VAR_POSITIONAL), "")
        self.takes_any = len(named) < len(parameters)
        self.hints = {one.name: annotations[one.name] for one in named if one.name in annotations}
        self.predicates = {name: _predicate(hint) for name, hint in self.hints.items()}
        self.required = tuple(
            one.name
            for one in named
            if one.default is one.empty and one.kind is not one.VAR_POSITIONAL and one.name in self.hints
        )


@cache
def _signature(function: Callable[..., Any]) -> _Signature:
    return _Signature(function)


def _annotations(function: Callable[..., Any]) -> dict[str, Any]:
    """The annotations, also of names that a module imports for type checkers alone, since it would go in a circle."""
    import ivc  # which imports this module

    late: dict[str, Any] = {}
    while True:
        try:
            return get_type_hints(function, localns=late)
        except NameError as error:
            name, package = str(error.name), function.__module__.rpartition(".")[0]
            modules = [module for path, module in sys.modules.items() if path.startswith(f"{package}.")]
            found = [vars(module)[name] for module in modules if name in vars(module)]
            if not found and name in ivc.__all__:
                found = [getattr(ivc, name)]
            if not found or name in late:
                raise
            late[name] = found[0]


def _predicate(hint: Any) -> Callable[[Any], bool]:  # noqa: PLR0911 - one for each kind of annotation
    """Whether a value is what an annotation allows."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any or isinstance(hint, TypeVar):
        return lambda _: True
    if origin in (Union, types.UnionType):
        ones = tuple(map(_predicate, inner))
        return lambda value: any(is_one(value) for is_one in ones)
    if origin is Literal:
        return lambda value: isinstance(value, str) and value in inner
    if origin is collections.abc.Sequence:
        is_item = _predicate(inner[0])
        # A text is a sequence of texts, and nobody means that.
        return lambda value: (
            isinstance(value, Sequence) and not isinstance(value, str | bytes) and all(map(is_item, value))
        )
    if origin is collections.abc.Mapping:
        is_key, is_value = map(_predicate, inner)
        return lambda value: (
            isinstance(value, Mapping) and all(is_key(key) and is_value(item) for key, item in value.items())
        )
    if hint is str:
        return _is_plain_text
    cls = origin or hint
    # A truth is a number to Python, and to nobody else.
    return lambda value: isinstance(value, cls) and (cls is bool or not isinstance(value, bool))


def _where(function: Callable[..., Any], given: Mapping[str, Any]) -> str:
    """How an error calls what is called."""
    owner, _, name = function.__qualname__.rpartition(".")
    this, id_ = given.get("self"), given.get("id")
    if name == "__init__":
        kind = type(this).__name__ if this is not None else owner
        called = id_ if "id" in _signature(function).hints else given.get("name")
        return f"{kind} {called}" if isinstance(called, str) and called else kind
    declared = getattr(this, "_called", None)
    if declared is not None:
        return f"{declared}: {name}"
    by = given.get("name") or id_
    return f"{function.__qualname__}({by!r})" if "scope" in given and isinstance(by, str) else function.__qualname__


def _too_many(value: Any, call: _Signature) -> str:
    named = [f"{name}=" for name in call.hints if name not in call.names]
    by_name = f"; give it by its name, one of {', '.join(named)}" if named else "; leave it out"
    return f"{as_written(value)} is one argument too many{by_name}"


def _given_twice(name: str, by_place: Mapping[str, Any], by_name: Mapping[str, Any]) -> str:
    if name in _OWNERS:
        return "there is no such argument; leave it out"
    shown = [as_written(given[name]) for given in (by_place, by_name)]
    which = "" if _UNSHOWN in shown else f", {shown[0]} by its place and {shown[1]} by its name"
    return f"it is given twice{which}; give it once"


def _unknown(name: str, call: _Signature, missing: Sequence[str]) -> str:
    # What another function calls `id` this one may call `name`.
    nearest = difflib.get_close_matches(name, call.hints, 1) or (missing if len(missing) == 1 else [])
    if call.rest and (call.rest in nearest or len(call.hints) == 1):
        fix = _WITHOUT_A_NAME
    else:
        known = ", ".join(one for one in call.hints if one != call.rest)
        fix = f"did you mean {nearest[0]}?" if nearest else f"it takes {known or 'none'}"
    return f"{name}: there is no such argument; {fix}"


def _problem(name: str, value: Any, hint: Any) -> str:
    """What is wrong with a value, and what to give."""
    choices = [choice for one in _alternatives(hint) if get_origin(one) is Literal for choice in get_args(one)]
    if choices and isinstance(value, str):
        nearest = difflib.get_close_matches(value, choices, 1)
        known = " or ".join(map(repr, choices)) if len(choices) < 3 else f"one of {', '.join(map(repr, choices))}"
        return f"{value!r} is not known; {f'did you mean {nearest[0]!r}? It' if nearest else 'it'} is {known}"
    alternatives = _alternatives(hint)
    for one in alternatives:
        inner = get_args(one)
        of_list = isinstance(value, list | tuple) or len(alternatives) == 1
        if get_origin(one) is collections.abc.Sequence and (of_list or _predicate(inner[0])(value)):
            return _problem_of_list(name, value, inner[0])
        if get_origin(one) is collections.abc.Mapping and isinstance(value, Mapping):
            for key, item in value.items():
                for part, wanted in ((key, inner[0]), (item, inner[1])):
                    if not _predicate(wanted)(part):
                        return f"{as_written(part)}, at {as_written(key)}, is {kind_of(part)}; {_fix(part, wanted)}"
    return f"{as_written(value)} is {kind_of(value)}; {_fix(value, hint)}"


def _problem_of_list(name: str, value: Any, item: Any) -> str:
    is_item = _predicate(item)
    if isinstance(value, list | tuple):
        number, wrong = next((number, one) for number, one in enumerate(value, 1) if not is_item(one))
        shown = "" if as_written(wrong) == _UNSHOWN else f", {as_written(wrong)},"
        return f"item {number}{shown} is {kind_of(wrong)}; {_fix(wrong, item)}"
    if is_item(value):
        shown = as_written(value)
        return f"{shown} stands alone; give a list, {name}=[{'...' if shown == _UNSHOWN else shown}]"
    return f"{as_written(value)} is {kind_of(value)}; give a list, each item {_words(item)}"


def _fix(value: Any, hint: Any) -> str:
    """What to give instead of a value."""
    # It has no attribute to look for, and says so.
    if _is_at_apply(value):
        return f"give {_words(hint)} that is known before the apply"
    wanted = {getattr(one, "__name__", "") for one in _alternatives(hint)}
    for advice in _ADVICES:
        if wanted & set(advice.wanted) and advice.fits(value):
            return advice.write.format(value)
    return f"give {_words(hint)}"


def _alternatives(hint: Any) -> tuple[Any, ...]:
    """What an annotation allows, one by one, without None."""
    ones = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    return tuple(one for one in ones if one is not type(None))


def _words(hint: Any) -> str:
    """What an annotation allows, in words."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        # Of what may be one or several, one is enough to say.
        ones = [one for one in _alternatives(hint) if get_origin(one) is not collections.abc.Sequence]
        return " or ".join(dict.fromkeys(map(_words, ones or _alternatives(hint))))
    if origin is Literal:
        return " or ".join(map(repr, inner))
    if origin is collections.abc.Sequence:
        return f"a list, each item {_words(inner[0])}"
    if origin is collections.abc.Mapping:
        return f"a dict of {_words(inner[0])} to {_words(inner[1])}"
    name = getattr(hint, "__name__", str(hint))
    return _PLAIN.get(hint) or _MADE_BY.get(name) or f"{_article(name)} {name}"


def kind_of(value: Any) -> str:
    """What a value is, in words."""
    if value is None:
        return "nothing"
    if isinstance(value, type):
        return "a class, and nothing that was made of it"
    if isinstance(value, Enum):
        return f"a member of {type(value).__name__}"
    for type_, words in (
        (bool, "a truth value"),
        (str, "a text"),
        (int | float, "a number"),
        (dict, "a dict"),
        (list | tuple, "a list"),
        (set | frozenset, "a set, which has no order"),
    ):
        if isinstance(value, type_):
            return words
    name, module = type(value).__name__, type(value).__module__.partition(".")[0]
    return f"{_article(name)} {name}" + ("" if module in ("ivc", "builtins") else f" of {module}")


def _article(noun: str) -> str:
    return "an" if noun[:1].lower() in "aeiou" else "a"


def as_written(value: Any) -> str:
    """A value as the program wrote it, as far as that is short."""
    called = getattr(value, "_called", None)
    if isinstance(called, str):
        return called
    text = value.__name__ if isinstance(value, type) else repr(value)
    if text.startswith("<") or " at 0x" in text or len(text) > _LONGEST:
        return _UNSHOWN
    return text
