"""Which users and roles certainly become administrators of their account, by which paths."""

import json
from typing import Any

import pytest

from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.source import Source

ACCOUNT = "arn:aws:iam::123456789012:"
ADMIN = {"Effect": "Allow", "Action": "*", "Resource": "*"}
LAMBDA = {"Service": "lambda.amazonaws.com"}
EC2 = {"Service": "ec2.amazonaws.com"}
PASS = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": f"{ACCOUNT}role/admin"}
RUN = {"Effect": "Allow", "Action": ["lambda:CreateFunction", "lambda:Invoke*"], "Resource": "*"}
OWN = f"{ACCOUNT}user/ci"
IN_PLACE = "make itself an administrator"
AS_ADMIN = 'act as role "admin", an administrator'


def allow(action: str, resource: str, **more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: str, resource: str, **more: object) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def inline(*statements: dict[str, Any]) -> list[dict[str, Any]]:
    policies = [{"PolicyName": "own", "PolicyDocument": document(*statements)}]
    return policies if statements else []


def role(name: str, trusts: dict[str, str], *statements: dict[str, Any]) -> dict[str, Any]:
    trust = {"Effect": "Allow", "Principal": trusts, "Action": "sts:AssumeRole"}
    return {
        "RoleName": name,
        "Arn": f"{ACCOUNT}role/{name}",
        "AssumeRolePolicyDocument": document(trust),
        "RolePolicyList": inline(*statements),
    }


def user(*statements: dict[str, Any], name: str = "ci", **more: object) -> dict[str, Any]:
    arn = f"{ACCOUNT}user/{name}"
    return {"UserName": name, "Arn": arn, "UserPolicyList": inline(*statements), **more}


def managed(name: str, *statements: dict[str, Any]) -> dict[str, Any]:
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": document(*statements)}
    return {
        "PolicyName": name,
        "Arn": f"{ACCOUNT}policy/{name}",
        "DefaultVersionId": "v1",
        "PolicyVersionList": [version],
    }


def titles(text: object) -> list[str]:
    """What the rule finds: the words after the identity and "can", with the severity in front."""
    enabled = {"identity-takeover": rules()["identity-takeover"]}
    report = lint_source(Source("account.json", json.dumps(text)), enabled=enabled)
    return [f"{f.severity.value} {f.title.partition(' can ')[2]}" for f in report.findings]


def of_account(*users: dict[str, Any], roles: list[dict[str, Any]], **more: object) -> list[str]:
    return titles({"UserDetailList": users, "RoleDetailList": roles, **more})


ROLES = [role("admin", LAMBDA, ADMIN)]


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow("iam:PutUserPolicy", OWN)], IN_PLACE),
        ([allow("iam:PutUserPolicy", f"{ACCOUNT}user/other")], None),
        ([allow("iam:UpdateAssumeRolePolicy", f"{ACCOUNT}role/admin")], AS_ADMIN),
        ([allow("iam:UpdateAssumeRolePolicy", f"{ACCOUNT}role/a*")], AS_ADMIN),
        ([allow("iam:UpdateAssumeRolePolicy", f"{ACCOUNT}role/b*")], None),
        ([PASS, RUN], 'pass a service role "admin", an administrator'),
        ([PASS], None),
        ([allow("iam:PutUserPolicy", OWN), deny("iam:*", "*")], None),
        ([allow("iam:PutUserPolicy", OWN), deny("iam:*", f"{ACCOUNT}role/*")], IN_PLACE),
        (
            [
                allow("iam:PutUserPolicy", OWN),
                deny("iam:*", "*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
            ],
            IN_PLACE,
        ),
        ([allow("iam:PutUserPolicy", OWN), deny("iam:PutUserPolicy", "*")], None),
    ],
)
def test_a_way_is_found_on_named_resources(
    statements: list[dict[str, Any]], expected: str | None
) -> None:
    found = of_account(user(*statements), roles=ROLES)
    assert found == ([f"security {expected}"] if expected else [])


@pytest.mark.parametrize(
    ("operator", "key", "is_found"),
    [
        ("StringEquals", "aws:PrincipalTag/team", False),
        ("StringNotEquals", "aws:PrincipalTag/team", False),
        ("StringEquals", "aws:username", False),
        ("StringEquals", "iam:ResourceTag/team", False),
        ("StringNotEquals", "iam:ResourceTag/team", False),
        ("StringEquals", "aws:PrincipalOrgID", True),
        ("StringEquals", "aws:SourceVpc", True),
        ("StringNotEquals", "iam:PolicyARN", True),
    ],
)
def test_a_condition_may_exclude_the_principal_or_the_target(
    operator: str, key: str, *, is_found: bool
) -> None:
    statement = allow("iam:AttachUserPolicy", OWN, Condition={operator: {key: "a"}})
    assert of_account(user(statement), roles=[]) == [f"security {IN_PLACE}"] * is_found


def test_a_tag_of_a_user_is_that_of_a_condition() -> None:
    other = user(ADMIN, name="other", Tags=[{"Key": "Team", "Value": "a"}])
    for value, count in (("a", 1), ("b", 0)):
        condition = {"StringEquals": {"iam:ResourceTag/team": value}}
        key = allow("iam:CreateAccessKey", f"{ACCOUNT}user/*", Condition=condition)
        assert len(of_account(user(key), other, roles=[])) == count


def test_the_role_must_trust_the_service() -> None:
    assert of_account(user(PASS, RUN), roles=[role("admin", EC2, ADMIN)]) == []


