"""What must be true of the shop, whoever changes it. Asks no cloud."""

from main import shop


def test_the_world_reaches_the_web_servers_by_http_and_nothing_else(estate):
    assert estate.world_reaches == {"www-1": {"tcp 80", "tcp 443"}, "www-2": {"tcp 80", "tcp 443"}}


def test_only_the_web_servers_reach_the_database(estate):
    assert estate.reach("www-1", "db-1") == {"tcp 3306"}


def test_the_database_keeps_its_volume(estate):
    assert estate.servers["db-1"].mounts == {"/var/lib/mysql": "db-data"}


def test_one_more_web_server_changes_nothing_else(declared, change):
    it = change(declared(shop, web_servers=2), declared(shop, web_servers=3))
    assert it.servers == {"www-3": "create"}
    assert set(it.resources.values()) == {"create"}


def test_policies_find_nothing(estate):
    assert estate.findings == {}
