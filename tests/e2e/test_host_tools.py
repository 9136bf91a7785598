"""What a facilitator has at hand: his phone as a remote, the Wi-Fi, cards for the tables, a look through a participant's eyes."""

import re

from playwright.async_api import Page, Request, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext, lan_url, picture
from tests.e2e.crowd import Crowd, crowd
from tests.e2e.people import face, open_menu, until, write_idea
from tests.services import ServerProcess

PASSWORD = 'Sous "l’arbre"; 2026'


async def desk_of(open_context: OpenContext, people: Crowd) -> Page:
    page = await (await open_context("desk")).new_page()
    await page.goto(people.desk())
    await expect(page.get_by_role("button", name="Inviter")).to_be_visible()
    return page


async def test_the_phone_that_scans_the_hosts_qr_is_his_remote_and_the_qr_does_not_stay(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 1) as people:
        context = await open_context("desk")
        desk = await context.new_page()
        await desk.clock.install()
        await desk.goto(people.desk())
        await open_menu(desk, "Télécommande")
        await desk.get_by_role("button", name="Afficher le QR").click()
        qr = desk.get_by_role("img", name="QR de votre lien")
        await expect(qr).to_be_visible()
        await picture(desk, "telecommande-qr")
        link = await desk.get_by_label("Votre lien de secours").input_value()
        await desk.clock.fast_forward(61_000)
        await expect(qr).to_have_count(0)

        phone = await (await open_context("phone")).new_page()
        await phone.goto(lan_url(server, "/" + link.split("/", 3)[3]))
        await expect(phone.get_by_role("button", name="Piloter")).to_be_visible()


async def test_the_wifi_goes_to_the_big_screen_and_the_cards_and_never_to_the_server(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 1) as people:
        asked: list[str] = []

        async def note(request: Request) -> None:
            asked.append(f"{request.url} {request.post_data or ''}")

        desk = await desk_of(open_context, people)
        desk.context.on("request", note)
        await open_menu(desk, "Inviter")
        await desk.get_by_text("Donner le Wi-Fi de la salle").click()
        await desk.get_by_label("Nom du réseau").fill("Maison Lavandier")
        await desk.get_by_label(re.compile("^Mot de passe")).fill(PASSWORD)
        await expect(desk.get_by_text("Wi-Fi de la salle : Maison Lavandier")).to_be_visible()
        address = await desk.get_by_role("link", name="Projeter").get_attribute("href")
        assert address is not None

        # Another computer has nothing but the address.
        screen = await (await open_context("projector")).new_page()
        screen.context.on("request", note)
        await screen.goto(lan_url(server, address))
        await expect(screen.get_by_text("1. Wi-Fi")).to_be_visible()
        await expect(screen.get_by_text("2. Séance")).to_be_visible()
        await expect(screen.get_by_text(PASSWORD)).to_be_visible()
        await expect(screen.get_by_role("img", name="QR pour rejoindre le réseau Maison Lavandier")).to_be_visible()
        join = await screen.get_by_role("img", name="QR pour rejoindre la séance").bounding_box()
        assert join is not None
        assert join["height"] >= 0.7 * 1080
        await picture(screen, "accueil-wifi")

        # A screen that is open on the host's own device follows what is typed there.
        own = await desk.context.new_page()
        await own.goto(lan_url(server, address))
        await expect(own.get_by_text(PASSWORD)).to_be_visible()
        await desk.get_by_label("Nom du réseau").fill("Lavandier Invités")
        await expect(own.get_by_text("Lavandier Invités")).to_be_visible()
        await desk.get_by_label("Nom du réseau").fill("Maison Lavandier")
        await own.close()

        await desk.emulate_media(media="print")
        cards = desk.locator(".card")
        await expect(cards).to_have_count(4)
        for n in range(4):
            await expect(cards.nth(n).get_by_text(people.code)).to_be_visible()
            await expect(cards.nth(n).get_by_role("img")).to_have_count(2)
        await expect(desk.get_by_role("heading", name="Inviter")).to_be_hidden()
        pdf = await desk.pdf(prefer_css_page_size=True, print_background=True)
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1, "four cards are one sheet"
        await picture(desk, "cartes")
        assert asked
        assert not [each for each in asked if "arbre" in each or "Lavandier" in each]


