"""The provider's bindings are loaded as far as they are used, and are there all the same for who asks for more."""

from __future__ import annotations

import subprocess
import sys

from tests.helpers import clean_environment


def said(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], env=clean_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


COUNT = (
    "print(sum(name.startswith('cdktf_cdktf_provider_openstack.') and name.count('.') == 1 for name in sys.modules))"
)


def test_only_what_is_used_is_loaded() -> None:
    assert int(said(f"import sys; from ivc import Instance; {COUNT}")) < 40


def test_what_a_program_asks_for_is_there() -> None:
    program = """
import ivc
from ivc import OpenStackStack
import cdktf_cdktf_provider_openstack as bindings
from cdktf_cdktf_provider_openstack import dns_zone_v2
from cdktf_cdktf_provider_openstack.lb_pool_v2 import LbPoolV2
print(dns_zone_v2.DnsZoneV2.TF_RESOURCE_TYPE, LbPoolV2.TF_RESOURCE_TYPE)
print(bindings.compute_keypair_v2.ComputeKeypairV2.TF_RESOURCE_TYPE, hasattr(bindings, "nonsense"))
"""
    assert said(program).split() == [
        "openstack_dns_zone_v2",
        "openstack_lb_pool_v2",
        "openstack_compute_keypair_v2",
        "False",
    ]


def test_a_package_that_was_loaded_before_stays_as_it_is() -> None:
    program = f"import sys, cdktf_cdktf_provider_openstack; from ivc import Instance; {COUNT}"
    assert int(said(program)) > 100
