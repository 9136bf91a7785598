"""Counts of answers are those of a dict, and words come in the order of a whole sort, however they came about (SPEC U6)."""

import random

import pytest

from server.workshop.outcome.tally import PAGE, Cloud, Count, Tally, alike, held, put


def by_sorting(given: dict[str, int], *, by_alphabet: bool) -> list[tuple[str, int]]:
    """All of it looked at again: `given` in the order in which words came that are still said."""
    spelt, count = dict[str, str](), dict[str, int]()
    for word, n in given.items():
        same = alike(word)
        spelt[same] = min(spelt.get(same, word), word)
        count[same] = count.get(same, 0) + n
    told = sorted(count) if by_alphabet else list(count)
    return [(spelt[same], count[same]) for same in sorted(told, key=lambda same: -count[same])]


@pytest.mark.parametrize("by_alphabet", [True, False])
@pytest.mark.parametrize("words", [3, 40, 900])
def test_U6_words_are_in_the_order_of_a_whole_sort(words: int, *, by_alphabet: bool) -> None:
    chance = random.Random(words)
    given, cloud, tally = dict[str, int](), Cloud(), Tally()
    for _ in range(3_000):
        word = chance.choice(("mot {}", "Mot {}", "MOT  {}.")).format(chance.randrange(words))
        n = chance.choice((1, 1, 1, 2, -1))
        if word not in given and n < 0:
            word = chance.choice(list(given) or [word])
        n = n if word in given else abs(n)
        given[word] = given.get(word, 0) + n
        if not given[word]:
            del given[word]
        cloud, tally = cloud.plus(word, n, by_alphabet=by_alphabet), tally.plus(word, n)
        if chance.random() < 0.02:
            assert list(cloud) == by_sorting(given, by_alphabet=by_alphabet)
    assert list(cloud) == by_sorting(given, by_alphabet=by_alphabet)
    assert cloud.different == len(list(cloud))
    assert (dict(tally), tally.total) == (given, sum(given.values()))


def test_a_change_makes_one_page_anew() -> None:
    pages: tuple[tuple[Count, ...], ...] = ()
    for n in random.Random(1).sample(range(5_000), 5_000):
        pages = put(pages, n, Count(n, n))
    assert all(0 < len(page) < PAGE for page in pages)
    assert [count.key for page in pages for count in page] == list(range(5_000))
    after = put(pages, 2_500, Count(2_500, -1))
    assert sum(page is not old for page, old in zip(after, pages, strict=True)) == 1
    assert (held(after, 2_500), held(pages, 2_500)) == (Count(2_500, -1), Count(2_500, 2_500))
    assert held(pages, 5_000) is None
    for n in range(5_000):
        pages = put(pages, n, None)
    assert pages == ()
