import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BootError } from '../../../src/bootstrap/checks/finding.js';
import { Container } from '../../../src/bootstrap/container.js';
import { buildRouteTable } from '../../../src/bootstrap/route-table.js';
import type { FormPart, MultipartOptions } from '../../../src/index.js';
import {
  Body,
  Controller,
  File,
  Files,
  Get,
  Multipart,
  Parts,
  Post,
  Put,
  Req,
  Request,
  UploadedFile,
} from '../../../src/index.js';
import { loggerInto } from '../../support/served.js';

/** What boot finds wrong with a controller, one sentence each. */
function findings(controller: unknown): string[] {
  const options = {
    controllers: [controller],
    container: new Container(),
    env: 'production',
    logger: loggerInto([]),
  } as const;
  try {
    buildRouteTable(options);
    return [];
  } catch (error) {
    if (error instanceof BootError) return error.findings.map(({ message }) => message);
    throw error;
  }
}

const Form = z.object({ title: z.string() });

describe('boot accepts', () => {
  it('files beside fields, all files beside one, and parts alone', () => {
    @Controller()
    @Multipart({ maxFiles: 2 })
    class A {
      @Post() one(@File('a') _a: UploadedFile, @Body(Form) _form: z.infer<typeof Form>) {}
      @Put() @Multipart({ store: 'disk' }) many(@Files() _all: UploadedFile[], @File('a?') _a?: UploadedFile) {}
      @Post('/parts') parts(@Parts() _parts: AsyncIterable<FormPart>) {}
      @Post('/raw') raw(@File('a') _a: UploadedFile, @Body() _fields: unknown) {}
      @Get() none() {}
    }
    expect(findings(A)).toEqual([]);
  });
});

describe('boot finds', () => {
  it('a file with a method without content', () => {
    @Controller()
    class A {
      @Get('/x') @Post('/x') one(@File('a') _a: UploadedFile) {}
    }
    expect(findings(A)).toEqual([
      'A.one: expected no @File("a") with GET, found @File("a"). The content of such a request has no meaning (RFC 9110 §9.3): use @Post, @Put or @Patch.',
    ]);
  });

  it('two parameters for the same files', () => {
    @Controller()
    class A {
      @Post('/a') a(@File('a') _a: UploadedFile, @Files('a?') _b?: UploadedFile[]) {}
      @Post('/b') b(@Files() _a: UploadedFile[], @Files() _b: UploadedFile[]) {}
      @Post('/c') c(@Parts() _a: AsyncIterable<FormPart>, @Parts() _b: AsyncIterable<FormPart>) {}
    }
    expect(findings(A)).toEqual([
      'A.a: expected one parameter for the files of "a", found @File("a") and @Files("a?"). Both would be given the same: remove one.',
      'A.b: expected one @Files(), found @Files() and @Files(). Both would be given the same: remove one.',
      'A.c: expected one @Parts(), found @Parts() and @Parts(). Both would be given the same: remove one.',
    ]);
  });

  it('parts beside what reads the whole form', () => {
    @Controller()
    class A {
      @Post('/a') a(@Parts() _a: AsyncIterable<FormPart>, @File('b') _b: UploadedFile) {}
      @Post('/b') b(@Body(Form) _form: z.infer<typeof Form>, @Parts() _a: AsyncIterable<FormPart>) {}
    }
    const remedy = 'The parts are handed on as they arrive, fields and files: read all of them there, or none.';
    expect(findings(A)).toEqual([
      `A.a: expected @Parts() alone, found @File("b") beside it. ${remedy}`,
      `A.b: expected @Parts() alone, found @Body(schema) beside it. ${remedy}`,
    ]);
  });

  it('a body beside a file that is no form', () => {
    @Controller()
    class A {
      // @ts-expect-error: the compiler refuses it too.
      @Post('/a') a(@File('a') _a: UploadedFile, @Body(z.string()) _text: string) {}
      // @ts-expect-error: the compiler refuses it too.
      @Post('/b') b(@Body(z.array(z.string())) _list: string[], @Files() _a: UploadedFile[]) {}
    }
    const remedy = 'The body is the text fields of the same form, by name: give it a schema of them.';
    expect(findings(A)).toEqual([
      `A.a: expected an object for @Body(schema) beside a file, found String. ${remedy}`,
      `A.b: expected an object for @Body(schema) beside a file, found Array. ${remedy}`,
    ]);
  });

  it('parameters of another type', () => {
    @Controller()
    class A {
      // @ts-expect-error: the compiler refuses it too.
      @Post('/a') a(@File('a') _a: string) {}
      // @ts-expect-error: the compiler refuses it too.
      @Post('/b') b(@File('a') _a: UploadedFile[]) {}
      // @ts-expect-error: the compiler refuses it too.
      @Post('/c') c(@Files('a') _a: number) {}
      // @ts-expect-error: the compiler refuses it too.
      @Post('/d') d(@Parts() _a: FormPart[]) {}
    }
    const remedy = 'Declare it as what it is given.';
    expect(findings(A)).toEqual([
      `A.a: expected a parameter of type UploadedFile for @File("a"), found String. ${remedy}`,
      `A.b: expected a parameter of type UploadedFile for @File("a"), found Array. ${remedy}`,
      `A.c: expected a parameter of type UploadedFile[] for @Files("a"), found Number. ${remedy}`,
      `A.d: expected a parameter of type AsyncIterable<FormPart> for @Parts(), found Array. ${remedy}`,
    ]);
  });

  it('a file without a name', () => {
    @Controller()
    class A {
      @Post() a(@File('') _a: UploadedFile) {}
    }
    expect(findings(A)).toEqual(['A.a: expected a name, found @File(""). Name what is to be read.']);
  });

  it('@Multipart where nothing reads a form', () => {
    @Controller()
    class A {
      @Post() @Multipart({ maxFiles: 1 }) a(@Req() _req: Request) {}
      @Multipart({ maxFiles: 1 }) stray() {}
    }
    expect(findings(A)).toEqual([
      'A.stray: expected a route beside @Multipart, found none. The method is never called: write @Get, @Post or another above it, or remove the decorator.',
      'A.a: expected @File, @Files or @Parts beside @Multipart, found none. It says how they read the form: add one, or remove it. req.multipart() takes its options itself.',
    ]);
  });

  it('options that are none, and two @Multipart in one place', () => {
    @Controller()
    @Multipart({ maxFile: 1 } as MultipartOptions)
    class A {
      @Post() @Multipart({ maxFiles: -1 }) @Multipart({}) a(@Files() _a: UploadedFile[]) {}
    }
    expect(findings(A)).toEqual([
      'A.a: @Multipart: maxFiles must be a whole number from 0, or Infinity, got -1. Sizes are bytes.',
      'A.a: expected one @Multipart, found 2. Write one with all.',
      'A: @Multipart: unknown option "maxFile"; known are store, directory, only, maxFiles, maxFields, maxParts, maxFileSize, maxFieldSize, maxNameSize, maxPartHeadSize. Sizes are bytes.',
    ]);
  });
});
