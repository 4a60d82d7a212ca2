/* Where the others point: a WebSocket, opened again whenever it breaks off. */

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;

export function followCursors({ board, layer, people, name, onConnected, onNews }) {
  /** The others: who they are, and the two elements that show them. */
  const others = new Map();
  let socket;
  let wait = FIRST_WAIT_MS;

  function show(visitor) {
    const person = document.createElement('li');
    person.textContent = visitor.name;
    person.dataset.colour = visitor.colour;
    people.append(person);
    const cursor = document.createElement('div');
    cursor.dataset.colour = visitor.colour;
    cursor.hidden = true;
    const label = document.createElement('span');
    label.textContent = visitor.name;
    cursor.append(label);
    layer.append(cursor);
    others.set(visitor.id, { visitor, person, cursor });
    if (visitor.at) move(visitor.id, visitor.at);
  }

  function move(id, { x, y }) {
    const cursor = others.get(id)?.cursor;
    if (cursor === undefined) return;
    cursor.hidden = false;
    cursor.style.left = `${x * 100}%`;
    cursor.style.top = `${y * 100}%`;
  }

  function hide(id) {
    others.get(id)?.person.remove();
    others.get(id)?.cursor.remove();
    others.delete(id);
  }

  const hear = {
    welcome({ others: visitors }) {
      for (const visitor of visitors) show(visitor);
    },
    came({ visitor }) {
      show(visitor);
      onNews(`${visitor.name} is here`);
    },
    moved({ id, at }) {
      move(id, at);
    },
    left({ id }) {
      onNews(`${others.get(id)?.visitor.name} has left`);
      hide(id);
    },
  };

  function open() {
    const url = new URL(`/cursors?name=${encodeURIComponent(name())}`, location.href);
    socket = new WebSocket(url.href.replace(/^http/, 'ws'));
    const own = socket;
    own.addEventListener('open', () => {
      wait = FIRST_WAIT_MS;
      onConnected(true);
    });
    own.addEventListener('message', ({ data }) => {
      const message = JSON.parse(data);
      hear[message.kind]?.(message);
    });
    own.addEventListener('close', () => {
      for (const id of [...others.keys()]) hide(id);
      onConnected(false);
      // Not all at once, or a server that has just started would be asked by everybody in the same moment.
      setTimeout(open, wait * (0.5 + Math.random() / 2));
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    });
  }

  let next;
  board.addEventListener('pointermove', (event) => {
    const { left, top, width, height } = board.getBoundingClientRect();
    const at = { x: (event.clientX - left) / width, y: (event.clientY - top) / height };
    if (Object.values(at).some((share) => share < 0 || share > 1)) return;
    // One position for each frame, and none while the one before has not left.
    if (next === undefined) {
      requestAnimationFrame(() => {
        if (socket.readyState === WebSocket.OPEN && socket.bufferedAmount === 0) socket.send(JSON.stringify(next));
        next = undefined;
      });
    }
    next = at;
  });

  open();
  // The socket is opened with the name: under another one it is opened anew.
  return { rename: () => socket.close() };
}
