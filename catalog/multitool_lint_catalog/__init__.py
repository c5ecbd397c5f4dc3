"""The catalog of AWS actions; the command line of multitool-lint finds it without importing this.

multitool_lint.lint(policy, catalog=multitool_lint_catalog.DIRECTORY)
"""

from pathlib import Path

DIRECTORY = Path(__file__).parent / "data-1"
"""The folder of the catalog."""
