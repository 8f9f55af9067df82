"""Whether Terraform can log in, told before it plans: what is missing or wrong is one sentence.

Read as the OpenStack provider reads it (its provider.go, terraform-provider-openstack/utils, gophercloud): its own
arguments, `OS_*`, and a cloud of clouds.yaml, whose gaps `OS_*` fill.
"""

from __future__ import annotations

import difflib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivc.deploy import clouds_yaml, keystone
from ivc.deploy.clouds_yaml import Cloud
from ivc.deploy.errors import DeployError
from ivc.words.foreign_text import visible


@dataclass(frozen=True)
class _Part:
    """How a part of a login is given. argument: of the provider. variables: of the environment.

    Of several variables the provider takes the first, and beside a cloud of clouds.yaml the last.
    """

    argument: str
    variables: tuple[str, ...]


_PARTS: Mapping[str, _Part] = {
    "auth_url": _Part("auth_url", ("OS_AUTH_URL",)),
    "username": _Part("user_name", ("OS_USERNAME",)),
    "user_id": _Part("user_id", ("OS_USER_ID",)),
    "password": _Part("password", ("OS_PASSWORD",)),
    "token": _Part("token", ("OS_TOKEN", "OS_AUTH_TOKEN")),
    "project_name": _Part("tenant_name", ("OS_TENANT_NAME", "OS_PROJECT_NAME")),
    "project_id": _Part("tenant_id", ("OS_TENANT_ID", "OS_PROJECT_ID")),
    "domain_name": _Part("domain_name", ("OS_DOMAIN_NAME",)),
    "domain_id": _Part("domain_id", ("OS_DOMAIN_ID",)),
    "default_domain": _Part("default_domain", ("OS_DEFAULT_DOMAIN",)),
    "user_domain_name": _Part("user_domain_name", ("OS_USER_DOMAIN_NAME",)),
    "user_domain_id": _Part("user_domain_id", ("OS_USER_DOMAIN_ID",)),
    "project_domain_name": _Part("project_domain_name", ("OS_PROJECT_DOMAIN_NAME",)),
    "project_domain_id": _Part("project_domain_id", ("OS_PROJECT_DOMAIN_ID",)),
    "application_credential_id": _Part("application_credential_id", ("OS_APPLICATION_CREDENTIAL_ID",)),
    "application_credential_name": _Part("application_credential_name", ("OS_APPLICATION_CREDENTIAL_NAME",)),
    "application_credential_secret": _Part("application_credential_secret", ("OS_APPLICATION_CREDENTIAL_SECRET",)),
    "system_scope": _Part("system_scope", ("OS_SYSTEM_SCOPE",)),
}
"""By its name in clouds.yaml."""

_APPLICATION_CREDENTIAL = ("application_credential_id", "application_credential_name", "application_credential_secret")
_YES = ("1", "t", "true", "yes", "on", "y")


def check(provider: Mapping[str, Any], *, environment: Mapping[str, str], folder: Path) -> None:
    """Log in as Terraform will, with one token; nothing is changed, and nothing kept.

    provider: a `provider.openstack` block of a stack's JSON. What is a reference in it is not judged.
    environment: what Terraform gets. folder: where it runs, which is where it looks for clouds.yaml first.

    Raises DeployError for what is missing or wrong, never with a secret in it. Returns where there is nothing wrong,
    and where that cannot be told: a cloud that answers with an error of its own, a proxy, a way of login that is not
    Keystone's version 3.
    """
    with suppress(keystone.UnjudgedError):
        said = _read(provider, environment, folder)
        login = _login(said, folder)
        if not any("${" in value for value in (*said.auth.values(), *said.settings.values())):
            _check_token(said, keystone.log_in(login))


def check_told(*, environment: Mapping[str, str], folder: Path) -> None:
    """Raise DeployError where a login that only the environment tells is not whole; asks no cloud."""
    with suppress(keystone.UnjudgedError):
        _login(_read({}, environment, folder), folder)


