/** Finds what is wrong with a controller beyond its handlers: stray decorators, moved routes. */

import {
  type AnyClass,
  type HandlerKey,
  type LimitRecord,
  lineage,
  type MultipartRecord,
  ownRecords,
  routeRecords,
} from '../../decorators/metadata.js';
import { type Finding, finding, type Place } from './finding.js';
import { checkMultiparts } from './form-checks.js';
import { checkErrorMethods, checkLimits } from './layer-checks.js';

/** Finds decorators that stand where nothing reads them. */
export function checkMembers(controller: AnyClass, findings: Finding[]): void {
  const routed = new Set(routeRecords(controller).map(({ handlerKey }) => handlerKey));
  const stray = new Map<HandlerKey, string>();
  for (const each of lineage(controller)) {
    const {
      parameters = [],
      uses = [],
      replies = [],
      produces = [],
      errors = [],
      limits = [],
      multiparts = [],
      docs = [],
      securities = [],
    } = ownRecords(each) ?? {};
    for (const { handlerKey, decorator } of [...parameters, ...replies]) {
      if (handlerKey === undefined) {
        findings.push(
          finding(
            controller,
            'nothing but dependencies in the constructor',
            decorator,
            'No request is there yet: read it in a handler, or with @From.',
          ),
        );
      } else if (!routed.has(handlerKey)) stray.set(handlerKey, decorator);
    }
    for (const { handlerKey, decorator } of [...docs, ...securities])
      if (handlerKey !== undefined && !routed.has(handlerKey)) stray.set(handlerKey, decorator);
    for (const { handlerKey } of produces) if (!routed.has(handlerKey)) stray.set(handlerKey, '@Produces');
    for (const { handlerKey } of uses)
      if (handlerKey !== undefined && !routed.has(handlerKey)) stray.set(handlerKey, '@Use');
    const byHandler = new Map<HandlerKey | undefined, LimitRecord[]>();
    for (const limit of limits) {
      const { handlerKey, decorator } = limit;
      if (handlerKey !== undefined && !routed.has(handlerKey)) stray.set(handlerKey, decorator);
      else byHandler.set(handlerKey, [...(byHandler.get(handlerKey) ?? []), limit]);
    }
    for (const [key, own] of byHandler)
      findings.push(...checkLimits(key === undefined ? controller : placeOf(controller, key), own));
    const forms = new Map<HandlerKey | undefined, MultipartRecord[]>();
    for (const record of multiparts) {
      const { handlerKey, decorator } = record;
      if (handlerKey !== undefined && !routed.has(handlerKey)) stray.set(handlerKey, decorator);
      else forms.set(handlerKey, [...(forms.get(handlerKey) ?? []), record]);
    }
    for (const [key, own] of forms)
      findings.push(...checkMultiparts(key === undefined ? controller : placeOf(controller, key), own));
    findings.push(...checkErrorMethods(each, errors, routed));
  }
  for (const [key, decorator] of stray) {
    findings.push(
      finding(
        placeOf(controller, key),
        `a route beside ${decorator}`,
        'none',
        'The method is never called: write @Get, @Post or another above it, or remove the decorator.',
      ),
    );
  }
}

/** Finds routes that a subclass has moved: what inherits a controller may not know that the old path is gone. */
export function checkOverrides(controller: AnyClass, warnings: Finding[]): void {
  const standing = routeRecords(controller);
  for (const each of lineage(controller).slice(1)) {
    for (const { handlerKey, method, path } of ownRecords(each)?.routes ?? []) {
      const own = standing.filter((route) => route.handlerKey === handlerKey);
      if (own.some((route) => route.method === method && route.path === path)) continue;
      warnings.push(
        finding(
          placeOf(controller, handlerKey),
          `${method} "${path}", the route of ${each.name}.${String(handlerKey)}`,
          own.map((route) => `${route.method} "${route.path}"`).join(', '),
          'The override takes its place, so the inherited route is gone: give the method a name of its own to have both.',
        ),
      );
    }
  }
}

/** Names a member as findings do. */
export function placeOf(controller: AnyClass, key: HandlerKey): Place {
  const { name } = controller;
  return { holder: controller, name: typeof key === 'symbol' ? `${name}[${String(key)}]` : `${name}.${key}` };
}
