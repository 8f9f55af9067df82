# mypy: ignore-errors
"""Runs inside Neutron. The openvswitch mechanism driver, but that a port is ACTIVE as soon as it is bound:
no agent will ever report that it is wired."""

from neutron.plugins.ml2.drivers.openvswitch.mech_driver import mech_openvswitch
from neutron_lib import constants


class Driver(mech_openvswitch.OpenvswitchMechanismDriver):
    def try_to_bind_segment_for_agent(self, context, segment, agent):
        set_binding = context.set_binding
        context.set_binding = lambda *args: set_binding(*args, status=constants.PORT_STATUS_ACTIVE)
        try:
            return super().try_to_bind_segment_for_agent(context, segment, agent)
        finally:
            del context.set_binding
