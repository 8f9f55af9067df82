"""What is read of credentials, beside what the OpenStack provider makes of the same: what it asks Keystone for."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ivc.deploy import credentials
from ivc.deploy.errors import DeployError
from tests.deploy.keystone import APPLICATION_CREDENTIAL, PASSWORD, ROLES, TOKEN, Keystone, serving
from tests.helpers import clean_environment
from tests.program import terraform
from tests.running import cannot_be_had

pytestmark = [pytest.mark.terraform, pytest.mark.long]

USER = {"OS_USERNAME": "ops", "OS_PASSWORD": PASSWORD}
DOMAINS = {"OS_USER_DOMAIN_NAME": "Default", "OS_PROJECT_DOMAIN_NAME": "Default"}
PROJECT = {"OS_PROJECT_NAME": "shop-prod"}
ID, SECRET = APPLICATION_CREDENTIAL
CLOUDS = f"""
shared: &shared
  region_name: GRA11
clouds:
  whole:
    <<: *shared
    auth: {{auth_url: URL, username: ops, password: {PASSWORD}, user_domain_name: Default, project_name: shop-prod,
            project_domain_name: Default}}
  defaults:
    auth: {{auth_url: URL, username: ops, password: {PASSWORD}, default_domain: default, project_name: shop-prod}}
  domain:
    auth: {{auth_url: URL, username: ops, password: {PASSWORD}, domain_name: Default, project_name: shop-prod}}
  no-domain:
    auth: {{auth_url: URL, username: ops, password: {PASSWORD}, project_name: shop-prod}}
  gaps: {{region_name: GRA11}}
  app:
    auth_type: v3applicationcredential
    auth: {{auth_url: URL, application_credential_id: {ID}, application_credential_secret: {SECRET}}}
  number:
    auth: {{auth_url: URL, username: ops, password: 00123, default_domain: default, project_name: shop-prod}}
  secret:
    auth: {{auth_url: URL, username: ops, default_domain: default, project_name: shop-prod}}
  public:
    profile: vendor
    auth: {{username: ops, password: {PASSWORD}, default_domain: default, project_name: shop-prod}}
  vendor-unknown:
    profile: ovh
    auth: {{username: ops, password: {PASSWORD}}}
  regional:
    auth: {{auth_url: URL, username: ops, password: {PASSWORD}, default_domain: default, project_name: other}}
    regions:
    - BHS5
    - name: GRA11
      values: {{auth: {{project_name: shop-test}}}}
  token: {{auth_type: token, auth: {{auth_url: URL, token: {TOKEN}, username: ops, project_id: {ROLES["shop-prod"]}}}}}
