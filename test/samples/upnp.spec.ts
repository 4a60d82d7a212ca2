import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { mediaRenderer } from '../../samples/upnp/media-renderer.js';
import { SSDP_GROUP, SSDP_PORT } from '../../samples/upnp/ssdp.js';
import { type Application, createApp, openApiDocument, Server, UdpSocket } from '../../src/index.js';
import { holds, startBrowser } from '../support/browser.js';
import { command } from '../support/command.js';
import { DescribedAnswers } from '../support/described-answers.js';
import { exchange } from '../support/raw-client.js';
import { SampleProcess } from '../support/sample-process.js';

// The device runs here, on the loopback interface, and in no other spec: the port of SSDP is fixed. GUPnP and GSSDP come from Debian and look at it from outside.

const RENDERER = 'urn:schemas-upnp-org:device:MediaRenderer:1';
const RENDERING_CONTROL = 'urn:schemas-upnp-org:service:RenderingControl:1';
const silent = { error() {}, warn() {}, info() {} };

let app: Application;
let answers: DescribedAnswers;
let url: string;
let udn: string;

async function started(): Promise<Application> {
  const renderer = mediaRenderer('127.0.0.1');
  answers = new DescribedAnswers(await openApiDocument(renderer));
  const use = [answers.middleware, ...(renderer.use ?? [])];
  const built = await createApp({ ...renderer, use, logger: silent });
  return built.listen(0, '127.0.0.1');
}

beforeAll(async () => {
  app = await started();
  url = app.url;
  udn = /<UDN>(.*)<\/UDN>/.exec(await (await fetch(`${url}/device.xml`)).text())?.[1] as string;
});
afterEach(() => expect(answers.faults.splice(0)).toEqual([]));
afterAll(() => app.close());

/** Calls an action of RenderingControl. */
function call(action: string, args: string, headers: Record<string, string> = {}): Promise<Response> {
  const envelope = `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><u:${action} xmlns:u="${RENDERING_CONTROL}">${args}</u:${action}></s:Body></s:Envelope>`;
  return post(envelope, { soapaction: `"${RENDERING_CONTROL}#${action}"`, ...headers });
}

function post(body: string, headers: Record<string, string>): Promise<Response> {
  return fetch(`${url}/services/RenderingControl/control`, { method: 'POST', headers, body });
}

const MASTER = '<InstanceID>0</InstanceID><Channel>Master</Channel>';

describe('GSSDP', () => {
  it('discovers the device by each of its names', async () => {
    const { stdout } = await command('gssdp-discover', ['-i', 'lo', '--timeout=3']);
    const found = [...stdout.matchAll(/USN: +(\S+)\n +Location: +(\S+)/g)].filter(([, name]) => name?.startsWith(udn));
    expect(new Set(found.map(([, name]) => name))).toEqual(
      new Set([
        udn,
        `${udn}::upnp:rootdevice`,
        `${udn}::${RENDERER}`,
        `${udn}::${RENDERING_CONTROL}`,
        `${udn}::urn:schemas-upnp-org:service:AVTransport:1`,
        `${udn}::urn:schemas-upnp-org:service:ConnectionManager:1`,
      ]),
    );
    expect(new Set(found.map(([, , location]) => location))).toEqual(new Set([`${url}/device.xml`]));
  });

  it.each([
    [RENDERER, true],
    [RENDERING_CONTROL, true],
    ['urn:schemas-upnp-org:device:MediaServer:1', false],
  ])('that searches %s finds it: %s', async (target, isFound) => {
    const { stdout } = await command('gssdp-discover', ['-i', 'lo', '--timeout=3', '-t', target]);
    expect(stdout.includes(`${udn}::${target}`)).toBe(isFound);
  });
});

