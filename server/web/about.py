"""What a link shows before anybody opens it: the product, in the language of whoever asks, and nothing of a room."""

from html import escape
from typing import Final, Literal

Lang = Literal["fr", "en"]

MARK: Final = "<!-- about -->"
"""Where in the document it stands."""

_WORDS: Final[dict[Lang, tuple[str, str]]] = {
    "fr": (
        "fr_FR",
        "Des idées aux décisions, ensemble : chacun rejoint la séance avec son téléphone, sans rien installer.",
    ),
    "en": (
        "en_GB",
        "From ideas to decisions, together: everyone joins the session from their phone, with nothing to install.",
    ),
}


def language(accepted: str) -> Lang:
    """The first of a browser's languages that we speak; French where it names none."""
    for tag in accepted.split(","):
        match tag.strip()[:2].lower():
            case "fr":
                return "fr"
            case "en":
                return "en"
    return "fr"


def about(document: str, lang: Lang, base: str, texts: str | None = None) -> str:
    """The document with what messengers, and the systems of phones, read of it.

    Args:
        document: the application's, with `MARK` in its head.
        base: the address that this server has for whoever asks; a picture is found by no other.
        texts: the file of what the application says in this language, fetched beside it and not behind it.
    """
    locale, description = _WORDS[lang]
    other = _WORDS["en" if lang == "fr" else "fr"][0]
    named = {"description": description, "twitter:card": "summary_large_image"}
    properties = {
        "og:type": "website",
        "og:site_name": "Palabre",
        "og:title": "Palabre",
        "og:description": description,
        "og:locale": locale,
        "og:locale:alternate": other,
        "og:image": f"{base}/share.png",
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": "Palabre",
    }
    lines = [f'<meta name="{name}" content="{escape(content)}">' for name, content in named.items()]
    lines += [f'<meta property="{name}" content="{escape(content)}">' for name, content in properties.items()]
    lines.append(f'<link rel="manifest" href="/manifest.{lang}.webmanifest">')
    if texts is not None:
        lines.append(f'<link rel="modulepreload" href="/{escape(texts)}">')
    return document.replace('<html lang="fr">', f'<html lang="{lang}">', 1).replace(MARK, "\n    ".join(lines), 1)
