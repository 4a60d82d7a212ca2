import { UNREAD_CONTENT } from './rows/unread.js';
import { checkRows } from './support/check.js';

checkRows('unread', UNREAD_CONTENT);
