"""The limits of SPEC.md are the limits of the code (SPEC W1, L1 to L3, S3)."""

import re
from pathlib import Path

import protocol
from protocol import version

SPEC = (Path(protocol.__file__).parent / "SPEC.md").read_text(encoding="utf-8")


def rule(number: str) -> str:
    return re.split(r"\n- \*\*|\n\n", SPEC.partition(f"- **{number}** ")[2])[0]


def test_W1_the_subprotocols() -> None:
    assert set(version.SUBPROTOCOLS) == set(re.findall(r"`(palabre\.v\d\.\w+)`", rule("W1")))
    assert all(name.startswith(f"palabre.v{version.WIRE}.") for name in version.SUBPROTOCOLS)


def test_L1_the_largest_message() -> None:
    assert f"{version.FRAME_BYTES:,} bytes" in rule("L1")


def test_L2_the_deepest_nesting() -> None:
    assert f"at most {version.DEPTH} deep" in rule("L2")


def test_L3_the_longest_texts() -> None:
    said = {
        name: int(number.replace(",", ""))
        for name, number in re.findall(r"(\w+) ([\d,]+\d)\b", rule("L3").partition("points:")[2])
    }
    assert said == {
        "idea": version.IDEA_CHARS, "message": version.MESSAGE_CHARS, "name": version.NAME_CHARS,
        "title": version.TITLE_CHARS, "prompt": version.PROMPT_CHARS, "line": version.LINE_CHARS, "alt": version.ALT_CHARS,
    }  # fmt: skip


def test_S3_the_largest_chunk() -> None:
    assert f"{version.STATE_CHUNK_BYTES // 1024} KiB" in rule("S3")
