"""How long a search of a person's circles takes among a million texts, on each database: `Journal.search_many`, the first page.

Words and circles are as unequal as people make them (Zipf): a dozen words stand in a twentieth of all texts and more, most in a few; so do the
circles differ in size. Texts come in the order of time, each into a circle by chance. Readers are never in the circles in which `ELSEWHERE`
is said. Times are those of this machine; each is told as a multiple of one indexed query, asked by turns with the searches, too.
"""

import asyncio
import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from functools import cache
from itertools import accumulate, islice
from typing import Final

import asyncpg

from server.journal.port import Journal
from server.journal.words import index_words, scope
from tests.bench.filled import on_postgres, on_sqlite
from tests.bench.table import Row, Scale, quantile

GOAL: Final = "≤ 30 / 250 ms"
PAGE: Final = 21
READERS: Final = (5, 60, 1_000)
WORDS: Final = 60_000
COMMON: Final = 12
"""So many words, the first, are in a twentieth of all texts each, or in more."""
ELSEWHERE: Final = "ailleurs"
RECORD: Final = bytes(200)
AT_ONCE: Final = 5_000

Text = tuple[int, str, str, str]
"""Its number, its circle, what it says, and the words that it is found by."""


class Corpus:
    """Texts, circles and what is looked for; the same for each database."""

    def __init__(self, texts: int) -> None:
        self.texts = texts
        self.chance = random.Random(1)
        self.words = self._vocabulary()
        self._weights = list(accumulate(1 / (rank + 6) for rank in range(WORDS)))
        count = max(2_500, texts // 50)
        self.streams = [f"circle:{n:012x}" for n in range(count)]
        self._sizes = list(accumulate(1 / (rank + 20) for rank in range(count)))
        self.kinds: dict[str, Callable[[], str]] = {
            "rare": self._rare,
            "common": self._common,
            "two common": lambda: " ".join(self.chance.sample(self.words[:COMMON], 2)),
            "common and rare": lambda: f"{self._common()} {self._rare()}",
            "a beginning of three letters": lambda: self._common()[:3],
            "common and a beginning": lambda: f"{self._common()} {self._beginning(self._word())}",
            "absent": lambda: "zzyzx",
            "said elsewhere alone": lambda: ELSEWHERE,
            "elsewhere, and common": lambda: f"{ELSEWHERE} {self._common()}",
        }

    def _vocabulary(self) -> list[str]:
        """Words of syllables, some of which begin many words."""
        first = [consonant + vowel for consonant in "crpdmstlbfgvnhqjzkwx" for vowel in "aeoiu"]
        weights = list(accumulate(1 / (rank + 5) for rank in range(len(first))))
        syllables = [consonant + vowel for consonant in "bcdfglmnprstv" for vowel in "aeiou"]
        made: dict[str, None] = {}
        while len(made) < WORDS:
            rest = self.chance.choices(syllables, k=self.chance.choice((1, 2, 2, 3)))
            made[
                self.chance.choices(first, cum_weights=weights)[0] + "".join(rest) + self.chance.choice(" nrt").strip()
            ] = None
        return list(made)

    def written(self) -> Iterator[Text]:
        """All texts."""
        entries = cache(index_words)
        number = 0
        while number < self.texts:
            some = min(AT_ONCE, self.texts - number)
            words = iter(self.chance.choices(self.words, cum_weights=self._weights, k=12 * some))
            for circle in self.chance.choices(range(len(self.streams)), cum_weights=self._sizes, k=some):
                number += 1
                said = list(islice(words, self.chance.randint(4, 12)))
                said = [f"{word}s" if self.chance.random() < 0.15 else word for word in said]
                if circle % 2 == 0 and self.chance.random() < 0.1:
                    said.append(ELSEWHERE)
                found_by = dict.fromkeys(entry for word in said for entry in entries(word))
                stream = self.streams[circle]
                yield number, stream, " ".join(said), " ".join((scope(stream), *found_by))

    def circles(self, count: int) -> list[str]:
        """Those of a reader: half of them by their size, half whichever."""
        chosen: set[int] = set()
        while 2 * len(chosen) < count:
            (circle,) = self.chance.choices(range(len(self.streams)), cum_weights=self._sizes)
            chosen |= {circle | 1}
        while len(chosen) < count:
            chosen.add(self.chance.randrange(len(self.streams)) | 1)
        return [self.streams[min(circle, len(self.streams) - 1)] for circle in chosen]

    def asked(self) -> str:
        """One to three words as people write them: of ten queries three hold a common one, and two end in a beginning."""
        words = [self._word() for _ in range(self.chance.choices((1, 2, 3), (5, 4, 1))[0])]
        if self.chance.random() < 0.3:
            words[self.chance.randrange(len(words))] = self._common()
        if self.chance.random() < 0.2:
            words[-1] = self._beginning(words[-1])
        return " ".join(words)

    def _common(self) -> str:
        return self.words[self.chance.randrange(COMMON)]

    def _word(self) -> str:
        """As often as it is written, and not common."""
        weights = [weight - self._weights[COMMON - 1] for weight in self._weights[COMMON:]]
        return self.chance.choices(self.words[COMMON:], cum_weights=weights)[0]

    def _rare(self) -> str:
        return self.words[self.chance.randrange(WORDS // 6, WORDS)]

    def _beginning(self, word: str) -> str:
        return word[: self.chance.randint(3, 5)]


def rows(scale: Scale) -> Iterator[Row]:
    for name, opened in (("SQLite", _on_sqlite), ("PostgreSQL", _on_postgres)):
        yield from asyncio.run(_measured(name, opened, Corpus(scale.of(1_000_000, 50_000)), scale.of(300, 100)))


async def _measured(
    name: str, opened: Callable[[Corpus], AbstractAsyncContextManager[Journal]], corpus: Corpus, searches: int
) -> list[Row]:
    measured: list[Row] = []
    async with opened(corpus) as journal:
        for count in READERS:
            readers = [corpus.circles(count) for _ in range(10)]
            took, indexed = await _searched(journal, readers, [corpus.asked() for _ in range(searches)])
            figure = f"a search among {corpus.texts:,} texts by readers of {count:,} circles, {name}: p50 / p99"
            measured.append(Row(figure, GOAL, _told(took, indexed)))
        for kind, ask in corpus.kinds.items():
            readers = [corpus.circles(count) for count in READERS]
            took, indexed = await _searched(journal, readers, [ask() for _ in range(searches // 10)])
            measured.append(Row(f"of these: {kind}, {name}", "", _told(took, indexed)))
    return measured


async def _searched(
    journal: Journal, readers: Sequence[Sequence[str]], texts: Sequence[str]
) -> tuple[list[float], list[float]]:
    """Seconds of each search, and of as many pages of one stream."""
    took, indexed = list[float](), list[float]()
    for n, text in enumerate(texts):
        circles = readers[n % len(readers)]
        began = time.perf_counter()
        await journal.search_many(circles, text, None, PAGE)
        between = time.perf_counter()
        await journal.page(circles[0], "message", None, PAGE)
        took.append(between - began)
        indexed.append(time.perf_counter() - between)
    return took, indexed


def _told(took: list[float], indexed: list[float]) -> str:
    p50, p99, one = quantile(took, 0.5), quantile(took, 0.99), quantile(indexed, 0.5)
    return f"{p50:.1f} / {p99:.1f} ms ({p50 / one:.1f} / {p99 / one:.0f} × one indexed query)"


def _id(number: int) -> str:
    return f"message:{number:012x}"


def _on_sqlite(corpus: Corpus) -> AbstractAsyncContextManager[Journal]:
    def fill(database: sqlite3.Connection) -> None:
        texts = corpus.written()
        while some := list(islice(texts, AT_ONCE)):
            database.executemany(
                "insert into public_rows (number, stream, id, kind, n, text, record) values (?, ?, ?, 'message', ?, ?, ?)",
                ((number, stream, _id(number), number, text, RECORD) for number, stream, text, _ in some),
            )
            words = ((number, words) for number, _, _, words in some)
            database.executemany("insert into public_words (rowid, words) values (?, ?)", words)

    return on_sqlite(fill)


def _on_postgres(corpus: Corpus) -> AbstractAsyncContextManager[Journal]:
    async def fill(connection: asyncpg.Connection) -> None:
        await connection.execute("create temporary table written (number bigint, stream text, text text, words text)")
        await connection.copy_records_to_table("written", records=corpus.written())
        await connection.execute(
            "insert into public_rows (stream, id, kind, n, text, record, words, number)"
            " select stream, 'message:' || lpad(to_hex(number), 12, '0'), 'message', number, text, $1,"
            " array_to_tsvector(string_to_array(words, ' ')), number from written order by number",
            RECORD,
        )

    return on_postgres(corpus.texts, fill)
