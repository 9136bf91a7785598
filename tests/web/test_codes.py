"""Codes and the slowing down of those who guess them (H3)."""

import pytest

from server.web.codes import ALPHABET, LENGTH, Attempts, new_code, read_code


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
    codes = {new_code() for _ in range(1000)}
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


def test_a_debt_is_paid_by_waiting(attempts: Attempts, clock: Clock) -> None:
    guess(attempts, "192.0.2.1", 100)
    clock.now += 80
    assert attempts.wrong("192.0.2.1") is False


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
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
    assert attempts.remembered == (Attempts.REMEMBERED,) * 3


def test_rooms_are_made_at_a_pace(attempts: Attempts, clock: Clock) -> None:
    assert all(attempts.may_create("192.0.2.1") for _ in range(Attempts.CREATED))
    assert not attempts.may_create("192.0.2.1")
    assert attempts.may_create("192.0.2.2")
    clock.now += 1
    assert attempts.may_create("192.0.2.1")


def test_what_a_room_is_made_from_counts_by_its_weight(attempts: Attempts) -> None:
    attempts.has_weight("192.0.2.1", (Attempts.CREATED - 1) * Attempts.WEIGHT)
    assert attempts.may_create("192.0.2.1")
    assert not attempts.may_create("192.0.2.1")
