import { UPGRADE } from './rows/upgrade.js';
import { checkRows } from './support/check.js';

checkRows('upgrade', UPGRADE);
