"""Trust policies of roles: who may assume them, by which action, under which claims."""

import json

import pytest

from multitool_lint.aws.identity_providers import provider
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source, apply_edits

ACCOUNT = "arn:aws:iam::111122223333:"
GITHUB = "token.actions.githubusercontent.com"
SUB, AUD, REF = f"{GITHUB}:sub", f"{GITHUB}:aud", f"{GITHUB}:ref"
MAIN = "repo:example-org/app:ref:refs/heads/main"
AS_ROLE, SAML, WEB = (
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
)
USER = {"AWS": f"{ACCOUNT}root"}
OIDC = {"Federated": f"{ACCOUNT}oidc-provider/idp.example.com"}
SAML_USER = {"Federated": f"{ACCOUNT}saml-provider/CorpIdP"}
ON_GITHUB = {"Federated": f"{ACCOUNT}oidc-provider/{GITHUB}"}
UNKNOWN = "${var.value}"


def statement(
    principal: object, action: object = AS_ROLE, condition: object = None, effect: str = "Allow"
) -> dict[str, object]:
    found = {"Effect": effect, "Principal": principal, "Action": action, "Condition": condition}
    return {key: value for key, value in found.items() if value is not None}


def codes(rule: str, *statements: dict[str, object]) -> list[str | None]:
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    findings = lint_source(
        Source("policy.json", document), type=PolicyType.TRUST, enabled={rule: rules()[rule]}
    ).findings
    assert {finding.rule for finding in findings} <= {rule}
    return [finding.issue_code for finding in findings]


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_a_bare_star(effect: str) -> None:
    expected = ["ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL"]
    assert codes("wildcard-in-principal", statement("*", effect=effect)) == expected
    assert codes("wildcard-in-principal", statement({"AWS": "*"}, effect=effect)) == []


@pytest.mark.parametrize(
    ("text", "is_valid"),
    [
        (f"{ACCOUNT}saml-provider/CorpIdP", True),
        (f"{ACCOUNT}oidc-provider/idp.example.com/tenant/7", True),
        ("arn:aws-cn:iam::111122223333:saml-provider/CorpIdP", True),
        ("accounts.google.com", True),
        ("www.amazon.com", True),
        (UNKNOWN, True),
        ("arn:aws:iam::${account}:saml-provider/CorpIdP", True),
        ("CorpIdP", False),
        ("https://idp.example.com", False),
        ("arn:aws:iam::1111:oidc-provider/idp.example.com", False),
        ("arn:aws:iam:us-east-1:111122223333:oidc-provider/idp.example.com", False),
        ("arn:aws:sts::111122223333:saml-provider/CorpIdP", False),
        (f"{ACCOUNT}role/app", False),
        (f"{ACCOUNT}saml-provider/", False),
    ],
)
def test_forms_of_providers(text: str, *, is_valid: bool) -> None:
    expected = [] if is_valid else ["INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY"]
    assert codes("invalid-federated-principal", statement({"Federated": [text]}, SAML)) == expected


def test_what_a_provider_is_called() -> None:
    found = provider(f"{ACCOUNT}oidc-provider/{GITHUB}/octo-enterprise")
    assert found
    assert found.name == f"{GITHUB}/octo-enterprise"
    assert found.is_github
    assert not found.is_saml


@pytest.mark.parametrize(
    ("principal", "action", "count"),
    [
        (USER, AS_ROLE, 0),
        (USER, SAML, 1),
        (USER, [WEB, SAML], 2),
        ({"Service": "ec2.amazonaws.com"}, WEB, 1),
        ("*", AS_ROLE, 0),
        ({"AWS": "*"}, WEB, 1),
        (OIDC, WEB, 0),
        (OIDC, "STS:assumerolewithwebidentity", 0),
        (OIDC, AS_ROLE, 1),
        (OIDC, SAML, 1),
        (OIDC, [WEB, AS_ROLE], 1),
        (SAML_USER, [SAML, "sts:TagSession"], 0),
        (SAML_USER, WEB, 1),
        ({"Federated": "cognito-identity.amazonaws.com"}, AS_ROLE, 1),
        ({**USER, **OIDC}, [AS_ROLE, WEB], 0),
        ({**USER, **OIDC}, AS_ROLE, 1),
        ({"Federated": [OIDC["Federated"], SAML_USER["Federated"]]}, [WEB, SAML], 0),
        (OIDC, "sts:*", 0),
        (OIDC, "sts:TagSession", 1),
        ({"Federated": UNKNOWN}, AS_ROLE, 0),
        ({"Federated": "CorpIdP"}, AS_ROLE, 0),
        (OIDC, UNKNOWN, 0),
        (UNKNOWN, SAML, 0),
        ({**USER, "Service": {"Ref": "Service"}}, SAML, 1),
        ({**USER, "Other": {"Ref": "Service"}}, SAML, 0),
        ({"AWS": UNKNOWN}, WEB, 1),
    ],
)
def test_actions_fit_principals(principal: object, action: object, count: int) -> None:
    written = statement(principal, action)
    assert codes("mismatched-trust-action", written) == ["MISMATCHED_ACTION_FOR_PRINCIPAL"] * count
    assert codes("mismatched-trust-action", statement(principal, action, effect="Deny")) == []


