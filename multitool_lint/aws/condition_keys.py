"""Condition keys that no single service owns, and keys whose values are of one kind.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from multitool_lint.aws.catalog.records import ConditionKey
from multitool_lint.aws.catalog.service import KeyTable
from multitool_lint.aws.catalog.tables import Rows, bundled_table

TAG_KEY = "tag-key"
"""How some services spell the variable part of a documented key (`ssm:resourceTag/tag-key`)."""


@bundled_table("global_keys.tsv")
def global_keys(rows: Rows) -> tuple[ConditionKey, ...]:
    """All global condition keys; the scope of each says what it is about."""
    return tuple(ConditionKey(name, tuple(types.split()), scope) for name, types, scope in rows)


def global_key(name: str) -> ConditionKey | None:
    """The global condition key of that name, in any case."""
    return _table().find(name)


@lru_cache(maxsize=1)
def _table() -> KeyTable:
    return KeyTable(global_keys())


ALWAYS_PRESENT = frozenset(
    {
        *("aws:currenttime", "aws:epochtime", "aws:requestedregion", "aws:securetransport"),
        *("aws:useragent", "aws:viaawsservice"),
        *("aws:principalaccount", "aws:principaltype", "aws:userid"),
    }
)
"""The keys, in lower case, of every request, anonymous ones included.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

PRESENT_IF_SIGNED = frozenset({"aws:principalarn", "aws:principalisawsservice"})
"""The keys, in lower case, of every signed request, according to the same page."""

ACCOUNT_KEYS = frozenset(
    {
        *("aws:principalaccount", "aws:principalorgmasteraccountid", "aws:resourceaccount"),
        *("aws:sourceaccount", "aws:sourceowner", "aws:vpceaccount"),
        *("kms:calleraccount", "s3:resourceaccount"),
    }
)
"""The keys whose value is the number of an account, in lower case."""

OWNER_KEYS = frozenset({"aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"})
"""The keys, in lower case, about the owner of a VPC endpoint."""

ENDPOINT_KEYS = OWNER_KEYS | {"aws:sourcevpcarn"}
"""The keys, in lower case, for which AWS lists the services."""

_NEVER = "iam:passrole"
"""The one action of those services that has none of the keys."""


def has_endpoint_key(action: str, key: str) -> bool:
    """Whether the requests of an action have a key, both in lower case, for all that is known."""
    return action != _NEVER and action.partition(":")[0] in endpoint_key_services()[key]


@bundled_table("endpoint_keys.tsv")
def endpoint_key_services(rows: Rows) -> dict[str, frozenset[str]]:
    """The prefixes of the services that have a key, by the name of the key in lower case."""
    return {name.lower(): frozenset(prefixes.split()) for name, prefixes in rows}


@bundled_table("region_keys.tsv")
def region_keys(rows: Rows) -> Mapping[str, frozenset[str]]:
    """The keys whose value is a Region, in lower case, with the other values that they have."""
    return {key.lower(): frozenset(others.split()) for key, others, _ in rows}


@bundled_table("kms_key_keys.tsv")
def kms_key_keys(rows: Rows) -> frozenset[str]:
    """The keys whose value is the ARN of a KMS key, in lower case."""
    return frozenset(key.lower() for key, *_ in rows)
