"""What is configured from practice/etc."""

import base64
import configparser
import re

import pytest
from practice import config
from practice.folder import Folder
from practice.services import services
from supervisor.options import ServerOptions  # type: ignore[import-untyped]

_ADDRESS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
_URL_HOST = re.compile(r"://(?:[^@/\s]*@)?([^:/\s]+)")


@pytest.fixture
def configured(folder: Folder) -> dict[str, str]:
    return config.render(folder)


def test_every_address_in_every_file_is_loopback(configured: dict[str, str], folder: Folder) -> None:
    commands = "\n".join(" ".join(one.command) for one in services(folder))
    settings = "\n".join(" ".join(one.environment.values()) for one in services(folder))
    for name, text in {**configured, "commands": commands, "environments": settings}.items():
        assert set(_ADDRESS.findall(text)) <= {"127.0.0.1"}, name
        assert set(_URL_HOST.findall(text)) <= {"127.0.0.1"}, name


def test_every_service_with_a_port_is_told_to_listen_on_loopback(configured: dict[str, str], folder: Folder) -> None:
    told = {
        # By its own configuration file, and not on its command line.
        "cinder-api": configured["cinder.conf"],
        "swift-account": configured["swift-account.conf"],
        "swift-container": configured["swift-container.conf"],
        "swift-object": configured["swift-object.conf"],
        "swift-proxy": configured["swift-proxy.conf"],
        "bind": configured["named.conf"],
        "designate-mdns": configured["designate.conf"],
        # Without it the node would take connections from other machines too.
        "rabbitmq": " ".join(_environment(folder, "rabbitmq")).replace("{127,0,0,1}", "127.0.0.1"),
    }
    for one in services(folder):
        if one.port:
            text = told.get(one.name, " ".join((*one.command, *one.environment.values())))
            assert "127.0.0.1" in text, one.name
    assert "inet_dist_use_interface {127,0,0,1}" in " ".join(_environment(folder, "rabbitmq"))
    assert "RABBITMQ_NODE_IP_ADDRESS=127.0.0.1" in _environment(folder, "rabbitmq")
    assert "osapi_volume_listen = 127.0.0.1" in configured["cinder.conf"]
    assert "listen-on port 15353 { 127.0.0.1; };\n  listen-on-v6 { none; };" in configured["named.conf"]
    assert "controls { inet 127.0.0.1 port 19953 allow { 127.0.0.1; }" in configured["named.conf"]


def test_every_configuration_parses_and_repeats_no_option(configured: dict[str, str]) -> None:
    # BIND has a language of its own.
    files = {name: text for name, text in configured.items() if name.endswith(".conf") and name != "named.conf"}
    assert len(files) > 5
    for name, text in files.items():
        parser = configparser.ConfigParser(strict=True, interpolation=None)
        parser.read_string(text)
        assert parser.sections(), name


def test_a_compute_gets_no_database_of_its_own(configured: dict[str, str]) -> None:
    assert "\n[database]\n" in configured["nova.conf"]
    assert "\n[database]\n" not in configured["nova-compute.conf"]
    assert "compute_driver = fake" in configured["nova-compute.conf"]


def test_what_says_no_zone_goes_to_the_first(configured: dict[str, str]) -> None:
    assert "default_schedule_zone = nova" in configured["nova.conf"]


def test_each_of_swifts_stores_has_its_own_port_and_application(configured: dict[str, str]) -> None:
    for name, port in (("account", 16202), ("container", 16201), ("object", 16200)):
        text = configured[f"swift-{name}.conf"]
        assert f"bind_port = {port}\n" in text
        assert f"use = egg:swift#{name}\n" in text


def test_octavias_api_makes_the_port_of_a_vip_and_its_worker_plugs_nothing(configured: dict[str, str]) -> None:
    assert "network_driver = allowed_address_pairs_driver\n" in configured["octavia.conf"]
    assert "network_driver = practice\n" in configured["octavia-worker.conf"]
    assert "cert_manager = barbican_cert_manager\n" in configured["octavia-worker.conf"]


def test_what_encrypts_has_the_length_that_it_must_have(configured: dict[str, str]) -> None:
    assert len(config.KEY) == 32
    assert len(base64.b64decode(re.findall(r"^kek = (.*)$", configured["barbican.conf"], re.MULTILINE)[0])) == 32


def test_what_was_learned_the_hard_way_is_configured(configured: dict[str, str]) -> None:
    assert "keepalive = 120" in configured["gunicorn.conf.py"]
    assert "resource_query_filters_file = " in configured["cinder.conf"]
    assert "mechanism_drivers = practice,openvswitch" in configured["neutron.conf"]


def test_supervisord_finds_every_service_in_its_file(folder: Folder) -> None:
    folder.make_state()
    config.write(folder)
    options = ServerOptions()
    options.realize(["-c", str(folder.etc / "supervisord.conf")])
    read = {process.name: process for group in options.process_group_configs for process in group.process_configs}
    assert read.keys() == {one.name for one in services(folder)}
    for one in services(folder):
        assert read[one.name].directory == str(folder.etc)
        assert read[one.name].environment == dict(one.environment)
        assert read[one.name].stopasgroup


def test_what_runs_inside_the_services_is_put_beside_their_configuration(folder: Folder) -> None:
    folder.make_state()
    config.write(folder)
    assert (folder.etc / "inside" / "practice_ml2.py").is_file()
    assert (folder.etc / "inside" / "practice-1.dist-info" / "entry_points.txt").is_file()


def _environment(folder: Folder, name: str) -> list[str]:
    service = next(one for one in services(folder) if one.name == name)
    return [f"{key}={value}" for key, value in service.environment.items()]
