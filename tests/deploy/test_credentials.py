"""A login that Terraform would fail with is one sentence before it plans."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivc.deploy import clouds_yaml, credentials, keystone
from ivc.deploy.errors import DeployError
from tests.deploy.keystone import APPLICATION_CREDENTIAL, PASSWORD, ROLES, TOKEN, Keystone, certificate, serving

ID, SECRET = APPLICATION_CREDENTIAL
OPS = {
    "OS_USERNAME": "ops",
    "OS_PASSWORD": PASSWORD,
    "OS_USER_DOMAIN_NAME": "Default",
    "OS_PROJECT_NAME": "shop-prod",
    "OS_PROJECT_DOMAIN_NAME": "Default",
}
OURS = "the credentials in the environment (OS_*)"


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").mkdir()
    monkeypatch.setattr(clouds_yaml, "home", lambda: tmp_path / "home")
    monkeypatch.setattr(clouds_yaml, "_MACHINE", tmp_path / "etc")


@pytest.fixture(scope="module")
def running() -> Iterator[Keystone]:
    with serving() as cloud:
        yield cloud


@pytest.fixture
def cloud(running: Keystone) -> Keystone:
    running.asked.clear()
    return running


def fault(environment: Mapping[str, str], folder: Path, **block: Any) -> str:
    """What is wrong with a login; empty where nothing is."""
    try:
        credentials.check(block, environment=environment, folder=folder)
    except DeployError as error:
        return str(error)
    return ""


def clouds(folder: Path, text: str, name: str = "clouds.yaml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(text)
    return file


# What is given.


def test_whoever_may_log_in_is_let_through_by_one_token(cloud: Keystone, tmp_path: Path) -> None:
    assert fault({**OPS, "OS_AUTH_URL": f"{cloud.url}/v3", "OS_REGION_NAME": "GRA11"}, tmp_path) == ""
    user = {"name": "ops", "domain": {"name": "Default"}, "password": PASSWORD}
    scope = {"project": {"name": "shop-prod", "domain": {"name": "Default"}}}
    identity = {"methods": ["password"], "password": {"user": user}}
    assert cloud.asked == [{"auth": {"identity": identity, "scope": scope}}]


def test_an_address_without_a_version_is_asked_for_it(cloud: Keystone, tmp_path: Path) -> None:
    assert fault({**OPS, "OS_AUTH_URL": cloud.url}, tmp_path) == ""
    assert cloud.asked[0] == "/"
    assert len(cloud.asked) == 2


@pytest.mark.parametrize(
    "given",
    [
        {"OS_TOKEN": TOKEN, "OS_PROJECT_ID": ROLES["shop-prod"]},
        {"OS_APPLICATION_CREDENTIAL_ID": ID, "OS_APPLICATION_CREDENTIAL_SECRET": SECRET},
    ],
    ids=["token", "application"],
)
def test_other_ways_to_log_in(cloud: Keystone, tmp_path: Path, given: Mapping[str, str]) -> None:
    assert fault({**given, "OS_AUTH_URL": f"{cloud.url}/v3"}, tmp_path) == ""


def test_where_nothing_is_given_both_ways_are_named(tmp_path: Path) -> None:
    sentence = (
        "there are no credentials: neither OS_AUTH_URL nor OS_CLOUD is set; source the openrc file of your project, or "
        "set OS_CLOUD to a cloud of clouds.yaml"
    )
    assert fault({"PATH": "/bin"}, tmp_path) == sentence
    clouds(tmp_path, "clouds: {gra: {}, bhs: {}}")
    assert fault({}, tmp_path) == f"{sentence} ('gra', 'bhs')"


@pytest.mark.parametrize(
    ("without", "sentence"),
    [
        ("OS_AUTH_URL", "auth_url is missing; set OS_AUTH_URL"),
        ("OS_USERNAME", "username is missing; set OS_USERNAME"),
        ("OS_PASSWORD", "password is missing; set OS_PASSWORD"),
        ("OS_PROJECT_NAME", "the login is for no project; set OS_PROJECT_NAME"),
    ],
)
def test_a_part_that_is_missing_is_named(cloud: Keystone, tmp_path: Path, without: str, sentence: str) -> None:
    environment = {**OPS, "OS_AUTH_URL": f"{cloud.url}/v3"}
    del environment[without]
    assert fault(environment, tmp_path) == f"{OURS}: {sentence}"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "username and password are missing; set OS_USERNAME and OS_PASSWORD"),
        ({"OS_TOKEN": TOKEN}, "a token alone says no project; set OS_PROJECT_ID"),
        (
            {"OS_APPLICATION_CREDENTIAL_ID": ID},
            "the secret of the application credential is missing; set OS_APPLICATION_CREDENTIAL_SECRET",
        ),
        (
            {"OS_APPLICATION_CREDENTIAL_SECRET": SECRET},
            "the id of the application credential is missing; set OS_APPLICATION_CREDENTIAL_ID",
        ),
        ({**OPS, "OS_USER_ID": "x"}, "both username and user_id are given; take one of them away"),
        (
            {"OS_USER_ID": "x", "OS_PASSWORD": PASSWORD, "OS_PROJECT_NAME": "shop-prod"},
            "the provider takes no domain beside user_id; instead set OS_USERNAME",
        ),
        (
            {**OPS, "OS_USER_DOMAIN_ID": "default"},
            "both user_domain_id and user_domain_name are given; take one of them away",
        ),
        (
            {"OS_USERNAME": "ops", "OS_PASSWORD": PASSWORD},
            "the domain of the user is missing; set OS_USER_DOMAIN_NAME",
        ),
    ],
)
def test_what_does_not_go_together_is_told_before_anybody_is_asked(
    cloud: Keystone, tmp_path: Path, given: Mapping[str, str], sentence: str
) -> None:
    assert fault({**given, "OS_AUTH_URL": f"{cloud.url}/v3"}, tmp_path) == f"{OURS}: {sentence}"
    assert cloud.asked == []


def test_an_address_that_is_none_is_told(tmp_path: Path) -> None:
    for url in ("keystone.example.com:5000/v3", "https://", "https://h:port/v3"):
        assert fault({**OPS, "OS_AUTH_URL": url}, tmp_path) == (
            f"{OURS}: auth_url: {url!r} is no address; write it as in https://keystone.example.com:5000/v3"
        )


def test_what_a_stack_says_itself_comes_first_and_references_are_not_judged(cloud: Keystone, tmp_path: Path) -> None:
    environment = {**OPS, "OS_AUTH_URL": f"{cloud.url}/v3"}
    assert "user 'other'" in fault(environment, tmp_path, user_name="other")
    cloud.asked.clear()
    assert fault({**environment, "OS_PASSWORD": ""}, tmp_path, password="${var.password}") == ""
    assert fault({}, tmp_path, cloud="${var.cloud}") == ""
    assert fault({**OPS, "OS_AUTH_URL": ""}, tmp_path, password="${var.password}").endswith("; set OS_AUTH_URL")
    assert cloud.asked == []


# clouds.yaml.


def test_a_cloud_is_looked_for_where_the_provider_looks(cloud: Keystone, tmp_path: Path) -> None:
    stack, home, machine = tmp_path / "stack", tmp_path / "home" / ".config" / "openstack", tmp_path / "etc"
    assert fault({"OS_CLOUD": "gra"}, stack) == (
        f"cloud 'gra': there is no clouds.yaml, in none of {stack}, {home}, {machine}; put it there, or set "
        "OS_CLIENT_CONFIG_FILE to its full path"
    )
    text = "clouds: {gra: {auth: {auth_url: %s, username: ops, password: x}}}"
    seen = []
    for number, folder in enumerate((machine, home, stack)):
        clouds(folder, text % f"http://{number}.invalid")
        seen.append(fault({"OS_CLOUD": "gra"}, stack))
    named = clouds(tmp_path / "mine", text % "http://3.invalid", "mine.yaml")
    seen.append(fault({"OS_CLOUD": "gra", "OS_CLIENT_CONFIG_FILE": str(named)}, stack))
    files = [folder / "clouds.yaml" for folder in (machine, home, stack)]
    assert seen == [
        f"cloud 'gra' of {file}: the domain of the user is missing; write user_domain_name there, or set "
        "OS_USER_DOMAIN_NAME"
        for file in (*files, named)
    ]


def test_a_file_that_is_named_in_vain_is_told(tmp_path: Path) -> None:
    said = fault({"OS_CLOUD": "gra", "OS_CLIENT_CONFIG_FILE": "/nowhere/clouds.yaml"}, tmp_path)
    assert ", and what OS_CLIENT_CONFIG_FILE names, /nowhere/clouds.yaml, does not exist; put it there" in said


def test_a_cloud_that_there_is_not_brings_those_that_there_are_the_nearest_first(tmp_path: Path) -> None:
    file = clouds(tmp_path, "clouds: {practice: {}, ovh-gra: {}, ovh-bhs: {}}")
    assert fault({}, tmp_path, cloud="ovh-gr") == (
        f"cloud 'ovh-gr': {file} has no such cloud; it has 'ovh-gra', 'ovh-bhs', 'practice'"
    )
    clouds(tmp_path, "clouds:\n")
    assert fault({"OS_CLOUD": "x"}, tmp_path) == f"cloud 'x': {file} has no such cloud; it has none"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("clouds:\n  gra: [", ":2: it is no YAML: expected the node content, but found '<stream end>'; correct it"),
        ("clouds: {gra: {auth: !secret x}}", ":1: it is no YAML: could not determine a constructor"),
        ("- gra\n", ": it is no mapping; write `clouds:`, and each cloud by its name below"),
        ("clouds: [gra]\n", ": `clouds` is no mapping; write each cloud by its name below"),
    ],
)
def test_a_file_that_is_no_yaml_of_clouds_is_told(tmp_path: Path, text: str, sentence: str) -> None:
    file = clouds(tmp_path, text)
    assert fault({"OS_CLOUD": "gra"}, tmp_path).startswith(f"{file}{sentence}")


def test_gaps_of_a_cloud_are_filled_by_secure_yaml_and_the_environment(cloud: Keystone, tmp_path: Path) -> None:
    clouds(
        tmp_path,
        f"""
