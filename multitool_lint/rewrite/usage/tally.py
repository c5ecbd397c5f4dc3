"""What was used, gathered from several sources.

CloudTrail: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.diagnostics.finding import counted, enumerate_briefly
from multitool_lint.policy.access import allowed
from multitool_lint.policy.document import Policy

NO_CALLS = frozenset({"AwsServiceEvent", "AwsConsoleSignIn", "AwsCloudTrailInsight"})
"""Types of events that record no request, and need no action.

AWS: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-non-api-html
"""

PERHAPS_NO_CALL = frozenset({"AwsConsoleAction"})
"""Types of events that record what was done in the console, perhaps without a request."""

SIGN_IN = "signin.amazonaws.com"
"""The source of events of signing in, which no policy allows."""

UNRECORDED = (
    "CloudTrail does not record iam:PassRole, and data events (s3:GetObject, lambda:InvokeFunction "
    "and others) only if a trail is configured for them: review what is removed, and list what is "
    "needed in another --used file"
)
"""PassRole is a permission and no API call, and trails log no data events by default.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-html
"""

_DOMAIN = re.compile(r"\.amazonaws\.com(?:\.cn)?$")
# AWS: https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html ("may include date
# and version information, such as GetFunction20150331"); CloudFront has 2020_05_31.
_DATED = re.compile(r"(?P<name>[A-Za-z]\w*?)_?20\d\d_?[01]\d_?[0-3]\d(?:v\d+)?")


class UsageError(Exception):
    """What was used is not known; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Usage:
    """The actions that were used: of the catalog, and `names` in lower case that it has not.

    `from_events` means that some of it is from CloudTrail, which does not record everything. The
    `notes` are what one should know of the sources.
    """

    actions: ActionSet
    names: frozenset[str] = frozenset()
    from_events: bool = False
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Tally:
    """What was used so far, whatever the catalog.

    Events with an error are left out unless `include_errors` is set, and what was last used before
    `since`, a date in ISO 8601, is not used.
    """

    include_errors: bool = False
    since: str = ""
    _names: dict[str, None] = field(default_factory=dict)
    _policies: list[Policy] = field(default_factory=list)
    _services: list[tuple[str, list[str]]] = field(default_factory=list)
    """Services that were used, each with those of its actions that certainly were not."""
    _kinds: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    _failed: int = 0
    _notes: dict[str, None] = field(default_factory=dict)

    def add_name(self, text: str) -> None:
        """Add an action, a pattern of actions or an API operation."""
        self._names[text] = None

    def add_policy(self, policy: Policy) -> None:
        """Add what a policy grants."""
        self._policies.append(policy)

    def add_event(self, record: Mapping[str, object]) -> None:
        """Add a record of CloudTrail."""
        type_, source = str(record.get("eventType")), str(record.get("eventSource"))
        if type_ in NO_CALLS or source == SIGN_IN:
            return
        if str(record.get("eventTime", "~")) < self.since:
            return
        if record.get("errorCode") and not self.include_errors:
            self._failed += 1
            return
        silent = type_ in PERHAPS_NO_CALL
        self._kinds[source, str(record.get("eventName")), silent] += 1

    def add_service(self, entry: Mapping[str, object]) -> None:
        """Add when a service, and perhaps actions of it, were last used according to IAM.

        Of a service that was used, the actions that IAM does not track may have been.

        AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ServiceLastAccessed.html
        https://docs.aws.amazon.com/IAM/latest/APIReference/API_TrackedActionLastAccessed.html
        """
        if not self._is_recent(entry.get("LastAuthenticated")):
            return
        prefix = str(entry.get("ServiceNamespace"))
        tracked = entry.get("TrackedActionsLastAccessed")
        unused = [
            str(service.get("ActionName")).removeprefix(f"{prefix}:")
            for service in (tracked if isinstance(tracked, list) else ())
            if isinstance(service, dict) and not self._is_recent(service.get("LastAccessedTime"))
        ]
        self._services.append((prefix, unused))

    def _is_recent(self, moment: object) -> bool:
        return bool(moment) and str(moment) >= self.since

    def note(self, message: str) -> None:
        """Say what one should know of the sources, once."""
        self._notes[message] = None

    def usage(self, catalog: Catalog) -> Usage:
        """What was used, all in all."""
        found = ActionSet()
        unknown: list[str] = []
        for name in (*self._names, *self._foreign(catalog)):
            matched = _matched(name, catalog)
            found |= matched
            unknown += () if matched else [name]
        for policy in self._policies:
            found |= allowed(policy, catalog)
        for prefix, unused in self._services:
            of_service = catalog.match(f"{prefix}:*")
            for service in unused:
                of_service -= catalog.match(f"{prefix}:{service}")
            found |= of_service
        unrecognised: dict[str, None] = {}
        seen = {name.lower() for name in unknown}
        for source, event, silent in self._kinds:
            names = list(action_names(source, event))
            actions = next(filter(None, (authorising(name, catalog) for name in names)), ())
            found = found.union(map(catalog.match, actions))
            if not actions:
                seen.update(name.lower() for name in names)
                if not silent:
                    unrecognised[names[-1]] = None
        notes = (*self._notes, *self._remarks(sorted(unrecognised), unknown, catalog))
        return Usage(found, frozenset(seen), bool(self._kinds or self._failed), notes)

    def _foreign(self, catalog: Catalog) -> Iterator[str]:
        """The actions that policies name, and the catalog has not."""
        for policy in self._policies:
            for statement in policy.statements:
                if statement.allows and not statement.negates_actions:
                    for _, text in statement.action_texts:
                        if not has_wildcard(text) and not catalog.match(text):
                            yield text

    def _remarks(
        self, unrecognised: list[str], unknown: list[str], catalog: Catalog
    ) -> Iterator[str]:
        if unrecognised:
            kinds = "kind of event was" if len(unrecognised) == 1 else "kinds of event were"
            yield f"{len(unrecognised):,} {kinds} not recognised: {enumerate_briefly(unrecognised)}"
        if unknown:
            what = "is not an action" if len(unknown) == 1 else "are not actions"
            close = catalog.close_actions(unknown[0]) if len(unknown) == 1 else ()
            question = f'; did you mean "{close[0]}"?' if close else ""
            yield f"{enumerate_briefly(unknown)} {what} in the catalog{question}"
        if self._failed:
            yield f"{counted(self._failed, 'event')} with an error left out"
        if self._services:
            prefixes = sorted({prefix for prefix, _ in self._services})
            yield (
                "of services that were used, the actions that IAM does not track count as used: "
                f"{enumerate_briefly(prefixes)}"
            )


def _matched(name: str, catalog: Catalog) -> ActionSet:
    found = catalog.match(name)
    if found or has_wildcard(name):
        return found
    return found.union(map(catalog.match, authorising(name, catalog)))


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
    for fromkey in dict.fromkeys((prefix, catalog.renamed(prefix) or prefix)):
        action = catalog.action(f"{fromkey}:{operation}")
        if action:
            return (action.name,)
        if found := catalog.authorising(f"{fromkey}:{operation}"):
            return found
    return ()
