"""VisiOmatic as its command starts it, or with one line mended. Runs in an environment that has visiomatic.

    python benchmarks/image_visiomatic.py shipped|mended [options of visiomatic]

Mended: tiles go out as one answer, not as the lines of a file, which JPEGs do not have.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":
    kind = sys.argv.pop(1)
    if kind == "mended":
        from fastapi import responses

        def whole(body, media_type):
            """Answer at once."""
            return responses.Response(body.getvalue(), media_type=media_type)

        responses.StreamingResponse = whole
    from visiomatic.cmd.start import main

    sys.exit(main())
