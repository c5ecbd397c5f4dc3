"""What a block has as a whole, by which what it finds or makes is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multitool_lint.syntax.hcl.expressions import Block
    from multitool_lint.syntax.terms import Value
    from multitool_lint.values.terraform.shared import Evaluates

_NOT_OF_DATA = frozenset({"count", "depends_on", "for_each", "provider", "with_decryption"})
_WHO_READS = frozenset(
    {
        *("access_key", "assume_role", "dynamodb_table", "encrypt", "external_id", "kms_key_id"),
        *("profile", "role_arn", "secret_key", "session_name", "token", "use_lockfile"),
    }
)
"""What of the configuration of a remote state says who reads it, and not which state it is."""


def whole_block(evaluator: Evaluates, block: Block) -> Value:
    """All arguments and blocks of a data source: what it finds depends on each of them."""
    found: dict[object, Value] = {
        name: evaluator.evaluate(expression)
        for name, expression in block.body.attributes.items()
        if name not in _NOT_OF_DATA
    }
    found.update(blocks_of(evaluator, block))
    given = found.get("config")
    if block.labels[:1] == ("terraform_remote_state",) and isinstance(given, dict):
        found["config"] = {key: value for key, value in given.items() if key not in _WHO_READS}
    return found


def blocks_of(evaluator: Evaluates, block: Block) -> dict[str, Value]:
    """The blocks in a block, each by a name of its own."""
    return {
        f"{inner.type}/{number}": [*inner.labels, whole_block(evaluator, inner)]
        for number, inner in enumerate(block.body.blocks)
    }
