"""The `baotin` command with every subcommand, argument and option, from click's own objects."""

import inspect
from collections.abc import Iterator

import click

from notifier.cli import cli
from notifier.reference.markdown import code, join, table

_INTRODUCTION = """\
Every command takes `--help`. Errors are one line on standard error and a non-zero exit code: 2 for
a wrong or missing setting or argument, 130 after Ctrl-C, else 1."""


def page() -> str:
    """A section for each command."""
    return join(_INTRODUCTION, *(_section(line, command) for line, command in walk()))


def walk() -> Iterator[tuple[str, click.Command]]:
    """Every command with the words that call it, groups before what is in them."""
    yield from _below("baotin", cli)


def _below(line: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield line, command
    if isinstance(command, click.Group):
        context = _context(command, line)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None:
                yield from _below(f"{line} {name}", found)


def _context(command: click.Command, line: str) -> click.Context:
    """As the command is called: click remembers of its first context how help is asked for."""
    return click.Context(command, info_name=line, **cli.context_settings)


def _section(line: str, command: click.Command) -> str:
    context = _context(command, line)
    usage = " ".join([line, *command.collect_usage_pieces(context)])
    rows = [
        [", ".join(map(code, option.opts)), _takes(option, context), help_of(option)]
        for option in command.params
        if isinstance(option, click.Option)
    ]
    return join(
        f"## {line}",
        code(usage),
        _words(inspect.cleandoc(command.help or "")),
        table(("option", "takes", "what it does"), rows) if rows else "",
    )


def _words(help: str) -> str:
    """The help as Markdown: the example is one for a shell."""
    told, mark, example = help.partition("Example: ")
    return join(told.strip(), f"```\n{example.strip()}\n```" if mark else "")


def help_of(option: click.Option) -> str:
    """What an option does; `--json` does the same everywhere."""
    if option.help:
        return option.help
    return "Print one JSON object." if option.name == "as_json" else ""


def _takes(option: click.Option, context: click.Context) -> str:
    if option.is_flag:
        return ""
    takes = option.make_metavar(context)
    return code(takes) + (
        f", or {code(str(option.envvar))} in the environment" if option.envvar else ""
    )
