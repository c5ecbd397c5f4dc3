"""Policies in YAML and templates: the same findings as in JSON, at their places in the file."""

import re
from typing import Any

import pytest
import yaml
from support.example_findings import at, lint, summary
from support.plain_values import plain
from support.yaml_writing import (
    FILLED_IN_BY_OTHERS,
    Example,
    as_block,
    as_flow,
    as_json,
    examples_of_pages,
    in_json_template,
    in_template,
    with_every_example,
)

from multitool_lint.formats import read_source
from multitool_lint.formats.recognize import has_elements
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.yaml.parser import parse

EXAMPLES = examples_of_pages()
ACCOUNT_AS_NUMBER = re.compile(r"(?<=[:,\[])\d{12}(?=[,\]}])")


def cut(source: Source, span: Span) -> Any:  # noqa: ANN401 - whatever YAML can say
    """What is at a place, parsed alone, with the white space before it that its lines have."""
    line, column = source.position(span.start)
    del line
    (root,) = parse(" " * (column - 1) + source.text[slice(*span)]).documents
    return plain(root)


def test_a_text_with_statements_is_read_below_any_key() -> None:
    statement = '{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}'
    text = f"iam:\n  inlinePolicy: |-\n    [{statement}]\n"
    assert len(read_source(Source("spec.yaml", text)).policies) == 1


@with_every_example
def test_an_example_has_the_findings_of_its_json_in_yaml_and_in_templates(
    example: Example,
) -> None:
    root = example.root
    text_of_json = as_json(root)
    if ACCOUNT_AS_NUMBER.search(text_of_json):
        pytest.skip("digits that are an account's in YAML, as CloudFormation has it")
    if FILLED_IN_BY_OTHERS.search(example.text):
        pytest.skip("what CloudFormation does not fill in")
    policies = read_source(Source("policy.json", example.text)).json_policies
    if not policies:
        pytest.skip("no policy")
    type_ = example.type or policies[0].type.value
    for path, text in (
        ("policy.yaml", as_block(root)),
        ("policy.yml", as_flow(root) + "\n"),
        ("template.yaml", in_template(root, type_, example.resource_type)),
        ("template.json", in_json_template(root, type_, example.resource_type, "\n")),
        ("list.json", f'{{"policies": [{text_of_json}]}}'),
    ):
        if path == "list.json" and not has_elements(root):
            continue  # not certainly a policy
        found = lint(path, text, example)
        deployed = path.startswith("template")
        certain = type_ if deployed else None
        expected = lint("policy.json", as_json(root, deployed=deployed), example, certain)
        assert summary(found) == summary(expected), text
        for finding in found:
            key, node = at(root, finding.pointer)
            there = cut(finding.source, finding.span)
            assert there in (plain(node), key), text


def test_pyyaml_writes_what_is_read_as_the_same_values() -> None:
    for example in EXAMPLES:
        value = plain(example.root)
        if ACCOUNT_AS_NUMBER.search(as_json(example.root)):
            continue
        for flow in (True, False):
            text = yaml.safe_dump(value, default_flow_style=flow, sort_keys=False)
            (root,) = parse(text).documents
            assert plain(root) == value, text


POLICY_TEXT = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObjekt"}]}'
)
POLICY_BLOCK = """\
Version: "2012-10-17"
    Statement:
    - Effect: Allow
      Action: s3:GetObjekt
      Resource: {{ .Values.arn }}/*
"""


