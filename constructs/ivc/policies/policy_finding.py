"""What a policy found, as it is recorded and shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ivc.words.sentence import Sentence


@dataclass(frozen=True)
class PolicyFinding:
    """What a policy found in the declarations as they will be.

    id: such as `IVC101`. subject: what it is about, as people call it. page: where it is explained, an address.
    file, line: where it is declared, relative to the project; None where that is not known.
    waived: the reason why it is accepted; None where it is not.
    new: whether the declarations did not have it before; None where that is not known.
    """

    id: str
    severity: Literal["error", "warning", "info"]
    subject: str
    message: Sentence
    page: str
    file: str | None = None
    line: int | None = None
    waived: str | None = None
    new: bool | None = None
