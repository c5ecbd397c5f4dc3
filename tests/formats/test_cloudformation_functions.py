"""Functions, conditions and nested stacks of CloudFormation: what a template decides is read."""

import json
from pathlib import Path

import pytest

from multitool_lint.formats import ReadResult, read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.source import Source
from multitool_lint.syntax.tree import UNKNOWN

HEAD = """\
Parameters:
  Stage: {Type: String}
  Acts: {Type: CommaDelimitedList}
Mappings:
  Same:
    dev: {Acts: ["s3:GetObjekt", "s3:ListBucket"]}
    prod: {Acts: ["s3:GetObjekt", "s3:ListBucket"]}
  Other:
    dev: {Acts: ["s3:GetObject"], Act: "s3:GetObject"}
    prod: {Acts: ["s3:PutObject"], Act: "s3:PutObject"}
Conditions:
  Never: !Equals [a, b]
  InProd: !Equals [!Ref Stage, prod]
"""


def policy(action: str, resource: str = '"*"') -> str:
    return f"""{HEAD}
Resources:
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{{Effect: Allow, Action: {action}, Resource: {resource}}}]
"""


def actions(text: str) -> object:
    [entry] = read_source(Source("t.yaml", text)).policies
    [statement] = json.loads(entry.policy.source.text)["Statement"]
    return statement["Action"]


def test_a_text_with_a_choice_within_is_read_in_each_case() -> None:
    bucket = "!If [InProd, prod, !Ref AWS::NoValue]"
    text = policy("s3:ListBucket", f"!Join ['-', ['arn:aws:s3:::logs', {bucket}]]")
    found = [
        json.loads(entry.policy.source.text)["Statement"][0]["Resource"]
        for entry in read_source(Source("t.yaml", text)).policies
    ]
    assert sorted(found) == ["arn:aws:s3:::logs", "arn:aws:s3:::logs-prod"]


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("!FindInMap [Same, dev, Acts]", ["s3:GetObjekt", "s3:ListBucket"]),
        ("!FindInMap [Same, !Ref Stage, Acts]", ["s3:GetObjekt", "s3:ListBucket"]),
        ('!Split [",", "s3:GetObject,s3:PutObject"]', ["s3:GetObject", "s3:PutObject"]),
        ('!Select [1, !Split ["|", "s3:GetObject|s3:PutObject"]]', "s3:PutObject"),
        ("!Select [1, !FindInMap [Same, dev, Acts]]", "s3:ListBucket"),
        (
            '!Split [",", !Join [",", !FindInMap [Same, dev, Acts]]]',
            ["s3:GetObjekt", "s3:ListBucket"],
        ),
    ],
)
def test_lists_that_the_template_has_are_read(function: str, expected: object) -> None:
    assert actions(policy(function)) == expected


@pytest.mark.parametrize(
    "function",
    [
        "!FindInMap [Other, !Ref Stage, Acts]",
        "!FindInMap [Other, !Ref Stage, Act]",
        "!FindInMap [Missing, dev, Acts]",
        '!Split [",", !Ref Acts]',
        '!Split [",", !Sub "s3:GetObject,${Stage}"]',
        '!Select [2, !Split [",", "s3:GetObject,s3:PutObject"]]',
        '!Split ["", "s3:GetObject"]',
    ],
)
def test_lists_from_elsewhere_are_unresolved(function: str) -> None:
    [entry] = read_source(Source("t.yaml", policy(function))).policies
    [statement] = entry.policy.statements
    assert [node.value for node in statement.actions] == [UNKNOWN]
    assert lint_source(Source("t.yaml", policy(function))).unresolved


@pytest.mark.parametrize(
    ("cell", "rules"),
    [("Act", {"mismatched-resource"}), ("Acts", set()), ("None", set())],
)
def test_an_arn_with_one_of_the_texts_of_a_mapping_is_read(cell: str, rules: set[str]) -> None:
    part = f"!FindInMap [Other, !Ref Stage, {cell}]"
    text = policy("s3:ListAllMyBuckets", f'!Join ["", ["arn:aws:s3:::", {part}]]')
    assert {finding.rule for finding in lint_source(Source("t.yaml", text)).findings} == rules


def test_a_function_that_makes_a_list_is_not_edited() -> None:
    text = policy("!FindInMap [Same, dev, Acts]")
    [finding] = lint_source(Source("t.yaml", text)).findings
    assert finding.fixes == ()
    assert text[slice(*finding.span)] == "!FindInMap [Same, dev, Acts]"


