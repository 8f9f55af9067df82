"""Names of declarations, and the Terraform addresses they become.

An address is a contract: Terraform finds a server in its state by it. So a name is carried as it is or refused, and
never folded into something that another name may fold into as well.
"""

from __future__ import annotations

import hashlib
import re
import uuid

from ivc.errors import DeclarationError
from ivc.estate.environment import without

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_LONGEST = 100


def check_name(where: str, name: str) -> str:
    """The name of a declaration, if Terraform can carry it.

    Raises DeclarationError, with a name that would do, for anything but letters, digits and `-` after a letter.
    """
    if _NAME.fullmatch(name) and len(name) <= _LONGEST:
        return name
    better = re.sub(r"[^A-Za-z0-9-]+", "-", name).strip("-")[:_LONGEST] or "server"
    better = better if better[0].isalpha() else f"n{better}"
    raise DeclarationError(
        f"{where}: Terraform cannot carry the name {name!r}: use letters, digits and '-', beginning with a letter, "
        f"at most {_LONGEST}, such as {better!r}; what the cloud shows may be anything (name={name!r})"
    )


def slug(name: str) -> str:
    """A readable Terraform name for something that the cloud named, as no other name in the cloud gives it.

    A name that Terraform can carry stays as it is. Of any other a hash tells it from its like: the slug has a `_`,
    which those that stayed have not.
    """
    if _NAME.fullmatch(name):
        return name
    readable = re.sub(r"[^A-Za-z0-9-]+", "_", name).strip("_")
    if not readable[:1].isalpha():
        readable = f"_{readable}"
    return f"{readable[:60]}_{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def check_known(where: str, text: str) -> str:
    """A text that an address is made of, or that is looked into; raises DeclarationError for a token of CDKTF's."""
    if "TfToken[" in text:
        raise DeclarationError(f"{where}: it is known only at apply, and must be known before; give the text itself")
    return text


def check_id(where: str, value: str) -> str:
    """An OpenStack id in its usual spelling; raises DeclarationError if it is none."""
    check_known(where, value)
    try:
        return str(uuid.UUID(value))
    except ValueError:
        raise DeclarationError(f"{where}: {value!r} is not an id (a UUID such as {uuid.UUID(int=0)})") from None


def check_project(where: str, value: str) -> str:
    """The id of a project in Keystone's spelling, 32 hexadecimal digits; raises DeclarationError if it is none."""
    return check_id(where, value).replace("-", "")


def by_name_or_id(where: str, name: str | None, id: str | None, environment: str = "") -> tuple[str, dict[str, str]]:
    """How a look-up is called in Terraform, and which one of the two it goes by.

    environment: whose name is left out of what it is called, so that it is called the same in each; empty for none.

    Raises DeclarationError unless exactly one of the two is given.
    """
    if (name is None) == (id is None):
        raise DeclarationError(f"{where}: give either its name or its id=, not {'both' if name else 'neither'}")
    if id is not None:
        checked = check_id(where, id)
        return f"id_{checked}", {"id": checked}
    if not name:
        raise DeclarationError(f"{where}: the name is empty; give the one to look up")
    check_known(f"{where}: name", name)
    return slug(without(environment, name)), {"name": name}
