"""Say whether a policy allows an action on a resource: yes, no, or on what that depends.

POLICY is a file, - for standard input, REV:PATH, or a managed policy of AWS. A policy that is not
identity-based, such as a bucket policy, a permissions boundary or a control policy, is asked
whether it lets the request through. RESOURCE is an ARN, perhaps with wildcards: all that it
matches; by default, any resource. Nothing is known of condition keys that are not given, unless
with --complete-context.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from multitool_lint.cli.options.settings import Settings, add_config_arguments
from multitool_lint.cli.output import streams
from multitool_lint.config import ConfigError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.evaluation.asked_request import AskedRequest
    from multitool_lint.policy.policy_set import PolicySet

    Answer = dict[str, Any]

_ANSWERS = {"allowed": "yes", "unknown": "depends"}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    help_ = "a policy, an action such as s3:GetObject, and the ARN of a resource"
    parser.add_argument("files", metavar="POLICY ACTION [RESOURCE]", nargs="*", help=help_)
    help_ = "a value of a condition key; may be given several times, also for one key"
    parser.add_argument("--context", metavar="KEY=VALUE", action="append", default=[], help=help_)
    help_ = "condition keys that are not given are absent from the request"
    parser.add_argument("--complete-context", action="store_true", help=help_)
    help_ = (
        "the ARN of who makes the request, an account for its root user, a service principal, or * "
        "for an anonymous caller; default: any user or role"
    )
    parser.add_argument("--principal", metavar="ARN", help=help_)
    streams.add_format_argument(parser)
    add_config_arguments(parser)
    parser.epilog = (
        "exit codes: 0 yes, 1 no or that depends, by one policy of the file; 2 the question is not "
        "valid,\nor the policy could not be read"
    )


def run(arguments: Namespace) -> int:
    """Print the answer, and return the exit code."""
    from multitool_lint.aws.catalog.catalog import bundled
    from multitool_lint.cli.files.version import UnreadableVersionError, version
    from multitool_lint.cli.files.versions import Versions

    if len(arguments.files) not in (2, 3):
        raise ConfigError("expected a policy, an action and perhaps a resource")
    which = version(arguments.files[0])
    settings = Settings(arguments).of(which.path)
    asked = _asked(arguments, settings.catalog or bundled())
    with closing(Versions()) as versions:
        try:
            found = versions.policies(which, settings)
        except UnreadableVersionError as error:
            raise ConfigError(str(error)) from error
    answers: list[Answer] = []
    for answer in _answers(found, asked):
        answers += [] if answer in answers else [answer]  # as in several cases of a template
    unread = found.unknown if len(answers) != 1 else ()
    if arguments.format == "json":
        places = [place._asdict() for place in unread]
        facts = {"action": arguments.files[1], "resource": asked.resource}
        streams.out_json({"version": 1, **facts, "policies": answers, "unread": places})
    else:
        for answer in answers:
            streams.out("".join(_lines(answer, several=len(answers) > 1)))
        streams.out("".join(f"depends: {place}: {why}\n" for place, why in unread))
    if len({answer["name"] for answer in answers}) > 1:
        streams.err("note: each policy answers by itself: they may have different owners\n")
    return int(bool(unread) or any(answer["answer"] != "yes" for answer in answers))


def _asked(arguments: Namespace, catalog: Catalog) -> AskedRequest:
    """The request that the arguments ask about.

    Raises:
        ConfigError: they do not ask about one.
    """
    from multitool_lint.policy.evaluation.asked_request import ANY, asked_request
    from multitool_lint.policy.evaluation.callers import caller

    _, action, resource = (*arguments.files, ANY)[:3]
    if catalog.action(action) is None:
        close = " or ".join(catalog.close_actions(action))
        hint = f"; did you mean {close}?" if close else ""
        raise ConfigError(f'"{action}" is not an action in the catalog of {catalog.date}{hint}')
    context: dict[str, tuple[str, ...]] = {}
    for text in arguments.context:
        key, equals, value = text.partition("=")
        if not (equals and key):
            raise ConfigError(f'--context: expected KEY=VALUE, not "{text}"')
        context[key.lower()] = (*context.get(key.lower(), ()), value)
    try:
        by = caller(arguments.principal) if arguments.principal else None
    except ValueError as error:
        raise ConfigError(f"--principal: {error}") from error
    account, complete = by and by.account, arguments.complete_context
    return asked_request(action, resource, by, context, account, catalog, complete=complete)


def _answers(found: PolicySet, asked: AskedRequest) -> Iterator[Answer]:
    """What each policy of a file says by itself."""
    from multitool_lint.policy.evaluation.decision import decide_alone
    from multitool_lint.reporters.evaluation import missing_in_words, why

    for member in found.policies:
        unknown = found.unknown if len(found.policies) == 1 else ()
        own = (member._replace(cases=()),)
        decided = decide_alone(asked, found._replace(policies=own, unknown=unknown))
        yield {
            "name": member.policy.name,
            "type": member.policy.type.value,
            "answer": _ANSWERS.get(decided.decision.value, "no"),
            "decision": decided.decision.value,
            "why": why(decided),
            "missing": missing_in_words(decided.missing),
            "statements": [
                {"place": statement.place, "effect": statement.effect, "sid": statement.sid}
                for statement in decided.statements
            ],
        }


def _lines(answer: Answer, *, several: bool) -> Iterator[str]:
    name = f"{answer['name'] or 'policy'}: " if several else ""
    yield f"{name}{answer['answer']}: {answer['why']}\n"
    for statement in answer["statements"]:
        sid = f' "{statement["sid"]}"' if statement["sid"] else ""
        yield f"  {statement['place']}: {statement['effect'] or 'not read'}{sid}\n"
