"""The parts of a question about a request."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from multitool_lint.config import ConfigError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from multitool_lint.ask.can import Question
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.compare.request import Values


def add_question_arguments(parser: ArgumentParser) -> None:
    """Add the options that say what is known of a request."""
    help_ = "a value of a condition key; may be given several times, also for one key"
    parser.add_argument("--context", metavar="KEY=VALUE", action="append", default=[], help=help_)
    help_ = "condition keys that are not given are absent from the request"
    parser.add_argument("--complete-context", action="store_true", help=help_)
    help_ = "the account of the resource; default: that of the ARN, or that of the identity"
    parser.add_argument("--resource-account", metavar="ACCOUNT", help=help_)


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


def question_of(action: str, resource: str, arguments: Namespace, catalog: Catalog) -> Question:
    """What is asked about an action.

    Raises:
        ConfigError: it is not a question.
    """
    from multitool_lint.ask.can import Question

    check_action(action, catalog)
    account = arguments.resource_account
    check_account(account, "--resource-account")
    context = context_of(arguments)
    return Question(action, resource, context, catalog, arguments.complete_context, account)
