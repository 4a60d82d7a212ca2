// Runs in a page, and gives what is wrong with it: a line for each finding. Colours are those of the moment.

(() => {
  const findings = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const isShown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const nameOf = (element) =>
    (element.getAttribute('aria-label') ?? element.textContent).trim() || (element.querySelector('img')?.alt ?? '');

  if (document.documentElement.lang === '') findings.push('no language');
  if (document.title === '') findings.push('no title');
  if (all('meta[name=description]').length !== 1) findings.push('no description');
  if (all('h1').length !== 1) findings.push(`${all('h1').length} h1`);
  if (all('main').length !== 1) findings.push(`${all('main').length} main`);
  if (all('body > header').length !== 1) findings.push('no banner');
  for (const nav of all('nav')) {
    const label = nav.ariaLabel ?? document.getElementById(nav.getAttribute('aria-labelledby'))?.textContent;
    if (!label) findings.push('a nav without a name');
  }
  for (const image of all('img:not([alt])')) findings.push(`no alt: ${image.src}`);
  for (const element of all('a[href], button, input')) {
    if (nameOf(element) === '') findings.push(`no name: ${element.outerHTML}`);
  }
  const styled = all('[style], style, script:not([src])').filter((element) => !element.closest('pre'));
  for (const element of styled) findings.push(`inline: ${element.outerHTML.slice(0, 80)}`);

  let level = 1;
  for (const heading of all('main :is(h1, h2, h3, h4, h5, h6)')) {
    const next = Number(heading.tagName.slice(1));
    if (next > level + 1) findings.push(`h${next} after h${level}: ${heading.textContent}`);
    level = next;
  }
  const ids = all('[id]').map(({ id }) => id);
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i)))
    findings.push(`two elements have the id ${id}`);

  /** Red, green, blue from 0 to 255, opacity from 0 to 1. */
  const channels = (colour) => {
    const [red, green, blue, opacity = 1] = colour.match(/[\d.]+/g).map(Number);
    return [red, green, blue, opacity];
  };
  /** Relative luminance, as WCAG 2 has it. */
  const luminance = (colour) => {
    const [red, green, blue] = channels(colour).map((channel) => {
      const share = channel / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const backgroundOf = (element) => {
    for (let place = element; place !== null; place = place.parentElement) {
      const { backgroundColor } = getComputedStyle(place);
      if (channels(backgroundColor)[3] === 1) return backgroundColor;
    }
    return 'rgb(255, 255, 255)';
  };
  const pale = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  // What is of one kind, in places of one kind, looks the same.
  const kindOf = ({ tagName, className }) => `${tagName}.${className}`;
  const seen = new Set();
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (texts.currentNode.data.trim() === '') continue;
    const kind = [element, element.parentElement, element.parentElement.parentElement].map(kindOf).join(' in ');
    if (seen.has(kind) || !isShown(element)) continue;
    seen.add(kind);
    const { color, fontSize, fontWeight } = getComputedStyle(element);
    const size = Number.parseFloat(fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700);
    const background = backgroundOf(element);
    const [dark, light] = [luminance(color), luminance(background)].sort((a, b) => a - b);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < (isLarge ? 3 : 4.5)) {
      pale.add(`contrast ${contrast.toFixed(2)}: ${color} on ${background}, ${element.tagName} ${element.className}`);
    }
  }
  return [...findings, ...pale];
})();
