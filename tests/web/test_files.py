"""What is read of a file before its records are looked at (SPEC N2)."""

import json
from typing import Any

import pytest

from protocol.errors import Code, Refusal
from server.web import files
from server.web.files import FILE_VERSION, brought

ME = "member:000000000001"
FILE: dict[str, Any] = {
    "palabre": FILE_VERSION,
    "room": "room:000000000001",
    "me": ME,
    "at": 1,
    "records": [{"id": ME, "name": "Awa", "role": "host"}, {"id": "idea:000000000001", "text": "x", "rank": "a0", "name": "x"}],
}  # fmt: skip


def refused(raw: bytes) -> Code:
    with pytest.raises(Refusal) as refusal:
        brought(raw)
    assert refusal.value.text
    return refusal.value.code


@pytest.mark.parametrize(
    "record",
    [
        {"id": "circles:of-another-room", "size": 4, "count": 2, "since": 1},
        {"id": 7, "circle": 1},
        {"id": "member:000000000002", "name": "Zoé", "role": ["guest"]},
        {"id": "member:000000000002", "name": "Zoé", "role": "guest", "table": "8"},
        {"id": "breakouts:of-this-room", "size": 9, "count": 2, "since": 1},
        {},
        None,
    ],
)
def test_n2_a_file_of_version_1_is_refused_for_what_it_would_have_been(record: object) -> None:
    assert refused(json.dumps(FILE | {"palabre": 1, "records": [*FILE["records"], record]}).encode()) is Code.INVALID


def test_n1_whoever_exported_it_is_its_host() -> None:
    made = brought(json.dumps(FILE).encode())
    assert (made.member, made.name, len(made.commands)) == (ME, "Awa", 1)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"palabre": 3}, Code.OTHER_VERSION),
        ({"palabre": "1"}, Code.INVALID),
        ({"records": {}}, Code.INVALID),
        ({"records": [1]}, Code.INVALID),
        ({"me": "member:nobody------"}, Code.INVALID),
        ({"me": "idea:000000000001"}, Code.INVALID),
        ({"me": None}, Code.INVALID),
    ],
)
def test_n2_what_is_no_file_of_ours_is_refused(change: dict[str, Any], code: Code) -> None:
    assert refused(json.dumps(FILE | change).encode()) is code


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", Code.MALFORMED),
        (b"PK\x03\x04", Code.MALFORMED),
        (b'{"palabre":2', Code.MALFORMED),
        (b"\xff\xfe", Code.MALFORMED),
        (b"[]", Code.INVALID),
        (b"{}", Code.INVALID),
        (b'{"palabre":2,"room":"room:aaaaaaaaaaaa","me":null,"at":1,"records":' + b"[" * 100_000, Code.TOO_DEEP),
        (b'{"palabre":2,"room":"room:aaaaaaaaaaaa","me":null,"at":1,"records":[{"id":"idea:000000000001","x":[[[[[[[[[]]]]]]]]]}]}', Code.TOO_DEEP),
        (b'{"palabre":2,"room":"room:aaaaaaaaaaaa","me":null,"at":1,"records":[' + b"[]," * 400_000 + b"[]]}", Code.TOO_MANY),
    ],
    ids=range(9),
)  # fmt: skip
def test_n2_whatever_comes_is_answered_by_name(raw: bytes, code: Code) -> None:
    assert refused(raw) is code


def test_n2_brackets_in_texts_are_no_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "CONTAINERS", 10)
    idea = {"id": "idea:000000000002", "text": '{["\\' * 20, "rank": "a0"}
    assert brought(json.dumps(FILE | {"records": [*FILE["records"], idea]}).encode()).member == ME