@pytest.mark.parametrize(
    ("kind", "principals", "action", "count"),
    [
        ("Federated", '["arn:aws:iam::${var.account}:oidc-provider/${var.issuer}"]', AS_ROLE, 1),
        ("Federated", "[aws_iam_openid_connect_provider.github.arn]", AS_ROLE, 1),
        ("Federated", "[aws_iam_openid_connect_provider.github.arn]", WEB, 0),
        ("Federated", '["arn:aws:iam::${var.account}:saml-provider/${var.name}"]', WEB, 1),
        ("Federated", "[var.provider_arn]", AS_ROLE, 0),
        ("AWS", "var.trusted_arns", WEB, 1),
        ("AWS", "var.trusted_arns", AS_ROLE, 0),
    ],
)
def test_what_is_filled_in_elsewhere_is_of_a_kind(
    kind: str, principals: str, action: str, count: int
) -> None:
    trust = f"""\
data "aws_iam_policy_document" "trust" {{
  statement {{
    actions = ["{action}"]
    principals {{
      type        = "{kind}"
      identifiers = {principals}
    }}
  }}
}}
resource "aws_iam_role" "app" {{
  assume_role_policy = data.aws_iam_policy_document.trust.json
}}
"""
    enabled = {"mismatched-trust-action": rules()["mismatched-trust-action"]}
    assert len(lint_source(Source("main.tf", trust), enabled=enabled).findings) == count


KEY, ANYWHERE = (
    "MISSING_ACTION_FOR_CONDITION_KEY",
    "MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY",
)
TAG, IDENTITY = "sts:TagSession", "sts:SetSourceIdentity"


@pytest.mark.parametrize(
    ("action", "condition", "count"),
    [
        (AS_ROLE, {"StringEquals": {"aws:RequestTag/project": "a"}}, 1),
        (AS_ROLE, {"ForAllValues:StringEquals": {"AWS:tagKeys": ["a"]}}, 1),
        (AS_ROLE, {"ForAllValues:StringEquals": {"sts:TransitiveTagKeys": ["a"]}}, 1),
        (AS_ROLE, {"StringLike": {"sts:SourceIdentity": "*"}}, 1),
        (AS_ROLE, {"Null": {"aws:RequestTag/project": "false"}}, 1),
        ([AS_ROLE, IDENTITY], {"StringEquals": {"aws:RequestTag/project": "a"}}, 1),
        ([AS_ROLE, TAG], {"StringEquals": {"aws:RequestTag/project": "a"}}, 0),
        ([AS_ROLE, "sts:tag*"], {"StringEquals": {"aws:RequestTag/project": "a"}}, 0),
        (["sts:*"], {"StringEquals": {"sts:SourceIdentity": "a"}}, 0),
        ([AS_ROLE, UNKNOWN], {"StringEquals": {"sts:SourceIdentity": "a"}}, 0),
        (AS_ROLE, {"Null": {"aws:RequestTag/project": "true"}}, 0),
        (AS_ROLE, {"StringEquals": {"aws:SourceIdentity": "a"}}, 0),
        (AS_ROLE, {"StringEquals": {"aws:PrincipalTag/project": "a"}}, 0),
        (AS_ROLE, {"StringEquals": {"sts:ExternalId": "a"}}, 0),
        (AS_ROLE, UNKNOWN, 0),
    ],
)
def test_keys_that_need_an_action(action: object, condition: object, count: int) -> None:
    assert codes("missing-trust-action", statement(USER, action, condition)) == [KEY] * count
    denied = statement(USER, action, condition, effect="Deny")
    assert codes("missing-trust-action", denied) == []


