"""The base of every declaration: what it is called, where it stands, what it is made of, what is accepted of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self, TypeVar

from ivc.arguments import checked, is_public, no_attribute
from ivc.declare.cdktf import Construct, TerraformDataSource, TerraformElement, TerraformResource, create
from ivc.declare.names import by_name_or_id, check_name
from ivc.declare.record import wait_for
from ivc.declare.references import Reference, stack_of
from ivc.declare.terraform_text import literal
from ivc.errors import DeclarationError
from ivc.policies.waiver import Waiver
from ivc.source import source_of_caller

if TYPE_CHECKING:
    from ivc.declare.stack import OpenStackStack
    from ivc.estate.families import Family

L1 = TypeVar("L1", bound=TerraformElement)

MARK = "ivc"
"""What a mark begins with, and the key of metadata or properties that holds one."""

_LEFT_OUT = ("Default", "Resource")
"""Ids that CDKTF leaves out of an address."""


class Declaration(Reference):
    """Something in the cloud that a stack declares: made by it, or looked up.

    name: what the cloud calls it.
    terraform_address: such as `openstack_compute_instance_v2.www-1`.
    l1: its CDKTF element, for what this library has no argument for.
    key: how the addresses of what belongs to it call it; former_key: what they called it before a rename.
    """

    family: ClassVar[Family]
    _is_made: ClassVar[bool] = False
    """Whether it is made here, and does not exist already."""
    _declared_with: frozenset[str] = frozenset()
    """The attributes that it has from its declaration on."""
    name: str
    terraform_address: str
    key: str
    former_key: str
    l1: TerraformElement | None
    _stack: OpenStackStack
    _called: str
    _scope: Construct
    _holder: Construct
    """Of its parts that do not stand beside it."""
    _prefix: str = ""
    _addresses: list[str]
    """Of all that it makes, and of what is looked up."""

    def __setattr__(self, name: str, value: object) -> None:
        fixed = name in self._declared_with or (self._declared_with and is_public(type(self), name))
        if fixed and not name.startswith("_"):
            raise DeclarationError(f"{self._called}: {name}: it is set where it is declared; set it there")
        super().__setattr__(name, value)

    if not TYPE_CHECKING:  # mypy knows the attributes, and is to say of others that there are none

        def __getattr__(self, name: str) -> NoReturn:
            raise no_attribute(self, self.__dict__.get("_called", type(self).__name__), name)

    @property
    def id(self) -> str:
        """Its id in the cloud, which only apply knows: a token of CDKTF's, for an L1 of one's own."""
        return str(self.l1.id)  # type: ignore[union-attr]

    @checked
    def waive(self, id: str, *, reason: str) -> Self:
        """Accept what a policy finds about this declaration.

        id: the policy's, such as `IVC101`. reason: why it is right here; a reviewer reads it.

        Raises DeclarationError for an id that no policy has, and for an empty reason. A waiver of what is not found is
        an error at synthesis. Returns the declaration itself, so that it can follow a look-up.
        """
        source = source_of_caller(self._stack.app.folder)
        self._stack._record.waivers.add(Waiver(self._called, self._judged_as, id, reason, source))
        return self

    @property
    def _judged_as(self) -> str:
        """The Terraform address that policies say their findings of."""
        return self.terraform_address

    @property
    def _id(self) -> str:
        """Its id as Terraform's text, which costs no call to CDKTF; for what stands in the same stack."""
        return f"${{{self.terraform_address}.id}}"

    def _make_part(
        self, family: Family, type: type[L1], name: str, /, *, former: str, beside: bool = False, **config: Any
    ) -> L1:
        """Another resource that belongs to it, marked.

        name, former: its Terraform name, now and before a rename. beside: it stands in the declaration's scope.
        """
        self._claim(family, name, former)
        config |= self._marked(family, name, config)
        if beside:
            element = create(type, self._scope, name, **config)
            return element if not self._prefix else _at(element, name)
        return _at(create(type, self._holder, f"{family.type} {name}", **config), name)

    def _claim(self, family: Family, name: str, former: str) -> None:
        claim = self._stack._record.addresses.claim
        self._addresses.append(claim(self._called, type=family.type, name=name, former=former))

    def _marked(self, family: Family, name: str, config: Mapping[str, Any]) -> dict[str, Any]:
        """The argument that carries the mark, beside what people say there themselves."""
        if family.mark in ("metadata", "properties"):
            return {family.mark: {**config.get(family.mark, {}), MARK: f"{self._stack.name}/{name}"}}
        if family.mark == "description":
            said, mark = config.get("description"), f"{MARK}:{self._stack.name}/{name}"
            return {"description": literal(f"{said} [{mark}]") if said else mark}
        return {}

    def _scopes_between(self) -> Iterator[str]:
        """The names of the scopes between the stack and the declaration, from the stack on."""
        if self._scope is self._stack:
            return
        scopes = list(self._scope.node.scopes)
        for scope in scopes[scopes.index(self._stack) + 1 :]:
            yield check_name(f"{self._called}: a scope it stands in", scope.node.id)

    def _takes(self) -> Iterator[str]:
        """What of the project it has for itself alone, in words: another environment there must leave it alone."""
        yield from ()

    def _refers_to(self) -> Declaration:
        return self

    def _instead(self, stack: OpenStackStack) -> str:
        """What to write in another stack."""
        if self.family.lookup:
            return f"look it up there, with {self.family.construct}.lookup({stack.name}, ...)"
        return f"declare one in stack {stack.name}"


