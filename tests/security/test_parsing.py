"""What others send us, and what stands in a book, is read as data: bounded, strict, and never run."""

import ast
import re
from pathlib import Path

import pytest

from connectors.answers import UnreadableError, parsed
from mappings.complaints import BookError
from mappings.loading import load_book
from sync_pipelines.commands.beginning import copy_book
from sync_pipelines.settings import BUNDLED_BOOK
from tests.architecture.house import ROOMS

ROOT = Path(__file__).parents[2]
SOURCES = [path for room in sorted(ROOMS) for path in sorted((ROOT / room).rglob("*.py"))]
both = pytest.mark.parametrize("exact", [False, True])


@both
@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e", b"0x10", b"9" * 1_000_000])
def test_t12_a_number_that_is_none_or_has_a_million_digits_is_refused(number: bytes, *, exact: bool) -> None:
    with pytest.raises(UnreadableError):
        parsed(b'{"amount": ' + number + b"}", exact=exact)


@both
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"a": "\xff"}', id="no UTF-8"),
        pytest.param('{"a": "x"}'.encode("utf-16"), id="another charset"),
        pytest.param(b'{"a": "\\ud800"}', id="half a letter"),
        pytest.param(b'{"a": "\\uDFFFx"}', id="the other half"),
        pytest.param(b'{"a": 1} {"a": 2}', id="two answers"),
        pytest.param(b'{"a": 1', id="cut off"),
        pytest.param(b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>", id="XML"),
    ],
)
def test_t13_what_two_parsers_would_read_in_two_ways_is_refused(body: bytes, *, exact: bool) -> None:
    with pytest.raises(UnreadableError):
        parsed(body, exact=exact)


def test_a_letter_of_two_halves_is_a_letter() -> None:
    assert parsed(b'{"a": "\\ud83d\\ude00"}', exact=True) == {"a": "\N{GRINNING FACE}"}


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}


def _calls(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def test_t10_no_xml_is_parsed_so_no_entity_is_ever_resolved() -> None:
    parsers = ("xml.", "xmlrpc.", "lxml.", "html.parser.")  # `html` alone escapes
    assert [path for path in SOURCES if any(f"{name}.".startswith(parsers) for name in _imports(path))] == []


def test_t30_nothing_is_unpickled_and_nothing_is_evaluated() -> None:
    readers = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "jsonpickle"}
    assert [path for path in SOURCES if {name.partition(".")[0] for name in _imports(path)} & readers] == []
    run = {"eval", "exec", "yaml.load", "yaml.unsafe_load", "yaml.full_load", "os.system", "os.popen"}
    assert [(path, found) for path in SOURCES if (found := _calls(path) & run)] == []


def test_t16_certificates_are_looked_at_everywhere() -> None:
    off = re.compile(
        r"verify\s*=\s*False|CERT_NONE|check_hostname\s*=\s*False|_create_unverified_context|trust_env\s*=\s*True"
    )
    assert [path for path in SOURCES if off.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("shell", ["shell=True", "os.system("])
def test_t30_no_shell_is_asked(shell: str) -> None:
    assert [path for path in SOURCES if shell in path.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        ("systems.yaml", "role: shop", "role: !!python/object/apply:os.system ['id']", "yaml-tag"),
        ("systems.yaml", "role: shop", "role: !!python/name:os.system", "yaml-tag"),
        ("account/ownership.yaml", "entity: account", "entity: &a [*a, *a, *a]", "yaml-alias"),
        ("account/salesforce.yaml", "table: payment_terms", "table: ../../../../../../etc/passwd", "unknown-table"),
        ("systems.yaml", "connector: shopify ", "connector: ../../../tmp/evil ", "wrong-shape"),
        ("account/salesforce.yaml", "as: tax_id", "as: os.system", "unknown-codec"),
        ("account/salesforce.yaml", "as: tax_id", "as: __import__('os').system", "unknown-codec"),
    ],
)
def test_t31_a_book_holds_plain_data_and_names_and_leads_nowhere(
    file: str, old: str, new: str, code: str, tmp_path: Path
) -> None:
    book = tmp_path / "book"
    copy_book(BUNDLED_BOOK, book)
    text = (book / file).read_text(encoding="utf-8")
    assert old in text
    (book / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BookError) as refused:
        load_book(book)
    assert code in {complaint.code for complaint in refused.value.complaints}


def test_t34_nothing_is_installed_that_the_lock_does_not_know() -> None:
    script = (ROOT / "requirements" / "install").read_text(encoding="utf-8")
    installing = [line for line in script.splitlines() if re.search(r"\b(pip|uv)\b.* -r |\bwith_uv \|\| pip", line)]
    assert installing
    assert [line for line in installing if "--require-hashes" not in line] == []
    assert [word for word in ("--extra-index-url", "--trusted-host", "--index-url") if word in script] == []
