"""A policy is of a resource, and a user in a group: another one of either is another access."""

import json
from pathlib import Path

import pytest
from support.modules import deployment

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.deployments.cloudformation.access import TemplateDeployment
from multitool_lint.deployments.deployment import Deployment
from multitool_lint.diffs.deployments import DeploymentComparison
from multitool_lint.syntax.tree_of_files import TreeWithText


def stops(old: Deployment, new: Deployment) -> bool:
    found = DeploymentComparison(old, new, bundled()).changes()
    return any(change.changes.gained or change.changes.unknown for change in found)


POLICY = """
resource "aws_secretsmanager_secret" "s" {
  name = "s"
}
resource "aws_secretsmanager_secret_policy" "p" {
  secret_arn = %s
  policy     = jsonencode({ Statement = [%s] })
}
"""
STATEMENT = (
    '{ Effect = "%s", Action = "secretsmanager:*", Resource = "%s", Principal = { AWS = "1" } }'
)
ALLOWS, DENIES = STATEMENT % ("Allow", "*"), STATEMENT % ("Deny", "*")
NAMES_IT = STATEMENT % ("Allow", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:a")


@pytest.mark.parametrize(
    ("statement", "one", "other", "more"),
    [
        (ALLOWS, '"a"', '"b"', True),
        (DENIES, '"a"', '"b"', True),
        (NAMES_IT, '"a"', '"b"', False),
        (ALLOWS, "aws_secretsmanager_secret.s.arn", "aws_secretsmanager_secret.s.id", False),
    ],
)
def test_a_policy_of_another_resource(
    tmp_path: Path, statement: str, one: str, other: str, *, more: bool
) -> None:
    old, new = (
        deployment(tmp_path / f"{number}", {"m.tf": POLICY % (name, statement)})
        for number, name in enumerate((one, other))
    )
    assert stops(old, new) is more


@pytest.mark.parametrize(
    ("more", "expected"),
    [("block_public_policy = true", False), ('region = "a"', False), ('arn = "b"', True)],
)
def test_what_does_not_say_which_resource_it_is(
    tmp_path: Path, more: str, *, expected: bool
) -> None:
    text = POLICY % ('"a"', ALLOWS)
    new = text.replace('secret_arn = "a"', f'secret_arn = "a"\n  {more}')
    sides = (deployment(tmp_path / f"{n}", {"m.tf": one}) for n, one in enumerate((text, new)))
    assert stops(*sides) is expected


def template(queues: list[str]) -> Deployment:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
    properties = {"Queues": queues, "PolicyDocument": {"Statement": [statement]}}
    resources = {"P": {"Type": "AWS::SQS::QueuePolicy", "Properties": properties}}
    text = json.dumps({"Resources": resources})
    return TemplateDeployment(TreeWithText("t.json", text), "t.json")


def test_a_policy_of_more_resources_in_a_template() -> None:
    assert stops(template(["a"]), template(["a", "b"]))
    assert not stops(template(["a", "b"]), template(["b"]))


GROUP = """
resource "aws_iam_user" "u" {
  name = "u"
}
resource "aws_iam_group" "g" {
  name = "g"
}
resource "aws_iam_group_policy" "p" {
  group  = "g"
  policy = jsonencode({ Statement = [{ Effect = "%s", Action = "iam:*", Resource = "*" }] })
}
"""
MEMBERSHIP = """
resource "aws_iam_user_group_membership" "m" {
  user   = "%s"
  groups = ["%s"]
}
"""


@pytest.mark.parametrize(
    ("effect", "group", "more"),
    [("Deny", "g", True), ("Allow", "g", False), ("Allow", "elsewhere", True)],
)
def test_a_user_who_has_left_a_group(
    tmp_path: Path, effect: str, group: str, *, more: bool
) -> None:
    text = GROUP % effect
    old = deployment(tmp_path / "old", {"m.tf": text + MEMBERSHIP % ("u", group)})
    assert stops(old, deployment(tmp_path / "new", {"m.tf": text})) is more
    gone = text.replace('resource "aws_iam_user" "u" {\n  name = "u"\n}\n', "")
    assert not stops(old, deployment(tmp_path / "gone", {"m.tf": gone}))
