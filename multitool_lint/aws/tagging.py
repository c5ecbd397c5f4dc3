"""Which actions set the tags of the resources that an action acts on, and what names a tag.

The tagging API of Resource Groups (`tag:TagResources`) sets no tag without the action of the
service that owns the resource, so that it has no part in this.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_TagResources.html
"""

from __future__ import annotations

from functools import lru_cache

from multitool_lint.aws.arn import FIELDS, SERVICE, wildcard_of
from multitool_lint.aws.catalog.catalog import Catalog, Service
from multitool_lint.aws.catalog.name_index import positions
from multitool_lint.aws.catalog.queries import keys_at
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.named_tuple import NamedTuple

TAG_KEYS = lazy_pattern(r"[a-z0-9-]+:(request.*)?tagkeys")
"""The condition keys, in lower case, for the keys of the tags in a request."""

_OF_RESOURCE = lazy_pattern(
    r"([a-z0-9-]+:(?:resourcetag|existingobjecttag|(?!req-)[a-z-]+-tag)/)(.+)"
)
_OF_REQUEST = lazy_pattern(r"[a-z0-9-]+:(?:request[a-z]*tag|req-tag)/(.+)")
_OF_OBJECT = ":existingobjecttag/", ":requestobjecttag/"
_REMOVES = lazy_pattern("un|remove|delete|list|get")


class Taggable(NamedTuple):
    """A resource type that an action acts on, and the actions that set tags of such resources.

    Each of these comes with the name that its service has for the type.
    """

    name: str
    required: bool
    format: str
    setters: tuple[tuple[str, str], ...]


def is_reserved(tag: str) -> bool:
    """Whether only AWS sets a tag, the key of which is in lower case.

    AWS: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
    """
    return tag.startswith("aws:")


def resource_tag(key: str) -> tuple[str, str] | None:
    """The beginning of a condition key, in lower case, for a tag of a resource, and the tag."""
    found = _OF_RESOURCE.fullmatch(key)
    return (found[1], found[2]) if found else None


def request_tag(key: str) -> str | None:
    """The tag in a request that a condition key, in lower case, is about."""
    found = _OF_REQUEST.fullmatch(key)
    return found[1] if found else None


@lru_cache(maxsize=1024)
def taggables(catalog: Catalog, action: str, beginning: str) -> tuple[Taggable, ...]:
    """The resource types of an action; none if it does not have the condition keys for tags.

    The `beginning` is that of the keys, such as `aws:resourcetag/`.
    """
    known, service = catalog.action(action), catalog.service(action.partition(":")[0])
    place = service.bit_of(action.partition(":")[2]) if service else None
    if known is None or service is None or place is None:
        return ()
    if not any(key.lower().startswith(beginning) for key in keys_at(service, place)):
        return ()
    of_objects = beginning.endswith(_OF_OBJECT[0])
    types = service.resource_types
    return tuple(
        Taggable(
            accepted.name,
            accepted.required,
            format_,
            _setters(catalog, service, format_, of_objects=of_objects),
        )
        for accepted in known.resource_types
        if accepted.name in types
        for format_ in types[accepted.name].arn_formats
    )


@lru_cache(maxsize=2048)
def _setters(
    catalog: Catalog, service: Service, format_: str, *, of_objects: bool
) -> tuple[tuple[str, str], ...]:
    # Amazon EC2 sets the tags of its instances, whichever service acts on them.
    owner = catalog.service(format_.split(":", FIELDS - 1)[SERVICE]) or service
    names = _names_by_form(owner).get(wildcard_of(format_), set())
    return tuple(
        (action, name)
        for action, tagged in _tagging(owner, of_objects=of_objects)
        for name in tagged
        if name in names
    )


@lru_cache(maxsize=512)
def _names_by_form(service: Service) -> dict[str, set[str]]:
    """The resource types of a service by the form of their ARNs."""
    found: dict[str, set[str]] = {}
    for name, type_ in service.resource_types.items():
        for format_ in type_.arn_formats:
            found.setdefault(wildcard_of(format_), set()).add(name)
    return found


@lru_cache(maxsize=512)
def _tagging(service: Service, *, of_objects: bool) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The actions that set tags, and the types: of objects in Amazon S3, or of any resources."""
    found = []
    for place in positions(service.at_levels((1 << service.current) - 1, ["Tagging"])):
        if not _REMOVES.match(service.lower_names[place]):
            keys = keys_at(service, place)
            if of_objects == any(_OF_OBJECT[1] in key.lower() for key in keys):
                types = service.action_at(place).resource_types
                found.append((service.name_at(place), tuple(type_.name for type_ in types)))
    return tuple(found)