def _login(said: _Said, folder: Path) -> keystone.Login:
    auth = _with_domains(said)
    return keystone.Login(
        where=said.where,
        url=auth["auth_url"],
        identity=_identity(said, auth),
        scope=_scope(said, auth),
        context=_trust(said, folder),
        hint=f"give its CA's file: {said.give('cacert')}",
    )


@dataclass(frozen=True)
class _Said:
    """What was said of a login. auth: the parts, by their names in clouds.yaml. settings: of the connection."""

    cloud: Cloud | None
    auth: Mapping[str, str]
    auth_type: str
    settings: Mapping[str, str]

    @property
    def where(self) -> str:
        """Who said it."""
        return str(self.cloud) if self.cloud else "the credentials in the environment (OS_*)"

    def give(self, *parts: str) -> str:
        """How to give parts of it."""
        names = {"cacert": "OS_CACERT", "cert": "OS_CERT", "key": "OS_KEY", "region_name": "OS_REGION_NAME"}
        variables = " and ".join(names.get(one) or _PARTS[one].variables[-1] for one in parts)
        if self.cloud is None:
            return f"set {variables}"
        return f"write {' and '.join(parts)} there, or set {variables}"

    def fails(self, what: str, fix: str) -> DeployError:
        return DeployError(f"{self.where}: {what}; {fix}")


@dataclass(frozen=True)
class _Sources:
    """Where a login may be said. block: the provider's own arguments."""

    block: Mapping[str, Any]
    environment: Mapping[str, str]

    def argument(self, name: str, *variables: str) -> str:
        """An argument of the provider, or what it takes instead: the first variable that says something."""
        value = self.block.get(name)
        given = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        return given or self.first(*variables)

    def first(self, *variables: str) -> str:
        return next((self.environment[one] for one in variables if self.environment.get(one)), "")


def _read(provider: Mapping[str, Any], environment: Mapping[str, str], folder: Path) -> _Said:
    sources = _Sources(provider, environment)
    name, region = sources.argument("cloud", "OS_CLOUD"), sources.argument("region", "OS_REGION_NAME")
    if "${" in name or "${" in region or sources.argument("swauth", "OS_SWAUTH").lower() in _YES:
        raise keystone.UnjudgedError
    cloud = clouds_yaml.find(name, region=region, environment=environment, folder=folder) if name else None
    auth = _auth(cloud, sources)
    settings = cloud.settings if cloud else {}
    said = _Said(cloud, auth, str(settings.get("auth_type") or ""), _connection(settings, region, sources))
    version = sources.first("OS_IDENTITY_API_VERSION") or str(settings.get("identity_api_version") or "")
    # Of a trust the provider's versions make different things.
    if version in ("2", "2.0") or sources.first("OS_TRUST_ID") or (cloud and "trust_id" in cloud.auth):
        raise keystone.UnjudgedError
    if not auth["auth_url"]:
        raise _nothing(said, environment, folder)
    if "${" not in auth["auth_url"]:
        keystone.check_address(said.where, auth["auth_url"])
    return said


def _auth(cloud: Cloud | None, sources: _Sources) -> dict[str, str]:
    """The parts of a login as they are given; what the cloud does not say, the environment does."""
    if cloud is not None:
        auth = {part: cloud.auth.get(part, "") for part in _PARTS}
    else:
        auth = {part: sources.argument(how.argument, *how.variables) for part, how in _PARTS.items()}
        auth["default_domain"] = auth["default_domain"] or "default"
        auth["system_scope"] = auth["system_scope"] if auth["system_scope"].lower() in _YES else ""
    for part, how in _PARTS.items():
        auth[part] = auth[part] or sources.first(*how.variables[::-1])
    auth["auth_url"] = auth["auth_url"] or sources.argument("auth_url")
    return auth


