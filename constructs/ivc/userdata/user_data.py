"""What a declaration says about an instance's user data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any, Protocol

from ivc.arguments import checked, made_by
from ivc.errors import DeclarationError
from ivc.userdata import checks, forms, origin, template, volumes, write_files
from ivc.userdata.at_apply import AtApply
from ivc.userdata.checks.finding import Finding, Waived, Waiver
from ivc.userdata.cloud_config import HEADER
from ivc.userdata.document import Document
from ivc.userdata.file_tree import FileTree, files_of
from ivc.userdata.origin import Place
from ivc.userdata.volumes import Mount

Translate = Callable[[str, object], object]
"""From a variable's name and value to what templates are to see."""

_WRITE = 'UserData.text("...") for a text, or UserData.template("...")'
UNREAD = "unread-variable"
"""The id of the finding that no template reads a variable."""


class _Form(Protocol):
    """What a user data is made of."""

    @property
    def name(self) -> str:
        """What it is called as a part of several."""

    def where(self, folder: Path) -> str:
        """How a message about it begins."""

    def rendered(self, *, folder: Path, instance: object) -> _Rendered:
        """The document for an instance."""

    def unread(self, folder: Path) -> Sequence[str]:
        """The variables that no template of it reads."""

    def places(self, document: Document, *, folder: Path, instance: object) -> Mapping[int, Place]:
        """Where the lines of its document were written, as far as that can be told."""

    def translated(self, translate: Translate) -> _Form:
        """The same with other variables."""


@dataclass(frozen=True)
class _Rendered:
    """A document as its declaration makes it.

    parts: the documents that it is made of, more than one where it is a MIME message.
    said: what the declaration says of it, however it is then written: texts, and the files as they are.
    """

    document: Document
    parts: Sequence[forms.Part]
    said: Sequence[str | AtApply]


