"""A question about one request: what is known of it, and what is not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import Enum
from typing import TYPE_CHECKING

from multitool_lint.aws.arn import fields, is_account_id
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.action_scope import action_scopes
from multitool_lint.policy.evaluation.callers import Caller, CallerKind
from multitool_lint.policy.undocumented_resources import acts_on_undocumented

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.action_scope import ResourceFormats
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.compare.callers import Principal
    from multitool_lint.policy.compare.request import Values

ANY = "*"
"""The resource of a request of an action that acts on no resource, or any one that it acts on."""


class MissingPart(Enum):
    """What a decision may depend on that is not known; the value is the words for it."""

    KEY = "{}"
    VALUE = "the value of {}"
    RESOURCE = "the resource"
    PRINCIPAL = "whether a statement names the principal"
    ACCOUNT = "the account of the resource"
    RESOURCE_POLICY = "the policy of the resource: its key policy or trust policy"
    STATEMENT = "a statement that could not be read: {}"
    UNREAD = "what could not be read: {}"
    CASE = "a condition of the template"
    LINKED = "whether the role is a service-linked role"
    RCP = "whether resource control policies restrict {}"
    CONDITION = "the condition {}"
    OWNER = "whether the policy at {} is that of the resource"


class Missing(NamedTuple):
    """Something that is not known: a condition key by its name, say, or why it is not known."""

    part: MissingPart
    name: str = ""


class RequestContext(dict[str, "Values"]):
    """The condition keys of a request, in lower case.

    A key without a value is absent from the request. Of one that is not here, nothing is known;
    in a `complete` context, all keys but some `unknown` ones are here.
    """

    def __init__(
        self, keys: Mapping[str, Values], unknown: Collection[str], *, complete: bool
    ) -> None:
        super().__init__(keys)
        self._unknown = unknown
        self._complete = complete

    def with_values(self, keys: Mapping[str, Values]) -> RequestContext:
        """The context with more keys."""
        return RequestContext({**self, **keys}, self._unknown, complete=self._complete)

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or (self._complete and key not in self._unknown)

    def __missing__(self, _key: str) -> Values:
        return None


class AskedRequest(NamedTuple):
    """Whether a caller may do an action, its name in lower case, on a resource.

    The resource may be a pattern: the question is then about all that it matches. Without a caller,
    it is about any principal. `is_in_account` says whether that belongs to the account of the
    resource; None if that is not known.
    """

    action: str
    resource: str
    caller: Caller | None
    context: RequestContext
    is_in_account: bool | None
    formats: ResourceFormats
    catalog: Catalog
    has_boundary: bool = False

    @property
    def service(self) -> str:
        """The service prefix of the action."""
        return self.action.partition(":")[0]

    @property
    def compared_principal(self) -> Principal:
        """The principal as which statements are compared: None for one of IAM.

        Requests of others need not be signed.
        """
        is_of_iam = self.caller is None or self.caller.kind.has_identity
        return None if is_of_iam else ("AWS", "*")

    @property
    def acts_on_nothing(self) -> bool:
        """Whether the action only ever takes `*`."""
        return self.formats.unscoped and not self.formats.formats

    @property
    def is_about_several(self) -> bool:
        """Whether the resource is a pattern: all resources that it matches are asked about."""
        return has_wildcard(self.resource) and not self.acts_on_nothing


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
    keys = {**_keys_of(caller), **{key.lower(): values for key, values in context.items()}}
    if account and is_account_id(account):
        keys.setdefault("aws:resourceaccount", (account,))
    # A session has the ARN of its role, with a path that its own ARN does not have.
    has_role = caller is None or caller.kind is CallerKind.SESSION
    known = RequestContext(keys, ("aws:principalarn",) if has_role else (), complete=complete)
    own = caller.account if caller else None
    if own and account and is_account_id(account):
        within: bool | None = own == account
    else:  # what belongs to AWS is used as what belongs to the account
        within = not own or only_any or account == "aws" or None
    return AskedRequest(name, resource, caller, known, within, formats, catalog)


def _keys_of(caller: Caller | None) -> dict[str, Values]:
    """The condition keys that follow from who calls.

    AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    if caller is None or caller.kind is CallerKind.PROVIDER:
        return {}
    kind, name = caller
    is_service = kind is CallerKind.SERVICE
    found: dict[str, Values] = {"aws:principalisawsservice": (str(is_service).lower(),)}
    if not kind.has_identity:
        return {**found, **dict.fromkeys(("aws:username", "aws:principalaccount"))}
    found["aws:principalaccount"] = (caller.account or "",)
    if kind in (CallerKind.USER, CallerKind.ROLE, CallerKind.ROOT):
        found["aws:principalarn"] = (name,)
    if kind is CallerKind.USER:
        found["aws:username"] = (name.rpartition("/")[2],)
    return found
