"""The roles of a service of the Serverless Framework, with the policies that apply to each.

What the framework itself adds for logs, events and networks is not among them.

https://www.serverless.com/framework/docs/providers/aws/guide/iam
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from multitool_lint.formats.documents import documents_of
from multitool_lint.formats.identities import LocatedPolicies
from multitool_lint.formats.serverless import current_name
from multitool_lint.policy.identities import AppliedPolicy, Identity, IdentityKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.formats.result import ReadResult
    from multitool_lint.syntax.source import Source
    from multitool_lint.syntax.tree import Node

_PROVIDER = "provider/iam/role"
_STATEMENTS = (("iam", "role", "statements"), ("iamRoleStatements",))
_MANAGED = (("iam", "role", "managedPolicies"), ("iamManagedPolicies",))
_BOUNDARY = (("iam", "role", "permissionsBoundary"), ("rolePermissionsBoundary",))
_OWN = "iamRoleStatements"


def identities(source: Source, found: ReadResult) -> Iterator[Identity]:
    """The role of the functions of a service, and those that functions have for themselves."""
    for root in documents_of(source):
        provider = root.get("provider")
        if provider is not None and root.get("service") is not None:
            yield from _Service(root, provider, found).identities()


class _Service:
    def __init__(self, root: Node, provider: Node, found: ReadResult) -> None:
        self._root = root
        self._provider = provider
        self._places = LocatedPolicies(found)
        self._policies = {
            current_name(entry.policy.name or ""): entry.policy for entry in found.cases
        }

    def identities(self) -> Iterator[Identity]:
        """The roles of the service."""
        role = _at(self._provider, ("iam", "role")) or self._provider.get("role")
        shared = self._shared()
        if role is None or role.fields():
            yield self._identity(_PROVIDER, self._provider, shared)
        functions = self._root.get("functions")
        for member in functions.fields() if functions else ():
            if statements := member.value.get(_OWN):
                inherits = member.value.get(f"{_OWN}Inherit")
                own = self._written(f"functions/{member.key}/{_OWN}", statements)
                policies = (*own, *(shared if inherits and inherits.value is True else ()))
                yield self._identity(f"functions/{member.key}", member.value, policies)

    def _identity(self, address: str, node: Node, policies: tuple[AppliedPolicy, ...]) -> Identity:
        limits = chain.from_iterable(
            self._places.named(value) for path in _BOUNDARY if (value := _at(self._provider, path))
        )
        return Identity(address, IdentityKind.ROLE, policies, tuple(limits), span=node.span)

    def _shared(self) -> tuple[AppliedPolicy, ...]:
        """The policies of the role of the service."""
        statements = [value for path in _STATEMENTS if (value := _at(self._provider, path))]
        managed = [value for path in _MANAGED if (value := _at(self._provider, path))]
        return (
            *(
                one
                for value in statements
                for one in self._written(f"{_PROVIDER}/statements", value)
            ),
            *chain.from_iterable(map(self._places.named, managed)),
        )

    def _written(self, name: str, statements: Node) -> tuple[AppliedPolicy, ...]:
        """The policy that a setting has statements for."""
        return (AppliedPolicy(self._policies.get(name), span=statements.span),)


def _at(node: Node, path: tuple[str, ...]) -> Node | None:
    found: Node | None = node
    for key in path:
        found = found.get(key) if found else None
    return found
