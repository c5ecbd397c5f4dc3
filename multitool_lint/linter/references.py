"""What is found in the references of a source to managed policies of AWS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from multitool_lint.diagnostics.finding import Finding, ReferenceContext
from multitool_lint.diagnostics.rule import REFERENCES, Rule
from multitool_lint.linter.plan import checks_about, failed_check, findings_of

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.managed_references import PolicyReference
    from multitool_lint.syntax.source import Source


def findings(
    references: Sequence[PolicyReference],
    source: Source,
    enabled: Mapping[str, Rule],
    catalog: Catalog,
) -> Iterator[Finding]:
    """The findings of the enabled rules about references; a check that fails is one, too."""
    place = "the references here", source, references[0].span, ""
    for rule, check in checks_about(REFERENCES, enabled):
        run = partial(check, references, ReferenceContext(rule, source, catalog))
        yield from findings_of(run, partial(failed_check, rule.name, *place))
