"""On which resources an action is taken, as far as the attributes of a resource say."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from multitool_lint.needed.resources import (
    ANY,
    DeployedResource,
    DeployedResources,
    ResourceReference,
    Values,
    attribute_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.aws.catalog.records import ResourceType

_PARTITION = "aws"
_PARTITION_PART = re.compile(r"\$\{Partition\}")
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_ENDING = re.compile(r"(?:Friendly)?(?:Name|Id)?(?:WithPath|WithoutLeadingSlash)?$")
_UNNAMED = re.compile(r"\b([a-z-]+[:/])\$\{(Id|Name)\}")
_SUFFIXES = {"SecretId": "-*"}
"""What AWS adds to a name in an ARN: of a secret, six characters."""

_FIXED = {
    # Which path a request has is not known; each verb is one action for all of them.
    **{
        f"apigateway:{verb}": "arn:${Partition}:apigateway:${Region}::/*"
        for verb in ("DELETE", "GET", "PATCH", "POST", "PUT")
    },
    "iam:CreateServiceLinkedRole": "arn:${Partition}:iam::${Account}:role/aws-service-role/*",
}
"""Actions whose resources do not follow from what a resource is called."""

# AWS: without the star for tags only, in policies.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
_LOG_GROUP = re.compile(r".*:log-group:[^:]*$")
_LIST_LOG_TAGS = "logs:ListTagsForResource"

_SHORTEST = 3
"""How many letters of a word decide, as `zone` does for a `HostedZoneId`."""

_PROFILE = "InstanceProfileNameWithPath"
_ROLE = "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"


class ResourceArns:
    """The ARNs of the resources of a deployment."""

    def __init__(self, deployed: DeployedResources, catalog: Catalog) -> None:
        self._catalog = catalog
        self._region = deployed.region
        self._by_address = deployed.by_address()
        self._iam: dict[str, dict[str | ResourceReference, list[DeployedResource]]] = {}

    def of_action(self, name: str, resource: DeployedResource) -> tuple[str, ...]:
        """The ARNs on which a resource takes an action; `*` where nothing is known of them.

        A request with a required resource may name others, too. Without one, the types are
        alternatives, of which the type of the resource is the intended one.
        """
        if fixed := _FIXED.get(name):
            return (_with_any(fixed, self._region),)
        action = self._catalog.action(name)
        service = self._catalog.service(name.partition(":")[0])
        if action is None or service is None or not action.resource_types:
            return (ANY,)
        known = service.resource_types
        types = [known[type_.name] for type_ in action.resource_types if type_.name in known]
        is_joint = any(type_.required for type_ in action.resource_types)
        is_tagging = "Tagging" in action.access_levels  # of the resource itself, in any case
        among = known.values() if is_tagging else () if is_joint else types
        own = [type_ for type_ in among if _has_own(type_, resource)]
        is_certain = is_joint or bool(own) or len(types) == 1
        found: list[str] = []
        for type_ in own or types:
            filled = [arn for form in _formats(type_) for arn in self._filled(form, resource)]
            if not filled and is_certain:
                filled = [_with_any(format_, self._region) for format_ in _formats(type_)]
            found += filled
        if name.startswith("logs:") and not is_tagging and name != _LIST_LOG_TAGS:
            found = [_LOG_GROUP.sub(r"\g<0>:*", arn) for arn in found]
        return tuple(dict.fromkeys(found)) or (ANY,)

    def roles(self, resource: DeployedResource, *, named: bool) -> tuple[str, ...]:
        """The ARNs of the roles that a resource gives to a service; none if it gives none.

        Where they are not `named`, a text is a role only if it is an ARN.
        """
        found: list[str] = []
        for key, values in resource.all_values():
            if "instanceprofile" in key:
                found += self._roles_of_profiles(values)
            elif "role" in key:
                found += [arn for value in values for arn in self._role(value, named=named)]
        # A group of instances passes the role of the launch template that it refers to.
        for other in self._others(resource) if named else ():
            for key, values in other.all_values():
                if "instanceprofile" in key:
                    found += self._roles_of_profiles(values)
        return tuple(dict.fromkeys(found))

    def _roles_of_profiles(self, values: Values) -> Iterator[str]:
        profiles: list[DeployedResource] = []
        for value in values:
            if isinstance(value, ResourceReference):
                profiles += self._by_address.get(value.address, ())
            else:
                profiles += self._of_iam(_PROFILE).get(value, ())
        found = [roles for one in profiles for key, roles in one.all_values() if "role" in key]
        arns = [arn for role in chain.from_iterable(found) for arn in self._role(role, named=True)]
        yield from arns or [_with_any(_ROLE, ANY)]

    def _role(self, value: str | ResourceReference, *, named: bool) -> Iterator[str]:
        if isinstance(value, ResourceReference):
            roles = self._by_address.get(value.address, ())
            arns = [arn for role in roles for arn in self._filled(_ROLE, role)]
            is_role = any(_is_a("Role", "iam", role) for role in roles) or not roles
            yield from arns or ([_with_any(_ROLE, ANY)] if is_role or named else ())
        elif value.startswith("arn:"):
            if ":role/" in value:
                yield value
        elif named and re.fullmatch(r"[\w+=,.@*/-]+", value):
            is_name = "/" not in value and value != ANY
            for path in self._paths("RoleNameWithPath", value) if is_name else ("",):
                yield f"arn:{_PARTITION}:iam::{ANY}:role/{path}{value.lstrip('/')}"

    def _filled(self, format_: str, resource: DeployedResource) -> list[str]:
        """The ARNs of a format that a resource has or is about; none if nothing of it is known."""
        pattern = _as_pattern(format_)
        arns: list[str] = [
            value
            for _, values in resource.all_values()
            for value in values
            if isinstance(value, str) and value.startswith("arn:") and pattern.fullmatch(value)
        ]
        if arns:
            return list(dict.fromkeys(arns))
        region = next(filter(_is_text, resource.value("region")), self._region)
        names = {
            variable: self._named(variable, _service(format_), resource)
            for variable in _VARIABLE.findall(format_)
            if variable not in ("Partition", "Region", "Account")
        }
        if not any(name.strip(ANY) for found in names.values() for name in found):
            return []
        texts = [_PARTITION_PART.sub(_PARTITION, format_).replace("${Account}", ANY)]
        for variable, found in {**names, "Region": (str(region),)}.items():
            part = f"${{{variable}}}"
            texts = [text.replace(part, name) for text in texts for name in found or (ANY,)]
        return texts

    def _named(
        self, variable: str, service: str, resource: DeployedResource, *, of_other: bool = False
    ) -> tuple[str, ...]:
        """The texts for a variable of a format, by the attributes of a resource."""
        noun = _ENDING.sub("", variable)
        is_own = _is_a(noun, service, resource)
        found: list[str] = []
        own = _own_name(noun, variable, resource) if is_own else ()
        for value in own or _of_attribute(noun, service, resource):
            if isinstance(value, str) and ":" not in value:
                paths = _paths(variable, resource) if is_own else self._paths(variable, value)
                found += [f"{path}{value}{_SUFFIXES.get(variable, '')}" for path in paths]
        # As of a subscription, which has nothing but a reference to its topic.
        for other in () if found or of_other else self._others(resource):
            if _is_a(noun, service, other):
                found += self._named(variable, service, other, of_other=True)
        return tuple(dict.fromkeys(found))

    def _paths(self, variable: str, name: str) -> tuple[str, ...]:
        """What ARNs of IAM have before a name: if its resource is not here, any path or none."""
        if not variable.endswith("WithPath"):
            return ("",)
        known = self._of_iam(variable).get(name)
        return _paths(variable, known[0]) if known else ("", "*/")

    def _of_iam(self, variable: str) -> Mapping[str | ResourceReference, list[DeployedResource]]:
        """The resources of IAM that a variable of a format is about, by their names."""
        if variable not in self._iam:
            found = self._iam[variable] = {}
            noun = _ENDING.sub("", variable)
            for resources in self._by_address.values():
                for resource in resources if _is_a(noun, "iam", resources[0]) else ():
                    for name in _own_name(noun, variable, resource):
                        found.setdefault(name, []).append(resource)
        return self._iam[variable]

    def _others(self, resource: DeployedResource) -> Iterator[DeployedResource]:
        """The resources that a resource refers to."""
        for _, values in resource.all_values():
            for value in values:
                if isinstance(value, ResourceReference):
                    yield from self._by_address.get(value.address, ())


def _own_name(noun: str, variable: str, resource: DeployedResource) -> Values:
    """The name or id of a resource of the type that a noun names, or what its name begins with."""
    noun = attribute_name(noun)
    names = [f"{noun}id", "physicalresourceid", "id"]
    prefixes: Values = ()
    if not variable.endswith("Id") or variable in _SUFFIXES:
        names = [f"{noun}name", "name", noun, f"{noun}identifier", "identifier", *names]
        prefixes = resource.value(f"{noun}prefix", "nameprefix", f"{noun}nameprefix")
    found = tuple(
        value for name in names for value in resource.value(name) if value not in (ANY, "")
    )[:1]
    return found or tuple(f"{prefix}*" for prefix in prefixes if isinstance(prefix, str))


def _of_attribute(noun: str, service: str, resource: DeployedResource) -> Values:
    """The values of the attribute by which a resource is about another one."""
    if not noun:
        return ()
    noun = attribute_name(noun)
    is_of_service = service == resource.service
    exact = resource.value(f"{noun}name", noun, f"{noun}id", f"{noun}arn")
    if exact:
        return exact
    stems = {key: re.sub(r"(?:id|name)$", "", key) for key in resource.values}
    return next(
        (
            resource.values[key]
            for key, stem in stems.items()
            if stem.endswith(noun)
            or (is_of_service and stem != key and len(stem) > _SHORTEST and noun.endswith(stem))
        ),
        (),
    )


def _is_a(noun: str, service: str, resource: DeployedResource) -> bool:
    """Whether the type of a resource is the one that a noun in a format of a service names.

    Many services have a group or a cluster: the type has to be of the service, too.
    """
    return service == resource.service and _is_kind(noun, service, resource.kind)


@lru_cache(maxsize=16384)
def _is_kind(noun: str, service: str, type_: str) -> bool:
    kind = attribute_name(re.sub(r"^data\.|::", "", type_))
    last = attribute_name(re.split(r"_|::", type_)[-1])
    name = attribute_name(noun)
    # As a zone of Route 53 is a hosted zone: the type has nothing but the last word of the noun.
    is_close = kind == f"aws{service}{last}" and name.endswith(last)
    return bool(noun) and (kind.endswith(name) or is_close)


def _has_own(type_: ResourceType, resource: DeployedResource) -> bool:
    """Whether a resource is of a resource type of AWS, by what the last variable of that names."""
    for format_ in _formats(type_):
        variables = _VARIABLE.findall(format_)
        noun = _ENDING.sub("", variables[-1]) if variables else ""
        if _is_a(noun, _service(format_), resource):
            return True
    return False


def _formats(type_: ResourceType) -> tuple[str, ...]:
    """The formats of the ARNs of a resource type, with names that say of what they are."""
    return tuple(_UNNAMED.sub(_with_noun, format_) for format_ in type_.arn_formats)


def _with_noun(match: re.Match[str]) -> str:
    noun = match[1][:-1].title().replace("-", "")
    return f"{match[1]}${{{noun}{match[2]}}}"


def _service(format_: str) -> str:
    return format_.split(":")[2]


def _paths(variable: str, resource: DeployedResource) -> tuple[str, ...]:
    """What an ARN of IAM has before the name of a resource."""
    path = next(filter(_is_text, resource.value("path")), "/")
    return (str(path).lstrip("/") if variable.endswith("WithPath") else "",)


def _is_text(value: str | ResourceReference) -> bool:
    return isinstance(value, str)


def _with_any(format_: str, region: str) -> str:
    known: Mapping[str, str] = {"Partition": _PARTITION, "Region": region}
    return _VARIABLE.sub(lambda match: known.get(match[1], ANY), format_)


@lru_cache(maxsize=4096)
def _as_pattern(format_: str) -> re.Pattern[str]:
    """The ARNs of a format: a variable has neither colons nor slashes, unless it has a path."""
    parts = re.split(r"\$\{(\w+)\}", format_)
    return re.compile(
        "".join(
            re.escape(part) if number % 2 == 0 else _of_variable(part)
            for number, part in enumerate(parts)
        )
    )


def _of_variable(name: str) -> str:
    if name in ("Account", "Region"):
        return "[^:/]*"
    return "[^:]+" if "Path" in name or "Slash" in name or name == "ObjectName" else "[^:/]+"
