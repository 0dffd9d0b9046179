"""What the page says where there is no picture."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlencode

STYLE: Final = """<style>
.teach { max-width: 640px; padding: 16px; font: 14px/20px var(--lg-font); color: var(--lg-ink); text-align: left;
  overflow-wrap: anywhere; box-sizing: border-box; }
.teach p { margin: 0 0 8px; }
.teach ul { margin: 0 0 8px; padding-left: 20px; }
.teach pre { margin: 0 0 8px; padding: 12px; overflow-x: auto; background: var(--lg-ground); overflow-wrap: normal;
  border: 1px solid var(--lg-line); border-radius: 4px; font-size: 13px; }
.teach a { color: var(--lg-accent); }
</style>"""
FRAME_CODE: Final = "<pre>publisher.frame(image)  # H x W, H x W x 3 or x 4; uint8</pre>"
TEACH: Final = """<p>Here a program's pictures are shown live, and what you do in them with mouse, wheel, touch and keys
goes back to the program. Any Python program can have such a page; these lines publish its pictures and take what you
do:</p>
<pre>import lorgnette
from lorgnette import input

publisher = lorgnette.Publisher("my-program")
while True:
    for command in publisher.commands():
        event = input.parse(command)
    publisher.frame(image)  # H x W, H x W x 3 or x 4; uint8</pre>"""


def link(stream: str, channel: str = "") -> str:
    """Return a link to a stream, or to one of its channels."""
    arguments = {"stream": stream, "channel": channel} if channel else {"stream": stream}
    return f'<a href="?{html.escape(urlencode(arguments))}">{html.escape(channel or stream)}</a>'


def choose(streams: Iterable[str]) -> str:
    """What is shown where no stream is chosen."""
    return _page(_listed("Choose a stream:", map(link, streams)) or "<p>No program publishes frames now.</p>", TEACH)


def unknown(stream: str, near: Iterable[str], others: Iterable[str]) -> str:
    """What is shown where nobody publishes the stream that was asked for.

    Args:
        stream: its name.
        near: streams that may be meant.
        others: all that have frames.
    """
    meant = " or ".join(map(link, near))
    sentence = f"No program publishes a stream called {html.escape(stream)} yet."
    if meant:
        sentence += f" Did you mean {meant}?"
    listed = _listed("These have frames:", map(link, others))
    return _page(f"<p>{sentence} The page goes on by itself as soon as one does.</p>{listed}", TEACH)


def no_frames(stream: str) -> str:
    """What is shown of a stream that has no frames."""
    return _page(
        f"<p>{html.escape(stream)} publishes no frames. One line does, each time there is a picture:</p>", FRAME_CODE
    )


def no_channel(stream: str, channel: str, channels: Iterable[str]) -> str:
    """What is shown of a stream that has frames, but none of the channel that was asked for."""
    listed = _listed("It has these:", (link(stream, each) for each in channels))
    return _page(f"<p>{html.escape(stream)} has no channel of frames called {html.escape(channel)}.</p>{listed}")


def ended(stream: str) -> str:
    """What is shown of a stream that has ended before anybody saw a picture of it."""
    return _page(
        f"<p>The program behind {html.escape(stream)} has ended. The page goes on by itself if it starts again.</p>"
    )


def first(stream: str) -> str:
    """What is shown until the first picture comes."""
    return _page(f'<p role="status">Waiting for the first picture of {html.escape(stream)}.</p>')


def no_picture(stream: str) -> str:
    """What is shown while no picture can be made of what a program publishes."""
    return _page(f"<p>No picture of {html.escape(stream)} can be shown at the moment.</p>")


def _listed(head: str, links: Iterable[str]) -> str:
    items = "".join(f"<li>{each}</li>" for each in links)
    return f"<p>{head}</p><ul>{items}</ul>" if items else ""


def _page(*parts: str) -> str:
    return f'{STYLE}<div class="teach">{"".join(parts)}</div>'
