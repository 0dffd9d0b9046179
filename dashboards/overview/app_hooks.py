"""Streams are followed from the server's start, so that the first page shows what was before it."""

from contextlib import suppress

from lorgnette.home import add_to_path

add_to_path()

from data_sources.streams import hub  # noqa: E402
from lorgnette.config import ConfigError  # noqa: E402


def on_server_loaded(_server_context: object) -> None:
    """Begin to follow."""
    with suppress(ConfigError):  # each page says what is wrong
        hub()
