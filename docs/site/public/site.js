// What makes reading easier, and nothing that reading needs.

const root = document.documentElement;

/** Switches between dark and light; before it is used, the system decides. */
function offerDark() {
  const button = document.querySelector('#site-dark');
  const system = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => (root.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark';
  const show = () => button.setAttribute('aria-pressed', String(isDark()));
  button.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    show();
    try {
      localStorage.setItem('theme', root.dataset.theme);
    } catch {
      // No storage is allowed here: it holds for this page.
    }
  });
  system.addEventListener('change', show);
  show();
  button.hidden = false;
}

/** Puts a button to each piece of code that copies it. Only secure contexts have a clipboard. */
function offerCopies() {
  if (navigator.clipboard === undefined) return;
  for (const figure of document.querySelectorAll('figure.code')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'Copy';
    button.addEventListener('click', async () => {
      const done = await navigator.clipboard.writeText(figure.querySelector('code').textContent).then(
        () => 'Copied',
        () => 'Not allowed',
      );
      button.textContent = done;
      setTimeout(() => {
        button.textContent = 'Copy';
      }, 2000);
    });
    figure.append(button);
  }
}

/** Marks in the list of contents what is being read: the last heading that has passed the top of the window. */
function followReading() {
  const links = new Map([...document.querySelectorAll('.contents a')].map((link) => [link.hash.slice(1), link]));
  const headings = [...document.querySelectorAll('h2[id], h3[id]')].filter(({ id }) => links.has(id));
  if (headings.length === 0) return;
  let current;
  const mark = () => {
    const read = headings.findLast((heading) => heading.getBoundingClientRect().top < 120);
    const link = read && links.get(read.id);
    if (link === current) return;
    current?.removeAttribute('aria-current');
    link?.setAttribute('aria-current', 'location');
    link?.scrollIntoView({ block: 'nearest' });
    current = link;
  };
  addEventListener('scroll', mark, { passive: true });
  mark();
}

/** Opens the search, which is loaded when it is wanted. */
function offerSearch() {
  const button = document.querySelector('#site-open-search');
  const open = async () => {
    const { openSearch } = await import('./search.js');
    openSearch();
  };
  button.addEventListener('click', open);
  addEventListener('keydown', (event) => {
    const isTyping = event.target.closest('input, textarea, select') !== null;
    const isSlash = event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey;
    const isControlK = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey);
    if (!isSlash && !isControlK) return;
    event.preventDefault();
    open();
  });
  button.hidden = false;
}

/** A list that lies over the page goes away when one of its links leads elsewhere on it. */
function closeGuides() {
  const guides = document.querySelector('#site-guides');
  guides.addEventListener('click', ({ target }) => {
    if (target.closest('a') !== null && guides.matches(':popover-open')) guides.hidePopover();
  });
}

offerDark();
offerSearch();
offerCopies();
followReading();
closeGuides();
