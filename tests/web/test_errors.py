"""Refusals as HTTP answers (SPEC E)."""

import json

import pytest
from starlette.requests import Request

from protocol.errors import TABLE, Code, Refusal
from server.journal.port import JournalError
from server.web.errors import STATUS, on_bug, on_journal_error, on_refusal, problem

REQUEST = Request({"type": "http", "method": "GET", "path": "/", "headers": []})


def test_every_code_has_a_status() -> None:
    assert set(STATUS) == set(Code) == set(TABLE)


@pytest.mark.parametrize("code", Code)
def test_e1_an_answer_says_what_the_table_says(code: Code) -> None:
    answer = problem(code)
    assert answer.status_code == STATUS[code] >= 400
    assert json.loads(bytes(answer.body)) == {"code": code.value, "text": TABLE[code].text, "retry": TABLE[code].retry}
    assert answer.headers["cache-control"] == "no-store"
    assert ("retry-after" in answer.headers) is (answer.status_code in (429, 503))


async def test_a_refusal_says_what_was_expected() -> None:
    answer = await on_refusal(REQUEST, Refusal(Code.INVALID, "expected a number; got 'x'"))
    assert json.loads(bytes(answer.body))["text"] == "expected a number; got 'x'"


async def test_what_only_operators_should_read_is_not_answered() -> None:
    for answer in (
        await on_journal_error(REQUEST, JournalError("cannot write /srv/palabre.sqlite", retry=False)),
        await on_bug(REQUEST, ZeroDivisionError("at room:aaaa")),
    ):
        assert b"/srv" not in bytes(answer.body)
        assert b"room:" not in bytes(answer.body)
        assert answer.status_code in (500, 503)
