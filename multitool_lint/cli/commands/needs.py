"""List the actions that applying a plan, a template or a change set takes, with their resources.

PLAN is a plan of Terraform in JSON (terraform show -json), a template of CloudFormation or SAM,
what aws cloudformation describe-change-set prints, or - for standard input. A resource is as
specific as the file says: what is not known before the deployment is a wildcard. What the tool that
applies it takes for itself, such as a backend for its state, is not included.

With --can, IDENTITY is a role, user, group or permission set of FILES, as for the command `can`, or
a policy; FILES are those in the current folder by default.
"""

from __future__ import annotations

import os
import sys
from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING

from multitool_lint.cli.options import catalog as catalogs
from multitool_lint.cli.output import streams
from multitool_lint.cli.output.needs import needs_facts, needs_lines, remarks, wrapped
from multitool_lint.config import ConfigError
from multitool_lint.syntax.source import position_of

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterator, Sequence

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.needed.needs import Needs, ResourceNeeds
    from multitool_lint.policy.changes import NotCompared
    from multitool_lint.policy.evaluation.decision import RequestDecision

OPERATIONS = ("create", "update", "delete")


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    help_ = "a plan, a template or a change set, and the files that define the identity"
    parser.add_argument("files", metavar="PLAN [FILES]", nargs="*", help=help_)
    parser.add_argument(
        "--operation",
        metavar="NAMES",
        help="what a template is applied for, separated by commas: create (default), update, "
        "delete; plans and change sets say it themselves",
    )
    help_ = "only list what this identity of FILES, or this policy, is not allowed"
    parser.add_argument("--can", metavar="IDENTITY", help=help_)
    parser.add_argument(
        "--format",
        choices=["text", "json", "policy"],
        default="text",
        help="policy is one that allows what is needed (default: text)",
    )
    catalogs.add_catalog_argument(parser)
    catalogs.add_config_arguments(parser)
    parser.epilog = (
        "exit codes: 0 listed; with --can, all is known and allowed. 1 with --can, something is\n"
        "not known or not allowed, or it depends. 2 the file could not be read, or nothing is known"
    )


def run(arguments: Namespace) -> int:
    """Print what is needed, and return the exit code."""
    if not arguments.files:
        raise ConfigError("expected a plan, a template or a change set")
    if len(arguments.files) > 1 and not arguments.can:
        raise ConfigError("expected one file; others are for --can")
    if arguments.can and arguments.format == "policy":
        raise ConfigError("--format policy and --can cannot be combined")
    catalog = catalogs.of_folder(arguments)
    needs = _needs(arguments.files[0], arguments.operation, catalog)
    if arguments.can:
        return _print_lacking(arguments, needs, catalog)
    if arguments.format == "policy":
        streams.out_json(needs.policy())
    elif arguments.format == "json":
        streams.out_json(needs_facts(needs))
    else:
        streams.out("".join(needs_lines(needs)))
    _print_remarks(needs)
    return 2 if needs.resources and len(needs.unknown) == len(needs.resources) else 0


def _needs(path: str, operation: str | None, catalog: Catalog) -> Needs:
    """What applying a file takes.

    Raises:
        ConfigError: it cannot be read, or an operation is not known.
    """
    from multitool_lint.needed.needs import NotDeployedError, needs_of
    from multitool_lint.syntax import source as reading
    from multitool_lint.syntax.json.errors import MistakeError

    phases = tuple((operation or "create").split(","))
    if unknown := set(phases) - set(OPERATIONS):
        raise ConfigError(f'--operation: "{unknown.pop()}" is not one of {", ".join(OPERATIONS)}')
    try:
        if path == "-":
            source = reading.decode(reading.read_stream(sys.stdin.buffer), "<stdin>")
        else:
            source = reading.read(path)
        return needs_of(source, catalog, phases)
    except (OSError, reading.UnreadableError) as error:
        raise ConfigError(f"{path}: {reading.reason(error)}") from error
    except NotDeployedError as error:
        raise ConfigError(str(error)) from error
    except MistakeError as mistake:
        line, column = source.position(mistake.span.start)
        raise ConfigError(f"{path}:{line}:{column}: {mistake.message}") from mistake


def _print_remarks(needs: Needs) -> None:
    for line in remarks(needs):
        streams.err(line)


