"""The policies of a file, block by block, each with its address and what it is attached to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.formats.extract import OTHER_LANGUAGE, Attachment, Candidate
from multitool_lint.formats.normalized import IN_A_STRING, NormalizedPolicy
from multitool_lint.formats.result import Problem, Skipped
from multitool_lint.formats.terraform import search, unresolved
from multitool_lint.formats.terraform.body import MERGED, bodies
from multitool_lint.formats.terraform.data_source import documents
from multitool_lint.formats.terraform.evaluate import UnreadableError
from multitool_lint.formats.terraform.module import DATA, attributes_in
from multitool_lint.formats.terraform.search import Document, finished
from multitool_lint.policy.document import PolicyType
from multitool_lint.syntax.hcl.tree import parts_of
from multitool_lint.syntax.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node as Syntax

    from multitool_lint.formats.extract import Extractor, Found
    from multitool_lint.formats.terraform.attributes import PolicyAttribute
    from multitool_lint.formats.terraform.module import Module
    from multitool_lint.syntax.hcl.tree import Block, File

SYNTAX_RULE = "hcl-syntax-error"


def policies(extractor: Extractor, file: File, module: Module) -> Iterator[Found]:
    """The policies of a file, and what was recognised and could not be read."""
    # What is in the root has no shape if the root itself is a mistake.
    for part in (file.root,) if file.root.is_error else parts_of(file.root):
        if part.has_error:
            yield from _mistake(file, part)
    for block in file.blocks():
        if block.syntax.has_error:
            continue
        try:
            if block.type == "data" and block.labels[:1] == (DATA,):
                yield from _data_source(extractor, file, module, block)
            else:
                yield from _attributes(extractor, file, module, block)
        except UnreadableError as error:
            yield Problem(file.span(block.head), str(error), SYNTAX_RULE)


def _mistake(file: File, part: Syntax) -> Iterator[Problem]:
    """A syntax error, where it may be that of a policy."""
    if not file.has(part, DATA.encode(), *search.WORDS):
        return
    place = file.mistake(part)
    start, end = file.span(place)
    line_end = re.compile(r"[^\r\n]*").match(file.source.text, start)
    end = min(end, line_end.end() if line_end else end)
    name = place.type.replace("_", " ")
    what = f"{name} is missing here" if place.is_missing else "not in Terraform's syntax"
    yield Problem(Span(start, max(end, start)), what, SYNTAX_RULE)


def _address(block: Block) -> str:
    """How Terraform calls a block."""
    labels = ".".join(block.labels)
    return (
        labels if block.type == "resource" else f"{block.type}.{labels}" if labels else block.type
    )


def _data_source(extractor: Extractor, file: File, module: Module, block: Block) -> Iterator[Found]:
    name = _address(block)
    for attribute in file.attributes(block.body):
        if attribute.name in MERGED:
            yield from unresolved.merged(file, module, attribute.value)
    body, shared = bodies(file, module, block)
    attachment = _attachment(module.uses(name))
    found = documents(body)
    for number, made in enumerate(found):
        if body.blocks or not any(
            attribute.name in MERGED for attribute in file.attributes(block.body)
        ):
            title = f"{name} (if it has this statement)" if made.open and len(found) > 1 else name
            numbered = f"{title} {number + 1}" if made.open and len(found) > 2 else title  # noqa: PLR2004 - to tell them apart
            document = Document(made.root, "", shared)
            yield _extracted(extractor, document, numbered, attachment)


def _attributes(extractor: Extractor, file: File, module: Module, block: Block) -> Iterator[Found]:
    """The policies in the attributes of a block, whatever it is."""
    resource = block.type == "resource"
    seen: dict[str, int] = {}
    for path, value in attributes_in(file, block.body):
        holder = module.attribute_of(file, block, path) if resource else None
        name = f"local.{path}" if block.type == "locals" else f"{_address(block)}.{path}"
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            name = f"{name}[{seen[name] - 1}]"
        if holder and holder.type == "other":
            if file.has(value, b"Statement"):
                yield Skipped(file.span(value), OTHER_LANGUAGE)
            continue
        found = [
            _extracted(extractor, item, name + item.path, _uses(module, name, holder))
            if isinstance(item, Document)
            else item
            for item in search.documents(file, value, module, of_module=block.type == "module")
        ]
        yield from found
        given = _given(file, block, value)
        if holder and not found and not (given and file.has(given, *search.WORDS)):
            yield from unresolved.unread(file, module, given or value)


def _given(file: File, block: Block, value: Syntax) -> Syntax | None:
    """The `for_each` of a resource, if an attribute of it is one of its values."""
    if not file.text(value).startswith("each.value"):
        return None
    values = (
        attribute.value for attribute in file.attributes(block.body) if attribute.name == "for_each"
    )
    return next(values, None)


def _extracted(
    extractor: Extractor, document: Document, name: str, attachment: Attachment
) -> Found:
    """The policy that a document is; of one in quotes, whose JSON is escaped, nothing changes."""
    quoted = document.is_json and document.shared
    candidate = Candidate(
        finished(document.root),
        document.root.span,
        name,
        attachment,
        fixed=document.shared,
        unchanged=IN_A_STRING if quoted else None,
    )
    found = extractor.extract(candidate)
    if not isinstance(found, NormalizedPolicy):
        return found
    return found._replace(syntax="heredoc" if document.is_json else "hcl")


def _uses(module: Module, name: str, holder: PolicyAttribute | None) -> Attachment:
    """What the policy of an attribute or local value is attached to."""
    if holder:
        return _attachment({holder})
    return _attachment(module.uses(name) if name.startswith("local.") else set())


def _attachment(uses: set[PolicyAttribute]) -> Attachment:
    """What a policy is attached to, where that is the same everywhere."""
    found = {holder.attachment for holder in uses}
    types = {attachment.type for attachment in found}
    resources = {attachment.resource_type for attachment in found}
    if types == {PolicyType.IDENTITY, PolicyType.BOUNDARY}:
        return Attachment(PolicyType.IDENTITY)  # what it is a boundary for besides grants nothing
    if len({holder.type for holder in uses}) != 1 or None in types:
        return Attachment()
    return Attachment(types.pop(), resources.pop() if len(resources) == 1 else None)
