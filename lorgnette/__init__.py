"""Look into running programs, recorded events and huge images on another machine, from a browser.

A program shows what it does with three lines:

    import lorgnette

    with lorgnette.Publisher("renderer") as publisher:
        publisher.frame(image)
        publisher.log(frame_ms=16.2)
"""

from __future__ import annotations

from .transport import Publisher, StreamInfo, Subscriber, errors, list_streams

__version__ = "0.1.0"

__all__ = ["Publisher", "StreamInfo", "Subscriber", "__version__", "errors", "list_streams"]
