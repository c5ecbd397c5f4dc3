"""What deploying a resource takes, by its type in Terraform or CloudFormation.

The tables list more than each resource needs: all that the provider's functions may call, and the
permissions that the handlers of AWS may use, whatever the attributes of a resource are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from multitool_lint.aws.catalog.tables import BUNDLED, damaged, read_text
from multitool_lint.lazy_pattern import lazy_pattern

TERRAFORM = "terraform_deployed.tsv"
CLOUDFORMATION = "cloudformation_deployed.tsv"
"""The tables; in both, what reading takes is not repeated in the other columns.

Actions without a prefix are of the first service in the row, and `~` is the name in the type.
"""
OWN_NAME = "~"

PHASES = ("create", "read", "update", "delete")
COLUMNS = (*PHASES, "tag", "untag")
"""What tags take is known for Terraform; for CloudFormation it is part of the other columns."""


_CLOUD_CONTROL = ("awscc_", "data.awscc_")
_CALL = "cloudformation:{}Resource"
_OTHER_NAMES = {
    "appautoscaling_target": "applicationautoscalingscalabletarget",
    "db_instance": "rdsdbinstance",
    "db_proxy": "rdsdbproxy",
    "docdb_cluster": "rdsdbcluster",  # by the same API
    "docdb_cluster_instance": "rdsdbinstance",
    "elasticache_cluster": "elasticachecachecluster",
    "flow_log": "ec2flowlog",
    "instance": "ec2instance",
    "mq_broker": "amazonmqbroker",
    "neptune_cluster": "neptunedbcluster",
    "rds_cluster": "rdsdbcluster",
    "rds_cluster_instance": "rdsdbinstance",
    "route53_zone": "route53hostedzone",
    "sagemaker_endpoint_configuration": "sagemakerendpointconfig",
    "sfn_state_machine": "stepfunctionsstatemachine",
    "vpc_endpoint": "ec2vpcendpoint",
}
"""Types of Terraform that have other names in CloudFormation, where their handlers call others."""
_NAME = lazy_pattern(r"^AWS::(\w+)::(\w+)\t", re.MULTILINE)


def deployed_type(table: str, type_: str) -> Mapping[str, tuple[str, ...]] | None:
    """The actions that each phase of a resource of a type takes; None if that is not known.

    Raises:
        CatalogError: the table is not one of these.
    """
    if type_.startswith(_CLOUD_CONTROL):
        return _through_cloud_control(type_)
    text = _text(table)
    start = max(text.find(f"\n{type_}{end}") for end in "\t\n") + 1
    if not start:
        return None
    _, *fields = text[start : text.index("\n", start)].split("\t")
    if len(fields) > len(COLUMNS):
        raise damaged(f"{BUNDLED}/{table}", f"a line of {len(fields)} fields")
    own = " ".join(fields).strip().partition(":")[0]
    name = name_in(type_)
    return {
        phase: tuple(_actions(field.replace(OWN_NAME, name), own))
        for phase, field in zip(COLUMNS, fields, strict=False)
    }


def name_in(type_: str) -> str:
    """What a type is a type of, as the names of actions have it: `Role` of `aws_iam_role`."""
    if ":" in type_:
        return type_.rpartition(":")[2]
    return "".join(word.capitalize() for word in type_.removeprefix("data.").split("_")[2:])


def same_type(type_: str) -> str:
    """The type of CloudFormation that one of Terraform is called like; "" if there is none."""
    name = type_.removeprefix("data.").partition("_")[2]
    return _by_name().get(_OTHER_NAMES.get(name, name.replace("_", "")), "")


def _through_cloud_control(type_: str) -> Mapping[str, tuple[str, ...]] | None:
    """What a type of hashicorp/awscc takes: calls of the API that has AWS's handlers do the rest.

    https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/security.html
    """
    handlers = deployed_type(CLOUDFORMATION, same_type(type_))
    if handlers is None:
        return None
    calls = {phase: _CALL.format(phase.title()) for phase in PHASES if phase != "read"}
    status = f"{_CALL.format('Get')}RequestStatus"
    found = {phase: (*handlers.get(phase, ()), calls[phase], status) for phase in calls}
    return {**found, "read": (*handlers.get("read", ()), _CALL.format("Get"))}


@lru_cache(maxsize=1)
def _by_name() -> Mapping[str, str]:
    """The types of CloudFormation by their names in lower case."""
    found = _NAME.findall(_text(CLOUDFORMATION))
    return {f"{service}{kind}".lower(): f"AWS::{service}::{kind}" for service, kind in found}


@lru_cache(maxsize=1024)
def service_of(table: str, type_: str) -> str:
    """The prefix of most of the actions that a type takes: of the service that has it."""
    if type_.startswith(_CLOUD_CONTROL):
        return service_of(CLOUDFORMATION, same_type(type_))
    by_phase = deployed_type(table, type_) or {}
    counts = Counter(action.partition(":")[0] for found in by_phase.values() for action in found)
    return next((prefix for prefix, _ in counts.most_common(1)), "")


def sources(table: str) -> str:
    """Where the facts of a table come from, with their date."""
    first, _, _ = _text(table).partition("\n")
    return first.rpartition("(")[2].rstrip(")")


def _actions(field: str, own: str) -> list[str]:
    return [
        f"{prefix or own}:{name}"
        for prefix, _, names in (part.partition(":") for part in field.split())
        for name in names.split(",")
    ]


@lru_cache(maxsize=2)
def _text(table: str) -> str:
    return read_text(BUNDLED, table)
