"""A file from the server to the reader's disk, through the page's own connection."""

from __future__ import annotations

from bokeh.core.properties import Bytes, Int, String
from bokeh.model import Model

__all__ = ["Download"]


class Download(Model):
    """Saves bytes as a file in the browser. It is added to a document as a root of its own and draws nothing.

    No HTTP route is needed, so it works under plain `bokeh serve` and behind whatever leads to the page.
    """

    # Annotated with what reading them gives; for the type checker the right sides are Bokeh's descriptors.
    data: bytes = Bytes(default=b"", help="What is saved; empty again when that is done.")  # type: ignore[assignment]

    file: str = String(default="download", help="The file's name.")  # type: ignore[assignment]

    mime: str = String(  # type: ignore[assignment]
        default="application/octet-stream", help="Its media type, such as text/csv."
    )

    serial: int = Int(default=0, help="A change of it saves the file.")  # type: ignore[assignment]

    def save(self, data: bytes, file: str, mime: str) -> None:
        """Send a file to the browser, which saves it; then both ends forget the bytes.

        Args:
            data: the whole file; the page's connection is busy while it is sent.
            file: its name, without a directory.
            mime: its media type, such as "text/csv".
        """
        self.update(data=data, file=file, mime=mime)
        self.serial += 1
