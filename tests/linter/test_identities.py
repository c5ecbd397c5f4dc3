"""What is found in the policies of an identity, taken together."""

import pytest

from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.linter.settings import FileSettings
from multitool_lint.syntax.source import Source

PASS, RUN, RESTRICTED = (
    f'{{Statement: [{{Effect: Allow, Action: "{action}", Resource: "{resource}"}}]}}'
    for action, resource in (
        ("iam:PassRole", "*"),
        ("ec2:RunInstances", "*"),
        ("iam:PassRole", "arn:aws:iam::123456789012:role/a"),
    )
)
ROLE = """
Conditions: {Prod: !Equals [!Ref Stage, prod], Other: !Not [!Equals [!Ref Stage, prod]]}
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
"""


def found(text: str, rule: str = "combined-escalation") -> list[Finding]:
    report = lint_source(Source("t.yaml", text))
    return [finding for finding in report.findings if finding.rule == rule]


def role(properties: str) -> str:
    return ROLE + "".join(f"      {line}\n" for line in properties.splitlines())


def inline(name: str, document: str) -> str:
    return f"{{PolicyName: {name}, PolicyDocument: {document}}}"


SERVICE = """\
service: app
provider:
  name: aws
  iam: {{role: {{statements: [{{Effect: Allow, Action: "iam:PassRole", Resource: "*"}}]}}}}
functions:
  run:
    handler: a.b
    iamRoleStatementsInherit: {inherits}
    iamRoleStatements: [{{Effect: Allow, Action: "ec2:RunInstances", Resource: "*"}}]
"""


@pytest.mark.parametrize(("inherits", "expected"), [("true", ["functions/run"]), ("false", [])])
def test_a_role_that_the_serverless_framework_makes_is_an_identity(
    inherits: str, expected: list[str]
) -> None:
    titles = [finding.title for finding in found(SERVICE.format(inherits=inherits))]
    assert [title.split('"')[1] for title in titles] == expected


@pytest.mark.parametrize(
    ("items", "count"),
    [
        ((inline("a", PASS), inline("b", RUN)), 1),
        ((inline("a", RESTRICTED), inline("b", RUN)), 0),
        ((f"!If [Prod, {inline('a', PASS)}, {inline('a', RESTRICTED)}]", inline("b", RUN)), 1),
        # The two are never there at once.
        (
            (
                f"!If [Prod, {inline('a', PASS)}, !Ref AWS::NoValue]",
                f"!If [Other, {inline('b', RUN)}, !Ref AWS::NoValue]",
            ),
            0,
        ),
    ],
)
def test_policies_are_combined_in_each_case(items: tuple[str, ...], count: int) -> None:
    text = role("Policies:\n" + "".join(f"  - {item}\n" for item in items))
    assert len(found(text)) == count


@pytest.mark.parametrize(
    ("boundary", "count"),
    [
        ("!Ref Parameter", 0),
        ("!If [Prod, !Ref Parameter, !Ref AWS::NoValue]", 1),
        ("arn:aws:iam::aws:policy/AmazonEC2FullAccess", 0),
        ("arn:aws:iam::aws:policy/AdministratorAccess", 1),
    ],
)
def test_a_boundary_takes_paths_away(boundary: str, count: int) -> None:
    policies = f"Policies: [{inline('a', PASS)}, {inline('b', RUN)}]"
    assert len(found(role(f"PermissionsBoundary: {boundary}\n{policies}"))) == count


@pytest.mark.parametrize(
    "attached",
    [
        "P: {Type: AWS::IAM::Policy, Properties: {Roles: [!Ref R], PolicyDocument: %s}}",
        "P: {Type: AWS::IAM::Policy, Properties: {Roles: [named], PolicyDocument: %s}}",
        "P: {Type: AWS::IAM::RolePolicy, Properties: {RoleName: !Ref R, PolicyDocument: %s}}",
        "P: {Type: AWS::IAM::ManagedPolicy, Properties: {Roles: [!Ref R], PolicyDocument: %s}}",
        "M: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: %s}}",
    ],
)
def test_policies_of_other_resources_belong_to_the_role(attached: str) -> None:
    own = f"RoleName: named\nManagedPolicyArns: [!Ref M]\nPolicies: [{inline('a', PASS)}]"
    assert len(found(f"{role(own)}  {attached % RUN}\n")) == 1


def test_a_user_has_the_policies_of_its_groups() -> None:
    text = f"""
Resources:
  G: {{Type: AWS::IAM::Group, Properties: {{Policies: [{inline("a", PASS)}]}}}}
  U: {{Type: AWS::IAM::User, Properties: {{Groups: [!Ref G], Policies: [{inline("a", RUN)}]}}}}
"""
    (finding,) = found(text)
    assert 'user "U"' in finding.title
    assert text[slice(*finding.span)] == '"iam:PassRole"'
    assert [text[slice(*place.span)] for place in finding.related] == ['"ec2:RunInstances"']


def test_a_function_of_sam_has_a_role() -> None:
    text = f"""
Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Policies: [AmazonEC2FullAccess, {PASS}]
"""
    assert len(found(text)) == 1
    assert found(text.replace("Policies", "Role: !Ref R\n      Policies")) == []


def test_a_comment_at_the_first_step_suppresses_it() -> None:
    text = role(
        "Policies:\n"
        f"  # multitool-lint: ignore[combined-escalation] the build needs it\n"
        f"  - {inline('a', PASS)}\n  - {inline('b', RUN)}"
    )
    report = lint_with_settings(Source("t.yaml", text), FileSettings(rules()))
    assert not [finding for finding in report.findings if finding.rule == "combined-escalation"]
    assert [entry.by for entry in report.suppressed if entry.finding.rule == "combined-escalation"]


def test_the_fingerprint_does_not_depend_on_the_other_lines() -> None:
    policies = f"Policies: [{inline('a', PASS)}, {inline('b', RUN)}]"
    prints = {
        finding.fingerprint
        for text in (role(policies), "\n# a comment\n" + role(policies))
        for finding in lint_with_settings(Source("t.yaml", text), FileSettings(rules())).findings
        if finding.rule == "combined-escalation"
    }
    assert len(prints) == 1
    assert "" not in prints