Ordered = Declaration | TerraformResource | TerraformDataSource
"""What something else can wait for: a declaration, with all that it makes, or a resource or data source of CDKTF's."""


class LookedUp(Declaration):
    """What exists already and is not changed; made by a `lookup` alone."""

    _by_id: bool

    def __init__(self, *_: object, **__: object) -> None:
        made_by = f"{self.family.construct}.lookup(stack, ...)"
        raise DeclarationError(f"{type(self).__name__}: it exists already and is looked up; write {made_by}")

    @classmethod
    def _new(cls) -> Self:
        return cls.__new__(cls)

    def _look_up(
        self,
        scope: Construct,
        source: type[TerraformElement],
        *,
        name: str | None,
        id: str | None,
        by_name: str = "name",
        key: str | None = None,
        said: Mapping[str, object] | None = None,
        **arguments: Any,
    ) -> None:
        """Find it by its name or its id, whichever is given.

        by_name: how its data source takes the name.
        key: what its address calls it; by default after the name, or the id.
        said: what only the declaration knows of it, kept for those who read the output.
        arguments: of the data source, beside these.

        Raises DeclarationError unless one of the two is given, and for what was looked up already with other arguments.
        """
        by = self._stand_for(scope, name, id, key)
        if "name" in by:
            arguments[by_name] = literal(by["name"])
        elif self.family.id_key is not None:
            arguments[self.family.id_key] = by["id"]
        else:
            # Nothing to ask: its data source knows no ids.
            self._ask_nothing()
            return
        self._addresses = self._stack._record.parts.setdefault(self.terraform_address, [self.terraform_address])
        self.l1 = self._stack._look_up(source, self.family.type, self.key, self._called, said=said, **arguments)

    def _stand_for(
        self, scope: Construct, name: str | None, id: str | None, key: str | None = None
    ) -> Mapping[str, str]:
        """Be what exists under a name or an id; returns which one it goes by. key: what its address calls it."""
        self._called = f"{self.family.construct}.lookup({name or id!r})"
        self._stack = stack_of(self._called, scope)
        environment = self._stack._environment
        own = environment.name if environment is not None and not environment.plain_names else ""
        slug, by = by_name_or_id(self._called, name, id, own)
        self._by_id = id is not None
        self.key = self.former_key = key or slug
        self.name = by["name"] if "name" in by else by["id"]
        self.terraform_address = f"data.{self.family.type}.{self.key}"
        self._scope = self._holder = self._stack._own
        return by

    def _ask_nothing(self) -> None:
        """Leave it at its name, which is all that is used of it."""
        self.l1 = None
        self._addresses = self._stack._record.parts.setdefault(self.terraform_address, [])


