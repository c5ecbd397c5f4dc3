"""What came of tests of policies, as text, as JSON and as JUnit has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.cli.output import streams
from multitool_lint.cli.output.answers import decision_facts, statement_lines
from multitool_lint.cli.output.diff_phrases import request_phrase
from multitool_lint.diagnostics.finding import counted, enumerate_briefly
from multitool_lint.limits import MAX_UNEXPECTED_ACTIONS
from multitool_lint.policy.evaluation.expectations import Expected
from multitool_lint.reporters.junit import Suites, case_element, element
from multitool_lint.syntax.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from multitool_lint.cli.run.policy_tests import TestResult

    Facts = dict[str, Any]

_UNEXPECTED = {
    Expected.CAN: "may not be allowed",
    Expected.CANNOT: "may be allowed",
    Expected.MAY: "cannot be shown to be allowed",
}


class PolicyTestReport:
    """The results of a run, and what could not be run."""

    def __init__(self, format_: str, *, verbose: bool, quiet: bool) -> None:
        self._format = format_
        self._verbose = verbose
        self._quiet = quiet
        self._results: list[tuple[str, Facts]] = []
        self._errors: list[tuple[str, str]] = []

    def add(self, path: str, result: TestResult) -> None:
        """Report a result: at once, if it is for people."""
        facts = result_facts(result)
        self._results.append((path, facts))
        if self._format == "text" and (self._verbose or facts["outcome"] != "passed"):
            streams.out("".join(result_lines(facts)))

    def add_error(self, path: str, messages: Sequence[str]) -> None:
        """Report why the tests of a file could not be run."""
        for message in messages:
            self._errors.append((path, message))
            streams.err(f"error: {message}\n")

    @property
    def is_empty(self) -> bool:
        """Whether nothing was to be tested."""
        return not (self._results or self._errors)

    @property
    def code(self) -> int:
        """The exit code."""
        counts = self._counts()
        if self._errors or counts["error"]:
            return 2
        return int(counts["failed"] > 0)

    def end(self) -> None:
        """Report what the run came to."""
        counts = self._counts()
        if self._format == "json":
            tests = [{"path": path, **facts} for path, facts in self._results]
            errors = [{"path": path, "message": message} for path, message in self._errors]
            streams.out_json({"version": 1, "summary": counts, "tests": tests, "errors": errors})
        elif self._format == "junit":
            streams.out_utf8(self._junit())
        if self._format != "json" and not self._quiet:
            streams.err(f"{self._summary(counts)}\n")

    def _counts(self) -> dict[str, int]:
        counts = dict.fromkeys(("passed", "failed", "error"), 0)
        for _, facts in self._results:
            counts[facts["outcome"]] += 1
        return counts

    def _summary(self, counts: dict[str, int]) -> str:
        files = len({path for path, _ in (*self._results, *self._errors)})
        parts = [f"{counts['passed']} passed"]
        parts += [f"{counts['failed']} failed"] if counts["failed"] else []
        wrong = counts["error"] + len(self._errors)
        parts += [counted(wrong, "error")] if wrong else []
        return f"Tested {counted(files, 'file')}: {', '.join(parts)}."

    def _junit(self) -> str:
        suites = Suites()
        for path in dict.fromkeys(path for path, _ in (*self._results, *self._errors)):
            own = [facts for found, facts in self._results if found == path]
            wrong = [message for found, message in self._errors if found == path]
            counts = [facts["outcome"] for facts in own]
            cases = [case_element(_title(facts), path, _outcome_element(facts)) for facts in own]
            for message in wrong:
                error = element("error", printable(message), message=message, type="not-tested")
                cases.append(case_element("not tested", path, error))
            errors = counts.count("error") + len(wrong)
            suites.add(path, cases, failures=counts.count("failed"), errors=errors)
        return "".join(suites.parts())


def result_facts(result: TestResult) -> Facts:
    """What came of a case: an outcome, and if it is not as expected, the decision that shows it."""
    case, outcome = result.case, result.outcome
    shown = outcome.counterexample
    kind = "passed" if result.has_passed else "error" if result.error else "failed"
    example = shown.example if shown else None
    return {
        "location": case.location,
        "name": result.test.name,
        "expected": case.expected.value,
        "action": case.action,
        "resource": case.resource,
        "outcome": kind,
        "error": result.error or None,
        "unexpected": [*outcome.actions],
        "decision": decision_facts(shown.decided) if shown else None,
        "example": None
        if example is None
        else {
            "action": example.action,
            "resource": example.resource,
            "context": {key: values and [*values] for key, values in example.context.items()},
            "text": request_phrase(example, bundled(), printable),
        },
    }


def result_lines(facts: Facts) -> Iterator[str]:
    """What came of a case, for people."""
    yield f"{facts['location']}: {facts['outcome']}: {_title(facts)}\n"
    if facts["error"]:
        yield f"  {facts['error']}\n"
    yield from _reasons(facts)


def _title(facts: Facts) -> str:
    on = "" if facts["resource"] == "*" else f" on {facts['resource']}"
    return f"{facts['name']}: {facts['expected']} {facts['action']}{on}"


def _reasons(facts: Facts) -> Iterator[str]:
    """Why a case is not as expected."""
    names = facts["unexpected"]
    if names and names != [facts["action"]]:
        more = " or more" * (len(names) == MAX_UNEXPECTED_ACTIONS)
        word = _UNEXPECTED[Expected(facts["expected"])]
        yield f"  {counted(len(names), 'action')}{more} {word}: {enumerate_briefly(names)}\n"
    if decision := facts["decision"]:
        yield f"  {decision['why']}\n"
        yield from (f"  {line}" for line in statement_lines(decision))
    elif names:
        yield "  No request is allowed.\n"
    if facts["example"]:
        yield f"  {facts['example']['text']}\n"


def _outcome_element(facts: Facts) -> str:
    if facts["outcome"] == "passed":
        return ""
    lines = "".join(result_lines(facts))
    if facts["error"]:
        return element("error", lines, message=facts["error"], type="not-tested")
    return element("failure", lines, message=_title(facts), type=facts["expected"])
