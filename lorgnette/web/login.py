"""The page that asks for the token."""

from __future__ import annotations

import html
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, cast

from tornado.web import HTTPError

from lorgnette.web.addresses import local_address, origin_host
from lorgnette.web.handlers import GuardedHandler, site
from lorgnette.web.plain import page

if TYPE_CHECKING:
    from lorgnette.web.auth import TokenLogin

__all__ = ["LOGIN_URL", "LoginHandler"]

LOGIN_URL: Final = "/login"  # behind the prefix
WHERE: Final = (
    "Whoever started the server sees the token in its terminal, behind token= in the address, or has set it in "
    "LORGNETTE_TOKEN. A server without a terminal names in its first lines the file that holds it."
)
WRONG: Final = "That token is not the right one."
LATER: Final = "Too many wrong tokens were tried. Please wait {} s."


class LoginHandler(GuardedHandler):
    """Ask for the token, exchange it for the cookie, and lead back to the page that was wanted."""

    public = True

    @property
    def _login(self) -> TokenLogin:
        return cast("TokenLogin", site(self).auth_provider)

    def _next(self) -> str:
        return local_address(self.get_argument("next", None), site(self).prefix)

    def get(self) -> None:
        """Show the form; who is logged in already, or names the token here, goes on."""
        if self.get_query_arguments("token"):
            self._try(self.get_query_argument("token"))
        elif self._login.knows(self):
            self.redirect(self._next())
        else:
            self._show(WRONG if self.get_argument("wrong", None) else "")

    def post(self) -> None:
        """Take the form. A page of another site may not send it: it would have people's browsers guess."""
        headers = self.request.headers
        if headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"} or (
            "Origin" in headers and origin_host(headers["Origin"]) != self.request.host.lower()
        ):
            raise HTTPError(HTTPStatus.FORBIDDEN)
        self._try(self.get_body_argument("token", ""))

    def _try(self, token: str) -> None:
        address = str(self.request.remote_ip)
        verdict = self._login.judge(token.strip().encode(), address).value
        if verdict == "right":
            self._login.log_in(self)
            self.redirect(self._next(), status=HTTPStatus.SEE_OTHER)
        elif verdict == "wrong":
            self.set_status(HTTPStatus.FORBIDDEN)
            self._show(WRONG)
        else:
            wait_s = self._login.wait_s(address)
            self.set_status(HTTPStatus.TOO_MANY_REQUESTS)
            self.set_header("Retry-After", wait_s)
            self._show(LATER.format(wait_s))

    def _show(self, complaint: str) -> None:
        alert = f'<p class="bad" role="alert">{html.escape(complaint)}</p>\n' if complaint else ""
        # Bokeh's --enable-xsrf-cookies asks for a value of its own.
        xsrf = self.xsrf_form_html() if self.settings.get("xsrf_cookies") else ""
        # The address is relative, for proxies that take away a part of it.
        form = (
            f'<form method="post" action="{LOGIN_URL.lstrip("/")}">{xsrf}\n'
            f'<input type="hidden" name="next" value="{html.escape(self._next())}">\n'
            '<label for="token">Token</label>\n'
            '<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>\n'
            "<button>Log in</button>\n</form>\n"
        )
        self.finish(page("Log in", body=f'{alert}{form}<p class="quiet">{html.escape(WHERE)}</p>\n'))
