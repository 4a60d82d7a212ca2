// Builds what is in src and starts it. `npm run dev` has Node run this again whenever something in src changes.
import { spawnSync } from 'node:child_process';

process.env.NODE_ENV ??= 'development';
const { status } = spawnSync('npm run --silent build', { stdio: 'inherit', shell: true });
if (status === 0) await import('./dist/main.js');
else process.exitCode = 1;
