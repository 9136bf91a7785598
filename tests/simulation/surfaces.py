"""Whatever else tells of a room, beside its frames: exports, reports, history, search, metrics, logs. None may hold what its reader may not see."""

import io
import logging
import re
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

import msgspec

from server.admission.rooms import Rooms
from server.live.hub import Hub
from server.report.delimited import csv
from server.report.html import html
from server.report.markdown import markdown
from server.report.model import report
from server.report.sheets import xlsx
from server.report.words import WORDS
from server.web.metrics import Metrics
from tests.simulation.oracle import Record

MARKER: Final = re.compile(rb"x\d{5}x")
"""What every text of a story holds, and nothing else that is sent."""

WRITTEN: Final = datetime(2026, 11, 27, tzinfo=UTC)


def markers(raw: bytes) -> frozenset[bytes]:
    return frozenset(MARKER.findall(raw))


class Log(logging.Handler):
    """All that the server says of itself, however chatty."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


async def check_exports(hub: Hub, room: str, member: str | None, seen: Iterable[Record]) -> None:
    """What a member (None: anyone with the report) is given as files holds nothing but what he may see."""
    may = markers(msgspec.json.encode(list(seen)))
    records = await Rooms(hub).records(room, member=member)
    leaked = markers(msgspec.json.encode(records)) - may
    assert not leaked, f"SPEC H: the export of {member} holds {leaked}"
    if member is not None:
        return
    told = report(records, WRITTEN)
    words = WORDS["fr"]
    with zipfile.ZipFile(io.BytesIO(xlsx(told, words))) as sheets:
        unpacked = b"".join(sheets.read(name) for name in sheets.namelist())
    for form, written in (
        ("html", html(told, words).encode()),
        ("md", markdown(told, words).encode()),
        ("csv", csv(told, words)),
        ("xlsx", unpacked),
    ):
        leaked = markers(written) - may
        assert not leaked, f"SPEC H8: the report as {form} holds {leaked}"


def check_metrics(hub: Hub) -> None:
    """Figures are read by whoever runs the machine, who may be anybody."""
    leaked = markers(Metrics().exposition(hub.stats()).encode())
    assert not leaked, f"SPEC H: the metrics hold {leaked}"


async def check_asked(hub: Hub, room: str, seen: Iterable[Record]) -> None:
    """History and search hold what everyone sees, or saw when it was sealed."""
    may = markers(msgspec.json.encode(list(seen)))
    for kind in ("idea", "remark", "message"):
        rows = await hub.journal.page(room, kind, None, 10_000)
        leaked = markers(b"".join(row.record for row in rows)) - may
        assert not leaked, f"SPEC Q3: history holds {leaked}"
        for row in rows[:3]:
            found = await hub.journal.search(room, row.text, 0, 20)
            leaked = markers(b"".join(each.record for each in found)) - may
            assert not leaked, f"SPEC Q3: search finds {leaked}"