@pytest.mark.parametrize("action", [None, 7])
def test_there_is_no_fix_without_an_action(action: object) -> None:
    tagged = statement(USER, action, {"StringEquals": {"aws:RequestTag/project": "a"}})
    rule = rules()["missing-trust-action"]
    document = json.dumps({"Statement": tagged})
    (finding,) = lint_source(
        Source("policy.json", document), type=PolicyType.TRUST, enabled={rule.id: rule}
    ).findings
    assert not finding.fixes


def test_another_statement_may_allow_the_action() -> None:
    tagged = statement(USER, AS_ROLE, {"StringEquals": {"aws:RequestTag/project": "a"}})
    assert codes("missing-trust-action", tagged, statement(USER, TAG)) == []


@pytest.mark.parametrize(
    ("actions", "count"),
    [
        ([AS_ROLE], 1),
        ([AS_ROLE, TAG], 1),
        ([TAG, IDENTITY], 1),
        ([AS_ROLE, TAG, IDENTITY], 0),
        (["sts:*"], 0),
        ([AS_ROLE, UNKNOWN], 0),
    ],
)
def test_roles_anywhere(actions: list[str], count: int) -> None:
    principal = {"Service": ["ec2.amazonaws.com", "rolesanywhere.amazonaws.com"]}
    assert codes("missing-trust-action", statement(principal, actions)) == [ANYWHERE] * count


def test_roles_anywhere_over_two_statements() -> None:
    principal = {"Service": "rolesanywhere.amazonaws.com"}
    halves = statement(principal, AS_ROLE), statement(principal, [TAG, IDENTITY])
    assert codes("missing-trust-action", *halves) == []


def test_the_missing_actions_are_added() -> None:
    document = json.dumps(
        {"Statement": statement({"Service": "rolesanywhere.amazonaws.com"}, [AS_ROLE])}
    )
    rule = rules()["missing-trust-action"]
    report = lint_source(
        Source("policy.json", document), type=PolicyType.TRUST, enabled={rule.id: rule}
    )
    (finding,) = report.findings
    fixed = json.loads(apply_edits(document, finding.fixes[0].edits))
    assert fixed["Statement"]["Action"] == [AS_ROLE, IDENTITY, TAG]


OPEN, NO_REPOSITORY = (
    "MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL",
    "MISSING_GITHUB_REPO_CONDITION_KEY",
)


@pytest.mark.parametrize(
    ("principal", "condition", "expected"),
    [
        (OIDC, None, [OPEN]),
        (OIDC, {"StringEquals": {"other.example.com:sub": "a"}}, [OPEN]),
        (OIDC, {"StringEquals": {"idp.example.com/tenant:sub": "a"}}, [OPEN]),
        (OIDC, {"StringNotEquals": {"idp.example.com:sub": "a"}}, [OPEN]),
        (OIDC, {"Null": {"idp.example.com:sub": "false"}}, [OPEN]),
        (OIDC, {"StringLike": {"idp.example.com:sub": "*"}}, [OPEN]),
        (OIDC, {"StringEquals": {"IDP.example.com:sub": "a"}}, []),
        (OIDC, {"StringEquals": {"idp.example.com:aud": UNKNOWN}}, []),
        (OIDC, {"StringEquals": {"${local.host}:sub": "a"}}, []),
        (OIDC, UNKNOWN, []),
        ({"Federated": "accounts.google.com"}, None, [OPEN]),
        (SAML_USER, None, []),
        ({"Federated": UNKNOWN}, None, []),
        (
            {"Federated": f"arn:aws:iam::ACCOUNT_ID:oidc-provider/{GITHUB}"},
            {"StringEquals": {AUD: "sts.amazonaws.com"}},
            [NO_REPOSITORY],
        ),
        (
            {"Federated": f"arn:aws:iam::ACCOUNT_ID:oidc-provider/{GITHUB}"},
            {"StringEquals": {SUB: MAIN, AUD: "sts.amazonaws.com"}},
            [],
        ),
        (
            {"Federated": "arn:aws:iam::ACCOUNT_ID:oidc-provider/PROVIDER"},
            {"StringEquals": {"PROVIDER:aud": "sts.amazonaws.com"}},
            [],
        ),
        (ON_GITHUB, None, [OPEN, NO_REPOSITORY]),
        (ON_GITHUB, {"StringEquals": {AUD: "sts.amazonaws.com"}}, [NO_REPOSITORY]),
        (ON_GITHUB, {"StringNotLike": {SUB: "repo:other/*"}}, [OPEN, NO_REPOSITORY]),
        # any-github-repository speaks of it
        (ON_GITHUB, {"StringLike": {SUB: "*", AUD: "sts.*"}}, []),
        (ON_GITHUB, {"StringEquals": {SUB: MAIN}}, [None]),
        (ON_GITHUB, {"StringEquals": {SUB: MAIN, AUD: "sts.amazonaws.com"}}, []),
        (
            {"Federated": f"{ACCOUNT}oidc-provider/{GITHUB}/octo"},
            {"StringEquals": {f"{GITHUB}/octo:sub": MAIN, f"{GITHUB}/octo:aud": "octo"}},
            [],
        ),
        (
            {"Federated": f"{ACCOUNT}oidc-provider/{GITHUB}/octo"},
            {"StringEquals": {f"{GITHUB}/octo:actor": "alice"}},
            [NO_REPOSITORY],
        ),
    ],
)
def test_providers_need_a_condition(
    principal: object, condition: object, expected: list[str | None]
) -> None:
    assert codes("unrestricted-oidc-provider", statement(principal, WEB, condition)) == expected
    denied = statement(principal, WEB, condition, effect="Deny")
    assert codes("unrestricted-oidc-provider", denied) == []


