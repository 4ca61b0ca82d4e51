"""The comparison as a picture: an SVG that can be read on light and on dark."""
import math
import statistics

TITLES = {"evenkeel": "Evenkeel", "memory-2.1": "Milvus 2.1's memory rule",
          "row-score": "row-count score, as since 2.3", "greedy": "greedy by memory"}

LEFT, TOP, ROW, WIDTH = 214, 58, 30, 900
PANEL, BAR = 172, 96  # from one panel to the next, and how long the longest bar is

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #59636e }
  .title { font-weight: 600 }
  .note { font-size: 11px; fill: #768390 }
  .bar { fill: #9aa3ad }
  .ours .bar { fill: #1f9e8f }
  .ours text { font-weight: 600 }
  .reach { stroke: #768390; stroke-width: 1.5; fill: none }
  .axis { stroke: #9aa3ad }
  @media (prefers-color-scheme: dark) {
    text { fill: #d5dae0 }
    .note { fill: #9aa3ad }
    .bar { fill: #6b737c }
    .reach { stroke: #b4bcc5 }
  }
"""


def nearly_all(values):
    """Of 20, all but one."""
    return sorted(values)[max(0, math.ceil(0.95 * len(values)) - 1)]


def violations(result):
    return sum(result["violations"].values())


def percent_done(results):
    return 100 * sum(result["done"] for result in results) / len(results), None


def excess(results):
    values = [100 * max(0, result["excess"]) for result in results]
    return statistics.mean(values), nearly_all(values)


def bytes_moved(results):
    values = [result["ratio"] for result in results if result["ratio"] is not None]
    return statistics.median(values), nearly_all(values)


def broken(results):
    return 100 * sum(violations(result) > 0 for result in results) / len(results), None


PANELS = (  # title, note, figures, format, the axis's ends
    ("Did all that was asked", "instances", percent_done, "{:.0f} %", 0, 100),
    ("Spread left too much", "points: mean, line to 95 %", excess, "{:.1f}", 0, 25),
    ("Bytes ÷ fewest", "median, line to 95 %", bytes_moved, "{:.2f}", 1, 3),
    ("Broke a rule", "instances", broken, "{:.0f} %", 0, 40),
)


def bar(x, y, value, reach, text, start, end):
    def length(figure):
        return max(1.5, BAR * (min(max(figure, start), end) - start) / (end - start))

    parts = [f'<rect class="bar" x="{x}" y="{y}" width="{length(value):.1f}" height="14" rx="2"/>',
             f'<text x="{x + PANEL - 30}" y="{y + 12}" text-anchor="end">{text}</text>']
    if reach is not None:
        tip = x + length(reach)
        parts.append(f'<path class="reach" d="M{x} {y + 17}H{tip:.1f}"/>')
        if reach > end:
            parts.append(f'<path class="reach" d="M{tip - 4:.1f} {y + 14}l4 3l-4 3"/>')
    return parts


def draw(results):
    names = list(results[0]["results"])
    height = TOP + ROW * len(names) + 22
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
             f'width="{WIDTH}" height="{height}" role="img">',
             "<title>Evenkeel beside other balancers</title>", f"<style>{STYLE}</style>"]
    for column, (title, note, figures, form, start, end) in enumerate(PANELS):
        x = LEFT + column * PANEL
        parts += [f'<text class="title" x="{x}" y="18">{title}</text>',
                  f'<text class="note" x="{x}" y="34">{note}</text>',
                  f'<path class="axis" d="M{x} {TOP - 8}V{height - 24}"/>']
        for place, name in enumerate(names):
            value, reach = figures([line["results"][name] for line in results])
            parts.append(f'<g class="{"ours" if place == 0 else "other"}">')
            parts += bar(x, TOP + place * ROW, value, reach, form.format(value), start, end)
            parts.append("</g>")
    for place, name in enumerate(names):
        parts.append(f'<g class="{"ours" if place == 0 else "other"}"><text x="{LEFT - 14}" '
                     f'y="{TOP + place * ROW + 12}" text-anchor="end">{TITLES[name]}</text></g>')
    families = len({line["family"] for line in results})
    parts.append(f'<text class="note" x="{WIDTH - 4}" y="{height - 5}" text-anchor="end">'
                 f"{len(results)} instances of {families} families in a world where nothing else "
                 "happens</text>")
    return "\n".join([*parts, "</svg>"]) + "\n"
