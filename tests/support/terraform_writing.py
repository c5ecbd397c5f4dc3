"""JSON policies written in Terraform's language: what tests compare."""

from __future__ import annotations

import json
from typing import Any
from zlib import crc32

from multitool_lint.syntax.placeholders import has_placeholder

LISTS = {
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}
PRINCIPALS = {"Principal": "principals", "NotPrincipal": "not_principals"}


def quoted(text: str) -> str:
    """A string of Terraform's language; what a template fills in, decided by a variable."""
    if has_placeholder(text):
        rest = text.rpartition("}}")[2] if text.startswith("{{") else ""
        if text.endswith(("/*", ":sub", ":aud")):
            rest = text[text.rfind("}") + 1 :]
        return f'"${{var.v{crc32(text.encode())}}}{rest}"'
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def expression(value: Any, indent: str = "  ") -> str:  # noqa: ANN401 - whatever JSON can say
    """A value, its members one below the other without commas."""
    inner = indent + "  "
    if isinstance(value, dict):
        lines = (
            f"{inner}{key if key.isidentifier() else quoted(key)} = {expression(item, inner)}\n"
            for key, item in value.items()
        )
        return f"{{\n{''.join(lines)}{indent}}}"
    if isinstance(value, list):
        return f"[{', '.join(expression(item, inner) for item in value)}]"
    return quoted(value) if isinstance(value, str) else json.dumps(value)


def encoded(value: Any) -> str:  # noqa: ANN401 - as above
    """A local value that is a policy by `jsonencode`."""
    return f"locals {{\n  policy = jsonencode({expression(value)})\n}}\n"


def heredoc(text: str) -> str:
    """A local value that is a policy as its JSON is there."""
    value = json.loads(text)
    as_json = json.dumps(value, indent=2, ensure_ascii=False)
    for string in sorted(strings(value), key=len, reverse=True):
        if has_placeholder(string):
            as_json = as_json.replace(json.dumps(string, ensure_ascii=False), quoted(string))
    escaped = as_json.replace("${", "$${").replace("%{", "%%{").replace("$${var.v", "${var.v")
    return f"locals {{\n  policy = <<-EOF\n{escaped.rstrip()}\n  EOF\n}}\n"


def strings(value: Any) -> set[str]:  # noqa: ANN401 - as above
    """All strings in a value, keys among them."""
    if isinstance(value, dict | list):
        inner = [*value, *value.values()] if isinstance(value, dict) else value
        return set().union(*map(strings, inner))
    return {value} if isinstance(value, str) else set()


def normal(document: Any) -> dict[str, Any] | None:  # noqa: ANN401 - as above
    """The document as the provider of AWS writes it, lists for single values; None if it cannot."""
    if not isinstance(document, dict) or set(document) - {"Version", "Id", "Statement"}:
        return None
    if document.get("Version", "2012-10-17") not in ("2012-10-17", "2008-10-17"):
        return None
    statements = document.get("Statement")
    statements = statements if isinstance(statements, list) else [statements]
    made = [_statement(statement) for statement in statements]
    if not made or None in made:
        return None
    result: dict[str, Any] = {"Version": document.get("Version", "2012-10-17")}
    if "Id" in document:
        result["Id"] = document["Id"]
    return {**result, "Statement": made}


def _statement(statement: Any) -> dict[str, Any] | None:  # noqa: ANN401, C901, PLR0911
    known = {"Sid", "Effect", "Condition", *LISTS, *PRINCIPALS}
    if not isinstance(statement, dict) or set(statement) - known or "Effect" not in statement:
        return None
    if any(not isinstance(statement.get(key, ""), str) for key in ("Sid", "Effect")):
        return None
    made = {key: statement[key] for key in ("Sid", "Effect") if statement.get(key)}
    for key in PRINCIPALS:
        if key in statement:
            value = statement[key]
            if isinstance(value, dict) and value:
                value = {name: _listed(values) for name, values in value.items()}
                if any(values is None for values in value.values()):
                    return None
            elif value != "*":
                return None
            made[key] = value
    for key in LISTS:
        if key in statement:
            values = _listed(statement[key])
            if not values:
                return None
            made[key] = values
    if "Condition" in statement:
        conditions = _conditions(statement["Condition"])
        if conditions is None:
            return None
        made["Condition"] = conditions
    return made


def _conditions(value: Any) -> dict[str, Any] | None:  # noqa: ANN401 - as above
    if not isinstance(value, dict) or not value:
        return None
    made: dict[str, Any] = {}
    for operator, keys in value.items():
        if not isinstance(keys, dict) or not keys:
            return None
        for key, values in keys.items():
            listed = _listed(values)
            if listed is None:
                return None
            made.setdefault(operator, {})[key] = listed[0] if len(listed) == 1 else listed
    return made


def _listed(value: Any) -> list[str] | None:  # noqa: ANN401 - as above
    values = value if isinstance(value, list) else [value]
    return values if all(isinstance(string, str) for string in values) else None


def data_source(document: dict[str, Any]) -> str:
    """A data source that makes a document in its normal form."""
    lines = ['data "aws_iam_policy_document" "this" {', f'  version = "{document["Version"]}"']
    if "Id" in document:
        lines.append(f"  policy_id = {quoted(document['Id'])}")
    for statement in document["Statement"]:
        lines += ["  statement {", *(f"    {line}" for line in _block(statement)), "  }"]
    return "\n".join([*lines, "}", ""])


def _block(statement: dict[str, Any]) -> list[str]:
    lines = []
    for key, value in statement.items():
        if key in ("Sid", "Effect"):
            lines.append(f"{key.lower()} = {quoted(value)}")
        elif key in LISTS:
            lines += [f"{LISTS[key]} = [", *(f"  {quoted(item)}," for item in value), "]"]
        elif key in PRINCIPALS:
            for type_, names in ({"*": ["*"]} if value == "*" else value).items():
                lines += _nested(PRINCIPALS[key], type=type_, identifiers=names)
        else:
            for operator, keys in value.items():
                for name, values in keys.items():
                    listed = values if isinstance(values, list) else [values]
                    lines += _nested("condition", test=operator, variable=name, values=listed)
    return lines


def _nested(name: str, **attributes: Any) -> list[str]:  # noqa: ANN401 - as above
    # The way of the provider to write a variable of IAM.
    inner = [
        f"  {key} = {expression(value).replace('$${', '&{')}" for key, value in attributes.items()
    ]
    return [f"{name} {{", *inner, "}"]


def module_argument(document: dict[str, Any]) -> str:
    """An argument of a module with the statements of a document in its normal form."""
    statements = [f"{{ {', '.join(_members(statement))} }}" for statement in document["Statement"]]
    return (
        f'module "this" {{\n  statements = [\n    {f",{chr(10)}    ".join(statements)}\n  ]\n}}\n'
    )


def _members(statement: dict[str, Any]) -> list[str]:
    members = []
    for key, value in statement.items():
        if key in PRINCIPALS:
            blocks = [
                {"type": type_, "identifiers": names}
                for type_, names in ({"*": ["*"]} if value == "*" else value).items()
            ]
            members.append((PRINCIPALS[key], blocks))
        elif key == "Condition":
            blocks = [
                {
                    "test": operator,
                    "variable": name,
                    "values": values if isinstance(values, list) else [values],
                }
                for operator, keys in value.items()
                for name, values in keys.items()
            ]
            members.append(("condition", blocks))
        else:
            members.append((LISTS.get(key, key.lower()), value))
    return [f"{key} = {expression(value)}" for key, value in members]
