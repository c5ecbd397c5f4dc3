"""What a Terraform module publishes for others: outputs in its state, and parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from multitool_lint.deployments.published import (
    LOCAL,
    PARAMETER,
    PATH,
    STATE_FILE,
    PublishedValue,
    output,
)
from multitool_lint.deployments.terraform.arguments import argument
from multitool_lint.values.terraform import definitions
from multitool_lint.values.terraform.resources import instances_of

if TYPE_CHECKING:
    from multitool_lint.syntax.terms import Value
    from multitool_lint.values.terraform.module import Module

_PARAMETERS = "aws_ssm_parameter"
_VALUES = ("value", "insecure_value")


def published_by(modules: Sequence[Module]) -> Iterator[tuple[PublishedValue, Value]]:
    """What a module, the first one, and those that it calls publish, and what that comes to."""
    root = modules[0]
    backend, arguments = _state_of(root)
    for key, _, _ in root.of_type("output"):
        yield output(key[1], backend, arguments), definitions.output(root, key[1])
    for module in modules:
        for key, _, _ in module.of_type("resource"):
            for instance in instances_of(module, key) if key[1] == _PARAMETERS else ():
                name = argument(instance, "name")
                value = next(filter(None, (argument(instance, one) for one in _VALUES)), None)
                if isinstance(name, str):
                    yield PublishedValue(PARAMETER, name), value


def _state_of(root: Module) -> tuple[str, dict[str, Value]]:
    """The backend of a module, and what is known of its state."""
    block, path = root.backend or (None, "")
    attributes = block.body.attributes if block else {}
    evaluator = root.evaluator(path)
    found = {name: evaluator.evaluate(expression) for name, expression in attributes.items()}
    backend = block.labels[0] if block and block.labels else LOCAL
    if backend == LOCAL:
        name = found.get(PATH) or STATE_FILE
        found[PATH] = root.shared.path_of(name, root.folder) if isinstance(name, str) else name
    return backend, found
