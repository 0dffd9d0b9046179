"""The image viewer says at the server's start what it shows."""

from lorgnette.home import add_to_path

add_to_path()

from lorgnette.page import announce  # noqa: E402


def on_server_loaded(server_context: object) -> None:
    """Say what this dashboard shows."""
    announce(server_context, title="Image viewer", shows=("images",))
