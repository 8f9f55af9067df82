"""The practice cloud: a real OpenStack control plane on this machine, so that IvC can be shown, tried and
tested without an account, without cost and without anything that could break.

Keystone, Placement, Glance, Nova (its fake hypervisor), Neutron and Cinder (its fake volume driver) run on
MariaDB and RabbitMQ, on fixed loopback ports, and everything they make stands in one folder, `practice/.cloud`.
There is no data plane: a server becomes ACTIVE, and nothing boots. Swift, Barbican, Designate (with BIND), Octavia and
Heat run where they are asked for: `python -m practice up --with objects,dns`, `cloud.up(["objects", "dns"])`.

From the project's root: `python -m practice --help`. From a test:

    from practice import Cloud

    cloud = Cloud()
    cloud.up()
    environment = {**os.environ, **cloud.credentials("demo")}
    servers = list(cloud.connect("demo").compute.servers())
"""

from practice.cloud import Cloud
from practice.errors import PracticeError

__all__ = ["Cloud", "PracticeError"]
