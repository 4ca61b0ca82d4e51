// The kinds of panel that the dashboards have, drawn as Grafana roughly does.
import { runs, step, write } from './data.js';

const COLOURS = { green: '#6fbf73', red: '#ef5b62', orange: '#f0923e', blue: '#5b8ff0', purple: '#b07adb',
  transparent: '#3a3f47' };
const SERIES = ['#6fbf73', '#e6c04a', '#5bb6e0', '#f0923e', '#ef5b62', '#5b8ff0', '#d876c0', '#8f84d8', '#4fb89f', '#a9a45b',
  '#c98a68', '#84a9c9'];
const LEFT = 62, RIGHT = 10, TOP = 8, BOTTOM = 18;

function shape(name, attributes, text) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

const last = series => series.points.at(-1)?.[1];
const clock = seconds => new Date(1000 * seconds).toISOString().slice(11, 19);

/** What a panel calls a value, and its colour, where it has words for values. */
const wordOf = (panel, value) => panel.fieldConfig.defaults.mappings?.[0]?.options[value];

/** Of the steps, the colour of the last that the value reaches. */
function colourOf(value, steps) {
  const reached = steps.filter(each => each.value === null || value >= each.value);
  return COLOURS[reached.at(-1).color] ?? reached.at(-1).color;
}

/** A panel's steps, and those that a query gives it. */
function stepsOf(panel, series) {
  const steps = [...panel.fieldConfig.defaults.thresholds.steps];
  for (const { options } of panel.transformations ?? []) {
    for (const { handlerArguments } of options.mappings) {
      const limit = series.find(each => each.target === options.configRefId);
      if (limit) steps.push({ value: last(limit), color: handlerArguments.threshold.color });
    }
  }
  return steps.sort((a, b) => (a.value ?? -Infinity) - (b.value ?? -Infinity));
}

/** Without the series that only give the panel its steps. */
function shown(panel, series) {
  const limits = (panel.transformations ?? []).map(each => each.options.configRefId);
  return series.filter(({ target }) => !limits.includes(target));
}

function canvas(body, height) {
  const width = body.clientWidth;
  const svg = shape('svg', { viewBox: `0 0 ${width} ${height}`, height });
  return { svg, width, height };
}

function timeAxis({ svg, width, height }, source, left) {
  const x = at => left + (at - source.from) / (source.to - source.from) * (width - left - RIGHT);
  const count = Math.max(2, Math.floor((width - left) / 110));
  for (let i = 0; i <= count; ++i) {
    const at = source.from + (source.to - source.from) * i / count;
    const anchor = i === 0 ? 'start' : i === count ? 'end' : 'middle';
    svg.append(shape('text', { x: x(at), y: height - 4, 'text-anchor': anchor }, clock(at)));
  }
  return x;
}

function overridesOf(panel, name) {
  const found = panel.fieldConfig.overrides.find(each => each.matcher.options === name);
  return Object.fromEntries((found?.properties ?? []).map(({ id, value }) => [id, value]));
}

/** [[seconds, from, to]] of each series; a stacked one stands on those before it. */
function spans(series, stacked) {
  const ground = new Map();
  return series.map(({ points }) => points.map(([at, value]) => {
    const from = stacked ? ground.get(at) ?? 0 : 0;
    if (stacked) ground.set(at, from + value);
    return [at, from, from + value];
  }));
}

function timeseries(panel, series, body, { source, marks }) {
  const { unit, decimals, custom } = panel.fieldConfig.defaults;
  const names = element('ul', 'legend');
  const looks = series.map((each, i) => {
    const special = overridesOf(panel, each.name);
    const colour = special.color ? COLOURS[special.color.fixedColor] : SERIES[i % SERIES.length];
    const item = element('li', '', `${each.name} `);
    item.style.setProperty('--colour', colour);
    item.append(element('span', '', write(last(each), unit, decimals)));
    names.append(item);
    return { colour, dash: special['custom.lineStyle']?.dash.join(' ') ?? 'none',
      fill: (special['custom.fillOpacity'] ?? custom.fillOpacity) / 100 };
  });
  body.append(names);
  const plot = canvas(body, body.clientHeight - names.offsetHeight - 4);
  const { svg, width, height } = plot;
  body.prepend(svg);

  const drawn = spans(series, custom.stacking?.mode === 'normal');
  const highest = Math.max(...drawn.flat().map(([, , to]) => to), custom.axisSoftMax ?? 0) || 1;
  const between = step(highest, unit);
  const top = Math.ceil(highest * 1.02 / between) * between;
  const y = value => height - BOTTOM - value / top * (height - BOTTOM - TOP);
  for (let value = 0; value <= top * 1.001; value += between) {
    svg.append(shape('line', { class: 'grid', x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }),
      shape('text', { x: LEFT - 6, y: y(value) + 4, 'text-anchor': 'end' }, write(value, unit, decimals)));
  }
  const x = timeAxis(plot, source, LEFT);
  drawn.forEach((points, i) => {
    const { colour, dash, fill } = looks[i];
    if (custom.drawStyle === 'bars') {
      const wide = Math.max(1, 0.9 * (x(source.from + source.step) - x(source.from)));
      for (const [at, from, to] of points.filter(([, a, b]) => b > a)) {
        svg.append(shape('rect', { x: x(at) - wide, width: wide, y: y(to), height: y(from) - y(to), fill: colour, opacity: fill }));
      }
      return;
    }
    for (const run of runs(points, 1.5 * source.step)) {
      const upper = run.map(([at, , to]) => `${x(at)},${y(to)}`);
      const lower = run.map(([at, from]) => `${x(at)},${y(from)}`).reverse();
      svg.append(shape('polygon', { points: [...upper, ...lower].join(' '), fill: colour, opacity: fill }),
        shape('polyline', { points: upper.join(' '), fill: 'none', stroke: colour, 'stroke-width': custom.lineWidth,
          'stroke-dasharray': dash }));
    }
  });
  for (const { from, to, colour } of marks) {
    svg.append(shape('rect', { x: x(from), width: x(to) - x(from), y: TOP, height: height - BOTTOM - TOP, fill: COLOURS[colour],
      opacity: 0.1 }));
    for (const at of new Set([from, to])) {
      svg.append(shape('line', { class: 'annotation', x1: x(at), x2: x(at), y1: TOP, y2: height - BOTTOM, stroke: COLOURS[colour] }));
    }
  }
}

