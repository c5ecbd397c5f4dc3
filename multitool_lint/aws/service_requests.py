"""What requests of AWS services have of their source, and the values that name services.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from __future__ import annotations

from functools import lru_cache

from multitool_lint.aws import regions
from multitool_lint.lazy_pattern import lazy_pattern

SOURCE_KEYS = frozenset(
    {"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"}
)
"""The keys that say for which resource, account or organization a service calls, in lower case."""

WEAK_SOURCE_KEYS = frozenset({"aws:referer", "aws:sourceowner"})
"""Older keys that some services fill with the account: AWS recommends `SOURCE_KEYS` instead."""

CALLER_KEYS = frozenset({"aws:principalorgid", "aws:principalorgpaths", "aws:username"})
"""Keys about the user or role that calls: no request of a service has them, in lower case.

AWS names one pair only, aws:PrincipalOrgID and CloudFront. The others are those of which the page
on global condition keys says that principals in an organization, or users, have them.
"""

NETWORK_KEYS = frozenset(
    {
        *("aws:sourceip", "aws:vpcsourceip"),
        *("aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce"),
        *("aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"),
    }
)
"""Keys about the network of a request, in lower case: services call from networks of their own.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-network-properties
"""

SERVICE_VALUED_KEYS = frozenset(
    {
        "aws:calledvia",
        "aws:calledviafirst",
        "aws:calledvialast",
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "glue:credentialissuingservice",
        "iam:awsservicename",
        "iam:passedtoservice",
        "organizations:serviceprincipal",
    }
)
"""The keys whose values are service principals, in lower case."""

CALLED_VIA_KEYS = frozenset({"aws:calledvia", "aws:calledviafirst", "aws:calledvialast"})
"""Those of them whose values IAM Access Analyzer checks: a known service, in one label."""

REGIONAL_KEY = "kms:viaservice"
"""The key whose values are service principals with the region before the domain."""

ALEXA = frozenset({"alexa-appkit.amazon.com", "alexa-connectedhome.amazon.com"})
"""The principals of Alexa, which has no resources in AWS: a token distinguishes its skills.

https://developer.amazon.com/en-US/docs/alexa/custom-skills/host-a-custom-skill-as-an-aws-lambda-function.html
"""

EVENT_SOURCE_TOKEN = "lambda:EventSourceToken"  # noqa: S105 - the name of a condition key

_LABELS = lazy_pattern(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
_AROUND = lazy_pattern(r"(?s)[a-z0-9.-]*\$\{.*\}[a-z0-9.-]*")


def is_caller_key(key: str) -> bool:
    """Whether it is a key that only requests of users and roles have."""
    lower = key.lower()
    return lower in CALLER_KEYS or lower.startswith("aws:principaltag/")


def is_service_principal(text: str, *, regional: bool = False) -> bool:
    """Whether it has the form of a service principal; a regional one ends in the region."""
    if text in ALEXA:
        return not regional
    labels = principal_labels(text)
    return bool(labels) and (
        not regional or (len(labels) > 1 and regions.may_be_region(labels[-1]))
    )


def may_be_service_principal(text: str) -> bool:
    """Whether it has the form of a service principal, whatever unresolved parts come to."""
    if "${" in text:
        return _AROUND.fullmatch(text) is not None
    return is_service_principal(text)


def principal_labels(text: str) -> list[str]:
    """The labels of a service principal before the domain; none of another text."""
    for suffix in principal_suffixes():
        if text.endswith(suffix) and _LABELS.fullmatch(text.removesuffix(suffix)):
            return text.removesuffix(suffix).split(".")
    return []


@lru_cache(maxsize=1)
def principal_suffixes() -> tuple[str, ...]:
    """The ends of service principals: a dot and the domain of a partition."""
    # Some services have principals of the commercial domain in every partition.
    return tuple({f".{partition.dns_suffix}": None for partition in regions.partitions().values()})