def _connection(cloud: Mapping[str, Any], region: str, sources: _Sources) -> dict[str, str]:
    """How Keystone is reached; cloud: the settings of clouds.yaml."""
    insecure = sources.argument("insecure", "OS_INSECURE")
    if not insecure and cloud.get("verify"):
        insecure = "false" if str(cloud["verify"]).lower() in _YES else "true"
    return {
        "cacert": sources.argument("cacert_file", "OS_CACERT") or str(cloud.get("cacert") or ""),
        "cert": sources.argument("cert", "OS_CERT") or str(cloud.get("cert") or ""),
        "key": sources.argument("key", "OS_KEY") or str(cloud.get("key") or ""),
        "insecure": insecure,
        "region_name": region or str(cloud.get("region_name") or ""),
        "allow_reauth": sources.argument("allow_reauth", "OS_ALLOW_REAUTH") or "true",
    }


def _nothing(said: _Said, environment: Mapping[str, str], folder: Path) -> DeployError:
    """Nobody says where the cloud is."""
    if said.cloud or any(said.auth[part] for part in _PARTS if part != "default_domain"):
        return said.fails("auth_url is missing", said.give("auth_url"))
    names = clouds_yaml.known(environment, folder)
    of_them = f" ({', '.join(map(repr, names))})" if names else ""
    return DeployError(
        "there are no credentials: neither OS_AUTH_URL nor OS_CLOUD is set; source the openrc file of your project, "
        f"or set OS_CLOUD to a cloud of clouds.yaml{of_them}"
    )


def _with_domains(said: _Said) -> dict[str, str]:
    """The parts, with the domains that follow from others."""
    auth = dict(said.auth)
    uses_application_credential = any(auth[part] for part in _APPLICATION_CREDENTIAL)
    in_project = bool(auth["project_id"] or auth["project_name"])
    if uses_application_credential or in_project:
        for form in ("id", "name"):
            for of in ("user", "project"):
                auth[f"{of}_domain_{form}"] = auth[f"{of}_domain_{form}"] or auth[f"domain_{form}"]
            auth[f"domain_{form}"] = ""
        for of in ("user", "project"):
            if not auth[f"{of}_domain_name"] and not auth[f"{of}_domain_id"]:
                auth[f"{of}_domain_id"] = auth["default_domain"]
    if "token" in said.auth_type or auth["token"]:
        for part in ("username", "user_id", "password", "user_domain_id", "user_domain_name"):
            auth[part] = ""
    return auth


def _identity(said: _Said, auth: Mapping[str, str]) -> dict[str, Any]:
    """The method, and what it takes; raises DeployError where a part of it is missing, or there is one too many."""
    if auth["password"]:
        return {"methods": ["password"], "password": {"user": {**_user(said, auth), "password": auth["password"]}}}
    if auth["token"]:
        return {"methods": ["token"], "token": {"id": auth["token"]}}
    id_, name, secret = (auth[part] for part in _APPLICATION_CREDENTIAL)
    if not id_ and not name and not secret:
        missing = [
            part for part in ("username", "password") if not auth[part] and not (part == "username" and auth["user_id"])
        ]
        if "token" in said.auth_type:
            missing = ["token"]
        raise said.fails(f"{' and '.join(missing)} {'are' if len(missing) > 1 else 'is'} missing", said.give(*missing))
    if not id_ and not name:
        raise said.fails("the id of the application credential is missing", said.give("application_credential_id"))
    if not secret:
        raise said.fails(
            "the secret of the application credential is missing", said.give("application_credential_secret")
        )
    of = {"id": id_} if id_ else {"name": name, "user": _user(said, auth)}
    return {"methods": ["application_credential"], "application_credential": {**of, "secret": secret}}


def _user(said: _Said, auth: Mapping[str, str]) -> dict[str, Any]:
    if auth["username"] and auth["user_id"]:
        raise said.fails("both username and user_id are given", "take one of them away")
    domain = _domain(auth, "user_domain")
    if auth["user_id"] and domain:
        # In the environment there always is one: the default domain.
        raise said.fails("the provider takes no domain beside user_id", f"instead {said.give('username')}")
    if auth["user_id"]:
        return {"id": auth["user_id"]}
    if not auth["username"]:
        raise said.fails("username is missing", said.give("username"))
    if domain is None and auth["project_name"] and _domain(auth, "project_domain") is None:
        both = ("user_domain_name", "project_domain_name")
        raise said.fails("the domains of the user and of the project are missing", said.give(*both))
    if domain is None:
        raise said.fails("the domain of the user is missing", said.give("user_domain_name"))
    if auth["user_domain_id"] and auth["user_domain_name"]:
        raise said.fails("both user_domain_id and user_domain_name are given", "take one of them away")
    return {"name": auth["username"], "domain": domain}


