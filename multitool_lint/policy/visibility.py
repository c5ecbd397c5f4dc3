"""From where a resource with a policy can be reached, as far as its file says."""

from __future__ import annotations

from enum import Enum, auto


class Visibility(Enum):
    """What the properties of a resource say of public access, its policy aside."""

    INTERNET = auto()
    """A domain with an endpoint on the internet, on which its policy alone decides.

    With fine-grained access control, AWS recommends a policy for everyone:
    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html
    """

    VPC = auto()
    """A domain with an endpoint in a VPC, or an access point for requests from one."""

    PUBLIC = auto()
    """A bucket that is made public: a web site, a public list, or public policies are let pass."""

    BLOCKED = auto()
    """A bucket that public policies cannot open."""
