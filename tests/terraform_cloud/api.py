"""The stand-in's API, over TLS on loopback: JSON:API documents about what `runs.py` keeps."""

from __future__ import annotations

import itertools
import json
import re
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from tests.helpers import Json
from tests.terraform_cloud.runs import ConfigurationVersion, Log, Run, Workspace

TOKEN = "a-token-of-the-stand-in"

_CERTIFICATE = (
    *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"),
    *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
)

_PAUSE, _TRIES = 0.1, 3000

_PLACES: list[tuple[str, re.Pattern[str], Callable[..., object]]] = []
"""What is answered: method, path below /api/v2, and by what of Service."""


class RefusedError(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, title: str) -> None:
        super().__init__(title)
        self.status = status


def _answers(method: str, path: str) -> Callable[[Callable[..., object]], Callable[..., object]]:
    pattern = re.compile(re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", path))

    def note(function: Callable[..., object]) -> Callable[..., object]:
        _PLACES.append((method, pattern, function))
        return function

    return note


def _resource(type_: str, id_: str, attributes: Json, **relations: tuple[str, str] | None) -> Json:
    linked = {
        name.replace("_", "-"): {"data": {"type": to[0], "id": to[1]} if to else None} for name, to in relations.items()
    }
    return {"type": type_, "id": id_, "attributes": attributes, "relationships": linked}


_T = TypeVar("_T")


@dataclass
class Service:
    """The stand-in, with one organization, `acme`, and one token.

    host: how a `cloud` block calls it. certificate: the certificate authorities of this machine and its own, as
    `SSL_CERT_FILE` wants them. asked: each request, as method and path.
    """

    host: str
    folder: Path
    certificate: Path
    workspaces: dict[str, Workspace] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def runs(self) -> list[Run]:
        """All runs, the oldest first."""
        return [run for workspace in self.workspaces.values() for run in workspace.runs]

    @property
    def uploads(self) -> list[list[str]]:
        """The files of each archive that was uploaded, the oldest first."""
        return [version.files for one in self.workspaces.values() for version in one.versions if version.archive]

    def workspace(self, name: str, **settings: Any) -> Workspace:
        """Make a workspace. settings: its attributes in the API, with _ for -."""
        folder = self.folder / name
        folder.mkdir()
        attributes = {key.replace("_", "-"): value for key, value in settings.items()}
        made = Workspace(name, folder, f"ws-{next(self._numbers)}", settings=attributes)
        self.workspaces[name] = made
        return made

    def wait_for_log(self, step: str, said: bytes) -> None:
        """Until the newest run's `plan` or `apply` has said something."""
        for _ in range(_TRIES):
            log = getattr(self.runs[-1], step) if self.runs else None
            if log is not None and said in log.content:
                return
            time.sleep(_PAUSE)
        raise AssertionError(f"no run's {step} said {said!r}")

    def _by_id(self, id_: str) -> Workspace:
        return _one(one for one in self.workspaces.values() if one.id == id_)

    def _run(self, id_: str) -> Run:
        return _one(run for run in self.runs if run.id == id_)

    def _version(self, id_: str) -> ConfigurationVersion:
        return _one(one for space in self.workspaces.values() for one in space.versions if one.id == id_)

    def _log(self, step: str, number: str) -> Log:
        run = self._run(f"run-{number}")
        return run.plan if step == "plan" else run.apply

    # The documents.

    def _about_workspace(self, one: Workspace) -> Json:
        allowed = ("can-queue-run", "can-queue-apply", "can-update", "can-lock", "can-read-settings")
        attributes = {
            "name": one.name,
            "execution-mode": "remote",
            "operations": True,
            "locked": one.locked,
            "auto-apply": False,
            "terraform-version": "latest",
            "structured-run-output-enabled": True,
            "working-directory": "",
            "vcs-repo": None,
            "permissions": dict.fromkeys(allowed, True),
        }
        run = one.current_run
        return _resource(
            "workspaces",
            one.id,
            attributes | one.settings,
            organization=("organizations", "acme"),
            current_run=("runs", run.id) if run else None,
        )

    def _about_run(self, run: Run) -> Json:
        number = run.id.removeprefix("run-")
        attributes = {
            "status": run.status,
            "has-changes": run.has_changes,
            "is-destroy": bool(run.asked.get("is-destroy")),
            "message": run.asked.get("message", ""),
            "save-plan": run.saves_plan,
            "plan-only": run.version.speculative,
            "variables": run.asked.get("variables") or [],
            "actions": {
                "is-confirmable": run.is_confirmable,
                "is-discardable": run.is_discardable,
                "is-cancelable": run.is_cancelable,
            },
        }
        return _resource(
            "runs",
            run.id,
            attributes,
            workspace=("workspaces", run.workspace.id),
            configuration_version=("configuration-versions", run.version.id),
            plan=("plans", f"plan-{number}"),
            apply=("applies", f"apply-{number}"),
        )

    def _about_step(self, step: str, number: str) -> Json:
        log = self._log(step, number)
        return _resource(
            "plans" if step == "plan" else "applies",
            f"{step}-{number}",
            {
                "status": log.status,
                "has-changes": self._run(f"run-{number}").has_changes,
                "log-read-url": f"https://{self.host}/logs/{step}/{number}",
            },
        )

    def _about_version(self, one: ConfigurationVersion) -> Json:
        return _resource(
            "configuration-versions",
            one.id,
            {
                "status": "uploaded" if one.archive else "pending",
                "speculative": one.speculative,
                "upload-url": f"https://{self.host}/uploads/{one.id}",
            },
        )

    def _about_state(self, one: Workspace) -> Json:
        if not one.state.exists():
            raise RefusedError(404, "not found")
        return _resource(
            "state-versions",
            f"sv-{one.id}",
            {
                "hosted-state-download-url": f"https://{self.host}/states/{one.id}",
                "hosted-state-upload-url": f"https://{self.host}/states/{one.id}",
                "hosted-json-state-upload-url": f"https://{self.host}/nowhere",
                "status": "finalized",
            },
        )

    # The calls.

    @_answers("GET", "/ping")
    def _ping(self) -> None:
        return None

    @_answers("GET", "/organizations/acme/entitlement-set")
    def _entitlements(self) -> Json:
        return _resource("entitlement-sets", "org-acme", {"operations": True, "state-storage": True})

    @_answers("GET", "/organizations/acme/workspaces/<name>")
    def _workspace_by_name(self, name: str) -> Json:
        return self._about_workspace(_one(one for one in self.workspaces.values() if one.name == name))

    @_answers("POST", "/organizations/acme/workspaces")
    def _make_workspace(self, sent: Json) -> Json:
        return self._about_workspace(self.workspace(sent["attributes"]["name"]))

    @_answers("PATCH", "/workspaces/<id>")
    def _change_workspace(self, id: str, sent: Json) -> Json:
        one = self._by_id(id)
        one.settings |= sent["attributes"]
        return self._about_workspace(one)

    @_answers("POST", "/workspaces/<id>/configuration-versions")
    def _make_version(self, id: str, sent: Json) -> Json:
        speculative = bool(sent["attributes"].get("speculative"))
        made = ConfigurationVersion(f"cv-{next(self._numbers)}", speculative)
        self._by_id(id).versions.append(made)
        return self._about_version(made)

    @_answers("GET", "/configuration-versions/<id>")
    def _read_version(self, id: str) -> Json:
        return self._about_version(self._version(id))

    @_answers("POST", "/runs")
    def _make_run(self, sent: Json) -> Json:
        linked = {name: relation["data"]["id"] for name, relation in sent["relationships"].items()}
        workspace = self._by_id(linked["workspace"])
        version = self._version(linked["configuration-version"])
        run = Run(f"run-{next(self._numbers)}", workspace, version, sent["attributes"])
        workspace.start(run)
        return self._about_run(run)

    @_answers("GET", "/runs/<id>")
    def _read_run(self, id: str) -> tuple[Json, list[Json]]:
        run = self._run(id)
        step = self._about_step("plan", id.removeprefix("run-"))
        return self._about_run(run), [self._about_workspace(run.workspace), step]

    @_answers("GET", "/workspaces/<id>/runs")
    def _list_runs(self, id: str) -> list[Json]:
        return [self._about_run(run) for run in reversed(self._by_id(id).runs)]

    @_answers("GET", "/runs/<id>/run-events")
    @_answers("GET", "/runs/<id>/task-stages")
    def _nothing(self, id: str) -> list[Json]:
        return []

    @_answers("GET", "/organizations/acme/runs/queue")
    def _queue(self) -> list[Json]:
        return []

    @_answers("POST", "/runs/<id>/actions/<action>")
    def _act(self, id: str, action: str, sent: Json) -> None:
        run = self._run(id)
        allowed, do = {
            "apply": (run.is_confirmable, run.workspace.confirm),
            "discard": (run.is_discardable, run.workspace.discard),
            "cancel": (run.is_cancelable, run.workspace.cancel),
        }[action]
        if not allowed:
            raise RefusedError(409, f"{action} is not possible: the run is {run.status}")
        do(run)

    @_answers("GET", "/plans/plan-<number>")
    def _read_plan(self, number: str) -> Json:
        return self._about_step("plan", number)

    @_answers("GET", "/applies/apply-<number>")
    def _read_apply(self, number: str) -> Json:
        return self._about_step("apply", number)

    @_answers("GET", "/plans/plan-<number>/json-output")
    def _plan_json(self, number: str) -> bytes:
        run = self._run(f"run-{number}")
        if not run.workspace.admin:
            raise RefusedError(404, "not found")
        return json.dumps(run.plan_json).encode()

    @_answers("GET", "/plans/plan-<number>/json-output-redacted")
    def _redacted_plan_json(self, number: str) -> bytes:
        return json.dumps(self._run(f"run-{number}").redacted_json).encode()

    @_answers("GET", "/workspaces/<id>/current-state-version")
    def _current_state(self, id: str) -> Json:
        return self._about_state(self._by_id(id))

    @_answers("GET", "/state-versions/sv-<id>")
    def _read_state(self, id: str) -> Json:
        return self._about_state(self._by_id(id))

    @_answers("POST", "/workspaces/<id>/state-versions")
    def _make_state(self, id: str, sent: Json) -> Json:
        one = self._by_id(id)
        one.state.touch()
        return self._about_state(one)

    @_answers("POST", "/workspaces/<id>/actions/<action>")
    def _lock(self, id: str, action: str, sent: Json) -> Json:
        one = self._by_id(id)
        if one.locked == (action == "lock"):
            raise RefusedError(409, f"workspace already {action}ed")
        one.locked = action == "lock"
        return self._about_workspace(one)

    @_answers("GET", "/workspaces/<id>/current-state-version-outputs")
    def _outputs(self, id: str) -> list[Json]:
        return [self._about_output(id, name, hide=True) for name in self._values(id)]

    @_answers("GET", "/state-version-outputs/wsout-<id>:<name>")
    def _output(self, id: str, name: str) -> Json:
        return self._about_output(id, name, hide=False)

    def _values(self, id_: str) -> Json:
        state = self._by_id(id_).state
        values: Json = json.loads(state.read_text())["outputs"] if state.exists() else {}
        return values

    def _about_output(self, id_: str, name: str, *, hide: bool) -> Json:
        value = self._values(id_)[name]
        sensitive = value.get("sensitive", False)
        attributes = {
            "name": name,
            "sensitive": sensitive,
            "type": value["type"] if isinstance(value["type"], str) else value["type"][0],
            "detailed-type": value["type"],
            "value": None if sensitive and hide else value["value"],
        }
        return _resource("state-version-outputs", f"wsout-{id_}:{name}", attributes)

    # Addresses that are secrets of their own, and take no token.

    def foreign(self, method: str, path: str, query: dict[str, list[str]], body: bytes) -> bytes:
        """What stands outside of the API: archives, logs and states."""
        match path.strip("/").split("/"), method:
            case [".well-known", "terraform.json"], "GET":
                return json.dumps({"tfe.v2": "/api/v2/"}).encode()
            case ["uploads", id_], "PUT":
                self._version(id_).archive = body
            case ["logs", step, number], "GET":
                return self._log(step, number).part(int(query["offset"][0]), int(query["limit"][0]))
            case ["states", id_], "GET":
                return self._by_id(id_).state.read_bytes()
            case ["states", id_], "PUT":
                self._by_id(id_).state.write_bytes(body)
            case ["nowhere"], "PUT":
                pass
            case _:
                raise RefusedError(404, "not found")
        return b""

    def answer(self, method: str, path: str, body: bytes) -> bytes:
        """What stands in the API."""
        for known, pattern, function in _PLACES:
            found = pattern.fullmatch(path)
            if found and known == method:
                given: Json = found.groupdict()
                if body or method == "POST":
                    given["sent"] = (json.loads(body) if body else {}).get("data", {})
                answer = function(self, **given)
                if answer is None or isinstance(answer, bytes):
                    return answer or b""
                document: Json = {"data": answer[0] if isinstance(answer, tuple) else answer}
                if isinstance(answer, tuple):
                    document["included"] = answer[1]
                if isinstance(answer, list):
                    document["meta"] = {"pagination": {"current-page": 1, "total-pages": 1}}
                return json.dumps(document).encode()
        raise RefusedError(404, "not found")


def _one(found: Iterator[_T]) -> _T:
    first = next(found, None)
    if first is None:
        raise RefusedError(404, "not found")
    return first


def _handler(service: Service) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            place = urlsplit(self.path)
            service.asked.append(f"{self.command} {place.path}")
            try:
                if place.path.startswith("/api/v2/"):
                    if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                        raise RefusedError(401, "unauthorized")
                    answer = service.answer(self.command, place.path.removeprefix("/api/v2"), body)
                else:
                    answer = service.foreign(self.command, place.path, parse_qs(place.query), body)
                status = 200
            except RefusedError as refused:
                status = refused.status
                answer = json.dumps({"errors": [{"status": str(status), "title": str(refused)}]}).encode()
            self.send_response(status)
            self.send_header(
                "Content-Type", "application/vnd.api+json" if "/api/" in place.path else "application/json"
            )
            self.send_header("TFP-API-Version", "2.6")
            self.send_header("TFP-AppName", "HCP Terraform")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PUT = do_PATCH = _serve  # noqa: N815

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    return Handler


@contextmanager
def service(folder: Path) -> Iterator[Service]:
    """The stand-in, up."""
    key, own = folder / "key.pem", folder / "own.pem"
    subprocess.run(
        [*_CERTIFICATE, "-keyout", str(key), "-out", str(own)],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own, key)
    known = ssl.get_default_verify_paths().cafile
    certificate = folder / "authorities.pem"
    certificate.write_text((Path(known).read_text() if known else "") + own.read_text())

    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        server.daemon_threads = True
        made = Service(f"localhost:{server.server_port}", folder, certificate)
        server.RequestHandlerClass = _handler(made)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield made
        server.shutdown()
