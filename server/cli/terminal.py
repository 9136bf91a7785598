"""What the terminal shows to whoever starts the server: where phones find it, where the data lies, and what went wrong."""

import io
import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from server.config import Lang, Phrase, Settings
from server.web.interfaces import Interface

if TYPE_CHECKING:
    from server.live.reindexing import Progress as Indexed
    from server.live.rewriting import Progress


def choose(candidates: list[Interface], lang: Lang, ask: Callable[[str], str]) -> Interface:
    """Which of several addresses phones will use, asked until answered with a number (empty: the first).

    Raises:
        EOFError: nobody answers.
    """
    lines = [
        Phrase(
            "Plusieurs réseaux. Par lequel viendront les téléphones ?", "Several networks. Which one will phones use?"
        ).in_(lang)
    ]
    lines += [f"  {number}. {_name(interface)}" for number, interface in enumerate(candidates, 1)]
    prompt = "\n".join([*lines, f"[1-{len(candidates)}, 1] "])
    while True:
        answer = ask(prompt).strip() or "1"
        if answer.isascii() and answer.isdecimal() and 1 <= int(answer[:9]) <= len(candidates):
            return candidates[int(answer) - 1]
        prompt = Phrase(f"Un nombre de 1 à {len(candidates)} : ", f"A number from 1 to {len(candidates)}: ").in_(lang)


def welcome(
    settings: Settings,
    address: str,
    others: Iterable[Interface],
    lang: Lang,
    *,
    colours: bool,
    near: bool = True,
    setup: str | None = None,
) -> str:
    """The first screen of `palabre run`: the address as text and as a QR code, the data, how to stop.

    Args:
        near: the address is one of this machine's on its network, and leads here from no other.
        setup: the link that makes one community, where not everybody may make one.
    """
    where = Phrase("  Palabre est ouvert. Sur le même réseau :", "  Palabre is open. On the same network:")
    anywhere = Phrase("  Palabre est ouvert :", "  Palabre is open:")
    lines = [
        "",
        (where if near else anywhere).in_(lang),
        "",
        f"    {address}",
        "",
        *(f"    {line}" for line in qr_lines(address, colours=colours)),
        "",
        Phrase("  Données : ", "  Data: ").in_(lang) + data_place(settings),
    ]
    elsewhere = ", ".join(_name(interface) for interface in others)
    if elsewhere:
        lines.append(
            Phrase(
                f"  Une autre adresse ? PALABRE_PUBLIC_URL=http://… ({elsewhere})",
                f"  Another address? PALABRE_PUBLIC_URL=http://… ({elsewhere})",
            ).in_(lang)
        )
    if setup:
        lines.append(
            Phrase(f"  Pour créer une communauté, une fois : {setup}", f"  To make a community, once: {setup}").in_(
                lang
            )
        )
    lines += [Phrase("  Pour arrêter : Ctrl+C", "  To stop: Ctrl+C").in_(lang), ""]
    return "\n".join(lines)


def setup_where(lang: Lang) -> str:
    """That a link cannot be given without the address that it leads to."""
    return Phrase(
        "PALABRE_PUBLIC_URL : attendu l’adresse de ce serveur, où mène le lien",
        "PALABRE_PUBLIC_URL: expected the address of this server, to which the link leads",
    ).in_(lang)


def stopping(connections: int | None, seconds: int, lang: Lang) -> str:
    """What a stopping server waits for, for how many seconds at most, and how not to wait; None: it cannot say for how many devices."""
    many = "" if connections is None else f" ({connections})"
    return Phrase(
        f"\n  Arrêt : les appareils connectés{many} sont prévenus ; ceux qui ne répondent plus sont attendus {seconds} secondes au plus."
        "\n  Rien ne se perd. Pour ne pas attendre : Ctrl+C encore une fois",
        f"\n  Stopping: the devices that are connected{many} are being told; those that answer no more are waited for {seconds} seconds"
        " at most.\n  Nothing is lost. Not to wait: Ctrl+C once more",
    ).in_(lang)


def qr_lines(address: str, *, colours: bool) -> list[str]:
    """A QR code in half blocks. With `colours` it is white on black whatever the terminal's own, as cameras want it."""
    import segno  # here, so that `palabre serve` does not wait for it

    drawn = io.StringIO()
    segno.make_qr(address, error="m").terminal(drawn, compact=True, border=2)
    lines = drawn.getvalue().splitlines()
    return [f"\x1b[97;40m{line}\x1b[0m" for line in lines] if colours else lines


