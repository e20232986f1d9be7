"""Defaults of options, from settings files: `timezone = "Europe/Berlin"` for all commands, `[list]` for one."""

import logging
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from semsearch.errors import UsageError
from semsearch.settings import KEYS, option_settings

_WITHOUT_DEFAULT = frozenset(("timezone", "threads"))
"""Options that can be set although they have no default value."""

_logger = logging.getLogger("semsearch")


def defaults(group: click.Group) -> dict[str, Any]:
    """Return the defaults that the settings files give, as click takes them: command -> parameter -> value.

    A key that no option has is reported and left out.

    Raises:
        UsageError: a file is not TOML, or a value is neither a text nor a number.
    """
    commands = {name: dict(_settable_options(command)) for name, command in group.commands.items()}
    chosen: dict[str, Any] = {name: {} for name in commands}
    for path, settings in reversed(option_settings()):  # a nearer file replaces what a farther one says
        # Tables come last: what is set for one command replaces what is set for all.
        for key, value in sorted(settings.items(), key=lambda item: isinstance(item[1], dict)):
            if isinstance(value, dict):
                if key not in commands:
                    _tell_unknown(path, f"[{key}]", key, commands)
                    continue
                for inner_key, inner_value in value.items():
                    _set_default(chosen, {key: commands[key]}, path, inner_key, inner_value, within=key)
            else:
                _set_default(chosen, commands, path, key, value)
    return chosen


def _set_default(
    chosen: dict[str, Any],
    commands: dict[str, dict[str, str]],
    path: Path,
    key: str,
    value: object,
    *,
    within: str = "",
) -> None:
    option_name = key.replace("_", "-")
    affected = [command for command, options in commands.items() if option_name in options]
    if not affected:
        known_names = {option for options in commands.values() for option in options}
        if not within:
            known_names.update(KEYS)
        _tell_unknown(path, f"{within}.{key}" if within else key, option_name, known_names)
        return
    if not isinstance(value, str | int | float):
        raise UsageError(f"{path}: {key} is {value!r:.80}", "write a text or a number")
    for command in affected:
        chosen[command][commands[command][option_name]] = str(value) if isinstance(value, bool) else value


def _tell_unknown(path: Path, key: str, name: str, known_names: Collection[str]) -> None:
    similar_names = get_close_matches(name, known_names, 1)
    hint = f"did you mean {similar_names[0]}?" if similar_names else f"known are {', '.join(sorted(known_names))}"
    _logger.warning("%s: unknown setting %s was ignored; %s", path, key, hint)


def _settable_options(command: click.Command) -> Iterator[tuple[str, str]]:
    """Yield each option that can be set: its name on the command line without dashes, and its parameter's name."""
    for option in command.params:
        if (
            not isinstance(option, click.Option)
            or option.hidden
            or option.is_flag
            or option.multiple
            or not option.name
        ):
            continue
        option_name = max(option.opts, key=len).lstrip("-")
        if isinstance(option.default, str | int | float) or option_name in _WITHOUT_DEFAULT:
            yield option_name, option.name
