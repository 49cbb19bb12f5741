"""Damage to a workspace's bytes is called damage wherever it is met, and a backup can take its place (guarantee 7)."""

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builders import contact, written
from workbench import Workbench
from workbench.ask import shell
from workbench.cli import main
from workbench.errors import FileRefused, WorkbenchError, WorkspaceDamaged
from workbench.store.workspace import Workspace

ROWS = "select * exclude (extra) from {} order by all"
TABLES = ("gladly_contact_export", "gladly_contact_export_replaced", "unchanged_rows", "rejects", "loads", "coverage")
BLOCK, HEADERS = 262_144, 12_288  # bytes of a DuckDB file: of each block, and of what stands in front of them


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of a few megabytes with replaced rows and rejects, and a backup of it, in a folder of their own."""
    folder = tmp_path_factory.mktemp("whole")
    texts = random.Random(1)
    workbench = Workbench(folder / "workspace.duckdb")
    for numbers in (range(6_000), range(3_000, 9_000)):
        rows = [contact(contact_id=f"c{n}", customer_id=texts.randbytes(24).hex()) for n in numbers]
        workbench.load(written(folder / "ContactExport-20240301-20240331.csv", [*rows, contact("soon")]))
    workbench.workspace.backup(folder / "workspace-backup-monday.duckdb")
    workbench.close()
    return folder


def held(workspace: Workspace) -> dict[str, list[tuple[object, ...]]]:
    return {name: workspace.rows(ROWS.format(name) if "contact" in name else f"from {name}") for name in TABLES}


def damaged(whole: Path, folder: Path, content: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "workspace.duckdb"
    (folder / "workspace.duckdb.files").mkdir(exist_ok=True)
    path.write_bytes(content)
    shutil.copy(whole / "workspace-backup-monday.duckdb", folder)
    return path


def flipped(content: bytes, position: int, bit: int) -> bytes:
    return content[:position] + bytes([content[position] ^ (1 << bit)]) + content[position + 1 :]


def met(path: Path, use: Callable[[Workbench], object]) -> list[str]:
    """Return what is said of the damage that is met when a workspace is opened and used."""
    try:
        workbench = Workbench(path)
    except WorkspaceDamaged as error:
        return [str(error)]
    try:
        use(workbench)
    except WorkbenchError as error:
        return [str(error)]
    finally:
        workbench.close()
    return []


def check(whole: Path, folder: Path, content: bytes, truth: dict[str, list[tuple[object, ...]]]) -> int:
    """See that nothing but the truth or damage is met, by readers and in backups, and that `restore` ends it."""
    path = damaged(whole, folder, content)

    def read(workbench: Workbench) -> None:
        assert held(workbench.workspace) == truth

    said = met(path, read)
    for use in (
        lambda workbench: workbench.report("inbound_contacts").tile("by_channel"),
        lambda workbench: workbench.workspace.backup(folder / "copy.duckdb"),
        lambda workbench: workbench.workspace.unload(1),
    ):
        said += met(path, use)
    for text in said:
        assert "damaged; it was left as it is" in text
        assert "(the newest here: workspace-backup-monday.duckdb of " in text
        assert "\n" not in text
    is_as_it_was = path.read_bytes() == content
    assert main(["restore", str(folder / "workspace-backup-monday.duckdb"), "--workspace", str(path)]) == 0
    aside = list(folder.glob("workspace-damaged-*"))
    assert len(aside) >= bool(said)
    assert not is_as_it_was or all(file.read_bytes() == content for file in aside)
    assert met(path, read) == []
    for left in [*aside, *folder.glob("workspace-before-*"), *folder.glob("copy.duckdb")]:
        left.unlink()
    return len(said)


def check_flips(whole: Path, folder: Path, flips: int) -> None:
    content = (whole / "workspace.duckdb").read_bytes()
    workspace = Workspace(whole / "workspace.duckdb")
    truth = held(workspace)
    workspace.close()
    seed = random.Random(24)
    blocks = range(HEADERS, len(content), BLOCK)
    ends = [block + step * 4_096 for block in blocks for step in (0, 1, 63)]
    places = [
        0,
        9,
        4_096,
        8_192 + 16,
        *seed.choices(ends, k=flips // 2),
        *seed.choices(range(len(content)), k=flips // 2),
    ]
    met = [check(whole, folder, flipped(content, place, seed.randrange(8)), truth) for place in places]
    assert all(met[:3])
    assert sum(map(bool, met[4:])) >= flips // 4


def test_a_flipped_bit_is_called_damage_wherever_it_is_met_and_a_backup_takes_its_place(
    whole: Path, tmp_path: Path
) -> None:
    check_flips(whole, tmp_path / "flipped", flips=8)


@pytest.mark.long
def test_a_flipped_bit_is_called_damage_wherever_it_is_met_and_a_backup_takes_its_place_long(
    whole: Path, tmp_path: Path
) -> None:
    check_flips(whole, tmp_path / "flipped", flips=30)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_file_that_was_cut_is_restored_from_a_backup(whole: Path, tmp_path: Path, share: float) -> None:
    content = (whole / "workspace.duckdb").read_bytes()
    workspace = Workspace(whole / "workspace.duckdb")
    truth = held(workspace)
    workspace.close()
    assert check(whole, tmp_path / "cut", content[: int(len(content) * share)], truth) > 0


def test_damage_that_a_page_has_open_is_restored_under_its_readers(whole: Path, tmp_path: Path) -> None:
    """A process that has the damaged file open goes on with the backup's rows, in a version of their own."""
    content = (whole / "workspace.duckdb").read_bytes()
    path = damaged(whole, tmp_path / "open", content)
    workbench = Workbench(path)
    truth, version = held(workbench.workspace), workbench.workspace.version
    workbench.close()
    place = next(place for place in range(HEADERS + 8, len(content), BLOCK) if _opens(path, content, place))
    workbench = Workbench(path)
    with pytest.raises(WorkspaceDamaged):
        held(workbench.workspace)
    aside = workbench.workspace.restore(tmp_path / "open" / "workspace-backup-monday.duckdb")
    assert aside.read_bytes() == flipped(content, place, 3)
    shell.install(workbench.workspace)
    assert held(workbench.workspace) == truth
    assert workbench.workspace.version > version
    assert len(workbench.report("inbound_contacts").tile("by_channel")) == 1
    workbench.close()
    again = Workspace(path)
    assert held(again) == truth
    again.close()


