"""`ivc limits`, which asks a cloud: here a stand-in on loopback, which has the services that a test gives it."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from ivc.cli.limits import show_limits
from ivc.review import quota

Answer = tuple[int, Any]
PROJECT = "1b" * 16
CORE: dict[str, Answer] = {
    f"/compute/v2.1/os-quota-sets/{PROJECT}": (
        200,
        {"quota_set": {"instances": 20, "cores": 40, "ram": 102400, "server_group_members": 10}},
    ),
    "/compute/v2.1/flavors/detail": (200, {"flavors": [{"id": "1", "name": "b2-7", "vcpus": 2, "ram": 7000}]}),
    f"/network/v2.0/quotas/{PROJECT}": (
        200,
        {"quota": {"port": 100, "security_group": 20, "security_group_rule": 200, "floatingip": 5}},
    ),
}
OCTAVIA, DESIGNATE = f"/load-balancer/v2.0/lbaas/quotas/{PROJECT}", "/dns/v2/quotas"
OF_OCTAVIA: Answer = (200, {"quota": {"project_id": PROJECT, "load_balancer": 4, "loadbalancer": 4, "listener": -1}})
OF_DESIGNATE: Answer = (200, {"zones": 10, "zone_recordsets": 500, "zone_records": 500, "recordset_records": 20})
VERSIONS = {"compute": "v2.1", "network": "v2.0", "load-balancer": "", "dns": "v2"}


@contextmanager
def cloud(*services: str, answers: Mapping[str, Answer]) -> Iterator[list[tuple[str, Mapping[str, str]]]]:
    """A cloud whose Keystone lists some services; yields what it is asked, each with its headers."""
    asked: list[tuple[str, Mapping[str, str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0].rstrip("/")
            asked.append((path, dict(self.headers)))
            self._say(*answers.get(path, (404, {})))

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            url = f"http://127.0.0.1:{server.server_address[1]}"
            catalog = [
                {
                    "type": one,
                    "name": one,
                    "endpoints": [
                        {
                            "interface": "public",
                            "region": "here",
                            "region_id": "here",
                            "url": f"{url}/{one}/{VERSIONS[one]}",
                        }
                    ],
                }
                for one in services
            ]
            project = {"id": PROJECT, "name": "shop", "domain": {"id": "default", "name": "Default"}}
            user = {"id": "ops", "name": "ops", "domain": {"id": "default", "name": "Default"}}
            until = "2099-01-01T00:00:00.000000Z"
            token = {"methods": ["password"], "project": project, "user": user, "expires_at": until, "roles": []}
            self._say(201, {"token": {**token, "catalog": catalog}})

        def _say(self, status: int, said: Any) -> None:
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("X-Subject-Token", "a token")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("OS_")]:
                patch.delenv(name)
            patch.setenv("OS_AUTH_URL", f"http://127.0.0.1:{server.server_address[1]}/v3")
            for name, value in (
                ("USERNAME", "ops"),
                ("PASSWORD", "x"),
                ("PROJECT_NAME", "shop"),
                ("REGION_NAME", "here"),
            ):
                patch.setenv(f"OS_{name}", value)
            patch.setenv("OS_USER_DOMAIN_ID", "default")
            patch.setenv("OS_PROJECT_DOMAIN_ID", "default")
            yield asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_all_that_a_review_counts_is_asked_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with cloud(*VERSIONS, answers=CORE | {OCTAVIA: OF_OCTAVIA, DESIGNATE: OF_DESIGNATE}) as asked:
        show_limits()
    said = capsys.readouterr()
    assert yaml.safe_load(said.out) == {
        "limits": {
            "instances": 20,
            "cores": 40,
            "ram_mib": 102400,
            "server_group_members": 10,
            "ports": 100,
            "security_groups": 20,
            "security_group_rules": 200,
            "floating_ips": 5,
            "load_balancers": 4,
            "listeners": -1,
            "zones": 10,
            "zone_recordsets": 500,
            "zone_records": 500,
            "recordset_records": 20,
        },
        "flavors": {"b2-7": {"cores": 2, "ram_mib": 7000}},
    }
    assert said.err == ""
    # Designate takes a question about another project's from administrators alone.
    assert not [headers for path, headers in asked if "X-Auth-Sudo-Project-Id" in map(str.title, headers)]
    (tmp_path / "limits.yaml").write_text(said.out)
    assert quota.read(tmp_path / "limits.yaml").limits["load balancers"] == 4


def test_a_service_that_the_cloud_has_not_is_said_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with cloud("compute", "network", answers=CORE):
        show_limits()
    said = capsys.readouterr()
    assert "load_balancers" not in said.out
    assert said.err.splitlines() == [
        "ivc: the cloud has no service for load balancers (Octavia): its limits are left out",
        "ivc: the cloud has no service for DNS (Designate): its limits are left out",
    ]


def test_limits_that_this_user_may_not_read_are_said_to_be_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    with cloud(*VERSIONS, answers=CORE | {OCTAVIA: (403, {"faultstring": "Policy"}), DESIGNATE: OF_DESIGNATE}):
        show_limits()
    said = capsys.readouterr()
    assert "zones: 10" in said.out
    assert said.err.splitlines() == [
        "ivc: the cloud does not tell this user the limits of load balancers (Octavia): they are left out"
    ]


def test_a_service_that_fails_is_an_error_in_one_sentence() -> None:
    answers = CORE | {OCTAVIA: (500, {"faultstring": "it is broken"}), DESIGNATE: OF_DESIGNATE}
    with (
        cloud(*VERSIONS, answers=answers),
        pytest.raises(ValueError, match=r"^the cloud does not answer: [^\n]*broken"),
    ):
        show_limits()
