import { REQUEST_LINE } from './rows/request-line.js';
import { checkRows } from './support/check.js';

checkRows('request-line', REQUEST_LINE);
