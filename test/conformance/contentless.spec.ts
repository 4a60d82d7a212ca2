import { CONTENTLESS } from './rows/contentless.js';
import { checkRows } from './support/check.js';

checkRows('contentless', CONTENTLESS);
