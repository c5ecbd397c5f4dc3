"""One problem, one finding: which findings are joined, and that nothing is lost by it."""

import json
from pathlib import Path
from typing import Any

import pytest

from multitool_lint import lint
from multitool_lint.cli import main
from multitool_lint.diagnostics.finding import separate
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.linter.engine import default_rules, lint_source
from multitool_lint.linter.join import join
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.linter.serialize import record, restored
from multitool_lint.linter.settings import SUMMARIZED, FileSettings
from multitool_lint.reporters.access_analyzer import answers
from multitool_lint.syntax.source import Source

FIXTURES = Path(__file__).parents[2] / "fixtures"
DENIED = ["iam:CreateUser", "iam:CreateLoginProfile", "iam:CreateAccessKey", "iam:DeleteRole"]
PASSING = ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]


def allow(*actions: str, resource: object = "*", **more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def text_of(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=1)


def rules_of(*statements: dict[str, Any]) -> list[str]:
    return [finding.rule for finding in lint(text_of(*statements))]


def test_passing_roles_to_functions_is_one_finding_about_both() -> None:
    [finding] = lint(text_of(allow(*PASSING)))
    assert finding.rule == "privilege-escalation"
    assert finding.pointer == "/Statement/0/Action/0"
    assert finding.issue_codes == ("PASS_ROLE_WITH_STAR_IN_RESOURCE",)
    assert any("[pass-role-any-resource]" in note for note in finding.notes)


def test_administrator_with_denials_is_not_reported_again_as_an_identity() -> None:
    def role(statement: dict[str, Any]) -> dict[str, Any]:
        denied = {"Effect": "Deny", "Action": DENIED, "Resource": "*"}
        trusted = {
            "Effect": "Allow",
            "Principal": {"AWS": "111122223333"},
            "Action": "sts:AssumeRole",
        }
        version = {"Version": "2012-10-17"}
        policy = {**version, "Statement": [statement, denied]}
        return {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": "tool",
                "AssumeRolePolicyDocument": {**version, "Statement": [trusted]},
                "Policies": [{"PolicyName": "tool", "PolicyDocument": policy}],
            },
        }

    def found(statement: dict[str, Any]) -> list[tuple[str, list[str]]]:
        template = json.dumps({"Resources": {"Role": role(statement)}}, indent=1)
        findings, _ = join(lint_source(Source("template.json", template)).findings)
        return [(one.rule, [part.rule for part in one.joined[1:]]) for one in findings]

    assert found(allow("*")) == [("full-admin-access", ["identity-takeover"])]
    own = allow("iam:AttachRolePolicy", resource="arn:aws:iam::*:role/tool")
    assert found(own) == [("identity-takeover", [])]


def test_what_another_statement_passes_is_another_finding() -> None:
    passing = allow("iam:GetRole", "iam:PassRole", resource="arn:aws:iam::*:role/*")
    found = set(rules_of(allow(*PASSING), passing)) - {"partly-redundant-statement"}
    assert found == {"privilege-escalation", "pass-role-any-resource"}


def test_who_can_extend_their_permissions_needs_no_warning_of_the_same_statement() -> None:
    assert rules_of(allow("iam:*", "lambda:UpdateFunctionCode", "kms:Put*")) == [
        "privilege-escalation"
    ]
    assert rules_of(allow("iam:*", "s3:PutBucketPolicy")) == ["privilege-escalation"]
    assert rules_of(allow("iam:*"), allow("s3:PutBucketPolicy")) == [
        "privilege-escalation",
        "bucket-policy-escalation",
    ]
    assert rules_of(allow("iam:*"), allow("lambda:UpdateFunctionCode")) == [
        "privilege-escalation",
        "target-dependent-escalation",
    ]


def test_a_finding_with_places_of_its_own_is_not_joined() -> None:
    found = rules_of(allow("lambda:UpdateFunction*", "kms:Put*"))
    assert set(found) == {"target-dependent-escalation", "permissions-management-actions"}


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.json")), ids=lambda path: path.name)
def test_nothing_is_lost_and_no_gate_lets_more_pass(path: Path) -> None:
    statements = [
        [allow("*")],
        [allow("iam:*", "ec2:*", "s3:*")],
        [allow(*PASSING, "secretsmanager:GetSecretValue")],
        [allow("s3:*", Principal="*", resource="arn:aws:s3:::reports")],
    ]
    for text in [path.read_text("utf-8"), *(text_of(*policy) for policy in statements)]:
        found = lint_source(Source("policy.json", text), enabled=default_rules()).findings
        findings, notes = join(found)
        assert sorted(map(str, separate(findings))) == sorted(map(str, found))
        assert not notes
        order = tuple(Severity).index
        before, after = (
            min((order(finding.severity) for finding in some), default=None)
            for some in (found, findings)
        )
        assert before == after


