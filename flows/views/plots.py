"""Plots as SVG to stand in a page: no script, the page's own colours, readable by its text."""

import sys
from collections.abc import Mapping, Sequence

import pygal
from lxml import etree
from pygal.style import Style

# pygal looks for plug-ins of another age at every import of anything; there are none.
sys.meta_path[:] = [finder for finder in sys.meta_path if hasattr(finder, "find_spec")]
_SVG = "{http://www.w3.org/2000/svg}"
_STYLE = Style(
    background="transparent",
    plot_background="transparent",
    foreground="var(--quiet)",
    foreground_strong="var(--ink)",
    foreground_subtle="var(--line)",
    colors=("var(--accent)", "var(--warning)", "var(--error)", "var(--note)"),
    font_family="inherit",
    label_font_size=13,
    major_label_font_size=13,
    legend_font_size=14,
    value_font_size=13,
    opacity="1",
)
_QUIET_GRID = "inline:.guide.line {stroke: var(--line) !important}"
_SHAPE = {
    "style": _STYLE,
    "js": [],
    "css": ["file://style.css", "file://graph.css", _QUIET_GRID],
    "disable_xml_declaration": True,
    "width": 720,
    "height": 300,
    "margin": 6,
    "legend_at_bottom": True,
    "legend_box_size": 12,
    "truncate_legend": -1,
    "truncate_label": -1,
    "min_scale": 3,
    "max_scale": 6,
}
Series = Mapping[str, Sequence[float | None]]


def lines(name: str, title: str, labels: Sequence[str], series: Series) -> str:
    """Lines over the same places; `labels` name the places, '' where there is no room."""
    chart = pygal.Line(
        **_SHAPE, show_dots=len(labels) < 20, fill=len(series) == 1, include_x_axis=True
    )
    return _draw(chart, name, title, labels, series)


def bars(name: str, title: str, labels: Sequence[str], series: Series) -> str:
    """Bars side by side at each place."""
    chart = pygal.Bar(**_SHAPE, show_legend=len(series) > 1)
    return _draw(chart, name, title, labels, series)


def _draw(chart: pygal.Graph, name: str, title: str, labels: Sequence[str], series: Series) -> str:
    # A page with several plots needs a name for each, and the same bytes for the same numbers.
    chart.uuid = name
    chart.x_labels = list(labels)
    chart.value_formatter = lambda value: f"{value:,.0f}"
    for label, values in series.items():
        chart.add(label, list(values))
    return _as_picture(chart.render_tree(), title)


def _as_picture(svg: etree._Element, title: str) -> str:
    """Without pygal's script and its words about itself; said in words to who cannot see it."""
    for node in [*svg.iter(f"{_SVG}script", "script"), *svg.iter(etree.Comment)]:
        parent = node.getparent()
        if parent is not None:
            parent.remove(node)
    svg.set("role", "img")
    svg.set("aria-label", title)
    return etree.tostring(svg, encoding="unicode")
