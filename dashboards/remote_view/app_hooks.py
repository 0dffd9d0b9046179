"""Streams are followed from the server's start, so that a page knows at once what there is."""

from contextlib import suppress

from lorgnette.home import add_to_path

add_to_path()

from data_sources.streams import hub  # noqa: E402
from lorgnette.config import ConfigError  # noqa: E402
from lorgnette.page import announce  # noqa: E402


def on_server_loaded(server_context: object) -> None:
    """Say what this dashboard shows, and begin to follow."""
    announce(server_context, title="Remote view", shows=("frames",))
    with suppress(ConfigError):  # each page says what is wrong
        hub()
