"""Uploaded files are held without a name: nothing of a patient lies in a folder, and nothing is left when the process dies."""

import tempfile
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

IN_MEMORY = 4 << 20


class NamelessUpload(FileUploadHandler):
    """Small files stay in memory; larger ones lie in a file that was unlinked before anything was written into it."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.held = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - lives as long as the request

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.held.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        self.held.seek(0)
        return UploadedFile(
            self.held, self.file_name, self.content_type, file_size, self.charset, self.content_type_extra
        )

    def upload_interrupted(self) -> None:
        if hasattr(self, "held"):
            self.held.close()
