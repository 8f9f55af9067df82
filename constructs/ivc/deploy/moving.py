"""Moving the state of a stack from the backend that it had to the one that is now declared.

Terraform's own way (`init -migrate-state`) asks questions, cannot leave Terraform Cloud and keeps no copy. Here the
state is read from where it was, kept as a copy, written to where it shall be, read again and compared; the former
place keeps what it holds. Interrupted at any point it can be begun again.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from ivc.deploy import encryption
from ivc.deploy.calls import json_in
from ivc.deploy.errors import DeployError
from ivc.terraform.state_place import StatePlace, state_place

Run = Callable[[Sequence[str], Path], str]
"""Runs Terraform with arguments in a folder and gives what it printed; raises DeployError where Terraform failed."""
Settings = Mapping[str, Any]
"""A stack's block `terraform`."""
State = Mapping[str, Any]

_INIT = ("init", "-input=false", "-no-color")
_BESIDE = "../../.."
"""From a stack's folder to the folder that holds the output."""


class Stack(Protocol):
    """What is needed of a synthesized stack: its name, its folder, and what its `cdk.tf.json` says."""

    @property
    def name(self) -> str: ...
    @property
    def folder(self) -> Path: ...
    @property
    def document(self) -> Mapping[str, Any]: ...


def elsewhere(stack: Stack) -> str | None:
    """Why the state of a stack is not where its declaration says, in one sentence; None where nothing tells so.

    Terraform would take it for a stack that was never deployed, and make every server anew. Asks no backend.
    """
    former = former_settings(stack)
    if former is None:
        return None
    place, declared = state_place(former, stack.folder), _declared(stack)
    return (
        f"the state of stack {stack.name} is in {place}, and the declaration keeps it in {declared}; take it there "
        f"with `ivc move-state {stack.name}`"
        + (", or move that file away if nothing uses it" if place.path and not _is_last(stack, place) else "")
    )


def former_settings(stack: Stack) -> Settings | None:
    """The block `terraform` of the backend that the state is still in: as the last `init` in the stack's folder noted
    it, or a state file where a stack has it by default. None where both are as declared, or hold nothing.
    """
    declared = _declared(stack)
    last = _last_settings(stack.folder)
    if last is not None:
        place = state_place(last, stack.folder)
        if place != declared and (place.path is None or _holds_something(Path(place.path))):
            return last
    default = Path(os.path.normpath(stack.folder / _BESIDE / f"terraform.{stack.name}.tfstate"))
    if declared.path != str(default) and _holds_something(default):
        return {"backend": {"local": {"path": str(default)}}}
    return None


def move(run: Run, stack: Stack, *, former: Settings, copy_to: Path) -> str:
    """Move a stack's state to where its declaration keeps it; returns what was done and what stays where.

    former: the block `terraform` of where it was; the path of a local one is meant from the stack's folder.
    copy_to: the folder for the copy, which holds secrets as any state does: this user alone may read it.

    Raises DeployError where there is nothing to move, where the new place holds another state, and where Terraform
    fails. Nothing but the new place is written then, and what it held before is there still.
    """
    place, declared = state_place(former, stack.folder), _declared(stack)
    _check_workspace(stack)
    if place == declared:
        raise DeployError(f"the state of stack {stack.name} is in {declared} already; there is nothing to move")
    copy_to.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (
        _Backend(run, stack, former, copy_to) as old,
        _Backend(run, stack, stack.document.get("terraform", {}), copy_to) as new,
    ):
        state = old.pull()
        if state is None:
            raise DeployError(
                f"stack {stack.name}: {place} holds no state; name the folder of the output from when it was deployed, "
                f"ivc move-state {stack.name} --from FOLDER"
            )
        copy = _copy(state, stack, copy_to)
        written = _write(stack, state, copy, new, declared)
        if not _same(old.pull(), state):
            raise DeployError(
                f"stack {stack.name}: the state in {place} changed while it was moved; wait until nobody deploys, and "
                "move it again"
            )
    _note_new_place(run, stack)
    stays = _set_aside(place)
    return (
        f"the state of stack {stack.name} (serial {state.get('serial')}, {_counted(state)}) {written} {declared}; "
        f"a copy in clear is {copy}, and {stays}"
    )


class _Backend:
    """A backend alone, in a folder of its own, where Terraform reads and writes the state that it keeps."""

    def __init__(self, run: Run, stack: Stack, settings: Settings, beside: Path) -> None:
        self._run = run
        self._folder = tempfile.TemporaryDirectory(dir=beside, prefix=".moving-")
        self._path = Path(self._folder.name)
        (self._path / "cdk.tf.json").write_text(json.dumps(_alone(stack, settings)))

    def __enter__(self) -> _Backend:
        self._run(_INIT, self._path)
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def pull(self) -> State | None:
        """What it keeps; None where that is nothing."""
        text = self._run(("state", "pull"), self._path)
        # Of an empty place both make a state without a lineage.
        state: State = json.loads(json_in(text) or "{}")
        return state if state.get("lineage") else None

    def push(self, file: Path, *, over_others: bool) -> None:
        """Have it keep the state in a file. over_others: also over one of another lineage, or of the same serial."""
        self._run(("state", "push", *(["-force"] if over_others else []), str(file.absolute())), self._path)

    def begin(self, state: State) -> None:
        """Have it keep a state of nothing, where it kept none.

        Terraform gives what it writes to an empty place a lineage of its own, whatever it was told.
        """
        # OpenTofu counts on as it writes a file, and must not come to more than the state itself.
        nothing = {name: state.get(name) for name in ("version", "terraform_version", "lineage")}
        file = self._path / "nothing.tfstate"
        file.write_text(json.dumps({**nothing, "serial": 0, "outputs": {}, "resources": []}))
        self.push(file, over_others=False)


