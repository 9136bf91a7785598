"""Images on ideas: whose they are until they are on one, who sees them, and when they go; and logos on the room (SPEC B3, B4, B5)."""

import pytest

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.records import IdeaRecord, RoomRecord
from server.model.kernel import Event
from server.workshop.board.images import BringImage, DropImages, ImageBrought, ImagesDropped
from server.workshop.people.settings import RoomSet
from server.workshop.state.images import DAY, IMAGES, MARGIN
from tests.workshop.table import AT, CLAIRE, NADIA, PAUL, ROOM, SYSTEM, Table

IDEA, OTHER = "idea:aaaaaaaaaaaa", "idea:bbbbbbbbbbbb"
IMAGE, SECOND = "image:aaaaaaaaaaaa", "image:bbbbbbbbbbbb"
STEP = "step:aaaaaaaaaaaa"


class Later(Table):
    """A table at which time goes on."""

    later = 0

    @property
    def at(self) -> int:
        return AT + self.layers.seq + self.later


def brought(*images: str, by: str = PAUL) -> Later:
    table = Later()
    for image in images or (IMAGE,):
        table.do(by, BringImage(image, 800, 600))
    return table


def idea(table: Table, member: str, id: str = IDEA) -> IdeaRecord | None:
    record = table.sees(member).get(id)
    assert record is None or isinstance(record, IdeaRecord)
    return record


def drop(table: Table) -> None:
    """What the server does when images are due."""
    due = due_of(table)
    assert due is not None
    assert due[0] <= table.at
    assert table.commit((DropImages(due[1]), SYSTEM)) == []


def due_of(table: Table) -> tuple[int, tuple[str, ...]] | None:
    due = table.layers.model.due(table.layers.state)
    return None if due is None else (due.at, due.drops)


def test_B3_an_idea_shows_the_image_that_its_author_brought() -> None:
    table = brought()
    table.do(PAUL, c.AddIdea(IDEA, "Un banc", image=IMAGE, alt=" Le hall,\u200b vide "))
    for member in (PAUL, NADIA, CLAIRE):
        seen = idea(table, member)
        assert seen is not None
        assert (seen.image, seen.alt, seen.width, seen.height) == (IMAGE, "Le hall, vide", 800, 600)
    assert due_of(table) is None


def test_B3_of_others_an_image_is_as_one_that_never_was() -> None:
    table = brought()
    for member in (NADIA, CLAIRE):
        assert table.refused(member, c.AddIdea(IDEA, "Le sien", image=IMAGE)) is Code.NOT_FOUND
        assert table.refused(member, c.AddIdea(IDEA, "Aucun", image=SECOND)) is Code.NOT_FOUND
    table.do(NADIA, c.AddIdea(OTHER, "À moi"))
    assert table.refused(NADIA, c.EditIdea(OTHER, "À moi", IMAGE)) is Code.NOT_FOUND


def test_B3_nobody_reads_in_the_journal_who_brought_an_image() -> None:
    table = brought(IMAGE, SECOND)
    events = [event for events in table.commits for event in events if isinstance(event, ImageBrought)]
    assert len({event.by for event in events}) == 2, "two of one person tell not even that"
    assert all(event.by is not None and event.by.startswith("alias:") for event in events)


def test_B3_an_image_is_on_one_idea() -> None:
    table = brought()
    table.do(PAUL, c.AddIdea(IDEA, "Un banc", image=IMAGE))
    assert table.refused(PAUL, c.AddIdea(OTHER, "Encore", image=IMAGE)) is Code.INVALID
    table.do(PAUL, c.AddIdea(OTHER, "Encore"))
    assert table.refused(PAUL, c.EditIdea(OTHER, "Encore", IMAGE)) is Code.INVALID
    assert table.do(PAUL, c.EditIdea(IDEA, "Un banc", IMAGE)) == [], "the same again changes nothing"


def test_B3_an_image_without_words_for_it_needs_none_and_words_need_an_image() -> None:
    table = brought()
    table.do(PAUL, c.AddIdea(IDEA, "Un banc", image=IMAGE))
    table.do(PAUL, c.AddIdea(OTHER, "Sans", alt="Rien"))
    seen, without = idea(table, NADIA), idea(table, NADIA, OTHER)
    assert seen and (seen.image, seen.alt) == (IMAGE, "")
    assert without and (without.image, without.alt) == ("", "")
    assert table.refused(PAUL, c.EditIdea(IDEA, "Un banc", alt="x" * 121)) is Code.TEXT_TOO_LONG
    assert table.refused(PAUL, c.AddIdea("idea:cccccccccccc", "", image=IMAGE)) is Code.TEXT_EMPTY


