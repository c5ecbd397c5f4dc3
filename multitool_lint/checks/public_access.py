"""Resources and roles that everyone can access."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath

from multitool_lint.aws import arn, patterns
from multitool_lint.diagnostics.finding import Context, Finding, related
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy import pointer as pointers
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.endpoints import is_of_endpoint
from multitool_lint.policy.exposure import (
    is_denied_to_most,
    lets_everyone_in,
    names_everyone_but_some,
    open_sources,
)
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.policy.principals import everyone
from multitool_lint.policy.visibility import Visibility
from multitool_lint.syntax.tree import Node

_EVERYONE = (
    "this includes all AWS accounts and, where the service accepts them, unauthenticated requests"
)


class _Verdict(NamedTuple):
    """What a finding says: title, severity, advice and notes, and the sources that it is about."""

    title: str
    help: str
    severity: Severity | None = None
    notes: tuple[str, ...] = ()
    sources: tuple[Node, ...] = ()


_ROLE = _Verdict(
    "Anyone with an AWS account can assume this role",
    "specify the principals, or add a condition, such as on aws:PrincipalOrgID",
)
_RESOURCE = _Verdict(
    "Anyone can access this resource",
    "specify the principals, or add a condition, such as on aws:PrincipalOrgID or aws:SourceArn",
    notes=(_EVERYONE,),
)
_SOURCE = _Verdict(
    "Any AWS account can access this resource through an AWS service",
    "add a condition on aws:SourceAccount",
    notes=("aws:SourceArn is in requests that a service makes on behalf of a resource",),
)
_SOURCE_WITH_ACCOUNT = (
    "specify the account in aws:SourceArn, or add a condition on aws:SourceAccount"
)
_DECLARED = _Verdict(
    "Anyone can read these objects",
    "if only a distribution of CloudFront should read them, specify the service principal "
    "cloudfront.amazonaws.com and a condition on aws:SourceArn",
    Severity.SUGGESTION,
    ("this deployment or page says that the bucket is public, such as a website",),
)
_NAMED = _Verdict(
    "Anyone can read these objects; only a name suggests that this is intended",
    "if it is intended, confirm it with an ignore entry and the reason; otherwise, specify the "
    "principals, or add a condition, such as on aws:PrincipalOrgID or aws:SourceArn",
    Severity.WARNING,
    (_EVERYONE,),
)
_BLOCKED: Mapping[Visibility | None, _Verdict] = {
    Visibility.REJECTED: _Verdict(
        "Amazon S3 rejects this public policy, since BlockPublicPolicy is on",
        "specify the principals, or add a condition, such as on aws:PrincipalOrgID or "
        "aws:SourceArn; turn BlockPublicPolicy off only if the bucket should be public",
        Severity.WARNING,
    ),
    Visibility.RESTRICTED: _Verdict(
        "This has no effect for anonymous requests, since RestrictPublicBuckets is on",
        "specify the principals of the account; turn RestrictPublicBuckets off only if the bucket "
        "should be public",
        Severity.WARNING,
        ("other accounts have no access either: it is left to the account and to AWS services",),
    ),
}

_ACCESS_POINT = "AWS::S3::AccessPoint"
"""A resource that is not public to Amazon S3 if it accepts requests from a VPC only."""

_S3 = frozenset({"s3"})
_READING = frozenset(
    {
        "s3:getobject",
        "s3:getobjectattributes",
        "s3:getobjecttorrent",
        "s3:getobjectversion",
        "s3:getobjectversionattributes",
        "s3:getobjectversiontorrent",
    }
)
_PART = lazy_pattern(r"\$\{[^}]*\}")
_WORD = lazy_pattern(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+")
_PUBLIC = lazy_pattern(r"(?<!non)public(?!ation)|web-?site|static-?(?:site|web)", re.IGNORECASE)
_PUBLIC_WORDS = frozenset({"assets", "cdn", "site", "static", "www"})
_PRIVATE_WORDS = frozenset({"internal", "no", "non", "not", "private"})

_DOMAINS: dict[Visibility | None, Severity] = {
    Visibility.GUARDED: Severity.WARNING,
    Visibility.VPC: Severity.SUGGESTION,
}


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every Allow statement for everyone without a restriction."""
    if is_of_endpoint(policy) or (
        policy.resource_type == _ACCESS_POINT and policy.visibility is Visibility.VPC
    ):
        return
    for statement in policy.statements:
        if not statement.allows:
            continue
        place = everyone(statement) or names_everyone_but_some(statement)
        if place is None or not lets_everyone_in(statement):
            continue
        if is_denied_to_most(policy, statement):
            continue
        verdict = _verdict(policy, statement)
        actions = (related(statement.action, "can do this"),) if statement.action else ()
        yield context.finding(
            place,
            verdict.title,
            label="everyone",
            related=(
                *actions,
                *(related(node, "matches resources of any account") for node in verdict.sources),
            ),
            notes=verdict.notes,
            help=verdict.help,
            severity=verdict.severity,
        )


