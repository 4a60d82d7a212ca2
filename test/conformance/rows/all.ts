/** Gathers the rows of all groups, by the name of the group. */

import { CHUNKED } from './chunked.js';
import { CONTENTLESS } from './contentless.js';
import { EXPECTATIONS } from './expect.js';
import { FIELD_LINES } from './field-lines.js';
import { FRAMING } from './framing.js';
import { HTTP_1_0 } from './http-1.0.js';
import { LIMITS } from './limits.js';
import { PIPELINING } from './pipelining.js';
import { REQUEST_LINE } from './request-line.js';
import { RESPONSE_WRITING } from './response-writing.js';
import { TARGETS } from './targets.js';
import { UNREAD_CONTENT } from './unread.js';
import { UPGRADE } from './upgrade.js';

export const GROUPS = {
  'request-line': REQUEST_LINE,
  'field-lines': FIELD_LINES,
  targets: TARGETS,
  framing: FRAMING,
  chunked: CHUNKED,
  pipelining: PIPELINING,
  expect: EXPECTATIONS,
  contentless: CONTENTLESS,
  upgrade: UPGRADE,
  'http-1.0': HTTP_1_0,
  'response-writing': RESPONSE_WRITING,
  unread: UNREAD_CONTENT,
  limits: LIMITS,
} as const;
