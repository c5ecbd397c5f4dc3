"""Identity providers that role trust policies name under `Federated`, and their claims.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from multitool_lint.aws.arn import is_partition

GITHUB = "token.actions.githubusercontent.com"
"""The host of the provider of GitHub Actions; that of an enterprise has a path after it."""

_ARN = re.compile(r"arn:([^:]+):iam::\d{12}:(oidc|saml)-provider/(.+)", re.DOTALL)
_DOMAIN = re.compile(r"([a-z0-9-]+\.)+[a-z]{2,}(/\S*)?", re.IGNORECASE)


class Provider(NamedTuple):
    """A provider; `name` of one for OIDC is what its condition keys begin with, in lower case."""

    is_saml: bool
    name: str

    @property
    def is_github(self) -> bool:
        """Whether the tokens come from workflows of GitHub Actions."""
        return self.name.partition("/")[0] == GITHUB


@lru_cache(maxsize=256)
def provider(text: str) -> Provider | None:
    """Read a principal of the kind Federated; None if it is neither an ARN nor a domain."""
    found = _ARN.fullmatch(text)
    if found and is_partition(found[1]):
        return Provider(found[2] == "saml", found[3].lower())
    return Provider(is_saml=False, name=text.lower()) if _DOMAIN.fullmatch(text) else None
