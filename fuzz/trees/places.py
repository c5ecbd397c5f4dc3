"""Places of a policy in a tree, and the ways to write it there: one place is one identity.

A file is a text, or a link if its text begins with `LINK`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import yaml
from support.terraform_writing import data_source, expression, normal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

    from fuzz.trees.policies import Document

Files = dict[str, str]
LINK = "\0link to "
_ROLE = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'  # noqa: E501 - one policy
_COMMENTS = ("", "The policy of the application.", "See the handbook (a, b: c).")


def lone(dice: Random, document: Document) -> Files:
    """A file of its own."""
    return {"policies/app.json": _json(dice, document)}


def in_yaml(dice: Random, document: Document) -> Files:
    """A file of its own, in YAML."""
    comment = dice.choice(_COMMENTS)
    return {"policies/app.yaml": f"# {comment}\n{_yaml(dice, document)}"}


def in_page(dice: Random, document: Document) -> Files:
    """A block of a page."""
    before = "\n\n".join(dice.sample(_COMMENTS, dice.randrange(len(_COMMENTS))))
    return {"docs/app.md": f"# App\n\n{before}\n\n```json\n{_json(dice, document)}\n```\n"}


def linked(dice: Random, document: Document) -> Files:
    """A link to a file of its own, and a further link to that."""
    return {
        "real/app.json": _json(dice, document),
        "policies/app.json": f"{LINK}../real/app.json",
    }


def retargeted(dice: Random, document: Document) -> Files:
    """A link to one of several files, which is named by what it says."""
    text = _json(dice, document)
    name = f"real/{abs(hash_of(document)):x}.json"
    return {name: text, "policies/app.json": f"{LINK}../{name}"}


def in_template(dice: Random, document: Document) -> Files:
    """The inline policy of a role in a template of CloudFormation."""
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": json.loads(_ROLE),
            "Policies": [{"PolicyName": "app", "PolicyDocument": document}],
        },
    }
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        **({"Description": "App"} if dice.random() < 0.5 else {}),  # noqa: PLR2004 - half
        "Resources": {"App": role},
    }
    return {"app/template.yaml": dice.choice((_yaml, _json))(dice, template)}


def in_plan(dice: Random, document: Document) -> Files:
    """What `terraform show -json` prints."""
    values = {"name": "app", "role": "app", "policy": json.dumps(document)}
    resource = {
        "address": "aws_iam_role_policy.app",
        "mode": "managed",
        "type": "aws_iam_role_policy",
        "name": "app",
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "values": values,
    }
    plan = {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": [resource]}},
    }
    return {"plan.json": _json(dice, plan)}


def in_script(dice: Random, document: Document) -> Files:
    """A command of the AWS CLI."""
    text = _json(dice, document)
    command = (
        f"aws iam put-role-policy --role-name app --policy-name app --policy-document '{text}'"
    )
    return {"deploy.sh": f"#!/bin/sh\nset -e\n{command}\n"}


def in_terraform(dice: Random, document: Document) -> Files:
    """The inline policy of a role, whichever way the text is made and over files distributed."""
    value, other = dice.choice(_TERRAFORM)(document)
    comment = dice.choice(_COMMENTS)
    head = f"# {comment}\n" if comment else ""
    block = (
        f'{head}resource "aws_iam_role_policy" "app" {{\n  role   = "app"\n  policy = {value}\n}}\n'
    )
    files = {"infra/main.tf": block}
    for name, text in other.items():
        place = dice.choice((name, "infra/main.tf")) if name.endswith("data.tf") else name
        files[place] = f"{files[place]}\n{text}" if place in files else text
    return files


def in_module(dice: Random, document: Document) -> Files:
    """The argument of a local module that is called."""
    value, other = dice.choice(_TERRAFORM)(document)
    module = (
        'variable "document" {}\n'
        'resource "aws_iam_role_policy" "app" {\n  role   = "app"\n  policy = var.document\n}\n'
    )
    call = f'module "app" {{\n  source   = "./role"\n  document = {value}\n}}\n'
    return {"infra/main.tf": call, "infra/role/main.tf": module, **other}


def _encoded(document: Document) -> tuple[str, Files]:
    return f"jsonencode({expression(document)})", {}


def _heredoc(document: Document) -> tuple[str, Files]:
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return f"<<-EOF\n{_escaped(text)}\n  EOF\n", {}


def _file(document: Document) -> tuple[str, Files]:
    text = json.dumps(document, ensure_ascii=False)
    return 'file("${path.module}/app.json")', {"infra/app.json": text}


def _rendered(document: Document) -> tuple[str, Files]:
    text = _escaped(json.dumps(document, ensure_ascii=False))
    return 'templatefile("${path.module}/app.tftpl", {})', {"infra/app.tftpl": text}


def _local(document: Document) -> tuple[str, Files]:
    text = f"locals {{\n  app = {expression(document)}\n}}\n"
    return "jsonencode(local.app)", {"infra/data.tf": text}


def _data(document: Document) -> tuple[str, Files]:
    found = normal(document)
    sids = [statement["Sid"] for statement in document["Statement"] if "Sid" in statement]
    # The provider replaces statements with the Sid of a later one, and writes lists.
    if found is None or len(set(sids)) < len(sids):
        return _encoded(document)
    return "data.aws_iam_policy_document.this.json", {"infra/data.tf": data_source(found)}


_TERRAFORM = (_encoded, _heredoc, _file, _rendered, _local, _data)

PLACES: Mapping[str, Callable[[Random, Document], Files]] = {
    "lone": lone,
    "yaml": in_yaml,
    "page": in_page,
    "linked": linked,
    "retargeted": retargeted,
    "template": in_template,
    "plan": in_plan,
    "script": in_script,
    "terraform": in_terraform,
    "module": in_module,
}
"""Where a policy is, by name."""


def renamed(files: Files) -> Files:
    """The files of Terraform with other names, in the same folder; of others, the same."""
    return {name.replace("infra/main.tf", "infra/iam.tf"): text for name, text in files.items()} | {
        "notes.txt": "Nothing.\n"
    }


def hash_of(value: Any) -> int:  # noqa: ANN401 - whatever JSON can say
    """The same number for the same value in every run."""
    from zlib import crc32

    return crc32(json.dumps(value, sort_keys=True).encode())


def _escaped(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def _json(dice: Random, value: object) -> str:
    text = json.dumps(value, indent=dice.choice((None, 2, 4)), ensure_ascii=False)
    return dice.choice((text, f"{text}\n", text.replace("\n", "\r\n")))


def _yaml(dice: Random, value: object) -> str:
    return str(
        yaml.safe_dump(value, default_flow_style=dice.choice((None, False)), sort_keys=False)
    )
