"""Policies of Terraform's files as JSON, and their changes in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.formats import normalized as written
from multitool_lint.syntax import decoded_text as embedded
from multitool_lint.syntax.patch.hcl import reworked

if TYPE_CHECKING:
    from multitool_lint.formats.terraform.blocks import Found
    from multitool_lint.policy.document import PolicyType
    from multitool_lint.syntax.source import Edit, Source


class Expressed(written.Written):
    """A policy that is an expression, or made of blocks."""

    __slots__ = ()

    def edits(self, after: str) -> tuple[Edit, ...] | None:
        """The edits of the file that make the policy this JSON; None where it cannot be given it.

        Raises:
            MistakeError: it is no JSON.
        """
        return reworked(self, after, is_json=False)


class Quoted(written.Written):
    """A policy that stands in a heredoc as JSON."""

    __slots__ = ()

    def edits(self, after: str) -> tuple[Edit, ...] | None:
        """As of other policies."""
        return reworked(self, after, is_json=True)


def write(
    source: Source, found: Found, type: PolicyType, resource_type: str | None
) -> written.Written:
    """Write a policy as JSON."""
    made = written.write(source, found.root, type, resource_type, found.name)
    kind = Quoted if found.is_json else Expressed
    return kind(*made)._replace(
        fixed=found.shared,
        # Within the quotes of a string, JSON is escaped: nothing there can be changed.
        unchanged=embedded.IN_A_STRING if found.is_json and found.shared else made.unchanged,
    )
