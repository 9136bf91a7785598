"""What hosts do about posts and people, as everybody sees it (SPEC C6, G7, M)."""

from playwright.async_api import Page, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext, lan_url, picture
from tests.e2e.crowd import Crowd, crowd
from tests.e2e.people import face, go_to, open_menu, see_all, steering, write_idea
from tests.e2e.test_accessibility import look
from tests.services import ServerProcess

RUDE, GOOD, SAME = "Virer le chef de la logistique", "Partager un planning", "Partager un planning commun"


async def desk_of(open_context: OpenContext, people: Crowd) -> Page:
    page = await (await open_context("desk")).new_page()
    await page.goto(people.desk())
    return page


async def seat_of(open_context: OpenContext, people: Crowd, participant: int = 0) -> Page:
    page = await (await open_context("phone")).new_page()
    await page.goto(people.seat(participant))
    await expect(page.get_by_label("Votre idée")).to_be_visible()
    return page


async def moderated(people: Crowd, *, anonymous: bool = False) -> None:
    step = new_id("step")
    await people.host.do("step.add", id=step, kind="ideate", title="Nos idées", moderated=True, anonymous=anonymous)
    await people.host.do("step.go", id=step)


async def test_G7_M1_what_is_written_waits_for_a_host_who_shows_it_or_says_why_not(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 3) as people:
        await moderated(people)
        desk = await desk_of(open_context, people)
        phone, other = await seat_of(open_context, people), await seat_of(open_context, people, 1)
        for text in (RUDE, GOOD):
            await write_idea(phone, text)
        await expect(
            phone.get_by_text("En relecture : visible par vous et la personne qui facilite seulement.")
        ).to_have_count(2)
        await desk.get_by_role("button", name="À relire").click()
        review = desk.get_by_role("region", name="À relire")
        await expect(review.get_by_text(GOOD, exact=True)).to_be_visible()
        await see_all(other)
        await expect(other.get_by_text(GOOD)).to_have_count(0)

        await review.get_by_role("button", name=f"Montrer à tous : {GOOD}").click()
        await expect(other.get_by_text(GOOD)).to_be_visible()
        await review.get_by_role("button", name=f"Refuser : {RUDE}").click()
        await review.get_by_role("button", name="Dites-le sans viser personne.").click()
        await picture(desk, "relecture")
        await review.get_by_role("button", name="Refuser et le dire").click()
        await expect(phone.get_by_text("Refusée : « Dites-le sans viser personne. »")).to_be_visible()
        await picture(phone, "refusee")
        assert RUDE not in await other.content()
        # Changed, it comes before the hosts again.
        await phone.get_by_role("button", name=RUDE).click()
        await phone.get_by_role("button", name="Modifier").click()
        await phone.get_by_label("Modifier l’idée").fill("Revoir la logistique")
        await phone.get_by_role("button", name="Enregistrer", exact=True).click()
        await review.get_by_role("button", name="Montrer à tous : Revoir la logistique").click()
        await expect(other.get_by_text("Revoir la logistique")).to_be_visible()
        await expect(review.get_by_text("Rien à relire.")).to_be_visible()


async def test_C6_one_press_hides_what_is_on_the_screen_and_another_shows_it(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 2) as people:
        await people.ideas([GOOD, RUDE])
        screen = await (await open_context("projector")).new_page()
        await screen.goto(lan_url(server, f"/r/{people.code}/screen"))
        await expect(screen.get_by_text(RUDE)).to_be_visible()
        remote = await (await open_context("phone")).new_page()
        await remote.goto(people.desk())
        listed = remote.get_by_role("region", name="À l’écran en ce moment")
        await expect(listed.get_by_role("listitem")).to_have_count(2)
        await listed.get_by_role("button", name=f"Masquer : {RUDE}").click()
        await expect(screen.get_by_text(RUDE)).to_have_count(0)
        await expect(listed.get_by_role("listitem")).to_have_count(1)
        await picture(remote, "masquee")
        await remote.get_by_role("button", name="Annuler", exact=True).click()
        await expect(screen.get_by_text(RUDE)).to_be_visible()

        # On a desk from its card; and who wrote it is stopped in the same place.
        desk = await desk_of(open_context, people)
        await desk.get_by_role("button", name=RUDE, exact=True).hover()
        await desk.get_by_role("button", name=f"Masquer : {RUDE}").click()
        await expect(screen.get_by_text(RUDE)).to_have_count(0)
        await picture(desk, "masquee-au-pupitre")
        await desk.get_by_role("button", name="Ne plus laisser écrire").click()
        await people.host.until(lambda room: any(each.get("muted") for each in room.all("idea")))


