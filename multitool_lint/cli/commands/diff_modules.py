"""The access of Terraform modules in two trees, for `diff`."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.cli.files.changed_modules import ModuleTrees
from multitool_lint.cli.files.git import relative
from multitool_lint.cli.files.version import UnreadableVersionError, Version
from multitool_lint.cli.files.versions import Versions, digest
from multitool_lint.cli.output.compared import Compared
from multitool_lint.diffs.deployments import DeploymentComparison
from multitool_lint.diffs.documents import of_module_file
from multitool_lint.diffs.published import changed_values
from multitool_lint.diffs.readable import readable
from multitool_lint.diffs.restrictions import made_types
from multitool_lint.formats.attaching_commands import attaching, by_command
from multitool_lint.formats.command_effects import only_limits, only_shares
from multitool_lint.policy.changes import Changes, NotCompared
from multitool_lint.policy.forbidden import Forbidden, granted
from multitool_lint.syntax.tree_of_files import FileTree
from multitool_lint.values.reading import TooMuchError
from multitool_lint.values.terraform.file_names import ENDINGS, OPENTOFU, has_values, overrides

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.cli.files.git_listing import PathChange
    from multitool_lint.deployments.deployment import Deployment
    from multitool_lint.deployments.published import PublishedValue
    from multitool_lint.deployments.terraform.access import ModuleDeployment
    from multitool_lint.policy.document import Policy
    from multitool_lint.syntax.terms import Value

    Pair = tuple[Version, Version]
    Side = Deployment | None
    Others = Callable[[Version, Collection[str]], Iterable[Policy] | None]


class ComparisonRequest(NamedTuple):
    """What is asked of a comparison besides what has changed.

    The `notes` are about changes that decide nothing; `deployed` are the new files whose policies
    are compared with the modules that read them; `elsewhere` are the policies that are not in
    some paths. `is_called` says whether the callers of a folder's module are compared, too; `made`
    are the types of resources that deployments have now, and had not before; `published` is what
    they publish as something else.
    """

    forbidden: Sequence[Forbidden]
    catalog: Catalog
    notes: list[str]
    deployed: set[str]
    made: set[str]
    published: dict[PublishedValue, tuple[Value, Value]]
    allows_new: bool = False
    elsewhere: Callable[[Collection[str]], Iterable[Policy] | None] = lambda _: ()
    is_called: Callable[[str], bool] = lambda _: False


def changed_modules(
    versions: Versions, paths: Sequence[str], asked: ComparisonRequest, others: Others
) -> Iterator[Compared]:
    """The modules that differ in the two sides, and with what is forbidden those of some paths.

    `others` are the policies of a repository but for those of a file, and of some paths.

    Raises:
        GitError: git cannot answer.
    """
    from multitool_lint.cli.files.changed_files import changes_of

    sides = versions.sides
    for repository in versions.repositories:
        modules = ModuleTrees(repository)
        has_old = repository.object(sides.old, "tree") is not None
        changes = changes_of(repository, sides)
        folders = dict.fromkeys(modules.changed(changes, sides if has_old else (sides.new,)))
        if asked.forbidden:
            for path in paths:
                located, place = versions.located(path)
                if located is repository:
                    folders[posixpath.dirname(place)] = None
        asked = asked._replace(elsewhere=partial(others, Version(relative(repository, ":"))))
        both = sides.old if has_old else None, sides.new
        asked = asked._replace(is_called=partial(modules.is_called, both[0]))
        if asked.allows_new:
            modules.kept = tuple(change.path for change in changes if _may_be_kept(change))
        given = modules.with_values(changes, both)
        # What is gone may be a part of others now, which are compared first.
        there = modules.calls.folders(sides.new)
        ordered = sorted(folders, key=lambda folder: folder not in there)
        for folder, values in [*((folder, None) for folder in ordered), *given]:
            place = relative(repository, values or folder) if values or folder else os.curdir
            names = Version(place, sides.old), Version(place, sides.new)
            try:
                pairs = list(_deployed(modules, both, folder, values))
                found = list(
                    _once(chain.from_iterable(compared(names, *pair, asked) for pair in pairs))
                )
            except (TooMuchError, RecursionError) as error:
                yield not_compared(names, folder, str(error), asked.catalog)
                continue
            yield from found
            seen = [pair for pair in pairs if pair[0] or not asked.allows_new]
            read = {path for pair in seen for path in _read_with(changes, *pair)}
            asked.deployed.update(os.path.normpath(relative(repository, path)) for path in read)
        if commands := tuple(_changed_commands(modules, changes, both)):
            names = Version(os.curdir, sides.old), Version(os.curdir, sides.new)
            tree = modules.tree(sides.new)
            content = digest(sorted((path, tree.identity(path)) for path, _ in commands))
            changed = Changes((), (), commands)
            yield Compared(*names, None, changed, (), asked.catalog, content=content)


def _deployed(
    modules: ModuleTrees, sides: tuple[str | None, str], folder: str, values: str | None
) -> Iterator[tuple[ModuleDeployment | None, ModuleDeployment | None]]:
    """What a module deploys by itself; a new one that is called does so where it is called.

    It has no other callers than those that are compared.
    """
    for before, after in modules.sides(*sides, folder, values):
        if before or values or not modules.is_called(sides[1], folder):
            yield before, after


def versions_of_one(
    versions: Versions, old: Version, new: Version, asked: ComparisonRequest
) -> list[Compared]:
    """Two versions of a module, or of two files that are not the same one.

    Raises:
        GitError: git cannot answer.
        UnreadableVersionError: one of them cannot be read.
    """
    for which in (old, new):
        versions.source(which)
    is_same = os.path.realpath(old.path) == os.path.realpath(new.path)
    is_same &= (old.revision, new.revision) != (None, None)
    try:
        names = old, new
        pairs = list(_sides_of_one(versions, old, new, alone=not is_same))
        for which, made in zip((old, new), pairs[0], strict=True):
            if made is None or not (made.owners or made.reading.broken):
                raise UnreadableVersionError(f"{which}: no policy found")
        found = list(_once(chain.from_iterable(compared(names, *pair, asked) for pair in pairs)))
    except (TooMuchError, RecursionError) as error:
        found = [not_compared((old, new), new.path, str(error), asked.catalog)]
    return found or [Compared(old, new, None, Changes((), ()), (), asked.catalog)]


def _sides_of_one(
    versions: Versions, old: Version, new: Version, *, alone: bool
) -> Iterator[tuple[Side, Side]]:
    """What two versions deploy: the modules of their folder, or the files alone."""
    if alone:
        yield _of_file(versions, old), _of_file(versions, new)
        return
    repository, place = versions.located(new.path)
    folder = posixpath.dirname(place)
    values = place if has_values(place) else None
    yield from ModuleTrees(repository).sides(old.revision, new.revision, folder, values)


def _of_file(versions: Versions, which: Version) -> Side:
    if which.revision is None:
        folder, name = os.path.split(os.path.realpath(which.path))
        return of_module_file(FileTree(folder), name)
    repository, place = versions.located(which.path)
    return of_module_file(ModuleTrees(repository).tree(which.revision), place)


def compared(names: Pair, old: Side, new: Side, asked: ComparisonRequest) -> Iterator[Compared]:
    """How the access of two deployments differs, owner by owner."""
    if asked.allows_new and old is None:
        return
    if doubts := tuple(_broken(old, new)):
        changes = Changes((), (), doubts)
        yield Compared(*names, None, changes, (), asked.catalog, content=_content(new))
    elsewhere = partial(asked.elsewhere, new.reading.paths if new else ())
    folder = old.folder if old else ""
    asked.made.update(made_types(old, new))
    asked.published.update(changed_values(old, new))
    is_called = partial(asked.is_called, folder)
    comparison = DeploymentComparison(old, new, asked.catalog, elsewhere, is_called, asked.made)
    seen = set()
    for change in comparison.changes():
        seen.add(change.title)
        found = dict.fromkeys(granted(change.policies, asked.forbidden, asked.catalog))
        changes = readable(change.changes, comparison.names)
        content = _content(new, change.title)
        yield Compared(*names, change.title, changes, tuple(found), asked.catalog, content=content)
    for title in comparison.unread_modules():
        asked.notes.append(f"{names[1]}: {title} has changed; its module is not read")
    for owner in new.owners.values() if new and asked.forbidden else ():
        policies = comparison.policies_of(owner)
        found = dict.fromkeys(granted(policies, asked.forbidden, asked.catalog))
        if found and owner.title not in seen:
            yield Compared(*names, owner.title, Changes((), ()), tuple(found), asked.catalog)


def _content(new: Side, title: str | None = None) -> str:
    """An identity of what an owner has now, or without one of all that a module is read from."""
    if new is None:
        return digest(title)
    owners = sorted(repr(owner.content) for owner in new.owners.values() if owner.title == title)
    if not owners:
        rules = [(name, variable.rules) for name, variable in new.variables.items()]
        tree, paths = new.reading.tree, sorted(new.reading.paths)
        return digest(title, rules, [(path, tree.identity(path)) for path in paths])
    return digest(title, owners)


def _once(found: Iterable[Compared]) -> Iterator[Compared]:
    """What is compared, without what is the same for Terraform as for OpenTofu."""
    seen = []
    for comparison in found:
        key = comparison.policy, comparison.changes, comparison.forbidden
        if key not in seen:
            seen.append(key)
            yield comparison


def _read_with(changes: Iterable[PathChange], old: Side, new: Side) -> Iterator[str]:
    """The files that are new, or have other names, whose policies are read with a module."""
    for change in changes:
        is_new = change.status == "A" or (
            change.status == "R" and old is not None and change.old in old.files
        )
        if is_new and new is not None and change.path in new.files:
            yield change.path


def _may_be_kept(change: PathChange) -> bool:
    """Whether a file is new, and does nothing to others of its module."""
    is_module = change.path.endswith(ENDINGS) and not change.path.endswith(OPENTOFU)
    return change.status == "A" and is_module and not overrides(change.path)


def _changed_commands(
    modules: ModuleTrees, changes: Iterable[PathChange], sides: tuple[str | None, str]
) -> Iterator[NotCompared]:
    """The commands of the AWS CLI that the texts of changed files have now, or had before."""
    old, new = (
        {
            command: (given, path)
            for change in changes
            for path in {change.path, change.old}
            if side is not None and path.endswith(ENDINGS)
            for command, given in by_command(
                attaching(modules.tree(side).text(path) or "", with_policies=True)
            ).items()
        }
        for side in sides
    )
    for command in sorted({*old, *new}):
        before, after = old.get(command), new.get(command)
        is_less = only_shares(command) if after is None else only_limits(after[0])
        if (before and before[0]) != (after and after[0]) and not is_less:
            _, path = after or before or ("", "")
            yield NotCompared(
                path, f"the command {command} has changed; what it does is not compared"
            )


def _broken(old: Side, new: Side) -> Iterator[NotCompared]:
    """The files of a module that cannot be read, unless they are the same as before."""
    for path, reason in sorted(new.reading.broken.items()) if new else ():
        before = old.reading.tree.identity(path) if old and path in old.reading.broken else None
        if new and before != new.reading.tree.identity(path):
            yield NotCompared(path, f"{reason}, so that what the module deploys is not known")


def not_compared(names: Pair, folder: str, why: str, catalog: Catalog) -> Compared:
    """Two sides of which it is said why they are not compared."""
    unknown = NotCompared(folder or os.curdir, why or "more than is evaluated")
    return Compared(*names, None, Changes((), (), (unknown,)), (), catalog)
