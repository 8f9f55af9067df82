"""The network configuration of a guest without a cloud, made from the NICs that are declared.

In cloud-init's version 2 (cloud-init, "Networking config Version 2"). Only netplan finds a card by a pattern of names:
all else goes by its MAC address, or by the very name that the kernel gives it (cloudinit/net/network_state.py).
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping
from typing import Any

from ivc.estate import Instance
from ivc.estate.model import Nic, Subnet

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,14}")


def of_instance(instance: Instance, cards: Mapping[str, str]) -> bytes:
    """The configuration: fixed addresses as they are declared, DHCP where the cloud would have chosen one.

    Of several gateways the first counts: a second default route would be one too many for most that set it up.

    cards: by the names of its networks the MAC address, or the kernel's name, of the card that is in it.

    Raises ValueError for a network without a card, and for a fixed address in no known subnet.
    """
    networks = [nic.network.name for nic in instance.nics]
    for network, card in cards.items():
        if network not in networks:
            raise ValueError(f"--nic: {instance.id} is not in {network!r}; it is in {', '.join(networks) or 'none'}")
        if not _MAC.fullmatch(card.lower()) and not _NAME.fullmatch(card):
            raise ValueError(
                f"--nic: {card!r} is neither a MAC address, such as 52:54:00:12:34:56, nor the name of a card, such as "
                "ens3"
            )
    for network in networks:
        if network not in cards:
            raise ValueError(f"--nic: give the card in {network} too, as --nic {network}=MAC")
        if networks.count(network) > 1:
            raise ValueError(f"--nic: two NICs are in {network}, and which is which is not told; give --network-config")
    ethernets: dict[str, Any] = {}
    out: set[str] = set()
    for number, nic in enumerate(instance.nics):
        card = cards[nic.network.name]
        is_mac = _MAC.fullmatch(card.lower()) is not None
        match = {"match": {"macaddress": card.lower()}} if is_mac else {}
        ethernets[f"nic{number}" if is_mac else card] = {**match, **_addresses(nic, out)}
    # JSON is YAML, too.
    return json.dumps({"version": 2, "ethernets": ethernets}, indent=1).encode()


def _addresses(nic: Nic, out: set[str]) -> Mapping[str, Any]:
    """A card's addresses. out: the default routes so far, to which its own are added."""
    if not nic.ips:
        return {"dhcp4": True}
    addresses: list[str] = []
    routes: list[Mapping[str, Any]] = []
    servers: list[str] = []
    for text in nic.ips:
        subnet = _subnet(nic, text)
        if subnet is None:
            raise ValueError(
                f"--nic: no subnet of {nic.network.name} is known that has {text}: give --network-config FILE"
            )
        network = ipaddress.ip_network(subnet.cidr)
        addresses.append(f"{text}/{network.prefixlen}")
        anywhere = "0.0.0.0/0" if network.version == 4 else "::/0"
        if subnet.gateway is not None and anywhere not in out:
            out.add(anywhere)
            routes.append({"to": anywhere, "via": subnet.gateway})
        servers += subnet.dns
    found: dict[str, Any] = {"addresses": addresses}
    if routes:
        found["routes"] = routes
    if servers:
        found["nameservers"] = {"addresses": [*dict.fromkeys(servers)]}
    return found


def _subnet(nic: Nic, text: str) -> Subnet | None:
    address = ipaddress.ip_address(text)
    return next((subnet for subnet in nic.network.subnets if address in ipaddress.ip_network(subnet.cidr)), None)
