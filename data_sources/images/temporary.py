"""Arrays that are too large for memory and not worth a name: in a file that is gone when nobody uses it any more."""

from __future__ import annotations

import mmap
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from data_sources.images.stamp import ImageFileError, reason

SMALL: Final = 48 << 20  # bytes up to which an array is in memory
SPARE: Final = 1 << 28  # bytes of the disk that are left free


def array(shape: tuple[int, ...], dtype: np.dtype[Any], scratch: Path | None, path: Path) -> NDArray[Any]:
    """Return an array to be filled, of zeros.

    Args:
        shape: of the array.
        dtype: of its values.
        scratch: the directory for large ones, None: that of the system.
        path: the image that it is for, as errors name it.

    Raises:
        ImageFileError: the disk has no room.
    """
    size = int(np.prod(shape, dtype=object)) * dtype.itemsize
    if size <= SMALL:
        return np.zeros(shape, dtype)
    folder = scratch or Path(tempfile.gettempdir())
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        free = shutil.disk_usage(folder).free
        if free < size + SPARE:
            raise _no_room(path, folder, f"{size >> 20} MiB are needed, and {free >> 20} MiB are free.")
        with tempfile.TemporaryFile(dir=folder) as file:
            if hasattr(os, "posix_fallocate"):  # or a full disk would end the process when the array is written to
                os.posix_fallocate(file.fileno(), 0, size)
            else:
                file.truncate(size)
            return np.ndarray(shape, dtype, mmap.mmap(file.fileno(), size))
    except OSError as error:
        raise _no_room(path, folder, reason(error)) from error


def _no_room(path: Path, folder: Path, why: str) -> ImageFileError:
    return ImageFileError(
        "There is no room to unpack this image.",
        where=str(path),
        why=f"{why} It would be unpacked in {folder}.",
        remedy="Make room there, or write it as an uncompressed TIFF or FITS file, which is read where it lies.",
    )