async def test_C11_the_screen_says_in_whose_name_it_is_and_marks_in_their_colour(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 1) as people:
        desk = await desk_of(open_context, people)
        await open_menu(desk, "Plus")
        await desk.get_by_label("Au nom de").fill("Maison Lavandier")
        await desk.get_by_role("button", name="Enregistrer").click()
        await desk.get_by_label("Sa couleur").evaluate(
            "input => { input.value = '#7a1f5b'; input.dispatchEvent(new Event('change', { bubbles: true })) }"
        )
        screen = await (await open_context("projector")).new_page()
        await screen.goto(lan_url(server, f"/r/{people.code}/screen"))
        await expect(screen.get_by_text("Maison Lavandier")).to_be_visible()
        code = screen.get_by_text(people.code)
        await expect(code).not_to_have_css("color", "rgb(232, 174, 85)")
        # It was too dark for the wall.
        await expect(code).not_to_have_css("color", "rgb(122, 31, 91)")
        red, green, blue = map(int, re.findall(r"\d+", await code.evaluate("each => getComputedStyle(each).color")))
        assert red > blue > green, "the hue stays"
        await picture(screen, "accueil-couleur")
        await desk.get_by_role("button", name="Sans couleur").click()
        await expect(code).to_have_css("color", "rgb(232, 174, 85)")


async def test_a_host_looks_through_a_participants_eyes_and_nothing_leaves_from_there(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 2) as people:
        step = new_id("step")
        await people.host.do("step.add", id=step, kind="ideate", title="Nos idées", blind="hosts")
        await people.host.do("step.go", id=step)
        await people.ideas(["Pour la facilitation seule"])
        desk = await desk_of(open_context, people)
        await expect(face(desk, "Pour la facilitation seule")).to_be_visible()
        async with desk.context.expect_page() as opened:
            await open_menu(desk, "Plus")
            await desk.get_by_role("link", name="Voir comme un participant").click()
        participant = await opened.value
        await expect(
            participant.get_by_text("Vous voyez ce que voit un participant. Rien ne part d’ici.")
        ).to_be_visible()
        await expect(participant.get_by_role("heading", name="Nos idées").first).to_be_visible()
        assert "Pour la facilitation seule" not in await participant.content()
        await expect(participant.locator("main")).to_have_attribute("inert", "")
        await picture(participant, "comme-un-participant")
        # It is nobody: those present are as many as before.
        await expect(desk.get_by_text("3 personnes présentes").first).to_be_visible()


async def test_steps_change_places_by_keys_and_by_drag(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 0) as people:
        for title in ("Un", "Deux", "Trois"):
            await people.host.do("step.add", id=new_id("step"), kind="discuss", title=title)
        desk = await desk_of(open_context, people)
        steps = desk.get_by_role("button", name=re.compile("aller à l’étape"))
        await expect(steps).to_contain_text(["Un", "Deux", "Trois"])
        await steps.first.focus()
        await desk.keyboard.press("Alt+ArrowDown")
        await expect(steps).to_contain_text(["Deux", "Un", "Trois"])
        await steps.nth(2).drag_to(steps.nth(0))
        await expect(steps).to_contain_text(["Trois", "Deux", "Un"])
        await steps.nth(0).drag_to(steps.nth(2))
        await expect(steps).to_contain_text(["Deux", "Un", "Trois"])


TONES = """(() => {
    window.tones = 0
    const param = { setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {}, value: 0 }
    window.AudioContext = class {
        currentTime = 0
        async resume() {}
        createOscillator() {
            return { frequency: param, connect: (to) => to, start: () => { window.tones += 1 }, stop() {} }
        }
        createGain() { return { gain: param, connect: (to) => to } }
    }
})()"""
"""Counts the tones that a page plays: the machine of a test has no loudspeaker."""


