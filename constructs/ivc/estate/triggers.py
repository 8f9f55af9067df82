"""The library's own triggers: `terraform_data` that hold a declared value, whose change replaces what is declared.

`terraform_data.www-1__image` is of the server www-1, `terraform_data.db-1-root__volume_image` of the volume db-1-root,
`terraform_data.www__image_file` of the image www, since a server, a volume and an image may have one name. No plan
holds a lifecycle, so that their names alone tell.
"""

from __future__ import annotations

from ivc.estate import families

OF_VOLUMES, OF_CONTAINERS, OF_OBJECTS, OF_CERTIFICATES = "volume_", "container_", "object_", "certificate_"
OF_IMAGES = "image_"
"""What triggers of what is no server say before what they hold."""
_FAMILIES = {
    OF_VOLUMES: families.VOLUME,
    OF_CONTAINERS: families.CONTAINER,
    OF_OBJECTS: families.OBJECT,
    OF_CERTIFICATES: families.CERTIFICATE,
    OF_IMAGES: families.IMAGE,
}


def owner_of(trigger: str) -> str:
    """The address of what a trigger of a name is of, if it is one of the library's; in a module none is."""
    key, _, what = trigger.rpartition("__")
    family = next((family for of, family in _FAMILIES.items() if what.startswith(of)), families.INSTANCE)
    return f"{family.type}.{key}"


def what_of(trigger: str) -> str:
    """What a trigger holds, such as `image`."""
    what = trigger.rpartition("__")[2]
    return next((what.removeprefix(of) for of in _FAMILIES if what.startswith(of)), what)
