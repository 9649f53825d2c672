"""Forms are taken from our own pages only.

Cookies are SameSite=Lax, so that another site's form arrives without them; this check refuses it by name, and holds
where a browser is too old for one of the two.
"""

from urllib.parse import urlsplit

from fastapi import Request

from app.errors import Forbidden, msgid
from app.web.deps import service_of


class ForeignForm(Forbidden):
    code = "foreign-form"
    message = msgid("Ce formulaire vient d'un autre site. Revenez à la page de Toise et recommencez.")


def same_origin(request: Request) -> None:
    """Raise ``ForeignForm`` for a form sent from another site.

    Browsers say where a request comes from (Sec-Fetch-Site, W3C Fetch Metadata); older ones say the origin. A
    request that says neither comes from no web page.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise ForeignForm
        return
    origin = request.headers.get("origin")
    if origin is not None and _host(origin) not in _own_hosts(request):
        raise ForeignForm


def _own_hosts(request: Request) -> set[str]:
    public = service_of(request).settings.public_url
    known = {request.headers.get("host", ""), *([_host(public)] if public else [])}
    return known - {""}


def _host(address: str) -> str:
    """Host and port of an address; empty where it has none that can be read (``null``, ``http://[``)."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return ""
