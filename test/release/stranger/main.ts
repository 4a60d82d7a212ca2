/** Serves the application, asks it as a client would, and prints the answers. */

import { app } from './app.js';

async function main(): Promise<void> {
  const built = await app;
  await built.listen(0, '127.0.0.1');
  const ask = async (path: string, init?: RequestInit) => {
    const answer = await fetch(built.url + path, init);
    return [answer.status, await answer.text()];
  };
  const json = { 'Content-Type': 'application/json', 'X-Caller': 'me' };
  console.log(
    JSON.stringify([
      await ask('/planets?starts-with=M'),
      await ask('/planets/3', { headers: { Accept: 'text/plain' } }),
      await ask('/planets', { method: 'POST', headers: json, body: '{"name":"Vulcan"}' }),
      await ask('/planets/cookie', { headers: { Cookie: 'tried=true' } }),
      (await ask('/planets/9'))[0],
      (await ask('/planets/x'))[0],
    ]),
  );
  await built.close();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