def test_a_boundary_prevents_a_way() -> None:
    limit: dict[str, Any] = {
        "PermissionsBoundary": {"PermissionsBoundaryArn": f"{ACCOUNT}policy/limit"}
    }
    changing = allow("iam:PutUserPolicy", OWN)
    for limited, count in ((allow("s3:*", "*"), 0), (ADMIN, 1), (deny("iam:*", "*"), 0)):
        policies = [managed("limit", limited)]
        assert len(of_account(user(changing, **limit), roles=[], Policies=policies)) == count
    assert of_account(user(changing, **limit), roles=[]) == []


def test_policies_of_its_own_and_of_its_groups_are_its_own() -> None:
    attached: dict[str, Any] = {"AttachedManagedPolicies": [{"PolicyArn": f"{ACCOUNT}policy/p"}]}
    change = allow("iam:CreatePolicyVersion", f"{ACCOUNT}policy/p")
    policies = [managed("p", change)]
    assert of_account(user(**attached), roles=[], Policies=policies) == [f"security {IN_PLACE}"]
    assert of_account(user(change), roles=[], Policies=policies) == []
    group = {"GroupName": "g", "Arn": f"{ACCOUNT}group/g", **attached}
    member = user(GroupList=["g"])
    found = of_account(member, roles=[], Policies=policies, GroupDetailList=[group])
    assert found == [f"security {IN_PLACE}"]


def test_a_way_over_two_steps() -> None:
    other = user(name="other", UserPolicyList=inline(PASS, RUN))
    key = allow("iam:CreateAccessKey", f"{ACCOUNT}user/other")
    first, second = of_account(user(key), other, roles=ROLES)
    assert first == (
        'security act as user "other", which can pass a service role "admin", an administrator'
    )
    assert second == 'security pass a service role "admin", an administrator'


def test_a_role_that_can_escalate_is_assumed() -> None:
    by_user = role("builder", {"AWS": OWN}, {**PASS, "Resource": "*"}, RUN)
    named = allow("sts:AssumeRole", f"{ACCOUNT}role/builder")
    of_role = 'assume role "builder", which can escalate its privileges'
    assert of_account(user(named), roles=[by_user]) == [f"suggestion {of_role}"]
    between = role("builder", {"AWS": f"{ACCOUNT}role/first"}, {**PASS, "Resource": "*"}, RUN)
    first = role("first", {"AWS": OWN}, named)
    found = of_account(user(allow("sts:AssumeRole", "*")), roles=[first, between])
    assert found == [
        f'security assume role "first", which can {of_role}',
        f"suggestion {of_role}",
    ]


def test_credentials_of_one_that_is_not_an_administrator_are_a_suggestion() -> None:
    other = user(allow("s3:*", "*"), name="other")
    key = allow("iam:CreateAccessKey", f"{ACCOUNT}user/other")
    assert of_account(user(key), other, roles=[]) == ['suggestion act as user "other"']


def test_a_role_of_a_service_may_use_others() -> None:
    key = allow("iam:CreateAccessKey", f"{ACCOUNT}user/other")
    other = user(allow("s3:*", "*"), name="other")
    by_people = role("first", {"AWS": f"{ACCOUNT}user/ci"}, key)
    assert of_account(other, roles=[by_people]) == ['suggestion act as user "other"']
    assert of_account(other, roles=[role("first", LAMBDA, key)]) == []
    # It has the same access.
    same = user(allow("s3:*", "*"), key)
    assert of_account(same, other, roles=[]) == []


def template(action: str, resource: object, *, role: object, **target: object) -> list[str]:
    """What a user can do with a target that runs with a role."""
    trust = {"Effect": "Allow", "Principal": LAMBDA, "Action": "sts:AssumeRole"}
    policy = {"PolicyName": "p", "PolicyDocument": document(allow(action, "x"))}
    policy["PolicyDocument"]["Statement"][0]["Resource"] = resource  # type: ignore[index]
    admin = {"AssumeRolePolicyDocument": document(trust), "Policies": inline(ADMIN)}
    resources = {
        "Admin": {"Type": "AWS::IAM::Role", "Properties": admin},
        "Other": {"Type": "AWS::IAM::Role", "Properties": {**admin, "Policies": []}},
        "Target": {"Type": "AWS::Lambda::Function", "Properties": {"Role": role, **target}},
        "User": {"Type": "AWS::IAM::User", "Properties": {"Policies": [policy]}},
    }
    return titles({"Resources": resources})


GET_ADMIN = {"Fn::GetAtt": ["Admin", "Arn"]}
GET_TARGET = {"Fn::GetAtt": ["Target", "Arn"]}
BY_NAME = {"Fn::Sub": "arn:aws:lambda:*:${AWS::AccountId}:function:tool"}


@pytest.mark.parametrize(
    ("resource", "role", "is_found"),
    [
        (GET_TARGET, GET_ADMIN, True),
        (BY_NAME, GET_ADMIN, True),
        ("*", GET_ADMIN, True),
        (GET_TARGET, {"Fn::GetAtt": ["Other", "Arn"]}, False),
        ("arn:aws:lambda:*:*:function:other", GET_ADMIN, False),
        (GET_TARGET, {"Ref": "RoleArn"}, False),
    ],
)
def test_a_function_runs_with_a_role(resource: object, role: object, *, is_found: bool) -> None:
    found = template("lambda:UpdateFunctionCode", resource, role=role, FunctionName="tool")
    expected = ['security use role "Admin" of "Target", an administrator']
    assert found == (expected if is_found else [])
