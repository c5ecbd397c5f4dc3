"""What gzip has packed, up to as much as records of use unpack to."""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING

from multitool_lint.limits import MAX_GZIP_RATIO, MAX_SMALL_GZIP_BYTES
from multitool_lint.rewrite.usage.tally import UsageError

if TYPE_CHECKING:
    from typing_extensions import Buffer


class Unpacked(io.RawIOBase):
    """The bytes of a packed stream.

    Raises:
        UsageError: there are more than the packed ones can be of records of use.
    """

    def __init__(self, name: str, packed: io.BufferedReader) -> None:
        super().__init__()
        self._name = name
        self._packed = _Counted(packed)
        self._stream = gzip.GzipFile(fileobj=self._packed, mode="rb")
        self._size = 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Unpack into a buffer; how many bytes comes back."""
        view = memoryview(buffer)
        data = self._stream.read1(len(view))
        self._size += len(data)
        if self._size > max(MAX_SMALL_GZIP_BYTES, MAX_GZIP_RATIO * self._packed.size):
            reason = f"unpacks to more than {MAX_GZIP_RATIO} times its size"
            raise UsageError(f"{self._name}: {reason}, which records of use do not; unpack it")
        view[: len(data)] = data
        return len(data)


class _Counted(io.RawIOBase):
    """A stream of bytes that counts what was read."""

    def __init__(self, stream: io.BufferedReader) -> None:
        super().__init__()
        self._stream = stream
        self.size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        read = self._stream.readinto(buffer)
        self.size += read
        return read
