"""`python -m multitool_lint` is the command `multitool-lint`."""

from multitool_lint.cli import program

if __name__ == "__main__":
    program()
