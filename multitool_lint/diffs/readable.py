"""Differences in the words of the files that they come from, without placeholders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from multitool_lint.diffs.guards import GUARD
from multitool_lint.policy.changes import Changes, Difference, DifferenceScope
from multitool_lint.policy.compare.reading import Assumption
from multitool_lint.syntax.choices import TRUE
from multitool_lint.syntax.placeholders import without_braces

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from multitool_lint.policy.compare.request import Request

    class Names(Protocol):
        """How placeholders, and the conditions of guards, are written."""

        def readable(self, text: str) -> str: ...  # noqa: D102 - as above

        def guards(self, key: str) -> Mapping[str, str]: ...  # noqa: D102 - as above


_FALSE = "false"


class _AsWritten:
    """The expressions of a file, which are compared as JSON: `"{{ var.a }}"`."""

    def readable(self, text: str) -> str:
        """A text with its expressions as they are written."""
        return without_braces(text)

    def guards(self, _: str) -> Mapping[str, str]:
        """Nothing, as there are no guards."""
        return {}


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
            found for condition in scope.conditions for found in _conditions(condition, names)
        ),
    )


def _conditions(
    condition: tuple[str, str, tuple[str, ...]], names: Names
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    operator, key, values = condition
    if not key.startswith(GUARD):
        yield operator, key, tuple(map(names.readable, values))
        return
    for value in values:
        yield "", names.guards(key)[value], (TRUE if operator == "StringEquals" else _FALSE,)


def _guards(request: Request, names: Names) -> Iterator[Assumption]:
    """What a request assumes of the conditions of guards."""
    for key, values in request.context.items():
        conditions = names.guards(key)
        holding = [condition for value, condition in conditions.items() if value in (values or ())]
        for condition in holding or conditions.values():
            yield Assumption(condition, "is", TRUE if holding else _FALSE)


def _request(request: Request, names: Names) -> Request:
    guards = [*_guards(request, names)]
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