@made_by(_WRITE)
@dataclass(frozen=True)
class UserData:
    """User data; made by `UserData.template`, `.text`, `.files`, `.multipart` and `.include`."""

    _form: _Form
    _waivers: tuple[Waiver, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self._form, str):
            raise DeclarationError(f"UserData: write {_WRITE}")

    @classmethod
    @checked
    def template(cls, template: str | PurePath, /, *, files: Sequence[FileTree] = (), **variables: Any) -> UserData:
        """User data from a Jinja template, of any kind: its first line says whether the guest gets a `#cloud-config`,
        a script (`#!/bin/sh`) or another document that cloud-init knows.

        template: the path of the file below the app's folder `userdata/`, with `/`; or an absolute path there.
        files: folders whose files the `#cloud-config` is to bring among its `write_files`; of two for one place, the
        later folder's.
        variables: what the template and the files may use, beside `instance`, which is given to every template. A
        value known only at apply (`AtApply`) may be among them.

        Raises DeclarationError for a variable named `instance`.
        """
        name = template.as_posix() if isinstance(template, PurePath) else template
        where = f"UserData.template({name!r})"
        return cls(_Template(name, tuple(files), _checked_variables(where, variables)))

    @classmethod
    @checked
    def text(cls, text: str) -> UserData:
        """User data that is this text, as it stands: nothing in it is rendered. Its first line says its kind, as in a
        template.
        """
        return cls(_Fixed("text", Document((text,))))

    @classmethod
    @checked
    def files(cls, *trees: FileTree, **variables: Any) -> UserData:
        """User data that only brings files: a `#cloud-config` with the folders' files as its `write_files`.

        trees, variables: as `UserData.template` has them.

        Raises DeclarationError for a variable named `instance`, and for no folder.
        """
        if not trees:
            raise DeclarationError('UserData.files: give at least one folder, as in UserData.files(FileTree("www"))')
        return cls(_Template(None, trees, _checked_variables("UserData.files", variables)))

    @classmethod
    @checked
    def multipart(cls, parts: Sequence[UserData]) -> UserData:
        """Several documents in one, which the guest takes in this order: say a `#cloud-config` and a script.

        cloud-init forgets a key of a `#cloud-config` that a later part has too; so that is an error, unless the later
        one says `merge_how`. In a part with letters outside ASCII no value known only at apply can stand.

        Raises DeclarationError for no part.
        """
        if not parts:
            raise DeclarationError(
                "UserData.multipart: give at least one part, as in UserData.multipart([UserData.template(...)])"
            )
        return cls(_Multipart(tuple(parts)))

    @classmethod
    @checked
    def include(cls, *urls: str) -> UserData:
        """User data that the guest fetches from these addresses, http or https, in this order.

        Nobody reviews what stands there, and a change there is no change of the declaration.

        Raises DeclarationError for no address, for what is none, and for one with a password in it.
        """
        return cls(_Fixed("include", forms.include(urls)))

    @classmethod
    @checked
    def nothing(cls) -> UserData:
        """A `#cloud-config` that says nothing yet: the volumes of an instance without user data are mounted by it."""
        return cls(_Template(None, (), {}))

    def translated(self, translate: Translate) -> UserData:
        """The same user data, each variable of it and of its parts passed through a function of name and value."""
        return UserData(self._form.translated(translate), self._waivers)

    @checked
    def waive(self, id: str, *, reason: str) -> UserData:
        """The same user data, with what a check finds accepted.

        id: the finding's, as `ivc check` shows it: `secret`, or `secret:DB_PASSWORD` for that one alone.
        reason: why it is right here; the output keeps it for the reviewer.

        Raises DeclarationError where the id or the reason is empty. A waiver that nothing needs is an error when it
        renders.
        """
        return UserData(self._form, (*self._waivers, Waiver(id, reason)))

    def render(
        self,
        *,
        folder: Path,
        instance: object,
        mounts: Sequence[Mount] = (),
        existing_volumes: bool = False,
        key_pair: bool = False,
        no_way_out: str | None = None,
    ) -> Document:
        """The checked document, for one instance of which it is known whether it reaches the Internet.

        no_way_out: why it does not; None where it does. All else is as `prepare` has it.
        """
        prepared = self.prepare(
            folder=folder, instance=instance, mounts=mounts, existing_volumes=existing_volumes, key_pair=key_pair
        )
        return prepared.document(no_way_out=no_way_out)

    def prepare(
        self,
        *,
        folder: Path,
        instance: object,
        alone: object | None = None,
        mounts: Sequence[Mount] = (),
        existing_volumes: bool = False,
        key_pair: bool = False,
    ) -> Prepared:
        """The text for one instance, and what its checks found.

        folder: where the templates and the folders of files stand.
        instance: what templates see as `instance`.
        alone: what they are to see of it for what is compared, where that is less: without the peers of a tier.
        mounts: the volumes that the guest is to mount: a `#cloud-config` gets a `bootcmd` for them, another document
        stands beside a `#cloud-boothook`.
        existing_volumes: whether the instance has any.
        key_pair: whether it has one.

        Raises DeclarationError where a template does not render, a folder of files is not right, the result cannot be
        user data, or a waiver waives nothing.
        """
        prepared = self.draft(
            folder=folder,
            instance=instance,
            alone=alone,
            mounts=mounts,
            existing_volumes=existing_volumes,
            key_pair=key_pair,
        )
        prepared.refuse(prepared.found)
        return prepared

    def draft(
        self,
        *,
        folder: Path,
        instance: object,
        alone: object | None = None,
        mounts: Sequence[Mount] = (),
        existing_volumes: bool = False,
        key_pair: bool = False,
    ) -> Prepared:
        """The same whatever its checks found, for one who tells all of it.

        Raises DeclarationError where there is no text to check: a template does not render, a folder of files is not
        right.
        """
        rendered = self._form.rendered(folder=folder, instance=instance)
        document = rendered.document
        said = rendered.said if alone is None else self._said_alone(folder, alone)
        where = self._form.where(folder)
        try:
            if mounts:
                document = _with_mounts(rendered, mounts)
                said = (*said, *(piece for mount in mounts for piece in mount.said))
            found = checks.undecided(document, existing_volumes=existing_volumes, key_pair=key_pair)
        except ValueError as error:
            raise DeclarationError(f"{where}: {error}") from None
        found += tuple(map(not_read, self._form.unread(folder)))
        return Prepared(document, tuple(said), found, self._all_waivers(), where)

    def _said_alone(self, folder: Path, alone: object) -> Sequence[str | AtApply]:
        try:
            return self._form.rendered(folder=folder, instance=alone).said
        except ValueError as error:
            raise DeclarationError(
                f"{error}; so it is where a tier has this one member, which is how its text is compared: write it so "
                "that it renders without peers"
            ) from None

    def places(self, document: Document, *, folder: Path, instance: object) -> Mapping[int, Place]:
        """Where the lines of its document were written, by their numbers from 1; not of those where that is unknown.

        document: as `draft` gave it for the folder and the instance.
        """
        return self._form.places(document, folder=folder, instance=instance)

    def _all_waivers(self) -> tuple[Waiver, ...]:
        """Its own, and those of its parts."""
        parts = self._form.parts if isinstance(self._form, _Multipart) else ()
        return (*self._waivers, *(waiver for part in parts for waiver in part._waivers))


