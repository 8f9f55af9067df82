"""A stand-in of Swift and Barbican on loopback, with the Keystone that leads to them: what came, and what is kept."""

from __future__ import annotations

import hashlib
import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.deploy.keystone import ROLES

ACCOUNT, SECRETS = "/v1/AUTH_shop", "/key-manager/v1/"
NOW = "2026-01-02T03:04:05.000000"


@dataclass
class Stores:
    """came: each call that changes something, in order, as `PUT releases/app`. objects: their contents by path.

    containers: their headers by name. kept: what Barbican has, by `secrets/ID` and `containers/ID`.
    """

    url: str = ""
    came: list[str] = field(default_factory=list)
    containers: dict[str, dict[str, str]] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def environment(self) -> dict[str, str]:
        """How the provider logs in."""
        return {
            "OS_AUTH_URL": f"{self.url}/v3",
            "OS_USERNAME": "ops",
            "OS_PASSWORD": "x",
            "OS_USER_DOMAIN_NAME": "Default",
            "OS_PROJECT_NAME": "shop-prod",
            "OS_PROJECT_DOMAIN_NAME": "Default",
        }

    def token(self) -> dict[str, Any]:
        """What Keystone says of any log-in."""
        places = {"identity": f"{self.url}/v3", "object-store": f"{self.url}{ACCOUNT}"}
        places["key-manager"] = f"{self.url}/key-manager"
        catalog = [
            {"type": kind, "name": kind, "endpoints": [{"interface": "public", "region": "GRA", "url": url}]}
            for kind, url in places.items()
        ]
        project = {"id": ROLES["shop-prod"], "name": "shop-prod", "domain": {"id": "default", "name": "Default"}}
        user = {"id": "ops-id", "name": "ops", "domain": {"id": "default", "name": "Default"}}
        until = "2099-01-01T00:00:00.000000Z"
        return {"token": {"project": project, "user": user, "catalog": catalog, "expires_at": until, "roles": []}}

    def swift(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        """The answer to a call of the object store: its status and headers."""
        container, _, name = path.partition("/")
        if not name:
            return self._container(method, container, headers)
        if method == "PUT":
            etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
            if headers.get("etag", etag) != etag:
                return 422, {}
            self.objects[path] = body
            return 201, {"Etag": etag}
        if path not in self.objects:
            return 404, {}
        if method == "DELETE":
            del self.objects[path]
            return 204, {}
        return 200, {"Etag": hashlib.md5(self.objects[path], usedforsecurity=False).hexdigest()}

    def _container(self, method: str, container: str, headers: dict[str, str]) -> tuple[int, dict[str, str]]:
        if method in ("PUT", "POST"):
            said = {key: value for key, value in headers.items() if key.startswith("x-container-")}
            self.containers[container] = self.containers.get(container, {}) | said
            return 201, {}
        if container not in self.containers:
            return 404, {}
        if method == "DELETE":
            if any(path.startswith(f"{container}/") for path in self.objects):
                return 409, {}
            del self.containers[container]
        return 204, self.containers.get(container, {})

    def barbican(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        """The answer to a call of the key manager: its status and content, as JSON or as bytes."""
        kind, _, rest = path.partition("/")
        id_, _, part = rest.partition("/")
        if method == "POST" and not rest:
            id_ = f"00000000-0000-4000-8000-{next(self._numbers):012}"
            reference = f"{self.url}{SECRETS}{kind}/{id_}"
            self.kept[f"{kind}/{id_}"] = {
                **json.loads(body), "status": "ACTIVE", "created": NOW, "updated": NOW,
                f"{kind.removesuffix('s')}_ref": reference,
            }  # fmt: skip
            return 201, {f"{kind.removesuffix('s')}_ref": reference}
        one = self.kept.get(f"{kind}/{id_}")
        if one is None:
            return 404, {}
        if part == "payload":
            return 200, one["payload"]
        if part == "metadata":
            return 200, {"metadata": {}}
        if part == "acl":
            if method in ("PUT", "PATCH"):
                one["acl"] = json.loads(body)
            return 200, one.get("acl", {"read": {"project-access": True, "users": []}})
        if method == "PUT":
            one |= {"payload": body, "content_types": {"default": "text/plain"}}
        elif method == "DELETE":
            del self.kept[f"{kind}/{id_}"]
        return 200 if method == "GET" else 204, {
            key: value for key, value in one.items() if key not in ("payload", "acl")
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stores: Stores

    def _do(self) -> None:
        body = self._body()
        status, headers, content = self._answer(self.path.partition("?")[0], body)
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD" and status != 204:
            self.wfile.write(content)

    def _answer(self, path: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        stores, method = self.stores, self.command
        if path.startswith(f"{ACCOUNT}/"):
            what = path.removeprefix(f"{ACCOUNT}/")
            self._note(f"{what} (empty)" if "/" in what and method == "PUT" and not body else what)
            said = {key.lower(): value for key, value in self.headers.items()}
            return *stores.swift(method, what, said, body), b""
        if path.startswith(SECRETS):
            what = path.removeprefix(SECRETS)
            status, answer = stores.barbican(method, what, body)
            self._note(what.partition("/")[0])
            return status, {}, answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        if path == "/v3/auth/tokens":
            content = json.dumps(stores.token()).encode()
            return (201, {"X-Subject-Token": "t"}, content) if method == "POST" else (200, {}, content)
        version = {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": f"{stores.url}/v3/"}]}
        return 200, {}, json.dumps({"versions": {"values": [version]}, "version": version}).encode()

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _note(self, what: str) -> None:
        if self.command not in ("GET", "HEAD"):
            self.stores.came.append(f"{self.command} {what}")

    def log_message(self, format: str, *args: object) -> None:
        pass


for _method in ("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"):
    setattr(_Handler, f"do_{_method}", _Handler._do)


@contextmanager
def serving() -> Iterator[Stores]:
    """Stores that answer."""
    stores = Stores()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"stores": stores}))
    server.daemon_threads = True
    stores.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield stores
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
