"""The addresses that people are given: where a room is, and who may come back to it (H2)."""

import re
from ipaddress import ip_address
from socket import gethostname
from typing import Final

from msgspec import Struct
from starlette.requests import Request

from server.config import EVERYWHERE, Settings
from server.web.interfaces import interfaces

_HOST: Final = re.compile(r"[A-Za-z0-9.\-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")


class Links(Struct, frozen=True, omit_defaults=True):
    """Absolute addresses; `personal`, `recovery` and `minutes` carry a secret in their fragment, which no server log sees."""

    join: str = ""
    host: str = ""
    screen: str = ""
    recovery: str = ""
    personal: str = ""
    minutes: str = ""


def host_links(page: str, secret: str) -> Links:
    """What whoever makes a room is given, once."""
    return Links(join=page, host=f"{page}/host", screen=f"{page}/screen", recovery=f"{page}#lien={secret}")


def shown_links(page: str) -> Links:
    """What whoever is shown a demonstration is given: nothing that lasts."""
    return Links(join=page, host=f"{page}/host", screen=f"{page}/screen")


def personal_links(page: str, secret: str) -> Links:
    """What whoever joins, or comes back, is given."""
    return Links(join=page, screen=f"{page}/screen", personal=f"{page}#lien={secret}")


def minutes_links(page: str, secret: str | None) -> Links:
    """What hosts are given for those who were not there; None: nothing is shared."""
    return Links(minutes=f"{page}/minutes#lien={secret}" if secret else "")


def screen_links(page: str) -> Links:
    """What a screen is given, to show others the way."""
    return Links(join=page)


def base_url(request: Request, settings: Settings) -> str:
    """The address that this server has for everybody: the public one, or the one by which whoever asks came, if others reach it too (H11)."""
    if settings.public_url is not None:
        return settings.public_url
    host = request.headers.get("host", "")
    name = _name(host)
    if _HOST.fullmatch(host) and not _is_here(name) and _is_ours(name, request):
        return f"{request.url.scheme}://{host}"
    here, port = request.scope.get("server") or ("localhost", 80)
    found = [] if settings.host not in EVERYWHERE or request.url.scheme == "https" else interfaces()
    if found:
        return f"http://{found[0].address}:{port}"
    if _HOST.fullmatch(host) and _is_here(name):
        return f"{request.url.scheme}://{host}"
    return f"{request.url.scheme}://{f'[{here}]' if ':' in here else here}:{port}"


def _name(host: str) -> str:
    """Without the port."""
    return host.partition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]


def _is_here(name: str) -> bool:
    """Whether it leads from this machine to itself, and phones nowhere."""
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name.lower() == "localhost"


def _is_ours(name: str, request: Request) -> bool:
    """Whether it may be given back: whoever asks can write what he likes there, but not what his browser, or our proxy, says."""
    try:
        ip_address(name)
    except ValueError:
        own = gethostname().lower()
        if name.lower() in (own, f"{own}.local"):
            return True
        proxied = (
            request.client is not None and request.client.port == 0
        )  # as uvicorn marks what a trusted proxy forwards
        return proxied or _name(request.headers.get("origin", "").partition("://")[2]) == name
    return True
