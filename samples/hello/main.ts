import { accessLog, bootstrap } from 'luminaire';
import { addressFromEnv } from '../address.js';
import { DynamicController } from './dynamic.controller.js';
import { HelloController } from './hello.controller.js';

const app = await bootstrap({
  controllers: [HelloController, DynamicController],
  use: [accessLog()],
  env: 'debug',
  ...addressFromEnv(),
});
console.log(`hello serves ${app.url}`);
