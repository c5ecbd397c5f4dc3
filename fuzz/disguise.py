"""Policies that allow everything on everything, spelled so that it does not show."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

SID = "AllowsEverything"
"""Marks these policies; no seed has it."""

_STARS = st.sampled_from(("*", "*", "*", "**"))
_ACTIONS = st.sampled_from(("*", "*:*", "**", "*:**"))


@st.composite
def _escaped(draw: DrawFn, text: str) -> str:
    """A text in JSON, some characters of which are escaped."""
    escaped, upper = (draw(st.integers(0, 2 ** len(text) - 1)) for _ in range(2))  # a bit for each
    spelled = [
        f"\\u{ord(character):04{'xX'[upper >> index & 1]}}"
        if escaped >> index & 1
        else json.dumps(character)[1:-1]
        for index, character in enumerate(text)
    ]
    return f'"{"".join(spelled)}"'


@st.composite
def _policy(
    draw: DrawFn,
    action: Callable[[str], SearchStrategy[str]] = _escaped,
    resource: Callable[[str], SearchStrategy[str]] = _escaped,
) -> str:
    """The JSON of the policy, its wildcards as these functions spell them."""
    members = [
        ('"Sid"', f'"{SID}"'),
        (draw(_escaped("Effect")), draw(_escaped("Allow"))),
        (draw(_escaped("Action")), draw(_listed(draw(action(draw(_ACTIONS)))))),
        (draw(_escaped("Resource")), draw(_listed(draw(resource(draw(_STARS)))))),
    ]
    shuffled = draw(st.permutations(members))
    gap = draw(st.sampled_from(("", " ", "\n  ", "\r\n\t")))
    statement = f"{{{gap}" + f",{gap}".join(f"{key}:{gap}{text}" for key, text in shuffled) + "}"
    version = draw(st.sampled_from(("", '"Version": "2012-10-17", ', '"Version":"2008-10-17",')))
    return f"{{{version}{draw(_escaped('Statement'))}: {draw(_listed(statement))}}}"


def _listed(value: str) -> SearchStrategy[str]:
    return st.sampled_from((value, f"[{value}]", f"[ {value}\n]"))


@st.composite
def in_json(draw: DrawFn) -> bytes:
    """The policy alone, in a list, below a key or in a string."""
    text = draw(_policy())
    for _ in range(draw(st.integers(0, 2))):
        text = draw(st.sampled_from((f"[{text}]", f'{{"a": {text}}}', f'{{"b": [1, {text}]}}')))
    if draw(st.booleans()):
        text = f'{{"policy": {json.dumps(text)}, "other": "{SID}"}}'
    return text.encode()


_YAML = (
    *('"{}"', "'{}'", '!!str "{}"', "! '{}'", ">-\n      {}", "|-\n      {}", "&star '{}'"),
    *("- '{}'", '["{}"]', "[!!str '{}', ]", "- >-\n        {}", "- - '{}'"),
)


@st.composite
def in_yaml(draw: DrawFn) -> bytes:
    """The policy in block style, its wildcards as scalars of all styles."""
    action, resource = (
        draw(st.sampled_from(_YAML)).format(draw(text)) for text in (_ACTIONS, _STARS)
    )
    effect = draw(st.sampled_from(("Allow", '"Allow"', '"\\x41llow"', "!!str Allow", "&a Allow")))
    key = draw(
        st.sampled_from(("Action", '"Action"', '"\\u0041ction"', "? Action\n    ", "'Action'"))
    )
    if draw(st.booleans()):
        text = f"x: &all\n  Effect: {effect}\n  {key}:\n    {action}\n  Resource:\n    {resource}\n"
        body = f"{text}Statement:\n- <<: *all\n  Sid: {SID}\n"
    else:
        lines = (f"Sid: {SID}", f"Effect: {effect}", f"{key}:\n    {action}")
        body = f"Statement:\n- {f'{chr(10)}  '.join(lines)}\n  Resource:\n    {resource}\n"
    head = draw(st.sampled_from(("", "---\n", "# a comment\n---\n", "Version: '2012-10-17'\n")))
    return (head + body).encode()


def _certain_function(text: str) -> SearchStrategy[str]:
    """A wildcard as a function of CloudFormation makes it, whatever the parameters are."""
    star = json.dumps(text)
    return st.sampled_from((
        *(star, f'{{"Fn::Join": ["", [{star}]]}}', f'{{"Fn::Sub": {star}}}'),
        *(f'{{"Fn::Select": ["0", [{star}]]}}', '{"Fn::FindInMap": ["Map", "a", "b"]}'),
        *(f'{{"Fn::If": ["On", {star}, "s3:x"]}}', f'{{"Fn::If": ["On", "s3:x", {star}]}}'),
        f'{{"Fn::Sub": ["${{s}}", {{"s": {star}}}]}}',
    ))  # fmt: skip


def _function(text: str) -> SearchStrategy[str]:
    """A wildcard as a function of CloudFormation makes it."""
    uncertain = (
        *('{"Ref": "Star"}', '{"Fn::Sub": "${Star}"}', '{"Fn::Join": ["", [{"Ref": "Star"}, ""]]}'),
        f'{{"Fn::Split": [",", {json.dumps(text)}]}}',
    )
    return st.one_of(_certain_function(text), st.sampled_from(uncertain))


_HOLDERS = (
    '{"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": %s}}',
    '{"Type": "AWS::IAM::Role", "Properties": {"Policies": [{"PolicyDocument": %s}]}}',
    '{"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "p", "PolicyDocument": %s}}',
    '{"Type": "AWS::Serverless::Function", "Properties": {"Policies": [%s]}}',
    '{"Type": "AWS::IAM::Group", "Properties": {"Policies": [{"PolicyDocument": %s}]}}',
)


@st.composite
def in_cloudformation(draw: DrawFn) -> bytes:
    """The policy in a template."""
    resource = draw(st.sampled_from(_HOLDERS)) % draw(_policy(_function, _certain_function))
    return (
        '{"Parameters": {"Star": {"Type": "String", "Default": "*"}},'
        '"Conditions": {"On": {"Fn::Equals": [{"Ref": "Star"}, "*"]}},'
        f'"Mappings": {{"Map": {{"a": {{"b": "*"}}}}}}, "Resources": {{"This": {resource}}}}}'
    ).encode()


def _constant(text: str) -> SearchStrategy[str]:
    """A wildcard as Terraform writes it out.

    A resource that cannot be resolved is not listed: most are known after a deployment only.
    """
    star = json.dumps(text)
    forms = (star, f'"${{{star}}}"', f"({star})", '"\\u002a"', "<<-E\n*\nE\n", "<<E\n*\nE\n")
    return st.sampled_from(forms)


def _certain_expression(text: str) -> SearchStrategy[str]:
    """A wildcard as Terraform reads it, whatever the variables are."""
    names = ("local.star", "local.again", '"${local.star}"', "local.stars[0]", 'local.map["star"]')
    return st.one_of(_constant(text), st.sampled_from((*names, "local.map.star")))


def _expression(text: str) -> SearchStrategy[str]:
    """A wildcard as an expression of Terraform makes it."""
    star = json.dumps(text)
    others = (
        *(f'join("", [{star}])', f'format("%s", {star})', "var.star", f"coalesce(null, {star})"),
        *(f"true ? {star} : {star}", f"var.on ? {star} : null", f"lower({star})", f"one([{star}])"),
        *(f'replace("+", "+", {star})', f"try({star}, 1)", "trimspace(<<E\n*\nE\n)"),
        *(f"concat([{star}], [])[0]", f"element([{star}], 0)", f'trim("/{text}/", "/")'),
    )
    return st.one_of(_certain_expression(text), st.sampled_from(others))


_LOCALS = """locals {
  star = "*"
  stars = ["*"]
  map = { star = "*" }
  again = local.star
}
variable "star" { default = "*" }
variable "on" { default = true }
"""


def _statement_of_terraform(action: str, resource: str) -> tuple[str, ...]:
    """The ways in which Terraform writes a policy."""
    statement = f'{{ Sid = "{SID}", Effect = "Allow", Action = {action}, Resource = {resource} }}'
    document = f"jsonencode({{ Statement = [{statement}] }})"
    policy = 'resource "aws_iam_policy" "this" {{\n policy = {}\n}}\n'
    data = 'data "aws_iam_policy_document" "this" {{\n {}\n}}\n'
    block = f'sid = "{SID}"\n actions = [{action}]\n resources = [{resource}]'
    return (
        policy.format(document),
        policy.format("local.policy") + f"locals {{\n policy = {document}\n}}\n",
        policy.format(f"local.on ? {document} : null"),
        policy.format(document.replace("Action =", '"Action" :')),
        data.format(f"statement {{\n {block}\n }}"),
        data.format(f'dynamic "statement" {{\n for_each = [1]\n content {{\n {block}\n }}\n }}'),
    )


@st.composite
def in_terraform(draw: DrawFn) -> bytes:
    """The policy as an expression or a data source of Terraform."""
    action, resource = draw(_expression(draw(_ACTIONS))), draw(_certain_expression(draw(_STARS)))
    return (_LOCALS + draw(st.sampled_from(_statement_of_terraform(action, resource)))).encode()


@st.composite
def in_terraform_json(draw: DrawFn) -> bytes:
    """The policy in Terraform's JSON."""
    action, resource = draw(_expression(draw(_ACTIONS))), draw(_constant(draw(_STARS)))
    statement = {"sid": SID, "actions": [f"${{{action}}}"], "resources": f"${{{resource}}}"}
    document = f'{{ Sid = "{SID}", Effect = "Allow", Action = {action}, Resource = {resource} }}'
    block: object = draw(st.sampled_from((statement, [statement])))
    value: dict[str, Any] = draw(
        st.sampled_from((
            {"data": {"aws_iam_policy_document": {"this": {"statement": block}}}},
            {"data": [{"aws_iam_policy_document": [{"this": [{"statement": block}]}]}]},
            _policy_resource(f"${{jsonencode({{ Statement = [{document}] }})}}"),
            _policy_resource("${local.policy}")
            | {"locals": {"policy": f"${{jsonencode({{ Statement = {document} }})}}"}},
            _policy_resource(draw(_policy())),
        ))
    )  # fmt: skip
    local = {"star": "*", "stars": ["*"], "map": {"star": "*"}, "again": "${local.star}"}
    value["locals"] = local | value.get("locals", {})
    value["variable"] = {"star": {"default": "*"}, "on": {"default": True}}
    return json.dumps(value, indent=draw(st.sampled_from((None, 1)))).encode()


