"""Stacks of templates that other tools deploy: tasks of org-formation, configurations of Sceptre.

https://github.com/org-formation/org-formation-cli/blob/master/docs/task-files.md
https://docs.sceptre-project.org/latest/docs/stack_config.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.formats.canonical import string
from multitool_lint.syntax.tree import Array, Node, Object

if TYPE_CHECKING:
    from multitool_lint.syntax.terms import Value

STACKS = "update-stacks"
"""The type of a task of org-formation that deploys a template."""
OF_SCEPTRE = ("template:", "template_path:")
"""What a configuration of a stack has one of."""
_CALLED = ("Template", "OrganizationBindings", "DefaultOrganizationBinding")
"""What decides what such a task deploys, and in which accounts."""
_GIVEN = ("Parameters", "TemplatingContext")
"""What it gives the template, or the engine that makes the template."""
_GIVEN_BY_SCEPTRE = ("parameters", "sceptre_user_data")
_IN_TREE = ("file", "")
_ADDRESS = "://"


class Stack(NamedTuple):
    """What decides about a stack, by names; its template may be elsewhere."""

    given: dict[str, Value]
    is_elsewhere: bool


def stack_of(node: Node) -> Stack | None:
    """The stack that an object configures; None for any other object."""
    if string(node.get("Type")) == STACKS:
        is_elsewhere = _ADDRESS in str(value_of(node.get("Template")))
        called = _CALLED if is_elsewhere else ()
        given = {name: value_of(node.get(name)) for name in called if node.get(name)}
        return Stack(given | _values(node, _GIVEN), is_elsewhere)
    template = node.get("template")
    if not (node.get("template_path") or (template and _is_of_sceptre(template))):
        return None
    hooks = str(value_of(node.get("hooks")))
    type_ = string(template.get("type")) if template else ""
    is_elsewhere = type_ not in _IN_TREE or _ADDRESS in hooks
    called_ = {"Template": [value_of(template), hooks]} if is_elsewhere else {}
    return Stack(called_ | _values(node, _GIVEN_BY_SCEPTRE), is_elsewhere)


def _is_of_sceptre(template: Node) -> bool:
    """Whether an object says where a template is, and not what pods have."""
    keys = {member.key for member in template.fields()}
    return keys <= {"type", "path", "url", "format"} and not keys.isdisjoint({"path", "url"})


def _values(node: Node, sections: tuple[str, ...]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for section in sections:
        values = value_of(node.get(section))
        inner = values if isinstance(values, dict) else {"all": values}
        found.update((f"{section}/{name}", value) for name, value in inner.items())
    return found


def value_of(node: Node | None) -> Value:
    """A value of JSON or YAML."""
    if node is None:
        return None
    if isinstance(node.value, Object):
        return {member.key: value_of(member.value) for member in node.fields()}
    if isinstance(node.value, Array):
        return [value_of(item) for item in node.items()]
    is_plain = node.value is None or isinstance(node.value, (str, bool, int, float))
    return node.value if is_plain else str(node.value)
