"""What the cloud is seeded with."""

import ipaddress

from practice import seed


def test_the_outside_network_has_both_families_and_addresses_nobody_owns() -> None:
    networks = [ipaddress.ip_network(one.cidr) for one in seed.OUTSIDE_SUBNETS]
    assert [network.version for network in networks] == [4, 6]
    assert networks[0].subnet_of(ipaddress.IPv4Network("198.18.0.0/15"))  # type: ignore[arg-type]
    assert networks[1].subnet_of(ipaddress.IPv6Network("2001:db8::/32"))  # type: ignore[arg-type]


def test_pools_lie_in_their_subnets_and_spare_the_gateway() -> None:
    for one in seed.OUTSIDE_SUBNETS:
        network = ipaddress.ip_network(one.cidr)
        first, last, gateway = (ipaddress.ip_address(text) for text in (one.first, one.last, one.gateway))
        assert all(address in network for address in (first, last, gateway)), one.name
        assert int(gateway) < int(first) < int(last), one.name


def test_the_catalogue_has_the_names_that_nova_and_terraform_look_for() -> None:
    assert {"volumev3", "block-storage"} <= {one.type for one in seed.APIS}
