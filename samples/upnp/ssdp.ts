/** Writes what is said in discovery (UDA 1.1 §1). */

import { type Announced, type Device, MAX_AGE_S } from './device.js';

export const SSDP_GROUP = '239.255.255.250';
export const SSDP_PORT = 1_900;

/** Seconds over which answers are spread at most: whoever searches may allow more, and need not wait for it. */
const MOST_DELAY_S = 2;

/**
 * When to answer a search that allows `mx` seconds (UDA 1.1 §1.3.2), in ms. Many devices hear the same question: not all
 * are to answer at once.
 */
export function answerDelayMs(mx: number, chance = Math.random()): number {
  return Math.min(Math.max(mx, 0), MOST_DELAY_S) * 1_000 * chance;
}

/** Everything of `device` that a search for `target` looks for. */
export function matching(device: Device, target: string): Announced[] {
  const announced = device.announced();
  return target === 'ssdp:all' ? announced : announced.filter((each) => each.target === target);
}

/** The fields of an answer to a search (UDA 1.1 §1.3.3). */
export function answerFields(device: Device, { target, name }: Announced): Record<string, string> {
  return {
    'CACHE-CONTROL': `max-age=${MAX_AGE_S}`,
    EXT: '',
    LOCATION: device.location,
    SERVER: device.server,
    ST: target,
    USN: name,
    ...bootFields(device),
  };
}

/** An answer as a datagram. */
export function answer(device: Device, announced: Announced): string {
  return message('HTTP/1.1 200 OK', { ...answerFields(device, announced), DATE: new Date().toUTCString() });
}

/** Says that the device is there: a datagram for each of its names (UDA 1.1 §1.2.2). */
export function alive(device: Device): string[] {
  return device.announced().map(({ target, name }) =>
    message('NOTIFY * HTTP/1.1', {
      HOST: `${SSDP_GROUP}:${SSDP_PORT}`,
      'CACHE-CONTROL': `max-age=${MAX_AGE_S}`,
      LOCATION: device.location,
      NT: target,
      NTS: 'ssdp:alive',
      SERVER: device.server,
      USN: name,
      ...bootFields(device),
    }),
  );
}

/** Says that the device leaves (UDA 1.1 §1.2.3). */
export function byebye(device: Device): string[] {
  return device.announced().map(({ target, name }) =>
    message('NOTIFY * HTTP/1.1', {
      HOST: `${SSDP_GROUP}:${SSDP_PORT}`,
      NT: target,
      NTS: 'ssdp:byebye',
      USN: name,
      ...bootFields(device),
    }),
  );
}

function bootFields({ bootId, configId }: Device): Record<string, string> {
  return { 'BOOTID.UPNP.ORG': String(bootId), 'CONFIGID.UPNP.ORG': String(configId) };
}

function message(startLine: string, fields: Readonly<Record<string, string>>): string {
  return `${[startLine, ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`)].join('\r\n')}\r\n\r\n`;
}
