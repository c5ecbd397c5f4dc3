"""What is in the tests of a Terraform module and deploys nothing.

https://developer.hashicorp.com/terraform/language/tests and
https://developer.hashicorp.com/terraform/language/tests/mocking
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multitool_lint.formats.endings import format_name

if TYPE_CHECKING:
    from multitool_lint.syntax.hcl.tree import HclFile, SyntaxBlock

_ENDINGS: Final = (".tftest.hcl", ".tfmock.hcl", ".tofutest.hcl", ".tofumock.hcl")
_MOCKS: Final = frozenset(
    {"mock_data", "mock_provider", "mock_resource"}
    | {"override_data", "override_module", "override_resource"}
)
_ASSERTS: Final = "assert."
"""How the paths of the attributes begin that a run compares."""


def deploys_nothing(file: HclFile, block: SyntaxBlock, path: str = "") -> bool:
    """Whether a block, or an attribute of it, is one of a test, and what it has is not deployed.

    So are mocks, what takes the place of resources and data sources, what a run compares, and what
    a run is given that only makes a plan, or has a mock of the provider.
    """
    if not format_name(file.source.path).endswith(_ENDINGS):
        return False
    if block.type in _MOCKS or path.startswith(_ASSERTS):
        return True
    blocks = list(file.blocks())
    if any(other.type == "mock_provider" and other.labels == ("aws",) for other in blocks):
        return True
    runs = [block] if block.type == "run" else [other for other in blocks if other.type == "run"]
    return bool(runs) and all(_only_plans(file, run) for run in runs)


def _only_plans(file: HclFile, run: SyntaxBlock) -> bool:
    attributes = file.attributes(run.body)
    return any(part.name == "command" and file.text(part.value) == "plan" for part in attributes)
