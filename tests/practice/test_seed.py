"""What the cloud is seeded with, and what becomes of what an earlier run left half made."""

from __future__ import annotations

import ipaddress
from types import SimpleNamespace
from typing import Any
from unittest.mock import create_autospec

import pytest
from openstack.block_storage.v3._proxy import Proxy as BlockStorage
from openstack.block_storage.v3.volume import Volume
from openstack.compute.v2._proxy import Proxy as Compute
from openstack.exceptions import ResourceFailure
from openstack.image.v2._proxy import Proxy as Images
from openstack.image.v2.image import Image
from openstack.network.v2._proxy import Proxy as Network
from practice import seed
from practice.errors import PracticeError


def test_the_outside_network_has_both_families_and_addresses_nobody_owns() -> None:
    networks = [ipaddress.ip_network(one.cidr) for one in seed.OUTSIDE_SUBNETS]
    assert [network.version for network in networks] == [4, 6]
    assert networks[0].subnet_of(ipaddress.IPv4Network("198.18.0.0/15"))  # type: ignore[arg-type]
    assert networks[1].subnet_of(ipaddress.IPv6Network("2001:db8::/32"))  # type: ignore[arg-type]


def test_pools_lie_in_their_subnets_and_spare_the_gateway() -> None:
    assert seed.OUTSIDE_SUBNETS
    for one in seed.OUTSIDE_SUBNETS:
        network = ipaddress.ip_network(one.cidr)
        first, last, gateway = (ipaddress.ip_address(text) for text in (one.first, one.last, one.gateway))
        assert all(address in network for address in (first, last, gateway)), one.name
        assert int(gateway) < int(first) < int(last), one.name


def test_the_catalogue_has_the_names_that_nova_and_terraform_look_for() -> None:
    assert {"volumev3", "block-storage"} <= {one.type for one in seed.APIS}


class Storage:
    """Cinder as openstacksdk shows it: what is made is available, what is deleted is gone."""

    def __init__(self, volumes: list[Volume], becomes: str = "available") -> None:
        self.there = volumes
        self.becomes = becomes
        self.proxy = create_autospec(BlockStorage, instance=True)
        self.proxy.volumes.side_effect = lambda: iter(self.there)
        self.proxy.create_volume.side_effect = self._create
        self.proxy.delete_volume.side_effect = self._delete
        self.proxy.wait_for_status.side_effect = self._wait

    def said(self) -> dict[str, list[str]]:
        """The states of the volumes, by name."""
        return {name: [one.status for one in self.there if one.name == name] for name in ("www-data", "db-data")}

    def _create(self, name: str, size: int) -> Volume:
        self.there.append(Volume(id=f"new-{name}", name=name, size=size, status=self.becomes))
        return self.there[-1]

    def _delete(self, volume: str, *, force: bool) -> None:
        assert force
        self.there = [one for one in self.there if one.id != volume]

    def _wait(self, volume: Volume, status: str, **settings: Any) -> None:
        if volume.status != status:
            raise ResourceFailure(f"Volume:{volume.id} transitioned to failure state {volume.status}")


def _connection(**proxies: Any) -> Any:
    compute = create_autospec(Compute, instance=True)
    compute.keypairs.return_value = []
    return SimpleNamespace(compute=compute, **proxies)


def _belongings(storage: Storage) -> None:
    connection = _connection(block_storage=storage.proxy)
    seed.belongings(connection, connection)


def _volume(status: str, name: str = "www-data") -> Volume:
    return Volume(id=f"old-{name}-{status}", name=name, status=status)


@pytest.mark.parametrize("status", ["error", "creating", "deleting", "error_deleting"])
def test_a_volume_that_came_to_nothing_is_made_anew(status: str) -> None:
    storage = Storage([_volume(status)])
    _belongings(storage)
    assert storage.said() == {"www-data": ["available"], "db-data": ["available"]}
    storage.proxy.wait_for_delete.assert_called_once()


def test_one_in_error_beside_a_good_one_goes_as_a_name_must_find_one_volume() -> None:
    storage = Storage([_volume("error"), _volume("in-use"), _volume("available", "db-data")])
    _belongings(storage)
    assert storage.said() == {"www-data": ["in-use"], "db-data": ["available"]}
    storage.proxy.create_volume.assert_not_called()


def test_volumes_of_other_names_are_nobodys_business() -> None:
    storage = Storage([_volume("error", "mine"), _volume("available"), _volume("available", "db-data")])
    _belongings(storage)
    storage.proxy.delete_volume.assert_not_called()


def test_a_volume_that_cannot_be_made_is_one_sentence() -> None:
    with pytest.raises(PracticeError, match=r"The volume www-data could not be made .*cinder-scheduler") as error:
        _belongings(Storage([], becomes="error"))
    assert "\n" not in str(error.value)


def test_a_volume_that_an_estate_looks_up_is_made_once() -> None:
    storage = Storage([_volume("available")])
    connection = _connection(block_storage=storage.proxy)
    seed.volumes(connection, connection, [seed.Volume("www-data", 10), seed.Volume("db-data", 10)])
    assert storage.said() == {"www-data": ["available"], "db-data": ["available"]}
    storage.proxy.create_volume.assert_called_once_with(name="db-data", size=10)


def _offer(images: list[Image]) -> Any:
    """What becomes of images: the proxy that was called."""
    image = create_autospec(Images, instance=True)
    image.images.return_value = iter(images)
    network = create_autospec(Network, instance=True)
    network.subnets.return_value = []
    connection = _connection(image=image, network=network)
    connection.compute.flavors.return_value = []
    seed.offer(connection)
    return image


@pytest.mark.parametrize("status", ["queued", "saving", "killed"])
def test_an_image_that_never_became_active_is_made_anew(status: str) -> None:
    image = _offer(
        [Image(id="1", name="Debian 12", status=status), Image(id="2", name="Ubuntu 24.04", status="active")]
    )
    image.delete_image.assert_called_once_with("1")
    assert [call.kwargs["name"] for call in image.create_image.call_args_list] == ["Debian 12"]


def test_a_private_image_of_that_name_is_not_what_is_offered() -> None:
    image = _offer([])
    image.images.assert_called_once_with(visibility="public")
    assert [call.kwargs["name"] for call in image.create_image.call_args_list] == ["Debian 12", "Ubuntu 24.04"]


def test_images_that_are_there_stay() -> None:
    image = _offer([Image(id=name, name=name, status="active") for name in ("Debian 12", "Ubuntu 24.04")])
    image.create_image.assert_not_called()
    image.delete_image.assert_not_called()


def test_of_a_network_that_was_half_made_the_other_subnet_is_made() -> None:
    network = create_autospec(Network, instance=True)
    network.find_network.return_value = SimpleNamespace(id="n")
    network.subnets.return_value = [SimpleNamespace(name="Ext-Net-v4")]
    image = create_autospec(Images, instance=True)
    image.images.return_value = []
    connection = _connection(image=image, network=network)
    connection.compute.flavors.return_value = []
    seed.offer(connection)
    network.create_network.assert_not_called()
    assert [call.kwargs["name"] for call in network.create_subnet.call_args_list] == ["Ext-Net-v6"]
