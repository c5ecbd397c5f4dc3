"""Templates that are one expression, that include others, or that write what is not theirs."""

import pytest

from multitool_lint.linter.engine import lint_source
from multitool_lint.rewrite.fix import fix
from multitool_lint.syntax.source import Source

STATEMENT = '{"Effect": "Allow", "Action": "s3:GetObjct", "Resource": "*"}'
HCL = '{Effect = "Allow", Action = "s3:GetObjct", Resource = "arn:aws:s3:::${bucket}/*"}'
LIST = f'{{"Version": "2012-10-17", "Statement": [\n  {STATEMENT}\n]}}\n'
EXPRESSION = f'${{jsonencode({{\n  Version = "2012-10-17"\n  Statement = [{HCL}]\n}})}}\n'


def found_in(source: Source) -> list[str]:
    report = lint_source(source)
    return [
        source.text[slice(*finding.span)].strip('"')
        for finding in report.findings
        if finding.rule == "unknown-action"
    ]


def unread(source: Source) -> int:
    return sum(skipped.unread for skipped in lint_source(source).skipped)


@pytest.mark.parametrize("path", ["a.json.tftpl", "a.tftpl", "a.json.tpl", "a.tpl"])
def test_a_template_that_is_one_expression_is_read(path: str) -> None:
    source = Source(path, EXPRESSION)
    assert found_in(source) == ["s3:GetObjct"]
    assert not unread(source)
    assert fix(source, unsafe=True).text == source.text


def test_an_expression_within_a_text_is_read() -> None:
    value = f'jsonencode({{Version = "2012-10-17", Statement = [{HCL}]}})'
    text = f"a: |\n  ${{indent(2, {value})}}\n"
    assert found_in(Source("a.yaml.tpl", text)) == ["s3:GetObjct"]


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        ('{% include "a.json" %},', "", 1),
        ('{% include "a.json" %}', "", 1),
        ("", ', {% include "a.json" %}', 1),
        ("", '{%- include "a.json" -%}', 1),
        ('{% include "a.json" %}', '{% include "b.json" %}', 2),
        ("{% block b %}", "{% endblock %}", 0),
        ("{{ statements | to_json }},", "", 1),
        ("<%= @statement.to_json %>,", "", 1),
    ],
)
def test_what_is_included_is_a_statement_that_is_not_known(
    before: str, after: str, count: int
) -> None:
    path = "a.json.erb" if before.startswith("<") else "a.json.j2"
    source = Source(path, LIST.replace(STATEMENT, f"{before} {STATEMENT} {after}"))
    assert found_in(source) == ["s3:GetObjct"]
    assert unread(source) == count


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.json.j2", '{"Version": "2012-10-17", "Statement": {{ statements | to_json }}}'),
        ("a.json.erb", '<%= {"Statement" => [{"Effect" => "Allow", "Action" => "*"}]}.to_json %>'),
        ("a.json.erb", LIST.replace(STATEMENT, "<%= @statements.to_json %>")),
    ],
)
def test_a_template_without_a_known_statement_is_listed(path: str, text: str) -> None:
    assert unread(Source(path, text)) == 1


def test_a_policy_variable_that_a_template_of_terraform_writes_is_one() -> None:
    text = LIST.replace('"*"', '"arn:aws:s3:::${bucket}/$${aws:usrname}"')
    source = Source("a.json.tpl", text)
    places = {
        source.text[slice(*finding.span)]
        for finding in lint_source(source).findings
        if finding.rule == "unresolvable-variable"
    }
    assert len(places) == 1
    assert "aws:usrname" in places.pop()
    assert found_in(source) == ["s3:GetObjct"]
    assert fix(source, unsafe=True).text == source.text
