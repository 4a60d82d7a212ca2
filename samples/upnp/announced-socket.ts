/** Announces a device as long as its sockets listen. */

import { JoinedSocket, type ListenerSocket, type UdpSocket } from 'luminaire';
import type { Activity } from './activity.js';
import { type Device, MAX_AGE_S } from './device.js';
import { alive, byebye, SSDP_GROUP, SSDP_PORT } from './ssdp.js';

/** Announcements are lost now and then: well before the last one expires comes the next. */
const REPEAT_MS = (MAX_AGE_S * 1_000) / 3;

/** Says `ssdp:alive` when it listens and again in time, and `ssdp:byebye` before it closes. */
export class AnnouncedSocket extends JoinedSocket {
  readonly #device: Device;
  readonly #group: UdpSocket;
  readonly #activity: Activity;
  #timer: NodeJS.Timeout | undefined;

  /** `documents` is where the device is described, `group` what it speaks to the group with. */
  constructor(
    device: Device,
    activity: Activity,
    documents: ListenerSocket,
    group: UdpSocket,
    ...others: readonly ListenerSocket[]
  ) {
    super(documents, group, ...others);
    this.#device = device;
    this.#activity = activity;
    this.#group = group;
  }

  override async listen(backlog?: number): Promise<void> {
    await super.listen(backlog);
    // Of a process that was killed, somebody may still believe that it is there (UDA 1.1 §1.2.2).
    await this.#say(byebye(this.#device));
    await this.#say(alive(this.#device));
    this.#activity.record('announced', `${this.#device.friendlyName} is at ${this.#device.location}`);
    this.#timer = setInterval(() => void this.#say(alive(this.#device)), REPEAT_MS).unref();
  }

  override async close(): Promise<void> {
    if (this.#timer !== undefined) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      await this.#say(byebye(this.#device));
    }
    await super.close();
  }

  /** What the network does not take is lost, as datagrams may be. */
  async #say(datagrams: readonly string[]): Promise<void> {
    for (const datagram of datagrams) {
      await this.#group.send(datagram, SSDP_PORT, SSDP_GROUP).catch((error: Error) => {
        this.#activity.record('lost', `An announcement could not be sent: ${error.message}`);
      });
    }
  }
}