async def test_G8_the_gong_rings_on_screen_and_remote_alone_and_ends_nothing(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 1) as people:
        step = new_id("step")
        await people.host.do("step.add", id=step, kind="ideate", title="Nos idées")
        await people.host.do("step.go", id=step)
        remote, screen, phone = [
            await (await open_context(size)).new_page() for size in ("phone", "projector", "phone")
        ]
        for page, address in (
            (remote, people.desk()),
            (screen, lan_url(server, f"/r/{people.code}/screen")),
            (phone, people.seat()),
        ):
            await page.add_init_script(TONES)
            await page.goto(address)
        await remote.get_by_role("switch", name="Son à la fin du temps").click()
        await screen.mouse.move(300, 300)
        await screen.get_by_role("button", name="Son à la fin du temps").click()
        await until(remote, "window.tones === 1")
        await until(screen, "window.tones === 1")
        await expect(phone.get_by_label("Votre idée")).to_be_visible()
        await people.host.do("timer.add", ms=1000)
        await people.host.do("timer.start")
        await until(remote, "window.tones === 3")
        await until(screen, "window.tones === 3")
        await expect(phone.get_by_role("timer")).to_contain_text("0:00")
        await write_idea(phone, "Après l’heure")
        await people.host.until(lambda room: [i["step"] for i in room.all("idea")] == [step])
        assert await phone.evaluate("window.tones") == 0


async def test_a_step_that_was_left_can_be_taken_back_for_five_seconds(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 0) as people:
        for title in ("Un", "Deux"):
            await people.host.do("step.add", id=new_id("step"), kind="discuss", title=title)
        desk = await (await open_context("desk")).new_page()
        await desk.clock.install()
        await desk.goto(people.desk())
        back = desk.get_by_role("button", name="Annuler : revenir")
        await desk.get_by_role("button", name="Commencer : Un").click()
        await expect(back).to_be_visible()
        await desk.clock.fast_forward(4_000)
        await expect(back).to_be_visible()
        await desk.clock.fast_forward(1_100)
        await expect(back).to_have_count(0)
        await desk.get_by_role("button", name="Suivant : Deux").click()
        await desk.get_by_role("button", name="Annuler : revenir à « Un »").click()
        await expect(desk.get_by_role("button", name="Suivant : Deux")).to_be_visible()


async def hidden_in_two_steps(people: Crowd) -> list[str]:
    """A blind step in which three ideas were written, which is now, then a vote, then the end."""
    ids = [new_id("step") for _ in range(3)]
    for id, kind, title, blind in zip(
        ids, ("ideate", "vote", "next"), ("Un", "Deux", "Trois"), ("nobody", "open", "open"), strict=True
    ):
        await people.host.do("step.add", id=id, kind=kind, title=title, blind=blind)
    await people.host.do("step.go", id=ids[0])
    await people.ideas(["Un ordre du jour", "Pas avant 9 h 30", "Dire merci"])
    return ids


async def test_G3_nobody_leaves_what_is_hidden_unawares(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 3) as people:
        ids = await hidden_in_two_steps(people)
        desk = await desk_of(open_context, people)
        on, deux = desk.get_by_role("button", name="Suivant : Deux"), desk.get_by_role("button", name="Suivant : Trois")
        await on.click()
        await expect(desk.get_by_text("3 idées non révélées")).to_be_visible()
        await expect(desk.get_by_role("button", name="Révéler et continuer")).to_be_focused()
        await picture(desk, "laisser-cache-pupitre")
        await desk.get_by_role("alert").get_by_role("button", name="Annuler").click()
        await expect(on).to_be_focused()
        await desk.get_by_role("button", name="aller à l’étape « Deux »").click()
        await desk.get_by_role("button", name="Révéler et continuer").click()
        await expect(deux).to_be_visible()
        await people.host.until(
            lambda room: any(step["id"] == ids[0] and step.get("revealed") for step in room.all("step"))
        )

        (idea, *_) = people.host.all("idea")
        await people.participants[0].do("dots.put", step=ids[1], on=idea["id"], count=1)
        await expect(desk.get_by_role("definition")).to_contain_text("1 sur")
        await deux.click()
        await expect(desk.get_by_text("Résultat non révélé.")).to_be_visible()
        await desk.get_by_role("button", name="Révéler et continuer").click()
        await people.host.until(lambda room: any(step.get("shown") for step in room.all("step")))
        await people.participants[0].until(lambda room: len(room.all("result")) == 1)


