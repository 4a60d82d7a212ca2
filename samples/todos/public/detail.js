/* One todo, with its comments and files, in a dialog. */

import { Problem, send } from './api.js';
import { byId, fieldsOf, fill, item, onSubmit } from './elements.js';

const dialog = byId('detail');
const edit = byId('edit');
let todo;

/** Whether a todo is shown: that of `id`, or any. */
export const isShown = (id) => dialog.open && (id === undefined || id === todo.id);

export async function showDetail(id) {
  todo = await send('GET', `/todos/${id}`);
  edit.elements.title.value = todo.title;
  edit.elements.notes.value = todo.notes;
  await loadParts();
  dialog.showModal();
}

/** Shows what is new. What somebody is writing stays. */
export async function refreshDetail() {
  try {
    const now = await send('GET', `/todos/${todo.id}`);
    const isTouched = edit.elements.title.value !== todo.title || edit.elements.notes.value !== todo.notes;
    if (now.version !== todo.version && isTouched) {
      byId('detail-problem').textContent =
        `Somebody else has changed it meanwhile: ${now.title}. Save to overwrite it.`;
    }
    if (!isTouched) {
      edit.elements.title.value = now.title;
      edit.elements.notes.value = now.notes;
    }
    todo = now;
    await loadParts();
  } catch (error) {
    if (error.status !== 404) throw error;
    closeDetail();
  }
}

export function closeDetail() {
  dialog.close();
}

async function loadParts() {
  const [comments, attachments] = await Promise.all([
    send('GET', `/todos/${todo.id}/comments?limit=100`),
    send('GET', `/todos/${todo.id}/attachments?limit=100`),
  ]);
  fill(
    'comments',
    comments.items.reverse().map(({ by, text }) => item(`${by}: ${text}`)),
  );
  fill('attachments', attachments.items.reverse().map(showAttachment));
}

function showAttachment({ id, name, size }) {
  const link = document.createElement('a');
  link.href = `/api/todos/${todo.id}/attachments/${id}`;
  link.textContent = name;
  const length = document.createElement('small');
  length.textContent = `${Math.ceil(size / 1000)} kB`;
  return item(link, length);
}

onSubmit(
  'edit',
  async (form) => {
    try {
      todo = await send('PATCH', `/todos/${todo.id}`, { json: fieldsOf(form), version: todo.version });
      dialog.close();
    } catch (error) {
      if (error.status !== 412) throw error;
      await refreshDetail();
    }
  },
  dialog,
);

onSubmit(
  'comment',
  async (form) => {
    await send('POST', `/todos/${todo.id}/comments`, { json: fieldsOf(form) });
    form.reset();
    await loadParts();
  },
  dialog,
);

onSubmit(
  'attach',
  async (form) => {
    await send('POST', `/todos/${todo.id}/attachments`, { form: new FormData(form) });
    form.reset();
    await loadParts();
  },
  dialog,
);

byId('close').addEventListener('click', closeDetail);

/** Beside what it is about: the rest of the page is out of reach while the dialog is open. */
dialog.addEventListener('attempt', async ({ detail }) => {
  byId('detail-problem').textContent = '';
  try {
    await detail();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    byId('detail-problem').textContent = error.message;
  }
});
