"""The classes of the provider's bindings for the key manager, apart from the others: a stack without it loads none."""

from cdktf_cdktf_provider_openstack.data_openstack_keymanager_container_v1 import DataOpenstackKeymanagerContainerV1
from cdktf_cdktf_provider_openstack.keymanager_container_v1 import (
    KeymanagerContainerV1,
    KeymanagerContainerV1SecretRefs,
)
from cdktf_cdktf_provider_openstack.keymanager_secret_v1 import (
    KeymanagerSecretV1,
    KeymanagerSecretV1Acl,
    KeymanagerSecretV1AclRead,
)

__all__ = [
    "DataOpenstackKeymanagerContainerV1",
    "KeymanagerContainerV1",
    "KeymanagerContainerV1SecretRefs",
    "KeymanagerSecretV1",
    "KeymanagerSecretV1Acl",
    "KeymanagerSecretV1AclRead",
]
