"""Images that are too large to copy: read where they lie, reduced in the background, sent in blocks."""