@pytest.mark.parametrize(
    ("subject", "rule"),
    [
        (MAIN, None),
        ("repo:example-org/app:ref:refs/tags/v1", None),
        ("repo:example-org@1/app@2:ref:refs/heads/main", None),
        (UNKNOWN, None),
        ("repo:${org}/app:*", "any-github-branch"),
        ("repo:${org}/*", "any-github-repository"),
        ("repo:${org}/${name}:${ref}", None),
        ("repo:${repository}:*", "any-github-branch"),
        ("repo:${repository}:ref:*", "any-github-branch"),
        ("repo:${repository}", None),
        ("repo:${repository}:${ref}", None),
        ("repo:example-org/app:*", "any-github-branch"),
        ("repo:example-org/app:ref:refs/heads/*", "any-github-branch"),
        ("repo:example-org/app:ref:refs/heads/v?", "any-github-branch"),
        ("repo:example-org@*/app@*:ref:refs/heads/main", None),
        ("repo:example-org@1/app@*:*", "any-github-branch"),
        ("repo:example-org@*/app@*", "any-github-repository"),
        ("repo:example-org@1/*", "any-github-repository"),
        ("repo:example-org@*", "any-github-repository"),
        ("repo:example-org/*", "any-github-repository"),
        ("repo:example-org/*:ref:refs/heads/main", "any-github-repository"),
        ("repo:example-?rg/app:ref:refs/heads/main", "any-github-repository"),
        ("*", "any-github-repository"),
        ("repo:example-org/app:environment:production", "any-github-branch"),
        ("repo:example-org/app:pull_request", "any-github-branch"),
        ("repo:example-org/app", "any-github-branch"),
    ],
)
@pytest.mark.parametrize("operator", ["StringEquals", "StringLike", "ForAnyValue:StringLike"])
def test_subjects_name_a_repository_and_a_branch(
    subject: str, operator: str, rule: str | None
) -> None:
    written = statement(ON_GITHUB, WEB, {operator: {SUB: subject}})
    is_literal_wildcard = operator == "StringEquals" and set(subject) & {"*", "?"}
    for id_ in ("any-github-repository", "any-github-branch", "any-github-branch"):
        reported = id_ == rule and not is_literal_wildcard
        expected = ["SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED"] if reported else []
        assert codes(id_, written) == expected


@pytest.mark.parametrize(
    ("conditions", "fires"),
    [
        ({"StringEquals": {REF: "refs/heads/main"}}, False),
        ({"StringEquals": {REF: UNKNOWN}}, False),
        ({"StringLike": {REF: "refs/heads/*"}}, True),
        ({"StringNotEquals": {REF: "refs/heads/main"}}, True),
        ({"Null": {REF: "false"}}, True),
    ],
)
def test_the_branch_may_be_in_another_key(conditions: dict[str, object], *, fires: bool) -> None:
    for what, reported in (("pull_request", fires), ("environment:production", True)):
        subject = {"StringEqualsIgnoreCase": {SUB: f"repo:example-org/app:{what}"}}
        written = statement(ON_GITHUB, WEB, {**subject, **conditions})
        expected = ["SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED"] if reported else []
        assert codes("any-github-branch", written) == expected