describe('GUPnP', () => {
  it('reads the description, calls actions, is refused one, and hears of what it has done', async () => {
    // Debian's own Python: the bindings of GUPnP are its packages.
    const script = fileURLToPath(new URL('upnp-control-point.py', import.meta.url));
    const { stdout, stderr } = await command('/usr/bin/python3', ['-W', 'ignore', script, udn, '61']);
    const said = Object.assign(
      {},
      ...stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as object),
    );
    expect([said, stderr]).toEqual([
      {
        device: expect.stringMatching(/^Luminaire on /),
        type: RENDERER,
        services: [
          'urn:schemas-upnp-org:service:AVTransport:1',
          'urn:schemas-upnp-org:service:ConnectionManager:1',
          RENDERING_CONTROL,
        ],
        actions: ['GetMute', 'GetVolume', 'ListPresets', 'SelectPreset', 'SetMute', 'SetVolume'],
        event: 'LastChange',
        value: expect.stringContaining('<Volume Channel="Master" val="61"/>'),
        volume: 61,
        refused: 601,
        why: 'Argument Value Out of Range: DesiredVolume is from 0 to 100',
      },
      '',
    ]);
  });

  it('prints the events of all services with gupnp-event-dumper', async () => {
    const heard = new Set<string>();
    // It searches by datagrams, which may be lost: one that has heard nothing for long is started again.
    while (heard.size < 5) {
      const dumper = spawn('gupnp-event-dumper', [], { stdio: ['ignore', 'pipe', 'ignore'] });
      onTestFinished(() => void dumper.kill());
      await once(dumper, 'spawn');
      const patience = setTimeout(() => dumper.kill(), 8_000);
      for await (const line of createInterface(dumper.stdout)) {
        const [, from, service = '', variable] = line.split('|');
        if (from === udn) heard.add(`${service.replace(/.*:/, '')} ${variable}`);
        if (heard.size === 5) break;
      }
      clearTimeout(patience);
      dumper.kill();
    }
    expect(heard).toEqual(
      new Set([
        'RenderingControl LastChange',
        'AVTransport LastChange',
        'ConnectionManager SourceProtocolInfo',
        'ConnectionManager SinkProtocolInfo',
        'ConnectionManager CurrentConnectionIDs',
      ]),
    );
  });
});

