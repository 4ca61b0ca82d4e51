// Draws one of the dashboards beside this folder from the Prometheus that ?prometheus= names: see ../README.md.
import { Source } from './data.js';
import { draw } from './draw.js';

const NAMES = ['cluster', 'decisions', 'agent'];
const parameters = new URLSearchParams(location.search);
const number = (name, otherwise) => Number(parameters.get(name) ?? otherwise);

function place(box, { x, y, w, h }) {
  box.style.gridArea = `${y + 1} / ${x + 1} / span ${h} / span ${w}`;
}

async function show(panel, context, parent) {
  const box = document.createElement(panel.type === 'row' ? 'h2' : 'section');
  place(box, panel.gridPos);
  parent.append(box);
  if (panel.type === 'row') {
    box.textContent = panel.title;
    return;
  }
  box.innerHTML = '<h3></h3><div class="body"></div>';
  box.title = panel.description;
  const [title, body] = box.children;
  title.textContent = panel.title;
  try {
    box.dataset.state = draw(panel, await context.source.read(panel), body, context) ? 'drawn' : 'empty';
  } catch (error) {
    box.dataset.state = 'failed';
    body.append(Object.assign(document.createElement('p'), { className: 'failed', textContent: error.message }));
  }
}

async function main() {
  const name = NAMES.includes(parameters.get('dashboard')) ? parameters.get('dashboard') : NAMES[0];
  const to = number('to', Date.now() / 1000);
  const source = new Source(parameters.get('prometheus') ?? 'http://localhost:9090', number('from', to - 3600), to,
    number('interval', 15));
  const dashboard = await (await fetch(`../evenkeel-${name}.json`)).json();
  document.title = `${dashboard.title} (preview, not Grafana)`;
  document.getElementById('title').textContent = dashboard.title;
  const utc = seconds => new Date(1000 * seconds).toISOString().slice(0, 19).replace('T', ' ');
  document.getElementById('when').textContent = `${utc(source.from)} to ${utc(to)} UTC, from the same JSON and Prometheus`;
  for (const other of NAMES.filter(each => each !== name)) {
    const link = document.createElement('a');
    parameters.set('dashboard', other);
    Object.assign(link, { href: `?${parameters}`, textContent: other });
    document.getElementById('others').append(link);
  }
  const context = { source, marks: await source.marks(dashboard) };
  const parent = document.getElementById('panels');
  await Promise.all(dashboard.panels.map(panel => show(panel, context, parent)));
}

try {
  await main();
} catch (error) {
  const wrong = document.getElementById('wrong');
  wrong.textContent = `Nothing to show: ${error.message}`;
  wrong.hidden = false;
}
document.body.dataset.done = 'yes';
