#!/usr/bin/env node
/** Runs the `luminaire` command of a shell. */

import { runCommand } from './run.js';

const { exitCode, output, errors } = await runCommand(process.argv.slice(2));
process.stdout.write(output);
process.stderr.write(errors);
process.exitCode = exitCode;
