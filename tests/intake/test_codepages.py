"""Code pages: told by a file's words where they are clear, asked for where they are not, never guessed."""

from pathlib import Path
from typing import Any

import pytest

from tests.builders import Desk
from workbench.errors import ChoiceNeeded, FileRefused, UnknownName
from workbench.intake import codepages, encoding
from workbench.intake.choices import Choices

HEADER = "Contact ID,Queued At,Agent when Ended\n"
ROWS = 20


def text(*names: str) -> str:
    """Return twenty contacts, the last of them of agents of these names."""
    agents = [*["Ann Lee"] * (ROWS - len(names)), *names]
    return HEADER + "".join(f"c{n},2024-03-05 10:00:00,{agent}\n" for n, agent in enumerate(agents))


def agents(desk: Desk) -> list[Any]:
    return [agent for (agent,) in desk.columns("agent_when_ended")]


TOLD = {
    "cp1250": [
        ["Dvořák"], ["Jiří Černý"], ["Łukasz Żak"], ["Michał"], ["Kamiński"], ["Szőke Gergő"], ["Ştefan Ioniţă"],
        ["Kovačević"], ["Đorđević"], ["ŁÓDŹ"], ["Ann „Ania” Dąbrowska"], ["Pawel", "Świętek", "Müller"],
    ],
    "cp1251": [["Иван Петров"], ["Олена Шевченко"], ["очередь Москва", "№ 5 Москва"], ["Ёлка Щукина"]],
    "cp932": [["佐藤 表"], ["誕生日"], ["すずき いちろう"], ["カスタマー対応"]],
    "cp1252": [
        ["Zoë – 5 €"], ["Hélène"], ["Müller"], ["José Núñez"], ["Søren"], ["João Simões"], ["Åsa Öberg"], ["Þórður"],
        ["Ask “how” it’s done…"], ["100 m², ½ £5"], ["¿Qué tal?"], ["O’Neill"], ["Straße"], ["Nº 5 – Mª José"], ["où"],
        ["Novák"],
    ],
}  # fmt: skip


@pytest.mark.parametrize(("page", "names"), [(page, names) for page, some in TOLD.items() for names in some])
def test_a_clear_code_page_is_read_by_evidence_and_said_however_few_its_words(
    desk: Desk, page: str, names: list[str]
) -> None:
    content = text(*(f'"{name}"' for name in names))
    report = desk.load_text(content.encode(page))
    assert agents(desk)[-len(names) :] == names
    assert any("The file is not UTF-8; it was read as" in warning for warning in report.warnings)
    assert report.encoding in (page, "cp1252")  # Novák is the same in both


NOT_TOLD = {
    "cp1254": "Ayşe Doğan", "cp1253": "Γιώργος Παπαδόπουλος", "cp1255": "שלום כהן", "cp1256": "محمد علي",
    "cp1257": "Jānis Bērziņš", "gb18030": "王小明", "cp949": "김철수", "big5hkscs": "陳大文", "mac-roman": "Müller",
    "cp850": "Jürgen", "cp866": "Иван Петров", "koi8-u": "Иван Петров", "cp874": "สมชาย", "iso8859-2": "Šárka Ťapáková",
}  # fmt: skip


@pytest.mark.parametrize(("page", "name"), NOT_TOLD.items())
def test_what_is_not_clear_is_asked_and_loads_with_the_answer(desk: Desk, page: str, name: str) -> None:
    with pytest.raises(ChoiceNeeded, match="does not tell its code page") as asked:
        desk.load_text(text(name).encode(page))
    assert asked.value.option == "--encoding"
    assert page in asked.value.options
    assert len(str(asked.value).splitlines()) == 1
    assert desk.stored("select count(*) from loads") == [(0,)]
    report = desk.load_text(text(name).encode(page), encoding=page)
    assert (report.encoding, agents(desk)[-1]) == (page, name)
    assert not any("UTF-8" in warning for warning in report.warnings)


def test_a_few_odd_words_among_many_western_ones_ask_nothing(desk: Desk) -> None:
    names = ["Müller", "José", "Hélène", "Søren", "Peña", "João", "Göran", "Zoë", "Agnès"]
    assert desk.load_text(text(*names, "x\xb3y").encode("cp1252")).encoding == "cp1252"


@pytest.mark.parametrize("name", ["windows-1251", "CP1251", " cp1251 ", "1251"])
def test_an_encoding_is_known_by_any_of_its_names(desk: Desk, name: str) -> None:
    assert desk.load_text(text("ИВАН").encode("cp1251"), encoding=name).encoding == "cp1251"


