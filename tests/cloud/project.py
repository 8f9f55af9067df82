"""A project with equal servers in it, and `ivc` there, as a person calls it."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from openstack.connection import Connection

from tests.deploy.outputs import command, environment
from tests.program import terraform

_PROGRAM = """
from ivc import App, Instance, Network, OpenStackStack, SecurityGroup, Tcp, UserData

app = App()
stack = OpenStackStack(app, "{stack}")
network = Network(stack, "{stack}", cidr="10.0.0.0/24")
group = SecurityGroup(stack, "{stack}")
group.allow_from_anywhere(Tcp(80))
for number in range(1, {servers} + 1):
    Instance(
        stack,
        f"{stack}-{{number}}",
        image={image!r},
        flavor="b2-7",
        nics=[network.nic(group, ip=f"10.0.0.{{10 + number}}")],
        user_data=UserData.template("server.jinja", site={site!r}),
    )
app.synth()
"""


class Project:
    """A project of one stack. All that it makes is called as the stack is: servers `site-1`, `site-2` in `site`.

    given: the environment, credentials among it. program: Terraform or OpenTofu, by its path; by default the one that
    the run of the tests uses.
    """

    def __init__(self, folder: Path, given: Mapping[str, str], stack: str, program: str | None = None) -> None:
        self.folder = folder
        self.stack = stack
        self._environment = environment(**given)
        if program is not None:
            self.use(program)
        (folder / "userdata").mkdir()
        (folder / "userdata" / "server.jinja").write_text("#cloud-config\nfqdn: {{ site }}\n")
        (folder / "cdktf.json").write_text('{"language": "python", "app": "python main.py"}')

    def use(self, program: str) -> None:
        """Have `ivc` call another program from now on."""
        self._environment["TERRAFORM_BINARY_NAME"] = program

    def declare(self, *, servers: int = 3, image: str = "Debian 12", site: str = "a.example") -> None:
        """Write main.py."""
        text = _PROGRAM.format(stack=self.stack, servers=servers, image=image, site=site)
        (self.folder / "main.py").write_text(text)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Begin a command."""
        return subprocess.Popen(
            command(*arguments),
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def ivc(self, *arguments: str, status: int = 0) -> str:
        """Run a command; what it says. status: that it must end with."""
        process = self.start(*arguments)
        said = process.communicate()[0]
        assert process.returncode == status, said
        return said

    def deploy_until_ctrl_c(self, *options: str) -> str:
        """Deploy, and press Ctrl-C when the first server is under way; what was said."""
        running = self.start("deploy", "--yes", *options)
        while not self.begins("openstack_compute_instance_v2"):
            assert running.poll() is None
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        said = running.communicate()[0]
        assert running.returncode == 1, said
        # It may stay, and is not the next one's.
        self._log.unlink(missing_ok=True)
        return said

    def begins(self, what: str) -> bool:
        """Whether an apply that is under way has begun with something whose address holds a text."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        return any('"type":"apply_start"' in line and what in line for line in lines)

    @property
    def _log(self) -> Path:
        return self.folder / ".ivc" / self.stack / "apply.log"

    @property
    def state(self) -> Path:
        """The file of the state, where it is kept here."""
        return self.folder / f"terraform.{self.stack}.tfstate"

    def in_state(self) -> dict[str, str]:
        """The servers that the state knows: by name, the id."""
        pull = [self._environment.get("TERRAFORM_BINARY_NAME") or terraform().path, "state", "pull"]
        folder = self.folder / "cdktf.out" / "stacks" / self.stack
        pulled = subprocess.run(pull, cwd=folder, env=self._environment, capture_output=True, check=True)
        found = json.loads(pulled.stdout)["resources"]
        # Of one that was halted before it began there is an entry without an instance.
        servers = [one for one in found if one["type"] == "openstack_compute_instance_v2" and one["instances"]]
        return {one["name"]: one["instances"][0]["attributes"]["id"] for one in servers}

    def in_cloud(self, cloud: Connection) -> dict[str, str]:
        """The stack's servers that are there: by name, the id."""
        mark = f"{self.stack}/"
        return {one.name: one.id for one in cloud.compute.servers() if one.metadata.get("ivc", "").startswith(mark)}
