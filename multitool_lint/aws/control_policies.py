"""What AWS Organizations lets control policies restrict.

AWS: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from __future__ import annotations

from functools import lru_cache

from multitool_lint.aws.catalog.tables import BUNDLED, read_rows


@lru_cache(maxsize=1)
def rcp_services() -> frozenset[str]:
    """The prefixes of the services whose resources a resource control policy can protect."""
    return frozenset(row[0] for row in read_rows(BUNDLED, "rcp_services.tsv"))
