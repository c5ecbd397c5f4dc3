"""The reference of the commands, made from their parsers."""

from __future__ import annotations

import re
from argparse import SUPPRESS
from typing import TYPE_CHECKING

from multitool_lint.cli import COMMANDS, command_parser

if TYPE_CHECKING:
    from argparse import Action
    from collections.abc import Iterator


def commands_index() -> str:
    """The page that leads to the commands."""
    rows = [f"| [`{name}`]({name}.md) | {summary} |" for name, summary in COMMANDS.items()]
    return "\n".join(
        [
            "# Commands\n",
            "Without a command, `check` runs: `multitool-lint policy.json`.",
            "Options come before, between or after files.\n",
            "| command | what it does |\n|---|---|",
            *rows,
            "",
            "`-h`, `--help`\n:   print help; `multitool-lint COMMAND --help` prints a command's\n",
            "`-V`, `--version`\n:   print the version, and the date of the catalog\n",
        ]
    )


def command_page(name: str) -> str:
    """The reference of a command: what it does, its arguments and its options."""
    parser = command_parser(name)
    actions = [action for action in parser._actions if action.help != SUPPRESS]  # noqa: SLF001
    arguments = [action for action in actions if not action.option_strings]
    options = [action for action in actions if action.option_strings]
    synopsis = " ".join(["multitool-lint", name, "[OPTIONS]", *map(_placeholder, arguments)])
    parts = [f"# {name}\n", f"```text\n{synopsis}\n```\n", *description(parser.description or "")]
    for heading, listed in (("Arguments", arguments), ("Options", options)):
        if listed:
            parts += [f"## {heading}\n", *map(definition, listed)]
    if parser.epilog:
        parts += ["## Exit codes\n", escaped(parser.epilog.removeprefix("exit codes: ")) + "\n"]
    return "\n".join(parts)


def description(text: str) -> Iterator[str]:
    """The paragraphs of a command's description; lines that are commands stay as they are."""
    for paragraph in text.strip().split("\n\n"):
        lines = paragraph.splitlines()
        if all(re.match(r"\w+: multitool-lint ", line) for line in lines):
            yield "".join(f"    {line}\n" for line in lines)
        else:
            yield escaped(" ".join(lines)) + "\n"


def definition(action: Action) -> str:
    """An argument or option with its help."""
    if not action.option_strings:
        name = f"`{_placeholder(action)}`"
    else:
        value = "" if action.nargs == 0 else f" {_placeholder(action)}"
        name = ", ".join(f"`{option}{value}`" for option in action.option_strings)
    facts = [(action.help or "") % {**vars(action), "prog": ""} if action.help else ""]
    if action.choices and action.metavar is None:
        facts.append("One of " + ", ".join(f"`{choice}`" for choice in action.choices) + ".")
    if action.required and action.option_strings:
        facts.append("Required.")
    return f"{name}\n:   " + "\n\n    ".join(filter(None, map(escaped, facts))) + "\n"


def _placeholder(action: Action) -> str:
    name = str(action.metavar or action.dest.upper())
    if action.option_strings:
        return name
    return {"*": f"[{name} ...]", "+": f"{name} ...", "?": f"[{name}]"}.get(
        str(action.nargs or ""), name
    )


def escaped(text: str) -> str:
    """A text of the command line as Markdown: only what is between backticks is code."""
    parts = re.split(r"(`[^`]*`)", text)
    for index in range(0, len(parts), 2):
        part = re.sub(r"([\\*_>\[\]#])", r"\\\1", parts[index])
        parts[index] = part.replace("<", "&lt;").replace("|", "&#124;")
    return "".join(parts)