def test_what_aws_reports_keeps_its_places() -> None:
    text = text_of(allow(*PASSING))
    [finding] = lint(text)
    [alone] = lint(text, select=["pass-role-any-resource"])
    assert list(answers([finding])) == list(answers([alone]))


def test_a_joined_finding_comes_back_from_another_process() -> None:
    source = Source("policy.json", text_of(allow(*PASSING), allow("athena:*")))
    settings = FileSettings(default_rules(), summarized=SUMMARIZED)
    report = lint_with_settings(source, settings)
    again = restored(source, record(report))
    assert report.notes
    assert (again.findings, again.notes) == (report.findings, report.notes)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    Path("policy.json").write_text(text_of(allow(*PASSING)), encoding="utf-8")
    return tmp_path


def reported(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    main(["policy.json", "--format=json", *arguments])
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def rules_in(report: dict[str, Any], part: str = "findings") -> list[str]:
    return [finding["rule"] for finding in report[part]]


@pytest.mark.usefixtures("folder")
def test_where_the_wider_finding_is_suppressed_the_narrower_is_reported(
    capsys: pytest.CaptureFixture[str],
) -> None:
    entry = '[[ignore]]\nrule = "privilege-escalation"\nreason = "known"\n'
    Path("multitool-lint.toml").write_text(entry, encoding="utf-8")
    report = reported(capsys)
    assert rules_in(report) == ["pass-role-any-resource"]
    assert rules_in(report, "suppressed") == ["privilege-escalation"]
    assert rules_in(reported(capsys, "--show-suppressed")) == ["privilege-escalation"]


@pytest.mark.usefixtures("folder")
def test_a_baseline_knows_each_of_the_joined_findings(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy.json", "--write-baseline=known.json"]) == 0
    narrower = "--ignore=privilege-escalation"
    assert rules_in(reported(capsys, "--baseline=known.json")) == []
    assert rules_in(reported(capsys, "--baseline=known.json", narrower)) == []
    assert rules_in(reported(capsys, narrower)) == ["pass-role-any-resource"]


@pytest.mark.usefixtures("folder")
def test_whole_services_and_all_resources_are_one_note_of_a_policy(
    capsys: pytest.CaptureFixture[str],
) -> None:
    on_one = allow("s3:*", resource="arn:aws:s3:::reports/*")
    some = allow("ec2:StopInstances", "ec2:Describe*")
    text = text_of(allow("athena:*"), allow("polly:*"), on_one, some, allow("sns:Publish"))
    Path("policy.json").write_text(text, encoding="utf-8")
    assert main(["policy.json", "--format=lines"]) == 0
    whole, everywhere, closing = capsys.readouterr().out.splitlines()
    assert whole.startswith('policy.json:7:5: note[full-service-access] "athena:*" grants all ')
    assert whole.endswith(" (and 2 more in this policy)")
    assert everywhere.startswith("policy.json:31:16: note[unscoped-resource] ")
    assert everywhere.endswith(" (and 1 more in this policy)")
    assert closing.startswith("No findings")
    assert main(["policy.json", "--color=never"]) == 0
    shown = capsys.readouterr().out
    assert 'note[full-service-access]: "athena:*" grants all ' in shown
    assert '= note: "polly:*" grants all ' in shown
    assert "--> policy.json:31:16\n" in shown
    assert main(["policy.json", "--write-baseline=known.json"]) == 0
    for option in ("--baseline=known.json", "--quiet"):
        assert main(["policy.json", "--color=never", option]) == 0
        assert "note[" not in capsys.readouterr().out
    report = reported(capsys)
    assert rules_in(report) == []
    assert rules_in(report, "notes") == ["full-service-access", "unscoped-resource"]
    assert report["notes"][0]["help"].startswith("list the actions that are needed")
    report = reported(capsys, "--select=full-service-access,unscoped-resource")
    assert rules_in(report).count("full-service-access") == 3
    assert not report["notes"]
    assert rules_in(reported(capsys, "--extend-select=unscoped-resource")).count(
        "unscoped-resource"
    )


@pytest.mark.parametrize(
    "actions",
    [
        ("ec2:StopInstances", "ec2:DescribeInstances"),
        ("ec2:S*Instances", "ec2:Describe*"),
        ("route53:ChangeResourceRecordSets", "route53:ListHostedZones"),
        ("ec2:RunInstances", "ec2:DeleteSnapshot", "ec2:DescribeInstances"),
        ("sqs:DeleteQueue", "sns:DeleteTopic", "cloudwatch:PutMetricData"),
        ("ec2:CreateVolume", "ec2:CreateTags", "ec2:DeleteVolume", "ec2:DescribeVolumes"),
        (
            "ec2:CreateVolume",
            "ec2:DeleteVolume",
            "sqs:DeleteQueue",
            "sns:DeleteTopic",
            "sns:Publish",
        ),
    ],
)
def test_a_statement_is_noted_that_needs_all_resources_for_few_changes(
    actions: tuple[str, ...],
) -> None:
    assert noted(allow(*actions)) == ["unscoped-resource"]


@pytest.mark.parametrize(
    "actions",
    [
        ("ec2:DescribeInstances",),
        ("sqs:ListQueues", "sqs:GetQueueUrl"),
        ("ec2:StopInstances", "cloudwatch:PutMetricData"),
        ("ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:Describe*"),
        ("ec2:RunInstances", "ec2:TerminateInstances", "ec2:DescribeInstances"),
        ("ec2:RunInstances", "ec2:CreateTags", "ec2:DescribeInstances"),
        ("ec2:CreateVolume", "ec2:DeleteVolume", "ec2:DescribeVolumes"),
    ],
)
def test_a_statement_is_not_noted_that_needs_them_otherwise(actions: tuple[str, ...]) -> None:
    assert noted(allow(*actions)) == []


def noted(statement: dict[str, Any]) -> list[str]:
    source = Source("policy.json", text_of(statement))
    others = {id_: rule for id_, rule in default_rules().items() if id_ != "data-loss"}
    report = lint_with_settings(source, FileSettings(others, summarized=SUMMARIZED))
    return [note.rule for note in report.notes]


@pytest.mark.parametrize(
    ("principals", "rule"),
    [({"NotPrincipal": {"AWS": "111122223333"}}, "allow-not-principal"), ({}, "public-access")],
)
def test_what_everyone_is_granted_is_one_finding_on_the_principals(
    principals: dict[str, Any], rule: str
) -> None:
    granted = allow("s3:*", resource="arn:aws:s3:::logs", **(principals or {"Principal": "*"}))
    [finding] = lint(text_of(granted))
    assert (finding.rule, finding.severity) == (rule, Severity.SECURITY)
    notes = " ".join(finding.notes)
    assert "[permissions-management-actions]" in notes
    assert "[bucket-policy-escalation]" in notes


def test_an_open_domain_is_one_finding() -> None:
    domain = "arn:aws:es:eu-west-1:111122223333:domain/logs/*"
    [finding] = lint(text_of(allow("es:*", resource=domain, Principal={"AWS": "*"})))
    assert (finding.rule, finding.severity) == ("public-access", Severity.SECURITY)


def test_a_service_in_several_statements_is_one_finding() -> None:
    trail = {"Principal": {"Service": "cloudtrail.amazonaws.com"}}
    bucket, objects = "arn:aws:s3:::audit-log", "arn:aws:s3:::audit-log/*"
    source = {"Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}
    other = {"Principal": {"Service": "config.amazonaws.com"}}
    found = lint(
        text_of(
            allow("s3:GetBucketAcl", resource=bucket, **trail),
            allow("s3:PutObject", resource=objects, **trail),
            allow("s3:PutObjectTagging", resource=objects, **trail, **source),
            allow("s3:PutObject", resource=objects, **other),
        )
    )
    assert [finding.rule for finding in found] == ["unrestricted-service-principal"] * 2
    assert [finding.pointer[:12] for finding in found] == ["/Statement/0", "/Statement/3"]
    assert [note.label for note in found[0].related] == ["also here"]
    assert len(list(separate(found))) == 3


def test_a_condition_key_that_several_services_do_not_support_is_one_finding() -> None:
    tag = {"Condition": {"StringNotEquals": {"aws:ResourceTag/team": "web"}}}
    found = lint(
        text_of(
            {
                "Effect": "Deny",
                "Action": ["ec2:DescribeInstances", "sqs:ListQueues"],
                "Resource": "*",
                **tag,
            }
        )
    )
    [finding] = [finding for finding in found if finding.rule == "unsupported-condition-key"]
    assert len(list(separate([finding]))) == 2


@pytest.mark.parametrize(
    ("version", "rule", "note"),
    [
        ({}, "missing-version", "unsupported-variable"),
        ({"Version": "2008-10-17"}, "unsupported-variable", "old-version"),
    ],
)
def test_a_version_without_the_variables_of_a_policy_is_one_error(
    version: dict[str, str], rule: str, note: str
) -> None:
    home = allow("s3:GetObject", resource="arn:aws:s3:::home/${aws:username}/*")
    [finding] = lint(json.dumps({**version, "Statement": [home]}))
    assert (finding.rule, finding.severity, len(finding.fixes)) == (rule, Severity.ERROR, 1)
    assert any(f"[{note}]" in text for text in finding.notes)
    assert "VARIABLE_UNSUPPORTED_IN_VERSION" in finding.issue_codes


def test_a_subject_of_github_that_matches_everything_is_one_finding() -> None:
    host = "token.actions.githubusercontent.com"
    for subject in ("repo:*", "*"):
        statement = {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{host}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringLike": {f"{host}:sub": subject},
                "StringEquals": {f"{host}:aud": "sts.amazonaws.com"},
            },
        }
        [finding] = lint(text_of(statement), type="trust")
        assert finding.rule == "permissive-condition-pattern"
        assert any("[any-github-repository]" in note for note in finding.notes)
        assert len(finding.issue_codes) == len(finding.joined)


def test_a_text_of_several_policies_has_one_finding(tmp_path: Path) -> None:
    path = tmp_path / "key.tf"
    path.write_text(
        """
data "aws_iam_policy_document" "key" {
  override_policy_documents = var.documents

  dynamic "statement" {
    for_each = var.mail ? ["mail"] : []
    content {
      actions   = ["kms:Decrypt"]
      resources = ["*"]
      principals {
        type        = "Service"
        identifiers = ["ses.amazonaws.com"]
      }
    }
  }

  statement {
    actions   = var.mail ? ["kms:Encrypt", "kms:Decrypt"] : ["kms:Encrypt"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:role/mail"]
    }
  }
}
""",
        encoding="utf-8",
    )
    [finding] = lint(path, type="resource")
    assert finding.rule == "unrestricted-service-principal"


def test_a_statement_with_one_resource_or_two_has_one_finding(tmp_path: Path) -> None:
    path = tmp_path / "topic.tf"
    path.write_text(
        """
data "aws_iam_policy_document" "feedback" {
  statement {
    actions   = ["logs:CreateLogGroup"]
    resources = compact(["arn:aws:sns:*:*:a", var.more ? "arn:aws:sns:*:*:b" : null])
  }
}
""",
        encoding="utf-8",
    )
    [finding] = lint(path, type="identity")
    assert finding.rule == "mismatched-resource"


def test_a_note_names_the_first_of_the_actions_that_it_counts() -> None:
    granted = allow("iam:PutUserPolicy", "kms:Decrypt", "s3:GetObject", "sqs:ReceiveMessage")
    [finding] = lint(text_of(granted))
    assert (
        "3 actions that read data are allowed on all resources: kms:Decrypt, s3:GetObject, "
        "sqs:ReceiveMessage [data-exposure]"
    ) in finding.notes
    [unscoped] = [note for note in finding.notes if "[unscoped-resource]" in note]
    assert "s3:GetObject and 1 more [" in unscoped


def test_what_deletes_on_all_resources_is_a_note_of_other_findings_of_the_statement() -> None:
    [finding] = lint(text_of(allow("s3:GetObject", "s3:PutObject")))
    assert finding.rule == "data-exposure"
    assert any("s3:PutObject" in note and "[data-loss]" in note for note in finding.notes)
