"""Stacks that run in Terraform Cloud, or on a server of the same API: what Terraform's own commands leave out.

`terraform plan -out`, `show -json` and `apply FILE` of a stack with a `cloud` block do the work, since Terraform 1.6
and in every OpenTofu: the file then holds no plan but the number of a run, and that very run is applied. Here is what
they do not do: say before a plan that it could not be applied, or would carry more than the stack away; tell in lines
of JSON what the run does; and discard a run whose plan nobody wants.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urljoin
from urllib.request import Request, build_opener

from ivc.deploy.errors import DeployError
from ivc.deploy.terraform import Line, lines_of_json

HCP = "app.terraform.io"
"""Terraform Cloud itself, which is called HCP Terraform today."""

_SERVICE = "tfe.v2"
_VARIABLES = "TF_TOKEN_"
_PATIENCE = 30
"""Seconds until a call is given up."""
_EVERY = 1.0
"""Seconds between two looks into a run's log."""
_AT_ONCE = 65536
_START, _END = b"\x02", b"\x03"
"""A log stands between these two; without the second it is not complete."""

_UNDER_WAY = {"pending", "plan_queued", "planning", "confirmed", "apply_queued", "applying"}
"""What a run is while its Terraform says more."""

_CREDENTIALS = re.compile(r'\bcredentials\s+"([^"]+)"\s*\{[^}]*?\btoken\s*=\s*"([^"]+)"')
_RUN = re.compile(r"/runs/(run-\w+)")


@dataclass(frozen=True)
class Workspace:
    """Where a stack runs. stack: its own name. hostname: such as `app.terraform.io`. name: of the workspace."""

    stack: str
    hostname: str
    organization: str
    name: str

    @classmethod
    def of(cls, stack: str, settings: Mapping[str, Any], environment: Mapping[str, str]) -> Workspace | None:
        """The workspace of a stack's `terraform` block; None where its runs are made on this machine.

        environment: what Terraform gets, which says what the block leaves out. Raises DeployError where the block does
        not lead to one workspace, or where the runs could not be reviewed before they are applied.
        """
        if "remote" in settings.get("backend", {}):
            raise DeployError(
                f"stack {stack}: its backend `remote` can save no plan to be reviewed; use "
                "backend=TerraformCloud(...), which keeps the same workspace"
            )
        block = settings.get("cloud")
        if block is None:
            return None
        said = block.get("workspaces") or {}
        organization = block.get("organization") or environment.get("TF_CLOUD_ORGANIZATION")
        name = said.get("name") or environment.get("TF_WORKSPACE")
        if not organization:
            raise DeployError(f"stack {stack}: its `cloud` block names no organization; name it there")
        if not name:
            raise DeployError(f"stack {stack}: its `cloud` block names no workspace; name one, or set TF_WORKSPACE")
        hostname = block.get("hostname") or environment.get("TF_CLOUD_HOSTNAME") or HCP
        return cls(stack, hostname, organization, name)

    def address(self, run: str) -> str:
        """Where a person looks at a run."""
        return f"https://{self.hostname}/app/{self.organization}/{self.name}/runs/{run}"


