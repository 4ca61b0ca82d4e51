// ---- query nodes: rows with bars, and from DENSE nodes on a map of cells above the first rows

const DENSE = 60;
const ROWS = 30;  // beneath the map

let nodes = [];
let limits = {};
const MOST_INSIDE = 20;  // collections of an opened node
const LAST_MOVES = 5;

let picked = null;  // the node whose cell was clicked
const opened = new Set();  // nodes whose inside is shown

// ---- a collection has one colour and one place in every bar while the page is open

const COLOURS = 9;
const colours = new Map();  // name → colour, in the order of their places

function hash(text) {
  let sum = 2166136261;
  for (let i = 0; i < text.length; ++i) sum = Math.imul(sum ^ text.charCodeAt(i), 16777619);
  return sum >>> 0;
}

function giveColours(largest) {
  const taken = new Set(colours.values());
  for (const name of largest) {
    if (colours.has(name) || taken.size >= COLOURS) continue;
    let colour = hash(name) % COLOURS;
    while (taken.has(colour)) colour = (colour + 1) % COLOURS;
    taken.add(colour);
    colours.set(name, colour);
  }
}

function showLegend() {
  const sums = new Map();
  for (const node of nodes) {
    for (const each of node.collections || []) {
      const sum = sums.get(each.name) || {bytes: 0, segments: 0};
      sum.bytes += each.bytes;
      sum.segments += each.segments;
      sums.set(each.name, sum);
    }
  }
  giveColours([...sums].sort((a, b) => b[1].bytes - a[1].bytes).slice(0, COLOURS).map(([name]) => name));
  const line = (look, name, facts) => {
    const text = element('span', '', name, ' ', element('span', 'dim', facts));
    text.title = text.textContent;
    return element('li', '', element('i', 'swatch ' + look), text);
  };
  const shown = [...colours].filter(([name]) => sums.has(name));
  const items = shown.map(([name, colour]) =>
    line('k' + colour, nameOf(name), `${many(sums.get(name).segments, 'segment')}, ${bytes(sums.get(name).bytes)}`));
  const others = sums.size - shown.length;
  if (others > 0) items.push(line('k9', many(others, 'other collection'), ''));
  if (nodes.some(node => node.expected !== undefined)) items.push(line('rest', 'not explained by segments', ''));
  fill(by('legend'), items);
}

// ---- bars

function barOf(node) {
  const bar = element('div', 'bar');
  bar.setAttribute('aria-hidden', 'true');
  if (!node.capacity || node.ratio === undefined) {
    bar.classList.add('unknown');
    return bar;
  }
  const share = amount => Math.max(0, amount) / node.capacity * 100;
  const piece = (classes, width, title) => {
    const made = element('i', classes);
    made.style.width = Math.min(100, width) + '%';
    if (title) made.title = plain(title);
    bar.append(made);
    return made;
  };
  const held = new Map((node.collections || []).map(each => [each.name, each]));
  const sum = [...held.values()].reduce((total, each) => total + each.bytes, 0);
  const scale = sum > node.expected ? node.expected / sum : 1;
  let others = sum;
  for (const [name, colour] of colours) {
    const each = held.get(name);
    if (!each) continue;
    piece('k' + colour, share(each.bytes * scale), `${name}: ${many(each.segments, 'segment')}, ${bytes(each.bytes)}`);
    others -= each.bytes;
  }
  if (others > 0) piece('k9', share(others * scale), `other collections: ${bytes(others)}`);
  piece('rest', share(node.expected - sum * scale), `not explained by segments: ${bytes(Math.max(0, node.expected - sum))}`);
  piece('mark', 0, `threshold: ${percent(limits.overload)}`).style.cssText = `left:${limits.overload * 100}%;width:2px`;
  if (Math.abs(node.used - node.expected) > node.capacity / 200) {
    piece('used', 0, `used now: ${bytes(node.used)}`).style.cssText = `left:${Math.min(99.8, share(node.used))}%;width:2px`;
  }
  return bar;
}

// ---- lines: how full a node has been over the last hours

const LINES_MS = 60000;  // between two looks at them
const MOST_LINES = 100;  // of one answer

let lines = new Map();  // node → its ratios, oldest first; null: not read
let linesEnd = 0;
let lineStep = 0;  // ms
let linesAsked = 0;

