"""The addresses of AWS's pages about what policies consist of."""

from __future__ import annotations

import re

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.condition_keys import global_key
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.policy.managed_references import named_by
from multitool_lint.reporters.elements import ELEMENTS
from multitool_lint.server.tokens import TokenKind

_GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference/"
_MANAGED = "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/"
_KINDS = {TokenKind.OPERATOR: "condition_operators", TokenKind.PRINCIPAL_TYPE: "principal"}
_KEYS = f"{_GUIDE}reference_policies_condition-keys.html"


def page_of(kind: TokenKind, text: str, catalog: Catalog) -> str:
    """The address of AWS's page about a value or key of a policy; "" if there is none."""
    if kind is TokenKind.ACTION:
        return _of_service(text, catalog)
    if kind is TokenKind.KEY:
        if not global_key(text):
            return _of_service(f"{text.partition(':')[0]}:*", catalog)
        return f"{_KEYS}#condition-keys-{text.partition(':')[2].partition('/')[0].lower()}"
    if kind in (TokenKind.MANAGED_POLICY, TokenKind.RESOURCE):
        named = named_by(text)
        known = named and named.known_name(catalog)
        return f"{_MANAGED}{known}.html" if known else ""
    element = text.lower() if kind is TokenKind.ELEMENT and text in ELEMENTS else _KINDS.get(kind)
    return f"{_GUIDE}reference_policies_elements_{element}.html" if element else ""


def _of_service(action: str, catalog: Catalog) -> str:
    """The page of a service in AWS's reference, at the action if it is one."""
    prefix, _, name = action.partition(":")
    service = None if has_wildcard(prefix) else catalog.service(prefix)
    if service is None or service.retired:
        return ""
    page = re.sub(r"[^a-z0-9-]", "", service.name.lower().replace(" ", ""))
    found = None if has_wildcard(name) else service.action(name)
    anchor = f"#{page}-{found.name.partition(':')[2]}" if found else ""
    return f"{_REFERENCE}list_{page}.html{anchor}"
