"""Limit on the bytes of files that a request may send."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from leadlight.sales.attachments import LARGEST_FILE

# All files of one request together.
MOST_BYTES = 4 * LARGEST_FILE


DROPPED = "leadlight.dropped_files"


def dropped_files(request: HttpRequest) -> list[str]:
    """Return the names of the files of a request that were too large to be stored."""
    names: list[str] = request.META.get(DROPPED, [])
    return names


class LimitedFiles(FileUploadHandler):
    """Upload handler that drops a file if it, or all files of the request together, are too large.

    It must come before the handlers that store. Dropped files are missing from the files of the
    request; `dropped_files` returns their names.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.total = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        self.total += len(raw_data)
        if self.received > LARGEST_FILE or self.total > MOST_BYTES:
            request: Any = self.request
            request.META[DROPPED] = [*dropped_files(request), self.file_name or ""]
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handlers that store it."""