async function lookAtLines() {
  const shown = [...by('node-list').children].map(row => row.dataset.node).slice(0, MOST_LINES);
  const old = Date.now() - linesAsked > LINES_MS || shown.some(id => !lines.has(id));
  if (!old || shown.length === 0) return;
  linesAsked = Date.now();
  const {ok, body} = await ask(`memory?nodes=${shown.join()}`);
  if (!ok) return;
  lines = new Map(shown.map(id => [id, []]));
  for (const {id, ratios} of body.nodes) lines.set(id, ratios);
  [linesEnd, lineStep] = [Date.parse(body.end), body.step_seconds * 1000];
  showNodes();
}

function svg(name, attributes) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// Null where nothing is known yet.
function lineOf(node) {
  const ratios = lines.get(node.id) || [];
  const read = ratios.filter(ratio => ratio !== null);
  if (read.length < 2) return null;
  const top = Math.max(1, ...read);
  const y = ratio => (100 - ratio / top * 100).toFixed(1);
  let path = '';
  ratios.forEach((ratio, i) => {
    if (ratio !== null) path += `${i === 0 || ratios[i - 1] === null ? 'M' : 'L'}${i} ${y(ratio)}`;
  });
  const hours = Math.round(ratios.length * lineStep / 3600000);
  const line = svg('svg', {class: 'line', viewBox: `0 0 ${ratios.length - 1} 100`, preserveAspectRatio: 'none', role: 'img',
    'aria-label': `Memory over the last ${hours} hours: ${percent(Math.min(...read))} to ${percent(Math.max(...read))}, ` +
      `${percent(read.at(-1))} at the end`});
  const start = linesEnd - ratios.length * lineStep;
  for (const {finished} of movesOfNodes.get(node.id) || []) {
    const x = finished ? (Date.parse(finished) - start) / lineStep - 1 : -1;
    if (x >= 0 && x <= ratios.length - 1) line.append(svg('path', {class: 'move', d: `M${x.toFixed(1)} 0V100`}));
  }
  line.append(svg('path', {class: 'limit', d: `M0 ${y(limits.overload)}H${ratios.length - 1}`}), svg('path', {class: 'course', d: path}));
  return line;
}

// ---- one node

function nodeLook(node) {
  if (node.health !== 'up') return node.health === 'stopping' ? 'warn' : 'bad';
  return ['fine', 'exempt'].includes(node.state) ? '' : LOOKS[node.state] || 'warn';
}

const isWrong = node => nodeLook(node) !== '';

// Trouble first: 0 is the worst.
function rank(node) {
  const look = nodeLook(node);
  if (look !== '') return look === 'bad' ? 0 : 1;
  return node.drained || node.forecast ? 2 : 3;
}

function forecastWords({overloaded_at, earliest, latest}) {
  const span = latest
    ? `from ${dayAndTime(earliest)} to ${dayAndTime(latest)}`
    : `at the earliest ${dayAndTime(earliest)}, perhaps not`;
  return `overloaded about ${dayAndTime(overloaded_at)} if its memory goes on as in the last hour (${span})`;
}

function drainWords(drain) {
  if (!drain) return 'drained';
  const left = drain.segments > 0 ? `${many(drain.segments, 'segment')} (${bytes(drain.bytes)}) left` : 'it is empty';
  const why = (drain.waits_for || [])[0];
  return [`drained${drain.by ? ` by ${drain.by}` : ''}, ${left}`, drain.reason, why && `waits: ${why}`].filter(Boolean).join('; ');
}

function nodeNote(node) {
  if (node.health !== 'up') return [spaced(node.health), node.problem].filter(Boolean).join(': ');
  if (node.drained) return drainWords((status?.drains || []).find(drain => drain.node === node.id));
  if (node.state !== 'fine') return node.words || spaced(node.state);
  return node.forecast ? forecastWords(node.forecast) : '';
}

function figureOf(node) {
  if (node.expected === undefined) return [element('span', 'dim', 'memory not known')];
  if (node.ratio === undefined) return [bytes(node.expected), element('span', 'dim', ' of an unknown capacity')];
  return [element('b', '', percent(node.ratio)), element('span', 'dim', ` ${bytes(node.expected)} of ${bytes(node.capacity)}`)];
}

