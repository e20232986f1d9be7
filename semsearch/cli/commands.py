"""The list of commands in the help, and hints for mistyped command lines."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from itertools import takewhile
from typing import IO, Any

import click

from semsearch.cli.examples import EXAMPLES


class MistypedError(click.UsageError):
    """A command line that cannot be understood, with a hint of what to write instead."""

    def __init__(self, message: str, context: click.Context, hint: str) -> None:
        super().__init__(message, context)
        self.hint = hint

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the usage, the message and the hint on standard error."""
        super().show(file)
        click.echo(f"  {self.hint}", file=file, err=file is None)


class TextCommand(click.Command):
    """A command that takes a text: of several words in quotation marks, and perhaps with a - in front."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; for an unknown option or extra words, raise an error that says how to quote the text."""
        context.allow_extra_args = True
        typed = tuple(args)  # a copy, for click removes what it understands
        try:
            super().parse_args(context, args)
        except click.NoSuchOption as error:
            hint = f"a TEXT that begins with - goes after --: semsearch {self.name} -- '-strike harbour'"
            raise MistypedError(error.format_message(), context, hint) from None
        if context.args and not context.resilient_parsing:
            words = [str(context.params.get("text", "")), *context.args]
            options = [word for word in typed if word != "--"]
            for word in words:
                options.remove(word)
            raise MistypedError(
                f"Got unexpected extra words ({' '.join(context.args)}).",
                context,
                f"put TEXT in quotation marks: {_command(str(self.name), words, options)}",
            )
        return []


class Commands(click.Group):
    """All commands, in sections, in the order in which they were added."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.sections: dict[str, list[str]] = {}

    def add_section(self, title: str, commands: Sequence[click.Command]) -> None:
        """Add commands under one title of the help, each with its examples."""
        for command in commands:
            self.add_command(command)
            _prepare(command, EXAMPLES)
        self.sections[title] = [command.name for command in commands if command.name and not command.hidden]

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  the name that click passes it by
        """Return the names of all commands in the order of the help."""
        listed_names = [name for names in self.sections.values() for name in names]
        return [*listed_names, *(name for name in self.commands if name not in listed_names)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  as above
        """Write each section, with descriptions that are not cut off."""
        for title, names in self.sections.items():
            with formatter.section(title):
                formatter.write_dl([(name, self.commands[name].get_short_help_str()) for name in names])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; for an unknown one, raise an error that guesses what was meant."""
        name = args[0]
        if name in self.commands or name.startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        similar_names = get_close_matches(name, self.list_commands(ctx), 1)
        if similar_names:
            hint = f"did you mean: semsearch {similar_names[0]}"
        else:
            typed = args if len(args) < _MOST_WORDS else [name]
            words = list(takewhile(lambda word: not word.startswith("-"), typed))
            hint = f"to search, write: {_command('query', words, typed[len(words) :])}"
        raise MistypedError(f"No such command {name!r}.", ctx, hint)


_MOST_WORDS = 30
"""More arguments are no query, but names of files that a shell put in the place of a *."""


@click.command("help", hidden=True)
@click.argument("names", nargs=-1, metavar="[COMMAND]…")
@click.pass_context
def help_(context: click.Context, names: tuple[str, ...]) -> int:
    """Print the help of a command, or the list of all."""
    parent = context.parent or context
    command: click.Command = parent.command
    for name in names:
        if not isinstance(command, click.Group) or name not in command.commands:
            raise MistypedError(f"No such command {name!r}.", parent, "see all commands: semsearch --help")
        command = command.commands[name]
        parent = click.Context(command, parent, info_name=name)
    click.echo(command.get_help(parent))
    return 0


def _prepare(command: click.Command, examples: Mapping[str, str], path: str = "") -> None:
    """Give a command and its subcommands examples, and a short description that is not cut off."""
    name = f"{path} {command.name}".strip()
    command.short_help = command.short_help or _first_sentence(command.help or "")
    if name in examples:
        command.epilog = "\b\nExamples:\n" + "".join(f"  {line}\n" for line in examples[name].strip().splitlines())
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        _prepare(inner, examples, name)


def _first_sentence(text: str) -> str:
    sentence = " ".join(text.split("\n\n")[0].split())
    return sentence.split(". ")[0].removesuffix(".")


def _command(name: str, words: Iterable[str], options: Iterable[str]) -> str:
    """Write a command line: the text in quotation marks, the options unchanged."""
    text = " ".join(words)
    quoted_text = f'"{text}"' if not set(text) & set('"$`\\!') else shlex.quote(text)
    quoted_options = [shlex.quote(option) for option in options]
    if text.startswith("-"):
        return " ".join(["semsearch", name, *quoted_options, "--", quoted_text])
    return " ".join(["semsearch", name, quoted_text, *quoted_options])
