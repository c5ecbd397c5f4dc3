"""Templates of CloudFormation of which another engine decides what is there by tags.

All that may be there is read, each resource under the conditions of the tags around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from multitool_lint.deployments.cloudformation.access import TemplateDeployment
from multitool_lint.deployments.cloudformation.resources import TemplateResource, roots_of
from multitool_lint.formats.cloudformation.tagged_resources import without_harmless_parts
from multitool_lint.syntax.placeholders import control_tag
from multitool_lint.syntax.template_tags import TaggedTemplate
from multitool_lint.syntax.terms import Guard, StatementValue, Unknown

if TYPE_CHECKING:
    from multitool_lint.deployments.cloudformation.resources import Part


_OF_AWS = ("AWS::", "Custom::")


def is_tagged(path: str, text: str) -> bool:
    """Whether a text is a template of CloudFormation with tags, and is one without them."""
    has_types = any(sign in text for sign in _OF_AWS) and control_tag(text) is not None
    return has_types and bool(roots_of(path, _tagged(text)[1]))


class TaggedDeployment(TemplateDeployment):
    """What a template with tags may deploy: its owners of access by their addresses."""

    def _parts_of(self, path: str, text: str) -> Sequence[Part]:
        self._tags, whole = _tagged(text)
        return super()._parts_of(path, whole)

    def _made(self) -> Iterator[TemplateResource]:
        for resource in super()._made():
            conditions = self._tags.around(resource.node.span.start) if self._tags else ()
            guards = (Guard(Unknown("tag", name), holds) for name, holds in conditions)
            yield resource._replace(guards=(*resource.guards, *guards))

    def _as_known(self, statement: StatementValue) -> StatementValue:
        return statement


def _tagged(text: str) -> tuple[TaggedTemplate | None, str]:
    """The tags of a template, and the text with all of their branches; none if it is not read."""
    try:
        tags = TaggedTemplate(without_harmless_parts(text))
    except ValueError:
        return None, ""
    return tags, tags.whole()
