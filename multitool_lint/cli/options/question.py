"""The parts of a question about a request."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

from multitool_lint.config import ConfigError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from multitool_lint.ask.can import Question
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.cli.options.settings import Settings
    from multitool_lint.policy.compare.request import Values
    from multitool_lint.policy.evaluation.decision import Levels


def add_question_arguments(parser: ArgumentParser) -> None:
    """Add the options that say what is known of a request."""
    help_ = "a value of a condition key; may be given several times, also for one key"
    parser.add_argument("--context", metavar="KEY=VALUE", action="append", default=[], help=help_)
    help_ = "condition keys that are not given are absent from the request"
    parser.add_argument("--complete-context", action="store_true", help=help_)
    help_ = "the account of the resource; default: that of the ARN, or that of the identity"
    parser.add_argument("--resource-account", metavar="ACCOUNT", help=help_)
    help_ = (
        "the service control policies of a level of the organization, from the root to the account "
        "of the identity; once for each level. FullAWSAccess is that of AWS. The management "
        "account has none"
    )
    parser.add_argument("--scp", metavar="FILE[,FILE]", action="append", default=[], help=help_)
    help_ = "the same of resource control policies and the account of the resource"
    parser.add_argument("--rcp", metavar="FILE[,FILE]", action="append", default=[], help=help_)


def resource_and_files(words: Sequence[str]) -> tuple[str, list[str]]:
    """The resource that the words after an action begin with, `*` for any, and the files.

    Raises:
        ConfigError: the first word is neither a resource nor a file.
    """
    first = words[0] if words else "*"
    if first == "*" or first.startswith("arn:"):
        return first, [*words[1:]]
    if not os.path.lexists(first):
        raise ConfigError(f'"{first}" is not the ARN of a resource, "*" or a file')
    return "*", [*words]


def context_of(arguments: Namespace) -> dict[str, Values]:
    """The condition keys that are given.

    Raises:
        ConfigError: a text does not name one.
    """
    context: dict[str, tuple[str, ...]] = {}
    for text in arguments.context:
        key, equals, value = text.partition("=")
        if not (equals and key):
            raise ConfigError(f'--context: expected KEY=VALUE, not "{text}"')
        context[key.lower()] = (*context.get(key.lower(), ()), value)
    return {**context}


def check_action(action: str, catalog: Catalog) -> None:
    """See that an action is in the catalog.

    Raises:
        ConfigError: it is not.
    """
    if catalog.action(action) is None:
        close = " or ".join(catalog.close_actions(action))
        hint = f"; did you mean {close}?" if close else ""
        raise ConfigError(f'"{action}" is not an action in the catalog of {catalog.date}{hint}')


def check_account(account: str | None, name: str) -> None:
    """See that the account of the resource, given as an argument of a name, can be one.

    Raises:
        ConfigError: it cannot.
    """
    from multitool_lint.aws.arn import is_account_id

    if account is not None and not is_account_id(account):
        raise ConfigError(f'{name}: "{account}" is not an account of 12 digits')


def control_policies_of(arguments: Namespace, settings: Settings) -> tuple[Levels, Levels]:
    """The service and the resource control policies that are given, by level.

    Raises:
        ConfigError: they are not such policies.
    """
    if not (arguments.scp or arguments.rcp):
        return (), ()
    from multitool_lint.cli.files.one_policy import control_policies, one_policy
    from multitool_lint.cli.files.version import version
    from multitool_lint.cli.files.versions import Versions
    from multitool_lint.policy.policy_type import PolicyType

    def levels(given: Sequence[str], type_: PolicyType) -> Levels:
        names = [[text] if os.path.lexists(text) else text.split(",") for text in given]
        return control_policies(
            names, type_, lambda name: one_policy(version(name), type_, versions, settings)
        )

    with closing(Versions()) as versions:
        return levels(arguments.scp, PolicyType.SCP), levels(arguments.rcp, PolicyType.RCP)


def question_of(
    action: str, resource: str, arguments: Namespace, settings: Settings, catalog: Catalog
) -> Question:
    """What is asked about an action.

    Raises:
        ConfigError: it is not a question.
    """
    from multitool_lint.ask.can import Question

    check_action(action, catalog)
    account = arguments.resource_account
    check_account(account, "--resource-account")
    context = context_of(arguments)
    controls = control_policies_of(arguments, settings)
    complete = arguments.complete_context
    return Question(action, resource, context, catalog, complete, account, *controls)