def _alone(stack: Stack, settings: Settings) -> dict[str, Any]:
    """A configuration that has nothing but a backend, and how OpenTofu encrypts what is in it."""
    said = {name: settings[name] for name in ("backend", "cloud") if name in settings}
    path = state_place(said, stack.folder).path
    if path is not None:
        said = {"backend": {"local": {"path": path}}}
    declared: Settings = stack.document.get("terraform", {})
    if "encryption" not in declared:
        return {"terraform": said}
    said["encryption"] = declared["encryption"]
    return {"terraform": said, "variable": encryption.variables(stack.document)}


def _write(stack: Stack, state: State, copy: Path, new: _Backend, declared: StatePlace) -> str:
    """Have the new place hold the state; returns how it came to."""
    there = new.pull()
    if there is None:
        new.begin(state)
        there = {}
    is_other = there.get("lineage") != state.get("lineage")
    if is_other and (_objects(there) or there.get("outputs")):
        raise DeployError(
            f"stack {stack.name}: {declared} holds another state ({_counted(there)}, lineage {there.get('lineage')}); "
            "declare another place, or take that one away if nothing uses it"
        )
    is_as_old = not is_other and there.get("serial") == state.get("serial")
    if not is_other and there["serial"] >= state["serial"] and not (is_as_old and _objects(there) <= _objects(state)):
        missing = sorted(_objects(state) - _objects(there))
        if missing:
            raise DeployError(
                f"stack {stack.name}: {declared} holds the same state as it went on apart (serial {there['serial']}, "
                f"here {state['serial']}), without {missing[0][0]}; find out which one is right, and take the other "
                f"away: {copy} is a copy of the one here"
            )
        return "was there already, in"
    new.push(copy, over_others=is_other or is_as_old)
    if not _same(new.pull(), state):
        raise DeployError(
            f"stack {stack.name}: what {declared} gives back is not what was written to it; the state is where it was, "
            f"and {copy} is a copy"
        )
    return "is now in"


def _copy(state: State, stack: Stack, folder: Path) -> Path:
    """Keep a state as a file of this user's alone, one for each that there was."""
    copy = folder / f"{stack.name}-{state.get('serial')}-{str(state.get('lineage'))[:8]}.tfstate"
    new = copy.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(state, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    new.replace(copy)
    return copy


def _note_new_place(run: Run, stack: Stack) -> None:
    """Have Terraform take the declared backend for the one that the stack's folder always had."""
    # What `init -reconfigure` does, which a `cloud` block does not take.
    (stack.folder / ".terraform" / "terraform.tfstate").unlink(missing_ok=True)
    run(_INIT, stack.folder)


def _set_aside(place: StatePlace) -> str:
    """Rename a local state, which would be taken for one that is in use; returns what stays where."""
    file = Path(place.path) if place.path is not None else None
    if file is None:
        return f"{place} keeps what it holds, until you delete it"
    if not file.exists():
        return f"{file} is gone"
    moved = file.with_name(f"{file.name}.moved")
    file.replace(moved)
    return f"{file} is now called {moved.name}"


def _check_workspace(stack: Stack) -> None:
    chosen = stack.folder / ".terraform" / "environment"
    name = os.environ.get("TF_WORKSPACE") or (chosen.read_text().strip() if chosen.is_file() else "")
    if name not in ("", "default"):
        raise DeployError(
            f"stack {stack.name}: Terraform's workspace {name} is selected, and only the default one is moved; move "
            "that one with `terraform state pull` and `push`, or select default"
        )
    if os.environ.get("TF_DATA_DIR"):
        raise DeployError(
            f"stack {stack.name}: TF_DATA_DIR is set, and would be one folder for both backends; unset it to move a "
            "state"
        )


def _declared(stack: Stack) -> StatePlace:
    return state_place(stack.document.get("terraform", {}), stack.folder)


def _last_settings(folder: Path) -> Settings | None:
    """The block `terraform` of the backend that the last `init` in a folder noted."""
    try:
        noted = json.loads((folder / ".terraform" / "terraform.tfstate").read_bytes())["backend"]
        kind, said = noted["type"], _without_nothing(noted["config"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return {"cloud": said} if kind == "cloud" else {"backend": {kind: said}}


def _is_last(stack: Stack, place: StatePlace) -> bool:
    last = _last_settings(stack.folder)
    return last is not None and state_place(last, stack.folder) == place


def _without_nothing(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_nothing(item) for name, item in value.items() if item is not None}
    return value


def _holds_something(file: Path) -> bool:
    try:
        state = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return False
    # OpenTofu's encryption leaves nothing else to be read.
    return isinstance(state, dict) and bool(state.get("encrypted_data") or _objects(state) or state.get("outputs"))


def _objects(state: State) -> set[tuple[str, str]]:
    """All that a state holds: each with its Terraform address and its id."""
    found = set()
    for resource in state.get("resources") or ():
        module = f"{resource['module']}." if resource.get("module") else ""
        data = "data." if resource.get("mode") == "data" else ""
        for instance in resource.get("instances") or ():
            key = instance.get("index_key")
            suffix = "" if key is None else f"[{json.dumps(key)}]"
            address = f"{module}{data}{resource.get('type')}.{resource.get('name')}{suffix}"
            found.add((address, str((instance.get("attributes") or {}).get("id"))))
    return found


def _counted(state: State) -> str:
    count = len(_objects(state))
    return f"{count} object{'' if count == 1 else 's'}"


def _same(state: State | None, other: State) -> bool:
    """Whether two states say the same; a backend may count on, and Terraform notes its own version."""
    its_own = ("serial", "terraform_version")
    return state is not None and all(
        state.get(name) == other.get(name) for name in {*state, *other} if name not in its_own
    )