@pytest.mark.parametrize(
    ("claim", "value", "fires"),
    [
        ("environment", "production", False),
        ("job_workflow_ref", "example-org/a/.github/workflows/b.yml@*", False),
        ("ref", "refs/heads/*", True),
        ("repository", "example-org/app", True),
        ("repository_owner", "example-org", True),
        ("aud", "sts.amazonaws.com", True),
    ],
)
def test_any_branch_is_a_note_unless_another_claim_says_which_workflow_it_is(
    claim: str, value: str, *, fires: bool
) -> None:
    conditions = {SUB: "repo:example-org/app:*", SUB.replace("sub", claim): value}
    written = statement(ON_GITHUB, WEB, {"StringLike": conditions})
    assert bool(_notes(written)) is fires


@pytest.mark.parametrize("what", ["environment:production", "pull_request", "ref:refs/heads/v*"])
def test_some_branches_make_no_note(what: str) -> None:
    written = statement(ON_GITHUB, WEB, {"StringLike": {SUB: f"repo:example-org/app:{what}"}})
    assert not _notes(written)


def _notes(written: object) -> list[str]:
    """The rules of the notes of a trust policy with a statement."""
    rule = rules()["any-github-branch"]._replace(brief=True)
    text = json.dumps({"Version": "2012-10-17", "Statement": written})
    report = lint_source(
        Source("policy.json", text), type=PolicyType.TRUST, enabled={rule.id: rule}
    )
    return [finding.rule for finding in report.findings]


@pytest.mark.parametrize("rule", ["any-github-branch", "any-github-repository"])
def test_subjects_of_others_are_not_checked(rule: str) -> None:
    assert codes(rule, statement(OIDC, WEB, {"StringLike": {"idp.example.com:sub": "*"}})) == []
    assert codes(rule, statement(ON_GITHUB, WEB, {"StringNotLike": {SUB: "repo:a/*"}})) == []
    assert codes(rule, statement(ON_GITHUB, WEB, {"StringLike": {SUB: "*"}}, "Deny")) == []


@pytest.mark.parametrize(
    ("operator", "key", "expected"),
    [
        ("StringEquals", AUD, "CONFIRM_AUDIENCE_CLAIM_TYPE"),
        ("StringLike", "accounts.google.com:AUD", "CONFIRM_AUDIENCE_CLAIM_TYPE"),
        ("ForAllValues:StringEquals", AUD, "CONFIRM_AUDIENCE_CLAIM_TYPE"),
        ("ForAnyValue:StringEquals", AUD, "FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE"),
        ("foranyvalue:StringLike", AUD, "FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE"),
        ("ForAnyValue:StringEquals", SUB, None),
        ("StringEquals", "SAML:aud", None),
        ("StringEquals", "aws:aud", None),
        ("NoOperator", AUD, None),
    ],
)
def test_audiences(operator: str, key: str, expected: str | None) -> None:
    written = statement(ON_GITHUB, WEB, {operator: {key: "sts.amazonaws.com"}})
    found = codes("audience-claim", written) + codes("unconfirmed-audience", written)
    assert found == ([expected] if expected else [])


def test_what_decides_an_audience_elsewhere() -> None:
    written = statement(ON_GITHUB, WEB, {"StringEquals": {AUD: UNKNOWN}})
    assert codes("unconfirmed-audience", written) == []
    written = statement(ON_GITHUB, WEB, {"ForAnyValue:StringEquals": {AUD: UNKNOWN}})
    assert codes("audience-claim", written) == ["FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE"]
    assert codes("audience-claim", {**written, "Effect": UNKNOWN}) == []


def test_no_second_operator_of_a_name_is_made() -> None:
    condition = {
        "StringEquals": {AUD: "sts.amazonaws.com"},
        "ForAnyValue:StringEquals": {"accounts.google.com:aud": ["a"]},
    }
    document = json.dumps({"Statement": statement(ON_GITHUB, WEB, condition)})
    rule = rules()["audience-claim"]
    findings = lint_source(
        Source("policy.json", document), type=PolicyType.TRUST, enabled={rule.id: rule}
    ).findings
    # Under StringEquals, there is no room for another one.
    assert [finding.fixes for finding in findings] == [()]


@pytest.mark.parametrize(
    ("condition", "fires"),
    [
        (None, True),
        ({"StringEquals": {"sts:ExternalId": "partner-4711"}}, True),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-a"}}, False),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}, False),
        # Every account can have such a role.
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}}, True),
    ],
)
def test_roles_for_everyone(condition: object, *, fires: bool) -> None:
    assert len(codes("public-access", statement({"AWS": "*"}, AS_ROLE, condition))) == fires
