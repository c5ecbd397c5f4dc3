"""Policies in JSON files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.formats import recognize as shape
from multitool_lint.formats.result import Loaded, Problem, Skipped
from multitool_lint.policy.document import Policy, PolicyType
from multitool_lint.syntax.json import fast as json_plain
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.placeholders import control_tag
from multitool_lint.syntax.source import BYTE_ORDER_MARK, Source, Span

if TYPE_CHECKING:
    from multitool_lint.syntax.tree import Node


def load(
    source: Source,
    *,
    type: PolicyType | None = None,
    resource_type: str | None = None,
) -> Loaded:
    """Read the policy that a JSON file is, if it is one."""
    found = examine(source.text)
    if isinstance(found, Problem):
        return Loaded(problems=(found,))
    if isinstance(found, Skipped):
        return Loaded(skipped=(found,))
    type = type or shape.type_of(found, resource_type)  # noqa: A001
    return Loaded(policies=(Policy(source, found, type, resource_type),))


def examine(text: str) -> Node | Problem | Skipped:
    """Read the root of a policy, or say why there is none."""
    whole = Span(0, len(text))
    reason = None if shape.may_be_policy(text) else _other_json(text)
    if reason:
        return Skipped(whole, reason)
    try:
        root = json_plain.parse(text) or _parse(text)
    except MistakeError as mistake:
        tag = control_tag(text)
        if tag:
            # Which parts are there is decided elsewhere: the text need not be JSON.
            reason = f"a template with `{tag[0]}` tags; lint what it is rendered to"
            return Skipped(Span(*tag.span()), reason, unread=shape.resembles_policy(text))
        # What is too much or too deep for a policy is no mistake in a document of another kind.
        reason = _other_json(text)
        return Skipped(whole, reason) if reason else Problem(mistake.span, mistake.message)
    return root if shape.is_policy(root) else Skipped(whole, shape.why_not(root))


def _parse(text: str) -> Node:
    # Compiling its expressions takes longer than reading a plain policy.
    from multitool_lint.syntax.json import parser as json_text

    return json_text.parse(text)


def _other_json(text: str) -> str | None:
    """Why a text is no policy, found out by the standard library's parser, which is faster.

    None if it could not tell: the text is no JSON, or nested too deep for it, or is a policy.
    """
    import json

    try:
        value = json.loads(text.removeprefix(BYTE_ORDER_MARK), parse_constant=_reject)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return shape.why_no_policy(None)
    dated = any(each == value.get("Version") for each in shape.VERSIONS)
    return None if dated or "Statement" in value else shape.why_no_policy(value)


def _reject(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
