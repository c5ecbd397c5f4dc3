"""Principals of the kind AWS, as resource and trust policies name them.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re

from multitool_lint.aws import arn

# Compiled when they are first needed: most policies name no principals.
_ID = r"\d{12}|A[A-Z]{3}[A-Z0-9]{8,}"
_NAMES = {
    "iam": r"(?s:root|(user|role|federated-user)/.+)",
    "sts": r"(?s:assumed-role/.+/.+|federated-user/.+|self)",
}
_ACCOUNT = r"\d{12}|cloudfront"
_FIELDS = 6


def is_aws(text: str) -> bool:
    """Whether a text without wildcards can stand under `AWS`.

    The unique id of a user or role (`AIDA...`, `AROA...`) is what AWS shows of a deleted one.
    """
    if re.fullmatch(_ID, text):
        return True
    prefix, *fields = text.split(":", _FIELDS - 1)
    if prefix != "arn" or len(fields) != _FIELDS - 1:
        return False
    partition, service, region, account, name = fields
    return bool(
        arn.is_partition(partition)
        and service in _NAMES
        and not region
        and re.fullmatch(_ACCOUNT, account)
        and re.fullmatch(_NAMES[service], name)
    )
