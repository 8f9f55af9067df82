"""Runs in the guest, when cloud-init has ended: looks at what is there and says it on the second serial line.

Debian 12's own Python and its standard library are all it has. It looks and never judges.
"""

import base64
import grp
import hashlib
import json
import pwd
import re
import subprocess
import sys
import time
import zlib
from pathlib import Path
from typing import Any

_BY_ID = Path("/dev/disk/by-id")
_CLOUD = Path("/var/lib/cloud/instance")
_RUN = Path("/run/ivc")
_OWN_UNIT = "ivc-probe.service"
_OF_VOLUMES = 120
_LARGEST = 2**20


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return {}


def _output(*command: str) -> str:
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout


def _links() -> dict[str, str]:
    if not _BY_ID.is_dir():
        return {}
    return {str(link): str(link.resolve()) for link in sorted(_BY_ID.iterdir())}


def _jobs() -> list[list[str]]:
    lines = _output("systemctl", "list-jobs", "--no-legend", "--no-pager").splitlines()
    jobs = [line.split() for line in lines]
    return [job for job in jobs if len(job) == 4 and job[3] == "running" and job[1] != _OWN_UNIT]


def _settle(serials: list[str], until: float) -> None:
    """Wait for the disks that are yet to come, and for what their coming starts."""
    while time.monotonic() < until and not all(any(one in link for link in _links()) for one in serials):
        time.sleep(0.3)
    if serials:
        time.sleep(1)
    _output("udevadm", "settle", "--timeout=20")
    while time.monotonic() < until and _jobs():
        time.sleep(0.3)
    # A volume that came late is mounted by a unit of its own, which goes on for as long as another has not come.
    patient = time.monotonic() + _OF_VOLUMES
    while time.monotonic() < patient and _output("systemctl", "is-active", "ivc-volumes").strip() == "active":
        time.sleep(0.3)


def _touch(targets: list[str]) -> None:
    """Look into each folder, which is what an automount waits for."""
    for target in targets:
        _output("timeout", "20", "ls", target)


def _answer(command: str, seconds: float) -> dict[str, Any]:
    try:
        done = subprocess.run(
            ("sh", "-c", command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as cut_off:
        return {"command": command, "exit_code": None, "output": (cut_off.output or b"").decode(errors="replace")}
    return {"command": command, "exit_code": done.returncode, "output": done.stdout.decode(errors="replace")}


def _file(path: str) -> dict[str, Any] | None:
    try:
        status = Path(path).stat()
        content = Path(path).read_bytes() if Path(path).is_file() else b""
    except OSError:
        return None
    try:
        owner = pwd.getpwuid(status.st_uid).pw_name
    except KeyError:
        owner = str(status.st_uid)
    try:
        group = grp.getgrgid(status.st_gid).gr_name
    except KeyError:
        group = str(status.st_gid)
    return {
        "content": base64.b64encode(content[:_LARGEST]).decode(),
        "mode": status.st_mode & 0o7777,
        "owner": owner,
        "group": group,
    }


def _failed_units() -> list[dict[str, str]]:
    names = [line.split()[0] for line in _output("systemctl", "--failed", "--plain", "--no-legend").splitlines()]
    return [
        {"name": name, "log": _output("journalctl", "-b", "-u", name, "-o", "cat", "-n", "5", "--no-pager")}
        for name in names
    ]


def _log_of_this_boot() -> list[str]:
    # The log goes on from boot to boot.
    log = _text(Path("/var/log/cloud-init.log"))
    began = log.rfind("running 'init-local'")
    log = log[max(began, 0) :]
    return [line for line in log.splitlines() if re.search(r"\[(WARNING|ERROR|CRITICAL)\]|^\w*Error:", line)]


def _say(what: str, value: dict[str, Any]) -> None:
    packed = base64.b64encode(zlib.compress(json.dumps(value).encode())).decode()
    sys.stdout.write(f"\nIVC-{what} {packed} IVC-END\n")
    sys.stdout.flush()


def main() -> None:
    asked = json.loads((_RUN / "asked.json").read_text())
    _settle(asked["serials"], time.monotonic() + asked["patience"])
    _touch(asked["targets"])
    answers = [_answer(command, asked["of_a_command"]) for command in asked["commands"]]
    seen = {
        "status": _json(_text(Path("/run/cloud-init/status.json"))),
        "result": _json(_text(Path("/run/cloud-init/result.json"))),
        "warnings": _log_of_this_boot(),
        "user_data": hashlib.sha256((_CLOUD / "user-data.txt").read_bytes()).hexdigest()
        if (_CLOUD / "user-data.txt").exists()
        else "",
        "cloud_config": _text(_CLOUD / "cloud-config.txt"),
        "commands": _text(_RUN / "runcmd.log"),
        "watched": (_RUN / "runcmd.watched").exists()
        and _text(_RUN / "runcmd.watched") == _text(_CLOUD / "scripts" / "runcmd"),
        "answers": answers,
        "output": _text(Path("/var/log/cloud-init-output.log"))[-20_000:],
        "failed_units": _failed_units(),
        "jobs": [" ".join(job[1:3]) for job in _jobs()],
        "files": {path: _file(path) for path in asked["files"]},
        "mounts": _json(_output("findmnt", "--json", "--list", "--real", "-o", "SOURCE,TARGET,FSTYPE,OPTIONS")),
        "fstab": [line for line in _text(Path("/etc/fstab")).splitlines() if line.strip() and line[0] != "#"],
        "blocks": _json(_output("lsblk", "--json", "-o", "PATH,TYPE,SERIAL,FSTYPE,LABEL,UUID,SIZE,MOUNTPOINTS")),
        "links": _links(),
        "users": [one.pw_name for one in pwd.getpwall()],
        "hostname": _text(Path("/proc/sys/kernel/hostname")).strip(),
        "uptime": float(_text(Path("/proc/uptime")).split()[0]),
        "blame": _output("systemd-analyze", "blame", "--no-pager").splitlines()[:12],
    }
    _say("SEEN", seen)
    if "cleaning" in asked:
        done = subprocess.run(
            ("sh", "-c", asked["cleaning"]), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        _say("CLEANED", {"exit_code": done.returncode, "output": done.stdout})
    _output("sync")


main()
