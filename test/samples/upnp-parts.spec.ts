import { afterEach, describe, expect, it, vi } from 'vitest';
import { Activity } from '../../samples/upnp/activity.js';
import { Neighbours } from '../../samples/upnp/neighbours.js';
import { Renderer } from '../../samples/upnp/renderer.js';
import { Services } from '../../samples/upnp/services.js';
import { answerDelayMs } from '../../samples/upnp/ssdp.js';
import { propertySet, Subscriptions } from '../../samples/upnp/subscriptions.js';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Subscriptions with what they send: the first event of each, and those after it. */
function subscriptions(
  take: (url: string, seq: string) => Promise<unknown> = async () => ({ status: 200, body: null }),
) {
  vi.useFakeTimers();
  vi.stubGlobal('fetch', (url: string, { headers }: { headers: { seq: string } }) => take(url, headers.seq));
  const renderer = new Renderer();
  const services = new Services(renderer);
  const activity = new Activity();
  const all = new Subscriptions(activity, renderer, services);
  const service = services.find('RenderingControl')!;
  const subscribe = (callback: string, timeout = 'Second-300') =>
    all.subscribe(service, callback, timeout, '192.0.2.7');
  return { all, renderer, activity, service, subscribe };
}

describe('the delay of an answer', () => {
  it.each([
    [0, 0.9, 0],
    [1, 0.5, 500],
    [2, 0.999, 1_998],
    // Whoever searches may wait longer, and need not.
    [120, 0.5, 1_000],
    [-1, 0.5, 0],
  ])('is, for MX %d and chance %d, %d ms', (mx, chance, ms) => {
    expect(answerDelayMs(mx, chance)).toBe(ms);
  });
});

describe('the services', () => {
  const services = new Services(new Renderer()).all;

  it.each(services.map((service) => [service.id, service] as const))(
    '%s names only variables that it has',
    (_id, service) => {
      const description = service.description();
      const declared = new Set([...description.matchAll(/<stateVariable [^>]*><name>(\w+)</g)].map(([, name]) => name));
      const related = [...description.matchAll(/<relatedStateVariable>(\w+)</g)].map(([, name]) => name);
      expect(related.filter((name) => !declared.has(name))).toEqual([]);
      expect(related.length).toBeGreaterThan(0);
    },
  );

  it.each(services.map((service) => [service.id, service] as const))(
    '%s tells the state of all that it sends events of',
    (_id, service) => {
      const evented = [...service.description().matchAll(/sendEvents="yes"><name>(\w+)</g)].map(([, name]) => name);
      expect(Object.keys(service.state())).toEqual(evented);
    },
  );
});

describe('subscriptions', () => {
  it('number their events from 0, in one go for changes that come together', async () => {
    const sent: string[] = [];
    const { all, renderer, subscribe } = subscriptions(async (url, seq) => {
      sent.push(`${url} ${seq}`);
      return { status: 200, body: null };
    });
    all.begin(subscribe('<http://192.0.2.7:1/>').sid);
    await vi.advanceTimersByTimeAsync(100);
    renderer.volume = 1;
    renderer.volume = 2;
    renderer.load('http://192.0.2.1/', '');
    await vi.advanceTimersByTimeAsync(1_000);
    renderer.volume = 3;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent).toEqual([0, 1, 2].map((seq) => `http://192.0.2.7:1/ ${seq}`));
  });

  it('end when their time is up, and not when they are renewed', async () => {
    const { all, service, subscribe } = subscriptions();
    const { sid, seconds } = subscribe('<http://192.0.2.7:1/>', 'Second-1');
    expect(seconds).toBe(60);
    await vi.advanceTimersByTimeAsync(59_000);
    all.renew(service, sid, 'infinite');
    await vi.advanceTimersByTimeAsync(1_799_000);
    expect(all.all()).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(all.all()).toEqual([]);
    expect(() => all.renew(service, sid, '')).toThrow('There is no such subscription.');
  });

  it('try each callback at the address of the subscriber, and go on after an event that nobody took', async () => {
    const tried: string[] = [];
    const { all, renderer, activity, subscribe } = subscriptions(async (url, seq) => {
      tried.push(`${url} ${seq}`);
      if (seq === '0') throw new TypeError('fetch failed', { cause: new Error('refused') });
      return { status: 200, body: null };
    });
    all.begin(subscribe('<http://192.0.2.7:1/><http://192.0.2.8/><http://192.0.2.7:2/>').sid);
    await vi.advanceTimersByTimeAsync(100);
    renderer.volume = 1;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(tried).toEqual(['http://192.0.2.7:1/ 0', 'http://192.0.2.7:2/ 0', 'http://192.0.2.7:1/ 1']);
    expect(activity.entries.map(({ text }) => text)).toContain('http://192.0.2.7:2/ does not take event 0: refused');
  });

  it('give up a subscriber that takes nothing', async () => {
    const { all, renderer, subscribe } = subscriptions(() => new Promise(() => {}));
    subscribe('<http://192.0.2.7:1/>');
    for (let i = 0; i < 17; i++) {
      expect(all.all()).toHaveLength(1);
      renderer.volume = i;
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(all.all()).toEqual([]);
  });

  it('escape what they tell', () => {
    expect(propertySet({ LastChange: '<a b="c&d"/>\0' })).toContain(
      '<e:property><LastChange>&lt;a b=&quot;c&amp;d&quot;/&gt;\ufffd</LastChange></e:property>',
    );
  });
});

describe('neighbours', () => {
  const neighbour = (name: string) => ({ name, location: `http://${name}/`, server: 's' });

  it('are forgotten when their announcement expires, unless they announce themselves again', () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const neighbours = new Neighbours();
    expect(neighbours.arrive(neighbour('a'), 60)).toBe(true);
    expect(neighbours.arrive(neighbour('b'), 60)).toBe(true);
    vi.advanceTimersByTime(50_000);
    vi.setSystemTime(Date.now() + 50_000);
    expect(neighbours.arrive(neighbour('b'), 60)).toBe(false);
    vi.setSystemTime(Date.now() + 20_000);
    expect(neighbours.all().map(({ name }) => name)).toEqual(['b']);
  });

  it('are 50 at most, and the one heard longest ago goes first', () => {
    const neighbours = new Neighbours();
    for (let i = 0; i < 50; i++) neighbours.arrive(neighbour(`n${i}`), 60);
    neighbours.arrive(neighbour('n0'), 60);
    neighbours.arrive(neighbour('new'), 60);
    const names = neighbours.all().map(({ name }) => name);
    expect([names.length, names.includes('n0'), names.includes('n1')]).toEqual([50, true, false]);
  });
});

describe('the activity', () => {
  it('keeps the latest 40 entries, and none that is endless', () => {
    const activity = new Activity();
    for (let i = 0; i < 50; i++) activity.record('called', `${i} ${'x'.repeat(1_000)}`);
    expect(activity.entries).toHaveLength(40);
    expect(activity.entries[0]?.text).toHaveLength(300);
    expect(activity.entries[0]?.text).toMatch(/^49 /);
  });

  it('leaves nothing behind where a watcher has gone', async () => {
    const activity = new Activity();
    const gone = new AbortController();
    const removed = vi.spyOn(gone.signal, 'removeEventListener');
    const first = activity.next(gone.signal);
    activity.touch();
    await first;
    expect(removed).toHaveBeenCalledTimes(1);
    const second = activity.next(gone.signal);
    gone.abort();
    await second;
    await activity.next(gone.signal);
  });
});
