"""What resources are for access: the tables of their types."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from multitool_lint.aws.catalog.tables import BUNDLED, parses, read_rows
from multitool_lint.policy.policy_type import PolicyType

_ATTRIBUTES = 2


_TABLES = ("cloudformation_access.tsv", "terraform_access.tsv")


class Use(NamedTuple):
    """What a resource type is for access: whom it is about, and where it has a policy."""

    what: str
    owners: tuple[str, ...]
    policies: tuple[str, ...]


@lru_cache(maxsize=1)
@parses("terraform_access.tsv")
def _table() -> dict[str, list[Use]]:
    found: dict[str, list[Use]] = {}
    for row in chain.from_iterable(read_rows(BUNDLED, table) for table in _TABLES):
        type_, what, owners, policies = [*row, "", ""][:4]
        use = Use(what, tuple(owners.split()), tuple(policies.split()))
        found.setdefault(type_, []).append(use)
    return found


@lru_cache(maxsize=1024)
def uses_of(type_: str) -> tuple[Use, ...]:
    """What a resource type is for access; nothing if it is not about access."""
    table = _table()
    found = list(table.get(type_, ()))
    for pattern, uses in table.items():
        if pattern != "*" and pattern.endswith("*") and type_.startswith(pattern[:-1]):
            found += uses
    return tuple(found)


@lru_cache(maxsize=1)
def harmless() -> frozenset[str]:
    """The arguments of any resource that decide nothing about access."""
    return frozenset(name for use in _table()["*"] for name in use.policies)


@lru_cache(maxsize=1)
@parses("terraform_policies.tsv")
def _resource_types() -> dict[tuple[str, str], str]:
    rows = read_rows(BUNDLED, "terraform_policies.tsv")
    return {(type_, attribute): "".join(rest) for type_, attribute, _, *rest in rows}


def resource_type_of(type_: str, attribute: str) -> str | None:
    """What the policy in an attribute is attached to, as CloudFormation names it."""
    return _resource_types().get((type_, attribute)) or None


@lru_cache(maxsize=1)
@parses("terraform_policies.tsv")
def _policies() -> dict[str, tuple[tuple[str, PolicyType | None], ...]]:
    found: dict[str, list[tuple[str, PolicyType | None]]] = {}
    for type_, attribute, kind, *_ in read_rows(BUNDLED, "terraform_policies.tsv"):
        if kind == "organizations":
            known: PolicyType | None = PolicyType.SCP
        else:
            known = PolicyType(kind) if kind != "other" else None
        found.setdefault(type_, []).append((attribute, known))
    return {type_: tuple(attributes) for type_, attributes in found.items()}


def policies_of(type_: str) -> tuple[tuple[str, PolicyType | None], ...]:
    """The attributes of a resource type that have policies, each with its type.

    An attribute of a block has the name of the block before it. The type is None for a policy in
    another language than IAM's.
    """
    return _policies().get(type_, ())
