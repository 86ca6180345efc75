"""The `baotin` command. Each subcommand is imported only when it is called for."""

import sys
from importlib import import_module

import click

_COMMANDS = {
    "api": "Serve the API.",
    "bench": "Measure this machine.",
    "budgets": "What offices may spend, and what they spent.",
    "calendar": "When an office sends and works.",
    "doctor": "Look at every part and say what is wrong.",
    "counts": "How many messages there were, by day.",
    "gateways": "See, pause and resume the gateways in use.",
    "keys": "Create, list, rotate and revoke API keys.",
    "offices": "Bring offices in, see them, let them go live.",
    "limits": "What gateway accounts may be given each second.",
    "messages": "See what is held, let it go, cancel it.",
    "migrate": "Bring the database to this release.",
    "phone": "Read a phone number as Báo Tin does.",
    "routes": "Which gateways an office's messages go through.",
    "scheduler": "Ring the jobs that run by the clock.",
    "secrets": "Make the secrets of an installation.",
    "seed": "Put the shipped words into the database.",
    "send-event": "Post an event from a file.",
    "simulator": "Run the phone simulator.",
    "sources": "Case systems that may post events, and their offices.",
    "templates": "Check the words of messages.",
    "text": "Count a text as Báo Tin does.",
    "users": "Create, see and disable the accounts of staff.",
    "up": "Run everything on this machine.",
    "worker": "Work on one queue.",
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"notifier.commands.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_COMMANDS.items()))


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="baotin")
def cli() -> None:
    """Báo Tin tells citizens by SMS what happened to their case.

    Example: baotin up
    """


def _asked(problem: click.ClickException) -> str:
    context = getattr(problem, "ctx", None)
    return context.command_path if context is not None else "baotin"


def _in_one_line(problem: click.ClickException) -> str:
    said = " ".join(problem.format_message().split())
    if not isinstance(problem, click.UsageError):
        return said
    return f"{said.rstrip('.')}; see {_asked(problem)} --help"


def main() -> None:
    """Run the command; errors that people can mend are one line on standard error."""
    from notifier.commands.failing import Failed  # noqa: PLC0415 - keeps --help fast

    try:
        cli(standalone_mode=False, prog_name="baotin")
    except click.exceptions.NoArgsIsHelpError as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except click.ClickException as problem:
        print(f"{_asked(problem)}: {_in_one_line(problem)}", file=sys.stderr)
        sys.exit(problem.exit_code)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Failed as problem:
        print(f"baotin: {problem}", file=sys.stderr)
        sys.exit(problem.exit_code)


if __name__ == "__main__":
    main()
