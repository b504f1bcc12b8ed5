from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mock_server.contract.files.document_cache import LARGEST, MOST_BYTES, MOST_FILES, SMALLEST, DocumentCache
from mock_server.contract.files.parsed import DuplicateKey, Parsed
from mock_server.contract.files.source import Source

TEXT = "x" * SMALLEST
PARSED = Parsed({"a": [1, 2.5, 1.0, True, None, "é😀", {}], "b": {"c": ""}}, (DuplicateKey(("a", 6, "x"), 7, 3),))

POSIX = pytest.mark.skipif(os.name != "posix", reason="owners and modes of files are those of POSIX")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "some" / "folder"


@pytest.fixture
def cache(folder):
    return DocumentCache(folder)


class Parsing:
    """Counts how often a text is parsed."""

    def __init__(self, parsed: Parsed = PARSED) -> None:
        self.times = 0
        self.parsed = parsed

    def __call__(self, _: str) -> Parsed:
        self.times += 1
        return self.parsed


def is_kept(cache: DocumentCache, text: str = TEXT) -> bool:
    parsing = Parsing()
    assert cache.parsed(text, parsing) == PARSED
    return parsing.times == 0


def only_file(folder: Path) -> Path:
    [file] = folder.iterdir()
    return file


def test_what_a_text_came_to_is_there_the_next_time_type_for_type(cache):
    cache.parsed(TEXT, Parsing())
    parsing = Parsing()

    again = cache.parsed(TEXT, parsing)

    assert parsing.times == 0
    assert again == PARSED
    assert repr(again) == repr(PARSED)


def test_another_text_is_parsed(cache):
    cache.parsed(TEXT, Parsing())

    assert not is_kept(cache, TEXT + "y")


def test_a_short_text_is_not_kept(cache, folder):
    cache.parsed(TEXT[1:], Parsing())

    assert not folder.exists()


def test_what_another_release_kept_is_not_used(cache, monkeypatch):
    cache.parsed(TEXT, Parsing())
    monkeypatch.setattr("importlib.metadata.version", lambda _: "99.0")

    assert not is_kept(cache)


@POSIX
def test_what_is_kept_is_for_its_owner_alone(cache, folder):
    cache.parsed(TEXT, Parsing())

    assert only_file(folder).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def torn(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def emptied(file: Path) -> None:
    os.truncate(file, 0)


def changed(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"2.5", b"3.5"))


def of_another_text(file: Path) -> None:
    cache = DocumentCache(file.parent / "other")
    cache.parsed(TEXT + "y", Parsing(Parsed({"other": 1})))
    os.replace(only_file(file.parent / "other"), file)
    (file.parent / "other").rmdir()


def plain_json(file: Path) -> None:
    file.write_text('{"value": 1, "duplicates": []}')


def no_text(file: Path) -> None:
    file.write_bytes(bytes(range(256)))


def link(file: Path) -> None:
    os.replace(file, file.with_name("elsewhere"))
    file.symlink_to(file.with_name("elsewhere"))


def writable_by_others(file: Path) -> None:
    file.chmod(0o666)


def much_too_large(file: Path) -> None:
    os.truncate(file, LARGEST * 2)


@POSIX
@pytest.mark.parametrize(
    "harm",
    [torn, emptied, changed, of_another_text, plain_json, no_text, link, writable_by_others, much_too_large],
    ids=lambda harm: harm.__name__,
)
def test_a_file_that_is_not_as_it_was_written_is_silently_made_anew(harm, cache, folder, capfd):
    cache.parsed(TEXT, Parsing())
    harm(only_file(folder))

    assert not is_kept(cache)
    assert is_kept(cache)
    assert capfd.readouterr() == ("", "")


def test_a_folder_where_the_file_should_be_harms_nothing(cache, folder):
    cache.parsed(TEXT, Parsing())
    file = only_file(folder)
    file.unlink()
    file.mkdir()

    assert not is_kept(cache)
    assert list(folder.iterdir()) == [file]


def test_a_folder_that_cannot_be_written_harms_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    cache = DocumentCache(tmp_path / "file")

    assert not is_kept(cache)
    assert not is_kept(cache)


def test_what_the_cache_cannot_write_exactly_is_not_kept(cache, folder):
    large = Parsed({"a": 2**64})

    assert cache.parsed(TEXT, Parsing(large)) == large
    assert not folder.exists()


