"""Files of strangers: their pixels, upright, and nothing else of them; or a refusal by name (SPEC B1, B2, B5)."""

import resource
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from protocol.errors import Code, Refusal
from protocol.version import LOGO_BYTES, LOGO_SIDE
from server.images.picture import LARGE, PIXELS, SMALL, Picture, logo_again, logo_of, picture_in, picture_of
from tests.images.files import HEIC, PLACE, SCRIPT, bomb, opened, photo, saved, turned_photo


def refused(raw: bytes) -> Code:
    with pytest.raises(Refusal) as refusal:
        picture_in(raw)
    return refusal.value.code


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF"])
def test_B2_a_picture_is_two_jpegs_of_bounded_size(format: str, tmp_path: Path) -> None:
    (tmp_path / "photo").write_bytes(photo(3_000, 2_000, format))
    picture = picture_of(tmp_path / "photo")
    large, small = opened(picture.large), opened(picture.small)
    assert (large.format, small.format) == ("JPEG", "JPEG")
    assert large.size == (picture.width, picture.height) == (LARGE, 1_067)
    assert small.size == (SMALL, 320)


def test_B2_a_small_picture_is_not_made_larger() -> None:
    picture = picture_in(photo(40, 30))
    assert opened(picture.large).size == opened(picture.small).size == (40, 30)


def test_B2_it_stands_as_its_camera_was_held_and_says_no_more_of_it() -> None:
    raw = turned_photo()
    assert PLACE.encode() in raw
    picture = picture_in(raw)
    assert (picture.width, picture.height) == (600, 800)
    for body in (picture.large, picture.small):
        image = opened(body)
        assert not image.getexif()
        assert not {"exif", "icc_profile", "comment", "xmp"} & image.info.keys()
        assert b"Nadia" not in body
        assert b"Paris" not in body
        red, _, blue = image.convert("RGB").getpixel((image.width // 2, 5))  # type: ignore[misc]
        assert red > blue, "what was on its left is at its top"


def test_B2_what_was_seen_through_stands_on_white() -> None:
    for image in (Image.new("RGBA", (20, 20), (0, 0, 0, 0)), Image.new("LA", (20, 20), (0, 0))):
        shown = opened(picture_in(saved(image, "PNG")).large).convert("RGB")
        assert min(shown.getpixel((10, 10))) > 250  # type: ignore[arg-type]


def test_B2_of_what_moves_the_first_picture_stays() -> None:
    frames = [Image.new("P", (30, 20), colour) for colour in (1, 2, 3)]
    raw = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert (picture_in(raw).width, picture_in(raw).height) == (30, 20)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", Code.IMAGE_KIND),
        (b"Bonjour", Code.IMAGE_KIND),
        (b"%PDF-1.7\n", Code.IMAGE_KIND),
        (SCRIPT, Code.IMAGE_KIND),
        (b"<?xml version='1.0'?>" + SCRIPT, Code.IMAGE_KIND),
        (saved(Image.new("RGB", (9, 9)), "BMP"), Code.IMAGE_KIND),
        (saved(Image.new("RGB", (9, 9)), "TIFF"), Code.IMAGE_KIND),
        (HEIC, Code.IMAGE_HEIC),
        (photo()[:-2000], Code.IMAGE_BROKEN),
        (photo(format="PNG")[:200], Code.IMAGE_BROKEN),
        (photo(format="WEBP")[:300], Code.IMAGE_BROKEN),
        (bomb(), Code.IMAGE_PIXELS),
        (bomb(PIXELS, 2), Code.IMAGE_PIXELS),
        (bomb(5_000, 5_000), Code.IMAGE_BROKEN),
    ],
)
def test_B1_what_is_no_picture_is_refused_by_name(raw: bytes, code: Code) -> None:
    assert refused(raw) is code


def test_B1_a_bomb_is_refused_before_a_pixel_of_it_is_there() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refused(bomb(60_000, 60_000)) is Code.IMAGE_PIXELS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


@given(st.binary(max_size=200), st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]), st.integers(0, 600))
def test_B1_whatever_a_file_holds_it_is_a_picture_or_refused(noise: bytes, format: str, at: int) -> None:
    raw = photo(60, 40, format)
    try:
        made = picture_in(raw[:at] + noise + raw[at + len(noise) :])
    except Refusal as refusal:
        assert refusal.code.value.startswith("image_")
    else:
        assert isinstance(made, Picture)


def logo(width: int, height: int, *, rim: int = 0) -> Image.Image:
    """A ring, seen through inside and around."""
    image = Image.new("RGBA", (width + 2 * rim, height + 2 * rim), (0, 0, 0, 0))
    image.paste((122, 31, 91, 255), (rim, rim, rim + width, rim + height))
    image.paste((0, 0, 0, 0), (rim + width // 4, rim + height // 4, rim + width // 2, rim + height // 2))
    return image


def test_B5_a_logo_stays_seen_through_and_loses_its_empty_rim(tmp_path: Path) -> None:
    (tmp_path / "logo").write_bytes(saved(logo(1_200, 300, rim=150), "PNG"))
    made = logo_of(tmp_path / "logo")
    shown = opened(made.large)
    assert made.large == made.small
    assert (shown.format, shown.size) == ("PNG", (made.width, made.height))
    assert shown.size == (LOGO_SIDE, 150)
    seen = shown.convert("RGBA").getchannel("A")
    assert (seen.getpixel((220, 55)), seen.getpixel((500, 120))) == (0, 255)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "LA", "CMYK", "I;16"])
def test_B5_whatever_it_came_as_a_logo_is_a_png(mode: str) -> None:
    raw = saved(Image.new(mode, (40, 30)), "JPEG" if mode == "CMYK" else "PNG")
    assert opened(logo_again(raw).large).format == "PNG"


def test_B5_a_logo_is_of_bounded_weight_however_much_is_on_it() -> None:
    noise = Image.effect_noise((600, 600), 100)
    busy = Image.merge("RGBA", (noise, noise.rotate(90), noise.rotate(180), noise.rotate(270)))
    made = logo_again(saved(busy, "PNG"))
    assert 0 < len(made.large) <= LOGO_BYTES
    assert opened(made.large).size == (made.width, made.height)


def test_B5_a_logo_says_no_more_of_itself() -> None:
    exif = Image.Exif()
    exif[0x010E] = PLACE
    text = PngInfo()
    text.add_text("Author", "Nadia")
    raw = saved(logo(80, 60), "PNG", exif=exif, pnginfo=text, icc_profile=b"profile of Nadia")
    assert b"Nadia" in raw
    made = logo_again(raw).large
    assert not {"exif", "icc_profile", "Author", "xmp"} & opened(made).info.keys()
    assert PLACE.encode() not in made


@pytest.mark.parametrize(
    ("raw", "code"),
    [(SCRIPT, Code.IMAGE_KIND), (HEIC, Code.IMAGE_HEIC), (bomb(), Code.IMAGE_PIXELS), (b"", Code.IMAGE_KIND)],
)
def test_B5_a_logo_is_refused_as_any_image(raw: bytes, code: Code) -> None:
    with pytest.raises(Refusal) as refusal:
        logo_again(raw)
    assert refusal.value.code is code
