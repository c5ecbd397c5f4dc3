"""How large a policy is, as AWS counts it."""

from __future__ import annotations

from multitool_lint.aws import policy_types
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.placeholders import as_written, has_expression, without_expressions
from multitool_lint.syntax.tree import UNKNOWN, LazyStringArray, Node, UniqueArray, strings_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.aws.policy_types import Quota

_BLANKS = b" \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"
"""The ASCII characters that `str.split` takes for whitespace."""


def quota_of(policy: Policy) -> Quota | None:
    """The quota of what the policy is attached to, where that is known."""
    known = policy_types.quotas()
    if policy.resource_type and policy.resource_type in known:
        return known[policy.resource_type]
    if policy.type is not PolicyType.RESOURCE:
        return known[policy.type.value]
    if policy.resource_type:
        return None
    return policy_types.quota_of_service(
        {prefix for statement in policy.statements for prefix in statement.services}
    )


def sizes(text: str, quota: Quota) -> tuple[int, int]:
    """The size of a text with and without whitespace, in the unit of a quota."""
    text = as_written(text)
    if text.isascii():
        return len(text), packed_length(text)
    written, packed = (
        len(counted.encode()) if quota.unit == "bytes" else len(counted)
        for counted in (text, "".join(text.split()))
    )
    return written, packed


def least_sizes(policy: Policy, quota: Quota) -> tuple[int, int, bool]:
    """The sizes of what AWS receives of a policy for certain, and whether that is all of it."""
    unknown = list(_unknown(policy.root))
    repeated = list(_repeated(policy.root))
    if unknown or repeated:
        text = _certain(policy, unknown, repeated)
    else:
        text = policy.source.text[slice(*policy.root.span)]
    return *sizes(text, quota), not unknown


def packed_length(text: str) -> int:
    """How many characters of a text are not whitespace."""
    if text.isascii():
        return len(text.encode().translate(None, _BLANKS))
    return len("".join(text.split()))


def _unknown(node: Node) -> Iterator[Node]:
    """The values that a template fills in, or fills in a part of."""
    if isinstance(node, LazyStringArray) and not any(map(has_expression, node.texts)):
        return  # as nearly all are: no nodes are made
    if node.value is UNKNOWN or (isinstance(node.value, str) and has_expression(node.value)):
        yield node
    for _, child in node.children():
        yield from _unknown(child)


def _repeated(node: Node) -> Iterator[Node]:
    """The texts that AWS does not receive, because they occur in the set before."""
    if isinstance(node, LazyStringArray):
        return  # a list of JSON
    if isinstance(node.value, UniqueArray):
        seen: set[str] = set()
        for item, text in strings_of(node.value):
            if text in seen:
                yield item
            seen.add(text)
        return
    for _, child in node.children():
        yield from _repeated(child)


def _certain(policy: Policy, unknown: list[Node], repeated: list[Node]) -> str:
    """The text without repeated values and those that a template fills in, which may be empty."""
    text, start = policy.source.text, policy.root.span.start
    parts = []
    known = {node.span: without_expressions(text) for node, text in strings_of(unknown)}
    gone = {node.span for node in repeated}
    for span in sorted({*gone, *(node.span for node in unknown)}):
        parts.append(text[start : span.start - (span in gone)])  # with the comma
        if span in known and span not in gone:
            parts.append(f'"{known[span]}"')
        start = span.end
    return "".join([*parts, text[start : policy.root.span.end]])
