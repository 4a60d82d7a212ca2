import { EXPECTATIONS } from './rows/expect.js';
import { checkRows } from './support/check.js';

checkRows('expect', EXPECTATIONS);
