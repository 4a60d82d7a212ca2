/** Starts Chromium, and stops it with the test. */

import { execFileSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';
import { onTestFinished } from 'vitest';

export async function startBrowser(): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-sync'],
  });
  onTestFinished(() => browser.close());
  return browser;
}
