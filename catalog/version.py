"""The version of the distribution: the date of the catalog, which hatchling asks for."""

from pathlib import Path

_SOURCES = Path(__file__).parents[1] / "multitool_lint" / "aws" / "catalog" / "data" / "sources.tsv"


def calendar_version() -> str:
    """The date of the newest source, as `2026.9.26`."""
    lines = _SOURCES.read_text(encoding="utf-8").splitlines()
    newest = next(line for line in lines if not line.startswith("#"))
    return ".".join(str(int(part)) for part in newest.split("\t")[1].split("-"))
