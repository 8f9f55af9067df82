"""The root of the construct tree: what is synthesized, and where to."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Protocol

from ivc import estate
from ivc.arguments import checked
from ivc.declare.apart import check_apart, check_owners
from ivc.declare.cdktf import CdktfApp
from ivc.declare.record import Record
from ivc.errors import DeclarationError, MachineError, told
from ivc.estate import images, objects, sources, user_data
from ivc.policies import BUILT_IN, ON_REQUEST, Facts, Policy
from ivc.policies import record as policy_record
from ivc.policies.judgement import Judgement, judge
from ivc.policies.policy import checked as checked_policies
from ivc.source import Line, is_of_a_program
from ivc.terraform.circle import circle
from ivc.terraform.state_place import StatePlace, state_place

_PROGRAM: str | None = getattr(sys.modules["__main__"], "__file__", None)
"""The file that runs; None in a shell and the like. At exit Python has taken it away already."""
_APPS: list[App] = []
_NEW = ".new-"
_ABANDONED = 3600
"""Seconds after which a synthesis that left its folder behind must have been killed."""


class Stack(Protocol):
    """What an app needs of its stacks."""

    name: str
    _record: Record
    _place: tuple[str | None, str | None, str | None]
    _declared_at: Line | None

    @property
    def _environment(self) -> object | None:
        """Whose it is; None for a stack of the app alone."""

    @property
    def _is_finished(self) -> bool:
        """Whether nothing was declared since `_finish`."""

    def _finish(self) -> None:
        """Say in the output what only all declarations together tell; raises DeclarationError where they contradict."""


class App(CdktfApp):
    """A CDKTF app whose output is the same on any machine and holds the readable user data as well.

    folder: where `cdktf.json` and the templates (`userdata/`) stand. By default the folder of the program that
    runs, or the nearest one above it that has a `cdktf.json`.
    outdir: where the output goes; by default what CDKTF was told, else `cdktf.out` in the folder.
    policies: a team's own, which look at every stack beside those of the library.

    Raises DeclarationError for a policy that is none, or has another's id.
    """

    @checked
    def __init__(
        self,
        *,
        folder: Path | str | None = None,
        outdir: Path | str | None = None,
        policies: Sequence[Policy] = (),
    ) -> None:
        self.policies = checked_policies([*BUILT_IN, *policies])
        self.folder = Path(folder).resolve() if folder is not None else _folder_of_program()
        if not self.folder.is_dir():
            raise DeclarationError(f"App: folder: there is no folder {self.folder}; name the one with cdktf.json")
        self._final = Path(outdir or os.environ.get("CDKTF_OUTDIR") or self.folder / "cdktf.out").absolute()
        # CDKTF writes there, on the same file system, and what it wrote is moved when policies have read it.
        self._new = self._final / f"{_NEW}{os.getpid()}"
        with _writable(self._final):
            self._new.mkdir(parents=True, exist_ok=True)
            try:
                # Stack traces in the manifest would hold paths of this machine, some of them random.
                super().__init__(outdir=str(self._new), stack_traces=False)
            finally:
                shutil.rmtree(self._new)
        self._stacks: list[Stack] = []
        _APPS.append(self)

    # Cached, since jsii would take a plain property for what CDKTF itself is to ask.
    @cached_property
    def outdir(self) -> str:
        """Where the output goes."""
        return str(self._final)

    @property
    def templates(self) -> Path:
        """The folder of the user data templates."""
        return self.folder / "userdata"

    @property
    def policy_ids(self) -> frozenset[str]:
        """The ids that a waiver may name: those of the policies that look at this app, and of those on request."""
        return frozenset(policy.id for policy in (*self.policies, *ON_REQUEST))

    @checked
    def synth(self) -> None:
        """Write the output: for each stack its JSON and, beside it, `userdata/<instance>`, the files of `objects/`,
        links to those of its images, and `policies.json`.

        Warnings go to stderr. Raises DeclarationError where a declaration turned out wrong only now, or a policy
        refuses it; then nothing is written, and what was there is untouched. Of several errors the first is the
        message, and the others are its notes.
        """
        if os.environ.get("SYNTH_HCL_OUTPUT") == "true":
            raise DeclarationError(f"{self._final}: policies and reviews read JSON, not HCL; synthesize without --hcl")
        for stack in self._stacks:
            stack._finish()
        check_apart(self._stacks)
        check_owners(self._stacks)
        with self._written() as new:
            with _writable(self._final):
                super().synth()
                for stack in self._stacks:
                    folder = new / "stacks" / stack.name
                    for beside, contents in _beside(stack._record).items():
                        _write(folder / beside, contents)
                    _link(
                        folder / images.FOLDER,
                        stack._record.images,
                        self._final / "stacks" / stack.name / images.FOLDER,
                    )
                    (folder / sources.FILE).write_text(sources.text(stack._record.addresses.sources))
            written = estate.synthesized(new)
            self._check_states(written)
            self._check_circles(written)
            judgements = self._judge(written)
            with _writable(self._final):
                _take_away_left_over(self._final, self._stacks)
                _move(new, self._final)
        for judgement in judgements:
            _warn(judgement.warnings)
        for stack in self._stacks:
            _warn(stack._record.warnings)

    def _add(self, stack: Stack) -> None:
        """Take in a stack, as `OpenStackStack` does by itself; raises DeclarationError for a name that another has."""
        if any(other.name == stack.name for other in self._stacks):
            raise DeclarationError(
                f"OpenStackStack {stack.name}: the app already has a stack of that name; give one another"
            )
        self._stacks.append(stack)

    @contextmanager
    def _written(self) -> Iterator[Path]:
        """The folder that CDKTF writes into, which is there only meanwhile."""
        with _writable(self._final):
            for abandoned in self._final.glob(f"{_NEW}*"):
                with suppress(FileNotFoundError):  # another synthesis may have just ended
                    if time.time() - abandoned.stat().st_mtime > _ABANDONED:
                        shutil.rmtree(abandoned)
            (self._new / "stacks").mkdir(parents=True)
        try:
            yield self._new
        finally:
            shutil.rmtree(self._new)

    def _check_states(self, synthesized: Sequence[estate.Synthesized]) -> None:
        """Raise DeclarationError where stacks of environments, which are declared by the same lines, share a state."""
        found: dict[StatePlace, str] = {}
        ours = {stack.name for stack in self._stacks if stack._environment is not None}
        for written in synthesized:
            place = state_place(written.document.section("terraform"), written.path.parent)
            if written.name in ours and found.setdefault(place, written.name) != written.name:
                raise DeclarationError(
                    f"OpenStackStack {written.name}: backend: its state is where that of stack {found[place]} is "
                    f"({place}), and each has its own; say it with environment.name in it, or leave it to the default"
                )

    def _check_circles(self, synthesized: Sequence[estate.Synthesized]) -> None:
        """Raise DeclarationError where declarations wait for each other, mostly by a `depends_on` of the user's."""
        known = {stack.name: stack._record.addresses for stack in self._stacks}
        for written in synthesized:
            found = circle(json.loads(written.path.read_bytes()))
            if found:
                waits = ", which waits for ".join((*found, found[0]))
                addresses = known.get(written.name)
                lines = (addresses.line_of(one) for one in found) if addresses is not None else ()
                raise DeclarationError(
                    f"{written.name}: {waits}: Terraform refuses such a circle; leave out one of the depends_on, or of "
                    "the references, that make it",
                    line=next(filter(None, lines), None),
                )

    def _judge(self, synthesized: Sequence[estate.Synthesized]) -> list[Judgement]:
        """Ask the policies about what was written, and write their record; raises where they refuse it."""
        known = {stack.name: stack._record for stack in self._stacks}
        judgements = []
        for written in synthesized:
            record = known.get(written.name)
            if record is None and not written.on_openstack:
                continue
            facts = Facts(
                document=written.document,
                declared=record.addresses.claimed if record else (),
                checked_user_data=record.checked_user_data if record else (),
            )
            judgement = judge(
                facts,
                self.policies,
                waivers=record.waivers if record else (),
                sources=record.addresses.sources if record else {},
            )
            (written.path.parent / policy_record.FILE).write_bytes(policy_record.text(judgement.findings).encode())
            judgements.append(judgement)
        errors = [error for judgement in judgements for error in judgement.errors]
        if errors:
            more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
            source = errors[0].source
            line = Line(self.folder / source.file, source.line) if source else None
            refusal = DeclarationError(f"{errors[0].sentence}{more}", line=line)
            for error in errors[1:]:
                refusal.add_note(str(error))
            raise refusal
        return judgements


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    """Have what the machine refuses be one sentence. Nothing of anybody else's runs in it: their errors are theirs."""
    try:
        yield
    except OSError as error:
        where = error.filename or folder
        raise MachineError(
            f"{folder}: the output cannot be written ({error.strerror}: {where}); make it writable, or name another "
            "folder, with CDKTF_OUTDIR or App(outdir=...)"
        ) from None


