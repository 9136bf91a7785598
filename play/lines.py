"""What people say who only seem to be there. Ideas come with the group that people would put them in; some say nearly the same."""

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from protocol.choices import Lang, RemarkKind

Remarked = tuple[RemarkKind, str]
"""What somebody says of a thing that is tested."""


class Lines(NamedTuple):
    """Of one person; where people are many, there is not something of each kind for everyone.

    Attributes:
        skills: what they could help with.
        doubts: what they say when ideas are put to the test.
    """

    name: str
    skills: tuple[str, ...]
    ideas: tuple[str, ...]
    doubts: tuple[Remarked, ...]
    commitments: tuple[str, ...]
    questions: tuple[str, ...] = ()


class Decided(NamedTuple):
    """What comes of an idea that was chosen.

    Attributes:
        idea: its text.
        decision: as the host words it.
        action: what is to be done.
        days: from today until it is due.
        first: its first step.
        owner: the name of who sees to it; "" for somebody.
    """

    idea: str
    decision: str
    action: str
    days: int
    first: str
    owner: str = ""


class Book(NamedTuple):
    """Of one workshop, in one language."""

    title: str
    host: str
    """The name of who leads it where nobody else does."""
    people: Sequence[str]
    skills: Sequence[str]
    groups: Mapping[str, Sequence[str]]
    """The title of a group → the ideas in it."""
    alike: Mapping[str, str]
    """An idea → the one that says the same, into which it is merged."""
    doubts: Sequence[Remarked]
    commitments: Sequence[str]
    questions: Sequence[str]
    """What they ask."""
    words: Sequence[str]
    """How people are, in a word."""
    others: Sequence[str]
    """What they write beside the options of a choice."""
    decided: Sequence[Decided]
    """Of ideas that people like best."""

    def group_of(self, idea: str) -> str | None:
        """The title of the group that it belongs in; None for what others wrote."""
        return next((title for title, ideas in self.groups.items() if idea in ideas), None)

    def likes(self, idea: str) -> bool:
        """Whether it is one of those that people like best."""
        return any(decided.idea == idea for decided in self.decided)

    def deal(self, chance: random.Random) -> Iterator[Lines]:
        """Everyone's, each line once."""
        ideas = [idea for group in self.groups.values() for idea in group]
        skills, doubts, commitments = list(self.skills), list(self.doubts), list(self.commitments)
        questions = list(self.questions)
        for lines in (ideas, skills, doubts, commitments, questions):
            chance.shuffle(lines)
        every = len(self.people)
        for n, name in enumerate(self.people):
            yield Lines(
                name,
                tuple(skills[n::every]),
                tuple(ideas[n::every]),
                tuple(doubts[n::every]),
                tuple(commitments[n::every]),
                tuple(questions[n::every]),
            )


