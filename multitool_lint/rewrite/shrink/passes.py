"""What makes policies shorter, done again and again until nothing is left to do."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.diagnostics.rule import rules
from multitool_lint.formats import read_source
from multitool_lint.limits import MAX_SHRINK_PASSES
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.rewrite.draft import Steps
from multitool_lint.rewrite.fix import Applied, fix
from multitool_lint.rewrite.proof import not_equivalent, why_unclear
from multitool_lint.rewrite.shrink.actions import Shortening
from multitool_lint.rewrite.shrink.merge import Merge, merge, merges, minify
from multitool_lint.syntax.patch.json import rewrite_items
from multitool_lint.syntax.tree import Node, as_list, strings_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.linter.report import Report
    from multitool_lint.policy.document import Policy, Statement
    from multitool_lint.rewrite.shrink.actions import Memory
    from multitool_lint.rewrite.shrink.patterns import Limits
    from multitool_lint.syntax.source import Edit, Source

REDUNDANCIES = ("redundant-statement", "redundant-action", "redundant-resource")
"""The rules whose safe fixes remove what adds nothing."""


class Stage(NamedTuple):
    """What is done to a policy: which patterns its actions become, if any, and the rest.

    Where `services` are given, the limits are for them, and the `others` for all others.
    """

    limits: Limits | None = None
    drops: bool = False
    merges: bool = False
    services: tuple[str, ...] | None = None
    others: Limits | None = None

    def limits_of(self, service: str) -> Limits | None:
        """What the patterns of a service may be like; None if it gets none."""
        return self.limits if self.services is None or service in self.services else self.others


@dataclass(frozen=True, slots=True)
class Passes:
    """How a source is made shorter, each of its policies in its own way."""

    source: Source
    type: PolicyType | None
    resource_type: str | None
    catalog: Catalog
    minifies: bool = False
    memory: Memory = field(default_factory=dict)
    dropped: dict[tuple[str, tuple[bool, ...]], tuple[Applied, ...]] = field(default_factory=dict)
    """What was dropped from a text: several stages begin alike."""
    done: dict[tuple[Stage, ...], Steps] = field(default_factory=dict)
    last: dict[str, tuple[Policy, ...]] = field(default_factory=dict)

    def run(self, stages: Sequence[Stage]) -> Steps:
        """Do to each policy what its stage says."""
        key = tuple(stages)
        if key not in self.done:
            self.done[key] = self._run(stages)
        return self.done[key]

    def _run(self, stages: Sequence[Stage]) -> Steps:
        steps = Steps(self.source, self.source)
        for _ in range(MAX_SHRINK_PASSES):
            before = steps.now
            if any(stage.drops for stage in stages):
                self._drop(steps, stages)
            if any(stage.merges for stage in stages):
                self._merge(steps, stages)
            self._shorten(steps, stages)
            if steps.now.text == before.text:
                break
        if self.minifies:
            steps.take([edit for policy in self.policies(steps.now) for edit in minify(policy)])
        return steps

    def policies(self, source: Source) -> tuple[Policy, ...]:
        """The policies of a text; one step after the other asks for those of the same text."""
        if self.last.get(source.text) is None:
            loaded = read_source(source, type=self.type, resource_type=self.resource_type)
            self.last.clear()
            self.last[source.text] = loaded.json_policies
        return self.last[source.text]

    def _drop(self, steps: Steps, stages: Sequence[Stage]) -> None:
        key = steps.now.text, tuple(stage.drops for stage in stages)
        if key not in self.dropped:
            self.dropped[key] = self._redundant(steps.now, stages)
        for _, group in groupby(self.dropped[key], key=lambda applied: applied.finding.source.text):
            together = list(group)
            for applied in together:
                steps.say(applied.finding.span, f"{applied.fix.title} [{applied.finding.rule}]")
            steps.take([edit for applied in together for edit in applied.fix.edits])

    def _redundant(self, source: Source, stages: Sequence[Stage]) -> tuple[Applied, ...]:
        """The fixes that remove what adds nothing."""
        enabled = {id_: rules()[id_] for id_ in REDUNDANCIES}

        def lint(source: Source) -> Report:
            report = lint_source(
                source,
                type=self.type,
                resource_type=self.resource_type,
                enabled=enabled,
                catalog=self.catalog,
            )
            barred = [
                policy.root.span
                for policy, stage in zip(report.policies, stages, strict=False)
                if not stage.drops
            ]
            findings = [
                finding
                for finding in report.findings
                if not any(span.start <= finding.span.start < span.end for span in barred)
            ]
            return report._replace(findings=tuple(findings))

        return fix(source, lint=lint, keep_wildcards=True, catalog=self.catalog).applied

    def _merge(self, steps: Steps, stages: Sequence[Stage]) -> None:
        edits: list[Edit] = []
        policies = self.policies(steps.now)
        for policy, stage in zip(policies, stages, strict=True):
            wanted = list(merges(policy, self.catalog)) if stage.merges else []
            if not self._can_be_proved(steps.now, policies, policy, wanted):
                wanted = [merged for merged in wanted if not merged.conditions]
            for merged in wanted:
                into = label_of(policy.statements[merged.first], steps)
                into = into if into.startswith('"') else f"that {into}"
                for place in merged.others:
                    statement = policy.statements[place]
                    steps.say(
                        statement.node.span,
                        f"statement {label_of(statement, steps)} merged into {into}: "
                        f"they differ in {merged.difference} only",
                    )
            edits += merge(policy, wanted)
        steps.take(edits)

    def _can_be_proved(
        self, source: Source, policies: Sequence[Policy], policy: Policy, wanted: Sequence[Merge]
    ) -> bool:
        """Whether a policy is proved to stay the same if values are merged.

        Otherwise nothing else that makes it shorter would be written.
        """
        of_values = [merged for merged in wanted if merged.conditions]
        if not of_values:
            return True
        tried = Steps(source, source)
        tried.take(merge(policy, of_values))
        return not_equivalent(policies, self.policies(tried.now), self.catalog) is None

    def _shorten(self, steps: Steps, stages: Sequence[Stage]) -> None:
        edits: list[Edit] = []
        for policy, stage in zip(self.policies(steps.now), stages, strict=True):
            # A trust policy has a handful of actions, which AWS looks at one by one.
            if stage.limits is None or policy.type is PolicyType.TRUST:
                continue
            shortening = Shortening(policy, stage.limits_of, self.catalog, self.memory)
            for statement, new in _shorter(policy, shortening):
                member = statement.action
                doubt = why_unclear(statement, policy, self.catalog)
                if doubt:
                    steps.note(statement.node.span, doubt)
                elif member:
                    steps.say(member.value.span, _shortened(statement, new))
                    edits += rewrite_items(policy.source, member.value, new)
        steps.take(edits)


def _shorter(
    policy: Policy, shortening: Shortening
) -> Iterator[tuple[Statement, Mapping[Node, list[str]]]]:
    for statement in policy.statements:
        new = shortening.items(statement)
        if new:
            yield statement, new


def _shortened(statement: Statement, new: Mapping[Node, list[str]]) -> str:
    before = [text for _, text in strings_of(statement.actions)]
    after: list[str] = []
    for node in as_list(statement.action.value if statement.action else None):
        after += new.get(node, [str(node.value)])
    noun, verb = ("item", "is") if len(before) == 1 else ("items", "are")
    return (
        f"{len(before):,} {noun} in {_length(before):,} characters "
        f"{verb} now {len(after):,} in {_length(after):,}"
    )


def _length(items: list[str]) -> int:
    return len(json.dumps(items, separators=(",", ":"), ensure_ascii=False))


def label_of(statement: Statement, steps: Steps) -> str:
    """The Sid of a statement, or the line where it begins in the source as it was."""
    if statement.sid and statement.sid.string is not None:
        return f'"{statement.sid.string}"'
    remark = steps.remark(statement.node.span, "")
    return f"of line {remark.source.display_line(remark.span.start):,}"
