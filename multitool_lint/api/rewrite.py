"""The library: `expand`, `shrink`, `tighten` and `diff`, on texts, dicts and files.

They keep nothing, print nothing and write nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from multitool_lint.api.lint import listed, read_settings, read_source
from multitool_lint.aws.catalog.catalog import AccessLevel, bundled
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.diffs.sources import changes_of_sources
from multitool_lint.formats import is_output
from multitool_lint.policy.changes import Changes
from multitool_lint.rewrite.usage import Tally, UsageError, is_action, read_file
from multitool_lint.syntax.source import position_of

if TYPE_CHECKING:
    from multitool_lint.api.configuration import Configuration
    from multitool_lint.api.lint import Copy, Given
    from multitool_lint.linter.settings import FileSettings
    from multitool_lint.policy.policy_type import PolicyType
    from multitool_lint.rewrite.draft import Remark, Rewrite
    from multitool_lint.syntax.source import Source


class Several(Protocol):
    """A collection that a `str`, whose items are characters, is not."""

    def __contains__(self, item: object, /) -> bool: ...

    def __iter__(self) -> Iterator[str | os.PathLike[str]]: ...


class Rewritten(NamedTuple):
    """A rewritten policy: a `dict` if a `dict` was given, otherwise the text.

    `policies` has more than one item only if the policy was split. `applied` describes the changes,
    `notes` what to know about them, `problems` what could not be done: that part did not change,
    and without a proof about access nothing did.
    """

    policies: tuple[str | dict[str, Any], ...]
    applied: tuple[str, ...]
    notes: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def policy(self) -> str | dict[str, Any]:
        """The policy, or the first one if it was split."""
        return self.policies[0]


def expand(  # noqa: PLR0913  # the options of the command
    policy: Given,
    *,
    action: str | None = None,
    service: str | None = None,
    levels: Collection[str] = (),
    invert_not_action: bool = False,
    at: int | None = None,
    config: Configuration | None = None,
    type: PolicyType | str | None = None,
    access_levels: str | None = None,
    catalog: Copy = None,
) -> Rewritten:
    """Replace wildcards in actions by the actions that they match, without a change of access.

    The arguments are those of the command. `levels` are access levels as AWS writes them, such as
    `"Permissions management"`, or as the command does. With `at`, an offset in the text, only the
    action there changes, or else the statement there.

    Raises:
        OSError: the file cannot be read.
        ValueError: there is no policy in it, or the value of an argument is not known.
        TypeError: the policy is not a `Path`, `Source`, `str` or `dict`.
    """
    from multitool_lint.rewrite.expand import Expansion, describe_unknown, expand

    if action and not has_wildcard(action):
        raise ValueError(f'"{action}" has no wildcard')
    if invert_not_action and (action or service or levels):
        raise ValueError("invert_not_action expands nothing: use it without other choices")
    wanted = Expansion(action, service, _levels(levels), invert_not_action)
    source = read_source(policy)
    settings = read_settings(config, catalog, type=type, access_levels=access_levels).of(
        source.path
    )
    if service and (unknown := describe_unknown(service, settings.catalog or bundled())):
        raise ValueError(unknown)
    return _rewritten(policy, source, settings, partial(expand, wanted=wanted), at)


def shrink(  # noqa: PLR0913  # the options of the command
    policy: Given,
    *,
    max_wildcards: int = 2,
    min_prefix: int = 0,
    whole_words: bool = False,
    target_size: int | None = None,
    split: bool = False,
    minify: bool = False,
    config: Configuration | None = None,
    type: PolicyType | str | None = None,
    catalog: Copy = None,
) -> Rewritten:
    """Make a policy shorter without a change of access, for the actions in the catalog.

    The arguments are those of the command. A `target_size` is in characters, counted as AWS counts.

    Raises:
        OSError, ValueError, TypeError: as `expand` says.
    """
    from multitool_lint.rewrite.shrink import shrink
    from multitool_lint.rewrite.shrink.patterns import Limits

    if max_wildcards < 0 or min_prefix < 0:
        raise ValueError("max_wildcards and min_prefix are not negative")
    if target_size is not None and target_size < 1:
        raise ValueError("no policy has a size of less than 1")
    if split and not target_size:
        raise ValueError("split needs a target_size")
    limits = Limits(min_prefix, max_wildcards, whole_words)
    rewrite = partial(shrink, limits=limits, target_size=target_size, splits=split, minify=minify)
    source = read_source(policy)
    settings = read_settings(config, catalog, type=type).of(source.path)
    return _rewritten(policy, source, settings, rewrite)


def tighten(  # noqa: PLR0913  # the options of the command
    policy: Given,
    *,
    levels: Collection[str] = (),
    all_actions: bool = False,
    used: Several | os.PathLike[str] | None = None,
    include_errors: bool = False,
    used_since: str = "",
    drop_wildcards: bool = False,
    pass_role_to: Sequence[str] = (),
    by_resource: bool = False,
    arns: Sequence[str] = (),
    at: int | None = None,
    config: Configuration | None = None,
    type: PolicyType | str | None = None,
    access_levels: str | None = None,
    catalog: Copy = None,
) -> Rewritten:
    """Reduce the access that a policy grants; access is never added.

    The arguments are those of the command. `used` are the actions that were used, or a `Path` of
    what the command reads, or several of both. With `at`, only what `expand` says.

    Raises:
        OSError, ValueError, TypeError: as `expand` says.
    """
    from multitool_lint.aws.arn import defect
    from multitool_lint.aws.principals import describe_unknown
    from multitool_lint.rewrite.tighten import Tightening, tighten

    source = read_source(policy)
    settings = read_settings(config, catalog, type=type, access_levels=access_levels).of(
        source.path
    )
    usage = None
    if used is not None:
        tally = _tally_of(used, include_errors=include_errors, since=used_since)
        usage = tally.usage(settings.catalog or bundled())
    services, given = tuple(listed(pass_role_to)), tuple(listed(arns))
    doubts = [
        *map(describe_unknown, services),
        *(found.message for found in map(defect, given) if found),
    ]
    for doubt in filter(None, doubts):
        raise ValueError(doubt)
    wanted = Tightening(
        _levels(levels), all_actions, usage, drop_wildcards, services, by_resource, given
    )
    result = _rewritten(policy, source, settings, partial(tighten, wanted=wanted), at)
    return result._replace(notes=(*(usage.notes if usage else ()), *result.notes))


def diff(
    old: Given, new: Given, *, config: Configuration | None = None, catalog: Copy = None
) -> Changes:
    """Compare the access that two policies grant; the result is empty if they are proved the same.

    Of several policies in a file or text, those with the same name are compared; if each side has
    only one, these are. Of files of Terraform, and of templates, what each deploys by itself is
    compared. The `action_names` of a difference list its actions. `unknown` lists what could not be
    read or compared, `impossible` what is allowed of requests that, by AWS's reference, nobody can
    make.

    Raises:
        OSError, ValueError, TypeError: as `expand` says.
    """
    sources = [read_source(side) for side in (old, new)]
    known = read_settings(config, catalog).of(sources[0].path).catalog or bundled()
    every = [changes for _, changes in changes_of_sources(sources, known)]
    return Changes(
        tuple(change for changes in every for change in changes.gained),
        tuple(change for changes in every for change in changes.lost),
        tuple(part for changes in every for part in changes.unknown),
        tuple(change for changes in every for change in changes.impossible),
    )


def _rewritten(
    policy: Given,
    source: Source,
    settings: FileSettings,
    rewrite: Callable[..., Rewrite],
    at: int | None = None,
) -> Rewritten:
    from multitool_lint.rewrite.in_file import PRINTED, rewrite_all

    if is_output(source):
        raise ValueError(f"{source.path}: {PRINTED}")
    result = rewrite_all(
        source,
        rewrite,
        type=settings.type,
        resource_type=settings.resource_type,
        catalog=settings.catalog,
        at=at,
    )
    if result.unread:
        raise ValueError(_described(result.unread[0]))
    if result.no_policy:
        raise ValueError(f"{result.source.path}: no policy: {result.no_policy.in_words()}")
    texts = result.pieces or (result.text,)
    return Rewritten(
        tuple(map(json.loads, texts)) if isinstance(policy, dict) else tuple(texts),
        *(tuple(map(_described, note)) for note in (result.applied, result.notes, result.problems)),
    )


def _tally_of(used: Several | os.PathLike[str], *, include_errors: bool, since: str) -> Tally:
    """What was used: actions by name, and what is in files and folders.

    Raises:
        ValueError: a file cannot be read or understood.
        TypeError: what might be the path of a file is not a `Path`.
    """
    if isinstance(used, str):
        raise TypeError(
            f'used is a list of actions, such as ["s3:GetObject"], or a file: Path("{used}")'
        )
    tally = Tally(include_errors, since and date.fromisoformat(since).isoformat())
    for item in (used,) if isinstance(used, os.PathLike) else used:
        if isinstance(item, os.PathLike):
            try:
                read_file(os.fspath(item), tally)
            except UsageError as error:
                raise ValueError(str(error)) from error
        elif is_action(item):
            tally.add_name(item)
        else:
            raise TypeError(f'"{item}" is not an action; a file is a Path("{item}")')
    return tally


def _levels(names: Collection[str]) -> tuple[AccessLevel, ...]:
    """The access levels of these names.

    Raises:
        ValueError: there is none of a name.
    """
    from multitool_lint.aws.access_levels import LEVELS

    keys = [name.lower().replace(" ", "-") for name in listed(names)]
    for key in keys:
        if key not in LEVELS:
            raise ValueError(f'"{key}" is not one of {", ".join(LEVELS)}')
    return tuple(LEVELS[key] for key in keys)


def _described(remark: Remark) -> str:
    return f"{position_of(remark.source, remark.span)}: {remark.message}"