function stat(panel, series, body) {
  const { unit, decimals } = panel.fieldConfig.defaults;
  const { textMode } = panel.options;
  const steps = stepsOf(panel, series);
  for (const each of shown(panel, series)) {
    const colour = colourOf(last(each), steps);
    const words = textMode === 'name' ? [each.name] : [write(last(each), unit, decimals)];
    if (textMode === 'value_and_name') words.push(each.name);
    const figure = element('div', 'stat', words.join(' '));
    figure.style.color = colour;
    body.append(figure);
    const plot = canvas(body, Math.floor(body.clientHeight * 0.45));
    const values = each.points.map(([, value]) => value);
    const least = Math.min(...values), most = Math.max(...values);
    const line = values.map((value, i) => `${i / Math.max(1, values.length - 1) * plot.width},` +
      `${plot.height - (value - least) / (most - least || 1) * (plot.height - 2)}`);
    plot.svg.classList.add('spark');
    plot.svg.append(
      shape('polygon', { points: [`0,${plot.height}`, ...line, `${plot.width},${plot.height}`].join(' '), fill: colour, opacity: 0.18 }),
      shape('polyline', { points: line.join(' '), fill: 'none', stroke: colour }));
    body.append(plot.svg);
  }
}

function states(panel, series, body, { source }) {
  const steps = stepsOf(panel, series);
  const plot = canvas(body, body.clientHeight);
  const left = Math.min(plot.width * 0.5, 14 + 6.6 * Math.max(...series.map(({ name }) => name.length)));
  const x = timeAxis(plot, source, left);
  const tall = (plot.height - BOTTOM) / series.length;
  series.forEach(({ name, points }, row) => {
    const top = row * tall + 0.1 * tall;
    plot.svg.append(shape('text', { x: left - 6, y: top + 0.4 * tall + 4, 'text-anchor': 'end' }, name));
    for (const run of runs(points, 1.5 * source.step)) {
      const ends = run.flatMap(([at, value], i) => i === 0 || value !== run[i - 1][1] ? [[at, value]] : []);
      ends.forEach(([at, value], i) => {
        const to = Math.min(ends[i + 1]?.[0] ?? run.at(-1)[0] + source.step, source.to);
        plot.svg.append(shape('rect', { x: x(at), width: Math.max(0, x(to) - x(at)), y: top, height: 0.8 * tall,
          fill: COLOURS[wordOf(panel, value)?.color] ?? colourOf(value, steps) }));
      });
    }
  });
  body.append(plot.svg);
}

function table(panel, series, body, { source }) {
  const columns = [...new Set(series.flatMap(({ labels }) => Object.keys(labels)))].filter(name => name !== '__name__');
  const made = element('table');
  const head = made.createTHead().insertRow();
  for (const name of ['Time', ...columns, 'Value']) head.append(element('th', '', name));
  const rows = made.createTBody();
  for (const each of series) {
    const row = rows.insertRow();
    const cells = [clock(source.to), ...columns.map(name => each.labels[name] ?? ''), write(last(each), panel.fieldConfig.defaults.unit, panel.fieldConfig.defaults.decimals)];
    for (const text of cells) row.insertCell().textContent = text;
  }
  const scroll = element('div', 'scroll');
  scroll.append(made);
  body.append(scroll);
}

const KINDS = { timeseries, stat, 'state-timeline': states, table };

/** Draws one panel; says whether there was anything to draw. */
export function draw(panel, series, body, context) {
  const found = series.filter(({ points }) => points.length > 0);
  if (shown(panel, found).length === 0) {
    body.append(element('p', 'nothing', panel.fieldConfig.defaults.noValue ?? 'No data'));
    return false;
  }
  KINDS[panel.type](panel, found, body, context);
  return true;
}
