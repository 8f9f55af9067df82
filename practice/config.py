"""Renders the services' configuration from the templates in `practice/etc/` into the state folder."""

import base64
import getpass
import os
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from practice import access
from practice import services as table
from practice.folder import Folder
from practice.processes import mark

_HERE = Path(__file__).resolve().parent

#: One database for each service; Nova keeps three.
DATABASES = ("keystone", "placement", "glance", "nova", "nova_api", "nova_cell0", "neutron", "cinder")
DATABASE_USER = "os"
DATABASE_PASSWORD = "os"

PHYSICAL_NETWORK = "public"
OUTSIDE_NETWORK = "Ext-Net"

# Included by other templates, and no file of their own.
_PARTS = frozenset({"client.j2", "authtoken.j2", "swift-storage.j2"})
#: Where 32 characters must be, to encrypt with or to sign by. It is no secret: see access.py.
KEY = "practice-cloud-holds-no-secrets-"


def write(folder: Folder) -> None:
    """Render every template into `folder.etc` and put beside them what runs inside the services."""
    for name, text in render(folder).items():
        (folder.etc / name).write_text(text)
    # A copy, so that what runs does not change with the work tree, nor write caches into it.
    shutil.copytree(_HERE / "inside", folder.etc / "inside", dirs_exist_ok=True)


def render(folder: Folder) -> dict[str, str]:
    """The text of every configuration file, by its name."""
    environment = Environment(
        loader=FileSystemLoader(_HERE / "etc"),
        undefined=StrictUndefined,
        autoescape=False,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(words=shlex.join, pairs=_pairs, base64=_base64)
    names = sorted(set(environment.list_templates(extensions=["j2"])) - _PARTS)
    values = _values(folder)
    return {name.removesuffix(".j2"): environment.get_template(name).render(values) for name in names}


def process_environment(folder: Folder) -> dict[str, str]:
    """The whole environment of the supervisor and of the tools that prepare the databases."""
    return {"PATH": table.SYSTEM_PATH, **table.environment(folder), **mark(folder)}


def _values(folder: Folder) -> dict[str, object]:
    services = table.services(folder)
    host = table.HOST
    return {
        "venv": str(folder.venv),
        "etc": str(folder.etc),
        "run": str(folder.run),
        "log": str(folder.log),
        "data": str(folder.data),
        "loopback": host,
        "host_name": table.HOST_NAME,
        "zone": table.ZONES[table.HOST_NAME],
        "region": access.REGION,
        "keystone": access.KEYSTONE_URL,
        "glance": f"http://{host}:{table.GLANCE_PORT}",
        "cinder_port": table.CINDER_PORT,
        "swift_port": table.SWIFT_PORT,
        "swift_account_port": table.SWIFT_ACCOUNT_PORT,
        "swift_container_port": table.SWIFT_CONTAINER_PORT,
        "swift_object_port": table.SWIFT_OBJECT_PORT,
        "barbican": f"http://{host}:{table.BARBICAN_PORT}",
        "designate": f"http://{host}:{table.DESIGNATE_PORT}",
        "designate_mdns_port": table.DESIGNATE_MDNS_PORT,
        "bind_port": table.BIND_PORT,
        "rndc_port": table.RNDC_PORT,
        "octavia": f"http://{host}:{table.OCTAVIA_PORT}",
        "network_driver": "allowed_address_pairs_driver",
        "heat_domain": access.HEAT_DOMAIN,
        "heat_admin": access.HEAT_ADMIN,
        "heat_password": access.HEAT_PASSWORD,
        "key": KEY,
        "user": getpass.getuser(),
        "transport": f"rabbit://guest:guest@{host}:{table.RABBITMQ_PORT}/",
        "service_user": access.SERVICE_USER,
        "service_password": access.SERVICE_PASSWORD,
        "service_project": access.SERVICE_PROJECT,
        "physical_network": PHYSICAL_NETWORK,
        "outside_network": OUTSIDE_NETWORK,
        "database": _database_url,
        "databases": DATABASES,
        "database_user": DATABASE_USER,
        "database_password": DATABASE_PASSWORD,
        "api": True,
        "root": os.geteuid() == 0,
        "services": services,
        "stages": [
            {
                "name": stage.name,
                "priority": stage.value,
                "programs": [one.name for one in services if one.stage is stage],
            }
            for stage in table.Stage
        ],
    }


def _database_url(name: str) -> str:
    login = f"{DATABASE_USER}:{DATABASE_PASSWORD}@{table.HOST}:{table.MARIADB_PORT}"
    return f"mysql+pymysql://{login}/{name}?charset=utf8mb4"


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _pairs(environment: Mapping[str, str]) -> str:
    return ",".join(f'{name}="{value}"' for name, value in environment.items())
