"""What every store of images promises: in memory, on a disk, and over S3 (DESIGN, Images)."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.images.connect import images_of
from server.images.disk import DiskImages
from server.images.memory import MemoryImages
from server.images.port import ImageStore, ImageStoreError, key, keys
from tests.services import Seaweed

ROOM, OTHER = "room:aaaaaaaaaaaa", "room:bbbbbbbbbbbb"
IMAGE, SECOND = "image:aaaaaaaaaaaa", "image:bbbbbbbbbbbb"


@pytest.fixture(scope="module")
def seaweed() -> Iterator[Seaweed]:
    with Seaweed() as seaweed:
        yield seaweed


@pytest.fixture(params=["memory", "disk", pytest.param("s3", marks=pytest.mark.slow)])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ImageStore:
    if request.param == "memory":
        return MemoryImages()
    if request.param == "disk":
        store = images_of(str(tmp_path / "images"))
    else:
        seaweed: Seaweed = request.getfixturevalue("seaweed")
        for name, value in seaweed.environ.items():
            monkeypatch.setenv(name, value)
        store = images_of(f"s3://palabre/{tmp_path.name}")
    assert store is not None
    return store


async def test_what_was_put_is_there_until_it_is_dropped(store: ImageStore) -> None:
    assert await store.get(key(ROOM, IMAGE, "large")) is None
    await store.put(key(ROOM, IMAGE, "large"), b"large" * 100_000)
    await store.put(key(ROOM, IMAGE, "small"), b"small")
    await store.put(key(ROOM, SECOND, "small"), b"second")
    await store.put(key(OTHER, IMAGE, "small"), b"other")
    assert await store.get(key(ROOM, IMAGE, "large")) == b"large" * 100_000
    assert await store.get(key(ROOM, IMAGE, "small")) == b"small"
    await store.drop(keys(ROOM, [IMAGE]))
    assert await store.get(key(ROOM, IMAGE, "large")) is None
    assert await store.get(key(ROOM, IMAGE, "small")) is None
    assert await store.get(key(ROOM, SECOND, "small")) == b"second"
    assert await store.get(key(OTHER, IMAGE, "small")) == b"other"


async def test_twice_is_once(store: ImageStore) -> None:
    name = key(ROOM, IMAGE, "small")
    await store.drop([name])
    await store.put(name, b"one")
    await store.put(name, b"one")
    assert await store.get(name) == b"one"
    await store.drop([name, name])
    await store.drop([name])
    assert await store.get(name) is None


@pytest.mark.parametrize(
    "image", ["image:", "image:../../../secret", "image:aaaaaaaaaaaa/b", "", "image:aaaaaaaaaaaa\n"]
)
def test_no_key_leads_out_of_its_place(image: str) -> None:
    with pytest.raises(ValueError, match="expected ids"):
        key(ROOM, image, "small")
    with pytest.raises(ValueError, match="expected ids"):
        key("room:..", IMAGE, "small")


async def test_on_a_disk_nobody_else_reads_them_and_nothing_is_left(tmp_path: Path) -> None:
    store = DiskImages(tmp_path / "images")
    await store.put(key(ROOM, IMAGE, "small"), b"blind")
    (folder,) = (tmp_path / "images").iterdir()
    (file,) = folder.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) & 0o077 == 0
    assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0
    await store.drop([key(ROOM, IMAGE, "small")])
    assert list((tmp_path / "images").iterdir()) == []


async def test_what_cannot_be_written_into_says_so(tmp_path: Path) -> None:
    (tmp_path / "images").write_bytes(b"a file")
    store = DiskImages(tmp_path / "images")
    with pytest.raises(ImageStoreError):
        await store.put(key(ROOM, IMAGE, "small"), b"x")
    with pytest.raises(ImageStoreError):
        await store.get(key(ROOM, IMAGE, "small"))


async def test_over_s3_a_store_that_is_away_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ENDPOINT": "http://127.0.0.1:9", "ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "y"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    store = images_of("s3://palabre/images")
    assert store is not None
    with pytest.raises(ImageStoreError, match="S3 error"):
        await store.get(key(ROOM, IMAGE, "small"))


def test_where_none_are_kept_there_is_no_store() -> None:
    assert images_of(None) is None
