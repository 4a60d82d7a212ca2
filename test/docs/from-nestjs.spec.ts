import { testGuide } from './guide.js';

await testGuide('from-nestjs.md');
