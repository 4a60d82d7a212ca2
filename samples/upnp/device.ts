/** Describes the device: who it is, where it is found, what it offers. */

import { createHash } from 'node:crypto';
import { hostname, release, type } from 'node:os';
import type { SocketName } from 'luminaire';
import type { Service } from './service.js';
import { element, XML_DECLARATION } from './xml.js';

export const DEVICE_TYPE = 'urn:schemas-upnp-org:device:MediaRenderer:1';

/** Seconds for which an announcement or an answer counts (UDA 1.1 §1.2.2: at least 1800). */
export const MAX_AGE_S = 1_800;

/** What says that something is there, under one of its names. */
export interface Announced {
  /** The notification type, or the target of a search. */
  readonly target: string;
  /** The unique service name. */
  readonly name: string;
}

export class Device {
  readonly friendlyName = `Luminaire on ${hostname()}`;
  /** The same at each start on this machine: control points remember it. */
  readonly udn: string;
  readonly server = `${type()}/${release()} UPnP/1.1 Luminaire/0.1`;
  /** Greater with each start (UDA 1.1 §1.2.2). */
  readonly bootId = Math.trunc(Date.now() / 1000);
  readonly configId = 1;
  readonly #services: readonly Service[];
  readonly #nameOfSocket: () => SocketName;

  /** `nameOfSocket` tells where its documents are served, once they are. */
  constructor(services: readonly Service[], nameOfSocket: () => SocketName) {
    this.#services = services;
    this.#nameOfSocket = nameOfSocket;
    this.udn = `uuid:${uuidOf(`luminaire upnp sample on ${hostname()}, ${nameOfSocket().ip}`)}`;
  }

  /** The URL of {@link description}. */
  get location(): string {
    const { ip, port } = this.#nameOfSocket();
    return `http://${ip}:${port}/device.xml`;
  }

  /** Everything by which it is announced and searched (UDA 1.1 §1.2.2). */
  announced(): Announced[] {
    const { udn } = this;
    const types = ['upnp:rootdevice', DEVICE_TYPE, ...this.#services.map((service) => service.type)];
    return [{ target: udn, name: udn }, ...types.map((target) => ({ target, name: `${udn}::${target}` }))];
  }

  /** The device description (UDA 1.1 §2.3). */
  description(): string {
    const services = this.#services.map(
      ({ id, type }) =>
        `<service>${element('serviceType', type)}${element('serviceId', `urn:upnp-org:serviceId:${id}`)}` +
        `${element('SCPDURL', `/services/${id}/description.xml`)}${element('controlURL', `/services/${id}/control`)}` +
        `${element('eventSubURL', `/services/${id}/events`)}</service>`,
    );
    return (
      `${XML_DECLARATION}<root xmlns="urn:schemas-upnp-org:device-1-0" configId="${this.configId}">` +
      '<specVersion><major>1</major><minor>1</minor></specVersion><device>' +
      `${element('deviceType', DEVICE_TYPE)}${element('friendlyName', this.friendlyName)}` +
      `${element('manufacturer', 'Luminaire')}${element('modelName', 'UPnP sample')}${element('modelNumber', '1')}` +
      `${element('modelDescription', 'A media renderer that only knows what it would play')}${element('UDN', this.udn)}` +
      `<serviceList>${services.join('')}</serviceList>${element('presentationURL', '/')}</device></root>\n`
    );
  }
}

/** A UUID made of a name (RFC 9562 §5.8: its own rules). */
function uuidOf(name: string): string {
  const bytes = createHash('sha256').update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6] & 0x0f) | 0x80;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
