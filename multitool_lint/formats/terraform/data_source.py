"""The policy that a data source `aws_iam_policy_document` makes of its blocks.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
and what it does: internal/service/iam/policy_document_data_source.go and policy_model.go of
https://github.com/hashicorp/terraform-provider-aws
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from multitool_lint.formats.terraform.attributes import key_text
from multitool_lint.formats.terraform.choices import NothingNode, may_be_several
from multitool_lint.syntax.tree import (
    UNKNOWN,
    Array,
    Member,
    Node,
    Object,
    UniqueArray,
    Value,
    as_list,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from multitool_lint.formats.terraform.body import BlockContent

T = TypeVar("T")

NEWEST: Final = "2012-10-17"

LISTS: Final = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}
_PRINCIPALS: Final = {"principals": "Principal", "not_principals": "NotPrincipal"}
# Where the provider turns its `&{` into the `${` of a policy variable.
_WITH_VARIABLES: Final = frozenset({"resources", "not_resources"})


class PolicyDocument(NamedTuple):
    """A document, or a statement of which it is unknown whether it is in one.

    `conditions` are the expression that decides that.
    """

    root: Node
    open: bool
    conditions: Mapping[str, bool]


def documents(
    body: BlockContent, sources: Sequence[Node] = (), overrides: Sequence[Node] = ()
) -> list[PolicyDocument]:
    """The policies of a data source: that of what is certainly in it, and each open statement.

    Whether two statements go together is only known of those that are certainly there. Documents
    are merged with them as the provider does. The nodes have no pointers.
    """
    statements = [block for name, block in body.blocks if name == "statement"]
    certain = [block for block in statements if not _is_open(block)]
    others = [block for block in statements if _is_open(block)]
    made = []
    if certain or sources or overrides or not others:
        root = _document(body, certain, sources, overrides)
        made.append(PolicyDocument(root, open=False, conditions={}))
    for statement in others:
        conditions = {statement.open: True} if statement.open else {}
        made.append(PolicyDocument(_document(body, [statement]), open=True, conditions=conditions))
    return made


def _is_open(statement: BlockContent) -> bool:
    """Whether it is unknown if a statement is there, or of which type its policy is."""
    return bool(statement.open) or any(
        block.open for name, block in statement.blocks if name in _PRINCIPALS
    )


def _document(
    body: BlockContent,
    statements: Sequence[BlockContent],
    sources: Sequence[Node] = (),
    overrides: Sequence[Node] = (),
) -> Node:
    members = []
    version = body.attributes.get("version")
    key, node = version or (body.head, Node(body.head, NEWEST, ""))
    members.append(Member("Version", key, node))
    if "policy_id" in body.attributes:
        members.append(Member("Id", *body.attributes["policy_id"]))
    items = _overridden(
        [
            *(as_list(root.get("Statement")) for root in sources),
            [Node(statement.span, statement_of(statement), "") for statement in statements],
            *(as_list(root.get("Statement")) for root in overrides),
        ]
    )
    key = statements[0].head if statements else body.head
    span = (statements[0].span.start, statements[-1].span.end) if statements else body.head
    members.append(Member("Statement", key, Node(span, items, "")))
    return Node(body.span, Object(members), "")


def _overridden(documents: Iterable[Sequence[Node]]) -> Array:
    """The statements of documents, of which a later one overrides those with its Sid in others."""
    found: list[Node] = []
    places: dict[str, int] = {}
    for statements in documents:
        new: dict[str, int] = {}
        for statement in statements:
            sid = statement.get("Sid")
            name = sid.string if sid else None
            if name and name in places:
                found[places[name]] = statement
                continue
            if name:
                new[name] = len(found)
            found.append(statement)
        places |= new
    return Array(found)


def statement_of(body: BlockContent) -> Object:
    """The elements of the statement that a block is."""
    members = []
    attributes = {name: value for name, value in body.attributes.items() if _is_given(value[1])}
    if "sid" in attributes:
        key, sid = attributes["sid"]
        members.append(Member("Sid", key, _text(sid, varies=False)))
    key, effect = attributes.get("effect", (body.head, Node(body.head, "Allow", "")))
    members.append(Member("Effect", key, effect))
    for name, element in _PRINCIPALS.items():
        blocks = [block for type_, block in body.blocks if type_ == name]
        if blocks:
            members.append(Member(element, blocks[0].head, _principals(blocks)))
    for name, element in LISTS.items():
        key, node = body.attributes.get(name, (body.head, None))
        other = name.removeprefix("not_") if name.startswith("not_") else f"not_{name}"
        if isinstance(node, NothingNode) and other in attributes:
            continue
        if node is not None and other in attributes and _may_be_empty(node):
            if not _may_be_empty(attributes[other][1]):
                continue
            node = Node(node.span, UNKNOWN, "")
        if node is not None and not _is_empty(node):
            members.append(Member(element, key, _set_of(node, varies=name in _WITH_VARIABLES)))
    conditions = [block for type_, block in body.blocks if type_ == "condition"]
    if conditions:
        members.append(Member("Condition", conditions[0].head, _conditions(conditions)))
    return Object(members)


def _is_given(node: Node) -> bool:
    return node.value not in (None, "") and not isinstance(node, NothingNode)


def _is_empty(node: Node) -> bool:
    return node.value is None or (isinstance(node.value, Array) and not node.value)


def _may_be_empty(node: Node) -> bool:
    """Whether a list may have no items: what it negates, or its negation, is used then."""
    return isinstance(node.value, Array) and all(map(may_be_several, node.value))


def _set_of(node: Node, *, varies: bool) -> Node:
    """A list of texts that the provider keeps as a set, as it does all but those of conditions."""
    texts = _texts(node, varies=varies)
    return Node(texts.span, UniqueArray(texts.items()), "") if texts.items() else texts


def _texts(node: Node, *, varies: bool) -> Node:
    """A list of texts, as the provider takes it: `null` is left out, a number is its digits.

    Of lists in it, Terraform made one list before 0.12, as in `["${local.arns}"]`; now it reports
    them itself. A module may still do so.
    """
    if not isinstance(node.value, Array):
        # Terraform accepts no text where a list should be, and reports that itself.
        return Node(node.span, node.value if isinstance(node.value, Object) else UNKNOWN, "")
    items = [inner for item in node.value for inner in as_list(item)]
    kept = [item for item in items if item.value is not None]
    return Node(node.span, Array([_text(item, varies=varies) for item in kept]), "")


def _text(node: Node, *, varies: bool) -> Node:
    value = node.value
    if isinstance(value, bool):
        return Node(node.span, "true" if value else "false", "")
    if isinstance(value, int | float):
        return Node(node.span, str(value), "")
    if isinstance(value, str) and varies and "&{" in value:
        return Node(node.span, value.replace("&{", "${"), "")
    return node


def _principals(blocks: Sequence[BlockContent]) -> Node:
    """The principals; `*` is written as a text of its own, as the provider does."""
    span = (blocks[0].span.start, blocks[-1].span.end)
    parts = [
        (block, block.attributes.get("type"), block.attributes.get("identifiers"))
        for block in blocks
    ]
    if any(block.open or type_ is None or ids is None for block, type_, ids in parts):
        return Node(span, UNKNOWN, "")
    found = [(type_[1], _set_of(ids[1], varies=True)) for _, type_, ids in parts if type_ and ids]
    if len(found) == 1 and found[0][0].value == "*":
        values = found[0][1].value
        if isinstance(values, Array) and [value.value for value in values] == ["*"]:
            return values[0]
    return _grouped(span, found, _joined)


def _conditions(blocks: Sequence[BlockContent]) -> Node:
    """The conditions by operator and key: of equal ones, the values of all."""
    span = (blocks[0].span.start, blocks[-1].span.end)
    tests: list[tuple[Node, tuple[Node, Node]]] = []
    for block in blocks:
        parts = [block.attributes.get(name) for name in ("test", "variable", "values")]
        if block.open or any(part is None for part in parts):
            return Node(span, UNKNOWN, "")
        test, key, values = (part[1] for part in parts if part)
        tests.append((test, (key, _texts(values, varies=True))))

    def keys(operator: Node, pairs: Sequence[tuple[Node, Node]]) -> Node:
        return _grouped(operator.span, pairs, _values)

    return _grouped(span, tests, keys)


def _grouped(
    span: tuple[int, int],
    pairs: Iterable[tuple[Node, T]],
    join: Callable[[Node, Sequence[T]], Node],
) -> Node:
    """An object of what has the same key; UNKNOWN if a key is unresolved."""
    groups: dict[str, tuple[Node, list[T]]] = {}
    for key, value in pairs:
        name = key_text(key)
        if name is None:
            return Node(span, UNKNOWN, "")
        groups.setdefault(name, (key, []))[1].append(value)
    return Node(
        span,
        Object(
            [Member(name, key.span, join(key, values)) for name, (key, values) in groups.items()]
        ),
        "",
    )


def _joined(key: Node, lists: Sequence[Node]) -> Node:
    """One list of several."""
    values = [node.value for node in lists]
    if len(lists) == 1:
        return lists[0]
    if not all(isinstance(value, Array) for value in values):
        return Node(key.span, UNKNOWN, "")
    span = (lists[0].span.start, lists[-1].span.end)
    return Node(
        span, Array([item for value in values if isinstance(value, Array) for item in value]), ""
    )


def _values(key: Node, lists: Sequence[Node]) -> Node:
    """The values of a condition; a single one is not a list, as the provider writes it."""
    joined = _joined(key, lists)
    value: Value = joined.value
    return value[0] if isinstance(value, Array) and len(value) == 1 else joined
