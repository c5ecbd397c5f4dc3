"""The policies of the resources of a Terraform module, as their documents come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.deployments.terraform.arguments import first_origin
from multitool_lint.syntax.terms import Guards, StatementValue, Text, Value, identity
from multitool_lint.syntax.written import Literal, Origin
from multitool_lint.values.statements import statements_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from multitool_lint.syntax.hcl.expressions import Expression
    from multitool_lint.values.terraform.module import Instance
    from multitool_lint.values.terraform.shared import Shared


class DeployedPolicy(NamedTuple):
    """A policy of an instance of a resource, by the attribute that has it, or of a data source."""

    instance: Instance
    attribute: str
    origin: Origin
    statements: tuple[StatementValue, ...]

    @property
    def is_read(self) -> bool:
        """Whether all of its statements are known."""
        return all(statement.unknown is None for statement in self.statements)


class DeployedPolicies:
    """Reads the documents of resources.

    `found` are the policies, and `unused` documents that nothing refers to. The `files` are
    policies as a whole. `places` are where unknown documents are, by their identities.
    """

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self.found: list[DeployedPolicy] = []
        self.unused: list[DeployedPolicy] = []
        self.files: set[str] = set()
        self.places: dict[str, str] = {}

    def of_argument(self, instance: Instance, name: str) -> DeployedPolicy | None:
        """The policy that an argument of a resource is; None if it is none."""
        expression = instance.block.body.attributes.get(name)
        if expression is None:
            return None
        value = instance.evaluator.evaluate(expression)
        return self.of_value(instance, name, expression, value)

    def add_unused(self, instance: Instance, statements: Sequence[StatementValue]) -> None:
        """Add a document that nothing refers to."""
        origin = Origin(instance.path, instance.block.start, instance.block.end)
        self.unused.append(DeployedPolicy(instance, "", origin, tuple(statements)))

    def of_value(
        self,
        instance: Instance,
        attribute: str,
        expression: Expression,
        value: Value,
        guards: Guards = (),
    ) -> DeployedPolicy | None:
        """The policy that an expression of a value comes to; None if it is none."""
        if isinstance(value, str) and "{" not in value:
            return None
        guards = (*instance.guards, *guards)
        origin = Origin(instance.path, expression.start, expression.end)
        found = [
            statement.under(guards).at(first_origin(statement.elements) or origin)
            for statement in statements_of(value)
        ]
        policy = DeployedPolicy(instance, attribute, origin, tuple(found))
        self.found.append(policy)
        if policy.is_read and isinstance(value, (Literal, Text)) and value.origin:
            self.files.add(value.origin.path)
        for statement in found:
            if statement.unknown is not None:
                self.places[identity(statement.unknown)] = self._place(origin)
        return policy

    def _place(self, origin: Origin) -> str:
        """Where something is written: path and line."""
        text = self._shared.text(origin.path) or ""
        return f"{origin.path}:{text.count(chr(10), 0, origin.start) + 1}"


def statements_in(policy: DeployedPolicy | None) -> list[StatementValue]:
    """The statements of a policy; none if there is none."""
    return [] if policy is None else [*policy.statements]
