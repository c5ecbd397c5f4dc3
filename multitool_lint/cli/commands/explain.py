"""Print the page of a rule: what it finds, why it matters, examples and references.

For a rule of the configuration of the current folder, print its definition; for a managed policy of
AWS, what it allows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.cli.options import catalog as catalogs
from multitool_lint.cli.output import streams
from multitool_lint.config import ConfigError
from multitool_lint.diagnostics.rule import current_id, parliament_types, rules
from multitool_lint.diagnostics.suggestion import suggestion

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from multitool_lint.diagnostics.rule import Rule


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "rule",
        metavar="RULE",
        help="a rule id, an issue code of IAM Access Analyzer, a finding type of parliament, or a "
        "managed policy of AWS",
    )
    catalogs.add_config_arguments(parser, "include the rules of this configuration")
    streams.add_colour_argument(parser)


def run(arguments: Namespace) -> int:
    """Print the pages, and return the exit code."""
    name = current_id(arguments.rule)
    found = _named(name)
    if not found:
        # Built-in rules are explained in every folder, whatever the configuration there says.
        known = catalogs.config_of(arguments).known()
        found = [known[name]] if name in known else []
    if not found and (lines := _of_managed_policy(arguments)):
        streams.out("\n".join(lines) + "\n")
        return 0
    if not found:
        hint = suggestion(name, known) or "; `multitool-lint rules` lists them"
        raise ConfigError(f'unknown rule "{name}"{hint}')
    from multitool_lint.cli.output.rule_page import render

    colour = streams.colour(arguments.color)
    pages = ("\n".join(render(rule, streams.width(), colour=colour)) for rule in found)
    streams.out("\n\n\n".join(pages) + "\n")
    return 0


def _of_managed_policy(arguments: Namespace) -> list[str]:
    """What a managed policy of AWS is, and how many actions it allows; nothing of another name."""
    from multitool_lint.cli.files.managed_versions import named_policy
    from multitool_lint.cli.output.managed_policy import allowed_actions, described

    catalog = catalogs.newest()
    found = named_policy(arguments.rule, catalog)
    return [*described(found), "", *allowed_actions(found, catalog)] if found else []


def _named(name: str) -> list[Rule]:
    if name in rules():
        return [rules()[name]]
    code = name.upper().replace("-", "_")
    answers = [
        rule for rule in rules().values() if code in rule.access_analyzer or code in rule.parliament
    ]
    if code not in parliament_types():
        return answers
    from multitool_lint.engines.parliament.itself import finding_rules

    return [finding_rules()[code], *answers]
