// What a dashboard asks of Prometheus, and how its figures are written.

const SCALES = {
  bytes: [[2 ** 40, 'TiB'], [2 ** 30, 'GiB'], [2 ** 20, 'MiB'], [2 ** 10, 'KiB'], [1, 'B']],
  short: [[1e9, 'Bil'], [1e6, 'Mil'], [1e3, 'K'], [1, '']],
  s: [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's'], [1e-3, 'ms'], [1e-6, 'µs']],
};

/** A figure in one of Grafana's units. */
export function write(value, unit, decimals) {
  if (decimals !== undefined && Math.abs(value) < 1000) return value.toFixed(decimals);
  if (unit === 'bool_yes_no') return value ? 'Yes' : 'No';
  if (unit === 'percentunit') return `${round(100 * value)} %`;
  if (unit === 'reqps') return `${round(value)} req/s`;
  const scale = SCALES[unit] ?? SCALES.short;
  const [size, name] = value === 0 ? [1, ''] : scale.find(([least]) => Math.abs(value) >= least) ?? scale.at(-1);
  return `${round(value / size)} ${name}`.trim();
}

const round = value => String(Number(value.toPrecision(3)));

/** The step between two marks of an axis that reaches to `top`, about four of them. */
export function step(top, unit) {
  const base = unit === 'bytes' ? 2 : 10;
  const rough = top / 4;
  const power = base ** Math.floor(Math.log(rough) / Math.log(base));
  return base === 2 ? 2 * power : power * [1, 2, 2.5, 5, 10].find(factor => factor * power >= rough);
}

/** One Prometheus and one stretch of time, in seconds; `interval` is how often it scrapes. */
export class Source {
  constructor(address, from, to, interval) {
    Object.assign(this, { address, from, to });
    this.step = Math.max(interval, Math.ceil((to - from) / 600));
    this.variables = {
      cluster: '.*', namespace: '.*', job: '.+', instance: '.+', node: '.+', collection: '.+', __range: `${Math.ceil(to - from)}s`, __interval: `${this.step}s`,
      __rate_interval: `${Math.max(4 * interval, this.step + interval)}s`,
    };
  }

  expression(text) {
    return text.replace(/\$\{?(\w+)\}?/g, (whole, name) => this.variables[name] ?? whole);
  }

  async ask(path, parameters) {
    const answer = await fetch(`${this.address}/api/v1/${path}?${new URLSearchParams(parameters)}`,
      { signal: AbortSignal.timeout(20_000) });
    const { status, data, error } = await answer.json();
    if (status !== 'success') throw new Error(`${parameters.query}: ${error}`);
    return data.result;
  }

  /** [{labels, points: [[seconds, value]]}] */
  async range(text) {
    const found = await this.ask('query_range',
      { query: this.expression(text), start: this.from, end: this.to, step: this.step });
    return found.map(({ metric, values }) => ({ labels: metric, points: numbers(values) }));
  }

  async now(text) {
    const found = await this.ask('query', { query: this.expression(text), time: this.to });
    return found.map(({ metric, value }) => ({ labels: metric, points: numbers([value]) }));
  }

  /** What a panel's targets find: [{target, name, labels, points}] */
  async read(panel) {
    const found = await Promise.all(panel.targets.map(async target => {
      const series = await (target.instant ? this.now(target.expr) : this.range(target.expr));
      return series.map(each => ({ ...each, target: target.refId, name: legend(target.legendFormat, each.labels) }));
    }));
    return found.flat();
  }

  /** [{from, to, colour}], in seconds, of what a dashboard marks in its graphs. */
  async marks(dashboard) {
    const switched = dashboard.annotations.list.filter(each => each.enable);
    const found = await Promise.all(switched.map(async each =>
      (await this.range(each.expr)).flatMap(({ points }) => runs(points, 1.5 * this.step)
        .map(run => ({ from: run[0][0], to: run.at(-1)[0], colour: each.iconColor })))));
    return found.flat();
  }
}

/** Points in runs without a gap. */
export function runs(points, gap) {
  const found = [];
  points.forEach((point, i) => {
    if (i === 0 || point[0] - points[i - 1][0] > gap) found.push([]);
    found.at(-1).push(point);
  });
  return found;
}

const numbers = pairs => pairs.map(([at, text]) => [at, Number(text)]).filter(([, value]) => Number.isFinite(value));

const legend = (format, labels) => format.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name) => labels[name] ?? '');