def test_long_lists_of_functions_are_a_problem() -> None:
    text = policy(f'!Split [",", "{"s3:GetObject," * 100_001}"]')
    read = read_source(Source("t.yaml", text))
    assert "values" in read.problems[0].message


RESOURCE = """
Resources:
  R:
    Type: AWS::IAM::Role
    Condition: CONDITION
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - {Effect: Allow, Principal: {Service: a.amazonaws.com}, Action: "sts:AssumeRolle"}
      Policies:
        - PolicyDocument: {Statement: [{Effect: Allow, Action: !If [InProd, "s3:Bad", "s3:Worse"]}]}
        - Fn::If:
            - Never
            - PolicyDocument: {Statement: [{Effect: Allow, Action: "s3:Dead"}]}
            - !Ref AWS::NoValue
"""


@pytest.mark.parametrize("condition", ["Never", "InProd", "Undefined"])
def test_a_resource_that_is_never_made_is_linted(condition: str) -> None:
    text = HEAD + RESOURCE.replace("CONDITION", condition)
    report = lint_source(Source("t.yaml", text))
    found = {text[slice(*f.span)] for f in report.findings if f.rule == "unknown-action"}
    expected = {'"sts:AssumeRolle"', '"s3:Bad"', '"s3:Worse"'} - (
        {'"s3:Worse"'} if condition == "InProd" else set()
    )
    assert found == expected


NESTED = """\
Resources:
  Child:
    Type: TYPE
    Properties: {PROPERTY: VALUE}
"""
STACK = ("AWS::CloudFormation::Stack", "TemplateURL")
APPLICATION = ("AWS::Serverless::Application", "Location")


def nested(folder: Path, kind: tuple[str, str], value: str) -> ReadResult:
    text = NESTED.replace("TYPE", kind[0]).replace("PROPERTY", kind[1]).replace("VALUE", value)
    path = folder / "template.yaml"
    path.write_text(text, encoding="utf-8")
    return read_source(Source(str(path), text))


@pytest.mark.parametrize("kind", [STACK, APPLICATION])
@pytest.mark.parametrize("name", ["./child.yaml", "stacks/child.template", "child.JSON"])
def test_a_nested_stack_in_a_file_is_linted_there(
    kind: tuple[str, str], name: str, tmp_path: Path
) -> None:
    (tmp_path / "stacks").mkdir()
    (tmp_path / name).write_text("{}", encoding="utf-8")
    [skipped] = nested(tmp_path, kind, name).skipped
    assert (bool(skipped.file), skipped.unread) == (True, False)
    assert name in skipped.why.in_words()


@pytest.mark.parametrize(
    "value",
    [
        "./absent.yaml",
        "../outside.yaml",
        ".terraform/child.yaml",
        "child.txt",
        "https://example.com/child.yaml",
        "!Ref Url",
        "{ApplicationId: x, SemanticVersion: 1.0.0}",
    ],
)
def test_a_nested_stack_that_is_not_linted_by_itself_is_listed(value: str, tmp_path: Path) -> None:
    top = tmp_path / "repository"
    (top / ".git").mkdir(parents=True)
    (top / ".terraform").mkdir()
    for path in (tmp_path / "outside.yaml", top / ".terraform" / "child.yaml", top / "child.txt"):
        path.write_text("{}", encoding="utf-8")
    [skipped] = nested(top, APPLICATION, value).skipped
    assert (bool(skipped.file), skipped.unread) == (False, True)


@pytest.mark.parametrize("kind", [STACK, APPLICATION])
@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("!Sub ${Prefix}child.yaml", "child.yaml"),
        ("!Sub https://${Bucket}.s3.amazonaws.com/child.yaml", "child.yaml"),
        ("!Sub https://${Bucket}.s3.amazonaws.com/stacks/child.yaml", "stacks/child.yaml"),
        ("!Sub https://${Bucket}/${Key}templates/child.yaml", "child.yaml"),
        ("!Join ['', [!Ref Prefix, /templates/child.yaml]]", "child.yaml"),
        ("{'Fn::Join': [/, [!Ref Bucket, child.yaml]]}", "child.yaml"),
        ("https://b.s3-eu-west-1.amazonaws.com/stacks/child.yaml", "stacks/child.yaml"),
        ("https://b.s3.amazonaws.com/child.yaml", "child.yaml"),
        ("https://s3.eu-west-1.amazonaws.com/b/child.yaml", "child.yaml"),
        ("https://s3-us-west-2.amazonaws.com/b/v1/templates/child.yaml", "child.yaml"),
        ("https://s3.amazonaws.com/b/v1/templates/stacks/child.yaml?x=1", "stacks/child.yaml"),
    ],
)
def test_a_nested_stack_of_which_the_end_of_the_address_is_a_file(
    kind: tuple[str, str], value: str, name: str, tmp_path: Path
) -> None:
    folder = tmp_path / "templates"
    (folder / "stacks").mkdir(parents=True)
    (folder / name).write_text("{}", encoding="utf-8")
    [skipped] = nested(folder, kind, value).skipped
    assert (skipped.file and skipped.file.name, skipped.unread) == (name, False)


