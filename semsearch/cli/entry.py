"""Where the command line begins: the group of all commands, and what is printed for an error."""

import atexit
import gc
import logging
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper
from typing import NoReturn

import click
from click.core import ParameterSource
from click.shell_completion import shell_complete

from semsearch import __version__
from semsearch.cli import artifacts, changes, distributions, evaluation, health, keys, models, queries, server
from semsearch.cli.commands import Commands, MistypedError, help_
from semsearch.cli.defaults import defaults
from semsearch.cli.streams import tell_json
from semsearch.errors import HOW_TO_REPORT, InternalError, NotPermittedError, SemsearchError, StoredIndexError
from semsearch.files import NO_ROOM, REFUSED
from semsearch.threads import threads, use_threads

INTERRUPTED_STATUS = 130

_NEW_OBJECTS = 100_000
"""Objects before Python looks for cycles among them; its usual 700 make it look 300 times while a query loads."""

COMPLETE = "_SEMSEARCH_COMPLETE"
"""The variable in which a shell asks for the script that completes commands (`bash_source`, `zsh_source`,
`fish_source`), and later, through that script, for completions."""


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Begin with:
  semsearch build articles/ -i news.idx
  semsearch query "open source strategy" -i news.idx
  semsearch COMMAND --help""",
)
@click.version_option(__version__, "-V", "--version", prog_name="semsearch")
def commands() -> None:
    """Semantic search over news: the closest passages, with their articles' metadata, on your own machine."""


commands.add_section("Search", (*queries.COMMANDS, *distributions.COMMANDS, *server.COMMANDS))
commands.add_section("Make and change an index", changes.COMMANDS)
commands.add_section("Check and repair", health.COMMANDS)
commands.add_section("Share", (*artifacts.COMMANDS, *keys.COMMANDS))
commands.add_section("Measure and prepare", (*evaluation.COMMANDS, *models.COMMANDS))
commands.add_command(help_)


def main(arguments: Sequence[str] | None = None, kept_alive: list[object] | None = None) -> NoReturn:
    """Run the command line and exit with its status.

    Args:
        arguments: of the command line; None for those of this process.
        kept_alive: collects objects whose clean-up can be skipped, because the process ends right after.

    0 done, 1 nothing found, 2 usage, 3 index missing or damaged, 4 encoder missing or mismatched, 5 something could
    not be read, 6 another process writes, 7 not permitted or no space, 70 a bug, 130 interrupted.
    """
    if instruction := os.environ.get(COMPLETE):
        raise SystemExit(shell_complete(commands, {}, "semsearch", COMPLETE, instruction))
    words = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in words
    _prepare_streams()
    notice_printer = _NoticePrinter(as_json)
    logger = logging.getLogger("semsearch")
    logger.addHandler(notice_printer)
    logger.setLevel(logging.WARNING if {"-q", "--quiet"} & set(words) else logging.INFO)
    use_threads(threads())  # a container's share is not known to every library
    try:
        # Not commands.main, which handles closed pipes and interruptions in its own way.
        settings = {} if "--help" in words or "-h" in words else defaults(commands)
        with commands.make_context("semsearch", words, default_map=settings, obj=kept_alive) as context:
            status = commands.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        status = done.exit_code
    except SemsearchError as error:
        status = _complain(error, error.hint, error.exit_status, as_json)
    except click.ClickException as error:
        status = error.exit_code
        if as_json:
            _complain(error, _hint(error), status, as_json)
        else:
            error.show()
            if isinstance(error, click.UsageError) and (hint := _settings_hint(error)):
                click.echo(f"  {hint}", err=True)
    except (KeyboardInterrupt, click.Abort):
        hint = "an interrupted build or add of files goes on from there when the same command is run again"
        status = _complain(click.ClickException("interrupted"), hint, INTERRUPTED_STATUS, as_json)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains while it exits
        status = 0
    except OSError as error:
        path_prefix = f"{error.filename}: " if error.filename else ""
        refused = error.errno in (*REFUSED, *NO_ROOM)
        failure = (NotPermittedError if refused else StoredIndexError)(f"{path_prefix}{error.strerror or error}")
        status = _complain(failure, "check the path, its permissions and the free space", failure.exit_status, as_json)
    finally:
        logger.removeHandler(notice_printer)
    raise SystemExit(status)


def run() -> NoReturn:
    """Run the command line as the whole process; exit without unloading libraries, which saves a tenth of a query."""
    gc.set_threshold(_NEW_OBJECTS)
    status: object = InternalError.exit_status  # of an unexpected error
    kept_alive: list[object] = []
    try:
        main(kept_alive=kept_alive)
    except SystemExit as done:
        status = done.code
    except BaseException:  # noqa: BLE001  what Python itself does before it ends
        traceback.print_exc()
        sys.stderr.write(f"semsearch: {HOW_TO_REPORT}\n")
    atexit._run_exitfuncs()
    with suppress(OSError, ValueError):  # a closed pipe
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status if isinstance(status, int) else 1)


def _prepare_streams() -> None:
    """Replace standard streams that are closed, and show a question mark for characters that a console cannot show."""
    sys.stdin, sys.stdout, sys.stderr = (
        stream or open(os.devnull, mode)  # noqa: PTH123, SIM115  closed by the program that started this one
        for stream, mode in ((sys.stdin, "r"), (sys.stdout, "w"), (sys.stderr, "w"))
    )
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def _hint(error: click.ClickException) -> str:
    if isinstance(error, MistypedError):
        return error.hint
    return (_settings_hint(error) if isinstance(error, click.UsageError) else "") or "semsearch --help"


def _settings_hint(error: click.UsageError) -> str:
    """Say that the refused value comes from a settings file; "" if it does not."""
    option = getattr(error, "param", None)
    if option is None or error.ctx is None or option.name is None:
        return ""
    is_set = error.ctx.get_parameter_source(option.name) is ParameterSource.DEFAULT_MAP
    return "it is set in semsearch.toml, or in the configuration of your account" if is_set else ""


class _NoticePrinter(logging.Handler):
    """Prints what the library logs on standard error."""

    def __init__(self, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def emit(self, record: logging.LogRecord) -> None:
        notice = record.getMessage()
        if self._as_json:
            _tell_json({"notice": notice})
        else:
            click.echo(f"semsearch: {_printable(notice)}", err=True)


def _complain(error: Exception, hint: str, status: int, as_json: bool) -> int:
    message = error.format_message() if isinstance(error, click.ClickException) else str(error)
    if as_json:
        kind = "UsageError" if isinstance(error, click.ClickException) else type(error).__name__
        _tell_json({"error": message, "error_type": kind, "hint": hint})
    else:
        click.echo(_printable(f"semsearch: {message}") + (f"\n  {_printable(hint)}" if hint else ""), err=True)
    return status


def _tell_json(value: object) -> None:
    from semsearch.rendering import json_text

    tell_json(f"{json_text(value, pretty=False)}\n", err=True)


def _printable(text: str) -> str:
    """Return text that may quote a stranger's file or index, safe for a terminal."""
    from semsearch.rendering.layout import printable

    return printable(text)
