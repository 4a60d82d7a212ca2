/** NestJS on Express. */

import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { startNest } from './nest-application.js';

await startNest((module) => NestFactory.create<NestExpressApplication>(module, { logger: false }));
