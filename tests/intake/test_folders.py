"""Loading from a folder stays inside the folders that the setting names (guarantee 18)."""

import os
import re
from pathlib import Path

import pytest

from tests.builders import Desk, contact, written
from workbench import places
from workbench.errors import BadSelection, FileRefused
from workbench.intake import folders


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder that is allowed, beside one that is not; links lead from one to the other."""
    place, other = tmp_path / "allowed", tmp_path / "other"
    written(place / "inner" / "ContactExport.csv", [contact()])
    written(place / "notes.pdf", [contact()])
    written(other / "secret.csv", [contact()])
    (place / "link.csv").symlink_to(other / "secret.csv")
    (place / "within.csv").symlink_to(place / "inner" / "ContactExport.csv")
    (place / "gone.csv").symlink_to(other / "no.csv")
    (place / "door").symlink_to(other)
    (place / "loop.csv").symlink_to(place / "loop.csv")
    return place


def test_every_form_that_the_readme_names_can_be_picked(tmp_path: Path) -> None:
    (said,) = re.findall(
        r"spreadsheets \(.*?`\.zip`", (places.TOP / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )
    forms = ["csv", *re.findall(r"`\.(\w+)`", said), "parquet"]
    for form in forms:
        (tmp_path / f"a.{form}").touch()
    assert [path.suffix for path in folders.listed([tmp_path])] == sorted(f".{form}" for form in forms)
    assert len(forms) > 6


def test_only_files_of_the_folder_are_listed_and_no_link_leads_out(place: Path) -> None:
    found = [str(path.relative_to(place)) for path in folders.listed([place])]
    assert found == [str(Path("inner", "ContactExport.csv")), "within.csv"]


@pytest.mark.parametrize(
    "name",
    ["link.csv", "door/secret.csv", "../other/secret.csv", "inner/../../other/secret.csv", "*.csv", "loop.csv",
     "gone.csv", "inner", "", "/etc/passwd", "inner/\0.csv"],
)  # fmt: skip
def test_what_is_not_a_file_inside_is_refused(place: Path, name: str) -> None:
    with pytest.raises(FileRefused, match="not in a folder that the settings allow"):
        folders.inside(place / name, [place])


def test_a_file_inside_is_given_with_its_real_path(place: Path) -> None:
    real = place / "inner" / "ContactExport.csv"
    assert folders.inside(place / "within.csv", [place]) == real
    assert folders.inside(place / "inner" / ".." / "inner" / "ContactExport.csv", [place]) == real
    with pytest.raises(FileRefused):
        folders.inside(real, [])


def test_a_folder_with_a_name_that_begins_alike_is_another(place: Path) -> None:
    path = written(place.with_name("allowed-not") / "x.csv", [contact()])
    with pytest.raises(FileRefused):
        folders.inside(path, [place])


def test_the_setting_takes_whole_paths_of_folders_only(desk: Desk, place: Path) -> None:
    workspace = desk.workbench.workspace
    assert workspace.folders == ()
    workspace.set("folders", os.pathsep.join([str(place), str(place.parent / "other")]))
    assert workspace.folders == (place, place.parent / "other")
    for wrong in ("inner", str(place / "notes.pdf"), str(place / "nowhere"), "/"):
        with pytest.raises(BadSelection, match="not a folder"):
            workspace.set("folders", wrong)
    assert workspace.folders == (place, place.parent / "other")


def test_what_waits_in_the_folder_of_a_workspace_is_nobodys_to_load(tmp_path: Path) -> None:
    for place in (
        "retail.duckdb.files/exports",
        "retail.duckdb.files/masked-1.duckdb.files/exports",
        "own.files",
        ".files",
    ):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "log.csv").write_text("a,b\n")
    (tmp_path / "retail.duckdb").touch()
    (tmp_path / "link").symlink_to(tmp_path / "retail.duckdb.files")
    own, plain = (tmp_path / name / "log.csv" for name in ("own.files", ".files"))
    for named in (tmp_path, tmp_path / "retail.duckdb.files" / "exports", tmp_path / "link", tmp_path / "own.files"):
        places = folders.allowed(str(named))
        assert {*folders.listed(places)} <= {own, plain}
        with pytest.raises(FileRefused, match="is not in a folder that the settings allow"):
            folders.inside(tmp_path / "retail.duckdb.files" / "exports" / "log.csv", places)
    assert folders.inside(own, folders.allowed(str(tmp_path))) == own
