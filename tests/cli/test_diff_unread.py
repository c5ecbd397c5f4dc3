"""`diff` takes what is not read for the same where all that decides it is the same."""

import json

import pytest
from support.compared_files import code

pytestmark = pytest.mark.usefixtures("folder")

ROLE = """\
  {name}:
    Type: AWS::IAM::Role
{condition}    Properties:
      Policies:
        - PolicyName: a
          PolicyDocument: !Ref {document}
"""
PARAMETERS = """\
Parameters:
  Document: {Type: String, Default: "x"}
  Other: {Type: String}
Conditions:
  IsSet: !Equals [!Ref Other, "yes"]
Resources:
"""


def template(name: str = "Role", document: str = "Document", condition: str = "") -> str:
    return PARAMETERS + ROLE.format(name=name, document=document, condition=condition)


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (template().replace("Resources:", "# A comment\nResources:"), 0),
        (template().replace("        - Pol", "        # A comment\n        - Pol"), 0),
        (f"{template()}  Queue:\n    Type: AWS::SQS::Queue\n", 0),
        (template(document="Other"), 1),
        (template(name="Another"), 0),
        (template().replace('Default: "x"', 'Default: "y"'), 1),
        (template(condition="    Condition: IsSet\n"), 0),
        (template() + ROLE.format(name="Second", document="Document", condition=""), 1),
    ],
)
def test_a_policy_that_is_not_read(new: str, expected: int) -> None:
    assert code("template.yaml", template(), new) == expected


def test_the_condition_of_a_policy_that_is_not_read() -> None:
    old = template(condition="    Condition: IsSet\n")
    assert code("template.yaml", old, old.replace('"yes"', '"no"')) == 1
    assert code("template.yaml", old, f"# A comment\n{old}") == 0


def test_a_text_that_is_broken_is_the_same_where_it_is_the_same() -> None:
    broken = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*"'
    old = json.dumps({"other": ["one"], "policy": broken})
    assert code("file.json", old, old.replace("one", "two")) == 0
    assert code("file.json", old, old.replace("s3:*", "*")) == 1
    assert code("file.json", old, old.replace("policy", "policies")) == 1


def test_what_another_file_may_decide_is_never_the_same() -> None:
    old = "Resources:\n  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      Policies:\n"
    old += "        - PolicyName: a\n          PolicyDocument: '{{ include \"policy\" . }}'\n"
    assert code("template.yaml", old, f"# A comment\n{old}") == 1


def test_a_program_that_is_not_read() -> None:
    program = "\n".join(
        f"          {line}"
        for line in (
            "const policy = {Version: '2012-10-17', Statement: [{Effect: 'Allow',",
            "  Action: actions, Resource: '*'}]}",
        )
    )
    old = (
        "Resources:\n  Function:\n    Type: AWS::Lambda::Function\n    Properties:\n"
        f"      Code:\n        ZipFile: |\n{program}\n"
    )
    assert code("template.yaml", old, f"# A comment\n{old}") == 0
    assert code("template.yaml", old, old.replace("Action: actions", "Action: others")) == 1


SNAPSHOT = """exports[`stack 1`] = `
{
  "Resources": {
    "Inner": {
      "Properties": {"TemplateURL": "https://example.com/%s.json"},
      "Type": "AWS::CloudFormation::Stack",
    },
    "Policy": {
      "Properties": {
        "PolicyDocument": {
          "Statement": [{"Action": "%s", "Effect": "Allow", "Resource": "*"}],
          "Version": "2012-10-17",
        },
        "PolicyName": "p",
        "Users": ["u"],
      },
      "Type": "AWS::IAM::Policy",
    },
  },
}
`;
"""


def test_the_stacks_in_a_snapshot_are_not_deployed_from_it() -> None:
    old = SNAPSHOT % ("a", "s3:GetObject")
    assert code("a.test.ts.snap", old, SNAPSHOT % ("b", "s3:GetObject")) == 0
    assert code("a.test.ts.snap", old, SNAPSHOT % ("b", "s3:*")) == 1
