"""`palabre erase`: one person taken out of everything, with what the terminal shows meanwhile, and a receipt."""

import re
import sys
import time
from typing import Final

from server.accounts.connect import accounts_of
from server.cli.progress import Line, left
from server.config import Lang, Phrase, Settings
from server.erasure.erasure import Ports, Progress, Receipt, erase
from server.journal.connect import connect, is_file
from server.models import model_of

_STILL: Final = Phrase("Cette personne peut y être encore", "This person may still be there")

PERSON: Final = re.compile(r"member:[A-Za-z0-9_-]{12,64}")


async def run(settings: Settings, person: str, stream: str | None, *, removes: bool, lang: Lang) -> int:
    """Erase, and print the receipt; 1 where a stream could not be read, or this is nobody's id.

    Raises:
        JournalError: the database cannot be used.
    """
    if PERSON.fullmatch(person) is None:
        told = Phrase(
            f"Il faut l’identifiant d’une personne, member:… ; reçu : {person}",
            f"Expected the id of a person, member:…; got {person}",
        )
        print(f"palabre: {told.in_(lang)}", file=sys.stderr)
        return 1
    journal = connect(settings.database_url, alone=settings.redis_url is None)
    await journal.open()
    try:
        line = Line(sys.stdout)
        ports = Ports(journal, accounts_of(journal), lambda: time.time_ns() // 1_000_000, model_of)

        def tell(progress: Progress) -> None:
            line.tell(_progress(progress, lang))

        try:
            receipt = await erase(ports, person, stream=stream, removes=removes, tell=tell)
        finally:
            line.end()
    finally:
        await journal.close()
    print(receipt_of(receipt, removes=removes, in_file=is_file(settings.database_url), lang=lang))
    if receipt.unreadable:
        print(f"palabre: {left(receipt.unreadable, _STILL, lang)}", file=sys.stderr)
        return 1
    return 0


def _progress(progress: Progress, lang: Lang) -> str:
    looked, erased = progress
    return Phrase(
        f"Effacement : {looked} séances parcourues, {erased} réécrites",
        f"Erasing: {looked} workshops looked through, {erased} rewritten",
    ).in_(lang)


def receipt_of(receipt: Receipt, *, removes: bool, in_file: bool, lang: Lang) -> str:
    """What was done, what was not looked for, and what holds it until when."""
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
        Phrase(
            "Dans le fichier et son journal il ne reste rien. Vos sauvegardes le gardent jusqu’à leur terme.",
            "In the file and its log nothing is left. Your backups hold it until they expire.",
        )
        if in_file
        else Phrase(
            "Aucune requête ne le trouve plus. Les fichiers de PostgreSQL le gardent jusqu’au prochain vacuum, son WAL et vos sauvegardes "
            "jusqu’à leur terme.",
            "No query finds it any more. PostgreSQL’s files hold it until its next vacuum, its WAL and your backups until they expire.",
        ),
    ]
    return "\n".join(line.in_(lang) for line in lines)
