"""Where Terraform keeps the state of a stack.

No credential is ever part of it, since it stands in the output: Terraform reads them from the environment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlsplit

from ivc.arguments import checked
from ivc.declare.cdktf import (
    CloudBackend,
    Construct,
    HttpBackend,
    LocalBackend,
    NamedCloudWorkspace,
    PgBackend,
    S3Backend,
    S3BackendEndpointConfig,
    TerraformBackend,
)
from ivc.declare.terraform_text import literal
from ivc.errors import DeclarationError
from ivc.pages import page

_LONGEST_IDENTIFIER = 63
"""PostgreSQL cuts longer names off: two stacks would share one schema."""


class Backend:
    """Where the state of a stack is kept: one of Local, TerraformCloud, S3, Http, GitLab and Postgres."""

    _terraform_version: tuple[int, ...] = ()
    """The oldest that has all it needs, where that is newer than what any stack needs."""

    def _add(self, scope: Construct, stack: str, /) -> TerraformBackend:
        """Make CDKTF's backend of it for a stack of that name."""
        raise NotImplementedError


@checked
@dataclass(frozen=True)
class Local(Backend):
    """State in a file on this machine; Terraform locks it for those who work on this machine.

    path: from the folder that holds the output folder; by default `terraform.<stack>.tfstate`. A stack keeps its state
    in that one where nothing else is said.

    Raises DeclarationError for a path into the output folder, which may be deleted at any time.
    """

    path: str | None = None

    def __post_init__(self) -> None:
        _check_said(self, path=self.path)
        if self.path is not None and "cdktf.out" in self.path.split("/"):
            raise DeclarationError(
                f"Local: path: {self.path!r} is in the output folder, which may be deleted at any time; name another"
            )

    def _add(self, scope: Construct, stack: str, /) -> TerraformBackend:
        path = self.path or f"terraform.{stack}.tfstate"
        # From the stack's folder in the output: an absolute path would be another on each machine.
        return LocalBackend(scope, path=literal(path if path.startswith("/") else f"../../../{path}"))


@checked
@dataclass(frozen=True)
class TerraformCloud(Backend):
    """State and runs in Terraform Cloud, or a server of the same API (the `cloud` block).

    organization: its name there.
    workspace: the workspace's name; by default the stack's.
    hostname: the server, where it is not Terraform Cloud itself.

    The token is never part of a declaration: Terraform reads it from `TF_TOKEN_<host>` or `terraform login`.
    """

    organization: str
    workspace: str | None = None
    hostname: str = "app.terraform.io"

    def __post_init__(self) -> None:
        _check_said(self, organization=self.organization, workspace=self.workspace, hostname=self.hostname)

    def _add(self, scope: Construct, stack: str, /) -> TerraformBackend:
        return CloudBackend(
            scope,
            organization=self.organization,
            hostname=self.hostname,
            workspaces=NamedCloudWorkspace(self.workspace or stack),
        )


@checked
@dataclass(frozen=True)
class S3(Backend):
    """State as an object in a bucket: of Amazon's S3, or of any object storage with its API (Ceph, Swift, OVH, MinIO).

    bucket: it must be there already.
    key: the object's name; by default `<stack>.tfstate`.
    region: as the storage calls it; by default `AWS_REGION` where Terraform runs.
    endpoint: the address of the API, such as `https://s3.gra.io.cloud.ovh.net`, where it is not Amazon's. What only
    Amazon has is then left out.
    path_style: whether the bucket stands in the path and not in the host's name; by default where there is an endpoint.
    locking: `lockfile` where the storage writes an object only if there is none of that name (`If-None-Match`), as
    Amazon's does; `none` where it cannot, and then nothing keeps two applies apart. docs/state.md says how to tell.
    A lock file needs Terraform or OpenTofu 1.10.

    The keys are never part of a declaration: Terraform reads `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or
    `AWS_PROFILE`.

    Raises DeclarationError for an endpoint that is no address, or holds a password.
    """

    bucket: str
    key: str | None = None
    region: str | None = None
    endpoint: str | None = None
    path_style: bool | None = None
    locking: Literal["lockfile", "none"] = "lockfile"

    def __post_init__(self) -> None:
        _check_said(self, bucket=self.bucket, key=self.key, region=self.region)
        if self.endpoint is not None:
            check_address("S3: endpoint", self.endpoint)
        key = self.key
        if key is not None and (key.startswith("/") or key.endswith("/") or "//" in key):
            raise DeclarationError(f"S3: key: {key!r} is none for Terraform: no '/' at its ends, and no '//'")

    @property
    def _terraform_version(self) -> tuple[int, ...]:  # type: ignore[override]
        if self.locking == "lockfile":
            return (1, 10)
        # Terraform's change log: 1.6.0 has `endpoints`, 1.6.3 `skip_s3_checksum`.
        return () if self.endpoint is None else (1, 6, 3)

    def _add(self, scope: Construct, stack: str, /) -> TerraformBackend:
        elsewhere = True if self.endpoint is not None else None
        made = S3Backend(
            scope,
            bucket=literal(self.bucket),
            key=literal(self.key or f"{stack}.tfstate"),
            region=None if self.region is None else literal(self.region),
            endpoints=None if self.endpoint is None else S3BackendEndpointConfig(s3=literal(self.endpoint)),
            use_path_style=elsewhere if self.path_style is None else self.path_style,
            skip_credentials_validation=elsewhere,
            skip_metadata_api_check=elsewhere,
            skip_region_validation=elsewhere,
            skip_requesting_account_id=elsewhere,
            skip_s3_checksum=elsewhere,
        )
        if self.locking == "lockfile":
            made.add_override("use_lockfile", True)
        return made