// Why the planner takes it for no destination, whatever its memory. Of the capacity the agent tells among its problems:
// "node 3 (10.0.0.3:21123): nothing is moved to it, since …".
function closedWords(node) {
  const problem = (status?.problems || []).find(each => each.startsWith(`node ${node.id} (`));
  const [, why] = problem?.split('): nothing is moved to it, ') || [];
  if (why) return `It takes no segments, ${why}.`;
  return (plan.rejected || []).some(each => each.to === node.id && each.why === 'destination_resting')
    ? 'It takes no segments: it refused some a moment ago, and rests.' : '';
}

// What it can take, or why it takes nothing.
function roomWords(node) {
  if (node.health !== 'up') return `It takes no segments: it is ${spaced(node.health)}.`;
  if (node.drained) return 'It takes no segments: it is drained.';
  if (node.state === 'exempt') return `It takes no segments: ${node.words || 'it takes no part'}.`;
  const closed = closedWords(node);
  if (closed) return closed;
  if (node.room === undefined) return `It takes no segments: ${node.words || 'its memory cannot be judged'}.`;
  const limit = limits.overload * node.capacity;
  const sum = `its limit is ${bytes(Math.round(limit))}, ${bytes(node.expected)} are expected, and ${bytes(node.kept_free)} are kept free`;
  return node.room > 0 ? `It can take segments of ${bytes(node.room)} in all: ${sum}.` : `It has no room for segments: ${sum}.`;
}

// What a node holds, and what was moved to and from it of late.
function insideOf(node) {
  const held = [...(node.collections || [])].sort((a, b) => b.bytes - a.bytes);
  const moves = (movesOfNodes.get(node.id) || []).slice(0, LAST_MOVES);
  const facts = [node.version && `Milvus ${node.version}, `, node.sampled_at && ['memory read ', time(node.sampled_at), ' · ']];
  const link = element('a', '', 'its segments');
  link.href = `api/v1/segments?node=${node.id}`;
  return element('div', 'note inside', element('p', 'dim', facts, link), element('p', '', named(roomWords(node))), lineOf(node),
    element('ul', '', listOf(held.map(each => [nameOf(each.name), ` ${many(each.segments, 'segment')}, ${bytes(each.bytes)}`]),
      MOST_INSIDE, ' collections')),
    element('p', 'dim', moves.length > 0 ? 'Last moves' : 'No segment has been moved to it or from it of late.'),
    element('ul', '', moves.map(move => element('li', '', moveWords(move), ' ', move.finished ? time(move.finished) : ''))));
}

function nameButton(node) {
  const role = (node.role || 'query') === 'query' ? '' : ` ${spaced(node.role)}`;
  const button = element('button', 'opens', `node ${node.id}${role}`);
  button.type = 'button';
  button.setAttribute('aria-expanded', opened.has(node.id));
  button.addEventListener('click', () => {
    if (!opened.delete(node.id)) opened.add(node.id);
    showNodes();
  });
  return button;
}

function nodeRow(node) {
  const note = nodeNote(node);
  const row = element('li', nodeLook(node) + (node.id === picked ? ' picked' : ''),
    element('span', '', nameButton(node), element('bdi', 'dim address', node.address)), barOf(node), lineOf(node) || element('span', 'line'),
    element('span', 'figure', figureOf(node)), note ? element('p', 'note', named(note)) : null,
    opened.has(node.id) ? insideOf(node) : null);
  row.dataset.node = node.id;
  return row;
}

const fullness = node => node.ratio === undefined ? 'unknown' : `${Math.round(node.ratio * 100)}%`;

function nodeCell(node) {
  const cell = element('i', [nodeLook(node), node.ratio === undefined ? 'unknown' : '', node.id === picked ? 'chosen' : ''].join(' ').trim());
  cell.style.setProperty('--full', Math.min(100, Math.round((node.ratio || 0) * 100)) + '%');
  cell.title = plain([`node ${node.id}`, node.address, fullness(node), isWrong(node) ? nodeNote(node) : ''].filter(Boolean).join(', '));
  cell.dataset.cell = node.id;
  return cell;
}

// ---- all of them

// A list whose members are made anew only if what they show has changed, and moved only if they are out of place.
class Kept {
  constructor(list, make) {
    this.list = list;
    this.make = make;
    this.members = new Map();  // id → {member, shown}
  }

