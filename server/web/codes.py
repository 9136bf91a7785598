"""The six-character codes of rooms, and the slowing down of those who guess them (H3).

**The arithmetic.** 28 characters make 28^6 = 482 million codes. A guess that is looked up hits one of 1,000 rooms with 2 in a
million. Patiently, one address has one guess a second looked up (a hit in 5.6 days), and all that guess together 10 a second (a
hit in 13 hours); with the 10 rooms of one company that is 1.5 years and 56 days. What a hit gives is a participant's place in a
room whose door is open, under the eyes of its host.

**Two thresholds.** People mistype: a seminar of 500 behind one address makes a few hundred mistakes in its first minutes, and
nobody who types a right code may suffer from it. So up to the *high* threshold every code is looked up and right ones always pass;
above the *low* one the wrong ones are merely answered 429 instead of 404. Above the high one it is a machine that guesses: now
a code is looked up only if it has been right from this address before (the seminar goes on) or, when it is all addresses together
that are above, if this address has hardly been wrong and the allowance that all such addresses share is not used up: addresses cost
nothing to whoever has a /56 of IPv6, so that its mistakes, and a /48's, are counted as an address's are. Refusing without a look is all that slows a machine: answering late,
or 429 to the wrong codes alone, still tells it about every guess, as many as it likes to send at a time.
"""

import ipaddress
import re
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import Final

from server.session.rate import Bucket, Pace

ALPHABET: Final = "BCDFGHJKMNPQRSTVWXYZ23456789"
"""No 0 and O, no 1, I and L; and no vowels, so that no code is a word that one would not project."""

LENGTH: Final = 6

_SEPARATORS = re.compile(r"[\s\u200b\-\u2010-\u2015\u2212_.]+")
_SHAPE = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")


def code_of(drawn: bytes) -> str:
    """The code that 16 random bytes, or more, make; whether it is free is the journal's to say."""
    number, signs = int.from_bytes(drawn), list[str]()
    for _ in range(LENGTH):
        number, sign = divmod(number, len(ALPHABET))
        signs.append(ALPHABET[sign])
    return "".join(signs)


def read_code(text: str) -> str | None:
    """The code that someone typed, in any case, with spaces and dashes; None where it cannot be one."""
    code = _SEPARATORS.sub("", text[:64]).upper()
    return code if _SHAPE.fullmatch(code) else None


class Debt:
    """An amount that falls by itself.

    Args:
        paid: how much it falls in a second.
        most: where it stops growing, which bounds how long it takes to fall.
    """

    __slots__ = ("_amount", "_at", "_most", "_paid")

    def __init__(self, paid: float, most: float) -> None:
        self._paid, self._most = paid, most
        self._amount = self._at = 0.0

    def at(self, now: float) -> float:
        return max(0.0, self._amount - (now - self._at) * self._paid)

    def add(self, now: float, amount: float = 1) -> None:
        self._amount, self._at = min(self._most, self.at(now) + amount), now


