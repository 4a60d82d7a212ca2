/** Combines rules of a grammar so that each knows what matches it and what may yet come to match it. */

/** A rule as two regular expressions: a whole match, and any beginning of one, the whole included. */
export interface Rule {
  readonly whole: string;
  readonly begun: string;
}

/** Between `min` and `max` characters of the class `members`, written as within brackets. */
export function chars(members: string, min: number, max: number | '' = ''): Rule {
  return { whole: `[${members}]{${min},${max}}`, begun: `[${members}]{0,${max}}` };
}

/** Exactly `text`. */
export function text(text: string): Rule {
  const escaped = Array.from(text, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return {
    whole: escaped.join(''),
    begun: escaped.reduceRight((rest, char) => `(?:${char}${rest})?`, ''),
  };
}

/** One rule after the other. */
export function seq(...rules: readonly Rule[]): Rule {
  return rules.reduceRight((rest, rule) => ({
    whole: `${rule.whole}${rest.whole}`,
    begun: `(?:${rule.whole}${rest.begun}|${rule.begun})`,
  }));
}

export function either(...rules: readonly Rule[]): Rule {
  const join = (parts: readonly string[]) => `(?:${parts.join('|')})`;
  return { whole: join(rules.map(({ whole }) => whole)), begun: join(rules.map(({ begun }) => begun)) };
}

export function optional(rule: Rule): Rule {
  return { whole: `(?:${rule.whole})?`, begun: `(?:${rule.begun})?` };
}

/** Any number of times. */
export function many(rule: Rule): Rule {
  return { whole: `(?:${rule.whole})*`, begun: `(?:${rule.whole})*${rule.begun}` };
}

/** What the text from its beginning is to a rule. */
export class Matcher {
  readonly #whole: RegExp;
  readonly #begun: RegExp;

  constructor(rule: Rule) {
    this.#whole = new RegExp(`^${rule.whole}`);
    this.#begun = new RegExp(`^${rule.begun}$`);
  }

  /** How many characters match, or undefined. */
  match(text: string): number | undefined {
    return this.#whole.exec(text)?.[0].length;
  }

  /** Whether more text could make all of `text` the beginning of a match. */
  isBegun(text: string): boolean {
    return this.#begun.test(text);
  }
}
