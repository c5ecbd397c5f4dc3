"""Templates as people write them: every policy is read, or it is said why not."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from support.interop import interop

from multitool_lint.formats import read_source
from multitool_lint.formats.cloudformation.properties import properties
from multitool_lint.formats.endings import may_hold_policies
from multitool_lint.formats.found import InValues
from multitool_lint.linter.engine import lint_source
from multitool_lint.reasons import Reason
from multitool_lint.syntax.placeholders import has_placeholder
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.tree import Array, Node, Object

FOLDER = Path(__file__).parents[1] / "data" / "cloudformation"
READ_OTHERWISE = {"dates-and-numbers": "cfn-lint takes an account with a leading zero for octal"}
TEMPLATES = sorted(path for path in FOLDER.iterdir() if path.name != "expected.json")


def source(path: Path) -> Source:
    return Source(path.name, path.read_bytes().decode())


def place(text: Source, span: Span) -> str:
    return ":".join(map(str, text.position(span.start)))


def account(path: Path) -> list[str]:
    """What is read of a file, and what is not."""
    text = source(path)
    loaded = read_source(text)
    lines = []
    for candidate in loaded.policies:
        policy = candidate.policy
        kind = f"{policy.type.value}{f' of {policy.resource_type}' if policy.resource_type else ''}"
        case = "another case of " if candidate.case else ""
        lines.append(f"{case}{policy.name} ({kind}): {' '.join(policy.source.text.split())}")
    lines += [
        f"{place(text, problem.span)}: problem: {problem.message}" for problem in loaded.problems
    ]
    for skipped in loaded.skipped:
        kind = "not read" if skipped.unread else "skipped"
        lines.append(f"{place(text, skipped.span)}: {kind}: {skipped.why.in_words()}")
    return lines


def test_every_policy_is_accounted_for(update: bool) -> None:  # noqa: FBT001 - a fixture
    file = FOLDER / "expected.json"
    accounts = {path.name: account(path) for path in TEMPLATES}
    if update:
        file.write_text(json.dumps(accounts, indent=1) + "\n", encoding="utf-8")
    assert accounts == json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_no_template_is_too_awkward(path: Path) -> None:
    report = lint_source(source(path))
    assert not [finding for finding in report.findings if finding.rule == "internal-error"]


def plain(node: Node) -> Any:  # noqa: ANN401 - whatever JSON can say
    if isinstance(node.value, Array):
        return [plain(item) for item in node.value]
    if isinstance(node.value, Object):
        return {member.key: plain(member.value) for member in node.value}
    return str(node.value)


def as_text(value: object) -> Any:  # noqa: ANN401 - whatever JSON can say
    """A value of cfn-lint's with each scalar as text: readers of YAML differ in their types."""
    if isinstance(value, dict):
        return {str(key): as_text(inner) for key, inner in value.items()}
    return [as_text(inner) for inner in value] if isinstance(value, list) else str(value)


def at(template: Any, name: str) -> Any:  # noqa: ANN401 - whatever JSON can say
    logical, *path = name.split("/")
    value = template["Resources"][logical]["Properties"]
    for part in path:
        value = value[int(part)] if part.isdecimal() else value[part]
    return value


@pytest.mark.exhaustive
@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_cfn_lint_reads_the_same_documents(path: Path) -> None:
    if path.stem in READ_OTHERWISE:
        pytest.skip(READ_OTHERWISE[path.stem])
    kind = "json" if path.suffix == ".json" else "yaml"
    reader = interop(f"cfnlint.decode.cfn_{kind}")
    try:
        template = reader.load(str(path))
    except Exception as error:  # noqa: BLE001 - it has an error of its own for each of them
        pytest.skip(f"not a template for cfn-lint: {error}")
    if not isinstance(template, dict) or "Resources" not in template:
        pytest.skip("no template")
    for candidate in read_source(source(path)).policies:
        name = candidate.policy.name or ""
        if (
            isinstance(candidate.origin, InValues)
            and not candidate.origin.functions
            and "Statements" not in name
        ):
            try:
                document = as_text(at(template, name))
            except (KeyError, TypeError):
                continue  # in a branch of a function
            if not re.search(r"Fn::|'Ref'", repr(document)):
                assert plain(candidate.in_file.root) == document


def nested(path: tuple[str, ...], value: object) -> object:
    for part in reversed(path):
        value = [value] if part == "*" else {part: value}
    return value


def test_every_property_of_the_table_is_read() -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*"}]}
    for type_, known in properties().items():
        for entry in known:
            if entry.kind in ("other", "organizations"):
                continue
            value = document["Statement"] if entry.kind == "statements" else document
            resource = {"Type": type_, "Properties": nested(entry.path, value)}
            text = json.dumps({"Resources": {"One": resource}})
            assert may_hold_policies("template.json", text)
            (one,) = read_source(Source("template.json", text)).policies
            kinds = {"sam": "identity", "statements": "resource"}
            assert one.policy.type.value == kinds.get(entry.kind, entry.kind)
            assert one.policy.resource_type == entry.resource_type


