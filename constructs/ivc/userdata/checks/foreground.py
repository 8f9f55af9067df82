"""Programs that do not return: a small table of those that stand in examples and on real servers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_SERVICE = "make it a systemd service, or start it with systemd-run"


@dataclass(frozen=True)
class Stay:
    """What is known of a command that stays.

    instead: what to do.
    certain: whether it stays in any case; some do only where what they run does.
    """

    instead: str = _SERVICE
    certain: bool = True


# On the command line without what stands before the program (`sudo`, `exec`, variables) and without its folder.
_STAYS: tuple[tuple[re.Pattern[str], Stay], ...] = tuple(
    (re.compile(pattern), stay)
    for pattern, stay in (
        (r"python[\d.]* (-\S+ )*-m http\.server\b", Stay()),
        (r"python2? -m SimpleHTTPServer\b", Stay()),
        (r"php[\d.]* (-\S+ )*-S ", Stay()),
        (r"(flask|hypercorn) (\S+ )*run\b|uvicorn \S", Stay()),
        (r"gunicorn (?!(.* )?(-D|--daemon)\b)\S", Stay()),
        (r"(npm|yarn|pnpm) (run )?(start|serve|dev)\b", Stay(certain=False)),
        (r"tail (.* )?(-[a-zA-Z]*[fF]\w*|--follow\S*)( |$)", Stay("look at the log when you need it")),
        (r"journalctl (.* )?(-[a-z]*f[a-z]*|--follow)( |$)", Stay("look at the log when you need it")),
        (r"dmesg (.* )?(-[a-zA-Z]*w|--follow)( |$)", Stay("look at the log when you need it")),
        (r"sleep (infinity|inf)\b", Stay("take it away")),
        (r"(watch|top|htop)( |$)", Stay("take it away")),
        (r"(nc|ncat|netcat) (.* )?-[a-z]*l", Stay(certain=False)),
        (r"(docker|podman) (-\S+ )*(container )?run (?!(.* )?(-[a-zA-Z]*d[a-zA-Z]*|--detach\S*|--rm)( |$))",
         Stay("add -d, or --rm where it is to end", certain=False)),
        (r"(docker|podman)[ -]compose (.* )?up\b(?!.* (-d|--detach|--wait)\b)", Stay("add -d")),
        (r"sshd (.* )?-D\b", Stay("use `systemctl restart ssh`")),
        (r"(httpd|apache2|apache2ctl|apachectl) (.* )?-D ?FOREGROUND\b", Stay("use systemctl")),
        (r"nginx (.* )?-g \W*daemon off", Stay("use `systemctl restart nginx`")),
        (r"php-fpm[\d.]* (.* )?(-F|--nodaemonize)\b", Stay("use systemctl")),
        (r"dnsmasq (.* )?(-k|-d|--keep-in-foreground|--no-daemon)( |$)", Stay("use systemctl")),
        (r"supervisord (.* )?(-n|--nodaemon)\b", Stay("use systemctl")),
        (r"(cron|crond) (.* )?-f( |$)", Stay("use systemctl")),
        (r"rsyslogd (.* )?-n( |$)", Stay("use systemctl")),
        (r"haproxy (.* )?-db( |$)|named (.* )?-[fg]( |$)", Stay("use systemctl")),
        (r"caddy run\b", Stay("use systemctl")),
        (r"\S+ (.* )?(--foreground|--no-daemon|--nodaemon|--no-daemonize)( |$)", Stay("use systemctl")),
        (r"jupyter[ -](notebook|lab|server)\b", Stay()),
        (r"(consul|nomad) agent\b|vault server\b|etcd( |$)", Stay()),
    )
)  # fmt: skip
_BEFORE = re.compile(r"(?:\w+=\S*|exec|command|nohup|time|env|then|do|else|sudo(?: -(?:[EHnSi]+|u \S+))*)(?: |$)")
# Prints help, or a version, and ends.
_ENDS = re.compile(r"(?: |^)(?:--help|--version)(?: |$)")


def stays(words: Sequence[str]) -> Stay | None:
    """What is known of a command that does not return; None of one that does, or that is not in the table."""
    command = program(words)
    if _ENDS.search(command):
        return None
    return next((stay for pattern, stay in _STAYS if pattern.match(command)), None)


def program(words: Sequence[str]) -> str:
    """The command line from its program's own name on."""
    command = " ".join(words)
    while match := _BEFORE.match(command):
        command = command[match.end() :]
    name, space, arguments = command.partition(" ")
    return name.rpartition("/")[2] + space + arguments
