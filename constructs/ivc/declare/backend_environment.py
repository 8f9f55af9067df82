"""Which backend the environment asks for, where a declaration names none: `IVC_BACKEND`, or Terraform's own
`TF_CLOUD_ORGANIZATION`.
"""

from __future__ import annotations

import os
from urllib.parse import parse_qsl, urlsplit

from ivc.declare.backend import S3, Backend, GitLab, Http, Local, Postgres, TerraformCloud, check_address
from ivc.errors import DeclarationError

VARIABLE = "IVC_BACKEND"
_OF_S3 = ("region", "endpoint", "locking")
_FORMS = (
    "s3://bucket/prefix?region=...&endpoint=..., gitlab://gitlab.com/group/project, https://example.com/states, "
    "postgres or local"
)


def backend_of_environment(stack: str) -> Backend | None:
    """The backend of a stack of that name, if the environment asks for one; `IVC_BACKEND` comes first.

    Raises DeclarationError for a value that names none.
    """
    said = os.environ.get(VARIABLE)
    if said:
        try:
            return _backend(said, stack)
        except DeclarationError as error:
            raise DeclarationError(f"OpenStackStack {stack}: {VARIABLE}: {error}") from None
    organization = os.environ.get("TF_CLOUD_ORGANIZATION")
    if organization:
        hostname = os.environ.get("TF_CLOUD_HOSTNAME") or TerraformCloud.hostname
        return TerraformCloud(organization=organization, hostname=hostname)
    return None


def _backend(said: str, stack: str) -> Backend:
    if said in ("local", "postgres"):
        return Local() if said == "local" else Postgres()
    scheme, _, rest = said.partition("://")
    if scheme in ("http", "https"):
        check_address("the address", said)
        if urlsplit(said).query:
            raise DeclarationError(
                "an address with '?' takes no stack's name at its end; declare it, backend=Http(...)"
            )
        address = f"{said.rstrip('/')}/{stack}"
        return Http(address, lock_address=address)
    if scheme in ("s3", "gitlab") and rest:
        # As of any address: what is before an '@' is a password.
        check_address("the address", f"https://{rest}", shown=said)
        parts = urlsplit(f"https://{rest}")
        path = parts.path.strip("/")
        if scheme == "gitlab" and path and not parts.query:
            return GitLab(path, host=parts.netloc)
        if scheme == "s3":
            return _s3(parts.netloc, path, dict(parse_qsl(parts.query, keep_blank_values=True)), stack)
    if scheme in ("postgres", "postgresql") and rest:
        raise DeclarationError("the connection would stand in the output; write postgres, and give it as PG_CONN_STR")
    raise DeclarationError(f"{said!r} names no backend; write {_FORMS}")


def _s3(bucket: str, prefix: str, more: dict[str, str], stack: str) -> S3:
    unknown = [name for name in more if name not in _OF_S3]
    if unknown:
        raise DeclarationError(f"{unknown[0]!r} is not known of s3://; it takes {', '.join(_OF_S3)}")
    key = f"{stack}.tfstate"
    return S3(bucket, key=f"{prefix}/{key}" if prefix else key, **more)  # type: ignore[arg-type]
