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
from openstack.compute.v2.aggregate import Aggregate
from openstack.exceptions import ConflictException, ResourceFailure
from openstack.identity.v3._proxy import Proxy as Identity
from openstack.identity.v3.service import Service
from openstack.image.v2._proxy import Proxy as Images
from openstack.image.v2.image import Image
from openstack.network.v2._proxy import Proxy as Network
from practice import seed
from practice.errors import PracticeError
from practice.services import Extra


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


def _cloud() -> Any:
    """A cloud that offers nothing yet, and knows of no zone."""
    image = create_autospec(Images, instance=True)
    image.images.return_value = iter(())
    network = create_autospec(Network, instance=True)
    network.subnets.return_value = []
    connection = _connection(image=image, network=network)
    connection.compute.flavors.return_value = []
    connection.compute.aggregates.return_value = []
    connection.compute.create_aggregate.side_effect = Aggregate
    return connection


def _offer(images: list[Image]) -> Any:
    """What becomes of images: the proxy that was called."""
    cloud = _cloud()
    cloud.image.images.return_value = iter(images)
    seed.offer(cloud)
    return cloud.image


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
    cloud = _cloud()
    network = cloud.network
    network.find_network.return_value = SimpleNamespace(id="n")
    network.subnets.return_value = [SimpleNamespace(name="Ext-Net-v4")]
    seed.offer(cloud)
    network.create_network.assert_not_called()
    assert [call.kwargs["name"] for call in network.create_subnet.call_args_list] == ["Ext-Net-v6"]


def test_a_flavor_has_the_disks_that_its_host_gives_it() -> None:
    cloud = _cloud()
    seed.offer(cloud)
    made = {call.kwargs["name"]: call.kwargs for call in cloud.compute.create_flavor.call_args_list}
    assert made["b2-7-local"] == {
        "name": "b2-7-local",
        "vcpus": 2,
        "ram": 7000,
        "disk": 50,
        "swap": 2048,
        "ephemeral": 100,
        "is_public": True,
    }
    assert (made["b2-7"]["swap"], made["b2-7"]["ephemeral"]) == (0, 0)


def test_each_host_stands_in_a_zone() -> None:
    cloud = _cloud()
    seed.offer(cloud)
    placed = cloud.compute.add_host_to_aggregate.call_args_list
    assert [(call.args[0].availability_zone, call.args[1]) for call in placed] == [
        ("nova", "practice"),
        ("zone-2", "practice-2"),
    ]


def test_zones_that_are_there_stay() -> None:
    cloud = _cloud()
    cloud.compute.aggregates.return_value = [
        Aggregate(name="nova", hosts=["practice"]),
        Aggregate(name="zone-2", hosts=[]),
    ]
    seed.offer(cloud)
    cloud.compute.create_aggregate.assert_not_called()
    assert [call.args[1] for call in cloud.compute.add_host_to_aggregate.call_args_list] == ["practice-2"]


def test_servers_from_before_there_were_zones_are_one_sentence() -> None:
    cloud = _cloud()
    cloud.compute.add_host_to_aggregate.side_effect = ConflictException("409")
    with pytest.raises(PracticeError, match=r"made before it had zones.*`python -m practice wipe`, then `up`\.$"):
        seed.offer(cloud)


def _catalogue(there: list[Service], extras: tuple[Extra, ...]) -> Any:
    identity = create_autospec(Identity, instance=True)
    identity.services.return_value = there
    identity.endpoints.return_value = []
    identity.create_service.side_effect = lambda **said: Service(is_enabled=True, **said)
    seed.catalogue(SimpleNamespace(identity=identity), extras)  # type: ignore[arg-type]
    return identity


def test_an_extra_stands_in_the_catalogue_where_it_is_wanted() -> None:
    made = [call.kwargs["type"] for call in _catalogue([], (Extra.DNS,)).create_service.call_args_list]
    assert "dns" in made
    assert {"object-store", "key-manager", "load-balancer", "orchestration"}.isdisjoint(made)


@pytest.mark.parametrize(
    ("stood", "extras", "stands"),
    [(True, (), False), (False, (Extra.DNS,), True), (True, (Extra.DNS,), True), (False, (), False)],
)
def test_an_extra_that_does_not_run_is_in_the_catalogue_no_longer(
    stood: bool, extras: tuple[Extra, ...], stands: bool
) -> None:
    identity = _catalogue([Service(id="1", type="dns", is_enabled=stood)], extras)
    said = [call.kwargs["is_enabled"] for call in identity.update_service.call_args_list]
    assert said == ([stands] if stood != stands else [])
    assert "dns" not in [call.kwargs["type"] for call in identity.create_service.call_args_list]
