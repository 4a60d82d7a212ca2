// Finds the sections of the guides that have some words.

import MiniSearch from './minisearch.js';

const MOST = 20;
const dialog = document.querySelector('#site-search');
const query = document.querySelector('#site-query');
const count = document.querySelector('#site-count');
const found = document.querySelector('#site-found');

/** Words that are written together are found by each: `rateLimit` by "rateLimit", "rate" and "limit". */
function termsOf(word) {
  const parts = word.split(/(?<=[a-z\d])(?=[A-Z])/);
  return [word, ...(parts.length > 1 ? parts : [])].map((term) => term.toLowerCase());
}

/** By where this file is: the page for what is missing may be anywhere. */
const loading = fetch(new URL('sections.json', import.meta.url))
  .then((response) => response.json())
  .then((sections) => {
    const search = new MiniSearch({
      fields: ['title', 'page', 'text'],
      storeFields: ['title', 'page', 'text'],
      processTerm: termsOf,
      searchOptions: {
        processTerm: (term) => term.toLowerCase(),
        // What was changed is better read where it is explained.
        boostDocument: (id) => (id.startsWith('changelog') ? 0.3 : 1),
        boost: { title: 4, page: 2 },
        prefix: true,
        fuzzy: (term) => (term.length > 4 ? 0.2 : false),
        // A word as it was typed goes before what is like it, even in a heading.
        weights: { prefix: 0.375, fuzzy: 0.1 },
        combineWith: 'AND',
      },
    });
    search.addAll(sections);
    return search;
  });

let options = [];
let active = -1;

/** Marks the result that Enter opens. */
function activate(index) {
  options[active]?.setAttribute('aria-selected', 'false');
  active = index;
  const option = options[active];
  if (option === undefined) {
    query.removeAttribute('aria-activedescendant');
    return;
  }
  option.setAttribute('aria-selected', 'true');
  option.scrollIntoView({ block: 'nearest' });
  query.setAttribute('aria-activedescendant', option.id);
}

/** Appends `text` to `element`, with the words that were looked for marked. */
function appendMarked(element, text, terms) {
  const words = terms.map((term) => term.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  for (const [i, part] of text.split(new RegExp(`(${words.join('|')})`, 'gi')).entries()) {
    if (i % 2 === 0) element.append(part);
    else element.append(Object.assign(document.createElement('mark'), { textContent: part }));
  }
}

/** Some words around the first that was looked for. */
function excerpt(text, terms) {
  const lower = text.toLowerCase();
  const places = terms.map((term) => lower.indexOf(term)).filter((place) => place !== -1);
  const place = places.length === 0 ? 0 : Math.min(...places);
  const start = place < 60 ? 0 : text.indexOf(' ', place - 60) + 1;
  const end = text.length < start + 160 ? text.length : text.lastIndexOf(' ', start + 160);
  return `${start > 0 ? '… ' : ''}${text.slice(start, end)}${end < text.length ? ' …' : ''}`;
}

function optionOf({ id, page, title, text, terms }, index) {
  const option = document.createElement('a');
  option.id = `site-found-${index}`;
  option.href = new URL(id, import.meta.url);
  option.tabIndex = -1;
  option.setAttribute('role', 'option');
  option.setAttribute('aria-selected', 'false');
  const heading = document.createElement('strong');
  appendMarked(heading, title === page ? title : `${page}: ${title}`, terms);
  const words = document.createElement('span');
  appendMarked(words, excerpt(text, terms), terms);
  option.append(heading, words);
  option.addEventListener('click', () => dialog.close());
  return option;
}

async function show() {
  let search;
  try {
    search = await loading;
  } catch {
    count.textContent = 'The search could not be loaded: reload the page to try again.';
    return;
  }
  const text = query.value.trim();
  const whole = search.search(text);
  const results = whole.length > 0 ? whole : search.search(text, { combineWith: 'OR' });
  options = results.slice(0, MOST).map(optionOf);
  active = -1;
  found.replaceChildren(...options);
  query.setAttribute('aria-expanded', String(options.length > 0));
  activate(0);
  const sections = results.length === 1 ? 'One section' : `${results.length} sections`;
  if (text === '') count.textContent = '';
  else if (results.length === 0) count.textContent = 'Nothing was found.';
  else if (whole.length === 0) count.textContent = `${sections} with some of these words`;
  else count.textContent = sections;
}

query.addEventListener('input', show);
query.addEventListener('keydown', (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step !== undefined && options.length > 0) {
    event.preventDefault();
    activate((active + step + options.length) % options.length);
  } else if (event.key === 'Enter') {
    event.preventDefault();
    options[active]?.click();
  }
});
// What is outside of its content is the page behind it.
dialog.addEventListener('click', ({ target }) => {
  if (target === dialog) dialog.close();
});

export function openSearch() {
  if (!dialog.open) dialog.showModal();
  query.select();
  show();
}
