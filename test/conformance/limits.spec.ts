import { LIMITS } from './rows/limits.js';
import { checkRows } from './support/check.js';

checkRows('limits', LIMITS);
