"""Policies in Terraform's configuration as JSON, which programs write.

Its strings are templates of Terraform's language: what they come to is certain where nothing in
them is decided elsewhere. A policy stands there as a string of JSON, as an expression with
`jsonencode`, or as a data source.

https://developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.formats import recognize
from multitool_lint.formats.extract import UNATTACHED, Attachment, Candidate, Certainty, read
from multitool_lint.formats.result import Problem, Skipped
from multitool_lint.formats.terraform import search
from multitool_lint.formats.terraform.attributes import holders
from multitool_lint.formats.terraform.body import BLOCKS, MERGED, Body, context_of
from multitool_lint.formats.terraform.data_source import documents
from multitool_lint.formats.terraform.evaluate import UnreadableError, is_open_arn
from multitool_lint.formats.terraform.module import DATA
from multitool_lint.formats.terraform.unresolved import in_file
from multitool_lint.limits import MAX_SHOWN_EXPRESSION
from multitool_lint.syntax import decoded_text
from multitool_lint.syntax.decoded_text import DecodedText, Decoder
from multitool_lint.syntax.hcl.tree import File
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.placeholders import has_expression, of_expression, placeholder_end
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.tree import UNKNOWN, Array, Node, Object, as_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.formats.extract import Extractor, Found
    from multitool_lint.formats.terraform.attributes import PolicyAttribute
    from multitool_lint.formats.terraform.evaluate import Local

_OF_PROGRAMS = "Terraform's JSON, which programs write"
_TEMPLATE = re.compile(r"\$\$\{|%%\{|\$\{|%\{")
_REFERENCE = re.compile(rf"^\$\{{(?:data\.{DATA}|local)\.[\w-]+(?:\[[^\]]*\])?(?:\.\w+)?\}}$")
_FILE = re.compile(r'\$\{file\("([^"]*)"\)\}$')
_COMMENTS = frozenset({"//"})


class _NoScope:
    """Nothing is known of other values."""

    def local(self, name: str) -> Local | None:  # noqa: ARG002 - as scopes have it
        """No local value."""
        return None


def policies(extractor: Extractor) -> Iterator[Found]:
    """The policies of a file, each named by its address, and what could not be read."""
    try:
        root = fast.read(extractor.source.text, literal=True)
    except MistakeError as mistake:
        yield Problem(mistake.span, mistake.message)
        return
    for kind, blocks in _members(root):
        for label, body in _members(blocks):
            if kind in ("resource", "data"):
                for name, bodies in _members(body):
                    address = f"{'data.' if kind == 'data' else ''}{label}.{name}"
                    for block in as_list(bodies):
                        yield from _block(extractor, address, label, block)
            else:
                address = f"{'local' if kind == 'locals' else kind}.{label}"
                yield from _values(extractor, body, address, "", "")


def _members(node: Node) -> Iterator[tuple[str, Node]]:
    """The members of an object, or of all objects in a list."""
    for item in as_list(node):
        for member in item.fields():
            if member.key not in _COMMENTS:
                yield member.key, member.value


def _block(extractor: Extractor, address: str, label: str, node: Node) -> Iterator[Found]:
    if not address.startswith(f"data.{DATA}."):
        yield from _values(extractor, node, address, label, "")
        return
    body = _body(node, extractor.source.text)
    for name in MERGED:
        if name in body.attributes:
            span = body.attributes[name][1].span
            yield Skipped(span, "merged into a policy, decided elsewhere", unread=True)
    try:
        for number, made in enumerate(documents(body)):
            name = f"{address} (if it has this statement)" if made.open and number else address
            yield _extracted(extractor, made.root, node, name)
    except UnreadableError as error:
        yield Problem(node.span, str(error))


def _values(
    extractor: Extractor, node: Node, address: str, label: str, path: str
) -> Iterator[Found]:
    """The policies among the values of a block; the parser limits the recursion."""
    if isinstance(node.value, Object):
        for member in node.value:
            inner = f"{path}.{member.key}" if path else member.key
            yield from _values(extractor, member.value, address, label, inner)
    elif isinstance(node.value, Array):
        for item in node.value:
            yield from _values(extractor, item, address, label, path)
    elif isinstance(node.value, str):
        holder = holders().get(label, {}).get(path)
        name = f"{address}.{path}" if path else address
        yield from _in_string(extractor, node, name, holder)


def _in_string(
    extractor: Extractor, node: Node, name: str, holder: PolicyAttribute | None
) -> Iterator[Found]:
    if holder and holder.type == "other":
        return
    source = extractor.source
    text = str(node.value)
    found: list[Node | Problem | Skipped | None] = []
    if text.lstrip().startswith("{") and recognize.may_be_policy(text):
        found = [_of_json(source, node, holder)]
    elif "${" in text and any(word.decode() in text for word in search.WORDS):
        found = list(_of_expression(source, node))
    for item in found:
        if isinstance(item, Node):
            attachment = holder.attachment if holder else UNATTACHED
            yield _extracted(extractor, item, node, name, attachment)
        else:
            yield item
    of_its_own = _FILE.match(text) if holder else None
    if of_its_own:
        yield in_file(source.path, node.span, of_its_own[1])
    elif holder and not found and text and not _REFERENCE.match(text):
        brief = text if len(text) <= MAX_SHOWN_EXPRESSION else f"{text[:MAX_SHOWN_EXPRESSION]}..."
        reason = f"a policy that is decided elsewhere: {brief}"
        yield Skipped(node.span, reason, unread=True)


def _extracted(
    extractor: Extractor,
    root: Node,
    node: Node,
    name: str,
    attachment: Attachment = UNATTACHED,
) -> Found:
    """The policy with this root, which a value of the file contains."""
    whole = Span(0, len(extractor.source.text))
    candidate = Candidate(search.finished(root), node.span, name, attachment, fixed=(whole,))
    return extractor.extract(candidate._replace(unchanged=_OF_PROGRAMS))


def _of_json(
    source: Source, node: Node, holder: PolicyAttribute | None
) -> Node | Problem | Skipped | None:
    """The policy that a string contains as JSON, itself a template."""
    text = _template_text(decoded_text.cut(source.text, node.span))
    certainty = Certainty.POLICY if holder else Certainty.SHAPE
    found = read(text, node.span, certainty, unread=True)
    return found.moved(text.span) if isinstance(found, Node) else found


def _template_text(text: DecodedText) -> DecodedText:
    """What a template says: escapes resolved, a placeholder for each expression."""
    decoder = Decoder(text.text, 0, len(text.text))
    for start, end, new in _replaced(text.text):
        decoder.copy(start)
        decoder.put(new, end)
    return decoder.decoded(text.steps)


def _replaced(template: str, context: str = "") -> Iterator[tuple[int, int, str]]:
    """The escapes and expressions of a template: where they are, and what the text has instead."""
    position = 0
    for match in _TEMPLATE.finditer(template):
        start, end = match.span()
        if start < position:
            continue
        new = match[0][1:]
        if end - start == 2:  # noqa: PLR2004 - `${`
            end = placeholder_end(template, start) or len(template)
            new = of_expression(template[start + 2 : end - 1], context)
        yield start, end, new
        position = end


def _of_expression(source: Source, node: Node) -> Iterator[Node | Problem | Skipped]:
    """The policies of an expression in a string, parsed as one of a file of its own."""
    text = decoded_text.cut(source.text, node.span)
    head = 'x = "'
    file = File(Source(source.path, f'{head}{text.text}"\n'))
    if file.root.has_error:
        yield Skipped(node.span, "an expression that could not be read", unread=True)
        return

    def in_file_span(span: Span) -> Span:
        return text.span(Span(span.start - len(head), span.end - len(head)))

    for attribute in file.attributes(file.root):
        try:
            for found in search.documents(file, attribute.value, _NoScope()):
                if isinstance(found, search.Document):
                    yield found.root.moved(in_file_span)
                else:
                    yield found._replace(span=node.span)
        except UnreadableError as error:
            yield Problem(node.span, str(error))


def _body(node: Node, text: str, *, open: bool = False, context: str = "") -> Body:
    """An object in a text as the block that it stands for."""
    attributes: dict[str, tuple[Span, Node]] = {}
    blocks: list[tuple[str, Body]] = []
    for member in node.fields():
        if member.key in BLOCKS:
            inner = [_body(block, text, context=context) for block in as_list(member.value)]
            blocks += [(member.key, block) for block in inner]
        elif member.key == "dynamic":
            for name, dynamic in _members(member.value):
                for block in as_list(dynamic):
                    content, values = block.get("content"), block.get("for_each")
                    of_each = context_of(text[slice(*values.span)]) if values else ""
                    around = f"{context} for each of {of_each}".lstrip()
                    if content:
                        blocks.append((name, _body(content, text, open=True, context=around)))
        else:
            attributes[member.key] = member.key_span, _evaluated(member.value, context)
    return Body(node.span, node.span, attributes, blocks, open, context)


def _evaluated(node: Node, context: str = "") -> Node:
    """A value of a data source, its strings as far as they are certain."""
    value = node.value
    if isinstance(value, Array):
        value = Array([_evaluated(item, context) for item in value])
    elif isinstance(value, Object):
        value = UNKNOWN
    elif isinstance(value, str) and _TEMPLATE.search(value):
        parts: list[str] = []
        position = 0
        for start, end, new in _replaced(value, context):
            parts += value[position:start], new
            position = end
        text = "".join([*parts, value[position:]])
        value = text if not has_expression(text) or is_open_arn(text) else UNKNOWN
    return Node(node.span, value, "")
