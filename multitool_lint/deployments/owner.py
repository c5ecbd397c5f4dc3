"""Who or what has access by a deployment: an identity, a resource with a policy, a module."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.syntax.terms import Guards, StatementValue, Value, guards_identity, identity

if TYPE_CHECKING:
    from multitool_lint.deployments.terraform.deployed_policies import DeployedPolicy
    from multitool_lint.syntax.written import Origin
    from multitool_lint.values.terraform.module import Instance


BLOCKS = "/blocks"
"""What an address ends with of what a resource blocks itself, and goes with it."""
OPEN, DEFAULT, RESTRICTION = "open", "default", "restriction"
AS_A_WHOLE = frozenset({OPEN, DEFAULT, RESTRICTION})
"""What the table of types says of resources as a whole."""
COMMAND, EXAMPLE = "command", "example"
"""The kinds of commands: of a script, and of a page, which its readers may run."""
ELSEWHERE = ("name:", "unknown:")
"""What the addresses begin with of what the deployment does not make."""


class Given(NamedTuple):
    """A policy that a resource gives an identity, and when: one of the deployment, or an ARN.

    It is the boundary of the identity, an inline policy of a name, or attached. The `attribute` of
    the resource names the identity.
    """

    by: Instance
    guards: Guards = ()
    policy: DeployedPolicy | None = None
    arn: Value = None
    name: Value = None
    is_inline: bool = False
    is_boundary: bool = False
    attribute: str = ""


class Provider(NamedTuple):
    """What makes a resource, as people call it, and the identity of whom it acts as.

    Another one of the same `configuration`, which is an identity, too, makes the same.
    """

    title: str
    account: str = ""
    configuration: str = ""

    @property
    def who(self) -> tuple[str, str]:
        """What makes it the same one, however it is configured."""
        return self.title, self.account


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


class Owner:
    """What has access, by its address.

    `kind` is "identity", "resource", "managed" for a policy that is attached to nothing here,
    "document", "module" for one that is not in the tree, "template" for one that is not read with
    what it is given, or the type of a resource whose arguments are `facts` about access. `uses` is
    what a resource is as a whole; each of the `blocks` that is true takes access away. `boundary`
    is None if there is none. The `title` is for people. `given` are the policies of an identity one
    by one, without its `trust_policy`. What it `runs` makes it the same one under another name.
    """

    def __init__(
        self, address: str, kind: str, title: str, statements: list[StatementValue] | None = None
    ) -> None:
        self.address = address
        self.kind = kind
        self.title = title
        self.statements = statements or []
        self.trust: list[StatementValue] = []
        self.given: list[Given] = []
        self.trust_policy: DeployedPolicy | None = None
        self.attached: list[Attached] = []
        self.boundary: list[StatementValue] | None = None
        self.facts: dict[str, Value] = {}
        self.blocks: dict[str, Value] = {}
        self.providers: set[Provider] = set()
        self.guards: Guards = ()
        self.runs: Value = None
        self.uses: set[str] = set()

    @property
    def is_open(self) -> bool:
        """Whether everything is allowed without a policy."""
        return OPEN in self.uses

    @property
    def needs_policy(self) -> bool:
        """Whether more may be allowed without a policy than with one."""
        return not self.uses.isdisjoint({OPEN, DEFAULT})

    @property
    def is_restriction(self) -> bool:
        """Whether it takes access away as long as it is there."""
        return RESTRICTION in self.uses

    @property
    def blocking(self) -> dict[str, Value]:
        """The arguments that take access away, or may do so."""
        return {
            name: value
            for name, value in self.blocks.items()
            if value is not None and value is not False
        }

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
            sorted(provider.who for provider in self.providers),
            guards_identity(self.guards),
        )


def _statements(statements: list[StatementValue]) -> list[str]:
    return sorted(statement.identity for statement in statements)
