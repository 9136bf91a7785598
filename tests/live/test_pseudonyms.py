"""Whose records are whose: a member owns under his id and under an alias in each step that was opened (SPEC G4, G11)."""

from server.live.batch import member_alias
from server.live.pseudonyms import Pseudonyms, names_of
from tests.workshop.table import CLAIRE, PAUL, alias


def test_a_member_is_found_behind_all_his_names_until_he_goes() -> None:
    owners = Pseudonyms(alias)
    owners.came(PAUL)
    owners.opened(("step:one",))
    owners.came(CLAIRE)
    names = names_of(PAUL, ("step:one",), alias)
    assert owners.members[PAUL] == names
    assert owners.among(names) == {PAUL}
    assert owners.among({alias("step:one", CLAIRE), "idea:aaaaaaaaaaaa"}) == {CLAIRE}
    owners.went(PAUL)
    assert owners.among(names) == set()


def test_G4_an_alias_tells_neither_the_member_nor_that_two_steps_have_one() -> None:
    names = {member_alias(b"key", "room:a", step, PAUL) for step in ("step:one", "step:two")}
    assert len(names) == 2
    assert all(name.startswith("alias:") and PAUL[7:] not in name for name in names)
    assert member_alias(b"another", "room:a", "step:one", PAUL) not in names
