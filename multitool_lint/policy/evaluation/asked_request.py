"""A question about one request: what is known of it, and what is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.arn import fields, is_account_id
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.policy.action_scope import action_scopes
from multitool_lint.policy.evaluation.callers import CallerKind
from multitool_lint.policy.undocumented_resources import acts_on_undocumented

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.action_scope import ResourceFormats
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.compare.request import Values
    from multitool_lint.policy.evaluation.callers import Caller

ANY = "*"
"""The resource of a request of an action that acts on no resource, or any one that it acts on."""


class MissingPart(Enum):
    """What a decision may depend on that is not known."""

    KEY = "key"
    VALUE = "value"
    RESOURCE = "resource"
    PRINCIPAL = "principal"
    ACCOUNT = "account"
    RESOURCE_POLICY = "resource-policy"
    STATEMENT = "statement"
    UNREAD = "unread"
    CASE = "case"
    LINKED = "service-linked-role"
    RCP = "rcp"


class Missing(NamedTuple):
    """Something that is not known: a condition key by its name, say, or why it is not known."""

    part: MissingPart
    name: str = ""


class RequestContext(Mapping[str, "Values"]):
    """The condition keys of a request, in lower case.

    A key without a value is absent from the request. Of one that is not here, nothing is known;
    in a `complete` context, all keys but some `unknown` ones are here.
    """

    def __init__(
        self,
        keys: Mapping[str, Values],
        *,
        complete: bool = False,
        unknown: frozenset[str] = frozenset(),
    ) -> None:
        self._keys = {key.lower(): values for key, values in keys.items()}
        self._complete = complete
        self._unknown = unknown

    def __contains__(self, key: object) -> bool:
        return key in self._keys or (self._complete and key not in self._unknown)

    def __getitem__(self, key: str) -> Values:
        return self._keys.get(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


class AskedRequest(NamedTuple):
    """Whether a caller may do an action, its name in lower case, on a resource.

    The resource may be a pattern: the question is then about all that it matches. Without a caller,
    it is about any principal in the account of the resource.
    """

    action: str
    resource: str
    caller: Caller | None
    context: RequestContext
    resource_account: str | None
    formats: ResourceFormats
    catalog: Catalog
    has_boundary: bool = False

    @property
    def service(self) -> str:
        """The service prefix of the action."""
        return self.action.partition(":")[0]

    @property
    def acts_on_nothing(self) -> bool:
        """Whether the action only ever takes `*`."""
        return self.formats.unscoped and not self.formats.formats

    @property
    def is_about_several(self) -> bool:
        """Whether the resource is a pattern: all resources that it matches are asked about."""
        return has_wildcard(self.resource) and not self.acts_on_nothing

    @property
    def is_in_account(self) -> bool | None:
        """Whether the caller belongs to the account of the resource."""
        if self.caller is None or self.caller.account is None:
            return True
        if self.resource_account is not None:
            return self.resource_account == self.caller.account
        return True if self.acts_on_nothing else None


def asked_request(  # noqa: PLR0913  # the parts of a request
    action: str,
    resource: str,
    caller: Caller | None,
    context: Mapping[str, Values],
    resource_account: str | None,
    catalog: Catalog,
    *,
    complete: bool,
) -> AskedRequest:
    """The question, with what follows from its parts: keys about the principal, the account."""
    name = action.lower()
    formats = action_scopes(catalog).formats(name)
    only_any = formats.unscoped and not formats.formats
    if only_any and not acts_on_undocumented(name, formats, resource, catalog):
        resource = ANY
    arn = fields(resource)
    account = resource_account or (arn.account if arn else None)
    if account is not None and not is_account_id(account):
        # What belongs to AWS is used as what belongs to the account.
        account = (caller.account if caller else None) if account == "aws" else None
    keys = {key.lower(): values for key, values in context.items()}
    known = {**_keys_of(caller), **keys}
    if account:
        known.setdefault("aws:resourceaccount", (account,))
    is_session = caller is not None and caller.kind is CallerKind.SESSION
    unknown = frozenset({"aws:principalarn"}) if is_session or caller is None else frozenset()
    return AskedRequest(
        name,
        resource,
        caller,
        RequestContext(known, complete=complete, unknown=unknown),
        account,
        formats,
        catalog,
    )


def _keys_of(caller: Caller | None) -> dict[str, Values]:
    """The condition keys that follow from who calls.

    AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    if caller is None or caller.kind is CallerKind.PROVIDER:
        return {}
    if caller.kind is CallerKind.SERVICE:
        return {
            "aws:principalisawsservice": ("true",),
            "aws:principalservicename": (caller.name,),
            "aws:username": None,
        }
    found: dict[str, Values] = {"aws:principalisawsservice": ("false",)}
    if caller.kind is CallerKind.ANONYMOUS:
        return {**found, "aws:principalarn": None, "aws:principalaccount": None}
    found["aws:principalaccount"] = (caller.account or "",)
    if caller.kind in (CallerKind.USER, CallerKind.ROLE, CallerKind.ROOT):
        # A session has the ARN of its role, with a path that its own ARN does not have.
        found["aws:principalarn"] = (caller.name,)
    if caller.kind is CallerKind.USER:
        found["aws:username"] = (caller.name.rpartition("/")[2],)
    return found
