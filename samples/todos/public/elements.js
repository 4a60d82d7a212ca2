/* What the parts of the page have in common. */

import { send } from './api.js';

export const byId = (id) => document.getElementById(id);
export const fieldsOf = (form) => Object.fromEntries(new FormData(form));

/** Makes a list item of texts and elements. */
export function item(first, ...others) {
  const element = document.createElement('li');
  const text = document.createElement('span');
  text.append(first);
  element.append(text, ...others);
  return element;
}

export function fill(id, elements) {
  byId(id).replaceChildren(...elements);
}

/** Sends a form by `work`, once at a time. What is wrong is said by whoever listens to `attempt`. */
export function onSubmit(id, work, listener = document) {
  const form = byId(id);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (form.ariaBusy === 'true') return;
    form.ariaBusy = 'true';
    const detail = () =>
      work(form, event.submitter).finally(() => {
        form.ariaBusy = 'false';
      });
    listener.dispatchEvent(new CustomEvent('attempt', { detail }));
  });
}

/** A list that comes in pages: the first is loaded, the others when they are asked for. */
export function paged(id, moreId, path, show, onLoaded = () => {}) {
  const more = byId(moreId);
  let next;
  let loads = 0;
  async function load(after) {
    const mine = ++loads;
    const url = path();
    const cursor = after ? `${url.includes('?') ? '&' : '?'}after=${after}` : '';
    const page = await send('GET', url + cursor);
    // A later one was faster.
    if (mine !== loads) return;
    const elements = page.items.map(show);
    if (after) byId(id).append(...elements);
    else keepFocus(byId(id), elements);
    next = page.next;
    more.hidden = next === undefined;
    onLoaded(byId(id).children.length);
  }
  more.addEventListener('click', () => {
    document.dispatchEvent(new CustomEvent('attempt', { detail: () => load(next) }));
  });
  return { load: () => load() };
}

/** Replaces the elements of a list; who is on one of them by the keyboard stays there. */
function keepFocus(parent, elements) {
  const active = document.activeElement;
  const row = parent.contains(active) ? active.closest('li') : null;
  const place = row && [...row.querySelectorAll('button, input')].indexOf(active);
  const id = row?.dataset.id;
  parent.replaceChildren(...elements);
  if (id) parent.querySelector(`[data-id="${id}"]`)?.querySelectorAll('button, input')[place]?.focus();
}

const ROLES = ['viewer', 'editor', 'owner'];

/** Hides what is not for a role. */
export function showFor(role) {
  for (const element of document.querySelectorAll('[data-for]')) {
    element.hidden = ROLES.indexOf(role) < ROLES.indexOf(element.dataset.for);
  }
}
