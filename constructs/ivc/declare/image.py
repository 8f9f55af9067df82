"""Images and flavors: what an instance is made of."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_cdktf_provider_openstack.data_openstack_compute_flavor_v2 import DataOpenstackComputeFlavorV2
from cdktf_cdktf_provider_openstack.data_openstack_images_image_v2 import DataOpenstackImagesImageV2

from ivc.declare.names import check_id, slug
from ivc.declare.stack import OpenStackStack
from ivc.declare.terraform_text import literal


@dataclass(frozen=True)
class ImageId:
    """An image by its id, where a name will not do: most clouds give an updated image a new id under the old name."""

    id: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", check_id("ImageId", self.id))


def image_reference(stack: OpenStackStack, where: str, image: str | ImageId) -> str:
    """The id of an image, or the expression that yields it: of several of one name the newest."""
    if isinstance(image, ImageId):
        return image.id
    if not image:
        raise ValueError(f"{where}: image: it is empty; say the image's name, or ImageId(...)")
    address = stack.lookup(DataOpenstackImagesImageV2, slug(image), where, name=literal(image), most_recent=True)
    return f"${{{address}.id}}"


def flavor_reference(stack: OpenStackStack, where: str, flavor: str) -> str:
    """The expression that yields a flavor's id."""
    if not flavor:
        raise ValueError(f"{where}: flavor: it is empty; say the flavor's name")
    address = stack.lookup(DataOpenstackComputeFlavorV2, slug(flavor), where, name=literal(flavor))
    return f"${{{address}.id}}"
