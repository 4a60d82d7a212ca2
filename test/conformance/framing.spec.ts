import { FRAMING } from './rows/framing.js';
import { checkRows } from './support/check.js';

checkRows('framing', FRAMING);
