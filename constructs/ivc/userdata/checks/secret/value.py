"""What a value says: a secret, a reference to one, a word that says that there is none, or that one is to come."""

from __future__ import annotations

import re
from enum import Enum, auto

from ivc.userdata.checks.placeholder import unknown


class Says(Enum):
    """What a value is."""

    SECRET = auto()
    NOTHING = auto()
    """It is no secret: a reference, a path, a type, a word such as `none`, a hash."""
    TO_COME = auto()
    """Somebody meant to put a secret there."""


# Words of configuration (nsswitch.conf, sudoers, OpenSSH, PAM, Ansible, Kubernetes) and of programs' types.
_WORDS = re.compile(
    r"true|false|yes|no|on|off|none|null|nil|undefined|required|optional|random|prompt|ask|disabled?|enabled?|default|"
    r"empty|expired?|locked|never|always|on_create|unset|auto|ok|all|"
    r"prohibit-password|without-password|sufficient|requisite|include|substack|"
    r"files|compat|systemd|sss|ldap|db|nis|nisplus|winbind|cache|extrausers|"
    r"new|await|function|lambda|self|this|args|"
    r"read|write|bearer|basic|digest|oauth2?|"
    r"str|string|text|bytes|bytea|int|integer|bool|boolean|char|object|any|varchar|secretstr|"
    r"x+|[*!]+|\.+|-+|\?+|\d{1,4}|.|#(?:[0-9a-f]{3}){1,2}",
    re.IGNORECASE,
)
_TO_COME = re.compile(
    r"<[^<>%(]*>|"
    r"(?:please[ _-]?)?change[ _-]?(?:me|it|this|that)(?:[ _-]?(?:now|please|later))?!*|"
    r"todo\b.*|fixme\b.*|tbd|placeholder|redacted|dummy|"
    r"(?:replace|fill|put|insert|enter)[ _-]?(?:me|this|it|in)(?:[ _-].*)?|"
    r"(?:replace|put|insert|enter)[ _-](?:with|your|the)[ _-].*|"
    r"your[ _-].*|my[ _-](?:password|secret|token|api[ _-]?key)|.*[ _-]goes[ _-]here|"
    r"(?:\w+[ _-])?(?:password|secret|token|key)[ _-]here",
    re.IGNORECASE,
)
# A variable, or an expression of any of the languages that fill in such files.
_REFERENCE = re.compile(
    r"\$\{|\$\(|`|\{\{|\{%|<%|^\$|^%(?:[sdvq](?!\w)|\(\w+\)s|\w+%)|^#\{|^\(\(|^\[\[|^@\w+@$|^__\w+__$"
)
_VARIABLE = re.compile(r"\$[A-Za-z_]")
# What a value without quotes is in YAML, in a program or in a command: an alias, a tag, a block, a mapping, a path of
# a variable, a pattern; a call, or an entry of a mapping.
_BARE = re.compile(r"[*&!]\w|[|>][+-]?\d?$|[{(<\[]|@[/\w.]|%\w+%|[~.]{0,2}/|\.\*|[A-Za-z]+=$|\\|[A-Za-z_][\w.:]*[\[(]")
_ATTRIBUTE = re.compile(
    r"(?:self|cls|this|args?|os|env|config|settings|options?|opts|params?|vars?|local|module|data|request|req|ctx|"
    r"secrets|process|hostvars|item|each|random_\w+)\.[A-Za-z_][\w.]*|(?:[A-Za-z_]\w*\.)+\w*(?:pass\w*|secret|token|key)",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"/[\w.@%+-]+(?:/[\w.@%+-]*)*|~/.*|\.{1,2}/.*|[A-Za-z]:\\.*|"
    r"(?:file|env|vault|secret|op|ssm|barbican|https?|arn|gopass|bitwarden|keyring|awskms|gcpkms|secretref|"
    r"secretsmanager|azurekeyvault|ref\+\w+)://?.*|(?:file|env|vault|secret|op|ssm|barbican|arn|ref):\S*|https?:.*|"
    r"[\w./-]+\.(?:pem|key|crt|cer|p12|pfx|jks|json|ya?ml|conf|cfg|ini|txt|gpg|age|asc|pub|env|sh|py)"
)
# crypt(5), LDAP, PostgreSQL, MySQL, Werkzeug; a digest; what is encrypted already (sops, Jasypt, Ansible, age).
_HASH = re.compile(
    r"\{[A-Z0-9-]{3,20}\}.*|\$[\w-]+\$.*|\*[0-9A-F]{40}|md5[0-9a-f]{32}|SCRAM-SHA-\d+\$.*|(?:pbkdf2|scrypt|argon2)\S*[:$].*|"
    r"sha\d{1,3}[:-]\S*|ENC[\[(].*|AGE-?ENCRYPTED.*"
)
_CLOSING = ",;)}]>"


def of(value: str, *, quote: str = "") -> Says:
    """What a value says.

    quote: the sign that stands around it, or nothing.
    """
    word = value.strip() if quote else value.strip().rstrip(_CLOSING)
    if not word or unknown(value):
        return Says.NOTHING
    if _TO_COME.fullmatch(word) or (not quote and _TO_COME.fullmatch(value.strip())):
        return Says.TO_COME
    if _WORDS.fullmatch(word) or _HASH.fullmatch(word) or _PLACE.fullmatch(word) or _REFERENCE.search(word):
        return Says.NOTHING
    if quote != "'" and _VARIABLE.search(word):
        return Says.NOTHING
    return Says.SECRET if quote else _of_bare(word)


def _of_bare(word: str) -> Says:
    if _BARE.match(word) or _ATTRIBUTE.fullmatch(word):
        return Says.NOTHING
    # In a mapping on one line the next key may stand right behind: {token:false,next:1}
    first = re.split(r"[,;&|)}]", word, maxsplit=1)[0]
    return Says.NOTHING if first != word and (not first or _WORDS.fullmatch(first)) else Says.SECRET