class Attempts:
    """Who has entered wrong codes, on this worker, from where; bounded, in memory.

    Args:
        clock: seconds that only grow.
    """

    ADDRESS_LOW: Final = 30
    ADDRESS_HIGH: Final = 1_000
    ALL_LOW: Final = 300
    ALL_HIGH: Final = 5_000
    BLAMELESS: Final = 3
    """An address that owes less than this is heard even when all others together are above the high threshold, as far as the allowance goes."""
    ALLOWED: Final = 5
    """Codes a second that are looked up for all the blameless together, while all others are above; with bursts of so many times as many."""
    BURST: Final = 5
    JOINED: Final = 600
    """People who may join one room from one address at once; one more a second. A seminar of 500 shares one."""
    CREATED: Final = 300
    """Rooms that an address may create at once; two more a second."""
    WATCHED: Final = 8
    """Demonstrations that an address may have at once, fewer than there are for all; one more every ten seconds."""
    WEIGHT: Final = 512 * 1024
    """Bytes of a file that weigh as much as one room more."""
    REMEMBERED: Final = 20_000
    """Addresses, and pairs of address and code, that are kept; the oldest go first."""

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        self._clock = clock or monotonic
        self._all = Debt(paid=5, most=self.ALL_HIGH)
        self._wrong: OrderedDict[str, Debt] = OrderedDict()
        self._allowance = Bucket(Pace(self.ALLOWED, self.BURST * self.ALLOWED, "codes"), self._clock())
        self._creations: OrderedDict[str, Debt] = OrderedDict()
        self._watched: OrderedDict[str, Debt] = OrderedDict()
        self._joins: OrderedDict[str, Debt] = OrderedDict()
        self._familiar: OrderedDict[tuple[str, str], None] = OrderedDict()

    def may_look_up(self, address: str, code: str) -> bool:
        """Whether this code may be looked up at all for this address."""
        now = self._clock()
        if (network(address), code) in self._familiar:
            return True
        owed = max(self._owed(each, now) for each in networks(address))
        if owed > self.ADDRESS_HIGH - 1:
            return False
        if self._all.at(now) <= self.ALL_HIGH - 1:
            return True
        return owed < self.BLAMELESS and self._allowance.take(now)

    def _owed(self, network: str, now: float) -> float:
        return self._wrong[network].at(now) if network in self._wrong else 0.0

    def right(self, address: str, code: str) -> None:
        """Remember that this address knows this code."""
        pair = (network(address), code)
        self._familiar[pair] = None
        self._familiar.move_to_end(pair)
        if len(self._familiar) > self.REMEMBERED:
            self._familiar.popitem(last=False)

    def wrong(self, address: str) -> bool:
        """Count a mistake. True when it came after too many others: the answer is then 429."""
        now = self._clock()
        debts = [self._debt(self._wrong, each, paid=1, most=self.ADDRESS_HIGH) for each in networks(address)]
        owed = max(debt.at(now) for debt in debts)
        too_many = owed >= self.ADDRESS_LOW or (self._all.at(now) >= self.ALL_LOW and owed >= self.BLAMELESS)
        for debt in debts:
            debt.add(now)
        self._all.add(now)
        return too_many

    def may_create(self, address: str) -> bool:
        """Count a room's creation; False when this address has created too many of late."""
        now = self._clock()
        debt = self._debt(self._creations, network(address), paid=2, most=self.CREATED)
        if debt.at(now) > self.CREATED - 1:
            return False
        debt.add(now)
        return True

    def may_watch(self, address: str) -> bool:
        """Count a demonstration; False when this address has had too many of late."""
        now = self._clock()
        debt = self._debt(self._watched, network(address), paid=0.1, most=self.WATCHED)
        if debt.at(now) > self.WATCHED - 1:
            return False
        debt.add(now)
        return True

    def may_join(self, address: str, room: str) -> bool:
        """Count somebody who joins a room, or projects it; False when too many came to it from this address of late."""
        if is_here(address):
            return True  # whoever runs the server; or all, where a proxy on this machine tells of nobody
        now = self._clock()
        debts = [self._debt(self._joins, f"{each} {room}", paid=1, most=self.JOINED) for each in networks(address)]
        if any(debt.at(now) > self.JOINED - 1 for debt in debts):
            return False
        for debt in debts:
            debt.add(now)
        return True

    def has_weight(self, address: str, weight: int) -> None:
        """Count what a room is made from (bytes) like so many rooms more."""
        now = self._clock()
        self._debt(self._creations, network(address), paid=2, most=self.CREATED).add(now, weight / self.WEIGHT)

    @property
    def remembered(self) -> tuple[int, int, int, int, int]:
        """How much is kept: addresses that were wrong, made rooms, joined, and watched; codes that were right."""
        return len(self._wrong), len(self._creations), len(self._joins), len(self._watched), len(self._familiar)

    def _debt(self, debts: OrderedDict[str, Debt], address: str, *, paid: float, most: float) -> Debt:
        debt = debts.get(address)
        if debt is None:
            debt = debts[address] = Debt(paid, most)
            if len(debts) > self.REMEMBERED:
                debts.popitem(last=False)
        debts.move_to_end(address)
        return debt


def network(address: str) -> str:
    """What one person commands at least: an IPv4 address, but 64 bits of IPv6."""
    return networks(address)[0]


def networks(address: str) -> tuple[str, ...]:
    """What one person may command, the least first: who has a /64 of IPv6 often has its /56 or /48."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return (address,)
    if ip.version == 6:
        if ip.ipv4_mapped is not None:
            return (str(ip.ipv4_mapped),)
        return tuple(str(ipaddress.ip_network((ip, bits), strict=False)) for bits in (64, 56, 48))
    return (str(ip),)


def is_here(address: str) -> bool:
    """Whether it is this machine itself: whoever runs the server, or all where a proxy here tells of nobody."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
