"""Which actions were used: read from what AWS and other tools record, and from plain lists."""

from multitool_lint.rewrite.usage.reader import is_action, read_file, read_stream
from multitool_lint.rewrite.usage.tally import Tally, Usage, UsageError

__all__ = ["Tally", "Usage", "UsageError", "is_action", "read_file", "read_stream"]
