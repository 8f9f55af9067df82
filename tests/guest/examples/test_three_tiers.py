"""examples/three-tiers in guests: a server of each tier alone, with what it asks of the others made up."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from practice.guest import Disk, Nic, Report

from tests.guest.examples.booting import boots

pytestmark = [pytest.mark.guest, pytest.mark.long]

PASSWORD = "only-of-this-test-xxxxxxxx"
VALUES = {"var.database_password": PASSWORD}
VOLUME = "db100000-1111-4222-8333-000000000001"

Boots = Callable[..., Report]


@pytest.fixture
def three_tiers(tmp_path_factory: pytest.TempPathFactory) -> Boots:
    def make(server: str, commands: Sequence[str], **more: object) -> Report:
        return boots("three-tiers", server, tmp_path_factory.mktemp(server), commands=commands, **more)  # type: ignore[arg-type]

    return make


def said(report: Report) -> list[str]:
    assert report.problems == ()
    return [answer.output.strip() for answer in report.answers]


# Stands for the API behind its load balancer: answers each request with its path.
STAND_IN = """
from http.server import *
class Echo(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200), self.end_headers(), self.wfile.write(self.path.encode())
HTTPServer(("10.0.2.100", 8080), Echo).serve_forever()
"""


def test_a_web_server_is_well_by_itself_and_passes_requests_on_to_the_api(three_tiers: Boots) -> None:
    code = "-o /dev/null -w '%{http_code}'"
    well, nobody, _, passed, still = said(
        three_tiers(
            "web-1",
            [
                f"curl -sk https://10.0.1.11/health {code}",
                f"curl -sk https://10.0.1.11/ {code}",
                f"python3 -c '{STAND_IN}' >/dev/null 2>&1 & sleep 5",
                "curl -sk https://10.0.1.11/visits",
                f"curl -sk https://10.0.1.11/health {code}",
            ],
            nics=[Nic("10.0.1.11/24"), Nic("10.0.2.100/24", mac="fa:16:3e:00:00:02")],
        )
    )
    assert (well, nobody, passed, still) == ("200", "502", "/visits", "200")


def test_the_first_member_begins_a_cluster_and_counts_visits_of_who_has_the_password(three_tiers: Boots) -> None:
    ask = "mariadb -h 10.0.3.11 -u visits visits -N"
    count = "INSERT INTO visits () VALUES (); SELECT COUNT(*) FROM visits"
    report = three_tiers(
        "db-1",
        [
            "mariadb -N -e \"SHOW STATUS WHERE Variable_name IN ('wsrep_cluster_size', 'wsrep_ready')\"",
            f"{ask} -p{PASSWORD} -e '{count}'",
            f"{ask} -pother -e 'SELECT 1' 2>&1",
            "findmnt -no TARGET --target /var/lib/mysql/visits; cat /var/lib/mysql/grastate.dat",
            "ls /usr/sbin/policy-rc.d || echo packages start again",
        ],
        values=VALUES | {"serial of volume db-1-data": VOLUME[:20]},
        disks=[Disk(VOLUME, size=512, mounted_at=("/var/lib/mysql",))],
        nics=[Nic("10.0.3.11/24")],
        packages=("mariadb-server", "galera-4", "rsync"),
    )
    status, counted, refused, place, packages = said(report)
    assert status.split() == ["wsrep_cluster_size", "1", "wsrep_ready", "ON"]
    assert counted == "1"
    assert "Access denied for user 'visits'@'10.0.3.11'" in refused
    assert place.splitlines()[:2] == ["/var/lib/mysql", "# GALERA saved state"]
    assert packages.splitlines()[-1] == "packages start again"


# The database is in the same guest, which asks it from the database's own address.
SCHEMA = f"""
CREATE DATABASE visits; CREATE TABLE visits.visits (id INT AUTO_INCREMENT PRIMARY KEY);
CREATE USER visits@10.0.3.100 IDENTIFIED BY "{PASSWORD}"; GRANT SELECT, INSERT ON visits.* TO visits@10.0.3.100;
"""


def test_a_server_of_the_api_counts_visits_and_is_well_without_a_database_too(three_tiers: Boots) -> None:
    url, code = "http://10.0.2.11:8080", "-o /dev/null -w '%{http_code}'"
    well, without, _, _, first, second, elsewhere, runs = said(
        three_tiers(
            "api-1",
            [
                f"curl -s {url}/health {code}",
                f"curl -s {url}/ {code}",
                "sed -i s/127.0.0.1/10.0.3.100/ /etc/mysql/mariadb.conf.d/50-server.cnf && systemctl restart mariadb",
                f"mariadb -e '{SCHEMA}'",
                f"curl -s {url}/",
                f"curl -s {url}/",
                f"curl -s {url}/etc/passwd {code}",
                "ps -o uid= -p $(systemctl show -P MainPID visits); systemctl is-enabled visits",
            ],
            values=VALUES,
            nics=[Nic("10.0.2.11/24"), Nic("10.0.3.100/24", mac="fa:16:3e:00:00:02")],
            packages=("mariadb-server",),
        )
    )
    assert (well, without, elsewhere) == ("200", "503", "404")
    assert (first, second) == ("Visit 1, says api-1.", "Visit 2, says api-1.")
    user, enabled = runs.split()
    # systemd.exec(5), DynamicUser: from this range.
    assert 61184 <= int(user) <= 65519
    assert enabled == "enabled"
