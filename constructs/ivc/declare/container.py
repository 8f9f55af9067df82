"""Containers of the object store, and objects in them.

store = Container(shop, "releases", readers=[Anyone()])
app = store.file("app.tar.gz", "files/app.tar.gz")
Instance(shop, "www-1", ..., user_data=UserData.template("www.yaml.jinja", app=app))
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from ivc.arguments import made_by
from ivc.declare.access_list import Anyone, Reader, Writer, access_list
from ivc.declare.cdktf import Construct, TerraformResourceLifecycle, struct
from ivc.declare.declaration import Declaration, LookedUp, Made, Ordered
from ivc.declare.names import check_known, slug
from ivc.declare.object_store import address_of_store
from ivc.declare.object_store_provider import ObjectstorageContainerV1, ObjectstorageObjectV1
from ivc.declare.references import Reference, ValueOf, same_stack
from ivc.declare.terraform_text import literal
from ivc.errors import DeclarationError
from ivc.estate import families
from ivc.estate.objects import source, url
from ivc.estate.triggers import OF_CONTAINERS, OF_OBJECTS
from ivc.pages import page
from ivc.userdata import AtApply

_MOST_OF_A_NAME = {"container": 256, "object": 1024}
"""In bytes: Swift's own limits, unless a cloud has others (its `/info` tells them)."""
_LONGEST_ADDRESS = 255
"""How long the store's own part of an address may be, as far as the limit on user data is concerned."""
# What a URL takes as it is (RFC 3986, section 2.3), so that a name is the same wherever it is written.
_NAME = re.compile(r"[A-Za-z0-9._~-]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@made_by('container.file("app.tar.gz", ...) or container.object(...)')
@dataclass(frozen=True, eq=False)
class StoredObject(Reference):
    """An object in a container; made by `Container.file`, or named by `Container.object`.

    name: in the container. sha256: of its content, 64 hexadecimal digits.
    l1: None for one that somebody else puts there.
    """

    container: AnyContainer
    name: str
    sha256: str
    l1: ObjectstorageObjectV1 | None = None
    _address: str | None = None

    @property
    def url(self) -> str | AtApply:
        """Where it is fetched without a credential, for as long as it is there: a value known only at apply.

        Raises DeclarationError where its container is made here and not read by `Anyone`; who reads one that exists
        already nobody here knows.
        """
        container = self.container
        if isinstance(container, Container) and not any(isinstance(one, Anyone) for one in container.readers):
            raise DeclarationError(
                f"{container._called}: url of {self.name}: nobody gets it there without a credential; have the "
                f"container readers=[Anyone()], or have the server fetch it with one ({page('objects.md')})"
            )
        # By the object's own address the server waits for it; its name stays known where it is replaced.
        address = self._address
        names = f'"{container.name}", "{self.name}"' if address is None else f"{address}.container_name, {address}.name"
        return ValueOf(
            f'join("/", [{address_of_store(container._stack, container._called)}, {names}])',
            url(container.name, self.name),
            _LONGEST_ADDRESS + len(container.name) + len(self.name),
            container,
        )

    def _refers_to(self) -> Declaration:
        return self.container


class AnyContainer(Declaration):
    """A container of the object store, made here or there already."""

    family = families.CONTAINER

    @same_stack
    def file(self, name: str, file: str | PurePath, *, content_type: str | None = None) -> StoredObject:
        """An object made of a file, for small ones: the file is copied into the output, beside the JSON. Changed
        content replaces the object as a whole, and until the new one is there nobody finds it.

        name: in the container; letters, digits, `.`, `_`, `~` and `-`, in parts between `/`.
        file: from the folder of `cdktf.json` on, such as `files/app.tar.gz`.
        content_type: as whoever fetches it is told, such as `text/html`; by default Swift goes by the name.

        An object of that name that is there already is overwritten without a word: the store has no other way.
        Raises DeclarationError for a name that is taken or that a URL does not take as it is, and where there is no
        such file.
        """
        where = f"{self._called}: file"
        _check_name("object", f"{where}: name", name)
        content = _read(f"{where}: file", self._stack.app.folder / file)
        terraform, former = (f"{key}_{slug(name)}" for key in (self.key, self.former_key))
        if terraform in self._stack._record.objects:
            raise DeclarationError(f"{where}: name: it has an object called {name!r} already; give another name")
        self._stack._record.own(f"the object {name} of the container {self.name}", where)
        sha256 = hashlib.sha256(content).hexdigest()
        said: dict[str, Any] = {} if content_type is None else {"content_type": literal(content_type)}
        what = f"{OF_OBJECTS}content"
        trigger = self._stack._record.trigger(
            where,
            former=f"{former}__{what}",
            name=f"{terraform}__{what}",
            input={"sha256": sha256, **said},
        )
        l1 = self._make_part(
            families.OBJECT,
            ObjectstorageObjectV1,
            terraform,
            former=former,
            container_name=self._name_in_terraform,
            name=name,
            source=source(terraform),
            # Swift refuses other bytes than these.
            etag=hashlib.md5(content, usedforsecurity=False).hexdigest(),
            lifecycle=struct(
                TerraformResourceLifecycle,
                # A change in place would leave it empty: the provider sends a body only with another `source`.
                ignore_changes="all",
                replace_triggered_by=[trigger, *self._replaced_with],
            ),
            **said,
        )
        self._stack._record.objects[terraform] = content
        return StoredObject(self, name, sha256, l1, f"{families.OBJECT.type}.{terraform}")

    @same_stack
    def object(self, name: str, *, sha256: str) -> StoredObject:
        """An object that somebody else puts there, such as the pipeline that builds it: nothing is made or asked.

        name: in the container. sha256: of its content, as `sha256sum` prints it; a server that fetches it takes no
        other.

        Raises DeclarationError for a name that a URL does not take as it is, and for what is no SHA-256.
        """
        where = f"{self._called}: object"
        _check_name("object", f"{where}: name", name)
        if not _SHA256.fullmatch(check_known(f"{where}: sha256", sha256)):
            raise DeclarationError(
                f"{where}: sha256: {sha256!r} is none, of 64 hexadecimal digits in lower case; `sha256sum FILE` "
                "prints it"
            )
        return StoredObject(self, name, sha256)

    @property
    def _name_in_terraform(self) -> str:
        """Its name as Terraform's text."""
        return self.name

    @property
    def _replaced_with(self) -> Sequence[str]:
        """The addresses of what replaces all of its objects when it changes."""
        return ()


class LookedUpContainer(LookedUp, AnyContainer):
    """A container that is there already, and keeps all but the objects that are made here; made by `Container.lookup`.

    l1: None, since nothing is asked of the cloud.
    """

    l1: None


class Container(Made, AnyContainer):
    """A container, which only its project gets at unless readers or writers are said.

    Of a name that the project has already it is that one, taken over without a word, with what is in it, and destroyed
    with the declaration: Swift has no other way, and no plan can tell. So give it a name that nobody else takes.

    readers: who gets its objects, besides its project: `Anyone()`, `Project(...)`, `User(...)`.
    writers: who puts and deletes objects, besides its project: `Project(...)`, `User(...)`.
    name: what the cloud calls it; by default the id. Another one replaces it: what is in it is not brought along.
    metadata: for people and programs. A key that is left out later stays in the cloud.
    force_destroy: whether all objects in it are deleted when it goes; without it the cloud refuses to delete a
    container that holds any but those that are declared.
    prevent_destroy: True, the default, makes a plan fail that would destroy or replace it. It cannot save one whose
    declaration is deleted.
    depends_on: what is to be there first, declarations or CDKTF's elements.
    renamed_from: the id that this declaration had before; then `name` must be said.

    Raises DeclarationError for an id that Terraform cannot carry or that is taken, for a name that a URL does not take
    as it is, and for `force_destroy` of what is protected.
    """

    @same_stack
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        readers: Sequence[Reader] = (),
        writers: Sequence[Writer] = (),
        name: str | None = None,
        metadata: Mapping[str, str] | None = None,
        force_destroy: bool = False,
        prevent_destroy: bool = True,
        depends_on: Sequence[Ordered] = (),
        renamed_from: str | None = None,
    ) -> None:
        self._declare(scope, id, name=name, renamed_from=renamed_from, depends_on=depends_on)
        where = self._called
        _check_name("container", f"{where}: name", self.name)
        if force_destroy and prevent_destroy:
            raise DeclarationError(
                f"{where}: force_destroy: it is protected as well, so that nothing destroys it; say "
                "prevent_destroy=False too, or leave it out"
            )
        self._stack._record.own(f"the container {self.name}", where)
        self.readers, self.writers = tuple(readers), tuple(writers)
        self._open()
        optional: dict[str, Any] = {
            "container_read": access_list(readers),
            "container_write": access_list(writers),
            "force_destroy": force_destroy,
        }
        what = f"{OF_CONTAINERS}name"
        # The provider takes another name for a change in place, does nothing, and finds it again at every plan.
        self._declared_name = self._stack._record.trigger(
            where, former=f"{self.former_key}__{what}", name=f"{self.key}__{what}", input={"name": self.name}
        )
        self.l1: ObjectstorageContainerV1 = self._make(
            ObjectstorageContainerV1,
            name=self.name,
            metadata={literal(key): literal(value) for key, value in (metadata or {}).items()},
            lifecycle=struct(
                TerraformResourceLifecycle,
                prevent_destroy=True if prevent_destroy else None,
                replace_triggered_by=[self._declared_name],
            ),
            **{key: value for key, value in optional.items() if value},
        )

    @staticmethod
    @same_stack
    def lookup(scope: Construct, name: str) -> LookedUpContainer:
        """A container that exists, by its name. Nothing is asked of the cloud: the provider has no look-up for it.

        Raises DeclarationError for a name that a URL does not take as it is.
        """
        _check_name("container", f"Container.lookup({name!r}): name", name)
        container = LookedUpContainer._new()
        container._stand_for(scope, name, None)
        container._ask_nothing()
        return container

    @property
    def _name_in_terraform(self) -> str:
        return f"${{{self.terraform_address}.name}}"

    @property
    def _replaced_with(self) -> Sequence[str]:
        return (self._declared_name,)


def _check_name(kind: str, where: str, name: str) -> None:
    parts = check_known(where, name).split("/") if kind == "object" else [name]
    if not all(_NAME.fullmatch(part) and part not in (".", "..") for part in parts):
        slashes = ", in parts between '/'" if kind == "object" else ""
        raise DeclarationError(
            f"{where}: a URL does not take {name!r} as it is; use letters, digits, '.', '_', '~' and '-'{slashes}"
        )
    if len(name) > _MOST_OF_A_NAME[kind]:
        raise DeclarationError(
            f"{where}: it has {len(name)} characters, and Swift takes {_MOST_OF_A_NAME[kind]}; make it shorter"
        )


def _read(where: str, file: Path) -> bytes:
    try:
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise DeclarationError(
            f"{where}: there is no file {file}; say where it is from the folder of cdktf.json on"
        ) from None
    except IsADirectoryError:
        raise DeclarationError(f"{where}: {file} is a folder; give a file, such as a .tar.gz of it") from None
    except OSError as error:
        raise DeclarationError(f"{where}: {file} cannot be read: {error.strerror}; make it readable") from None
