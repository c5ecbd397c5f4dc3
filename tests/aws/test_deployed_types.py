"""The tables of what deploying a type of resource takes."""

import pytest

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.catalog.deployed_types import (
    CLOUDFORMATION,
    TERRAFORM,
    deployed_type,
    service_of,
    sources,
)
from multitool_lint.aws.catalog.tables import BUNDLED, read_rows


@pytest.mark.parametrize("table", [TERRAFORM, CLOUDFORMATION])
def test_all_actions_are_in_the_catalog(table: str) -> None:
    known = set(bundled().names(bundled().all_actions()))
    types = [row[0] for row in read_rows(BUNDLED, table)]
    assert len(types) > 1_700
    for type_ in types[::7]:
        for actions in (deployed_type(table, type_) or {}).values():
            assert set(actions) <= known, type_


def test_a_type_has_phases_and_a_service() -> None:
    role = deployed_type(TERRAFORM, "aws_iam_role")
    assert role
    assert "iam:CreateRole" in role["create"]
    assert role["tag"] == ("iam:TagRole",)
    assert deployed_type(TERRAFORM, "aws_iam_rol") is None
    assert deployed_type(TERRAFORM, "data.aws_region") == {}
    assert deployed_type(CLOUDFORMATION, "AWS::CDK::Metadata") == {}
    assert service_of(CLOUDFORMATION, "AWS::EC2::VPC") == "ec2"


def test_the_sources_are_named_with_their_day() -> None:
    assert "IAM Policy Autopilot of 2" in sources(TERRAFORM)
    assert "cfn-lint" in sources(CLOUDFORMATION)
