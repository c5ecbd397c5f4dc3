"""Policies of text templates: each case of their conditions is read, at its place in the file."""

from pathlib import Path

import pytest

from multitool_lint.cli import main
from multitool_lint.formats import read_source
from multitool_lint.formats.policies import policies_of
from multitool_lint.linter.engine import lint_source
from multitool_lint.reasons import Reason
from multitool_lint.syntax.source import Source

HEAD = '{"Version": "2012-10-17", "Statement": ['
ALLOWED = '{"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "arn:aws:s3:::b/*"}'
OTHER = '{"Effect": "Allow", "Action": "kms:Decript", "Resource": "${kms}"}'
FOUND = ["kms:Decript", "s3:GetObjekt"]
TAGS = {
    "terraform": ('%{ if kms != "" ~}', "%{ else ~}", "%{ endif ~}"),
    "jinja": ('{% if kms != "" %}', "{%- else %}", "{% endif -%}"),
    "erb": ("<%- if @kms -%>", "<%- else -%>", "<%- end -%>"),
    "go": ("{{- if .Values.kms }}", "{{- else }}", "{{- end }}"),
}


def actions(path: str, text: str) -> list[str]:
    """The actions that are reported as unknown."""
    found = lint_source(Source(path, text)).findings
    assert {finding.rule for finding in found if finding.severity.value == "error"} <= {
        "unknown-action"
    }
    return sorted(
        text[slice(*finding.span)].strip("\"'")
        for finding in found
        if finding.rule == "unknown-action"
    )


@pytest.mark.parametrize("tags", TAGS.values(), ids=TAGS)
@pytest.mark.parametrize("path", ["p.json", "p.json.tpl", "p.json.tftpl", "p.j2", "p.json.erb"])
def test_each_branch_is_linted(tags: tuple[str, str, str], path: str) -> None:
    begin, other, end = tags
    text = f"{HEAD}\n{ALLOWED}\n{begin}\n,{OTHER}\n{end}\n]}}\n"
    assert actions(path, text) == FOUND
    text = f"{HEAD}\n{begin}\n{ALLOWED}\n{other}\n{OTHER}\n{end}\n]}}\n"
    assert actions(path, text) == FOUND
    assert lint_source(Source(path, text)).policy_count == 1


@pytest.mark.parametrize(
    "text",
    [
        f'{HEAD}%{{ for b in x ~}}{ALLOWED}%{{ if b != "" }},%{{ endif }}%{{ endfor ~}}]}}',
        f"{{% set a = 1 %}}\n{{# b #}}\n{HEAD}{ALLOWED}]}}",
        f"{HEAD}{ALLOWED}<% if a['b'] %>]}}<% else %>]}}<% end %>",
        HEAD + ALLOWED.replace("b/*", '{% if x["a"] %}a{% else %}b{% endif %}/*') + "]}",
        HEAD + ALLOWED.replace("b/*", '${lookup(x, "a")}/*') + "]}",
        f"%{{ if x }}{HEAD}{ALLOWED}]}}%{{ endif }}",
    ],
)
def test_a_template_of_json(text: str) -> None:
    assert actions("p.json.tpl", text) == ["s3:GetObjekt"]


@pytest.mark.parametrize("path", ["t.yaml", "t.yml.j2", "t.yaml.tftpl"])
def test_a_template_of_yaml(path: str) -> None:
    text = """Statement:
{% for b in buckets %}
- Effect: Allow
  Action: s3:GetObjekt
  Resource: arn:aws:s3:::{{ b }}/*
{% endfor %}
{% if kms %}
- Effect: Allow
  Action: [ "kms:Decript" ]
  Resource: "{{ kms }}"
{% endif %}
"""
    assert actions(path, text) == FOUND


def test_a_template_of_a_script() -> None:
    text = f"#!/bin/sh\ncat <<EOF > p.json\n{HEAD}{ALLOWED}]}}\nEOF\n"
    assert actions("user_data.tpl", text) == ["s3:GetObjekt"]
    assert actions("user_data.sh.j2", text) == ["s3:GetObjekt"]


def test_a_heredoc_of_terraform_with_directives() -> None:
    text = (
        'data "aws_iam_policy_document" "d" {\n  statement {\n    actions = ["s3:GetObjekt"]\n'
        '    resources = ["*"]\n  }\n}\n'
        'resource "aws_iam_policy" "p" {\n  policy = <<EOF\n'
        f"{HEAD}\n{ALLOWED}\n%{{ if x }}\n,{OTHER}\n%{{ endif }}\n]}}\nEOF\n}}\n"
    )
    assert actions("main.tf", text) == ["kms:Decript", "s3:GetObjekt", "s3:GetObjekt"]
    text = text.replace("GetObjekt", "GetObject")
    found = read_source(Source("main.tf", text))
    assert not found.skipped
    unchanged = {policy.policy.name: policy.origin.unchanged for policy in found.policies}
    assert "tags" not in unchanged["data.aws_iam_policy_document.d"]
    assert "tags" in unchanged["aws_iam_policy.p.policy"]


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}{ALLOWED}{{% raw %}}{OTHER}{{% endraw %}}]}}",
        f"{HEAD}{ALLOWED}{{% if x %}}]}}",
        f"{HEAD}{ALLOWED} {OTHER}{{% if x %}}{{% endif %}}]}}",
        f'{{{{ start }}}}{ALLOWED}]}} "Statement":',
    ],
)
def test_a_template_that_is_not_understood_is_listed(text: str) -> None:
    for path in ("p.json.tpl", "p.tpl"):
        found = read_source(Source(path, text))
        assert [skipped.unread for skipped in found.skipped] == [True]
        assert not [*found.problems, *found.policies]


