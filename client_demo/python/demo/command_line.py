"""`palabre demo`: finds or makes a room, shows its addresses, and tells how the seminar goes."""

import argparse
import asyncio
import io
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import segno

from client_demo.python.demo.options import Lang, Phrase
from client_demo.python.demo.seminar import Seminar, book, seminar
from client_demo.python.demo.stage import Stage
from client_demo.python.sdk import Entry, Refused, Unreachable, come_back, create_room, enter_screen


def run(options: argparse.Namespace, lang: Lang) -> int:
    """Play the seminar; the status to exit with."""
    try:
        asyncio.run(_Demo(options, lang).play())
    except KeyboardInterrupt:
        print(Phrase("\nTout le monde est parti ; la salle reste.", "\nEveryone has left; the room stays.").in_(lang))
    except Unreachable:
        return _fail(_nobody_answers(options.server, lang))
    except Refused as refused:
        return _fail(_why(refused, lang))
    return 0


class _Demo:
    def __init__(self, options: argparse.Namespace, lang: Lang) -> None:
        self._options = options
        self._lang = lang
        self._seminar = seminar()
        self._done: Counter[str] = Counter()

    async def play(self) -> None:
        server = self._options.server.rstrip("/")
        host, code = await self._enter(server)
        people = names(self._seminar, self._options.people)
        said = book(self._seminar, people)
        if host is not None and host.me is not None:
            said = said._replace(host=host.me.name)
        await Stage(server, code, said, host, self._options.speed, datetime.now().astimezone().date(), self._tell).play(
            self._seminar.messages
        )
        ideas, decisions, commitments = (self._done[kind] for kind in ("idea.add", "decision.add", "commitment.write"))
        self._say(
            f"\nTerminé : {ideas} idées, {decisions} décisions, {commitments} engagements. La séance reste ouverte.",
            f"\nOver: {ideas} ideas, {decisions} decisions, {commitments} commitments. The room stays open.",
        )

    async def _enter(self, server: str) -> tuple[Entry | None, str]:
        """The host's way in, if there is one, and the code."""
        if self._options.host is not None:
            host = await come_back(server, self._options.host)
            return host, host.code
        if self._options.code is not None:
            return None, (await enter_screen(server, self._options.code)).code
        host = await create_room(server, self._seminar.title, self._seminar.people[0])
        self._show(host)
        return host, host.code

    def _show(self, host: Entry) -> None:
        self._say(f"\n  {self._seminar.title} · code {host.code}", f"\n  {self._seminar.title} · code {host.code}")
        self._say(f"\n  Pour participer : {host.links.join}\n", f"\n  To take part: {host.links.join}\n")
        drawn = io.StringIO()
        segno.make_qr(host.links.join, error="m").terminal(drawn, compact=True, border=2)
        for line in drawn.getvalue().splitlines():
            print("    " + (f"\x1b[97;40m{line}\x1b[0m" if sys.stdout.isatty() else line))
        # The recovery link opens the host's page as the host: the plain one would ask who one is.
        recovery = host.links.recovery.replace("#", "/host#", 1)
        self._say(f"\n  Le pupitre : {recovery}", f"\n  The host's page: {recovery}")
        self._say(f"  L’écran : {host.links.screen}\n", f"  The screen: {host.links.screen}\n")

    def _tell(self, name: str, cmd: str, args: Mapping[str, Any]) -> None:
        self._done[cmd] += 1
        match cmd:
            case "idea.add" | "remark.add":
                print(f"  {name:<22} + {args['text']}", flush=True)
            case "zone.add":
                print(f"  {name:<22} # {args['title']}", flush=True)
            case "message.send":
                print(f"  {name:<22} : {args['text']}", flush=True)
            case "decision.add" | "action.add":
                print(f"  {name:<22} = {args['text']}", flush=True)
            case "commitment.write":
                print(f"  {name:<22} > {args['text']}", flush=True)

    def _say(self, fr: str, en: str) -> None:
        print(Phrase(fr, en).in_(self._lang), flush=True)


def names(seminar: Seminar, people: int) -> list[str]:
    """So many different names, the host's first: when the seminar's are used up, first names meet other last names."""
    first = [name.partition(" ")[0] for name in seminar.people]
    last = [name.partition(" ")[2] for name in seminar.people]
    mixed = (f"{first[n % len(first)]} {last[(n + n // len(first)) % len(last)]}" for n in range(people))
    return list(mixed)


def _nobody_answers(server: str, lang: Lang) -> str:
    return Phrase(
        f"aucun serveur ne répond à {server}. Lancez d’abord `make run` dans un autre terminal, ou donnez --server",
        f"no server answers at {server}. Run `make run` in another terminal first, or give --server",
    ).in_(lang)


def _why(refused: Refused, lang: Lang) -> str:
    match refused.code:
        case "unknown_code":
            return Phrase("aucune salle n’a ce code", "no room has this code").in_(lang)
        case "locked":
            return Phrase("la porte de cette salle est fermée", "the door of this room is closed").in_(lang)
        case _:
            return str(refused)


def _fail(sentence: str) -> int:
    print(f"palabre: {sentence}", file=sys.stderr)
    return 1
