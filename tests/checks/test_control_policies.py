"""What the policies of an organization have to say, and what they leave open."""

import json

import pytest
from support.principal_statements import ACCOUNT, ORG, UNKNOWN, codes, statement

from multitool_lint.diagnostics.rule import Severity, rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source


@pytest.mark.parametrize(
    ("action", "severity"),
    [
        ("ec2:*", Severity.WARNING),
        ("nonsense:*", Severity.WARNING),
        ("*", Severity.ERROR),
        ("s3*:GetObject", Severity.ERROR),
        ("S3:*", None),
        ("sts:AssumeRole", None),
        ("logs:CreateLogGroup", None),
        (UNKNOWN, None),
    ],
)
def test_services_that_resource_control_policies_reach(
    action: str, severity: Severity | None
) -> None:
    denied = statement("*", Effect="Deny", Action=[action], Resource="*")
    document = json.dumps({"Version": "2012-10-17", "Statement": denied})
    rule = rules()["unsupported-rcp-action"]
    findings = lint_source(
        Source("policy.json", document), type=PolicyType.RCP, enabled={rule.id: rule}
    ).findings
    expected = [] if severity is None else [(severity, "RCP_SYNTAX_ERROR_ACTION")]
    assert [(finding.severity, finding.issue_code) for finding in findings] == expected


PRINCIPAL, SOURCE, NULL = (
    "RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY",
    "RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY",
    "RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK",
)
OUTSIDERS = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a"}}
FOREIGN = {"StringNotEqualsIfExists": {"aws:SourceOrgID": "o-a"}}
NO_SERVICE = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}
A_SERVICE = {"Bool": {"aws:PrincipalIsAWSService": "true"}}
HAS_SOURCE = {"Null": {"aws:SourceAccount": "false"}}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (OUTSIDERS, [PRINCIPAL]),
        ({"ArnNotLike": {"aws:PrincipalARN": f"{ACCOUNT}role/admin"}}, [PRINCIPAL]),
        ({"StringNotEquals": {"aws:PrincipalTag/team": "a"}}, [PRINCIPAL]),
        ({"StringEquals": {"aws:PrincipalAccount": "111122223333"}}, [PRINCIPAL]),
        ({**OUTSIDERS, **NO_SERVICE}, []),
        ({**OUTSIDERS, "Bool": {"aws:principalisawsservice": False}}, []),
        ({**OUTSIDERS, "Bool": {"aws:PrincipalIsAWSService": UNKNOWN}}, []),
        (FOREIGN, [SOURCE]),
        ({**FOREIGN, **HAS_SOURCE}, [SOURCE]),
        ({**FOREIGN, **A_SERVICE}, [NULL]),
        ({**FOREIGN, **A_SERVICE, **HAS_SOURCE}, []),
        ({**FOREIGN, **A_SERVICE, "Null": {"aws:SourceArn": "false"}}, []),
        ({**FOREIGN, **A_SERVICE, "Null": {"aws:SourceArn": "true"}}, [NULL]),
        ({"ArnNotLike": {"aws:SourceArn": "arn:aws:s3:::*"}, **A_SERVICE}, []),
        ({"StringNotEquals": {"aws:SourceOrgID": "o-a", "aws:PrincipalOrgID": "o-a"}}, None),
        ({"Null": {"aws:PrincipalTag/team": "true", "aws:SourceAccount": "true"}}, []),
        ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, []),
        (UNKNOWN, []),
    ],
)
def test_conditions_of_resource_control_policies(
    condition: object, expected: list[str] | None
) -> None:
    denied = statement("*", condition, Effect="Deny", Action="s3:*", Resource="*")
    both = [PRINCIPAL, SOURCE]
    found_codes = codes("incomplete-rcp-condition", denied, type=PolicyType.RCP)
    assert sorted(map(str, found_codes)) == sorted(both if expected is None else expected)


@pytest.mark.parametrize(
    ("action", "fires"),
    [
        ("iam:*Role", True),
        ("s3:Get?bject", True),
        ("s3:GetObjec?", True),
        ("*:Get*", True),
        ("s3:Get*", False),
        ("*", False),
        (UNKNOWN, False),
    ],
)
def test_wildcards_in_service_control_policies(action: str, *, fires: bool) -> None:
    expected = ["SCP_SYNTAX_ERROR_ACTION_WILDCARD"] if fires else []
    denied = statement(None, Effect="Deny", Action=action, Resource="*")
    assert codes("scp-action-wildcard", denied, type=PolicyType.SCP) == expected
    assert not rules()["scp-action-wildcard"].default


def test_service_control_policies_take_the_full_language() -> None:
    statements = [
        statement(None, ORG, Action=["s3:*Object", "ec2:Describe?mages"]),
        statement(None, Action=None, NotAction=["iam:*"], Resource="*"),
        statement(None, Effect="Deny", Action="s3:DeleteBucket", Resource=None, NotResource="*"),
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    findings = lint_source(Source("policy.json", document), type=PolicyType.SCP).findings
    assert not [
        finding for finding in findings if (finding.issue_code or "").startswith("SCP_SYNTAX_ERROR")
    ]
    assert not [code for rule in rules().values() for code in rule.access_analyzer if code in GONE]


GONE = {
    "SCP_SYNTAX_ERROR_ALLOW_CONDITION",
    "SCP_SYNTAX_ERROR_ALLOW_NOTACTION",
    "SCP_SYNTAX_ERROR_ALLOW_RESOURCE",
    "SCP_SYNTAX_ERROR_NOTRESOURCE",
}
