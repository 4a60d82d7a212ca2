import { FIELD_LINES } from './rows/field-lines.js';
import { checkRows } from './support/check.js';

checkRows('field-lines', FIELD_LINES);
