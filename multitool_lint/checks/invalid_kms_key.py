"""Conditions on the ARN of a KMS key whose value is not such an ARN."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import arn, arn_overlap
from multitool_lint.aws.condition_keys import kms_key_keys
from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.policy.document import Condition, Policy
from multitool_lint.policy.kms_key_ids import key_name

_KEY_ARN = "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}"
_FORM = "arn:aws:kms:region:account:key/key-id"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each value that cannot be the ARN of a KMS key."""
    for _, condition in policy.conditions:
        if "kms" in condition.lower_key:
            yield from _values(condition, context)


def _values(condition: Condition, context: Context) -> Iterator[Finding]:
    if (
        condition.comparison.family not in ("String", "ARN")
        or condition.lower_key not in kms_key_keys()
    ):
        return
    for node, text in condition.texts:
        if text and not _may_be_key(text):
            wrong = "an alias, not the ARN" if "alias/" in text else "not the ARN"
            yield context.finding(
                node,
                f"{quoted(text)} is {wrong} of a KMS key",
                notes=(f"{condition.key.key} is the ARN of the key that the request uses",),
                help=f"use the ARN of the key, in the form {_FORM}",
            )


def _may_be_key(text: str) -> bool:
    if arn.matches_all(text) or text.startswith("${"):
        return True
    pattern = arn.pattern(text)
    if "*" in pattern and pattern.count(":") < _KEY_ARN.count(":"):
        return arn_overlap.may_overlap("arn:?*:kms:?*:?*:key/?*", pattern)
    fields = arn.fields(text)
    return (
        fields is not None
        and arn.defect(text) is None
        and bool(fields.region)
        and bool(fields.account)
        and not fields.resource.startswith("key/alias/")
        and not key_name(text)
        and arn_overlap.may_name(_KEY_ARN, text)
    )
