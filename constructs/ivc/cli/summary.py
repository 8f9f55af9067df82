"""`ivc summary`."""

from __future__ import annotations

import sys

from ivc.cli.options import Synthesized, read_estate


def show_summary(from_: Synthesized = None) -> None:
    """Show what a synthesized folder declares.

    Its instances, networks, security groups and files; asks no cloud and changes nothing.
    """
    from rich.console import Console

    from ivc.cli import summary_view

    sys.stdout.write(summary_view.render(read_estate(from_), Console(highlight=False)))
