"""Policies in Terraform's configuration as JSON, which programs write.

Its strings are templates of Terraform's language: what they come to is certain where nothing in
them is decided elsewhere. A policy stands there as a string of JSON, as an expression with
`jsonencode`, or as a data source.

https://developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.formats import json as json_
from multitool_lint.formats import normalized as written
from multitool_lint.formats import recognize as shape
from multitool_lint.formats.result import Loaded, Problem, Skipped
from multitool_lint.formats.terraform import search
from multitool_lint.formats.terraform.attributes import holders
from multitool_lint.formats.terraform.data_source import BLOCKS, MERGED, Body, documents
from multitool_lint.formats.terraform.evaluate import UnreadableError, is_open_arn
from multitool_lint.formats.terraform.module import DATA
from multitool_lint.formats.terraform.pointers import finished
from multitool_lint.formats.terraform.unresolved import in_file
from multitool_lint.policy.document import PolicyType
from multitool_lint.syntax import decoded_text as embedded
from multitool_lint.syntax.decoded_text import DecodedText
from multitool_lint.syntax.hcl.strings import placeholder
from multitool_lint.syntax.hcl.tree import File
from multitool_lint.syntax.json import parser as json_text
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.placeholders import placeholder_end
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.tree import UNKNOWN, Items, Member, Members, Node, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.formats.terraform.evaluate import Local

_OTHER_LANGUAGE = "a policy in another language than IAM's"
_OF_PROGRAMS = "Terraform's JSON, which programs write"
_TEMPLATE = re.compile(r"\$\$\{|%%\{|\$\{|%\{")
_REFERENCE = re.compile(rf"^\$\{{(?:data\.{DATA}|local)\.[\w-]+(?:\[[^\]]*\])?(?:\.\w+)?\}}$")
_FILE = re.compile(r'\$\{file\("([^"]*)"\)\}$')
_SHOWN_AT_MOST = 60
_COMMENTS = frozenset({"//"})


class _Found(NamedTuple):
    root: Node
    name: str
    type: str = ""
    resource_type: str | None = None


class _NoScope:
    """Nothing is known of other values."""

    def local(self, name: str) -> Local | None:  # noqa: ARG002 - as scopes have it
        """No local value."""
        return None


def load(
    source: Source,
    *,
    type: PolicyType | None = None,
    resource_type: str | None = None,
) -> Loaded:
    """Read the policies of a file, each named by its address.

    `type` and `resource_type` hold where the file does not tell what a policy is attached to.
    """
    try:
        root = json_text.parse(source.text, literal=True)
    except MistakeError as mistake:
        return Loaded(problems=(Problem(mistake.span, mistake.message),))
    problems: list[Problem] = []
    skipped: list[Skipped] = []
    policies: list[written.NormalizedPolicy] = []
    names = {each.value for each in PolicyType}
    for found in _policies(source, root):
        if isinstance(found, Problem):
            problems.append(found)
        elif isinstance(found, Skipped):
            skipped.append(found)
        else:
            certain = PolicyType(found.type) if found.type in names else None
            attached = found.resource_type
            if certain is None:
                attached = attached or resource_type
                certain = type or shape.type_of(found.root, attached)
            made = written.write(source, found.root, certain, attached, found.name)
            whole = Span(0, len(source.text))
            policies.append(made._replace(fixed=(whole,), unchanged=_OF_PROGRAMS))
    if not (policies or problems or skipped):
        whole = Span(0, len(source.text))
        skipped.append(Skipped(whole, "no block or attribute with a policy"))
    return Loaded(problems=tuple(problems), skipped=tuple(skipped), written=tuple(policies))


def _policies(source: Source, root: Node) -> Iterator[_Found | Problem | Skipped]:
    for kind, blocks in _members(root):
        for label, body in _members(blocks):
            if kind in ("resource", "data"):
                for name, each in _members(body):
                    address = f"{'data.' if kind == 'data' else ''}{label}.{name}"
                    for one in listed(each):
                        yield from _block(source, address, label, one)
            else:
                address = f"{'local' if kind == 'locals' else kind}.{label}"
                yield from _values(source, body, address, "", "")


def _members(node: Node) -> Iterator[tuple[str, Node]]:
    """The members of an object, or of all objects in a list."""
    for each in listed(node):
        if isinstance(each.value, Members):
            for member in each.value:
                if member.key not in _COMMENTS:
                    yield member.key, member.value


def _block(
    source: Source, address: str, label: str, node: Node
) -> Iterator[_Found | Problem | Skipped]:
    if address.startswith(f"data.{DATA}."):
        body = _body(source, node)
        for each in MERGED:
            if each in body.attributes:
                span = body.attributes[each][1].span
                yield Skipped(span, "merged into a policy, decided elsewhere", unread=True)
        try:
            for number, made in enumerate(documents(body)):
                name = f"{address} (if it has this statement)" if made.open and number else address
                yield _Found(finished(made.root), name)
        except UnreadableError as error:
            yield Problem(node.span, str(error))
        return
    yield from _values(source, node, address, label, "")


def _values(
    source: Source, node: Node, address: str, label: str, path: str
) -> Iterator[_Found | Problem | Skipped]:
    """The policies among the values of a block; the parser limits the recursion."""
    if isinstance(node.value, Members):
        for member in node.value:
            inner = f"{path}.{member.key}" if path else member.key
            yield from _values(source, member.value, address, label, inner)
    elif isinstance(node.value, Items):
        for each in node.value:
            yield from _values(source, each, address, label, path)
    elif isinstance(node.value, str):
        yield from _in_string(source, node, address, label, path)


def _in_string(
    source: Source, node: Node, address: str, label: str, path: str
) -> Iterator[_Found | Problem | Skipped]:
    holder = holders().get(label, {}).get(path)
    name = f"{address}.{path}" if path else address
    text = node.value if isinstance(node.value, str) else ""
    type_, attached = (holder.type, holder.resource_type) if holder else ("", None)
    if type_ == "other":
        return
    found: list[Node | Problem | Skipped] = []
    if text.lstrip().startswith("{") and shape.may_be_policy(text):
        found = [_of_json(source, node)]
    elif "${" in text and any(word.decode() in text for word in search.WORDS):
        found = list(_of_expression(source, node))
    for each in found:
        if isinstance(each, Problem | Skipped):
            yield each
        elif not shape.speaks_of_access(each):
            yield Skipped(node.span, _OTHER_LANGUAGE)
        else:
            yield _Found(finished(each), name, type_, attached)
    of_its_own = _FILE.match(text) if holder else None
    if of_its_own:
        yield in_file(source.path, node.span, of_its_own[1])
    elif holder and not found and text and not _REFERENCE.match(text):
        brief = text if len(text) <= _SHOWN_AT_MOST else f"{text[:_SHOWN_AT_MOST]}..."
        reason = f"a policy that is decided elsewhere: {brief}"
        yield Skipped(node.span, reason, unread=True)


def _of_json(source: Source, node: Node) -> Node | Problem | Skipped:
    """The policy that a string holds as JSON, itself a template."""
    text = _said(embedded.cut(source.text, node.span))
    found = json_.examine(text.text)
    if isinstance(found, Problem):
        return Problem(text.span(found.span), found.message)
    if isinstance(found, Skipped):
        return Skipped(node.span, found.reason)
    return _moved(found, text, 0)


def _said(text: DecodedText) -> DecodedText:
    """What a template says: escapes resolved, each expression as a placeholder of one word."""
    starts, shifts = [0], [0]
    pieces: list[str] = []
    at = length = 0
    for match in _TEMPLATE.finditer(text.text):
        if match.start() < at:
            continue
        if len(match[0]) == 2:  # noqa: PLR2004 - `${`
            end = placeholder_end(text.text, match.start()) or len(text.text)
            new = placeholder(text.text[match.start() + 2 : end - 1])
        else:
            end, new = match.end(), match[0][1:]
        pieces += text.text[at : match.start()], new
        length += match.start() - at
        for number in range(len(new)):
            starts.append(length + number)
            shifts.append(match.start() - length - number)
        length, at = length + len(new), end
        starts.append(length)
        shifts.append(end - length)
    inner = "".join([*pieces, text.text[at:]])
    return DecodedText(inner, ((starts, shifts), *text.steps))


def _of_expression(source: Source, node: Node) -> Iterator[Node | Problem | Skipped]:
    """The policies of an expression in a string, parsed as one of a file of its own."""
    text = embedded.cut(source.text, node.span)
    head = 'x = "'
    file = File(Source(source.path, f'{head}{text.text}"\n'))
    if file.root.has_error:
        yield Skipped(node.span, "an expression that could not be read", unread=True)
        return
    for attribute in file.attributes(file.root):
        try:
            for each in search.documents(file, attribute.value, _NoScope()):
                if isinstance(each, search.Document):
                    yield _moved(each.root, text, len(head))
                else:
                    yield each._replace(span=node.span)
        except UnreadableError as error:
            yield Problem(node.span, str(error))


def _moved(node: Node, text: DecodedText, head: int) -> Node:
    """A copy of a value with its places in the file."""

    def place(span: Span) -> Span:
        return text.span(Span(span.start - head, span.end - head))

    value = node.value
    if isinstance(value, Items):
        value = Items([_moved(each, text, head) for each in value])
    elif isinstance(value, Members):
        value = Members(
            [
                Member(each.key, place(each.key_span), _moved(each.value, text, head))
                for each in value
            ]
        )
    return Node(place(node.span), value, "")


def _body(source: Source, node: Node, *, open: bool = False) -> Body:
    """An object as the block that it stands for."""
    attributes: dict[str, tuple[Span, Node]] = {}
    blocks: list[tuple[str, Body]] = []
    for member in node.value if isinstance(node.value, Members) else ():
        if member.key in BLOCKS:
            blocks += [(member.key, _body(source, each)) for each in listed(member.value)]
        elif member.key == "dynamic":
            for name, each in _members(member.value):
                for content in listed(each):
                    inner = dict(_members(content)).get("content")
                    if inner is not None:
                        blocks.append((name, _body(source, inner, open=True)))
        else:
            attributes[member.key] = member.key_span, _evaluated(member.value)
    return Body(node.span, node.span, attributes, blocks, open)


def _evaluated(node: Node) -> Node:
    """A value of a data source, its strings as far as they are certain."""
    value = node.value
    if isinstance(value, Items):
        value = Items([_evaluated(each) for each in value])
    elif isinstance(value, Members):
        value = UNKNOWN
    elif isinstance(value, str) and _TEMPLATE.search(value):
        text = re.sub(r"(?<!\$)\$\{([^{}]*)\}", lambda match: placeholder(match[1]), value)
        open_ = text != value or re.search(r"(?<!\$)\$\{|(?<!%)%\{", value)
        text = text.replace("$${", "${").replace("%%{", "%{")
        value = text if not open_ or is_open_arn(text) else UNKNOWN
    return Node(node.span, value, "")
