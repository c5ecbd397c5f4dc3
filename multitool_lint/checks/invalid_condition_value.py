"""Condition values that are not valid for their operator or key."""

from __future__ import annotations

import re
from collections.abc import Iterator

from multitool_lint.aws import arn
from multitool_lint.aws.condition_keys import ACCOUNT_KEYS
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.diagnostics.condition_arns import ARN_KEYS, unmatched_arns
from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.diagnostics.fixes import write
from multitool_lint.diagnostics.placeholder import has_placeholder, to_be_replaced
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy import pointer
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.other_accounts import is_account
from multitool_lint.policy.placeholder_forms import ACCOUNT
from multitool_lint.policy.principals import is_about_roles
from multitool_lint.syntax.placeholders import as_written
from multitool_lint.syntax.tree import partly_known_text

# Identifiers got longer in 2018; AWS's examples have letters that are not hexadecimal digits.
_VPC_IDS = {
    "aws:sourcevpc": ("vpc-", "INVALID_VPC_FORMAT"),
    "aws:sourcevpce": ("vpce-", "INVALID_VPCE_FORMAT"),
}
_AFTER_PREFIX = (8, 17)
_ACCOUNT = "an account ID of 12 digits", "111122223333", r"[0-9]{12}"
_ORGANIZATION = "an organization ID", "o-a1b2c3d4e5", r"o-[a-z0-9]+"
_PATH = "a path that begins with an organization ID", "o-a1b2c3d4e5/r-ab12/", r"o-.*"
_IDS = {
    **dict.fromkeys(ACCOUNT_KEYS, _ACCOUNT),
    "aws:principalorgid": _ORGANIZATION,
    "aws:principalorgpaths": _PATH,
    "aws:resourceorgid": _ORGANIZATION,
    "aws:resourceorgpaths": _PATH,
    "aws:sourceorgid": _ORGANIZATION,
    "aws:sourceorgpaths": _PATH,
    "aws:vpceorgid": _ORGANIZATION,
    "aws:vpceorgpaths": _PATH,
}
"""What the value of a key is, an example, and a regular expression for it.

AWS: https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html
"""
_CHOICES = {
    "aws:principaltype": ("Account", "User", "FederatedUser", "AssumedRole", "Anonymous"),
    "ec2:metadatahttptokens": ("required", "optional"),
    "ec2:tenancy": ("default", "dedicated", "host"),
    "lambda:functionurlauthtype": ("AWS_IAM", "NONE"),
    "s3:accesspointnetworkorigin": ("VPC", "Internet"),
    "s3:x-amz-acl": (
        *("private", "public-read", "public-read-write", "authenticated-read", "aws-exec-read"),
        *("bucket-owner-read", "bucket-owner-full-control", "log-delivery-write"),
    ),
    "s3:x-amz-server-side-encryption": ("AES256", "aws:kms", "aws:kms:dsse"),
}
"""Values of keys that have a few. They are compared with their case; AWS may add others.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_AccessPoint.html and the same for
the parameters of other requests.
"""
_YEAR = 4
_KINDS = {str: "a string", bool: "a Boolean", int: "a number", float: "a number"}


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each list of values and each value that is not valid."""
    for statement, condition in policy.conditions:
        family = condition.comparison.family
        if condition.value_count > 1 and (
            family == "Bool" or len(condition.names) < condition.value_count
        ):
            yield from _in_list(condition, family, context)
        if family == "Date":
            yield from _epochs(condition, context)
        elif condition.lower_key in ARN_KEYS and family in ("ARN", "String"):
            yield from unmatched_arns(statement, condition, context)
        elif family == "String":
            id_ = _VPC_IDS.get(condition.lower_key)
            if id_:
                yield from _not_of_form(condition, *id_, context)
            elif condition.lower_key in _IDS:
                yield from _other_ids(condition, context)
            elif condition.lower_key in _CHOICES:
                yield from _in_other_case(condition, context)
            elif condition.lower_key in _OF_STATEMENT and _requires(statement, condition):
                yield from _OF_STATEMENT[condition.lower_key](statement, condition, context)


def _in_list(condition: Condition, family: str, context: Context) -> Iterator[Finding]:
    if family == "Bool":
        yield context.finding(
            condition.key,
            f"{condition.operator.key} accepts one value, but this condition has "
            f"{condition.value_count:,}",
            help="use true or false, or remove the condition if it must match both",
            issue_code="INVALID_CONDITION_MULTIPLE_BOOLEAN",
        )
    kinds = [(node, _KINDS.get(type(node.value))) for node in condition.values]
    known = [(node, kind) for node, kind in kinds if kind]
    for node, kind in known[1:]:
        if kind != known[0][1]:
            yield context.finding(
                node,
                f"The values of {condition.key.key} have different JSON types",
                label=f"{kind}, but the first value is {known[0][1]}",
                help="write all values in quotes",
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
                    f"{text} is an epoch time, which does not account for leap seconds",
                    label="may not be the intended second",
                    help='use an ISO 8601 date, such as "2026-12-31T23:59:59Z"',
                    issue_code="INVALID_DATE_VALUE",
                    severity=Severity.WARNING,
                )


def _leftovers(condition: Condition, context: Context) -> Iterator[Finding]:
    """A finding for each ID with a bracket next to a placeholder."""
    from multitool_lint.policy.placeholders import marked  # saves start-up

    for node in condition.values:
        written = pointer.text(context.policy, node)
        text = marked(written)
        if (
            "${" in text
            and "${" not in written
            and not text.startswith("arn:")
            and (left := arn.leftover(text))
        ):
            value = as_written(left.value)
            yield context.finding(node, f"{quoted(value)} {left.problem}", help=left.help)


def _not_of_form(
    condition: Condition, prefix: str, code: str, context: Context
) -> Iterator[Finding]:
    yield from _leftovers(condition, context)
    for node, text in condition.texts:
        if has_wildcard(text) or "${" in text:
            continue
        rest = text.removeprefix(prefix)
        right = rest != text and len(rest) in _AFTER_PREFIX and rest.isascii() and rest.isalnum()
        if not right and has_placeholder(text):
            yield to_be_replaced(context, node, text, code)
        elif not right:
            yield context.finding(
                node,
                f"{quoted(text)} is not a valid value of {condition.key.key}",
                label=f'expected "{prefix}" and 8 or 17 letters or digits',
                help=f'specify an ID such as "{prefix}0a1b2c3d4e5f60718"',
                issue_code=code,
            )


def _other_ids(condition: Condition, context: Context) -> Iterator[Finding]:
    yield from _leftovers(condition, context)
    words, example, form = _IDS[condition.lower_key]
    for node in condition.values:
        text = partly_known_text(node)
        is_arn = text.startswith("arn:")  # whatever is filled in, it is not an ID
        is_open = has_wildcard(text) and (form != _PATH[-1] or has_wildcard(text[:1]))
        if is_open or re.fullmatch(form, text) or ("${" in text and not is_arn):
            continue
        if not is_arn and node.string is None:
            continue
        if has_placeholder(text, ACCOUNT):
            yield to_be_replaced(context, node, text)
            continue
        yield context.finding(
            node,
            f"{quoted(text)} never matches {condition.key.key}",
            label=f"expected {words}",
            help=f'specify a value such as "{example}"',
            severity=Severity.WARNING,
        )


def _in_other_case(condition: Condition, context: Context) -> Iterator[Finding]:
    """A finding for each value that differs in case only, where the right one is not listed."""
    if condition.comparison.name.endswith("IgnoreCase"):
        return
    right = {choice.lower(): choice for choice in _CHOICES[condition.lower_key]}
    for node, text in condition.texts:
        choice = right.get(text.lower(), text)
        if choice not in condition.names:
            yield context.finding(
                node,
                f"{quoted(text)} never matches {condition.key.key}, which is case-sensitive; "
                f'did you mean "{choice}"?',
                severity=Severity.WARNING,
                fixes=write(node, choice),
            )


def _requires(statement: Statement, condition: Condition) -> bool:
    return statement.allows and not condition.comparison.negated


def _root_user(statement: Statement, condition: Condition, context: Context) -> Iterator[Finding]:
    """A finding about the ID of an account, which is that of a root user, who assumes no roles.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
    """
    values = list(condition.values)
    if not is_about_roles(statement) or not all(
        is_account(partly_known_text(node)) for node in values
    ):
        return
    yield context.finding(
        values[0],
        f"Only a root user has an account ID as {condition.key.key}, and cannot assume a role",
        label="never matches",
        help="use aws:PrincipalAccount for an account, or specify a user or role as the principal",
        severity=Severity.WARNING,
    )


def _bucket_in_prefix(
    statement: Statement, condition: Condition, context: Context
) -> Iterator[Finding]:
    """A finding for each prefix that begins with the name of the bucket."""
    texts = (as_written(partly_known_text(node)) for node in statement.resources)
    buckets = {text.partition(":::")[2].partition("/")[0] for text in texts} - {"", "*"}
    # A policy variable may have a slash: its beginning is not a name.
    buckets = {name for name in buckets if name.count("${") == name.count("}")}
    for node in condition.values:
        bucket, slash, _ = as_written(partly_known_text(node)).partition("/")
        if slash and bucket in buckets:
            yield context.finding(
                node,
                f"This value of {condition.key.key} begins with the name of the bucket",
                label="not a part of the keys of objects",
                notes=("it matches only a folder of that name in the bucket",),
                help=f"begin with the folder, without {quoted(bucket + slash)}",
                severity=Severity.WARNING,
            )


_OF_STATEMENT = {"aws:userid": _root_user, "s3:prefix": _bucket_in_prefix}
"""What else of a statement shows that values of a key do not match."""
