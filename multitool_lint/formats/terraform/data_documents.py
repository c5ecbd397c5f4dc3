"""The documents of a data source `aws_iam_policy_document`, with those that it merges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.formats.policy_texts import policy_around
from multitool_lint.formats.terraform import search, unresolved
from multitool_lint.formats.terraform.alternatives import alternatives
from multitool_lint.formats.terraform.body import MERGED, OVERRIDES, SOURCES, BlockContent, bodies
from multitool_lint.formats.terraform.cases import ReadDocument, of_reading
from multitool_lint.formats.terraform.choices import readings
from multitool_lint.formats.terraform.data_source import documents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node as Syntax

    from multitool_lint.formats.result import Problem, Skipped
    from multitool_lint.formats.terraform.merging import Merger
    from multitool_lint.formats.terraform.module import ModuleFolder
    from multitool_lint.syntax.hcl.tree import HclFile, SyntaxBlock


def documents_of(
    file: HclFile, module: ModuleFolder, block: SyntaxBlock, merger: Merger
) -> Iterator[ReadDocument | Problem | Skipped]:
    """The policies that a data source makes, and what of them could not be read.

    Raises:
        UnreadableError: that is out of all proportion.
    """
    merged: dict[str, list[ReadDocument]] = {attribute: [] for attribute in MERGED}
    attributes = [part for part in file.attributes(block.body) if part.name in MERGED]
    is_bare = block.body is None or not file.has(block.body, b"=", b"{")
    for attribute in attributes:
        for found, certain in _merged_documents(file, module, attribute.value):
            if not isinstance(found, ReadDocument):
                yield found
            elif certain and found.part != "branch":
                merged[attribute.name].append(found)
            else:
                yield _alone(found, f".{attribute.name}{found.path}")
    sources, overrides = (
        [document for attribute in side for document in merged[attribute]]
        for side in (SOURCES, OVERRIDES)
    )
    # What is not written as a block is not changed.
    others = [
        place
        for document in (*sources, *overrides)
        for place in (document.root.span, *document.shared)
    ]
    for reading in readings(module.budget):
        body, shared = bodies(file, module, block, reading)
        if any(map(_is_only_named, body.blocks)):
            body = _without_replaced(body, merger.overriding_sids(file, block))
        if not (body.blocks or sources or overrides) and (attributes or is_bare):
            return  # without anything, it is empty on purpose, for others to be merged with
        policies = documents(
            body, [source.root for source in sources], [override.root for override in overrides]
        )
        may_have_more = any(made.open for made in policies)
        for number, made in enumerate(policies):
            path = _name(number, len(policies)) if made.open else ""
            document = ReadDocument(
                made.root,
                path,
                (*shared, *others),
                conditions=made.conditions,
                open=may_have_more,
            )
            yield from of_reading(document, reading)


def _is_only_named(block: tuple[str, BlockContent]) -> bool:
    """Whether a statement has nothing but a Sid, for a document that replaces it."""
    name, body = block
    return name == "statement" and [*body.attributes] == ["sid"] and not body.blocks


def _without_replaced(body: BlockContent, sids: set[str] | None) -> BlockContent:
    """A data source without such statements that others replace, of some Sids or of any."""
    return body._replace(
        blocks=[
            (name, inner)
            for name, inner in body.blocks
            if not _is_only_named((name, inner))
            or (sids is not None and inner.attributes["sid"][1].string not in sids)
        ]
    )


def _name(number: int, count: int) -> str:
    """The end of the name of a policy that may not be there, among several."""
    name = " (if it has this statement)" if count > 1 else ""
    return f"{name} {number + 1}" if count > 2 else name  # noqa: PLR2004 - to distinguish them


def _alone(document: ReadDocument, path: str) -> ReadDocument:
    """A document by itself, with the version of others.

    Whether it is merged with them is unknown, or what it is then.
    """
    root = policy_around(document.root.get("Statement") or document.root)
    return document._replace(root=root, path=path, shared=(*document.shared, document.root.span))


def _merged_documents(
    file: HclFile, module: ModuleFolder, value: Syntax
) -> Iterator[tuple[ReadDocument | Problem | Skipped, bool]]:
    """The documents in a list of those that are merged, and whether it is certain that they are."""
    rest = []
    for part, certain, is_document in alternatives(file, value):
        found = list(search.documents(file, part, module, certain=True)) if is_document else []
        yield from ((item, certain) for item in found)
        if not found:
            rest.append(part)
    for skipped in unresolved.merged(file, module, value, rest):
        yield skipped, True