def _verdict(policy: Policy, statement: Statement) -> _Verdict:
    """Lower where public access is often intended: an API, a domain in a VPC, a website, a URL.

    A public policy of a bucket that blocks public access is rejected by AWS or has no effect:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html

    A layer is code to be shared, and everyone is whom AWS's documentation shares one with:
    https://docs.aws.amazon.com/lambda/latest/dg/permissions-layer-cross-account.html

    An API without a policy is open to everyone. A domain in a VPC can be reached only from there:
    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/vpc.html#vpc-security
    """
    if policy.type is PolicyType.TRUST:
        return _ROLE
    if policy.visibility in _BLOCKED and _S3.issuperset(statement.services):
        return _BLOCKED[policy.visibility]
    if _reads_objects(statement) and policy.visibility is Visibility.PUBLIC:
        return _DECLARED
    if sources := open_sources(statement):
        arns = [arn.fields(str(node.value)) for node in sources]
        help_ = (
            _SOURCE_WITH_ACCOUNT if any(found and found.account for found in arns) else _SOURCE.help
        )
        return _SOURCE._replace(
            help=help_, severity=_severity(policy, statement), sources=tuple(sources)
        )
    if _reads_objects(statement) and _has_public_name(policy, statement):
        return _NAMED
    return _RESOURCE._replace(severity=_severity(policy, statement))


def _severity(policy: Policy, statement: Statement) -> Severity | None:
    actions = _actions(statement)
    if actions and actions <= {"execute-api:invoke"}:
        return Severity.SUGGESTION
    if actions and actions <= {"lambda:getlayerversion"}:
        return Severity.WARNING
    if actions and all(action.startswith("es:") for action in actions):
        return _DOMAINS.get(policy.visibility)
    return Severity.WARNING if any(map(_is_of_public_url, statement.conditions)) else None


def _actions(statement: Statement) -> set[str]:
    """The actions of a statement in lower case; none if not all of them are known."""
    if statement.negates_actions or len(statement.action_names) < statement.action_count:
        return set()
    return {name.lower() for name in statement.action_names}


def _reads_objects(statement: Statement) -> bool:
    """Whether a statement allows only reading objects of buckets that it names."""
    actions = _actions(statement)
    return (
        bool(actions)
        and actions <= _READING
        and not statement.negates_resources
        and all(map(_names_bucket, statement.resource_names))
    )


def _names_bucket(resource: str) -> bool:
    """Whether a resource has the name of a bucket, which an unresolved part may be, or begins so.

    Other buckets of which the name begins so are not meant: a policy applies to its own bucket.
    """
    bucket = _PART.sub("_", arn.split(resource)[-1]).partition("/")[0]
    return bool(patterns.literal_prefix(bucket))


def _has_public_name(policy: Policy, statement: Statement) -> bool:
    """Whether a name around a statement says that its objects are for everyone.

    The name of the file is that of a policy without another one.
    """
    sid = pointers.text(policy, statement.sid) if statement.sid else ""
    name = policy.name or PurePath(policy.source.path).stem
    names = (sid, name, *statement.resource_names)
    words = {word.lower() for name in names for word in _WORD.findall(name)}
    is_public = any(map(_PUBLIC.search, names)) or not words.isdisjoint(_PUBLIC_WORDS)
    return is_public and words.isdisjoint(_PRIVATE_WORDS)


def _is_of_public_url(condition: Condition) -> bool:
    """Whether a condition matches requests to the public URL of a Lambda function.

    Such a URL needs a statement with each of the two: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    """
    test = condition.lower_key, tuple(name.lower() for name in condition.names)
    return test in (
        ("lambda:functionurlauthtype", ("none",)),
        ("lambda:invokedviafunctionurl", ("true",)),
    )
