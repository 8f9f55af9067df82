"""The table of what runs: every service, its command, its port, and when it starts and stops."""

import getpass
import shutil
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import IntEnum, StrEnum
from functools import partial

from practice.errors import PracticeError
from practice.folder import Folder

HOST = "127.0.0.1"
MARIADB_PORT = 13306
RABBITMQ_PORT = 25672
RABBITMQ_DISTRIBUTION_PORT = 25673
# Erlang's port mapper gets a port of its own, so that it is ours to start and to stop.
EPMD_PORT = 14369
KEYSTONE_PORT = 5000
PLACEMENT_PORT = 8778
GLANCE_PORT = 9292
NEUTRON_PORT = 9696
NOVA_PORT = 8774
CINDER_PORT = 8776
# 8080, Swift's usual one, is everybody's.
SWIFT_PORT = 18080
SWIFT_ACCOUNT_PORT = 16202
SWIFT_CONTAINER_PORT = 16201
SWIFT_OBJECT_PORT = 16200
BARBICAN_PORT = 9311
DESIGNATE_PORT = 9001
# Where designate-mdns hands zones out to BIND, BIND answers whoever asks, and BIND is told of new zones.
DESIGNATE_MDNS_PORT = 15354
BIND_PORT = 15353
RNDC_PORT = 19953
OCTAVIA_PORT = 9876
HEAT_PORT = 8004

#: The hosts of servers, and the availability zone of each. What stands in no zone of its own goes to the first.
ZONES = {"practice": "nova", "practice-2": "zone-2"}
HOST_NAME = next(iter(ZONES))

# Debian and Ubuntu keep it out of PATH: the wrapper that is in PATH insists on the user rabbitmq.
RABBITMQ_SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server"


class Extra(StrEnum):
    """What runs only where it is asked for, by what it is good for."""

    OBJECTS = "objects"
    SECRETS = "secrets"
    DNS = "dns"
    LOADBALANCER = "loadbalancer"
    ORCHESTRATION = "orchestration"

    @classmethod
    def named(cls, names: Iterable[str]) -> "tuple[Extra, ...]":
        """Those of these names, each once, in the order above; a PracticeError for a name that none has."""
        known, wanted = [one.value for one in cls], set(names)
        for name in sorted(wanted.difference(known)):
            near = get_close_matches(name.lower(), known, n=1, cutoff=0)
            raise PracticeError(
                f"The practice cloud has no extra {name!r}: did you mean {near[0]}? There are {', '.join(known)}."
            )
        return tuple(one for one in cls if one in wanted)


class Stage(IntEnum):
    """Services start stage by stage in this order and stop in the reverse one, a stage at a time."""

    NAMES = 1
    BROKER = 2
    DATABASE = 3
    IDENTITY = 4
    # What the rest calls. It must answer before a compute starts (else that waits 10 s for the conductor's
    # answer) and until all others have stopped.
    CORE = 5
    # Before the rest, as its first report comes 5 s after it runs, and the others start meanwhile.
    COMPUTE = 6
    CONTROL = 7
    EXTRA = 8
    # What waits a minute when it asks for something of the stage before that is not there yet.
    LAST = 9


@dataclass(frozen=True)
class Service:
    """One supervised process (and its children).

    `port` is the loopback port it listens on, `path` what its API answers there with less than 400; a service
    without a port is known to be up only by what it reports to its API, or by its listening on `queue`, an extra's
    queue of RabbitMQ: what is sent there before is lost (ready.py).
    """

    name: str
    stage: Stage
    command: tuple[str, ...]
    port: int | None = None
    path: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    queue: str | None = None
    extra: Extra | None = None


