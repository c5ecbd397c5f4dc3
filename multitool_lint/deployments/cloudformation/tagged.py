"""Templates of CloudFormation of which another engine decides what is there by tags.

All that may be there is read, each resource under the conditions of the tags around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from multitool_lint.deployments.cloudformation.access import TemplateDeployment
from multitool_lint.deployments.cloudformation.resources import (
    Nesting,
    Part,
    TemplateResource,
    roots_of,
)
from multitool_lint.deployments.cloudformation.values import Output, Values
from multitool_lint.formats.cloudformation.tagged_resources import without_harmless_parts
from multitool_lint.syntax.choices import choice
from multitool_lint.syntax.placeholders import control_tag
from multitool_lint.syntax.template_tags import TaggedTemplate
from multitool_lint.syntax.terms import Guard, StatementValue, Unknown, Value

if TYPE_CHECKING:
    from multitool_lint.syntax.tree import Node
    from multitool_lint.values.reading import Reading


_OF_AWS = ("AWS::", "Custom::")


def is_tagged(path: str, text: str) -> bool:
    """Whether a text is a template of CloudFormation with tags, and is one without them."""
    has_types = any(sign in text for sign in _OF_AWS) and control_tag(text) is not None
    return has_types and bool(roots_of(path, _tagged(text)[1]))


class TaggedDeployment(TemplateDeployment):
    """What a template with tags may deploy: its owners of access by their addresses."""

    def _parts_of(self, path: str, text: str) -> Sequence[Part]:
        tags, whole = _tagged(text)
        self._tags = tags

        def values(root: Node, output: Output) -> Values:
            return _TaggedValues(tags, root, whole, self.reading, output)

        roots = roots_of(path, whole) if tags else ()
        return [Part(self.reading, root, whole, Nesting(path), values) for root in roots]

    def _made(self) -> Iterator[TemplateResource]:
        for resource in super()._made():
            conditions = self._tags.around(*resource.node.span) if self._tags else ()
            guards = (Guard(Unknown("tag", name), holds) for name, holds in conditions)
            yield resource._replace(guards=(*resource.guards, *guards))

    def _as_known(self, statement: StatementValue) -> StatementValue:
        return statement


class _TaggedValues(Values):
    """The values of a template with tags: each part is there under the conditions around it."""

    def __init__(  # as of others
        self, tags: TaggedTemplate | None, root: Node, source: str, reading: Reading, output: Output
    ) -> None:
        super().__init__(root, source, reading, output)
        self._tags = tags

    def part(self, node: Node, place: tuple[int, int], whole: Node, depth: int) -> Value:
        """What an item or member of another value comes to; nothing where it is not there."""
        value = super().part(node, place, whole, depth)
        if self._tags is None:
            return value
        around = {*self._tags.around(*whole.span)}
        for name, holds in self._tags.around(*place):
            if (name, holds) not in around:
                branches = (value, None) if holds else (None, value)
                value = choice(Unknown("tag", name), *branches)
        return value


def _tagged(text: str) -> tuple[TaggedTemplate | None, str]:
    """The tags of a template, and the text with all of their branches; none if it is not read."""
    try:
        tags = TaggedTemplate(without_harmless_parts(text))
    except ValueError:
        return None, ""
    return tags, tags.whole()
