"""Écran: what two hundred people in the back row see, and what they must not."""

import re
import struct
import zlib
from typing import Any

import pytest
from playwright.async_api import Page, expect

from client_demo.python.sdk import create_room, new_id
from tests.e2e.conftest import OpenContext, lan_url, picture
from tests.e2e.crowd import Crowd, crowd
from tests.e2e.people import until
from tests.services import ServerProcess

PROJECTORS: dict[str, dict[str, Any]] = {
    "1920 × 1080": {},
    "150 %": {"viewport": {"width": 1280, "height": 720}, "device_scale_factor": 1.5},
    "4:3": {"viewport": {"width": 1024, "height": 768}},
}
"""As it is, as a laptop set to 150 % drives it, and the one that has hung in the meeting room for twenty years."""

LONG = [
    (
        "Débureaucratiser l’accompagnement interdépartemental des professionnalisations individualisées et "
        "l’institutionnalisation hyperprocédurière"
    ),
    (
        "Anticonstitutionnellement parlant, arrêtons la transdisciplinarisation systématique des intergouvernementalisations "
        "organisationnelles qui nous empêche, semaine après semaine, de consacrer du temps à nos équipes, à leurs questions "
        "concrètes, et à tout ce que nous repoussons."
    ),
    "https://intranet.maison-lavandier.example/direction-generale/transformation/feuille-de-route-2027/indicateurs?vue=conso",
    "Oui.",
]
LONG_PROMPT = (
    "Que pourrions-nous changer, dès le mois prochain et sans attendre d’autorisation, pour rendre du temps à nos équipes, "
    "tenir nos engagements envers les clients et retrouver le plaisir de travailler ensemble entre sites, métiers et "
    "générations, anticonstitutionnellement ?"
)
ZONES = {
    "A": "Débureaucratisation interdépartementale et responsabilisation individualisée des accompagnements",
    "B": "Décider près du terrain",
    "C": "Moins de reporting",
    "D": "Apprendre entre nous",
    "E": "Accueillir et garder",
    "F": "Souffler",
}

LAYOUT = """() => {
    const wrong = [], sizes = []
    const shown = [...document.querySelectorAll('main *')].filter((e) => {
        const { width, height } = e.getBoundingClientRect()
        return width && height && e.checkVisibility({ opacityProperty: true }) && !e.closest('.unseen, svg')
    })
    for (const e of shown) {
        const say = (what) => wrong.push(`${what}: <${e.tagName} class="${e.className}"> ${e.innerText?.slice(0, 60)}`)
        const box = e.getBoundingClientRect()
        if (e.clientWidth && e.scrollWidth > e.clientWidth + 1) say(`${e.scrollWidth} wide in ${e.clientWidth}`)
        if (box.left < -1 || box.top < -1 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1) say('off the screen')
        const frame = e.parentElement.closest('li, section, header')?.getBoundingClientRect()
        if (frame && (box.top < frame.top - 1 || box.bottom > frame.bottom + 1)) say('cut off')
        const text = [...e.childNodes].some((node) => node.nodeType === 3 && node.data.trim())
        if (text) sizes.push([e.innerText, (100 * parseFloat(getComputedStyle(e).fontSize)) / innerHeight])
    }
    const size = (selector) => {
        const e = document.querySelector(`main ${selector}`)
        return e && (100 * parseFloat(getComputedStyle(e).fontSize)) / innerHeight
    }
    return {
        wrong,
        smallest: sizes.reduce((a, b) => (b[1] < a[1] ? b : a)),
        prompt: size('h1'),
        code: size('.code'),
        figure: size('.figure b'),
        ideas: document.querySelectorAll('main li p').length,
        within: [...document.querySelectorAll('main .groups > li')].map(
            (group) => [...group.querySelectorAll('.texts li')].filter((text) => text.checkVisibility()).length),
        view: document.querySelector('main').innerText,
    }
}"""
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


async def open_screen(open_context: OpenContext, server: ServerProcess, people: Crowd, **options: Any) -> Page:
    page = await (await open_context("projector", reduced_motion="reduce", **options)).new_page()
    await page.goto(lan_url(server, f"/r/{people.code}/screen"))
    return page