def _scope(said: _Said, auth: Mapping[str, str]) -> dict[str, Any] | None:
    """What the token is for; raises DeployError for a project that is not all said."""
    if any(auth[part] for part in _APPLICATION_CREDENTIAL):
        return None  # it has its own
    if auth["project_id"]:
        return {"project": {"id": auth["project_id"]}}
    of_project, of_all = _domain(auth, "project_domain"), _domain(auth, "domain")
    if auth["project_name"]:
        if of_project is None:
            raise said.fails("the domain of the project is missing", said.give("project_domain_name"))
        return {"project": {"name": auth["project_name"], "domain": of_project}}
    if auth["system_scope"]:
        return {"system": {"all": True}}
    if of_all is None and auth["token"] and said.settings["allow_reauth"].lower() in _YES:
        raise said.fails("a token alone says no project", said.give("project_id"))
    return {"domain": of_all} if of_all else None


def _domain(auth: Mapping[str, str], part: str) -> dict[str, str] | None:
    return next(({form: auth[f"{part}_{form}"]} for form in ("id", "name") if auth[f"{part}_{form}"]), None)


def _trust(said: _Said, folder: Path) -> ssl.SSLContext | None:
    """Which certificates are trusted, and the client's own; raises DeployError for a file that is not there."""
    files = {part: _file(said, part, folder) for part in ("cacert", "cert", "key")}
    if not said.auth["auth_url"].startswith("https:"):
        return None
    ca = files["cacert"]
    try:
        context = ssl.create_default_context(cafile=str(ca) if ca else None)
        # As Go has it: what is given is trusted, whether or not it is a root, and whether or not it is well made.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if files["cert"] and files["key"]:
            context.load_cert_chain(files["cert"], files["key"], password=lambda: "")
    except (ssl.SSLError, OSError):
        raise keystone.UnjudgedError from None
    if said.settings["insecure"].lower() in _YES:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    elif ca is None and not any(ssl.get_default_verify_paths()[:2]):
        raise keystone.UnjudgedError  # this Python does not know where the machine keeps them
    return context


def _file(said: _Said, part: str, folder: Path) -> Path | None:
    """The file of certificates or of a key; raises DeployError where there is none, or another one."""
    given = said.settings[part]
    if not given or "${" in given:
        return None
    begin = "-----BEGIN "
    if begin in given:  # the content itself, which Python takes from files alone
        raise keystone.UnjudgedError
    file = clouds_yaml.home() / given[2:] if given.startswith("~/") else folder / given
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        where = "" if Path(given).is_absolute() else f" in {visible(str(folder))}, where Terraform runs"
        raise said.fails(f"{part}: there is no file {visible(given)}{where}", "give its full path") from None
    except OSError as error:
        raise said.fails(f"{part}: {visible(given)} cannot be read ({error.strerror})", "give another") from None
    if begin.encode() not in content:
        what = "private key" if part == "key" else "certificate"
        raise said.fails(f"{part}: {visible(given)} holds no {what} in the form of PEM", "give one that does")
    return file


def _check_token(said: _Said, token: Mapping[str, Any]) -> None:
    """Raises DeployError where the token is for no project, or the catalog has not the region."""
    catalog = token.get("catalog")
    if not catalog:
        raise said.fails("the login is for no project", said.give("project_name"))
    region = said.settings["region_name"]
    endpoints = [endpoint for service in catalog for endpoint in service.get("endpoints", ())]
    regions = {one for endpoint in endpoints for key in ("region", "region_id") if (one := endpoint.get(key))}
    if region and regions and region not in regions:
        nearest = difflib.get_close_matches(region, sorted(regions), n=len(regions), cutoff=0.0)
        raise said.fails(
            f"the cloud has no region {region!r}; it has {', '.join(map(repr, nearest))}", said.give("region_name")
        )
