"""Health monitors: how a pool finds out which of its members answer.

Pool(www, "web", ..., monitor=Monitor("HTTP", url_path="/health"))
"""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal

from ivc.arguments import checked
from ivc.declare.octavia import MONITORS_OF_UDP, OVN_MONITORS, MonitorType, PoolProtocol
from ivc.errors import DeclarationError

_HTTP = ("HTTP", "HTTPS")
_METHODS = Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "CONNECT", "TRACE"]
_CODES = re.compile(r"\d{3}(-\d{3}|(,\d{3})*)")


@checked
@dataclass(frozen=True)
class Monitor:
    """How the members of a pool are asked whether they work.

    type: `HTTP` and `HTTPS` send a request, `TLS-HELLO` begins TLS, `TCP` and `UDP-CONNECT` connect, `PING` pings. By
    default `TCP`, or `UDP-CONNECT` for a pool of UDP. Another one replaces the monitor.
    delay: seconds from one question to the next. timeout: seconds to wait for an answer; less than `delay`.
    max_retries: how many good answers make a member take part again. max_retries_down: how many bad ones in a row make
    it take part no more; both 1 to 10. With the defaults a member that dies is left out after some 15 s.
    url_path, http_method, expected_codes: what to ask for, by default `GET /`, and which answers are good: `200`, the
    default, a list `200,302` or a range `200-204`.

    Raises DeclarationError for what Octavia would refuse.
    """

    type: MonitorType | None = None
    _: KW_ONLY
    delay: int = 5
    timeout: int = 3
    max_retries: int = 3
    max_retries_down: int = 3
    url_path: str | None = None
    http_method: _METHODS | None = None
    expected_codes: str | None = None

    def __post_init__(self) -> None:
        where = f"Monitor({self.type!r})" if self.type is not None else "Monitor()"
        for name in ("delay", "timeout"):
            if getattr(self, name) < 1:
                raise DeclarationError(f"{where}: {name}: {getattr(self, name)} is no time; give 1 second or more")
        if self.timeout >= self.delay:
            raise DeclarationError(
                f"{where}: timeout: {self.timeout} s is not less than the delay, {self.delay} s; give a shorter one, "
                "or a longer delay"
            )
        for name in ("max_retries", "max_retries_down"):
            if not 1 <= getattr(self, name) <= 10:
                raise DeclarationError(f"{where}: {name}: {getattr(self, name)} is none; give 1 to 10")
        for name in ("url_path", "http_method", "expected_codes"):
            if getattr(self, name) is not None and self.type not in _HTTP:
                raise DeclarationError(
                    f"{where}: {name}: only requests have one; give the type 'HTTP' or 'HTTPS', or leave it out"
                )
        if self.url_path is not None and not re.fullmatch(r"/[^\s#]*", self.url_path):
            raise DeclarationError(
                f"{where}: url_path: {self.url_path!r} is no path; write one that begins with '/', such as '/health'"
            )
        if self.expected_codes is not None and not _CODES.fullmatch(self.expected_codes):
            raise DeclarationError(
                f"{where}: expected_codes: {self.expected_codes!r} are none; write '200', '200,302' or '200-204'"
            )

    def _type_for(self, where: str, protocol: PoolProtocol, *, ovn: bool) -> MonitorType:
        """Its type for a pool; raises DeclarationError, beginning with `where`, for one that does not fit."""
        type_ = self.type or ("UDP-CONNECT" if protocol == "UDP" else "TCP")
        if protocol == "UDP" and type_ not in MONITORS_OF_UDP:
            raise DeclarationError(
                f"{where}: monitor: {type_} cannot watch a pool of UDP; give one of {', '.join(MONITORS_OF_UDP)}"
            )
        if protocol != "UDP" and type_ == "UDP-CONNECT":
            raise DeclarationError(f"{where}: monitor: UDP-CONNECT watches pools of UDP alone; give Monitor('TCP')")
        if ovn and type_ not in OVN_MONITORS:
            raise DeclarationError(
                f"{where}: monitor: {type_} is none that the provider 'ovn' has; give one of {', '.join(OVN_MONITORS)}"
            )
        return type_

    def _said(self, type_: MonitorType) -> dict[str, Any]:
        """The arguments of its resource. All are said: what is left out later would stay as it was."""
        of_request = {
            "url_path": self.url_path or "/",
            "http_method": self.http_method or "GET",
            "expected_codes": self.expected_codes or "200",
        }
        return {
            "type": type_,
            "delay": self.delay,
            "timeout": self.timeout,
            "max_retries": self.max_retries,
            "max_retries_down": self.max_retries_down,
            **(of_request if type_ in _HTTP else {}),
        }
