"""Expanding the action patterns of AWS's own managed policies, as policy-sentry does it."""

from __future__ import annotations

from pathlib import Path

from support.policy_sentry_expansion import expansion

from multitool_lint.aws.catalog.catalog import bundled

CATALOG = bundled()
LINES = (Path(__file__).parents[1] / "data" / "managed_patterns.txt").read_text(encoding="utf-8")
PATTERNS = [line for line in LINES.splitlines() if not line.startswith("#")]


def test_policy_sentry_expands_them_alike_where_it_is_given_the_same_catalog() -> None:
    expand = expansion(CATALOG)
    nothing = 0
    for pattern in PATTERNS:
        if pattern == "*":
            continue
        found = list(CATALOG.names(CATALOG.match(pattern)))
        prefix, _, name = pattern.partition(":")
        # It keeps the case of the service, and takes a pattern that matches nothing for an action.
        expected = expand(f"{prefix.lower()}:{name}")
        nothing += not found
        assert sorted(found or [f"{prefix.lower()}:{name}"]) == sorted(expected), pattern
    assert (len(PATTERNS), nothing) == (1366, 26)


def test_everything_is_more_to_policy_sentry_by_the_services_that_are_retired() -> None:
    found = set(CATALOG.names(CATALOG.match("*")))
    more = set(expansion(CATALOG)("*")) - found
    assert len(found) == 22091
    assert {CATALOG.known(name.partition(":")[0]).retired is not None for name in more} == {True}