def keep(cache: DocumentCache, folder: Path, number: int) -> Path:
    """Keep what a text comes to, and return its file, which was last used `number` seconds after the first one."""
    before = set(folder.iterdir()) if folder.exists() else set()
    cache.parsed(f"{TEXT}{number}", Parsing())
    [file] = set(folder.iterdir()) - before
    then = time.time() - 10_000 + number
    os.utime(file, (then, then))
    return file


def test_the_files_that_were_used_last_stay(cache, folder):
    files = [keep(cache, folder, number) for number in range(MOST_FILES)]
    assert is_kept(cache, f"{TEXT}0")

    new = keep(cache, folder, MOST_FILES)

    assert set(folder.iterdir()) == {files[0], *files[2:], new}


def test_the_files_take_a_limited_space(cache, folder):
    files = [keep(cache, folder, number) for number in range(4)]
    for file in files:
        os.truncate(file, MOST_BYTES // 3)
        os.utime(file, (time.time() - 100 + files.index(file), time.time() - 100 + files.index(file)))

    new = keep(cache, folder, 9)

    assert set(folder.iterdir()) == {*files[2:], new}


def test_only_its_own_files_are_removed(cache, folder):
    folder.mkdir(parents=True)
    others = [folder / name for name in ("notes.txt", "document-notes.json", f"other-{'0' * 64}.json")]
    abandoned, unfinished = folder / "document-a.tmp", folder / "document-b.tmp"
    for file in (*others, abandoned, unfinished):
        file.write_text("")
    for file in (*others, abandoned):
        os.utime(file, (0, 0))

    made = {keep(cache, folder, number) for number in range(MOST_FILES + 1)}

    left = set(folder.iterdir())
    assert left - made == {*others, unfinished}
    assert len(left & made) == MOST_FILES


def test_two_processes_at_once_do_no_harm(tmp_path):
    document = tmp_path / "large.yaml"
    document.write_text("".join(f"key{number}: [a, 1]\n" for number in range(30_000)))
    command = (
        "import sys; from pathlib import Path; from mock_server.contract.files.source import Source\n"
        "for _ in range(5):\n"
        "    assert len(Source.from_path(Path(sys.argv[1])).value) == 30_000\n"
        "    for file in Path(sys.argv[2]).glob('*.json'): file.unlink(missing_ok=True)\n"
    )
    environment = {**os.environ, "MOCK_SERVER_CACHE": str(tmp_path / "cache")}
    runs = [
        subprocess.Popen([sys.executable, "-c", command, document, tmp_path / "cache"], env=environment, stderr=subprocess.PIPE)
        for _ in range(2)
    ]

    for run in runs:
        _, errors = run.communicate(timeout=60)
        assert (run.returncode, errors) == (0, b"")
    assert list((tmp_path / "cache").glob("*.tmp")) == []


HOME = Path.home()


@pytest.mark.skipif(sys.platform != "linux", reason="each platform has its own folder")
@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, HOME / ".cache" / "understudy"),
        ({"XDG_CACHE_HOME": "/caches"}, Path("/caches/understudy")),
        ({"XDG_CACHE_HOME": "relative"}, HOME / ".cache" / "understudy"),
        ({"MOCK_SERVER_CACHE": ""}, HOME / ".cache" / "understudy"),
        ({"MOCK_SERVER_CACHE": "/here", "XDG_CACHE_HOME": "/caches"}, Path("/here")),
        ({"MOCK_SERVER_CACHE": "~/here"}, HOME / "here"),
    ],
)
def test_the_folder_is_the_users_or_the_one_that_is_named(environment, expected):
    cache = DocumentCache.from_environment(environment)

    assert cache is not None
    assert cache.folder == expected


def test_the_cache_can_be_turned_off():
    assert DocumentCache.from_environment({"MOCK_SERVER_CACHE": "off"}) is None


def test_a_large_file_is_read_from_the_cache_with_its_duplicates_and_places(tmp_path, monkeypatch):
    monkeypatch.setenv("MOCK_SERVER_CACHE", str(tmp_path / "cache"))
    document = tmp_path / "large.yaml"
    document.write_text("a: 1\nb:\n  - c: 1\n    c: 2\ntext: " + "x" * SMALLEST)
    first = Source.from_path(document, allows_duplicates=True)
    file = only_file(tmp_path / "cache")
    written = file.stat()

    again = Source.from_path(document, allows_duplicates=True)

    assert file.stat().st_ino == written.st_ino
    assert file.stat().st_mtime_ns > written.st_mtime_ns
    assert again.value == first.value
    assert again.duplicates == first.duplicates
    assert [(flaw.line, flaw.pointer) for flaw in again.duplicates] == [(4, "/b/0/c")]
    assert again.locate("/b/0/c") == (4, 5)
