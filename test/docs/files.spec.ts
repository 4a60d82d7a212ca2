import { testGuide } from './guide.js';

await testGuide('files.md');
