"""By which addresses this machine is reached from others."""

import fcntl
import socket
import struct
import sys
from typing import Final, NamedTuple

_NOT_THE_WIFI: Final = (
    "lo",
    "docker",
    "br-",
    "veth",
    "virbr",
    "vmnet",
    "vboxnet",
    "podman",
    "cni",
    "tun",
    "utun",
    "tailscale",
    "wg",
)


class Interface(NamedTuple):
    """A way into this machine; `name` may be empty where the system does not tell."""

    name: str
    address: str


def interfaces() -> list[Interface]:
    """The IPv4 addresses by which phones on the same network may reach this machine, the likeliest first."""
    found = {
        address: Interface(name, address) for name, address in _named_addresses() if not name.startswith(_NOT_THE_WIFI)
    }
    likeliest = _outward_address()
    if likeliest is not None and likeliest not in found:
        found[likeliest] = Interface("", likeliest)
    usable = [interface for interface in found.values() if not interface.address.startswith(("127.", "169.254."))]
    return sorted(usable, key=lambda interface: interface.address != likeliest)


def _outward_address() -> str | None:
    """The address that packets to elsewhere would carry. Connecting a datagram socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1: nobody
            return str(probe.getsockname()[0])
        except OSError:
            return None


def _named_addresses() -> list[Interface]:
    """Each interface's IPv4 address (netdevice(7))."""
    get_address = 0xC0206921 if sys.platform == "darwin" else 0x8915  # SIOCGIFADDR
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for _, name in socket.if_nameindex():
            try:
                answer = fcntl.ioctl(any_socket, get_address, struct.pack("256s", name.encode()[:15]))
            except OSError:  # it has none
                continue
            found.append(Interface(name, socket.inet_ntoa(answer[20:24])))
    return found
