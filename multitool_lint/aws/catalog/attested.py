"""What AWS uses though its reference does not list it: names in managed policies and in APIs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.name_index import fold
from multitool_lint.aws.catalog.tables import read_rows, read_rows_or_bundled
from multitool_lint.aws.patterns import has_wildcard, matches
from multitool_lint.named_tuple import NamedTuple


class Evidence(NamedTuple):
    """Where AWS uses a name, as a clause, and whether that is in a managed policy."""

    clause: str
    managed: bool


def evidence(catalog: Catalog, action: str) -> Evidence | None:
    """Where AWS uses an action that the catalog lacks, or what a pattern matches.

    An operation of an API is not evidence if another action is known to authorise it.
    """
    wanted = fold(action)
    policy = _managed(catalog).get(wanted)
    if policy:
        return Evidence(f"AWS uses it in the managed policy {policy}", managed=True)
    if not has_wildcard(wanted):
        found = catalog.operations.get(wanted) == ()
        return Evidence("AWS has an API operation of this name", managed=False) if found else None
    names = _by_prefix(catalog).get(wanted.partition(":")[0], {})
    return next((where for name, where in names.items() if matches(wanted, name)), None)


def service_evidence(catalog: Catalog, prefix: str) -> Evidence | None:
    """Where AWS uses the prefix of a service that the catalog lacks."""
    return next(iter(_by_prefix(catalog).get(fold(prefix), {}).values()), None)


@lru_cache(maxsize=4)
def _managed(catalog: Catalog) -> Mapping[str, str]:
    """The names and patterns in managed policies, in lower case, each with a policy."""
    rows = read_rows_or_bundled(catalog.directory, "managed_actions.tsv")
    return {action.lower(): policy for action, policy, *_ in rows}


@lru_cache(maxsize=4)
def _by_prefix(catalog: Catalog) -> Mapping[str, Mapping[str, Evidence]]:
    """The names in lower case, by prefix; those of managed policies first."""
    found: dict[str, dict[str, Evidence]] = {}
    for action, policy, *_ in read_rows_or_bundled(catalog.directory, "managed_actions.tsv"):
        clause = f'AWS uses "{action}" in the managed policy {policy}'
        prefix = action.lower().partition(":")[0]
        found.setdefault(prefix, {})[action.lower()] = Evidence(clause, managed=True)
    for operation, *authorised_by in read_rows(catalog.directory, "operations.tsv"):
        prefix = operation.lower().partition(":")[0]
        evidence = Evidence(f'AWS has the API operation "{operation}"', managed=False)
        if not authorised_by:
            found.setdefault(prefix, {}).setdefault(operation.lower(), evidence)
    return found
