"""Text that is not known yet: a value known only at apply, and what cloud-init's own Jinja will put in.

In the text that checks read, such a place stands between two characters of Unicode's private use, and holds nothing
that means anything to YAML or a shell. No check may judge it.
"""

from __future__ import annotations

import re

from ivc.userdata.document import Document

_OPEN, _CLOSE = "\ue000", "\ue001"
_MEANS_SOMETHING = re.compile(r"""[:#,\[\]{}&*!|>'"%@`$;\\]""")
_EXPRESSION = re.compile(r"\{\{-?(.*?)-?\}\}", re.DOTALL)
_UNKNOWN = re.compile(f"{_OPEN}[^{_CLOSE}]*{_CLOSE}")
_STATEMENT = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)


def _hidden(text: str) -> str:
    return _OPEN + _MEANS_SOMETHING.sub("_", text) + _CLOSE


def text_of(document: Document) -> str:
    """The text, with each value known only at apply hidden; each line is as long as in the readable text."""
    return "".join(part if isinstance(part, str) else _hidden(part.label) for part in document.parts)


def without_jinja(text: str) -> str:
    """The text with cloud-init's own Jinja hidden (`{{ }}`) or taken out (`{% %}`), its lines where they were."""
    # What is opened behind the last closing sign is searched for its own to the end, each time.
    end = text.rfind("}}") + 2
    hidden = _EXPRESSION.sub(
        lambda match: _hidden(" ".join(match[1].split())) + "\n" * match[0].count("\n"), text[:end]
    )
    rest = hidden + text[end:]
    end = max(rest.rfind("%}"), rest.rfind("#}")) + 2
    return _STATEMENT.sub(lambda match: "\n" * match[0].count("\n"), rest[:end]) + rest[end:]


def unknown(text: str) -> bool:
    """Whether some of the text is not known yet."""
    return _OPEN in text


def only_known(text: str) -> str:
    """The text without what is not known yet."""
    return _UNKNOWN.sub("", text) if _OPEN in text else text


def shown(text: str) -> str:
    """The text as a message shows it: on one line, and not for long."""
    line = " ".join(text.replace(_OPEN, "<").replace(_CLOSE, ">").split())
    return line if len(line) <= 60 else f"{line[:57]}..."
