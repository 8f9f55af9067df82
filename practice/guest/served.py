"""What a guest fetches by HTTP: a few files, by their addresses, and nothing else of this machine or the world."""

import shlex
import sys
from collections.abc import Iterator, Mapping
from ipaddress import ip_interface
from pathlib import Path
from urllib.parse import unquote, urlsplit

from practice.errors import PracticeError
from practice.guest.config_drive import Nic

_ANSWER = Path(__file__).resolve().with_name("answer.py")


def put(objects: Mapping[str, Path], folder: Path, nic: Nic | None) -> tuple[tuple[str, Path], ...]:
    """Make a folder of links to the files for each host; gives the hosts, `address:port`, with theirs.

    objects: the files, by URL. nic: the guest's first card, whose network the hosts are in.
    """
    hosts = {}
    for url, file in objects.items():
        said = urlsplit(url)
        path = unquote(said.path)
        if said.scheme != "http" or not said.hostname or said.query or ".." in path.split("/"):
            raise PracticeError(f"{url}: a guest fetches by http://ADDRESS/PATH alone.")
        if nic is None or not _is_beside(nic, said.hostname):
            where = "has no network card" if nic is None else f"is {nic.address}"
            raise PracticeError(f"{url}: the guest {where}: give an address of its own first network, and IPv4.")
        if not file.is_file():
            raise PracticeError(f"{url}: there is no file {file}.")
        host = f"{said.hostname}:{said.port or 80}"
        hosts[host] = folder / host
        place = hosts[host] / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(file.resolve())
    return tuple(hosts.items())


def network(nic: Nic, hosts: tuple[tuple[str, Path], ...]) -> str:
    """As qemu takes it: a network of the guest alone, with each host on it; for each call it runs `answer.py`."""
    return "".join(_network(nic, hosts))


def _network(nic: Nic, hosts: tuple[tuple[str, Path], ...]) -> Iterator[str]:
    yield f"user,restrict=on,ipv6=off,net={ip_interface(nic.address).network}"
    for host, folder in hosts:
        command = shlex.join((sys.executable, str(_ANSWER), str(folder)))
        yield f",guestfwd=tcp:{host}-cmd:{command.replace(',', ',,')}"


def _is_beside(nic: Nic, host: str) -> bool:
    card = ip_interface(nic.address)
    try:
        other = ip_interface(host)
    except ValueError:
        return False
    return card.version == other.version == 4 and other.ip in card.network and other.ip != card.ip