def _with_mounts(rendered: _Rendered, mounts: Sequence[Mount]) -> Document:
    if rendered.document.readable.split("\n", 1)[0].rstrip() == HEADER:
        return volumes.add(rendered.document, mounts)
    return forms.multipart([forms.Part("volumes.sh", volumes.boothook(mounts)), *rendered.parts])


@dataclass(frozen=True)
class Prepared:
    """User data as it will be sent, before it is known whether its guest reaches the Internet.

    text: the document, without what its checks found. where: how a message about it begins.
    said: what the declaration says of it: a change of that replaces a server. What is the library's own, such as the
    script that mounts volumes and the way in which files are packed, is not in it.
    """

    text: Document
    said: tuple[str | AtApply, ...]
    found: tuple[Finding, ...]
    waivers: tuple[Waiver, ...]
    where: str

    @property
    def wants_way_out(self) -> bool:
        """Whether its guest asks the Internet for something."""
        return any(finding.id == checks.NO_WAY_OUT for finding in self.found)

    def document(self, *, no_way_out: str | None) -> Document:
        """The document, with what its checks found odd and what was waived.

        no_way_out: why the guest does not reach the Internet, a clause; None where it does.

        Raises DeclarationError for a waiver that waives nothing.
        """
        waived = self.refuse(checks.without_way_out(self.found, no_way_out))
        warnings = tuple(finding.text for finding in waived.remaining)
        return replace(self.text, warnings=warnings, accepted=waived.accepted)

    def refuse(self, found: Sequence[Finding]) -> Waived:
        """What the waivers leave of findings; raises DeclarationError for an error, and for a waiver of nothing."""
        waived = checks.waive(found, self.waivers)
        try:
            checks.refuse(waived)
        except ValueError as error:
            raise DeclarationError(f"{self.where}: {error}") from None
        return waived


@dataclass(frozen=True)
class _Template:
    """A template, or none, and folders of files."""

    template: str | None
    trees: tuple[FileTree, ...]
    variables: Mapping[str, object] = field(hash=False)

    @property
    def name(self) -> str:
        return self.template or (self.trees[0].folder if self.trees else "")

    def where(self, folder: Path) -> str:
        return str(folder / self.name)

    def rendered(self, *, folder: Path, instance: object) -> _Rendered:
        given = {**self.variables, "instance": instance}
        document = Document((f"{HEADER}\n",))
        if self.template is not None:
            document = template.render(_below(folder, self.template), given, folder=folder)
        said = document.parts
        if self.trees:
            files = files_of(self.trees, given, folder=folder)
            said = (*said, *(piece for file in files for piece in file.said))
            try:
                document = write_files.merge(document, files)
            except ValueError as error:
                raise DeclarationError(f"{self.where(folder)}: {error}") from None
        return _Rendered(document, [forms.Part(self.name, document)], said)

    def unread(self, folder: Path) -> Sequence[str]:
        if not self.variables:
            return ()
        templates = [path for tree in self.trees for path in tree.templates(folder=folder)]
        if self.template is not None:
            templates.append(_below(folder, self.template))
        read = [template.names_read(path, folder=folder) for path in templates]
        return [name for name in self.variables if all(names is not None and name not in names for names in read)]

    def places(self, document: Document, *, folder: Path, instance: object) -> Mapping[int, Place]:
        name = None if self.template is None else _below(folder, self.template)
        given = {**self.variables, "instance": instance}
        return origin.places(document, template=name, trees=self.trees, variables=given, folder=folder)

    def translated(self, translate: Translate) -> _Template:
        return replace(self, variables={name: translate(name, value) for name, value in self.variables.items()})


