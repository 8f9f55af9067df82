"""What stands behind the extras' services, made at an extra's first start: databases, files, and what only the running
services can make."""

import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from practice import config
from practice.databases import Command, inside, manage, run
from practice.folder import Folder
from practice.install import extras_lock_hash
from practice.services import (
    HOST,
    MARIADB_PORT,
    SWIFT_ACCOUNT_PORT,
    SWIFT_CONTAINER_PORT,
    SWIFT_OBJECT_PORT,
    Extra,
)

_DATABASES = {
    Extra.SECRETS: "barbican",
    Extra.DNS: "designate",
    Extra.LOADBALANCER: "octavia",
    Extra.ORCHESTRATION: "heat",
}


def is_made(folder: Folder, extra: Extra) -> bool:
    """Whether all that the extra needs was made, and for the services that are installed."""
    stamp = _stamp(folder, extra)
    return stamp.exists() and stamp.read_text() == extras_lock_hash()


def make(folder: Folder, extras: Iterable[Extra]) -> None:
    """Make what these extras' services need to start, or bring it up to date, side by side. MariaDB must run."""
    with ThreadPoolExecutor() as pool:
        for future in [pool.submit(_make, folder, extra) for extra in extras]:
            future.result()


def finish(folder: Folder, extras: Iterable[Extra]) -> None:
    """Make what these extras' services, which must run, are needed for."""
    for extra in extras:
        if extra is Extra.DNS:
            # Which server answers for the zones.
            pool = ("pool", "update", "--file", str(folder.etc / "pools.yaml"))
            run(folder, f"make-{extra}", [manage(folder, "designate-manage", "designate.conf", *pool)])
        _stamp(folder, extra).write_text(extras_lock_hash())


def _make(folder: Folder, extra: Extra) -> None:
    steps = _steps(folder, extra)
    if extra in _DATABASES and not _stamp(folder, extra).exists():
        # A first start that was cut off is begun anew: MariaDB does not take back the half of a step.
        steps = [_empty_database(_DATABASES[extra]), *steps]
    run(folder, f"make-{extra}", steps)
    if extra is Extra.DNS:
        # Designate wants it beside its own configuration.
        shutil.copy(folder.venv / "etc" / "designate" / "api-paste.ini", folder.etc)


def _steps(folder: Folder, extra: Extra) -> list[Command]:
    match extra:
        case Extra.OBJECTS:
            kept = {"account": SWIFT_ACCOUNT_PORT, "container": SWIFT_CONTAINER_PORT, "object": SWIFT_OBJECT_PORT}
            rings = (f"{name}={port}" for name, port in kept.items())
            return [(*inside(folder, "rings.py"), str(folder.etc), HOST, *rings)]
        case Extra.SECRETS:
            # It looks for its configuration in the home folder alone.
            return [("env", f"HOME={folder.etc}", folder.program("barbican-manage"), "db", "upgrade")]
        case Extra.DNS:
            return [manage(folder, "designate-manage", "designate.conf", "database", "sync")]
        case Extra.LOADBALANCER:
            upgrade = manage(folder, "octavia-db-manage", "octavia.conf", "upgrade", "head")
            return [upgrade, _authority(folder)]
        case Extra.ORCHESTRATION:
            return [manage(folder, "heat-manage", "heat.conf", "db_sync")]


def _authority(folder: Folder) -> Command:
    """Signs the certificates of amphorae: Octavia makes one for each, though nothing boots."""
    key, certificate = (str(folder.data / "octavia" / f"ca.{kind}") for kind in ("key", "crt"))
    made = ("-newkey", "rsa:2048", "-passout", f"pass:{config.KEY}", "-days", "3650", "-subj", "/CN=practice")
    return ("openssl", "req", "-x509", *made, "-keyout", key, "-out", certificate)


def _empty_database(name: str) -> Command:
    login = (f"--user={config.DATABASE_USER}", f"--password={config.DATABASE_PASSWORD}")
    server = ("mariadb", "--no-defaults", f"--host={HOST}", f"--port={MARIADB_PORT}")
    return (*server, *login, f"--execute=CREATE OR REPLACE DATABASE {name}")


def _stamp(folder: Folder, extra: Extra) -> Path:
    return folder.data / f"made-{extra}"
