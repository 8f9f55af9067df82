"""The measured estate, written with IvC: `python -m bench.with_library INSTANCES FOLDER`.

FOLDER holds `userdata/server.yaml.jinja`; the output goes to its `cdktf.out`.
"""

from __future__ import annotations

import ipaddress
import sys

from ivc import App, Icmp, Instance, Network, OpenStackStack, SecurityGroup, Tcp, UserData


def main(instances: int, folder: str) -> None:
    app = App(folder=folder)
    stack = OpenStackStack(app, "bench")
    internet = Network.lookup(stack, "Ext-Net", public=True)
    backend = Network(stack, "backend", cidr="10.0.0.0/20")
    web = SecurityGroup(stack, "web", description="Web servers")
    web.allow_from_anywhere(Tcp(80, 443), Icmp())
    web.allow_from(web, Tcp(3306))
    first = ipaddress.ip_address("10.0.0.10")
    for number in range(instances):
        address = str(first + number)
        Instance(
            stack,
            f"www-{number + 1}",
            image="Debian 12",
            flavor="b2-7",
            key_pair="ops",
            nics=[internet.nic(web), backend.nic(web, ip=address)],
            user_data=UserData.template("server.yaml.jinja", address=address, number=number, site="shop.example"),
            tags=["web"],
        )
    app.synth()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
