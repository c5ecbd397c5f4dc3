"""What becomes of the candidates that readers of all formats find."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from support.template_cases import case, run

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diagnostics.rule import rules
from multitool_lint.formats import read_source
from multitool_lint.formats.extract import NOT_JSON, Attachment, Candidate, Certainty, Extractor
from multitool_lint.formats.normalized import IN_A_STRING, PRINTED, Embedded, NormalizedPolicy
from multitool_lint.formats.policy_texts import parse, policy_around
from multitool_lint.formats.result import OTHER_LANGUAGE, Problem, Skipped
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.compare import Answer, equivalent
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.rewrite.fix import fix
from multitool_lint.syntax.decoded_text import cut
from multitool_lint.syntax.json import fast, parser
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.tree import Node

if TYPE_CHECKING:
    from pathlib import Path

STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
POLICY = {"Version": "2012-10-17", "Statement": [STATEMENT]}
TRUST = {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}
BROKEN = '{"Statement": [{"Effect": "Allow", "Action": }]}'
PROTECTION = {"Version": "2021-06-01", "Statement": [{"DataIdentifier": [], "Operation": {}}]}
NESTED = {"Policy": {"Statement": [{"Effect": "Allow"}]}}

POLICY_, KEY, SHAPE = Certainty.POLICY, Certainty.KEY, Certainty.SHAPE


def outcome(found: object) -> str | None:
    """A word for what became of a candidate: what it is, or the reason why it is skipped."""
    if isinstance(found, Skipped):
        return f"{found.reason}{', unread' if found.unread else ''}"
    if isinstance(found, Problem):
        return "problem"
    return "policy" if isinstance(found, Embedded | NormalizedPolicy) else None


@pytest.mark.parametrize(
    ("text", "certainty", "expected"),
    [
        (json.dumps(POLICY), POLICY_, "policy"),
        (json.dumps(POLICY), SHAPE, "policy"),
        (json.dumps([STATEMENT]), POLICY_, "policy"),
        (BROKEN, POLICY_, "problem"),
        (BROKEN, KEY, "problem"),
        (BROKEN, SHAPE, "problem"),
        ('{"Statement of work": }', POLICY_, "problem"),
        ('{"Statement of work": }', KEY, f"{NOT_JSON}, unread"),
        ('{"Statement of work": }', SHAPE, None),
        (
            '{"Effect": "Allow", "Action": "*"}',
            KEY,
            "a statement without a policy around it, unread",
        ),
        ('{"Statement of work": 1}', KEY, "an object without a Statement, unread"),
        ('{"Statement of work": 1}', SHAPE, None),
        (json.dumps(PROTECTION), POLICY_, OTHER_LANGUAGE),
        (" ", SHAPE, "an empty string, unread"),
    ],
)
@pytest.mark.parametrize("printed", [False, True])
def test_a_text(text: str, certainty: Certainty, expected: str | None, printed: bool) -> None:  # noqa: FBT001
    file = Source("any.json", json.dumps({"key": text}))
    span = Span(8, len(file.text) - 1)
    value = cut(file.text, span)
    found = Extractor(file).extract(Candidate(value, span, certainty=certainty, printed=printed))
    # What cannot be read of what AWS printed is not a policy that someone still has to look at.
    assert outcome(found) == (
        expected and (expected.removesuffix(", unread") if printed else expected)
    )
    if isinstance(found, Embedded):
        assert found.unchanged == (PRINTED if printed else IN_A_STRING)


@pytest.mark.parametrize("printed", [False, True])
@pytest.mark.parametrize("certainty", [POLICY_, KEY, SHAPE])
def test_a_policy_deeper_in_a_text_is_unread(certainty: Certainty, printed: bool) -> None:  # noqa: FBT001
    file = Source("any.json", json.dumps({"key": json.dumps(NESTED)}))
    span = Span(8, len(file.text) - 1)
    candidate = Candidate(cut(file.text, span), span, certainty=certainty, printed=printed)
    assert outcome(Extractor(file).extract(candidate)) == "an object without a Statement, unread"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (POLICY, "policy"),
        ({"Version": "2012-10-17"}, "policy"),
        ({"Statement": "text"}, "policy"),
        (STATEMENT, "a statement without a policy around it, unread"),
        (["Statement"], "not an object with a Statement, unread"),
        (PROTECTION, OTHER_LANGUAGE),
    ],
)
def test_an_object(document: object, expected: str) -> None:
    file = Source("any.yaml", json.dumps(document))
    root = parser.parse(file.text)
    found = Extractor(file).extract(Candidate(root, root.span))
    assert outcome(found) == expected


def test_an_object_keeps_what_the_reader_knows() -> None:
    file = Source("any.yaml", json.dumps(POLICY))
    root = parser.parse(file.text)
    shared, fixed, function = Span(0, 1), Span(1, 2), Span(2, 3)
    candidate = Candidate(
        root, root.span, "name", fixed=(fixed,), functions=(function,), construct="Stack/Role"
    )
    found = Extractor(file, shared=(shared,)).extract(candidate)
    assert isinstance(found, NormalizedPolicy)
    assert (found.policy.name, found.construct) == ("name", "Stack/Role")
    assert (found.fixed, found.functions) == ((shared, fixed), (function,))


@pytest.mark.parametrize(
    ("document", "attachment", "default", "expected"),
    [
        (POLICY, Attachment(), Attachment(), Attachment(PolicyType.IDENTITY)),
        (TRUST, Attachment(), Attachment(), Attachment(PolicyType.TRUST)),
        (POLICY, Attachment(), Attachment(PolicyType.SCP), Attachment(PolicyType.SCP)),
        (
            POLICY,
            Attachment(PolicyType.RCP),
            Attachment(PolicyType.SCP),
            Attachment(PolicyType.RCP),
        ),
        (
            POLICY,
            Attachment(),
            Attachment(None, "AWS::S3::Bucket"),
            Attachment(PolicyType.RESOURCE, "AWS::S3::Bucket"),
        ),
        (
            POLICY,
            Attachment(None, "AWS::SQS::Queue"),
            Attachment(None, "AWS::S3::Bucket"),
            Attachment(PolicyType.RESOURCE, "AWS::SQS::Queue"),
        ),
        (
            POLICY,
            Attachment(PolicyType.RESOURCE),
            Attachment(None, "AWS::S3::Bucket"),
            Attachment(PolicyType.RESOURCE),
        ),
    ],
)
def test_the_file_decides_the_type_then_the_default_then_the_shape(
    document: object, attachment: Attachment, default: Attachment, expected: Attachment
) -> None:
    source = Source("any.json", json.dumps(document))
    policy = Extractor(source, default).policy(parser.parse(source.text), attachment=attachment)
    assert Attachment(policy.type, policy.resource_type) == expected


def test_a_list_of_statements_becomes_a_policy() -> None:
    statements = parser.parse(json.dumps([STATEMENT]))
    root = policy_around(statements)
    assert root.get("Statement") is statements
    assert [member.key for member in root.fields()] == ["Version", "Statement"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"Version": "2008-10-17"}', None),
        ('{"Statement": "{{ statements }}"}', None),
        ('{% if x %}{"Statement": []}{% endif %}', "a template with `{%` tags"),
        ('{"Id": 1', "problem"),
        ("[1, 2]", "not an object with a Statement"),
    ],
)
def test_a_text_of_json(text: str, expected: str | None) -> None:
    found = parse(text)
    if expected is None:
        assert isinstance(found, Node)
    elif isinstance(found, Node):
        pytest.fail("this is not a policy")
    else:
        assert expected in (outcome(found) or "")


def test_what_may_be_a_template_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    document = {"Resources": {"Type": "AWS::Other"}, "items": [{"x": {"document": POLICY}}]}
    read, texts = fast.read, []

    def counted(text: str, *, literal: bool = False) -> Node:
        texts.append(text)
        return read(text, literal=literal)

    monkeypatch.setattr(fast, "read", counted)
    text = json.dumps(document)
    loaded = read_source(Source("document.json", text))
    assert [written.policy.name for written in loaded.normalized] == ["items/0/x/document"]
    assert texts == [text]


STATEMENT_OF_BUS = {
    "Effect": "Allow",
    "Principal": {"AWS": "111122223333"},
    "Action": ["events:PutEvents", "events:PutEvents"],
    "Resource": "arn:aws:events:eu-west-1:111122223333:event-bus/orders",
}


@pytest.mark.parametrize(
    ("type_", "properties", "name", "attachment"),
    [
        (
            "AWS::Events::EventBusPolicy",
            {"StatementId": "One", "Statement": STATEMENT_OF_BUS},
            "Policy/Statement",
            Attachment(PolicyType.RESOURCE, "AWS::Events::EventBus"),
        ),
        (
            "AWS::Events::EventBusPolicy",
            {"Statement": {"Fn::If": ["Production", STATEMENT_OF_BUS, {"Ref": "AWS::NoValue"}]}},
            "Policy/Statement",
            Attachment(PolicyType.RESOURCE, "AWS::Events::EventBus"),
        ),
        (
            "Custom::Access",
            {"Name": "orders", "Statement": [STATEMENT_OF_BUS]},
            "Policy/Statement",
            Attachment(PolicyType.RESOURCE),
        ),
        (
            "Custom::Access",
            {"Version": "2012-10-17", "Statement": [STATEMENT_OF_BUS]},
            "Policy",
            Attachment(PolicyType.RESOURCE),
        ),
    ],
)
def test_properties_are_no_policy_but_may_have_its_statements(
    type_: str, properties: dict[str, object], name: str, attachment: Attachment
) -> None:
    template = {"Resources": {"Policy": {"Type": type_, "Properties": properties}}}
    source = Source("template.json", json.dumps(template, indent=1))
    policies = [each.policy for each in read_source(source).normalized]
    assert {policy.name for policy in policies} == {name}
    assert {Attachment(policy.type, policy.resource_type) for policy in policies} == {attachment}
    findings = lint_source(source, enabled=rules()).findings
    assert "redundant-action" in {finding.rule for finding in findings}
    assert not {"missing-version", "unknown-element"} & {finding.rule for finding in findings}


OTHER_FORM = """version = "2012-10-17"
    statements = [{ effect = "Allow", actions = ["s3:GetObjekt"], resources = ["*"] }]"""
STATEMENTS = """Statement = [{ Effect = "Allow", Action = "s3:GetObjekt", Resource = "*" }]"""


@pytest.mark.parametrize(
    ("text", "found", "unread"),
    [
        (f'module "a" {{\n  policy = {{\n    {OTHER_FORM}\n  }}\n}}\n', {"unknown-action"}, 0),
        (f'module "a" {{\n  policies = [{{\n    {OTHER_FORM}\n  }}]\n}}\n', {"unknown-action"}, 0),
        (f"locals {{\n  policy = {{\n    {OTHER_FORM}\n  }}\n}}\n", {"unknown-action"}, 0),
        (f'module "a" {{\n  policy = {{\n    {STATEMENTS}\n  }}\n}}\n', {"unknown-action"}, 0),
        (
            f'module "a" {{\n  policy = jsonencode({{\n    {STATEMENTS}\n  }})\n}}\n',
            {"unknown-action", "missing-version"},
            0,
        ),
        (
            f"locals {{\n  policy = jsonencode({{\n    {OTHER_FORM}\n  }})\n}}\n",
            {"unknown-element", "missing-version"},
            0,
        ),
    ],
)
def test_an_argument_of_a_module_is_no_policy_but_may_have_its_statements(
    text: str, found: set[str], unread: int
) -> None:
    report = lint_source(Source("main.tf", text), enabled=rules())
    assert {finding.rule for finding in report.findings} - {"missing-sid", "unscoped-resource"} == (
        found
    )
    assert sum(skipped.unread for skipped in report.skipped) == unread


def template_with(resource: object, type_: str = "AWS::S3::Bucket") -> tuple[str, str]:
    document = {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource}]}
    properties = {"PolicyDocument": document}
    policy = {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}
    resources = {"Policy": policy, "Table": {"Type": type_}}
    return "template.json", json.dumps({"Resources": resources}, indent=1)


def terraform_with(resource: str) -> tuple[str, str]:
    statement = f'{{ Effect = "Allow", Action = "s3:GetObject", Resource = "{resource}" }}'
    return (
        "main.tf",
        f"locals {{\n  policy = jsonencode({{\n    Statement = [{statement}]\n  }})\n}}\n",
    )


BUCKET = "arn:aws:s3:::reports-"


@pytest.mark.parametrize(
    ("source", "safe"),
    [
        (template_with({"Fn::Sub": BUCKET + "${AWS::AccountId}/*"}), True),
        (template_with({"Fn::Join": ["", [BUCKET, {"Ref": "AWS::Region"}, "/*"]]}), True),
        (template_with({"Fn::Sub": BUCKET + "${Name}/*"}), False),
        (template_with({"Fn::Sub": BUCKET + "${Table}/*"}, "AWS::DynamoDB::Table"), True),
        (template_with({"Fn::Sub": BUCKET + "${Table}/*"}, "AWS::CloudWatch::Alarm"), False),
        (template_with({"Fn::Sub": BUCKET + "${Table.Custom}/*"}, "Custom::Table"), False),
        (terraform_with(BUCKET + "${aws_dynamodb_table.t.name}/*"), True),
        (terraform_with(BUCKET + "${data.aws_s3_bucket.b.id}/*"), True),
        (terraform_with(BUCKET + "${aws_cloudwatch_metric_alarm.a.id}/*"), False),
        (terraform_with(BUCKET + "${aws_ssm_parameter.p.value}/*"), False),
        (template_with({"Fn::Sub": BUCKET + "${AWS::Region}/${!aws:username}"}), False),
        (template_with(BUCKET + "${aws:username}/*"), False),
        (template_with(BUCKET + "${AWS::AccountId}/*"), False),
        (terraform_with(BUCKET + "${data.aws_caller_identity.current.account_id}/*"), True),
        (terraform_with(BUCKET + "${data.aws_region.current[0].name}/*"), True),
        (terraform_with(BUCKET + "$${data.aws_region.current.name}/*"), False),
        (terraform_with(BUCKET + "${var.name}/*"), False),
        (terraform_with(BUCKET + "${data.aws_region.a.name}/$${aws:username}"), False),
    ],
)
def test_a_version_is_safe_where_a_template_fills_in_no_variable(
    source: tuple[str, str],
    safe: bool,  # noqa: FBT001
) -> None:
    findings = lint_source(Source(*source), enabled=rules()).findings
    [finding] = [each for each in findings if each.rule == "missing-version"]
    assert [fix.safety.value for fix in finding.fixes] == ["safe" if safe else "unsafe"]
    [policy] = [each.policy for each in read_source(Source(*source)).normalized]
    versioned = '{"Version":"2012-10-17",' + policy.source.text[1:]
    other = Extractor(Source("a.json", versioned)).policy(parser.parse(versioned, literal=True))
    same = equivalent([policy], [other], bundled()).answer is Answer.YES
    assert same is safe


@pytest.mark.parametrize(("number", "safe"), [("15", True), ("16", False), ("17", True)])
def test_versions_in_templates_of_repositories(
    number: str,
    safe: bool,  # noqa: FBT001
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, printed = run(case(number), tmp_path, monkeypatch, capsys)
    assert ("[missing-version]" in printed) is safe
    assert ("nothing to change" in printed) is not safe


def test_an_unknown_principal_has_no_variables() -> None:
    text = json.dumps(
        {
            "Resources": {
                "Role": {
                    "Type": "AWS::IAM::Role",
                    "Properties": {
                        "AssumeRolePolicyDocument": {
                            "Statement": {
                                "Effect": "Allow",
                                "Principal": {"AWS": {"Ref": "Trusted"}},
                                "Action": "sts:AssumeRole",
                            }
                        }
                    },
                }
            }
        },
        indent=1,
    )
    fixed = fix(Source("template.json", text))
    assert [applied.finding.rule for applied in fixed.applied] == ["missing-version"]


KNOWN = '{"Effect": "Deny", "Action": "*", "Resource": "*"}'


@pytest.mark.parametrize(
    ("path", "text", "unread"),
    [
        ("a.json", f'{{"Version": "2012-10-17", "Statement": ["${{var.a}}", {KNOWN}]}}', 1),
        ("a.json", '{"Version": "2012-10-17", "Statement": "{{ statements }}"}', 1),
        ("a.json", f'{{"a": {{"Statement": [{KNOWN}, "{{{{ b }}}}"]}}}}', 1),
        ("a.yaml", f'Version: "2012-10-17"\nStatement: [{KNOWN}, "{{{{ more }}}}"]\n', 1),
        ("a.md", f'```json\n{{"Statement": ["${{a.b}}", {KNOWN}]}}\n```\n', 1),
        *(
            (
                "main.tf",
                f"locals {{\n  policy = jsonencode({{\n    Statement = {statement}\n  }})\n}}\n",
                unread,
            )
            for statement, unread in (
                (f"[{KNOWN}]", 0),
                (f"var.all ? [{KNOWN}] : []", 0),
                (f"[for a in var.arns : {KNOWN}]", 0),
                (f"concat([{KNOWN}], var.more)", 1),
                (f"[{KNOWN}, var.a, var.b]", 2),
                (f"[merge({KNOWN}, var.a)]", 1),
                ("var.statements", 1),
            )
        ),
    ],
)
def test_statements_that_are_filled_in_elsewhere_are_listed(
    path: str, text: str, unread: int
) -> None:
    found = read_source(Source(path, text))
    assert sum(skipped.unread for skipped in found.skipped) == unread
    report = lint_source(Source(path, text), enabled=rules())
    assert sum(skipped.unread for skipped in report.skipped) == unread


def of_version(version: str | None, action: str, resource: str, **more: object) -> str:
    statement = {"Effect": "Allow", "Action": [action], "Resource": [resource], **more}
    head = {"Version": version} if version else {}
    return json.dumps({**head, "Statement": [statement]})


@pytest.mark.parametrize(
    "text",
    [
        of_version("1", "ecs:Describe*", "acs:ecs:*:*:instance/*"),
        of_version("1", "oss:*", "*"),
        of_version("2.0", "name/cos:GetObject", "qcs::cos:ap-x:uid/1:b-1/*"),
        of_version(None, "name/cos:GetObject", "qcs::cos:ap-x:uid/1:b-1/*"),
        of_version(None, "iam:DeleteGroup", "trn:iam::2000000001:group/a"),
        of_version("1.1", "obs:bucket:HeadBucket", "obs:*:*:bucket:*"),
        of_version("1.1", "obs:object:GetObject", "*"),
        of_version("2012-10-17", "admin:ServerInfo", "arn:aws:s3:::*"),
        of_version("2012-10-17", "admin:*", "*"),
        of_version(None, "GetObject", "bucket/*", Principal={"ID": ["*"]}),
        of_version("1", "sts:AssumeRole", "*", Principal={"RAM": ["acs:ram::1:root"]}),
        of_version("2023-04-17", "s3:*", "bucket/*", Principal={"SCW": "user_id:1"}),
    ],
)
def test_a_policy_of_another_provider_is_skipped(text: str) -> None:
    (skipped,) = read_source(Source("policy.json", text)).skipped
    assert (skipped.reason, skipped.unread) == ("not an AWS policy", False)


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "Update:*", "Resource": "*"},
        {"NotAction": ["Update:Replace", "Update:Delete"], "Resource": "*"},
        {"Action": "*", "Resource": "LogicalResourceId/Database"},
    ],
)
def test_a_policy_of_a_stack_is_skipped(statement: dict[str, object]) -> None:
    policy = {"Statement": [{"Effect": "Deny", "Principal": "*", **statement}]}
    text = json.dumps(policy)
    for path, written in (
        ("policy.json", text),
        ("stack.yaml", f"stackPolicy: {text}\n"),
        ("page.md", f"```json\n{text}\n```\n"),
    ):
        found = read_source(Source(path, written))
        assert [skipped.reason for skipped in found.skipped] == [OTHER_LANGUAGE]
        assert [*found.policies, *found.normalized] == []


@pytest.mark.parametrize(
    "policy",
    [
        {"Version": "2012-10-17", "Statement": [{"Action": "Update:*"}]},
        {"Statement": [{"Action": ["Update:*", "s3:*"]}]},
        {
            "Statement": [
                {"Action": "Update:*"},
                {"Action": "*", "Resource": "*"},
                {"Action": "a:b"},
            ]
        },
    ],
)
def test_what_is_like_a_policy_of_a_stack_is_linted(policy: dict[str, object]) -> None:
    findings = lint_source(Source("policy.json", json.dumps(policy)), enabled=rules()).findings
    assert "unknown-service" in {finding.rule for finding in findings}


@pytest.mark.parametrize(
    "text",
    [
        of_version("1", "s3:GetObject", "*"),
        of_version("1", "oss:Get*", "arn:aws:s3:::b/*"),
        of_version("1.1", "s3:GetObject", "*"),
        of_version("1.1", "s3:object:GetObject", "arn:aws:s3:::b/*"),
    ],
)
def test_a_wrong_version_in_a_policy_of_iam_is_an_error(text: str) -> None:
    findings = lint_source(Source("policy.json", text), enabled=rules()).findings
    assert "invalid-version" in {finding.rule for finding in findings}


def test_the_service_admin_in_a_policy_of_aws_is_unknown() -> None:
    statement = {"Effect": "Allow", "Action": ["admin:*", "ec2:*"], "Resource": "*"}
    mixed = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    elsewhere = of_version("2012-10-17", "admin:*", "arn:aws:ec2:*:*:instance/*")
    document = json.loads(of_version("2012-10-17", "admin:*", "*"))
    properties = {"PolicyDocument": document, "PolicyName": "p"}
    role_policy = {"Type": "AWS::IAM::RolePolicy", "Properties": properties}
    attached = json.dumps({"Resources": {"Policy": role_policy}})
    for text in (mixed, elsewhere, attached):
        findings = lint_source(Source("policy.json", text), enabled=rules()).findings
        assert "unknown-service" in {finding.rule for finding in findings}


@pytest.mark.parametrize("resource", ["minio_iam_policy", "alicloud_ram_policy"])
def test_the_policies_of_other_providers_of_terraform_are_skipped(resource: str) -> None:
    document = of_version("2012-10-17", "s3:*", "arn:aws:s3:::*")
    text = f'resource "{resource}" "p" {{\n  policy = jsonencode({document})\n}}\n'
    found = read_source(Source("main.tf", text))
    assert [skipped.reason for skipped in found.skipped] == ["not an AWS policy"]
    assert not found.normalized


def test_the_resource_of_another_cloud_in_a_policy_of_iam_is_an_error() -> None:
    text = of_version("2012-10-17", "s3:GetObject", "qcs::cos:ap-x:uid/1:b-1/*")
    findings = lint_source(Source("policy.json", text), enabled=rules()).findings
    assert "invalid-arn" in {finding.rule for finding in findings}
