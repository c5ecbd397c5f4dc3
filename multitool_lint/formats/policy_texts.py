"""Policies that are written as JSON in a text, and why a text is not one."""

from __future__ import annotations

from multitool_lint.formats.dialects import of_another_language
from multitool_lint.formats.quick_tests import VERSIONS, may_be_policy
from multitool_lint.formats.recognize import (
    are_statements,
    is_bare_statement,
    is_policy,
    seems_to_have_policy,
    why_no_policy,
    why_not,
)
from multitool_lint.formats.result import Problem, Skipped, not_policy, not_read
from multitool_lint.reasons import Reason, Why
from multitool_lint.syntax import placeholders
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.json.errors import MistakeError, reject
from multitool_lint.syntax.source import BYTE_ORDER_MARK, Span
from multitool_lint.syntax.tree import Member, Node, Object, as_list


def parse(text: str, *, attached: bool = False) -> Node | Problem | Skipped:
    """The root of the policy that a JSON text is, or why it is not one.

    If it is `attached` to something, a statement alone is a policy without a `Statement`.
    """
    whole = Span(0, len(text))
    reason = None if may_be_policy(text) else _other_json(text)
    if reason and not (attached and reason is Reason.BARE_STATEMENT):
        return not_policy(whole, reason)
    try:
        root = fast.read(text)
    except MistakeError as mistake:
        # Where a template decides which parts the text has, it need not be JSON.
        rendered = skipped_template(text, unread=seems_to_have_policy(text), at=mistake.span.start)
        if rendered:
            return rendered
        # A document of another kind may have more values or levels than a policy.
        reason = _other_json(text)
        return (
            not_policy(whole, reason)
            if reason
            else Problem(mistake.span, mistake.message, help=mistake.help)
        )
    if any(placeholders.has_placeholder(member.key) for member in root.fields()):
        return not_policy(whole, Reason.UNRESOLVED_KEYS)
    if not is_policy(root) and not (attached and is_bare_statement(root)):
        why = why_not(root)
        is_open = why is Reason.PLACEHOLDER and seems_to_have_policy(text)
        return Skipped(whole, Why(why), unread=is_open)
    other = of_another_language(root)
    return not_policy(whole, other) if other else root


def skipped_template(text: str, *, unread: bool, at: int = 0) -> Skipped | None:
    """What is reported of a text that a template engine changes, whose syntax is broken `at`."""
    if text.startswith("${", at) and (end := placeholders.placeholder_end(text, at)):
        return Skipped(Span(at, end), Why(Reason.FILLED_IN), unread)
    tag = placeholders.control_tag(text)
    if tag is not None:
        return Skipped(Span(*tag.span()), Why(Reason.TEMPLATE_TAGS, (tag[0],)), unread)
    begins = placeholders.begins_with_action(text)
    why = Why(Reason.TEMPLATE_ACTIONS)
    return Skipped(Span(0, len(text)), why, unread) if begins else None


def is_json(text: str) -> bool:
    """Whether a text is JSON; a template engine may fill in values that are not in quotes."""
    try:
        fast.read(text, literal=True)
    except MistakeError:
        return False
    return True


def perhaps(problem: Problem) -> Skipped:
    """What is reported of a mistake in a text of which it is open whether it has policies."""
    return not_read(problem.span, Reason.BROKEN_DOCUMENT, problem.sentence)


def _other_json(text: str) -> Reason | None:
    """Why a text is not a policy, by the standard library's parser, which is faster.

    None if it could not be determined: the text is not JSON, or nested too deep, or is a policy.
    """
    import json

    try:
        value = json.loads(text.removeprefix(BYTE_ORDER_MARK), parse_constant=reject)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return why_no_policy(None)
    dated = any(version == value.get("Version") for version in VERSIONS)
    return None if dated or "Statement" in value else why_no_policy(value)


def statements_of(text: str, within: str | None = None) -> Node | None:
    """The policy around the statements that a text of JSON is, or has `within` a key if it does."""
    from multitool_lint.formats.cloudformation.document import DocumentReader

    try:
        root = fast.read(text, literal=True)
    except MistakeError:
        return None
    statements = (root.get(within) if within else None) or root
    if not are_statements(as_list(statements)):
        return None
    # The version that is added would make it one of AWS.
    written = Node(root.span, Object([Member("Statement", root.span, statements)]), "")
    return (
        None if of_another_language(written) else DocumentReader().root(policy_around(statements))
    )


def policy_around(statements: Node, key: tuple[int, int] | None = None) -> Node:
    """The policy that consists of a list of statements, of the current version of the language."""
    place = key or statements.span
    version = Member("Version", place, Node(place, "2012-10-17", ""))
    members = Object((version, Member("Statement", place, statements)))
    return Node(statements.span, members, "")
