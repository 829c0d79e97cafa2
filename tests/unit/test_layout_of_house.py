"""The floors of the house (DESIGN.md section 4): what stands where, and how long it is.

That imports point down only is import-linter's to prove, in scripts/check.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "daemon" / "medrelease"
MODULES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

TOP = {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", ".ci", ".git", ".gitignore"}
FOLDERS = {"daemon", "config", "systemd", "tests", "scripts"}
ROOMS = {"cli", "service", "config", "release", "policy", "identifiers", "terms"}
SIBLINGS = {"intake", "identify", "register", "sanitise", "verify"}
SIBLINGS |= {"spool", "ledger", "audit", "notices", "workers", "pixels"}
LONGEST_MODULE = 300
LONGEST_FUNCTION = 50
UNWANTED = ("manager", "handler", "helper", "util", "processor", "quarantine")
AT_HOME = {
    "watchdog": {"intake"},
    "systemd": {"service", "audit"},
    "pydantic": {"config"},
    "pydantic_core": {"config"},
    "click": {"cli"},
    "jinja2": {"notices"},
    "sqlalchemy": {"register"},
    "cryptography": {"audit"},
    "rapidocr": {"pixels"},
    "onnxruntime": {"pixels"},
    "cv2": {"pixels"},
    "zxingcpp": {"pixels"},
    "tifffile": {"pixels"},
    "pi_heif": {"pixels", "verify"},
    "imagecodecs": {"pixels", "sanitise", "verify"},
}
"""Third-party packages that stay in the room they serve."""


def name_of(path: Path) -> str:
    """How a test case is called: the path within the checkout."""
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imported(path: Path) -> set[str]:
    """The top-level names of all packages that a module imports, wherever it does so."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def test_the_top_of_the_checkout_is_tidy() -> None:
    """Nothing lies at the top but what DESIGN.md names, and what git ignores."""
    ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text().splitlines()]
    there = {
        path.name
        for path in ROOT.iterdir()
        if not any(fnmatch(path.name, pattern) for pattern in ignored)
    }
    assert there <= TOP | FOLDERS
    assert there >= (TOP | FOLDERS) - {".git"}


def test_the_rooms_are_those_of_the_design() -> None:
    """The package holds the agreed rooms and no other; daemon/ itself is no package."""
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir()} - {"__pycache__"}
    assert rooms <= ROOMS | SIBLINGS
    assert not (ROOT / "daemon" / "__init__.py").exists()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_does_one_thing_and_says_which(path: Path) -> None:
    """It opens with a docstring, is not long, and its functions fit a screen."""
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "no docstring"
    assert len(text.splitlines()) <= LONGEST_MODULE
    for function in functions(path):
        assert (function.end_lineno or 0) - function.lineno < LONGEST_FUNCTION, function.name


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_names_are_the_terms_of_the_field(path: Path) -> None:
    """No module, class or function is named after what it is not."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [path.stem, *(function.name for function in functions(path))]
    names += [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    assert not [name for name in names if any(word in name.lower() for word in UNWANTED)]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_third_party_packages_stay_in_their_rooms(path: Path) -> None:
    """What serves one room is imported there alone."""
    parts = path.relative_to(PACKAGE).parts
    room = parts[0] if len(parts) > 1 else ""
    assert not [name for name in imported(path) & set(AT_HOME) if room not in AT_HOME[name]]


def test_test_files_have_names_of_their_own() -> None:
    """pytest imports test files by their base name, so no two may share one."""
    counts = Counter(path.name for path in TESTS if path.name.startswith("test_"))
    assert not [name for name, count in counts.items() if count > 1]


@pytest.mark.parametrize("path", [p for p in TESTS if p.name.startswith("test_")], ids=name_of)
def test_each_test_says_what_it_proves(path: Path) -> None:
    """Every test function has a sentence as its docstring."""
    tests = [function for function in functions(path) if function.name.startswith("test_")]
    assert tests
    assert not [function.name for function in tests if not ast.get_docstring(function)]
