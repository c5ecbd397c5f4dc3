"""What inputs are made of: rule pages, documentation, fixtures, and policies in every format."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from support.terraform_writing import data_source, encoded, heredoc, normal
from support.yaml_writing import FENCE, as_block, as_flow, examples_of_pages, in_template

from multitool_lint.syntax.json import parser

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parent.parent


def by_size(texts: Iterable[str | bytes]) -> list[bytes]:
    """The texts as seeds: short ones first, to which failing inputs are reduced."""
    found = {text.encode() if isinstance(text, str) else text for text in texts}
    return sorted(found, key=lambda text: (len(text), text))


@cache
def policies() -> list[str]:
    """The policies of the rule pages."""
    return [example.text for example in examples_of_pages()]


@cache
def fences(*languages: str) -> list[str]:
    """The fenced blocks of rule pages and documentation in some languages."""
    pages = sorted(path for path in (*ROOT.glob("rules/*.md"), *ROOT.glob("docs/*.md")))
    return [
        fence["body"]
        for page in pages
        for fence in FENCE.finditer(page.read_text(encoding="utf-8"))
        if fence["info"].split()[:1] in [[language] for language in languages]
    ]


def _files(pattern: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted(ROOT.glob(pattern))]


def full_access() -> list[bytes]:
    """Policies that allow everything, in JSON and YAML."""
    statement = '{"Effect": "Allow", "Action": ["*"], "Resource": "*"}'
    text = f'{{"Version": "2012-10-17", "Statement": [{statement}]}}'
    return by_size([text, as_block(parser.parse(text, literal=True))])


def json_seeds() -> list[bytes]:
    """JSON as users have it."""
    return by_size([*policies(), *fences("json"), *_files("fixtures/*.json")])


def yaml_seeds() -> list[bytes]:
    """Policies in YAML."""
    roots = [parser.parse(text, literal=True) for text in policies()]
    return by_size([*map(as_block, roots), *map(as_flow, roots), *fences("yaml")])


def cloudformation_seeds() -> list[bytes]:
    """Templates in YAML and JSON."""
    templates = [
        in_template(example.root, example.type or "identity", example.resource_type)
        for example in examples_of_pages()
    ]
    return by_size([*templates, *_files("tests/data/cloudformation/*")])


def terraform_seeds() -> list[bytes]:
    """Configurations in Terraform's language."""
    values = [json.loads(text) for text in policies()]
    sources = [data_source(value) for document in values if (value := normal(document))]
    found = [*map(encoded, values), *map(heredoc, policies()), *sources]
    return by_size([*found, *fences("hcl")])


def terraform_json_seeds() -> list[bytes]:
    """Configurations of Terraform as JSON."""
    found: list[str] = []
    for text in policies():
        value = json.loads(text)
        argument = {"policy": f"${{jsonencode({text.strip()})}}"}
        found.append(_resource(argument))
        found.append(_resource({"policy": text}))
        if isinstance(value, dict):
            found.append(json.dumps({"data": {"aws_iam_policy_document": {"this": value}}}))
    return by_size(found)


def _resource(arguments: object) -> str:
    return json.dumps({"resource": {"aws_iam_policy": {"this": arguments}}}, indent=1)


def markdown_seeds() -> list[bytes]:
    """Pages with policies."""
    blocks = [f"# A page\n\n```json\n{text}```\n" for text in policies()]
    listed = [f"- > ~~~ {{.json}}\n  > {' '.join(text.split())}\n" for text in policies()[:50]]
    return by_size([*blocks, *listed, *fences("markdown"), *_files("fixtures/*.md")])


def code_seeds() -> list[bytes]:
    """Documentation and scripts with policies."""
    found: list[str] = []
    for text in policies():
        indented = "\n".join(f"   {line}" for line in text.splitlines())
        found += [
            f"Text::\n\n{indented}\n\n.. code-block:: json\n   :linenos:\n\n{indented}\n\nText\n",
            f"[source,json]\n----\n{text}\n----\n\n....\n{text} <1>\n....\n",
            f"#!/bin/sh\ncat > policy.json <<EOF\n{text}\nEOF\n",
            f"aws iam create-policy --policy-document '{text}'\"$X\" --policy-name x\n",
        ]
    return by_size([*found, *fences("console"), *fences("sh")])


def template_seeds() -> list[bytes]:
    """Policies in text templates."""
    found: list[str] = []
    for text in policies():
        statements = text.replace("[", "[{% for x in y %}", 1).replace("]", "{% endfor %}]", 1)
        found += [f"%{{ if x }}{text}%{{ else }}{text}%{{ endif }}", statements]
    return by_size(found)


def aws_cli_seeds() -> list[bytes]:
    """What commands of AWS print."""
    found: list[object] = []
    for text in policies():
        value, name = json.loads(text), {"PolicyName": "p"}
        found += [
            {"PolicyVersion": {"Document": value, "VersionId": "v1", "IsDefaultVersion": True}},
            {"Policy": text},
            {"RoleName": "r", **name, "PolicyDocument": quote(text)},
            {"Role": {"RoleName": "r", "AssumeRolePolicyDocument": value}},
            {"UserDetailList": [{"UserName": "u", "UserPolicyList": [
                {**name, "PolicyDocument": value}]}], "Policies": []},
        ]  # fmt: skip
    return by_size(json.dumps(value, indent=1) for value in found)


def configuration_seeds() -> list[bytes]:
    """Configurations in TOML."""
    return by_size([*fences("toml"), *_files("docs/examples/*/multitool-lint.toml")])
