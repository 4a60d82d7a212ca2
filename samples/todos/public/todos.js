/* The page: what is shown comes from the API, and is fetched again where an event says that it has changed. */

import { Problem, send } from './api.js';
import { closeDetail, isShown, refreshDetail, showDetail } from './detail.js';
import { byId, fieldsOf, fill, item, onSubmit, paged, showFor } from './elements.js';

let me;
let list;
let events;

// --- who ---

onSubmit('account', async (form, submitter) => {
  me = await send('POST', `/${submitter.value}`, { json: fieldsOf(form) });
  form.reset();
  await enter();
});

byId('sign-out').addEventListener('click', async () => {
  await send('DELETE', '/session');
  leave();
});

async function enter() {
  byId('account').hidden = true;
  byId('workspace').hidden = byId('me').hidden = false;
  byId('my-name').textContent = me.name;
  follow();
  await lists.load();
  byId('list-name').focus();
}

function leave() {
  events?.close();
  me = list = undefined;
  closeDetail();
  byId('log').replaceChildren();
  byId('account').hidden = false;
  byId('workspace').hidden = byId('me').hidden = byId('list').hidden = true;
  setStatus('out', 'Signed out');
  byId('account').elements.name.focus();
}

// --- lists ---

const lists = paged(
  'lists',
  'more-lists',
  () => '/lists',
  (one) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = one.title;
    if (one.id === list?.id) button.setAttribute('aria-current', 'true');
    button.addEventListener('click', () => open(one.id));
    return item(button);
  },
);

onSubmit('new-list', async (form) => {
  const { id } = await send('POST', '/lists', { json: fieldsOf(form) });
  form.reset();
  await open(id);
  byId('todo-title').focus();
});

async function open(id) {
  list = await send('GET', `/lists/${id}`);
  byId('search').reset();
  byId('list').hidden = false;
  byId('list-title').textContent = list.title;
  byId('rename').elements.title.value = list.title;
  showFor(list.role);
  await Promise.all([lists.load(), todos.load(), loadMembers(), list.role === 'owner' && changes.load()]);
  byId('list-title').focus();
}

onSubmit('rename', async (form) => {
  list = await send('PATCH', `/lists/${list.id}`, { json: fieldsOf(form), version: list.version });
  byId('list-title').textContent = list.title;
  await lists.load();
});

byId('remove-list').addEventListener('click', () =>
  attempt(async () => {
    if (!confirm(`Remove “${list.title}” with all that is on it?`)) return;
    await send('DELETE', `/lists/${list.id}`, { version: list.version });
    closeList();
    await lists.load();
  }),
);

function closeList() {
  list = undefined;
  closeDetail();
  byId('list').hidden = true;
  byId('list-name').focus();
}

async function loadMembers() {
  const members = await send('GET', `/lists/${list.id}/members`);
  fill(
    'members',
    members.map(({ user, role }) => {
      const remove = document.createElement('button');
      remove.type = 'button';
      remove.textContent = `Remove ${user.name}`;
      remove.hidden = list.role !== 'owner' || user.id === me.id;
      remove.addEventListener('click', () =>
        attempt(() => send('DELETE', `/lists/${list.id}/members/${encodeURIComponent(user.name)}`)),
      );
      return item(`${user.name}, ${role}`, remove);
    }),
  );
}

onSubmit('share', async (form) => {
  const { name, role } = fieldsOf(form);
  await send('PUT', `/lists/${list.id}/members/${encodeURIComponent(name)}`, { json: { role } });
  form.reset();
});

const changes = paged(
  'changes',
  'more-changes',
  () => `/lists/${list.id}/changes`,
  (change) => {
    const time = document.createElement('small');
    time.textContent = new Date(change.createdAt).toLocaleString();
    return item(describe(change), time);
  },
);

// --- todos ---

const todos = paged(
  'todos',
  'more-todos',
  () =>
    `/lists/${list.id}/todos?${new URLSearchParams(Object.entries(fieldsOf(byId('search'))).filter(([, value]) => value))}`,
  (todo) => {
    const label = document.createElement('label');
    const box = document.createElement('input');
    box.type = 'checkbox';
    box.checked = todo.isDone;
    box.disabled = list.role === 'viewer';
    box.addEventListener('change', () =>
      attempt(async () => {
        try {
          const json = { isDone: box.checked };
          await send('PATCH', `/todos/${todo.id}`, { json, version: todo.version });
        } finally {
          await todos.load();
          document.querySelector(`#todos [data-id="${todo.id}"] input`)?.focus();
        }
      }),
    );
    label.append(box, ' ', todo.title);
    const details = document.createElement('button');
    details.type = 'button';
    details.textContent = 'Details';
    details.setAttribute('aria-label', `Details of ${todo.title}`);
    details.addEventListener('click', () => attempt(() => showDetail(todo.id)));
    const remove = document.createElement('button');
    remove.type = 'button';
    remove.textContent = 'Remove';
    remove.setAttribute('aria-label', `Remove ${todo.title}`);
    remove.hidden = list.role === 'viewer';
    remove.addEventListener('click', () =>
      attempt(async () => {
        await send('DELETE', `/todos/${todo.id}`, { version: todo.version });
        byId('todo-title').focus();
        await todos.load();
      }),
    );
    const element = item(label, details, remove);
    element.dataset.id = todo.id;
    element.toggleAttribute('data-done', todo.isDone);
    return element;
  },
  (count) => {
    byId('empty').hidden = count > 0;
  },
);

