"""Calls of modules that are not in the tree: of each, only the arguments are known."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.syntax.terms import Guards, Rest, Unknown, Value
from multitool_lint.syntax.texts import as_text
from multitool_lint.values.collections import instances, keyed
from multitool_lint.values.steps import Step, after

if TYPE_CHECKING:
    from multitool_lint.values.terraform.module import Module
    from multitool_lint.values.terraform.shared import Scope

OUTSIDE = "module"
"""The operator of a term that is such a module, with its address and source."""
REPEATED = frozenset({"count", "for_each"})
"""The arguments of a call that say how often it is there."""

_CLOUDS = (
    "(?:alicloud|azapi|azuread|azurerm|digitalocean|google(?:-beta)?|hcloud|huaweicloud|ibm|linode"
    "|oci|openstack|ovh|scaleway|tencentcloud|vsphere|vultr|yandex)"
)
_OF_ANOTHER_CLOUD = re.compile(
    rf"(?:tfr://)?(?!\.)(?:[\w.-]*/)?[\w-]+/[\w-]+/{_CLOUDS}(?:[/?].*)?"
    rf"|(?:.*[/:])?terraform-{_CLOUDS}-[\w.-]+(?:[/?].*)?"
)
"""The sources of modules that are called by a provider other than AWS, as all of a registry are.

https://developer.hashicorp.com/terraform/registry/modules/publish#requirements
"""


class OutsideCall(NamedTuple):
    """A call for one key of its `count` or `for_each`, and when it is there."""

    term: Unknown
    key: Value
    scope: Scope
    guards: Guards

    @property
    def address(self) -> str:
        """The address by which others know it."""
        return str(self.term.arguments[0])


def is_of_another_cloud(whole: Unknown) -> bool:
    """Whether a module that is not in the tree is one of another cloud than AWS."""
    source = whole.arguments[1] if whole.operator == OUTSIDE else None
    return isinstance(source, str) and _OF_ANOTHER_CLOUD.fullmatch(source) is not None


def outside_calls(module: Module, name: str, whole: Unknown) -> list[OutsideCall] | None:
    """The instances of a call, which is known as a `whole`; None if their keys are not known."""
    if whole.operator != OUTSIDE:
        return None
    if name not in module.outside:
        module.outside[name] = None  # a cycle
        module.outside[name] = _outside_calls(module, name, whole)
    return module.outside[name]


def _outside_calls(module: Module, name: str, whole: Unknown) -> list[OutsideCall] | None:
    address, *of = whole.arguments
    block, path = module.blocks[OUTSIDE, name]
    found = []
    for at, scope, guards in instances(module.evaluator(path), block.body):
        key = _key(scope)
        if isinstance(key, Unknown):
            return None
        term = Unknown(OUTSIDE, module.shared.address(f"{address}{at}"), *of)
        found.append(OutsideCall(term, key, scope, guards))
    return found


def typical_scope(module: Module, name: str) -> Scope:
    """What `each` and `count` are in any instance of a call whose keys are not known."""
    block, path = module.blocks[OUTSIDE, name]
    found = [scope for _, scope, _ in instances(module.evaluator(path), block.body)]
    return found[0] if len(found) == 1 else {}


def part_of(module: Module, name: str, whole: Unknown, steps: Sequence[Step]) -> Value:
    """What a reference to a call comes to."""
    found = outside_calls(module, name, whole)
    if found is None and not steps:
        each = typical_scope(module, name).get("each")
        key = each["key"] if isinstance(each, dict) else None
        return whole if key is None else {key: Unknown("get", whole, key)}
    if not (found and found[0].scope):
        return after(whole, steps)
    if not steps and "each" in found[0].scope:
        return keyed((call.key, call.term, call.guards) for call in found)
    if not steps:
        return [_item(call) for call in found]
    wanted = as_text(steps[0].value)
    for call in found if steps[0].is_index else ():
        if not isinstance(wanted, Unknown) and as_text(call.key) == wanted:
            return after(call.term, steps[1:])
    return after(whole, steps)


def items_of_call(module: Module, name: str, whole: Unknown) -> list[Value] | None:
    """The instances of a call as a list; None if their number is not known."""
    found = outside_calls(module, name, whole)
    if found is None:
        return None
    return [*map(_item, found)]


def _item(call: OutsideCall) -> Value:
    return Rest(call.term, call.guards) if call.guards else call.term


def _key(scope: Scope) -> Value:
    """The key of an instance; one that is not known is a term."""
    found = next(iter(scope.values()), {})
    key = next(iter(found.values()), None) if isinstance(found, dict) else None
    return key if key is None or isinstance(key, (str, int)) else Unknown("key", key)