def test_B3_an_edit_leaves_changes_or_takes_away_the_image() -> None:
    table = brought(IMAGE, SECOND)
    table.do(PAUL, c.AddIdea(IDEA, "Un banc", image=IMAGE, alt="Le hall"))
    table.do(PAUL, c.EditIdea(IDEA, "Deux bancs"))
    seen = idea(table, NADIA)
    assert seen and (seen.text, seen.image, seen.alt) == ("Deux bancs", IMAGE, "Le hall")
    table.do(PAUL, c.EditIdea(IDEA, "Deux bancs", SECOND))
    seen = idea(table, NADIA)
    assert seen and (seen.image, seen.alt) == (SECOND, ""), "what was told of the other goes with it"
    assert due_of(table) == (0, (IMAGE,))
    drop(table)
    table.do(CLAIRE, c.EditIdea(IDEA, "Deux bancs", ""))
    seen = idea(table, PAUL)
    assert seen and (seen.text, seen.image, seen.width) == ("Deux bancs", "", 0)
    assert due_of(table) == (0, (SECOND,))
    assert table.refused(PAUL, c.EditIdea(IDEA, "Deux bancs", SECOND)) is Code.NOT_FOUND, "it is gone for good"
    drop(table)
    assert due_of(table) is None
    assert table.refused(PAUL, c.EditIdea(IDEA, "Deux bancs", SECOND)) is Code.NOT_FOUND


def test_B3_an_image_that_is_on_nothing_goes_after_a_day() -> None:
    table = brought(IMAGE, SECOND)
    table.do(PAUL, c.AddIdea(IDEA, "Un banc", image=SECOND))
    at = AT + 4
    assert due_of(table) == (at + DAY + MARGIN, (IMAGE,))
    table.later = DAY + 10
    assert table.refused(PAUL, c.AddIdea(OTHER, "Trop tard", image=IMAGE)) is Code.NOT_FOUND, "before its bytes go"
    table.commit((DropImages((IMAGE, SECOND)), SYSTEM))
    assert IMAGE in table.layers.state, "it is not time"
    table.later = DAY + MARGIN + 10
    drop(table)
    assert IMAGE not in table.layers.state
    assert SECOND in table.layers.state
    seen = idea(table, NADIA)
    assert seen and seen.image == SECOND


def test_B3_an_idea_that_was_removed_comes_back_with_its_image() -> None:
    table = brought()
    table.do(PAUL, c.AddIdea(IDEA, "Un banc", image=IMAGE))
    table.do(PAUL, c.RemoveIdea(IDEA))
    assert idea(table, NADIA) is None
    assert due_of(table) is None
    table.do(PAUL, c.RestoreIdea(IDEA))
    seen = idea(table, NADIA)
    assert seen and seen.image == IMAGE


def test_B4_without_a_name_before_the_reveal_nobody_has_it_and_nothing_joins_it_to_its_author() -> None:
    table = brought()
    table.do(CLAIRE, c.AddStep(STEP, "ideate", "Idées", blind="nobody", anonymous=True))
    table.do(CLAIRE, c.GoToStep(STEP))
    table.do(PAUL, c.AddIdea(IDEA, "Un banc", image=IMAGE, alt="Le hall"))
    mine = idea(table, PAUL)
    assert mine and (mine.image, mine.own) == (IMAGE, True)
    assert idea(table, NADIA) is None
    assert idea(table, CLAIRE) is None
    said: list[Event] = [
        event for events in table.commits for event in events if getattr(event, "id", "") in (IMAGE, IDEA)
    ]
    assert {getattr(event, "by", None) for event in said}.isdisjoint({PAUL})
    assert len({getattr(event, "by", None) for event in said}) == 2, "not even that they are the same person's"
    table.do(CLAIRE, c.RevealStep(STEP))
    shown = idea(table, NADIA)
    assert shown and (shown.image, shown.alt, shown.author) == (IMAGE, "Le hall", None)


def test_L6_a_room_holds_so_many_images() -> None:
    table = Later()
    images = [f"image:{n:012d}" for n in range(IMAGES)]
    table.commit(*((BringImage(image, 8, 6), table.actor(PAUL)) for image in images))
    assert table.refused(NADIA, BringImage(IMAGE, 8, 6)) is Code.TOO_MANY
    table.later = DAY + MARGIN + 10
    while due_of(table):
        drop(table)
    table.do(NADIA, BringImage(IMAGE, 8, 6))
    dropped = [len(event.ids) for events in table.commits for event in events if isinstance(event, ImagesDropped)]
    assert sum(dropped) == IMAGES
    assert max(dropped) <= 100


