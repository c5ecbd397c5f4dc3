"""Print a script with which a shell completes commands, options, rules, formats and file names.

bash: multitool-lint completion bash >~/.local/share/bash-completion/completions/multitool-lint
zsh: multitool-lint completion zsh >_multitool-lint, in a folder of $fpath
fish: multitool-lint completion fish >~/.config/fish/completions/multitool-lint.fish

The script contains the commands and options of this version, so that completion starts no Python:
print it again after an update.
"""

from __future__ import annotations

import re
from argparse import Action, ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from textwrap import shorten

from multitool_lint.cli import COMMANDS, command_parser
from multitool_lint.cli.output import streams
from multitool_lint.config.values import NEVER, TYPE_NAMES
from multitool_lint.diagnostics.rule import TOPICS, Severity, rules

SHELLS = ("bash", "zsh", "fish")

FILES = {"zsh": "_files", "fish": "(__fish_complete_path (commandline -ct))"}
"""How file names are completed: bash does it by itself where nothing else is offered."""

FILE_METAVARS = frozenset(
    {
        *("ARN|FILE", "DIR", "FILE", "FILE[,FILE]", "FILES", "IDENTITY", "NAME", "OLD NEW"),
        "PLAN [FILES]",
        *("ACTION [RESOURCE] [FILES]", "IDENTITY ACTION [RESOURCE] [FILES]"),
    }
)


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("shell", choices=SHELLS, help="the shell")


def run(arguments: Namespace) -> int:
    """Print the script, and return the exit code."""
    streams.out_utf8(script(arguments.shell))
    return 0


def script(shell: str) -> str:
    """The completion script for a shell, one of `SHELLS`."""
    import shtab

    own = (Path(__file__).parent / "templates" / f"completion.{shell}").read_text(encoding="utf-8")
    own = "\n" + own.replace("{commands}", " ".join(COMMANDS))
    start = "".join(_functions(shell))
    if shell == "zsh":
        text = str(shtab.complete(_program(), shell, preamble=start + own))
        return "".join(_zsh_specification(line) for line in text.splitlines(keepends=True))
    return f"{shtab.complete(_program(), shell, preamble=start)}{own}"


def _program() -> ArgumentParser:
    """A parser of the whole command line: the commands, and the options of `check` without one."""
    program = ArgumentParser(prog="multitool-lint")
    program.add_argument("-V", "--version", action="version", help="print the version")
    for option in command_parser("check")._actions:  # noqa: SLF001 - argparse has no other way
        if option.option_strings and option.dest != "help":
            program._add_action(_completable(option))  # noqa: SLF001 - as above
    commands = program.add_subparsers()
    for name, summary in COMMANDS.items():
        parser = command_parser(name)
        for action in parser._actions:  # noqa: SLF001 - as above
            _completable(action)
        commands.add_parser(
            name, add_help=False, parents=[parser], help=summary, description=summary
        )
    return program


def _zsh_specification(line: str) -> str:
    """A line of the script, with what shtab leaves out: --option=VALUE, and files after the first.

    https://zsh.sourceforge.io/Doc/Release/Completion-System.html on `_arguments`
    """
    names, bracket, rest = line.partition("[")
    if line.startswith('  "(*)::'):
        return line.replace("(*)::", "*:", 1)
    if line.startswith("  ") and "]:" in rest:
        names = re.sub(r"--[\w-]+", r"\g<0>=", names)
    return names + bracket + rest


def _completable(action: Action) -> Action:
    """The action, with a short help and the note for shtab on how its value is completed."""
    action.help = shorten((action.help or "").partition(";")[0], 70, placeholder=" ...")
    metavar = str(action.metavar)
    if metavar in FILE_METAVARS:
        action.complete = FILES  # type: ignore[attr-defined]
    elif _vocabulary(action):
        function = f"_multitool_lint_{metavar.lower()}"
        fish = f"(__fish_complete_list , {function})" if metavar.endswith("S") else f"({function})"
        action.complete = {"bash": function, "zsh": function, "fish": fish}  # type: ignore[attr-defined]
    return action


def _vocabulary(action: Action) -> bool:
    """Whether there are words to choose from: `TYPE` is more than one thing."""
    return action.metavar in _words() and action.option_strings != ["--resource-type"]


def _words() -> dict[str, tuple[str, ...]]:
    """The words that a metavar means; of one in the plural, a list with commas."""
    from multitool_lint.aws.access_levels import LEVELS

    ids = tuple(rules())
    return {
        "LEVELS": tuple(LEVELS),
        "RULE": ids,
        "RULES": ("ALL", *TOPICS, *ids),
        "SEVERITY": (*(severity.value for severity in Severity), NEVER),
        "TYPE": TYPE_NAMES,
    }


def _functions(shell: str) -> Iterator[str]:
    """A function of the shell for each metavar: in bash and fish it prints the words."""
    for metavar, words in _words().items():
        name, choice = f"_multitool_lint_{metavar.lower()}", " ".join(words)
        several = metavar.endswith("S")
        if shell == "bash":
            start = '  local before=""\n  [[ $1 == *,* ]] && before=${1%,*},\n' if several else ""
            options = ' -P "$before"' if several else ""
            yield f'{name}() {{\n{start}  compgen{options} -W "{choice}" -- "${{1##*,}}"\n}}\n'
        elif shell == "zsh":
            values = f"_values -s , {metavar.lower()}" if several else "compadd --"
            yield f"{name}() {{\n  {values} {choice}\n}}\n"
        else:
            yield f"function {name}\n  printf '%s\\n' {choice}\nend\n"
