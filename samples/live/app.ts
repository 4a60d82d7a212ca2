import { fileURLToPath } from 'node:url';
import { type AppOptions, accessLog, csrf, files, securityHeaders } from 'luminaire';
import { BoardController } from './board.controller.js';
import { CursorController } from './cursor.controller.js';
import { PictureController } from './picture.controller.js';

const page = fileURLToPath(new URL('public', import.meta.url));

export const options: AppOptions = {
  controllers: [BoardController, PictureController, CursorController],
  use: [accessLog(), securityHeaders(), csrf(), files(page, { cacheControl: 'no-cache' })],
  env: 'debug',
};
