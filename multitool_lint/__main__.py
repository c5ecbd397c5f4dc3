"""`python -m multitool_lint` is the command `multitool-lint`."""

import os
import sys


def _is_first_by_default() -> bool:
    """Whether the first folder to import from is the current one, because of `-m`.

    Not where this package itself was imported from there: then its user trusts the folder.
    """
    first, package = sys.path[0], os.path.dirname(__file__)  # noqa: PTH120 - see below
    if sys.flags.safe_path or os.path.dirname(package) == first:  # noqa: PTH120
        return False
    try:
        return os.path.samefile(first, os.curdir)  # noqa: PTH121
    except OSError:
        return False


if __name__ == "__main__":
    # A checkout may have a pathlib.py: whatever is imported before this, but for what Python has
    # imported already, is imported from the current folder.
    if _is_first_by_default():
        del sys.path[0]

    from multitool_lint.cli import program

    program()
