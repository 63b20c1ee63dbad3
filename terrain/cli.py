"""`terrain`: finds the command, and turns a refusal into a sentence and an exit code.

Promise: no traceback for what a person can put right, and exit codes that mean something:
0 done, 1 refused, 2 not understood, 3 something outside is wrong, 130 stopped by Ctrl-C.

Each file in `terrain/commands` is one command: its module docstring is the help, in English, whose
first line has its French in the catalogue. A file is loaded when its command is run.
"""

import ast
import importlib
import os
import signal
import sys
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import click

from terrain.errors import Refusal, did_you_mean
from terrain.words import _, language_of_terminal, refusal_in_words, refusal_sentence, say

DONE, REFUSED, NOT_UNDERSTOOD, WRONG_OUTSIDE, STOPPED = 0, 1, 2, 3, 130
COMMANDS = Path(__file__).parent / "commands"
FIRST_FAULT_OF_OURS = 500
HELP = _("Automate what helps the customer, keep people in charge of the rest.")


class UnknownCommand(Refusal):
    """Nothing of that name can be done."""

    code = "unknown_command"


class Commands(click.Group):
    """The commands as they lie on disk."""

    @cached_property
    def files(self) -> Mapping[str, Path]:
        found = sorted(COMMANDS.glob("[a-z]*.py"))
        return {file.stem.rstrip("_").replace("_", "-"): file for file in found}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.files)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in self.files:
            return None
        module = importlib.import_module(f"terrain.commands.{self.files[cmd_name].stem}")
        command: click.Command = module.command
        command.help = command.help or _translated(module.__doc__ or "")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self.files:
            nearest = did_you_mean(args[0], self.files, at_least=0)
            raise UnknownCommand(field="command", value=args[0], right=nearest)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section(_in_their_language(_("Commands"))):
            rows = [(name, _translated(summary(file))) for name, file in self.files.items()]
            formatter.write_dl(rows)


def summary(file: Path) -> str:
    """Return the first line of the docstring, without running the file."""
    return (ast.get_docstring(ast.parse(file.read_text())) or "").split("\n")[0]


def main() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # asked by whomever, stopped the same
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    group = Commands(name="terrain", help=_in_their_language(HELP))
    try:
        code = group.main(arguments, prog_name="terrain", standalone_mode=False)
    except Refusal as refusal:
        return _refuse(refusal, as_json="--json" in arguments)
    except click.ClickException as misunderstanding:
        misunderstanding.show()
        return NOT_UNDERSTOOD
    except (KeyboardInterrupt, click.Abort):
        click.echo(_in_their_language(_("Stopped. What was done is whole.")), err=True)
        return STOPPED
    except BrokenPipeError:  # whoever read us has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    return code if isinstance(code, int) else DONE


def _refuse(refusal: Refusal, *, as_json: bool) -> int:
    if as_json:
        import msgspec  # noqa: PLC0415 - `terrain --help` need not load it

        click.echo(msgspec.json.encode({"refusal": refusal_in_words(refusal)}).decode())
    else:
        click.echo(refusal_sentence(language_of_terminal(os.environ), refusal), err=True)
    if isinstance(refusal, UnknownCommand):
        return NOT_UNDERSTOOD
    return WRONG_OUTSIDE if refusal.status >= FIRST_FAULT_OF_OURS else REFUSED


def _translated(help_text: str) -> str:
    first, line, rest = help_text.partition("\n")
    return _in_their_language(first) + line + rest


def _in_their_language(sentence: str) -> str:
    language = language_of_terminal(os.environ)
    return sentence if language == "en" else say(language, sentence)
