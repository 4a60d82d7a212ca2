/** Offers how loud the renderer is as a service (RenderingControl:1). */

import { lastChange } from './last-change.js';
import type { Renderer } from './renderer.js';
import { type Arguments, Service } from './service.js';
import { UpnpError } from './upnp-error.js';

const ONLY_INSTANCE = { InstanceID: 'A_ARG_TYPE_InstanceID' };
const CHANNEL = { ...ONLY_INSTANCE, Channel: 'A_ARG_TYPE_Channel' };

export function renderingControl(renderer: Renderer): Service {
  return new Service('RenderingControl', {
    variables: {
      LastChange: { type: 'string', isEvented: true },
      PresetNameList: { type: 'string' },
      Volume: { type: 'ui2', range: [0, 100] },
      Mute: { type: 'boolean' },
      A_ARG_TYPE_Channel: { type: 'string', allowed: ['Master'] },
      A_ARG_TYPE_InstanceID: { type: 'ui4' },
      A_ARG_TYPE_PresetName: { type: 'string', allowed: ['FactoryDefaults'] },
    },
    actions: {
      ListPresets: {
        in: ONLY_INSTANCE,
        out: { CurrentPresetNameList: 'PresetNameList' },
        call(args) {
          checkInstance(args);
          return { CurrentPresetNameList: 'FactoryDefaults' };
        },
      },
      SelectPreset: {
        in: { ...ONLY_INSTANCE, PresetName: 'A_ARG_TYPE_PresetName' },
        call(args) {
          checkInstance(args);
          renderer.volume = 40;
          renderer.isMuted = false;
          return undefined;
        },
      },
      GetVolume: {
        in: CHANNEL,
        out: { CurrentVolume: 'Volume' },
        call(args) {
          checkInstance(args);
          return { CurrentVolume: renderer.volume };
        },
      },
      SetVolume: {
        in: { ...CHANNEL, DesiredVolume: 'Volume' },
        call(args) {
          checkInstance(args);
          renderer.volume = args.DesiredVolume as number;
          return undefined;
        },
      },
      GetMute: {
        in: CHANNEL,
        out: { CurrentMute: 'Mute' },
        call(args) {
          checkInstance(args);
          return { CurrentMute: renderer.isMuted };
        },
      },
      SetMute: {
        in: { ...CHANNEL, DesiredMute: 'Mute' },
        call(args) {
          checkInstance(args);
          renderer.isMuted = args.DesiredMute as boolean;
          return undefined;
        },
      },
    },
    state: () => ({
      LastChange: lastChange('RCS', {
        Volume: { Channel: 'Master', val: String(renderer.volume) },
        Mute: { Channel: 'Master', val: renderer.isMuted ? '1' : '0' },
      }),
    }),
  });
}

function checkInstance({ InstanceID }: Arguments): void {
  if (InstanceID !== 0) throw new UpnpError(702, 'Invalid InstanceID');
}
