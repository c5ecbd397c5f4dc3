"""Policies where none is known to be, by their form, also in texts of JSON and YAML."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.formats.quick_tests import may_be_policy, may_be_text_with_policies
from multitool_lint.syntax.terms import Text, Unknown, Value, identity

_WORD = "tatement"
"""What a text has that says what is allowed in a policy."""


def policies_in(value: Value, path: str) -> Iterator[tuple[str, Value]]:
    """What has the form of a policy in a value, and its path there.

    A text that seems to have one, and is neither JSON nor YAML, is returned as a whole.
    """
    if isinstance(value, dict):
        if "Statement" in value and _has_effect(value["Statement"]):
            yield path, value
            return
        for key, item in value.items():
            yield from policies_in(item, f"{path}/{key if isinstance(key, str) else identity(key)}")
    elif isinstance(value, list) or (isinstance(value, Unknown) and value.operator == "if"):
        items = value if isinstance(value, list) else value.arguments[1:]
        for number, item in enumerate(items):
            yield from policies_in(item, f"{path}/{number}")
    elif isinstance(value, (str, Text)):
        parts = value.parts if isinstance(value, Text) else (value,)
        text = "".join(part for part in parts if isinstance(part, str))
        if _WORD in text and (may_be_text_with_policies(text) or may_be_policy(text)):
            yield from _in_text(value, path)


def _in_text(value: str | Text, path: str) -> Iterator[tuple[str, Value]]:
    documents = _yaml(value) if isinstance(value, str) and value.lstrip()[:1] != "{" else []
    found = [*policies_in(documents, path)] if documents else []
    yield from found or [(path, value)]


def _yaml(text: str) -> list[Value]:
    """The documents of a text of YAML with objects or lists; none of any other text."""
    import yaml  # few deployments have such texts

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        documents = [*yaml.load_all(str(text), Loader=loader)]
    except (yaml.YAMLError, RecursionError):
        return []
    return [document for document in documents if isinstance(document, (dict, list))]


def _has_effect(value: Value) -> bool:
    items = value if isinstance(value, list) else [value]
    return any(isinstance(item, dict) and "Effect" in item for item in items)
