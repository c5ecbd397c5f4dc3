"""Families of what is read of the values of a policy and of the names around it."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from .family import Family, filled, word
from .policies import allow

if TYPE_CHECKING:
    from collections.abc import Callable

    Text = Callable[[int], str]

ARN = "arn:aws:s3:::"
PLACEHOLDERS = {
    "angles": "<",
    "closed angles": "<A>",
    "angles of digits": "<1",
    "braces": "{a",
    "braces after braces": "{a{",
    "braces of Ruby": "#{a",
    "brackets": "[A",
    "brackets of words": "[A -",
    "percents": "%(a",
    "underscores": "_A",
    "double underscores": "__A",
    "ats": "@A",
    "dollars": "$A",
    "dollars of shells": "$(a",
    "Xs": "XXX",
    "digits and dashes": "1-",
    "dates": "YYYY-",
    "capitals": "A_",
    "words of yours": "your-",
    "regions": "REGION.",
}
"""Pieces of what a sample has where a value is to be filled in."""

PLACES: dict[str, Callable[[str], dict[str, Any]]] = {
    "Resource": lambda text: allow(Resource=text),
    "Principal": lambda text: allow(Principal={"AWS": text}),
    "Sid": lambda text: allow(Sid=text),
    "condition key": lambda text: allow(Condition={"StringLike": {f"{text}:sub": "a"}}),
    "condition value": lambda text: allow(Condition={"StringLike": {"aws:SourceArn": text}}),
}

ESCAPES = {
    "letters": r"\u0041",
    "signs": r"\u0000",
    "backslashes": "\\\\",
    "backslashes before letters": r"\\\\u0041",
    "percents": "%41",
    "percents of signs": "%25",
    "quotes": r"\"",
}
"""Escapes that JSON has as well as YAML and HCL."""

POLICY_WORDS = ("scp", "scp-deploy ", "ScpScp", "SCPs", "1", "trust_policy ", "permissions")


def _policy(**elements: Any) -> str:  # noqa: ANN401 - values of JSON
    return json.dumps({"Version": "2012-10-17", **elements})


def _in_place(place: Callable[[str], dict[str, Any]], piece: str, prefix: str, size: int) -> str:
    return _policy(Statement=[place(prefix + piece * (size // len(piece)))])


def _fenced(text: Text, size: int) -> str:
    return f"```json\n{text(size)}\n```\n"


def _escaped(piece: str, size: int) -> str:
    return _policy(Statement=[allow(Resource=f"{ARN}@")]).replace("@", piece * (size // len(piece)))


SAMPLES: dict[str, Text] = {
    f"{name} in {place}": partial(_in_place, made, piece, "")
    for name, piece in PLACEHOLDERS.items()
    for place, made in PLACES.items()
    if place in ("Resource", "condition key")
    or name in ("angles", "braces", "underscores", "digits and dashes", "regions")
}
SAMPLES |= {
    f"{name} in an ARN": partial(_in_place, PLACES["Resource"], piece, ARN)
    for name, piece in PLACEHOLDERS.items()
}
SAMPLES["many placeholders"] = lambda size: _policy(
    Statement=[
        allow(Resource=json.loads(f"[{filled(size, lambda n: json.dumps(f'{ARN}<{word(n)}>'))}]"))
    ]
)

STATEMENT = '{ Effect = "Allow", Action = "s3:GetObject", Resource = "%s" }'
DOCUMENT = f'jsonencode({{ Version = "2012-10-17", Statement = [{STATEMENT}] }})'
BLOCK = '  statement {\n    actions = ["s3:GetObject"]\n    resources = ["*"]\n  }\n'


def _data(name: str, *lines: str) -> str:
    body = "".join(f"  {line}\n" for line in lines)
    return f'data "aws_iam_policy_document" "{name}" {{\n{body}{BLOCK}}}\n'


def _merged(size: int, attribute: str, document: Callable[[int], str]) -> str:
    return _data("p", f"{attribute} = [{filled(size, document)}]")


def _twice(size: int) -> str:
    """Each data source merges the one before twice."""

    def source(number: int) -> str:
        before = f"data.aws_iam_policy_document.a{number - 1}.json"
        lines = [f"source_policy_documents = [{before}, {before}]"] if number else []
        return _data(f"a{number}", *lines)

    return filled(size, source, "")


def _used_often(size: int) -> str:
    """One large document, which many data sources merge."""
    large = DOCUMENT % "*"
    large = large.replace(STATEMENT % "*", filled(size // 2, lambda n: STATEMENT % word(n)))
    line = "source_policy_documents = [local.a]"
    return f"locals {{\n  a = {large}\n}}\n" + filled(size // 2, lambda n: _data(word(n), line), "")


def _attached(value: str) -> str:
    return f'resource "aws_iam_policy" "p" {{\n  policy = {value}\n}}\n'


def _nest(before: str, after: str) -> Text:
    def text(size: int) -> str:
        depth = size // len(before + after)
        return _attached(before * depth + DOCUMENT % "*" + after * depth)

    return text


def _choices(choice: Callable[[str], str]) -> Text:
    return lambda size: _attached(f"[{filled(size, lambda n: choice(DOCUMENT % word(n)))}]")


TERRAFORM: dict[str, Text] = {
    "source documents": lambda size: _merged(
        size, "source_policy_documents", lambda n: DOCUMENT % word(n)
    ),
    "override documents": lambda size: _merged(
        size, "override_policy_documents", lambda n: DOCUMENT % word(n)
    ),
    "documents with equal Sids": lambda size: _merged(
        size,
        "override_policy_documents",
        lambda n: DOCUMENT.replace("Effect", 'Sid = "A", Effect') % word(n),
    ),
    "documents in files": lambda size: _merged(
        size, "source_policy_documents", lambda n: f'file("{word(n)}.json")'
    ),
    "documents in heredocs": lambda size: _merged(
        size,
        "source_policy_documents",
        lambda n: f"<<EOT\n{_policy(Statement=[allow(Sid=word(n))])}\nEOT\n",
    ),
    "documents merged twice": _twice,
    "a document that many merge": _used_often,
    "documents in conditionals": _nest("var.a ? null : ", ""),
    "documents in conditionals in parentheses": _nest("var.a ? null : (", ")"),
    "documents in try": _nest("try(null, ", ")"),
    "documents in lists": _nest("[", "]"),
    "documents in interpolations": _nest('"${', '}"'),
    "documents in parentheses": _nest("(", ")"),
    "conditional documents": _choices(lambda document: f"var.a ? {document} : null"),
    "documents of try": _choices(lambda document: f"try(null, {document})"),
    "documents of merge": _choices(
        lambda document: document.replace("jsonencode({", "jsonencode(merge({}, {") + ")"
    ),
    "documents of lookup": _choices(lambda document: f'lookup(var.a, "b", {document})'),
    "documents of for": _choices(lambda document: f"[for x in var.a : {document}]"),
}


def _escaped_in_terraform(piece: str, size: int) -> str:
    return _attached(DOCUMENT % (piece * (size // len(piece))))


def _with_id(piece: str, size: int) -> str:
    return _policy(Id=piece * (size // len(piece)), Statement=[allow()])


FAMILIES = {
    **{f"placeholders: {name}": Family("policy.json", text) for name, text in SAMPLES.items()},
    **{
        f"placeholders in prose: {name}": Family("page.md", partial(_fenced, text))
        for name, text in SAMPLES.items()
    },
    **{
        f"escapes in {format_}: {name}": Family(path, partial(_escaped, piece))
        for format_, path in (("JSON", "policy.json"), ("YAML", "policy.yaml"))
        for name, piece in ESCAPES.items()
    },
    **{
        f"escapes in Terraform: {name}": Family("main.tf", partial(_escaped_in_terraform, piece))
        for name, piece in ESCAPES.items()
    },
    **{
        f"escapes of Markdown: {name}": Family(
            "page.md", partial(_fenced, partial(_escaped, piece))
        )
        for name, piece in ESCAPES.items()
    },
    "escapes in YAML: line breaks": Family("policy.yaml", partial(_escaped, "\\\n  a")),
    **{
        f"names: an Id of {piece!r}": Family("policy.json", partial(_with_id, piece))
        for piece in POLICY_WORDS
    },
    "names: of resources": Family(
        "main.tf",
        lambda size: filled(
            size, lambda n: _attached(DOCUMENT % "*").replace('"p"', f'"scp_{word(n)}"'), ""
        ),
    ),
    **{f"TF documents: {name}": Family("main.tf", text) for name, text in TERRAFORM.items()},
}
