import { fileURLToPath } from 'node:url';
import { type AppOptions, accessLog, compress, conditional, csrf, files, requestId, securityHeaders } from 'luminaire';
import { AccountController } from './accounts/account.controller.js';
import { AttachmentController } from './attachments/attachment.controller.js';
import { ChangeController } from './changes/change.controller.js';
import { CommentController } from './comments/comment.controller.js';
import { answerDatabaseError } from './database/database-errors.js';
import { ImportController } from './imports/import.controller.js';
import { ListController } from './lists/list.controller.js';
import { Probes, Quota, Sessions } from './middleware.js';
import { TodoController } from './todos/todo.controller.js';

const page = fileURLToPath(new URL('public', import.meta.url));

export const options: AppOptions = {
  controllers: [
    AccountController,
    ListController,
    TodoController,
    CommentController,
    AttachmentController,
    ImportController,
    ChangeController,
  ],
  use: [
    Probes,
    requestId(),
    accessLog(),
    securityHeaders(),
    compress(),
    conditional(),
    files(page, { cacheControl: 'no-cache' }),
    csrf(),
    Quota,
    Sessions,
  ],
  onError: answerDatabaseError,
  docs: {
    path: '/docs',
    title: 'Todos',
    version: '1.0.0',
    responses: {
      304: 'The client has it.',
      403: 'A page of another site has sent it.',
      409: 'Somebody else was faster.',
      429: 'Too many requests.',
      503: 'Try again in a moment.',
    },
  },
  env: 'debug',
};

export const describe = (url: string): string => `Open ${url}, sign up, and make a list. ${url}/docs has the API.`;
