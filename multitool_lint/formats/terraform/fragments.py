"""Statements that are passed to a module or kept in a local value, in the words of Terraform.

The elements are named as the data source `aws_iam_policy_document` names them, or as a policy does;
such statements are recognised by their shape. A module makes a policy of them, together with others
and with defaults of its own: what is not written here is not known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.formats import recognize
from multitool_lint.formats.extract import policy_around
from multitool_lint.formats.terraform.body import Body
from multitool_lint.formats.terraform.data_source import LISTS, statement_of
from multitool_lint.formats.terraform.evaluate import Expressions
from multitool_lint.formats.terraform.loops import ChoiceNode
from multitool_lint.formats.terraform.search import Document, in_cases, parts_with_paths
from multitool_lint.syntax.hcl import strings as templates
from multitool_lint.syntax.hcl.tree import significant
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

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from tree_sitter import Node as Syntax

    from multitool_lint.formats.result import Problem, Skipped
    from multitool_lint.formats.terraform.evaluate import Scope
    from multitool_lint.syntax.hcl.tree import File
    from multitool_lint.syntax.source import Span

_WORDS = (b"action", b"Action")
_LISTS = dict(zip(("action", "notaction", "resource", "notresource"), LISTS, strict=True))
_BLOCKS = {
    "principal": ("principals", "Principal", ("type", "identifiers")),
    "notprincipal": ("not_principals", "NotPrincipal", ("type", "identifiers")),
    "condition": ("condition", "Condition", ("test", "variable", "values")),
}
"""By element: the block of the data source, the element of a policy, what the block has."""

_TOGETHER = re.compile(r"statement|permission")
"""The names of maps whose statements go into one policy; any other may have one for each role."""

_ACTION = re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
_EFFECTS = frozenset({"Allow", "Deny"})


UNCHANGED = "a module decides how its statements are written"
"""Why a change is not made, where nothing else is the reason."""


def module_values(file: File) -> Iterator[tuple[str, Syntax]]:
    """The values that may have statements for a module, each with its name."""
    for attribute in file.attributes(file.root):
        yield attribute.name, attribute.value
    for block in file.blocks():
        if block.syntax.has_error:
            continue
        labels = ".".join(block.labels)
        for attribute in file.attributes(block.body):
            if block.type == "locals":
                yield f"local.{attribute.name}", attribute.value
            elif block.type == "module":
                yield f"module.{labels}.{attribute.name}", attribute.value
            elif block.type == "variable" and attribute.name == "default":
                yield f"var.{labels}", attribute.value


def without(document: Document, read: Container[Span]) -> Document | None:
    """The fragment without statements whose actions are those of another policy; None if empty."""
    statements = document.root.get("Statement")
    left = [
        statement
        for statement in as_list(statements)
        if not (
            (action := statement.get("Action") or statement.get("NotAction"))
            and action.span in read
            and statement.span.start <= action.span.start < statement.span.end
        )
    ]
    if statements is None or not any(isinstance(statement.value, Object) for statement in left):
        return None
    root = policy_around(Node(statements.span, Array(left), ""))
    return document._replace(root=root)


def fragments(
    file: File, value: Syntax, scope: Scope, name: str
) -> Iterator[Document | Problem | Skipped]:
    """The statements in an expression of a name, those of one list as one policy.

    Raises:
        UnreadableError: a value is out of all proportion.
    """
    waiting = [(value, "")]
    while waiting:
        syntax, path = waiting.pop()
        if not file.has(syntax, *_WORDS):
            continue
        string = templates.template(syntax)
        if string is not None and templates.wrapped(string) is None:
            continue
        found = None
        if syntax.type == "object":
            keys = _keys(file, syntax)
            if "Statement" in keys:
                continue  # a policy
            together = _TOGETHER.search(f"{name}{path}".rpartition(".")[2])
            if _has_elements(keys) or together:
                found = _of_collection(file, syntax, scope)
        elif syntax.type == "tuple":
            found = _of_collection(file, syntax, scope)
        if found:
            for case in in_cases(found._replace(path=path)):
                yield _completed(case) if isinstance(case, Document) else case
        else:
            waiting += reversed(list(parts_with_paths(file, syntax, path)))


def _keys(file: File, syntax: Syntax) -> list[str]:
    """The keys of an object as they are written."""
    return [
        file.text(element.named_children[0]).strip('"')
        for element in significant(syntax)
        if element.type == "object_elem" and element.named_children
    ]


def _has_elements(keys: list[str]) -> bool:
    return not {"action", "notaction"}.isdisjoint(map(_element, keys))


def _element(key: str) -> str:
    """The element that a key is a word for, in lower case: `not_actions` is `notaction`."""
    return key.replace("_", "").lower().removesuffix("s")


def _of_collection(file: File, syntax: Syntax, scope: Scope) -> Document | None:
    """The policy of an object that is a statement, or of a list or map of statements."""
    if not any(_is_object_of_elements(file, part) for part in (syntax, *significant(syntax))):
        return None
    reader = Expressions(file, scope)
    node = reader.collection(syntax)
    single = _statement(node)
    items = [single] if single else [_converted(item) for _, item in node.children()]
    statements = [item for item in items if item]
    if len(statements) != len(items) or not any(map(_is_known, statements)):
        return None
    root = policy_around(Node(node.span, Array(statements), ""))
    without_version = Node(root.span, Object(root.fields()[1:]), "")
    if recognize.is_of_another_cloud(without_version):
        return None
    return Document(root, "", tuple(reader.shared), fragment=True)


def _is_object_of_elements(file: File, syntax: Syntax) -> bool:
    """Whether a part of an expression is an object that has actions, or chooses between such."""
    while syntax.type in ("expression", "collection_value", "object_elem", "conditional"):
        syntax = significant(syntax)[-1 if syntax.type == "object_elem" else 0]
    return syntax.type == "object" and _has_elements(_keys(file, syntax))


def _is_known(node: Node) -> bool:
    return node.value is not UNKNOWN or isinstance(node, ChoiceNode)


def _converted(node: Node) -> Node | None:
    """The statement of a value; one that is decided elsewhere stays so. None for another value."""
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
    blocks: list[tuple[str, Body]] = []
    direct = []
    for name, (block, element, words) in _BLOCKS.items():
        if name not in given:
            continue
        bodies = _bodies(given[name].value, words)
        blocks += [(block, body) for body in bodies]
        if not bodies:
            direct.append(Member(element, given[name].key_span, _as_policy(given[name].value)))
    body = Body(head, node.span, attributes, blocks)
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


def _completed(document: Document) -> Document:
    """The statements with what a module may have a default for, which is not known."""
    statements = document.root.get("Statement") or document.root
    known = [node for node in statements.items() if node.value is not UNKNOWN]
    with_principals = [node for node in known if node.get("Principal") or node.get("NotPrincipal")]
    trusts = len(known) == len(with_principals) and all(map(_assumes_role, known))
    wanted = [("Principal", "NotPrincipal")] if with_principals else []
    wanted += [] if trusts else [("Resource", "NotResource")]
    completed = [
        node if node.value is UNKNOWN else _with_defaults(node, wanted)
        for node in statements.items()
    ]
    root = policy_around(Node(statements.span, Array(completed), ""))
    return document._replace(root=root)


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


def _bodies(node: Node, words: tuple[str, ...]) -> list[Body]:
    """The blocks that objects with some words are: one, or those of a list or map."""
    items = [node] if node.get(words[0]) else [item for _, item in node.children()]
    if not items or not all(item.get(words[0]) for item in items):
        return []
    return [
        Body(
            item.span,
            item.span,
            {
                member.key: (
                    member.key_span,
                    _as_array(member.value) if member.key == words[-1] else member.value,
                )
                for member in item.fields()
            },
            (),
        )
        for item in items
    ]


def _as_policy(node: Node) -> Node:
    """An element that is written as policies have it; any other form is not known."""
    is_everyone = node.value == "*"
    return node if is_everyone or isinstance(node.value, Object) else Node(node.span, UNKNOWN, "")
