"""The library: `needs`, what applying a plan, a template or a change set takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from multitool_lint.api.lint import catalog_of, read_source
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.deployed_types import PHASES
from multitool_lint.needed.needs import Needs, needs_of
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.source import position_of

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence


def needs(
    deployment: os.PathLike[str] | str | dict[str, Any],
    *,
    operations: Sequence[str] = ("create",),
    catalog: Catalog | os.PathLike[str] | str | None = None,
) -> Needs:
    """List the actions that applying a Terraform plan, a template or a change set takes.

    The `deployment` is a `Path`, a text or a `dict`, as `lint` takes a policy. `operations` are
    what a template is applied for: "create", "update", "delete"; plans and change sets say it
    themselves. `policy()` of the result is a policy that allows what is needed, and `unknown` and
    `unread` list of what it is not known.

    Raises:
        OSError: a file cannot be read.
        ValueError: it is something else, or an operation is not known.
        TypeError: it is not a `Path`, a `str` or a `dict`.
    """
    if not set(operations) <= set(PHASES):
        raise ValueError(f"{tuple(operations)} are not among {PHASES}")
    source = read_source(deployment)
    try:
        return needs_of(source, catalog_of(catalog), tuple(operations))
    except MistakeError as mistake:
        raise ValueError(f"{position_of(source, mistake.span)}: {mistake.message}") from mistake