@pytest.mark.parametrize("name", ["nonsense", "", "a\0b", "rot13", "idna", "utf-7", "x" * 9_000])
def test_an_unknown_encoding_is_refused_with_those_that_are_read(name: str) -> None:
    with pytest.raises(UnknownName, match=r"There is no encoding '.*'\. Try one of: cp1252, cp1250, cp1251, cp932"):
        Choices(encoding=name)


def test_every_code_page_that_is_offered_is_one_of_python_and_of_its_own_name() -> None:
    assert [codepages.named(page) for page in codepages.PAGES] == list(codepages.PAGES)


@pytest.mark.parametrize(("said", "row"), [("utf-8", 21), ("cp1252", 21), ("cp1253", 21)])
def test_an_encoding_that_the_bytes_are_not_of_is_refused_with_those_that_would_do(
    desk: Desk, said: str, row: int
) -> None:
    with pytest.raises(FileRefused, match=rf"encoding given \({said}\): row {row} .* Try one of: .*cp1251") as refused:
        desk.load_text(text("яЏ\xa0ЎЄ, ").encode("cp1251"), encoding=said)
    assert not isinstance(refused.value, ChoiceNeeded)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (text("Žofie").encode("utf-8-sig"), "is UTF-8 by the mark at its beginning"),
        (text("Žofie").encode("utf-16"), "is UTF-16 by the mark at its beginning"),
        (text("Žofie").encode(), "is UTF-8"),
    ],
    ids=["UTF-8 with a mark", "UTF-16", "UTF-8"],
)
def test_a_file_that_says_its_encoding_goes_before_the_one_given_and_that_is_said(
    desk: Desk, content: bytes, said: str
) -> None:
    report = desk.load_text(content, encoding="cp1251")
    assert f"The file {said}; the encoding given (cp1251) was not used" in report.warnings
    assert agents(desk)[-1] == "Žofie"


@pytest.mark.parametrize(
    ("content", "said"),
    [(text().encode(), "cp1251"), (text("é").encode("utf-8-sig"), "utf-8"), (text("é").encode("utf-16"), "utf-16-le")],
)
def test_an_encoding_that_is_right_or_makes_no_difference_is_not_spoken_of(
    desk: Desk, content: bytes, said: str
) -> None:
    assert not any("encoding" in warning for warning in desk.load_text(content, encoding=said).warnings)


@pytest.mark.parametrize("page", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_read_when_it_is_said(desk: Desk, page: str) -> None:
    with pytest.raises(FileRefused, match=f"seems to be UTF-16 without the mark .* or say --encoding {page}"):
        desk.load_text(text("Žofie").encode(page))
    desk.load_text(text("Žofie").encode(page), encoding=page)
    assert agents(desk)[-1] == "Žofie"


def test_bytes_that_stand_for_nothing_are_asked_for_and_kept_apart_when_it_is_said_how(desk: Desk) -> None:
    content = (HEADER + "a\x81,2024-03-05 10:00:00,\na\x8d,2024-03-05 10:00:00,\n").encode("latin1")
    with pytest.raises(ChoiceNeeded):
        desk.load_text(content)
    desk.load_text(content, encoding="latin1")
    assert desk.columns("contact_id") == [("a\x81",), ("a\x8d",)]


def test_quoted_line_breaks_and_second_bytes_that_look_like_marks_cost_no_row(desk: Desk) -> None:
    rows = "".join(f'{n},2024-03-05 10:00:00,"ソ能表\n十{n}"\n' for n in range(50))  # their second bytes are \ and |
    report = desk.load_text((HEADER + rows).encode("cp932"))
    assert (report.rows_loaded, report.encoding) == (50, "cp932")
    assert agents(desk)[7] == "ソ能表\n十7"


def test_one_byte_that_a_clear_code_page_has_not_is_asked_about_and_no_text_is_lost(desk: Desk) -> None:
    names = [f"Dvořák {n}" for n in range(ROWS)]
    with pytest.raises(ChoiceNeeded):
        desk.load_text(text(*names).encode("cp1250") + b"z,2024-03-05 10:00:00,x\x83y\n")


def test_names_are_evidence_wherever_the_pieces_of_a_file_are_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes((HEADER + "a,2024-03-05 10:00:00,Dvořák\n").encode("cp1250"))
    for size in range(1, file.stat().st_size + 1):
        monkeypatch.setattr(encoding, "CHUNK", size)
        assert encoding.scanned(file, "a.csv").encoding.name == "cp1250"


def test_names_far_below_the_first_rows_are_evidence(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "CHUNK", 4_096)
    many = "".join(f"c{n},2024-03-05 10:00:00,Ann Lee\n" for n in range(2_000))
    assert desk.load_text((HEADER + many + "z,2024-03-05 10:00:00,Dvořák\n").encode("cp1250")).encoding == "cp1250"
