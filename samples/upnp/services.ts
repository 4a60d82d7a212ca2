/** Holds the services of the device. */

import { avTransport } from './av-transport.js';
import { connectionManager } from './connection-manager.js';
import { Renderer } from './renderer.js';
import { renderingControl } from './rendering-control.js';
import type { Service } from './service.js';

export class Services {
  readonly all: readonly Service[];

  constructor(renderer: Renderer) {
    this.all = [renderingControl(renderer), avTransport(renderer), connectionManager()];
  }

  find(id: string): Service | undefined {
    return this.all.find((service) => service.id === id);
  }
}
