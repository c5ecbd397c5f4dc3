"""What applying something takes, as facts and in lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from multitool_lint.syntax.source import position_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from multitool_lint.needed.needs import Needs, ResourceNeeds


def needs_facts(needs: Needs) -> dict[str, Any]:
    """What is needed, by action and by resource."""
    return {
        "version": 1,
        "format": needs.format,
        "facts": needs.facts,
        "complete": needs.is_complete,
        "actions": [
            {"action": action, "resources": arns} for action, arns in needs.by_action().items()
        ],
        "resources": [
            {
                "address": resource.address,
                "type": resource.kind,
                "place": position_of(needs.source, resource.span),
                "operations": resource.phases,
                "known": resource.known,
                "needed": [need._asdict() for need in resource.needed],
                "perhaps": resource.perhaps,
            }
            for resource in needs.resources
        ],
        "unread": [
            {"name": name, "place": position_of(needs.source, span)} for name, span in needs.unread
        ],
    }


def needs_lines(needs: Needs) -> Iterator[str]:
    """The actions of each service on the same resources, and what takes them."""
    takers: dict[str, list[ResourceNeeds]] = {}
    for resource in needs.resources:
        for need in resource.needed:
            takers.setdefault(need.action, []).append(resource)
    groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for action, arns in needs.by_action().items():
        groups.setdefault((action.partition(":")[0], arns), []).append(action)
    before = ""
    for (service, arns), actions in groups.items():
        if service != before:
            yield f"{service}\n"
            before = service
        yield wrapped(actions, "  ")
        yield from (f"    on {arn}\n" for arn in arns)
        first, *more = dict.fromkeys(taker for action in actions for taker in takers[action])
        others = f" and {len(more)} more" if more else ""
        yield f"    by {first.address} ({position_of(needs.source, first.span)}){others}\n"
    perhaps = {action for resource in needs.resources for action in resource.perhaps}
    if perhaps := perhaps - needs.by_action().keys():
        yield f"depending on what is requested\n{wrapped(sorted(perhaps), '  ')}"


def wrapped(names: Iterable[str], margin: str) -> str:
    """Names in lines of 100 characters."""
    from textwrap import fill

    listed = fill(", ".join(names), 100, initial_indent=margin, subsequent_indent=margin)
    return f"{listed}\n"


def remarks(needs: Needs) -> Iterator[str]:
    """What is not known or read, and how much is."""
    for resource in needs.unknown:
        start = position_of(needs.source, resource.span)
        yield f"{start}: not known what {resource.address} takes: {resource.kind}"
    for name, span in needs.unread:
        yield f"{position_of(needs.source, span)}: not read: {name}"
    actions = len(needs.by_action())
    known = len(needs.resources) - len(needs.unknown)
    yield (
        f"{needs.format}: {known} of {len(needs.resources)} resources are known and take "
        f"{actions} actions, by {needs.facts}"
    )
