"""Policies of other providers than AWS, whose languages look alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.syntax.tree import as_list, strings_of

if TYPE_CHECKING:
    from multitool_lint.syntax.tree import Node

_RESOURCES_OF_OTHERS = frozenset({"acs", "qcs", "trn"})
_VERSIONS_OF_HUAWEI = frozenset({"1.0", "1.1"})
_COLONS_OF_HUAWEI = 2


def has_names_of_another_cloud(root: Node) -> bool:
    """Whether a policy has the resources, services or actions of another provider than AWS.

    Stack policies of CloudFormation have another language, too.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
    https://www.alibabacloud.com/help/en/ram/policy-structure-and-syntax
    https://www.tencentcloud.com/document/product/598/10603
    https://www.volcengine.com/docs/6257/65059
    https://support.huaweicloud.com/intl/en-us/usermanual-iam/iam_01_0019.html
    """
    version = root.get("Version")
    names: dict[str, set[str]] = {"Action": set(), "Resource": set()}
    for statement in as_list(root.get("Statement")):
        for element, found in names.items():
            found.update(text for _, text in strings_of(as_list(statement.get(element))))
    resources = {text.partition(":")[0] for text in names["Resource"]}
    if "arn" in resources:
        return False
    if not resources.isdisjoint(_RESOURCES_OF_OTHERS):
        return True
    actions = names["Action"] - {"*"}
    if "LogicalResourceId" in {text.partition("/")[0] for text in names["Resource"]} or (
        actions and all(text.startswith("Update:") for text in actions)
    ):
        return True
    if version is not None and version.value in _VERSIONS_OF_HUAWEI:
        return bool(actions) and all(text.count(":") == _COLONS_OF_HUAWEI for text in actions)
    if version is None or version.value != "1":
        return False
    from multitool_lint.aws.catalog.catalog import bundled

    services = {text.partition(":")[0].lower() for text in actions}
    return not services.issubset(bundled().prefixes)
