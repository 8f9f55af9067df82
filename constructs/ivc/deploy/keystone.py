"""Asking Keystone for a token, as the OpenStack provider does, and what is wrong where it gives none.

By the standard library: it trusts this machine's own certificates, as Terraform does, where `requests`, which
keystoneauth stands on, brings its own; and what goes into the one request must be weighed as the provider weighs it.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import re
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from ivc.deploy.errors import DeployError
from ivc.words.foreign_text import shortened, visible

_PATIENCE = 10.0
"""Seconds for a connection, and for an answer."""
_GENERIC = "The request you have made requires authentication."
"""All that Keystone says of a wrong password, and of much else."""
_EXAMPLE = "https://keystone.example.com:5000/v3"
_NOT_OF_A_CA = {10: "expired", 62: "for another host", 64: "for another host"}
"""By OpenSSL's number, what no other CA file would cure."""


class UnjudgedError(Exception):
    """Terraform may come through where we do not."""


@dataclass(frozen=True)
class Login:
    """What a token is asked with.

    where: who said it, in words. url: Keystone's address. identity, scope: as its API takes them; no scope is the
    user's default project. context: what is trusted, and the client's certificate; None is Python's own. hint: how to
    give the CA's file.
    """

    where: str
    url: str
    identity: Mapping[str, Any]
    scope: Mapping[str, Any] | None
    context: ssl.SSLContext | None
    hint: str

    def __repr__(self) -> str:  # it holds secrets
        return f"Login({self.where})"


@dataclass(frozen=True)
class _Answer:
    status: int
    token: str
    body: Mapping[str, Any]

    @property
    def words(self) -> str:
        """What Keystone says of an error, where it says more than nothing."""
        error = self.body.get("error")
        said = str(error.get("message") or "") if isinstance(error, Mapping) else ""
        return "" if said == _GENERIC else shortened(visible(" ".join(said.split())), 200).removesuffix(".")

    @property
    def is_keystones(self) -> bool:
        return isinstance(self.body.get("error"), Mapping)


def log_in(login: Login) -> Mapping[str, Any]:
    """The token that Keystone gives, as its API describes it: its project, its catalog.

    Raises DeployError for what is wrong, and UnjudgedError for what may be no fault of the credentials.
    """
    base = _versioned(login)
    answer = _token(login, base, scoped=True)
    if answer.status == 201 and isinstance(token := answer.body.get("token"), Mapping):
        return token
    if answer.status in (429, *range(500, 600)):
        raise UnjudgedError
    if answer.status == 401:
        raise DeployError(f"{login.where}: {_refused(login, base, answer)}")
    if answer.status == 404 and answer.is_keystones:
        raise DeployError(f"{login.where}: {_unknown(login)}")
    if answer.is_keystones:
        why = answer.words or "it does not say why"
        raise DeployError(f"{login.where}: {shown(login.url)} refuses the login ({answer.status}): {why}")
    raise DeployError(_no_keystone(login))


def shown(url: str) -> str:
    """An address without what it may hold of a user and a password."""
    parts = urlsplit(url)
    return visible(parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl())


def check_address(where: str, url: str) -> None:
    """Raises DeployError for what is no address of the web."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise DeployError(
            f"{where}: auth_url: {url!r} is no address; write it as in https://keystone.example.com:5000/v3"
        )


def _token(login: Login, base: str, *, scoped: bool) -> _Answer:
    auth: dict[str, Any] = {"identity": login.identity}
    if not scoped:
        auth["scope"] = "unscoped"
    elif login.scope is not None:
        auth["scope"] = login.scope
    return _ask(login, f"{base}/auth/tokens", body={"auth": auth})


def _refused(login: Login, base: str, answer: _Answer) -> str:
    """Why Keystone says 401, which it says of a wrong user, password, project and role alike."""
    method = login.identity["methods"][0]
    if answer.words:
        return f"{shown(login.url)} refuses the login: {answer.words}"
    if method == "application_credential":
        called = login.identity[method].get("id") or login.identity[method].get("name")
        return (
            f"{shown(login.url)} refuses the application credential {called!r}: its secret is wrong, or it has "
            "expired; correct it, or make a new one with `openstack application credential create`"
        )
    if method == "token":
        return f"{shown(login.url)} refuses the token: it has expired, or may not enter the project; get a new one"
    user = login.identity[method]["user"]
    who = f"user {user.get('name') or user['id']!r}"
    if login.scope is not None:
        unscoped = _token(login, base, scoped=False)
        if unscoped.status == 201:
            return _kept_out(login, base, who, unscoped)
    domain = user.get("domain", {})
    of_domain = f" of domain {next(iter(domain.values()))!r}" if domain else ""
    return (
        f"{shown(login.url)} does not let {who}{of_domain} in: the user, the domain or the password is wrong, and "
        "Keystone does not say which; correct them"
    )


def _kept_out(login: Login, base: str, who: str, unscoped: _Answer) -> str:
    """Who may log in, and not where they want to."""
    ((kind, named),) = (login.scope or {}).items()
    where = f"{kind} {named.get('name') or named.get('id')!r}" if kind != "system" else "the system as a whole"
    said = f"{shown(login.url)} lets {who} in, but not into {where}: there is none, or the user has no role in it"
    asked = _ask(login, f"{base}/auth/projects", token=unscoped.token)
    projects = asked.body.get("projects") if asked.status == 200 else None
    names = [str(one["name"]) for one in projects or () if isinstance(one, Mapping) and "name" in one]
    has = f"it has one in {', '.join(map(repr, sorted(names)))}" if names else "ask for a role"
    return f"{said}; {has}"


def _unknown(login: Login) -> str:
    method = login.identity["methods"][0]
    if method == "application_credential":
        called = login.identity[method].get("id") or login.identity[method].get("name")
        return (
            f"{shown(login.url)} knows no application credential {called!r}; correct it, or make one with `openstack "
            "application credential create`"
        )
    return f"{shown(login.url)} does not know the {method}; get a new one"


def _no_keystone(login: Login) -> str:
    return (
        f"{login.where}: auth_url: {shown(login.url)} does not answer as Keystone does; give the address of the "
        f"identity service, such as {_EXAMPLE}"
    )


def _versioned(login: Login) -> str:
    """The address of Keystone's version 3; where the given one says no version, Keystone is asked."""
    plain = login.url.rstrip("/")
    if plain.endswith("/v3"):
        return plain
    if plain.endswith("/v2.0"):
        raise UnjudgedError
    parts = urlsplit(plain)
    base = parts._replace(path=re.sub(r"v[0-9.]+/?.*", "", parts.path, count=1), query="", fragment="").geturl()
    answer = _ask(login, f"{base.rstrip('/')}/")
    if answer.status >= 500:
        raise UnjudgedError
    versions = answer.body.get("versions")
    values = versions.get("values") if isinstance(versions, Mapping) else None
    for one in values if isinstance(values, list) else ():
        with suppress(TypeError, KeyError, AttributeError):
            if "v3" in one["id"] and one["status"].lower() in ("current", "supported", "stable"):
                return str(next(link["href"] for link in one["links"] if link["rel"] == "self")).rstrip("/")
    raise DeployError(_no_keystone(login))


