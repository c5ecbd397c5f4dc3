"""Today's date, which decides whether the date of a condition has passed."""

from __future__ import annotations

from datetime import UTC, date, datetime


def today() -> date:
    """The date in UTC. Nothing else asks a clock what a policy grants."""
    return datetime.now(UTC).date()
