"""Nested stacks of templates: where their templates are, and with which parameters."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from multitool_lint.formats.cloudformation.functions import text_of
from multitool_lint.formats.cloudformation.properties import by_key
from multitool_lint.formats.local_files import (
    folder_of,
    has_file,
    is_found,
    stack_after,
    stack_in_s3,
)
from multitool_lint.formats.result import NamedFile, not_policy, not_read
from multitool_lint.reasons import Reason
from multitool_lint.syntax.decoded_text import in_string
from multitool_lint.syntax.placeholders import known_end

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.formats.cloudformation.policies import Reader
    from multitool_lint.formats.extract import Found
    from multitool_lint.syntax.source import Source
    from multitool_lint.syntax.tree import Node

_TEMPLATE_PROPERTIES = ("TemplateURL", "Location")


def found_in(reader: Reader, logical_id: str, resource: Node) -> Iterator[Found]:
    """What is found in a nested stack: a template of this repository is linted itself."""
    given = by_key(resource.get("Properties"))
    extractor, body = reader.extractor, given.get("TemplateBody")
    if body and body.string is not None:
        from multitool_lint.formats import embedded_texts  # which reads templates by this

        stack = in_string(extractor.source, body)
        yield from embedded_texts.policies(extractor, stack, body.span)
        return
    for property_ in _TEMPLATE_PROPERTIES:
        name = _stack_file(extractor.source, given.get(property_))
        if name and has_file(extractor.source, name):
            if not is_found(name):
                yield not_read(resource.span, Reason.STACK_TO_NAME, name)
                return
            file = NamedFile(name, logical_id, tuple(_literals(reader, given.get("Parameters"))))
            yield not_policy(resource.span, Reason.STACK_IN_FILE, name)._replace(file=file)
            return
    yield not_read(resource.span, Reason.NESTED_STACK)


def _literals(reader: Reader, parameters: Node | None) -> Iterator[tuple[str, str]]:
    """The parameters of a nested stack whose values are certain."""
    facts = reader.facts({})
    values = ((name, text_of(node, facts)) for name, node in by_key(parameters).items())
    yield from ((name, value) for name, value in values if value and "${" not in value)


def _stack_file(source: Source, address: Node | None) -> str | None:
    """The name of the template of a nested stack, also by the end of its address."""
    written = text_of(address) if address else None
    if not written:
        return None
    has = partial(has_file, source)
    if "${" in written:
        return stack_after(known_end(written), folder_of(source), has)
    return stack_in_s3(written, folder_of(source), has) or written
