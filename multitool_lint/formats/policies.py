"""The policies of a source, for those who need all of them."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache, partial
from itertools import chain, islice
from typing import TYPE_CHECKING

from multitool_lint.formats import (
    Problem,
    Skipped,
    is_code,
    is_terraform,
    is_yaml,
    read_source,
)
from multitool_lint.formats.canonical import canonical
from multitool_lint.formats.cloudformation.tagged_resources import without_harmless_parts
from multitool_lint.formats.code import blocks_of_page
from multitool_lint.formats.documents import documents_of, names_of
from multitool_lint.formats.endings import SNAPSHOT_ENDINGS, format_name
from multitool_lint.formats.filling_tags import filling_tags
from multitool_lint.limits import MAX_TEMPLATE_VALUES
from multitool_lint.policy.changes import NotCompared
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_set import ConditionalPolicy, PolicySet
from multitool_lint.reasons import Reason, Why
from multitool_lint.syntax.placeholders import control_tag
from multitool_lint.syntax.source import Source, Span, position_of
from multitool_lint.syntax.tree import Node, Object, scalars

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from multitool_lint.formats.found import FoundPolicy
    from multitool_lint.policy.policy_type import PolicyType


_KEYS = frozenset({"Id", "Statement", "Version"})
_RESOURCES = "Resources"
_TAGS = r"\{\{|\{%|<%"
_FILE = r"\$\{file|file\(|!(?:include|import)\b"
_FILES = re.compile(
    rf"{_FILE}|(?:{_TAGS})(?:(?!\}}\}}|%\}}|%>).)*\b(?:include|import|render|template)\b", re.DOTALL
)
"""What a template has if other files may decide what it says."""
_FROM_ELSEWHERE = re.compile(f"{_TAGS}|{_FILE}")
"""What another text has then."""


_DOCUMENT = "document "


class NoPolicyError(ValueError):
    """A source without a policy."""


def policies_of(
    source: Source,
    *,
    type: PolicyType | None = None,
    resource_type: str | None = None,
) -> PolicySet:
    """Read the policies of a source, and say what of it could not be read.

    Raises:
        NoPolicyError: there is none.
        ValueError: it is not in its format, but for blocks of a page and texts in a document, which
            could not be read.
    """
    loaded = read_source(source, type=type, resource_type=resource_type)
    found = chain(loaded.cases, loaded.problems, loaded.skipped, loaded.stream)
    policies: list[ConditionalPolicy] = []
    unread: dict[Span, str] = {}
    owners: dict[Span, str] = {}
    reasons = []
    is_snapshot = format_name(source.path).endswith(SNAPSHOT_ENDINGS)
    for item in found:
        if isinstance(item, Problem):
            blocks = [block.whole for block in blocks_of_page(source)]
            if not (_block_around(blocks, item.span) or documents_of(source)):
                raise ValueError(f"{position_of(source, item.span)}: {item.sentence}")
            unread.setdefault(item.span, item.sentence)
        elif isinstance(item, Skipped):
            reasons.append(item.why)
            # A snapshot is not deployed: what its stacks have is in other snapshots, or nowhere.
            is_elsewhere = is_snapshot and item.why.reason.is_stack
            if (item.unread or item.file) and not is_elsewhere:
                unread.setdefault(item.span, item.why.in_words())
        else:
            policy = item.policy
            policies.append(ConditionalPolicy(policy, partial(file_position, item), item.cases))
            for node, why in unknown_parts(policy):
                span = item.to_file(node.span)
                unread.setdefault(span, why.in_words())
                owners.setdefault(span, policy.name or "")
    if not (policies or unread):
        why = reasons[0] if reasons else Why(Reason.NOTHING, ("compared",))
        raise NoPolicyError(f"{source.path}: no policy: {why.in_words()}")
    if any((member.policy.name or "").startswith(_DOCUMENT) for member in policies):
        names = names_of(documents_of(source))
        policies = [_with_name(member, names) for member in policies]
    not_read = {
        span: NotCompared(position_of(source, span), unread[span]) for span in sorted(unread)
    }
    roots = documents_of(source) if not_read else ()
    blocks = [block.whole for block in blocks_of_page(source)] if not_read else []
    written = {
        unknown: text
        for span, unknown in not_read.items()
        if (text := _written(source, (roots, blocks), span, owners.get(span)))
    }
    return PolicySet(
        source.path, tuple(policies), tuple(not_read.values()), written, dict(_filled_in(source))
    )


def _filled_in(source: Source) -> Iterator[tuple[NotCompared, str]]:
    """What tags of a template fill in where there may be access."""
    if control_tag(source.text) is None or is_terraform(source) or is_code(source):
        return
    text = without_harmless_parts(source.text) if is_yaml(source) else source.text
    for tag in filling_tags(text):
        why = Why(Reason.FILLED_BY_TAG, (tag.content,))
        yield NotCompared(position_of(source, tag.span), why.in_words()), tag.content


def _written(
    source: Source, parts: tuple[Sequence[Node], Sequence[Span]], span: Span, owner: str | None
) -> tuple[str, str] | None:
    """Where what decides what is not read at a place is, and that; None if something else may, too.

    The parts of a source are its documents in JSON or YAML, or the blocks of code of a page.
    """
    roots, blocks = parts
    found: tuple[str, str] | None
    if owner:
        found = owner, source.text[span.start : span.end]
    elif block := _block_around(blocks, span):
        found = "", source.text[block.start : block.end]
    else:
        found = _around(roots, span)
    signs = _FROM_ELSEWHERE
    if found is None and is_yaml(source) and control_tag(source.text) is not None:
        # Another value for a tag does not change this file: a policy that is read keeps its tags.
        found, signs = ("", _without_harmless_parts(source)), _FILES
    return None if found is None or signs.search(found[0]) or _has(signs, found[1]) else found


@lru_cache(maxsize=4)
def _has(signs: re.Pattern[str], text: str) -> bool:
    """Whether a text has signs, which is asked of all that is not read in it."""
    return signs.search(text) is not None


def as_written(source: Source) -> str:
    """The text of a source without what cannot decide about access, whether it is read or not."""
    return _without_harmless_parts(source) if is_yaml(source) else "".join(source.text.split())


def _without_harmless_parts(source: Source) -> str:
    """A template without what has no access, comments, and white space at the end of lines."""
    lines = (line.rstrip() for line in without_harmless_parts(source.text).splitlines())
    return "\n".join(line for line in lines if line and not line.lstrip().startswith("#"))


def _block_around(blocks: Sequence[Span], span: Span) -> Span | None:
    """The block of code of a page that a place is in."""
    return next((b for b in blocks if b.start <= span.start and span.end <= b.end), None)


def _around(roots: Sequence[Node], span: Span) -> tuple[str, str] | None:
    """Where a value in JSON or YAML is, and all of its resource or document, without comments."""
    for number, root in enumerate(roots):
        steps, nodes = [str(number)], [root]
        while nodes[-1].span != span:
            step, node = _child_around(nodes[-1], span)
            if node is None:
                if nodes[-1].string is not None:
                    return "/".join(steps), nodes[-1].string
                break
            steps.append(step)
            nodes.append(node)
        else:
            whole = nodes[min(2, len(nodes) - 1)] if steps[1:2] == [_RESOURCES] else root
            text = _canonical(whole)
            return None if text is None else ("/".join(steps), text)
    return None


def _child_around(node: Node, span: Span) -> tuple[str, Node | None]:
    """The item or member that a place is in; an alias has the place of its anchor."""
    starts, children = _children(node)
    near = children[max(bisect_right(starts, span.start) - 1, 0) :][:1]
    for step, child in chain(near, children):
        if child.span.start <= span.start and span.end <= child.span.end:
            return step, child
    return "", None


@lru_cache(maxsize=8)
def _children(node: Node) -> tuple[list[int], list[tuple[str, Node]]]:
    """Where the items or members of a value begin, and these, in the order of their places."""
    found = sorted(node.children(), key=lambda member: member[1].span.start)
    return [child.span.start for _, child in found], found


@lru_cache(maxsize=1)
def _canonical(node: Node) -> str | None:
    """A resource or document as a text, asked of all that is not read in it; None if it is huge."""
    is_huge = next(islice(scalars(node), MAX_TEMPLATE_VALUES, None), None) is not None
    return None if is_huge else canonical(node)


def _with_name(member: ConditionalPolicy, names: Mapping[str, str]) -> ConditionalPolicy:
    """A policy by the name of its document, which may be another one of the file then."""
    document, slash, rest = (member.policy.name or "").partition("/")
    if document not in names:
        return member
    name = f"{names[document]}{slash}{rest}"
    return member._replace(policy=member.policy.with_root(member.policy.root, name=name))


def file_position(found: FoundPolicy, span: Span) -> str:
    """The place in the file of a span of a policy."""
    return position_of(found.source, found.to_file(span))


def unknown_parts(policy: Policy) -> Iterator[tuple[Node, Why]]:
    """The parts of which nothing is known, or not which of several values AWS takes."""
    root = policy.root
    if isinstance(root.value, Object) and root.value.find("Statement") is None:
        yield root, Why(Reason.POLICY_WITHOUT_STATEMENT)
    for member in root.fields():
        if member.key not in _KEYS and member.key.capitalize() in _KEYS:
            yield member.value, Why(Reason.OTHER_KEY, (member.key, member.key.capitalize()))
    for statement in policy.statements:
        if not isinstance(statement.node.value, Object):
            yield statement.node, Why(Reason.UNRESOLVED_STATEMENT)
    waiting = [root]
    while waiting:
        node = waiting.pop()
        seen: set[str] = set()
        for member in node.fields():
            if member.key in seen:
                yield member.value, Why(Reason.REPEATED_KEY, (member.key,))
            seen.add(member.key)
        waiting += (child for _, child in node.children())