def data_place(settings: Settings) -> str:
    """Where the data lies, without the password that the URL may hold."""
    parts = urlsplit(settings.database_url)
    if parts.scheme == "sqlite":
        return str(Path(unquote(parts.path.removeprefix("/"))).absolute())
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"


def migrated(settings: Settings, applied: Sequence[str], lang: Lang) -> str:
    """That the database is of this version, and by which migrations."""
    done = ", ".join(applied) or Phrase("rien à faire", "nothing to do").in_(lang)
    place = data_place(settings)
    return Phrase(f"La base est à jour : {place} ({done})", f"The database is up to date: {place} ({done})").in_(lang)


def rewriting(progress: "Progress", lang: Lang) -> str:
    """How much of a database is rewritten."""
    streams, of_streams, commits, of_commits = progress
    return Phrase(
        f"Réécriture : {streams} séances sur {of_streams}, {commits} commits sur {of_commits}",
        f"Rewriting: {streams} of {of_streams} workshops, {commits} of {of_commits} commits",
    ).in_(lang)


def reindexing(progress: "Indexed", lang: Lang) -> str:
    """How much of a database is indexed anew."""
    streams, of_streams = progress
    return Phrase(
        f"Nouvel index : {streams} séances sur {of_streams}", f"Indexing anew: {streams} of {of_streams} workshops"
    ).in_(lang)


def in_use(settings: Settings, *, rewriting: bool, lang: Lang) -> str:
    """Why what was asked must wait for others on this database: they rewrite it, or they run on it and it is to be rewritten."""
    place = data_place(settings)
    if rewriting:
        return Phrase(
            f"On réécrit cette base en ce moment (palabre migrate --rewrite, ou palabre erase --compact) : {place}. Recommencez quand ce "
            "sera fini.",
            f"This database is being rewritten (palabre migrate --rewrite, or palabre erase --compact): {place}. Start again when that is "
            "done.",
        ).in_(lang)
    return Phrase(
        f"Palabre tourne sur cette base : {place}. Arrêtez tous ses processus, puis réécrivez-la.",
        f"A Palabre runs on this database: {place}. Stop all its processes, and rewrite it then.",
    ).in_(lang)


def already_runs(settings: Settings, process: str, lang: Lang) -> str:
    """`process`: its number, or what else is known of it."""
    file = data_place(settings)
    return Phrase(
        f"Palabre est déjà ouvert ici, sur le fichier {file} (processus {process}). Servez-vous de celui-là, arrêtez-le,"
        " ou donnez d’autres données à celui-ci (PALABRE_DATA ou DATABASE_URL).",
        f"Palabre already runs here, on the file {file} (process {process}). Use that one, stop it,"
        " or give this one other data (PALABRE_DATA or DATABASE_URL).",
    ).in_(lang)


def port_taken(port: int, lang: Lang) -> str:
    return Phrase(
        f"Le port {port} est déjà pris. Arrêtez l’autre programme, ou choisissez un autre port : PORT={port + 1}",
        f"Port {port} is already in use. Stop the other program, or choose another port: PORT={port + 1}",
    ).in_(lang)


def cannot_listen(host: str, port: int, reason: str, lang: Lang) -> str:
    return Phrase(
        f"Impossible d’écouter sur {host}:{port} ({reason}). HOST doit être une adresse de cette machine.",
        f"Cannot listen on {host}:{port} ({reason}). HOST must be an address of this machine.",
    ).in_(lang)


def logging_config(level: int, form: str) -> dict[str, Any]:
    """For `logging.config.dictConfig`, here and in each worker: one line a record, to the error output."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "server.cli.terminal.OneLine", "fmt": form}},
        "handlers": {"terminal": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["terminal"], "level": level},
    }


class OneLine(logging.Formatter):
    """Tracebacks too become one line: a log is read by programs, and a peer's text cannot forge a second record."""

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).replace("\r", "\\r").replace("\n", " | ")


def _name(interface: Interface) -> str:
    return f"{interface.address} ({interface.name})" if interface.name else interface.address