describe('discovery', () => {
  /** Sends datagrams to the device itself, or to the group, and gives what comes until `enough`. */
  async function askAll(
    requests: readonly string[],
    enough: (answers: readonly string[]) => boolean,
    to = '127.0.0.1',
  ) {
    const peer = createSocket('udp4');
    const answers: string[] = [];
    peer.on('message', (bytes) => answers.push(String(bytes)));
    peer.bind(0, '127.0.0.1');
    await once(peer, 'listening');
    onTestFinished(() => void peer.close());
    peer.setMulticastInterface('127.0.0.1');
    for (const request of requests) peer.send(request, SSDP_PORT, to);
    while (!enough(answers)) await once(peer, 'message');
    return answers;
  }

  function search(target: string, { man = '"ssdp:discover"', mx = '0' } = {}): string {
    return `M-SEARCH * HTTP/1.1\r\nHOST: ${SSDP_GROUP}:${SSDP_PORT}\r\nMAN: ${man}\r\nMX: ${mx}\r\nST: ${target}\r\n\r\n`;
  }

  it.each([SSDP_GROUP, '127.0.0.1'])('answers what UPnP wants in an answer, to a search sent to %s', async (to) => {
    const [answer] = await askAll([search('upnp:rootdevice')], (answers) => answers.length > 0, to);
    const [status, ...lines] = (answer as string).split('\r\n');
    const fields = Object.fromEntries(
      lines.filter(Boolean).map((line) => /^([^:]+): ?(.*)$/.exec(line)?.slice(1) ?? []),
    );
    expect(status).toBe('HTTP/1.1 200 OK');
    expect(fields).toEqual({
      Date: expect.stringMatching(/ GMT$/),
      'CACHE-CONTROL': 'max-age=1800',
      EXT: '',
      LOCATION: `${url}/device.xml`,
      SERVER: expect.stringMatching(/^\S+\/\S+ UPnP\/1\.1 Luminaire\/0\.1$/),
      ST: 'upnp:rootdevice',
      USN: `${udn}::upnp:rootdevice`,
      'BOOTID.UPNP.ORG': expect.stringMatching(/^\d+$/),
      'CONFIGID.UPNP.ORG': '1',
      'Content-Length': '0',
    });
  });

  it('answers once for each of its names where all are searched', async () => {
    const answers = await askAll([search('ssdp:all')], ({ length }) => length === 6);
    const names = answers.map((answer) => /^USN: (.*)\r$/m.exec(answer)?.[1]);
    expect(new Set(names).size).toBe(6);
  });

  it.each([
    ['for something else', search('urn:schemas-upnp-org:device:MediaServer:1')],
    ['for a later version', search('urn:schemas-upnp-org:device:MediaRenderer:2')],
    ['that is none', search('ssdp:all', { man: 'ssdp:discover' })],
    ['whose MX is no number', search('ssdp:all', { mx: 'soon' })],
    ['without a target', `M-SEARCH * HTTP/1.1\r\nHOST: h\r\nMAN: "ssdp:discover"\r\nMX: 0\r\n\r\n`],
    ['in HTTP of its own', 'M-SEARCH * HTTP/9.9\r\n\r\n'],
  ])('is silent to a search %s', async (_title, request) => {
    const answers = await askAll([request, search(udn)], ({ length }) => length > 0);
    expect(answers).toEqual([expect.stringContaining(`ST: ${udn}\r\n`)]);
  });

  it('serves nothing else to datagrams, and no discovery over TCP', async () => {
    const envelope = `<s:Envelope><s:Body><u:SetVolume>${MASTER}<DesiredVolume>1</DesiredVolume></u:SetVolume></s:Body></s:Envelope>`;
    const control = `POST /services/RenderingControl/control HTTP/1.1\r\nHost: h\r\nSOAPACTION: "${RENDERING_CONTROL}#SetVolume"\r\nContent-Length: ${envelope.length}\r\n\r\n${envelope}`;
    const answers = await askAll(
      [control, 'GET /device.xml HTTP/1.1\r\nHost: h\r\n\r\n', search(udn)],
      ({ length }) => length > 0,
    );
    expect(answers).toHaveLength(1);
    expect(await (await call('GetVolume', MASTER)).text()).not.toContain('<CurrentVolume>1</CurrentVolume>');
    expect(await exchange(Number(new URL(url).port), search('ssdp:all'))).toMatch(/^HTTP\/1\.1 404 /);
  });

  it('hears of others, and forgets those that leave', async () => {
    const notify = (kind: string, name: string) =>
      `NOTIFY * HTTP/1.1\r\nHOST: h\r\nNT: upnp:rootdevice\r\nNTS: ${kind}\r\nUSN: ${name}::upnp:rootdevice\r\nLOCATION: http://192.0.2.9/\r\nCACHE-CONTROL: max-age=1800\r\nSERVER: test\r\n\r\n`;
    const neighbours = async () => {
      const response = await fetch(`${url}/live`);
      const reader = response.body!.getReader();
      let text = '';
      while (!text.includes('\n\n', 4)) text += new TextDecoder().decode((await reader.read()).value);
      await reader.cancel();
      return (JSON.parse(/data: (.*)/.exec(text)?.[1] as string) as { neighbours: object[] }).neighbours;
    };
    await askAll(
      [notify('ssdp:alive', 'uuid:one'), notify('ssdp:alive', 'uuid:two'), search(udn)],
      ({ length }) => length > 0,
    );
    expect(await neighbours()).toEqual([
      { name: 'uuid:one', location: 'http://192.0.2.9/', server: 'test' },
      { name: 'uuid:two', location: 'http://192.0.2.9/', server: 'test' },
    ]);
    await askAll(
      [notify('ssdp:byebye', 'uuid:one'), notify('ssdp:byebye', 'uuid:two'), search(udn)],
      ({ length }) => length > 0,
    );
    expect(await neighbours()).toEqual([]);
  });

  it('announces that it comes, and that it leaves', async () => {
    const ear = new UdpSocket({ groups: [SSDP_GROUP] });
    onTestFinished(() => ear.close());
    ear.setoption('reuseaddr', true);
    ear.setoption('ip-multicast-if', '127.0.0.1');
    ear.bind(SSDP_GROUP, SSDP_PORT);
    const heard: string[] = [];
    const server = Server.newWith(ear, { logger: silent });
    let where = '';
    server.notify('*', ({ headers }) => {
      if (headers.get('usn')?.startsWith(where)) heard.push(`${headers.get('nts')} ${headers.get('nt')}`);
    });
    const built = await createApp({ ...mediaRenderer('127.0.0.3'), logger: silent });
    where = /<UDN>(.*)<\/UDN>/.exec(await (await built.inject({ url: '/device.xml' })).text())?.[1] ?? 'unknown';
    await ear.listen();
    void server.run();
    await built.listen(0, '127.0.0.3');
    await built.close();
    const names = [
      where,
      'upnp:rootdevice',
      RENDERER,
      RENDERING_CONTROL,
      'urn:schemas-upnp-org:service:AVTransport:1',
      'urn:schemas-upnp-org:service:ConnectionManager:1',
    ];
    const all = ['ssdp:byebye', 'ssdp:alive', 'ssdp:byebye'].flatMap((kind) => names.map((name) => `${kind} ${name}`));
    await vi.waitFor(() => expect(heard).toEqual(all), 5_000);
  });
});

