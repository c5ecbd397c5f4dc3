"""ARNs that go on from what is written of one."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from multitool_lint.aws.regions import partitions
from multitool_lint.lazy_pattern import lazy_pattern

_FILLED_IN = lazy_pattern(r"\$\{[^}]*\}?")
_FIELDS = 6
_OF_ITS_FIELDS = ("", "partition", "service", "Region")


def fields_of(text: str) -> list[str]:
    """The fields of an ARN, as far as it is written; a colon in `${AWS::Region}` separates none."""
    joined = _FILLED_IN.sub(lambda match: match[0].replace(":", "\0"), text)
    return [field.replace("\0", ":") for field in joined.split(":", _FIELDS - 1)]


def completed(form: str, prefix: str) -> str | None:
    """A format with the fields that are written before the last one; None if it has others."""
    fields = fields_of(form.replace("${Partition}", "aws", 1))
    for at, written in enumerate(fields_of(prefix)[:-1]):
        is_open = at == 1 or "${" in fields[at]
        if not written if is_open else written != fields[at]:
            return None
        fields[at] = written
    return ":".join(fields)


def steps(
    prefix: str, forms: Collection[str], services: Collection[str]
) -> Iterator[tuple[str, str]]:
    """What can be the next field of an ARN, up to the Region, and what that is."""
    head, at = ":".join(["arn", *fields_of(prefix)[1:-1]]), max(len(fields_of(prefix)), 2)
    if at > len(_OF_ITS_FIELDS):
        return
    for field in _next_fields(fields_of(prefix), at, forms, services):
        yield f"{head}:{field}:", _OF_ITS_FIELDS[at - 1] if field else "no Region"


def _next_fields(
    fields: list[str], at: int, forms: Collection[str], services: Collection[str]
) -> Iterator[str]:
    if at == len(_OF_ITS_FIELDS):
        parts = [fields_of(form) for form in forms]
        has_region = {bool(part[3]) for part in parts if part[2] == fields[2]} or {False, True}
        partition = partitions().get(fields[1])
        if False in has_region:
            yield ""
        if True in has_region and partition:
            yield from sorted(partition.regions)
    else:
        yield from partitions() if at == 2 else sorted(services)  # noqa: PLR2004 - fields
