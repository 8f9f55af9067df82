"""examples/four-nodes in guests: each server alone, with what it asks of the others made up where it can be."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from practice.guest import Disk, Nic, Report

from tests.guest.examples.booting import boots

pytestmark = pytest.mark.guest

PASSWORD = "only-of-this-test-xxxxxxxx"
VALUES = {"var.database_password": PASSWORD}
VOLUME = "5a100000-1111-4222-8333-000000000001"
PRIVATE_IMAGE = ("mariadb-server", "python3-pymysql")

Boots = Callable[..., Report]


@pytest.fixture
def four_nodes(tmp_path_factory: pytest.TempPathFactory) -> Boots:
    def make(server: str, commands: Sequence[str], **more: object) -> Report:
        return boots("four-nodes", server, tmp_path_factory.mktemp(server), commands=commands, **more)  # type: ignore[arg-type]

    return make


def said(report: Report) -> list[str]:
    assert report.problems == ()
    return [answer.output.strip() for answer in report.answers]


def test_the_web_ui_shows_its_page_by_https_and_sends_there_who_comes_by_http(four_nodes: Boots) -> None:
    page, script, plain = said(
        four_nodes(
            "web-ui-1",
            [
                "curl -sk https://localhost/",
                "curl -sk https://localhost/orders.js",
                "curl -s http://localhost/orders -o /dev/null -w '%{http_code} %{redirect_url}'",
            ],
        )
    )
    assert '<script src="orders.js" data-api="https://api.shop.example/orders">' in page
    assert "fetch(api)" in script
    assert plain == "301 https://shop.example/orders"


# Stands for the back end: answers each request with its method and path.
STAND_IN = """
from http.server import *
class Echo(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200), self.end_headers(), self.wfile.write((self.command + self.path).encode())
    do_POST = do_GET
HTTPServer(("10.0.0.21", 8080), Echo).serve_forever()
"""


@pytest.mark.long
def test_rest_passes_on_orders_and_nothing_else(four_nodes: Boots) -> None:
    code = "-o /dev/null -w '%{http_code}'"
    answers = said(
        four_nodes(
            "rest-1",
            [
                f"curl -sk https://localhost/orders {code}",
                f"python3 -c '{STAND_IN}' >/dev/null 2>&1 & sleep 5",
                "curl -sk https://localhost/orders",
                "curl -sk https://localhost/orders -d '{}'",
                "curl -sk https://localhost/orders -X OPTIONS -D -",
                f"curl -sk https://localhost/orders -X DELETE {code}",
                f"curl -sk https://localhost/ {code}",
            ],
            nics=[
                Nic("198.18.1.11/16"),
                Nic("10.0.0.11/24", mac="fa:16:3e:00:00:02"),
                Nic("10.0.0.21/24", mac="fa:16:3e:00:00:03"),
            ],
        )
    )
    nobody, _, listed, posted, asked, deleted, elsewhere = answers
    assert (listed, posted) == ("GET/orders", "POST/orders")
    assert (nobody, deleted, elsewhere) == ("502", "403", "404")
    assert "Access-Control-Allow-Origin: https://shop.example" in asked


# The address of the other end, too, so that one guest can play both.
BOTH = [Nic("10.0.0.31/24"), Nic("10.0.0.21/24", mac="fa:16:3e:00:00:02")]


def sql(statement: str, *, password: str = PASSWORD, client: str = "10.0.0.21") -> str:
    """A command that asks MySQL as the back end does."""
    login = f"host='10.0.0.31', bind_address='{client}', user='orders', password='{password}'"
    program = (
        f"import pymysql; c = pymysql.connect({login}, autocommit=True).cursor(); "
        f"c.execute('{statement}'); print(c.fetchall())"
    )
    return f'python3 -c "{program}" 2>&1 | tail -n 1'


@pytest.mark.long
def test_mysql_lets_in_the_back_end_alone_and_its_data_stands_on_the_volume(four_nodes: Boots) -> None:
    report = four_nodes(
        "mysql-1",
        [
            sql("INSERT INTO orders.orders (what) VALUES (1)"),
            sql("SHOW TABLES FROM orders"),
            sql("SELECT 1", password="another-password"),
            sql("SELECT 1", client="10.0.0.31"),
            sql("DROP TABLE orders.orders"),
            "findmnt -no TARGET --target /var/lib/mysql/orders; stat -c %U:%G /var/lib/mysql",
        ],
        values=VALUES | {"serial of volume mysql": VOLUME[:20]},
        disks=[Disk(VOLUME, size=512, mounted_at=("/var/lib/mysql",))],
        nics=BOTH,
        packages=PRIVATE_IMAGE,
    )
    inserted, tables, wrong, elsewhere, dropped, place = said(report)
    assert (inserted, tables) == ("()", "(('orders',),)")
    assert "Access denied for user 'orders'@'10.0.0.21'" in wrong
    assert "10.0.0.31" in elsewhere
    assert "denied" in dropped
    assert place.split() == ["/var/lib/mysql", "mysql:mysql"]


# This MySQL is in the same guest, which asks it from MySQL's own address.
SCHEMA = f"""
CREATE DATABASE orders; CREATE TABLE orders.orders (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(200));
CREATE USER orders@10.0.0.31 IDENTIFIED BY "{PASSWORD}"; GRANT SELECT, INSERT ON orders.* TO orders@10.0.0.31;
"""


@pytest.mark.long
def test_the_back_end_lists_and_takes_orders_that_stand_in_mysql(four_nodes: Boots) -> None:
    url = "http://10.0.0.21:8080/orders"
    report = four_nodes(
        "back-end-1",
        [
            f"curl -s {url} -o /dev/null -w '%{{http_code}}'",
            "sed -i s/127.0.0.1/10.0.0.31/ /etc/mysql/mariadb.conf.d/50-server.cnf && systemctl restart mariadb",
            f"mariadb -e '{SCHEMA}'",
            f"""curl -s {url} -d '{{"what": "tea, it'"'"'s for two"}}' -w '%{{http_code}}'""",
            f"curl -s {url}",
            f"curl -s {url} -d '{{}}' -o /dev/null -w '%{{http_code}}'",
            "ps -o uid= -p $(systemctl show -P MainPID orders); systemctl is-enabled orders",
        ],
        values=VALUES,
        nics=[Nic("10.0.0.21/24"), Nic("10.0.0.31/24", mac="fa:16:3e:00:00:02")],
        packages=PRIVATE_IMAGE,
    )
    without_mysql, _, _, made, listed, bad, runs = said(report)
    assert without_mysql == "503"
    assert made == "null201"
    assert listed == '[{"id": 1, "what": "tea, it\'s for two"}]'
    assert bad == "400"
    user, enabled = runs.split()
    # systemd.exec(5), DynamicUser: from this range.
    assert 61184 <= int(user) <= 65519
    assert enabled == "enabled"
