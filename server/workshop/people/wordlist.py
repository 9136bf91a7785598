"""The words that hosts look for before a big screen shows what people wrote (SPEC M5): theirs alone, and nothing comes of them here."""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import Refusal
from protocol.persons import Words
from protocol.records import WordlistRecord
from server.model.kernel import Capability, Context, Entity, Event, Restore, State, Touch, Viewer, get
from server.model.restoring import shaped
from server.model.text import clean_name

WORDLIST: Final = "wordlist:of-this-room"


class Wordlist(Entity, frozen=True, gc=False, tag="wordlist"):
    words: tuple[Words, ...] = ()


class WordlistSet(Event, frozen=True, gc=False, tag="wordlist.set"):
    """All of them: what was on the list before is on it no more."""

    words: tuple[Words, ...] = ()


def _words(state: State) -> tuple[str, ...]:
    kept = get(state, WORDLIST, Wordlist)
    return kept.words if kept else ()


def _cleaned(typed: Iterable[str]) -> tuple[str, ...]:
    """Each once, whatever its case, as it was typed first.

    Raises:
        Refusal: `text_empty` or `text_too_long`, with the place of what is wrong.
    """
    found: dict[str, str] = {}
    for at, text in enumerate(typed):
        try:
            word = clean_name(text)
        except Refusal as refusal:
            raise Refusal(refusal.code, f"words[{at}]: {refusal.text}") from None
        found.setdefault(word.casefold(), word)
    return tuple(found.values())


def _set(state: State, command: c.SetWordlist, context: Context) -> Sequence[Event]:
    words = _cleaned(command.words)
    return [] if words == _words(state) else [WordlistSet(words)]


def _was_set(state: State, event: WordlistSet) -> State:
    return state.set(WORDLIST, Wordlist(WORDLIST, event.words))


def _touch(before: State, after: State, event: WordlistSet) -> Sequence[Touch]:
    return (Touch(WORDLIST),)


def _render(state: State, id: str, viewer: Viewer) -> WordlistRecord | None:
    words = _words(state)
    return (
        WordlistRecord(id=WORDLIST, words=list(words))
        if words and id == WORDLIST and viewer.audience == "host"
        else None
    )


def _check(state: State, record: WordlistRecord) -> WordlistRecord:
    shaped(record, c.SetWordlist)
    return replace(record, id=WORDLIST, words=list(_cleaned(record.words)))


def _put_back(state: State, record: WordlistRecord) -> State:
    return state.set(WORDLIST, Wordlist(WORDLIST, tuple(record.words)))


WORDLIST_CAPABILITY: Final = Capability(
    entities=(Wordlist,),
    decide={c.SetWordlist: _set},
    events={WordlistSet: (_was_set, _touch)},
    render={"wordlist": _render},
    restore={"wordlist": Restore(_check, _put_back)},
)
