'use strict';
// The agent's page. Polls the API's status, and the rest only if it has changed. Whatever the API
// sends is inserted as text, never as HTML.

const POLL_MS = 1000;      // between two polls of the status
const HIDDEN_MS = 10000;   // the same while the page is hidden
const PATIENCE_MS = 8000;  // deadline of one response
const MOST = {legend: 9, collections: 9, replicas: 50, moves: 20, rejected: 50, problems: 20};

const by = id => document.getElementById(id);
const token = {
  get: () => sessionStorage.getItem('evenkeel-token'),
  set: value => sessionStorage.setItem('evenkeel-token', value),
};

// ---- elements

function element(name, classes, ...content) {
  const made = document.createElement(name);
  if (classes) made.className = classes;
  made.append(...content.filter(part => part !== null && part !== undefined && part !== ''));
  return made;
}

function fill(parent, children) {
  parent.replaceChildren(...children);
}

const badge = (text, look) => element('span', 'badge ' + (look || ''), text);
const listOf = (lines, most, more) => {
  const items = lines.slice(0, most).map(line => element('li', '', line));
  if (lines.length > most) items.push(element('li', 'dim', `… and ${lines.length - most} more${more || ''}`));
  return items;
};

// ---- words

function bytes(value) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    ++unit;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

const percent = ratio => (ratio * 100).toFixed(1) + ' %';
const spaced = name => String(name).replaceAll('_', ' ');
const clock = at => new Date(at).toLocaleTimeString();
const dayAndTime = at => new Date(at).toLocaleString([], {weekday: 'short', hour: '2-digit', minute: '2-digit'});

