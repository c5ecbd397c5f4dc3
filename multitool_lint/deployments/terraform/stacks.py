"""Stacks of CloudFormation that a Terraform module makes by a template in an argument."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from multitool_lint.deployments.cloudformation.access import TemplateDeployment
from multitool_lint.deployments.cloudformation.resources import Nesting, Part, roots_of
from multitool_lint.deployments.owner import ELSEWHERE, Owner
from multitool_lint.deployments.terraform.arguments import argument
from multitool_lint.syntax.terms import Encoded, Text, Value, identity
from multitool_lint.values.json_texts import parse_json

if TYPE_CHECKING:
    from multitool_lint.values.terraform.module import Instance
    from multitool_lint.values.terraform.shared import Shared

_TYPES = frozenset({"aws_cloudformation_stack", "aws_cloudformation_stack_set"})
_BODY, _GIVEN = "template_body", "parameters"
_OF_TEMPLATE = frozenset(
    {_BODY, _GIVEN, "capabilities", "disable_rollback", "on_failure", "timeout_in_minutes"}
)
"""The arguments of a stack that say nothing else than its template, which is read."""
_BRACE = "{"
_TERM = "Term"


class StackDeployment(TemplateDeployment):
    """What the template of a stack deploys, with what Terraform fills in as its parameters."""

    def __init__(self, shared: Shared, instance: Instance, part: Part, body: str) -> None:
        self._read_part, self._body = part, body
        self._prefix = f"{instance.address}."
        super().__init__(shared.tree, instance.path)

    def _parts_of(self, path: str, text: str) -> Sequence[Part]:
        del path, text  # the template is a part of the file
        return [self._read_part]

    def _add_commands(self, text: str) -> None:
        del text  # those in the rest of the file are not those of the template
        super()._add_commands(self._body)

    def add_to(self, owners: dict[str, Owner]) -> None:
        """Add the owners to those of a module, by addresses in this."""
        for address, owner in self.owners.items():
            if not address.startswith((self._prefix, *ELSEWHERE)):
                owner.address = f"{self._prefix}{address}"
                owner.title = f"{self._prefix}{owner.title}"
            known = owners.setdefault(owner.address, owner)
            if known is not owner:  # what is made elsewhere, and both give policies
                known.statements += owner.statements
                known.attached += owner.attached
                known.boundary = owner.boundary if known.boundary is None else known.boundary


def add_stack(shared: Shared, instance: Instance, owners: dict[str, Owner]) -> frozenset[str]:
    """The arguments of a stack whose template is read, of which the owners are added to others.

    None of another resource, and of a template that cannot be read.

    Raises:
        TooMuchError: it takes more work than any real one.
    """
    body = argument(instance, _BODY) if instance.type in _TYPES else None
    parameters = argument(instance, _GIVEN)
    if body is None or not (parameters is None or isinstance(parameters, dict)):
        return frozenset()
    terms: dict[str, Value] = {str(key): value for key, value in (parameters or {}).items()}
    text = _text(body, terms)
    path = "template.json" if text.lstrip().startswith(_BRACE) else "template.yaml"
    for root in roots_of(path, text):
        nesting = Nesting(instance.path, terms, f"{instance.address}.", instance.guards)
        part = Part(shared, root, text, nesting)
        StackDeployment(shared, instance, part, text).add_to(owners)
        return _OF_TEMPLATE
    return frozenset()


def _text(body: Value, terms: dict[str, Value]) -> str:
    """The text of a template; what is not known of it are references to `terms`."""
    if isinstance(body, str):
        return body
    value = parse_json(body) if isinstance(body, Text) else body
    value = value.value if isinstance(value, Encoded) else value
    return json.dumps(_known(value, terms)) if isinstance(value, dict) else ""


def _known(value: Value, terms: dict[str, Value]) -> object:
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _known(item, terms) for key, item in value.items()}
    if isinstance(value, list):
        return [_known(item, terms) for item in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    name = f"{_TERM}{identity(value)}"
    terms[name] = value
    return {"Ref": name}
