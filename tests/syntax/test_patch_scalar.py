"""Edits of policies in scalars of YAML: byte-exact, and once is enough."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
import yaml
from hypothesis import event, given, settings
from hypothesis import strategies as st
from support.example_findings import lint
from support.plain_values import plain
from support.yaml_writing import Example, with_every_example
from syntax.test_patch_yaml import changes

from multitool_lint.formats import read_source
from multitool_lint.formats.found import IN_A_STRING, SERVES_OTHERS, FoundPolicy, InText
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.rewrite.fix import fix
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.source import Source, Span, apply_edits
from multitool_lint.syntax.yaml import scalars
from multitool_lint.syntax.yaml.parser import parse

HEAD = "# {\nkind: Policy  # 'x'\nspec:\n  document: "
FOOT = "  after: [\"{\", '}']  # | {\n"

Style = tuple[str, str]
STYLES: dict[str, Style] = {
    "literal": ("|", "    "),
    "literal with a comment": ("|- # { [ :", "   "),
    "literal in a function": ("!Sub |", "      "),
    "literal with an indent": ("|2+", "    "),
    "folded": (">", "    "),
    "single quotes": ("'", ""),
}


def scalar(text: str, style: Style) -> str:
    """A text as a scalar, from its sign to its last line."""
    sign, indent = style
    if sign == "'":
        doubled = text.replace("'", "''")
        return f"'{doubled}'\n"
    lines = [f"{indent}{line}".rstrip(" ") for line in text.split("\n")]
    return "\n".join([sign, *lines, ""])


def embedded(file: str) -> FoundPolicy:
    """The text in a file as the policy that it is taken for."""
    (root,) = parse(file).documents
    spec = root.get("spec")
    value = spec.get("document") if spec else None
    assert value is not None
    for member in value.fields():  # a function
        value = member.value
    text = value.string or ""
    policy = Policy(Source("policy.json", text), fast.read(text), PolicyType.IDENTITY)
    decoded = scalars.cut(file, Span(*value.span), text)
    origin = InText(Source("policy.yaml", file), decoded, IN_A_STRING, value.span[0])
    return FoundPolicy(policy, origin)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@settings(max_examples=60)
@given(pair=changes(), indent=st.sampled_from([None, 1, 2]))
def test_a_change_is_made_in_place_or_not_at_all(
    style: str, line_break: str, pair: tuple[Any, Any], indent: int | None
) -> None:
    before, after = pair
    indent = None if style == "single quotes" else indent
    text = json.dumps(before, indent=indent, ensure_ascii=False)
    if any(character in text for character in "\x7f\x85\u2028\u2029\ufeff\ufffe\uffff"):
        return
    if not all(character.isprintable() or character == "\n" for character in text):
        return
    file = f"{HEAD}{scalar(text, STYLES[style])}{FOOT}".replace("\n", line_break)
    patch = embedded(file).patch()
    assert patch is not None
    assert plain(patch.before) == before
    edits = patch.edits(fast.read(json.dumps(after), literal=True))
    event("not possible" if edits is None else "possible")
    if edits is None:
        return
    changed = apply_edits(file, edits)
    assert changed.startswith(HEAD.replace("\n", line_break) + STYLES[style][0])
    assert changed.endswith(FOOT.replace("\n", line_break))
    assert ("\n" in changed.replace("\r\n", "")) == (line_break == "\n")
    again = embedded(changed).patch()
    assert again is not None
    assert plain(again.before) == after, f"{file}\n---\n{changed}"
    assert again.edits(fast.read(json.dumps(after), literal=True)) == ()


@pytest.mark.parametrize("style", ["literal", "folded", "single quotes"])
@with_every_example
def test_a_fix_comes_to_what_it_comes_to_in_a_file_of_json(example: Example, style: str) -> None:
    text = json.dumps(plain(example.root), ensure_ascii=False)
    policies = read_source(Source("p.json", text)).json_policies
    if not policies or text.startswith("["):
        pytest.skip("not one policy")
    type_ = example.type or policies[0].type.value
    file = f"{HEAD}{scalar(text, STYLES[style])}{FOOT}"
    alone = {
        (finding.rule, finding.pointer, finding.title.partition(" (")[0]): finding
        for finding in lint("p.json", text, example, type_)
    }
    for finding in lint("p.yaml", file, example, type_):
        key = finding.rule, finding.pointer, finding.title.partition(" (")[0]
        for fixed in finding.fixes:
            (other,) = [made for made in alone[key].fixes if made.title == fixed.title]
            (now,) = read_source(Source("p.yaml", apply_edits(file, fixed.edits))).policies
            expected = fast.read(apply_edits(text, other.edits), literal=True)
            assert plain(fast.read(now.policy.source.text, literal=True)) == plain(expected)


REDUNDANT = """{
      "Version": "2012-10-17",
      "Statement": [
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:Get*"], "Resource": "arn:aws:s3:::b/*"},
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:::it's"}
      ]
    }"""


@pytest.mark.parametrize("style", STYLES)
def test_a_second_fix_changes_nothing(style: str) -> None:
    text = REDUNDANT if style != "single quotes" else json.dumps(json.loads(REDUNDANT))
    file = f"{HEAD}{scalar(text, STYLES[style])}{FOOT}"
    source = Source("policy.yaml", file)
    fixed = fix(source, keep_wildcards=True).text
    assert fixed == file.replace('"s3:GetObject", ', "")
    assert fix(Source("policy.yaml", fixed), keep_wildcards=True).text == fixed


def test_a_text_that_serves_others_is_not_changed() -> None:
    text = f"spec:\n  document: &it |\n    {json.dumps(json.loads(REDUNDANT))}\n  other: *it\n"
    (found, *_) = read_source(Source("policy.yaml", text)).policies
    assert found.origin.unchanged == SERVES_OTHERS
    assert fix(Source("policy.yaml", text), unsafe=True).text == text


def test_a_text_in_a_template_is_changed_and_nothing_else_is() -> None:
    text = REDUNDANT.replace("b/*", "{{ .Values.bucket }}/*")
    policy = (
        'policy: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: ["s3:*", "s3:Get*"]}]}'
    )
    file = f"{HEAD}{scalar(text, STYLES['literal'])}  name: {{{{ include 'x' . }}}}-a\n{policy}\n"
    fixed = fix(Source("policy.yaml", file), unsafe=True, keep_wildcards=True).text
    assert fixed == file.replace('"s3:GetObject", ', "")


def test_a_text_that_is_encoded_is_not_changed() -> None:
    encoded = b64encode(REDUNDANT.encode()).decode()
    text = f"spec:\n  document: !!binary |\n    {encoded}\n"
    (found,) = read_source(Source("policy.yaml", text)).policies
    assert found.origin.unchanged == IN_A_STRING
    assert fix(Source("policy.yaml", text), unsafe=True).text == text


def test_no_variable_is_written_where_it_would_be_filled_in() -> None:
    misspelt = REDUNDANT.replace("b/*", "b/${aws:usernam}/*").replace('"s3:GetObject", ', "")
    for sign in ("|", "!Sub |"):
        source = Source("policy.yaml", f"{HEAD}{scalar(misspelt, (sign, '    '))}{FOOT}")
        assert "${aws:username}" not in fix(source, unsafe=True).text


def test_a_version_is_added_safely_where_only_a_template_fills_in_values() -> None:
    for name, is_safe in (("AWS::AccountId", True), ("!aws:username", False), ("Name", False)):
        policy = {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::${{{name}}}",
        }
        text = json.dumps({"Statement": [policy]}, indent=2)
        template = f"""Resources:
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {scalar(text, ("!Sub |", "        "))}"""
        fixed = fix(Source("template.yaml", template)).text
        version = '          "Version": "2012-10-17",\n'
        assert fixed.replace(version, "") == template
        assert (version in fixed) == is_safe


BLANK = st.sampled_from([" ", "  ", "\n", "\n\n", "\t"])
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=9)


@settings(max_examples=300)
@given(st.lists(WORDS | BLANK, max_size=12).map("".join), st.integers(5, 40))
def test_folded_double_quotes_have_their_places(text: str, width: int) -> None:
    written = yaml.safe_dump({"a": text}, default_style='"', width=width, allow_unicode=True)
    ((member,),) = (root.fields() for root in parse(written).documents)
    assert member.value.string == text
    decoded = scalars.cut(written, Span(*member.value.span), text)
    last = member.value.span[0]
    for at, character in enumerate(text):
        place = decoded.offset_in_file(at)
        assert place >= last
        last = place
        if character.isalnum():
            assert written[place] in (character, "\\")
