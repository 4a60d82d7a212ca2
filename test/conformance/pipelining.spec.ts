import { PIPELINING } from './rows/pipelining.js';
import { checkRows } from './support/check.js';

checkRows('pipelining', PIPELINING);
