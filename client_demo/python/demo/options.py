"""What `palabre demo` can be told. Light: whoever starts a server reads it too."""

import argparse
from typing import Final, Literal, NamedTuple

Lang = Literal["fr", "en"]

MOST_PEOPLE: Final = 300


class Phrase(NamedTuple):
    """What the terminal says, in both of its languages."""

    fr: str
    en: str

    def in_(self, lang: Lang) -> str:
        return self.fr if lang == "fr" else self.en


HELP: Final = Phrase(
    "jouer un séminaire de 40 personnes, de la première étape à la dernière",
    "play a seminar of 40 people, from the first step to the last",
)


def add_arguments(parser: argparse.ArgumentParser, lang: Lang) -> None:
    def option(name: str, words: Phrase, **more: object) -> None:
        parser.add_argument(name, help=words.in_(lang), **more)  # type: ignore[arg-type]  # as argparse takes them

    option("--server", Phrase("adresse du serveur", "address of the server"), default="http://localhost:8000")
    option("--speed", Phrase("combien de fois plus vite", "how many times faster"), type=_speed, default=1.0)
    option("--people", Phrase("combien de personnes", "how many people"), type=_people, default=40)
    option("--code", Phrase("code d’une séance qui existe", "code of a room that exists"))
    option(
        "--host",
        Phrase("lien de secours de qui la facilite, pour la mener", "its host's recovery link, to lead it"),
        metavar="LINK",
    )


def _speed(text: str) -> float:
    speed = float(text)
    if not 0.1 <= speed <= 1000:
        raise argparse.ArgumentTypeError(f"expected 0.1 to 1000; got {text}")
    return speed


def _people(text: str) -> int:
    people = int(text)
    if not 2 <= people <= MOST_PEOPLE:
        raise argparse.ArgumentTypeError(f"expected 2 to {MOST_PEOPLE}; got {text}")
    return people
