"""What is shown of several runs."""

from tests.chaos.play import Figures, worst


def test_the_worst_of_each_figure_is_shown() -> None:
    quick = Figures(words="x", acknowledged=90, lost=0, doubled=1, still=1.0, late=9.6, returns=[0.1, 0.2])
    slow = Figures(words="x", acknowledged=100, lost=1, doubled=0, still=2.0, late=1.8, returns=[0.1, 3.0])
    calm = Figures(words="x", acknowledged=95, lost=0, doubled=0, still=0.1, late=0.1, returns=[])
    assert worst([quick, slow, calm]) == Figures(
        words="x", acknowledged=90, lost=1, doubled=1, still=2.0, late=9.6, returns=[0.1, 3.0]
    )
