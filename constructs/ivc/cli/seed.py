"""`ivc seed`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from ivc.cli import options
from ivc.cli.options import Accept, Name, Set, Synthesized, Target, Templates, Trees, Var, Vars


def write_seed(
    what: Target,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The image to write.")],
    kind: Annotated[
        Literal["nocloud", "config-2"], typer.Option(help="`nocloud` for Libvirt and bare metal, or `config-2`.")
    ] = "nocloud",
    network_config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The network configuration: cloud-init's for `nocloud`, network_data.json for `config-2`.",
        ),
    ] = None,
    nic: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NETWORK=MAC",
            help="The card of an instance in a network, by its MAC address or its name: its declared addresses become "
            "the network configuration. Once for each network.",
        ),
    ] = None,
    set_: Set = None,
    accept: Accept = None,
    var: Var = None,
    vars_: Vars = None,
    files: Trees = None,
    name: Name = None,
    folder: Templates = None,
    from_: Synthesized = None,
) -> None:
    """Write an ISO image that brings the user data to a guest without a cloud: attach it as a CD.

    The same twice gives the same bytes. Nothing limits its size. What is odd in the user data is said on stderr; where
    something is wrong, nothing is written.
    """
    from ivc import seed_image

    cards = options.pairs("--nic", nic)
    left_out: list[str] = []
    network = None if network_config is None else _network(network_config, kind)
    if cards and (network is not None or kind != "nocloud" or Path(what).is_file()):
        raise ValueError("--nic is for an instance, --kind nocloud and no --network-config: take it away")
    if Path(what).is_file():
        template = options.Template(Path(what), folder, name, var, vars_, files, limited=False)
        server, judged = template.server, template.judged()
        text = judged.document.readable
    else:
        declared = options.declared(what, from_)
        values = options.pairs("--set", set_)
        missing = [label for label in declared.instance.unknown if label not in values]
        if missing:
            raise ValueError(
                f"{declared.label}: {missing[0]!r} is known only at apply: give --set {missing[0]!r}=VALUE"
            )
        server, text, judged = name or declared.instance.name, declared.text(values), declared.judged()
        if cards:
            from ivc import network_config as networks

            network = networks.of_instance(declared.instance, cards)
        elif network is None:
            left_out = [ip for each in declared.instance.nics for ip in each.ips]
    if not options.tell(judged, options.accepted(accept)):
        raise typer.Exit(1)
    try:
        seed_image.write(output, kind, name=server, user_data=text.encode(), network=network)
    except OSError as error:
        raise ValueError(f"--output: {output} cannot be written: {error.strerror}") from None
    typer.echo(f"Wrote {output}, {output.stat().st_size:,} bytes.", err=True)
    if left_out:
        typer.echo(f"ivc: its addresses ({', '.join(left_out)}) are not in the image: see --nic.", err=True)


def _network(path: Path, kind: str) -> bytes:
    """The file's content; raises ValueError for what cloud-init would not take for a network configuration."""
    import yaml

    try:
        content = path.read_bytes()
        loaded = yaml.safe_load(content)
    except OSError as error:
        raise ValueError(f"--network-config: {path} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"--network-config: {path} is no YAML: {' '.join(str(error).split())}") from None
    if isinstance(loaded, dict) and isinstance(loaded.get("network"), dict) and kind == "nocloud":
        loaded = loaded["network"]
    needed = ("version", "config") if kind == "nocloud" else ("links",)
    if not isinstance(loaded, dict) or not any(key in loaded for key in needed):
        raise ValueError(
            f"--network-config: {path} has no {needed[0]}, and cloud-init would not take it; "
            + ("begin it with `version: 2`" if kind == "nocloud" else "give a network_data.json of OpenStack's")
        )
    return content
