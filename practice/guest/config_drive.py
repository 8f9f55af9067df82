"""The config drive, as Nova writes it: an ISO image with the label config-2 (nova.virt.configdrive)."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from ipaddress import ip_interface
from pathlib import Path

import pycdlib

LABEL = "config-2"


@dataclass(frozen=True)
class Nic:
    """A network card with one address.

    address: with its prefix, 10.0.0.11/24, or an IPv6 one.
    gateway: the default route's. None leads nowhere, which fails at once; a real one that nobody answers makes
        programs in the guest wait.
    """

    address: str
    gateway: str | None = None
    mac: str = "fa:16:3e:00:00:01"


def write(
    path: Path,
    *,
    user_data: bytes,
    name: str,
    instance_id: str,
    nics: Sequence[Nic],
    vendor_data: bytes = b"{}",
) -> None:
    """Write the image. Equal arguments make drives whose files are equal."""
    files = {
        "user_data": user_data,
        "meta_data.json": _json(_meta_data(name, instance_id)),
        "network_data.json": _json(_network_data(nics)),
        "vendor_data.json": vendor_data,
        "vendor_data2.json": b"{}",
    }
    iso = pycdlib.PyCdlib()
    iso.new(interchange_level=3, joliet=3, rock_ridge="1.09", vol_ident=LABEL, pub_ident_str="OpenStack Nova")
    iso.add_directory("/OPENSTACK", rr_name="openstack", joliet_path="/openstack")
    iso.add_directory("/OPENSTACK/LATEST", rr_name="latest", joliet_path="/openstack/latest")
    for file, content in files.items():
        plain = file.upper() if "." in file else f"{file.upper()}."
        iso.add_fp(
            BytesIO(content),
            len(content),
            f"/OPENSTACK/LATEST/{plain};1",
            rr_name=file,
            joliet_path=f"/openstack/latest/{file}",
        )
    iso.write(str(path))
    iso.close()


def _meta_data(name: str, instance_id: str) -> Mapping[str, object]:
    return {
        "uuid": instance_id,
        "name": name,
        "hostname": f"{name}.novalocal",
        "availability_zone": "nova",
        "launch_index": 0,
        "project_id": "0123456789abcdef0123456789abcdef",
        "random_seed": base64.b64encode(sha256(instance_id.encode()).digest() * 16).decode(),
        "keys": [],
        "devices": [],
        "dedicated_cpus": [],
    }


def _network_data(nics: Sequence[Nic]) -> Mapping[str, object]:
    return {
        "links": [
            {
                "id": f"tap{number}",
                "vif_id": f"vif{number}",
                "type": "ovs",
                "mtu": 1500,
                "ethernet_mac_address": nic.mac,
            }
            for number, nic in enumerate(nics)
        ],
        "networks": [_network(number, nic) for number, nic in enumerate(nics)],
        "services": [],
    }


def _network(number: int, nic: Nic) -> Mapping[str, object]:
    address = ip_interface(nic.address)
    anywhere = ip_interface("0.0.0.0/0" if address.version == 4 else "::/0")
    routes = [{"network": str(anywhere.ip), "netmask": str(anywhere.netmask), "gateway": nic.gateway}]
    return {
        "id": f"network{number}",
        "type": f"ipv{address.version}",
        "link": f"tap{number}",
        "ip_address": str(address.ip),
        "netmask": str(address.netmask),
        "network_id": f"00000000-0000-4000-8000-{number:012}",
        "services": [],
        "routes": routes if nic.gateway else [],
    }


def _json(value: object) -> bytes:
    return json.dumps(value).encode()
