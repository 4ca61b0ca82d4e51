// ---- asking: the status at each poll, and the rest only if it has changed

const POLL_MS = 1000;      // between two polls of the status
const HIDDEN_MS = 10000;   // the same while the page is hidden
const PATIENCE_MS = 8000;  // deadline of one response

const token = {
  get: () => sessionStorage.getItem('evenkeel-token'),
  set: value => sessionStorage.setItem('evenkeel-token', value),
};

async function ask(path, options = {}) {
  const headers = {...options.headers};
  if (token.get()) headers.Authorization = 'Bearer ' + token.get();
  const answer = await fetch('api/v1/' + path, {
    ...options, headers, cache: 'no-store', credentials: 'same-origin', signal: AbortSignal.timeout(PATIENCE_MS),
  });
  heedDate(answer.headers.get('Date'));
  let body = {};
  try {
    body = await answer.json();
  } catch {
    // A proxy's response may have no JSON: its status says enough.
  }
  return {ok: answer.ok, status: answer.status, body};
}

class Refused extends Error {}  // there was an answer, with an error in it

async function get(path) {
  const answer = await ask(path);
  if (!answer.ok) throw new Refused(answer.body.error?.message || `${path}: HTTP status ${answer.status}`);
  return answer.body;
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

let replicas = [];
let figuresAt = null;  // of which time nodes and replicas are

let lastWords = '';

function showState() {
  const {words, look, help} = stateOf(status, nodes, replicas);
  say('now-words', words);
  lastWords = words;
  by('now-help').hidden = !help;
  by('now-help').firstElementChild.href = `docs/${help || ''}`;
  by('now').className = 'card now ' + look;
  document.title = plain([words, status.milvus?.name, 'Evenkeel'].filter(Boolean).join(' · '));
}

function showStatus() {
  showModes();
  const pause = by('pause');
  pause.textContent = status.paused ? 'Resume' : 'Pause';
  by('pause-time').parentElement.hidden = status.paused;
  by('controls').hidden = status.read_only === true || Boolean(status.turn?.words);
  const trouble = [...(status.problems || []), ...(status.set_aside || []),
    ...(status.targets || []).filter(target => !target.up).map(target => `${target.target}: ${target.problem || 'not read'}`)];
  by('trouble-card').hidden = trouble.length === 0;
  fill(by('trouble-list'), listOf(trouble.map(named), MOST.problems));
  const agent = status.agent || {};
  say('footer', `Evenkeel ${agent.version || ''} ${agent.revision || ''}`);
}

function balancerFacts({hold, by: means, words}) {
  if (hold === 'held') return `Milvus's own balancer held off${means === 'suspend' ? ` ${words}` : ''}`;
  if (hold === 'active') return words;
  return ['by_operator', 'failed'].includes(hold) ? `Milvus's own balancer: ${words || hold}` : '';
}

function roundFacts() {
  const every = `a round every ${status.balance_interval_seconds} s`;
  if (!status.next_round_at || lostSince !== null) return every;
  const left = Math.round((Date.parse(status.next_round_at) - now()) / 1000);
  return left > 0 ? `${every}, the next in ${left} s` : `${every}, the next one now`;
}

// Since when the rounds come to the same.
function sinceWords() {
  const [group = []] = groupsOf(decisions);
  return group.length > 1 ? ` (${spaced(group[0].outcome)} since ${clock(group.at(-1).at)})` : '';
}

// Beside the state: of which Milvus, what the last round came to, and when something changes by itself.
function showFacts() {
  const {milvus = {}, pause = {}, windows = {}, newest} = status;
  say('now-facts', plain([
    milvus.name,
    (milvus.version || milvus.address) && ['Milvus', milvus.version, milvus.address && `at ${milvus.address}`].filter(Boolean).join(' '),
    newest && `last round: ${named(newest.words).map(part => part.textContent ?? part).join('')}${sinceWords()}`,
    roundFacts(),
    `running since ${clock(status.started, {second: undefined})}`,
    milvus.not_acted_on,
    status.journal_trouble,
    status.turn?.words,
    balancerFacts(status.builtin_balancer || {}),
    pause.until && `paused until ${clock(pause.until)}`,
    pause.reason && `paused: ${pause.reason}`,
    windows.until && `maintenance window until ${dayAndTime(windows.until)}`,
    windows.next && `next maintenance window ${dayAndTime(windows.next)}`,
  ].filter(Boolean).join(' · ')));
}

function showAges() {
  for (const made of document.querySelectorAll('time')) {
    const text = timeWords(made.dateTime);
    if (made.textContent !== text) made.textContent = text;
  }
  if (status) showFacts();
}

// ---- the loop

let shown = null;  // the version that is on the page
let newestShown = null;  // the decision
let lostSince = null;
let lostHow = '';
let lostWhy = '';
let timer = 0;

// While Milvus does not answer, what was read last stays.
async function lookAtCluster() {
  if (!status.coordinator_up && figuresAt !== null) return;
  const [nodesAnswer, replicasAnswer] = await Promise.all([get('nodes'), get('replicas')]);
  [nodes, replicas] = [nodesAnswer.nodes, replicasAnswer.replicas];
  if (status.coordinator_up) figuresAt = status.at;
  learnNames(nodes, replicas);
  showLegend();
  showNodes();
  showReplicas(replicas);
  showState();
  await lookAtLines();
}

function lookAtDecisions(latest) {
  decisions = latest;
  keepMoved(decisions);
  searchDecisions();
  showNodes();  // with their moves
}

// The answers are asked for at the same time: behind a slow proxy each takes seconds.
async function look() {
  status = await get('status');
  limits = {overload: status.overload_threshold, difference: status.max_difference, stop: status.stop_difference};
  if (status.version !== shown) {
    showStatus();
    const newest = `${status.started} ${status.newest?.id}`;
    const [past, next] = await Promise.all([newest === newestShown ? null : get('decisions?limit=100'), get('plan'), lookAtCluster()]);
    if (past) lookAtDecisions(past.decisions);
    newestShown = newest;
    plan = next;
    showPlan();
    if (opened.size > 0) showNodes();  // what the plan says of them
    shown = status.version;
  }
  askJournalAgain();
  showState();
}

// One sentence where the figures are old, and why.
function oldWords() {
  const of = figuresAt ? `The figures below are of ${clock(figuresAt)}.` : 'Nothing has been read yet.';
  if (lostSince !== null) return `${lostHow} since ${clock(lostSince)} (${lostWhy}). ${of}`;
  if (status.coordinator_up) return '';
  return `Milvus does not answer. ${figuresAt ? of : 'What is below may be incomplete.'}`;
}

async function poll() {
  clearTimeout(timer);
  try {
    await look();
    lostSince = null;
  } catch (error) {
    lostSince = lostSince ?? now();
    lostHow = error instanceof Refused ? 'The agent has answered with an error' : 'The agent has not answered';
    lostWhy = error.message;
    by('now').className = 'card now';
    if (lastWords) say('now-words', `When it last answered: ${lastWords}`);
    document.title = `${lostHow} · Evenkeel`;
  }
  timer = setTimeout(poll, document.hidden ? HIDDEN_MS : POLL_MS);  // before what follows: it may throw
  const words = oldWords();
  say('lost', plain(words));
  by('lost').hidden = words === '';
  document.body.classList.toggle('old', words !== '');
  document.body.classList.toggle('alone', lostSince !== null);
  showAges();
  document.body.dataset.version = shown || '';
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
document.addEventListener('visibilitychange', () => { if (!document.hidden) poll(); });
setInterval(() => { if (!document.hidden) showAges(); }, 1000);
heedAddress();
poll();
