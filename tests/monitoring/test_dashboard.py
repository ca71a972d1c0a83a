"""The dashboard asks for nothing that the exporter does not tell, and its file is as the code makes it."""

import json
import re
from itertools import combinations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitoring.dashboard import FILE, PANELS, dashboard, queries, text
from monitoring.metrics import expose
from tests.monitoring.test_metrics import FULL, counted

METRIC = re.compile(r"(concordat_\w+)(?:\{([^}]*)\})?")
TOLD = {
    sample.name: set(sample.labels)
    for family in text_string_to_metric_families((expose(FULL) + counted().text()).decode())
    for sample in family.samples
    if not sample.name.endswith("_created")
}


@pytest.mark.parametrize("query", sorted(set(queries())))
def test_a_query_asks_for_figures_and_labels_that_the_exporter_tells(query: str) -> None:
    asked = METRIC.findall(query)
    assert asked
    assert [name for name, _ in asked if name not in TOLD] == []
    for name, labels in asked:
        by = re.findall(r"by \(([^)]*)\)", query)
        wanted = {*re.findall(r"(\w+)\s*[=!]", labels), *(label.strip() for one in by for label in one.split(","))}
        assert wanted - {""} <= TOLD[name]


def test_a_legend_names_labels_that_the_query_leaves() -> None:
    for _, row in PANELS:
        for panel in row:
            for query, legend in panel.queries:
                by = re.findall(r"by \(([^)]*)\)", query)
                (first, *_) = METRIC.findall(query)
                left = {label.strip() for one in by for label in one.split(",")} if by else TOLD[first[0]]
                assert set(re.findall(r"{{(\w+)}}", legend)) <= left, panel.title


def test_every_figure_of_the_exporter_is_on_the_dashboard() -> None:
    shown = {name for query in queries() for name, _ in METRIC.findall(query)}
    assert set(TOLD) - shown == set()


def test_the_file_is_as_the_code_makes_it() -> None:
    assert FILE.read_text(encoding="utf-8") == text(), "run: python -m monitoring.dashboard"


def test_panels_do_not_lie_on_each_other_and_have_numbers_of_their_own() -> None:
    panels = json.loads(text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for one, other in combinations((panel["gridPos"] for panel in panels), 2):
        apart = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert apart or above


def test_it_asks_which_prometheus_is_meant() -> None:
    sources = {panel["datasource"]["uid"] for panel in dashboard()["panels"] if "datasource" in panel}
    assert sources == {"${source}"}
