"""Rooms of public records, as strange as people's texts can be."""

from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from msgspec.structs import replace

from protocol.records import (
    ActionRecord,
    BreakoutRecord,
    CommitmentRecord,
    DecisionRecord,
    IdeaRecord,
    MemberRecord,
    MessageRecord,
    PulseRecord,
    Record,
    RemarkRecord,
    ResultRecord,
    RoomRecord,
    StepRecord,
    TotalRecord,
    ZoneRecord,
)

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
    steps = [StepRecord(id=f"step:{next(ids)}", kind=draw(st.sampled_from(["ideate", "meet", "questions"])), title=title, rank=f"a{n}", prompt=draw(st.one_of(st.just(""), line)), minutes=n,
                        blind=draw(st.sampled_from(["open", "nobody"])), written=draw(st.integers(0, 2)))
             for n, title in enumerate(draw(st.lists(line, max_size=3)))]  # fmt: skip
    zones = [
        ZoneRecord(id=f"zone:{next(ids)}", title=title, letter="ABCDEF"[n], rank=f"a{n}")
        for n, title in enumerate(draw(st.lists(line, max_size=3)))
    ]
    members = [
        MemberRecord(id=f"member:{next(ids)}", name=name, role="participant")
        for name in draw(st.lists(line, max_size=4))
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
            image=draw(st.sampled_from(["", f"image:{next(ids)}"])),
            alt=draw(st.one_of(st.just(""), line)),
        )
        for n, text in enumerate(draw(st.lists(TEXT, max_size=8)))
    ]
    for n in range(1, len(ideas)):
        ideas[n] = replace(
            ideas[n], into=draw(st.sampled_from([None, "idea:000000000095", *(one.id for one in ideas[:n])]))
        )
    sources = [idea.id for idea in ideas] or ["idea:000000000098"]
    decisions = [
        DecisionRecord(
            id=f"decision:{next(ids)}",
            text=text,
            at=n,
            source=draw(st.sampled_from(sources)),
            quote=draw(st.just("") | TEXT),
        )
        for n, text in enumerate(draw(st.lists(TEXT, max_size=3)))
    ]
    actions = [
        ActionRecord(
            id=f"action:{next(ids)}",
            text=draw(st.sampled_from([text, *(one.text for one in decisions)])),
            at=n,
            decision=draw(st.sampled_from([None, "decision:000000000097", *(one.id for one in decisions)])),
            owner=draw(st.sampled_from([None, *(member.id for member in members)])),
            due=draw(st.sampled_from(["", "2026-12-01", "٢٠٢٦-٠١-٠١", "2026-02-30", "=1+1", "1. *bientôt*"])),
            first=draw(st.just("") | line),
            done=draw(st.booleans()),
        )
        for n, text in enumerate(draw(st.lists(TEXT, max_size=4)))
    ]
    commitments = [
        CommitmentRecord(id=f"commitment:{next(ids)}", text=text, author="member:000000000096", at=n, shared=True)
        for n, text in enumerate(draw(st.lists(TEXT, max_size=2)))
    ]
    results = [
        ResultRecord(
            id=f"result:{next(ids)}",
            step=step.id,
            at=1,
            voters=3,
            weight=draw(st.integers(3, 9)),
            totals=[
                TotalRecord(source, draw(st.just("") | TEXT), draw(st.integers(0, 9)), draw(st.integers(0, 3)))
                for source in sources
            ],
        )
        for step in steps
    ]
    remarks = [
        RemarkRecord(
            id=f"remark:{next(ids)}",
            on=draw(st.sampled_from(["zone:000000000094", *(one.id for one in (*ideas, *zones))])),
            kind=draw(st.sampled_from(["objection", "condition", "offer", "=1+1"])),
            text=text,
            author=draw(st.sampled_from([None, *(member.id for member in members)])),
            at=draw(st.sampled_from([None, n])),
        )
        for n, text in enumerate(draw(st.lists(TEXT, max_size=5)))
    ]
    messages = [
        MessageRecord(
            id=f"message:{next(ids)}",
            text=text,
            n=draw(st.integers(0, 9)),
            author=draw(st.sampled_from([None, *(member.id for member in members)])),
            hidden=draw(st.booleans()),
        )
        for text in draw(st.lists(TEXT, max_size=3))
    ]
    pulses = [
        PulseRecord(
            id=f"pulse:{next(ids)}", question=draw(line), form="scale", at=1, answers=9, counts=[1, 2, 3, 2, 1]
        ),
        PulseRecord(
            id=f"pulse:{next(ids)}", question=draw(line), form="weather", at=1, answers=9, counts=[1, 2, 3, 2, 1]
        ),
        PulseRecord(id=f"pulse:{next(ids)}", question=draw(line), form="words", at=2, answers=9, words={draw(line): 9}),
        PulseRecord(id=f"pulse:{next(ids)}", question=draw(line), form="choice", at=3, options=["A", "B"], answers=3),
    ][: draw(st.integers(0, 4))]
    breakouts = [
        BreakoutRecord(
            id=f"breakout:{1 + n // 2:06}-{n:06}",
            round=1 + n // 2,
            breakout=1 + n % 2,
            topic=topic,
            about=draw(st.sampled_from([None, *(one.id for one in (*ideas, *zones))])),
            speaker=draw(st.sampled_from([None, *(member.id for member in members)])),
            best=draw(st.sampled_from([None, "idea:000000000093", *(one.id for one in ideas)])),
        )
        for n, topic in enumerate(draw(st.lists(st.just("") | TEXT, max_size=4)))
    ]
    room = RoomRecord(id=f"room:{next(ids)}", title=draw(line), line=draw(st.one_of(st.just(""), line)))
    told = [
        *steps,
        *zones,
        *members,
        *ideas,
        *decisions,
        *actions,
        *commitments,
        *results,
        *remarks,
        *breakouts,
        *messages,
        *pulses,
    ]
    return draw(st.permutations([room, *told]))
