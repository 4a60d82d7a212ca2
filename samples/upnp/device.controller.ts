import { setTimeout as sleep } from 'node:timers/promises';
import {
  Controller,
  Doc,
  Get,
  Header,
  HttpError,
  MaxBodySize,
  MSearch,
  Notify,
  Param,
  Post,
  Reply,
  Req,
  type Request,
  Res,
  type Response,
  Subscribe,
  UdpSocket,
  Unsubscribe,
} from 'luminaire';
import { Activity } from './activity.js';
import { Device } from './device.js';
import { Neighbours } from './neighbours.js';
import type { Service } from './service.js';
import { Services } from './services.js';
import { readCall, writeFault, writeResult } from './soap.js';
import { answer, answerDelayMs, answerFields, matching } from './ssdp.js';
import { Subscriptions } from './subscriptions.js';
import { UpnpError } from './upnp-error.js';
import { XML_TYPE } from './xml.js';

const NO_SERVICE = 'There is no such service.';

/** The device as its control points see it: discovery by datagrams, all else over TCP. */
@Controller()
export class DeviceController {
  constructor(
    private readonly device: Device,
    private readonly services: Services,
    private readonly subscriptions: Subscriptions,
    private readonly neighbours: Neighbours,
    private readonly activity: Activity,
    private readonly udp: UdpSocket,
  ) {}

  /**
   * Answers who searches this device, within the MX seconds that they wait (UDA 1.1 §1.3.2). Others get no answer: for
   * `undefined` no datagram is sent.
   */
  @MSearch('*')
  @Doc({ responses: { 200: 'Where it is.', 204: 'It is not what is searched: no datagram is sent.' } })
  async search(
    @Req() req: Request,
    @Header('man') man: string,
    @Header('st') target: string,
    @Header('mx?') mx: number = 0,
  ): Promise<Reply | undefined> {
    const [first, ...others] = man === '"ssdp:discover"' ? matching(this.device, target) : [];
    if (first === undefined) return undefined;
    const { remoteAddress, remotePort } = req.socket as { remoteAddress?: string; remotePort?: number };
    this.activity.record('searched', `${remoteAddress} looks for ${target}`);
    await sleep(answerDelayMs(mx));
    // One answer for each name that was searched, where the answer to a datagram is one: the others are sent beside it.
    for (const each of others) await this.udp.send(answer(this.device, each), remotePort ?? 0, remoteAddress ?? '');
    return new Reply(200, undefined, answerFields(this.device, first));
  }

  /** Hears of other devices. Nobody expects an answer, and for `undefined` none is sent. */
  @Notify('*')
  hear(
    @Header('nts') kind: string,
    @Header('usn') name: string,
    @Header('location?') location: string = '',
    @Header('server?') server: string = '',
    @Header('cache-control?') lifetime: string = '',
  ): void {
    const [udn = name] = name.split('::');
    if (udn === this.device.udn) return;
    if (kind === 'ssdp:alive') {
      const age = Number(/max-age\s*=\s*(\d{1,6})/i.exec(lifetime)?.[1] ?? 0);
      if (this.neighbours.arrive({ name: udn, location, server }, age)) {
        this.activity.record('announced', `${udn} is at ${location}`);
      }
    } else if (kind === 'ssdp:byebye' && this.neighbours.leave(udn)) {
      this.activity.record('announced', `${udn} leaves`);
    }
  }

  @Get('/device.xml')
  @Doc({ responses: { 200: { description: 'What the device is, and its services.', type: XML_TYPE } } })
  description(): Reply {
    return xml(200, this.device.description());
  }

  @Get('/services/:service/description.xml')
  @Doc({ responses: { 200: { description: 'Its actions and variables.', type: XML_TYPE }, 404: NO_SERVICE } })
  serviceDescription(@Param('service') id: string): Reply {
    return xml(200, this.#service(id).description());
  }

  /** Does what a control point asks for (UDA 1.1 §3). */
  @Post('/services/:service/control')
  @MaxBodySize(65_536)
  @Doc({
    responses: {
      200: { description: 'The values of the action.', type: XML_TYPE },
      400: 'It is no call of an action of this service.',
      404: NO_SERVICE,
      413: 'The call is too long.',
      500: { description: 'Why the action was not done.', type: XML_TYPE },
    },
  })
  async control(
    @Param('service') id: string,
    @Header('soapaction') soapAction: string,
    @Req() req: Request,
  ): Promise<Reply> {
    const service = this.#service(id);
    const { action, args } = readCall(await req.text(), soapAction, service.type);
    const shown = `${action}(${[...args].map(([name, text]) => `${name}: ${text}`).join(', ')})`;
    try {
      const results = service.call(action, args);
      this.activity.record('called', `${req.remoteAddress}: ${shown}`);
      return xml(200, writeResult(service.type, action, results));
    } catch (error) {
      if (!(error instanceof UpnpError)) throw error;
      this.activity.record('refused', `${req.remoteAddress}: ${shown}: ${error.code} ${error.message}`);
      return xml(500, writeFault(error));
    }
  }

  /** Takes a subscription, or renews the one that `SID` names (UDA 1.1 §4.1). */
  @Subscribe('/services/:service/events')
  @Doc({
    responses: {
      200: { description: 'The subscription.', headers: { SID: 'Its name.', TIMEOUT: 'How long it counts.' } },
      404: NO_SERVICE,
      412: 'There is no such subscription to renew, or no callback at the address of the subscriber.',
      503: 'There are too many subscriptions.',
    },
  })
  subscribe(
    @Req() req: Request,
    @Res() res: Response,
    @Param('service') id: string,
    @Header('timeout?') timeout: string = '',
    @Header('sid?') sid?: string,
    @Header('callback?') callback?: string,
    @Header('nt?') type?: string,
  ): Reply {
    const service = this.#service(id);
    if (sid !== undefined) {
      HttpError.assert(
        callback === undefined && type === undefined,
        'A renewal has SID, and neither NT nor CALLBACK.',
        400,
      );
      return this.#subscribed(this.subscriptions.renew(service, sid, timeout));
    }
    HttpError.assert(type === 'upnp:event' && callback !== undefined, 'A subscription has NT and CALLBACK.', 412);
    const subscribed = this.subscriptions.subscribe(service, callback, timeout, req.remoteAddress);
    res.onFinish(() => this.subscriptions.begin(subscribed.sid));
    return this.#subscribed(subscribed);
  }

  @Unsubscribe('/services/:service/events')
  @Doc({ responses: { 200: 'It has ended.', 404: NO_SERVICE, 412: 'There is no such subscription.' } })
  unsubscribe(
    @Param('service') id: string,
    @Header('sid?') sid?: string,
    @Header('callback?') callback?: string,
    @Header('nt?') type?: string,
  ): Reply {
    HttpError.assert(callback === undefined && type === undefined, 'SID is enough, without NT or CALLBACK.', 400);
    HttpError.assert(sid !== undefined, 'SID is missing.', 412);
    this.subscriptions.cancel(this.#service(id), sid);
    return new Reply(200);
  }

  #subscribed({ sid, seconds }: { readonly sid: string; readonly seconds: number }): Reply {
    return new Reply(200, undefined, { SID: sid, TIMEOUT: `Second-${seconds}`, SERVER: this.device.server });
  }

  #service(id: string): Service {
    const service = this.services.find(id);
    HttpError.assert(service !== undefined, `There is no service ${id}.`, 404);
    return service;
  }
}

function xml(status: number, content: string): Reply {
  return new Reply(status, content, { 'Content-Type': XML_TYPE, EXT: '' });
}
