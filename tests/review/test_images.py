"""What a review says where an image is made from a file, and that has another content."""

from __future__ import annotations

from pathlib import Path

from ivc import Image
from ivc.review import reviewer
from tests.helpers import a_disk, backend, new_stack, server


def synthesized(folder: Path, content: bytes) -> Path:
    """A server of an image of that content."""
    folder.mkdir()
    stack = new_stack(folder)
    with a_disk(folder / "www.img").open("ab") as file:
        file.write(content)
    server(stack, "www-1", backend(stack), image=Image(stack, "www", file="www.img"))
    stack.app.synth()
    return Path(stack.app.outdir)


def test_another_content_replaces_the_image_and_its_servers_and_nothing_else(tmp_path: Path) -> None:
    folders = [synthesized(tmp_path / name, name.encode()) for name in ("base", "head")]
    (stack,) = reviewer.review(base=folders[0], head=folders[1]).stacks
    said = [str(thing.headline) for thing in stack.things]
    assert said[0].startswith("www-1 will be replaced: image sha256:")
    assert said[1:] == ["image www will be replaced: file changed; lost with it: its data"]
    assert [str(note) for note in stack.notes] == []
