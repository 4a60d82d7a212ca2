/** Declares a property whose meaning only clients know (RFC 4918 §4.1). */

import { writeFragment, type XmlElement } from './xml.js';

export interface PropertyName {
  readonly namespace: string;
  readonly name: string;
}

export interface DeadProperty extends PropertyName {
  /** The whole element, its namespaces declared on it. */
  readonly xml: string;
}

export function deadPropertyOf(element: XmlElement): DeadProperty {
  return { namespace: element.namespace, name: element.name, xml: writeFragment(element) };
}

export function sameName(a: PropertyName, b: PropertyName): boolean {
  return a.name === b.name && a.namespace === b.namespace;
}
