# mypy: ignore-errors
"""Runs inside Octavia. Its own drivers that do nothing, which remember what they did not do in a file that is always
in /tmp, everybody's: here it is in the cloud's own folder. And the port of a VIP, which the API has made in Neutron,
goes with its load balancer."""

import tempfile
from contextlib import suppress

import sqlalchemy
from octavia.common import constants
from octavia.compute.drivers.noop_driver import driver as compute
from octavia.network.drivers.neutron import allowed_address_pairs
from octavia.network.drivers.noop_driver import driver as network
from openstack.exceptions import NotFoundException


def create_engine(_, **settings):
    return sqlalchemy.create_engine(f"sqlite:///{tempfile.gettempdir()}/octavia-network-noop.db", **settings)


compute.create_engine = network.create_engine = create_engine


class Compute(compute.NoopComputeDriver):
    pass


class Network(network.NoopNetworkDriver):
    def deallocate_vip(self, vip):
        neutron = allowed_address_pairs.AllowedAddressPairsDriver().network_proxy
        with suppress(NotFoundException):
            port = neutron.get_port(vip.port_id)
            # One that somebody else made stays theirs.
            if port.device_owner == constants.OCTAVIA_OWNER:
                neutron.delete_port(port)
