import { type AppOptions, accessLog } from 'luminaire';
import { DynamicController } from './dynamic.controller.js';
import { HelloController } from './hello.controller.js';

export const options: AppOptions = {
  controllers: [HelloController, DynamicController],
  use: [accessLog()],
  env: 'debug',
};
