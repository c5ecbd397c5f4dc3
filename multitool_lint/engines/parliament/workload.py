"""About how long parliament takes for a policy at most: some policies would take it hours.

It looks for each action in the whole service, compares each with each resource and condition key,
and its comparison of ARNs is exponential in the wildcards of both.
"""

from __future__ import annotations

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.policy.document import Policy, Statement

_TOO_MUCH = 1_000_000_000
_ACTION, _CONDITION, _VALUE = 40, 40, 2
_ORDINARY, _UNUSUAL, _STRANGE = 100, 2_000, 30_000
"""In microseconds, measured with parliament 1.6.4 on inputs made to be slow."""


def microseconds(policy: Policy, catalog: Catalog) -> int:
    """The estimate for a policy."""
    resources = sum(statement.resource_count for statement in policy.statements)
    return resources**2 // 5 + sum(
        _of_statement(statement, catalog) for statement in policy.statements
    )


def _of_statement(statement: Statement, catalog: Catalog) -> int:
    wildcards = [statement.action_names[at] for at in statement.wildcards]
    patterns = [name for name in wildcards if name not in ("*", "*:*")]
    if any(name.startswith("*") for name in patterns):
        return _TOO_MUCH  # would need the data of all services
    actions = statement.action_count - len(wildcards)
    actions += sum(len(catalog.match(name)) for name in patterns)
    sizes = {prefix: _size(prefix, catalog) for prefix in statement.services}
    compared = sum(sizes[name.partition(":")[0]] for name in statement.lower_action_names)
    if any("\n" in name for condition in statement.conditions for name in condition.names):
        return _TOO_MUCH  # its pattern for ARNs is slow on several lines
    for_each = (
        _ACTION
        + sum(map(_of_resource, statement.resource_names))
        + sum(_CONDITION + _VALUE * condition.value_count for condition in statement.conditions)
    )
    return compared + actions * for_each


def _size(prefix: str, catalog: Catalog) -> int:
    service = catalog.service(prefix)
    return service.current if service else 0


def _of_resource(text: str) -> int:
    """What the comparison with the ARN format of a resource type takes at most."""
    path = text.split(":", 5)[-1].rstrip("*")
    if not path:
        return 0
    wildcards, separators = path.count("*"), path.count("/") + path.count(":")
    if wildcards > 3 or separators > 12 or len(path) > 300:  # noqa: PLR2004 - as measured
        return _TOO_MUCH
    long = separators > 6 or len(path) > 120  # noqa: PLR2004 - as measured
    return (_ORDINARY, _UNUSUAL, _STRANGE, _STRANGE, _STRANGE)[wildcards + long]
