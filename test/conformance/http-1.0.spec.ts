import { HTTP_1_0 } from './rows/http-1.0.js';
import { checkRows } from './support/check.js';

checkRows('http-1.0', HTTP_1_0);