async def look(page: Page, people: Crowd) -> dict[str, Any]:
    """What is on the screen now, once it has been seen to hold what every view must."""
    await page.evaluate("document.fonts.ready")
    seen: dict[str, Any] = await page.evaluate(LAYOUT)
    assert not seen["wrong"], seen["view"]
    text, size = seen["smallest"]
    assert size >= 4.09, f"{text!r} is {size:.1f} vh high"
    assert seen["prompt"] >= 6.69
    assert seen["code"] >= 8.99
    assert seen["ideas"] <= 9 or seen["figure"]
    html = await page.locator("html").inner_html()
    assert not [name for name in people.names if name in html]
    return seen


async def every_view(page: Page, people: Crowd) -> list[dict[str, Any]]:
    """All that it cycles through, turned by key."""
    views: list[dict[str, Any]] = []
    await look(page, people)  # a page of ideas holds still until it is turned
    for _ in range(20):
        await page.keyboard.press("ArrowRight")
        await page.evaluate(FRAMES)
        view = await look(page, people)
        if views and view["view"] == views[0]["view"]:
            return views
        views.append(view)
    raise AssertionError("expected to come back to the first view")


@pytest.mark.parametrize("projector", PROJECTORS)
async def test_nothing_overflows_and_everything_is_high_enough(
    open_context: OpenContext, server: ServerProcess, projector: str
) -> None:
    async with crowd(server, 12) as people:
        page = await open_screen(open_context, server, people, **PROJECTORS[projector])

        # The lobby: the code can be scanned from afar.
        qr = page.get_by_role("img", name=f"QR pour rejoindre la séance {people.code}")
        await expect(qr).to_be_visible()
        box, height = await qr.bounding_box(), await page.evaluate("innerHeight")
        assert box is not None
        assert box["height"] >= 0.7 * height
        assert box["width"] == box["height"]
        await until(page, "document.querySelector('main .qr svg path') !== null")
        await expect(page.get_by_label("13 personnes présentes")).to_be_visible()
        await look(page, people)

        # Three ideas, and their prompt.
        await people.host.do("room.set", prompt="Que pourrions-nous changer ?")
        await people.ideas(["Dire merci", "Signature à 2 000 € pour les chefs d’équipe", "Oser"])
        await expect(page.get_by_text("Dire merci")).to_be_visible()
        await expect(page.get_by_label("13 personnes présentes")).to_have_text("13")
        assert len(await every_view(page, people)) == 1

        # Long French words, in all that people write.
        await people.host.do("room.set", prompt=LONG_PROMPT, title="Anticonstitutionnellement " * 4)
        zones = [await people.zone(letter, title) for letter, title in ZONES.items()]
        await people.ideas(LONG, zones[0])
        await expect(page.get_by_text("7 idées")).to_be_attached()
        # Each of them whole: the prompt, the groups, and two pages.
        assert len(await every_view(page, people)) == 4

        # Three hundred: groups and counts, and the latest of each.
        for n, zone in enumerate([*zones, None]):
            await people.ideas([f"{LONG[i % 3][:200]} ({n}, {i})" for i in range(42 if zone else 41)], zone)
        await expect(page.get_by_text("300 idées")).to_be_attached()
        views = await every_view(page, people)
        assert len(views) == 1 + 1 + 1 + len(zones)  # the prompt, the counts, the unsorted, each zone
        [counts] = [view for view in views if view["figure"]]
        await people.host.do("stage.set", view="groups")
        await expect(page.locator("main .groups")).to_be_visible()
        await picture(page, f"screen-groups-{re.sub('[^0-9]', '-', projector)}")
        assert counts["figure"] >= 5.39
        assert [int(number) for number in re.findall(r"(\d+)\s*idées", counts["view"])].count(42) == 5
        # Beside its count each group shows what it holds, as far as there is room.
        assert len(counts["within"]) == len(zones) + 1
        assert min(counts["within"]) >= 1


async def test_the_key_b_makes_it_black_at_once(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server) as people:
        await people.ideas(["Dire merci"])
        page = await open_screen(open_context, server, people)
        await expect(page.get_by_text("Dire merci")).to_be_visible()

        await page.evaluate("""() => {
            window.seen = new Promise((done) => addEventListener('keydown', () => {
                const pressed = performance.now()
                requestAnimationFrame(() => requestAnimationFrame(() => {
                    const cover = getComputedStyle(document.querySelector('.wall'), '::after')
                    done({ after: performance.now() - pressed, colour: cover.backgroundColor, inset: cover.inset })
                }))
            }))
        }""")
        await page.keyboard.press("b")
        seen = await page.evaluate("window.seen")
        assert (seen["colour"], seen["inset"]) == ("rgb(0, 0, 0)", "0px")
        assert seen["after"] < 300
        assert is_black(await page.screenshot())

        await people.ideas(["Écrite dans le noir"])
        await expect(page.get_by_text("2 idées")).to_be_attached()
        assert is_black(await page.screenshot())
        await page.keyboard.press("b")
        assert not is_black(await page.screenshot())


