"""Condition keys that AWS does not document, the keys that may be intended, and their values."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from multitool_lint.aws.action_status import is_rejected
from multitool_lint.aws.catalog import name_index
from multitool_lint.aws.catalog.catalog import Catalog, ConditionKey
from multitool_lint.aws.catalog.queries import condition_key, known_key
from multitool_lint.aws.condition_keys import global_key, global_keys
from multitool_lint.aws.identity_providers import SCHEMES
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.limits import MAX_SHOWN_VALUE
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.document import Condition, Statement
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.policy.principals import principal_values

_OLD_ARN = "aws:arn"
_INSTANCE = "${ec2:SourceInstanceARN}"
_OF_DEVICES = ("iot:connection.thing.", "iot:certificate.", "iot:clientid")
"""How keys begin that only policies of AWS IoT have, which are listed with those of IAM.

AWS: https://docs.aws.amazon.com/iot/latest/developerguide/iot-policy-variables.html
"""
_USED_BY_AWS = frozenset({"lakeformation:gluearn"})
"""Keys that no list of AWS has, and IAM Access Analyzer rejects, though managed policies use them.

AWS: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""
_IN_GUIDES = ("cloudtrail:externalid", "firehose:resourcetag/", "sagemaker:targetcontainerhostname")
"""How keys begin that the guide of a service documents, and AWS's reference of keys lacks.

AWS: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/security_iam_resource-based-policy-examples.html
https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html
https://docs.aws.amazon.com/sagemaker/latest/dg/multi-container-security.html
"""

_LISTED_IN_REQUESTS = frozenset({"secretsmanager:versionstage"})
"""Keys that AWS's reference calls a String, and of which requests may have several values.

AWS: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
"""

_OF_ACTIONS = (
    # https://docs.aws.amazon.com/bedrock/latest/userguide/model-access-permissions.html
    ("aws-marketplace:", "aws-marketplace:productid"),
    # Resource Groups Tagging passes the tags on to the service that owns the resource.
    ("tag:", "aws:requesttag/"),
    ("tag:", "aws:tagkeys"),
)
"""Beginnings of actions, and of keys that they support although the catalog lacks them."""


class UnknownKey(NamedTuple):
    """The check of IAM Access Analyzer or "", what is wrong with a key, and what to do.

    It is not `certain` where AWS still accepts the key, or may know it though the catalog does not.
    """

    code: str
    problem: str
    help: str = ""
    certain: bool = True


@lru_cache(maxsize=4096)
def unknown_key(catalog: Catalog, key: str, type_: PolicyType) -> UnknownKey | None:
    """What is wrong with a key, None if nothing is known to be."""
    if "${" in key or "{{" in key:
        return None
    prefix, colon, name = key.partition(":")
    if not (colon and prefix.strip() and name.strip()):
        intended = None if colon else global_key(f"aws:{key.removeprefix('aws.')}")
        return UnknownKey(
            "INVALID_CONDITION_KEY_FORMAT",
            f"is not a condition key{_question(intended.name if intended else '')}",
            "" if intended else "use a prefix, a colon and a name, as in aws:SourceIp",
        )
    if key.lower() == _OLD_ARN:
        return _old_arn(type_)
    family, slash, tag = key.partition("/")
    if slash and (not tag or has_wildcard(tag)) and known_key(catalog, f"{family}/x"):
        return _of_tag(key, tag)
    lower = key.lower()
    if lower.startswith(_OF_DEVICES + _IN_GUIDES) or known_key(catalog, key):
        return None
    return _of_no_service(catalog, key, prefix.lower())


