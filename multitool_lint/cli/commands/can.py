"""Say whether an identity, or a policy, allows an action: yes, no, or on what that depends.

IDENTITY is a role, user, group or permission set of FILES, by its name, logical id, Terraform
address or ARN: of templates, modules of Terraform, services of the Serverless Framework, or what
`aws iam get-account-authorization-details` printed; default: those in the current folder. All of
its policies count that are known, its boundary, and the policy of the resource if FILES have it.

It may also be a policy: a file, - for standard input, REV:PATH, or a managed policy of AWS. A
policy that is not identity-based, such as a bucket policy, a permissions boundary or a control
policy, is asked whether it lets the request through.

RESOURCE is an ARN, perhaps with wildcards: all that it matches; by default, any resource. Nothing
is known of condition keys that are not given, unless with --complete-context.
"""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from multitool_lint.cli.options.question import (
    add_question_arguments,
    check_action,
    context_of,
    control_policies_of,
    question_of,
    resource_and_files,
)
from multitool_lint.cli.options.settings import Settings, add_config_arguments
from multitool_lint.cli.output import streams
from multitool_lint.config import ConfigError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.evaluation.asked_request import AskedRequest
    from multitool_lint.policy.evaluation.decision import Levels
    from multitool_lint.policy.policy_set import PolicySet

    Answer = dict[str, Any]

_FEWEST_WORDS = 2


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    help_ = (
        "an identity of FILES or a policy, an action such as s3:GetObject, the ARN of a resource, "
        "and files or folders"
    )
    parser.add_argument(
        "files", metavar="IDENTITY ACTION [RESOURCE] [FILES]", nargs="*", help=help_
    )
    add_question_arguments(parser)
    help_ = (
        "of a policy, the ARN of who makes the request, an account for its root user, a service "
        "principal, or * for an anonymous caller; default: any user or role"
    )
    parser.add_argument("--principal", metavar="ARN", help=help_)
    streams.add_format_argument(parser)
    add_config_arguments(parser)
    parser.epilog = (
        "exit codes: 0 yes, 1 no or that depends, also by what could not be read; 2 the question "
        "is not\nvalid, or there is no such identity or policy"
    )


def run(arguments: Namespace) -> int:
    """Print the answer, and return the exit code."""
    if len(arguments.files) < _FEWEST_WORDS:
        raise ConfigError("expected an identity or a policy, an action and perhaps a resource")
    subject, action, *rest = arguments.files
    resource, files = resource_and_files(rest)
    if not files and is_policy(subject):
        return _of_policy(subject, action, resource, arguments)
    if arguments.principal:
        raise ConfigError(f'--principal: the identity "{subject}" makes the request')
    return _of_identity(subject, action, resource, files or [os.curdir], arguments)


def is_policy(subject: str) -> bool:
    """Whether a word means a policy, and not the name of an identity."""
    from multitool_lint.cli.files.version import version
    from multitool_lint.formats.endings import ENDINGS

    if subject.startswith("arn:") and ":policy/" not in subject:
        return False
    is_named = subject == "-" or Path(subject).is_file() or subject.lower().endswith(ENDINGS)
    return is_named or version(subject).revision is not None


def _of_identity(
    name: str, action: str, resource: str, files: list[str], arguments: Namespace
) -> int:
    from multitool_lint.ask.can import answer
    from multitool_lint.aws.catalog.catalog import bundled
    from multitool_lint.cli.files.deployed import deployed_by, identity_named
    from multitool_lint.cli.output.answers import answer_facts, answer_lines

    settings = Settings(arguments)
    catalog = settings.of(os.curdir).catalog or bundled()
    question = question_of(action, resource, arguments, settings, catalog)
    deployed = deployed_by(files, settings, catalog)
    identity = identity_named(name, deployed)
    facts = answer_facts(answer(identity, question, deployed))
    if arguments.format == "json":
        unread = [place._asdict() for place in deployed.unread]
        asked = {"action": action, "resource": resource}
        streams.out_json({"version": 1, **asked, **facts, "unread": unread})
    else:
        streams.out("".join(answer_lines(facts, resource)))
        streams.out("".join(f"depends: {place}: {why}\n" for place, why in deployed.unread))
    return int(bool(deployed.unread) or facts["answer"] != "yes")


def _of_policy(subject: str, action: str, resource: str, arguments: Namespace) -> int:
    """Print what each policy of a file answers, and return the exit code."""
    from multitool_lint.aws.catalog.catalog import bundled
    from multitool_lint.cli.files.version import UnreadableVersionError, version
    from multitool_lint.cli.files.versions import Versions

    which = version(subject)
    all_settings = Settings(arguments)
    settings = all_settings.of(which.path)
    controls = control_policies_of(arguments, all_settings)
    asked = _asked(action, resource, arguments, settings.catalog or bundled())
    with closing(Versions()) as versions:
        try:
            found = versions.policies(which, settings)
        except UnreadableVersionError as error:
            raise ConfigError(str(error)) from error
    answers: list[Answer] = []
    for answer in _answers(found, asked, *controls):
        answers += [] if answer in answers else [answer]  # as in several cases of a template
    unread = found.unknown if len(answers) != 1 else ()
    if arguments.format == "json":
        places = [place._asdict() for place in unread]
        facts = {"action": action, "resource": asked.resource}
        streams.out_json({"version": 1, **facts, "policies": answers, "unread": places})
    else:
        for answer in answers:
            streams.out("".join(_lines(answer, several=len(answers) > 1)))
        streams.out("".join(f"depends: {place}: {why}\n" for place, why in unread))
    if len({answer["name"] for answer in answers}) > 1:
        streams.err("note: each policy answers by itself: they may have different owners\n")
    return int(bool(unread) or any(answer["answer"] != "yes" for answer in answers))


def _asked(action: str, resource: str, arguments: Namespace, catalog: Catalog) -> AskedRequest:
    """The request that the arguments ask about.

    Raises:
        ConfigError: they do not ask about one.
    """
    from multitool_lint.policy.evaluation.asked_request import asked_request
    from multitool_lint.policy.evaluation.callers import caller

    check_action(action, catalog)
    context = context_of(arguments)
    try:
        by = caller(arguments.principal) if arguments.principal else None
    except ValueError as error:
        raise ConfigError(f"--principal: {error}") from error
    account = arguments.resource_account or (by and by.account)
    complete = arguments.complete_context
    return asked_request(action, resource, by, context, account, catalog, complete=complete)


def _answers(found: PolicySet, asked: AskedRequest, scps: Levels, rcps: Levels) -> Iterator[Answer]:
    """What each policy of a file says by itself, within control policies."""
    from multitool_lint.cli.output.answers import decision_facts
    from multitool_lint.policy.evaluation.decision import decide_alone

    for member in found.policies:
        unknown = found.unknown if len(found.policies) == 1 else ()
        own = (member._replace(cases=()),)
        alone = found._replace(policies=own, unknown=unknown)
        decided = decide_alone(asked, alone, scps, rcps)
        name, type_ = member.policy.name, member.policy.type.value
        yield {"name": name, "type": type_, **decision_facts(decided)}


def _lines(answer: Answer, *, several: bool) -> Iterator[str]:
    from multitool_lint.cli.output.answers import statement_lines

    name = f"{answer['name'] or 'policy'}: " if several else ""
    yield f"{name}{answer['answer']}: {answer['why']}\n"
    yield from statement_lines(answer)
