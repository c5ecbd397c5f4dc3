"""Condition values that AWS does not take under their operator or key."""

from __future__ import annotations

import re
from collections.abc import Iterator

from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.document import Condition, Policy

# Identifiers got longer in 2018; AWS's examples have letters other than those of hexadecimals.
_VPC_IDS = {
    "aws:sourcevpc": ("vpc-", "INVALID_VPC_FORMAT"),
    "aws:sourcevpce": ("vpce-", "INVALID_VPCE_FORMAT"),
}
_AFTER_PREFIX = (8, 17)
_ACCOUNT = "an account ID of 12 digits", r"[0-9]{12}"
_ORGANIZATION = 'an organization ID, as in "o-a1b2c3d4e5"', r"o-[a-z0-9]+"
_PATH = 'a path that begins with the ID of an organization, as in "o-a1b2c3d4e5/r-ab12/"', r"o-.*"
_IDS = {
    "aws:principalaccount": _ACCOUNT,
    "aws:principalorgid": _ORGANIZATION,
    "aws:principalorgpaths": _PATH,
    "aws:principalorgmasteraccountid": _ACCOUNT,
    "aws:resourceaccount": _ACCOUNT,
    "aws:resourceorgid": _ORGANIZATION,
    "aws:resourceorgpaths": _PATH,
    "aws:sourceaccount": _ACCOUNT,
    "aws:sourceorgid": _ORGANIZATION,
    "aws:sourceorgpaths": _PATH,
    "aws:sourceowner": _ACCOUNT,
    "aws:vpceaccount": _ACCOUNT,
    "aws:vpceorgid": _ORGANIZATION,
    "aws:vpceorgpaths": _PATH,
    "kms:calleraccount": _ACCOUNT,
    "s3:resourceaccount": _ACCOUNT,
}
"""What a request has under a key, and the regular expression of it.

AWS: https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html
"""
_PATHS = frozenset(
    {"aws:principalorgpaths", "aws:resourceorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths"}
)
_YEAR = 4
_KINDS = {str: "text", bool: "true or false", int: "a number", float: "a number"}


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every such list of values, and for every such value."""
    for _, condition in policy.conditions:
        family = condition.comparison.family
        if condition.value_count > 1 and (
            family == "Bool" or len(condition.names) < condition.value_count
        ):
            yield from _in_list(condition, family, context)
        if family == "Date":
            yield from _epochs(condition, context)
        elif family == "String":
            id_ = _VPC_IDS.get(condition.lower_key)
            if id_:
                yield from _not_of_form(condition, *id_, context)
            elif condition.lower_key in _IDS:
                yield from _other_ids(condition, context)
            elif condition.lower_key in _PATHS:
                yield from _other_paths(condition, context)


def _in_list(condition: Condition, family: str, context: Context) -> Iterator[Finding]:
    if family == "Bool":
        yield context.finding(
            condition.key,
            f"{condition.operator.key} takes one value, true or false, not "
            f"{condition.value_count}; write one, or drop the condition if both are meant",
            issue_code="INVALID_CONDITION_MULTIPLE_BOOLEAN",
        )
    kinds = [(node, _KINDS.get(type(node.value))) for node in condition.values]
    known = [(node, kind) for node, kind in kinds if kind]
    for node, kind in known[1:]:
        if kind != known[0][1]:
            yield context.finding(
                node,
                f"the values of {condition.key.key} have different JSON types, {known[0][1]} and "
                f"{kind}; write all of them in quotes",
                issue_code="INVALID_CONDITION_DATA_TYPE",
            )
            return


def _epochs(condition: Condition, context: Context) -> Iterator[Finding]:
    for node in condition.values:
        value = node.value
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            text = str(value)
            # Four digits alone are a year.
            if len(text) > _YEAR and text.isascii() and text.lstrip("+-").isdecimal():
                yield context.finding(
                    node,
                    f"{text} is a number of seconds since 1970; write the date, as in "
                    f'"2026-12-31T23:59:59Z"',
                    issue_code="INVALID_DATE_VALUE",
                    severity=Severity.WARNING,
                )


def _not_of_form(
    condition: Condition, prefix: str, code: str, context: Context
) -> Iterator[Finding]:
    for node, text in condition.texts:
        if has_wildcard(text) or "${" in text:
            continue
        rest = text.removeprefix(prefix)
        right = rest != text and len(rest) in _AFTER_PREFIX and rest.isascii() and rest.isalnum()
        if not right:
            yield context.finding(
                node,
                f'"{text}" is no value of {condition.key.key}: it is "{prefix}" and 8 or 17 '
                f'letters or digits, as in "{prefix}0a1b2c3d4e5f60718"',
                issue_code=code,
            )


def _other_ids(condition: Condition, context: Context) -> Iterator[Finding]:
    words, form = _IDS[condition.lower_key]
    for node, text in condition.texts:
        is_open = has_wildcard(text) and (form != _PATH[1] or has_wildcard(text[:1]))
        if is_open or "${" in text or re.fullmatch(form, text):
            continue
        yield context.finding(
            node,
            f'"{text}" never equals {condition.key.key}, which is {words}',
            severity=Severity.WARNING,
        )


def _other_paths(condition: Condition, context: Context) -> Iterator[Finding]:
    for node, text in condition.texts:
        if not (text.startswith("o-") or has_wildcard(text[:2]) or "${" in text):
            yield context.finding(
                node,
                f'"{text}" never matches {condition.key.key}, which begins with an organization '
                'ID, as in "o-a1b2c3d4e5/r-ab12/"',
                severity=Severity.WARNING,
            )
