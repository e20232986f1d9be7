"""Settings files as defaults of options: `timezone = "Europe/Berlin"` for all commands, `[list]` for one."""

import logging
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from semsearch.errors import UsageError
from semsearch.settings import KEYS, option_settings

_WITHOUT_DEFAULT = frozenset(("timezone", "threads"))
"""Options that can be set although none of their values is their default."""

_logger = logging.getLogger("semsearch")


def defaults(group: click.Group) -> dict[str, Any]:
    """Return what the settings files say of options, as click takes it: command -> parameter -> value.

    A key that no option has is reported and left out.

    Raises:
        UsageError: a file is not TOML, or a value is neither a text nor a number.
    """
    commands = {name: _options(command) for name, command in group.commands.items()}
    chosen: dict[str, Any] = {name: {} for name in commands}
    for path, settings in reversed(option_settings()):  # what is nearer replaces what is farther
        # A table is of one command, and says more than a key that is for all.
        for key, value in sorted(settings.items(), key=lambda item: isinstance(item[1], dict)):
            if isinstance(value, dict):
                if key not in commands:
                    _tell_unknown(path, f"[{key}]", key, commands)
                    continue
                for name, own in value.items():
                    _choose(chosen, {key: commands[key]}, path, name, own, within=key)
            else:
                _choose(chosen, commands, path, key, value)
    return chosen


def _choose(
    chosen: dict[str, Any],
    commands: dict[str, dict[str, str]],
    path: Path,
    key: str,
    value: object,
    *,
    within: str = "",
) -> None:
    named = key.replace("_", "-")
    having = [command for command, options in commands.items() if named in options]
    if not having:
        known = {option for options in commands.values() for option in options}
        _tell_unknown(path, f"{within}.{key}" if within else key, named, known if within else {*KEYS, *known})
        return
    if not isinstance(value, str | int | float):
        raise UsageError(f"{path}: {key} is {value!r:.80}", "write a text or a number")
    for command in having:
        chosen[command][commands[command][named]] = str(value) if isinstance(value, bool) else value


def _tell_unknown(path: Path, key: str, named: str, known: Collection[str]) -> None:
    near = get_close_matches(named, known, 1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(known))}"
    _logger.warning("%s: unknown setting %s was ignored; %s", path, key, hint)


def _options(command: click.Command) -> dict[str, str]:
    """Return the options that can be set: their names on the command line without dashes -> their parameters'."""
    return dict(_settable(command))


def _settable(command: click.Command) -> Iterator[tuple[str, str]]:
    for option in command.params:
        if (
            not isinstance(option, click.Option)
            or option.hidden
            or option.is_flag
            or option.multiple
            or not option.name
        ):
            continue
        named = max(option.opts, key=len).lstrip("-")
        if option.name and (isinstance(option.default, str | int | float) or named in _WITHOUT_DEFAULT):
            yield named, option.name
