"""When a token is replaced (SPEC W5, H1)."""

import base64
import json
from typing import Any

import pytest

from client_demo.python.sdk.token import Token


def signed(**claims: Any) -> Token:
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return Token(f"e30.{part}.sig")


def test_a_token_tells_its_room_and_when_to_replace_it() -> None:
    token = signed(room="room:aaaaaaaaaaaa", iat=0, exp=86_400)
    assert token.room == "room:aaaaaaaaaaaa"
    assert token.fresh_for(0) == 86_400 - 300
    assert token.fresh_for(90_000) < 0  # type: ignore[operator]  # it has an end


def test_a_short_life_is_used_to_four_fifths() -> None:
    assert signed(iat=0, exp=100).fresh_for(0) == 80


def test_one_without_an_end_is_not_replaced() -> None:
    assert signed(room="room:aaaaaaaaaaaa").fresh_for(0) is None


@pytest.mark.parametrize("value", ["", "a.b.c", "a.!!!.c", "a.WzFd.c", "nothing"])
def test_what_is_no_jwt_tells_nothing(value: str) -> None:
    token = Token(value)
    assert (token.room, token.fresh_for(0)) == ("", None)
