"""List the identities of files that may do an action, by which statements, and through which roles.

FILES are templates, modules of Terraform, services of the Serverless Framework, policies, or what
`aws iam get-account-authorization-details` printed, or folders with such files; default: the
current folder. An identity that may assume a role, by its own policies and the trust policy of the
role, may do what the role may. RESOURCE is an ARN, perhaps with wildcards: all that it matches; by
default, any resource. Nothing is known of condition keys that are not given, unless with
--complete-context.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace

from multitool_lint.cli.options.question import (
    add_question_arguments,
    question_of,
    resource_and_files,
)
from multitool_lint.cli.options.settings import Settings, add_config_arguments
from multitool_lint.cli.output import streams
from multitool_lint.config import ConfigError


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    help_ = "an action such as s3:GetObject, the ARN of a resource, and files or folders"
    parser.add_argument("files", metavar="ACTION [RESOURCE] [FILES]", nargs="*", help=help_)
    add_question_arguments(parser)
    streams.add_format_argument(parser)
    add_config_arguments(parser)
    parser.epilog = (
        "exit codes: 0 an identity may, or that depends; 1 none may; 2 the question is not valid, "
        "a file could\nnot be read, or none may and FILES call modules that are not among them"
    )


def run(arguments: Namespace) -> int:
    """Print the identities, and return the exit code."""
    from multitool_lint.ask.who_can import who_can
    from multitool_lint.aws.catalog.catalog import bundled
    from multitool_lint.cli.files.deployed import deployed_by
    from multitool_lint.cli.output.answers import access_facts, access_lines, summary

    if not arguments.files:
        raise ConfigError("expected an action, perhaps a resource, and files")
    action, *rest = arguments.files
    resource, files = resource_and_files(rest)
    settings = Settings(arguments)
    catalog = settings.of(os.curdir).catalog or bundled()
    question = question_of(action, resource, arguments, settings, catalog)
    deployed = deployed_by(files or [os.curdir], settings, catalog)
    found = [access_facts(access) for access in who_can(question, deployed)]
    if arguments.format == "json":
        unread = [place._asdict() for place in deployed.unread]
        asked = {"action": action, "resource": resource, "identities": found}
        missing = [place._asdict() for place in deployed.missing]
        streams.out_json({"version": 1, **asked, "unread": unread, "missing": missing})
    else:
        streams.out("".join(line for facts in found for line in access_lines(facts)))
        streams.out("".join(f"depends: {place}: {why}\n" for place, why in deployed.unread))
    for line in summary(len(found), deployed):
        streams.err(line)
    is_open = deployed.unread or (deployed.missing and not found)
    return 2 if is_open else int(not found)
