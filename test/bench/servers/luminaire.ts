/** A decorated controller with an injected service: what the ratios speak of. */

import { bootstrap, Controller, Get } from 'luminaire';

class Greeter {
  greet(): string {
    return 'Hello world!';
  }
}

@Controller()
class HelloController {
  constructor(private readonly greeter: Greeter) {}

  @Get('/')
  hello(): string {
    return this.greeter.greet();
  }
}

const app = await bootstrap({ controllers: [HelloController], port: 0, host: '127.0.0.1' });
console.log(app.server.port);
