"""What a synthesized folder holds, as plain facts: servers, networks, security groups, and who reaches what."""

from ivc.estate.folder import Synthesized as Synthesized
from ivc.estate.folder import read as read
from ivc.estate.folder import synthesized as synthesized
from ivc.estate.model import Estate as Estate
from ivc.estate.model import File as File
from ivc.estate.model import Group as Group
from ivc.estate.model import Instance as Instance
from ivc.estate.model import Mount as Mount
from ivc.estate.model import Network as Network
from ivc.estate.model import Nic as Nic
from ivc.estate.model import Stack as Stack
from ivc.estate.model import Volume as Volume
from ivc.estate.model import Waiver as Waiver
from ivc.estate.reading import stack_of as stack_of
from ivc.estate.rules import Rule as Rule
from ivc.terraform.errors import EstateError as EstateError