async def test_what_is_not_for_everybody_leaves_it(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server) as people:
        hidden, kept = await people.ideas(["À relire", "Dire merci"])
        page = await open_screen(open_context, server, people)
        await expect(page.get_by_text("À relire")).to_be_visible()
        await people.host.do("post.hide", on=hidden)
        await expect(page.get_by_text("À relire")).to_have_count(0)
        await expect(page.get_by_text("1 idée", exact=True)).to_be_visible()
        await people.host.do("message.send", id=new_id("message"), text="Un message de la salle")
        await people.react(kept)
        await people.host.do("idea.remove", id=kept)
        await expect(page.get_by_text("Scannez, ou ouvrez cette adresse et tapez le code")).to_be_visible()
        assert "Un message de la salle" not in await page.locator("html").inner_html()


async def test_on_a_phone_it_asks_for_a_big_screen(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 0) as people:
        page = await (await open_context("phone")).new_page()
        await page.goto(lan_url(server, f"/r/{people.code}/screen"))
        await expect(page.get_by_role("heading", name="Ouvrez sur un grand écran")).to_be_visible()
        await page.get_by_role("link", name="Aller à la séance").click()
        await expect(page.get_by_label("Votre prénom et votre nom")).to_be_visible()


def is_black(png: bytes) -> bool:
    """Whether all of an opaque PNG is black: then every filtered byte of it is 0."""
    width, height, depth, colours = struct.unpack(">IIBB", png[16:26])
    assert (depth, colours) == (8, 2), "expected 8 bits of red, green and blue"
    packed, at = b"", 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            packed += png[at + 8 : at + 8 + length]
        at += length + 12
    row = 1 + 3 * width
    pixels = zlib.decompress(packed)
    return not any(any(pixels[y * row + 1 : (y + 1) * row]) for y in range(height))


CUT = """() => [...document.querySelectorAll('main li')].flatMap((box) => [...box.querySelectorAll('p')].filter((text) => {
    const { top, bottom, height } = text.getBoundingClientRect()
    const line = parseFloat(getComputedStyle(text).lineHeight)
    const around = box.getBoundingClientRect()
    return Math.abs(height / line - Math.round(height / line)) > 0.05 || top < around.top - 1 || bottom > around.bottom + 1
}).map((text) => text.textContent))"""
"""Texts that end in the middle of a line, or outside of what they stand in."""


