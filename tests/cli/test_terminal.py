"""What the terminal shows."""

import ipaddress
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import segno

from server.cli import terminal
from server.config import Settings
from server.web.interfaces import Interface, interfaces

WIFI, CABLE = Interface("wlan0", "192.168.1.20"), Interface("eth0", "10.0.0.7")
SETTINGS = Settings(database_url="sqlite:///data/palabre.sqlite", secret=b"x" * 32, kept_secret=b"y" * 32)


def answers(*texts: str) -> tuple[Callable[[str], str], list[str]]:
    prompts: list[str] = []
    remaining: Iterator[str] = iter(texts)

    def ask(prompt: str) -> str:
        prompts.append(prompt)
        return next(remaining)

    return ask, prompts


@pytest.mark.parametrize(("typed", "chosen"), [("", WIFI), ("1", WIFI), (" 2 ", CABLE)])
def test_a_network_is_chosen_by_its_number(typed: str, chosen: Interface) -> None:
    ask, prompts = answers(typed)
    assert terminal.choose([WIFI, CABLE], "fr", ask) == chosen
    assert "1. 192.168.1.20 (wlan0)" in prompts[0]


def test_a_wrong_number_is_asked_again() -> None:
    ask, prompts = answers("0", "3", "wifi", "-1", "9" * 5000, "2")
    assert terminal.choose([WIFI, CABLE], "en", ask) == CABLE
    assert prompts[1:] == ["A number from 1 to 2: "] * 5


def test_interfaces_are_addresses_that_phones_may_reach() -> None:
    for interface in interfaces():
        address = ipaddress.IPv4Address(interface.address)
        assert not address.is_loopback
        assert not address.is_link_local


def test_the_qr_code_is_the_address() -> None:
    address = "http://192.168.1.20:8000"
    drawn = terminal.qr_lines(address, colours=False)
    modules = [list(row) for row in segno.make_qr(address, error="m").matrix_iter(border=2)]
    for row, line in enumerate(drawn):
        for column, block in enumerate(line):
            above, below = modules[2 * row][column], 1 if 2 * row + 1 >= len(modules) else modules[2 * row + 1][column]
            assert block == {(1, 1): " ", (0, 1): "▀", (1, 0): "▄", (0, 0): "█"}[above, below]
    assert terminal.qr_lines(address, colours=True)[0] == f"\x1b[97;40m{drawn[0]}\x1b[0m"


def test_other_addresses_are_offered() -> None:
    screen = terminal.welcome(SETTINGS, "http://192.168.1.20:8000", [CABLE], "fr", colours=False)
    assert "PALABRE_PUBLIC_URL=http://… (10.0.0.7 (eth0))" in screen
    assert "PALABRE_PUBLIC_URL" not in terminal.welcome(SETTINGS, "http://192.168.1.20:8000", [], "fr", colours=False)


@pytest.mark.parametrize("near", [True, False])
def test_an_address_that_leads_here_from_everywhere_is_not_called_near(near: bool) -> None:
    screen = terminal.welcome(SETTINGS, "https://palabre.example", [], "fr", colours=False, near=near)
    assert ("Sur le même réseau" in screen) is near


def test_AC7_the_setup_link_is_shown_where_there_is_one() -> None:
    link = "http://192.168.1.20:8000/c#setup=0.aaaa"
    shown = terminal.welcome(SETTINGS, "http://192.168.1.20:8000", [], "fr", colours=False, setup=link)
    assert f"communauté, une fois : {link}" in shown
    assert "communauté" not in terminal.welcome(SETTINGS, "http://192.168.1.20:8000", [], "fr", colours=False)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("sqlite:///data/palabre.sqlite", str(Path("data/palabre.sqlite").absolute())),
        ("sqlite:////srv/a%20b.sqlite", "/srv/a b.sqlite"),
        ("postgresql://me:hunter2@db.example:5432/palabre", "postgresql://db.example/palabre"),
    ],
)
def test_where_the_data_lies_is_told_without_its_password(url: str, place: str) -> None:
    assert terminal.data_place(Settings(database_url=url, secret=b"x" * 32, kept_secret=b"y" * 32)) == place


def test_a_record_is_one_line_whatever_is_in_it() -> None:
    line = terminal.OneLine("%(levelname)s %(message)s")
    forged = logging.makeLogRecord({"levelname": "INFO", "msg": "name: %s", "args": ("Zoé\r\nERROR forged",)})
    assert line.format(forged) == "INFO name: Zoé\\r | ERROR forged"
    try:
        raise ValueError("why")
    except ValueError as error:
        raised = logging.makeLogRecord(
            {"levelname": "ERROR", "msg": "it", "exc_info": (ValueError, error, error.__traceback__)}
        )
    assert "\n" not in line.format(raised)
    assert line.format(raised).endswith("| ValueError: why")
