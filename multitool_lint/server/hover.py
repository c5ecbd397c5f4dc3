"""What is known about a value or key of a policy, as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from multitool_lint.aws import arn
from multitool_lint.aws.access_levels import STRENGTH
from multitool_lint.aws.catalog.managed_policies import managed_policies
from multitool_lint.aws.catalog.operation_pages import operation_page
from multitool_lint.aws.catalog.queries import known_key, resource_types_named
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.aws.principals import account_of_root, is_known, role_of, role_of_session
from multitool_lint.engines.policy_sentry import levels_of
from multitool_lint.limits import MAX_LISTED_ACTIONS
from multitool_lint.policy.managed_references import named_by
from multitool_lint.reporters.elements import (
    ARGUMENTS,
    EFFECTS,
    ELEMENTS,
    PRINCIPAL_TYPES,
    operator_text,
)
from multitool_lint.rewrite.draft import count, matching_actions
from multitool_lint.server.links import page_of
from multitool_lint.server.tokens import TokenKind
from multitool_lint.server.unfinished import cursor_at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.server.analysis import Analysis

    LookUp = Callable[[str, Catalog], str]
    Text = Callable[[str, Catalog, LookUp], str]


def hover(analysis: Analysis, offset: int, look_up: LookUp) -> Any:  # noqa: ANN401
    """What is known about what is at an offset, also in a text that does not parse yet."""
    text, token = analysis.text, analysis.token(offset)
    if token:
        kind, value, about, span = token.kind, token.text, token.about, token.span
    elif analysis.settings and (cursor := cursor_at(text.source, offset)):
        span = cursor.span
        kind, value, about = cursor.kind, text.source.part(span), cursor.about
    else:
        return None
    found = hover_text(kind, value, about, analysis.catalog, look_up)
    markdown = types.MarkupContent(types.MarkupKind.Markdown, found)
    return types.Hover(markdown, text.range(span)) if found else None


def hover_text(kind: TokenKind, text: str, about: str, catalog: Catalog, look_up: LookUp) -> str:
    """What is known, with links to AWS's pages; "" if nothing is."""
    if kind is TokenKind.PRINCIPAL:
        found = _titled(text, _principal(text, about))
    else:
        found = _TEXTS[kind](text, catalog, look_up) if kind in _TEXTS else ""
    links = [("AWS documentation", page_of(kind, text, catalog))]
    if kind is TokenKind.ACTION and (action := catalog.action(text)):
        links.append(("API operation", operation_page(action.name)))
    listed = " · ".join(f"[{title}]({page})" for title, page in links if page)
    return f"{found}\n\n{listed}" if found and listed else found


def _titled(title: str, text: str) -> str:
    return f"**`{title}`**\n\n{text}" if text else ""


def _block(text: str) -> str:
    return f"```text\n{text.rstrip()}\n```"


def _action(text: str, catalog: Catalog, look_up: LookUp) -> str:
    if not has_wildcard(text):
        found = catalog.action(text)
        return _block(look_up(found.name, catalog)) if found else ""
    names = matching_actions(text, catalog)
    if not names:
        return ""
    levels = levels_of(names, catalog)
    lines = [f"**`{text}`** matches {count(names, catalog)}"]
    for level in STRENGTH:
        at_level = [name for name in names if levels.get(name) == level]
        if at_level:
            shown = ", ".join(f"`{name}`" for name in at_level[:MAX_LISTED_ACTIONS])
            more = len(at_level) - MAX_LISTED_ACTIONS
            lines.append(f"*{level}*: {shown}" + (f" and {more:,} more" if more > 0 else ""))
    return "\n\n".join(lines)


def _resource(text: str, catalog: Catalog, _: LookUp) -> str:
    if arn.matches_all(text):
        return _titled("*", "All resources.")
    named = named_by(text)
    if named and not named.misshapen:
        return ""
    if defect := arn.defect(text):
        return _titled(text, defect.message)
    lines = [
        f"{service.prefix} {type_.name}: {', '.join(type_.arn_formats)}"
        for service, type_ in resource_types_named(catalog, text)
    ]
    parts = arn.fields(text)
    if not lines or parts is None:
        return ""
    return f"**`{text}`**\n\n" + _block("\n".join(lines[:MAX_LISTED_ACTIONS]))


def _principal(text: str, about: str) -> str:
    if about == "Service":
        return "A service principal of AWS." if is_known(text) else ""
    if about == "Federated":
        return "An identity provider."
    if session := role_of_session(text):
        return f"Sessions of the role {session[-1]} in the account {session[1]}."
    if role := role_of(text):
        return f"The role {role[-1]} in the account {role[1]}."
    account = account_of_root(text) or (text if arn.is_account_id(text) else "")
    found = f"The account {account}: each of its principals that its own policies allow."
    return PRINCIPAL_TYPES["*"] if text == "*" else found if account else ""


def _key(text: str, catalog: Catalog) -> str:
    found = known_key(catalog, text)
    if found is None:
        return ""
    kind = f"A global condition key about the {found.scope}" if found.scope else "A condition key"
    several = "; a request can have several values" if found.multivalued else ""
    return f"{kind}, {' or '.join(found.types) or 'of an unknown type'}{several}."


def _managed_policy(text: str, catalog: Catalog, look_up: LookUp) -> str:
    """What a managed policy of AWS grants, by its name or ARN."""
    name = text.rpartition("/")[2]
    policy = managed_policies(catalog).get(name)
    if policy is None:
        return ""
    state = f"version v{policy.version} of {policy.date}" if policy.version else "removed by AWS"
    actions = look_up(policy.name, catalog).splitlines()
    names = tuple(line.split()[0] for line in actions if line.split())
    grants = f"Allows {count(names, catalog)}." if names else ""
    return f"**{policy.arn}**, {state}\n\n{grants}"


def _described(texts: Mapping[str, str]) -> Text:
    return lambda text, *_: _titled(text, texts.get(text, ""))


_TEXTS: Mapping[TokenKind, Text] = {
    TokenKind.ELEMENT: _described(ELEMENTS),
    TokenKind.BLOCK: _described(ARGUMENTS),
    TokenKind.EFFECT: _described(EFFECTS),
    TokenKind.ACTION: _action,
    TokenKind.RESOURCE: _resource,
    TokenKind.PRINCIPAL_TYPE: _described(PRINCIPAL_TYPES),
    TokenKind.OPERATOR: lambda text, *_: _titled(text, operator_text(text)),
    TokenKind.KEY: lambda text, catalog, _: _titled(text, _key(text, catalog)),
    TokenKind.MANAGED_POLICY: _managed_policy,
}
