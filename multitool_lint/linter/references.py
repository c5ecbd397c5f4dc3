"""What is found in the references of a source to managed policies of AWS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.tables import CatalogError
from multitool_lint.diagnostics.finding import Finding, ReferenceContext
from multitool_lint.diagnostics.rule import REFERENCES, Rule, rules
from multitool_lint.linter.plan import checks_about

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
    for rule, check in checks_about(REFERENCES, enabled):
        try:
            yield from list(check(references, ReferenceContext(rule, source, catalog)))
        except CatalogError:
            raise
        except Exception as error:  # noqa: BLE001 - the others go on
            yield Finding(
                "internal-error",
                rules()["internal-error"].severity,
                source,
                references[0].span,
                pointer="",
                title=f"Check {rule.name} failed on the references here: {type(error).__name__}",
                notes=(str(error),) if str(error) else (),
                help_template="report the error, with the file if you can share it",
            )
