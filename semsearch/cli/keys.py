"""Commands for signing keys: key make, key trust, key list, key forget."""

from pathlib import Path

import click

from semsearch.cli import options
from semsearch.cli.streams import tell_json


@click.group()
def key() -> None:
    """Make keys that sign artifacts, and choose whose signatures to trust."""


@key.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def make(file: Path) -> int:
    """Make a pair of keys: FILE, the private key that signs, and FILE.pub, the public key to give away."""
    from semsearch.artifact.signatures import make_key

    public_key = make_key(file)
    click.echo(public_key.line)
    click.echo(
        f"semsearch: {file} is the private key; keep it secret\n  give away {file}.pub ({public_key.fingerprint})",
        err=True,
    )
    return 0


@key.command()
@click.argument("text_or_path", metavar="FILE.pub|KEY")
@click.option("--name", metavar="NAME", help="What to call it; else its own name, or the file's.")
def trust(text_or_path: str, name: str | None) -> int:
    """Trust what a key signs from now on.

    Whoever has the private key can give you articles in its name. Make sure whose it is: compare the fingerprint that
    is printed with the one that its owner gave you.
    """
    from semsearch.artifact import signatures
    from semsearch.artifact.keys import KEY_PREFIX
    from semsearch.errors import UsageError

    is_text = text_or_path.startswith(KEY_PREFIX)
    key = signatures.parse_key(text_or_path, "the text given") if is_text else signatures.read_key(Path(text_or_path))
    name = name or key.name or ("" if is_text else Path(text_or_path).stem)
    if not name:
        raise UsageError("the key has no name", "give it a name: --name ann")
    signatures.trust(key, name)
    click.echo(f"{name}  {key.fingerprint}")
    return 0


@key.command("list")
@options.as_json
def list_known(as_json: bool) -> int:
    """List the trusted keys: name, fingerprint, key."""
    from semsearch.artifact.signatures import known_keys
    from semsearch.rendering import json_text

    keys = known_keys()
    if as_json:
        tell_json(f"{json_text([key.to_dict() for key in keys])}\n")
    elif not keys:
        click.echo("semsearch: no key is trusted\n  trust one: semsearch key trust FILE.pub", err=True)
    else:
        width = max(len(key.name) for key in keys)
        for key in keys:
            click.echo(f"{key.name:{width}}  {key.fingerprint}  {key.text}")
    return 0 if keys else 1


@key.command()
@click.argument("name")
def forget(name: str) -> int:
    """Stop trusting a key. Indexes that it signed stay installed."""
    from semsearch.artifact.signatures import distrust

    if not distrust(name):
        click.echo(f"semsearch: no key is trusted under the name {name}\n  see which are: semsearch key list", err=True)
        return 1
    return 0


COMMANDS = (key,)
"""The group of commands."""
