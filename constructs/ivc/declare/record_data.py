"""What stands in records, as Designate takes it.

zone.mx("@", Mx(10, "mail"), Mx(20, "mail.example.net."))
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ivc.arguments import checked
from ivc.declare.domain_name import target_name, zone_name
from ivc.declare.names import check_known
from ivc.errors import DeclarationError

_HIGHEST = 65_535
_LONGEST_PART = 253
"""Characters of a part of a TXT record between its quotes: Designate counts 255 with them (objects/rrdata_txt.py)."""
_NOBODY = "."
_PLAIN = frozenset(map(chr, range(32, 127))) - {'"'}
"""Characters that stand between quotes as they are, but for the backslash. Designate takes a record apart at its
quotes, whether they are escaped or not, so that a quote stands there by its number."""


@checked
@dataclass(frozen=True)
class Mx:
    """A server that takes a zone's mail.

    preference: 0 to 65535; the lowest is asked first. target: its name, one in the zone such as `mail` or a whole one
    such as `mail.example.net.`; `Mx(0, ".")` alone says that there is no mail (RFC 7505).

    Raises DeclarationError for a preference that there is not.
    """

    preference: int
    target: str

    def __post_init__(self) -> None:
        _check_number(f"Mx({self.target!r})", "preference", self.preference)

    def _text(self, where: str, zone: str) -> str:
        return f"{self.preference} {_target(where, self.target, zone)}"


@checked
@dataclass(frozen=True)
class Srv:
    """A server that offers a service.

    priority: 0 to 65535; the lowest is asked first. weight: of those of one priority, how often it is asked.
    port: of the service. target: the server's name, one in the zone such as `sip` or a whole one; `.` says that the
    service is not offered (RFC 2782).

    Raises DeclarationError for a number that cannot be.
    """

    priority: int
    weight: int
    port: int
    target: str

    def __post_init__(self) -> None:
        for field in ("priority", "weight", "port"):
            _check_number(f"Srv({self.target!r})", field, getattr(self, field))

    def _text(self, where: str, zone: str) -> str:
        return f"{self.priority} {self.weight} {self.port} {_target(where, self.target, zone)}"


@checked
@dataclass(frozen=True)
class Caa:
    """Who may issue certificates.

    tag: `issue` for any, `issuewild` for those with a `*`, `iodef` for whom to tell of a refusal.
    value: the certificate authority's domain, or for `iodef` a URL such as `mailto:ops@example.com`.

    Raises DeclarationError for what Designate refuses or its name servers lose: parameters after a `;`, and a `;`
    alone, which would forbid all.
    """

    tag: Literal["issue", "issuewild", "iodef"]
    value: str

    def __post_init__(self) -> None:
        where = f"Caa({self.tag!r}, {self.value!r}): value"
        check_known(where, self.value)
        if ";" in self.value:
            raise DeclarationError(
                f"{where}: Designate takes no ';' alone, and loses what follows one; give the authority's domain alone"
            )
        if self.tag != "iodef":
            object.__setattr__(self, "value", zone_name(where, self.value).removesuffix("."))
        elif not re.fullmatch(r"mailto:[A-Za-z0-9_+-]+@[A-Za-z0-9.-]+|https?://[A-Za-z0-9.-]+/[!-~]*", self.value):
            raise DeclarationError(
                f"{where}: it is no URL that Designate takes; give one such as 'mailto:ops@example.com' or "
                "'https://example.com/caa'"
            )

    @property
    def _text(self) -> str:
        return f"0 {self.tag} {self.value}"


def _target(where: str, target: str, zone: str) -> str:
    return target if target == _NOBODY else target_name(f"{where}: target", target, zone)


def quoted(text: str) -> str:
    """A text as a TXT record holds it: in quotes, in parts where it is long, quotes and all but ASCII by the numbers of
    their bytes (RFC 1035, 5.1).
    """
    parts, part = [], ""
    for piece in map(_escaped, text.encode()):
        if len(part) + len(piece) > _LONGEST_PART:
            parts.append(part)
            part = ""
        part += piece
    return " ".join(f'"{one}"' for one in [*parts, part])


def _escaped(byte: int) -> str:
    character = chr(byte)
    if character == "\\":
        return "\\\\"
    return character if character in _PLAIN else f"\\{byte:03}"


def _check_number(where: str, field: str, value: int) -> None:
    if not 0 <= value <= _HIGHEST:
        raise DeclarationError(f"{where}: {field}: {value} cannot be; give one from 0 to {_HIGHEST}")
