"""The house as data: its rooms, the order inside the trunk, the doors of the libraries, what deciding rooms do without.

The rules that read these tables stand in `rules.py`. To give a new library a door, add a line to `DOORS`.
"""

from itertools import chain

LEAVES = frozenset({"connectors", "mappings", "monitoring"})
TRUNK = "sync_pipelines"
ROOMS = LEAVES | {TRUNK}

# --- the order inside the trunk: a part imports its own line and the lines above it -------------------------------

ORDER: tuple[tuple[str, ...], ...] = (
    ("model",),
    ("identity",),
    ("ownership",),
    ("planning",),
    ("ledger",),
    ("review",),
    ("intake",),
    ("applying",),
    ("flow",),
    ("settings",),
    ("entity_assets", "lineage", "system_assets"),
    ("defs",),
    ("definitions", "gate", "cli", "commands", "console", "demo"),
)
_LINE_OF = {part: line for line, parts in enumerate(ORDER) for part in parts}


def _up_to(part: str) -> frozenset[str]:
    return frozenset(chain.from_iterable(ORDER[: _LINE_OF[part] + 1]))


_RIGHT_OF_CHECKING = _up_to("applying")
_RIGHT_OF_SIMULATION = _up_to("defs")

# Two sub-rooms stand beside the order: what they may import, and (the parts not named) who may import them.
MAY_IMPORT: dict[str, frozenset[str]] = {
    **{
        part: _up_to(part)
        | (frozenset() if part in _RIGHT_OF_CHECKING else {"checking"})
        | (frozenset() if part in _RIGHT_OF_SIMULATION else {"simulation"})
        for part in _LINE_OF
    },
    "checking": frozenset({"checking", "model", "ownership"}),
    "simulation": _up_to("flow") | {"simulation", "checking"},
}

# --- one door per library: import name -> paths (`*` stays inside a folder, `**` does not) -------------------------

_SIMULATORS = ("connectors/*/simulator.py", "connectors/*/simulated/**", "connectors/testing/**")
_SERVERS = ("connectors/*/server.py",)  # starts a vendor's real server as a process of its own, on loopback
_LOADING = ("mappings/loading.py", "mappings/loading/**")
_COMMAND_LINE = ("sync_pipelines/cli.py", "sync_pipelines/commands/**", "sync_pipelines/demo/**")
_LEDGER = ("sync_pipelines/ledger/**", "connectors/sql/**")
_IDENTITY = ("sync_pipelines/identity/**",)
_CODECS = ("mappings/codecs.py", "mappings/codecs_*.py", "mappings/codecs/**")
_PAGES = (
    "sync_pipelines/gate/**",
    "sync_pipelines/console/**",
    "sync_pipelines/demo/desk.py",
    "monitoring/exporter.py",
    *_SIMULATORS,
)
_SETTINGS = ("*/settings.py", "connectors/*/settings.py", *_LOADING, *_SIMULATORS)
_DAGSTER = (
    "sync_pipelines/definitions.py",
    "sync_pipelines/entity_assets.py",
    "sync_pipelines/lineage.py",
    "sync_pipelines/system_assets.py",
    "sync_pipelines/defs/**",
    "sync_pipelines/gate/dagster_pages.py",
)

DOORS: dict[str, tuple[str, ...]] = {
    "httpx": ("connectors/http.py", "connectors/auth.py", "monitoring/notify.py"),
    "tenacity": ("connectors/http.py",),
    "joserfc": ("connectors/auth.py",),
    "oauthlib": ("connectors/auth.py",),
    "pyrate_limiter": ("connectors/pacing.py",),
    "orjson": ("connectors/**", "sync_pipelines/intake/**", "sync_pipelines/ledger/**"),
    "xxhash": ("connectors/**", "sync_pipelines/intake/**"),
    "pydantic": _SETTINGS,
    "pydantic_settings": _SETTINGS,
    "yaml": (*_LOADING, "monitoring/settings.py"),
    "phonenumbers": _CODECS,
    "stdnum": _CODECS,
    "babel": _CODECS,
    "pycountry": _CODECS,
    "rapidfuzz": _IDENTITY,
    "rigour": _IDENTITY,
    "opencc": _IDENTITY,
    "pypinyin": _IDENTITY,
    "sqlalchemy": _LEDGER,
    "alembic": _LEDGER,
    "psycopg": _LEDGER,
    "fsspec": ("connectors/files/**",),
    "openpyxl": ("connectors/files/**",),
    "dagster": _DAGSTER,
    "dagster_webserver": ("sync_pipelines/gate/**",),
    "prometheus_client": ("monitoring/metrics.py", "monitoring/exporter.py", "monitoring/counting.py"),
    "apprise": ("monitoring/notify.py",),
    "click": _COMMAND_LINE,
    "rich": _COMMAND_LINE,
    "starlette": _PAGES,
    "uvicorn": _PAGES,
    "jinja2": _PAGES,
    "defusedxml": ("connectors/odoo/**",),
    "graphql": ("connectors/shopify/simulated/**", "sync_pipelines/gate/graphql.py"),
    # The standard library's own ways around the one door to the network.
    "urllib.request": (),
    "http.client": _SERVERS,
    "xmlrpc.client": ("connectors/odoo/**",),
    "ftplib": (),
    "smtplib": (),
    "socket": (*_SIMULATORS, *_SERVERS, *_COMMAND_LINE),
    "http.server": _SIMULATORS,
}

# --- the deciding rooms: no clock, no chance, no environment, no logging, no I/O ------------------------------------

PURE = (
    "sync_pipelines/model/**",
    "sync_pipelines/identity/**",
    "sync_pipelines/ownership/**",
    "sync_pipelines/planning/**",
    "sync_pipelines/simulation/customers/**",
    "mappings/**",
)
NOT_PURE = _LOADING
IMPURE_MODULES = frozenset(
    {
        "asyncio",
        "concurrent",
        "fileinput",
        "glob",
        "http",
        "importlib",
        "io",
        "logging",
        "mmap",
        "multiprocessing",
        "os",
        "pathlib",
        "pkgutil",
        "queue",
        "random",
        "sched",
        "secrets",
        "select",
        "shutil",
        "signal",
        "socket",
        "socketserver",
        "sqlite3",
        "ssl",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "time",
        "urllib.request",
        "uuid",
    }
)
IMPURE_CALLS = frozenset({"open", "print", "input", "breakpoint", "exec", "eval", "__import__"})
CLOCKS = frozenset({"now", "utcnow", "today"})
CALENDARS = frozenset({"datetime", "date", "dt"})  # `datetime.now` handed on uncalled is a clock, too

# --- names and sizes ------------------------------------------------------------------------------------------------

LONGEST_FILE = 400
SAYS_NOTHING = frozenset(
    {
        "util",
        "utils",
        "helper",
        "helpers",
        "common",
        "misc",
        "base",
        "manager",
        "managers",
        "service",
        "services",
        "handler",
        "handlers",
    }
)
TEST_LIBRARIES = frozenset({"pytest", "unittest", "hypothesis", "doctest", "time_machine", "tests"})
UNDER_TEST = frozenset(
    {"CI", "TEST", "TESTING", "UNDER_TEST", "PYTEST_CURRENT_TEST", "PYTEST_VERSION", "pytest", "unittest"}
)
