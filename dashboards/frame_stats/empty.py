"""What a page says that has nothing to draw yet."""

from __future__ import annotations

from typing import Final

EMPTY: Final = """
<div class="empty"><p>{sentence}</p>
<pre>import lorgnette
publisher = lorgnette.Publisher("{name}")
publisher.log(frame_ms=16.2)  # in its loop</pre>
<p>Each number that is logged gets a panel here; a name that ends in _ms, _bytes or _percent tells the unit. This page
goes on by itself as soon as there are records.</p></div>
"""
EMPTY_CSS: Final = """
:host { color: var(--lg-ink); font: 14px/20px var(--lg-font); min-width: 0; }
.empty { max-width: 640px; overflow-wrap: anywhere; }
pre { padding: 12px; overflow-x: auto; background: var(--lg-surface);
  border: 1px solid var(--lg-line); border-radius: 4px; }
"""
