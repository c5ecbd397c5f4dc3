"""Print the page of a rule: what it finds, why it matters, examples and references.

For a rule of the configuration of the current folder, print its definition; for a managed policy of
AWS, what it allows. With --error, explain an error of AWS that says that a principal is not
authorized: what AWS says, and which policy of FILES denies the request, or would have to allow it.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace

from multitool_lint.cli.options import catalog as catalogs
from multitool_lint.cli.output import streams
from multitool_lint.config import ConfigError
from multitool_lint.diagnostics.rule import Rule, current_id, parliament_types, rules
from multitool_lint.diagnostics.suggestion import suggestion


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "files",
        metavar="RULE",
        nargs="*",
        help="a rule id, an issue code of IAM Access Analyzer, a finding type of parliament, or a "
        "managed policy of AWS; with --error, files and folders",
    )
    parser.add_argument(
        "--error",
        metavar="FILE",
        help='a file with the error, - for standard input, or the text: "User: ... is not '
        'authorized to perform: ...", or what `aws sts decode-authorization-message` printed',
    )
    streams.add_format_argument(parser)
    catalogs.add_config_arguments(parser, "include the rules of this configuration")
    streams.add_colour_argument(parser)
    parser.epilog = (
        "exit codes: 0 explained; 1 FILES allow the request, it depends on something, or they do "
        "not have\nthe identity; 2 there is nothing to explain, or a file could not be read"
    )


def run(arguments: Namespace) -> int:
    """Print the pages, and return the exit code."""
    if arguments.error is not None:
        return _of_error(arguments)
    if len(arguments.files) != 1:
        more = f', not "{arguments.files[1]}"' if arguments.files else ""
        raise ConfigError(f"expected RULE{more}; see `multitool-lint help explain`")
    (rule,) = arguments.files
    name = current_id(rule)
    found = _named(name)
    if not found:
        # Built-in rules are explained in every folder, whatever the configuration there says.
        known = catalogs.config_of(arguments).known()
        found = [known[name]] if name in known else []
    if not found and (lines := _of_managed_policy(rule)):
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


def _of_error(arguments: Namespace) -> int:
    """Explain an error of AWS, and return the exit code."""
    from multitool_lint.ask.denials import denial_in, explanation
    from multitool_lint.cli.files.deployed import deployed_by
    from multitool_lint.cli.options.settings import Settings
    from multitool_lint.cli.output.answers import (
        denial_facts,
        denial_line,
        explanation_facts,
        explanation_lines,
    )

    denial = denial_in(_error_text(arguments.error))
    if denial is None:
        raise ConfigError('--error: expected "User: ... is not authorized to perform: ..."')
    as_json = arguments.format == "json"
    if not arguments.files:
        if as_json:
            streams.out_json({"version": 1, "error": denial_facts(denial)})
        else:
            streams.out(denial_line(denial))
        return 0
    catalog = catalogs.newest()
    deployed = deployed_by(arguments.files, Settings(arguments), catalog)
    found = explanation(denial, deployed, catalog)
    if as_json:
        unread = [place._asdict() for place in deployed.unread]
        streams.out_json({"version": 1, **explanation_facts(found), "unread": unread})
    else:
        streams.out("".join([denial_line(denial), *explanation_lines(found)]))
        streams.out("".join(f"depends: {place}: {why}\n" for place, why in deployed.unread))
    return 2 if deployed.unread else int(not found.is_denied)


def _error_text(named: str) -> str:
    """The text of an error: of a file, of standard input, or as it is given."""
    from multitool_lint.syntax import source as reading

    if named != "-" and not os.path.isfile(named):  # noqa: PTH113 - a text may be no path at all
        return named
    try:
        if named == "-":
            return reading.decode(sys.stdin.buffer.read(), "<stdin>").text
        return reading.read(named).text
    except (OSError, reading.UnreadableError) as error:
        raise ConfigError(f"{named}: {reading.reason(error)}") from error


def _of_managed_policy(rule: str) -> list[str]:
    """What a managed policy of AWS is, and how many actions it allows; nothing of another name."""
    from multitool_lint.cli.files.managed_versions import named_policy
    from multitool_lint.cli.output.managed_policy import allowed_actions, described

    catalog = catalogs.newest()
    found = named_policy(rule, catalog)
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