def test_the_construct_of_the_cdk_is_reported() -> None:
    statement = {"Effect": "Allow", "Action": ["s3:*", "s3:Get*"], "Resource": "*"}
    resource = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}},
        "Metadata": {"aws:cdk:path": "Stack/Policy/Resource"},
    }
    text = json.dumps({"Resources": {"Policy1": resource}}, indent=1)
    findings = lint_source(Source("Stack.template.json", text)).findings
    assert findings
    for finding in findings:
        assert finding.notes[-1] == "in the construct Stack/Policy/Resource"
        assert finding.policy_name == "Policy1/PolicyDocument"


CUSTOM = """
Resources:
  AnyPolicy:
    Type: %s
    Properties:
      %s
"""


@pytest.mark.parametrize("type_", ["Custom::Thing", "AWS::CloudFormation::CustomResource"])
@pytest.mark.parametrize(
    ("properties_", "read"),
    [
        ("Statement: {Effect: Allow, Action: foo, Resource: bar}", False),
        ("Statement: [{Effect: Permit, Action: s3:GetObject, Resource: bar}]", False),
        ("Statement: [{Effect: Allow, Action: s3:GetObject, Resource: bar}]", True),
        ("Config: {Statement: [{Effect: Allow, Action: s3:GetObject, Resource: bar}]}", False),
        ("Policy: {Statement: [{Effect: Allow, Action: s3:GetObject, Resource: bar}]}", True),
        ("Policy: {Statement: [{Effect: !Ref E, Action: s3:Get*, Resource: bar}]}", True),
        ("KeyPolicy: {Statement: [{Effect: Allow, Action: s3, Resource: bar}]}", False),
        ('Config: {Version: "2012-10-17", Statement: [{Effect: allow, Action: foo}]}', True),
        ('Config: {Version: "3", Statement: [{Effect: Allow, Action: foo}]}', False),
        ('{Version: "2012-10-17", Statement: [{Effect: allow, Action: foo}]}', True),
    ],
)
def test_what_is_a_policy_in_a_custom_resource(type_: str, properties_: str, read: bool) -> None:  # noqa: FBT001 - a parameter
    loaded = read_source(Source("t.yaml", CUSTOM % (type_, properties_)))
    assert bool(loaded.policies) is read


def test_other_resources_are_read_by_shape() -> None:
    text = CUSTOM % ("Example::Any::Thing", "Statement: {Effect: Allow, Action: foo}")
    assert read_source(Source("t.yaml", text)).policies


def test_a_key_that_a_template_engine_fills_in_makes_its_object_unknown() -> None:
    condition = {"StringEquals": {"{{ key }}": "sts.amazonaws.com"}}
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    document = {"Version": "2012-10-17", "Statement": statement}
    properties = {"PolicyName": "p", "Users": ["u"], "PolicyDocument": document}
    resource = {"Type": "AWS::IAM::Policy", "Properties": properties}
    text = json.dumps({"Resources": {"P": resource}})
    [found] = read_source(Source("template.json", text)).policies
    written = json.loads(found.policy.source.text)["Statement"]["Condition"]
    assert has_placeholder(written["StringEquals"])


EXCERPT = {
    "Endpoint": {
        "Type": "AWS::EC2::VPCEndpoint",
        "Properties": {
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": "*",
                        "Action": "s3:GetObject",
                        "Resource": "arn:aws:s3:::a/*",
                    }
                ],
            }
        },
    },
}


@pytest.mark.parametrize(
    ("path", "fence"), [("part.json", "{}"), ("part.yaml", "{}"), ("page.md", "```yaml\n{}\n```\n")]
)
def test_resources_without_the_template_around_them_are_what_their_types_say(
    path: str, fence: str
) -> None:
    text = fence.replace("{}", json.dumps(EXCERPT, indent=1))
    found = read_source(Source(path, text))
    policies = [entry.policy for entry in found.policies]
    assert [policy.resource_type for policy in policies] == ["AWS::EC2::VPCEndpoint"]
    assert lint_source(Source(path, text)).findings == ()


def test_a_permission_without_the_template_around_it_is_read() -> None:
    permission = {"Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com"}
    excerpt = {"P": {"Type": "AWS::Lambda::Permission", "Properties": permission}}
    for path in ("part.json", "part.yaml"):
        findings = lint_source(Source(path, json.dumps(excerpt))).findings
        assert [finding.rule for finding in findings] == ["unrestricted-service-principal"]


def test_the_template_of_a_nested_stack_may_be_a_text() -> None:
    text = """\
Resources:
  Regional:
    Type: AWS::CloudFormation::StackSet
    Properties:
      TemplateBody: |
        Resources:
          Policy:
            Type: AWS::S3::BucketPolicy
            Properties:
              Bucket: !Ref Logs
              PolicyDocument:
                Statement:
                  - {Effect: Allow, Principal: "*", Action: s3:PutObject, Resource: "*"}
"""
    found = read_source(Source("template.yaml", text))
    assert [entry.policy.resource_type for entry in found.policies] == ["AWS::S3::Bucket"]
    assert not found.skipped
    by_name = text.replace("TemplateBody: |", "TemplateURL: https://example.com/a.yaml\n      A: |")
    assert [s.why.reason for s in read_source(Source("template.yaml", by_name)).skipped] == [
        Reason.NESTED_STACK
    ]
