"""Codes and the slowing down of those who guess them (H3)."""

import secrets

import pytest

from server.web.codes import ALPHABET, LENGTH, Attempts, code_of, read_code


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def attempts(clock: Clock) -> Attempts:
    return Attempts(clock)


def guess(attempts: Attempts, address: str, times: int) -> None:
    for _ in range(times):
        attempts.wrong(address)


def test_codes_are_random_and_unambiguous() -> None:
    codes = {code_of(secrets.token_bytes(16)) for _ in range(1000)}
    assert len(codes) > 990
    assert all(len(code) == LENGTH and set(code) <= set(ALPHABET) for code in codes)
    assert not set(ALPHABET) & set("0O1ILAEIOU")
    assert len(set(ALPHABET)) == len(ALPHABET) == 28


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("BCDFGH", "BCDFGH"),
        ("bcdfgh", "BCDFGH"),
        (" bcd fgh ", "BCDFGH"),
        ("bcd-fgh", "BCDFGH"),
        ("bcd–fgh", "BCDFGH"),
        ("bcd\u00a0fgh", "BCDFGH"),
        ("b.c.d.f.g.h", "BCDFGH"),
        ("BCDFG", None),
        ("BCDFGHJ", None),
        ("BCDFG0", None),
        ("BCDFGé", None),
        ("", None),
        ("B" * 100_000, None),
    ],
)
def test_a_code_is_read_as_people_type_it(typed: str, code: str | None) -> None:
    assert read_code(typed) == code


def test_the_arithmetic_of_the_docstring() -> None:
    assert round(len(ALPHABET) ** LENGTH / 1e6) == 482
    one_address, all_addresses, rooms = 1, 5, 1000
    assert round(28**6 / rooms / one_address / 86_400, 1) == 5.6
    assert round(28**6 / rooms / all_addresses / 3_600) == 27


def test_h3_the_first_mistakes_are_forgiven_and_the_next_are_limited(attempts: Attempts) -> None:
    assert [attempts.wrong("192.0.2.1") for _ in range(Attempts.ADDRESS_LOW + 1)] == [False] * Attempts.ADDRESS_LOW + [
        True
    ]
    assert attempts.wrong("192.0.2.2") is False


def test_h3_a_right_code_passes_whatever_a_seminar_mistyped(attempts: Attempts) -> None:
    guess(attempts, "192.0.2.1", 500)
    assert attempts.may_look_up("192.0.2.1", "BCDFGH")


def test_h3_a_machine_is_not_looked_up_for_but_its_neighbours_are(attempts: Attempts, clock: Clock) -> None:
    attempts.right("192.0.2.1", "BCDFGH")
    guess(attempts, "192.0.2.1", Attempts.ADDRESS_HIGH)
    assert not attempts.may_look_up("192.0.2.1", "BCDFGJ")
    assert attempts.may_look_up("192.0.2.1", "BCDFGH"), "the seminar behind the same address goes on"
    assert attempts.may_look_up("192.0.2.2", "BCDFGJ"), "and so do others"
    clock.now += 1
    assert attempts.may_look_up("192.0.2.1", "BCDFGJ"), "one guess a second"


