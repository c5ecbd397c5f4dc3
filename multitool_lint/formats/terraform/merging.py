"""Documents that a data source merges from other data sources of its folder.

Each of them is linted where it is written. What is wrong only with all of them together, such as a
Sid that two of them have, is found in the merged one.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.formats.policy_texts import policy_around
from multitool_lint.formats.terraform import search
from multitool_lint.formats.terraform.alternatives import alternatives
from multitool_lint.formats.terraform.body import MERGED, OVERRIDES, bodies
from multitool_lint.formats.terraform.cases import ReadDocument
from multitool_lint.formats.terraform.data_source import documents
from multitool_lint.formats.terraform.scope import OutOfProportionError
from multitool_lint.formats.terraform.unresolved import address_of
from multitool_lint.limits import MAX_LOCAL_REFERENCES, MAX_MERGED_VALUES
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import UNKNOWN, Array, Node, Value, as_list, scalars

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node as Syntax

    from multitool_lint.formats.terraform.module import ModuleFolder
    from multitool_lint.syntax.hcl.tree import HclFile, SyntaxBlock


class Merger:
    """Merges the documents of a folder, as far as they are certain."""

    def __init__(self, module: ModuleFolder) -> None:
        self._module = module
        self._left = MAX_MERGED_VALUES
        self._roots: dict[tuple[HclFile, int], Node] = {}

    def merged(self, file: HclFile, block: SyntaxBlock) -> ReadDocument | None:
        """The document of a data source that merges others; None if it does not.

        Raises:
            UnreadableError: the documents of the file are too large together.
        """
        parts = [part for name in MERGED for part in _parts(file, block, name)]
        if not any(self._referred(file, part) for part in parts):
            return None
        root = self._root(file, block, 0)
        whole = Span(0, len(file.source.text))  # what is wrong is not wrong in a part
        return ReadDocument(root, "", (whole,), merged=True)

    def overriding_sids(self, file: HclFile, block: SyntaxBlock) -> set[str] | None:
        """The Sids of the statements that override those of a data source; None if any may.

        Raises:
            UnreadableError: the documents of the file are too large together.
        """
        sids: set[str] = set()
        for attribute in file.attributes(block.body):
            for part in alternatives(file, attribute.value) if attribute.name in OVERRIDES else ():
                roots = list(self._documents(file, part.syntax, 0))
                found = [sid for root in roots for sid in _sids(root)]
                if not roots or UNKNOWN in found:
                    return None
                sids.update(sid for sid in found if isinstance(sid, str))
        return sids

    def _root(self, file: HclFile, block: SyntaxBlock, depth: int) -> Node:
        key = file, block.syntax.start_byte
        if key not in self._roots:
            self._roots[key] = self._made(file, block, depth)
        root = self._roots[key]
        self._left -= sum(1 for _ in scalars(root))
        if self._left < 0:
            raise OutOfProportionError(
                f"merged documents of more than {MAX_MERGED_VALUES:,} values"
            )
        return root

    def _made(self, file: HclFile, block: SyntaxBlock, depth: int) -> Node:
        body, _ = bodies(file, self._module, block)
        found = {
            name: [
                root
                for part in _parts(file, block, name)
                for root in self._documents(file, part, depth)
            ]
            for name in MERGED
        }
        # The provider does not let a later one of these override an earlier one: both are there.
        listed = [
            statement
            for root in found["source_policy_documents"]
            for statement in as_list(root.get("Statement"))
        ]
        sources = [*found["source_json"], policy_around(Node(body.span, Array(listed), ""))]
        overrides = [root for name in OVERRIDES for root in found[name]]
        return documents(body, sources, overrides)[0].root

    def _documents(self, file: HclFile, part: Syntax, depth: int) -> Iterator[Node]:
        """The documents that an expression comes to; one of another file at its reference."""
        referred = self._referred(file, part)
        if referred is None:
            for document in search.documents(file, part, self._module, certain=True):
                if isinstance(document, ReadDocument) and not document.case:
                    yield document.root
        elif depth < MAX_LOCAL_REFERENCES:
            other, block = referred
            root = self._root(other, block, depth + 1)
            yield root if other is file else root.moved(lambda _: file.span(part))

    def _referred(self, file: HclFile, part: Syntax) -> tuple[HclFile, SyntaxBlock] | None:
        address = address_of(file, part)
        return self._module.document(address) if address else None


def _sids(root: Node) -> Iterator[Value]:
    for statement in as_list(root.get("Statement")):
        sid = statement.get("Sid")
        yield sid.value if sid else UNKNOWN if statement.value is UNKNOWN else None


def _parts(file: HclFile, block: SyntaxBlock, name: str) -> list[Syntax]:
    """The documents in an attribute of which it is certain that they are merged."""
    return [
        part
        for attribute in file.attributes(block.body)
        if attribute.name == name
        for part, certain, _ in alternatives(file, attribute.value)
        if certain
    ]