BOOKS: Final[Mapping[Lang, Book]] = {
    "fr": Book(
        title="Rendre du temps à nos équipes",
        host="Claire Vasseur",
        people=(
            "Ambre",
            "Bastien",
            "Capucine",
            "Damien",
            "Elsa",
            "Fabrice",
            "Gaëlle",
            "Hugo",
            "Inès",
            "Joël",
            "Karine",
            "Loïc",
        ),
        skills=(
            "Préparer un budget",
            "Parler en public sans notes",
            "Lire un contrat fournisseur",
            "Faire un tableau croisé",
            "Accueillir un apprenti",
            "Mener un entretien difficile",
            "Organiser une astreinte",
            "Expliquer un plan de charge",
            "Négocier un délai avec un client",
            "Animer un retour d’expérience",
            "Traduire en espagnol",
            "Trouver la bonne personne au siège",
        ),
        groups={
            "Des réunions qui servent": (
                "Commencer chaque réunion par sa décision",
                "Refuser les réunions sans ordre du jour",
                "Refuser toute réunion sans ordre du jour",
                "Garder le vendredi après-midi sans réunion",
                "Limiter les points d’équipe à vingt minutes",
                "Envoyer les chiffres la veille, pas pendant",
            ),
            "Décider près du terrain": (
                "Signer les petites dépenses sur place",
                "Nommer celui qui décide avant d’ouvrir le débat",
                "Valider les congés en une seule fois",
                "Prévenir la veille quand un planning change",
                "Laisser chaque site choisir ses horaires d’été",
                "Répondre aux clients dans la journée",
            ),
            "Apprendre les uns des autres": (
                "Visiter un autre site une fois par trimestre",
                "Passer une journée sur un autre site chaque trimestre",
                "Raconter un échec utile chaque mois",
                "Nommer un parrain pour chaque arrivant",
                "Échanger deux chefs d’équipe pendant une semaine",
                "Filmer les bons gestes plutôt que les écrire",
            ),
            "Moins de papier": (
                "Fusionner les deux tableaux de suivi",
                "Arrêter un rapport par mois et voir qui le réclame",
                "Saisir une information une fois, à un endroit",
                "Supprimer la double signature des bons",
                "Afficher les indicateurs là où l’on travaille",
                "Réduire le formulaire d’achat à une page",
            ),
        },
        alike={
            "Refuser toute réunion sans ordre du jour": "Refuser les réunions sans ordre du jour",
            "Passer une journée sur un autre site chaque trimestre": "Visiter un autre site une fois par trimestre",
        },
        doubts=(
            ("objection", "Qui s’en occupe pendant les congés ?"),
            ("condition", "Il faudrait l’accord du siège avant l’été."),
            ("objection", "Chez nous, les équipes de nuit n’y gagnent rien."),
            ("condition", "Essayons sur un site avant d’en parler partout."),
            ("condition", "Cela tient si la direction le fait aussi."),
            ("objection", "Sans outil commun, on retombera dans les tableaux."),
            ("objection", "Combien de temps cela nous prend-il aujourd’hui ?"),
            ("condition", "Les clients doivent être prévenus avant nous."),
            ("objection", "On l’a tenté il y a deux ans : pourquoi cela s’est-il arrêté ?"),
            ("offer", "Mon équipe veut bien être la première."),
            ("condition", "Un mois d’essai suffit pour savoir."),
            ("offer", "J’en parle au comité de mardi."),
        ),
        commitments=(
            "En parler à mon équipe lundi matin",
            "Annuler ma réunion du jeudi pendant un mois",
            "Appeler le site voisin cette semaine",
            "Écrire la règle sur une page",
            "Trouver deux volontaires pour l’essai",
            "Compter le temps que nous y passons",
            "Inviter un collègue d’un autre métier à notre point",
            "Montrer les chiffres là où l’on travaille",
            "Demander à chacun ce qu’il arrêterait",
            "Suivre l’essai et le raconter dans un mois",
            "Prendre un arrivant avec moi une journée",
            "Dire non à une réunion sans ordre du jour",
        ),
        questions=(
            "Qui décide, quand deux sites ne sont pas d’accord ?",
            "Garderons-nous nos horaires d’été ?",
            "Quand saurons-nous qui reprend l’équipe de nuit ?",
            "Combien de réunions voulez-vous supprimer, vraiment ?",
            "Que devient le budget de formation ?",
            "Pourquoi l’essai d’il y a deux ans s’est-il arrêté ?",
            "Peut-on commencer par un seul atelier ?",
            "Qu’est-ce qui ne changera pas ?",
            "Les clients seront-ils prévenus avant nous ?",
            "Qui nous aidera pendant les premiers mois ?",
            "À qui dire quand une règle ne tient pas ?",
            "Quand en reparlons-nous tous ensemble ?",
        ),
        words=("confiant", "curieux", "fatigué", "pressé", "serein", "content", "prudent", "motivé"),
        others=("Un peu de tout cela", "Rien de tout cela", "Cela dépend des jours", "Le temps d’en parler"),
        decided=(
            Decided(
                "Refuser les réunions sans ordre du jour",
                "Plus de réunion sans ordre du jour",
                "Écrire la règle et la dire aux équipes",
                14,
                "En parler au point d’équipe de lundi",
            ),
            Decided(
                "Signer les petites dépenses sur place",
                "Petites dépenses signées sur place",
                "Proposer un seuil à la direction financière",
                21,
                "Prendre rendez-vous dès lundi matin",
            ),
            Decided(
                "Visiter un autre site une fois par trimestre",
                "Un jour par trimestre sur un autre site",
                "Tirer au sort les premiers binômes",
                10,
                "Réunir la liste des volontaires",
            ),
            Decided(
                "Fusionner les deux tableaux de suivi",
                "Un seul tableau de suivi",
                "Réunir ceux qui tiennent les deux tableaux",
                30,
                "Lister ce que chacun y cherche",
            ),
        ),
    ),
    "en": Book(
        title="Giving time back to our teams",
        host="Helen Marsh",
        people=("Amber", "Ben", "Chloe", "Dylan", "Ella", "Finn", "Grace", "Harry", "Isla", "Jack", "Kate", "Leo"),
        skills=(
            "Draw up a budget",
            "Speak in public without notes",
            "Read a supplier’s contract",
            "Build a pivot table",
            "Look after an apprentice",
            "Lead a difficult conversation",
            "Organise on-call weeks",
            "Explain a workload plan",
            "Win time from a customer",
            "Run a review of what went wrong",
            "Translate into Spanish",
            "Find the right person at head office",
        ),
        groups={
            "Meetings that help": (
                "Begin each meeting with its decision",
                "Refuse meetings without an agenda",
                "Refuse any meeting without an agenda",
                "Keep Friday afternoon free of meetings",
                "Keep team briefings to twenty minutes",
                "Send the figures the day before, not during",
            ),
            "Decide where the work is": (
                "Sign small expenses on the spot",
                "Say who decides before the debate begins",
                "Approve holidays once, not three times",
                "Say the day before when a plan changes",
                "Let each site choose its summer hours",
                "Answer customers within the day",
            ),
            "Learn from each other": (
                "Visit another site once a quarter",
                "Spend a day at another site each quarter",
                "Tell one useful failure a month",
                "Name a buddy for each newcomer",
                "Swap two team leaders for a week",
                "Film good practice instead of writing it down",
            ),
            "Less paper": (
                "Merge the two status boards",
                "Stop one report a month and see who asks for it",
                "Type a thing once, in one place",
                "Drop the second signature on orders",
                "Show the figures where the work is done",
                "Cut the purchase form to one page",
            ),
        },
        alike={
            "Refuse any meeting without an agenda": "Refuse meetings without an agenda",
            "Spend a day at another site each quarter": "Visit another site once a quarter",
        },
        doubts=(
            ("objection", "Who sees to it during the holidays?"),
            ("condition", "Head office would have to agree before summer."),
            ("objection", "Night shifts gain nothing from it."),
            ("condition", "Let us try it at one site first."),
            ("condition", "It holds if the directors do it too."),
            ("objection", "Without a common tool we fall back to spreadsheets."),
            ("objection", "How long does it take us today?"),
            ("condition", "Customers must hear of it before we start."),
            ("objection", "We tried two years ago: why did it stop?"),
            ("offer", "My team would be glad to go first."),
            ("condition", "A month is enough to know."),
            ("offer", "I will bring it up at the committee on Tuesday."),
        ),
        commitments=(
            "Talk about it with my team on Monday",
            "Cancel my Thursday meeting for a month",
            "Call the next site this week",
            "Write the rule on one page",
            "Find two volunteers for the trial",
            "Count the time we spend on it",
            "Invite a colleague of another trade to our briefing",
            "Put our own figures on the wall",
            "Ask everyone what they would stop",
            "Follow the trial and tell of it in a month",
            "Take a newcomer along for a day",
            "Say no to a meeting without an agenda",
        ),
        questions=(
            "Who decides when two sites disagree?",
            "Will we keep our summer hours?",
            "When will we know who takes over the night team?",
            "How many meetings do you really want to drop?",
            "What becomes of the training budget?",
            "Why did the trial of two years ago stop?",
            "Could we begin with a single workshop?",
            "What will not change?",
            "Will customers be told before we are?",
            "Who will help us in the first months?",
            "Whom do we tell when a rule does not hold?",
            "When do we all talk about it again?",
        ),
        words=("confident", "curious", "tired", "rushed", "calm", "glad", "careful", "keen"),
        others=("A little of all that", "None of these", "It depends on the day", "Time to talk about it"),
        decided=(
            Decided(
                "Refuse meetings without an agenda",
                "No meeting without an agenda",
                "Write the rule and tell the teams",
                14,
                "Bring it up at Monday’s briefing",
            ),
            Decided(
                "Sign small expenses on the spot",
                "Small expenses signed on the spot",
                "Propose a limit to finance",
                21,
                "Make an appointment on Monday morning",
            ),
            Decided(
                "Visit another site once a quarter",
                "A day a quarter at another site",
                "Draw the first pairs by lot",
                10,
                "List who would like to begin",
            ),
            Decided(
                "Merge the two status boards",
                "One status board for all",
                "Bring together those who keep the two boards",
                30,
                "List what each of them looks for in it",
            ),
        ),
    ),
}
