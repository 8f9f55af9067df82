"""Services that the world must not reach, each a policy of its own: one is waived without the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivc.estate.reach import NONE, of_listener
from ivc.pages import page
from ivc.policies.facts import Facts
from ivc.policies.policy import Finding, Policy, Severity
from ivc.policies.rules import most_ports, open_ports, ports_said, source_said, together_said
from ivc.words.order import as_counted
from ivc.words.sentence import listed, say

_CONNECTIONS = ("TCP", "UDP", "SCTP")
"""Listeners that pass on whatever comes; others speak HTTP with their members, or pass TLS on, on whatever port."""


class ServiceFromAnywhere(Policy):
    """Whoever scans the Internet finds it within minutes, and tries passwords and known holes from then on.

    Let only those reach it that use it: `allow_from(group, ...)` for servers, `allow_from(Cidr("203.0.113.0/24"), ...)`
    for an office or a VPN. A range of ports that the service is one of counts, and so does a range of addresses as good
    as the world. Where every port is open, that finding (IVC130) speaks for all services.
    """

    def __init__(
        self,
        id: str,
        service: str,
        tcp: tuple[int, ...] = (),
        udp: tuple[int, ...] = (),
        *,
        severity: Severity = "error",
    ) -> None:
        self.id = id
        self.service = service
        self.title = f"The world reaches {service}"
        self.severity = severity
        self.page = page(f"policies.md#{id.lower()}")
        self.ports: Mapping[str, tuple[int, ...]] = {"tcp": tcp, "udp": udp}

    def check(self, facts: Facts) -> Iterator[Finding]:
        for opened in open_ports(facts):
            reached = [
                (span, port)
                for protocol, ports in self.ports.items()
                if not most_ports(opened.of(protocol))
                for span in opened.of(protocol)
                for port in ports
                if span.first <= port <= span.last
            ]
            if reached:
                span = reached[0][0]
                by = [ports_said(one.first, one.last, one.protocol) for one, _ in reached if len(one) > 1]
                yield Finding(
                    subject=opened.group,
                    others=opened.others,
                    message=say(
                        "the world reaches {} ({}{}){}{}: let only those in that use it, a group or Cidr(...)",
                        say(self.service),
                        say(", ".join(dict.fromkeys(f"{one.protocol} {port}" for one, port in reached))),
                        say(" by {}", listed(dict.fromkeys(by))) if by else say(""),
                        source_said(span.rules),
                        together_said(facts, opened),
                    ),
                    cause=span.rules[0].address,
                )
        yield from self._balanced(facts)

    def _balanced(self, facts: Facts) -> Iterator[Finding]:
        """Where a load balancer leads to it."""
        for balancer in facts.estate.load_balancers:
            reached = set()
            for listener in balancer.listeners:
                for opening in of_listener(facts.estate, balancer, listener, NONE):
                    for port in self.ports.get(opening.protocol, ()):
                        if opening.low <= port <= opening.high:
                            reached.add(f"{opening.protocol} {port}")
                        elif port in listener.leads_to and listener.protocol in _CONNECTIONS:
                            reached.add(f"{opening.protocol} {opening.low}, which leads to {port}")
            if reached:
                yield Finding(
                    subject=balancer.address,
                    message=say(
                        "the world reaches {} ({}) by its listeners: let only those in that use it, with allowed_cidrs",
                        say(self.service),
                        say(", ".join(sorted(reached, key=as_counted))),
                    ),
                )


# After IANA's registry of ports and the services' own documents.
SERVICES = (
    ServiceFromAnywhere("IVC101", "SSH", (22,)),
    ServiceFromAnywhere("IVC102", "RDP", (3389,), (3389,)),
    ServiceFromAnywhere("IVC103", "MySQL and MariaDB", (3306, 33060)),
    ServiceFromAnywhere("IVC104", "PostgreSQL", (5432, 6432)),
    ServiceFromAnywhere("IVC105", "Microsoft SQL Server", (1433, 1434), (1434,)),
    ServiceFromAnywhere("IVC106", "Oracle databases", (1521, 2483, 2484)),
    ServiceFromAnywhere("IVC107", "MongoDB", (27017, 27018, 27019)),
    ServiceFromAnywhere("IVC108", "Redis and Valkey", (6379, 16379, 26379)),
    ServiceFromAnywhere("IVC109", "Memcached", (11211,), (11211,)),
    ServiceFromAnywhere("IVC110", "Elasticsearch and OpenSearch", (9200, 9300)),
    ServiceFromAnywhere("IVC111", "Cassandra", (7000, 7001, 7199, 9042, 9160)),
    ServiceFromAnywhere("IVC112", "CouchDB", (5984, 6984)),
    ServiceFromAnywhere("IVC113", "InfluxDB", (8086,)),
    ServiceFromAnywhere("IVC114", "etcd", (2379, 2380)),
    ServiceFromAnywhere("IVC115", "the Docker daemon", (2375, 2376)),
    ServiceFromAnywhere("IVC116", "the Kubernetes kubelet", (10250, 10255)),
    ServiceFromAnywhere("IVC117", "Telnet", (23,)),
    ServiceFromAnywhere("IVC118", "VNC", tuple(range(5900, 5910))),
    ServiceFromAnywhere("IVC119", "WinRM", (5985, 5986)),
    ServiceFromAnywhere("IVC120", "SMB and NetBIOS", (139, 445), (137, 138)),
    ServiceFromAnywhere("IVC121", "NFS and rpcbind", (111, 2049), (111, 2049)),
    ServiceFromAnywhere("IVC122", "LDAP", (389,), (389,), severity="warning"),
    ServiceFromAnywhere("IVC123", "FTP", (20, 21), severity="warning"),
    ServiceFromAnywhere("IVC124", "rsync", (873,), severity="warning"),
    ServiceFromAnywhere("IVC125", "SNMP", (), (161, 162), severity="warning"),
    ServiceFromAnywhere("IVC126", "TFTP", (), (69,), severity="warning"),
    ServiceFromAnywhere("IVC127", "RabbitMQ", (4369, 5672, 15672, 25672), severity="warning"),
    ServiceFromAnywhere("IVC128", "Kafka and ZooKeeper", (2181, 9092), severity="warning"),
    ServiceFromAnywhere("IVC129", "Prometheus and its exporters", (9090, 9093, 9100), severity="warning"),
    ServiceFromAnywhere("IVC170", "the YARN resource manager", (8088,)),
    ServiceFromAnywhere("IVC171", "Jupyter", (8888,)),
    ServiceFromAnywhere("IVC172", "the Salt master", (4505, 4506)),
    ServiceFromAnywhere("IVC173", "Consul", (8500,)),
    ServiceFromAnywhere("IVC174", "Kibana", (5601,)),
    ServiceFromAnywhere("IVC175", "libvirt", (16509, 16514)),
    ServiceFromAnywhere("IVC176", "GlusterFS", (24007,)),
    ServiceFromAnywhere("IVC177", "iSCSI targets", (3260,)),
    ServiceFromAnywhere("IVC178", "Ceph monitors", (3300, 6789), severity="warning"),
    ServiceFromAnywhere("IVC179", "the Kubernetes API", (6443,), severity="warning"),
    ServiceFromAnywhere("IVC180", "the RPC end points of Windows", (135,), severity="warning"),
    ServiceFromAnywhere("IVC181", "mSQL", (4333,), severity="warning"),
    ServiceFromAnywhere("IVC182", "VNC's listening viewer", (5500,), severity="warning"),
    ServiceFromAnywhere("IVC183", "the port of NetBus, an old back door", (12345,), severity="warning"),
    ServiceFromAnywhere("IVC184", "mail in clear", (25, 110, 143), severity="info"),
    ServiceFromAnywhere("IVC185", "development servers", (3000, 5000, 8080), severity="info"),
)
