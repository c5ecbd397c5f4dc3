"""The names that settings and options give: of rules, policy types, resource types, severities."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from types import MappingProxyType

from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.config.errors import ConfigError
from multitool_lint.diagnostics.rule import (
    ALL_TYPES,
    PARLIAMENT,
    TOPICS,
    UNCHECKED,
    Severity,
    current_id,
    parliament_types,
    rules,
)
from multitool_lint.diagnostics.suggestion import alternatives, suggestion
from multitool_lint.limits import MAX_COMPARED_NAME
from multitool_lint.policy.policy_type import PolicyType

ALL = "ALL"
"""The word for all rules, where rules are selected."""

ENGINES = ("multitool-lint", PARLIAMENT)
"""Whose findings are reported: ours, or those of parliament."""

NEVER = "never"
"""The word for no severity at all."""

FAIL_ON = (*(severity.value for severity in Severity), NEVER)
"""What `fail-on` may be: the slightest severity at which a run fails, the most severe first."""


_MISSPELT = 0.9
"""How alike a resource type has to be to a known one to be that one misspelt."""

ATTACHMENTS: Mapping[str, tuple[PolicyType, str]] = MappingProxyType(
    {
        "permission-set": (PolicyType.IDENTITY, "AWS::SSO::PermissionSet"),
        "vpc-endpoint": (PolicyType.RESOURCE, "AWS::EC2::VPCEndpoint"),
    }
)
"""Names for a policy type together with what the policies are attached to."""

TYPE_NAMES = (*ALL_TYPES, *ATTACHMENTS)
"""What the type of policies may be set to."""

RESOURCE_TYPE = "[A-Za-z0-9]+(::[A-Za-z0-9]+){2}"


def check_rules(
    ids: Iterable[str], *, select: bool, others: Collection[str] = ()
) -> tuple[str, ...]:
    """What `check_rule` returns for each of the ids.

    Raises:
        ConfigError: it does not.
    """
    return tuple(check_rule(id_, select=select, others=others) for id_ in ids)


def check_rule(
    id_: str, *, select: bool, others: Collection[str] = (), topics: bool = True, path: str = ""
) -> str:
    """The id of the rule that is named, or the name of a topic.

    `others` are the ids of rules that are not ours. `ALL` may be selected as well. The path is that
    of the configuration, for the warning about a former id.

    Raises:
        ConfigError: it is not, or must not be ignored.
    """
    id_ = current_id(id_, path)
    if id_ in UNCHECKED and not select:
        raise ConfigError(f'"{id_}" cannot be ignored: a file that was not checked fails the run')
    if id_ in rules() or id_ in others or (topics and id_ in TOPICS) or (select and id_ == ALL):
        return id_
    if id_ in parliament_types():
        return id_
    known = [*rules(), *others, *(TOPICS if topics else ())]
    hint = suggestion(id_, known) or "; `multitool-lint rules` lists the rules"
    raise ConfigError(f'unknown rule "{id_}"{hint}')


def check_resource_type(text: str) -> str:
    """The text, which is a CloudFormation name of a resource type.

    Raises:
        ConfigError: it is not, or is a known one misspelt.
    """
    from difflib import get_close_matches

    if not re.fullmatch(RESOURCE_TYPE, text):
        raise ConfigError(f'"{text}" is not a resource type such as AWS::S3::Bucket')
    known = _resource_types()
    lower = text.lower()
    if known.get(lower) == text:
        return text
    # There may be others that policies are attached to.
    if close := get_close_matches(lower[:MAX_COMPARED_NAME], known, n=1, cutoff=_MISSPELT):
        raise ConfigError(f'unknown resource type "{text}"; did you mean "{known[close[0]]}"?')
    return text


@bundled_table("cloudformation_policies.tsv")
def _resource_types(rows: Rows) -> Mapping[str, str]:
    """The types that policies are known to be attached to, by their names in lower case."""
    from multitool_lint.aws.policy_types import quotas, resource_policies

    names = chain(quotas(), resource_policies(), *((row[0], *row[3:]) for row in rows))
    return MappingProxyType({name.lower(): name for name in names if "::" in name})


def check_engine(text: str) -> str:
    """The text, which is the name of an engine.

    Raises:
        ConfigError: it is not.
    """
    return _check("engine", text, ENGINES)


def check_type(text: str) -> PolicyType:
    """The policy type of that name.

    Raises:
        ConfigError: there is none.
    """
    return PolicyType(_check("policy type", text, ALL_TYPES))


def check_attachment(text: str, resource_type: str | None = None) -> tuple[PolicyType, str | None]:
    """The policy type of a name, and the type of the resource: the given one, or the name's.

    Raises:
        ConfigError: there is no such name, or it is that of another resource.
    """
    if text not in ATTACHMENTS:
        _check("policy type", text, TYPE_NAMES)
        return PolicyType(text), resource_type
    type_, implied = ATTACHMENTS[text]
    if resource_type not in (None, implied):
        raise ConfigError(f'"{text}" is a type for {implied}, not for {resource_type}')
    return type_, implied


def check_severity(text: str) -> Severity:
    """The severity of that name.

    Raises:
        ConfigError: there is none.
    """
    return Severity(_check("severity", text, FAIL_ON[:-1]))


def check_fail_on(text: str) -> str:
    """The text, which is what `fail-on` may be.

    Raises:
        ConfigError: it is not.
    """
    return _check("severity", text, FAIL_ON)


def _check(what: str, text: str, names: Sequence[str]) -> str:
    if text not in names:
        hint = suggestion(text, names) or f"; expected {alternatives(names)}"
        raise ConfigError(f'unknown {what} "{text}"{hint}')
    return text
