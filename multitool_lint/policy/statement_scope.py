"""The actions and resources of a statement, with what the catalog says of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from multitool_lint.aws.arn import matches_all
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.action_scope import ActionScopes, action_scopes, is_all_actions
from multitool_lint.policy.action_status import numbered
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.syntax.tree import Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.aws.catalog.action_scope import ResourceFormats


class ActionPattern(NamedTuple):
    """An action pattern in a statement, with what its actions act on."""

    statement: Statement
    at: int
    text: str
    accepts: ResourceFormats

    @property
    def node(self) -> Node:
        """Its place."""
        return self.statement.action_node(self.at)


class StatementScope:
    """A statement of a policy, with what its actions act on.

    `resources` are those that the statement names, None if it excepts some or not all are known;
    `everything` is the number of the first of them that is `*`. `action_names` are the action
    patterns, and `lower_names` the same in lower case: none where the statement excepts actions or
    names all of them, since what it grants does not depend on single actions then.
    """

    __slots__ = (
        "_formats",
        "_policy",
        "action_names",
        "everything",
        "lower_names",
        "resources",
        "scopes",
        "statement",
    )

    def __init__(self, policy: Policy, statement: Statement, scopes: ActionScopes) -> None:
        self._policy = policy
        self.statement = statement
        self.scopes = scopes
        names = statement.resource_names
        whole = not statement.negates_resources and 0 < len(names) == statement.resource_count
        self.resources = names if whole else None
        stars = (at for at, text in enumerate(names) if text[:1] == "*" and matches_all(text))
        self.everything = next(stars, None)
        about_all = _is_about_all(statement)
        self.action_names = () if about_all else statement.action_names
        self.lower_names = () if about_all else statement.lower_action_names
        self._formats: Sequence[ResourceFormats] | None = None

    @property
    def formats(self) -> Sequence[ResourceFormats]:
        """What the actions of each of the patterns act on, found on first use."""
        if self._formats is None:
            names = self.lower_names
            numbers = numbered(self._policy, self.scopes.catalog)[self.statement] if names else ()
            self._formats = self.scopes.formats_of(names, numbers)
        return self._formats

    def pattern(self, at: int) -> ActionPattern:
        """The action pattern of that number."""
        return ActionPattern(self.statement, at, self.action_names[at], self.formats[at])

    @property
    def prefixes(self) -> frozenset[str]:
        """The service prefixes of the action patterns."""
        return self.statement.services if self.action_names else frozenset()


def _is_about_all(statement: Statement) -> bool:
    return statement.negates_actions or (
        statement.open_ended
        and any(map(matches_all, statement.services))
        and any(map(is_all_actions, statement.action_names))
    )


@lru_cache(maxsize=4)
def statement_scopes(policy: Policy, catalog: Catalog) -> tuple[StatementScope, ...]:
    """The scopes of the statements of a policy, shared by the checks that ask."""
    scopes = action_scopes(catalog)
    return tuple([StatementScope(policy, statement, scopes) for statement in policy.statements])
