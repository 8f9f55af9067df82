"""Images and flavors: what an instance is made of."""

from __future__ import annotations

from dataclasses import dataclass

from ivc.arguments import checked
from ivc.declare.names import check_id, check_known, slug
from ivc.declare.provider import DataOpenstackComputeFlavorV2, DataOpenstackImagesImageV2
from ivc.declare.stack import OpenStackStack
from ivc.declare.terraform_text import literal
from ivc.errors import DeclarationError
from ivc.estate.families import FLAVOR, IMAGE


@checked
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
        raise DeclarationError(f"{where}: image: it is empty; give the image's name, or ImageId(...)")
    check_known(f"{where}: image", image)
    stack._look_up(DataOpenstackImagesImageV2, IMAGE.type, slug(image), where, name=literal(image), most_recent=True)
    return f"${{data.{IMAGE.type}.{slug(image)}.id}}"


def flavor_reference(stack: OpenStackStack, where: str, flavor: str) -> str:
    """The expression that yields a flavor's id."""
    if not flavor:
        raise DeclarationError(f"{where}: flavor: it is empty; give the flavor's name")
    check_known(f"{where}: flavor", flavor)
    stack._look_up(DataOpenstackComputeFlavorV2, FLAVOR.type, slug(flavor), where, name=literal(flavor))
    return f"${{data.{FLAVOR.type}.{slug(flavor)}.id}}"