@dataclass(frozen=True)
class Service:
    """The API, for one workspace."""

    workspace: Workspace
    api: str
    token: str = field(repr=False)

    @classmethod
    def sign_in(cls, workspace: Workspace, environment: Mapping[str, str]) -> Service:
        """Find the API and the token, as Terraform does, and see that the organization is there for it.

        The token is that of `TF_TOKEN_<host>`, or else of Terraform's own configuration, where `terraform login` puts
        it. Raises DeployError where there is none, where it is refused, and where the server cannot be reached.
        """
        stack, host = workspace.stack, workspace.hostname
        token = _token(host, environment)
        if token is None:
            # A variable's name has no place for a port.
            variable = "" if ":" in host else f", or set {_variable(host)}"
            raise DeployError(f"stack {stack}: there is no token for {host}; run `{_login(host)}`{variable}")
        place = f"https://{host}/.well-known/terraform.json"
        with _in_words(workspace, f"{host} is no Terraform Cloud; correct `hostname`"):
            api = urljoin(place, json.loads(_ask(place))[_SERVICE])
        service = cls(workspace, api if api.endswith("/") else f"{api}/", token)
        service._read(
            f"organizations/{quote(workspace.organization)}/entitlement-set",
            f"there is no organization {workspace.organization} on {host} that the token may see; correct the name, or "
            "take a token of one of its members",
        )
        return service

    def runs_there(self) -> bool:
        """Whether the stack's runs are made there, and not here with only the state there.

        To be asked after `terraform init`, which makes a workspace where there is none. Raises DeployError where a
        plan made here could not be applied, or where Terraform would send more there than the stack.
        """
        workspace = self.workspace
        place = f"workspace {workspace.name}"
        said = self._read(
            f"organizations/{quote(workspace.organization)}/workspaces/{quote(workspace.name)}",
            f"there is no {place} in {workspace.organization} that the token may see; make it, or let the token see it",
        )["attributes"]
        if said.get("execution-mode") == "local":
            return False
        if said.get("vcs-repo"):
            repository = said["vcs-repo"].get("identifier")
            raise DeployError(
                f"stack {workspace.stack}: {place} is connected to the repository {repository}, and applies no plan "
                "from elsewhere; merge there, or disconnect it"
            )
        if said.get("working-directory"):
            raise DeployError(
                f"stack {workspace.stack}: {place} has the working directory {said['working-directory']}, so that "
                "Terraform would send it the folders above the stack's as well; empty it in the workspace's settings"
            )
        return True

    def status(self, run: str) -> str:
        """What became of a run, in the API's words: `applied`, `errored`, `canceled`, `planned_and_saved`.

        An apply that was interrupted here is to be asked about so: Terraform does not wait for its end.
        """
        return str(self._about(run)["attributes"]["status"])

    def discard(self, run: str) -> bool:
        """Discard a run whose plan nobody wants, so that it holds up no other; False where nothing was left to do.

        Raises DeployError where the service does not let it be.
        """
        return self._act(run, "discard")

    def cancel(self, run: str) -> bool:
        """Interrupt a run: Terraform ends there what it began. False where it is over, or was interrupted before.

        Raises DeployError where the service does not let it be.
        """
        return self._act(run, "cancel")

    def _act(self, run: str, action: str) -> bool:
        if not self._about(run)["attributes"]["actions"][f"is-{action}able"]:
            return False
        where = self.workspace.address(run)
        self._read(
            f"runs/{quote(run)}/actions/{action}",
            f"the token may not {action} run {run}; {action} it at {where}",
            data={"comment": "By ivc, as it was told."},
        )
        return True

    def _about(self, run: str) -> dict[str, Any]:
        where = self.workspace.address(run)
        return self._read(f"runs/{quote(run)}", f"there is no run {run} that the token may see; look at {where}")

    def _read(self, path: str, missing: str, data: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The `data` of an answer. missing: what it means where there is none."""
        body = None if data is None else json.dumps(data).encode()
        with _in_words(self.workspace, missing):
            answer = _ask(self.api + path, token=self.token, body=body)
        found: dict[str, Any] = json.loads(answer or b"{}").get("data", {})
        return found


class RunLog:
    """What Terraform says in a run, in its own lines of JSON, while it says it there.

    A workspace without structured run output says nothing in JSON: there is no line then.
    """

    def __init__(self, service: Service, step: str, said: Path) -> None:
        """step: `plan` or `apply`. said: the file of what Terraform prints here, which leads to the run."""
        self._service = service
        self._step = step
        self._said = said
        self._run: str | None = None
        self._url: str | None = None
        self._offset = 0
        self._rest = b""
        self._looked = float("-inf")

    def lines(self, *, now: bool = False) -> list[Line]:
        """The lines that came since the last call; it looks once a second, or `now`.

        Where the service does not answer, there are none: Terraform itself tells of that.
        """
        if not now and time.monotonic() - self._looked < _EVERY:
            return []
        found: list[Line] = []
        try:
            while part := self._part():
                self._offset += len(part)
                *whole, self._rest = (self._rest + part.lstrip(_START).rstrip(_END)).split(b"\n")
                found += lines_of_json(whole)
        except (DeployError, OSError, HTTPException):
            pass
        self._looked = time.monotonic()
        return found

    def to_its_end(self, *, interrupt: bool) -> Iterator[list[Line]]:
        """The lines that are left, until nothing more happens there.

        interrupt: whether Terraform was interrupted here, which asks then whether to cancel the run, with nobody to
        answer, and does not wait for its end.
        """
        run = self._find()
        if run is not None:
            if interrupt:
                self._service.cancel(run)
            while self._service.status(run) in _UNDER_WAY:
                yield self.lines(now=True)
                time.sleep(_EVERY)
        yield self.lines(now=True)

    def _find(self) -> str | None:
        if self._run is None:
            self._run = run_in(self._said.read_text(errors="replace"))
        return self._run

    def _part(self) -> bytes:
        run = self._find()
        if run is None:
            return b""
        if self._url is None:
            step = self._service._about(run)["relationships"][self._step]["data"]
            said = self._service._read(f"{step['type']}/{step['id']}", "the run has no log")
            self._url = said["attributes"].get("log-read-url")
        if not self._url:
            return b""
        # This address is a secret of its own, and takes no token.
        return _ask(f"{self._url}?limit={_AT_ONCE}&offset={self._offset}")


def saved_run(plan: Path) -> str | None:
    """The run whose plan a file stands for; None where it holds a plan of Terraform's own."""
    try:
        said = json.loads(plan.read_bytes())
    except ValueError:
        return None
    return said["run_id"] if isinstance(said, dict) and "run_id" in said else None


def run_in(text: str) -> str | None:
    """The run that Terraform's words of a plan lead to."""
    found = _RUN.search(text)
    return found[1] if found else None


def check_variables(stack: str, document: Mapping[str, Any], environment: Mapping[str, str]) -> None:
    """See that no secret would be sent along with a run, where everybody who may see the run could read it.

    Terraform sends `TF_VAR_*` of declared variables as they are. document: the stack's. Raises DeployError.
    """
    for name, variable in document.get("variable", {}).items():
        if variable.get("sensitive") and f"TF_VAR_{name}" in environment:
            raise DeployError(
                f"stack {stack}: TF_VAR_{name} holds a sensitive variable, which Terraform would store with the run in "
                "clear; make it a sensitive variable of the workspace, and unset it here"
            )


@contextmanager
def _in_words(workspace: Workspace, missing: str) -> Iterator[None]:
    """Raise DeployError for what the service does not answer. missing: what it means where there is nothing."""
    stack, host = f"stack {workspace.stack}", workspace.hostname
    try:
        yield
    except HTTPError as error:
        if error.code == HTTPStatus.UNAUTHORIZED:
            raise DeployError(f"{stack}: {host} refuses the token; make a new one with `{_login(host)}`") from None
        if error.code in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN):
            raise DeployError(f"{stack}: {missing}") from None
        raise DeployError(f"{stack}: {host} answers {error.code} {error.reason}; try again later") from None
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise DeployError(
            f"{stack}: {host} cannot be reached: {reason}; is it called so, and is there a way?"
        ) from None
    except (KeyError, TypeError, ValueError):
        raise DeployError(f"{stack}: {missing}") from None