describe('control', () => {
  it('answers with the values of an action, in the field order that UPnP wants', async () => {
    await call('SetVolume', `${MASTER}<DesiredVolume>23</DesiredVolume>`);
    const response = await call('GetVolume', MASTER);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/xml; charset="utf-8"');
    expect(response.headers.get('ext')).toBe('');
    expect(await response.text()).toBe(
      `<?xml version="1.0" encoding="utf-8"?>\n<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body><u:GetVolumeResponse xmlns:u="${RENDERING_CONTROL}"><CurrentVolume>23</CurrentVolume></u:GetVolumeResponse></s:Body></s:Envelope>\n`,
    );
  });

  it.each([
    ['Explode', MASTER, 401],
    ['SetVolume', MASTER, 402],
    ['SetVolume', `${MASTER}<DesiredVolume>loud</DesiredVolume>`, 600],
    ['SetVolume', `${MASTER}<DesiredVolume>101</DesiredVolume>`, 601],
    ['SetVolume', `${MASTER}<DesiredVolume>-1</DesiredVolume>`, 601],
    ['SetMute', `${MASTER}<DesiredMute>maybe</DesiredMute>`, 600],
    ['GetVolume', '<InstanceID>0</InstanceID><Channel>LF</Channel>', 601],
    ['GetVolume', '<InstanceID>1</InstanceID><Channel>Master</Channel>', 702],
  ])('refuses %s(%s) with %d', async (action, args, code) => {
    const response = await call(action, args);
    expect(response.status).toBe(500);
    expect(await response.text()).toContain(`<errorCode>${code}</errorCode>`);
  });

  it.each([
    ['a DOCTYPE', '<!DOCTYPE s [<!ENTITY a "aaaa">]><s:Envelope><s:Body><GetVolume/></s:Body></s:Envelope>'],
    ['what is no XML', '<s:Envelope><s:Body>'],
    ['another action than it announces', '<s:Envelope><s:Body><u:GetMute/></s:Body></s:Envelope>'],
    [
      'elements in elements in elements',
      `<s:Envelope><s:Body>${'<a>'.repeat(50)}${'</a>'.repeat(50)}</s:Body></s:Envelope>`,
    ],
    ['nothing', ''],
    ['no envelope', '<GetVolume/>'],
  ])('refuses %s with 400', async (_title, envelope) => {
    expect((await post(envelope, { soapaction: `"${RENDERING_CONTROL}#GetVolume"` })).status).toBe(400);
  });

  it('refuses another service than that of the path, a call without SOAPACTION, and one that is too long', async () => {
    const other = { soapaction: '"urn:schemas-upnp-org:service:AVTransport:1#GetVolume"' };
    expect((await call('GetVolume', MASTER, other)).status).toBe(400);
    expect((await post('<a/>', {})).status).toBe(400);
    expect((await call('toString', MASTER)).status).toBe(400);
    expect((await call('__proto__', MASTER)).status).toBe(400);
    expect((await call('GetVolume', MASTER + ' '.repeat(65_536))).status).toBe(413);
    expect((await fetch(`${url}/services/Other/control`, { method: 'POST', headers: other })).status).toBe(404);
  });

  it('plays what it is given, with what is written in it', async () => {
    const type = 'urn:schemas-upnp-org:service:AVTransport:1';
    const transport = async (action: string, args = '') => {
      const response = await fetch(`${url}/services/AVTransport/control`, {
        method: 'POST',
        headers: { soapaction: `"${type}#${action}"` },
        body: `<s:Envelope><s:Body><u:${action}><InstanceID>0</InstanceID>${args}</u:${action}></s:Body></s:Envelope>`,
      });
      return response.text();
    };
    expect(await transport('Play', '<Speed>1</Speed>')).toContain('<errorCode>701</errorCode>');
    const title = '&lt;dc:title&gt;R&amp;amp;B &#233;&#x4e;&lt;/dc:title&gt;';
    await transport('SetAVTransportURI', `<CurrentURI>http://192.0.2.1/a?b&amp;c</CurrentURI><CurrentURIMetaData>${title}</CurrentURIMetaData>`); // biome-ignore format: one line
    await transport('Play', '<Speed>1</Speed>');
    expect(await transport('GetTransportInfo')).toContain('<CurrentTransportState>PLAYING</CurrentTransportState>');
    const media = await transport('GetMediaInfo');
    expect(media).toContain('<CurrentURI>http://192.0.2.1/a?b&amp;c</CurrentURI>');
    expect(media).toContain('&lt;dc:title&gt;R&amp;amp;B éN&lt;/dc:title&gt;');
    await transport('Pause');
    expect(await transport('Pause')).toContain('<errorCode>701</errorCode>');
    await transport('Stop');
    expect(await transport('GetPositionInfo')).toContain('<RelTime>0:00:00</RelTime>');
  });
});

