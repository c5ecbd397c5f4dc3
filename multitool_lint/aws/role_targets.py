"""What runs with a role: the types of resources, and the attribute that has the role."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from multitool_lint.aws.arn import FIELDS
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.named_tuple import NamedTuple

_VARIABLE = lazy_pattern(r"\$\{\w+\}")


class RoleAttribute(NamedTuple):
    """The type of a resource in IAM, as `lambda:function`, and the path to its role.

    What has the role may be another resource, as an instance profile. Only others run with the
    role of a type "". `named_by` is the attribute with the first name in the ARN: "" of its own,
    None if there is none. The attribute in `needs` must be true.
    """

    iam_type: str
    path: tuple[str, ...]
    named_by: str | None = ""
    needs: str = ""

    @property
    def has_tags(self) -> bool:
        """Whether its tags are those of what runs with the role."""
        return not self.named_by and not self.iam_type.startswith("ssm:")


@bundled_table("role_targets.tsv")
def role_attributes(rows: Rows) -> Mapping[str, tuple[RoleAttribute, ...]]:
    """The attributes by the type of the resource, of Terraform and of CloudFormation."""
    found: dict[str, tuple[RoleAttribute, ...]] = {}
    for iam_type, type_, path, *more in rows:
        named_by, needs = (*more, "", "")[:2]
        attribute = RoleAttribute(
            iam_type.strip("-"),
            tuple(path.split(".")),
            None if named_by == "-" else named_by,
            needs,
        )
        found[type_] = (*found.get(type_, ()), attribute)
    return found


def named(format_: str, name: str) -> str:
    """A format of ARNs with a name for the first of the variables that say which resource it is."""
    *head, last = format_.split(":", FIELDS - 1)
    return ":".join((*head, _VARIABLE.sub(lambda _: name, last, count=1)))


@lru_cache(maxsize=32)
def arn_format(iam_type: str) -> str:
    """The documented format of the ARNs of a type of resources in IAM, as `lambda:function`."""
    prefix, _, name = iam_type.partition(":")
    service = bundled().service(prefix)
    found = service.resource_types[name].arn_formats if service else ()
    return found[0] if found else ""
