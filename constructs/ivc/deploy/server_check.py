"""What a user has asked of a server before the next one is touched: a TCP port, an HTTP answer, a command.

tcp://{address}:22           something accepts a connection
http://{address}:8080/health the answer is 2xx or 3xx; https:// likewise, with a certificate that is valid
./smoke {name} {address}     anything else is a command for `sh`, which ends with status 0
"""

from __future__ import annotations

import http.client
import os
import re
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from ivc.deploy.errors import DeployError
from ivc.deploy.standing import ACTIVE, Standing
from ivc.words.foreign_text import visible

# `${name}` is the shell's own.
_PLACE = re.compile(r"(?<!\$)\{(name|address(?::[^{}]+)?)\}")
_URL = re.compile(r"(tcp|https?)://")
_EXAMPLES = "tcp://{address}:22, http://{address}/health, or a command"
_PAUSE = 2.0
"""Seconds between two tries."""
_ANSWER = 10.0
"""Seconds that a port or an HTTP server gets for one answer."""


@dataclass(frozen=True)
class ServerCheck:
    """A check. text: as it was given, with `{name}`, `{address}` and `{address:NETWORK}` in it."""

    kind: Literal["tcp", "http", "https", "command"]
    text: str

    @classmethod
    def parse(cls, text: str) -> ServerCheck:
        """The check that a text says; raises DeployError for what is none."""
        found = _URL.match(text)
        if found is None:
            if not text.strip() or re.match(r"\w+:(//|\d)", text):
                raise DeployError(f"--check: {text!r} is none: give {_EXAMPLES}")
            return cls("command", text)
        filled = _PLACE.sub("192.0.2.1", text)
        if "{" in filled:
            raise DeployError(f"--check: {text!r}: write {{name}}, {{address}} or {{address:NETWORK}} in it")
        url = _split(filled)
        if url is None or (found[1] == "tcp" and (url.port is None or url.path or url.query)):
            wanted = "tcp://{address}:PORT" if found[1] == "tcp" else "http://{address}:PORT/path"
            raise DeployError(f"--check: {text!r} is no address to ask: write {wanted}")
        return cls(found[1], text)  # type: ignore[arg-type]

    def check_places(self, server: str, networks: Sequence[str]) -> None:
        """Raise DeployError where a server has no address that the check names. networks: in which it has any."""
        for place in _PLACE.findall(self.text):
            network = place.partition(":")[2]
            if (place == "address" and not networks) or (network and network not in networks):
                there = f"the output `instances` has {', '.join(networks) or 'none'} of it"
                raise DeployError(f"--check: {{{place}}}: {server} has no such address: {there}")

    def for_server(self, server: Standing) -> str:
        """The text with what stands in it for a server; raises LookupError where an address is not known."""

        def value(found: re.Match[str]) -> str:
            if found[1] == "name":
                return server.id
            network = found[1].partition(":")[2]
            address = server.address_on(network) if network else server.address
            if address is None:
                raise LookupError(f"the state has no address of it for {found[0]}")
            return f"[{address}]" if ":" in address and self.kind != "command" else address

        quoted = (lambda found: shlex.quote(value(found))) if self.kind == "command" else value
        return _PLACE.sub(quoted, self.text)

    def failure(self, server: Standing, *, seconds: float) -> str | None:
        """Why a server fails, by one try; None where it passes. seconds: that it gets."""
        try:
            text = self.for_server(server)
        except LookupError as error:
            return str(error.args[0])
        said = self.text if text == self.text else f"{self.text} ({text})" if self.kind == "command" else text
        why = _of_command(text, seconds) if self.kind == "command" else _of_address(text, min(seconds, _ANSWER))
        return None if why is None else visible(f"{said}: {why}")


@dataclass(frozen=True)
class Judge:
    """Judges servers: by their status, then by the check, which is tried until it passes or the time is over.

    seconds: how long a server gets. clock, sleep: what is stood in for in tests.
    """

    check: ServerCheck | None
    seconds: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def failure(self, server: Standing | None) -> str | None:
        """Why a server is not well; None where it is. Not told by its status: whether the guest has come up."""
        if server is None:
            return "it is not in the state"
        if not server.is_whole:
            return "it was not made whole"
        if server.status != ACTIVE:
            return f"its status is {visible(server.status) or 'unknown'}, not {ACTIVE}"
        if self.check is None:
            return None
        end = self.clock() + self.seconds
        while True:
            left = end - self.clock()
            why = self.check.failure(server, seconds=max(left, 1.0))
            if why is None:
                return None
            if self.clock() + _PAUSE >= end:
                return why
            self.sleep(_PAUSE)


def _split(text: str) -> SplitResult | None:
    try:
        url = urlsplit(text)
        return url if url.hostname and (url.port is None or url.port) else None
    except ValueError:
        return None


def _of_address(text: str, seconds: float) -> str | None:
    url = urlsplit(text)
    host = url.hostname or ""
    try:
        if url.scheme == "tcp":
            socket.create_connection((host, url.port or 0), timeout=seconds).close()
            return None
        # No proxy, and no other address that it may lead to: this server is meant.
        kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        connection = kind(host, url.port, timeout=seconds)
        try:
            connection.request("GET", (url.path or "/") + (f"?{url.query}" if url.query else ""))
            answer = connection.getresponse()
        finally:
            connection.close()
    except (OSError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
    return None if 200 <= answer.status < 400 else f"the answer is {answer.status} {answer.reason}"


def _of_command(text: str, seconds: float) -> str | None:
    """Its own session, so that what it started ends with it."""
    with subprocess.Popen(
        ["sh", "-c", text],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            said = process.communicate(timeout=seconds)[0]
        except BaseException as error:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            if isinstance(error, subprocess.TimeoutExpired):
                return f"it did not end within {seconds:.0f} s"
            raise
    if process.returncode == 0:
        return None
    last = next((line.strip() for line in reversed(said.splitlines()) if line.strip()), "")
    return f"it ends with status {process.returncode}{f', and says: {last}' if last else ''}"
