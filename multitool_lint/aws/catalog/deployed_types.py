"""What deploying a resource takes, by its type in Terraform or CloudFormation.

The tables list more than each resource needs: all that the provider's functions may call, and the
permissions that the handlers of AWS may use, whatever the attributes of a resource are.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.tables import BUNDLED, damaged, read_text

if TYPE_CHECKING:
    from collections.abc import Mapping

TERRAFORM = "terraform_deployed.tsv"
CLOUDFORMATION = "cloudformation_deployed.tsv"
"""The tables; in both, what reading takes is not repeated in the other columns."""

PHASES = ("create", "read", "update", "delete")
COLUMNS = (*PHASES, "tag", "untag")
"""What tags take is known for Terraform; for CloudFormation it is part of the other columns."""


def deployed_type(table: str, type_: str) -> Mapping[str, tuple[str, ...]] | None:
    """The actions that each phase of a resource of a type takes; None if that is not known.

    Raises:
        CatalogError: the table is not one of these.
    """
    text = _text(table)
    start = max(text.find(f"\n{type_}{end}") for end in "\t\n") + 1
    if not start:
        return None
    _, *fields = text[start : text.index("\n", start)].split("\t")
    if len(fields) > len(COLUMNS):
        raise damaged(f"{BUNDLED}/{table}", f"a line of {len(fields)} fields")
    return {phase: tuple(_actions(field)) for phase, field in zip(COLUMNS, fields, strict=False)}


@lru_cache(maxsize=1024)
def service_of(table: str, type_: str) -> str:
    """The prefix of most of the actions that a type takes: of the service that has it."""
    by_phase = deployed_type(table, type_) or {}
    counts = Counter(action.partition(":")[0] for found in by_phase.values() for action in found)
    return next((prefix for prefix, _ in counts.most_common(1)), "")


def sources(table: str) -> str:
    """Where the facts of a table come from, with their date."""
    first, _, _ = _text(table).partition("\n")
    return first.rpartition("(")[2].rstrip(")")


def _actions(field: str) -> list[str]:
    return [
        f"{prefix}:{name}"
        for prefix, _, names in (part.partition(":") for part in field.split())
        for name in names.split(",")
    ]


@lru_cache(maxsize=2)
def _text(table: str) -> str:
    return read_text(BUNDLED, table)
