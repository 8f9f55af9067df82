"""Who may log in, and how to say it: openrc lines, clouds.yaml, OS_* variables.

The passwords are no secrets: they belong to a throw-away cloud that nothing but this machine can reach.
"""

import shlex
from typing import Any

import yaml

from practice.errors import PracticeError
from practice.services import HOST, KEYSTONE_PORT

REGION = "RegionOne"
KEYSTONE_URL = f"http://{HOST}:{KEYSTONE_PORT}/v3"

ADMIN = "admin"
ADMIN_PASSWORD = "admin"
DEMO = "demo"
DEMO_PASSWORD = "demo"
#: A second project in which the user demo is a member: a credential for the wrong project.
OTHER = "other"
SERVICE_USER = "svc"
SERVICE_PASSWORD = "svc"
SERVICE_PROJECT = "service"
#: Where Heat keeps the users that a stack makes for itself, and who looks after them.
HEAT_DOMAIN = "heat"
HEAT_ADMIN = "heat_domain_admin"
HEAT_PASSWORD = "heat"

#: Who logs in to which project, and the name of that login in clouds.yaml.
_USERS = {DEMO: (DEMO, DEMO_PASSWORD), OTHER: (DEMO, DEMO_PASSWORD), ADMIN: (ADMIN, ADMIN_PASSWORD)}
_CLOUDS = {"practice": DEMO, "practice-other": OTHER, "practice-admin": ADMIN}

# What another openrc file may have left in the shell and what would contradict ours.
_CONTRADICTING = (
    "OS_CLOUD",
    "OS_TOKEN",
    "OS_AUTH_TYPE",
    "OS_USER_ID",
    "OS_USER_DOMAIN_ID",
    "OS_PROJECT_ID",
    "OS_PROJECT_DOMAIN_ID",
    "OS_TENANT_ID",
    "OS_TENANT_NAME",
    "OS_DOMAIN_ID",
    "OS_DOMAIN_NAME",
    "OS_SYSTEM_SCOPE",
    "OS_APPLICATION_CREDENTIAL_ID",
    "OS_APPLICATION_CREDENTIAL_NAME",
    "OS_APPLICATION_CREDENTIAL_SECRET",
)


def credentials(project: str = DEMO) -> dict[str, str]:
    """The OS_* variables of a login to `project`: `demo` and `other` as the user demo, `admin` as the admin."""
    if project not in _USERS:
        raise PracticeError(
            f"The practice cloud has no login for the project {project!r}: use one of {', '.join(_USERS)}."
        )
    user, password = _USERS[project]
    return {
        "OS_AUTH_URL": KEYSTONE_URL,
        "OS_USERNAME": user,
        "OS_PASSWORD": password,
        "OS_PROJECT_NAME": project,
        "OS_USER_DOMAIN_NAME": "Default",
        "OS_PROJECT_DOMAIN_NAME": "Default",
        "OS_REGION_NAME": REGION,
        "OS_IDENTITY_API_VERSION": "3",
    }


def auth(project: str = DEMO) -> dict[str, str]:
    """The same login as the `auth` mapping of clouds.yaml and of openstacksdk."""
    variables = credentials(project)
    names = ("auth_url", "username", "password", "project_name", "user_domain_name", "project_domain_name")
    return {name: variables[f"OS_{name.upper()}"] for name in names}


def openrc(project: str = DEMO) -> str:
    """Lines for `eval "$(...)"` in a POSIX shell."""
    exports = (f"export {name}={shlex.quote(value)}" for name, value in credentials(project).items())
    return "\n".join((f"unset {' '.join(_CONTRADICTING)}", *exports)) + "\n"


def clouds_yaml() -> str:
    """A clouds.yaml with every login."""
    clouds: dict[str, Any] = {
        name: {"auth": auth(project), "region_name": REGION, "identity_api_version": 3}
        for name, project in _CLOUDS.items()
    }
    return yaml.safe_dump({"clouds": clouds}, sort_keys=False)
