"""Write a commented configuration, multitool-lint.toml, into the current folder.

With --pre-commit, print an entry for .pre-commit-config.yaml instead.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from multitool_lint.cli.output import streams
from multitool_lint.config.toml_document import FILE
from multitool_lint.formats.endings import ENDINGS

TEMPLATE = """\
# Configuration of multitool-lint. Every setting is optional; `multitool-lint config` prints what
# applies to a file and where it is set, `multitool-lint rules` lists the rules.

# Rules or topics that also run, such as rules that are off by default.
# extend-select = ["unscoped-resource"]

# Rules or topics that do not run, and accepted findings; `multitool-lint --add-ignore REASON` adds
# all current findings.
# ignore = [
#   "missing-sid",
#   { rule = "old-version", path = "legacy/*.json", reason = "archived", expires = 2099-12-31 },
# ]

# The lowest severity with exit code 1: "error", "security", "warning", "suggestion" or "never".
# fail-on = "warning"

# Files and folders to skip, in the syntax of .gitignore.
# exclude = ["vendor/"]

# The type of policies that content and file name do not show, such as "scp" or "boundary".
# [[policies]]
# path = "scps/**"
# type = "scp"

# Another severity of a rule.
# [severity]
# redundant-action = "error"

# Rules that do not run on some files.
# [per-path-ignores]
# "tests/**" = ["full-admin-access"]
"""

_ENDINGS = "|".join(ending.removeprefix(".") for ending in ENDINGS)
_FILES = rf"(?i)(?:\.(?:{_ENDINGS})|policy|(?:^|/)[^./]+)$"
HOOK = f"""repos:
  - repo: local
    hooks:
      - id: multitool-lint
        name: multitool-lint
        entry: multitool-lint check --discovered
        language: system
        files: {_FILES}
        types: [text]
        require_serial: true
      - id: multitool-lint-no-new-access
        name: multitool-lint-no-new-access
        entry: multitool-lint diff --staged --fail-on-new-access
        language: system
        always_run: true
        files: {_FILES}
        types: [text]
        require_serial: true
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "--pre-commit",
        action="store_true",
        help="print a .pre-commit-config.yaml whose hooks run the installed multitool-lint",
    )
    parser.epilog = "exit codes: 0 done, 2 the file exists or could not be written"


def run(arguments: Namespace) -> int:
    """Write the configuration, and return the exit code."""
    if arguments.pre_commit:
        streams.out(HOOK)
        return 0
    from multitool_lint.cli.files.write import create

    create(Path(FILE), TEMPLATE)
    streams.err(f"{FILE} written\n")
    return 0
