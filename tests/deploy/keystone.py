"""A stand-in of Keystone on loopback: it knows a user, a project and an application credential, and keeps what came."""

from __future__ import annotations

import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PASSWORD = "correct-horse"
APPLICATION_CREDENTIAL = ("0a" * 16, "battery-staple")
TOKEN = "gAAAAAB-known"
ROLES = {"shop-prod": "1b" * 16, "shop-test": "2c" * 16}
REGIONS = ("BHS5", "GRA11")

_SAYS_NOTHING = "The request you have made requires authentication."

Json = Mapping[str, Any]


@dataclass
class Keystone:
    """asked: each body, and what was asked without one. always: an answer to everything, status and content."""

    url: str = ""
    asked: list[Any] = field(default_factory=list)
    always: tuple[int, bytes] | None = None
    wait: threading.Event | None = None

    def answer(self, path: str, token: str, body: Any) -> tuple[int, Json]:
        if path == "/":
            link = {"rel": "self", "href": f"{self.url}/v3/"}
            return 300, {"versions": {"values": [{"id": "v3.14", "status": "stable", "links": [link]}]}}
        if path == "/v3/auth/projects":
            return 200, {"projects": [{"name": name} for name in ROLES]} if token == "unscoped" else {}
        if path != "/v3/auth/tokens":
            return 404, {}
        return self._token(body["auth"])

    def _token(self, auth: Json) -> tuple[int, Json]:
        identity, scope = auth["identity"], auth.get("scope")
        (method,) = identity["methods"]
        given = identity[method]
        if method == "password":
            user = {**given["user"]}
            known = user.pop("password") == PASSWORD and user in (
                {"name": "ops", "domain": {"name": "Default"}},
                {"name": "ops", "domain": {"id": "default"}},
                {"id": "ops-id"},
            )
        elif method == "application_credential":
            if given.get("id") != APPLICATION_CREDENTIAL[0]:
                return _error(404, f"Could not find Application Credential: {given.get('id')}.")
            known = given["secret"] == APPLICATION_CREDENTIAL[1]
        else:
            if given["id"] != TOKEN:
                return _error(404, "Could not recognize Fernet token")
            known = True
        if not known or not _may_enter(scope):
            return _error(401, _SAYS_NOTHING)
        if scope in (None, "unscoped") and method != "application_credential":
            return 201, {"token": {"methods": [method]}}
        endpoints = [{"region": one, "region_id": one, "interface": "public", "url": self.url} for one in REGIONS]
        catalog = [{"type": kind, "name": kind, "endpoints": endpoints} for kind in ("identity", "compute")]
        project = {"id": "1b" * 16, "name": "shop-prod", "domain": {"id": "default", "name": "Default"}}
        until = "2099-01-01T00:00:00.000000Z"
        user = {"id": "ops-id", "name": "ops", "domain": {"id": "default", "name": "Default"}}
        return 201, {"token": {"project": project, "catalog": catalog, "expires_at": until, "user": user, "roles": []}}


def _may_enter(scope: Any) -> bool:
    if scope in (None, "unscoped"):
        return True
    project = scope.get("project", {})
    by_name = project.get("name") in ROLES and project.get("domain") in ({"name": "Default"}, {"id": "default"})
    return by_name or project.get("id") in ROLES.values()


def _error(code: int, message: str) -> tuple[int, Json]:
    return code, {"error": {"code": code, "message": message, "title": "..."}}


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[Keystone]:
    """A Keystone that answers; with TLS where a context is given."""
    keystone = Keystone()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._do(None)

        def do_POST(self) -> None:
            self._do(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _do(self, body: Any) -> None:
            keystone.asked.append(body if body is not None else self.path)
            if keystone.wait is not None:
                keystone.wait.wait()
            token = self.headers.get("X-Auth-Token", "")
            status, said = keystone.always or keystone.answer(self.path, token, body)
            content = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            unscoped = isinstance(body, dict) and body["auth"].get("scope") == "unscoped"
            self.send_header("X-Subject-Token", "unscoped" if unscoped else "scoped")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    keystone.url = f"{'https' if context else 'http'}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield keystone
    finally:
        if keystone.wait is not None:
            keystone.wait.set()
        server.shutdown()
        server.server_close()
        thread.join()


def certificate(folder: Path, *, host: str = "127.0.0.1", days: int = 1) -> tuple[Path, ssl.SSLContext]:
    """A certificate that signs itself, and how a server shows it. days: how long it is good; below 0 it has expired."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "keystone")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, key_file = folder / "ca.pem", folder / "key.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key_file)
    return file, context