def test_C7_while_writing_rests_nobody_brings_an_image() -> None:
    table = Later()
    table.do(CLAIRE, c.SetRoom(writing=False))
    assert table.refused(PAUL, BringImage(IMAGE, 8, 6)) is Code.PAUSED
    table.do(CLAIRE, BringImage(IMAGE, 8, 6))


def test_M2_nor_does_whoever_was_muted() -> None:
    table = Later()
    table.do(PAUL, c.AddIdea(IDEA, "Non"))
    table.do(CLAIRE, c.MuteAuthor(IDEA))
    with pytest.raises(Refusal) as refusal:
        table.do(PAUL, BringImage(IMAGE, 8, 6))
    assert refusal.value.code is Code.MUTED


def room(table: Table) -> RoomRecord:
    record = table.sees(PAUL)[ROOM]
    assert isinstance(record, RoomRecord)
    return record


def logos(*images: str) -> Later:
    table = Later()
    for image in images or (IMAGE,):
        table.do(CLAIRE, BringImage(image, 600, 150, logo=True))
    return table


def test_B5_everyone_has_the_logos_that_a_host_sets() -> None:
    table = logos(IMAGE, SECOND)
    table.do(CLAIRE, c.SetRoom(logo=IMAGE))
    now = room(table)
    assert (now.logo, now.logo_width, now.logo_height, now.logo_dark) == (IMAGE, 600, 150, "")
    table.do(CLAIRE, c.SetRoom(logo_dark=SECOND))
    now = room(table)
    assert (now.logo, now.logo_dark, now.logo_dark_width, now.logo_dark_height) == (IMAGE, SECOND, 600, 150)
    assert due_of(table) is None
    assert table.do(CLAIRE, c.SetRoom(logo=IMAGE, logo_dark=SECOND)) == [], "the same again changes nothing"


def test_B5_a_logo_that_is_taken_away_or_replaced_goes_with_its_bytes() -> None:
    table = logos(IMAGE, SECOND)
    table.do(CLAIRE, c.SetRoom(logo=IMAGE))
    table.do(CLAIRE, c.SetRoom(logo=SECOND))
    assert due_of(table) == (0, (IMAGE,))
    drop(table)
    assert table.refused(CLAIRE, c.SetRoom(logo=IMAGE)) is Code.NOT_FOUND
    table.do(CLAIRE, c.SetRoom(logo=""))
    assert (room(table).logo, room(table).logo_width) == ("", 0)
    assert due_of(table) == (0, (SECOND,))
    assert table.refused(CLAIRE, c.SetRoom(logo=SECOND)) is Code.NOT_FOUND, "for good"


def test_B5_a_logo_is_the_hosts_own_of_that_day_and_on_one_thing() -> None:
    table = logos(IMAGE, SECOND)
    table.do(CLAIRE, c.SetRole(NADIA, "host"))
    assert table.refused(NADIA, c.SetRoom(logo=IMAGE)) is Code.NOT_FOUND
    assert table.refused(PAUL, c.SetRoom(logo=IMAGE)) is Code.FORBIDDEN
    assert table.refused(CLAIRE, c.SetRoom(logo=IMAGE, logo_dark=IMAGE)) is Code.INVALID
    table.do(CLAIRE, c.SetRoom(logo=IMAGE))
    assert table.refused(CLAIRE, c.SetRoom(logo_dark=IMAGE)) is Code.INVALID
    assert table.do(NADIA, c.SetRoom(logo=IMAGE)) == []
    table.later += DAY + 1
    assert table.refused(CLAIRE, c.SetRoom(logo_dark=SECOND)) is Code.NOT_FOUND


def test_B5_a_logo_is_on_no_idea_and_no_other_image_on_the_room() -> None:
    table = logos()
    table.do(CLAIRE, BringImage(SECOND, 800, 600))
    assert table.refused(CLAIRE, c.SetRoom(logo=SECOND)) is Code.INVALID
    assert table.refused(CLAIRE, c.AddIdea(IDEA, "Un banc", image=IMAGE)) is Code.INVALID


def test_B5_hosts_alone_bring_logos() -> None:
    assert Later().refused(PAUL, BringImage(IMAGE, 8, 6, logo=True)) is Code.FORBIDDEN


def test_B5_nobody_reads_in_the_journal_whose_logo_it_was() -> None:
    table = logos()
    table.do(CLAIRE, c.SetRoom(logo=IMAGE))
    told = [event for events in table.commits for event in events if isinstance(event, (ImageBrought, RoomSet))]
    assert len(told) == 2
    assert CLAIRE not in repr(told)
