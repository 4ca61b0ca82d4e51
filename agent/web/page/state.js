// ---- the state: what the head of the page and the title of the window say

const WORST_FIRST = ['bad', 'warn', 'good', ''];
const MOVING = ['move_in_flight', 'segment_in_transit'];  // reasons that pass when the moves have ended

// Where the manual says what to do.
const UNREAD = 'config/TROUBLESHOOTING.md#it-cannot-read-something';
const OVERLOADED = 'dashboards/ALERTS.md#evenkeelnodeoverloaded';
const APART = 'dashboards/ALERTS.md#evenkeeldifferencetoolarge';

// What is wrong with the cluster, worst first: [words, look, page of the manual].
function troubles({nodes, replicas, newest}) {
  const counted = (all, test) => all.filter(test).length;
  const wrong = [];
  const note = (number, words, look, page) => { if (number > 0) wrong.push([words(number), look, page]); };
  const up = state => node => node.health === 'up' && node.state === state;
  const judged = counted(nodes, node => node.state !== 'exempt');
  note(counted(nodes, up('overloaded')), n => `${grouped(n)} of ${many(judged, 'node')} overloaded`, 'bad', OVERLOADED);
  for (const health of new Set(nodes.map(node => node.health))) {
    if (health === 'up') continue;
    note(counted(nodes, node => node.health === health), n => `${many(n, 'node')} ${spaced(health)}`,
      health === 'stopping' ? 'warn' : 'bad', UNREAD);
  }
  note(counted(nodes, up('cannot_judge')), n => `${many(n, 'node')} cannot be judged`, 'warn', UNREAD);
  note(counted(replicas, replica => replica.state === 'difference'), n => `${many(n, 'replica')} out of balance`,
    'warn', APART);
  note(counted(replicas, replica => replica.state === 'cannot_judge' && !MOVING.includes(replica.reason)),
    n => `${many(n, 'replica')} cannot be judged`, 'warn', UNREAD);
  note(counted(nodes, up('gathering')), n => `${many(n, 'node')} may be overloaded`, 'warn', OVERLOADED);
  note(counted(replicas, replica => replica.state === 'gathering' && !MOVING.includes(replica.reason)),
    n => `${many(n, 'replica')} may be out of balance`, 'warn', APART);
  if (newest?.outcome === 'cannot_fix') {
    wrong.push(['moving cannot put it right', 'bad', 'dashboards/ALERTS.md#evenkeeloverloadunfixable']);
  }
  if (newest?.outcome === 'failed') wrong.push(['the last moves failed', 'bad', 'config/TROUBLESHOOTING.md#a-move-fails']);
  return wrong;
}

// Why the agent does not do all that it would: [words, look, page]; the strongest reason alone.
function hindrance(status) {
  if (status.turn?.words) {
    return [status.turn.actor ? `Watching, ${status.turn.actor} acts` : 'Watching, nobody acts', 'warn', 'agent/turns/TURNS.md'];
  }
  if (status.journal_trouble) return ['Nothing moves, the journal cannot be written', 'bad', 'agent/journal/JOURNAL.md'];
  if (status.milvus?.not_acted_on) {
    return ['Only judging, this Milvus is not known', 'warn', 'config/TROUBLESHOOTING.md#milvus-is-newer'];
  }
  if (status.paused) return [status.pause?.until ? `Paused until ${clock(status.pause.until)}` : 'Paused', 'warn'];
  if (status.dry_run) return ['Dry run', 'warn'];
  if (!status.auto_balance) return ['Auto balance off', 'warn'];
  if (status.windows && !status.windows.open && status.windows.outside === 'nothing') return ['Outside of windows', 'warn'];
  if (status.builtin_balancer?.hold === 'failed') {
    return ["Milvus's own balancer is not held off", 'bad', 'dashboards/ALERTS.md#evenkeelbuiltinbalancernotheld'];
  }
  if (status.builtin_balancer?.hold === 'active') {
    return ['Somebody else balances', 'warn', 'dashboards/ALERTS.md#evenkeelsomebodyelsebalances'];
  }
  if (status.newest?.outcome === 'held') return ['Held back', 'warn', 'config/TROUBLESHOOTING.md#it-runs-and-nothing-moves'];
  return null;
}

function movingWords(moves, replicas) {
  const [{replica, from, to}] = moves;
  const collection = replicas.find(each => each.id === replica)?.collection_name;
  const what = moves.length > 1 ? many(moves.length, 'segment')
    : `a segment${collection ? ` of ${collection}` : ''} from node ${from} to node ${to}`;
  return `moving ${what} (${bytes(moves.reduce((sum, move) => sum + move.bytes, 0))})`;
}

// "7 of 27 moves, 0.9 GiB of 2.3 GiB, about 6 min".
function progressWords({since, moves, moves_ended: ended, bytes: all, bytes_ended: done}, at) {
  const left = done > 0 ? (Date.parse(at) - Date.parse(since)) / 1000 * (all - done) / done : 0;
  const time = left <= 0 ? '' : left < 90 ? `, about ${Math.ceil(left)} s` : `, about ${Math.ceil(left / 60)} min`;
  return `moving: ${grouped(ended)} of ${many(moves, 'move')}, ${bytes(done)} of ${bytes(all)}${time}`;
}

// The whole: {words, look, help}, of which the last is a page of the manual for what is worst. It is about `nodes` and
// `replicas`, which are the last that could be read.
function stateOf(status, nodes, replicas) {
  if (!status.coordinator_up) return {words: 'Milvus does not answer', look: 'bad', help: UNREAD};
  const found = troubles({nodes, replicas, newest: status.newest});
  const hinders = hindrance(status);
  const moves = status.moves_in_flight || [];
  const all = [...(hinders ? [hinders] : []), ...found];
  const worst = WORST_FIRST.find(each => all.some(([, look]) => look === each));
  const words = found.map(([text]) => text);
  if (status.round?.moves > 1) words.push(progressWords(status.round, status.at));
  else if (moves.length > 0) words.push(movingWords(moves, replicas));
  if (words.length === 0) words.push(nodes.length === 0 ? 'no query nodes' : status.newest ? 'balanced' : 'no round has ended yet');
  const sentence = words.join(', ');
  return {
    words: plain(hinders ? `${hinders[0]}. ${capital(sentence)}` : capital(sentence)),
    look: worst || (nodes.length === 0 ? 'warn' : status.newest ? 'good' : ''),
    help: all.find(([, look, page]) => look === worst && page)?.[2],
  };
}

const capital = text => text.charAt(0).toUpperCase() + text.slice(1);