def is_in_sample(key: str, actions: Iterable[str]) -> bool:
    """Whether actions are under a key that they lack as in AWS's key policy for CloudWatch Logs.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    return key.lower().startswith("kms:encryptioncontext:") and all(
        action.lower().startswith("kms:describe") for action in actions
    )


def is_supported_by(action: str, key: str) -> bool:
    """Whether an action supports a key that the catalog does not list for it."""
    lower, folded = action.lower(), key.lower()
    return any(lower.startswith(start) and folded.startswith(name) for start, name in _OF_ACTIONS)


def is_of_provider(statement: Statement, lower_key: str) -> bool:
    """Whether a key is a claim of an identity provider that the statement trusts.

    The name of a provider may be one that a script fills in, in the principal and in the key.
    """
    provider = lower_key.rpartition(":")[0]
    return bool(provider) and any(
        principal.text.rpartition(":oidc-provider/")[2].lower() == provider
        for principal in principal_values(statement, "Federated")
    )


def is_of_instance(condition: Condition) -> bool:
    """Whether aws:ARN is compared with the instance that asks, as AWS documents for Amazon EC2."""
    return condition.lower_key == _OLD_ARN and set(condition.names) == {_INSTANCE}


def _of_tag(key: str, tag: str) -> UnknownKey:
    if tag:
        of_request = key.lower().startswith("aws:requesttag/")
        return UnknownKey(
            "",
            "has a wildcard, but the names of keys are compared literally",
            "specify the whole key of the tag"
            + (", or compare aws:TagKeys with a pattern" if of_request else ""),
            certain=False,
        )
    return UnknownKey(
        "MISSING_TAG_KEY_IN_CONDITION",
        "has no tag key",
        f"add the key of the tag after the slash, as in {key}team",
    )


def _old_arn(type_: PolicyType) -> UnknownKey:
    advice = (
        "use aws:PrincipalArn, or aws:SourceArn for the resource on whose behalf a service makes "
        "the request"
    )
    if type_ is PolicyType.RESOURCE:
        problem = "is deprecated and not allowed in resource policies"
        return UnknownKey("UNSUPPORTED_GLOBAL_CONDITION_KEY", problem, advice)
    return UnknownKey("DEPRECATED_GLOBAL_CONDITION_KEY", "is deprecated", advice, certain=False)


def _of_no_service(catalog: Catalog, key: str, prefix: str) -> UnknownKey | None:
    if prefix == "aws":
        return UnknownKey("INVALID_GLOBAL_CONDITION_KEY", *_not_documented(key, global_keys()))
    service = catalog.service(prefix)
    rejected = is_rejected(catalog, prefix)
    if service is None or (service.retired and rejected):
        # An identity provider may have any name.
        if "." in prefix or "/" in prefix:
            return None
        near = () if service else catalog.close_services(prefix)
        is_url = key.lower().startswith(SCHEMES)
        advice = "remove https:// from it" if is_url else "check the spelling of the service"
        return UnknownKey(
            "INVALID_SERVICE" if rejected else "",
            f"does not begin with a known service{_question(*near[:1])}",
            "" if near else advice,
            certain=False,
        )
    if service.retired or service.named_only:
        return None
    return UnknownKey(
        "INVALID_SERVICE_CONDITION_KEY",
        *_not_documented(key, service.condition_keys),
        certain=key.lower() not in _USED_BY_AWS,
    )


def _not_documented(key: str, known: tuple[ConditionKey, ...]) -> tuple[str, str]:
    family, slash, tag = key.partition("/")
    names = [condition_key.name for condition_key in known]
    if slash:
        # A tag may have any key: only the part before the slash can be misspelt.
        names = [name.partition("/")[0] for name in names if "/" in name]
    near = name_index.close(family.lower(), tuple(name.lower() for name in names))
    close = names[near[0]] if near else ""
    if everywhere := global_key(f"aws:{key.partition(':')[2]}"):
        close = everywhere.name.partition("/")[0]
    intended = f"{close}{slash}{tag[:MAX_SHOWN_VALUE]}" if close else ""
    problem = f"is not a documented condition key{_question(intended)}"
    return problem, "" if intended else "check the spelling of the key"


def _question(intended: str = "") -> str:
    return f'; did you mean "{intended}"?' if intended else ""


_CLAIMS = {"aud": False, "sub": False, "amr": True}
"""Claims of identity providers, each a condition key, and whether it is multivalued."""


def has_one_value(catalog: Catalog, key: str) -> bool:
    """Whether a request cannot have several values for a key."""
    return key.lower() not in _LISTED_IN_REQUESTS and is_single_valued(catalog, key)


def is_single_valued(catalog: Catalog, key: str) -> bool:
    """Whether a key has one value at most by AWS's reference."""
    provider, _, claim = key.lower().rpartition(":")
    if "." in provider and claim in _CLAIMS:
        return not _CLAIMS[claim]
    found = condition_key(catalog, key)
    return found is not None and not found.multivalued
