"""The JSON loader agrees with the standard library on values and says where each of them is."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.plain_values import plain

from multitool_lint.formats import ReadResult, read_source
from multitool_lint.formats.recognize import resembles_policy
from multitool_lint.limits import MAX_TREE_DEPTH
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.json.parser import parse
from multitool_lint.syntax.placeholders import has_placeholder, may_hold_placeholders
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.tree import UNKNOWN, Array, Node, Object

STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def load_text(text: str) -> ReadResult:
    return read_source(Source("policy.json", text))


def reason(text: str) -> str:
    (skipped,) = load_text(text).skipped
    return skipped.reason


def walk(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node.value, Array):
        for item in node.value:
            yield from walk(item)
    elif isinstance(node.value, Object):
        for member in node.value:
            yield from walk(member.value)


def resolve(document: Any, pointer: str) -> Any:  # noqa: ANN401 - as above
    for token in pointer.split("/")[1:]:
        if isinstance(document, list):
            document = document[int(token)]
        else:
            document = document[token.replace("~1", "/").replace("~0", "~")]
    return document


def cut(text: str, span: Span) -> str:
    return text[span.start : span.end]


def keys() -> st.SearchStrategy[str]:
    return (st.text() | st.sampled_from(["a/b", "m~n", ""])).filter(
        lambda key: key != "Ref" and not key.startswith("Fn::")
    )


def values() -> st.SearchStrategy[Any]:
    scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
    return st.recursive(
        scalars.filter(lambda value: value not in (float("inf"), float("-inf"))),
        lambda children: st.lists(children) | st.dictionaries(keys(), children),
        max_leaves=20,
    )


@st.composite
def texts(draw: st.DrawFn) -> str:
    text = json.dumps(
        draw(values()),
        indent=draw(st.sampled_from([None, 0, 2, "\t"])),
        ensure_ascii=draw(st.booleans()),
    )
    text = draw(st.sampled_from(["", " \r\n\t"])) + text + draw(st.sampled_from(["", "\n"]))
    return "" if may_hold_placeholders(text) else text


@given(texts().filter(bool))
def test_a_document_has_the_value_that_json_gives_it(text: str) -> None:
    assert plain(parse(text)) == json.loads(text)


@given(texts().filter(bool))
def test_every_span_is_the_text_of_its_value_and_every_pointer_leads_to_it(text: str) -> None:
    document = json.loads(text)
    for node in walk(parse(text)):
        assert json.loads(cut(text, node.span)) == plain(node)
        assert resolve(document, node.pointer) == plain(node)
        if isinstance(node.value, Object):
            for member in node.value:
                assert json.loads(cut(text, member.key_span)) == member.key


def is_json(text: str) -> bool:
    def reject(constant: str) -> None:
        raise ValueError(constant)

    try:
        json.loads(text, parse_constant=reject)
    except ValueError:
        return False
    return True


DAMAGE = st.sampled_from([*"[]{},:\"'\\/#+-.0eEtfnuN \n\t\x00\x7f\u00a0\u201cx"]) | st.characters(
    exclude_categories=["Cs"]  # in no text that was decoded
)


@given(texts().filter(bool), st.data())
def test_a_damaged_document_is_refused_where_json_refuses_it(
    text: str, data: st.DataObject
) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + data.draw(DAMAGE | st.just("")) + text[at + data.draw(st.booleans()) :]
    if may_hold_placeholders(text) or text.startswith("\ufeff"):
        return
    if is_json(text):
        again = json.dumps(json.loads(text), ensure_ascii=False)
        assert plain(parse(text)) == json.loads(re.sub("[\ud800-\udfff]", "\ufffd", again))
        return
    with pytest.raises(MistakeError) as caught:
        parse(text)
    start, end = caught.value.span
    assert 0 <= start < end <= len(text) or not text
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ('{"a": [1«,»]}', "The last element is followed by a comma; remove it"),
        ('{"a": 1«,»\n}', "The last element is followed by a comma; remove it"),
        ('{\n  «// why»\n "a": 1}', "JSON has no comments; remove it"),
        ('{"a": «/* why\n not */» 1}', "JSON has no comments; remove it"),
        ('{"a": 1 «# why»\n}', "JSON has no comments; remove it"),
        ('{"a": 1}\n«// why»', "JSON has no comments; remove it"),
        ('{"a": «/* why»', "JSON has no comments; remove it"),
        ("{«'a'»: 1}", 'A string in JSON must be in double quotes; write `"a"`'),
        (
            '{"a": «\'it is "b"\'»}',
            r'A string in JSON must be in double quotes; write `"it is \"b\""`',
        ),
        ('{"a": «\u201cb\u201d»}', 'A string in JSON must be in double quotes; write `"b"`'),
        ('{«Effect»: "Allow"}', 'Key `Effect` is not in double quotes; write `"Effect"`'),
        ('{"a": «Allow»}', '`Allow` is not in double quotes; write `"Allow"`'),
        ('{"a": «s3:Get*»}', '`s3:Get*` is not in double quotes; write `"s3:Get*"`'),
        ('{"a": «True»}', "`True` is not a valid value in JSON; write `true`"),
        ('{"a": «None»}', "`None` is not a valid value in JSON; write `null`"),
        ('{"a": «truer»}', '`truer` is not in double quotes; write `"truer"`'),
        ('{"a": «NaN»}', "`NaN` is not a valid number in JSON; use a number, or `null`"),
        ("[«-Infinity»]", "`-Infinity` is not a valid number in JSON; use a number, or `null`"),
        ("[«012»]", "`012` is not a valid number in JSON; write `12`"),
        ("[«-00.50»]", "`-00.50` is not a valid number in JSON; write `-0.50`"),
        ("[«+1»]", "`+1` is not a valid number in JSON; write `1`"),
        ("[«.5»]", "`.5` is not a valid number in JSON; write `0.5`"),
        ("[«5.», 6]", "`5.` is not a valid number in JSON; write `5`"),
        ("[«0x1F»]", "`0x1F` is not a valid number in JSON; write `31`"),
        ("[«-»]", '`-` is not a valid number in JSON; write text in double quotes: `"-"`'),
        ("[«111122223333a»]", None),
        ("[«1e»]", None),
        (r'{"a": "x«\d»y"}', r"`\d` is not a valid escape in JSON; write `\\` for a backslash"),
        (r'{"a": "it«\'»s"}', r"`\'` is not a valid escape in JSON; write `'`"),
        (
            r'{"a": "«\u12»x"}',
            r"`\u12` is not a complete escape; write `\u` and four hexadecimal digits",
        ),
        ('{"a": "x«\t»y"}', r"U+0009 (a control character) is not allowed in a string; write `\t`"),
        (
            '{"a": "x«\x00»y"}',
            r"U+0000 (a control character) is not allowed in a string; write `\u0000`",
        ),
        (
            '{"a": «"x»\ny"}',
            r'The string does not end on its line; close it with `"`, or write `\n`',
        ),
        ('{"a": «"x}»', 'The string is not closed; add `"` at its end'),
        ('{"a": «"x\\»', 'The string is not closed; add `"` at its end'),
        ('{"a": «[»1', "This `[` is not closed; add `]` where it ends"),
        ('«{»"a": [1]', "This `{` is not closed; add `}` where it ends"),
        ('«{»"a"', "This `{` is not closed; add `}` where it ends"),
        ('{"a": [1«}»', "`}` does not close the open `[`; add `]` first"),
        ("{«]»", "`]` does not close the open `{`; add `}` first"),
        ('{"a": 1}«}»', "This `}` closes nothing; remove it"),
        ('{"a": 1 «"»b": 2}', "A comma is missing here; add `,`"),
        ('["a"\n «"»b"]', "A comma is missing here; add `,`"),
        ("[1«;» 2]", "`;` cannot separate elements; write `,`"),
        ("[1, «,» 2]", "Expected a value, found `,`"),
        ('{"a": 1, «,» "b": 2}', "The comma has no element before it; remove it"),
        ('["a"«:» 1]', "A value is followed by `:`; write a key and its value within `{ }`"),
        (
            '["say "«h»i""]',
            r"A string is followed by text; write `\"` for a quote in it, or add a comma",
        ),
        ('{"a" «1»}', "A colon is missing here; add `:` between the key and its value"),
        ('{"a" «=» 1}', "`=` cannot separate a key and its value; write `:`"),
        ('{"a"«,» "b": 1}', "The last key has no value; add `:` and a value"),
        ('{"a"«}»', "The last key has no value; add `:` and a value"),
        ('{"a":«}»', "Expected a value, found `}`"),
        ('{ «{»"b": 1}}', "Expected a key in double quotes, found `{`"),
        ("{«1»: 2}", 'Key `1` is not in double quotes; write `"1"`'),
        ("[«...»]", "`...` is not valid in JSON; add the elements that are left out"),
        (
            '{"a": 1,«\u00a0»"b": 2}',
            "U+00A0 (no-break space) is not whitespace in JSON; use a space",
        ),
        ('{"a": 1}\n«{»"b": 2}', "A second document begins here; write it to another file"),
        ('{"a": 1} «x»', "The document is followed by text; remove it"),
        ('{"a": «${»var.x', "`${` begins a placeholder that is not closed or not allowed here"),
        ("«@»", "Expected a value, found `@`"),
        ("«  \n»", "The document is empty; a policy begins with `{`"),
        ("«»", "The document is empty; a policy begins with `{`"),
    ],
)
def test_a_mistake_is_named_at_its_place(marked: str, message: str | None) -> None:
    before, inside, after = re.split("[«»]", marked)
    (problem,) = load_text(before + inside + after).problems
    assert problem.rule == "json-syntax-error"
    assert problem.span == (len(before), len(before) + len(inside))
    if message:
        assert problem.sentence == message


def test_only_the_first_mistake_is_reported() -> None:
    assert len(load_text("{'a': NaN,}").problems) == 1


@pytest.mark.parametrize("depth", [MAX_TREE_DEPTH + 1, 10_000, 1_000_000])
@pytest.mark.parametrize("opener", ["[", '{"Statement":'])
def test_deep_nesting_is_an_answer(opener: str, depth: int) -> None:
    (problem,) = load_text(opener * depth).problems
    assert problem.span == (MAX_TREE_DEPTH * len(opener), MAX_TREE_DEPTH * len(opener) + 1)
    assert (
        problem.message == f"Arrays and objects are nested more than {MAX_TREE_DEPTH} levels deep"
    )


def test_what_is_nested_as_deep_as_allowed_is_read() -> None:
    assert plain(parse("[" * MAX_TREE_DEPTH + "]" * MAX_TREE_DEPTH)) is not None


@pytest.mark.parametrize(
    "text",
    [
        '{"Statement": "' + "\\" * 1_000_000,
        '{"Statement": "' + '\\"' * 500_000,
        '{"Statement": "' + "x" * 1_000_000,
        '{"Statement": ' + " " * 1_000_000,
        '{"Statement": ' + "/*" * 500_000,
        '{"Statement": ' + "${" * 500_000,
        '{"Statement": ' + "{{" * 500_000,
        '{"Statement": [], "' + "k" * 500_000 + '": [' + "1, " * 200_000 + "1]}",
        '{"Statement": [], "' + "k" * 500_000 + '": [' + '"", ' * 200_000 + '""]}',
        '{"Statement": ${' + '\\"' * 500_000,
        "Statement" + "'" * 1_000_000,
    ],
    ids=lambda text: repr(text[:24]),
)
def test_a_hostile_file_is_refused(text: str) -> None:
    assert len(load_text(text).problems) == 1


def test_huge_numbers_are_numbers() -> None:
    text = f"[{'9' * 5000}, 1e999, -1E-999, 12345678901234567890]"
    infinite = float("inf")
    assert plain(parse(text)) == [infinite, infinite, 0.0, 12345678901234567890]


def test_escapes() -> None:
    text = r'{"\u0041\"\\\/\b\f\n\r\t": "\ud83d\ude00 \uD83D\uDE00 \\ud83d"}'
    assert plain(parse(text)) == json.loads(text)


@pytest.mark.parametrize("half", [r"\ud83d", r"\ude00", r"\ude00\ud83d"])
def test_half_of_a_surrogate_pair_becomes_a_character_that_can_be_printed(half: str) -> None:
    (value,) = plain(parse(f'["x{half}"]'))
    assert value.encode() == b"x" + "\ufffd".encode() * half.count("u")


def test_duplicate_keys_are_kept_and_the_last_is_found() -> None:
    root = parse('{"a": 1, "b": 2, "a": 3}')
    assert isinstance(root.value, Object)
    assert [(member.key, member.value.value) for member in root.value] == [
        ("a", 1),
        ("b", 2),
        ("a", 3),
    ]
    last = root.value.find("a")
    assert last
    assert last.value.value == 3


def test_a_byte_order_mark_counts_as_an_offset_only() -> None:
    text = "\ufeff" + json.dumps({"Statement": [STATEMENT]})
    (policy,) = load_text(text).policies
    assert policy.root.span == (1, len(text))
    assert load_text("\ufeff").problems


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
def test_a_placeholder_may_stand_for_a_value(placeholder: str) -> None:
    text = f'{{"a": {placeholder} , "b": [1, {placeholder}]}}'
    root = parse(text)
    assert plain(root) == {"a": UNKNOWN, "b": [1, UNKNOWN]}
    assert [cut(text, node.span) for node in walk(root) if node.value is UNKNOWN] == [
        placeholder
    ] * 2


def test_a_key_with_a_placeholder_makes_its_object_unknown_but_never_the_document() -> None:
    text = '{"Condition": {"${oidc}:sub": "x", "a": "y"}}'
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
    assert "template" in skipped.reason


OPEN = [
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} ${more_statements}]}',
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", ${condition}}]}',
    '{"Version": "2012-10-17", ${id} "Statement": [{"Effect": "Allow", "Action": "*"}]}',
]


@pytest.mark.parametrize("text", OPEN)
@pytest.mark.parametrize(
    "written",
    [
        ("policy.json", "{}"),
        ("app.yaml", "policy: |\n  {}\n"),
        ("main.tf", 'resource "aws_iam_policy" "p" {{\n  policy = <<EOT\n{}\nEOT\n}}\n'),
    ],
)
def test_elements_that_a_template_fills_in_are_listed_as_not_read(
    written: tuple[str, str], text: str
) -> None:
    name, form = written
    loaded = read_source(Source(name, form.format(text)))
    assert not loaded.problems
    (skipped,) = loaded.skipped
    assert skipped.unread
    assert "a template fills in" in skipped.reason


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
    assert skipped.reason == "a template with actions (`{{`); lint what it is rendered to"


def test_doubled_braces_are_a_mistake() -> None:
    assert len(load_text('{{Statement: [{"Effect": "Allow"}]').problems) == 1


@pytest.mark.parametrize(
    "document",
    [
        {"Version": "2012-10-17", "Statement": [STATEMENT]},
        {"Statement": STATEMENT},
        {"Statement": []},
        {"Version": "2012-10-17", "Statements": [STATEMENT]},
        {"version": "2008-10-17", "statement": [STATEMENT]},
        {"Version": "2012-10-17"},
        {"Version": "2012-10-17", "Statement": "wrong"},
    ],
    ids=json.dumps,
)
def test_a_policy(document: object) -> None:
    loaded = load_text(json.dumps(document))
    assert len(loaded.policies) == 1
    assert loaded.policies[0].name is None
    assert not loaded.problems
    assert not loaded.skipped


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"name": "package", "version": "1.0"}', "an object without a Statement"),
        ('{"Version": "1.0", "x": {"Statement": []}}', "an object without a Statement"),
        ('{"Statement": "I declare"}', "an object without a Statement"),
        ('{"Version": ["2012-10-17"]}', "an object without a Statement"),
        (json.dumps(STATEMENT), "a statement without a policy around it"),
        (json.dumps([STATEMENT]), "not an object with a Statement"),
        (json.dumps([{"Statement": []}]), "not an object with a Statement"),
        ('"Statement"', "not an object with a Statement"),
        ("null", "not an object with a Statement"),
        ("{{ Statement }}", "a template placeholder"),
        ("{}", "an object without a Statement"),
        # Too deep for a policy, and none.
        (f'{{"Statements": {"[" * 150}{"]" * 150}}}', "an object without a Statement"),
    ],
)
def test_no_policy(text: str, why: str) -> None:
    assert reason(text) == why


def test_a_key_may_be_escaped() -> None:
    assert load_text(r'{"\u0053tatement": []}').policies


def test_a_file_that_is_no_policy_is_read_strictly_all_the_same() -> None:
    assert load_text('{"a": NaN}').problems
    assert load_text('{"a": [1,]}').problems


PRINCIPAL = {"Principal": {"AWS": "111122223333"}, "Effect": "Allow"}
ASSUME = {**PRINCIPAL, "Action": ["sts:AssumeRole", "STS:TagSession"]}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], PolicyType.IDENTITY),
        ([STATEMENT], PolicyType.IDENTITY),
        ([ASSUME], PolicyType.TRUST),
        ([ASSUME, {**ASSUME, "Effect": "Deny"}], PolicyType.TRUST),
        ([{**ASSUME, "Resource": "*"}], PolicyType.TRUST),
        ([{**ASSUME, "Resource": "*", "Principal": "*"}], PolicyType.RESOURCE),
        ([{**ASSUME, "Resource": "*", "Principal": {"AWS": ["*"]}}], PolicyType.RESOURCE),
        ([ASSUME, {**PRINCIPAL, "Action": "s3:GetObject"}], PolicyType.RESOURCE),
        ([{**PRINCIPAL, "Action": "*"}], PolicyType.RESOURCE),
        ([{**PRINCIPAL, "NotAction": "sts:AssumeRole"}], PolicyType.RESOURCE),
        ([PRINCIPAL], PolicyType.RESOURCE),
        ([{**STATEMENT, "NotPrincipal": {"AWS": "*"}}], PolicyType.RESOURCE),
        ([STATEMENT, {**STATEMENT, "Principal": "*"}], PolicyType.RESOURCE),
        ({**STATEMENT, "Principal": "*"}, PolicyType.RESOURCE),
        (["${var.statement}", 1], PolicyType.IDENTITY),
        ([{"Action": "sts:AssumeRole", "Effect": "Allow"}], PolicyType.IDENTITY),
    ],
)
def test_the_type_is_told_by_the_shape(statements: object, expected: PolicyType) -> None:
    (policy,) = load_text(json.dumps({"Statement": statements})).policies
    assert policy.type is expected


def test_what_the_user_says_of_the_type_counts() -> None:
    source = Source("policy.json", json.dumps({"Statement": [STATEMENT]}))
    (policy,) = read_source(source, type=PolicyType.SCP).policies
    assert policy.type is PolicyType.SCP
    (policy,) = read_source(source, resource_type="AWS::S3::Bucket").policies
    assert (policy.type, policy.resource_type) == (PolicyType.RESOURCE, "AWS::S3::Bucket")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"Statement": [{"Effect": "Allow",}]}', True),
        ("{Statement: [{'NotAction' : 1}]}", True),
        ('{"compilerOptions": {}, // Statement: Effect\n}', False),
        ('{"Statement": []}', False),
    ],
)
def test_what_resembles_a_policy(text: str, expected: bool) -> None:  # noqa: FBT001 - a parameter
    assert resembles_policy(text) is expected
