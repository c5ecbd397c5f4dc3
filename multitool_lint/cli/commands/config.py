"""Print which settings apply to files, and where each of them comes from.

For a folder, and where nothing is named for the current one, what applies to the files in it. The
options are those of `check`, and what they change is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.cli.files.read import add_file_arguments, is_folder
from multitool_lint.cli.options.settings import Settings, add_fail_on_argument, add_rule_arguments
from multitool_lint.cli.output import streams

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    add_file_arguments(parser)
    add_rule_arguments(parser)
    add_fail_on_argument(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    parser.epilog = "exit codes: 0 done, 2 an option or a configuration cannot be followed"


def run(arguments: Namespace) -> int:
    """Print the settings, and return the exit code."""
    from multitool_lint.cli.commands import (
        config_output as config_text,
    )
    from multitool_lint.cli.commands import (
        config_settings as config_facts,
    )

    settings = Settings(arguments)
    facts = []
    for name in arguments.files or ["."]:
        path = (arguments.stdin_filename or "<stdin>") if name == "-" else name
        folder = name != "-" and is_folder(name)
        facts.append(
            config_facts.Facts(settings, path, folder=folder, exclude=arguments.exclude).all()
        )
    if arguments.format == "json":
        import json

        answer = {"version": 1, "files": facts}
        streams.out_utf8(json.dumps(answer, indent=2, ensure_ascii=False) + "\n")
    else:
        streams.out("\n".join(map(config_text.text, facts)))
    return 0