@pytest.mark.parametrize(
    "text",
    [
        f"name: {{{{ .Release.Name }}}}-policy\nspec:\n  policy: |\n    {POLICY_TEXT}\n",
        f"{{{{name}}}}:\n  policy: |\n    {POLICY_TEXT}\n",
        f"{{{{ .Values.name }}}}-policy:\n  policy: '{POLICY_TEXT}'\n",
        f'name: {{{{ printf "%s: #1" .Name }}}}-a\nspec:\n  policy: |\n    {POLICY_TEXT}\n',
        f'a:\n  {{{{- include "b" . | nindent 2 }}}}\nc: {{{{ d }}}}e\np: |\n  {POLICY_TEXT}\n',
        f"name: {{{{ .Name }}}}-a\nspec:\n  policy:\n    {POLICY_BLOCK}",
        f"{{{{ .Name }}}}:\n  policy:\n    {POLICY_BLOCK}",
        # Lines with one action are keys, items or values, whatever is next to them:
        f'a:\n  {{{{- include "b" . | nindent 2 }}}}\n  c: d\np: |\n  {POLICY_TEXT}\n',
        f"a:\n  c: d\n  {{{{- toYaml .e | nindent 2 }}}}\np:\n    {POLICY_BLOCK}",
        f"a:\n- b: c\n{{{{- toYaml .d | nindent 0 }}}}\np: |\n  {POLICY_TEXT}\n",
        f"a:\n  - b: c\n{{{{{{ keys }}}}}}\n\nd:\n{{{{{{ value }}}}}}\np: |\n  {POLICY_TEXT}\n",
        f"a: |\n  {{{{ b }}}}\n  c\nd:\n  {{{{ e }}}}\n  f: g\np: |\n  {POLICY_TEXT}\n",
        f"{{{{ a }}}}-b: !Sub 'x{{{{ '${{' }}}}{{{{ c }}}}}}'\np: |\n  {POLICY_TEXT}\n",
        f"subnets: {{a: {{id: ${{subnet_id}}}}}}\npolicy:\n    {POLICY_BLOCK}",
    ],
)
def test_actions_of_a_go_template_are_parts_of_texts(text: str) -> None:
    report = lint_source(Source("templates/policy.yaml", text))
    assert report.policy_count == 1
    assert not report.skipped
    [finding] = [finding for finding in report.findings if finding.rule == "unknown-action"]
    assert text[slice(*finding.span)].strip('"') == "s3:GetObjekt"
    # In a template, only a block of text is changed.
    assert bool(finding.fixes) == (": |\n" in text)
    assert "yaml-syntax-error" not in {finding.rule for finding in report.findings}


def test_what_an_action_adds_to_a_policy_is_unresolved() -> None:
    statement = "- Effect: Allow\n    Action: s3:GetObjekt\n    Resource: '*'\n"
    added = "{{- toYaml .Values.condition | nindent 4 }}"
    items = f"  {statement}  {statement}    {added}\n  {{{{- toYaml .more | nindent 2 }}}}\n"
    text = f"Version: '2012-10-17'\nStatement:\n{items}"
    report = lint_source(Source("templates/policy.yaml", text))
    assert [text[slice(*finding.span)] for finding in report.findings] == ["s3:GetObjekt"]
    unread = [text[slice(*skipped.span)] for skipped in report.skipped if skipped.unread]
    assert len(unread) == 2
    assert unread[0].startswith("Effect")
    assert "toYaml .more" in unread[1]
    assert not any(finding.fixes for finding in report.findings)


def test_many_lines_with_an_action_take_no_time() -> None:
    text = "{{ .x }}-a:\n" + "- b: c\n  {{- d }}\n" * 6_000 + "'".join("{{ x }" for _ in range(999))
    assert lint_source(Source("policy.yaml", text + "\nStatement: []")).policy_count == 0


def test_two_actions_of_a_template_are_two_values() -> None:
    resources = "[{{ .Values.a }}-x, {{ .Values.b }}-x]"
    text = f"name: {{{{ .Name }}}}-a\np:\n  Statement: {{Effect: Allow, Resource: {resources}}}\n"
    [policy] = read_source(Source("policy.yaml", text)).policies
    assert '"{{ {{ .Values.a }}-x }}","{{ {{ .Values.b }}-x }}"' in policy.policy.source.text


@pytest.mark.parametrize(
    "text",
    [
        "{{ .Values.header }}\nStatement:\n- Effect: Allow\n  Action: 's3:*'\n",
        "a: {{ .b }}-c\n{{ include \"d\" . }}\nStatement:\n- Effect: Allow\n  Action: 's3:*'\n",
    ],
)
def test_a_template_that_is_not_yaml_is_listed_as_not_read(text: str) -> None:
    report = lint_source(Source("templates/policy.yaml", text))
    assert not report.findings
    assert [skipped.unread for skipped in report.skipped] == [True]


def test_a_mistake_in_yaml_without_a_policy_but_in_comments_is_none() -> None:
    text = "a: b: c\n# Statement:\n#   - Effect: Allow\n#     Action: 's3:*'\n#     Resource: '*'\n"
    assert not lint_source(Source("cluster.yaml", text)).findings
    text += "Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]\n"
    [finding] = lint_source(Source("cluster.yaml", text)).findings
    assert finding.rule == "yaml-syntax-error"


