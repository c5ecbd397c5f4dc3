"""What Terraform accepted before version 0.12: names in quotes, blocks written as attributes."""

import pytest

from multitool_lint.formats import read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.rewrite.fix import fix
from multitool_lint.syntax.source import Source

STATEMENT = """
    actions   = ["s3:GetObject", "s3:GetObject"]
    resources = ["arn:aws:s3:::multitool-logs/*"]
"""
PRINCIPALS = '{ type = "AWS", identifiers = ["*"] }'


@pytest.mark.parametrize(
    "body",
    [
        f"statement {{ {STATEMENT} principals = {PRINCIPALS}\n }}",
        f"statement {{ {STATEMENT} principals = [{PRINCIPALS}]\n }}",
        f"statement = {{ {STATEMENT} principals = {PRINCIPALS}\n }}",
        f"statement = [{{ {STATEMENT} principals = {PRINCIPALS}\n }}]",
        f'"statement" {{ {STATEMENT} "principals" {{\ntype = "AWS"\nidentifiers = ["*"]\n }}\n }}',
        f'"statement" {{ {STATEMENT} principals = {PRINCIPALS}\n }}',
    ],
)
def test_statements_and_principals(body: str) -> None:
    text = f'data "aws_iam_policy_document" "logs" {{\n{body}\n}}\n'.replace(
        '"principals" {', '\n"principals" {'
    )
    source = Source("main.tf", text)
    found = lint_source(source).findings
    assert {finding.rule for finding in found} == {"public-access", "redundant-action"}
    [public] = [finding for finding in found if finding.rule == "public-access"]
    assert text[slice(*public.span)] == '"*"'
    fixed = fix(source, unsafe=True).text
    assert not read_source(Source("main.tf", fixed)).problems


def test_principals_that_are_not_known() -> None:
    text = f"""\
data "aws_iam_policy_document" "logs" {{
  statement {{ {STATEMENT} principals = var.principals
  }}
}}
"""
    rules = {finding.rule for finding in lint_source(Source("main.tf", text)).findings}
    assert rules == {"redundant-action"}


def test_attributes_in_quotes() -> None:
    text = """\
resource "aws_elasticsearch_domain" "logs" {
  advanced_options {
    "rest.action.multi.allow_explicit_index" = "false"
  }
  "access_policies" = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "es:Foo", "Resource": "*"}]
}
EOF
}
"""
    found = lint_source(Source("main.tf", text)).findings
    assert {finding.rule for finding in found} == {"public-access", "unknown-action"}
    [unknown] = [finding for finding in found if finding.rule == "unknown-action"]
    assert text[slice(*unknown.span)] == '"es:Foo"'


def test_what_is_not_terraform_is_a_mistake_still() -> None:
    text = 'data "aws_iam_policy_document" "logs" {\n  "statement" {\n    actions = [\n  }\n}\n'
    assert read_source(Source("main.tf", text)).problems
