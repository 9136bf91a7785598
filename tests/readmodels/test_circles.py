"""Lists of people and of circles, in the order in which they are read (COMMUNITIES.md, CI12)."""

from server.journal.port import Listed, ListingRow
from server.readmodels.circles import plain, shown


def test_CI12_names_stand_as_in_an_alphabet() -> None:
    assert sorted(["Zoé", "Élodie", "anna", "Eva", "Ève", "Bilal"], key=plain) == [
        "anna",
        "Bilal",
        "Élodie",
        "Eva",
        "Ève",
        "Zoé",
    ]


def test_CI12_everyone_is_in_what_is_common() -> None:
    listed = Listed("circle:aaaaaaaaaaaa", ListingRow("community:aaaaaaaaaaaa", "common", "Accueil"), None, 1)
    assert (shown(listed)["role"], shown(listed)["people"]) == ("member", 0)
    assert shown(listed._replace(role="animator"))["role"] == "animator"
    other = shown(listed._replace(listing=listed.listing._replace(access="request", purpose="Le premier jour")))
    assert other == {
        "id": "circle:aaaaaaaaaaaa", "title": "Accueil", "purpose": "Le premier jour", "access": "request", "people": 1,
    }  # fmt: skip
