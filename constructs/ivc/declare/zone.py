"""DNS zones, and the names in them.

zone = Zone(shop, "example.com", email="ops@example.com")
zone.address("www", web)
zone.cname("blog", "www")
zone.mx("@", Mx(10, "mail"))
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from ivc.declare.cdktf import Construct, TerraformElement, TerraformResourceLifecycle, struct
from ivc.declare.declaration import MARK, Declaration, LookedUp, Made, Ordered
from ivc.declare.dns_provider import DataOpenstackDnsZoneV2, DnsRecordsetV2, DnsZoneV2
from ivc.declare.domain_name import owner_name, target_name, terraform_name, zone_name
from ivc.declare.ip_addresses import Version
from ivc.declare.names import check_known
from ivc.declare.network import AnyNetwork
from ivc.declare.record import wait_for
from ivc.declare.record_addresses import TYPES, VERSIONS, Addressed, by_type, held
from ivc.declare.record_data import Caa, Mx, Srv, quoted
from ivc.declare.record_sets import RecordSet
from ivc.declare.references import same_stack
from ivc.declare.terraform_text import literal
from ivc.errors import DeclarationError
from ivc.estate import families
from ivc.source import line_of_caller, source_of_caller

_LONGEST_DESCRIPTION = 160
"""Characters, of zones and record sets (designate/objects/zone.py and recordset.py)."""
_HIGHEST_TTL = 2**31 - 1
# Each part is a label, since it becomes one in the SOA record (designate/objects/fields.py, `EmailField`).
_PART = r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)"
_EMAIL = re.compile(rf"(?!.{{254}}){_PART}(\.{_PART})*@{_PART}(\.{_PART})*")


class AnyZone(Declaration):
    """A DNS zone, made here or looked up.

    name: whole, such as `example.com.`.

    Its methods declare record sets in it. The name of one is in the zone (`www`), is the zone itself (`@`), is any name
    that has no records of its own (`*`), or is whole, which ends with a dot (`www.example.com.`). Case does not matter,
    and letters of all scripts are taken. All records of a name and a type are said in one call; `ttl` is how many
    seconds resolvers keep them, by default as the zone has it, and leaving it out later changes nothing.

    Each raises DeclarationError for what Designate would refuse: a name that cannot be or is outside of the zone, a
    second set of a name and type, an alias beside other records, and more than 20 records.
    """

    family = families.ZONE
    l1: TerraformElement
    _disable_status_check: bool

    @same_stack
    def address(
        self,
        name: str,
        *leads_to: Addressed,
        network: AnyNetwork | str | None = None,
        ip_versions: Sequence[int] = (),
        ttl: int | None = None,
    ) -> None:
        """A name with the addresses of servers, tiers, floating IPs and VIPs, or addresses as texts: a set of A records
        for those of IPv4, one of AAAA records for those of IPv6.

        network: of servers and VIPs, which of their addresses is meant; needed where there are several.
        ip_versions: 4, 6 or both; by default what each has. Where a network that is looked up chooses the addresses it
        must be said.
        """
        where, whole = self._named("address", name)
        for version in ip_versions:
            if version not in VERSIONS:
                raise DeclarationError(f"{where}: ip_versions: there is no IPv{version}; give 4 or 6")
        asked = [cast("Version", version) for version in ip_versions]
        sources = held(where, leads_to, network)
        types = tuple(TYPES[version] for version in asked or VERSIONS)
        self._add(where, whole, types, lambda: by_type(where, sources, asked), ttl)

    @same_stack
    def cname(self, name: str, target: str, *, ttl: int | None = None) -> None:
        """Another name for a name: one in the zone, such as `www`, or a whole one, such as `www.example.net.`."""
        where, whole = self._named("cname", name)
        if whole == self.name:
            raise DeclarationError(
                f"{where}: the zone's own name has records beside it, and an alias stands alone; give it addresses, "
                "with address()"
            )
        self._add_one(where, whole, "CNAME", [target_name(f"{where}: target", target, self.name)], ttl)

    @same_stack
    def mx(self, name: str, *servers: Mx, ttl: int | None = None) -> None:
        """Which servers take the mail of a name."""
        where, whole = self._named("mx", name)
        self._add_one(where, whole, "MX", [one._text(where, self.name) for one in servers], ttl)

    @same_stack
    def txt(self, name: str, *texts: str, ttl: int | None = None) -> None:
        """Texts, each a record, as they are: they are put in quotes, and a long one in parts, by themselves."""
        where, whole = self._named("txt", name)
        for text in texts:
            if len(text) > 1 and text[0] == text[-1] == '"':
                raise DeclarationError(f"{where}: {text} has quotes, which are put by themselves; leave them out")
        self._add_one(where, whole, "TXT", [quoted(check_known(where, text)) for text in texts], ttl)

    @same_stack
    def srv(self, name: str, *servers: Srv, ttl: int | None = None) -> None:
        """Which servers offer a service. name: of the service and its protocol, such as `_sip._tcp`."""
        where, whole = self._named("srv", name)
        if [label[:1] for label in whole.split(".")[:2]] != ["_", "_"]:
            raise DeclarationError(
                f"{where}: a service's name begins with '_', and so does its protocol's; write them as in '_sip._tcp'"
            )
        self._add_one(where, whole, "SRV", [one._text(where, self.name) for one in servers], ttl)

    @same_stack
    def caa(self, name: str, *authorities: Caa, ttl: int | None = None) -> None:
        """Who may issue certificates for a name, and for all below it that do not say so themselves."""
        where, whole = self._named("caa", name)
        self._add_one(where, whole, "CAA", [one._text for one in authorities], ttl)

    def _named(self, method: str, name: str) -> tuple[str, str]:
        """How errors call a record set, and its whole name."""
        where = f"{self._called}: {method} {name}"
        return where, owner_name(where, name, self.name)

    def _add_one(self, where: str, name: str, type: str, records: Sequence[str], ttl: int | None) -> None:
        if not records:
            raise DeclarationError(f"{where}: it has no records; give one, or leave the line out")
        self._add(where, name, (type,), lambda: {type: list(dict.fromkeys(records))}, ttl)

    def _add(
        self,
        where: str,
        name: str,
        types: tuple[str, ...],
        records: Callable[[], Mapping[str, Sequence[str]]],
        ttl: int | None,
    ) -> None:
        _check_ttl(where, ttl)
        source = source_of_caller(self._stack.app.folder)
        declared = RecordSet(self, where, name, types, records, ttl, line_of_caller(), source)
        self._stack._record.record_sets.add(declared)

    def _make_record_set(self, name: str, type: str, records: Sequence[str], ttl: int | None) -> str:
        """Make one, and say its Terraform address."""
        key = f"{self._prefix}{terraform_name(name)}_{type}"
        self._check_mark(f"{self._called}: {name} {type}", key)
        optional: dict[str, Any] = {} if ttl is None else {"ttl": ttl}
        self._make_part(
            families.RECORD_SET,
            DnsRecordsetV2,
            key,
            former=key,
            zone_id=self._id,
            name=name,
            type=type,
            records=records if type in TYPES.values() else [literal(record) for record in records],
            **self._unchecked,
            **optional,
        )
        return f"{families.RECORD_SET.type}.{key}"

    def _check_mark(self, where: str, key: str, description: str = "") -> None:
        """Raise DeclarationError where a description does not hold what people say and the mark."""
        length = len(f"{MARK}:{self._stack.name}/{key}") + len(f"{description} []" if description else "")
        if length > _LONGEST_DESCRIPTION:
            raise DeclarationError(
                f"{where}: description: with the mark of this stack it has {length} characters, and Designate keeps "
                f"{_LONGEST_DESCRIPTION}; shorten it"
            )

    @property
    def _unchecked(self) -> dict[str, bool]:
        return {"disable_status_check": True} if self._disable_status_check else {}


class LookedUpZone(LookedUp, AnyZone):
    """A DNS zone that is there already and stays; made by `Zone.lookup`. What is declared in it goes with its
    declaration, and all else of it is left alone."""

    l1: DataOpenstackDnsZoneV2


class Zone(Made, AnyZone):
    """A DNS zone. It goes with all that is in it, also what was made elsewhere.

    name: of the zone, such as `example.com`, with or without a dot at its end. Another is another zone.
    email: of who is responsible for it, which its SOA record tells everybody.
    ttl: how many seconds resolvers keep its records, where these do not say it; by default as the cloud has it.
    description: for people.
    disable_status_check: True goes on without waiting until all name servers have the zone and its records, for a cloud
    where that takes long or does not end; whether they have them is then nobody's to say.
    prevent_destroy: True, the default, makes a plan fail that would destroy it. It cannot save one whose declaration is
    deleted.
    depends_on: what is to be there first, declarations or CDKTF's elements.

    Raises DeclarationError for a name or an address of mail that Designate would refuse.
    """

    @same_stack
    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        email: str,
        ttl: int | None = None,
        description: str = "",
        disable_status_check: bool = False,
        prevent_destroy: bool = True,
        depends_on: Sequence[Ordered] = (),
    ) -> None:
        whole = zone_name(f"Zone {name}: name", name)
        id_ = whole.removesuffix(".")
        self._declare(scope, id_, name=whole, renamed_from=None, depends_on=depends_on, key=terraform_name(whole))
        _check_email(f"{self._called}: email", email)
        _check_ttl(self._called, ttl)
        self._check_mark(self._called, self.key, description)
        self._disable_status_check = disable_status_check
        self._stack._record.record_sets.add_zone(self)
        self._open()
        optional: dict[str, Any] = {} if ttl is None else {"ttl": ttl}
        self.l1: DnsZoneV2 = self._make(
            DnsZoneV2,
            name=self.name,
            email=email,
            description=description,
            lifecycle=struct(TerraformResourceLifecycle, prevent_destroy=True if prevent_destroy else None),
            **self._unchecked,
            **optional,
        )

    @staticmethod
    @same_stack
    def lookup(scope: Construct, name: str, *, disable_status_check: bool = False) -> LookedUpZone:
        """A DNS zone that exists, by its name.

        disable_status_check: as `Zone` has it, for the records that are declared in it here.

        A name that no zone or several have fails at plan, at the address `data.openstack_dns_zone_v2.<name>`, where a
        `_` stands for each dot.
        """
        whole = zone_name(f"Zone.lookup({name!r}): name", name)
        zone = LookedUpZone._new()
        zone._disable_status_check = disable_status_check
        zone._look_up(
            scope,
            DataOpenstackDnsZoneV2,
            name=whole,
            id=None,
            key=terraform_name(whole),
            said={"disable_status_check": True} if disable_status_check else None,
        )
        zone._stack._record.record_sets.add_zone(zone)
        return zone

    def _decide(self) -> None:
        super()._decide()
        above = self._stack._record.record_sets.nearest(self.name.partition(".")[2])
        if above is not None and above._is_made:
            # Designate deletes no zone that has one below it.
            wait_for(self.l1, above.terraform_address)


def _check_email(where: str, email: str) -> None:
    if not _EMAIL.fullmatch(email):
        raise DeclarationError(
            f"{where}: {email!r} is none that Designate takes, of letters, digits, '.', '-' and '_' with one '@'; give "
            "one such as 'ops@example.com'"
        )


def _check_ttl(where: str, ttl: int | None) -> None:
    if ttl is not None and not 1 <= ttl <= _HIGHEST_TTL:
        raise DeclarationError(f"{where}: ttl: {ttl} is no number of seconds from 1 to {_HIGHEST_TTL}; give one")
