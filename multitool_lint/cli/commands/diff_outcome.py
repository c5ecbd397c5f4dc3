"""What a run of `diff` comes to: what is left of new access, and how to accept that."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from multitool_lint import clock
from multitool_lint.cli.files.git import STAGED, GitError, Repository
from multitool_lint.cli.files.sides import here
from multitool_lint.cli.output import streams
from multitool_lint.cli.output.compared import RunOutcome
from multitool_lint.config import ConfigError
from multitool_lint.config.files import ACCEPTED

if TYPE_CHECKING:
    from argparse import Namespace

    from multitool_lint.cli.commands.diff_accepted import AcceptedAccess
    from multitool_lint.cli.commands.diff_comparing import Comparing

HOOK = "multitool-lint-no-new-access"


def outcome_of(comparing: Comparing, arguments: Namespace) -> RunOutcome:
    """The outcome, after what is asked to be accepted is.

    Raises:
        ConfigError: the file of what is accepted is malformed, or cannot be written.
    """
    gates = arguments.fail_on_new_access or bool(arguments.forbid)
    outcome = RunOutcome(
        comparing.done,
        gates,
        unreadable=comparing.unreadable,
        configs=comparing.changed_configs,
    )
    repository = _repository(comparing)
    if arguments.accept and repository is None:
        raise ConfigError("--accept needs two trees of a repository: --staged, --base or REV..REV")
    accepted = _accepted(comparing, repository, is_asked=bool(arguments.accept))
    if accepted:
        outcome = outcome._replace(compared=[*map(accepted.left, outcome.compared)])
        if arguments.accept:
            added = accepted.add(outcome.compared, arguments.accept, _until(arguments.until))
            outcome = outcome._replace(compared=[*map(accepted.left, outcome.compared)])
            _say_added(added, accepted.file)
        whole = comparing.versions.sides.new != STAGED and comparing.is_whole
        for note in accepted.notes(whole=whole):
            streams.err(f"note: {note}\n")
        outcome = outcome._replace(accepted=accepted.listed())
    stops = _stops(outcome, arguments)
    advice = _advice(comparing.command) if stops and repository and _is_new(outcome) else ()
    return outcome._replace(stops=stops, advice=advice)


def check_accept(arguments: Namespace) -> None:
    """See that an entry can be added.

    Raises:
        ConfigError: it cannot.
    """
    if arguments.until and not arguments.accept:
        raise ConfigError("--until needs --accept")
    if arguments.accept and not arguments.accept.strip():
        raise ConfigError("--accept needs a reason")
    _until(arguments.until)


def _until(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f'--until: "{text}" is not a date such as 2027-01-31') from None
    if day < clock.today():
        raise ConfigError(f"--until: {text} has passed")
    return day


def _repository(comparing: Comparing) -> Repository | None:
    """The repository of which two trees are compared; None where none are."""
    if not comparing.are_trees:
        return None
    try:
        return here(comparing.versions)
    except GitError:
        return None  # it is reported where something is compared


def _accepted(
    comparing: Comparing, repository: Repository | None, *, is_asked: bool
) -> AcceptedAccess | None:
    """What is accepted in a repository; None where nothing is, and nothing is asked to be."""
    sides = comparing.versions.sides
    if repository is None or not (is_asked or any(_has_file(repository, side) for side in sides)):
        return None
    from multitool_lint.cli.commands.diff_accepted import AcceptedAccess  # it saves start-up

    return AcceptedAccess(comparing.versions, repository)


def _has_file(repository: Repository, side: str) -> bool:
    """Whether a tree may have a file of what is accepted."""
    try:
        tree = repository.tree(side)
        return tree is not None and repository.entry(tree, ACCEPTED) is not None
    except GitError:
        return True  # it is reported when it is read


def _say_added(count: int, file: str) -> None:
    if count:
        what = "1 entry" if count == 1 else f"{count} entries"
        streams.err(f"added {what} to {file}; it belongs to the change: git add {file}\n")
    else:
        streams.err("nothing to accept\n")


def _stops(outcome: RunOutcome, arguments: Namespace) -> bool:
    if any(one.forbidden for one in outcome.compared):
        return True
    is_asked = arguments.fail_on_new_access or arguments.accept
    return (outcome.gates and any(one.changes.unknown for one in outcome.compared)) or (
        bool(is_asked) and _is_new(outcome)
    )


def _is_new(outcome: RunOutcome) -> bool:
    """Whether there is new access, or what may be."""
    return any(one.changes.gained or one.changes.unknown for one in outcome.compared)


def _advice(command: str) -> tuple[str, ...]:
    """How to go on after a failure."""
    lines = [f'to accept what is intended: {command} --accept "reason" [--until DATE]']
    if command.endswith("--staged"):
        lines.append(f"to commit without this hook, once: SKIP={HOOK} git commit")
    return tuple(lines)
