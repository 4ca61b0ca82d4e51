'use strict';
// The agent's page. page.js polls the API; what is here makes elements and words. Whatever the API sends is inserted as
// text, never as HTML.

const by = id => document.getElementById(id);

// Control and format characters, such as those that turn the reading direction, are shown by their numbers: two names that
// differ look different, and none changes what stands beside it.
const plain = text => String(text).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, mark => `\\u{${mark.codePointAt(0).toString(16)}}`);

function element(name, classes, ...content) {
  const made = document.createElement(name);
  if (classes) made.className = classes;
  made.append(...content.flat(Infinity).filter(part => part !== null && part !== undefined && part !== '')
    .map(part => part instanceof Node ? part : plain(part)));
  return made;
}

const fill = (parent, children) => parent.replaceChildren(...children);

// Sets a text only if it differs, since screen readers then read it anew.
function say(id, text) {
  if (by(id).textContent !== text) by(id).textContent = text;
}

const badge = (text, look) => element('span', 'badge ' + (look || ''), text);
const listOf = (lines, most, more) => {
  const items = lines.slice(0, most).map(line => element('li', '', line));
  if (lines.length > most) items.push(element('li', 'dim', `… and ${lines.length - most} more${more || ''}`));
  return items;
};

// ---- figures

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
// Of two shares: 30 % and 60 % are 30 points apart.
function points(difference) {
  const number = (difference * 100).toFixed(1).replace('.0', '');
  return `${number} point${number === '1' ? '' : 's'}`;
}
const spaced = name => String(name).replaceAll('_', ' ');
const grouped = number => number.toLocaleString('en');
const many = (number, noun) => `${grouped(number)} ${noun}${number === 1 ? '' : 's'}`;

// ---- time, which is the agent's: the browser's clock may be a day off

const TOLERANCE_MS = 2000;  // Date headers have whole seconds
let skew = 0;

function heedDate(header) {
  const found = Date.parse(header) - Date.now();
  if (!Number.isNaN(found) && Math.abs(found - skew) > TOLERANCE_MS) skew = found;
}

const now = () => Date.now() + skew;

function clock(at, more) {
  const date = new Date(at);
  const today = date.toDateString() === new Date(now()).toDateString();
  return date.toLocaleString([], {
    ...(today ? {} : {day: 'numeric', month: 'short'}),
    hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short', hourCycle: 'h23', ...more,
  });
}

const dayAndTime = at => new Date(at).toLocaleString([], {
  weekday: 'short', hour: '2-digit', minute: '2-digit', timeZoneName: 'short', hourCycle: 'h23',
});

function ago(at) {
  const seconds = Math.max(0, Math.round((now() - Date.parse(at)) / 1000));
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 172800) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86400)} days ago`;
}

const timeWords = at => `${clock(at)}, ${ago(at)}`;

function time(at) {
  const made = element('time', '', timeWords(at));
  made.dateTime = at;
  return made;
}

// ---- names of collections instead of their ids

const names = new Map();     // a collection's id → its name
const replicasOf = new Map();  // a collection's id → how many replicas it has

// While Milvus does not answer, old moves alone may have the name.
function learnNamesOfMoves(decisions) {
  for (const {moves = []} of decisions) {
    for (const {collection, collection_name: name} of moves) if (name && !names.has(collection)) names.set(collection, name);
  }
}

function learnNames(nodes, replicas) {
  for (const node of nodes) for (const each of node.collections || []) names.set(each.id, each.name);
  replicasOf.clear();
  for (const replica of replicas) {
    names.set(replica.collection, replica.collection_name);
    replicasOf.set(replica.collection, (replicasOf.get(replica.collection) || 0) + 1);
  }
}

const nameOf = name => element('bdi', '', name);

// The parts of a sentence of the agent's, with the collections' names. Which replica it is stays where there are several.
function named(words) {
  const parts = [];
  let end = 0;
  for (const found of String(words || '').matchAll(/(?:replica (\d+) of )?collection (\d+)(?:, replica (\d+))?/g)) {
    const [all, before, collection, after] = found;
    if (!names.has(collection)) continue;
    parts.push(words.slice(end, found.index), nameOf(names.get(collection)));
    const replica = before || after;
    if (replica && replicasOf.get(collection) > 1) parts.push(` (replica ${replica})`);
    end = found.index + all.length;
  }
  parts.push(String(words || '').slice(end));
  return parts;
}

const LOOKS = {
  balanced: 'good', moved: 'good', succeeded: 'good', fine: 'good',
  gathering: 'warn', held: 'warn', unknown: 'warn', gone: 'warn', cannot_judge: 'warn', interrupted: 'warn',
  failed: 'bad', cannot_fix: 'bad', overloaded: 'bad', difference: 'bad',
};
