"""Run a server of the Model Context Protocol for assistants, on standard input and output.

It needs the extra "mcp": pip install "multitool-lint[mcp]". Its tools check, fix and compare texts
that the assistant gives, and look up actions; they read no files. docs/assistants.md has the
settings of clients.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from multitool_lint.config import ConfigError


def add_arguments(parser: ArgumentParser) -> None:
    """Add no arguments: a client passes what it asks with each call."""
    parser.epilog = "exit codes: 0 the client has ended the server, 2 not started"


def run(_: Namespace) -> int:
    """Serve until the client is done.

    Raises:
        ConfigError: the extra is missing.
    """
    from multitool_lint.cli.run.answers import TextAnswers, forget

    try:
        from multitool_lint.mcp_server.program import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"mcp", "pydantic"}:
            raise
        needed = 'pip install "multitool-lint[mcp]"'
        raise ConfigError(f"the server for assistants needs {error.name}: {needed}") from error
    return serve(TextAnswers(), forget)
