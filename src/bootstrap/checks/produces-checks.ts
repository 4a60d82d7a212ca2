/** Finds what is wrong with the media types that a handler says it produces. */

import type { ProducesRecord, Representation } from '../../decorators/metadata.js';
import { type Finding, finding, type Place } from './finding.js';
import { describe, type HandlerFacts } from './handler-checks.js';

/** `type/subtype` with its parameters (RFC 9110 §8.3.1), wildcards left out: they are for `Accept`. */
const MEDIA_TYPE =
  /^[!#$%&'+.^_`|~\w-]+\/[!#$%&'+.^_`|~\w-]+(?:[ \t]*;[ \t]*[!#$%&'*+.^_`|~\w-]+=(?:[!#$%&'*+.^_`|~\w-]+|"[^"\\]*"))*$/;
const JSON_TYPE = /^(?:application\/json|[^/;]+\/[^/;]+\+json)[ \t]*(?:;|$)/i;

/** Lists what is wrong with `@Produces` of a handler. */
export function checkProduces(
  { place, routes }: Pick<HandlerFacts, 'place' | 'routes'>,
  records: readonly ProducesRecord[],
): Finding[] {
  if (records.length === 0) return [];
  const findings: Finding[] = [];
  if (records.length > 1) {
    findings.push(finding(place, 'one @Produces', String(records.length), 'Name all types in one: remove the others.'));
  }
  if (routes.some(({ sends }) => sends === 'events')) {
    findings.push(
      finding(place, 'no @Produces beside @Sse', '@Produces', 'An event stream is text/event-stream: remove it.'),
    );
  }
  const representations = records.flatMap((record) => record.representations);
  if (representations.length === 0) {
    findings.push(
      finding(place, 'a media type in @Produces', 'none', 'Name what it produces: @Produces("application/json").'),
    );
  }
  const seen = new Set<string>();
  for (const representation of representations) {
    findings.push(...checkRepresentation(place, representation));
    const type = representation.type.toLowerCase();
    if (seen.has(type)) {
      findings.push(finding(place, `"${type}" once in @Produces`, 'twice', 'One would never be picked: remove it.'));
    }
    seen.add(type);
  }
  return findings;
}

function checkRepresentation(place: Place, { type, hasEncoder, encoder }: Representation): Finding[] {
  if (!MEDIA_TYPE.test(type)) {
    const remedy = 'It is sent as the Content-Type (RFC 9110 §8.3.1): a range such as text/* is none.';
    return [finding(place, 'a media type such as "text/csv" in @Produces', describe(type), remedy)];
  }
  if (hasEncoder) {
    if (typeof encoder === 'function') return [];
    const remedy = 'Where it is imported from a module that imports this one, it is not there yet: break the cycle.';
    return [finding(place, `a function that encodes "${type}" in @Produces`, describe(encoder), remedy)];
  }
  if (JSON_TYPE.test(type)) return [];
  return [
    finding(
      place,
      `an encoder for "${type}" in @Produces`,
      'none',
      `JSON alone is written without one: write @Produces({ "${type}": (value) => ... }).`,
    ),
  ];
}
