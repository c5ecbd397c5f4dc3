"""What resources are for access: the tables of their types, of CloudFormation and Terraform."""

from __future__ import annotations

from functools import lru_cache

from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.named_tuple import NamedTuple


class Use(NamedTuple):
    """What a resource type is for access: whom it is about, and where it has a policy."""

    what: str
    owners: tuple[str, ...]
    policies: tuple[str, ...]


@bundled_table("cloudformation_access.tsv", "terraform_access.tsv")
def _table(rows: Rows) -> dict[str, list[Use]]:
    found: dict[str, list[Use]] = {}
    for row in rows:
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


@lru_cache(maxsize=1024)
def compared(type_: str) -> frozenset[str]:
    """The arguments and blocks of a resource type by which identities have policies.

    They are compared as these.
    """
    giving = [use for use in uses_of(type_) if use.what in ("attachment", "boundary", "inline")]
    names = (name for use in giving for name in (*use.owners, *use.policies))
    return frozenset(name.partition(".")[0] for name in names)


@lru_cache(maxsize=1)
def harmless() -> frozenset[str]:
    """The arguments of any resource that decide nothing about access."""
    return frozenset(name for use in _table()["*"] if use.what == "none" for name in use.policies)


@lru_cache(maxsize=1024)
def grants_each(argument: str) -> bool:
    """Whether each item of an argument allows something by itself, and no item denies anything.

    The argument is called as in any template, after the blocks that it is in.
    """
    return argument.rpartition(".")[2].replace("_", "").lower() in _granting()


@lru_cache(maxsize=1)
def _granting() -> frozenset[str]:
    found = (name for use in _table()["*"] if use.what == "each" for name in use.policies)
    return frozenset(name.replace("_", "") for name in found)
