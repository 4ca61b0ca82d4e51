// ---- replicas, what comes next, and what was

const MOST = {replicas: 25, moves: 20, rejected: 50, problems: 20, decisions: 20, moved: 200};

function replicaBar(replica) {
  const bar = element('div', 'bar');
  bar.setAttribute('aria-hidden', 'true');
  if (replica.spread === undefined) {
    bar.classList.add('unknown');
    return bar;
  }
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
  return bar;
}

function replicaRow(replica) {
  const several = replicasOf.get(replica.collection) > 1;
  const name = element('span', 'name', nameOf(replica.collection_name || replica.collection),
    several ? element('span', 'dim', ` replica …${replica.id.slice(-4)}`) : null);
  name.title = plain(`${replica.collection_name}, replica ${replica.id}`);
  const ends = replica.highest && replica.lowest
    ? ` nodes ${replica.highest.node} and ${replica.lowest.node}` : '';
  return element('li', '', name, replicaBar(replica),
    element('span', 'figure', replica.spread === undefined ? '' : points(replica.spread), element('span', 'dim', ends), ' ',
      badge(spaced(replica.state), LOOKS[replica.state])),
    replica.state !== 'balanced' && replica.words ? element('p', 'note dim', named(replica.words)) : null);
}

function showReplicas(replicas) {
  const place = replica => ['difference', 'cannot_judge', 'gathering', 'balanced'].indexOf(replica.state);
  const sorted = [...replicas].sort((a, b) => place(a) - place(b) || (b.spread ?? 2) - (a.spread ?? 2));
  fill(by('replica-list'), sorted.slice(0, MOST.replicas).map(replicaRow));
  say('replicas-facts', `levelled above a spread of ${points(limits.difference)}` +
    (limits.stop === undefined ? '' : `, down to ${points(limits.stop)}`));
  const rest = by('replicas-rest');
  rest.hidden = sorted.length <= MOST.replicas;
  rest.textContent = `… and ${grouped(sorted.length - MOST.replicas)} more, which are better`;
}

// ---- the plan

let plan = {};

function showPlan() {
  fill(by('next-words'), [element('span', '', named(plan.words || spaced(plan.why_nothing || '')))]);
  const closed = (plan.gates || []).filter(gate => !gate.open);
  const lines = [
    ...listOf((plan.moves || []).map(move => named(move.words)), MOST.moves, ' moves'),
    ...closed.map(gate => element('li', '', badge(spaced(gate.gate) + ' holds', 'warn'), ' ', gate.detail || '')),
    ...(plan.unfixable || []).map(each => element('li', '', badge('moving cannot put it right', 'bad'), ' ', named(each.words))),
  ];
  fill(by('next-list'), lines);
  const rejected = plan.rejected || [];
  const details = by('rejected');
  details.hidden = rejected.length === 0;
  details.firstElementChild.textContent = `Considered and rejected: ${rejected.length}`;
  fill(details.lastElementChild, listOf(rejected.map(each => named(each.words)), MOST.rejected));
}

// ---- decisions: rounds in a row that came to the same, and did nothing, are one line

let decisions = [];
const open = new Set();  // decisions that somebody has opened

const isQuiet = decision => (decision.moves || []).length === 0 && (decision.alerts || []).length === 0 &&
  (decision.trigger || 'interval') === 'interval';

function groupsOf(all) {
  const groups = [];
  for (const decision of all) {
    const last = groups.at(-1);
    if (last && isQuiet(decision) && isQuiet(last[0]) && last[0].outcome === decision.outcome) last.push(decision);
    else groups.push([decision]);
  }
  return groups;
}

function opens(key, head, lines) {
  const details = element('details', '', element('summary', '', head), element('ul', 'plain', lines));
  details.open = open.has(key);
  details.addEventListener('toggle', () => details.open ? open.add(key) : open.delete(key));
  return element('li', '', details);
}

function groupRow(group) {
  const [newest, oldest] = [group[0], group.at(-1)];
  const head = [badge(spaced(newest.outcome), LOOKS[newest.outcome]), ` × ${group.length} since ${clock(oldest.at)}: `,
    named(newest.words), ' ', time(newest.at)];
  // By the oldest: the group stays open while it grows.
  return opens(oldest.id, head, listOf(group.map(each => [named(each.words), ' ', time(each.at)]), MOST.decisions, ' rounds'));
}

const moveWords = move => [named(move.words), ' ', badge(spaced(move.result), LOOKS[move.result]), ' ', move.detail || ''];

function decisionRow(decision) {
  const head = [badge(spaced(decision.outcome), LOOKS[decision.outcome]), ' ', named(decision.words), ' '];
  for (const alert of decision.alerts || []) head.push(badge('alert ' + alert.name, 'warn'), ' ');
  if (decision.trigger === 'manual') head.push(badge('asked for'), ' ');
  head.push(time(decision.at));
  const moves = decision.moves || [];
  if (moves.length === 0) return element('li', '', head);
  return opens(decision.id, head, listOf(moves.map(moveWords), MOST.moves, ' moves'));
}

