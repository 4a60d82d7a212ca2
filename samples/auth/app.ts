import { type AppOptions, accessLog } from 'luminaire';
import { PagesController } from './pages.controller.js';

export const options: AppOptions = { controllers: [PagesController], use: [accessLog()], env: 'debug' };
