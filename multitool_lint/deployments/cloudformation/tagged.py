"""Templates of CloudFormation of which another engine decides what is there by tags.

All that may be there is read, each resource under the conditions of the tags around it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from multitool_lint.deployments.cloudformation.access import TemplateDeployment
from multitool_lint.deployments.cloudformation.resources import (
    Nesting,
    Part,
    TemplateResource,
    roots_of,
)
from multitool_lint.deployments.cloudformation.values import Output, Values
from multitool_lint.deployments.cloudformation.words import has_word
from multitool_lint.formats.cloudformation.tagged_resources import (
    without_harmless_parts,
    writing_tags,
)
from multitool_lint.formats.filling_tags import filling_tags
from multitool_lint.syntax.choices import choice, choice_by
from multitool_lint.syntax.placeholders import control_tag
from multitool_lint.syntax.template_tags import TaggedTemplate
from multitool_lint.syntax.terms import Guard, StatementValue, Unknown, Value

if TYPE_CHECKING:
    from multitool_lint.syntax.tree import Node
    from multitool_lint.values.reading import Reading


_OF_AWS = ("AWS::", "Custom::")
_IS_POLICY = re.compile("polic(?:y|ies)", re.IGNORECASE)


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

    def _add_commands(self, text: str) -> None:
        super()._add_commands(text)
        text = without_harmless_parts(text)
        for tag in (*filling_tags(text), *writing_tags(text)):
            self._note(f"`{tag.content}`", tag.content)

    def _search(self, resource: TemplateResource, known: Collection[str]) -> None:
        super()._search(resource, known)
        for name in resource.names:
            if (
                name not in known
                and _IS_POLICY.search(name)
                and has_word(value := resource.argument(name), "{{")
            ):
                self._note(f"{resource.address}/{name}", value)

    def _note(self, title: str, value: Value) -> None:
        owner = self._owner(f"tag:{title}", "tag")
        owner.title, owner.facts["of"] = title, value

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
                value = choice_by((Guard(Unknown("tag", name), holds),), value, None)
        return value

    def repeated(self, before: Value, after: Value) -> Value:
        """What a key comes to that is there under conditions each time."""
        if isinstance(after, Unknown) and after.operator == "if" and None in after.arguments:
            condition, *branches = after.arguments
            return choice(condition, *(before if part is None else part for part in branches))
        return super().repeated(before, after)


def _tagged(text: str) -> tuple[TaggedTemplate | None, str]:
    """The tags of a template, and the text with all of their branches; none if it is not read."""
    try:
        tags = TaggedTemplate(without_harmless_parts(text))
    except ValueError:
        return None, ""
    return tags, tags.whole()
