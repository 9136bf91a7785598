"""Rooms of public records, as strange as people's texts can be."""

from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from protocol.records import IdeaRecord, MemberRecord, Record, RoomRecord, StepRecord, ZoneRecord

AT = datetime(2026, 11, 1, 14, 5, tzinfo=ZoneInfo("Europe/Paris"))

NASTY = (
    "=HYPERLINK(\"http://evil.example\")", "+1+1", "-2", "@SUM(A1)", "\t=1", "＝1+1", " =1", "<script>alert(1)</script>", "</style><b>", "# Titre",
    "1. un", "- une", "> cité", "[lien](http://evil.example)", "![image](x)", "*gras* _oui_ `code` ~~non~~", "a | b", "$x$", "&lt;", "\\", "---", "===",
    "\u202eabc", "e" + "\u0301" * 200, "a\n\nb", "    quatre", "{{ 7 * 7 }}", "{% raw %}", "https://intranet.example/a_b_c", "Dire merci", "l’été à 14 h",
)  # fmt: skip
TEXT = st.one_of(
    st.sampled_from(NASTY),
    # What the server lets in: no surrogates, no control characters but the new line.
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"], include_characters="\n"), min_size=1, max_size=40),
).filter(lambda text: bool(text.strip()))


@st.composite
def rooms(draw: st.DrawFn) -> list[Record]:
    ids = (f"{n:012d}" for n in count())
    line = TEXT.map(lambda text: " ".join(text.split())).filter(bool)
    steps = [StepRecord(id=f"step:{next(ids)}", kind="ideate", title=title, rank=f"a{n}", prompt=draw(st.one_of(st.just(""), line)), minutes=n)
             for n, title in enumerate(draw(st.lists(line, max_size=3)))]  # fmt: skip
    zones = [
        ZoneRecord(id=f"zone:{next(ids)}", title=title, letter="ABCDEF"[n], rank=f"a{n}")
        for n, title in enumerate(draw(st.lists(line, max_size=3)))
    ]
    members = [
        MemberRecord(id=f"member:{next(ids)}", name=name, role="guest") for name in draw(st.lists(line, max_size=4))
    ]
    ideas = [
        IdeaRecord(
            id=f"idea:{next(ids)}",
            text=text,
            rank=f"a{n}",
            zone=draw(st.sampled_from([None, *(zone.id for zone in zones)])),
            author=draw(st.sampled_from([None, *(member.id for member in members)])),
            step=draw(st.sampled_from([None, *(step.id for step in steps)])),
            reactions=draw(st.dictionaries(st.sampled_from(["like", "love"]), st.integers(1, 9))),
            late=draw(st.booleans()),
        )
        for n, text in enumerate(draw(st.lists(TEXT, max_size=8)))
    ]
    room = RoomRecord(id=f"room:{next(ids)}", title=draw(line))
    return draw(st.permutations([room, *steps, *zones, *members, *ideas]))
