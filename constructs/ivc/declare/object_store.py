"""Where the object store of a stack's project stands, as the cloud's own catalogue says it when Terraform runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ivc.declare.cdktf import Postcondition, TerraformResourceLifecycle
from ivc.declare.provider import DataOpenstackIdentityAuthScopeV3

if TYPE_CHECKING:
    from ivc.declare.stack import OpenStackStack

_TYPE = "openstack_identity_auth_scope_v3"
_NAME = "object-store"
_LOCAL = "object_store"


def address_of_store(stack: OpenStackStack, where: str) -> str:
    """The Terraform expression of the public address of the project's account in the object store, without a `/` at
    its end.

    A plan fails where the catalogue has none. where: the declaration that asks first, for errors.
    """
    if _LOCAL not in stack._record.values:
        catalog = f"data.{_TYPE}.{_NAME}"
        stack._look_up(
            DataOpenstackIdentityAuthScopeV3,
            _TYPE,
            _NAME,
            where,
            name=_NAME,
            lifecycle=TerraformResourceLifecycle(
                postcondition=[
                    Postcondition(
                        condition=f'${{contains(self.service_catalog[*].type, "{_NAME}")}}',
                        error_message="This cloud has no object store: its catalogue lists no service of the type "
                        f"{_NAME}.",
                    )
                ]
            ),
        )
        endpoints = f'flatten([for one in {catalog}.service_catalog : one.endpoints if one.type == "{_NAME}"])'
        # Credentials without a region are of whichever comes first, for the provider too.
        ours = f'one.interface == "public" && contains(["", one.region], {catalog}.region)'
        stack._record.values[_LOCAL] = f'${{[for one in {endpoints} : trimsuffix(one.url, "/") if {ours}][0]}}'
    return f"local.{_LOCAL}"
