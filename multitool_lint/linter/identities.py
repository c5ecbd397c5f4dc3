"""What is found in the policies of identities, taken together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.tables import CatalogError
from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.identity_findings import IdentityContext, IdentityFinding
from multitool_lint.diagnostics.rule import IDENTITIES, Rule, rules
from multitool_lint.linter.plan import checks_about
from multitool_lint.syntax.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.identities import Identity
    from multitool_lint.syntax.source import Source


def findings(
    identities: Iterable[Identity],
    source: Source,
    enabled: Mapping[str, Rule],
    catalog: Catalog,
) -> Iterator[IdentityFinding]:
    """The findings of the enabled rules about identities; a check that fails is one, too.

    What is found in several cases of an identity is reported once.
    """
    checks = list(checks_about(IDENTITIES, enabled))
    for identity in identities if checks else ():
        seen: set[tuple[object, ...]] = set()
        for rule, check in checks:
            context = IdentityContext(rule, identity, source, catalog)
            try:
                found: list[IdentityFinding] = [*check(identity, context)]
            except CatalogError:
                raise
            except Exception as error:  # noqa: BLE001 - the others go on
                found = [_failure(rule, identity, source, error)]
            for entry in found:
                key = entry.policy, entry.finding.rule, entry.finding.span, entry.finding.title
                if key not in seen:
                    seen.add(key)
                    yield entry


def _failure(
    rule: Rule, identity: Identity, source: Source, error: BaseException
) -> IdentityFinding:
    finding = Finding(
        "internal-error",
        rules()["internal-error"].severity,
        source,
        Span(0, 0),
        pointer=identity.address,
        title=f"Check {rule.name} failed on {identity.title}: {type(error).__name__}",
        notes=(str(error),) if str(error) else (),
        help_template="report the error, with the file if you can share it",
    )
    return IdentityFinding(None, finding)
