"""Servers that keep states, on loopback, each as long as a test wants it."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import requests
from practice.errors import PracticeError
from practice.install import install_packages

from tests.own_environment import NotToBeHadError, program
from tests.running import cannot_be_had

PATIENCE = 60
"""Seconds for a server to answer."""
BUCKET = "states"


@contextmanager
def s3() -> Iterator[str]:
    """The address of an S3 with one bucket, which writes an object only if there is none, where it is asked so.

    The test is skipped where it cannot be had.
    """
    try:
        server = program("moto", "moto_server")
    except NotToBeHadError as error:
        cannot_be_had("a server of S3", error)
    port = _free_port()
    command = [str(server), "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(process, lambda: _answers(address))
        requests.put(f"{address}/{BUCKET}", timeout=PATIENCE).raise_for_status()
        yield address
    finally:
        process.terminate()
        process.wait()


@contextmanager
def http() -> Iterator[str]:
    """The address of a server as Terraform's HTTP backend wants it: any path is a state."""
    states: dict[str, bytes] = {}
    locks: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, status: int, body: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _body(self) -> bytes:
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))

        def do_GET(self) -> None:
            state = states.get(self.path)
            self._answer(404 if state is None else 200, state or b"")

        def do_POST(self) -> None:
            states[urlsplit(self.path).path] = self._body()
            self._answer(200)

        def do_LOCK(self) -> None:
            body = self._body()
            held = locks.setdefault(self.path, body)
            self._answer(200 if held is body else 423, held)

        def do_UNLOCK(self) -> None:
            self._body()
            locks.pop(self.path, None)
            self._answer(200)

        def log_message(self, *_: object) -> None:
            """Nothing: the tests' output is for the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def postgres() -> Iterator[str]:
    """The connection string of a PostgreSQL with an empty database. The test is skipped where it cannot be had."""
    programs = _postgres_programs()
    # Not in pytest's folder, which is this user's alone: root may not run PostgreSQL.
    folder = Path(tempfile.mkdtemp(prefix="ivc-postgres-"))
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    process = None
    try:
        initdb: list[str | Path] = [
            programs / "initdb",
            "-A",
            "trust",
            "-U",
            "terraform",
            "--no-sync",
            "-D",
            folder / "data",
        ]
        subprocess.run(initdb, user=user, cwd=folder, env=_plain(), capture_output=True, check=True)
        port = _free_port()
        options: list[str | Path] = ["-h", "127.0.0.1", "-p", str(port), "-k", folder, "-c", "fsync=off"]
        server = [programs / "postgres", "-D", folder / "data", *options]
        process = subprocess.Popen(
            server, user=user, cwd=folder, env=_plain(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        is_ready = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        _wait_for(process, lambda: subprocess.run(is_ready, check=False).returncode == 0)
        yield f"postgres://terraform@127.0.0.1:{port}/postgres?sslmode=disable"
    finally:
        if process is not None:
            process.terminate()
            process.wait()
        shutil.rmtree(folder)


def _wait_for(process: subprocess.Popen[bytes], is_ready: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_ready():
        assert process.poll() is None, "it ended"
        assert time.monotonic() < end, "it does not answer"
        time.sleep(0.05)


def _answers(address: str) -> bool:
    with suppress(requests.ConnectionError):
        return requests.get(address, timeout=PATIENCE).ok
    return False


def _postgres_programs() -> Path:
    """The folder of the server's programs, which Debian keeps off PATH."""
    found = _found_programs()
    if found is None:
        try:
            install_packages(["postgresql"])
        except PracticeError as error:
            cannot_be_had("PostgreSQL", error)
        found = _found_programs()
        assert found is not None
    return found


def _found_programs() -> Path | None:
    debian = [str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    program = shutil.which("initdb", path=os.pathsep.join([*debian, os.environ.get("PATH", "")]))
    return Path(program).parent if program else None


def _plain() -> dict[str, str]:
    """An environment in which no settings of this user's lead elsewhere."""
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
