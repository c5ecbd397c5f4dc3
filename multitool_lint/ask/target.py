"""Where files are deployed: what follows from it for the policies in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.arn import FIELDS, fields, is_account_id, split
from multitool_lint.syntax.placeholders import ArnPart, filled_in, has_expression
from multitool_lint.syntax.tree import Node, UnknownNode, Value, partly_known_text

if TYPE_CHECKING:
    from multitool_lint.policy.policy_set import PolicySet

ANY_ACCOUNT = "000000000000"
"""The account in which files are deployed that name none: it is that of none of their texts."""

_PARTITION, _REGION, _ACCOUNT = 1, 3, 4
_OWN = (
    (_PARTITION, r"AWS::Partition|data\.aws_partition\.[\w-]+\.partition"),
    (_REGION, r"AWS::Region|data\.aws_region\.[\w-]+\.(?:name|id|region)|aws:region"),
    (_ACCOUNT, r"AWS::AccountId|data\.aws_caller_identity\.[\w-]+\.account_id|aws:accountId"),
)
_PSEUDO_PARAMETER = re.compile(r"\$\{(AWS::\w+)\}")
_ACCOUNT_ID = re.compile(r"(?<!\d)\d{12}(?!\d)")


class DeploymentTarget(NamedTuple):
    """Where files are deployed; what is "" is not known.

    `names` are those of the resources of a template, by their logical ids.
    """

    partition: str = "aws"
    region: str = ""
    account: str = ""
    names: Mapping[str, str] = {}

    @property
    def key(self) -> tuple[str, ...]:
        """What two targets have in common that are the same place."""
        return self.partition, self.region, self.account

    def filled(self, found: PolicySet) -> PolicySet:
        """Policies with what they come to there."""
        members = []
        for member in found.policies:
            policy = member.policy
            root = policy.root.moved(lambda span: span, self._value)
            members.append(member._replace(policy=policy.with_root(root)))
        return found._replace(policies=tuple(members))

    def _value(self, node: Node) -> Value:
        text = partly_known_text(node)
        if "${" not in text:
            return node.value
        parts = split(text)
        if len(parts) < FIELDS or parts[0] != "arn":
            parts, known = [], self._part(text, FIELDS)
        else:
            known = ":".join(self._part(part, at) for at, part in enumerate(parts))
        is_open = isinstance(node, UnknownNode) and has_expression(known)
        return node.value if is_open else known

    def _part(self, text: str, field: int) -> str:
        text = _PSEUDO_PARAMETER.sub(lambda match: self._own(match[1]) or match[0], text)
        return filled_in(text, lambda part, expression: self._known(part, expression, field))

    def _known(self, part: ArnPart, expression: str, field: int) -> str | None:
        if part is ArnPart.PARTITION:
            return self.partition or None
        if part is ArnPart.FIELD:
            return {_REGION: self.region, _ACCOUNT: self.account}.get(field) or None
        if part in (ArnPart.NAME, ArnPart.ANY):
            return self.names.get(expression.partition(".")[0])
        return self._own(expression)

    def _own(self, expression: str) -> str | None:
        """The partition, the Region or the account, if an expression means one of them."""
        known = {_PARTITION: self.partition, _REGION: self.region, _ACCOUNT: self.account}
        for field, form in _OWN:
            if re.fullmatch(form, expression):
                return known[field] or None
        return None


def target_of(resource: str, account: str, names: Mapping[str, str]) -> DeploymentTarget:
    """Where files are deployed that have a resource of an ARN, in an account if it is known."""
    arn = fields(resource)
    if arn is None or "*" in resource.rpartition(":")[0]:
        return DeploymentTarget("aws", "", account, names)
    found = account or (arn.account if is_account_id(arn.account) else "")
    return DeploymentTarget(arn.partition, arn.region, found, names)


def mentions_account(found: PolicySet) -> bool:
    """Whether policies name an account in a principal or a condition."""
    return any(
        _ACCOUNT_ID.search(text)
        for member in found.policies
        for statement in member.policy.statements
        for element in ("Principal", "NotPrincipal", "Condition")
        if (node := statement.node.get(element))
        for text in _texts(node)
    )


def _texts(node: Node) -> Iterator[str]:
    if isinstance(node.value, str):
        yield node.value
    for _, child in node.children():
        yield from _texts(child)
