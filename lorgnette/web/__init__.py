"""Login, the guarded base class of every HTTP handler of ours, and security headers.

A dashboard that serves HTTP has a `routes.py` with `routes = [("/tiles/(.*)", TileHandler), ...]`; its handlers derive
from `GuardedHandler`. The launcher puts them below the dashboard's own address.
"""

from lorgnette.web.handlers import GuardedHandler

__all__ = ["GuardedHandler"]
