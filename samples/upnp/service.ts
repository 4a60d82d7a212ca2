/** Declares one service of the device: state variables, actions, and the document that describes them. */

import { UpnpError } from './upnp-error.js';
import { element, XML_DECLARATION } from './xml.js';

export type Value = string | number | boolean;
/** Arguments by name, read as the type of their variable. */
export type Arguments = Readonly<Record<string, Value>>;

/** A state variable (UDA 1.1 §2.5): what the arguments of actions are like, and what events tell. */
export interface StateVariable {
  readonly type: 'string' | 'boolean' | 'i4' | 'ui2' | 'ui4';
  readonly allowed?: readonly string[];
  /** Least and greatest value. */
  readonly range?: readonly [number, number];
  readonly isEvented?: boolean;
}

/** An action. Arguments name the state variable that they are like. */
export interface Action {
  readonly in?: Readonly<Record<string, string>>;
  readonly out?: Readonly<Record<string, string>>;
  /** @throws UpnpError where it cannot be done. */
  call(args: Arguments): Readonly<Record<string, Value>> | undefined;
}

/** The greatest values of the whole numbers. */
const RANGES = { i4: [-(2 ** 31), 2 ** 31 - 1], ui2: [0, 2 ** 16 - 1], ui4: [0, 2 ** 32 - 1] } as const;

const TRUE = new Set(['1', 'true', 'yes']);
const FALSE = new Set(['0', 'false', 'no']);

export interface ServiceParts {
  readonly variables: Readonly<Record<string, StateVariable>>;
  readonly actions: Readonly<Record<string, Action>>;
  /** The values of all evented variables, as text. */
  readonly state: () => Readonly<Record<string, string>>;
}

export class Service {
  /** The name in paths: `RenderingControl`. */
  readonly id: string;
  readonly type: string;
  readonly #parts: ServiceParts;

  constructor(id: string, parts: ServiceParts) {
    this.id = id;
    this.type = `urn:schemas-upnp-org:service:${id}:1`;
    this.#parts = parts;
  }

  /** The values of all evented variables, as text. */
  state(): Readonly<Record<string, string>> {
    return this.#parts.state();
  }

  /** Does what `name` says with the text of its arguments, and gives the values of its answer in their order. */
  call(name: string, given: ReadonlyMap<string, string>): [name: string, text: string][] {
    const { actions } = this.#parts;
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (action === undefined) throw new UpnpError(401, 'Invalid Action');
    const args: Record<string, Value> = {};
    for (const [argument, variable] of Object.entries(action.in ?? {})) {
      const text = given.get(argument);
      if (text === undefined) throw new UpnpError(402, `Invalid Args: ${argument} is missing`);
      args[argument] = this.#read(argument, variable, text);
    }
    const results = action.call(args) ?? {};
    return Object.keys(action.out ?? {}).map((result) => [result, textOf(results[result])]);
  }

  #read(argument: string, variable: string, text: string): Value {
    const { type, allowed, range } = this.#parts.variables[variable];
    if (type === 'boolean') {
      const lower = text.toLowerCase();
      if (!TRUE.has(lower) && !FALSE.has(lower)) throw new UpnpError(600, `Argument Value Invalid: ${argument}`);
      return TRUE.has(lower);
    }
    if (type === 'string') {
      if (allowed !== undefined && !allowed.includes(text)) {
        throw new UpnpError(601, `Argument Value Out of Range: ${argument} is one of ${allowed.join(', ')}`);
      }
      return text;
    }
    if (!/^[+-]?\d{1,10}$/.test(text)) throw new UpnpError(600, `Argument Value Invalid: ${argument}`);
    const [least, greatest] = range ?? RANGES[type];
    if (Number(text) < least || Number(text) > greatest) {
      throw new UpnpError(601, `Argument Value Out of Range: ${argument} is from ${least} to ${greatest}`);
    }
    return Number(text);
  }

  /** The service description (UDA 1.1 §2.5). */
  description(): string {
    const actions = Object.entries(this.#parts.actions).map(([name, action]) => {
      const args = [...argumentsOf('in', action.in), ...argumentsOf('out', action.out)].join('');
      return `<action>${element('name', name)}<argumentList>${args}</argumentList></action>`;
    });
    return (
      `${XML_DECLARATION}<scpd xmlns="urn:schemas-upnp-org:service-1-0">` +
      `<specVersion><major>1</major><minor>1</minor></specVersion>` +
      `<actionList>${actions.join('')}</actionList>` +
      `<serviceStateTable>${Object.entries(this.#parts.variables).map(describeVariable).join('')}</serviceStateTable></scpd>\n`
    );
  }
}

function argumentsOf(direction: 'in' | 'out', args: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries(args).map(
    ([name, variable]) =>
      `<argument>${element('name', name)}${element('direction', direction)}` +
      `${element('relatedStateVariable', variable)}</argument>`,
  );
}

function describeVariable([name, { type, allowed, range, isEvented = false }]: [string, StateVariable]): string {
  const values = allowed?.map((value) => element('allowedValue', value)).join('');
  return (
    `<stateVariable sendEvents="${isEvented ? 'yes' : 'no'}">${element('name', name)}${element('dataType', type)}` +
    (values === undefined ? '' : `<allowedValueList>${values}</allowedValueList>`) +
    (range === undefined
      ? ''
      : `<allowedValueRange>${element('minimum', range[0])}${element('maximum', range[1])}<step>1</step></allowedValueRange>`) +
    '</stateVariable>'
  );
}

/** Booleans are digits in UPnP (UDA 1.1 §2.5). */
function textOf(value: Value | undefined): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return String(value ?? '');
}
