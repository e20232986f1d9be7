"""Commands about an index as one file: pack, pull."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from semsearch.cli import options
from semsearch.cli.streams import progress, tell_json

if TYPE_CHECKING:
    from semsearch.artifact.keys import PublicKey

TIERS = ("full", "snippets", "vectors")


@click.command()
@click.argument("path", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@options.reading_index
@click.option("--tier", type=click.Choice(TIERS), default="full", show_default=True, help="How much of the articles.")
@click.option("--about", "about_path", metavar="TOML", type=click.Path(path_type=Path), help="Name, release, licences.")
@click.option("--name", metavar="NAME", help="Its name; default: that of --about, then the folder's.")
@click.option(
    "--release",
    metavar="TEXT",
    help="A version or date, 1.4 or 2026-01; default: that of --about, then the generation.",
)
@click.option("--licence", metavar="TEXT", help="Of all articles for which --about has no other.")
@click.option("--sign", "key", metavar="KEY", type=click.Path(path_type=Path), help="Sign it with this private key.")
@options.as_json
@options.quiet
def pack(
    path: Path,
    location: str | None,
    tier: str,
    about_path: Path | None,
    name: str | None,
    release: str | None,
    licence: str | None,
    key: Path | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Write an index as one file that anybody can verify; the same index gives the same bytes.

    Deleted articles are left out, and so is where on this machine an article was read. With --tier snippets the file
    has the beginning of each passage, and the words of that; with --tier vectors neither text nor words: metadata,
    offsets and vectors.
    """
    from semsearch.artifact.about import about_of
    from semsearch.artifact.pack import pack as write
    from semsearch.locations import reading_location
    from semsearch.rendering import json_text, packed_text
    from semsearch.types import Tier

    about = about_of(about_path, name=name, release=release, licence=licence)
    with progress("Packing", quiet=quiet) as observer:
        packed = write(reading_location(location), path, tier=Tier(tier), about=about, key=key, observer=observer)
    if as_json:
        tell_json(f"{json_text(packed.to_dict())}\n")
    elif not quiet:
        click.echo("".join(packed_text(packed, options.style())), nl=False)
    return 0


@click.command()
@click.argument("source", metavar="SOURCE")
@options.writing_index
@click.option(
    "--registry", metavar="JSON", help="Where to look names up; default: $SEMSEARCH_REGISTRY, then your settings file."
)
@click.option("--key", "keys", multiple=True, metavar="KEY", help="A public key to trust this time, or its file.")
@click.option("--signed", is_flag=True, help="Reject artifacts not signed by a trusted key.")
@click.option("--force", is_flag=True, help="Replace an index that has changes of its own, is newer, or was signed.")
@click.option("--offline", is_flag=True, help="Do not use the network.")
@options.as_json
@options.quiet
def pull(
    source: str,
    location: str | None,
    registry: str | None,
    keys: tuple[str, ...],
    signed: bool,
    force: bool,
    offline: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Install an index from SOURCE: a file, an address, or a name that a registry knows.

    Everything is checked before it is installed. Pulled again, only what is missing is fetched; an interrupted pull
    goes on where it stopped. A name needs no -i: its index then lies in the cache. An older release, other contents of
    the same release, another index or another signer replaces what is installed only with --force.
    """
    from semsearch.artifact.prebuilt import install, installed_at, is_name
    from semsearch.artifact.pull import Trust
    from semsearch.locations import writing_location
    from semsearch.network.transfers import Network
    from semsearch.rendering import json_text, pulled_text

    folder = installed_at(source) if location is None and is_name(source) else writing_location(location)
    trust = Trust(tuple(map(_public_key, keys)), signed or bool(keys))
    with progress("Fetching", quiet=quiet) as observer:
        pulled = install(
            source,
            folder,
            registry=registry,
            trust=trust,
            force=force,
            network=Network(offline=offline),
            observer=observer,
        )
    if as_json:
        tell_json(f"{json_text(pulled.to_dict())}\n")
    elif not quiet:
        click.echo("".join(pulled_text(pulled, options.style())), nl=False)
    return 0


def _public_key(text_or_path: str) -> "PublicKey":
    from semsearch.artifact.keys import KEY_PREFIX, parse_key, read_key

    return parse_key(text_or_path, "--key") if text_or_path.startswith(KEY_PREFIX) else read_key(Path(text_or_path))


COMMANDS = (pack, pull)
