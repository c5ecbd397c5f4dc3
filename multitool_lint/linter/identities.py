"""What is found in the policies of identities, taken together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.tables import CatalogError
from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.identity_findings import IdentityContext, IdentityFinding
from multitool_lint.diagnostics.rule import IDENTITIES, Rule, rules
from multitool_lint.linter.locate import Locator
from multitool_lint.linter.plan import checks_about
from multitool_lint.syntax.source import Span

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.formats.result import ReadResult
    from multitool_lint.policy.document import Policy
    from multitool_lint.policy.identities import Identity
    from multitool_lint.syntax.source import Source


Reported = Callable[["Policy", "list[Finding]", "Callable[[Finding], Finding]"], "list[Finding]"]
"""The findings in a policy that are not suppressed, at their places in the file."""


def located_findings(
    loaded: ReadResult,
    source: Source,
    enabled: Mapping[str, Rule],
    catalog: Catalog,
    reported: Reported,
) -> Iterator[Finding]:
    """What the enabled rules find in the identities of a source, at the places in it."""
    checks = list(checks_about(IDENTITIES, enabled))
    if not checks:
        return
    own = ((identity, loaded.normalized) for identity in loaded.identities)
    for identity, entries in chain(own, loaded.accounts):
        for found in _findings(identity, checks, source, catalog):
            locators = {entry.policy: Locator(entry) for entry in entries}
            others = tuple(
                locators[policy].related(place) if policy else place
                for policy, place in found.elsewhere
            )
            located = [found.finding]
            if found.policy:
                located = reported(found.policy, located, locators[found.policy].locate)
            for finding in located:
                span = found.at or finding.span
                yield finding._replace(related=(*finding.related, *others), span=span)


def _findings(
    identity: Identity,
    checks: Sequence[tuple[Rule, Callable[..., Iterator[IdentityFinding]]]],
    source: Source,
    catalog: Catalog,
) -> Iterator[IdentityFinding]:
    """The findings of rules about an identity; a check that fails is one, too.

    What is found in several of its cases is reported once.
    """
    seen: set[tuple[object, ...]] = set()
    for rule, check in checks:
        try:
            found = list(check(identity, IdentityContext(rule, identity, source, catalog)))
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