"""
SECURE = f"clouds: {{secret: {{auth: {{password: {PASSWORD}}}}}}}"
PUBLIC = "public-clouds: {vendor: {auth: {auth_url: URL}}}"

CASES: Mapping[str, Mapping[str, str]] = {
    "nothing": {},
    "whole": {**USER, **DOMAINS, **PROJECT},
    "no version": {**USER, **DOMAINS, **PROJECT, "OS_AUTH_URL": "BASE"},
    "domains by default": {**USER, **PROJECT},
    "one domain for all": {**USER, **PROJECT, "OS_DOMAIN_NAME": "Default"},
    "another default": {**USER, **PROJECT, "OS_DEFAULT_DOMAIN": "elsewhere"},
    "domains by id": {**USER, **PROJECT, "OS_USER_DOMAIN_ID": "default", "OS_PROJECT_DOMAIN_ID": "default"},
    "two domains of the user": {**USER, **DOMAINS, **PROJECT, "OS_USER_DOMAIN_ID": "default"},
    "project by id": {**USER, **DOMAINS, "OS_PROJECT_ID": ROLES["shop-prod"]},
    "tenants": {**USER, **DOMAINS, "OS_TENANT_NAME": "shop-test", "OS_PROJECT_NAME": "shop-prod"},
    "no password": {"OS_USERNAME": "ops", **DOMAINS, **PROJECT},
    "no user": {"OS_PASSWORD": PASSWORD, **DOMAINS, **PROJECT},
    "no project": {**USER, **DOMAINS},
    "no project and no domain": {**USER},
    "of the domain": {**USER, "OS_USER_DOMAIN_NAME": "Default", "OS_DOMAIN_NAME": "Default"},
    "of the system": {**USER, "OS_USER_DOMAIN_NAME": "Default", "OS_SYSTEM_SCOPE": "true"},
    "user by id": {"OS_USER_ID": "ops-id", "OS_PASSWORD": PASSWORD, "OS_PROJECT_ID": ROLES["shop-prod"]},
    "user by id and name": {**USER, "OS_USER_ID": "ops-id", **DOMAINS, **PROJECT},
    "application credential": {
        "OS_APPLICATION_CREDENTIAL_ID": ID,
        "OS_APPLICATION_CREDENTIAL_SECRET": SECRET,
    },
    "application credential and a project": {
        "OS_APPLICATION_CREDENTIAL_ID": ID,
        "OS_APPLICATION_CREDENTIAL_SECRET": SECRET,
        **PROJECT,
    },
    "application credential without secret": {"OS_APPLICATION_CREDENTIAL_ID": ID},
    "application credential without id": {"OS_APPLICATION_CREDENTIAL_SECRET": SECRET},
    "application credential by name": {
        "OS_APPLICATION_CREDENTIAL_NAME": "ci",
        "OS_APPLICATION_CREDENTIAL_SECRET": SECRET,
        "OS_USERNAME": "ops",
    },
    "token": {"OS_TOKEN": TOKEN, "OS_PROJECT_ID": ROLES["shop-prod"]},
    "token and user": {"OS_TOKEN": TOKEN, "OS_USERNAME": "ops", **DOMAINS, **PROJECT},
    "token alone": {"OS_TOKEN": TOKEN},
    **{
        f"cloud {name}": {"OS_CLOUD": name, "OS_AUTH_URL": ""}
        for name in ("whole", "defaults", "domain", "no-domain", "app", "number", "secret", "public", "vendor-unknown")
    },
    "cloud token": {"OS_CLOUD": "token", "OS_AUTH_URL": ""},
    "cloud unknown": {"OS_CLOUD": "x", "OS_AUTH_URL": ""},
    "cloud in its region": {"OS_CLOUD": "regional", "OS_REGION_NAME": "GRA11", "OS_AUTH_URL": ""},
    "cloud in another region": {"OS_CLOUD": "regional", "OS_REGION_NAME": "BHS5", "OS_AUTH_URL": ""},
    "cloud whose gaps the environment fills": {"OS_CLOUD": "gaps", **USER, **DOMAINS, **PROJECT},
    "cloud before the environment": {"OS_CLOUD": "whole", "OS_USERNAME": "x", "OS_PASSWORD": "x"},
    "tenants beside a cloud": {"OS_CLOUD": "gaps", **USER, **DOMAINS, "OS_TENANT_NAME": "shop-test", **PROJECT},
    "cloud without the domain": {"OS_CLOUD": "gaps", **USER, **PROJECT},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stack that asks for nothing but the token, made ready."""
    folder = tmp_path_factory.mktemp("stack")
    document = {
        "terraform": {"required_providers": {"openstack": {"source": "terraform-provider-openstack/openstack"}}},
        "provider": {"openstack": [{}]},
        "data": {"openstack_identity_auth_scope_v3": {"login": {"name": "login"}}},
    }
    (folder / "main.tf.json").write_text(json.dumps(document))
    done = run(folder, "init", "-input=false", "-no-color")
    if done.returncode:
        cannot_be_had("the OpenStack provider", done.stderr)
    return folder


@pytest.fixture(scope="module")
def cloud(folder: Path) -> Iterator[Keystone]:
    with serving() as cloud:
        for name, text in {"clouds": CLOUDS, "secure": SECURE, "clouds-public": PUBLIC}.items():
            (folder / f"{name}.yaml").write_text(text.replace("URL", f"{cloud.url}/v3"))
        yield cloud


def run(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in clean_environment().items() if not name.startswith("OS_")}
    return subprocess.run(
        [terraform().path, *arguments],
        cwd=folder,
        env=environment | more,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", CASES)
def test_credentials_are_read_as_the_provider_reads_them(name: str, folder: Path, cloud: Keystone) -> None:
    environment = {"OS_AUTH_URL": f"{cloud.url}/v3", **CASES[name]}
    if environment["OS_AUTH_URL"] == "BASE":
        environment["OS_AUTH_URL"] = cloud.url
    environment = {key: value for key, value in environment.items() if value}

    cloud.asked.clear()
    done = run(folder, "plan", "-input=false", "-no-color", **environment)
    by_provider = asked_for_a_token(cloud)

    cloud.asked.clear()
    fault = ""
    try:
        credentials.check({}, environment=environment, folder=folder)
    except DeployError as error:
        fault = str(error)
    assert asked_for_a_token(cloud)[:1] == by_provider[:1]
    assert (fault != "") == (done.returncode != 0), f"{fault}\n{done.stderr}"


def asked_for_a_token(cloud: Keystone) -> list[Any]:
    return [one for one in cloud.asked if isinstance(one, dict)]
