"""The policies in the expressions of a file, wherever they are: objects, and JSON in strings."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from multitool_lint.formats import quick_tests, recognize
from multitool_lint.formats.extract import Certainty, read
from multitool_lint.formats.policy_texts import policy_around
from multitool_lint.formats.result import Problem, Skipped, not_read
from multitool_lint.formats.terraform.attributes import is_open_arn, is_reference
from multitool_lint.formats.terraform.cases import ReadDocument, Reader, in_readings
from multitool_lint.formats.terraform.scope import OutOfProportionError, Scope
from multitool_lint.limits import MAX_TEMPLATE_VALUES, MAX_TERRAFORM_POINTER
from multitool_lint.reasons import Reason
from multitool_lint.syntax.hcl import strings as templates
from multitool_lint.syntax.hcl.tree import HclFile, called, conditional_branches, significant
from multitool_lint.syntax.tree import (
    UNKNOWN,
    Array,
    Member,
    Node,
    Object,
    UnknownNode,
    Value,
    as_list,
    pointer_token,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tree_sitter import Node as Syntax

    from multitool_lint.formats.terraform.evaluate import Expressions

WORDS = (b"Statement", *(date.encode() for date in sorted(quick_tests.VERSIONS)))
"""What a policy has one of: a quick no to most expressions."""


_RESOURCES = frozenset({"Resource", "NotResource"})

_PASSED_THROUGH = frozenset({"jsonencode", "tostring", "trimspace", "chomp", "sensitive"})


def documents(
    file: HclFile, value: Syntax, scope: Scope, *, of_module: bool = False, certain: bool = False
) -> Iterator[ReadDocument | Problem | Skipped]:
    """The policies in an expression, which may be an argument of a module.

    Such an argument without `Version` is not a policy that could be given one. Where it is
    `certain` that the expression has a policy, its words need not be those of one.

    Raises:
        UnreadableError: one is out of all proportion.
    """
    waiting = [(value, "")]
    encoded: set[int] = set()
    decoded: list[range] = []  # what is made of JSON there is not the policy itself
    while waiting:
        syntax, path = waiting.pop()
        looked_into = certain or of_module or syntax.start_byte in encoded
        if not (looked_into or _may_have_policy(file, syntax)):
            continue
        inner = significant(syntax)
        if syntax.type == "expression" and [part.type for part in inner] == ["expression"]:
            waiting.append((inner[0], path))  # in parentheses, of which there may be thousands
            continue
        string = templates.template(syntax)
        if string is not None and templates.wrapped(string) is None:
            is_part = any(string.start_byte in part for part in decoded)
            read_text = partial(_in_text, string, certain=certain, is_part=is_part)
            yield from in_readings(file, scope, read_text, path)
            continue
        if syntax.type == "function_call":
            name, arguments = called(file, syntax)
            encoded.update(argument.start_byte for argument in arguments if name == "jsonencode")
            if name == "jsondecode":
                decoded.append(range(syntax.start_byte, syntax.end_byte))
        read: Reader | None = None
        if syntax.type == "object":
            is_encoded = syntax.start_byte in encoded
            bare = of_module and not is_encoded
            read = partial(_of_object, syntax, encoded=is_encoded, bare=bare, certain=certain)
        elif syntax.type == "expression" and _merges(file, syntax):
            read = partial(_of_merge, syntax, certain=certain)
        found = list(in_readings(file, scope, read, path)) if read else []
        yield from found
        if not found:
            waiting += reversed(list(parts_with_paths(file, syntax, path)))


def _may_have_policy(file: HclFile, syntax: Syntax) -> bool:
    """Whether an expression has a word of a policy, or what may come to one."""
    if file.has(syntax, *WORDS, b"jsonencode"):
        return True
    return file.has(syntax, b"\\") and quick_tests.may_be_policy(file.text(syntax))


def _of_object(
    syntax: Syntax, reader: Expressions, *, encoded: bool, bare: bool, certain: bool
) -> ReadDocument | Skipped | None:
    """The policy that an object is; of a bare argument of a module, that of its statements."""
    file = reader.file
    keys = _keys(reader, syntax)
    known = {key for key in keys if key}
    alone = certain and encoded and recognize.why_no_policy(known) is Reason.BARE_STATEMENT
    if not alone and not _is_policy(file, syntax, keys, encoded=encoded):
        if _has_other_form(file, syntax, keys):
            return not_read(file.span(syntax), Reason.OTHER_FORM)
        if encoded and None in keys and file.has(syntax, b"Effect"):
            return not_read(file.span(syntax), Reason.UNRESOLVED_KEYS)
        return None
    root = reader.value(syntax)
    if root.value is UNKNOWN:
        return not_read(root.span, Reason.UNRESOLVED_KEYS)
    statements = root.get("Statement")
    if bare and statements and not root.get("Version"):
        root = policy_around(statements)
    is_policy = recognize.is_policy(root) or alone
    return ReadDocument(root, "", tuple(reader.shared)) if is_policy else None


def _of_merge(
    syntax: Syntax, reader: Expressions, *, certain: bool
) -> ReadDocument | Skipped | None:
    """The policy that several objects are merged to; those are not changed."""
    root = reader.value(syntax)
    if root.value is UNKNOWN:
        _, parts = called(reader.file, significant(syntax)[0])
        if not (certain or any(recognize.is_policy(reader.value(part)) for part in parts)):
            return None  # tags, say
        return not_read(root.span, Reason.MERGED_VALUE)
    if not recognize.is_policy(root):
        return None
    return ReadDocument(root, "", (*reader.shared, root.span))


def _merges(file: HclFile, syntax: Syntax) -> bool:
    """Whether an expression merges objects, of which one alone need not be a policy."""
    parts = significant(syntax)
    return (
        len(parts) == 1
        and parts[0].type == "function_call"
        and (called(file, parts[0])[0] == "merge")
    )


def parts_with_paths(file: HclFile, syntax: Syntax, path: str) -> Iterator[tuple[Syntax, str]]:
    """The parts of an expression, each with what leads to it."""
    parts = significant(syntax)
    if syntax.type == "tuple":
        items = [item for item in parts if item.type == "expression"]
        for number, item in enumerate(items):
            yield item, f"{path}[{number}]" if len(items) > 1 else path
    elif syntax.type == "object_elem" and len(parts) > 1:
        key = file.text(parts[0]).strip('"')
        yield parts[-1], f"{path}.{key}"
    elif syntax.type == "function_call":
        name, arguments = called(file, syntax)
        for number, argument in enumerate(arguments):
            numbered = name not in _PASSED_THROUGH and len(arguments) > 1
            yield argument, f"{path}[{number}]" if numbered else path
    elif syntax.type == "conditional":
        for number, part in enumerate(conditional_branches(syntax), 1):
            yield part, f"{path}[{number}]"
    else:
        for part in parts:
            yield part, path


def _is_policy(file: HclFile, syntax: Syntax, keys: Sequence[str | None], *, encoded: bool) -> bool:
    """Whether an object has the keys of a policy, as far as is known without its values.

    A `Version` alone may be a part of one, which is merged with others elsewhere, unless it is
    turned into JSON as it is. Only then may it be written in another case.
    """
    known = [key for key in keys if key is not None]
    dated = encoded or any(key.startswith("Statement") for key in known)
    versions = any(key == "Version" or (encoded and key.lower() == "version") for key in known)
    return "Statement" in keys or (dated and versions and file.has(syntax, *WORDS[1:]))


def _has_other_form(file: HclFile, syntax: Syntax, names: Iterable[str | None]) -> bool:
    """Whether a module makes a policy of an object, which has words of its own for the elements."""
    keys = set(names)
    named = "version" in keys and not keys.isdisjoint(("statement", "statements"))
    return named and file.has(syntax, *WORDS[1:])


def _keys(reader: Expressions, syntax: Syntax) -> list[str | None]:
    """The keys of an object, None for one that is unresolved."""
    return [
        reader.key(element.named_children[0])
        for element in significant(syntax)
        if element.type == "object_elem" and element.named_children
    ]


def _in_text(
    string: Syntax, reader: Expressions, *, certain: bool, is_part: bool
) -> ReadDocument | Problem | Skipped | None:
    """The policy that a string or heredoc holds as JSON."""
    reader.reading.in_element = True
    text = templates.text_of(reader.file, string, reader.part)
    if not text.text.lstrip().startswith("{"):
        return None  # a description, say
    span = reader.file.span(string)
    found = read(text, span, Certainty.SHAPE, unread=True, attached=certain)
    if not isinstance(found, Node):
        return found
    if templates.has_directives(string):
        return not_read(span, Reason.TERRAFORM_TAGS)
    root = found.moved(text.span, lambda node: open_arn(node, text.text))
    # Within the quotes of a string, JSON is escaped: nothing there can be changed.
    shared = () if string.type == "heredoc_template" else (root.span,)
    if is_part:
        statements = root.get("Statement")
        if statements is None or not as_list(statements):
            return None
        return ReadDocument(policy_around(statements), "", shared, is_json=True, fragment=True)
    return ReadDocument(root, "", shared, is_json=True)


def open_arn(node: Node, text: str) -> Value:
    """The value of a scalar in a text of JSON; an ARN with an unresolved part."""
    written = text[node.span.start : node.span.end]
    if node.value is UNKNOWN and written.startswith('"') and "\\" not in written:
        return written[1:-1] if is_open_arn(written[1:-1]) else UNKNOWN
    return node.value


def finished(root: Node) -> Node:
    """The document with pointers.

    An ARN or name with an unresolved part is kept as a resource; any other element is UNKNOWN then.

    Raises:
        UnreadableError: it has more values than any policy.
    """
    left = MAX_TEMPLATE_VALUES

    def copy(node: Node, pointer: str, key: str) -> Node:
        nonlocal left
        left -= 1
        if left < 0 or len(pointer) > MAX_TERRAFORM_POINTER:
            raise OutOfProportionError(f"The policy has more than {MAX_TEMPLATE_VALUES:,} values")
        value = node.value
        if isinstance(node, UnknownNode):
            return UnknownNode(node.span, pointer, node.context, node.text)
        if isinstance(value, Array):
            value = value.of(
                [copy(item, f"{pointer}/{number}", key) for number, item in enumerate(value)]
            )
        elif isinstance(value, Object):
            value = Object(
                [
                    Member(
                        member.key,
                        member.key_span,
                        copy(member.value, f"{pointer}/{pointer_token(member.key)}", member.key),
                    )
                    for member in value
                ]
            )
        elif isinstance(value, str) and key not in _RESOURCES and is_reference(value):
            return UnknownNode(node.span, pointer, "", value)
        return Node(node.span, value, pointer)

    return copy(root, "", "")
