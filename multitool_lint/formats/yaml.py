"""Policies in YAML: files of one, templates of CloudFormation, and what else has policies in it."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.formats import quick_tests, recognize
from multitool_lint.formats.cloudformation.policies import from_object
from multitool_lint.formats.extract import Candidate, Extractor
from multitool_lint.formats.nested import Search
from multitool_lint.formats.policy_texts import policy_around, skipped_template
from multitool_lint.formats.result import (
    YAML,
    YAML_SYNTAX_RULE,
    Comment,
    Problem,
    ReadResult,
    Skipped,
    collect,
    not_policy,
)
from multitool_lint.limits import MAX_YAML_COMMENTS, MAX_YAML_DEPTH
from multitool_lint.reasons import Reason, Why
from multitool_lint.syntax.escapes import unescaped
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import Node, as_list
from multitool_lint.syntax.yaml import template

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from multitool_lint.syntax.yaml.parser import Yaml

_COMMENT = re.compile(r"(?:(?<=[ \t\r\n])|^)#([^\r\n]*)", re.MULTILINE)
_COMMENT_LINE = re.compile(r"^[ \t]*#.*", re.MULTILINE)
_BLANK = re.compile(r"(?:\s|#[^\r\n]*)*")
_DASH = re.compile(r"-\s+")

_WHOLES = ("Effect", "Statement")

_TEMPLATE = re.compile(r"""^[ \t]*["']?Type["']?[ \t]*:[ \t]*["']?AWS::""", re.MULTILINE)


def read_source(extractor: Extractor) -> ReadResult:
    """Read the policies of all documents of a YAML file."""
    text = extractor.source.text
    whole = Span(0, len(text))
    if not quick_tests.may_be_yaml_policies(text):
        return collect([not_policy(whole, Reason.NO_STATEMENT)], YAML)
    try:
        read = template.parse(text)
    except MistakeError as mistake:
        return collect([_broken(text, mistake)], YAML)
    search = Search(extractor._replace(shared=read.shared, syntax_rule=YAML_SYNTAX_RULE))
    several = len(read.documents) > 1
    alone = read.documents[0] if len(read.documents) == 1 else None
    reason = recognize.why_not(alone) if alone else Reason.NO_STATEMENT
    found = [
        policy
        for number, root in enumerate(read.documents, 1)
        for policy in search.policies(root, f"document {number}" if several else "")
    ]
    return collect(
        found,
        search.format or YAML,
        otherwise=not_policy(whole, reason),
        comments=comments_in(text, read) if "multitool-lint" in text else (),
    )


def read_excerpt(extractor: Extractor) -> ReadResult:
    """Read the policies of an excerpt of a file, which may have statements without a policy."""
    text = extractor.source.text
    found = read_source(extractor)
    if found.policies or found.problems or not ("Effect" in text and "Action" in text):
        return found
    try:
        (root,) = template.parse(text).documents
    except (MistakeError, ValueError):
        return found
    if not recognize.are_statements(as_list(root)):
        return found
    policy = policy_around(root)
    return collect(
        from_object(extractor, Candidate(policy, policy.span, fragment=True), policy), YAML
    )


def resembles_policy_or_template(text: str) -> bool:
    """Whether a text that cannot be parsed seems to be meant as a policy or template."""
    return recognize.seems_to_have_policy(text) or _TEMPLATE.search(unescaped(text)) is not None


def _broken(text: str, mistake: MistakeError) -> Problem | Skipped:
    rendered = skipped_template(text, unread=True)
    if rendered:
        return rendered
    if template.has_actions(text):
        unread = resembles_policy_or_template(text)
        return Skipped(mistake.span, Why(Reason.TEMPLATE_ACTIONS), unread)
    if resembles_policy_or_template(_COMMENT_LINE.sub("", text)):
        return Problem(mistake.span, mistake.message, YAML_SYNTAX_RULE, mistake.help)
    return not_policy(mistake.span, Reason.NOT_YAML)


def comments_in(text: str, read: Yaml) -> tuple[Comment, ...]:
    """The comments for us, those within a scalar not among them."""
    from multitool_lint.diagnostics.ignore_comment import is_ours

    starts = [span.start for span in read.texts]
    found: list[Comment] = []
    # Backwards: what a comment precedes is what those below it precede.
    next_start, below = len(text), None
    for match in reversed([*islice(_COMMENT.finditer(text), MAX_YAML_COMMENTS)]):
        start, end = match.span()
        number = bisect_right(starts, start) - 1
        if number >= 0 and start < read.texts[number].end:
            continue
        line = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
        alone = not text[line:start].strip()
        if not alone:
            covers: Span | None = _ended(text, line, start, read)
        elif text[end:next_start].strip() or below is None:
            covers = _before(text, end, read)
        else:
            covers = below
        next_start, below = (start, covers) if alone else (len(text), None)
        if is_ours(match[1]):
            found.append(Comment(Span(start, end), match[1], covers))
    return tuple(reversed(found))


def _ended(text: str, line: int, start: int, read: Yaml) -> Span:
    """What a line says that a comment ends; the value of a key that begins below it as well."""
    if not text[line:start].rstrip().endswith(":"):
        return Span(line, start)
    return Span(line, max(_end_of(root, line, start) for root in read.documents))


def _before(text: str, end: int, read: Yaml) -> Span | None:
    """What comes next after a comment that has a line of its own."""
    match = _BLANK.match(text, end)
    offset = match.end() if match else len(text)
    for root in read.documents:
        if root.span.start <= offset < root.span.end:
            return Span(*root.span) if offset == root.span.start else _next(text, root, offset)
        if root.span.start >= offset:
            return root.span
    return None


def _end_of(root: Node, line: int, end: int) -> int:
    """Where the value ends of the last key that begins in a line."""
    found, waiting = end, [root]
    while waiting:
        node = waiting.pop()
        if not node.span.start < end <= node.span.end and node.span.start != node.span.end:
            continue
        for member in node.fields():
            if line <= member.key_span.start < end:
                found = member.value.span.end
        waiting += (child for _, child in node.children())
    return found


def _next(text: str, root: Node, offset: int) -> Span | None:
    """The largest value that begins at a place: a statement or policy rather than its first key."""
    dash = _DASH.match(text, offset)
    starts = (offset, dash.end()) if dash else (offset,)
    node = root
    for _ in range(MAX_YAML_DEPTH):
        if node.span.start in starts and any(node.get(key) for key in _WHOLES):
            return Span(offset, node.span.end)
        inner = _children_of(node)
        ends = [inner.keys.get(offset), *map(inner.items.get, starts)]
        if end := next(filter(None, ends), None):
            return Span(offset, end)
        number = bisect_right(inner.starts, offset) - 1
        if number < 0 or inner.children[number].span.end <= offset:
            return None
        node = inner.children[number]
    return None


class _Children(NamedTuple):
    """Where what is in a node ends, by where it begins, and the values in the order of the text."""

    keys: Mapping[int, int]
    items: Mapping[int, int]
    starts: Sequence[int]
    children: Sequence[Node]


@lru_cache(maxsize=8)
def _children_of(node: Node) -> _Children:
    """The places in a node, which several comments are looked up in."""
    keys: dict[int, int] = {}
    for member in node.fields():
        end = max(member.value.span.end, member.key_span.end)
        keys.setdefault(member.key_span.start, end)
    items: dict[int, int] = {}
    for item in node.items():
        items.setdefault(item.span.start, item.span.end)
    children = sorted((child for _, child in node.children()), key=lambda child: child.span.start)
    return _Children(keys, items, [child.span.start for child in children], children)
