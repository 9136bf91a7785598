"""What every journal does for paging and search (`server/journal/port.py`)."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from server.journal.port import Appended, Bookmark, Found, JournalError, Lag, Row
from tests.contracts.journals import AnyJournal, Place, entry


def idea(n: int, text: str) -> Row:
    return Row(f"idea:{n}", "idea", n, text, f"record {n}".encode())


async def project(journal: AnyJournal, stream: str, *rows: Row) -> str:
    """A stream of one commit with these rows; its incarnation."""
    assert await journal.append(entry(stream, 1)) == Appended(1)
    incarnation = (await journal.heads([stream]))[stream].incarnation
    assert await journal.project(stream, incarnation, 0, 1, rows, [])
    return incarnation


async def found(journal: AnyJournal, text: str, stream: str = "room:a", offset: int = 0, limit: int = 50) -> list[int]:
    return [row.n for row in await journal.search(stream, text, offset, limit)]


async def test_the_position_moves_with_the_rows(place: Place) -> None:
    journal, other = await place.open(), await place.another()
    incarnation = await project(journal, "room:a", idea(1, "un"), idea(2, "deux"))
    assert await journal.behind("") == []
    await journal.append(entry("room:a", 2))
    assert await journal.behind("") == [Lag("room:a", 1, (await journal.heads(["room:a"]))["room:a"])]
    moved = await asyncio.gather(
        *(
            each.project("room:a", incarnation, 1, 2, [idea(3, "trois"), idea(2, "two")], ["idea:1"])
            for each in (journal, other)
        )
    )
    assert sorted(moved) == [False, True], "one of two projectors"
    for after in (0, 1, 3):
        assert not await journal.project("room:a", incarnation, after, 4, [idea(9, "neuf")], ["idea:2"])
    assert not await journal.project("room:none", incarnation, 0, 1, [idea(9, "neuf")], [])
    assert await other.page("room:a", "idea", None, 10) == [idea(3, "trois"), idea(2, "two")]
    assert await found(journal, "deux") == await found(journal, "un") == []
    assert await found(journal, "two") == [2]


async def test_what_was_read_before_a_redaction_is_not_projected_after_it(journal: AnyJournal) -> None:
    incarnation = await project(journal, "room:a", idea(1, "secret"))
    now = await journal.redact("room:a", lambda commit: commit, lambda sealed: sealed)
    assert await journal.page("room:a", "idea", None, 10) == []
    assert await found(journal, "secret") == []
    assert [lag.projected for lag in await journal.behind("")] == [0]
    assert not await journal.project("room:a", incarnation, 0, 1, [idea(1, "secret")], [])
    assert await journal.project("room:a", now, 0, 1, [idea(1, "-")], [])


async def test_a_projection_can_be_made_anew_and_all_is_found_meanwhile(journal: AnyJournal) -> None:
    incarnation = await project(journal, "room:a", idea(1, "un"), idea(2, "un"))
    await project(journal, "room:b", idea(1, "un"))
    await journal.unproject("room:a")
    await journal.unproject("room:none")
    assert [(lag.stream, lag.projected) for lag in await journal.behind("")] == [("room:a", 0)]
    assert await found(journal, "un") == [2, 1]
    assert await journal.project("room:a", incarnation, 0, 1, [idea(1, "un")], ["idea:2"])
    assert await found(journal, "un", "room:b") == [1]
    assert await found(journal, "un") == [1]


async def test_what_lags_is_told_by_name_a_hundred_at_a_time(journal: AnyJournal) -> None:
    """A hundred streams that cannot be read must not stand before all others for ever."""
    names = [f"room:{n:03d}" for n in range(150)]
    for name in reversed(names):
        await journal.append(entry(name, 1))
    first = await journal.behind("")
    assert [lag.stream for lag in first] == names[:100]
    assert [lag.stream for lag in await journal.behind(first[-1].stream)] == names[100:]
    assert await journal.behind(names[-1]) == []
    await journal.project(names[1], first[1].head.incarnation, 0, 1, [], [])
    assert sorted(lag.stream for lag in await journal.lags([names[149], names[1], "room:none", names[0]])) == [
        names[0],
        names[149],
    ]
    assert await journal.lags([]) == []


async def test_pages_by_falling_n(journal: AnyJournal) -> None:
    message = Row("message:1", "message", 4, "bonjour", b"")
    await project(journal, "room:a", *(idea(n, "x") for n in range(1, 8)), message)
    await project(journal, "room:b", idea(5, "x"))
    pages = [[row.n for row in await journal.page("room:a", "idea", before, 3)] for before in (None, 5, 2, 1)]
    assert pages == [[7, 6, 5], [4, 3, 2], [1], []]
    assert await journal.page("room:a", "message", None, 3) == [message]


TEXTS = [
    "Réunion d’équipe le lundi",
    "Moins de réunions, plus de décisions",
    "Nos décisions sont prises à l'œil nu",
    "Meeting notes: managers decided quickly",
    "Les chevaux de bataille du comité",
    "Un cœur à l'ouvrage, 100 % déterminé",
    "日本語 and Ελλάδα",
    "NOT OR AND near",
    "reunion",
]

SEARCHES = {
    "reunions": [2, 9, 1],
    "réunion": [9, 1, 2],
    "RÉUNION": [9, 1, 2],
    "Re\u0301union": [9, 1, 2],
    "les réunions de l'équipe": [1],
    "une équipe": [1],
    "equipes": [1],
    "decision": [3, 2],
    "décidé": [4],
    "manager meeting": [4],
    "cheval": [5],
    "comite": [5],
    "oeil": [3],
    "coeur": [6],
    "100": [6],
    "日本語": [7],
    "ελλάδα": [7],
    "réunion décision": [2],
    "réunion licorne": [],
    '"reunions"': [2, 9, 1],
    "reunions*": [2, 9, 1],
    "NOT": [8, 4],
    "or and near": [8],
    "réunion OR comité": [],
    "'); drop table public_rows; --": [],
    "words: reunion": [],
    "(reunion": [9, 1, 2],
    "^reunion & | ! <-> :*": [9, 1, 2],
    "\\": [],
    "": [],
    " ' \" ": [],
    "\0": [],
    "\ud800": [],
    "le la les": [],
    "lundi": [1],
}


async def test_search(searched: AnyJournal) -> None:
    """As typed first, then other forms, newest first; the same on every database."""
    assert {text: await found(searched, text) for text in SEARCHES} == SEARCHES


@pytest.fixture
async def searched(journal: AnyJournal) -> AnyJournal:
    await project(journal, "room:a", *(idea(n, text) for n, text in enumerate(TEXTS, start=1)))
    await project(journal, "room:b", idea(1, "réunion secrète"))
    return journal


async def test_search_stays_in_its_stream_and_comes_in_pages(searched: AnyJournal) -> None:
    assert await found(searched, "réunion", "room:b") == [1]
    assert await found(searched, "secrète") == []
    assert await found(searched, "room:a") == []
    pages = [await found(searched, "reunion", offset=offset, limit=2) for offset in (0, 2, 4)]
    assert pages == [[9, 1], [2], []]
    (row,) = await searched.search("room:a", "lundi", 0, 1)
    assert row == idea(1, TEXTS[0])


async def test_a_long_text_and_a_long_query(journal: AnyJournal) -> None:
    text = " ".join(f"mot{n}" for n in range(2000)) + " " + "z" * 5000
    await project(journal, "room:a", idea(1, text))
    assert await found(journal, "mot1999") == await found(journal, text) == [1]


async def test_rows_that_no_database_holds_are_an_error(journal: AnyJournal) -> None:
    await journal.append(entry("room:a", 1))
    incarnation = (await journal.heads(["room:a"]))["room:a"].incarnation
    with pytest.raises(JournalError) as raised:
        await journal.project("room:a", incarnation, 0, 1, [idea(1, "secret \ud800 text")], [])
    assert not raised.value.retry
    assert "secret" not in str(raised.value)
    assert [lag.projected for lag in await journal.behind("")] == [0]


SCRIPTS = [
    "我家在上海东边。",
    "これはテストです",
    "이 번역을 보세요",
    "ผมเรียนภาษาไทยทุกวัน",
    "Łódź, Ørsted",
    "Đương ở İstanbul; Þór, Œuvre, straße",
    "We don’t know the budget",
    "C’est la fête 🎉 → demain 👩🏽‍⚕️",
    "C++ ou C#, mais pas C",
    "L’équipe du week-end à 5 €",
    "हिन्दी में लिखें",
    "Москва слезам не верит",
]

FOUND = {
    "上海": [1],
    "东边": [1],
    "海上": [],
    "家": [1],
    "テスト": [2],
    "ﾃｽﾄ": [2],
    "번역": [3],
    "ไทย": [4],
    "ภาษาไทย": [4],
    "lodz": [5],
    "łódź": [5],
    "orsted": [5],
    "duong": [6],
    "istanbul": [6],
    "ISTANBUL": [6],
    "İstanbul": [6],
    "thor": [6],
    "oeuvre": [6],
    "strasse": [6],
    "bud": [7],
    "budg": [7],
    "dont": [7],
    "don't": [7],
    "don’t": [7],
    "🎉": [8],
    "→": [8],
    "fête 🎉": [8],
    "budget 🎉": [],
    "👩‍⚕️": [8],
    "C++": [9],
    "c#": [9],
    "F#": [],
    "c": [9, 8],
    "equ": [10],
    "lequipe": [10],
    "weekend": [10],
    "week-end": [10],
    "€": [10],
    "हिन्दी": [11],
    "हिन्": [11],
    "москва": [12],
    "Моск": [12],
}


async def test_Q2_every_script_letter_and_sign_is_found(journal: AnyJournal) -> None:
    """Where no space ends a word, where a letter does not decompose, by its beginning, without its apostrophe, and signs."""
    await project(journal, "room:a", *(idea(n, text) for n, text in enumerate(SCRIPTS, start=1)))
    assert {text: await found(journal, text) for text in FOUND} == FOUND


async def test_Q2_what_reads_as_it_was_typed_stands_before_what_begins_so(journal: AnyJournal) -> None:
    await project(
        journal, "room:a", *(idea(n, text) for n, text in enumerate(["bud", "budget", "Bud", "budgets"], start=1))
    )
    assert await found(journal, "bud") == [3, 1, 4, 2]


MARKED = [
    "שָׁלוֹם לְכֻלָּם",
    "ٱلأَمَلُ كبيرة على مبنى",
    "क्या कि की",
    "Budget : 1\u202f000\u00a0€",
    "2 500 000 personnes",
    "1000 idées",
    "צה״ל",
    "কলম",
]

UNMARKED = {
    "שלום": [1],
    "שָׁלוֹם": [1],
    "לכלם": [1],
    "الامل": [2],
    "الأمل": [2],
    "كبيره": [2],
    "کبیرة": [2],
    "علي": [2],
    "على": [2],
    "مبنی": [2],
    "كبـير": [2],
    "कि": [3],
    "की": [3],
    "क": [],
    "1000": [6, 4],
    "1\u00a0000": [6, 4],
    "1 000": [6, 4],
    "1\u2009000": [6, 4],
    "1 000 €": [4],
    "2500000": [5],
    "2\u202f500\u202f000": [5],
    "צהל": [7],
    "কলম": [8],
}


async def test_Q2_marks_and_spaces_within_words_and_numbers_part_nothing(journal: AnyJournal) -> None:
    await project(journal, "room:a", *(idea(n, text) for n, text in enumerate(MARKED, start=1)))
    assert {text: await found(journal, text) for text in UNMARKED} == UNMARKED


SHORT = [
    "Léa propose un atelier",
    "Les journaux",
    "Le vélo",
    "R&D plus forte",
    "Rémi et le R",
    "Trois ans avec Luis",
    "Le plan B",
    "Le plan A, pour lui",
    "Un leader",
    "Le plan R & D",
    "Zone D",
    "Des TVs, une TV",
]

HELD = {
    "Léa": [1, 9],
    "lea": [1, 9],
    "R&D": [10, 4],
    "r & d": [10, 4],
    "R": [10, 5, 4],
    "D": [11, 10, 4],
    "zone d": [11],
    "plan a": [8, 10, 7],
    "TVs": [12],
    "Luis": [6],
    "le plan": [10, 8, 7],
    "l’atelier": [1],
    "journal": [2],
}


async def test_Q2_a_name_or_a_short_word_is_looked_for_as_it_is(journal: AnyJournal) -> None:
    await project(journal, "room:a", *(idea(n, text) for n, text in enumerate(SHORT, start=1)))
    assert {text: await found(journal, text) for text in HELD} == HELD


async def found_of_many(
    journal: AnyJournal, streams: list[str], text: str, before: Bookmark | None = None, limit: int = 50
) -> list[tuple[str, int]]:
    return [(each.stream, each.row.n) for each in await journal.search_many(streams, text, before, limit)]


async def pages(journal: AnyJournal, streams: list[str], text: str, limit: int) -> AsyncIterator[list[Found]]:
    """Page after page, each of which lies below the one before."""
    bookmark: Bookmark | None = None
    while page := await journal.search_many(streams, text, bookmark, limit):
        assert len(page) <= limit
        bookmarks = [each.bookmark for each in page]
        assert bookmarks == sorted(set(bookmarks), reverse=True)
        assert bookmark is None or bookmarks[0] < bookmark
        yield page
        bookmark = bookmarks[-1]


async def put(journal: AnyJournal, stream: str, *rows: Row, gone: tuple[str, ...] = ()) -> None:
    """One more commit of a stream, with these rows."""
    (head,) = (await journal.heads([stream])).values()
    written = entry(stream, head.seq + 1)._replace(incarnation=head.incarnation)
    assert await journal.append(written) == Appended(head.seq + 1)
    assert await journal.project(stream, head.incarnation, head.seq, head.seq + 1, rows, gone)


async def test_many_streams_are_searched_newest_first(journal: AnyJournal) -> None:
    """Whatever their own `n`, and whatever else holds the words."""
    await project(journal, "room:a", idea(9, "un budget"), idea(3, "rien"), idea(4, "le budget"))
    await project(journal, "room:b", idea(1, "budget"), idea(2, "budget d’avril"))
    await project(journal, "room:secret", idea(7, "budget"))
    await put(journal, "room:a", idea(5, "Budget !"))
    everything = [("room:a", 5), ("room:b", 2), ("room:b", 1), ("room:a", 4), ("room:a", 9)]
    assert await found_of_many(journal, ["room:b", "room:a", "room:none"], "budget") == everything
    assert await found_of_many(journal, ["room:b"], "budget") == everything[1:3]
    assert await found_of_many(journal, ["room:b", "room:b"], "budget", limit=1) == everything[1:2]
    assert await found_of_many(journal, ["room:a", "room:b"], "budget avril") == [("room:b", 2)]
    for streams, text in (([], "budget"), (["room:a"], ""), (["room:a"], "licorne"), (["room:a"], "room:a")):
        assert await found_of_many(journal, streams, text) == []
    (first, *_) = await journal.search_many(["room:a"], "budget", None, 1)
    assert (first.row, first.bookmark.exact) == (idea(5, "Budget !"), True)


async def test_a_row_that_is_updated_keeps_its_place(journal: AnyJournal) -> None:
    """One that was gone, or whose stream was redacted, is new."""
    incarnation = await project(journal, "room:a", *(idea(n, "budget") for n in (1, 2, 3)))
    await project(journal, "room:b", idea(4, "budget"))
    await put(journal, "room:a", idea(1, "un autre budget"))
    assert [n for _, n in await found_of_many(journal, ["room:a", "room:b"], "budget")] == [4, 3, 2, 1]
    await journal.unproject("room:a")
    assert await journal.project("room:a", incarnation, 0, 2, [idea(n, "budget") for n in (3, 1, 2)], [])
    assert [n for _, n in await found_of_many(journal, ["room:a", "room:b"], "budget")] == [4, 3, 2, 1]
    await put(journal, "room:a", idea(2, "budget"), gone=("idea:2",))
    assert [n for _, n in await found_of_many(journal, ["room:a", "room:b"], "budget")] == [2, 4, 3, 1]
    now = await journal.redact("room:a", lambda commit: commit, lambda sealed: sealed)
    assert await journal.project("room:a", now, 0, 3, [idea(n, "budget") for n in (1, 3)], [])
    assert [n for _, n in await found_of_many(journal, ["room:a", "room:b"], "budget")] == [3, 1, 4]


async def test_no_page_misses_or_doubles_a_row_that_is_updated(journal: AnyJournal) -> None:
    streams = ["room:a", "room:b", "room:c"]
    for stream in streams:
        await project(journal, stream, *(idea(n, "budget") for n in range(1, 8)))
    seen: list[tuple[str, int]] = []
    turn = 0
    async for page in pages(journal, streams, "budget", 4):
        seen += [(each.stream, each.row.n) for each in page]
        turn += 1
        updated = [idea(n, f"budget {turn}") for n in (1, 4, 7)]
        await put(journal, streams[turn % 3], *updated, idea(100 + turn, "budget"))
    assert turn == 6
    assert seen == [(stream, n) for stream in reversed(streams) for n in range(7, 0, -1)]


async def test_Q2_many_streams_hold_words_as_typed_then_other_forms(journal: AnyJournal) -> None:
    """Beginnings count from three letters on; pages go on from the ones to the others."""
    texts = {
        1: "réunion",
        2: "réunions",
        3: "reunion",
        4: "réunionite",
        5: "réunion plénière",
        6: "les réunions",
        7: "re",
    }
    for n, text in texts.items():
        await project(journal, f"room:{n % 2}:{n}", idea(n, text))
    streams = [f"room:{n % 2}:{n}" for n in texts]
    expected = {
        "réunion": [5, 3, 1, 6, 4, 2],
        "réunions": [6, 2, 5, 3, 1],
        "reu": [6, 5, 4, 3, 2, 1],
        "re": [7],
        "réunion plén": [5],
        "les réunions": [6, 5, 3, 2, 1],
    }
    for text, numbers in expected.items():
        assert [n for _, n in await found_of_many(journal, streams, text)] == numbers, text
        for limit in (1, 2, 3):
            paged = [each.row.n async for page in pages(journal, streams, text, limit) for each in page]
            assert paged == numbers, (text, limit)


async def test_many_streams_are_searched_beside_many_rows_of_others(journal: AnyJournal) -> None:
    """What only others hold does not end the search for what the reader has."""
    await project(journal, "room:a", idea(1, "budget rare"))
    await project(journal, "room:others", *(idea(n, "budget") for n in range(3000)))
    await project(journal, "room:b", *(idea(n, "rien") for n in range(3000)), idea(9000, "les budgets"))
    assert await found_of_many(journal, ["room:a", "room:b"], "budget") == [("room:a", 1), ("room:b", 9000)]
    assert await found_of_many(journal, ["room:a", "room:b"], "rare budget") == [("room:a", 1)]
    mine = await found_of_many(journal, ["room:b", "room:a"], "rien", limit=21)
    assert mine == [("room:b", n) for n in range(2999, 2978, -1)]
