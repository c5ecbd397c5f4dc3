"""Who or what has access by a deployment: an identity, a resource with a policy, a module."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from multitool_lint.syntax.terms import (
    Guards,
    Origin,
    StatementValue,
    Value,
    guards_identity,
    identity,
)


class Attached(NamedTuple):
    """A managed policy that is not one of the deployment, by its ARN, and when it is attached.

    It is attached at the `origin`.
    """

    arn: Value
    guards: Guards = ()
    origin: Origin | None = None

    @property
    def identity(self) -> tuple[str, str]:
        """Equal for attachments of the same policy under the same guards."""
        return identity(self.arn), str(guards_identity(self.guards))


@dataclass(slots=True)
class Owner:
    """What has access, by its address.

    `kind` is "identity", "resource", "managed" for a policy that is attached to nothing here,
    "document", "module" for one that is not in the tree, or the type of a resource whose arguments
    are `facts` about access. What `is_open` allows everything where it has no policy; what
    `is_restriction` takes access away as long as it is there, and so does each of the `blocks` that
    is true. `boundary` is None if there is none. The `title` is for people.
    """

    address: str
    kind: str
    title: str
    statements: list[StatementValue] = field(default_factory=list)
    trust: list[StatementValue] = field(default_factory=list)
    attached: list[Attached] = field(default_factory=list)
    boundary: list[StatementValue] | None = None
    facts: dict[str, Value] = field(default_factory=dict)
    blocks: dict[str, Value] = field(default_factory=dict)
    providers: set[str] = field(default_factory=set)
    guards: Guards = ()
    is_open: bool = False
    is_restriction: bool = False

    @property
    def content(self) -> object:
        """What two owners have in common that have the same access."""
        return (
            _statements(self.statements),
            _statements(self.trust),
            None if self.boundary is None else _statements(self.boundary),
            sorted(attached.identity for attached in self.attached),
            sorted((name, identity(value)) for name, value in self.facts.items()),
            sorted((name, identity(value)) for name, value in self.blocks.items()),
            sorted(self.providers),
            guards_identity(self.guards),
        )


def _statements(statements: list[StatementValue]) -> list[str]:
    return sorted(statement.identity for statement in statements)
