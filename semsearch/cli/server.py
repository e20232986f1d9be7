"""The command that starts the server: serve."""

import os
from pathlib import Path

import click

from semsearch.cli import options


@click.command()
@options.reading_index
@options.model
@options.threads
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="The address to listen on.")
@click.option(
    "--port",
    type=options.WholeNumber(0, 65_535),
    metavar="N",
    default=8765,
    show_default=True,
    help="0: any that is free.",
)
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Every request for data needs the token in this file; else the one in $SEMSEARCH_TOKEN.",
)
@click.option("--no-token", is_flag=True, help="Ask for no token, even at an address that other machines reach.")
@click.option("--allow-host", multiple=True, metavar="NAME", help="Another name that this server has. Repeat.")
@click.option("--allow-origin", multiple=True, metavar="ORIGIN", help="A site whose pages may ask. Repeat.")
@click.option(
    "--workers", type=options.WholeNumber(1, 256), metavar="N", help="Queries computed at once; else one a processor."
)
@click.option(
    "--processes",
    type=options.WholeNumber(0, 256),
    default=0,
    show_default=True,
    metavar="N",
    help="Other processes that search, for many users at once; best as many as processors.",
)
@click.option(
    "--waiting", type=options.WholeNumber(0), metavar="N", default=64, show_default=True, help="Requests that may wait."
)
@click.option(
    "--connections", type=options.WholeNumber(1), metavar="N", default=500, show_default=True, help="More are refused."
)
@click.option(
    "--timeout",
    type=options.Number(0, min_open=True),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="Give a query up that takes longer.",
)
def serve(
    location: str | None,
    model: str | None,
    host: str,
    port: int,
    token_file: Path | None,
    no_token: bool,
    allow_host: tuple[str, ...],
    allow_origin: tuple[str, ...],
    workers: int | None,
    processes: int,
    waiting: int,
    connections: int,
    timeout: float,
) -> int:
    """Serve a page to search with, and an HTTP API, on this machine.

    The page is at http://127.0.0.1:8765/, the description of the API at /openapi.json. Additions by other processes
    are seen within a second or two. Needs: pip install 'semsearch[serve]'
    """
    from semsearch.errors import MissingExtraError, UsageError
    from semsearch.index import Index
    from semsearch.threads import threads, use_threads

    try:
        from semsearch.serve.server import serve as serve_index
        from semsearch.serve.settings import Settings, host_name, site_origin, token_in
    except ImportError as error:
        raise MissingExtraError(f"serving needs {error.name}", "pip install 'semsearch[serve]'") from error

    token = token_in(token_file) if token_file else os.environ.get("SEMSEARCH_TOKEN")
    settings = Settings(
        host=host,
        port=port,
        token=token or None,
        hosts=frozenset(map(host_name, allow_host)),
        origins=frozenset(map(site_origin, allow_origin)),
        model=model,
        workers=workers or threads(),
        processes=processes,
        waiting=waiting,
        connections=connections,
        answer_seconds=timeout,
    )
    if not settings.is_loopback and not settings.token and not no_token:
        raise UsageError(
            f"anybody who reaches {host} could read the index",
            "give a token (--token-file FILE), or say that this is meant: --no-token --allow-host NAME",
        )
    # Two threads encode a short query hardly sooner than one, and wait for each other where others compute, too.
    use_threads(max(1, threads() // max(settings.workers, settings.processes)))
    serve_index(Index.open(location, encoder=model), settings)
    return 0


COMMANDS = (serve,)
