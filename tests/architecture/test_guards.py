"""What tests/conftest.py promises for every test: loopback only, and no skip that passes unseen."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.slow  # each test starts another pytest

CONFTEST = (Path(__file__).parents[1] / "conftest.py").read_text(encoding="utf-8")


def _run(pytester: pytest.Pytester, test: str, *arguments: str) -> pytest.RunResult:
    """Another pytest, in a process of its own, over one test and our conftest."""
    pytester.makeini("[pytest]\nfilterwarnings = error\nmarkers = real: x")  # what conftest itself sets
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(test)
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments)


BEYOND = """
import socket, urllib.request
import httpx, pytest
@pytest.mark.parametrize("call", [
    lambda: socket.create_connection(("192.0.2.1", 80), timeout=1),
    lambda: socket.create_connection(("example.org", 80), timeout=1),
    lambda: socket.getaddrinfo("example.org", 80),
    lambda: socket.socket(socket.AF_INET6, socket.SOCK_STREAM).connect(("2001:db8::1", 80)),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)),
    lambda: urllib.request.urlopen("http://example.org"),
    lambda: httpx.get("http://192.0.2.1"),
])
def test_it(call):
    try:
        call()
    except Exception:
        pass
"""


def test_a_call_beyond_loopback_fails_the_test_even_where_errors_are_swallowed(pytester: pytest.Pytester) -> None:
    result = _run(
        pytester, BEYOND, "-W", "ignore::pytest.PytestUnraisableExceptionWarning", "-W", "ignore::ResourceWarning"
    )
    result.assert_outcomes(failed=7)
    refused = [line for line in result.outlines if line.startswith("E  ") and "tests reach loopback only" in line]
    assert len(refused) == 7


def test_loopback_and_unix_sockets_are_open(pytester: pytest.Pytester) -> None:
    result = _run(
        pytester,
        """
        import http.server, socket, threading, urllib.request
        class Hello(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(204)
                self.end_headers()
            def log_message(self, *words):
                pass
        def test_http_on_loopback():
            with http.server.HTTPServer(("127.0.0.1", 0), Hello) as server:
                thread = threading.Thread(target=server.handle_request)
                thread.start()
                assert urllib.request.urlopen(f"http://localhost:{server.server_port}").status == 204
                thread.join()
        def test_unix_socket(tmp_path):
            with socket.socket(socket.AF_UNIX) as here, socket.socket(socket.AF_UNIX) as there:
                here.bind(str(tmp_path / "s"))
                here.listen()
                there.connect(str(tmp_path / "s"))
        """,
    )
    result.assert_outcomes(passed=2)


SKIPS = """
import pytest
@pytest.mark.skip(reason="no such server here")
def test_one(): pass
def test_two(): pytest.skip("no such server here")
@pytest.mark.xfail(strict=True)
def test_known(): assert False
def test_three(): pass
"""


def test_on_a_users_machine_skips_are_counted_and_explained(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    result = _run(pytester, SKIPS)
    result.assert_outcomes(passed=1, skipped=2, xfailed=1)
    result.stdout.fnmatch_lines(["*2 skipped, and why*", "*2  no such server here*"])


def test_in_ci_a_skipped_test_is_a_failure(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    result = _run(pytester, SKIPS)
    result.assert_outcomes(passed=1, failed=1, errors=1, xfailed=1)  # a mark skips in set-up: pytest says error
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_in_ci_a_module_that_skips_itself_is_a_failure(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    result = _run(pytester, "import pytest\npytest.importorskip('no_such_library')\ndef test_it(): pass")
    assert result.ret != pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["*counts as a failure where CI=true*"])


def test_tests_in_the_folder_real_are_marked_so(pytester: pytest.Pytester) -> None:
    pytester.mkdir("real").joinpath("test_server.py").write_text("def test_it(): pass\n", encoding="utf-8")
    result = _run(pytester, "def test_other(): pass", "-m", "not real")
    result.assert_outcomes(passed=1, deselected=1)


def test_dagster_finds_a_home_of_its_own(pytester: pytest.Pytester) -> None:
    result = _run(
        pytester,
        """
        import os, pathlib
        def test_it():
            assert "telemetry: {enabled: false}" in pathlib.Path(os.environ["DAGSTER_HOME"], "dagster.yaml").read_text()
        """,
    )
    result.assert_outcomes(passed=1)
