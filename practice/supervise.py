"""Starts, asks and stops supervisord, which keeps the services running."""

import subprocess
import sys
import time
import xmlrpc.client
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

import psutil
from supervisor.xmlrpc import Faults, SupervisorTransport  # type: ignore[import-untyped]

from practice import config
from practice.errors import PracticeError
from practice.folder import Folder
from practice.services import Service

# Nine stages, each at most `stopwaitsecs` (supervisord.conf.j2).
_LONGEST_STOP = 120
_LONGEST_LAUNCH = 120


@dataclass(frozen=True)
class State:
    """What supervisord knows of a service: its state's name (RUNNING, STOPPED, FATAL, ...) and its pid, or 0."""

    name: str
    pid: int


class Supervisor:
    """The supervisord of the cloud in `folder`, running or not."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def is_running(self) -> bool:
        """Whether a supervisord answers."""
        try:
            return bool(self._call("getState")["statename"] == "RUNNING")
        except (OSError, xmlrpc.client.Error):
            return False

    def launch(self) -> None:
        """Start supervisord, which starts no service by itself; it goes on after this program has ended."""
        done = subprocess.run(
            (
                sys.executable,
                "-m",
                "supervisor.supervisord",
                "-c",
                str(self._folder.etc / "supervisord.conf"),
            ),
            env=config.process_environment(self._folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise PracticeError(f"supervisord did not start: {done.stdout.strip()}")
        end = time.monotonic() + _LONGEST_LAUNCH
        while not self.is_running():
            if time.monotonic() > end:
                raise PracticeError(f"supervisord does not answer: see {self._folder.log / 'supervisord.log'}.")
            time.sleep(0.05)

    def start(self, service: Service) -> None:
        """Start a service that does not run, without waiting for it."""
        try:
            self._call("startProcess", _name(service), False)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != Faults.ALREADY_STARTED:
                raise PracticeError(
                    f"{service.name} did not start ({fault.faultString}): see {self.log_of(service)}."
                ) from fault

    def stop(self, service: Service) -> None:
        """Stop a service, if it runs, and wait until it has ended."""
        with suppress(xmlrpc.client.Fault):
            self._call("stopProcess", _name(service))

    def states(self) -> dict[str, State]:
        """The state of every service by its name; nothing where no supervisord answers."""
        try:
            found = self._call("getAllProcessInfo")
        except (OSError, xmlrpc.client.Error):
            return {}
        return {one["name"]: State(one["statename"], one["pid"]) for one in found}

    def log_of(self, service: Service) -> str:
        """The path of the service's log."""
        return str(self._folder.log / f"{service.name}.log")

    def shut_down(self) -> None:
        """Stop every service, the last started stage first, and supervisord; nothing where none answers."""
        with suppress(OSError, xmlrpc.client.Error, psutil.Error):
            supervisord = psutil.Process(self._call("getPID"))
            self._call("shutdown")
            supervisord.wait(_LONGEST_STOP)

    def _call(self, method: str, *arguments: object) -> Any:
        # A connection for each call: the transport does not recover from one that failed.
        transport = SupervisorTransport(None, None, f"unix://{self._folder.run / 'supervisor.sock'}")
        with closing(transport):
            server = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
            return getattr(server.supervisor, method)(*arguments)


def _name(service: Service) -> str:
    return f"{service.stage.name.lower()}:{service.name}"
