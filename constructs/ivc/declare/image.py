"""Images and flavors: what an instance is made of.

An image is one that the cloud has, by its name or id, or is made here from a file:

baked = Image(shop, "www", file="images/www.qcow2", properties={"os_distro": "debian"})
Instance(shop, "www-1", image=baked, ...)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from ivc.arguments import checked
from ivc.declare import image_file
from ivc.declare.cdktf import Construct, Precondition, TerraformResourceLifecycle, struct
from ivc.declare.declaration import MARK, Made, Ordered
from ivc.declare.names import check_id, check_known, slug
from ivc.declare.provider import DataOpenstackComputeFlavorV2, DataOpenstackImagesImageV2, ImagesImageV2
from ivc.declare.references import same_stack
from ivc.declare.stack import OpenStackStack
from ivc.declare.terraform_text import literal
from ivc.errors import DeclarationError
from ivc.estate import families
from ivc.estate.families import FLAVOR, IMAGE
from ivc.estate.images import expression
from ivc.estate.triggers import OF_IMAGES


@checked
@dataclass(frozen=True)
class ImageId:
    """An image by its id, where a name will not do: most clouds give an updated image a new id under the old name."""

    id: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", check_id("ImageId", self.id))


class Image(Made):
    """An image that is made from a file, such as one that `ivc bake` wrote: a disk in the format qcow2 or raw.

    Another content of the file makes a new image, and replaces the servers of it, as another declared image does; the
    old one goes last. Another place of the same content changes nothing. A server with `image_update_policy="ignore"`
    keeps running from the old one, which some clouds then refuse to delete.

    The file is read at each synthesis, for its checksum, and at each plan, which fails where the content is another by
    then; it is copied nowhere. A run of Terraform Cloud has it not.

    file: from the app's folder.
    min_disk: in GiB, below which Nova refuses a flavor or a root volume; by default the size of the disk in the file.
    min_ram: likewise in MiB; by default 0, for none.
    properties: what Glance keeps with it, such as `os_distro` or `hw_disk_bus`. The key `ivc` is ours.
    name: what the cloud shows; by default the id.
    depends_on: what is to be there first, declarations or CDKTF's elements.
    renamed_from: the id that this declaration had before. The mark in its properties names that one while it is said.

    sha256: of the file.

    Raises DeclarationError for an id that Terraform cannot carry or that is taken, and for a file that cannot be read,
    is packed, or is not whole.
    """

    family = families.MADE_IMAGE

    @same_stack
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        file: str | PurePath,
        min_disk: int | None = None,
        min_ram: int = 0,
        properties: Mapping[str, str] | None = None,
        name: str | None = None,
        depends_on: Sequence[Ordered] = (),
        renamed_from: str | None = None,
    ) -> None:
        self._declare(scope, id, name=name, renamed_from=renamed_from, depends_on=depends_on)
        for field, number in (("min_disk", min_disk), ("min_ram", min_ram)):
            if number is not None and number < 0:
                raise DeclarationError(f"{self._called}: {field}: {number!r} is no size; give 0, for none, or more")
        if MARK in (properties or {}):
            raise DeclarationError(
                f"{self._called}: properties: the key {MARK!r} is the mark that we set ourselves; choose another"
            )
        found = image_file.read(f"{self._called}: file: {str(file)!r}", self._stack.app.folder / file)
        self.sha256 = found.sha256
        self._open()
        place = expression(self.key)
        self._stack._record.images[self.key] = found.path
        what = f"{OF_IMAGES}file"
        content = self._stack._record.trigger(
            self._called,
            former=f"{self.former_key}__{what}",
            name=f"{self.key}__{what}",
            input={what: self._declared_as},
        )
        self.l1: ImagesImageV2 = self._make(
            ImagesImageV2,
            name=literal(self.name),
            local_file_path=place,
            container_format="bare",
            disk_format=found.disk_format,
            min_disk_gb=found.size if min_disk is None else min_disk,
            min_ram_mb=min_ram,
            properties={literal(key): literal(value) for key, value in (properties or {}).items()},
            # Of no use with a file, and by default a path of the machine that plans, which each other one would change.
            image_cache_path=".terraform/image_cache",
            lifecycle=struct(
                TerraformResourceLifecycle,
                # Servers leave the old one first.
                create_before_destroy=True,
                # The provider looks at the path alone.
                ignore_changes=["local_file_path"],
                replace_triggered_by=[content],
                precondition=[
                    Precondition(
                        condition=f'${{format("sha256:%s", filesha256("{place}")) == {content}.input.{what}}}',
                        error_message=f"{self._called}: its file has another content than when this was synthesized: "
                        "synthesize anew.",
                    )
                ],
            ),
        )

    @property
    def _declared_as(self) -> str:
        """What a change of it is told by, also to the servers of it."""
        return f"sha256:{self.sha256}"


AnyImage = str | ImageId | Image
"""What an instance's disk can be made of: an image by its name, of several the newest, by its id, or made here."""


def image_reference(stack: OpenStackStack, where: str, image: AnyImage) -> str:
    """The id of an image, or the expression that yields it: of several of one name the newest."""
    if isinstance(image, Image):
        return image._id
    if isinstance(image, ImageId):
        return image.id
    if not image:
        raise DeclarationError(f"{where}: image: it is empty; give the image's name, or ImageId(...)")
    check_known(f"{where}: image", image)
    stack._look_up(DataOpenstackImagesImageV2, IMAGE.type, slug(image), where, name=literal(image), most_recent=True)
    return f"${{data.{IMAGE.type}.{slug(image)}.id}}"


def declared_image(image: AnyImage) -> str:
    """What is declared of an image, as Terraform's text: a change of it, and no other, is another image."""
    if isinstance(image, Image):
        return image._declared_as
    return literal(image.id if isinstance(image, ImageId) else image)


def flavor_reference(stack: OpenStackStack, where: str, flavor: str) -> str:
    """The expression that yields a flavor's id."""
    if not flavor:
        raise DeclarationError(f"{where}: flavor: it is empty; give the flavor's name")
    check_known(f"{where}: flavor", flavor)
    stack._look_up(DataOpenstackComputeFlavorV2, FLAVOR.type, slug(flavor), where, name=literal(flavor))
    return f"${{data.{FLAVOR.type}.{slug(flavor)}.id}}"
