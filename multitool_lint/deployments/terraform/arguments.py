"""The arguments of resources, and what they are about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from multitool_lint.aws import arn
from multitool_lint.aws.access_types import CLOUD_CONTROL, harmless
from multitool_lint.deployments.addresses import whom
from multitool_lint.deployments.owner import Provider
from multitool_lint.policy.policy_type import ORGANIZATIONS, PolicyType
from multitool_lint.syntax.choices import cases, chosen_under
from multitool_lint.syntax.terms import (
    Document,
    Encoded,
    Guards,
    StatementValue,
    Unknown,
    Value,
    identity,
)
from multitool_lint.syntax.written import Origin
from multitool_lint.values.collections import item_if, items_in
from multitool_lint.values.required import given_in_choice
from multitool_lint.values.resource_types import policies_of
from multitool_lint.values.statements import statements_of
from multitool_lint.values.terraform import documents
from multitool_lint.values.terraform.module import Instance, providers_of, reference_of

if TYPE_CHECKING:
    from multitool_lint.syntax.hcl.expressions import Block, Body
    from multitool_lint.values.terraform.module import Module
    from multitool_lint.values.terraform.shared import Evaluates


_AWS = "aws"
_NOT_CONFIGURING = frozenset({"alias", "default_tags", "ignore_tags", "version"})
_STATEMENT = '"Statement"'
_ROLES = frozenset({"assume_role", "assume_role_with_web_identity"})


def argument(instance: Instance, name: str) -> Value:
    """What an argument comes to, or one in blocks or objects; None if it is not there."""
    if "." in name:
        return _below(instance, name)
    expression = instance.block.body.attributes.get(name)
    found = None if expression is None else instance.evaluator.evaluate(expression)
    return chosen_under(found, instance.guards)


def items_of(instance: Instance, name: str, *, is_required: bool) -> Iterator[tuple[Value, Guards]]:
    """The values of an argument that is a list, or a single value."""
    value = argument(instance, name)
    value = given_in_choice(value) if is_required else value
    for guards, found in cases(value):
        if isinstance(found, list):
            for _, item, more in items_in(found):
                yield item, (*guards, *more)
        elif found is not None:
            yield found, guards


def in_blocks(instance: Instance, path: str) -> Iterator[tuple[Value, Value, Guards]]:
    """The values of an argument in blocks, each with the argument `path` next to it."""
    *blocks, name = path.split(".")
    found: list[tuple[Evaluates, Body, Guards]] = [(instance.evaluator, instance.block.body, ())]
    for type_ in blocks:
        found = [
            (inner, block.body, guards)
            for evaluator, body, around in found
            for inner, block, guards in documents.blocks_in(evaluator, body, around)
            if block.type == type_
        ]
    for evaluator, body, guards in found if blocks else ():
        own, next_to_it = (
            evaluator.evaluate(body.attributes[key]) if key in body.attributes else None
            for key in (name, "path")
        )
        if own is not None:
            yield own, next_to_it, guards


def origin_of(instance: Instance, attribute: str) -> Origin:
    """Where an argument of a resource is written; the resource if it has none of the name."""
    part = instance.block.body.attributes.get(attribute) or instance.block
    return Origin(instance.path, part.start, part.end)


def first_origin(value: object) -> Origin | None:
    """Where the first text of a value is written that is written in a file."""
    if isinstance(value, (Mapping, list)):
        items = value.values() if isinstance(value, Mapping) else value
        return next(filter(None, map(first_origin, items)), None)
    return getattr(value, "origin", None)


def is_of_another_language(instance: Instance, type_: PolicyType) -> bool:
    """Whether a policy of AWS Organizations is one for backups or tags, say."""
    kind = argument(instance, "type") if type_ is PolicyType.SCP else None
    return isinstance(kind, str) and kind not in ORGANIZATIONS


def provider_of(instance: Instance) -> str:
    """The provider of an instance, as the root module names it."""
    name = reference_of(instance.block.body.attributes.get("provider")) or _AWS
    return instance.module.provider(name)


def maker_of(instance: Instance) -> Provider:
    """The provider of an instance, and whom it acts as: a profile, or roles of some account."""
    return _maker(instance.module.root, provider_of(instance))


def makers_of(module: Module, call: Block) -> list[Provider]:
    """The providers of AWS that make what a call of a module makes."""
    given = providers_of(call) or {_AWS: _AWS}
    names = [module.provider(name) for name in given.values()]
    return [_maker(module.root, name) for name in names if name.split(".")[0] == _AWS]


def _maker(root: Module, name: str) -> Provider:
    block, path = root.blocks.get(("provider", *name.split(".")), (None, ""))
    if block is None:
        return Provider(name)
    evaluator = root.evaluator(path)
    given = [
        _account(inner.evaluate(made.body.attributes["role_arn"]))
        for inner, made, _ in documents.blocks_in(evaluator, block.body)
        if made.type in _ROLES and "role_arn" in made.body.attributes
    ]
    if "profile" in block.body.attributes:
        given.append(evaluator.evaluate(block.body.attributes["profile"]))
    configuration = identity(_configured(evaluator, block.body))
    return Provider(name, identity(given) if given else "", configuration)


def _configured(evaluator: Evaluates, body: Body) -> Value:
    """The arguments and blocks of a provider, but for its name and tags."""
    given = {
        name: evaluator.evaluate(expression)
        for name, expression in body.attributes.items()
        if name not in _NOT_CONFIGURING
    }
    inner = [
        [made.type, _configured(evaluator, made.body)]
        for made in body.blocks
        if made.type not in _NOT_CONFIGURING
    ]
    return [given, inner]


def _account(role: Value) -> Value:
    """The account of a role, by its ARN; the role if that is not known."""
    found = arn.fields(role) if isinstance(role, str) else None
    return found.account if found and arn.is_account_id(found.account) else role


def without_documents(value: Value) -> tuple[Value, list[StatementValue]]:
    """An argument without the policies in it, and their statements."""
    if isinstance(value, (Document, Encoded)) or (isinstance(value, str) and _STATEMENT in value):
        found = statements_of(value)
        if all(statement.unknown is None for statement in found):
            return "", found
        return value, []
    if isinstance(value, list):
        parts = [without_documents(item) for item in value]
        return [part for part, _ in parts], [s for _, found in parts for s in found]
    if isinstance(value, dict):
        made = {key: without_documents(item) for key, item in value.items()}
        inner = [s for _, found in made.values() for s in found]
        return {key: part for key, (part, _) in made.items()}, inner
    return value, []


def names_of(instance: Instance) -> list[str]:
    """The names of the arguments of a resource, but for its policies."""
    policies = {attribute for attribute, _ in policies_of(instance.type)}
    return [name for name in instance.block.body.attributes if name not in policies]


def facts_of(
    instance: Instance,
    names: Iterable[str],
    blocks: Collection[str],
    apart: Collection[str] = (),
) -> dict[str, Value]:
    """Some arguments of a resource, and those of its blocks, or some of these, without labels."""
    given = {name: argument(instance, name) for name in names if name not in harmless()}
    if instance.type.startswith(CLOUD_CONTROL):
        given = {name: without_documents(value)[0] for name, value in given.items()}
    facts = {name: whom(value) for name, value in given.items()}
    others = {*harmless(), *apart}
    for name, value in _in_blocks(instance.evaluator, instance.block.body):
        type_ = name.partition("[")[0]
        if type_ in blocks if blocks else type_ not in others:
            facts[name] = value
    return facts


def blocked_by(instance: Instance, names: Iterable[str]) -> dict[str, Value]:
    """The arguments and blocks that take access away; a name may have values that do not."""
    found: dict[str, Value] = {}
    for name, _, others in (part.partition("=") for part in names):
        value = argument(instance, name)
        if value is None:
            inner = facts_of(instance, (), [name])
            value = {**inner} if inner else None
        found[name] = None if value in others.split(",") else value
    return found


def _below(instance: Instance, path: str) -> Value:
    """An argument in blocks, or a member of an argument that is an object; None for none."""
    first, *steps = path.split(".")
    if first in instance.block.body.attributes:
        value = argument(instance, first)
        for step in steps if value is not None else ():
            value = value.get(step) if isinstance(value, dict) else Unknown("get", value, step)
        return value
    found = [item_if(own, more) if more else own for own, _, more in in_blocks(instance, path)]
    return found[0] if len(found) == 1 else found or None


def _in_blocks(evaluator: Evaluates, body: Body, around: str = "") -> Iterator[tuple[str, Value]]:
    """The arguments in the blocks of a body, and in those in them, by names of their own."""
    numbers: Counter[str] = Counter()
    for inner, block, guards in documents.blocks_in(evaluator, body):
        place = f"{around}{block.type}[{numbers[block.type]}]."
        numbers[block.type] += 1
        for name, expression in block.body.attributes.items():
            if name not in harmless():
                value = inner.evaluate(expression)
                yield f"{place}{name}", item_if(value, guards) if guards else value
        yield from _in_blocks(inner, block.body, place)
