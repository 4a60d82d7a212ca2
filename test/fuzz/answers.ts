/** Reads what a server has sent, strictly: it must be a sequence of whole responses. */

export interface Answer {
  readonly status: number;
  readonly content: string;
}

const HEAD =
  /^HTTP\/1\.1 ([1-5][0-9]{2}) [\t -~\x80-\xff]*\r\n((?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+: [\t -~\x80-\xff]*\r\n)*)\r\n/;

/** Gives the final responses in `output`, or what is wrong with it. `methods` are those of the requests, in order: HEAD gets no content, and neither do 204 and 304. */
export function readAnswers(output: string, methods: readonly string[]): Answer[] | string {
  const answers: Answer[] = [];
  for (let rest = output; rest !== ''; ) {
    const head = HEAD.exec(rest);
    if (head === null) return `What follows is no response: ${JSON.stringify(rest.slice(0, 80))}`;
    const status = Number(head[1]);
    rest = rest.slice(head[0].length);
    if (status < 200) continue;
    const length = Number(/^content-length: ([0-9]+)\r\n/im.exec(head[2] ?? '')?.[1] ?? 0);
    const size = methods[answers.length] === 'HEAD' || status === 204 || status === 304 ? 0 : length;
    if (rest.length < size) return `The content of a ${status} ends ${size - rest.length} bytes too early`;
    answers.push({ status, content: rest.slice(0, size) });
    rest = rest.slice(size);
  }
  return answers;
}