describe('events', () => {
  const path = '/services/RenderingControl/events';

  /** A subscriber: where it is told, and what. */
  async function subscriber() {
    const heard: { readonly sid: string | undefined; readonly seq: number; readonly volume: string | undefined }[] = [];
    const server = Server.new({ logger: silent });
    server.notify('/heard', async (req) => {
      const { headers } = req;
      const text = await req.text();
      expect([headers.get('nt'), headers.get('nts')]).toEqual(['upnp:event', 'upnp:propchange']);
      const volume = /Volume Channel=&quot;Master&quot; val=&quot;(\d+)&quot;/.exec(text)?.[1];
      heard.push({ sid: headers.get('sid'), seq: Number(headers.get('seq')), volume });
    });
    await server.setIp('127.0.0.1').listen();
    void server.run();
    onTestFinished(() => server.close({ timeout: 0 }).then(() => {}));
    return { heard, callback: `<${server.url}/heard>` };
  }

  function subscribe(headers: Record<string, string>, where = path): Promise<Response> {
    return fetch(url + where, { method: 'SUBSCRIBE', headers });
  }

  it('begin with the state, are numbered, and end', async () => {
    const { heard, callback } = await subscriber();
    await call('SetVolume', `${MASTER}<DesiredVolume>10</DesiredVolume>`);
    const subscribed = await subscribe({ callback, nt: 'upnp:event', timeout: 'Second-300' });
    expect(subscribed.status).toBe(200);
    const sid = subscribed.headers.get('sid') as string;
    expect(sid).toMatch(/^uuid:[\da-f-]{36}$/);
    expect([subscribed.headers.get('timeout'), subscribed.headers.get('content-length')]).toEqual(['Second-300', '0']);
    await vi.waitFor(() => expect(heard).toContainEqual({ sid, seq: 0, volume: '10' }), 5_000);
    await call('SetVolume', `${MASTER}<DesiredVolume>11</DesiredVolume>`);
    await call('SetVolume', `${MASTER}<DesiredVolume>12</DesiredVolume>`);
    await vi.waitFor(() => expect(heard.at(-1)?.volume).toBe('12'), 5_000);
    expect(heard.map(({ seq }) => seq)).toEqual(heard.map((_event, i) => i));

    const renewed = await subscribe({ sid, timeout: 'Second-99999' });
    expect([renewed.status, renewed.headers.get('sid'), renewed.headers.get('timeout')]).toEqual([
      200,
      sid,
      'Second-1800',
    ]);
    const left = await fetch(url + path, { method: 'UNSUBSCRIBE', headers: { sid } });
    expect(left.status).toBe(200);
    const count = heard.length;
    await call('SetVolume', `${MASTER}<DesiredVolume>13</DesiredVolume>`);
    const other = await subscriber();
    await subscribe({ callback: other.callback, nt: 'upnp:event' });
    await vi.waitFor(() => expect(other.heard.length).toBeGreaterThan(0), 5_000);
    expect(heard).toHaveLength(count);
    expect((await subscribe({ sid })).status).toBe(412);
  });

  it.each([
    ['no callback', { nt: 'upnp:event' }, 412],
    ['another type', { nt: 'upnp:other', callback: '<http://127.0.0.1/>' }, 412],
    ['a callback at another address', { nt: 'upnp:event', callback: '<http://192.0.2.1/>' }, 412],
    ['a callback at a name', { nt: 'upnp:event', callback: '<http://localhost/>' }, 412],
    ['a callback of another scheme', { nt: 'upnp:event', callback: '<ftp://127.0.0.1/>' }, 412],
    ['a callback without brackets', { nt: 'upnp:event', callback: 'http://127.0.0.1/' }, 412],
    ['an unknown SID', { sid: 'uuid:unknown' }, 412],
    ['a SID beside a type', { sid: 'uuid:unknown', nt: 'upnp:event' }, 400],
  ])('are refused where there is %s', async (_title, headers, status) => {
    expect((await subscribe(headers as unknown as Record<string, string>)).status).toBe(status);
  });

  it.each([
    [{}, 412],
    [{ sid: 'uuid:unknown' }, 412],
    [{ sid: 'uuid:unknown', nt: 'upnp:event' }, 400],
  ])('are not given up with %j', async (headers, status) => {
    const response = await fetch(url + path, { method: 'UNSUBSCRIBE', headers: headers as Record<string, string> });
    expect(response.status).toBe(status);
  });

  it('of one service are not renewed at another', async () => {
    const { callback } = await subscriber();
    const sid = (await subscribe({ callback, nt: 'upnp:event' })).headers.get('sid') as string;
    expect((await subscribe({ sid }, '/services/AVTransport/events')).status).toBe(412);
    expect((await subscribe({ sid })).status).toBe(200);
  });

  it('have so many subscribers, and no more', async () => {
    const { callback } = await subscriber();
    const statuses = [];
    for (let i = 0; i < 33; i++) statuses.push((await subscribe({ callback, nt: 'upnp:event' })).status);
    expect(statuses.at(-1)).toBe(503);
  });
});

