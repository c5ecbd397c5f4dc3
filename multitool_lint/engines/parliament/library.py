"""Asking parliament: statements in the form that it reads, with the data that it needs in them.

Its own functions look their data up in a global list of all services. Ours find it in what they are
given: what parliament takes for the name of an action are the facts on it. So nothing is kept
between calls but answers that depend on nothing but the question, and policies can be judged in
several threads.

What parliament fails on or misreads is put into words that it knows: a partition is `*`. What the
JSON Schemas and checks judge (wrong types, unknown operators, values of conditions) and what nobody
knows (placeholders) is left out by those who ask.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from multitool_lint.aws import arn, arn_overlap
from multitool_lint.engines.parliament import loading as parliament_import

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

ANY_ARN = "arn:*:*:*:*:*"
"""Stands for a resource that is decided or judged elsewhere."""


class Stance(NamedTuple):
    """A statement as far as it counts for what a policy allows as a whole.

    `resources` says on which resources it allows or denies an action of a name like `s3:GetObject`.
    """

    allows: bool
    conditional: bool
    resources: Callable[[str], list[str]]


class _Facts(dict[str, object]):
    """What parliament takes for the name of an action, and puts into messages that nobody reads."""

    def __str__(self) -> str:
        return "action"


@lru_cache(maxsize=8192)
def about_resources(
    formats: tuple[str, ...], resources: tuple[str, ...], *, unscoped: bool
) -> frozenset[str]:
    """Ask about the resources of a statement.

    All its actions count as one that takes ARNs of those formats, and one that takes only `*` if
    there are such. What is to be suspected is the same.
    """
    types = [{"resource_type": f"{format_}*"} for format_ in formats]
    facts = [_Facts(resource_types=types, service_resources=())] if types else []
    if unscoped:
        facts.append(_Facts(resource_types=[]))
    # A Deny that matches nothing is as wrong as an Allow, but parliament passes over it.
    members = {
        "Effect": _scalar("Allow"),
        "Action": _array(facts),
        "Resource": _array(map(_readable, resources)),
    }
    statement = _statement(_object(members))
    statement.analyze_statement()
    return _issues(statement)


def _readable(resource: str) -> str:
    """Write an ARN without what parliament does not know: partitions, variables with a colon.

    What is no ARN stands for any: a check of ours says that it is none.
    """
    if arn.is_everything(resource):
        return "*"
    fields = arn.fields(resource)
    if fields is not None and arn.is_partition(fields.partition):
        return arn.in_any_partition(arn.pattern(resource))
    return ANY_ARN


@lru_cache(maxsize=8192)
def about_condition(operator: str, key: str, taken: frozenset[bool]) -> frozenset[str]:
    """Ask about a condition on one key, whatever its values.

    `taken` says whether there are actions in the statement that take the key, and such that do not.
    """
    actions = [
        {
            "service": "",
            "action": _Facts(
                resource_types=[{"condition_keys": [key] if takes else []}],
                service_conditions=[{"condition": key, "type": "Bool"}],
            ),
        }
        for takes in taken
    ]
    statement = _statement()
    block = _object({key: _scalar("true")})
    statement._check_condition(operator, block, actions)  # noqa: SLF001  # the only entrance
    return _issues(statement)


def about_policy(stances: Iterable[Stance]) -> frozenset[str]:
    """Ask about what the statements of a policy allow together."""
    policy = _parliament().policy.Policy(None)
    for stance in stances:
        statement = _statement({"Condition": None} if stance.conditional else {})
        statement.effect_allow = stance.allows
        statement.resources = stance.resources
        policy.statements.append(statement)
    policy.check_for_bad_patterns()
    return _issues(policy)


def _statement(members: object = None) -> Any:  # noqa: ANN401  # parliament has no types
    return _parliament().statement.Statement(members, analyze=False)


def _issues(judged: Any) -> frozenset[str]:  # noqa: ANN401  # a Statement or Policy of parliament
    return frozenset(vars(judged).get("issues", ()))


def _object(members: Mapping[str, object]) -> object:
    node = _nodes().ConfigJSONObject(1, 1)
    for key, value in members.items():
        node._insert(key, value)  # noqa: SLF001  # what jsoncfg's own parser calls
    return node


def _array(values: Iterable[object]) -> object:
    node = _nodes().ConfigJSONArray(1, 1)
    for value in values:
        node._append(_scalar(value))  # noqa: SLF001  # as above
    return node


def _scalar(value: object) -> object:
    return _nodes().ConfigJSONScalar(value, 1, 1)


def _nodes() -> Any:  # noqa: ANN401  # jsoncfg has no types
    return _parliament().statement.jsoncfg.config_classes


@lru_cache(maxsize=1)
def _parliament() -> parliament_import.Parliament:
    """Put our functions in the place of those that look for data, in our copy of parliament."""
    parliament = parliament_import.load()
    for name, function in _FUNCTIONS.items():
        setattr(parliament.statement, name, function)
    parliament.statement.Statement.add_finding = _record
    parliament.statement.Statement.get_resources_for_privilege = _resources_for_privilege
    parliament.policy.Policy.add_finding = _record
    return parliament


def _record(self: Any, finding: str, detail: object = None, location: object = None) -> None:  # noqa: ANN401, ARG001  # the method that it replaces
    # The original keeps the place in a default argument, where the next policy finds it again.
    vars(self).setdefault("issues", set()).add(finding)


def _resources_for_privilege(self: Any, prefix: str, name: str) -> list[str]:  # noqa: ANN401  # as above
    resources: list[str] = self.resources(f"{prefix}:{name}")
    return resources


def _is_arn_strictly_valid(resource_type: str, _format: str, resource: str) -> bool:
    # Not by way of the cache: what this leads to is kept, and it would fill up with formats.
    return arn_overlap.may_name.__wrapped__(resource_type.removesuffix("*"), resource)


_FUNCTIONS: Mapping[str, object] = {
    "expand_action": lambda facts: [{"service": "", "action": facts}],
    "get_privilege_info": lambda _service, facts: facts,
    "get_arn_format": lambda resource_type, _: arn.everything_of(resource_type.removesuffix("*")),
    "is_arn_strictly_valid": _is_arn_strictly_valid,
    "is_valid_region": arn.is_region,
    "is_valid_account_id": arn.is_account,
    # All keys are looked up alike; of a global one it would not compare type and operator.
    "get_global_key_type": lambda _key: None,
    "is_value_in_correct_format_for_type": lambda _type, _values: True,
}