def services(folder: Folder) -> tuple[Service, ...]:
    """Every service of the cloud in `folder`, the extras' too, in the order in which they start."""
    api, worker = partial(_api, folder), partial(_worker, folder)
    nova_ini = folder.venv / "etc" / "nova" / "api-paste.ini"
    # Nova takes the first file for its paste configuration and the others for its own.
    nova = {"OS_NOVA_CONFIG_DIR": str(folder.etc), "OS_NOVA_CONFIG_FILES": f"{nova_ini};nova.conf"}
    inside = {"PYTHONPATH": str(folder.etc / "inside")}
    neutron = {"OS_NEUTRON_CONFIG_FILES": "neutron.conf", **inside}
    epmd = ("epmd", "-address", HOST, "-port", str(EPMD_PORT))
    return (
        Service("epmd", Stage.NAMES, epmd, EPMD_PORT),
        Service("rabbitmq", Stage.BROKER, (RABBITMQ_SERVER,), RABBITMQ_PORT, environment=_rabbitmq(folder)),
        Service("mariadb", Stage.DATABASE, _mariadbd(folder), MARIADB_PORT),
        api("keystone", Stage.IDENTITY, KEYSTONE_PORT, "keystone.wsgi.api:application", "/v3"),
        worker("nova-conductor", Stage.CORE, "nova.conf"),
        api("placement", Stage.CORE, PLACEMENT_PORT, "placement.wsgi.api:application", "/"),
        api("nova-api", Stage.CORE, NOVA_PORT, "nova.wsgi.osapi_compute:application", "/", nova),
        Service("nova-compute", Stage.COMPUTE, _computes(folder)),
        api("neutron", Stage.CONTROL, NEUTRON_PORT, "neutron.wsgi.api:application", "/", neutron),
        api("glance", Stage.CONTROL, GLANCE_PORT, "glance.wsgi.api:application", "/healthcheck"),
        worker("nova-scheduler", Stage.CONTROL, "nova.conf"),
        Service("cinder-api", Stage.CONTROL, _program(folder, "cinder-api", "cinder.conf"), CINDER_PORT, "/"),
        worker("cinder-scheduler", Stage.CONTROL, "cinder.conf"),
        worker("cinder-volume", Stage.CONTROL, "cinder.conf", inside),
        *_extras(folder),
    )


def _extras(folder: Folder) -> tuple[Service, ...]:
    api, listener = partial(_api, folder), partial(_listener, folder)
    swift, designate = partial(_swift, folder), partial(_designate, folder)
    # These look for their configuration in the home folder of whoever runs them, and nowhere else.
    home = {"HOME": str(folder.etc), "XDG_CACHE_HOME": str(folder.data / "home" / ".cache")}
    octavia = {**home, "PYTHONPATH": str(folder.etc / "inside")}
    dns = {"OS_DESIGNATE_CONFIG_DIR": str(folder.etc)}
    barbican = str(folder.venv / "etc" / "barbican" / "barbican-api-paste.ini")
    named = ("named", "-g", "-4", "-n", "1", "-c", str(folder.etc / "named.conf"))
    return (
        swift("account", SWIFT_ACCOUNT_PORT),
        swift("container", SWIFT_CONTAINER_PORT),
        swift("object", SWIFT_OBJECT_PORT),
        swift("proxy", SWIFT_PORT, "/healthcheck"),
        api("barbican", Stage.EXTRA, BARBICAN_PORT, barbican, "/healthcheck", home, Extra.SECRETS),
        Service("bind", Stage.EXTRA, named, BIND_PORT, extra=Extra.DNS),
        api("designate", Stage.EXTRA, DESIGNATE_PORT, "designate.wsgi.api:application", "/healthcheck", dns, Extra.DNS),
        designate("central"),
        designate("worker"),
        designate("mdns", port=DESIGNATE_MDNS_PORT),
        api("octavia", Stage.EXTRA, OCTAVIA_PORT, "octavia.wsgi.api:application", "/", octavia, Extra.LOADBALANCER),
        listener("octavia-worker", "octavia-worker.conf", "octavia_provisioning_v2", Extra.LOADBALANCER, octavia),
        api("heat", Stage.EXTRA, HEAT_PORT, "heat.wsgi.api:application", "/healthcheck", home, Extra.ORCHESTRATION),
        listener("heat-engine", "heat.conf", "engine", Extra.ORCHESTRATION),
        designate("producer", Stage.LAST),
    )


def ports(folder: Folder, extras: Collection[Extra] = tuple(Extra)) -> tuple[int, ...]:
    """Every port the cloud listens on with these extras."""
    own = (one.port for one in services(folder) if one.port and (one.extra is None or one.extra in extras))
    others = (RNDC_PORT,) if Extra.DNS in extras else ()
    return (*own, *others, RABBITMQ_DISTRIBUTION_PORT)


def environment(folder: Folder) -> dict[str, str]:
    """What every process of the cloud, supervised or not, gets on top of a bare PATH."""
    return {
        # Caches (stevedore's, Erlang's cookie) follow HOME: they are to stand in the folder too.
        "HOME": str(folder.data / "home"),
        "TMPDIR": str(folder.data / "tmp"),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        # A process that renames itself would overwrite its environment, and with it our mark on it.
        "SPT_NOENV": "1",
        "ERL_EPMD_PORT": str(EPMD_PORT),
        "ERL_EPMD_ADDRESS": HOST,
        "OS_KEYSTONE_CONFIG_DIR": str(folder.etc),
        "OS_PLACEMENT_CONFIG_DIR": str(folder.etc),
        "OS_GLANCE_CONFIG_DIR": str(folder.etc),
        "OS_NEUTRON_CONFIG_DIR": str(folder.etc),
    }


