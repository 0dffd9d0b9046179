"""Small pages of our own, for when no dashboard can be shown: the login, a refusal, a list of what there is.

They need neither a script nor another file, follow the browser's light or dark, and fit a telephone.
"""

from __future__ import annotations

import html
from string import Template
from typing import Final

__all__ = ["page"]

_PAGE: Final = Template("""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title · Lorgnette</title>
<style>
:root { color-scheme: light dark; --ground: #f5f6f8; --surface: #fff; --ink: #1d2229; --quiet: #59636e;
  --line: #868e98; --accent: #0b5fad; --on-accent: #fff; --bad: #a3231a; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171b; --surface: #1c2026; --ink: #e3e6ea; --quiet: #9ba5b0;
  --line: #6b7580; --accent: #79b3ee; --on-accent: #14171b; --bad: #ff9d92; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 16px; background: var(--ground);
  color: var(--ink);
  font: 16px/24px system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif; }
main { width: 100%; max-width: 440px; padding: 24px; border-radius: 8px; background: var(--surface);
  overflow-wrap: anywhere; }
h1 { margin: 0 0 16px; font-size: 20px; line-height: 28px; }
.name { margin: 0; color: var(--quiet); font-size: 14px; line-height: 20px; }
p, ul { margin: 0 0 16px; } ul { padding-left: 20px; } main > :last-child { margin-bottom: 0; }
label { display: block; margin-bottom: 4px; font-weight: 600; }
input { width: 100%; height: 40px; padding: 0 12px; border: 1px solid var(--line); border-radius: 4px;
  background: var(--ground); color: var(--ink); font: inherit; }
button { width: 100%; height: 40px; margin: 12px 0 16px; border: 0; border-radius: 4px; background: var(--accent);
  color: var(--on-accent); font: inherit; font-weight: 600; cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); } code { font-family: ui-monospace, 'DejaVu Sans Mono', monospace; font-size: 14px; }
.quiet { color: var(--quiet); font-size: 14px; line-height: 20px; } .bad { color: var(--bad); }
</style>
</head>
<body>
<main>
<p class="name">Lorgnette</p>
<h1>$title</h1>
$body
</main>
</body>
</html>
""")


def page(title: str, *sentences: str, body: str = "") -> str:
    """A whole page: a heading, sentences (plain text), and then HTML that the caller has made safe."""
    text = "".join(f"<p>{html.escape(sentence)}</p>\n" for sentence in sentences)
    return _PAGE.substitute(title=html.escape(title), body=text + body)