def test_a_mistake_outside_of_what_a_template_fills_in_is_one_of_the_file() -> None:
    statement = ALLOWED.replace('"Effect"', '"Sid": "${sid}", "Effect"')
    for path in ("p.json.tpl", "p.j2"):
        found = read_source(Source(path, f"{HEAD}{statement} {statement}]}}"))
        assert [problem.message for problem in found.problems] == ["A comma is missing here"]
        found = read_source(Source(path, f"{HEAD}{statement} ${{x}} {statement}]}}"))
        assert not found.problems
        assert any(skipped.unread for skipped in found.skipped)


@pytest.mark.parametrize("text", ["hello {{ name }}\n", "hello\n}\n", " Allow\n  Action: '*'\n"])
def test_of_a_template_of_another_kind_it_is_said_that_it_has_no_policy(text: str) -> None:
    found = read_source(Source("p.json.tpl", text))
    assert not [*found.problems, *found.policies]
    assert [(skipped.why.reason, skipped.unread) for skipped in found.skipped] == [
        (Reason.NO_STATEMENT, False)
    ]


def test_a_case_that_is_not_json_is_listed() -> None:
    found = read_source(Source("p.json", f"{HEAD}{ALLOWED},%{{ if x }}{OTHER}%{{ endif }}]}}"))
    assert len(found.policies) == 1
    [skipped] = found.skipped
    assert skipped.unread
    assert skipped.why.in_words().startswith(
        "a case of the template that is not JSON: The last element is followed"
    )


def test_more_cases_than_are_linted_are_listed() -> None:
    tags = "".join(f"%{{ if x{n} }},{OTHER}%{{ endif }}" for n in range(5))
    found = read_source(Source("p.json", f"{HEAD}{ALLOWED}{tags}]}}"))
    assert [skipped.why.in_words() for skipped in found.skipped] == [
        "more cases of its conditions than are checked"
    ]


def test_the_conditions_of_a_case_are_those_of_its_policy() -> None:
    text = f"{HEAD}{ALLOWED}%{{ if x }},{OTHER}%{{ endif }}]}}"
    policies = policies_of(Source("p.json", text)).policies
    assert [policy.cases for policy in policies] == [({"x": True},), ({"x": False},)]


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ('var.on ? aws_sqs_queue.q[0].arn : ""', []),
        ('var.on ? aws_sqs_queue.q[0].arn : "none"', []),
        ('var.on ? "none" : aws_sqs_queue.q[0].arn', ["none"]),
        ('var.off ? "none" : aws_sqs_queue.q[0].arn', ["none"]),
    ],
)
def test_what_is_filled_in_is_that_of_the_case(given: str, wrong: list[str]) -> None:
    statement = '{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "${local.queue}"},'
    text = (
        f"locals {{\n  queue = {given}\n}}\n"
        f'resource "aws_iam_policy" "p" {{\n  policy = <<EOF\n{HEAD}\n'
        f"%{{ if var.on ~}}\n{statement}\n%{{ endif ~}}\n{ALLOWED}]}}\nEOF\n}}\n"
    )
    found = lint_source(Source("main.tf", text)).findings
    titles = [finding.title for finding in found if finding.rule == "invalid-arn"]
    assert [title.split('"')[1] for title in titles] == wrong


def test_a_template_is_not_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    doubled = ALLOWED.replace('"s3:GetObjekt"', '["s3:GetObject", "s3:GetObject"]')
    text = f"{HEAD}{doubled}%{{ if x }},{OTHER}%{{ endif }}]}}"
    Path("p.json").write_text(text, encoding="utf-8")
    for command in ("fix", "shrink", "expand"):
        main([command, "."])
        assert Path("p.json").read_text("utf-8") == text


def test_a_tag_in_a_comment_of_terraform_is_none() -> None:
    policy = f"{HEAD}\n{ALLOWED}\n%{{ if x }}\n,{OTHER}\n%{{ endif }}\n]}}"
    text = f"# such as %{{ if x }}\nlocals {{\n  // or %{{ for }}\n  p = <<EOF\n{policy}\nEOF\n}}\n"
    assert actions("main.tf", text) == FOUND


@pytest.mark.parametrize(
    ("text", "is_unread"),
    [
        ("client\nremote ${name} 443\n<ca>\n${pem}\n</ca>\n", False),
        ('{"users": [{"password": "${secrets["a"]}"}, {"policies": x 1}]}\n', False),
        ('{"users": [{"password": "${secret}"}, ${policy} ]\n', True),
        ("${policy} ]\n", True),
        ('policy is {"Statement": [{"Effect": "Allow", ${rest}\n', True),
    ],
)
def test_a_template_that_cannot_become_json_is_not_reported(text: str, *, is_unread: bool) -> None:
    found = read_source(Source("a.tmpl", text))
    assert bool(found.problems or any(s.unread for s in found.skipped)) is is_unread


@pytest.mark.parametrize(
    ("text", "is_unread"),
    [
        ('{"users": [{"hash": "${m["key"]}"}]}', False),
        ('{"users": [{"hash": "{{ m["key"] }}"}]}', False),
        ('{"Statement": [{"Sid": "${m["key"]}" "Effect": 1}]}', True),
    ],
)
def test_quotes_in_an_expression_do_not_end_the_string(text: str, *, is_unread: bool) -> None:
    found = read_source(Source("users.json.tpl", text))
    assert any(skipped.unread for skipped in found.skipped) is is_unread