def find_program(name: str) -> str | None:
    """The path of a program of the system, also of one in an sbin folder that a user's PATH lacks."""
    return shutil.which(name, path=SYSTEM_PATH)


SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def _program(folder: Folder, name: str, config: str) -> tuple[str, ...]:
    return (folder.program(name), "--config-file", str(folder.etc / config))


def _computes(folder: Folder) -> tuple[str, ...]:
    state = folder.data / "nova"
    # A host is known by what it keeps there (compute_id).
    places = (f"{host}={state if host == HOST_NAME else state / host}" for host in ZONES)
    script, config = folder.etc / "inside" / "computes.py", folder.etc / "nova-compute.conf"
    return (folder.program("python"), str(script), str(config), *places)


def _worker(
    folder: Folder, name: str, stage: Stage, config: str, environment: Mapping[str, str] | None = None
) -> Service:
    return Service(name, stage, _program(folder, name, config), environment=environment or {})


def _api(
    folder: Folder,
    name: str,
    stage: Stage,
    port: int,
    application: str,
    path: str,
    environment: Mapping[str, str] | None = None,
    extra: Extra | None = None,
) -> Service:
    # Everything by environment: Neutron takes the command line for its own.
    own = {"PRACTICE_WSGI": application, "PRACTICE_BIND": f"{HOST}:{port}", **(environment or {})}
    return Service(name, stage, (folder.program("gunicorn"),), port, path, own, extra=extra)


def _listener(
    folder: Folder, name: str, config: str, queue: str, extra: Extra, environment: Mapping[str, str] | None = None
) -> Service:
    command = _program(folder, name, config)
    return Service(name, Stage.EXTRA, command, environment=environment or {}, queue=queue, extra=extra)


def _designate(folder: Folder, part: str, stage: Stage = Stage.EXTRA, port: int | None = None) -> Service:
    command = _program(folder, f"designate-{part}", "designate.conf")
    return Service(f"designate-{part}", stage, command, port, queue=None if port else part, extra=Extra.DNS)


def _swift(folder: Folder, part: str, port: int, path: str | None = None) -> Service:
    command = (folder.program(f"swift-{part}-server"), str(folder.etc / f"swift-{part}.conf"), "--verbose")
    environment = {"PYTHONPATH": str(folder.etc / "inside")}
    return Service(f"swift-{part}", Stage.EXTRA, command, port, path, environment, extra=Extra.OBJECTS)


def _mariadbd(folder: Folder) -> tuple[str, ...]:
    return (
        "mariadbd",
        "--no-defaults",
        # As root it insists on being told that it may.
        f"--user={getpass.getuser()}",
        f"--datadir={folder.data / 'mysql'}",
        f"--socket={folder.run / 'mysql.sock'}",
        f"--pid-file={folder.run / 'mysql.pid'}",
        f"--init-file={folder.etc / 'init.sql'}",
        f"--bind-address={HOST}",
        f"--port={MARIADB_PORT}",
        "--max-connections=500",
        "--skip-name-resolve",
        "--character-set-server=utf8mb4",
        "--collation-server=utf8mb4_general_ci",
        "--innodb-buffer-pool-size=256M",
        # A killed process loses nothing; only a machine that loses its power may. That is worth the speed here.
        "--innodb-flush-log-at-trx-commit=2",
        "--innodb-flush-method=nosync",
        # Octavia takes one for a wrong value, and says no more.
        "--innodb-print-all-deadlocks",
    )


def _rabbitmq(folder: Folder) -> dict[str, str]:
    home = folder.data / "rabbitmq"
    return {
        "RABBITMQ_NODENAME": "practice@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": HOST,
        "RABBITMQ_NODE_PORT": str(RABBITMQ_PORT),
        "RABBITMQ_DIST_PORT": str(RABBITMQ_DISTRIBUTION_PORT),
        "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder.log),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
        "RABBITMQ_PID_FILE": str(folder.run / "rabbitmq.pid"),
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        # The script becomes the broker instead of guarding it, so that a signal reaches the broker itself.
        "RUNNING_UNDER_SYSTEMD": "true",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
            "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none -start_epmd false "
            "-kernel inet_dist_use_interface {127,0,0,1}"
        ),
    }
