"""Which actions were used: read from what AWS and other tools record, and from plain lists."""

from multitool_lint.rewrite.usage.reader import read_file, read_stream
from multitool_lint.rewrite.usage.tally import Tally, Usage, UsageError

__all__ = ["Tally", "Usage", "UsageError", "read_file", "read_stream"]