def _policy_resource(policy: str) -> dict[str, object]:
    return {"resource": {"aws_iam_policy": {"this": {"policy": policy}}}}


@st.composite
def in_markdown(draw: DrawFn) -> bytes:
    """The policy in a fenced block."""
    fence = draw(st.sampled_from(("```", "````", "~~~", "~~~~~")))
    info = draw(
        st.sampled_from(("json", " json", "JSON", "json title=x", "{.json}", "json5", "jsonc"))
    )
    prefix = draw(st.sampled_from(("", "> ", "  ", "> > ", "- ", "1. > ")))
    text = draw(_policy()).replace("\r\n", "\n").replace("\t", " ")
    lines = f"{fence}{info}\n{text}\n{fence}".split("\n")
    rest = prefix.translate(str.maketrans("-1.", "   "))
    body = "\n".join([prefix + lines[0], *(rest + line for line in lines[1:])])
    ending = draw(st.sampled_from(("\n", "\r\n")))
    return f"# A page\n\nText.\n\n{body}\n".replace("\n", ending).encode()


@st.composite
def in_asciidoc(draw: DrawFn) -> bytes:
    """The policy in a delimited block."""
    text = draw(_policy())
    begin, mark = draw(
        st.sampled_from((
            ("[source,json]\n", "----"), ("[,json]\n.title\n", "--"), ("", "...."), ("", "-----"),
        ))
    )  # fmt: skip
    return f"= A page\n\n{begin}{mark}\n{text}\n{mark}\n".encode()


