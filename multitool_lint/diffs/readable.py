"""Differences in the words of the files that they come from, without placeholders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.diffs.as_policy import GUARD
from multitool_lint.policy.changes import Changes
from multitool_lint.policy.compare.reading import Assumption
from multitool_lint.syntax.placeholders import without_braces

if TYPE_CHECKING:
    from typing import Protocol

    from multitool_lint.policy.changes import Difference, DifferenceScope
    from multitool_lint.policy.compare.request import Request

    class Names(Protocol):
        """How placeholders, and the conditions of guards, are written."""

        def readable(self, text: str) -> str: ...  # noqa: D102 - as above

        def guard(self, key: str) -> str: ...  # noqa: D102 - as above


class _AsWritten:
    """The expressions of a file, which are compared as JSON: `"{{ var.a }}"`."""

    def readable(self, text: str) -> str:
        """A text with its expressions as they are written."""
        return without_braces(text)

    def guard(self, key: str) -> str:
        """The key, which is not that of a guard."""
        return key


def written(changes: Changes) -> Changes:
    """Changes of a file with its expressions as they are written."""
    return readable(changes, _AsWritten())


def readable(changes: Changes, names: Names) -> Changes:
    """Changes with expressions as they are written; a guard is a condition without operator."""
    return Changes(
        tuple(_difference(difference, names) for difference in changes.gained),
        tuple(_difference(difference, names) for difference in changes.lost),
        changes.unknown,
        tuple(_difference(difference, names) for difference in changes.impossible),
    )


def _difference(difference: Difference, names: Names) -> Difference:
    return difference._replace(
        names=tuple(map(names.readable, difference.names)),
        scope=difference.scope and _scope(difference.scope, names),
        example=difference.example and _request(difference.example, names),
        doubt=difference.doubt and names.readable(difference.doubt.replace('""', '"')),
    )


def _scope(scope: DifferenceScope, names: Names) -> DifferenceScope:
    kind, value = scope.principal or ("", "")
    return scope._replace(
        resources=tuple(map(names.readable, scope.resources)),
        principal=(kind, names.readable(value)) if scope.principal else None,
        conditions=tuple(
            ("", names.guard(key), values if operator == "StringEquals" else ("false",))
            if key.startswith(GUARD)
            else (operator, key, tuple(map(names.readable, values)))
            for operator, key, values in scope.conditions
        ),
    )


def _request(request: Request, names: Names) -> Request:
    guards = [
        Assumption(names.guard(key), "is", "true" if values == ("true",) else "false")
        for key, values in request.context.items()
        if key.startswith(GUARD)
    ]
    context = {
        key: values and tuple(map(names.readable, values))
        for key, values in request.context.items()
        if not key.startswith(GUARD)
    }
    assumed = (
        Assumption(
            names.readable(assumption.subject),
            assumption.meaning,
            assumption.value and names.readable(assumption.value),
        )
        for assumption in request.assumptions
    )
    return request._replace(
        resource=request.resource and names.readable(request.resource),
        context=context,
        assumptions=(*guards, *assumed),
    )
