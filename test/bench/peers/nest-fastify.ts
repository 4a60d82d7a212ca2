/** NestJS on Fastify. */

import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { startNest } from './nest-application.js';

await startNest(async (module) => {
  const adapter = new FastifyAdapter();
  // The upload is left to its handler.
  adapter.getInstance().addContentTypeParser('application/octet-stream', (_req, _payload, done) => done(null));
  return NestFactory.create<NestFastifyApplication>(module, adapter, { logger: false });
});
