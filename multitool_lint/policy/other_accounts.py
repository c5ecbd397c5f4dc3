"""The accounts that a resource policy names as principals, other than that of the resource."""

from __future__ import annotations

import re
from collections.abc import Iterator

from multitool_lint.aws import arn
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.syntax.placeholders import as_written
from multitool_lint.syntax.tree import as_list, partly_known_text

_OWN = lazy_pattern(
    r"\$\{(?:AWS::AccountId|data\.aws_caller_identity\..*"
    r"|(?:var\.|local\.|)(?:aws_?|own_?|this_?|current_?|self_?)?account(?:_?id|_?number)?)\}",
    re.IGNORECASE,
)
"""An account that is filled in with that of the resource, or may well be."""


def is_account(text: str) -> bool:
    """Whether a text with placeholders is the ID of an account, or that of the own one."""
    return arn.is_account_id(text) or _OWN.fullmatch(as_written(text)) is not None


def other_accounts(policy: Policy, statement: Statement) -> list[str]:
    """The accounts that a statement names as a whole, as they are written.

    Where nothing shows which account is that of the resource, the first that the policy names is.
    A policy of a bucket need not name its own account, unlike that of a key: one that is filled in
    by a name of its own, such as `shared_account_id`, is another one.
    """
    own = _accounts_of_resources(policy)
    named = dict.fromkeys(text for other in policy.statements for text in _accounts(other))
    own.update(filter(_OWN.fullmatch, named))
    if not own:
        own = {text for text in list(named)[:1] if not (_is_of_bucket(policy) and "${" in text)}
    return [text for text in _accounts(statement) if text not in own]


def _is_of_bucket(policy: Policy) -> bool:
    names = [name for statement in policy.statements for name in statement.lower_action_names]
    return bool(names) and all(name.startswith("s3:") for name in names)


def _accounts_of_resources(policy: Policy) -> set[str]:
    names = (name for statement in policy.statements for name in statement.resource_names)
    fields = filter(None, map(arn.fields, names))
    return {field.account for field in fields if arn.is_account_id(field.account)}


def _accounts(statement: Statement) -> Iterator[str]:
    principal = statement.principal
    if principal is None or principal.key != "Principal":
        return
    for node in as_list(principal.value.get("AWS")):
        text = as_written(partly_known_text(node))
        if arn.is_account_id(text):
            yield text
        elif text.startswith("arn:") and text.endswith(":root"):
            yield arn.split(text)[arn.SERVICE + 2]