class Made(Construct, Declaration):
    """What Terraform makes: a construct with one resource at the address that is its name, and that one's parts.

    A subclass calls `_declare`, checks what it was given, then `_open`s the construct and `_make`s the resource.
    """

    l1: TerraformResource
    _is_made = True
    _goes_by_id_alone: ClassVar[bool] = False
    """Whether the construct is called as the declaration is, without its kind: then no other kind may be."""

    def _declare(
        self,
        scope: Construct,
        id: str,
        *,
        name: str | None,
        renamed_from: str | None,
        depends_on: Sequence[Ordered],
        key: str | None = None,
        whole: Made | None = None,
    ) -> None:
        """Take the name; raises DeclarationError for one that Terraform cannot carry, or that another has.

        key: what its address calls it, where the id is none that Terraform can carry; it then has no former one.
        whole: what it stands in and is called after, and is renamed with.
        """
        kind = f"{self.family.construct}"
        self._called = f"{kind} {id if key is not None else check_name(kind, id)}"
        if whole is not None:
            self._called += f" of {whole._called}"
        self._stack, self._scope, self._holder, self._construct_id = stack_of(self._called, scope), scope, self, id
        former = id if renamed_from is None else check_name(f"{self._called}: renamed_from", renamed_from)
        if renamed_from == id:
            raise DeclarationError(f"{self._called}: renamed_from: {id!r} is its name; give the one it had before")
        if renamed_from is not None and name is None and self.family.name_replaces:
            raise DeclarationError(
                f"{self._called}: renamed_from: its name in the cloud would change too, which replaces it; give the "
                f"name that it has there, such as name={self._stack._name_of(renamed_from)!r}"
            )
        former_prefix = ""
        if whole is None:
            self._prefix = former_prefix = "".join(f"{one}_" for one in self._scopes_between())
        else:
            self._prefix, former_prefix = f"{whole.key}_", f"{whole.former_key}_"
        self.key, self.former_key = self._prefix + (key or id), former_prefix + (key or former)
        self.terraform_address = f"{self.family.type}.{self.key}"
        self.name = name or self._stack._name_of(id)
        self._depends_on = tuple(depends_on)
        self._addresses: list[str] = []
        self._stack._record.addresses.declare(self._called, kind=kind, name=self.key)

    def _open(self) -> None:
        """Become a construct; raises DeclarationError where the scope holds another of that id."""
        id_ = self._construct_id if self._goes_by_id_alone else self._called
        try:
            Construct.__init__(self, self._scope, id_)
        except RuntimeError as error:
            raise DeclarationError(
                f"{self._called}: {self._scope.node.id} already holds another construct called {id_!r}; "
                "give one of the two another name"
            ) from error
        self._stack._record.declarations.append(self)

    def _make(self, type: type[L1], /, **config: Any) -> L1:
        """The declaration's own resource, marked."""
        self._claim(self.family, self.key, self.former_key)
        born_as = self.key if self.family.mark == "metadata" else self.former_key
        config |= self._marked(self.family, born_as, config)
        if self._goes_by_id_alone:
            # CDKTF leaves `Default` out of an address, so that none has to be set, which would cost a call.
            element = create(type, self, "Default", **config)
            return element if not self._prefix and self.key not in _LEFT_OUT else _at(element, self.key)
        return _at(create(type, self, f"{self.family.type} {self.key}", **config), self.key)

    def _complete(self) -> None:
        """Declare for others what follows of it, now that all is declared and nothing is decided yet."""

    def _decide(self) -> None:
        """Say what only all declarations together tell of it; raises where they contradict each other."""
        before = [address for one in self._depends_on for address in addresses_of(one)]
        if before:
            wait_for(self.l1, *before)


def _at(element: L1, name: str) -> L1:
    element.override_logical_id(name)
    return element


def addresses_of(one: Ordered) -> Sequence[str]:
    """The Terraform addresses of all that a declaration makes, or of an element."""
    if isinstance(one, Declaration):
        return one._addresses
    prefix = "data." if isinstance(one, TerraformDataSource) else ""
    return [f"{prefix}{one.terraform_resource_type}.{one.friendly_unique_id}"]