// All that there are, since the journal may have what the last rounds have not.
const OUTCOMES = ['balanced', 'gathering', 'held', 'moved', 'failed', 'cannot_fix', 'cannot_judge', 'interrupted'];

fill(by('outcome'), [new Option('all outcomes', ''), ...OUTCOMES.map(outcome => new Option(spaced(outcome), outcome))]);

// ---- the journal: it knows more than the last rounds, if the agent keeps one

// {decisions, more}, {trouble}, or {} where there is no journal. It never throws: the rest of the page is right without it.
async function askJournal(query) {
  try {
    const {ok, status: code, body} = await ask(`history?${query}`);
    if (ok) return body;
    return code === 409 ? {} : {trouble: body.error?.message || `HTTP status ${code}`};
  } catch (error) {
    return {trouble: error.message};
  }
}

// ---- what has moved: of the last rounds, and once of the journal

let moved = [];  // decisions, newest first
let movesOfNodes = new Map();  // node → its moves, newest first
let movedShown = 0;  // changes with them
let journalMoves = '';  // '': not asked yet; 'asked', 'known'
let movesTrouble = '';

function keepMoved(more) {
  learnNamesOfMoves(more);
  const all = new Map([...more, ...moved].map(decision => [decision.id + decision.at, decision]));
  moved = [...all.values()].filter(decision => (decision.moves || []).length > 0)
    .sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, MOST.moved);
  movesOfNodes = new Map();
  for (const move of moved.flatMap(decision => [...decision.moves].reverse())) {
    for (const node of new Set([move.from, move.to])) {
      if (!movesOfNodes.has(node)) movesOfNodes.set(node, []);
      movesOfNodes.get(node).push(move);
    }
  }
  ++movedShown;
  showLastMove(moved[0]);
}

async function askMoves() {
  if (journalMoves !== '') return;
  journalMoves = 'asked';
  const answer = await askJournal('outcome=moved&limit=100');
  journalMoves = answer.trouble ? '' : 'known';
  movesTrouble = answer.trouble || '';
  if (answer.decisions) {
    keepMoved(answer.decisions);
    showNodes();
  }
  showDecisions();
}

function showLastMove(decision) {
  const move = decision?.moves.at(-1);
  by('last-move').hidden = !move;
  if (move) fill(by('last-move'), [element('span', '', 'Last move: ', moveWords(move), ' ', time(move.finished || decision.at))]);
}

// ---- the filter

let found = null;  // {query, decisions, more} of the journal; null: it was not asked, or did not tell
let searches = 0;
let searching = false;
let searchTrouble = '';

const filter = () => ({words: by('decision-find').value.trim(), outcome: by('outcome').value});

function fits(decision, {words, outcome}) {
  const moves = decision.moves || [];
  const named = name => String(name || '').toLowerCase().includes(words.toLowerCase());
  return (outcome === '' || decision.outcome === outcome) &&
    (words === '' || moves.some(move => move.from === words || move.to === words || named(move.collection_name)));
}

function showDecisions() {
  const wanted = filter();
  const all = found?.decisions || decisions.filter(decision => fits(decision, wanted));
  const groups = groupsOf(all);
  fill(by('decision-list'), groups.slice(0, MOST.decisions).map(group => group.length > 1 ? groupRow(group) : decisionRow(group[0])));
  const filtered = wanted.words !== '' || wanted.outcome !== '';
  const trouble = filtered ? searchTrouble : movesTrouble;
  say('decisions-facts', plain([
    trouble ? `The journal cannot be read: ${trouble}; these are of the last ${decisions.length} rounds`
      : !filtered ? '' : found?.more ? `the newest ${all.length} of the journal's decisions`
      : found ? `${many(all.length, 'decision')} of the journal, the newest first`
      : `${many(all.length, 'decision')} of the last ${decisions.length}`,
    groups.length > MOST.decisions && `the first ${MOST.decisions} lines are shown`].filter(Boolean).join(', ')));
}

// The journal finds a node and a collection by the whole name alone.
function journalQuery({words, outcome}) {
  const query = new URLSearchParams({limit: 100});
  if (outcome !== '') query.set('outcome', outcome);
  if (nodes.some(node => node.id === words)) query.set('node', words);
  else if ([...names.values()].includes(words)) query.set('collection', words);
  else if (words !== '') return '';
  return words === '' && outcome === '' ? '' : String(query);
}

async function searchDecisions() {
  const search = ++searches;
  const query = journalQuery(filter());
  if (found?.query !== query) found = null;
  searching = query !== '';
  if (!searching) searchTrouble = '';
  showDecisions();
  if (!searching) return;
  const answer = await askJournal(query);
  if (search !== searches) return;
  searching = false;
  searchTrouble = answer.trouble || '';
  found = answer.decisions ? {query, ...answer} : null;
  showDecisions();
}

// At each poll, until the journal has told.
function askJournalAgain() {
  askMoves();
  if (searchTrouble && !searching) searchDecisions();
}

by('outcome').addEventListener('change', searchDecisions);
by('decision-find').addEventListener('input', searchDecisions);
