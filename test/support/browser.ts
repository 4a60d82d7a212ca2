/** Starts Chromium, whose pages are asked from outside. */

import { execFileSync } from 'node:child_process';
import { type Browser, chromium, type Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';

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

/**
 * Resolves once `expression` holds in `page`. `page.waitForFunction` would evaluate the text again and again inside the page,
 * where its Content-Security-Policy forbids that.
 */
export async function holds(page: Page, expression: string): Promise<void> {
  await expect
    .poll(() => page.evaluate<boolean>(`Boolean(${expression})`), { timeout: 20_000, message: expression })
    .toBe(true);
}