@atexit.register
def _fail_where_nothing_was_written() -> None:
    """End a program that declared and wrote nothing as one that failed: what was written before looks like its output.

    Tests and shells declare without writing, and so may a program that ends with an error.
    """
    if _PROGRAM is None or not is_of_a_program(_PROGRAM) or getattr(sys, "last_value", None) is not None:
        return
    for stack in (stack for app in _APPS for stack in app._stacks if not stack._is_finished):
        sentence = f"OpenStackStack {stack.name}: not all of it was written; call app.synth() when all is declared"
        print(told(DeclarationError(sentence, line=stack._declared_at)), file=sys.stderr, flush=True)
        sys.stdout.flush()
        # An exception would not change how the program ends.
        os._exit(1)


def _folder_of_program() -> Path:
    start = Path(_PROGRAM).resolve().parent if _PROGRAM else Path.cwd()
    for folder in (start, *start.parents):
        if (folder / "cdktf.json").is_file():
            return folder
    return start


def _beside(record: Record) -> Mapping[str, Mapping[str, bytes]]:
    """What Terraform reads beside a stack's JSON: by folder, the contents of files by their names."""
    texts = {name: text.encode() for name, text in record.user_data.items()}
    return {user_data.FOLDER: texts, objects.FOLDER: record.objects}


