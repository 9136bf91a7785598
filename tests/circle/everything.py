"""A circle in which everything happens that can."""

import pytest

from protocol import circles as p
from server.circle import sealing
from server.circle.state import asking_id
from tests.circle.table import CLAIRE, ELSA, KARIM, NADIA, PAUL, Table, post


def everything() -> Table:
    """Each event there is; at the end there are threads of each standing, live, pinned, hidden, taken back and sealed, and somebody asks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealing, "KEPT", 3)
        patch.setattr(sealing, "SLACK", 1)
        return _everything()


def _everything() -> Table:
    table = Table("request")
    table.do(CLAIRE, p.SetCircle(title="Accueil", purpose="Le premier jour", respondent=PAUL))
    for person in (KARIM, ELSA):
        table.come(person, "Pour les stages")
    table.do(CLAIRE, p.GrantAsking(asking_id(KARIM)))
    table.do(CLAIRE, p.RefuseAsking(asking_id(ELSA)))
    table.come(ELSA)
    table.do(CLAIRE, p.SetMemberRole(KARIM, "animator"))
    table.do(PAUL, p.AddPost(post(1), "Qui reçoit les nouveaux ?", mentions=(NADIA, KARIM)))
    table.do(NADIA, p.AddPost(post(2), "Moi", post(1), mentions=(PAUL,)))
    table.do(NADIA, p.ThankPost(post(1)))
    table.do(PAUL, p.AddPost(post(3), "Le livret"))
    table.do(CLAIRE, p.HideFromCircle(post(3), "Ailleurs"))
    table.do(NADIA, p.AddPost(post(4), "Une visite ?"))
    table.do(CLAIRE, p.AddPost(post(5), "Mardi", post(4)))
    table.do(NADIA, p.RemovePost(post(4)))
    table.do(CLAIRE, p.AddPost(post(6), "À lire", all=True))
    table.do(CLAIRE, p.PinPost(post(6)))
    for n in range(7, 11):
        table.do(KARIM, p.AddPost(post(n), f"Fil {n}"))
        table.seal()
    table.do(PAUL, p.EditPost(post(1), "Qui reçoit les nouveaux lundi ?"))
    table.do(KARIM, p.ThankPost(post(2)))
    table.do(NADIA, p.UnthankPost(post(1)))
    table.do(CLAIRE, p.ShowToCircle(post(3)))
    table.do(CLAIRE, p.HideFromCircle(post(9), "Deux fois le même"))
    table.seal()
    table.do(PAUL, p.LeaveCircle())
    table.do(CLAIRE, p.RemoveMember(NADIA))
    table.do(CLAIRE, p.ArchiveCircle())
    table.do(CLAIRE, p.ArchiveCircle(on=False))
    return table
