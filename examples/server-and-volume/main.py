"""Server and volume: a web server for the files of an existing volume, with parameters and outputs."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "constructs"))  # goes away where ivc is installed

from ivc import App, Cidr, Instance, Network, OpenStackStack, SecurityGroup, Tcp, UserData, Volume

# isort: split
# After ivc, which chooses the Node that CDKTF starts.
from cdktf import TerraformOutput, TerraformVariable, TerraformVariableValidationConfig

ADMINS = Cidr("203.0.113.0/24")

# What shapes the estate is known before Terraform runs, and checked here.
FLAVORS = ("d2-2", "d2-4", "b2-7")
FLAVOR = os.environ.get("FLAVOR", FLAVORS[0])
if FLAVOR not in FLAVORS:
    sys.exit(f"FLAVOR: {FLAVOR!r} is none of {', '.join(FLAVORS)}")

app = App()
stack = OpenStackStack(app, "server-and-volume")

# What only stands in the user data may be a variable of Terraform's, which checks it when it plans.
site = TerraformVariable(
    stack,
    "site",
    type="string",
    default="files.example",
    description="The host name that the files are served under",
    validation=[
        TerraformVariableValidationConfig(
            condition='${can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?[.])+[a-z]{2,63}$", var.site))}',
            error_message="The site is a host name in small letters, such as files.example.",
        )
    ],
)
cache_minutes = TerraformVariable(
    stack,
    "cache_minutes",
    type="number",
    default=10,
    description="How long a browser may keep a file, in minutes",
    validation=[
        TerraformVariableValidationConfig(
            condition="${var.cache_minutes == floor(var.cache_minutes) && var.cache_minutes >= 0 "
            "&& var.cache_minutes <= 1440}",
            error_message="A file is kept for whole minutes, from 0 to 1440 (a day).",
        )
    ],
)

internet = Network.lookup(stack, "Ext-Net", public=True)
files = SecurityGroup(stack, "files")
files.allow_from_anywhere(Tcp("http"))
files.allow_from(ADMINS, Tcp("ssh"))

server = Instance(
    stack,
    "files-1",
    image="Debian 12",
    flavor=FLAVOR,
    key_pair="ops",
    nics=[internet.nic(files)],
    user_data=UserData.template("files.yaml.jinja", site=site.string_value, cache_minutes=cache_minutes.number_value),
    volumes=[Volume.lookup(stack, "files").mount("/srv/files", format_if_blank="ext4", options=["nosuid", "nodev"])],
)

TerraformOutput(stack, "address", value=server.l1.access_ip_v4, description="Where the files are")
TerraformOutput(stack, "url", value=f"http://{site.string_value}/", description="What they are served under")

app.synth()
