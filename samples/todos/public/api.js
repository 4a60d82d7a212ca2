/* Talks to the API: versions, idempotency keys, and what is wrong in words. */

/** What the server refuses, or that it cannot be reached. */
export class Problem extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const ATTEMPTS = 4;

/**
 * Sends a request and gives what is answered. `version` is the state that is meant to be changed; a POST has a key, and is
 * sent again with it where no answer came.
 */
export async function send(method, path, { json, form, version } = {}) {
  const headers = {
    ...(json && { 'content-type': 'application/json' }),
    ...(version && { 'if-match': `"${version}"` }),
    ...(method === 'POST' && { 'idempotency-key': newKey() }),
  };
  const body = json ? JSON.stringify(json) : form;
  const attempts = method === 'POST' || method === 'GET' ? ATTEMPTS : 1;
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await fetch(`/api${path}`, { method, headers, body });
      if (answer.ok) return answer.status === 204 ? undefined : await answer.json();
      throw await problemOf(answer);
    } catch (error) {
      if (error instanceof Problem) throw error;
      if (attempt === attempts) throw new Problem(0, 'The server cannot be reached.');
      await new Promise((resolve) => setTimeout(resolve, attempt * 500));
    }
  }
}

async function problemOf(answer) {
  const { title, detail, errors } = await answer.json().catch(() => ({ title: answer.statusText }));
  const first = errors?.[0];
  const wrong = first && `${first.pointer?.slice(1) ?? first.name ?? ''} ${first.detail}`.trim();
  return new Problem(answer.status, wrong ?? detail ?? title);
}

function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