def test_a_mistake_in_yaml_with_dynamic_references_is_one() -> None:
    text = "Statement:\n- Effect: Allow\n  Action: 's3:*'\n Resource: '{{resolve:ssm:name}}'\n"
    [finding] = lint_source(Source("policy.yaml", text)).findings
    assert finding.rule == "yaml-syntax-error"


SERVERLESS = """\
service: todos
provider:
  name: aws
  iam:
    role:
      statements:
      - {statement}
resources:
  Resources:
    Policy:
      Type: AWS::IAM::ManagedPolicy
      Properties:
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
          - {statement}
"""


def serverless_rules(text: str, resource: str) -> set[str]:
    statement = f"{{Effect: Allow, Action: 'dynamodb:GetItem', Resource: '{resource}'}}"
    report = lint_source(Source("serverless.yml", text.format(statement=statement)))
    assert report.policy_count == text.count("{statement}")
    return {finding.rule for finding in report.findings} - {"missing-version"}


@pytest.mark.parametrize("text", [SERVERLESS, "iamRoleStatements:\n- {statement}\n"])
@pytest.mark.parametrize(
    "variable",
    ["aws:region", "ssm:region", "cf.eu-west-1:stack.Region", "s3:bucket/key", "output:a:dev:b.c"],
)
def test_variables_of_the_serverless_framework_are_unknown(text: str, variable: str) -> None:
    assert not serverless_rules(text, f"arn:aws:dynamodb:${{{variable}}}:111122223333:table/todos")


def test_the_rest_of_a_value_with_a_variable_of_the_serverless_framework_is_checked() -> None:
    resource = "arn:aws:dynamodb:${aws:region}:${aws:accountId}:tabel/todos"
    assert serverless_rules(SERVERLESS, resource)
    assert not serverless_rules(SERVERLESS, resource.replace("tabel", "table"))


@pytest.mark.parametrize("text", [SERVERLESS, "iamRoleStatements:\n- {statement}\n"])
def test_pseudo_parameters_of_a_plugin_of_the_serverless_framework(text: str) -> None:
    resource = "arn:aws:dynamodb:#{AWS::Region}:#{AWS::AccountId}:table/todos"
    assert not serverless_rules(text, resource)
    assert serverless_rules(text, resource.replace("table", "tabel"))


IN_PARTS = (
    "service: todos\nprovider:\n  iamRoleStatements:\n  - {statement}\nresources:\n- Resources:\n"
)
IN_ONE = IN_PARTS.replace("- Resources:", "  Resources:")


@pytest.mark.parametrize("text", [IN_PARTS, IN_ONE])
@pytest.mark.parametrize(
    ("action", "resource", "is_mismatched"),
    [
        ("dynamodb:ListTables", "!GetAtt Todos.Arn", True),
        ("dynamodb:ListTables", "{Fn::GetAtt: [Todos, Arn]}", True),
        ("dynamodb:GetItem", "!GetAtt Todos.Arn", False),
        ("dynamodb:GetRecords", "!GetAtt Todos.Arn", True),
        ("dynamodb:GetRecords", "!GetAtt Todos.StreamArn", False),
        ("dynamodb:Query", "!Sub '${Todos.Arn}/index/*'", False),
        ("dynamodb:ListTables", "!GetAtt Others.Arn", False),
    ],
)
def test_the_statements_of_a_role_refer_to_the_resources_of_the_same_file(
    text: str, action: str, resource: str, *, is_mismatched: bool
) -> None:
    statement = f"{{Effect: Allow, Action: '{action}', Resource: [{resource}]}}"
    table = "    Todos: {Type: 'AWS::DynamoDB::Table'}\n"
    report = lint_source(Source("serverless.yml", text.format(statement=statement) + table))
    assert report.policy_count == 1
    found = {finding.rule for finding in report.findings}
    assert ("mismatched-resource" in found) is is_mismatched


@pytest.mark.parametrize("variable", ["aws:usernam", "aws:Region"])
def test_policy_variables_in_files_of_the_serverless_framework(variable: str) -> None:
    resource = f"arn:aws:dynamodb:eu-west-1:111122223333:table/${{{variable}}}"
    assert "unresolvable-variable" in serverless_rules(SERVERLESS, resource)


def test_a_region_variable_outside_the_serverless_framework_is_reported() -> None:
    text = "policy:\n  Version: '2012-10-17'\n  Statement:\n  - {statement}\n"
    resource = "arn:aws:dynamodb:*:111122223333:table/${aws:region}"
    assert "unresolvable-variable" in serverless_rules(text, resource)
