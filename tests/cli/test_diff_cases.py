"""`diff` compares every case of conditions, and the values that decide them."""

import json

import pytest
from support.compared_files import ALLOW, code, encoded, resource, template

Output = pytest.CaptureFixture[str]
pytestmark = pytest.mark.usefixtures("folder")


TWO = "Conditions:\n  C: !Equals [!Ref AWS::Region, us-east-1]\n"


@pytest.mark.parametrize(
    "statement",
    [
        "{Effect: Allow, Action: s3:GetObject, Resource: !If [C, 'arn:aws:s3:::b/*', '*']}",
        "{Effect: Allow, Action: s3:GetObject, Resource: !If [C, '*', 'arn:aws:s3:::b/*']}",
        "!If [C, {Effect: Allow, Action: 's3:*', Resource: '*'}, !Ref AWS::NoValue]",
        "!If [C, !Ref AWS::NoValue, {Effect: Allow, Action: 's3:*', Resource: '*'}]",
        "!Ref Statement",
        "Fn::Transform: {Name: Statements}",
    ],
)
def test_every_case_of_a_condition_counts(statement: str) -> None:
    narrow, wide = template(ALLOW, before=TWO), template(statement, before=TWO)
    assert code("template.yaml", narrow, wide) == 1
    assert code("template.yaml", narrow, wide, "--forbid", "s3:GetObject@arn:aws:s3:::c/x") == 1
    if "!If" in statement:
        assert code("template.yaml", wide, wide) == 0
        assert code("template.yaml", wide, wide.replace("C,", "D,").replace("  C:", "  D:")) in (
            0,
            1,
        )


def test_cases_are_compared_with_the_same_case() -> None:
    one = ALLOW.replace("'arn:aws:s3:::b/*'", "!If [C, 'arn:aws:s3:::b/*', 'arn:aws:s3:::c/*']")
    other = one.replace("::b/", "::x/").replace("::c/", "::b/").replace("::x/", "::c/")
    old = template(one, before=TWO)
    assert code("template.yaml", old, old) == 0
    assert code("template.yaml", old, template(other, before=TWO)) == 1
    changed = TWO.replace("us-east-1", "us-west-2")
    assert code("template.yaml", old, template(one, before=changed)) == 1


@pytest.mark.parametrize("element", ["Condition", "Effect"])
def test_a_deny_that_a_condition_leaves_out(element: str) -> None:
    condition = "Condition: {Bool: {'aws:SecureTransport': 'false'}}"
    deny = f"{{Effect: Deny, Action: 's3:*', Resource: '*', {condition}}}"
    both = template(f"{ALLOW}\n              - {deny}", before=TWO)
    if element == "Condition":
        left = both.replace(
            "{Bool: {'aws:SecureTransport': 'false'}}",
            "!If [C, {Bool: {'aws:SecureTransport': 'false'}}, !Ref AWS::NoValue]",
        )
        assert code("template.yaml", left, both) == 1
    else:
        left = both.replace(deny, f"!If [C, {deny}, !Ref AWS::NoValue]")
        assert code("template.yaml", both, left) == 1
        assert code("template.yaml", left, both) == 0


def test_defaults_that_have_changed() -> None:
    statement = "{Effect: Allow, Action: s3:GetObject, Resource: !Ref R}"

    def parameters(default: str) -> str:
        return f"Parameters:\n  R: {{Type: String, Default: '{default}'}}\n"

    old = template(statement, before=parameters("arn:aws:s3:::b/*"))
    assert code("template.yaml", old, old) == 0
    assert code("template.yaml", old, template(statement, before=parameters("*"))) == 1
    indirect = 'locals {\n  b = "${var.r}-x"\n}\nvariable "r" {\n  default = "b"\n}\n'
    policy = resource(encoded('{Effect = "Allow", Action = "s3:GetObject", Resource = local.b}'))
    assert code("main.tf", indirect + policy, indirect + policy) == 0
    assert code("main.tf", indirect + policy, indirect.replace('= "b"', '= "*"') + policy) == 1
    part = '{Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::${local.b}/*"}'
    policy = resource(encoded(part))
    assert code("main.tf", indirect + policy, indirect + policy) == 0
    assert code("main.tf", indirect + policy, indirect.replace('= "b"', '= "*"') + policy) == 1


def test_values_of_a_dynamic_block_that_have_changed() -> None:
    dynamic = """data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = var.one
    content {
      actions   = statement.value.actions
      resources = ["*"]
    }
  }
}
"""
    assert code("main.tf", dynamic, dynamic) == 0
    assert code("main.tf", dynamic, dynamic.replace("var.one", "var.other")) == 1


@pytest.mark.parametrize("on", ["var.on ? [1] : []", 'toset(concat(var.on ? ["x"] : [], []))'])
def test_how_often_a_dynamic_statement_is_there_has_changed(on: str) -> None:
    variable = 'variable "on" {\n  default = false\n}\n'
    dynamic = f"""data "aws_iam_policy_document" "d" {{
  dynamic "statement" {{
    for_each = {on}
    content {{
      actions   = ["s3:*"]
      resources = ["*"]
    }}
  }}
}}
"""
    old = variable + dynamic
    assert code("main.tf", old, old) == 0
    assert code("main.tf", old, old.replace("false", "true")) == 1
    assert code("main.tf", old, old.replace(on, "[1]")) == 1
    assert code("main.tf", old.replace(on, "[1]"), old) == 0
    assert code("main.tf", old, old.replace("var.on", "var.off")) == 1
    block = {"for_each": f"${{{on}}}", "content": {"actions": ["s3:*"], "resources": ["*"]}}
    document = {"aws_iam_policy_document": {"d": {"dynamic": {"statement": block}}}}
    as_json = json.dumps({"variable": {"on": {"default": False}}, "data": document})
    assert code("main.tf.json", as_json, as_json) == 0
    assert code("main.tf.json", as_json, as_json.replace("false", "true")) == 1
