"""CloudTrail events, and the IAM actions that authorise what they record.

AWS: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.aws.catalog.catalog import Catalog

NO_CALLS = frozenset({"AwsServiceEvent", "AwsConsoleSignIn", "AwsCloudTrailInsight"})
"""Types of events that record no request, and need no action.

AWS: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-non-api-events.html
"""

PERHAPS_NO_CALL = frozenset({"AwsConsoleAction"})
"""Types of events that record what was done in the console, perhaps without a request."""

SIGN_IN = "signin.amazonaws.com"
"""The source of events of signing in, which no policy allows."""

UNRECORDED = (
    "CloudTrail does not record iam:PassRole, and data events (s3:GetObject, lambda:InvokeFunction "
    "and the like) only where a trail asks for them: look through what is dropped, and give what "
    "is needed in another --used file"
)
"""PassRole is a permission and no API call, and trails log no data events by default.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-events.html
"""

_DOMAIN = re.compile(r"\.amazonaws\.com(?:\.cn)?$")
# AWS: https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html ("may include date
# and version information, such as GetFunction20150331"); CloudFront has 2020_05_31.
_DATED = re.compile(r"(?P<name>[A-Za-z]\w*?)_?20\d\d_?[01]\d_?[0-3]\d(?:v\d+)?")


def action_names(source: str, event: str) -> Iterator[str]:
    """What the action of an event may be called: without the date of the API, if it has one."""
    prefix = _DOMAIN.sub("", source)
    yield f"{prefix}:{event}"
    dated = _DATED.fullmatch(event)
    if dated:
        yield f"{prefix}:{dated['name']}"


def authorising(name: str, catalog: Catalog) -> tuple[str, ...]:
    """The actions that authorise what is called `service:Operation`, none if that is not known.

    The service may be what its API is called (`monitoring`). Of several actions (s3:CopyObject
    reads and writes) all are needed.
    """
    prefix, _, operation = name.partition(":")
    for each in dict.fromkeys((prefix, catalog.renamed(prefix) or prefix)):
        action = catalog.action(f"{each}:{operation}")
        if action:
            return (action.name,)
        if found := catalog.authorising(f"{each}:{operation}"):
            return found
    return ()
