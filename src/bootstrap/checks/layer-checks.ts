/** Finds what is wrong with what stands around handlers: limits, error methods. */

import type { AnyClass, ErrorRecord, LimitRecord } from '../../decorators/metadata.js';
import { MAX_TIMER_MS } from '../../http/time-limit.js';
import { type Finding, finding, type Place } from './finding.js';
import { describe } from './handler-checks.js';

/** Lists what is wrong with the limits of a class or of one method. */
export function checkLimits(place: Place | AnyClass, limits: readonly LimitRecord[]): Finding[] {
  const seen = new Set<string>();
  return limits.flatMap((limit) => {
    const findings = checkLimit(place, limit);
    if (seen.has(limit.kind)) {
      const name = limit.decorator.replace(/\(.*/, '');
      findings.push(
        finding(place, `one ${name}`, 'two', 'The closest limit stands, and these are as close: remove one.'),
      );
    }
    seen.add(limit.kind);
    return findings;
  });
}

/** Lists what is wrong with one limit, wherever it was set. */
export function checkLimit(
  place: Place | AnyClass | string,
  { kind, value, decorator }: Pick<LimitRecord, 'kind' | 'value' | 'decorator'>,
): Finding[] {
  if (kind === 'timeout') {
    // A longer one would make setTimeout fire at once.
    if (value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && value > 0 && value <= MAX_TIMER_MS))
      return [];
    return [
      finding(place, 'whole milliseconds from 1 to 2147483647, or Infinity', decorator, 'Infinity sets no limit.'),
    ];
  }
  if (value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && value >= 0)) return [];
  return [finding(place, 'a whole number of bytes from 0, or Infinity', decorator, 'Infinity sets no limit.')];
}

/** Lists what is wrong with the `@OnError` methods that one class declares. */
export function checkErrorMethods(
  holder: AnyClass,
  errors: readonly ErrorRecord[],
  routed: ReadonlySet<unknown>,
): Finding[] {
  const seen = new Set<unknown>();
  return errors.flatMap(({ handlerKey, isStatic, errorClass, decorator }) => {
    const place = { holder, name: `${holder.name}.${String(handlerKey)}` };
    const findings: Finding[] = [];
    if (typeof errorClass !== 'function' || !(errorClass.prototype instanceof Error || errorClass === Error)) {
      findings.push(
        finding(place, 'a class of errors in @OnError', describe(errorClass), 'Name a class that extends Error.'),
      );
    }
    if (isStatic)
      findings.push(finding(place, `an instance method under ${decorator}`, 'a static one', 'Remove "static".'));
    if (routed.has(handlerKey)) {
      findings.push(
        finding(
          place,
          `a method of its own under ${decorator}`,
          'a handler',
          'It is called with an error, not with a request: write another method.',
        ),
      );
    }
    if (seen.has(errorClass)) {
      findings.push(
        finding(place, `one ${decorator}`, 'two', 'A class of errors has one reply in a controller: remove one.'),
      );
    }
    seen.add(errorClass);
    return findings;
  });
}
