"""What is found in the identities of a deployment, at places in several files."""

from __future__ import annotations

import os
import posixpath
from collections import deque
from functools import lru_cache
from typing import TYPE_CHECKING

from multitool_lint.deployments.joined_files import JoinedFiles
from multitool_lint.deployments.terraform.identities import Identities
from multitool_lint.diagnostics.finding import Finding, Related, excerpt
from multitool_lint.diagnostics.rule import UNCHECKED, Rule
from multitool_lint.linter.deployed import call_in, has_part_of_identities
from multitool_lint.linter.identities import Located, Reported, as_reported, located_findings
from multitool_lint.linter.limited import LimitedFindings, Remaining
from multitool_lint.linter.plan import RulesKey
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.syntax.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.deployments.terraform.access import ModuleDeployment
    from multitool_lint.linter.file_deployments import FileDeployment
    from multitool_lint.policy.identities import Identity
    from multitool_lint.values.terraform.module import Module


class _Found(NamedTuple):
    """The identities of a deployment, where they are, and what is found in them."""

    identities: Identities
    all: Sequence[Identity]
    files: JoinedFiles
    findings: Sequence[Located]


class DeployedIdentities:
    """The identities of the deployment that a file has a part of."""

    def __init__(
        self,
        file: FileDeployment,
        source: Source,
        enabled: Mapping[str, Rule],
        catalog: Catalog,
    ) -> None:
        self._catalog = catalog
        self._found = _found(file.deployment, RulesKey(enabled), catalog)
        self._file = _File(file, source, self._found)

    def reported_findings(self, reported: Reported) -> Iterator[Finding]:
        """What is found in them that the file is to report.

        A finding is reported in one file of the folder: in the first one that it is about and
        that has more of identities than values of theirs, such as lists of actions.
        """
        for located in self._found.findings:
            if self._file.finding_here(located.locate(located.found.finding), located):

                def locate(finding: Finding, located: Located = located) -> Finding:
                    finding = located.locate(finding)
                    return self._file.finding_here(finding, located) or finding

                yield from as_reported(located.found, locate, reported)

    def without_limited(self, findings: Sequence[Finding]) -> Remaining:
        """The findings in single policies that remain, and notes on the others."""
        limits = LimitedFindings(findings, self._file.span_here, self._catalog)
        identities = self._found.identities
        if limits.candidates:
            pairs = ((identity, identities.entries) for identity in self._found.all)
            deque(limits.watched(pairs), maxlen=0)
        return limits.remaining(findings, identities.unattached())


def identities_in(deployment: ModuleDeployment) -> tuple[Identities, JoinedFiles]:
    """The identities of a deployment, and the files that their places are in."""
    paths = sorted(deployment.shared.paths)
    texts = {path: text for path in paths if (text := deployment.shared.text(path)) is not None}
    files = JoinedFiles(texts)
    return Identities(deployment, files), files


@lru_cache(maxsize=4)
def _found(deployment: ModuleDeployment, enabled: RulesKey, catalog: Catalog) -> _Found:
    """What is found in a deployment, kept for its other files."""
    identities, files = identities_in(deployment)
    found = [*identities.found()]
    pairs = ((identity, identities.entries) for identity in found)
    findings = list(located_findings(pairs, files.source, enabled.rules, catalog))
    return _Found(identities, found, files, findings)


class _File:
    """A file of a deployment: what is reported in it."""

    def __init__(self, file: FileDeployment, source: Source, found: _Found) -> None:
        self._deployment = file.deployment
        self._path = file.path
        self._source = source
        self._found = found

    def finding_here(self, finding: Finding, located: Located) -> Finding | None:
        """A finding of all files as it is reported in this one; None if it is not."""
        if finding.rule in UNCHECKED:
            return finding._replace(source=self._source, span=Span(0, 0))
        first = Related(finding.span, finding.pointer, finding.label)
        spots = [first, *finding.related]
        number = next((n for n, spot in enumerate(spots) if self._is_reported_at(spot)), None)
        own = first._replace(label="") if number is None else spots.pop(number)
        if number is None:
            span = self._call(located) or self._block(located)
        else:
            span = self.span_here(own.span)
        if span is None:
            return None
        return finding._replace(
            source=self._source,
            span=span,
            pointer=own.pointer,
            label=own.label,
            related=tuple(map(self._related, spots)),
        )

    def span_here(self, span: Span) -> Span | None:
        """Where a place of all files is in this one; None if it is in another one."""
        path, span = self._found.files.in_file(span)
        return span if path == self._path else None

    def _is_reported_at(self, spot: Related) -> bool:
        """Whether a place is in a file of the folder that is asked for what is found."""
        path, _ = self._found.files.in_file(spot.span)
        is_of_folder = posixpath.dirname(path) == self._deployment.shared.folder
        return is_of_folder and has_part_of_identities(self._found.files.text(path))

    def _block(self, located: Located) -> Span | None:
        """The resource with the policy, all values of which are in files that are not asked."""
        policy = located.found.policy
        instance = self._found.identities.instances[policy] if policy else None
        if instance is None or instance.path != self._path:
            return None
        return Span(instance.block.start, instance.block.end)

    def _call(self, located: Located) -> Span | None:
        """The call of the module that has the first policy, if several calls have a part.

        What one module has is found in its own deployment.
        """
        policies = [located.found.policy, *(policy for policy, _ in located.found.elsewhere)]
        instances = self._found.identities.instances
        modules = [instances[policy].module for policy in policies if policy]
        owner = self._deployment.instances.get(located.identity.address)
        if owner:
            modules.append(owner.module)
        if not modules or len(set(map(_root_call, modules))) == 1:
            return None
        return next((span for module in modules if (span := call_in(module, self._path))), None)

    def _related(self, spot: Related) -> Related:
        path, span = self._found.files.in_file(spot.span)
        if path == self._path:
            return spot._replace(span=span)
        around = posixpath.dirname(self._path) or "."
        shown = os.path.join(  # noqa: PTH118 - as it is written
            os.path.dirname(self._source.path),  # noqa: PTH120
            os.path.relpath(path, around),
        )
        text = self._found.files.text(path)
        source, span = excerpt(os.path.normpath(shown), Source(path, text), span)
        return spot._replace(span=span, source=source)


def _root_call(module: Module) -> str:
    """The address of the module that the root module calls, and that has a module."""
    while module.call is not None and module.call.caller.call is not None:
        module = module.call.caller
    return module.address
