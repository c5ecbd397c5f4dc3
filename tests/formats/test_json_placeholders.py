"""What a template fills in is unknown, and what only looks like it is not."""

import json

import pytest
from support.json_texts import cut, load_text, walk
from support.plain_values import plain

from multitool_lint.formats import read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.json.parser import parse
from multitool_lint.syntax.placeholders import has_placeholder
from multitool_lint.syntax.source import Source
from multitool_lint.syntax.tree import UNKNOWN


@pytest.mark.parametrize(
    "value",
    [
        "${var.bucket}",
        "${local.x}",
        "${data.aws_caller_identity.current.account_id}",
        "arn:aws:s3:::${aws_s3_bucket.b.id}/*",
        "${module.x.y}",
        "${foo}",
        "${ foo }",
        "${AWS::AccountId}",
        "${MyBucket.Arn}",
        "${!Literal}",
        '${var.on ? "a:b" : "c:d"}',
        '${replace(x, "https://", "")}',
        '${jsonencode({a = "b"})}',
        "${aws:username}-${var.x}",
        "$${aws:username}",
        "${self:provider.stage}",
        "${opt:stage, 'dev'}",
        "${env:NAME}",
        "${NAME:-default}",
        "${ssm:/path}",
        "{{ bucket }}",
        "{{resolve:ssm:name}}",
        "{% if x %}a{% endif %}",
        "<% x %>",
        "<%= x %>",
        "%{ if x }a%{ endif }",
    ],
)
def test_a_placeholder_makes_a_value_unknown(value: str) -> None:
    assert has_placeholder(value)
    root = parse(json.dumps({"a": [value, "b"], "c": value}))
    assert plain(root) == {"a": [UNKNOWN, "b"], "c": UNKNOWN}
    assert plain(parse(json.dumps([value + "\u00e9"]))) == [UNKNOWN]


@pytest.mark.parametrize(
    "value",
    [
        "${aws:username}",
        "${aws:usernam}",
        "${aws: username}",
        "${aws:}",
        "${s3:prefix}",
        "${saml:sub}",
        "${saml: sub}",
        "${aws:PrincipalTag/team, 'public'}",
        "${aws:PrincipalTag/team, 'public}",
        "${graph.facebook.com:id}",
        "${cognito-identity.amazonaws.com:sub}",
        "${*}",
        "${?}",
        "${$}",
        "${}",
        "${ }",
        "${aws:username",
        "${var.x",
        "{{ x",
        "{ x }",
        "}}",
        "<BUCKET_NAME>",
        "ACCOUNT_ID",
        "arn:aws:iam::<account>:root",
        "100%",
        "$aws/things/*",
    ],
)
def test_what_is_iams_or_only_looks_like_a_placeholder_stays(value: str) -> None:
    assert not has_placeholder(value)
    assert plain(parse(json.dumps([value]))) == [value]


@pytest.mark.parametrize(
    "placeholder",
    [
        "${var.arns}",
        '${jsonencode({"a": {"b": "}"}})}',
        "{{ actions | tojson }}",
        "{% include 'x' %}",
        "<%= x %>",
        "${a}${b}",
    ],
)
def test_a_placeholder_may_be_a_value(placeholder: str) -> None:
    text = f'{{"a": {placeholder} , "b": [1, {placeholder}]}}'
    root = parse(text)
    assert plain(root) == {"a": UNKNOWN, "b": [1, UNKNOWN]}
    assert [cut(text, node.span) for node in walk(root) if node.value is UNKNOWN] == [
        placeholder
    ] * 2


def test_a_key_with_a_placeholder_makes_its_object_unknown_but_never_the_document() -> None:
    for key in ("${oidc}:sub", "aws:ResourceTag/${tag}"):
        text = json.dumps({"Condition": {key: "x", "a": "y"}})
        assert plain(parse(text)) == {"Condition": {key: "x", "a": "y"}}
    text = '{"Condition": {"${operator}": {"a:sub": "x"}, "a": "y"}}'
    assert plain(parse(text)) == {"Condition": UNKNOWN}
    assert plain(parse('{"${x}": 1}')) == {"${x}": 1}