async def test_U1_nobody_leaves_a_question_open_unawares_and_one_left_open_gives_way_to_the_step(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 1) as people:
        one = await people.step("pulse", "Un", "Comment allez-vous ?", form="words")
        await people.step("ideate", "Deux", "Que changer ?")
        await people.host.do("step.go", id=one)
        question = new_id("pulse")
        await people.host.do("pulse.ask", id=question, question="Comment allez-vous ?", form="words")
        desk = await desk_of(open_context, people)
        screen, phone = [await (await open_context(size)).new_page() for size in ("projector", "phone")]
        await screen.goto(lan_url(server, f"/r/{people.code}/screen"))
        await phone.goto(people.seat())
        await expect(screen.get_by_role("heading", name="Comment allez-vous ?")).to_be_visible()
        # By the list, then by the large button; it is the same word.
        for on in ("aller à l’étape « Deux »", "Suivant : Deux"):
            await desk.get_by_role("button", name=on).click()
            await expect(desk.get_by_text("La question est encore ouverte.")).to_be_visible(timeout=10_000)
            await expect(desk.get_by_role("button", name="Clore et continuer")).to_be_focused()
            if on.startswith("aller"):
                await desk.get_by_role("alert").get_by_role("button", name="Annuler").click()
        await picture(desk, "question-ouverte-pupitre")
        await desk.get_by_role("button", name="Continuer, elle reste ouverte").click()
        await expect(screen.get_by_text("Que changer ?").first).to_be_visible()
        await expect(screen.get_by_text("Comment allez-vous ?")).to_have_count(0)
        await expect(phone.get_by_label("Votre idée")).to_be_visible()
        field, asked = [
            await part.bounding_box()
            for part in (phone.get_by_label("Votre idée"), phone.get_by_label("En un ou deux mots"))
        ]
        assert field is not None
        assert asked is not None
        assert field["y"] < asked["y"]

        # The way back is a change of step like any other; and where it is closed, one goes.
        await people.host.do("pulse.ask", id=new_id("pulse"), question="On continue ?", form="scale")
        await expect(screen.get_by_role("heading", name="On continue ?")).to_be_visible()
        await expect(desk.get_by_text("On continue ?").first).to_be_visible()
        await desk.get_by_role("button", name="Annuler : revenir à « Un »").click()
        await desk.get_by_role("button", name="Clore et continuer").click()
        await people.host.until(
            lambda room: [each["question"] for each in room.all("pulse") if each.get("closed")] == ["On continue ?"]
        )
        await expect(screen.get_by_role("heading", name="Comment allez-vous ?")).to_be_visible()


async def test_U1_every_question_that_is_open_can_be_seen_and_closed(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 1) as people:
        first, second = new_id("pulse"), new_id("pulse")
        one = await people.step("ideate", "Un", "Que changer ?")
        two = await people.step("pulse", "Deux", "On continue ?", form="words")
        await people.host.do("step.go", id=one)
        await people.host.do("pulse.ask", id=first, question="Comment allez-vous ?", form="words")
        await people.host.do("step.go", id=two)
        desk, phone = await desk_of(open_context, people), await (await open_context("phone")).new_page()
        await phone.goto(people.seat())
        # One that was left open hinders no other.
        asking = desk.get_by_role("region", name="Prendre le pouls")
        await expect(asking.get_by_role("heading", name="Comment allez-vous ?")).to_be_visible()
        await expect(asking.get_by_role("button", name="La poser autrement")).to_be_visible()
        await people.host.do("pulse.ask", id=second, question="On continue ?", form="words")
        for question in ("On continue ?", "Comment allez-vous ?"):
            await expect(asking.get_by_role("heading", name=question)).to_be_visible()
            await expect(phone.get_by_role("region", name=question)).to_be_visible()
        await expect(asking.get_by_text("le grand écran suit l’étape")).to_have_count(1)
        await picture(desk, "deux-questions-ouvertes")
        await asking.get_by_role("button", name="Clore la question « On continue ? »").click()
        await people.host.until(
            lambda room: any(each["id"] == second and each.get("closed") for each in room.all("pulse"))
        )
        # The question of this step is closed: that it can be closed is not said of another.
        await expect(desk.get_by_text("Elle se clôt plus bas.")).to_have_count(0)
        await asking.get_by_role("button", name="Clore la question « Comment allez-vous ? »").click()
        await people.host.until(lambda room: all(each.get("closed") for each in room.all("pulse")))
        await expect(phone.get_by_label("En un ou deux mots")).to_have_count(0)


