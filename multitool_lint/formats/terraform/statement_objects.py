"""Statements as objects in the words of modules: what has the shape of one, and what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.formats.dialects import of_another_language
from multitool_lint.formats.policy_texts import policy_around
from multitool_lint.formats.terraform.body import BlockContent
from multitool_lint.formats.terraform.choices import ChoiceNode
from multitool_lint.formats.terraform.data_source import LISTS, statement_of
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import (
    UNKNOWN,
    Array,
    Member,
    Node,
    Object,
    UnknownNode,
    as_list,
    strings_of,
)

_LISTS = dict(zip(("action", "notaction", "resource", "notresource"), LISTS, strict=True))
_BLOCKS = {
    "principal": ("principals", "Principal", ("type", "identifiers")),
    "notprincipal": ("not_principals", "NotPrincipal", ("type", "identifiers")),
    "condition": ("condition", "Condition", ("test", "variable", "values")),
}
"""By element: the block of the data source, the element of a policy, what the block has."""

TOGETHER = re.compile(r"statement|permission")
"""The names of maps whose statements go into one policy; any other may have one for each role."""

_ACTION = re.compile(r"\*|[^\s/:]+:[^\s/:]*")
_EFFECTS = frozenset({"Allow", "Deny"})


def has_elements(keys: list[str]) -> bool:
    """Whether an object with some keys has actions."""
    return not {"action", "notaction"}.isdisjoint(map(_element, keys))


def _element(key: str) -> str:
    """The element that a key is a word for, in lower case: `not_actions` is `notaction`."""
    return key.replace("_", "").lower().removesuffix("s")


def may_be_statements(node: Node, name: str) -> bool:
    """Whether a value of a name has the keys of a statement, or is a collection of such values."""
    children = [child for _, child in node.children()]
    if node.fields() and not TOGETHER.search(name.rpartition(".")[2]):
        children = []
    return any(
        has_elements([member.key for member in value.fields()]) for value in (node, *children)
    )


def root_of(node: Node) -> Node | None:
    """The policy of a statement, or of a list or map of statements; None for another value."""
    single = _statement(node)
    items = [single] if single else [_converted(item) for _, item in node.children()]
    statements = [item for item in items if item]
    if len(statements) != len(items) or not any(map(_is_known, statements)):
        return None
    root = policy_around(Node(node.span, Array(statements), ""))
    without_version = Node(root.span, Object(root.fields()[1:]), "")
    if of_another_language(without_version):
        return None
    return root


def _is_known(node: Node) -> bool:
    return node.value is not UNKNOWN or isinstance(node, ChoiceNode)


def _converted(node: Node) -> Node | None:
    """The statement of a value; an unresolved one stays so. None for another value."""
    if isinstance(node, ChoiceNode):
        nothing = Node(node.span, None, "")
        known = [(holds, _converted(branch) or nothing) for holds, branch in node.branches]
        return ChoiceNode(node.span, node.condition, tuple(known))
    return node if node.value is UNKNOWN else _statement(node)


def _statement(node: Node) -> Node | None:
    """The statement that an object is, None if it is none."""
    given = {
        _element(member.key): member
        for member in node.fields()
        if member.value.value is not None and member.value.value not in ((), "")
    }
    action = given.get("action") or given.get("notaction")
    if action is None or not _is_statement(given, action.value):
        return None
    head = action.key_span
    attributes: dict[str, tuple[Span, Node]] = {
        name: (member.key_span, member.value)
        for name, member in given.items()
        if name in ("sid", "effect")
    }
    for name, attribute in _LISTS.items():
        if name in given:
            attributes[attribute] = given[name].key_span, _as_array(given[name].value)
    blocks: list[tuple[str, BlockContent]] = []
    direct = []
    for name, (block, element, words) in _BLOCKS.items():
        if name not in given:
            blocks += [(block, body) for body in _flat(node.span, given, name, words)]
            continue
        bodies = _bodies(given[name].value, words)
        blocks += [(block, body) for body in bodies]
        if not bodies:
            direct.append(Member(element, given[name].key_span, _as_policy(element, given[name])))
    body = BlockContent(head, node.span, attributes, blocks)
    return Node(node.span, Object([*statement_of(body), *direct]), "")


def _is_statement(given: Mapping[str, Member], action: Node) -> bool:
    """Whether an object with actions is a statement: of no other tool, and of no type."""
    effect = given["effect"].value if "effect" in given else None
    names = [text for _, text in strings_of(as_list(action))]
    if not all(map(_ACTION.fullmatch, names)):
        return False
    if effect is not None and effect.value in _EFFECTS:
        return bool(names) or not given.keys().isdisjoint(("resource", "principal"))
    if effect is not None and effect.value is not UNKNOWN:
        return False
    prefixes = {name.partition(":")[0].lower() for name in names if ":" in name}
    has_target = not given.keys().isdisjoint(("resource", "notresource", "principal"))
    return has_target and not prefixes.isdisjoint(bundled().prefixes)


def completed(root: Node) -> Node:
    """The policy with what a module may have a default for, which is not known."""
    statements = root.get("Statement") or root
    known = [node for node in statements.items() if node.value is not UNKNOWN]
    with_principals = [node for node in known if node.get("Principal") or node.get("NotPrincipal")]
    trusts = len(known) == len(with_principals) and all(map(_assumes_role, known))
    wanted = [("Principal", "NotPrincipal")] if with_principals else []
    wanted += [] if trusts else [("Resource", "NotResource")]
    items = [
        node if node.value is UNKNOWN else _with_defaults(node, wanted)
        for node in statements.items()
    ]
    return policy_around(Node(statements.span, Array(items), ""))


def _with_defaults(statement: Node, wanted: Sequence[tuple[str, str]]) -> Node:
    """A statement with one element at least of each pair."""
    place = statement.fields()[0].key_span
    missing = [
        Member(names[0], place, UnknownNode(place, "", str(statement.span.start)))
        for names in wanted
        if not any(map(statement.get, names))
    ]
    return Node(statement.span, Object([*statement.fields(), *missing]), "")


def _as_array(node: Node) -> Node:
    """A text as the list of one that a module makes of it."""
    return Node(node.span, Array([node]), "") if isinstance(node.value, str) else node


def _assumes_role(statement: Node) -> bool:
    """Whether a statement may be one of a trust policy, which has no Resource."""
    actions = as_list(statement.get("Action"))
    return any(text.lower().startswith("sts:") for _, text in strings_of(actions))


def _bodies(node: Node, words: tuple[str, ...]) -> list[BlockContent]:
    """The blocks that objects with some words are: one, or those of a list or map."""
    items = [node] if _has_word(node, words[0]) else [item for _, item in node.children()]
    if not items or not all(_has_word(item, words[0]) for item in items):
        return []
    return [
        BlockContent(
            item.span,
            item.span,
            {
                (word := member.key.lower()): (
                    member.key_span,
                    _as_array(member.value) if word == words[-1] else member.value,
                )
                for member in item.fields()
            },
            (),
        )
        for item in items
    ]


def _has_word(node: Node, word: str) -> bool:
    """Whether an object has a word of a block, be it in the case of the elements: `Type`."""
    return any(member.key.lower() == word for member in node.fields())


def _flat(
    span: Span, given: Mapping[str, Member], name: str, words: tuple[str, ...]
) -> Iterator[BlockContent]:
    """The block whose attributes are those of the statement, as in `condition_test`."""
    members = {word: given.get(_element(f"{name}_{word}")) for word in words}
    attributes = {
        word: (
            member.key_span,
            _as_array(member.value) if word == words[-1] else member.value,
        )
        for word, member in members.items()
        if member
    }
    if len(attributes) == len(words):
        yield BlockContent(attributes[words[0]][0], span, attributes, ())


def _as_policy(element: str, given: Member) -> Node:
    """An element that is written as policies have it; any other form is not known.

    The kinds of principals have capitals, unlike the `awsPrincipals` of Crossplane.
    """
    node = given.value
    is_written_so = isinstance(node.value, Object) and (
        element == "Condition" or not any(member.key[:1].islower() for member in node.value)
    )
    return node if is_written_so or node.value == "*" else Node(node.span, UNKNOWN, "")
