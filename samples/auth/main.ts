import { accessLog, bootstrap } from 'luminaire';
import { addressFromEnv } from '../address.js';
import { PagesController } from './pages.controller.js';

const app = await bootstrap({
  controllers: [PagesController],
  use: [accessLog()],
  env: 'debug',
  ...addressFromEnv(),
});
console.log(`auth serves ${app.url} (user "ada", password "lovelace")`);