def _print_lacking(arguments: Namespace, needs: Needs, catalog: Catalog) -> int:
    """Print what an identity is not allowed, or may not be, and return the exit code."""
    from multitool_lint.reporters.evaluation import why

    decide, unread = _decisions(arguments, catalog)
    found = [*_lacking(needs, decide)]
    if arguments.format == "json":
        missing = [
            {
                "address": resource.address,
                "type": resource.kind,
                "place": position_of(needs.source, resource.span),
                "action": action,
                "resource": arn,
                "decision": decided.decision.value,
                "why": why(decided),
            }
            for resource, action, arn, decided in found
        ]
        places = [at._asdict() for at in unread]
        streams.out_json({**needs_facts(needs), "lacking": missing, "unread_policies": places})
    else:
        groups: dict[tuple[ResourceNeeds, str, str], list[str]] = {}
        for resource, action, arn, decided in found:
            groups.setdefault((resource, decided.decision.value, arn), []).append(action)
        for (resource, decision, arn), actions in groups.items():
            start = position_of(needs.source, resource.span)
            streams.out(f"{start}: {resource.address}: {decision} on {arn}\n")
            streams.out(wrapped(actions, "  "))
        streams.out("".join(f"depends: {at}: {reason}\n" for at, reason in unread))
    _print_remarks(needs)
    return int(bool(found) or bool(unread) or not needs.is_complete)


def _lacking(
    needs: Needs, decide: Callable[[str, str], RequestDecision]
) -> Iterator[tuple[ResourceNeeds, str, str, RequestDecision]]:
    """What is not allowed of what is needed, or not certainly: resource, action and ARN."""
    from multitool_lint.policy.evaluation.decision import Decision

    known = cache(decide)
    for resource in needs.resources:
        for need in resource.needed:
            for arn in need.resources:
                decided = known(need.action, arn)
                if decided.decision is not Decision.ALLOWED:
                    yield resource, need.action, arn, decided


def _decisions(
    arguments: Namespace, catalog: Catalog
) -> tuple[Callable[[str, str], RequestDecision], Sequence[NotCompared]]:
    """What AWS decides about an action on a resource, and what decides about it and is not read."""
    from multitool_lint.cli.commands.can import is_policy
    from multitool_lint.cli.files.deployed import identity_named

    subject, files = arguments.can, arguments.files[1:]
    if not files and is_policy(subject):
        return _by_policy(arguments, catalog), ()
    from multitool_lint.ask.can import Question, answer
    from multitool_lint.ask.target import ANY_ACCOUNT
    from multitool_lint.aws.arn import fields
    from multitool_lint.cli.files.deployed import deployed_by
    from multitool_lint.cli.options.settings import Settings

    deployed = deployed_by(files or [os.curdir], Settings(arguments), catalog)
    identity = identity_named(subject, deployed)
    own = fields(identity.arn) if identity.arn else None
    account = own.account if own else ANY_ACCOUNT

    def decide(action: str, arn: str) -> RequestDecision:
        # What is deployed is in the account of who deploys it.
        parts = arn.split(":", 5)
        in_account = ":".join([*parts[:4], account, *parts[5:]]) if parts[4:5] == ["*"] else arn
        return answer(identity, Question(action, in_account, {}, catalog), deployed).decision

    return decide, deployed.unread


def _by_policy(arguments: Namespace, catalog: Catalog) -> Callable[[str, str], RequestDecision]:
    """What a policy decides about an action on a resource.

    Raises:
        ConfigError: it cannot be read, or there is not exactly one.
    """
    from multitool_lint.cli.files.version import UnreadableVersionError, version
    from multitool_lint.cli.files.versions import Versions
    from multitool_lint.cli.options.settings import Settings
    from multitool_lint.policy.evaluation.asked_request import asked_request
    from multitool_lint.policy.evaluation.decision import decide_alone

    which = version(arguments.can)
    settings = Settings(arguments).of(which.path)
    with closing(Versions()) as versions:
        try:
            policy = versions.policies(which, settings)
        except UnreadableVersionError as error:
            raise ConfigError(str(error)) from error
    if len(policy.policies) != 1:
        raise ConfigError(
            f"{arguments.can}: {len(policy.policies)} policies; expected one, or an identity and "
            "the file that defines it"
        )

    def decide(action: str, arn: str) -> RequestDecision:
        asked = asked_request(action, arn, None, {}, None, catalog, complete=False)
        return decide_alone(asked, policy)

    return decide
