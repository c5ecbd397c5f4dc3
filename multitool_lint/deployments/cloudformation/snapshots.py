"""Who has which access by the templates in a snapshot of Jest, as tests of the CDK make them."""

from __future__ import annotations

from collections.abc import Sequence

from multitool_lint.deployments.cloudformation.access import TemplateDeployment
from multitool_lint.deployments.cloudformation.resources import (
    Nesting,
    Part,
    TemplateResource,
    roots_of,
)
from multitool_lint.formats import snapshots
from multitool_lint.formats.quick_tests import may_be_code_with_policies
from multitool_lint.syntax.tree import Node


class SnapshotDeployment(TemplateDeployment):
    """What the templates in a snapshot deploy, each by the name of its test."""

    def _parts_of(self, path: str, text: str) -> Sequence[Part]:
        return [
            Part(self.reading, root, written, Nesting(path, prefix=f"{name}."))
            for name, root, written in templates_in(text)
        ]

    def _call(self, resource: TemplateResource) -> None:
        """Nothing of a nested stack, which is in a snapshot of its own, or in none."""


def templates_in(text: str) -> list[tuple[str, Node, str]]:
    """The templates in a snapshot, each with its name and text.

    None of a snapshot in which something else may have policies.
    """
    found = []
    for decoded, span in snapshots.values(text):
        roots = roots_of("template.json", decoded.text)
        if not roots and may_be_code_with_policies(decoded.text):
            return []
        # A slash in an address parts what a resource has from the resource.
        name = text[text.rfind("`", 0, span.start - len("`] = `")) : span.start]
        name = name.strip("`] =").replace("/", " ")
        found += [(name, root, decoded.text) for root in roots]
    names = {name for name, _, _ in found}
    return found if len(names) == len(found) else []
