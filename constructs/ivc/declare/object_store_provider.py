"""The classes of the provider's bindings for the object store, apart from the others: a stack without it loads none."""

from cdktf_cdktf_provider_openstack.objectstorage_container_v1 import ObjectstorageContainerV1
from cdktf_cdktf_provider_openstack.objectstorage_object_v1 import ObjectstorageObjectV1

__all__ = [
    "ObjectstorageContainerV1",
    "ObjectstorageObjectV1",
]