@dataclass(frozen=True)
class _Multipart:
    parts: tuple[UserData, ...]

    @property
    def name(self) -> str:
        return "multipart"

    def where(self, folder: Path) -> str:
        return "UserData.multipart"

    def rendered(self, *, folder: Path, instance: object) -> _Rendered:
        rendered = [part._form.rendered(folder=folder, instance=instance) for part in self.parts]
        parts = [forms.Part(part._form.name, each.document) for part, each in zip(self.parts, rendered, strict=True)]
        said = [
            piece for part, each in zip(parts, rendered, strict=True) for piece in (f"{part.file_name}\n", *each.said)
        ]
        return _Rendered(forms.multipart(parts), parts, said)

    def unread(self, folder: Path) -> Sequence[str]:
        return [name for part in self.parts for name in part._form.unread(folder)]

    def places(self, document: Document, *, folder: Path, instance: object) -> Mapping[int, Place]:
        return {}

    def translated(self, translate: Translate) -> _Multipart:
        return _Multipart(tuple(part.translated(translate) for part in self.parts))


@dataclass(frozen=True)
class _Fixed:
    """A document that is the same for every instance. name: of the constructor that made it."""

    name: str
    document: Document

    def where(self, folder: Path) -> str:
        return f"UserData.{self.name}"

    def rendered(self, *, folder: Path, instance: object) -> _Rendered:
        return _Rendered(self.document, [forms.Part(self.name, self.document)], self.document.parts)

    def unread(self, folder: Path) -> Sequence[str]:
        return ()

    def places(self, document: Document, *, folder: Path, instance: object) -> Mapping[int, Place]:
        return {}

    def translated(self, translate: Translate) -> _Fixed:
        return self


def not_read(variable: str) -> Finding:
    """What is found of a variable that no template reads."""
    return Finding(
        id=UNREAD,
        severity="warning",
        line=None,
        message=f"the variable {variable} is given and no template reads it: take it out of the declaration, or write "
        f"{{{{ {variable} }}}} where it is to stand",
        subject=variable,
    )


def _below(folder: Path, template: str) -> str:
    path = Path(template)
    if not path.is_absolute():
        return template
    if not path.resolve().is_relative_to(folder.resolve()):
        raise DeclarationError(f"{template}: it does not stand below {folder}, where templates are; move it there")
    return path.resolve().relative_to(folder.resolve()).as_posix()


def _checked_variables(where: str, variables: Mapping[str, object]) -> Mapping[str, object]:
    if "instance" in variables:
        raise DeclarationError(
            f"{where}: the name `instance` is taken by the facts of the instance itself; give the variable another name"
        )
    for name, value in variables.items():
        _check_same_each_time(f"{where}: {name}", value)
    return variables


def _check_same_each_time(where: str, value: object) -> None:
    """Raise DeclarationError for a value that is another in each run, or each time that it is asked for."""
    if isinstance(value, set | frozenset):
        raise DeclarationError(f"{where}: it is a set, whose order differs from run to run; give a list, sorted(...)")
    if isinstance(value, Iterator):
        raise DeclarationError(f"{where}: it is empty once it was read; give a list, list(...)")
    if isinstance(value, Mapping):
        for key, each in value.items():
            _check_same_each_time(f"{where}[{key!r}]", each)
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            _check_same_each_time(f"{where}[{number}]", each)
