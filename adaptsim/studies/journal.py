"""Journal: rows of one batch on disk as they are computed, until they are sealed into a part.

A journal is a file of frames, each written with one call: length, checksum, and the rows as one
Arrow record batch. What a kill or a full disk leaves of a frame is recognised and dropped. Its
writer holds a shared lock on the file, so that nobody seals what is still growing.
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct
import zlib
from pathlib import Path
from typing import Self

import pyarrow as pa

HEAD = struct.Struct("<II")


class Journal:
    """A journal being written.

    Parameters
    ----------
    path
        A file that does not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL
        self._file = os.open(path, flags, 0o644)
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def write(self, rows: pa.RecordBatch) -> None:
        """Append rows: all or nothing.

        Raises
        ------
        OSError
            If they could not be written, as on a full disk.
        """
        payload = rows.serialize().to_pybytes()
        frame = HEAD.pack(len(payload), zlib.crc32(payload)) + payload
        before = os.fstat(self._file).st_size
        try:
            written = os.write(self._file, frame)
            if written < len(frame):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
        except OSError:
            os.ftruncate(self._file, before)
            raise

    def close(self) -> None:
        """Give the file free to be sealed; an empty one is removed."""
        empty = os.fstat(self._file).st_size == 0
        if empty:
            self.path.unlink(missing_ok=True)
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_journal(path: Path, schema: pa.Schema) -> pa.Table:
    """Return the whole frames of a journal; what comes after a torn one is dropped.

    Examples
    --------
    >>> import tempfile
    >>> schema = pa.schema({"x": pa.int64()})
    >>> path = Path(tempfile.mkdtemp()) / "one"
    >>> with Journal(path) as journal:
    ...     journal.write(pa.RecordBatch.from_pydict({"x": [1, 2]}, schema))
    ...     journal.write(pa.RecordBatch.from_pydict({"x": [3]}, schema))
    >>> _ = path.write_bytes(path.read_bytes()[:-1])
    >>> read_journal(path, schema).to_pydict()
    {'x': [1, 2]}
    """
    data = path.read_bytes()
    batches, place = [], 0
    while place + HEAD.size <= len(data):
        length, checksum = HEAD.unpack_from(data, place)
        payload = data[place + HEAD.size : place + HEAD.size + length]
        if len(payload) < length or zlib.crc32(payload) != checksum or not length:
            break
        batches.append(pa.ipc.read_record_batch(pa.py_buffer(payload), schema))
        place += HEAD.size + length
    return pa.Table.from_batches(batches, schema=schema)
