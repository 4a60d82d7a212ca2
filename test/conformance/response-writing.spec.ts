import { RESPONSE_WRITING } from './rows/response-writing.js';
import { checkRows } from './support/check.js';

checkRows('response-writing', RESPONSE_WRITING);
