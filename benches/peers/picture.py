"""Draws `figures.json` as a picture: what an evaluation costs in each engine, by the number of rules.

    picture.py FIGURES SVG

Text stays text, and is dark on a light page and light on a dark one: the page shows through.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")

from matplotlib import pyplot  # noqa: E402 - the backend comes first

Engine = dict[str, Any]

# Stands for what a page has text in. The style puts the real colour there.
TEXT = "#010203"
STYLE = "svg{color:#1f2328}@media(prefers-color-scheme:dark){svg{color:#e6edf3}}"
# As far apart as the heights of two labels, as a factor.
APART = 1.75
UNITS = ((1e6, "ms"), (1e3, "µs"), (1, "ns"))


def colour(engine: Engine) -> str:
    """The project, modules in Python, libraries to match with, and policy engines. Each is seen on light and dark."""
    name = engine["name"]
    if name.startswith("presence-router"):
        return "#2da44e"
    if name.startswith("Python"):
        return "#bf8700"
    return "#4c8dd6" if name.endswith("Set") else "#d1589b"


def duration(nanoseconds: float) -> str:
    size, unit = next(unit for unit in UNITS if nanoseconds >= unit[0])
    number = nanoseconds / size
    digits = 0 if number >= 100 else 1 if number >= 10 else 2
    return f"{number:.{digits}f} {unit}"


def spread(heights: list[float]) -> list[float]:
    """Heights in their order, moved up where they are too close."""
    order = sorted(range(len(heights)), key=heights.__getitem__)
    moved = list(heights)
    for lower, upper in zip(order, order[1:], strict=False):
        moved[upper] = max(moved[upper], moved[lower] * APART)
    return moved


def draw(figures: dict[str, Any], file: Path) -> None:
    pyplot.rcParams.update(
        {
            "font.family": "sans-serif",
            "svg.fonttype": "none",
            "svg.hashsalt": "peers",
            "text.color": TEXT,
            "axes.labelcolor": TEXT,
            "xtick.color": TEXT,
            "ytick.color": TEXT,
        }
    )
    figure, axes = pyplot.subplots(figsize=(10, 6.5))
    axes.set_yscale("log")
    columns = range(len(figures["rules"]))
    ends = []
    for engine in figures["engines"]:
        times = engine["nanoseconds"]
        known = [(column, times[column]) for column in columns if times[column] is not None]
        axes.plot(
            *zip(*known, strict=True),
            color=colour(engine),
            linewidth=3 if engine["name"].startswith("presence-router") else 1.8,
            linestyle="--" if engine["remembers"] else "-",
            marker="o",
            markersize=5,
        )
        column, time = known[-1]
        label = f"{engine['name']}: {duration(time)}"
        if column < columns[-1]:
            label += f" ({figures['rules'][column]:,} rules)"
        ends.append((column, time, label, colour(engine)))
    heights = spread([end[1] for end in ends])
    for (column, time, label, tone), height in zip(ends, heights, strict=True):
        axes.annotate(
            label,
            (column, time),
            (columns[-1] + 0.12, height),
            color=tone,
            fontsize=10,
            verticalalignment="center",
            arrowprops={"arrowstyle": "-", "color": tone, "linewidth": 0.7},
            annotation_clip=False,
        )
    axes.set_xticks(columns, [f"{size:,} rules" for size in figures["rules"]])
    ticks = [10**power for power in range(1, 9)]
    axes.set_yticks(ticks, [duration(tick).replace(".00", "").replace(".0", "") for tick in ticks])
    axes.set_ylim(8, 2e8)
    axes.minorticks_off()
    axes.grid(axis="y", color="#888888", alpha=0.35, linewidth=0.7)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_title(
        "Whom does an update reach? Time for one answer, on a logarithmic scale",
        loc="left",
        fontsize=12,
        pad=14,
    )
    axes.text(0, 1.005, "dashed: answers are remembered", transform=axes.transAxes, fontsize=9)
    figure.subplots_adjust(left=0.08, right=0.6, top=0.91, bottom=0.06)
    figure.savefig(file, transparent=True, metadata={"Date": None, "Creator": None})


def adapt(svg: str) -> str:
    """Text takes its colour from the page's scheme."""
    svg = svg.replace(TEXT, "currentColor")
    return re.sub(r"(<svg [^>]*>)", rf"\1\n <style>{STYLE}</style>", svg, count=1)


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    draw(json.loads(source.read_text()), target)
    target.write_text(adapt(target.read_text()))
