"""From where a resource with a policy can be reached, as far as its deployment says."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto


class Visibility(Enum):
    """What a deployment says of public access to a resource, its policy aside."""

    INTERNET = auto()
    """A domain with an endpoint on the internet, on which its policy alone decides."""

    GUARDED = auto()
    """A domain that may be in a VPC, or has fine-grained access control.

    With that, AWS recommends a policy for everyone:
    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html
    """

    VPC = auto()
    """A domain with an endpoint in a VPC, or an access point for requests from one."""

    REJECTED = auto()
    """A bucket or access point with BlockPublicPolicy: Amazon S3 rejects a public policy."""

    RESTRICTED = auto()
    """One with RestrictPublicBuckets: a public policy is for its account and for services.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """

    PUBLIC = auto()
    """A bucket that is made public: a website, the origin of a distribution that does not sign its
    requests, a public list, or public policies are let pass; or one that a page says is a website.
    """


_OF_BUCKETS = (Visibility.REJECTED, Visibility.RESTRICTED, Visibility.PUBLIC)


def of_bucket(said: Iterable[Visibility | None]) -> Visibility | None:
    """What decides of all that is said of a bucket; None if nothing is."""
    found = set(said)
    return next((visibility for visibility in _OF_BUCKETS if visibility in found), None)
