"""Weights written into a `matching.yaml` that people wrote: only the fields that change are written anew."""

from collections.abc import Mapping

import yaml

from mappings.matching import Scoring


def with_weights(text: str, scoring: Scoring, learned: Mapping[str, Mapping[str, float]]) -> str:
    """The file with these weights. Comments stay, but for those inside of a field that is written anew.

    Raises ValueError where the file has no `score: fields:`.
    """
    places = _places(text)
    if not learned.keys() <= places.keys():
        raise ValueError("has no `score` with these fields")
    for name in sorted(learned, key=lambda name: -places[name][0]):  # from the end, so that places stay
        begin, end = places[name]
        text = f"{text[:begin]}{line_of(scoring, name, learned[name])}{text[end:]}"
    return text


def line_of(scoring: Scoring, name: str, learned: Mapping[str, float]) -> str:
    """How a field is weighed, as it stands behind its name: what was said of it before, and what was learned."""
    weights = {**scoring.fields[name].weights, **learned}
    told = ", ".join(f"{level}: {weight:g}" for level, weight in weights.items())
    return f"{{as: {scoring.fields[name].kind}, weights: {{{told}}}}}"


def _places(text: str) -> dict[str, tuple[int, int]]:
    """Where in the text the value of each weighed field begins and ends."""
    fields = _below(_below(yaml.compose(text, Loader=yaml.SafeLoader), "score"), "fields")
    if not isinstance(fields, yaml.MappingNode):
        return {}
    return {str(name.value): (value.start_mark.index, _end(text, value)) for name, value in fields.value}


def _end(text: str, value: yaml.Node) -> int:
    """A block ends at the next line that is none of its own; what is written in its place ends where its text does."""
    end = value.end_mark.index
    return len(text[:end].rstrip()) if end > value.start_mark.index else end


def _below(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)
