"""Makes the databases at the first start: MariaDB's own files, then every service's tables, side by side."""

import getpass
import json
import os
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from practice import access, config
from practice.errors import PracticeError
from practice.folder import Folder
from practice.install import lock_hash
from practice.services import ZONES, find_program

Command = tuple[str, ...]


def make_files(folder: Folder) -> None:
    """Make MariaDB's data folder where there is none."""
    target = folder.data / "mysql"
    if target.exists():
        return
    # Under another name until it is whole: half a folder would never be noticed.
    unfinished = folder.data / "mysql.unfinished"
    install = (
        find_program("mariadb-install-db") or "mariadb-install-db",
        "--no-defaults",
        f"--user={getpass.getuser()}",
        f"--datadir={unfinished}",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
    )
    run(folder, "mariadb-install", [("rm", "-rf", str(unfinished)), install])
    unfinished.rename(target)


def were_cut_off(folder: Folder) -> bool:
    """Whether a first start ended before all tables were made. They cannot be gone on with: MariaDB does not take back
    the half of a step, which the next run then stumbles over."""
    return (folder.data / "mysql").exists() and not _stamp(folder).exists()


def are_current(folder: Folder) -> bool:
    """Whether the tables are those of the installed services, and know every host."""
    stamp = _stamp(folder)
    return stamp.exists() and stamp.read_text() == _made_for()


def sync(folder: Folder) -> None:
    """Bring every service's tables up to date. MariaDB must run."""
    chains = {
        "neutron": _neutron(folder),
        "nova": _nova(folder),
        "keystone": _keystone(folder),
        "others": _others(folder),
    }
    # Side by side, as there is more than one core; the commands of one chain come one after the other.
    with ThreadPoolExecutor(len(chains)) as pool:
        for future in [pool.submit(run, folder, f"sync-{name}", chain) for name, chain in chains.items()]:
            future.result()
    _stamp(folder).write_text(_made_for())


def _made_for() -> str:
    return " ".join((lock_hash(), *ZONES))


def _stamp(folder: Folder) -> Path:
    return folder.data / "synced"


def _neutron(folder: Folder) -> list[Command]:
    config_file = ("--config-file", str(folder.etc / "neutron.conf"))
    return [
        (folder.program("neutron-db-manage"), *config_file, "upgrade", "heads"),
        (*inside(folder, "l2_agent.py"), *config_file, config.PHYSICAL_NETWORK, *ZONES),
    ]


def _nova(folder: Folder) -> list[Command]:
    def manage(*words: str) -> Command:
        return ("nova-manage", "--config-file", str(folder.etc / "nova.conf"), *words)

    steps = [
        (manage("api_db", "sync"), [0]),
        (manage("cell_v2", "map_cell0"), [0]),
        (manage("db", "sync"), [0]),
        # 2: there is such a cell already.
        (manage("cell_v2", "create_cell", "--name", "cell1"), [0, 2]),
    ]
    return [(*inside(folder, "steps.py"), "nova.cmd.manage:main", json.dumps(steps))]


def _keystone(folder: Folder) -> list[Command]:
    def manage(*words: str) -> Command:
        return ("keystone-manage", "--config-file", str(folder.etc / "keystone.conf"), *words)

    # As root it insists on being told whose the keys are.
    owner = (f"--keystone-user={os.getuid()}", f"--keystone-group={os.getgid()}")
    urls = (f"--bootstrap-{interface}-url={access.KEYSTONE_URL}" for interface in ("admin", "internal", "public"))
    bootstrap = (
        f"--bootstrap-password={access.ADMIN_PASSWORD}",
        f"--bootstrap-region-id={access.REGION}",
        *urls,
    )
    steps = [
        (manage("db_sync"), [0]),
        (manage("fernet_setup", *owner), [0]),
        (manage("credential_setup", *owner), [0]),
        (manage("bootstrap", *bootstrap), [0]),
    ]
    return [(*inside(folder, "steps.py"), "keystone.cmd.manage:main", json.dumps(steps))]


def _others(folder: Folder) -> list[Command]:
    return [
        manage(folder, "placement-manage", "placement.conf", "db", "sync"),
        manage(folder, "glance-manage", "glance-api.conf", "db_sync"),
        manage(folder, "cinder-manage", "cinder.conf", "db", "sync"),
    ]


def manage(folder: Folder, tool: str, config_file: str, *words: str) -> Command:
    """A command of a service's own tool, with a configuration file of ours."""
    return (folder.program(tool), "--config-file", str(folder.etc / config_file), *words)


def inside(folder: Folder, script: str) -> Command:
    """A script of `practice/inside`, run by the services' Python."""
    return (folder.program("python"), str(folder.etc / "inside" / script))


def run(folder: Folder, name: str, commands: Sequence[Command]) -> None:
    """Run commands one after the other, into the log of this name; a PracticeError where one fails."""
    path = folder.log / f"{name}.log"
    with path.open("a") as log:
        for command in commands:
            ended = subprocess.run(
                command,
                env=config.process_environment(folder),
                cwd=folder.etc,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=False,
            )
            if ended.returncode:
                raise PracticeError(f"The databases could not be made ({name} failed): see the end of {path}.")