@pytest.mark.parametrize(
    "value",
    [
        "!Sub ${Prefix}other.yaml",
        "!Sub ${Prefix}network/child.yaml",
        "!Sub https://${Bucket}.s3.amazonaws.com/network/child.yaml",
        "!Sub ${Prefix}",
        "!Sub child.${Ending}",
        "!Sub https://${Bucket}.s3.amazonaws.com/templates/stacks/child.yaml",
        "!Sub ${Bucket}/stacks/child.yaml",
        "https://example.com/templates/child.yaml",
        "https://s3.amazonaws.com/b/v1/child.yaml",
        "https://b.s3.amazonaws.com/network/child.yaml",
    ],
)
def test_an_address_that_may_be_of_another_template(value: str, tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    (folder / "stacks").mkdir(parents=True)
    (folder / "child.yaml").write_text("{}", encoding="utf-8")
    if value == "!Sub ${Bucket}/stacks/child.yaml":
        folder /= "stacks"  # `child.yaml` in it, and `stacks/child.yaml` in that
        (folder / "stacks").mkdir()
        for place in (folder, folder / "stacks"):
            (place / "child.yaml").write_text("{}", encoding="utf-8")
    [skipped] = nested(folder, STACK, value).skipped
    assert (bool(skipped.file), skipped.unread) == (False, True)


STATEMENT = '{"Effect": "Allow", "Action": "s3:GetObjekt", "Principal": "*", "Resource": "'
IN_PARTS = ['{"Version": "2012-10-17", "Statement": [' + STATEMENT, {"Ref": "Other"}, '"}]}']
ESCAPED = [
    '{"action": "putResourcePolicy", "parameters": {"policy": '
    + json.dumps(IN_PARTS[0])[:-1],
    {"Fn::ImportValue": "x"},
    json.dumps(IN_PARTS[2])[1:] + "}}",
]  # fmt: skip
PLACES = {
    "AWS::Logs::ResourcePolicy": "PolicyDocument",
    "Custom::AWS": "Create",
    "AWS::New::Type": "Policy",
}


@pytest.mark.parametrize("type_", PLACES)
@pytest.mark.parametrize("parts", [IN_PARTS, [{"Ref": "AWS::NoValue"}, *IN_PARTS], ESCAPED])
def test_a_policy_is_read_in_the_text_of_a_join(type_: str, parts: list[object]) -> None:
    properties = {PLACES[type_]: {"Fn::Join": ["", parts]}}
    template = {"Resources": {"P": {"Type": type_, "Properties": properties}}}
    report = lint_source(Source("t.json", json.dumps(template)))
    found = [
        report.source.text[f.span.start :][:3]
        for f in report.findings
        if f.rule == "unknown-action"
    ]
    if parts is ESCAPED and type_ == "AWS::Logs::ResourcePolicy":
        assert [skipped.why.in_words() for skipped in report.skipped] == [
            "an object without a Statement"
        ]
    else:
        assert found == ['"{\\']
        assert report.skipped == ()


def test_a_statement_that_a_join_is_given_is_not_read() -> None:
    join = {"Fn::Join": ["", ['{"Version": "2012-10-17", "Statement": ', {"Ref": "S"}, "}"]]}
    properties = {"PolicyDocument": join, "PolicyName": "p"}
    template = {"Resources": {"P": {"Type": "AWS::Logs::ResourcePolicy", "Properties": properties}}}
    report = lint_source(Source("t.json", json.dumps(template)))
    assert [skipped.why.in_words() for skipped in report.skipped] == ["an unresolved statement"]
    assert report.findings == ()


def test_what_is_next_to_the_properties_of_a_resource_is_read() -> None:
    policy = {"Statement": [{"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "*"}]}
    resource = {
        "Type": "AWS::S3::Bucket",
        "Overrides": {"P": {"Properties": {"PolicyDocument": policy}}},
    }
    report = lint_source(Source("t.json", json.dumps({"Resources": {"R": resource}})))
    assert "unknown-action" in [finding.rule for finding in report.findings]