def _write(folder: Path, contents: Mapping[str, bytes]) -> None:
    if contents:
        folder.mkdir(parents=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)


def _link(folder: Path, files: Mapping[str, Path], final: Path) -> None:
    """A link to each file, which is large; from where it is moved to."""
    if files:
        folder.mkdir(parents=True)
    for name, file in files.items():
        (folder / name).symlink_to(os.path.relpath(file.resolve(), final.resolve()))


def _take_away_left_over(outdir: Path, stacks: Iterable[Stack]) -> None:
    """User data that is no longer declared would be read as an instance's."""
    for stack in stacks:
        for beside, contents in {**_beside(stack._record), images.FOLDER: stack._record.images}.items():
            folder = outdir / "stacks" / stack.name / beside
            for left_over in folder.iterdir() if folder.is_dir() else ():
                if left_over.name not in contents:
                    left_over.unlink()


def _move(source: Path, target: Path) -> None:
    """Move each file of a folder to its place in another; the manifest, which names all others, last."""
    for asset in source.glob("stacks/*/assets/*"):
        # An asset's folder holds its newest version alone.
        place = target / asset.relative_to(source)
        shutil.rmtree(place, ignore_errors=True)
        place.parent.mkdir(parents=True, exist_ok=True)
        asset.replace(place)
    files = [path for path in source.rglob("*") if path.is_symlink() or not path.is_dir()]
    for path in sorted(files, key=lambda path: (path.name == "manifest.json", path)):
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        path.replace(place)


def _warn(warnings: Iterable[object]) -> None:
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
