"""Print the document of a managed policy of AWS, as the catalog has it.

NAME@v2 is an older version. The document alone goes to standard output, for other commands:
multitool-lint show ReadOnlyAccess | multitool-lint -
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from typing import Any

from multitool_lint.cli.files.managed_versions import NamedPolicy, named_policy, short_name
from multitool_lint.cli.options import catalog as catalogs
from multitool_lint.cli.output import streams


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "policy",
        metavar="NAME",
        help="the name or the ARN of a managed policy of AWS, and @v2, say, for an older version",
    )
    streams.add_format_argument(parser)
    catalogs.add_catalog_argument(parser)
    catalogs.add_config_arguments(parser)
    parser.epilog = "exit codes: 0 printed, 1 not in the catalog, 2 the catalog could not be read"


def run(arguments: Namespace) -> int:
    """Print the document, and return the exit code."""
    from multitool_lint.aws.catalog.managed_policies import managed_policies, newest_date
    from multitool_lint.cli.output.managed_policy import described
    from multitool_lint.diagnostics.suggestion import close_policy

    catalog = catalogs.of_folder(arguments)
    found = named_policy(arguments.policy, catalog)
    if found is None:
        close = close_policy(short_name(arguments.policy), managed_policies(catalog))
        hint = f"; did you mean {close}?" if close else ""
        known = f"is not among the managed policies of AWS of {newest_date(catalog)}"
        streams.err(f'"{arguments.policy}" {known}{hint}\n')
        return 1
    if arguments.format == "json":
        streams.out_json(_facts(found))
    else:
        if found.version:
            document = json.loads(found.version.document)
            streams.out(f"{json.dumps(document, indent=2, ensure_ascii=False)}\n")
        for line in described(found):
            streams.err(f"{line}\n")
    return 0 if found.version else 1


def _facts(found: NamedPolicy) -> dict[str, Any]:
    policy, version = found.policy, found.version
    return {
        "version": 1,
        "name": policy.name,
        "arn": policy.arn if policy.version else None,
        "removed": policy.removed or None,
        "versions": [
            {"id": f"v{known.number}", "date": known.date or None} for known in found.versions
        ],
        "shown": f"v{version.number}" if version else None,
        "document": json.loads(version.document) if version else None,
    }
