"""One pass over the bytes: what it counts is what reading them one by one counts, wherever its pieces are cut."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.intake import off
from workbench.errors import FileRefused
from workbench.intake import encoding
from workbench.intake.encoding import Lines, scanned
from workbench.intake.seen import is_odd

SIGNS = ("\n", "\r\n", "\r", '"', '""', ",", "a", "é", "😀", "\0", "\n\n", "\xa0", "e\u0301", "\u200e")


def counted(content: bytes) -> Lines:
    """Count a UTF-8 file byte by byte."""
    newlines, inside, blank, line, is_open, nuls, first_nul = 0, 0, 0, b"", False, 0, 0
    for place in range(len(content)):
        byte = content[place : place + 1]
        is_open ^= byte == b'"'
        if byte == b"\0":
            first_nul, nuls = first_nul or newlines + 1, nuls + 1
        if byte != b"\n":
            line += byte
            continue
        newlines, inside = newlines + 1, inside + is_open
        blank, line = blank + (not is_open and line in (b"", b"\r")), b""
    returns = content.count(b"\r")
    is_even = returns == content.count(b"\r\n") == newlines and not inside
    is_clean = not nuls and (not returns or is_even)
    said = encoding.Encoding(nuls=nuls, first_nul=first_nul)
    return Lines(
        said, is_clean, newlines, inside, blank, content.endswith(b"\n"), not is_open, is_odd(content.decode())
    )


@given(content=st.lists(st.sampled_from(SIGNS), min_size=1, max_size=30).map("".join), size=st.integers(1, 9))
@settings(max_examples=300)
def test_counting_in_pieces_is_counting_byte_by_byte(
    tmp_path_factory: pytest.TempPathFactory, content: str, size: int
) -> None:
    file = tmp_path_factory.mktemp("scan") / "a.csv"
    file.write_bytes(b"Contact ID,Queued At,Agent when Ended" * 20 + content.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoding, "CHUNK", size)
        assert scanned(file, "a.csv") == counted(file.read_bytes())


def verdict(file: Path) -> Lines | str:
    try:
        return scanned(file, file.name)
    except FileRefused as refused:
        return str(refused)


@pytest.mark.parametrize("defect", [*off.LOADED, *off.REFUSED])
def test_the_verdict_of_a_file_does_not_depend_on_where_its_pieces_are_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, defect: str
) -> None:
    file = tmp_path / "a.csv"
    content = off.LOADED[defect].bytes if defect in off.LOADED else off.REFUSED[defect][0]
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    whole = verdict(file)
    for size in (1, 2, 3, 64):
        monkeypatch.setattr(encoding, "CHUNK", size)
        assert verdict(file) == whole
