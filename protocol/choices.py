"""What a field of a command or of a record is one of.

In a command another is refused; in a record it may be one of a newer server, and is looked at by whoever shows it.
"""

from typing import Literal

ReactionKind = Literal["like", "love", "star", "bulb", "question"]
Lang = Literal["fr", "en"]
Letter = Literal["A", "B", "C", "D", "E", "F"]
Role = Literal["host", "participant"]
Form = Literal["scale", "choice", "words", "weather"]
StepKind = Literal["present", "meet", "ideate", "group", "vote", "discuss", "decide", "pulse", "questions", "next"]
RemarkKind = Literal["objection", "condition", "offer"]
Blind = Literal["open", "hosts", "nobody"]
Targets = Literal["ideas", "zones"]
View = Literal["auto", "lobby", "prompt", "ideas", "groups", "results", "decision", "black"]
LeadRole = Literal["animator", "administrator"]
Access = Literal["common", "open", "request", "confidential"]
"""Of a circle: everyone of the community is in it, may come in, may ask to; or has to be taken in, and else there is no such circle."""
CircleRole = Literal["animator", "member"]
