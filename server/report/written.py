"""A compte rendu as bytes of a form, from packed records: work for a process beside."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import NamedTuple

import msgspec

from protocol.records import RECORDS
from protocol.text import undirected
from server.report.model import Report, report
from server.report.words import WORDS, Words


class Written(NamedTuple):
    """A compte rendu, and the name of its file without the form."""

    name: str
    body: str | bytes


def written(
    packed: bytes,
    form: str,
    lang: str | None,
    now: datetime,
    images: Mapping[str, bytes] = {},  # read only
) -> Written:
    """The compte rendu of a room.

    Args:
        packed: its public records, a list in msgpack.
        form: html, pdf, md, xlsx or csv.
        now: in the reader's time zone.
        images: by id, those that a page holds, and the logo.

    Raises:
        Refusal: `too_large`, for a PDF that would be too long.
    """
    # Here, so that a server, which writes none itself, starts without what draws pages and workbooks.
    from server.report.delimited import csv
    from server.report.html import html
    from server.report.markdown import markdown
    from server.report.pdf import pdf
    from server.report.sheets import xlsx

    write: dict[str, Callable[[Report, Words], str | bytes]] = {
        "html": partial(html, images=images),
        "pdf": partial(pdf, images=images),
        "md": markdown,
        "xlsx": xlsx,
        "csv": csv,
    }
    records = [msgspec.convert(raw, RECORDS[raw["id"].partition(":")[0]]) for raw in msgspec.msgpack.decode(packed)]
    told = report(records, now)
    words = WORDS[lang or told.lang]
    return Written(f"{words.report} {undirected(told.title)} {told.written:%Y-%m-%d}", write[form](told, words))
