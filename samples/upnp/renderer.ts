/** Holds what the device plays, how loud, since when. */

import { UpnpError } from './upnp-error.js';

export type TransportState = 'NO_MEDIA_PRESENT' | 'STOPPED' | 'PLAYING' | 'PAUSED_PLAYBACK';

/** Which service a change belongs to. */
export type Part = 'RenderingControl' | 'AVTransport';

/** A player that plays nothing: it only knows what it would play. */
export class Renderer {
  #volume = 40;
  #isMuted = false;
  #uri = '';
  #metadata = '';
  #transport: TransportState = 'NO_MEDIA_PRESENT';
  /** Milliseconds played before the last start. */
  #playedMs = 0;
  #startedAt = 0;
  readonly #listeners: ((part: Part) => void)[] = [];

  /** Calls `listener` after each change. */
  onChange(listener: (part: Part) => void): void {
    this.#listeners.push(listener);
  }

  /** 0 to 100. */
  get volume(): number {
    return this.#volume;
  }

  set volume(volume: number) {
    this.#volume = volume;
    this.#tell('RenderingControl');
  }

  get isMuted(): boolean {
    return this.#isMuted;
  }

  set isMuted(isMuted: boolean) {
    this.#isMuted = isMuted;
    this.#tell('RenderingControl');
  }

  get uri(): string {
    return this.#uri;
  }

  /** What the control point knows about {@link uri}, in DIDL-Lite. */
  get metadata(): string {
    return this.#metadata;
  }

  get transport(): TransportState {
    return this.#transport;
  }

  /** Milliseconds into what is played. */
  get positionMs(): number {
    return this.#playedMs + (this.#transport === 'PLAYING' ? Date.now() - this.#startedAt : 0);
  }

  /** Puts something on. It goes on playing where it was. */
  load(uri: string, metadata: string): void {
    this.#uri = uri;
    this.#metadata = metadata;
    this.#playedMs = 0;
    this.#startedAt = Date.now();
    if (uri === '') this.#transport = 'NO_MEDIA_PRESENT';
    else if (this.#transport === 'NO_MEDIA_PRESENT') this.#transport = 'STOPPED';
    this.#tell('AVTransport');
  }

  play(): void {
    this.#assertMedia();
    if (this.#transport === 'PLAYING') return;
    this.#startedAt = Date.now();
    this.#change('PLAYING');
  }

  pause(): void {
    this.#assertMedia();
    if (this.#transport !== 'PLAYING') throw new UpnpError(701, 'Transition not available');
    this.#playedMs = this.positionMs;
    this.#change('PAUSED_PLAYBACK');
  }

  stop(): void {
    this.#assertMedia();
    this.#playedMs = 0;
    this.#change('STOPPED');
  }

  #assertMedia(): void {
    if (this.#uri === '') throw new UpnpError(701, 'Transition not available: nothing is loaded');
  }

  #change(transport: TransportState): void {
    this.#transport = transport;
    this.#tell('AVTransport');
  }

  #tell(part: Part): void {
    for (const listener of this.#listeners) listener(part);
  }
}
