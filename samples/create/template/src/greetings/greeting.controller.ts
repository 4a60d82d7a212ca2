/** Greets over HTTP. */

import { Body, Controller, Get, Param, Post, Query, Returns } from 'luminaire';
import { Greeter } from './greeter.js';
import { Greeting, NewGreeting } from './greeting.js';

@Controller('/greetings')
export class GreetingController {
  constructor(private readonly greeter: Greeter) {}

  @Get('/:name')
  @Returns(200, Greeting)
  show(@Param('name') name: string, @Query('shout?') shout: boolean = false): Greeting {
    return this.greeter.greet({ name, shout });
  }

  @Post()
  @Returns(200, Greeting)
  greet(@Body(NewGreeting) greeting: NewGreeting): Greeting {
    return this.greeter.greet(greeting);
  }
}