async def test_M2_an_author_whom_nobody_knows_is_stopped_in_this_step(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 2) as people:
        await moderated(people, anonymous=True)
        remote = await (await open_context("phone")).new_page()
        await remote.goto(people.desk())
        phone = await seat_of(open_context, people)
        await write_idea(phone, RUDE)
        review = remote.get_by_role("region", name="À relire")
        await expect(review.get_by_text("Anonyme · Nos idées")).to_be_visible()
        await review.get_by_role("button", name="Ne plus laisser écrire").click()
        await expect(review.get_by_text("Personne ne sait qui c’est, vous non plus.")).to_be_visible()
        await picture(remote, "suspendu")
        await write_idea(phone, SAME)
        await expect(phone.get_by_text("la personne qui facilite a suspendu vos envois ici.")).to_be_visible()
        await review.get_by_role("button", name="Laisser écrire de nouveau").click()
        await phone.get_by_role("button", name="Reprendre le texte").click()
        await phone.get_by_role("button", name="Envoyer", exact=True).click()
        await expect(review.get_by_text(SAME)).to_be_visible()


async def test_M2_who_took_back_what_they_were_stopped_for_may_be_let_write_again(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 2) as people:
        desk, message = await desk_of(open_context, people), new_id("message")
        author = people.participants[0]
        await author.do("message.send", id=message, text=RUDE)
        await people.host.until(lambda room: room.get(message) is not None)
        await people.host.do("post.mute", on=message)
        await author.do("message.remove", id=message)
        stopped = desk.get_by_role("region", name="Ne peuvent plus écrire")
        await expect(stopped).to_contain_text("1 personne ne peut toujours plus écrire")
        await picture(desk, "envois-suspendus")
        await stopped.get_by_role("button", name="Laisser tout le monde écrire").click()
        await expect(stopped).to_have_count(0)
        await author.do("message.send", id=new_id("message"), text="Pardon")


async def test_M3_M4_a_host_renames_somebody_and_sends_somebody_out(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 3) as people:
        desk, phone = await desk_of(open_context, people), await seat_of(open_context, people)
        name = people.names[1]
        await desk.get_by_role("button", name="Personnes").click()
        await desk.get_by_role("button", name=f"Gérer {name}").click()
        await desk.get_by_label("Nom affiché").fill("Nadia B.")
        await picture(desk, "personne")
        await desk.get_by_role("button", name="Changer", exact=True).click()
        await go_to(phone, "Moi")
        await expect(phone.get_by_label("Votre nom")).to_have_value("Nadia B.")
        await desk.get_by_role("button", name="Gérer Nadia B.").click()
        await desk.get_by_role("button", name="Faire sortir de la séance").click()
        await desk.get_by_role("alert").get_by_role("button", name="Faire sortir de la séance").click()
        await expect(phone.get_by_text("La personne qui facilite vous a fait sortir")).to_be_visible()
        await picture(phone, "sortie")
        await expect(desk.get_by_text("Nadia B.")).to_have_count(0)


async def test_M5_what_holds_a_word_of_the_hosts_list_is_marked_before_it_is_projected(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 2) as people:
        step = await people.step("ideate", "Nos idées", "Que changer ?", blind="nobody")
        await people.host.do("step.go", id=step)
        desk = await desk_of(open_context, people)
        await open_menu(desk, "Plus")
        await desk.get_by_label("Mots à relire avant de projeter").fill("licenciement\n\nplan social")
        settings = desk.get_by_role("region", name="Réglages")
        await picture(desk, "mots-a-relire")
        await settings.get_by_role("button", name="Enregistrer").click()
        await people.host.until(
            lambda room: [each["words"] for each in room.all("wordlist")] == [["licenciement", "plan social"]]
        )
        assert all(not each.all("wordlist") for each in people.participants)
        await desk.keyboard.press("Escape")
        marked = "Dire la vérité sur les LICENCIEMENTS"
        await people.ideas([GOOD, SAME, marked])
        await people.host.until(lambda room: any(each.get("written") == 3 for each in room.all("step")))
        await steering(desk).get_by_role("button", name="Révéler", exact=True).click()
        await steering(desk).get_by_role("button", name="Révéler", exact=True).click()
        await expect(steering(desk).get_by_text("1 idée à relire d’abord : elle porte une marque.")).to_be_visible()
        await expect(desk.get_by_text("Mot de votre liste : « licenciement »")).to_have_count(1)
        await steering(desk).get_by_role("button", name="Aller à la première").click()
        await expect(face(desk, marked)).to_have_attribute("aria-pressed", "true")
        # What lies over the board leaves the screen in the hand: it is darkened, or shown the card.
        await expect(desk.get_by_role("group", name="Que faire de cette idée ?")).to_be_visible()
        for words in ("Suivre l’étape", "Idées", "Écran noir"):
            await desk.get_by_role("button", name=words, exact=True).click(trial=True)
        await picture(desk, "mot-de-la-liste")
        assert await look(desk, "fr") == []
        # On the remote too, where the board lies in another place.
        remote = await (await open_context("phone")).new_page()
        await remote.goto(people.desk())
        await steering(remote).get_by_role("button", name="Aller à la première").click()
        await expect(remote.get_by_text("Mot de votre liste : « licenciement »")).to_be_in_viewport()
        # Nobody else is told.
        phone = await (await open_context("phone")).new_page()
        await phone.goto(people.seat())
        await see_all(phone)
        await expect(face(phone, marked)).to_be_visible()
        await expect(phone.get_by_text("Mot de votre liste")).to_have_count(0)
