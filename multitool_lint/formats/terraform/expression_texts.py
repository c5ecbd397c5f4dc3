"""Policies in texts of other formats that are expressions of Terraform's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.formats.result import Problem, Skipped, not_read
from multitool_lint.formats.terraform import search
from multitool_lint.formats.terraform.cases import ReadDocument
from multitool_lint.formats.terraform.modules import FileModule
from multitool_lint.formats.terraform.scope import OutOfProportionError, Scope, ValueBudget
from multitool_lint.reasons import Reason
from multitool_lint.syntax.hcl.tree import HclFile
from multitool_lint.syntax.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.syntax.decoded_text import DecodedText
    from multitool_lint.values.terraform.shared import Evaluates

_HEAD = 'x = "'


class NoScope:
    """Nothing is known of other values."""

    def __init__(self, budget: ValueBudget) -> None:
        self.budget = budget

    def evaluator(self, source: Source) -> Evaluates:
        """What evaluates the expressions of a source by itself."""
        return FileModule(source).evaluator(source)


def documents(
    text: DecodedText, path: str, span: Span, scope: Scope, *, certain: bool
) -> Iterator[ReadDocument | Problem | Skipped]:
    """The policies of the expressions in a text, with their places in the file.

    The text is parsed as a string of a file of its own; what could not be read has the given span.
    """
    template = text.text.strip()
    before = len(_HEAD) - text.text.find(template)
    file = HclFile(Source(f"{path}#", f'{_HEAD}{template}"\n'))
    if file.root.has_error:
        yield not_read(span, Reason.UNREAD_EXPRESSION)
        return

    def in_file_span(span: Span) -> Span:
        return text.span(Span(span.start - before, span.end - before))

    for attribute in file.attributes(file.root):
        try:
            for found in search.documents(file, attribute.value, scope, certain=certain):
                if isinstance(found, ReadDocument):
                    yield found._replace(root=found.root.moved(in_file_span))
                else:
                    yield found._replace(span=span)
        except OutOfProportionError as error:
            yield Problem(span, str(error))
