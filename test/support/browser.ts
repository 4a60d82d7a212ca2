/** Starts Chromium. */

import { execFileSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';
import { onTestFinished } from 'vitest';

/** Starts it for one test. */
export async function startBrowser(): Promise<Browser> {
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  return browser;
}

/** Starts it for as many tests as the caller likes, who closes it. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-sync'],
  });
}