def _ask(login: Login, url: str, *, body: Mapping[str, Any] | None = None, token: str = "") -> _Answer:
    """What comes of a call; a status of any kind is an answer."""
    parts = urlsplit(url)
    headers = {"Accept": "application/json", **({"X-Auth-Token": token} if token else {})}
    data = json.dumps(body).encode() if body is not None else None
    if data is not None:
        headers["Content-Type"] = "application/json"
    check_address(login.where, url)
    request = urllib.request.Request(url, data=data, headers=headers)  # noqa: S310 - its scheme has been checked
    proxies = _proxies(parts)
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler(proxies), urllib.request.HTTPSHandler(context=login.context)
    )
    try:
        with opener.open(request, timeout=_PATIENCE) as answer:
            return _read(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return _read(error.code, error.headers, error.read())
    except urllib.error.URLError as error:
        if parts.scheme in proxies:  # Terraform's way through it may be another
            raise UnjudgedError from None
        raise DeployError(f"{login.where}: auth_url: {_unreached(login, parts, error.reason)}") from None
    except TimeoutError:  # it is there, and slow
        raise UnjudgedError from None
    except (OSError, http.client.HTTPException):
        if parts.scheme in proxies:
            raise UnjudgedError from None
        raise DeployError(_no_keystone(login)) from None


def _read(status: int, headers: Any, content: bytes) -> _Answer:
    try:
        body = json.loads(content)
    except ValueError:
        body = None
    return _Answer(status, str(headers.get("X-Subject-Token") or ""), body if isinstance(body, dict) else {})


def _unreached(login: Login, parts: SplitResult, reason: object) -> str:
    """Why there is no connection to a host, and what to do."""
    host, there = visible(str(parts.hostname)), shown(login.url)
    reach = "is it the right address, and can this machine reach it?"
    if isinstance(reason, ssl.SSLCertVerificationError):
        what = visible(reason.verify_message.removesuffix("."))
        if reason.verify_code in _NOT_OF_A_CA:
            return f"the TLS certificate of {there} is {_NOT_OF_A_CA[reason.verify_code]}; ask whoever runs the cloud"
        return f"the TLS certificate of {there} is not trusted ({what}); {login.hint}"
    if isinstance(reason, ssl.SSLError):
        return (
            f"{there} does not speak TLS as it should ({visible(str(reason.reason))}); is it http://, or another port?"
        )
    if isinstance(reason, socket.gaierror):
        online = "correct it" if reason.errno == socket.EAI_NONAME else "is this machine online?"
        return f"there is no host called {host} ({reason.strerror}); {online}"
    if isinstance(reason, TimeoutError):
        return f"{there} does not answer within {_PATIENCE:.0f} s; {reach}"
    words = reason.strerror if isinstance(reason, OSError) and reason.strerror else str(reason)
    return f"{there} cannot be reached ({visible(words)}); {reach}"


def _proxies(parts: SplitResult) -> dict[str, str]:
    """The proxies that the environment names; as Go has it, never one to this machine itself."""
    host = str(parts.hostname)
    with suppress(ValueError):
        if host == "localhost" or ipaddress.ip_address(host).is_loopback:
            return {}
    return urllib.request.getproxies()
