"""What becomes of the candidates that readers of all formats find."""

from __future__ import annotations

import json

import pytest
from support.extracted import STATEMENT, outcome

from multitool_lint.diagnostics.rule import rules
from multitool_lint.formats import read_source
from multitool_lint.formats.extract import Attachment, Candidate, Certainty, Extractor
from multitool_lint.formats.found import IN_A_STRING, PRINTED, FoundPolicy, InValues
from multitool_lint.formats.policy_texts import parse, policy_around
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.decoded_text import cut
from multitool_lint.syntax.json import fast, parser
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.tree import Node

POLICY = {"Version": "2012-10-17", "Statement": [STATEMENT]}
TRUST = {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}
BROKEN = '{"Statement": [{"Effect": "Allow", "Action": }]}'
PROTECTION = {"Version": "2021-06-01", "Statement": [{"DataIdentifier": [], "Operation": {}}]}
NESTED = {"Policy": {"Statement": [{"Effect": "Allow"}]}}

POLICY_, KEY, SHAPE = Certainty.POLICY, Certainty.KEY, Certainty.SHAPE


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
        ('{"Statement of work": }', KEY, "not JSON, unread"),
        ('{"Statement of work": }', SHAPE, None),
        (
            '{"Effect": "Allow", "Action": "*"}',
            KEY,
            "a statement without a policy around it, unread",
        ),
        ('{"Statement of work": 1}', KEY, "an object without a Statement, unread"),
        ('{"Statement of work": 1}', SHAPE, None),
        (json.dumps(PROTECTION), POLICY_, "a policy in another language than IAM's"),
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
    if isinstance(found, FoundPolicy):
        assert found.origin.unchanged == (PRINTED if printed else IN_A_STRING)


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
        (PROTECTION, "a policy in another language than IAM's"),
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
    assert isinstance(found, FoundPolicy)
    assert (found.policy.name, found.construct) == ("name", "Stack/Role")
    assert isinstance(found.origin, InValues)
    assert (found.origin.fixed, found.origin.functions) == ((shared, fixed), (function,))


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
    assert [written.policy.name for written in loaded.policies] == ["items/0/x/document"]
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
def test_properties_are_not_a_policy_but_may_have_its_statements(
    type_: str, properties: dict[str, object], name: str, attachment: Attachment
) -> None:
    template = {"Resources": {"Policy": {"Type": type_, "Properties": properties}}}
    source = Source("template.json", json.dumps(template, indent=1))
    policies = [candidate.policy for candidate in read_source(source).policies]
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
def test_an_argument_of_a_module_is_not_a_policy_but_may_have_its_statements(
    text: str, found: set[str], unread: int
) -> None:
    report = lint_source(Source("main.tf", text), enabled=rules())
    assert {finding.rule for finding in report.findings} - {"missing-sid", "unscoped-resource"} == (
        found
    )
    assert sum(skipped.unread for skipped in report.skipped) == unread
