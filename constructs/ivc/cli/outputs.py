"""`ivc outputs`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from ivc.cli.options import Synthesized, write, writes
from ivc.cli.running import Secrets, Stacks, begin, say


def show_outputs(
    stack: Stacks = None,
    from_: Synthesized = None,
    json: Annotated[Path | None, writes("--json", help="Write them as JSON, by stack.")] = None,
    secrets: Secrets = None,
) -> None:
    """Show what runs where, and the other outputs, as the state has them; sensitive ones stay hidden.

    Reads cdktf.out as it is. `terraform output -raw NAME`, in the stack's folder, shows a sensitive one.
    """
    from ivc.cli import outputs_view
    from ivc.cli.options import output_folder
    from ivc.deploy import outcome

    run, stacks = begin(stack, from_ or output_folder(), secrets=secrets)
    found = {one.name: outcome.shown(run.outputs(one)) for one in stacks}
    if json is not None:
        import json as as_json

        write("--json", json, as_json.dumps(found, indent=2) + "\n")
        return
    outputs_view.show(found)
    for name in (name for name, outputs in found.items() if not outputs):
        say(f"{name}: the state has no outputs; deploy it first.")
