"""A module imports only what stands before it, and what is allowed in one place is nowhere else."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "workbench"
# Each line may import from the lines above it, and within itself.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors", "progress", "processes", "sql", "places", "exports"),
    ("time", "reports"),
    ("team",),
    ("intake",),
    ("store",),
    ("ask",),
    ("drawing",),
    ("workbook",),
    ("notebook", "cli"),
    ("__main__",),
    ("ui",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
MODULES = sorted(file for file in PACKAGE.rglob("*.py") if file != PACKAGE / "__init__.py")
FACES = sorted([ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(PACKAGE / "ui").glob("*.py")])


def name_of(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(file: Path) -> set[str]:
    """Return the dotted names that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def dotted(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


FILES = {dotted(file): file for file in PACKAGE.rglob("*.py")}


def run(node: ast.AST) -> Iterator[ast.AST]:
    """Give what is in a tree, without what only a type checker sees."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)):
            yield from run(child)


def arrows(file: Path) -> set[str]:
    """Return the modules of the package that a file imports: of `from a import b` that is a.b where it is a module."""
    found: set[str] = set()
    for node in run(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            found |= {name if name in FILES else node.module for name in names}
    return found & FILES.keys() - {dotted(file)}


def test_every_module_has_its_place() -> None:
    assert {name_of(file) for file in MODULES} == set(LEVEL)


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_a_module_imports_only_what_stands_before_it(file: Path) -> None:
    own = name_of(file)
    used = {name.split(".")[1] for name in imports(file) if name.startswith("workbench.")} & set(LEVEL)
    assert {name for name in used if LEVEL[name] > LEVEL[own]} == set()


def test_no_modules_import_each_other_in_a_circle() -> None:
    try:
        TopologicalSorter({module: arrows(file) for module, file in FILES.items()}).prepare()
    except CycleError as error:
        pytest.fail(f"A circle of imports: {' imports '.join(reversed(error.args[1]))}", pytrace=False)


@pytest.mark.parametrize("file", sorted({*FILES.values(), *FACES}), ids=lambda file: str(file.relative_to(ROOT)))
def test_no_import_is_hidden_in_a_string(file: Path) -> None:
    nodes = list(ast.walk(ast.parse(file.read_text())))
    used = {node.attr if isinstance(node, ast.Attribute) else node.id for node in nodes
            if isinstance(node, ast.Attribute | ast.Name)}  # fmt: skip
    given = {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert not {"__import__", "import_module", "run_module", "run_path"} & (used | given)


@pytest.mark.parametrize(
    "file", sorted({*MODULES, *FACES, PACKAGE / "__init__.py"}), ids=lambda file: str(file.relative_to(ROOT))
)
def test_only_pages_and_their_parts_know_streamlit(file: Path) -> None:
    if file not in FACES:
        assert not any(name.split(".")[0] == "streamlit" for name in imports(file))


@pytest.mark.parametrize("file", sorted({*MODULES, *FACES}), ids=lambda file: str(file.relative_to(ROOT)))
def test_only_the_workspace_connects_to_a_database(file: Path) -> None:
    calls = [node.func for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    used = {
        f.attr
        for f in calls
        if isinstance(f, ast.Attribute) and isinstance(f.value, ast.Name) and f.value.id == "duckdb"
    }
    # Reading SQL needs no database; the rows of a workbook are read from files of ours, by a process that has no other,
    # and a user's own SQL is run by one that can only read.
    allowed = {
        "opening.py": {"connect"}, "rows.py": {"connect"}, "console_child.py": {"connect"},
        "relations.py": {"tokenize"}, "shell.py": {"extract_statements"}, "forgetting.py": {"connect"},
    }  # fmt: skip
    assert used <= allowed.get(file.name, set())
    if file != PACKAGE / "store" / "handle.py":
        nodes = ast.walk(ast.parse(file.read_text()))
        assert not any(isinstance(node, ast.Attribute) and node.attr == "_connection" for node in nodes)


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_a_module_says_what_it_is_for(file: Path) -> None:
    docstring = ast.get_docstring(ast.parse(file.read_text()))
    assert docstring
    assert docstring.splitlines()[0].strip()


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_public_functions_say_what_they_do(file: Path) -> None:
    tree = ast.parse(file.read_text())
    silent = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_what_runs_again_alone_says_its_failures_itself() -> None:
    """The page around it, which would say them, does not run then."""
    silent = [
        f"{file.name}: {node.name}"
        for file in FACES
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef)
        for decorated in [[ast.unparse(each) for each in node.decorator_list]]
        for place, each in enumerate(decorated)
        if each.startswith(("st.fragment", "st.dialog")) and "failures_shown()" not in decorated[place:]
    ]
    assert silent == []


def test_the_child_that_reads_spreadsheets_needs_no_charts() -> None:
    assert not {"altair", "pandas", "streamlit"} & {
        name.split(".")[0] for name in imports(PACKAGE / "intake" / "spreadsheet.py")
    }
