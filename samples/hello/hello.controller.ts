import { Body, Controller, Get, Param, Post, Query } from 'luminaire';
import { z } from 'zod';
import { Greeter } from './greeter.js';

const Greeting = z.object({ name: z.string().min(1) });

@Controller()
export class HelloController {
  constructor(private readonly greeter: Greeter) {}

  @Get('/')
  hello(): string {
    return this.greeter.greet('world');
  }

  /** Always fails: in `debug` a browser sees the stack. */
  @Get('/fail')
  fail(): never {
    throw new Error('This route always fails');
  }

  @Get('/hello/:name')
  byPath(@Param('name') name: string): string {
    return this.greeter.greet(name);
  }

  @Get('/hello')
  byQuery(@Query('name') name: string): string {
    return this.greeter.greet(name);
  }

  @Post('/hello')
  byBody(@Body(Greeting) { name }: z.infer<typeof Greeting>): string {
    return this.greeter.greet(name);
  }
}