def test_h3_many_addresses_together_are_slowed_and_the_blameless_are_not(attempts: Attempts) -> None:
    for machine in range(50):
        guess(attempts, f"198.51.100.{machine}", Attempts.ALL_HIGH // 50)
    assert not attempts.may_look_up("198.51.100.7", "BCDFGJ")
    assert attempts.may_look_up("192.0.2.1", "BCDFGJ")
    assert attempts.wrong("192.0.2.1") is False, "a mistake of one who makes few"


@pytest.mark.parametrize("inside", ["2001:db8:0:{:x}::1", "2001:db8:{:x}00::1"], ids=["a /56 and more", "a /40"])
def test_h3_fresh_networks_of_one_owner_guess_no_more_than_their_share(attempts: Attempts, inside: str) -> None:
    """3,000 fresh /64s of one /48, one guess each: as many as one address may. Of more than that, what all may together."""
    heard = 0
    for n in range(0x100, 0x100 + 2 * Attempts.ALL_HIGH):
        address = inside.format(n)
        if attempts.may_look_up(address, "BCDFGJ"):
            heard += 1
            attempts.wrong(address)
    allowed = Attempts.ALL_HIGH + Attempts.BURST * Attempts.ALLOWED if "00::" in inside else Attempts.ADDRESS_HIGH
    assert heard == allowed


def test_h3_above_the_bound_the_blameless_share_an_allowance(attempts: Attempts, clock: Clock) -> None:
    attempts.right("192.0.2.1", "BCDFGH")
    for machine in range(50):
        guess(attempts, f"198.51.100.{machine}", Attempts.ALL_HIGH // 50)
    fresh = [f"203.0.{n >> 8}.{n & 255}" for n in range(3_000)]
    assert sum(attempts.may_look_up(address, "BCDFGJ") for address in fresh) == Attempts.BURST * Attempts.ALLOWED
    assert all(attempts.may_look_up("192.0.2.1", "BCDFGH") for _ in range(500)), "a seminar behind one address goes on"
    clock.now += 0.9  # less than brings all together below the bound again, were it not for new mistakes
    attempts.wrong("198.51.100.1")
    for _ in range(10):
        attempts.wrong("198.51.100.2")
    assert sum(attempts.may_look_up(address, "BCDFGJ") for address in fresh) == 4


def test_h3_a_seminar_of_five_hundred_joins_at_once_and_a_machine_does_not(attempts: Attempts, clock: Clock) -> None:
    room, other = "room:aaaaaaaaaaaa", "room:bbbbbbbbbbbb"
    assert all(attempts.may_join("192.0.2.1", room) for _ in range(500))
    joined = 500 + sum(attempts.may_join("192.0.2.1", room) for _ in range(1_000))
    assert joined == Attempts.JOINED
    assert attempts.may_join("192.0.2.1", other)
    assert attempts.may_join("192.0.2.2", room)
    clock.now += 1
    assert attempts.may_join("192.0.2.1", room)


def test_h3_fresh_networks_of_one_owner_fill_no_room(attempts: Attempts) -> None:
    room = "room:aaaaaaaaaaaa"
    assert sum(attempts.may_join(f"2001:db8:0:{n:x}::1", room) for n in range(3_000)) == Attempts.JOINED


def test_a_debt_is_paid_by_waiting(attempts: Attempts, clock: Clock) -> None:
    guess(attempts, "192.0.2.1", 100)
    clock.now += 80
    assert attempts.wrong("192.0.2.1") is False


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", True),
        ("2001:db8:0:100::1", "2001:db8:0:200::1", True),
        ("2001:db8:1::1", "2001:db8:2::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("", "unix:", False),
    ],
)
def test_an_address_is_what_one_person_commands(attempts: Attempts, one: str, other: str, same: bool) -> None:
    guess(attempts, one, Attempts.ADDRESS_LOW)
    assert attempts.wrong(other) is same


def test_memory_is_bounded(attempts: Attempts) -> None:
    for n in range(Attempts.REMEMBERED + 10):
        address = f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}"
        attempts.wrong(address)
        attempts.right(address, "BCDFGH")
        attempts.may_create(address)
        attempts.may_join(address, "room:aaaaaaaaaaaa")
        attempts.may_watch(address)
    assert attempts.remembered == (Attempts.REMEMBERED,) * 5


def test_rooms_are_made_at_a_pace(attempts: Attempts, clock: Clock) -> None:
    assert all(attempts.may_create("192.0.2.1") for _ in range(Attempts.CREATED))
    assert not attempts.may_create("192.0.2.1")
    assert attempts.may_create("192.0.2.2")
    clock.now += 1
    assert attempts.may_create("192.0.2.1")


def test_demonstrations_are_given_at_a_pace(attempts: Attempts, clock: Clock) -> None:
    assert all(attempts.may_watch("192.0.2.1") for _ in range(Attempts.WATCHED))
    assert not attempts.may_watch("192.0.2.1")
    assert attempts.may_watch("192.0.2.2")
    assert attempts.may_create("192.0.2.1")
    clock.now += 10
    assert attempts.may_watch("192.0.2.1")


def test_what_a_room_is_made_from_counts_by_its_weight(attempts: Attempts) -> None:
    attempts.has_weight("192.0.2.1", (Attempts.CREATED - 1) * Attempts.WEIGHT)
    assert attempts.may_create("192.0.2.1")
    assert not attempts.may_create("192.0.2.1")
