"""Principals as resource and trust policies name them.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re

from multitool_lint.iam import arn

WEB_IDENTITY_PROVIDERS = frozenset(
    {
        "accounts.google.com",
        "cognito-identity.amazonaws.com",
        "graph.facebook.com",
        "www.amazon.com",
    }
)
"""The identity providers that go by their domain, without an identity provider in the account."""

_ACCOUNT = re.compile(r"\d{12}")
_UNIQUE_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}")
_DOMAIN = re.compile(r"([a-z0-9-]+\.)+[a-z]{2,}(/\S*)?", re.IGNORECASE)
_AWS = {
    "iam": re.compile(r"(root|\*|(user|role|federated-user)/.+)", re.DOTALL),
    "sts": re.compile(r"(assumed-role/.+/.+|federated-user/.+|self|\*)", re.DOTALL),
}
_FEDERATED = re.compile(r"(oidc-provider|saml-provider)/.+", re.DOTALL)
_ACCOUNTS = re.compile(r"\d{12}|cloudfront|\*")

AWS_FORMS = (
    'an account id, the ARN of an account\'s root, of a user, of a role or of a session, or "*"'
)
FEDERATED_FORMS = (
    "the ARN of an OIDC or SAML provider, or the domain of a web identity provider such as "
    "accounts.google.com"
)


def is_aws(text: str) -> bool:
    """Whether the text can stand under `AWS`.

    The unique id of a user or role (`AIDA...`, `AROA...`) is what AWS shows of one that was deleted.
    """
    text = arn.pattern(text)
    if text == "*" or _ACCOUNT.fullmatch(text) or _UNIQUE_ID.fullmatch(text):
        return True
    return _is_arn_of(text, _AWS)


def is_federated(text: str) -> bool:
    """Whether the text can stand under `Federated`."""
    text = arn.pattern(text)
    if text in WEB_IDENTITY_PROVIDERS or text == "*" or _DOMAIN.fullmatch(text):
        return True
    return _is_arn_of(text, {"iam": _FEDERATED})


def _is_arn_of(text: str, forms: dict[str, re.Pattern[str]]) -> bool:
    prefix, *fields = text.split(":", 5)
    if prefix != "arn" or len(fields) != 5:  # noqa: PLR2004  # the fields of an ARN after "arn"
        return False
    partition, service, region, account, name = fields
    return bool(
        arn.is_partition(partition)
        and service in forms
        and not region
        and _ACCOUNTS.fullmatch(account)
        and forms[service].fullmatch(name)
    )