function ago(at) {
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(at)) / 1000));
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`;
  return `${Math.round(seconds / 3600)} h ago`;
}

function time(at) {
  const made = element('time', '', ago(at));
  made.dateTime = at;
  made.title = new Date(at).toLocaleString();
  return made;
}

const LOOKS = {
  balanced: 'good', moved: 'good', succeeded: 'good', fine: 'good',
  gathering: 'warn', held: 'warn', unknown: 'warn', gone: 'warn', cannot_judge: 'warn',
  failed: 'bad', cannot_fix: 'bad', overloaded: 'bad', difference: 'bad',
};

// ---- colours: a collection keeps its own while the page is open

const colours = new Map();

function hash(text) {
  let sum = 2166136261;
  for (let i = 0; i < text.length; ++i) sum = Math.imul(sum ^ text.charCodeAt(i), 16777619);
  return sum >>> 0;
}

function giveColours(names) {
  const taken = new Set(colours.values());
  for (const name of names) {
    if (colours.has(name) || taken.size >= MOST.collections) continue;
    let colour = hash(name) % MOST.collections;
    while (taken.has(colour)) colour = (colour + 1) % MOST.collections;
    taken.add(colour);
    colours.set(name, colour);
  }
}

const colourOf = name => 'k' + (colours.has(name) ? colours.get(name) : 9);

// ---- asking

async function ask(path, options = {}) {
  const headers = {...options.headers};
  if (token.get()) headers.Authorization = 'Bearer ' + token.get();
  const answer = await fetch('api/v1/' + path, {
    ...options, headers, cache: 'no-store', credentials: 'same-origin', signal: AbortSignal.timeout(PATIENCE_MS),
  });
  let body = {};
  try {
    body = await answer.json();
  } catch {
    // A proxy's response may have no JSON: its status says enough.
  }
  return {ok: answer.ok, status: answer.status, body};
}

async function get(path) {
  const answer = await ask(path);
  if (!answer.ok) throw new Error(answer.body.error?.message || `${path}: HTTP status ${answer.status}`);
  return answer.body;
}

// ---- nodes

const nodeRows = new Map();  // id → {row, shown: what the row was made from}
let nodes = [];
let limits = {};

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
    if (title) made.title = title;
    bar.append(made);
    return made;
  };
  const held = [...(node.collections || [])].sort((a, b) => b.bytes - a.bytes);
  const sum = held.reduce((total, each) => total + each.bytes, 0);
  const scale = sum > node.expected ? node.expected / sum : 1;
  let others = 0;
  for (const each of held) {
    if (!colours.has(each.name)) {
      others += each.bytes;
      continue;
    }
    piece(colourOf(each.name), share(each.bytes * scale), `${each.name}: ${each.segments} segments, ${bytes(each.bytes)}`);
  }
  if (others > 0) piece('k9', share(others * scale), `other collections: ${bytes(others)}`);
  piece('rest', share(node.expected - sum * scale), `not explained by segments: ${bytes(Math.max(0, node.expected - sum))}`);
  piece('mark', 0, `threshold: ${percent(limits.overload)}`).style.cssText = `left:${limits.overload * 100}%;width:2px`;
  if (Math.abs(node.used - node.expected) > node.capacity / 200) {
    piece('used', 0, `used now: ${bytes(node.used)}`).style.cssText = `left:${Math.min(99.8, share(node.used))}%;width:2px`;
  }
  return bar;
}

function nodeLook(node) {
  if (node.health !== 'up') return 'bad';
  if (node.state === 'exempt') return '';
  return node.state === 'fine' ? '' : LOOKS[node.state] || 'warn';
}

function forecastWords({overloaded_at, earliest, latest}) {
  const span = latest
    ? `from ${dayAndTime(earliest)} to ${dayAndTime(latest)}`
    : `at the earliest ${dayAndTime(earliest)}, perhaps not`;
  return `overloaded about ${dayAndTime(overloaded_at)} if its memory goes on as in the last hour (${span})`;
}

function drainWords(drain) {
  if (!drain) return 'drained';
  const left = drain.segments > 0 ? `${drain.segments} segments (${bytes(drain.bytes)}) are left` : 'it is empty';
  const why = (drain.waits_for || [])[0];
  return [`drained${drain.by ? ` by ${drain.by}` : ''}, ${left}`, drain.reason, why && `waits: ${why}`].filter(Boolean).join('; ');
}

function nodeNote(node) {
  if (node.health !== 'up') return [spaced(node.health), node.problem].filter(Boolean).join(': ');
  if (node.drained) return drainWords((status?.drains || []).find(drain => drain.node === node.id));
  if (node.state !== 'fine') return node.words || spaced(node.state);
  return node.forecast ? forecastWords(node.forecast) : '';
}

function nodeRow(node) {
  const figure = element('span', 'figure');
  if (node.expected === undefined) {
    figure.append(element('span', 'dim', 'memory not known'));
  } else if (node.ratio === undefined) {
    figure.append(bytes(node.expected), element('span', 'dim', ' of an unknown capacity'));
  } else {
    figure.append(element('b', '', percent(node.ratio)), element('span', 'dim', ` ${bytes(node.expected)} of ${bytes(node.capacity)}`));
  }
  const note = nodeNote(node);
  const role = node.role === 'query' ? '' : ` ${spaced(node.role)}`;
  const row = element('li', nodeLook(node),
    element('span', '', `node ${node.id}${role}`, element('span', 'dim address', node.address)), barOf(node), figure,
    note ? element('p', 'note', note) : null);
  row.dataset.node = node.id;
  return row;
}

function wantedNodes() {
  const words = by('find').value.trim().toLowerCase();
  const found = words === '' ? [...nodes] : nodes.filter(node =>
    node.id.includes(words) || (node.address || '').toLowerCase().includes(words) ||
    (node.collections || []).some(each => each.name.toLowerCase().includes(words)));
  if (by('order').value === 'ratio') found.sort((a, b) => (b.ratio ?? 2) - (a.ratio ?? 2));
  return found;
}

function showNodes() {
  const wanted = wantedNodes();
  const list = by('node-list');
  const rows = wanted.map(node => {
    const shown = JSON.stringify([node, limits]);
    const known = nodeRows.get(node.id);
    if (known && known.shown === shown) return known.row;
    const row = nodeRow(node);
    if (known && known.row.parentNode === list) known.row.replaceWith(row);
    nodeRows.set(node.id, {row, shown});
    return row;
  });
  const ids = new Set(nodes.map(node => node.id));
  for (const id of nodeRows.keys()) if (!ids.has(id)) nodeRows.delete(id);
  // Moves only rows that are out of place: a list of thousands stays put.
  rows.forEach((row, i) => {
    if (list.children[i] !== row) list.insertBefore(row, list.children[i] || null);
  });
  while (list.children.length > rows.length) list.lastChild.remove();
  const facts = [`overloaded above ${percent(limits.overload)}`];
  if (wanted.length !== nodes.length) facts.unshift(`${wanted.length} of ${nodes.length}`);
  else if (nodes.length > 12) facts.unshift(`${nodes.length}`);
  by('nodes-facts').textContent = facts.join(', ');
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
  const largest = [...sums].sort((a, b) => b[1].bytes - a[1].bytes);
  giveColours(largest.slice(0, MOST.legend).map(([name]) => name));
  const line = (colour, name, facts) => {
    const text = element('span', '', name, ' ', element('span', 'dim', facts));
    text.title = name;
    return element('li', '', element('i', 'swatch ' + colour), text);
  };
  const shown = largest.filter(([name]) => colours.has(name));
  const items = shown.map(([name, sum]) => line(colourOf(name), name, `${sum.segments} segments, ${bytes(sum.bytes)}`));
  const others = largest.length - shown.length;
  if (others > 0) items.push(line('k9', `${others} other collections`, ''));
  if (nodes.some(node => node.expected !== undefined)) items.push(line('rest', 'not explained by segments', ''));
  fill(by('legend'), items);
}

// ---- replicas

function replicaRow(replica) {
  const judged = replica.spread !== undefined;
  const bar = element('div', 'bar');
  bar.setAttribute('aria-hidden', 'true');
  if (judged) {
    const full = Math.max(2 * limits.difference, replica.spread) || 1;
    const value = element('i');
    value.style.width = replica.spread / full * 100 + '%';
    bar.append(value);
    for (const [classes, at] of [['mark stop', limits.stop], ['mark', limits.difference]]) {
      if (at === undefined) continue;
      const mark = element('i', classes);
      mark.style.cssText = `left:${at / full * 100}%;width:2px`;
      bar.append(mark);
    }
  } else {
    bar.classList.add('unknown');
  }
  const name = element('span', 'name', replica.collection_name || replica.collection);
  name.title = `${replica.collection_name}, replica ${replica.id}`;
  const ends = replica.highest && replica.lowest
    ? ` nodes ${replica.highest.node} and ${replica.lowest.node}` : '';
  return element('li', '', name, bar,
    element('span', 'figure', judged ? percent(replica.spread) : '', element('span', 'dim', ends), ' ',
      badge(spaced(replica.state), LOOKS[replica.state])),
    replica.state !== 'balanced' && replica.words ? element('p', 'note dim', replica.words) : null);
}

function showReplicas(replicas) {
  const sorted = [...replicas].sort((a, b) => (b.spread ?? 2) - (a.spread ?? 2));
  fill(by('replica-list'), sorted.slice(0, MOST.replicas).map(replicaRow));
  by('replicas-facts').textContent = `levelled above a spread of ${percent(limits.difference)}` +
    (limits.stop === undefined ? '' : `, down to ${percent(limits.stop)}`);
  const rest = by('replicas-rest');
  rest.hidden = sorted.length <= MOST.replicas;
  rest.textContent = `… and ${sorted.length - MOST.replicas} more, which differ less`;
}

// ---- what comes next, and what was

function showPlan(plan) {
  by('next-words').textContent = plan.words || spaced(plan.why_nothing || '');
  const closed = (plan.gates || []).filter(gate => !gate.open);
  const lines = [
    ...listOf((plan.moves || []).map(move => move.words), MOST.moves, ' moves'),
    ...closed.map(gate => element('li', '', badge(spaced(gate.gate) + ' holds', 'warn'), ' ', gate.detail || '')),
    ...(plan.unfixable || []).map(each => element('li', '', badge('moving cannot put it right', 'bad'), ' ', each.words || '')),
  ];
  fill(by('next-list'), lines);
  const rejected = plan.rejected || [];
  const details = by('rejected');
  details.hidden = rejected.length === 0;
  details.firstElementChild.textContent = `Considered and rejected: ${rejected.length}`;
  fill(details.lastElementChild, listOf(rejected.map(each => each.words), MOST.rejected));
}

const open = new Set();  // decisions that somebody has opened

function decisionRow(decision) {
  const head = [badge(spaced(decision.outcome), LOOKS[decision.outcome]), ' ', decision.words, ' '];
  for (const alert of decision.alerts || []) head.push(badge('alert ' + alert.name, 'warn'), ' ');
  if (decision.trigger === 'manual') head.push(badge('asked for'), ' ');
  head.push(time(decision.at));
  const moves = decision.moves || [];
  if (moves.length === 0) return element('li', '', ...head);
  const details = element('details', '', element('summary', '', ...head));
  details.open = open.has(decision.id);
  details.addEventListener('toggle', () => details.open ? open.add(decision.id) : open.delete(decision.id));
  details.append(element('ul', 'plain', ...listOf(moves.map(move =>
    element('span', '', move.words, ' ', badge(spaced(move.result), LOOKS[move.result]), ' ', move.detail || '')), MOST.moves, ' moves')));
  return element('li', '', details);
}

// ---- status

let status = null;

function showModes() {
  const modes = [];
  if (status.paused) modes.push(['paused', 'warn']);
  if (status.dry_run) modes.push(['dry run', 'warn']);
  if (!status.auto_balance) modes.push(['auto balance off', 'warn']);
  if (status.windows && !status.windows.open) {
    modes.push([status.windows.outside === 'nothing' ? 'outside of windows: nothing is moved' : 'outside of windows: only overload', 'warn']);
  }
  if (!status.coordinator_up) modes.push(['coordinator unreachable', 'bad']);
  if (status.milvus?.not_acted_on) modes.push(['unknown Milvus: only judged', 'warn']);
  if (status.journal_trouble) modes.push(['journal not written: nothing moves', 'bad']);
  if (status.turn?.words) modes.push([status.turn.actor ? `watches: ${status.turn.actor} acts` : 'watches: nobody acts', 'warn']);
  if (status.builtin_balancer?.hold === 'failed') modes.push(["Milvus's own balancer not held off", 'bad']);
  if (status.builtin_balancer?.hold === 'active') modes.push(['somebody else balances: only overload', 'warn']);
  for (const drain of status.drains || []) modes.push([`node ${drain.node} drained`, 'warn']);
  const moving = status.moves_in_flight || [];
  if (moving.length > 0) modes.push([`${moving.length} moving`, 'good']);
  fill(by('modes'), modes.map(([text, look]) => element('li', '', badge(text, look))));
}

function movingWords(moves) {
  if (moves.length === 0) return '';
  const [{segment, from, to}] = moves;
  const what = moves.length > 1 ? `${moves.length} segments` : `segment ${segment} from node ${from} to node ${to}`;
  return `Moving ${what} (${bytes(moves.reduce((sum, move) => sum + move.bytes, 0))}) …`;
}

function showStatus() {
  const newest = status.newest;
  const words = movingWords(status.moves_in_flight || []) || (newest ? newest.words : 'No round has ended yet.');
  // Set only if it differs, since screen readers then read it anew.
  if (by('now-words').textContent !== words) by('now-words').textContent = words;
  by('now').className = 'card now ' + (newest ? LOOKS[newest.outcome] || '' : '');
  showModes();
  const pause = by('pause');
  pause.textContent = status.paused ? 'Resume' : 'Pause';
  by('pause-time').parentElement.hidden = status.paused;
  by('controls').hidden = status.read_only === true || Boolean(status.turn?.words);
  const trouble = [...(status.problems || []), ...(status.set_aside || []),
    ...(status.targets || []).filter(target => !target.up).map(target => `${target.target}: ${target.problem || 'not read'}`)];
  by('trouble-card').hidden = trouble.length === 0;
  fill(by('trouble-list'), listOf(trouble, MOST.problems));
  const agent = status.agent || {};
  by('footer').textContent = `Evenkeel ${agent.version || ''} ${agent.revision || ''}, since ${new Date(status.started).toLocaleString()}`;
}

function showAges() {
  for (const made of document.querySelectorAll('time')) {
    const text = ago(made.dateTime);
    if (made.textContent !== text) made.textContent = text;
  }
  if (!status) return;
  const facts = [`a round every ${status.balance_interval_seconds} s`];
  if (status.next_round_at) {
    const left = Math.max(0, Math.round((Date.parse(status.next_round_at) - Date.now()) / 1000));
    facts.push(left > 0 ? `the next in ${left} s` : 'the next one now');
  }
  if (status.milvus?.version) facts.push(`Milvus ${status.milvus.version}`);
  if (status.milvus?.not_acted_on) facts.push(status.milvus.not_acted_on);
  if (status.journal_trouble) facts.push(status.journal_trouble);
  if (status.turn?.words) facts.push(status.turn.words);
  const balancer = status.builtin_balancer || {};
  if (balancer.hold === 'held') facts.push(`Milvus's own balancer held off${balancer.by === 'suspend' ? ` ${balancer.words}` : ''}`);
  if (balancer.hold === 'active') facts.push(balancer.words);
  if (['by_operator', 'failed'].includes(balancer.hold)) facts.push(`Milvus's own balancer: ${balancer.words || balancer.hold}`);
  if (status.pause?.until) facts.push(`paused until ${clock(status.pause.until)}`);
  if (status.pause?.reason) facts.push(`paused: ${status.pause.reason}`);
  if (status.windows?.until) facts.push(`maintenance window until ${dayAndTime(status.windows.until)}`);
  if (status.windows?.next) facts.push(`next maintenance window ${dayAndTime(status.windows.next)}`);
  const text = facts.join(', ');
  if (by('now-facts').textContent !== text) by('now-facts').textContent = text;
}