@st.composite
def in_restructured_text(draw: DrawFn) -> bytes:
    """The policy in a literal block."""
    indent = " " * draw(st.integers(0, 3))
    begin = draw(st.sampled_from(("Text::", ".. code-block:: json\n   :linenos:", ".. code::")))
    lines = [*begin.splitlines(), "", *(f"    {line}" for line in draw(_policy()).splitlines())]
    return "\n".join([*(f"{indent}{line}" for line in lines), "", "Text", ""]).encode()


@st.composite
def in_script(draw: DrawFn) -> bytes:
    """The policy in a command of a shell."""
    text = draw(_policy())
    quoted = text.replace("'", "'\\''")
    expanded = re.sub(r"([\\$`])", r"\\\1", text)
    command = draw(
        st.sampled_from((
            f"cat <<'EOF' > p.json\n{text}\nEOF", f"cat <<EOF | tee p\n{expanded}\nEOF",
            f"aws iam create-policy --policy-document '{quoted}' --policy-name p",
        ))
    )  # fmt: skip
    return f"#!/bin/sh\nset -e\n{command}\n".encode()


@st.composite
def in_template(draw: DrawFn) -> bytes:
    """The policy in a text with tags of a template engine."""
    text = draw(_policy())
    begin, end = draw(
        st.sampled_from((
            ("%{ if x ~}", "%{ endif ~}"), ("{% if x %}", "{% endif %}"),
            ("<% if x %>", "<% end %>"), ("{{- if .x }}", "{{- end }}"),
            ("{% for x in y %}", "{% endfor %}"), ("{{#x}}", "{{/x}}"),
        ))
    )  # fmt: skip
    return f"{begin}\n{text}\n{end}\n".encode()


def _forms_of_output(text: str) -> Sequence[str]:
    """A document as commands of AWS print it."""
    return text, json.dumps(text), json.dumps(quote(text)), json.dumps(quote(text, safe=""))


@st.composite
def in_aws_cli(draw: DrawFn) -> bytes:
    """The policy in what commands of AWS print."""
    document = draw(st.sampled_from(_forms_of_output(draw(_policy()))))
    version = f'{{"Document": {document}, "VersionId": "v1", "IsDefaultVersion": true}}'
    named = f'{{"PolicyName": "p", "PolicyDocument": {document}}}'
    output = draw(st.sampled_from((
        f'{{"PolicyVersion": {version}}}',
        f'{{"RoleName": "r", "PolicyName": "p", "PolicyDocument": {document}}}',
        f'{{"UserDetailList": [{{"UserName": "u", "UserPolicyList": [{named}]}}], "Policies": []}}',
        f'{{"Policies": [{{"PolicyName": "p", "PolicyVersionList": [{version}]}}]}}',
        f'{{"Versions": [{{"VersionId": "v2"}}], "PolicyVersion": {version}}}',
    )))  # fmt: skip
    return output.encode()