def _token(host: str, environment: Mapping[str, str]) -> str | None:
    for name, value in environment.items():
        if (
            name.startswith(_VARIABLES)
            and value
            and name.removeprefix(_VARIABLES).replace("__", "-").replace("_", ".") == host
        ):
            return value
    return next((token for file in _configuration(environment) for token in _tokens(file, host)), None)


def _variable(host: str) -> str:
    return _VARIABLES + host.replace("-", "__").replace(".", "_")


def _login(host: str) -> str:
    return "terraform login" if host == HCP else f"terraform login {host}"


def _configuration(environment: Mapping[str, str]) -> Iterator[Path]:
    """The files of Terraform's and OpenTofu's own configuration."""
    said = environment.get("TF_CLI_CONFIG_FILE")
    if said:
        yield Path(said)
        return
    home = Path(environment.get("HOME") or Path.home())
    yield from sorted((home / ".terraform.d").glob("*.tfrc*"))
    yield from (home / ".terraformrc", home / ".tofurc")


def _tokens(file: Path, host: str) -> Iterator[str]:
    try:
        text = file.read_text()
    except (OSError, UnicodeDecodeError):
        return
    if file.suffix == ".json":
        try:
            said = json.loads(text).get("credentials", {}).get(host, {})
        except (ValueError, AttributeError):
            return
        if said.get("token"):
            yield said["token"]
    else:
        yield from (token for name, token in _CREDENTIALS.findall(text) if name == host)


def _ask(address: str, *, token: str | None = None, body: bytes | None = None) -> bytes:
    # A token goes nowhere in clear.
    request = Request(f"https://{address.removeprefix('https://')}", data=body)
    request.add_header("Content-Type", "application/vnd.api+json")
    if token is not None:
        request.add_header("Authorization", f"Bearer {token}")
    with build_opener().open(request, timeout=_PATIENCE) as answer:
        read: bytes = answer.read()
    return read
