"""The servers that were deployed, for the commands that tell others how to reach them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ivc.cli.running import begin, say

if TYPE_CHECKING:
    from ivc.access.server import Server


def deployed(patterns: list[str] | None, folder: Path | None, secrets: Path | None) -> list[Server]:
    """The servers of the stacks that are meant, as their states tell of them.

    Raises ValueError, in one sentence, where a stack is not deployed, and where two of them have a server of one name.
    """
    from ivc.access import server
    from ivc.cli.options import output_folder
    from ivc.deploy import outcome
    from ivc.estate.kinds import INSTANCES

    run, stacks = begin(patterns, folder or output_folder(), secrets=secrets)
    found = []
    for stack in stacks:
        outputs = outcome.shown(run.outputs(stack))
        declares = INSTANCES in stack.document.get("output", {})
        found += server.read(stack.name, outputs, declares_servers=declares)
        if server.lacks_notes(outputs):
            say(
                f"{stack.name}: its state was written by an IvC that did not note tags, the order of networks and "
                "which of them are public: `ivc deploy` notes them.",
                style="yellow",
            )
    server.refuse_namesakes(found)
    return found