@pytest.mark.parametrize("function", ['{"Ref": "X"}', '{"Fn::If": ["a", {"Ref": "b"}, []]}'])
def test_a_cloudformation_function_makes_a_value_unknown(function: str) -> None:
    text = f'{{"a": {function}, "b": [{function}]}}'
    assert plain(parse(text)) == {"a": UNKNOWN, "b": [UNKNOWN]}


def test_a_cloudformation_function_has_one_member_and_is_not_the_document() -> None:
    assert plain(parse('{"a": {"Ref": "X", "b": 1}}')) == {"a": {"Ref": "X", "b": 1}}
    assert plain(parse('{"Ref": "X"}')) == {"Ref": "X"}


def test_a_template_with_control_tags_is_skipped() -> None:
    text = '{"Statement": [{% for x in y %}{"Effect": "Allow"},{% endfor %}]}'
    (skipped,) = load_text(text).skipped
    assert cut(text, skipped.span) == "{%"
    assert "template" in skipped.why.in_words()


WRITTEN = [
    ("policy.json", "{}"),
    ("app.yaml", "policy: |\n  {}\n"),
    ("main.tf", 'resource "aws_iam_policy" "p" {{\n  policy = <<EOT\n{}\nEOT\n}}\n'),
]
OPEN = [
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} ${more_statements}]}',
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", ${more} "Action": "*"}]}',
    '{"Version": "2012-10-17", ${id}, "Statement": [{"Effect": "Allow", "Action": "*"}]}',
    '{"Version": "2012-10-17", ${id} "Statement": [{"Effect": "Allow", "Action": "*"}]}',
]


@pytest.mark.parametrize("text", OPEN)
@pytest.mark.parametrize("written", WRITTEN)
def test_elements_that_a_template_fills_in_are_listed_as_not_read(
    written: tuple[str, str], text: str
) -> None:
    name, form = written
    loaded = read_source(Source(name, form.format(text)))
    assert not loaded.problems
    (skipped,) = loaded.skipped
    assert skipped.unread
    assert "a template fills in" in skipped.why.in_words()


@pytest.mark.parametrize("members", ["${condition}", "{{ .Values.resources }}", "${a}, ${b}"])
@pytest.mark.parametrize("written", WRITTEN)
def test_only_the_statement_is_unknown_whose_members_a_template_fills_in(
    written: tuple[str, str], members: str
) -> None:
    name, form = written
    known = '{"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "*"}'
    open_ = f'{{"Effect": "Allow", "Action": "*", {members}}}'
    text = form.format(f'{{"Version": "2012-10-17", "Statement": [{open_}, {known}]}}')
    (skipped,) = read_source(Source(name, text)).skipped
    assert (cut(text, skipped.span), skipped.unread) == (open_, True)
    (finding,) = lint_source(Source(name, text)).findings
    assert cut(text, finding.span).strip('"') == "s3:GetObjekt"


def test_a_placeholder_that_is_never_closed_is_a_mistake() -> None:
    text = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}] ${more'
    assert len(load_text(text).problems) == 1


@pytest.mark.parametrize("action", ["{{name}}", "{{ .Values.name }}", '{{- include "x" . }}'])
@pytest.mark.parametrize(
    "rest",
    [
        '\n{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}',
        ': {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}',
        '\n{"Resources": {"P": {"Type": "AWS::IAM::Policy", "Properties": {"Statement": []}}}}',
    ],
)
def test_a_text_that_begins_with_a_template_action_is_listed_as_not_read(
    action: str, rest: str
) -> None:
    loaded = load_text(action + rest)
    assert not loaded.problems
    (skipped,) = loaded.skipped
    assert skipped.unread
    assert skipped.why.in_words() == "a template with actions (`{{`); lint what it is rendered to"


def test_doubled_braces_are_a_mistake() -> None:
    assert len(load_text('{{Statement: [{"Effect": "Allow"}]').problems) == 1
