"""Secrets that a command is given, or that stand in a file with a form of its own: netrc, debconf, `chpasswd`'s list.

What is named (`--password x`, `PASSWORD=x`) is `ivc.userdata.checks.secret.names`' topic.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ivc.userdata.checks.secret import value
from ivc.userdata.checks.secret.hit import PASSWORD, Hit
from ivc.userdata.checks.secret.line import Line
from ivc.userdata.checks.secret.value import Says

# Between two words of a command, which may stand in a list of arguments; before an option that may stand there, too; a
# word, whose text is one of three groups; and what else may stand in the same command.
_B = r"(?:\s{1,16}|['\"]?,\s{0,8})"
_O = rf"{_B}['\"]?"
_W = r"(?:'([^'\n]{1,512})'|\"([^\"\n]{1,512})\"|([^\s'\"|;&<>()`,\]]{1,512}))"
_ANY = r"[^|;&\n]{0,300}?"
_NAME = r"(?:'[^'\n]{1,64}'|\"[^\"\n]{1,64}\"|[^\s'\"|;&<>()`=]{1,64})"
_ECHO = r"\b(?:echo|printf)\s{1,8}(?:-[ne]{1,2}\s{1,8})?"
_INTO = r"\s{0,8}\|\s{0,8}(?:sudo\s{1,8})?(?:/usr)?(?:/s?bin/)?"
# A user and a password in one word, of which the password is the value; both in base64.
_USER_AND = r"['\"]?[\w.@-]{1,100}:([^\s'\"|;&<>]{1,512})"
_PAIR = r"([A-Za-z0-9+/]{8,512}={0,2})"
_READERS = (
    r"(?:passwd|smbpasswd|vncpasswd|saslpasswd2|cryptsetup|kinit|pdbedit|su|sudo -S|htpasswd|"
    r"(?:docker|podman|buildah|helm registry|gh auth|vault|oc|az) login)(?![\w-])"
)
_CHPASSWD = r"chpasswd\b(?!.*\s(?:-e|--encrypted)\b)"
_WG_KEY = r"([A-Za-z0-9+/]{43}=)"
_MYSQL = r"\b(?:mysql|mariadb)(?:dump|admin|import|check|sh|-dump|-admin|-import|-check)?\b"
_LDAP = r"\b(?:ldap(?:search|modify|add|delete|passwd|whoami|compare)|ipa-client-install)\b"
_PGPASS = r"(?:^|[\s'\"])(?:\*|[\w.-]{0,80}[g-zG-Z.][\w.-]{0,80}):(?:\*|\d{4,5}):[\w*.-]{1,63}:[\w*.-]{1,63}:"


@dataclass(frozen=True)
class _Form:
    """A form in which a secret is written.

    needles: of which each such line has one, in small letters.
    pattern: the last of its groups that matches is the secret.
    """

    what: str
    needles: tuple[str, ...]
    pattern: re.Pattern[str]


def _forms(what: str, rows: tuple[tuple[str, str], ...]) -> Iterator[_Form]:
    for needles, pattern in rows:
        yield _Form(what, tuple(needles.split("|")), re.compile(pattern))


_PASSWORDS = (
    # Of users of a system.
    ("chpasswd", rf"{_ECHO}{_USER_AND}['\"]?{_INTO}{_CHPASSWD}"),
    ("chpasswd", rf"\b{_CHPASSWD}[^|;&\n]{{0,60}}<<<\s{{0,8}}{_USER_AND}"),
    ("echo|printf", rf"{_ECHO}{_W}\s{{0,8}}(?:;[^|\n]{{0,200}}\)\s{{0,8}})?{_INTO}{_READERS}"),
    ("<<<", rf"\b{_READERS}[^|;&\n]{{0,200}}?<<<\s{{0,8}}{_W}"),
    ("useradd|usermod|adduser", rf"\b(?:useradd|usermod|adduser)\b{_ANY}{_O}-p(?:{_B})?{_W}"),
    (
        "openssl",
        rf"\bopenssl\s{{1,8}}passwd(?:\s{{1,8}}-(?:salt\s{{1,8}}\S{{1,40}}|[\w-]{{1,20}})){{0,6}}\s{{1,8}}{_W}",
    ),
    (
        "mkpasswd",
        r"(?:^|[|;&(`'\"-]|\bsudo)\s{0,8}mkpasswd"
        rf"(?:\s{{1,8}}-(?:[mSRP]\s{{1,8}}\S{{1,40}}|(?![mSRP]\s)[\w=-]{{1,40}})){{0,6}}\s{{1,8}}{_W}",
    ),
    (
        "htpasswd",
        rf"\bhtpasswd{_B}(?=[^|;&\n]{{0,200}}-\w{{0,8}}b)[^|;&>\n]{{1,300}}?{_B}{_W}['\"]?\]?\s{{0,8}}(?:$|[|;&>)`])",
    ),
    ("net user", rf"(?i:\bnet\s{{1,8}}user)\s{{1,8}}\S{{1,60}}\s{{1,8}}{_W}\s{{1,8}}/(?i:add|y)"),
    ("securestring", rf"(?i:\bConvertTo-SecureString)\s{{1,8}}(?:-String\s{{1,8}})?{_W}"),
    # Of databases and directories.
    ("mysql|mariadb", rf"{_MYSQL}{_ANY}{_O}-p(?![\s=]){_W}"),
    ("mysqladmin|mariadb-admin", rf"{_MYSQL}{_ANY}\s(?:new-)?password\s{{1,8}}{_W}"),
    ("identified", r"(?i:\bIDENTIFIED\s{1,8}(?:WITH\s{1,8}\S{1,60}\s{1,8})?(?:BY|AS)\s{1,8})'([^']{1,512})'"),
    (
        "password",
        r"(?i:\b(?:ALTER|CREATE|SET)\b[^;\n]{0,200}?\bPASSWORD\s{0,8}(?:[=(]\s{0,8})?(?:PASSWORD\()?)'([^']{1,512})'",
    ),
    ("mongo", rf"\bmongo(?:sh|dump|restore|import|export)?\b{_ANY}{_O}-p(?:{_B})?{_W}"),
    ("redis-cli", rf"\bredis-cli\b{_ANY}{_O}-a{_B}{_W}"),
    ("requirepass|masterauth", rf"(?:^|\s)(?:requirepass|masterauth)\s{{1,8}}{_W}"),
    ("auth-pass", rf"\bsentinel\s{{1,8}}auth-pass\s{{1,8}}\S{{1,60}}\s{{1,8}}{_W}"),
    (
        "rabbitmqctl",
        rf"\brabbitmqctl\b{_ANY}\b(?:add_user|change_password|authenticate_user)\s{{1,8}}\S{{1,60}}\s{{1,8}}{_W}",
    ),
    ("ldap|ipa-client", rf"{_LDAP}{_ANY}{_O}-w(?:{_B})?{_W}"),
    # Of what is reached over the network: curl, netrc and apt's auth.conf, PostgreSQL's .pgpass, SMB, Wi-Fi, IPsec.
    (
        "curl",
        rf"\bcurl\b{_ANY}{_O}(?:-u|--user|-U|--proxy-user)(?:{_B}|=)?['\"]?[^\s:'\"]{{1,100}}:([^\s'\"]{{1,512}})",
    ),
    ("login", rf"\blogin\b{_ANY}{_O}-p(?:{_B}|=)?{_W}"),
    ("sshpass", rf"\bsshpass{_O}-p(?:{_B})?{_W}"),
    ("machine", rf"\bmachine\s{{1,8}}\S{{1,200}}\s{{1,8}}login\s{{1,8}}\S{{1,200}}\s{{1,8}}password\s{{1,8}}{_W}"),
    (":", rf"{_PGPASS}([^\s:'\"]{{1,256}})(?=$|[\s'\"])"),
    ("smbclient|cifs|rpcclient|net ", r"\s-U\s{0,8}['\"]?[\w.\\@-]{1,64}%([^\s'\"]{1,256})"),
    ("ipmitool", rf"\bipmitool\b{_ANY}{_O}-P{_B}{_W}"),
    ("nmcli", rf"\bnmcli\b{_ANY}\s(?:password|wifi-sec\.psk|802-11-wireless-security\.psk)\s{{1,8}}{_W}"),
    ("wpa_passphrase", rf"\bwpa_passphrase\s{{1,8}}{_NAME}\s{{1,8}}{_W}"),
    ("wpa-|wireless-key", rf"^\s*(?:wpa-(?:psk|password|passphrase)|wireless-key)\s{{1,8}}{_W}"),
    ("psk|eap|xauth", r":\s{0,8}(?:PSK|EAP|XAUTH|NTLM)\s{1,8}[\"']([^\"']{1,256})[\"']"),
    # Of packages: an answer to debconf's question. Of archives and keys.
    (
        "password",
        r"(?:^|[\s'\"])[\w.+-]{1,100}\s{1,8}[\w.+-]{1,100}/[\w./+-]{1,100}\s{1,8}password\s{1,8}([^\s'\"]{1,512})"
        r"(?=\s{0,8}(?:$|['\"]))",
    ),
    ("zip", rf"\b(?:un)?zip\b{_ANY}\s-P\s{{0,8}}{_W}"),
    ("7z", rf"\b7z[ar]?\b{_ANY}\s-p{_W}"),
    ("ssh-keygen", rf"\bssh-keygen\b{_ANY}{_O}-N{_B}{_W}"),
    ("keypass|storepass", rf"\s-(?:src|dest)?(?:storepass|keypass)\s{{1,8}}{_W}"),
)
_KEYS = (
    (
        "wg pubkey|wireguard/",
        rf"(?:^|[\s'\"]){_WG_KEY}['\"]?\s{{0,8}}(?:\||>{{1,2}})[^;\n]{{0,80}}?"
        r"(?:wg pubkey|/wireguard/[\w./-]{0,60}(?:priv|psk|preshared|wg))",
    ),
    ("-key", rf"\b(?:private|preshared)-key\s{{1,8}}<\(\s{{0,8}}{_ECHO}{_W}"),
    (
        "private|shared|key",
        rf"(?:^|[\s{{,'\"])(?:private|shared|key)['\"]?\s{{0,8}}[:=]\s{{0,8}}['\"]?{_WG_KEY}(?![A-Za-z0-9+/=])",
    ),
    ("encrypt", rf"\bencrypt['\"]?\s{{0,8}}[:=]\s{{0,8}}['\"]?(?:([A-Za-z0-9+/]{{22}}==)|{_WG_KEY})(?![A-Za-z0-9+/=])"),
)
_TOKENS = (
    ("attach", rf"\b(?:pro|ua|ubuntu-advantage){_B}['\"]?attach{_B}{_W}"),
    ("authtoken", rf"\bngrok\b{_ANY}authtoken{_B}{_W}"),
    ("cloudflared", rf"\bcloudflared\b{_ANY}install{_B}(eyJ[\w=-]{{40,512}})"),
)
_BEGIN = re.compile(r"[\s,:='\"]")
_LONG = 20
_FORMS = (*_forms(PASSWORD, _PASSWORDS), *_forms("a password or key", _KEYS), *_forms("a token", _TOKENS))
_BY_NEEDLE = [(needle, number) for number, form in enumerate(_FORMS) for needle in form.needles]
_AUTHORIZATION = re.compile(
    r"(?i:\bauthorization)\\?['\"]?\s{0,8}[:=,]?\s{0,8}\\?['\"]?(?P<scheme>(?i:basic|bearer|token|apikey))\s{1,8}"
    r"(?P<value>[\w+/=.~-]{6,2000})"
)
_AUTH = re.compile(rf"\b_?auth\\?['\"]?\s{{0,8}}[:=]\s{{0,8}}\\?['\"]?{_PAIR}(?![\w+/=])")


def hits(line: Line) -> Iterator[Hit]:
    """What a command is given."""
    lower = line.lower
    for number in dict.fromkeys([number for needle, number in _BY_NEEDLE if needle in lower]):
        form = _FORMS[number]
        for match in form.pattern.finditer(line.text):
            yield from _hit(form, match)
    if "auth" in line.lower:
        yield from _of_headers(line.text)


def _hit(form: _Form, match: re.Match[str]) -> Iterator[Hit]:
    group = match.lastindex or 0
    word = match[group]
    before = match.string[match.start(group) - 1 : match.start(group)]
    says = value.of(word, quote=before if before in ("'", '"') else "")
    if says is not Says.NOTHING and not _stands_for_one(word):
        name = _BEGIN.split(match[0].strip("'\" -|;&(`"), maxsplit=1)[0] if form.what == PASSWORD else ""
        yield Hit(form.what, name, word, match.start(group), placeholder=says is Says.TO_COME)


def _stands_for_one(word: str) -> bool:
    """Whether it is the next option, or a word of a usage: `-p PASSWORD`."""
    return word.startswith("-") or (word.isupper() and word.isalpha())


def _of_headers(text: str) -> Iterator[Hit]:
    """A user and a password, or a token, of a request; what Docker and npm keep of one."""
    for match in _AUTHORIZATION.finditer(text):
        word = match["value"]
        is_basic = match["scheme"].lower() == "basic"
        is_one = _is_pair(word) if is_basic else any(sign.isdigit() for sign in word) or len(word) > _LONG
        if is_one and value.of(word, quote='"') is Says.SECRET:
            yield Hit(PASSWORD if is_basic else "a token", "Authorization", word, match.start("value"))
    for match in _AUTH.finditer(text):
        if _is_pair(match[1]):
            yield Hit(PASSWORD, "auth", match[1], match.start(1))


def _is_pair(text: str) -> bool:
    """Whether it is a user and a password in base64."""
    try:
        raw = base64.b64decode(text, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return False
    user, colon, word = raw.partition(":")
    return bool(colon and word.strip()) and user.isprintable() and word.strip().isprintable()