  show(wanted, shownOf) {
    const members = new Map();
    wanted.forEach((node, i) => {
      const shown = shownOf(node);
      const known = this.members.get(node.id);
      const member = known?.shown === shown ? known.member : this.make(node);
      if (known && known.member !== member && known.member.parentNode === this.list) {
        const focused = known.member.contains(document.activeElement);
        known.member.replaceWith(member);
        if (focused) member.querySelector('button')?.focus();
      }
      members.set(node.id, {member, shown});
      if (this.list.children[i] !== member) this.list.insertBefore(member, this.list.children[i] || null);
    });
    while (this.list.children.length > wanted.length) this.list.lastChild.remove();
    this.members = members;
  }
}

const rows = new Kept(by('node-list'), nodeRow);
const cells = new Kept(by('map'), nodeCell);

function wantedNodes() {
  const words = by('find').value.trim().toLowerCase();
  let found = words === '' ? [...nodes] : nodes.filter(node =>
    node.id.includes(words) || (node.address || '').toLowerCase().includes(words) ||
    (node.collections || []).some(each => each.name.toLowerCase().includes(words)));
  if (by('wrong').checked) found = found.filter(isWrong);
  if (by('order').value === 'trouble') found.sort((a, b) => rank(a) - rank(b));
  if (by('order').value === 'ratio') found.sort((a, b) => (b.ratio ?? 2) - (a.ratio ?? 2));
  return found;
}

// "#node=5" at the end of the page's address opens that node: dashboards link to it so.
let addressed = null;  // the node, until it has been opened

function heedAddress() {
  addressed = new URLSearchParams(location.hash.slice(1)).get('node');
  if (addressed === null) return;
  by('find').value = '';
  by('wrong').checked = false;
  showNodes();
}

function showNodes() {
  const arrived = nodes.find(node => node.id === addressed);
  if (arrived) {
    opened.add(addressed);
    if (nodes.length >= DENSE) picked = addressed;
    addressed = null;
  }
  const wanted = wantedNodes();
  const dense = nodes.length >= DENSE;
  const first = dense ? wanted.slice(0, ROWS) : wanted;
  const chosen = dense && nodes.find(node => node.id === picked);
  if (chosen) first.splice(0, first.length, chosen, ...first.filter(node => node !== chosen));
  by('map').hidden = !dense || wanted.length === 0;
  cells.show(dense ? wanted : [], node => [nodeLook(node), fullness(node), isWrong(node) && nodeNote(node), node.id === picked].join());
  rows.show(first, node => JSON.stringify(opened.has(node.id)
    ? [node, limits, movedShown, linesEnd, node.id === picked, roomWords(node)]
    : [{...node, sampled_at: null}, limits, colours.size, node.id === picked, linesEnd, movedShown]));
  const wrong = wanted.filter(isWrong).length;
  by('map').setAttribute('aria-label', `Map of ${many(wanted.length, 'node')}, ${grouped(wrong)} of them with something wrong`);
  const rest = wanted.length - first.length;
  say('nodes-rest', wanted.length === 0 ? (by('wrong').checked ? 'All of these nodes are well.' : 'No node is found.')
    : rest > 0 ? `… and ${grouped(rest)} more: click a cell of the map, or find them by name.` : '');
  say('node-missing', addressed !== null && nodes.length > 0 ? plain(`Node ${addressed}, which this address names, is not there.`) : '');
  const facts = [`overloaded above ${percent(limits.overload)}`];
  if (wanted.length !== nodes.length) facts.unshift(`${grouped(wanted.length)} of ${grouped(nodes.length)}`);
  else if (nodes.length > 12) facts.unshift(grouped(nodes.length));
  say('nodes-facts', facts.join(', '));
  if (arrived) {
    const row = [...by('node-list').children].find(each => each.dataset.node === arrived.id);
    row.scrollIntoView();
    row.querySelector('button').focus({preventScroll: true});
  }
}

window.addEventListener('hashchange', heedAddress);
by('find').addEventListener('input', showNodes);
by('order').addEventListener('change', showNodes);
by('wrong').addEventListener('change', showNodes);
by('map').addEventListener('click', event => {
  const id = event.target.dataset.cell;
  if (!id) return;
  picked = picked === id ? null : id;
  showNodes();
});