@checked
@dataclass(frozen=True)
class Http(Backend):
    """State behind an address that takes GET, POST and DELETE, as Terraform's HTTP backend has it.

    address: of this stack's state. Two stacks never share one.
    lock_address: where it is locked; without one nothing keeps two applies apart.
    unlock_address: where the lock is given back; by default where it is taken.
    lock_method, unlock_method, update_method: the HTTP methods of these.

    User and password are never part of a declaration: Terraform reads `TF_HTTP_USERNAME` and `TF_HTTP_PASSWORD`.

    Raises DeclarationError for what is no address, or holds a password.
    """

    address: str
    lock_address: str | None = None
    unlock_address: str | None = None
    lock_method: str = "LOCK"
    unlock_method: str = "UNLOCK"
    update_method: str = "POST"

    def __post_init__(self) -> None:
        check_address("Http: address", self.address)
        for name, value in (("lock_address", self.lock_address), ("unlock_address", self.unlock_address)):
            if value is not None:
                check_address(f"Http: {name}", value)
        _check_said(self, lock_method=self.lock_method, unlock_method=self.unlock_method)
        _check_said(self, update_method=self.update_method)
        if self.unlock_address is not None and self.lock_address is None:
            raise DeclarationError("Http: unlock_address: nothing is locked without a lock_address; give that one too")

    def _add(self, scope: Construct, stack: str, /) -> TerraformBackend:
        # Without an address to unlock at, Terraform would keep the lock and say nothing.
        unlock = self.unlock_address or self.lock_address
        return HttpBackend(
            scope,
            address=literal(self.address),
            update_method=self.update_method,
            lock_address=None if self.lock_address is None else literal(self.lock_address),
            lock_method=None if self.lock_address is None else self.lock_method,
            unlock_address=None if unlock is None else literal(unlock),
            unlock_method=None if unlock is None else self.unlock_method,
        )


@checked
@dataclass(frozen=True)
class GitLab(Backend):
    """State that a project on GitLab keeps (its "Terraform states"), with GitLab's locks.

    project: its id, or its path with the groups, such as `acme/shop`.
    state: its name there; by default the stack's.
    host: the server, where it is not gitlab.com.

    The token is never part of a declaration: Terraform reads `TF_HTTP_USERNAME` and `TF_HTTP_PASSWORD`, in a pipeline
    `gitlab-ci-token` and `$CI_JOB_TOKEN`.
    """

    project: str
    state: str | None = None
    host: str = "gitlab.com"

    def __post_init__(self) -> None:
        _check_said(self, project=self.project, state=self.state, host=self.host)
        check_address("GitLab: host", f"https://{self.host}", shown=self.host)
        if urlsplit(f"https://{self.host}").netloc != self.host or not self.host.split(":")[0]:
            raise DeclarationError(f"GitLab: host: {self.host!r} is no host; write it as in gitlab.com")

    def _add(self, scope: Construct, stack: str, /) -> TerraformBackend:
        project, state = (quote(name, safe="") for name in (self.project, self.state or stack))
        address = f"https://{self.host}/api/v4/projects/{project}/terraform/state/{state}"
        # As GitLab's documentation has it ("GitLab-managed Terraform/OpenTofu state").
        http = Http(address, lock_address=f"{address}/lock", lock_method="POST", unlock_method="DELETE")
        return http._add(scope, stack)


@checked
@dataclass(frozen=True)
class Postgres(Backend):
    """State in a PostgreSQL database, with its advisory locks.

    schema_name: where its table stands, which Terraform makes; by default `terraform_<stack>`. Two stacks never share
    one.

    The connection is never part of a declaration: Terraform reads `PG_CONN_STR`, such as
    `postgres://terraform@db.example.com/states?sslmode=verify-full`, and libpq's `PGPASSWORD`.

    Raises DeclarationError at the stack for a schema name longer than PostgreSQL's 63 bytes.
    """

    schema_name: str | None = None

    def __post_init__(self) -> None:
        _check_said(self, schema_name=self.schema_name)

    def _add(self, scope: Construct, stack: str, /) -> TerraformBackend:
        name = self.schema_name or f"terraform_{stack}"
        if len(name.encode()) > _LONGEST_IDENTIFIER:
            raise DeclarationError(
                f"OpenStackStack {stack}: backend: the schema name {name!r} is longer than PostgreSQL's "
                f"{_LONGEST_IDENTIFIER} bytes; give a shorter one, Postgres(schema_name=...)"
            )
        made = PgBackend(scope, conn_str="", schema_name=literal(name))
        made.add_override("conn_str", None)
        return made


def check_address(where: str, address: str, *, shown: str | None = None) -> None:
    """Raise DeclarationError for what is no http or https address, and for one with a user or a password in it.

    where: how the sentence begins. shown: what was written, where the address was made of it.
    """
    try:
        parts = urlsplit(address)
        host, credentials = parts.hostname, parts.username is not None
        parts.port  # noqa: B018 - raises for what is no number
    except ValueError:
        host, credentials = None, "@" in address
    if credentials:
        # Not shown: it is a password.
        raise DeclarationError(
            f"{where}: it holds a user or a password, which would stand in the output; take out what is before the "
            f"'@', and have Terraform read it from the environment ({page('state.md')})"
        )
    if host is None or parts.scheme not in ("http", "https") or any(sign.isspace() for sign in address):
        raise DeclarationError(
            f"{where}: {(shown or address)!r} is no http or https address; write it as in https://example.com/state"
        )


def _check_said(backend: Backend, **said: str | None) -> None:
    for name, value in said.items():
        if value is not None and not value.strip():
            raise DeclarationError(f"{type(backend).__name__}: {name} is empty; give its name")
