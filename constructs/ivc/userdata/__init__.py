"""User data: what a guest reads at first boot, rendered from Jinja templates.

Nothing in here knows a cloud or CDKTF: the same templates serve an OpenStack instance, a Libvirt guest and bare
metal. A value that only a cloud's answer can give stands in the text as an `AtApply`.
"""

from ivc.userdata.at_apply import AtApply
from ivc.userdata.checks import NOVA_LIMIT
from ivc.userdata.document import Document
from ivc.userdata.file_tree import FileTree
from ivc.userdata.user_data import UserData

__all__ = ["NOVA_LIMIT", "AtApply", "Document", "FileTree", "UserData"]
