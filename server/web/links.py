"""The addresses that people are given: where a room is, and who may come back to it (H2)."""

import re
from typing import Final

from msgspec import Struct
from starlette.requests import Request

from server.config import Settings

_HOST: Final = re.compile(r"[A-Za-z0-9.\-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")


class Links(Struct, frozen=True, omit_defaults=True):
    """Absolute addresses; `personal` and `recovery` carry a secret in their fragment, which no server log sees."""

    join: str = ""
    host: str = ""
    screen: str = ""
    recovery: str = ""
    personal: str = ""


def host_links(page: str, secret: str) -> Links:
    """What whoever makes a room is given, once."""
    return Links(join=page, host=f"{page}/host", screen=f"{page}/screen", recovery=f"{page}#lien={secret}")


def personal_links(page: str, secret: str) -> Links:
    """What whoever joins, or comes back, is given."""
    return Links(personal=f"{page}#lien={secret}")


def base_url(request: Request, settings: Settings) -> str:
    """The address that this server has for whoever asks: the public one, or the one by which he came."""
    if settings.public_url is not None:
        return settings.public_url
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        host, port = request.scope.get("server") or ("localhost", 80)
        host = f"{host}:{port}"
    return f"{request.url.scheme}://{host}"
