"""The smaller tables of the catalog, checked against what AWS documents."""

from __future__ import annotations

import pytest

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.catalog.managed_policies import managed_policies
from multitool_lint.aws.catalog.queries import (
    actions_accepting,
    condition_key,
    resource_types_named,
)
from multitool_lint.aws.catalog.tables import BUNDLED, read_rows
from multitool_lint.aws.condition_keys import global_key, global_keys
from multitool_lint.aws.policy_types import rcp_services
from multitool_lint.aws.principals import close_principals, is_known, service_principals
from multitool_lint.aws.regions import may_be_region, partition_of, partitions


@pytest.mark.parametrize(
    ("key", "name", "types", "scope"),
    [
        ("AWS:sourceip", "aws:SourceIp", ("IPAddress",), "network"),
        ("aws:PrincipalTag/team", "aws:PrincipalTag/${TagKey}", ("String",), "principal"),
        ("aws:principaltag/a/b", "aws:PrincipalTag/${TagKey}", ("String",), "principal"),
        ("aws:EpochTime", "aws:EpochTime", ("Date", "Numeric"), "request"),
        ("ec2:SourceInstanceArn", "ec2:SourceInstanceArn", ("ARN",), "session"),
    ],
)
def test_a_global_key(key: str, name: str, types: tuple[str, ...], scope: str) -> None:
    found = global_key(key)
    assert found is not None
    assert (found.name, found.types, found.scope) == (name, types, scope)


@pytest.mark.parametrize(
    "name",
    [
        "aws:AssumedRoot",
        "aws:Ec2InstanceSourceVpc",
        "aws:IsMcpServiceAction",
        "aws:SignInSessionArn",
        "aws:SourceOrgID",
        "aws:SourceVpcArn",
        "aws:ViaAWSMCPService",
        "aws:VpceAccount",
        "aws:VpceOrgID",
    ],
)
def test_newer_global_keys_are_known(name: str) -> None:
    assert global_key(name) is not None


@pytest.mark.parametrize("name", ["aws:Nothing", "aws:PrincipalTag", "aws:PrincipalTag/", ""])
def test_no_global_key(name: str) -> None:
    assert global_key(name) is None


def test_multivalued_global_keys() -> None:
    assert {key.name for key in global_keys() if key.multivalued} == {
        "aws:CalledVia",
        "aws:PrincipalOrgPaths",
        "aws:PrincipalServiceNamesList",
        "aws:ResourceOrgPaths",
        "aws:SourceOrgPaths",
        "aws:TagKeys",
        "aws:VpceOrgPaths",
    }


def test_every_global_key_has_types_and_a_scope() -> None:
    types = {type_ for key in global_keys() for type_ in key.types}
    assert types == {"ARN", "ArrayOfString", "Bool", "Date", "IPAddress", "Numeric", "String"}
    scopes = {key.scope for key in global_keys()}
    assert scopes == {"network", "principal", "request", "resource", "session"}


def test_partitions() -> None:
    assert set(partitions()) == {
        "aws",
        "aws-cn",
        "aws-eusc",
        "aws-iso",
        "aws-iso-b",
        "aws-iso-e",
        "aws-iso-f",
        "aws-us-gov",
    }
    assert partitions()["aws-cn"].dns_suffix == "amazonaws.com.cn"


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("us-east-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("eusc-de-east-1", "aws-eusc"),
        ("us-isof-south-1", "aws-iso-f"),
    ],
)
def test_regions(region: str, partition: str) -> None:
    found = partition_of(region)
    assert found is not None
    assert found.name == partition
    assert may_be_region(region)


@pytest.mark.parametrize("region", ["eu-wst-1", "us-east", "us-east-1a", "aws-global", "*", ""])
def test_no_region(region: str) -> None:
    assert partition_of(region) is None
    assert not may_be_region(region)


def test_a_region_may_be_newer_than_the_data() -> None:
    assert partition_of("eu-north-9") is None
    assert may_be_region("eu-north-9")