onSubmit('new-todo', async (form) => {
  await send('POST', `/lists/${list.id}/todos`, { json: fieldsOf(form) });
  form.reset();
  await todos.load();
});

byId('search').addEventListener('input', () => attempt(() => todos.load()));
byId('search').addEventListener('submit', (event) => event.preventDefault());

onSubmit('import', async (form) => {
  const { done, total } = await send('POST', `/lists/${list.id}/imports`, { form: new FormData(form) });
  form.reset();
  showProgress({ done, total });
});

function showProgress({ done, total }) {
  const progress = byId('import-progress');
  progress.hidden = done >= total;
  progress.max = total;
  progress.value = done;
}

// --- what the others do ---

function setStatus(state, text) {
  byId('status').dataset.state = state;
  byId('status').textContent = text;
}

function follow() {
  events?.close();
  events = new EventSource('/api/changes');
  events.addEventListener('open', () => setStatus('live', 'Live'));
  events.addEventListener('error', () => {
    setStatus('waiting', 'Connecting …');
    // The browser connects again by itself, unless it was answered with an error.
    if (events.readyState === EventSource.CLOSED && me) setTimeout(() => me && attempt(start), 2000);
  });
  events.addEventListener('gap', () => attempt(refresh));
  events.addEventListener('change', ({ data }) => {
    const change = JSON.parse(data);
    tell(describe(change));
    attempt(() => refresh(change));
  });
}

/** Fetches again what a change is about; everything where it is not known what has changed. */
async function refresh(change) {
  const kind = change?.action.split('.')[0];
  if (!change || kind === 'list' || kind === 'member') await lists.load();
  if (!list || (change && change.listId !== list.id)) return;
  if (change?.action === 'list.removed' || (change?.action === 'member.removed' && change.subject.user.id === me.id)) {
    closeList();
    return;
  }
  if (!change || kind === 'list') list = await send('GET', `/lists/${list.id}`);
  byId('list-title').textContent = list.title;
  if (kind === 'import') showProgress(change.subject);
  if (!change || kind === 'todo' || kind === 'import') await todos.load();
  if (!change || kind === 'member') await loadMembers();
  if (list.role === 'owner') await changes.load();
  const todoId = kind === 'todo' ? change.subject.id : change?.subject.todoId;
  if (isShown() && (!change || isShown(todoId))) await refreshDetail();
}

function tell(text) {
  const line = document.createElement('li');
  line.textContent = text;
  byId('log').append(line);
  if (byId('log').children.length > 50) byId('log').firstElementChild.remove();
  byId('log').scrollTop = byId('log').scrollHeight;
}

const WORDS = {
  'list.created': 'made the list',
  'list.renamed': 'renamed the list to',
  'list.removed': 'removed the list',
  'member.set': 'shared the list with',
  'member.removed': 'no longer shares the list with',
  'todo.created': 'added',
  'todo.changed': 'changed',
  'todo.removed': 'removed a todo',
  'comment.created': 'commented:',
  'attachment.created': 'attached',
  'import.progressed': 'imports:',
};

function describe({ by, action, subject }) {
  const { title, user, role, text, name, done, total } = subject;
  const what =
    title ?? text ?? name ?? (user && `${user.name}${role ? ` as ${role}` : ''}`) ?? (total && `${done} of ${total}`);
  return [by, WORDS[action] ?? action, what].filter(Boolean).join(' ');
}

// --- the rest ---

/** Does it, and says what is wrong where it fails. */
async function attempt(work) {
  byId('problem').textContent = '';
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.status === 401 && me) leave();
    byId('problem').textContent =
      error.status === 412 ? 'Somebody else has changed it meanwhile: this is how it is now.' : error.message;
    if (error.status === 412) await refresh();
  }
}

async function start() {
  try {
    me = await send('GET', '/session');
    await enter();
  } catch (error) {
    if (error.status !== 401) throw error;
    leave();
  }
}

document.addEventListener('attempt', ({ detail }) => attempt(detail));
await attempt(start);
