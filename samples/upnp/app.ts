import type { AppOptions } from 'luminaire';
import { addressFromEnv } from '../address.js';
import { lanAddress } from './lan-address.js';
import { mediaRenderer } from './media-renderer.js';

/** Where others in the network find it, unless `HOST` says otherwise. */
export const host = lanAddress();

export const options: AppOptions = mediaRenderer(addressFromEnv(host).host);