describe('the page', () => {
  it('shows live what is going on, and calls actions', async () => {
    const browser = await startBrowser();
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.goto(`${url}/`);
    await page.waitForSelector('#connection.open');
    await call('SetVolume', `${MASTER}<DesiredVolume>77</DesiredVolume>`);
    await holds(page, `document.getElementById('level').textContent === '77'`);
    await page.click('#mute');
    await page.waitForSelector('#mute[aria-pressed="true"]');
    expect(await (await call('GetMute', MASTER)).text()).toContain('<CurrentMute>1</CurrentMute>');
    const script = '&lt;img src=x onerror=alert(1)&gt;';
    await call('SetVolume', `${MASTER}<DesiredVolume>${script}</DesiredVolume>`);
    await holds(page, `document.getElementById('activity').textContent.includes('<img src=x')`);
    expect(await page.locator('#activity img').count()).toBe(0);
    expect(errors.filter((error) => !error.includes('favicon'))).toEqual([]);
  }, 60_000);
});

describe('the sample', () => {
  it('says where it is, serves its description there, and ends without a fault', async () => {
    // An address of its own: the port is fixed, and the device above is on 127.0.0.1.
    const sample = await SampleProcess.start('upnp', { HOST: '127.0.0.2' });
    const url = await sample.url();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.2:\d+$/);
    expect(await (await fetch(`${url}/device.xml`)).text()).toContain('MediaRenderer:1');
    expect(sample.output).toContain(`Look at ${url}/ in a browser`);
    await sample.stop('SIGTERM');
    expect(sample.output).not.toContain('    at ');
  }, 60_000);
});
