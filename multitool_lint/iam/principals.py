"""Principals as resource and trust policies name them.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.iam import arn

if TYPE_CHECKING:
    from collections.abc import Mapping

# Compiled when they are first needed: most policies name no principals.
_ID = r"\d{12}|A[A-Z]{3}[A-Z0-9]{12,}"
_DOMAIN = r"(?i:([a-z0-9-]+\.)+[a-z]{2,}(/\S*)?)"
_AWS = {
    "iam": r"(?s:root|\*|(user|role|federated-user)/.+)",
    "sts": r"(?s:assumed-role/.+/.+|federated-user/.+|self|\*)",
}
_FEDERATED = {"iam": r"(?s:(oidc-provider|saml-provider)/.+)"}
_ACCOUNTS = r"\d{12}|cloudfront|\*"

AWS_FORMS = (
    'an account id of 12 digits, the ARN of an account\'s root, a user, a role or a session, or "*"'
)
FEDERATED_FORMS = (
    "the ARN of an OIDC or SAML provider, or the domain of a web identity provider such as "
    "accounts.google.com"
)


def is_aws(text: str) -> bool:
    """Whether the text can stand under `AWS`.

    The unique id of a user or role (`AIDA...`, `AROA...`) is what AWS shows of a deleted one.
    """
    text = arn.pattern(text)
    return text == "*" or bool(re.fullmatch(_ID, text)) or _is_arn_of(text, _AWS)


def is_federated(text: str) -> bool:
    """Whether the text can stand under `Federated`."""
    text = arn.pattern(text)
    return text == "*" or bool(re.fullmatch(_DOMAIN, text)) or _is_arn_of(text, _FEDERATED)


def _is_arn_of(text: str, forms: Mapping[str, str]) -> bool:
    prefix, *fields = text.split(":", 5)
    if prefix != "arn" or len(fields) != 5:  # noqa: PLR2004  # the fields of an ARN after "arn"
        return False
    partition, service, region, account, name = fields
    return bool(
        arn.is_partition(partition)
        and service in forms
        and not region
        and re.fullmatch(_ACCOUNTS, account)
        and re.fullmatch(forms[service], name)
    )
