"""Policies in languages like IAM's: of other providers than AWS, of stacks, of firewalls."""

from __future__ import annotations

from multitool_lint.formats.quick_tests import VERSIONS
from multitool_lint.formats.recognize import speaks_of_access, statements_of
from multitool_lint.reasons import Reason
from multitool_lint.syntax.tree import Node, Object, texts_of

PROVIDERS_OF_OTHERS = frozenset(
    {"alicloud", "digitalocean", "huaweicloud", "minio", "scaleway", "tencentcloud", "volcengine"}
)
"""The Terraform providers that have resources with such policies: what their types begin with."""

_RESOURCES_OF_OTHERS = frozenset({"acs", "qcs", "trn"})
_PRINCIPALS_OF_OTHERS = frozenset({"ID", "RAM", "SCW"})
_VERSIONS_OF_HUAWEI = frozenset({"1.0", "1.1"})
_COLONS_OF_HUAWEI = 2
OF_DATA_PROTECTION = frozenset({"DataDirection", "DataIdentifier", "Operation"})
_SERVICES_OF_MINIO = frozenset({"admin", "kms", "s3", "sts"})


def why_other(root: Node, *, attached: bool) -> Reason | None:
    """Why a policy is not one of IAM's; one that is attached to something of AWS is AWS's."""
    if not attached:
        return of_another_language(root)
    return None if speaks_of_access(root) else Reason.OTHER_LANGUAGE


def of_another_language(root: Node) -> Reason | None:
    """Why a policy is not one of IAM's by its elements, resources, principals or actions."""
    if _is_of_another_provider(root):
        return Reason.NOT_AWS
    is_other = _is_of_a_stack(root) or _has_elements_of_others(root)
    return Reason.OTHER_LANGUAGE if is_other else None


def _is_of_a_stack(root: Node) -> bool:
    """Whether a policy is one of a stack of CloudFormation.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
    """
    version = root.get("Version")
    if version is not None and version.value in VERSIONS:
        return False
    actions = (_texts(root, "Action") | _texts(root, "NotAction")) - {"*"}
    resources = {text.partition("/")[0] for text in _texts(root, "Resource")}
    return all(text.startswith("Update:") for text in actions) and (
        bool(actions) or "LogicalResourceId" in resources
    )


def _has_elements_of_others(root: Node) -> bool:
    """Whether the statements are those of a firewall's rule, or say which data are protected.

    https://docs.aws.amazon.com/waf/latest/APIReference/API_Statement.html
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch-logs-data-protection-policies.html
    """
    keys = {member.key for statement in statements_of(root) for member in statement.fields()}
    is_of_others = any(key in OF_DATA_PROTECTION or key.endswith("Statement") for key in keys)
    return is_of_others and not speaks_of_access(root)


def _is_of_another_provider(root: Node) -> bool:
    """Whether a policy is one of another provider.

    https://www.alibabacloud.com/help/en/ram/policy-structure-and-syntax
    https://www.tencentcloud.com/document/product/598/10603
    https://www.volcengine.com/docs/6257/65059
    https://support.huaweicloud.com/intl/en-us/usermanual-iam/iam_01_0019.html
    https://www.scaleway.com/en/docs/object-storage/api-cli/bucket-policy/
    """
    version = root.get("Version")
    actions = _texts(root, "Action") - {"*"}
    if version is not None and version.value in VERSIONS:
        names_minio = any(text[:6].lower() == "admin:" for text in actions)
        return names_minio and _is_of_minio(root, _services(actions))
    services = _services(actions)
    resources = {text.partition(":")[0] for text in _texts(root, "Resource")}
    if "arn" in resources:
        return False
    if not resources.isdisjoint(_RESOURCES_OF_OTHERS) or _has_principal_of_others(root):
        return True
    if version is not None and version.value in _VERSIONS_OF_HUAWEI:
        return bool(actions) and all(text.count(":") == _COLONS_OF_HUAWEI for text in actions)
    if version is None or version.value != "1":
        return False
    from multitool_lint.aws.catalog.catalog import bundled

    return not services.issubset(bundled().prefixes)


def _services(actions: set[str]) -> set[str]:
    return {text.partition(":")[0].lower() for text in actions}


def _is_of_minio(root: Node, services: set[str]) -> bool:
    """Whether a policy with actions of `admin` is MinIO's, with the versions and ARNs of AWS.

    https://min.io/docs/minio/linux/administration/identity-access-management/policy-based-access-control.html
    """
    resources = {text.split(":")[2:3] == ["s3"] for text in _texts(root, "Resource") - {"*"}}
    return services <= _SERVICES_OF_MINIO and False not in resources


def _has_principal_of_others(root: Node) -> bool:
    principals = [statement.get("Principal") for statement in statements_of(root)]
    return any(
        not _PRINCIPALS_OF_OTHERS.isdisjoint(member.key for member in principal.fields())
        for principal in principals
        if principal is not None and isinstance(principal.value, Object)
    )


def _texts(root: Node, element: str) -> set[str]:
    return {text for statement in statements_of(root) for text in texts_of(statement.get(element))}