def _opens(path: Path, content: bytes, place: int) -> bool:
    """Tell whether a workspace with damage at a place can be opened, and not be read."""
    path.write_bytes(flipped(content, place, 3))
    return bool(said := met(path, lambda workbench: held(workbench.workspace))) and "not a workspace" not in said[0]


def test_a_damaged_file_beside_which_nothing_is_ours_is_not_moved_by_restore(whole: Path, tmp_path: Path) -> None:
    path = damaged(whole, tmp_path / "moved", b"text of somebody else")
    (tmp_path / "moved" / "workspace.duckdb.files").rmdir()
    assert main(["restore", str(tmp_path / "moved" / "workspace-backup-monday.duckdb"), "--workspace", str(path)]) == 1
    assert path.read_bytes() == b"text of somebody else"


def test_a_backup_that_is_damaged_changes_nothing(whole: Path, tmp_path: Path) -> None:
    content = (whole / "workspace-backup-monday.duckdb").read_bytes()
    workspace = Workspace(tmp_path / "own.duckdb")
    workspace.load(written(tmp_path / "ContactExport-20240301-20240331.csv", [contact()]))
    before, refused = held(workspace), 0
    for place in range(HEADERS + 8, len(content), BLOCK):
        (tmp_path / "damaged.duckdb").write_bytes(flipped(content, place, 5))
        said = _refusal(workspace, tmp_path / "damaged.duckdb")
        if said:
            assert "not a backup of a workspace, or damaged. Nothing was changed" in said
            assert held(workspace) == before
            refused += 1
        before = held(workspace)
    assert refused > len(content) // BLOCK // 3
    workspace.close()
    assert os.listdir(tmp_path / "own.duckdb.files" / "inbox") == []


def _refusal(workspace: Workspace, backup: Path) -> str:
    try:
        workspace.restore(backup)
    except FileRefused as error:
        return str(error)
    return ""