shared: &shared {{default_domain: default, auth_url: "{cloud.url}/v3"}}
clouds:
  gra:
    region_name: GRA11
    auth: {{<<: *shared, username: ops, project_name: shop-prod}}
""",
    )
    file = tmp_path / "clouds.yaml"
    assert fault({"OS_CLOUD": "gra"}, tmp_path) == (
        f"cloud 'gra' of {file}: password is missing; write password there, or set OS_PASSWORD"
    )
    assert fault({"OS_CLOUD": "gra", "OS_PASSWORD": PASSWORD, "OS_USERNAME": "nobody"}, tmp_path) == ""
    clouds(tmp_path, f"clouds: {{gra: {{auth: {{password: {PASSWORD}}}}}}}", "secure.yaml")
    assert fault({"OS_CLOUD": "gra"}, tmp_path) == ""


def test_a_password_that_looks_like_a_number_stays_as_it_is_written(cloud: Keystone, tmp_path: Path) -> None:
    auth = f"{{auth_url: '{cloud.url}/v3', username: ops, password: 0017, default_domain: default, project_name: p}}"
    clouds(tmp_path, f"clouds: {{gra: {{auth: {auth}}}}}")
    assert "does not let user 'ops'" in fault({"OS_CLOUD": "gra"}, tmp_path)
    assert cloud.asked[0]["auth"]["identity"]["password"]["user"]["password"] == "0017"


def test_a_profile_that_stands_in_no_file_is_told(tmp_path: Path) -> None:
    file = clouds(tmp_path, "clouds: {gra: {profile: ovh, auth: {username: ops}}}")
    assert fault({"OS_CLOUD": "gra"}, tmp_path) == (
        f"cloud 'gra' of {file}: its profile 'ovh' stands nowhere, since there is no clouds-public.yaml, and "
        "Terraform's provider knows none by itself; write auth_url and region_name into the cloud, and take the "
        "profile out"
    )


# What Keystone says.


def test_a_wrong_password_is_told_and_never_shown(cloud: Keystone, tmp_path: Path) -> None:
    said = fault({**OPS, "OS_AUTH_URL": f"{cloud.url}/v3", "OS_PASSWORD": "hunter2"}, tmp_path)
    assert said == (
        f"{OURS}: {cloud.url}/v3 does not let user 'ops' of domain 'Default' in: the user, the domain or the password "
        "is wrong, and Keystone does not say which; correct them"
    )


def test_a_project_without_a_role_brings_those_with_one(cloud: Keystone, tmp_path: Path) -> None:
    said = fault({**OPS, "OS_AUTH_URL": f"{cloud.url}/v3", "OS_PROJECT_NAME": "shop"}, tmp_path)
    assert said == (
        f"{OURS}: {cloud.url}/v3 lets user 'ops' in, but not into project 'shop': there is none, or the user has no "
        "role in it; it has one in 'shop-prod', 'shop-test'"
    )


@pytest.mark.parametrize(
    ("id_", "sentence"),
    [
        (ID, f"refuses the application credential {ID!r}: its secret is wrong, or it has expired; correct it, or make"),
        ("other", "knows no application credential 'other'; correct it, or make one with `openstack application"),
    ],
)
def test_an_application_credential_that_is_no_good_is_told(
    cloud: Keystone, tmp_path: Path, id_: str, sentence: str
) -> None:
    given = {"OS_APPLICATION_CREDENTIAL_ID": id_, "OS_APPLICATION_CREDENTIAL_SECRET": "hunter2"}
    said = fault({**given, "OS_AUTH_URL": f"{cloud.url}/v3"}, tmp_path)
    assert said.startswith(f"{OURS}: {cloud.url}/v3 {sentence}")
    assert "hunter2" not in said


def test_a_token_that_is_no_good_is_told(cloud: Keystone, tmp_path: Path) -> None:
    given = {"OS_TOKEN": "gAAAAAB-old", "OS_PROJECT_NAME": "shop-prod", "OS_AUTH_URL": f"{cloud.url}/v3"}
    assert fault(given, tmp_path) == f"{OURS}: {cloud.url}/v3 does not know the token; get a new one"


def test_a_region_that_the_cloud_has_not_brings_those_that_it_has(cloud: Keystone, tmp_path: Path) -> None:
    said = fault({**OPS, "OS_AUTH_URL": f"{cloud.url}/v3", "OS_REGION_NAME": "GRA1"}, tmp_path)
    assert said == f"{OURS}: the cloud has no region 'GRA1'; it has 'GRA11', 'BHS5'; set OS_REGION_NAME"


def test_what_keystone_says_of_its_own_accord_is_passed_on(tmp_path: Path) -> None:
    with serving() as cloud:
        environment = {**OPS, "OS_AUTH_URL": f"{cloud.url}/v3"}
        cloud.always = 401, b'{"error": {"code": 401, "message": "The password is expired for user: 1.\\u001b[2J"}}'
        assert fault(environment, tmp_path) == (
            f"{OURS}: {cloud.url}/v3 refuses the login: The password is expired for user: 1.\\x1b[2J"
        )
        cloud.always = 403, b'{"error": {"code": 403, "message": "You are not authorized."}}'
        assert fault(environment, tmp_path) == (
            f"{OURS}: {cloud.url}/v3 refuses the login (403): You are not authorized"
        )


@pytest.mark.parametrize("answer", [(200, b"<html>Horizon</html>"), (404, b"<html>"), (201, b"[]"), (405, b"")])
@pytest.mark.parametrize("path", ["/v3", ""])
def test_what_is_no_keystone_is_told(tmp_path: Path, answer: tuple[int, bytes], path: str) -> None:
    with serving() as cloud:
        cloud.always = answer
        assert fault({**OPS, "OS_AUTH_URL": f"{cloud.url}{path}"}, tmp_path) == (
            f"{OURS}: auth_url: {cloud.url}{path} does not answer as Keystone does; give the address of the identity "
            "service, such as https://keystone.example.com:5000/v3"
        )


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_cloud_that_has_a_bad_day_is_not_judged(tmp_path: Path, status: int) -> None:
    with serving() as cloud:
        cloud.always = status, b"busy"
        assert fault({**OPS, "OS_AUTH_URL": f"{cloud.url}/v3"}, tmp_path) == ""
        assert len(cloud.asked) == 1


def test_a_cloud_that_is_slow_is_not_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keystone, "_PATIENCE", 0.1)
    with serving() as cloud:
        cloud.wait = threading.Event()
        assert fault({**OPS, "OS_AUTH_URL": f"{cloud.url}/v3"}, tmp_path) == ""


# The way there.


def test_a_host_that_does_not_answer_is_told(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/v3"
        said = fault({**OPS, "OS_AUTH_URL": url}, tmp_path)
    assert said == (
        f"{OURS}: auth_url: {url} cannot be reached (Connection refused); is it the right address, and can this "
        "machine reach it?"
    )


def test_a_host_that_there_is_not_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert fault({**OPS, "OS_AUTH_URL": "https://keystone.exmaple.com/v3"}, tmp_path) == (
        f"{OURS}: auth_url: there is no host called keystone.exmaple.com (Name or service not known); correct it"
    )


def test_through_a_proxy_a_connection_is_not_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    assert fault({**OPS, "OS_AUTH_URL": "https://keystone.example.com/v3"}, tmp_path) == ""


def test_this_machine_itself_is_asked_without_the_proxy(
    cloud: Keystone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert fault({**OPS, "OS_AUTH_URL": f"{cloud.url}/v3"}, tmp_path) == ""
    assert len(cloud.asked) == 1


def test_a_certificate_of_a_ca_of_ones_own_is_trusted_where_that_is_given(tmp_path: Path) -> None:
    ca, context = certificate(tmp_path)
    with serving(context) as cloud:
        environment = {**OPS, "OS_AUTH_URL": f"{cloud.url}/v3"}
        assert fault(environment, tmp_path) == (
            f"{OURS}: auth_url: the TLS certificate of {cloud.url}/v3 is not trusted (self-signed certificate); give "
            "its CA's file: set OS_CACERT"
        )
        assert fault({**environment, "OS_CACERT": str(ca)}, tmp_path) == ""
        assert fault({**environment, "OS_INSECURE": "true"}, tmp_path) == ""
        auth = f"{{auth_url: '{cloud.url}/v3', username: ops, password: {PASSWORD}, project_name: shop-prod}}"
        clouds(tmp_path, f"clouds: {{own: {{auth: {auth}, cacert: ca.pem}}, not: {{auth: {auth}, verify: false}}}}")
        more = {"OS_DEFAULT_DOMAIN": "default"}
        assert [fault({**more, "OS_CLOUD": one}, tmp_path) for one in ("own", "not")] == ["", ""]


@pytest.mark.parametrize(
    ("host", "days", "sentence"),
    [("127.0.0.1", -1, "expired"), ("127.0.0.2", 1, "for another host")],
)
def test_a_certificate_that_no_ca_cures_is_told(tmp_path: Path, host: str, days: int, sentence: str) -> None:
    ca, context = certificate(tmp_path, host=host, days=days)
    with serving(context) as cloud:
        said = fault({**OPS, "OS_AUTH_URL": f"{cloud.url}/v3", "OS_CACERT": str(ca)}, tmp_path)
        assert said == (
            f"{OURS}: auth_url: the TLS certificate of {cloud.url}/v3 is {sentence}; ask whoever runs the cloud"
        )


def test_tls_where_there_is_none_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        said = fault({**OPS, "OS_AUTH_URL": f"https://127.0.0.1:{port}/v3"}, tmp_path)
        thread.join()
    where = f"{OURS}: auth_url: https://127.0.0.1:{port}/v3"
    assert re.fullmatch(rf"{re.escape(where)} does not speak TLS as it should \(\w+\); is it http://, .*", said)


@pytest.mark.parametrize(
    ("part", "given", "sentence"),
    [
        ("OS_CACERT", "ca.pem", "cacert: there is no file ca.pem in {}, where Terraform runs; give its full path"),
        ("OS_CACERT", "/nowhere/ca.pem", "cacert: there is no file /nowhere/ca.pem; give its full path"),
        ("OS_CACERT", "README", "cacert: README holds no certificate in the form of PEM; give one that does"),
        ("OS_KEY", "README", "key: README holds no private key in the form of PEM; give one that does"),
        ("OS_CERT", ".", "cert: . cannot be read (Is a directory); give another"),
    ],
)
def test_a_file_of_certificates_that_is_none_is_told(tmp_path: Path, part: str, given: str, sentence: str) -> None:
    (tmp_path / "README").write_text("Ask Ops for it.\n")
    environment = {**OPS, "OS_AUTH_URL": "https://keystone.example.com/v3", part: given}
    assert fault(environment, tmp_path) == f"{OURS}: {sentence.format(tmp_path)}"


@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: st.sampled_from(["", "x", "${x}", "\x1b[2J"])
            for name in (
                *OPS,
                "OS_CLOUD",
                "OS_TOKEN",
                "OS_CACERT",
                "OS_SYSTEM_SCOPE",
                "OS_USER_ID",
                "OS_APPLICATION_CREDENTIAL_NAME",
                "OS_AUTH_URL",
                "OS_CLIENT_CONFIG_FILE",
                "OS_INSECURE",
                "OS_REGION_NAME",
                "OS_PROJECT_ID",
            )
        },
    )
)
def test_whatever_is_given_the_fault_is_one_visible_line(environment: dict[str, str]) -> None:
    said = fault(environment, Path("/nowhere"))
    assert said.isprintable()
    assert said or "${" in str(environment)
