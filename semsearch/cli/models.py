"""Commands about encoders: model get, model prepare, model list."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from semsearch.cli import options
from semsearch.cli.streams import progress, tell_json

if TYPE_CHECKING:
    from semsearch.types import ReadyModel


@click.group()
def model() -> None:
    """Fetch encoders, prepare them for this machine, and list those that are ready."""


@model.command()
@click.argument("name", metavar="NAME")
@click.option("--revision", default="main", show_default=True, metavar="R", help="A branch, a tag or a commit.")
@options.as_json
@options.quiet
def get(name: str, revision: str, as_json: bool, quiet: bool) -> int:
    """Fetch the sentence-transformers model NAME from the Hugging Face hub, or the one at $HF_ENDPOINT.

    Only settings, vocabulary and safetensors are fetched, no code, and each file is compared with the digest that the
    hub states. Nothing else ever fetches a model. What was interrupted goes on where it stopped.
    """
    from semsearch.hub import fetch_model
    from semsearch.rendering import fetched_text, json_text

    with progress("Fetching", quiet=quiet) as observer:
        fetched = fetch_model(name, revision, observer=observer)
    if as_json:
        tell_json(f"{json_text(fetched.to_dict())}\n")
    elif not quiet:
        click.echo("".join(fetched_text(fetched, options.style())), nl=False)
    return 0


@model.command()
@click.argument("name", required=False, metavar="[M]")
@click.option("--precision", type=click.Choice(options.PRECISIONS), help="One alone; else all that this machine uses.")
@options.threads
@options.as_json
@options.quiet
def prepare(name: str | None, precision: str | None, as_json: bool, quiet: bool) -> int:
    """Prepare an encoder for this machine: the default one, or M, a name or a folder.

    The first use does so by itself. This is for machines that must answer at once, or whose caches can only be read.
    """
    from semsearch.encoders import prepare_encoder
    from semsearch.types import Precision

    precisions = (precision,) if precision else options.PRECISIONS
    prepared = [prepare_encoder(name, Precision(precision)) for precision in precisions]
    ready = {encoder.path: encoder for encoder in prepared if encoder}
    if not quiet:
        _show_models(list(ready.values()), as_json)
    return 0 if ready else 1


@model.command("list")
@options.as_json
def list_ready(as_json: bool) -> int:
    """List the encoders that are ready on this machine, and their folders."""
    from semsearch.encoders import ready_models

    models = ready_models()
    _show_models(models, as_json)
    if not models and not as_json:
        click.echo("semsearch: no encoder is ready\n  make one so: semsearch model prepare", err=True)
    return 0 if models else 1


def _show_models(models: Sequence["ReadyModel"], as_json: bool) -> None:
    from semsearch.rendering import json_text, ready_text

    if as_json:
        tell_json(f"{json_text([model.to_dict() for model in models])}\n")
        return
    for model in models:
        click.echo("".join(ready_text(model, options.style())), nl=False)


COMMANDS = (model,)
