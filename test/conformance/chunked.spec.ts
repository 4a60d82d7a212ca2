import { CHUNKED } from './rows/chunked.js';
import { checkRows } from './support/check.js';

checkRows('chunked', CHUNKED);
