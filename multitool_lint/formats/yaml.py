"""Policies in YAML: files of one, templates of CloudFormation, and what else has policies in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.formats import recognize as shape
from multitool_lint.formats.detect import may_be_yaml_policies
from multitool_lint.formats.nested import Search
from multitool_lint.formats.result import YAML_SYNTAX_RULE, Loaded, Problem, Skipped
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.placeholders import control_tag
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.yaml import parser as yaml_text

if TYPE_CHECKING:
    from multitool_lint.formats.result import Comment
    from multitool_lint.policy.document import PolicyType
    from multitool_lint.syntax.tree import Node

NO_POLICY = "nothing with a Statement"

_TEMPLATE = re.compile(r"""^[ \t]*["']?Type["']?[ \t]*:[ \t]*["']?AWS::""", re.MULTILINE)


def load(
    source: Source,
    *,
    type: PolicyType | None = None,
    resource_type: str | None = None,
) -> Loaded:
    """Read the policies of all documents of a YAML file.

    `type` and `resource_type` hold where the file does not tell what a policy is attached to.
    """
    text = source.text
    whole = Span(0, len(text))
    if not may_be_yaml_policies(text):
        return Loaded(skipped=(Skipped(whole, NO_POLICY),))
    try:
        read = yaml_text.parse(text)
    except MistakeError as mistake:
        return _broken(text, mistake)
    found = Search(source, read.shared, type, resource_type, is_yaml=True)
    for number, root in enumerate(read.documents, 1):
        found.prefix = f"document {number}" if len(read.documents) > 1 else ""
        found.document(root)
    comments: tuple[Comment, ...] = ()
    if "multitool-lint" in text:
        from multitool_lint.formats.yaml_comments import comments_in

        comments = comments_in(text, read)
    skipped = found.skipped
    if not (found.policies or found.problems or skipped):
        skipped = [Skipped(whole, _why_not(read.documents))]
    return Loaded(
        format=found.format,
        problems=tuple(found.problems),
        skipped=tuple(skipped),
        comments=comments,
        written=tuple(found.policies),
    )


def resembles_ours(text: str) -> bool:
    """Whether a text that cannot be parsed seems to be meant as a policy or template."""
    return shape.resembles_policy(text) or _TEMPLATE.search(text) is not None


def _broken(text: str, mistake: MistakeError) -> Loaded:
    tag = control_tag(text)
    if tag:
        reason = f"a template with `{tag[0]}` tags; lint what it is rendered to"
        return Loaded(skipped=(Skipped(Span(*tag.span()), reason, unread=True),))
    if resembles_ours(text):
        return Loaded(problems=(Problem(mistake.span, mistake.message, YAML_SYNTAX_RULE),))
    return Loaded(skipped=(Skipped(mistake.span, "not YAML"),))


def _why_not(documents: tuple[Node, ...]) -> str:
    return shape.why_not(documents[0]) if len(documents) == 1 else NO_POLICY