async def test_no_decision_on_the_screen_ends_in_the_middle_of_a_line(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        (idea,) = await people.ideas(
            ["Une idée qui dit longuement d’où vient ce qui a été décidé ensemble ce matin-là"]
        )
        step = await people.step("decide", "Décider", "Qui fait quoi, pour quand, et quel premier pas d’ici lundi ?")
        await people.host.do("step.go", id=step)
        long = (
            "Anticonstitutionnellement, la responsabilisation interdépartementale des coordonnateurs opérationnels " * 2
        )
        for n in range(3):
            decision = new_id("decision")
            await people.host.do("decision.add", id=decision, text=f"{n} {long}", source=idea)
            await people.host.do(
                "action.add", id=new_id("action"), text="Écrire la règle", decision=decision, first=long[:150]
            )
        page = await (await open_context("projector")).new_page()
        await page.goto(lan_url(server, f"/r/{people.code}/screen"))
        for n in range(3):
            await expect(page.get_by_text(f"{n} Anticonstitutionnellement")).to_be_visible()
            assert await page.evaluate(CUT) == []
            await page.keyboard.press("PageDown")


SHORTENED = """() => [...document.querySelectorAll('main [data-whole]')]
    .filter((text) => text.scrollHeight > text.clientHeight + parseFloat(getComputedStyle(text).lineHeight) / 2
        || text.scrollWidth > text.clientWidth + 1)
    .map((text) => text.textContent)"""
"""Texts of which not all is to be read: a line, or a word, is missing."""


async def test_no_idea_is_cut_while_there_is_room_for_it(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server) as people:
        step = await people.step("ideate", "Nos idées", "Que pourrions-nous changer ?")
        await people.host.do("step.go", id=step)
        sentence = "Donner à chaque équipe une demi-journée par semaine pour ranger, apprendre et réparer ce qui gêne. "
        texts = [(sentence * 3)[: 30 + 25 * n].strip() for n in range(11)]
        await people.ideas(texts)
        page = await open_screen(open_context, server, people)
        await expect(page.locator(".pages p")).to_have_text(re.compile(r"^\d / \d$"))
        shown: set[str] = set()
        pages = int((await page.locator(".pages p").inner_text())[-1])
        for _ in range(pages):
            await look(page, people)
            assert await page.evaluate(SHORTENED) == []
            shown |= set(await page.locator("main li p").all_inner_texts())
            await page.keyboard.press("PageDown")
            await page.evaluate(FRAMES)
        assert {text.replace("\u00a0", " ").strip("\u2068\u2069") for text in shown} == set(texts)


async def test_a_presenters_clicker_turns_pages_holds_them_and_makes_it_black(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        step = await people.step("ideate", "Nos idées", "Que changer ?")
        await people.host.do("step.go", id=step)
        await people.ideas([f"Idée {n}" for n in range(20)])
        page = await open_screen(open_context, server, people)
        mark = page.locator(".pages p")
        await expect(mark).to_have_text(re.compile("^1 / 3$"))
        for key, text in (("PageDown", "2 / 3"), ("ArrowRight", "3 / 3"), ("PageDown", "1 / 3"), ("PageUp", "3 / 3")):
            await page.keyboard.press(key)
            await expect(mark).to_have_text(text)
        await expect(page.get_by_role("button", name="Reprendre le défilement")).to_be_attached()
        await page.keyboard.press(".")
        assert is_black(await page.screenshot())
        await page.keyboard.press(".")
        assert not is_black(await page.screenshot())
        # In another step nothing is held.
        await people.host.do("step.go", id=await people.step("present", "Après", "Et ensuite ?"))
        await expect(page.get_by_role("heading", name="Et ensuite ?")).to_be_visible()
        await people.host.do("step.go", id=step)
        await expect(mark).to_have_text("1 / 3")
        await expect(page.get_by_role("button", name="Garder cette page")).to_be_attached()


async def test_pages_turn_by_themselves_in_time_with_the_mark(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server) as people:
        step = await people.step("ideate", "Nos idées", "Que changer ?")
        await people.host.do("step.go", id=step)
        await people.ideas([f"Idée {n}" for n in range(20)])
        page = await open_screen(open_context, server, people)
        await expect(page.locator(".pages p")).to_have_text("1 / 3")
        until_turn = "parseFloat(document.querySelector('.pages .now').style.getPropertyValue('--share'))"
        await until(page, f"{until_turn} > 0.5")
        await expect(page.locator(".pages p")).to_have_text("2 / 3", timeout=12_000)
        assert await page.evaluate(until_turn) <= 0.2


async def test_people_who_get_to_know_each_other_have_names(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 2) as people:
        meet = await people.step("meet", "Qui est là ?", "Sur quoi pourriez-vous aider un collègue ?")
        ideate = await people.step("ideate", "Nos idées", "Que changer ?")
        await people.host.do("step.go", id=meet)
        await people.ideas(["Animer un atelier"])
        page = await open_screen(open_context, server, people)
        card = page.get_by_role("listitem").filter(has_text="Animer un atelier")
        await expect(card).to_contain_text("Nadia Benali")
        await people.host.do("step.go", id=ideate)
        await people.ideas(["Dire merci"])
        await expect(page.get_by_text("Dire merci")).to_be_visible()
        await look(page, people)


async def test_small_tables_read_who_sits_where_and_what_about(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 12) as people:
        step = await people.step("discuss", "Mettre à l’épreuve", "Qu’est-ce qui bloquerait ?", blind="hosts")
        await people.host.do("step.go", id=step)
        await people.host.do("breakout.draw", size=4)
        page = await open_screen(open_context, server, people)
        await expect(page.get_by_role("heading", name="Qu’est-ce qui bloquerait ?")).to_be_visible()
        for n in (1, 2, 3):
            await expect(page.get_by_role("listitem", name=f"Table {n}")).to_be_visible()
        text = await page.locator("main ol").inner_text()
        assert all(name in text.replace("\n", " ") for name in people.names[1:])
        assert not (await page.evaluate(LAYOUT))["wrong"]
        await people.host.do("breakout.end")
        await expect(page.get_by_role("listitem")).to_have_count(0)


async def test_a_result_is_read_whole_while_there_is_room_for_it(
    open_context: OpenContext, server: ServerProcess
) -> None:
    """Seen: the third line of a text ended in an ellipsis, above as much empty ground."""
    long = "Simplifier les notes de frais au-dessous de cinquante euros, pour que personne n’attende trois semaines un remboursement de café, ni n’avance le prix d’un billet de train pour son équipe"
    async with crowd(server, 3) as people:
        chosen = await people.ideas(["Un tableau de bord unique", long, "Moins de réunions"])
        vote = await people.step("vote", "Choisir", budget=3, cap=1)
        await people.host.do("step.go", id=vote)
        for idea in chosen:
            await people.participants[0].do("dots.put", step=vote, on=idea, count=1)
        await people.host.do("vote.close", step=vote)
        await people.host.do("vote.reveal", step=vote)
        page = await open_screen(open_context, server, people)
        await expect(page.get_by_role("listitem").get_by_text("Simplifier les notes de frais")).to_be_visible()
        await look(page, people)
        assert await page.evaluate(SHORTENED) == []


async def test_what_is_put_to_the_test_stands_with_its_dots_and_what_is_said_of_it(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        vote = await people.step("vote", "Choisir", "Choisissez.", budget=5, cap=5)
        discuss = await people.step("discuss", "Mettre à l’épreuve", "Qu’est-ce qui bloquerait ?")
        first, second = await people.ideas(["Supprimer la double saisie", "Dire merci"])
        await people.host.do("step.go", id=vote)
        await people.participants[0].do("dots.put", step=vote, on=second, count=4)
        await people.participants[1].do("dots.put", step=vote, on=first, count=3)
        for act in ("close", "count", "reveal"):
            await people.host.do(f"vote.{act}", step=vote)
        await people.host.do("step.go", id=discuss)
        page = await open_screen(open_context, server, people)
        await expect(page.get_by_role("heading", name="Qu’est-ce qui bloquerait ?")).to_be_visible()
        rows = page.get_by_role("listitem")
        await expect(rows.nth(0)).to_contain_text("Dire merci")
        await expect(rows.nth(0)).to_contain_text("4")
        await expect(rows.nth(1)).to_contain_text("Supprimer la double saisie")

        await people.host.do("stage.set", view="ideas", on=first)
        spot = page.locator("main .spot")
        await expect(spot).to_contain_text("3 gommettes")
        await people.ideas(["Et si le client appelle ?"])
        await expect(page.locator("main .beside").get_by_text("Et si le client appelle ?")).to_be_visible()
        dots = await page.locator("main .dots b").evaluate(
            "(e) => 100 * parseFloat(getComputedStyle(e).fontSize) / innerHeight"
        )
        assert dots >= 12.99
        await look(page, people)


async def test_what_is_decided_says_who_by_when_and_the_first_step_and_the_end_is_a_picture(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server) as people:
        decide = await people.step("decide", "Décider", "Qui fait quoi ?")
        after = await people.step("next", "La suite", "À quoi vous engagez-vous ?")
        await people.ideas(["Supprimer la double saisie"])
        await people.host.do("step.go", id=decide)
        decision, me = new_id("decision"), people.participants[0].me
        assert me is not None
        await people.host.do("decision.add", id=decision, text="Une seule saisie")
        await people.host.do(
            "action.add",
            id=new_id("action"),
            text="Réunir les deux équipes",
            decision=decision,
            owner=me["id"],
            due="2027-01-12",
            first="Appeler Hélène lundi",
        )
        page = await open_screen(open_context, server, people)
        row = page.get_by_role("listitem").filter(has_text="Une seule saisie").first
        for text in ("Nadia Benali", "pour mardi 12 janvier", "Premier pas : Appeler Hélène lundi"):
            await expect(row.get_by_text(text)).to_be_visible()

        await people.host.do("step.go", id=after)
        await expect(page.get_by_role("heading", name="À quoi vous engagez-vous ?")).to_be_visible()
        await people.participants[1].do("commitment.write", text="Pour moi seul", shared=False)
        await people.participants[0].do("commitment.write", text="Montrer la démarche", shared=True)
        card = page.get_by_role("listitem").filter(has_text="Montrer la démarche")
        await expect(card).to_contain_text("Nadia Benali")

        await people.host.do("step.go", id=None)
        await expect(page.get_by_role("heading", name="C’est terminé. Merci à vous.")).to_be_visible()
        main = page.get_by_role("main")
        said = ("3 personnes", "1 idée", "1 décision", "1 engagement", "Une seule saisie", "pour mardi 12 janvier")
        for text in (*said, "Montrer la démarche", people.code):
            await expect(main.get_by_text(text, exact=True)).to_be_visible()
        await expect(
            page.get_by_role("img", name=f"Code QR du compte rendu de la séance {people.code}")
        ).to_be_visible()
        assert "Pour moi seul" not in await page.locator("html").inner_html()
        seen = await page.evaluate(LAYOUT)
        assert not seen["wrong"]
        assert seen["smallest"][1] >= 4.09


LONG_DECISION = "Les réunions d’information sont remplacées par un message écrit, lu quand chacun le peut, et toute réunion a un ordre du jour"
LONG_COMMITMENT = "Relire avec mon équipe tout ce que nous envoyons au client avant la fin de la semaine"

CUT_CLOSING = """() => [...document.querySelectorAll('.closing li')]
    .filter((e) => e.scrollHeight > e.clientHeight + 1 || e.querySelector('[data-whole]').style.getPropertyValue('--lines') !== '')
    .map((e) => e.innerText)"""


@pytest.mark.parametrize("decided", [1, 2, 3])
async def test_the_closing_picture_cuts_no_text_and_what_it_has_no_room_for_comes_after_it(
    open_context: OpenContext, server: ServerProcess, decided: int
) -> None:
    async with crowd(server, 3) as people:
        step = await people.step("next", "La suite")
        await people.host.do(
            "room.set", title="Printemps des managers de la région Ouest", line="Société nouvelle des chantiers"
        )
        await people.host.do("step.go", id=step)
        await people.ideas(["Une idée"])
        for n, participant in enumerate(people.participants):
            me = participant.me
            assert me is not None
            if n < decided:
                decision = new_id("decision")
                await people.host.do("decision.add", id=decision, text=LONG_DECISION)
                action = {"text": "Le dire", "decision": decision, "owner": me["id"], "due": "2027-09-29"}
                await people.host.do("action.add", id=new_id("action"), **action)
            await participant.do("commitment.write", text=LONG_COMMITMENT, shared=True)
        await people.host.do("step.go", id=None)
        page = await open_screen(open_context, server, people)
        await expect(page.get_by_role("heading", name="C’est terminé. Merci à vous.")).to_be_visible()
        await page.evaluate("document.fonts.ready")
        shown = await page.locator(".closing li").count()
        await picture(page, f"fin-{decided}-decisions")
        assert shown >= 1
        assert await page.evaluate(CUT_CLOSING) == []
        # All of them are somewhere.
        seen = set[str]()
        for _ in range(8):
            seen |= set(await page.locator(".wall li:has([data-whole])").all_inner_texts())
            await page.keyboard.press("ArrowRight")
        assert sum(LONG_DECISION in text.replace("\n", " ") for text in seen) >= 1
        assert sum(LONG_COMMITMENT in text.replace("\n", " ") for text in seen) >= 3


async def test_the_strip_and_the_stage_say_what_they_count(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 2) as people:
        before = await people.step("ideate", "Un", "Que changer ?")
        blind = await people.step("ideate", "Deux", "Et ensuite ?", blind="nobody")
        after = await people.step("group", "Trois", "Qui dit la même chose ?")
        await people.host.do("step.go", id=before)
        ideas = await people.ideas([f"Idée {n}" for n in range(5)])
        screen = await open_screen(open_context, server, people)
        count = screen.locator("header .ideas")
        await expect(count).to_have_text("5 idées")
        await people.host.do("idea.merge", id=ideas[4], into=ideas[0])
        await expect(count).to_have_text("4 idées")
        await people.host.do("step.go", id=blind)
        await expect(screen.get_by_text("0 idée écrite dans cette étape")).to_be_visible()
        await expect(count).to_have_text("4 idées en tout")
        await people.ideas(["Une de plus"])
        await expect(screen.get_by_text("1 idée écrite dans cette étape")).to_be_visible()
        await expect(count).to_have_text("5 idées en tout")
        # What was left hidden is not there to be grouped.
        await people.host.do("step.go", id=after)
        await expect(count).to_have_text("4 idées")


WORDS = [
    "confiant",
    "curieux",
    "pressé",
    "enthousiaste",
    "plutôt sereine",
    "interrogatif",
    "anticonstitutionnellement",
    "fatigué",
    "là",
]
WORDS_SEEN = """() => {
    const frame = document.querySelector('main .words').getBoundingClientRect()
    const drawn = [...document.querySelectorAll('main .words li')].filter((e) => e.checkVisibility())
    const whole = drawn.map((e) => e.getBoundingClientRect()).filter(({ left, right, top, bottom }) =>
        left >= frame.left - 1 && right <= frame.right + 1 && top >= frame.top - 1 && bottom <= frame.bottom + 1)
    const sizes = drawn.map((e) => (100 * parseFloat(getComputedStyle(e).fontSize)) / innerHeight)
    return { drawn: drawn.length, whole: whole.length, largest: Math.max(...sizes), smallest: Math.min(...sizes) }
}"""
"""How many words are drawn, how many of them whole, and how high they are."""


async def room_with_words(page: Page, server: ServerProcess, counts: list[int]) -> str:
    """The code of a room, brought in a file, in which one open question got these words: each as often as said."""
    entry = await create_room(server.url, "Printemps des managers", "Claire Vasseur")
    headers = {"Authorization": f"Bearer {entry.token}"}
    answer = await page.request.get(f"{server.url}/api/rooms/{entry.room}/export.json", headers=headers)
    file = await answer.json()
    words = {WORDS[n % len(WORDS)] + (f" {n}" if n >= len(WORDS) else ""): count for n, count in enumerate(counts)}
    file["records"].append(
        {
            "id": new_id("pulse"),
            "v": 1,
            "question": "Votre humeur en un mot ?",
            "form": "words",
            "at": file["at"],
            "answers": sum(counts),
            "words": words,
            "different": len(words),
        }
    )
    made = await page.request.post(f"{server.url}/api/import", data=file)
    assert made.ok, await made.text()
    return str((await made.json())["code"])


@pytest.mark.parametrize("projector", PROJECTORS)
async def test_U6_words_are_as_large_as_all_of_them_allow_and_those_left_out_are_counted(
    open_context: OpenContext, server: ServerProcess, projector: str
) -> None:
    context = await open_context("projector", reduced_motion="reduce", **PROJECTORS[projector])
    largest: list[float] = []
    for count in (1, 3, 9, 60, 300):
        page = await context.new_page()
        code = await room_with_words(page, server, [1] * count)
        await page.goto(lan_url(server, f"/r/{code}/screen"))
        await expect(page.get_by_role("heading", name="Votre humeur en un mot ?")).to_be_visible()
        await page.evaluate("document.fonts.ready")
        await page.evaluate(FRAMES)
        seen = await page.evaluate(WORDS_SEEN)
        await picture(page, f"mots-{count}-{projector}")
        assert not (await page.evaluate(LAYOUT))["wrong"]
        assert seen["whole"] == seen["drawn"]
        assert seen["smallest"] >= 4.09
        more = page.locator("main .foot").get_by_text(re.compile(r"autres? mots?\."))
        if count == 300:
            await expect(more).to_contain_text(f"{300 - seen['drawn']} autres mots.")
        else:
            assert seen["drawn"] == count or await more.count() == 1
        if count <= 9:
            assert seen["drawn"] == count
        largest.append(seen["largest"])
        await page.close()
    assert largest == sorted(largest, reverse=True)
    assert largest[0] > largest[3]

    # What more people said is larger.
    page = await context.new_page()
    code = await room_with_words(page, server, [6, 3, 3, 1, 1, 1, 1, 1, 1])
    await page.goto(lan_url(server, f"/r/{code}/screen"))
    await expect(page.get_by_text(WORDS[0])).to_be_visible()
    await page.evaluate(FRAMES)
    seen = await page.evaluate(WORDS_SEEN)
    assert seen["drawn"] == seen["whole"] == 9
    assert seen["largest"] > 1.4 * seen["smallest"]
