import { TARGETS } from './rows/targets.js';
import { checkRows } from './support/check.js';

checkRows('targets', TARGETS);
