"""E-mail addresses as people type them: what comes behind the @ is compared, the rest is theirs."""

import re
from typing import Final, NamedTuple

ADDRESS_CHARS: Final = 254
"""Longest address (RFC 5321, 4.5.3.1.3, without its brackets)."""
LOCAL_CHARS: Final = 64

_DOMAIN: Final = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_LOCAL: Final = re.compile(r"[^\s@\"<>(),:;\[\\\]\x00-\x1f\x7f]+")


class Address(NamedTuple):
    """
    Attributes:
        local: as it was typed.
        domain: in small letters of ASCII.
    """

    local: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


def read_address(text: str) -> Address | None:
    """The address that somebody typed; None where it can be none. Quoted local parts and addresses of machines are none here."""
    local, at, domain = text.strip().rpartition("@")
    found = read_domain(domain)
    if not at or found is None or not _LOCAL.fullmatch(local) or len(local) > LOCAL_CHARS:
        return None
    if local.startswith(".") or local.endswith(".") or ".." in local or len(local) + 1 + len(found) > ADDRESS_CHARS:
        return None
    return Address(local, found)


def read_domain(text: str) -> str | None:
    """What somebody typed as the end of addresses, with or without its @; None where it can be none."""
    domain = text.strip().removeprefix("@").removesuffix(".").lower()
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        return None
    return domain if _DOMAIN.fullmatch(domain) else None
