"""Identity providers that trust policies name, and what distinguishes the customers of one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from multitool_lint.aws.arn import is_partition
from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.named_tuple import NamedTuple

GITHUB = "token.actions.githubusercontent.com"
"""The host of the provider of GitHub Actions; that of an enterprise has a path after it."""

POOLS = "cognito-identity.amazonaws.com"
"""The provider of identity pools, whose tokens say by `amr` whether a guest has them.

https://docs.aws.amazon.com/cognito/latest/developerguide/identity-pools-security-best-practices.html
"""

SCHEMES = ("https://", "http://")
"""What a URL begins with, and neither the ARN of a provider nor its condition keys contain.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
"""

# Compiled when they are first needed: most policies name no providers.
_CLUSTER = r"oidc\.eks(-[a-z]+)*\.[a-z0-9-]+\.[a-z0-9.-]+/id/.+"
_ARN = r"(?s)arn:([^:]+):iam::(?:[0-9]{12}|\$\{[^{}:]+\}):(oidc|saml)-provider/(?!https?://)(.+)"
_DOMAIN = r"(?i)([a-z0-9-]+\.)+[a-z]{2,}(/\S*)?"


class Tenancy(NamedTuple):
    """What distinguishes the tenants of a provider: a claim of its tokens, or a condition key.

    `start` is what precedes the name of the tenant in its values, "" if that is not known.
    """

    claim: str
    start: str

    def key(self, name: str) -> str:
        """The condition key, for the provider of that name."""
        return self.claim if ":" in self.claim else f"{name}:{self.claim}"


SERVICE_ACCOUNTS = Tenancy("sub", "system:serviceaccount:")
"""The subjects that a cluster of Kubernetes gives its pods, by their namespaces."""


class IdentityProvider(NamedTuple):
    """A provider; `name` of one for OIDC is what its condition keys begin with, in lower case.

    It has a placeholder if it is filled in elsewhere.
    """

    is_saml: bool
    name: str

    @property
    def is_known(self) -> bool:
        """Whether the name is not filled in elsewhere."""
        return "${" not in self.name

    @property
    def is_github(self) -> bool:
        """Whether the tokens come from workflows of GitHub Actions."""
        return self.name.partition("/")[0] == GITHUB

    @property
    def is_cluster(self) -> bool:
        """Whether the tokens come from service accounts of an Amazon EKS cluster."""
        return re.fullmatch(_CLUSTER, self.name) is not None

    @property
    def tenancy(self) -> Tenancy | None:
        """What distinguishes the tenants of the provider, None if its tokens are all of one owner.

        In a cluster, these are the namespaces.
        """
        if self.is_cluster:
            return SERVICE_ACCOUNTS
        return _shared().get(self.name.rstrip("/"))


@bundled_table("shared_providers.tsv")
def _shared(rows: Rows) -> Mapping[str, Tenancy]:
    """What distinguishes the customers of a provider, which IAM requires in trust policies.

    AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
    """
    return {name: Tenancy(claim, "".join(start)) for name, claim, *start in rows}


def without_scheme(text: str) -> str:
    """The name of a provider without what its URL begins with."""
    return re.sub(r"(^|:oidc-provider/)https?://", r"\1", text)


@lru_cache(maxsize=256)
def provider(text: str) -> IdentityProvider | None:
    """Read a principal of the kind Federated; None if it is neither an ARN nor a domain.

    The partition, the account and the name of an ARN may be filled in elsewhere.
    """
    found = re.fullmatch(_ARN, text)
    if found and (is_partition(found[1]) or found[1].startswith("${")):
        return IdentityProvider(found[2] == "saml", found[3].lower())
    return (
        IdentityProvider(is_saml=False, name=text.lower()) if re.fullmatch(_DOMAIN, text) else None
    )
