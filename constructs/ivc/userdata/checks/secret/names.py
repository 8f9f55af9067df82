"""Secrets by the name in front of them: `DB_PASSWORD=...`, `"apiKey": "..."`, `--token ...`, `<secret>...</secret>`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ivc.userdata.checks.secret import value
from ivc.userdata.checks.secret.hit import Hit
from ivc.userdata.checks.secret.line import Line
from ivc.userdata.checks.secret.value import Says

_PASSWORDS = r"password|passwd|passphrase|passcode|contrase(?:n|ñ)a"
# Short words, which are parts of others (`bypass`, `compass`): a name begins with them, or they stand behind one of
# these, or behind a sign or a capital letter.
_SHORT = "pass|pwd|pw|secret|token|psk"
_BEFORE_SHORT = re.compile(
    r"(?:^|[_.-]|db|my|root|user|admin|mail|smtp|imap|ldap|require|master|bind|pg|sql|redis|mongo|rabbit|store|key|trust|"
    r"enable|app|login|ftp|auth|proxy|vnc|client|api|access|bearer|bot|join|refresh|session|jwt|webhook|shared|consumer|"
    r"src|dest|wifi|wpa)$"
)
# `key` alone says nothing: it is a public one, the name of a column, a shortcut.
_BEFORE_KEY = re.compile(
    r"(?:api|auth|access|account|secret|client|service|private|priv|pre[_.-]?shared|shared|encryption|encrypt|"
    r"signing|sign|hmac|master|activation|registration|license|licence|storage|subscription|session|token|cookie|jwt|app|"
    r"consumer|deploy|validation|join|enroll|enrollment|setup|provisioning|ingest|certificate|cert|wep)[_.-]?$"
)
_NAMES = rf"{_PASSWORDS}|{_SHORT}|key|cookie|masterauth"
# `=`, `:` and their like; a list of arguments; `define('NAME', 'value')`; an entry of Kubernetes' `env`; XML.
_SIGN = (
    r"\\?['\"`]?\]?\s{0,32}(?:=>|:=|[?+]=|!?={1,3}|:(?!:))\s{0,32}(?:@(?=\"))?"
    r"|['\"]?,\s{0,8}['\"]?value['\"]?\s{0,8}[:=]\s{0,8}"
    r"|\\?['\"]\s{0,8},\s{0,8}(?=\\?['\"])"
    r"|['\"]\s{1,8}value\s?=\s?"
    r"|>(?=[^\s<>])"
    r"|['\"]?,?\s{1,8}(?=[^\s=:])"
)
_ASSIGNED = re.compile(rf"(?P<word>(?:{_NAMES}))(?:[_-]?\d{{1,2}})?(?P<sign>{_SIGN})")
# Each name has one of them, and most lines have none.
_NEEDLES = ("pass", "pw", "secret", "token", "psk", "key", "contrase", "cookie", "masterauth")
_NAME_END = re.compile(r"[\w.-]*$")
_LONGEST_NAME = 64
_QUOTED = {sign: re.compile(rf"((?:\\.|[^{sign}\\])*){sign}") for sign in "'\""}
_ESCAPED = {sign: re.compile(rf"(.*?)\\{sign}") for sign in "'\""}
_WORD = re.compile(r"<[^<>'\"]+>|[^\s'\"]+(?:['\"](?=[^\s,;)\]}])[^\s'\"]+)*")
_MORE = re.compile(r"[ \t]+[^\s#&|;\\,\])}]")
_WORDS = re.compile(r"(?=.{1,24}$)[A-Za-z_]+(?:[ .][A-Za-z_]+)*")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z_.]*")
_OF_A_SECRET = re.compile(
    r"[._].*(?:pass|secret|token|key|pw)|(?:pass|secret|token|key|pw).*[._]|^[A-Z]\w*\.", re.IGNORECASE
)
_SHORTEST_KEY = 6
# In Kubernetes and Helm, the name of an object that holds a secret: `tlsSecret: web-tls`.
_OF_AN_OBJECT = re.compile(
    r"(?i:existing|tls|credentials?|passwords?|pull|cert|certificate|ca|key|token)[_.-]?[Ss]ecret$"
)
_OBJECT = re.compile(r"[a-z]{2,20}(?:[-.](?:[a-z]{2,20}|\d{1,3})){1,6}")
# They say what is done with passwords, or are a web server's own word for handing a request on.
_NO_SECRETS = re.compile(
    r"(?:^|.*[_.-])(?:no|lock|ch|ht|get|set|ask|update|allow|generate|require|reset|forgot|show|hide|use)[_-]?passwd|"
    r"(?:^|.*[_.-])(?:no|update|ask|generate|reset|forgot|show|hide)[_-]?password|"
    r"(?:proxy|fastcgi|uwsgi|scgi|grpc|memcached|by|try_first|use_first)_?pass|(?:old|tmp)?pwd",
    re.IGNORECASE,
)


def hits(line: Line) -> Iterator[Hit]:
    """What stands behind the name of a secret."""
    if not any(needle in line.lower for needle in _NEEDLES):
        return
    done = 0
    for match in _ASSIGNED.finditer(line.lower):
        if match.start() < done:
            continue  # Inside of what is one already.
        name = _name(line, match)
        if name is None:
            continue
        sign = match["sign"]
        is_option = sign.strip("'\", \t") == "" and "value" not in sign
        if is_option and not name.startswith("-") and not line.lower.endswith("define(", 0, _begin(match, name) - 1):
            continue
        if name.startswith("-") and sign[-1].isspace() and not is_option:
            continue  # An option that is given nothing: --password= --next
        if sign == ">" and not line.text.endswith("<", 0, _begin(match, name)):
            continue
        for hit in _behind(line, match, name.lstrip("-"), is_option=is_option):
            yield hit
            done = hit.end


def _begin(match: re.Match[str], name: str) -> int:
    return match.start("sign") - len(name)


def _name(line: Line, match: re.Match[str]) -> str | None:
    """The whole name that ends with the word; None where it is another word."""
    end = match.start("word")
    found = _NAME_END.search(line.text[max(0, end - _LONGEST_NAME) : end])
    before = found[0] if found else ""
    if line.text.endswith("\\", 0, end - len(before)) and before[:1] in ("n", "t"):
        before = before[1:]  # printf '[client]\npassword=...'
    word = match["word"]
    name = before + line.text[end : match.start("sign")]
    if re.fullmatch(_SHORT, word):
        is_capital = line.text[end].isupper() and before[-1:].islower()
        is_one = is_capital or _BEFORE_SHORT.search(before.lower()) is not None
    elif word == "key":
        is_one = _is_key(before)
    elif word == "cookie":
        is_one = before.lower().endswith(("erlang", "erlang_", "erlang."))
    else:
        is_one = True
    return name if is_one and not _NO_SECRETS.fullmatch(name.strip("-")) else None


def _is_key(before: str) -> bool:
    """Whether a name that begins so and ends with `key` is that of a secret one."""
    kind = _BEFORE_KEY.search(before.lower())
    if kind is None:
        return False
    start = kind.start()
    return start == 0 or not before[start - 1].isalnum() or before[start].isupper()


def _behind(line: Line, match: re.Match[str], name: str, *, is_option: bool) -> Iterator[Hit]:
    start = match.end()
    found, quote = _value(line.text, start)
    if found is None:
        return
    text = found[1] if quote else found[0]
    start = found.start(1) if quote else found.start()
    if not quote:
        if match["sign"] == ">":
            text = text.partition("<")[0]
        elif ":" in match["sign"] and _MORE.match(line.text, found.end()) and text[-1] not in ",;":
            return  # A sentence: `password: the one that you were given`.
        if text.startswith("#") and match["sign"][-1].isspace():
            return  # A comment behind nothing.
    says = value.of(text, quote=quote)
    if says is Says.SECRET and _is_of_its_kind(line, match, text, name=name, quote=quote, is_option=is_option):
        return
    what = "a token" if match["word"] == "token" else "a password or key"
    if says is Says.SECRET:
        yield Hit(what, name, text if quote else text.rstrip(",;"), start)
    elif says is Says.TO_COME and not _is_comment(line.text):
        yield Hit(what, name, text, start, placeholder=True)


def _value(text: str, start: int) -> tuple[re.Match[str] | None, str]:
    """The value that begins there, and the sign around it."""
    escaped = text.startswith("\\", start)
    sign = text[start + escaped : start + escaped + 1]
    if sign not in _QUOTED or not sign:
        return _WORD.match(text, start), ""
    if escaped:
        return _ESCAPED[sign].match(text, start + 2), sign
    # What is in quotes itself ends with the sign: read -p "Password: " word
    if text.count(sign, 0, start) % 2 and not text.count(f"\\{sign}", 0, start) % 2:
        return None, ""
    return _QUOTED[sign].match(text, start + 1), sign


def _is_of_its_kind(line: Line, match: re.Match[str], text: str, *, name: str, quote: str, is_option: bool) -> bool:
    """Whether a value under this name is usually none: a column's name, a number of tokens, a program's variable."""
    word = match["word"]
    bare = text.rstrip(",;)]}")
    if word == "key" and (len(bare) < _SHORTEST_KEY or bare.isdigit() or _WORDS.fullmatch(bare)):
        return True
    if word == "secret" and _OF_AN_OBJECT.search(name) and _OBJECT.fullmatch(bare):
        return True
    if word == "token" and (len(bare) < _SHORTEST_KEY or bare.isdigit()):
        return True
    if is_option:
        return _stands_for_one(bare) or (_is_comment(line.text) and bare.isalpha())
    return not quote and _is_of_a_program(line, match, text, name=name)


def _stands_for_one(word: str) -> bool:
    """Whether it is the next option, a sign, or a word of a usage: `--password PASSWORD`."""
    return word.startswith("-") or word.lower() == word.upper() or (word.isupper() and word.isalpha())


def _is_of_a_program(line: Line, match: re.Match[str], text: str, *, name: str) -> bool:
    """Whether it is a variable of a program: `f(password=password)`, `self.token = token`, `if token == Token.End`."""
    bare = text.rstrip(",;:)]}")
    variable = _VARIABLE.fullmatch(bare) is not None
    sign = match["sign"]
    if variable and ("==" in sign or "!" in sign or "+" in sign or name.startswith(("self.", "this."))):
        return True
    if variable and sign.strip("'\"") == " = " and (_OF_A_SECRET.search(bare) or match["word"] == "token"):
        return True
    is_call = text != bare or ")" in line.text[match.end() :] or "." in name
    return is_call and bare == name.rpartition(".")[2]


def _is_comment(text: str) -> bool:
    return text.lstrip().startswith(("#", "//", ";", "--"))
