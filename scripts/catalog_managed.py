"""The tables that come from AWS's managed policies."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from catalog_sources import managed_actions

from multitool_lint.aws.action_status import ActionStatus, action_status
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.tables import read_rows
from multitool_lint.aws.catalog.update import managed_policies
from multitool_lint.aws.catalog.update import write as writing

if TYPE_CHECKING:
    from collections.abc import Iterator

BY_HAND = Path(__file__).parent
PRINCIPAL = re.compile(r"(?<![\w.*-])[a-z0-9][a-z0-9.-]*\.amazonaws\.com(?![\w-])")

# Written so in a managed policy, by mistake.
MISSPELT = {"casssandra.application-autoscaling.amazonaws.com"}

_NOT_LISTED = (ActionStatus.UNKNOWN, ActionStatus.UNMATCHED, ActionStatus.UNKNOWN_SERVICE)


def write(directory: Path, policies: Path) -> None:
    """Write the policies, the actions that the catalog there lacks, and service principals."""
    package = json.loads((policies.parent.parent / "package.json").read_text(encoding="utf-8"))
    source = f"{package['name']} {package['version']}"
    catalog = Catalog(str(directory))
    used = managed_actions(policies)
    writing.write_rows(
        directory / "managed_actions.tsv",
        f"actions that no list of AWS has, and a managed policy that uses each ({source})",
        sorted(row for row in used.items() if action_status(catalog, row[0]) in _NOT_LISTED),
    )
    documents = json.loads(policies.read_text(encoding="utf-8"))
    removed = dict(read_rows(str(BY_HAND), "removed_managed_policies.tsv"))
    managed_policies.write(directory, source, documents, removed)
    named = set(_principals(documents, ""))
    named |= {row[0] for row in read_rows(str(BY_HAND), "service_principals.tsv")}
    writing.write_rows(
        directory / "service_principals.tsv",
        f"service principals (of {source}, and others)",
        ((name,) for name in sorted(named - MISSPELT)),
    )


def _principals(value: object, key: str) -> Iterator[str]:
    if isinstance(value, dict):
        for inner, nested in value.items():
            yield from _principals(nested, inner.lower())
    elif isinstance(value, list):
        for nested in value:
            yield from _principals(nested, key)
    elif isinstance(value, str) and not key.endswith(("resource", "action", "arn")):
        yield from PRINCIPAL.findall(value)
