"""The practice cloud as one object: what the command line and the tests use."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from practice import access, config, databases, install, processes, ready, seed
from practice import extras as behind
from practice.errors import PracticeError
from practice.folder import Folder
from practice.services import Extra, Service, Stage, ports, services
from practice.supervise import State, Supervisor

if TYPE_CHECKING:
    from openstack.connection import Connection


@dataclass(frozen=True)
class ServiceStatus:
    """A service as it is now; `memory` in bytes, of all its processes; `pid` 0 where it is down."""

    name: str
    is_up: bool
    pid: int
    memory: int
    port: int | None


def _silent(_: str) -> None:
    pass


class Cloud:
    """The cloud whose state stands in `folder` (default: IVC_PRACTICE_DIR, or `practice/.cloud`).

    There can be one running cloud on a machine, as its ports are fixed. `say` is told what is being done, a
    short line at a time. What cannot be done raises a PracticeError, which is one sentence.
    """

    def __init__(self, folder: Path | None = None, say: Callable[[str], None] = _silent) -> None:
        self._folder = Folder(folder.resolve()) if folder else Folder.default()
        self._say = say
        self._supervisor = Supervisor(self._folder)
        self._services = services(self._folder)

    @property
    def folder(self) -> Path:
        """The state folder."""
        return self._folder.root

    def install(self, extras: Iterable[str] = ()) -> None:
        """Install what the cloud runs on with these extras, if it is not there: a minute or two; else at once."""
        wanted = Extra.named(extras)
        if not install.is_installed(self._folder, wanted):
            self._folder.make()
            with self._folder.locked():
                install.install(self._folder, self._say, wanted)

    def up(self, extras: Iterable[str] = ()) -> None:
        """Install, start and seed what is missing, and return when servers can be made: 40-60 s the first time,
        less with kept data, at once when it is up.

        `extras` names what is to run too: `objects`, `secrets`, `dns`, `loadbalancer`, `orchestration`. Those that run
        go on until the cloud is taken down; their data stays, as all of it does.

        All or nothing: where it cannot come up, a cloud that was down is down again, and its logs and its data stay
        for whoever looks for the reason. One of which a part ran keeps running. What a failed or killed `up` left half
        made, the next one makes anew.
        """
        asked = Extra.named(extras)
        self.install(asked)
        self._folder.make_state()
        with self._folder.locked(), ExitStack() as stack:
            since = datetime.now(UTC)
            if databases.were_cut_off(self._folder):
                self._say("an earlier first start was cut off: beginning anew")
                self._stop()
                self._folder.remove_state()
                self._folder.make_state()
            stack.enter_context(self._taken_down_on_failure())
            wanted = Extra.named((*self.extras, *asked))
            if not self._supervisor.is_running():
                self._launch(wanted)
            if not self.is_up():
                self._start(wanted)
                self._say("waiting for the workers to report")
                ready.wait_for_workers(self._supervisor, self._with(), self.admin(), since)
            self._say("looking after what is in the cloud")
            self._seed()
            if not self.is_up(wanted):
                self._add(wanted)

    def down(self) -> int:
        """Stop every process of the cloud, also what a crash left; return how many ran. The data stays."""
        with ExitStack() as stack:
            if self._folder.log.exists():
                stack.enter_context(self._folder.locked())
            return self._stop()

    def wipe(self, *, everything: bool = False) -> None:
        """Stop the cloud and remove its data; with `everything`, the installed services and the folder too."""
        self.down()
        if everything:
            self._folder.remove()
        else:
            self._folder.remove_state()

    def is_up(self, extras: Iterable[str] = ()) -> bool:
        """Whether every service runs and answers, those of these extras too."""
        return set(Extra.named(extras)) <= set(self.extras) and all(one.is_up for one in self.status())

    def status(self) -> list[ServiceStatus]:
        """Every service, in the order in which they start, with those of the extras that run."""
        states = self._supervisor.states()
        return [_status(one, states.get(one.name)) for one in self._with(self.extras)]

    @property
    def extras(self) -> tuple[Extra, ...]:
        """The extras of the cloud that runs; none where it does not."""
        if not self._note.exists() or not self._supervisor.is_running():
            return ()
        return Extra.named(self._note.read_text().split())

    def orphans(self) -> list[int]:
        """The pids of processes of this cloud that no supervisor looks after; `down` ends them."""
        if self._supervisor.is_running():
            return []
        return sorted(one.pid for one in processes.marked(self._folder))

    def credentials(self, project: str = access.DEMO) -> dict[str, str]:
        """The OS_* variables of a login to the project `demo`, `other` (both as the user demo) or `admin`."""
        return access.credentials(project)

    def connect(self, project: str = access.DEMO) -> "Connection":
        """A connection of openstacksdk with the login of `credentials(project)`, whatever the environment says."""
        # Imported here, as it takes most of a second that most commands can do without.
        import openstack

        return openstack.connect(
            auth=access.auth(project),
            region_name=access.REGION,
            load_yaml_config=False,
            load_envvars=False,
        )

    def admin(self) -> "Connection":
        """A connection as the cloud's administrator."""
        return self.connect(access.ADMIN)

    def make_volumes(self, names: Iterable[str]) -> None:
        """Make the volumes of the user demo that are not there yet, 10 GB each."""
        seed.volumes(self.connect(), self.admin(), [seed.Volume(name, 10) for name in names])

    @contextmanager
    def _taken_down_on_failure(self) -> Iterator[None]:
        was_running = self._supervisor.is_running()
        try:
            yield
        # Whatever it is, Ctrl-C too: nobody is left to look after what was started.
        except BaseException as error:
            if not was_running:
                self._stop()
            if isinstance(error, ready.refusals()):
                said = " ".join(str(error).split())
                raise PracticeError(
                    f"The cloud cannot be filled ({said}): see the logs in {self._folder.log}."
                ) from error
            raise

    @property
    def _note(self) -> Path:
        """Which extras run is noted there, once they do."""
        return self._folder.run / "extras"

    def _with(self, extras: Collection[Extra] = ()) -> list[Service]:
        return [one for one in self._services if one.extra is None or one.extra in extras]

    def _launch(self, extras: Collection[Extra]) -> None:
        self._note.unlink(missing_ok=True)
        if processes.stop_marked(self._folder):
            self._say("ended what an earlier run had left")
        processes.check_ports_free(ports(self._folder, extras))
        config.write(self._folder)
        self._supervisor.launch()

    def _start(self, extras: Collection[Extra]) -> None:
        self._start_stages(Stage.NAMES)
        # The broker takes seconds of its own; it is waited for when it is needed.
        self._start_stages(Stage.BROKER, wait=False)
        databases.make_files(self._folder)
        self._start_stages(Stage.DATABASE)
        if not databases.are_current(self._folder):
            self._say("making the databases")
            databases.sync(self._folder)
        self._start_stages(Stage.IDENTITY)
        seed.catalogue(self.admin(), extras)
        self._start_stages(Stage.BROKER)
        self._start_stages(Stage.CORE)
        self._start_stages(Stage.COMPUTE)
        self._start_stages(Stage.CONTROL)

    def _add(self, wanted: Sequence[Extra]) -> None:
        before = self.extras
        added = [one for one in self._with(wanted) if one.extra]
        running = {name for name, state in self._supervisor.states().items() if state.pid}
        processes.check_ports_free(one.port for one in added if one.port and one.name not in running)
        try:
            if missing := [one for one in wanted if not behind.is_made(self._folder, one)]:
                self._say(f"making what is behind {', '.join(missing)}")
                behind.make(self._folder, missing)
            if Extra.ORCHESTRATION in wanted:
                seed.stack_domain(self.admin())
            for stage in (Stage.EXTRA, Stage.LAST):
                self._start_services([one for one in added if one.stage is stage])
            behind.finish(self._folder, missing)
            seed.catalogue(self.admin(), wanted)
            ready.call_first(self.connect(), wanted)
        except BaseException:
            # An extra that does not come up is none: the cloud is again what it was.
            for one in reversed(added):
                if one.extra not in before:
                    self._supervisor.stop(one)
            raise
        self._note.write_text(" ".join(wanted))

    def _start_stages(self, *stages: Stage, wait: bool = True) -> None:
        self._start_services([one for one in self._with() if one.stage in stages], wait=wait)

    def _start_services(self, chosen: Sequence[Service], *, wait: bool = True) -> None:
        for one in chosen:
            self._supervisor.start(one)
        if wait and chosen:
            self._say(f"starting {_names(chosen)}")
            for one in chosen:
                ready.wait_for_service(self._supervisor, one)
            ready.wait_for_listeners(self._supervisor, self._folder, chosen)

    def _seed(self) -> None:
        admin = self.admin()
        seed.projects(admin)
        seed.offer(admin)
        seed.belongings(self.connect(access.DEMO), admin)

    def _stop(self) -> int:
        running = len(processes.marked(self._folder))
        if running:
            self._say(f"stopping {running} processes")
            self._supervisor.shut_down()
            processes.stop_marked(self._folder)
        return running


def _names(chosen: Iterable[Service]) -> str:
    return ", ".join(one.name for one in chosen)


def _status(service: Service, state: State | None) -> ServiceStatus:
    if state is None or not state.pid or not ready.answers(service):
        return ServiceStatus(service.name, False, 0, 0, service.port)
    return ServiceStatus(service.name, True, state.pid, _memory(state.pid), service.port)


def _memory(pid: int) -> int:
    try:
        top = psutil.Process(pid)
        return sum(one.memory_info().rss for one in (top, *top.children(recursive=True)))
    except psutil.Error:
        # It ended while we looked.
        return 0
