"""A sheet on its way in: held in memory, never in a file, and not at all when it is too long."""

import io
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from rapport.segments.membership.sheet import LONGEST

ROOM = 100_000  # bytes of the form around the file


class SheetUpload(FileUploadHandler):
    """Takes a file up to the longest that a list may have. A longer one is read past without being kept, `refused` says so."""

    refused = False

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *more: Any) -> None:  # noqa: N803 - Django's
        self.refused = content_length > LONGEST + ROOM

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.refused:
            raise SkipFile
        self.held = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.held.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        self.held.seek(0)
        return UploadedFile(
            self.held, self.file_name, self.content_type, file_size, self.charset, self.content_type_extra
        )
