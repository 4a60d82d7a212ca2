/** Reads the time that a field names (RFC 9110 §5.6.7). */

const IMF_FIXDATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;
const RFC_850 = /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT$/;
const ASCTIME = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;

/**
 * Gives milliseconds since 1970, or undefined where `text` is none of the three forms: a field with another date is to
 * be ignored, and `Date.parse` takes nearly everything.
 */
export function parseHttpDate(text: string): number | undefined {
  let time = Number.NaN;
  if (IMF_FIXDATE.test(text) || RFC_850.test(text)) time = Date.parse(text);
  // Without a zone it would be taken for local time.
  else if (ASCTIME.test(text)) time = Date.parse(`${text} GMT`);
  return Number.isNaN(time) ? undefined : time;
}
