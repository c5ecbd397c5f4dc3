"""What of a module may have access besides the resources of AWS."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.access_types import CLOUD_CONTROL, uses_of
from multitool_lint.deployments.embedded import policies_in, yaml_in
from multitool_lint.deployments.terraform.arguments import argument, makers_of, without_documents
from multitool_lint.formats.attaching_commands import attaching
from multitool_lint.syntax.terms import Guards, StatementValue, Unknown, Value
from multitool_lint.values.resource_types import policies_of
from multitool_lint.values.statements import statements_of
from multitool_lint.values.terraform import documents
from multitool_lint.values.terraform.definitions import children
from multitool_lint.values.terraform.evaluate import Evaluator
from multitool_lint.values.terraform.outside import (
    REPEATED,
    OutsideCall,
    is_of_another_cloud,
    outside_calls,
    typical_scope,
)
from multitool_lint.values.terraform.resources import instances_of, is_of_aws

if TYPE_CHECKING:
    from multitool_lint.deployments.owner import Provider
    from multitool_lint.syntax.hcl.expressions import Block
    from multitool_lint.values.terraform.module import Instance, Module

_DOCUMENT = ("data", "aws_iam_policy_document")
_MAY_HAVE_POLICY = ("tatement", "file")
_MAY_HAVE_COMMANDS = ("command", "user_data", "inline")
_MAPS = ("data", "manifest", "yaml_body")
"""What has a map of EKS in resources of several providers."""
_OF_A_CLUSTER = ("mapAccounts", "mapRoles", "mapUsers")
"""What a map of EKS has of those who may use a cluster."""
_NOT_GIVEN = frozenset({"depends_on", "providers"})


class Other(NamedTuple):
    """What has statements, or facts about access, as an owner of a kind has them.

    The `document` is a data source that nothing refers to; `providers` are what makes a module that
    is not in the tree, and `guards` say when it is there.
    """

    address: str
    kind: str
    statements: Sequence[StatementValue]
    facts: Mapping[str, Value] = {}
    document: Instance | None = None
    guards: Guards = ()
    providers: Collection[Provider] = ()


def others_of(module: Module) -> Iterator[Other]:
    """Documents that nothing refers to, modules that are not in the tree, and other providers."""
    yield from _unread_modules(module)
    yield from _of_other_providers(module)
    yield from _unused_documents(module)  # what the others are given uses some


def _unused_documents(module: Module) -> Iterator[Other]:
    for key, _, _ in list(module.of_type("data")):
        for instance in instances_of(module, key) if key[:2] == _DOCUMENT else ():
            if instance.address not in module.shared.used_documents:
                found = statements_of(documents.document(instance))
                statements = [statement.under(instance.guards) for statement in found]
                yield Other(instance.address, "document", statements, document=instance)


def _unread_modules(module: Module) -> Iterator[Other]:
    for key, block, path in module.of_type("module"):
        whole = children(module, key[1])
        if not isinstance(whole, Unknown) or _is_elsewhere(module, block, path, whole):
            continue
        calls = outside_calls(module, key[1], whole)
        is_known = calls is not None
        if calls is None:
            calls = [OutsideCall(whole, None, typical_scope(module, key[1]), ())]
        for call in calls:
            evaluator = Evaluator(module, path, call.scope)
            given = {
                name: without_documents(evaluator.evaluate(expression))
                for name, expression in block.body.attributes.items()
                if name not in _NOT_GIVEN and not (is_known and name in REPEATED)
            }
            guards = (*module.guards, *call.guards)
            statements = [one.under(guards) for _, found in given.values() for one in found]
            facts = {name: value for name, (value, _) in given.items()}
            makers = makers_of(module, block)
            yield Other(call.address, "module", statements, facts, None, guards, makers)


def _is_elsewhere(module: Module, block: Block, path: str, whole: Unknown) -> bool:
    """Whether a module makes nothing of AWS: one of another cloud that is given nothing of AWS."""
    text = module.shared.text(path) or ""
    return is_of_another_cloud(whole) and "aws" not in text[block.start : block.end].lower()


def _of_other_providers(module: Module) -> Iterator[Other]:
    """What decides about access in the texts of resources: policies, maps of EKS, commands."""
    for key, block, path in list(module.of_type("resource")):
        text = (module.shared.text(path) or "")[block.start : block.end]
        by_cloud_control = key[1].startswith(CLOUD_CONTROL)
        is_known = is_of_aws(key[1]) and bool(uses_of(key[1]) or policies_of(key[1]))
        if any(sign in text for sign in _MAY_HAVE_COMMANDS) and any(attaching(text)):
            yield from map(_with_values_of_commands, instances_of(module, key))
        if any(sign in text for sign in _OF_A_CLUSTER):
            yield from map(_of_cluster, instances_of(module, key))
        # Documents of a type of AWS Cloud Control are compared by their form, wherever they are.
        has_sign = any(sign in text for sign in _MAY_HAVE_POLICY)
        if not (by_cloud_control or (has_sign and not is_known)):
            continue
        for instance in instances_of(module, key):
            for name in block.body.attributes:
                for inner, value in policies_in(argument(instance, name), name):
                    found = [one.under(instance.guards) for one in statements_of(value)]
                    yield Other(f"{instance.address}/{inner}", "resource", found)


def _of_cluster(instance: Instance) -> Other:
    """The map of those who may use a cluster of EKS, as an argument or in a manifest."""
    found = {name: argument(instance, name) for name in _MAPS}
    manifests = found["yaml_body"]
    if isinstance(manifests, str):
        documents = (document for document in yaml_in(manifests) if isinstance(document, dict))
        found["yaml_body"] = [document.get("data") for document in documents]
    return Other(instance.address, instance.type, (), found)


def _with_values_of_commands(instance: Instance) -> Other:
    """What the commands in a resource that attach policies are given by expressions."""
    body, evaluator = instance.block.body, instance.evaluator
    text = instance.module.shared.text(instance.path) or ""
    inner = [(e, made.body) for e, made, _ in documents.blocks_in(evaluator, body)]
    parts = [
        each.evaluate(part)
        for each, some in ((evaluator, body), *inner)
        for expression in some.attributes.values()
        if expression.kind == "template" and any(attaching(text[expression.start : expression.end]))
        for part in expression.parts
        if part.kind != "literal"
    ]
    return Other(f"{instance.address}/commands", instance.type, (), {"given": parts})
