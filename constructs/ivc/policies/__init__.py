"""Policies: what a declaration had better not say, found in the JSON before it is written.

All of `BUILT_IN` look at every stack. What is right all the same is waived where it is declared, with a reason:

    bastion.waive("IVC101", reason="the way in for all; keys only, see the wiki")

An own one is a class made from `Policy`, given to `App(policies=[...])`. Nothing here imports CDKTF.
"""

from ivc.policies.exposure import (
    AsGoodAsAnywhere,
    EveryPortFromAnywhere,
    FirewallFromAnywhere,
    NoRemote,
    OpenToAPublicRange,
    OpenToTheWorld,
    PortZero,
    UnknownRemote,
)
from ivc.policies.facts import STACK, Facts
from ivc.policies.filtering import (
    DefaultGroup,
    EgressToTheWorld,
    GroupDescription,
    NoOwnGroup,
    OpenEgressOfPrivateTier,
    PortSecurityOff,
)
from ivc.policies.lookups import LookUpOfAnything, SeveralOfOneName
from ivc.policies.policy import Finding, Policy, Severity
from ivc.policies.provider import CredentialInProvider, Insecure, UnpinnedProvider
from ivc.policies.rules import open_ports, rules_of
from ivc.policies.secrets import SecretInJson
from ivc.policies.servers import (
    AdminPassword,
    ContainerGoesWithObjects,
    FullServerGroup,
    ImageById,
    SharedHost,
    UnprotectedData,
    UnprotectedVolume,
    UserDataOfItsOwn,
    VolumeGoesWithServer,
)
from ivc.policies.services import SERVICES
from ivc.policies.sharing import SHARED, ListenerFromAnywhere, ListenerWithoutTls, RedirectToNothing
from ivc.policies.ways import FloatingIpWithoutRouter, SeveralWaysOut
from ivc.terraform.document import Element

BUILT_IN: tuple[Policy, ...] = (
    *SERVICES,
    *SHARED,
    ListenerFromAnywhere(),
    ListenerWithoutTls(),
    RedirectToNothing(),
    EveryPortFromAnywhere(),
    AsGoodAsAnywhere(),
    NoRemote(),
    PortZero(),
    OpenToTheWorld(),
    OpenToAPublicRange(),
    FirewallFromAnywhere(),
    UnknownRemote(),
    PortSecurityOff(),
    DefaultGroup(),
    NoOwnGroup(),
    OpenEgressOfPrivateTier(),
    EgressToTheWorld(),
    AdminPassword(),
    UnprotectedData(),
    VolumeGoesWithServer(),
    UnprotectedVolume(),
    SharedHost(),
    UserDataOfItsOwn(),
    SeveralWaysOut(),
    FullServerGroup(),
    ContainerGoesWithObjects(),
    ImageById(),
    SeveralOfOneName(),
    LookUpOfAnything(),
    FloatingIpWithoutRouter(),
    UnpinnedProvider(),
    Insecure(),
    CredentialInProvider(),
    SecretInJson(),
)
"""The policies that look at every stack, by id."""

ON_REQUEST: tuple[Policy, ...] = (GroupDescription(),)
"""Policies that an app is given where a team wants them."""

__all__ = [
    "BUILT_IN",
    "ON_REQUEST",
    "STACK",
    "Element",
    "Facts",
    "Finding",
    "GroupDescription",
    "Policy",
    "Severity",
    "open_ports",
    "rules_of",
]