async def test_G3_what_was_left_hidden_is_counted_where_it_will_be(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 3) as people:
        step = await people.step("ideate", "Un", "Que changer ?", blind="nobody", anonymous=True)
        group = await people.step("group", "Deux", "Qui dit la même chose ?")
        await people.host.do("step.go", id=step)
        await people.ideas([f"Idée {n}" for n in range(24)])
        desk = await desk_of(open_context, people)
        await desk.get_by_role("button", name="Suivant : Deux").click()
        await desk.get_by_role("button", name="Continuer sans révéler").click()
        await expect(desk.get_by_role("heading", name="24 idées non révélées", exact=True)).to_be_visible()
        await expect(desk.get_by_text("0 idée", exact=True)).to_have_count(0)
        await expect(desk.get_by_text("Pas encore d’idée")).to_have_count(0)
        await picture(desk, "cache-au-pupitre")
        # What is written now is counted beside it.
        await people.host.do("idea.add", id=new_id("idea"), text="À découvert", step=group)
        await expect(desk.get_by_role("heading", name="1 idée")).to_contain_text("24 idées non révélées")
        await people.host.do("step.reveal", id=step)
        await expect(desk.get_by_role("main").get_by_text("25 idées", exact=True)).to_be_visible()
        await expect(desk.get_by_text("non révélée")).to_have_count(0)


async def test_what_was_left_hidden_can_be_gone_back_to_until_the_next_act(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 3) as people:
        await hidden_in_two_steps(people)
        desk = await (await open_context("desk")).new_page()
        await desk.clock.install()
        await desk.goto(people.desk())
        back = desk.get_by_role("button", name="Annuler : revenir à « Un »")
        await desk.get_by_role("button", name="Suivant : Deux").click()
        await desk.get_by_role("button", name="Continuer sans révéler").click()
        await expect(desk.get_by_role("button", name="Suivant : Trois")).to_be_visible()
        await desk.clock.fast_forward(29_000)
        await expect(back).to_be_visible()
        await desk.get_by_role("button", name="Écran noir").click()
        await expect(back).to_be_visible()
        await desk.clock.fast_forward(1_100)
        await expect(back).to_have_count(0)
        # Where nothing is done it waits for longer than that.
        await desk.get_by_role("button", name="aller à l’étape « Un »").click()
        await desk.get_by_role("button", name="Suivant : Deux").click()
        await desk.get_by_role("button", name="Continuer sans révéler").click()
        await expect(desk.get_by_role("button", name="Suivant : Trois")).to_be_visible()
        await desk.clock.fast_forward(120_000)
        await expect(back).to_be_visible()
        await desk.get_by_role("button", name="Écran noir").click()
        await expect(back).to_have_count(0)


async def test_G10_K1_a_group_goes_to_the_screen_whole_and_becomes_a_decision(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 2) as people:
        zone = await people.zone("A", "Des réunions qui servent")
        await people.ideas(["Un ordre du jour", "Pas avant 9 h 30"], zone)
        await people.ideas(["Dire merci"])
        screen = await (await open_context("projector")).new_page()
        await screen.goto(lan_url(server, f"/r/{people.code}/screen"))
        await expect(screen.get_by_text("Dire merci")).to_be_visible()
        desk = await desk_of(open_context, people)
        await desk.get_by_role("button", name="Montrer le groupe à l’écran A").click()
        await expect(screen.get_by_role("heading", name="Des réunions qui servent")).to_be_visible()
        await expect(screen.get_by_text("Un ordre du jour")).to_be_visible()
        await expect(screen.get_by_text("Dire merci")).to_have_count(0)
        await expect(desk.get_by_text("À l’écran : « Des réunions qui servent »")).to_be_visible()
        await desk.get_by_role("button", name="Montrer le groupe à l’écran A").click()
        await expect(screen.get_by_text("Dire merci")).to_be_visible()
        await desk.get_by_role("button", name="Décider d’après le groupe A").click()
        await expect(desk.get_by_label("Ce qui est décidé")).to_have_value("Des réunions qui servent")
        await desk.get_by_label("Ce qui est décidé").fill("Aucune réunion sans ordre du jour")
        await desk.get_by_role("button", name="Décider", exact=True).click()
        await people.host.until(lambda room: len(room.all("decision")) == 1)
        (decision,) = people.host.all("decision")
        assert decision["source"] == zone
        assert decision["quote"] == "Des réunions qui servent"
