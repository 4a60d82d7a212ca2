// Builds what is in src and starts it. `npm run dev` has Node run this again whenever something in src changes.
import { execSync } from 'node:child_process';

process.env.NODE_ENV ??= 'development';
execSync('npm run --silent build', { stdio: 'inherit' });
await import('./dist/main.js');
