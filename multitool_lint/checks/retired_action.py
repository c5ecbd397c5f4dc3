"""Actions and services that AWS no longer lists, or whose support it has ended."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.action_status import ActionStatus, Ending, endings, is_rejected
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.patterns import intersects
from multitool_lint.diagnostics.finding import Context, Finding, related
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.action_status import with_status
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.tree import Node


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each action, or for each service of which all are retired."""
    by_texts: dict[tuple[str, str, str, str, bool], list[Node]] = {}
    for action in with_status(policy, context.catalog, ActionStatus.RETIRED):
        texts = *_texts(context.catalog, action.text), _code(context.catalog, action.text)
        ending = _ending(action.text)
        harmless = ending is not None and (action.statement.negates_actions or ending.feature != "")
        by_texts.setdefault((*texts, harmless), []).append(action.node)
    for (title, note, advice, code, harmless), (first, *others) in by_texts.items():
        yield context.finding(
            first,
            title,
            notes=(note,),
            help=advice,
            issue_code=code,
            severity=Severity.SUGGESTION if harmless else None,
            related=tuple(related(node, "also here", alike=True) for node in others),
        )


def _code(catalog: Catalog, text: str) -> str:
    """The check of Access Analyzer, which accepts most of the services that AWS no longer lists."""
    prefix, _, _ = text.partition(":")
    service = catalog.service(prefix)
    if _ending(text):
        return ""
    if service is None or not service.retired:
        return "INVALID_ACTION"
    return "INVALID_SERVICE_IN_ACTION" if is_rejected(catalog, prefix) else ""


def _texts(catalog: Catalog, text: str) -> tuple[str, str, str]:
    """The title, the source that listed it, and what to do."""
    prefix, _, _ = text.partition(":")
    if ending := _ending(text):
        what = f'all actions of "{prefix}"' if ending.name == "*" else f'"{text}"'
        if ending.feature:
            title = f"AWS retired {ending.feature} in {ending.when}, and this action with it"
            return title, f"deprecated: {ending.url}", "remove it"
        title = f"AWS ended the standard support for {what} in {ending.when}"
        return title, f"replaced by: {ending.url}", "remove it, or use what replaces it"
    service, action = catalog.service(prefix), catalog.action(text)
    what, last = f'"{action.name if action else text}"', action.retired if action else None
    if service and service.retired:
        what, last = f'The service "{prefix}"', service.retired
    if last and last.startswith("botocore "):
        return f"{what} is deprecated", f"{last} marks it as deprecated", "remove it"
    title = f"{what} is no longer in AWS's reference"
    return title, f"last listed by {last}", "remove it, or use what replaces it"


def _ending(text: str) -> Ending | None:
    """The end of the support for an action that AWS still lists."""
    prefix, _, name = text.lower().partition(":")
    found = endings().get(prefix, ())
    return next((ending for ending in found if intersects(ending.name, name)), None)
