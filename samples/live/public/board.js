/* The board: items come by an event stream, and go by ordinary requests. */

import { followCursors } from './cursors.js';
import { uploadPicture } from './pictures.js';

const byId = (id) => document.getElementById(id);
const board = byId('board');
const strokes = byId('strokes');
const list = byId('items');
const problem = byId('problem');
const nameField = byId('name');

const MAX_POINTS = 1000;
const MAX_LOG_LINES = 50;
/** How far one arrow key moves, as a share of the board. */
const STEP = 0.02;
const SVG = 'http://www.w3.org/2000/svg';

/** What is on the board: the item, and the element that shows it. */
const shown = new Map();

// --- who I am ---

nameField.value = localStorage.getItem('name') ?? `Guest ${Math.ceil(Math.random() * 99)}`;
const me = () => nameField.value.trim() || 'Guest';
const colour = () => document.querySelector('[name=colour]:checked').value;

// --- what is shown ---

function put(item) {
  const known = shown.get(item.id);
  const element = known?.element ?? create(item);
  shown.set(item.id, { item, element });
  if (item.kind === 'stroke') return;
  element.style.left = `${item.x * 100}%`;
  element.style.top = `${item.y * 100}%`;
}

function create(item) {
  if (item.kind === 'stroke') return draw(item.points, item.colour);
  const element = document.createElement('li');
  element.tabIndex = 0;
  element.dataset.id = item.id;
  if (item.kind === 'note') {
    element.dataset.colour = item.colour;
    element.append(item.text);
  } else {
    const image = document.createElement('img');
    image.src = `/pictures/${item.id}`;
    image.alt = item.description;
    element.append(image);
  }
  const author = document.createElement('small');
  author.textContent = item.by;
  element.append(author);
  list.append(element);
  return element;
}

function draw(points, of) {
  const line = document.createElementNS(SVG, 'polyline');
  line.dataset.colour = of;
  line.setAttribute('points', points.join(' '));
  strokes.append(line);
  return line;
}

function remove(id) {
  shown.get(id)?.element.remove();
  shown.delete(id);
}

function tell(text) {
  const line = document.createElement('li');
  line.textContent = text;
  byId('log').append(line);
  if (byId('log').children.length > MAX_LOG_LINES) byId('log').firstElementChild.remove();
  line.scrollIntoView({ block: 'nearest' });
}

function describe(item) {
  if (item.kind === 'note') return `${item.by} wrote: ${item.text}`;
  if (item.kind === 'picture') return `${item.by} added a picture: ${item.description}`;
  return `${item.by} drew a line`;
}

// --- what comes ---

const connected = { events: false, cursors: false };

function setConnected(what, is) {
  connected[what] = is;
  const isWhole = connected.events && connected.cursors;
  byId('status').dataset.state = isWhole ? 'connected' : 'waiting';
  byId('status').textContent = isWhole ? 'Connected' : 'Connecting …';
}

function follow() {
  const events = new EventSource('/changes');
  events.addEventListener('open', () => setConnected('events', true));
  events.addEventListener('error', () => {
    setConnected('events', false);
    // The browser connects again by itself, unless it was answered with an error.
    if (events.readyState === EventSource.CLOSED) setTimeout(follow, 1000);
  });
  events.addEventListener('board', ({ data }) => {
    for (const id of [...shown.keys()]) remove(id);
    for (const item of JSON.parse(data)) put(item);
  });
  events.addEventListener('message', ({ data }) => {
    const change = JSON.parse(data);
    if (change.kind === 'removal') {
      remove(change.id);
    } else {
      if (!shown.has(change.id)) tell(describe(change));
      put(change);
    }
  });
}

follow();

const cursors = followCursors({
  board,
  layer: byId('cursors'),
  people: byId('people'),
  name: me,
  onConnected: (is) => setConnected('cursors', is),
  onNews: tell,
});

nameField.addEventListener('change', () => {
  localStorage.setItem('name', me());
  cursors.rename();
});

// --- what goes ---

/** Sends a request, and says what is wrong with it. */
async function send(method, url, body) {
  problem.textContent = '';
  try {
    const response = await fetch(url, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (response.ok) return true;
    const { title, detail, errors } = await response.json();
    problem.textContent = errors?.[0]?.detail ?? detail ?? title;
  } catch {
    problem.textContent = 'The server cannot be reached.';
  }
  return false;
}

byId('note-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const text = byId('text');
  if (await send('POST', '/notes', { by: me(), colour: colour(), text: text.value })) text.value = '';
});

byId('picture-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  const fields = new FormData(form);
  fields.append('by', me());
  const progress = byId('progress');
  problem.textContent = '';
  progress.hidden = false;
  try {
    await uploadPicture(fields, (share) => {
      progress.value = share;
    });
    form.reset();
  } catch (error) {
    problem.textContent = error.message;
  } finally {
    progress.hidden = true;
    progress.value = 0;
  }
});

byId('clear').addEventListener('click', () => send('DELETE', '/items'));

// --- the pointer draws and drags, the keyboard moves and removes ---

const within = (value, most = 1) => Math.min(most, Math.max(0, value));
/** An item is placed by its corner: some of it must stay to be seen. */
const keptIn = (x, y) => ({ x: within(x, 0.95), y: within(y, 0.95) });

function placeOf(event) {
  const { left, top, width, height } = board.getBoundingClientRect();
  return { x: within((event.clientX - left) / width), y: within((event.clientY - top) / height) };
}

let drawing;
let dragging;

board.addEventListener('pointerdown', (event) => {
  if (event.button !== 0) return;
  const element = event.target.closest('li');
  const { x, y } = placeOf(event);
  board.setPointerCapture(event.pointerId);
  if (element === null) {
    drawing = { points: [[x, y]], line: draw([[x, y]], colour()), colour: colour() };
    return;
  }
  const { item } = shown.get(element.dataset.id);
  element.focus();
  dragging = { item, dx: x - item.x, dy: y - item.y, to: undefined };
});

board.addEventListener('pointermove', (event) => {
  const { x, y } = placeOf(event);
  if (drawing && drawing.points.length < MAX_POINTS) {
    drawing.points.push([x, y]);
    drawing.line.setAttribute('points', drawing.points.join(' '));
  } else if (dragging) {
    dragging.to = keptIn(x - dragging.dx, y - dragging.dy);
    put({ ...dragging.item, ...dragging.to });
  }
});

board.addEventListener('pointerup', async () => {
  const [line, moved] = [drawing, dragging];
  drawing = dragging = undefined;
  if (moved?.to) await send('PATCH', `/items/${moved.item.id}`, moved.to);
  if (!line) return;
  const { points } = line;
  if (points.length > 1) await send('POST', '/strokes', { by: me(), colour: line.colour, points });
  // By now it has come back from the server, or never will.
  line.line.remove();
});

const KEYS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

list.addEventListener('keydown', (event) => {
  const entry = shown.get(event.target.closest('li')?.dataset.id);
  if (!entry) return;
  const { item, element } = entry;
  if (event.key === 'Delete') {
    const next = element.nextElementSibling ?? element.previousElementSibling ?? byId('text');
    next.focus();
    void send('DELETE', `/items/${item.id}`);
  } else if (KEYS[event.key]) {
    event.preventDefault();
    const [dx, dy] = KEYS[event.key];
    const to = keptIn(item.x + dx, item.y + dy);
    put({ ...item, ...to });
    void send('PATCH', `/items/${item.id}`, to);
  }
});
