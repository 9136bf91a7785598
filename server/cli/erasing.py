"""`palabre erase`: one person taken out of everything, with what the terminal shows meanwhile, and a receipt."""

import re
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from server.accounts.connect import accounts_of
from server.cli.progress import Line, left
from server.config import Lang, Phrase, Settings
from server.erasure.erasure import Ports, Progress, Receipt, erase
from server.images.connect import dropping, images_of
from server.journal.connect import connect, is_file, open_to_compact
from server.journal.port import Journal
from server.live.room import Drop
from server.models import model_of

_STILL: Final = Phrase("Cette personne peut y être encore", "This person may still be there")

PERSON: Final = re.compile(r"member:[A-Za-z0-9_-]{12,64}")


class Asked(NamedTuple):
    """What is to be done.

    Attributes:
        person: None: nobody is erased.
        stream: None: out of all.
        removes: the texts under their name go.
        compacts: the database's tables are rewritten then.
    """

    person: str | None
    stream: str | None
    removes: bool
    compacts: bool


async def run(settings: Settings, asked: Asked, lang: Lang) -> int:
    """Erase, and print the receipt; 1 where a stream could not be read, or this is nobody's id.

    Raises:
        InUse: somebody has the database, whose tables are to be rewritten.
        JournalError: it cannot be used.
    """
    person = asked.person
    if not asked.compacts if person is None else PERSON.fullmatch(person) is None:
        given = person or Phrase("rien", "nothing").in_(lang)
        told = Phrase(
            f"Il faut l’identifiant d’une personne, member:… ; reçu : {given}",
            f"Expected the id of a person, member:…; got {given}",
        )
        print(f"palabre: {told.in_(lang)}", file=sys.stderr)
        return 1
    compact: Callable[[], Awaitable[None]] | None = None
    if asked.compacts:
        # Before anything is erased: who may not rewrite the tables now is told so at once.
        journal, compact = await open_to_compact(settings.database_url)
    else:
        journal = connect(settings.database_url, alone=settings.redis_url is None)
        await journal.open()
    receipt = None
    try:
        if person is not None:
            receipt = await _erased(journal, dropping(images_of(settings.images)), person, asked, lang)
            print(receipt_of(receipt, removes=asked.removes, lang=lang), flush=True)
        if compact is not None:
            await compact()
    finally:
        await journal.close()
    in_file = is_file(settings.database_url)
    print(left_of(in_file=in_file, compacted=asked.compacts).in_(lang))
    if receipt is not None and receipt.unreadable:
        print(f"palabre: {left(receipt.unreadable, _STILL, lang)}", file=sys.stderr)
        return 1
    return 0


async def _erased(journal: Journal, drop: Drop, person: str, asked: Asked, lang: Lang) -> Receipt:
    line = Line(sys.stdout)
    ports = Ports(journal, accounts_of(journal), lambda: time.time_ns() // 1_000_000, model_of, drop)

    def tell(progress: Progress) -> None:
        line.tell(_progress(progress, lang))

    try:
        return await erase(ports, person, stream=asked.stream, removes=asked.removes, tell=tell)
    finally:
        line.end()


def _progress(progress: Progress, lang: Lang) -> str:
    looked, erased = progress
    return Phrase(
        f"Effacement : {looked} séances parcourues, {erased} réécrites",
        f"Erasing: {looked} workshops looked through, {erased} rewritten",
    ).in_(lang)


def receipt_of(receipt: Receipt, *, removes: bool, lang: Lang) -> str:
    """What was done, and what was not looked for."""
    texts = ("retirés", "removed") if removes else ("restés, sans signature", "kept, unsigned")
    lines = [
        Phrase(
            f"Effacé de {len(receipt.erased)} séances ; textes {texts[0]} : {sum(each.texts for each in receipt.erased)}"
            f" ; accès et liens terminés : {receipt.logins}.",
            f"Erased from {len(receipt.erased)} workshops; texts {texts[1]}: {sum(each.texts for each in receipt.erased)}"
            f"; logins and links ended: {receipt.logins}.",
        ),
        *(
            Phrase(
                f"  {each.stream} : {each.commits} commits, {each.sealed} messages anciens, {each.texts} textes",
                f"  {each.stream}: {each.commits} commits, {each.sealed} old messages, {each.texts} texts",
            )
            for each in receipt.erased
        ),
        Phrase(
            "Ce qu’écrivirent d’autres n’a pas été parcouru : son nom peut y être. Ce qui fut écrit sans nom reste.",
            "What others wrote was not looked through: their name may be in it. What was written without a name stays.",
        ),
    ]
    return "\n".join(line.in_(lang) for line in lines)


def left_of(*, in_file: bool, compacted: bool) -> Phrase:
    """What holds what was erased, and until when."""
    if in_file:
        return Phrase(
            "Dans le fichier et son journal il ne reste rien. Vos sauvegardes le gardent jusqu’à leur terme.",
            "In the file and its log nothing is left. Your backups hold it until they expire.",
        )
    if compacted:
        return Phrase(
            "Les tables de PostgreSQL sont réécrites : il n’y reste rien. Son WAL, ses archives et vos sauvegardes le gardent jusqu’à leur terme, "
            "et le disque tant que la place des anciens fichiers n’est pas réutilisée.",
            "PostgreSQL’s tables are written anew: nothing is left in them. Its WAL, its archives and your backups hold it until they expire, "
            "and the disk until the place of the old files is used again.",
        )
    return Phrase(
        "Aucune requête ne le trouve plus. Les fichiers de PostgreSQL le gardent jusqu’au prochain vacuum, ou jusqu’à palabre erase --compact ; son "
        "WAL et vos sauvegardes jusqu’à leur terme.",
        "No query finds it any more. PostgreSQL’s files hold it until its next vacuum, or until palabre erase --compact; its WAL and your "
        "backups until they expire.",
    )