@pytest.mark.parametrize(
    "name",
    [
        "lambda.amazonaws.com",
        "vpc-flow-logs.amazonaws.com",
        "ecs-tasks.amazonaws.com",
        "logs.us-east-1.amazonaws.com",
        "ec2.amazonaws.com.cn",
        "member.org.stacksets.cloudformation.amazonaws.com",
    ],
)
def test_a_service_principal(name: str) -> None:
    assert is_known(name)


@pytest.mark.parametrize(
    ("name", "closest"),
    [
        ("lamda.amazonaws.com", "lambda.amazonaws.com"),
        ("vpcflowlogs.amazonaws.com", "vpc-flow-logs.amazonaws.com"),
    ],
)
def test_a_misspelt_service_principal(name: str, closest: str) -> None:
    assert not is_known(name)
    assert close_principals(name)[0] == closest


def test_service_principals_are_well_formed() -> None:
    names = service_principals()
    assert list(names) == sorted(set(names))
    assert all(name.endswith(".amazonaws.com") for name in names)
    assert not any(partition_of(label) for name in names for label in name.split("."))


def test_services_that_support_rcps() -> None:
    assert {"s3", "sts", "kms", "sqs", "secretsmanager"} <= rcp_services()
    assert "ec2" not in rcp_services()


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("AWS:SourceIp", "aws:SourceIp"),
        ("s3:prefix", "s3:prefix"),
        ("saml:aud", "saml:aud"),
        ("token.actions.githubusercontent.com:actor", "token.actions.githubusercontent.com:actor"),
        ("catalog:ChangeType", "catalog:ChangeType"),
        ("s3:nothing", None),
        ("nothing:nothing", None),
        ("nothing", None),
    ],
)
def test_a_condition_key_of_any_service(key: str, name: str | None) -> None:
    found = condition_key(bundled(), key)
    assert (found.name if found else None) == name


def test_actions_by_condition_key() -> None:
    catalog = bundled()
    assert set(catalog.names(actions_accepting(catalog, "s3:PREFIX"))) == {
        "s3:ListBucket",
        "s3:ListBucketVersions",
    }
    assert "ec2:RunInstances" in catalog.names(actions_accepting(catalog, "ec2:InstanceType"))
    assert not actions_accepting(catalog, "s3:nothing")


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("arn:aws:s3:::bucket/key", {("s3", "object")}),
        ("arn:aws:sqs:us-east-1:123456789012:queue", {("sqs", "queue")}),
        ("arn:aws:iam::123456789012:user/*", {("iam", "user")}),
        ("nothing", set()),
    ],
)
def test_resource_types_by_arn(resource: str, expected: set[tuple[str, str]]) -> None:
    named = resource_types_named(bundled(), resource)
    found = {(service.prefix, type_.name) for service, type_ in named}
    assert expected <= found
    assert bool(expected) == bool(found)
    assert ("ec2", "instance") not in found


@pytest.mark.parametrize(
    ("service", "statement"),
    [("cognito-idp", "doesn't evaluate"), ("cognito-identity", "This is a public API.")],
)
def test_public_operations_are_those_of_the_models(service: str, statement: str) -> None:
    loaders = pytest.importorskip("botocore.loaders")
    operations = loaders.Loader().load_service_model(service, "service-2")["operations"]
    documented = {
        f"{service}:{name}"
        for name, operation in operations.items()
        if operation.get("authtype") == "none" and statement in operation["documentation"]
    }
    rows = {name for (name,) in read_rows(BUNDLED, "public_operations.tsv")}
    assert {name for name in rows if name.startswith(f"{service}:")} <= documented


def test_deprecated_policies_and_what_replaces_them_are_there() -> None:
    known = managed_policies(bundled())
    for name, successor, _ in read_rows(BUNDLED, "deprecated_policies.tsv"):
        assert not known[name].removed
        assert successor == "-" or not known[successor].removed