// ---- the loop

let shown = null;  // the version that is on the page
let lostSince = null;
let timer = 0;

async function look() {
  status = await get('status');
  limits = {overload: status.overload_threshold, difference: status.max_difference, stop: status.stop_difference};
  showStatus();
  showAges();
  if (status.version === shown) return;
  const [nodesAnswer, replicas, decisions] = await Promise.all([get('nodes'), get('replicas'), get('decisions?limit=20')]);
  nodes = nodesAnswer.nodes;
  showLegend();
  showNodes();
  showReplicas(replicas.replicas);
  fill(by('decision-list'), decisions.decisions.map(decisionRow));
  shown = status.version;
  showPlan(await get('plan'));
}

async function poll() {
  clearTimeout(timer);
  try {
    await look();
    lostSince = null;
  } catch (error) {
    lostSince = lostSince || new Date();
    by('lost').textContent = `Not reachable since ${lostSince.toLocaleTimeString()}: ${error.message}. What is below may be old.`;
  }
  by('lost').hidden = lostSince === null;
  document.body.dataset.version = shown || '';
  timer = setTimeout(poll, document.hidden ? HIDDEN_MS : POLL_MS);
}

// ---- what a person can do

async function send(path, body, done) {
  by('said').textContent = '…';
  let answer;
  try {
    answer = await ask(path, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)});
  } catch (error) {
    by('said').textContent = `Not sent: ${error.message}`;
    return;
  }
  by('token-form').hidden = answer.status !== 401;
  if (answer.status === 401) {
    by('said').textContent = token.get() ? 'The agent does not know this token.' : 'The agent asks for a token.';
    by('token').focus();
  } else {
    by('said').textContent = answer.ok ? done : answer.body.error?.message || `Refused with HTTP status ${answer.status}.`;
  }
  poll();
}

by('rebalance').addEventListener('click', () => send('rebalance', {}, 'A round has been asked for.'));
by('pause').addEventListener('click', () => {
  if (status?.paused) return send('resume', {}, 'Resumed.');
  const seconds = Number(by('pause-time').value);
  return send('pause', {reason: 'from the page', ...(seconds > 0 ? {seconds} : {})}, 'Paused: nothing is moved.');
});
by('token-form').addEventListener('submit', event => {
  event.preventDefault();
  token.set(by('token').value);
  by('token').value = '';
  by('token-form').hidden = true;
  by('said').textContent = 'The token is used from now on: press the button again.';
});
by('find').addEventListener('input', showNodes);
by('order').addEventListener('change', showNodes);
document.addEventListener('visibilitychange', () => { if (!document.hidden) poll(); });
setInterval(() => { if (!document.hidden) showAges(); }, 1000);
poll();
