/** Offers what the renderer plays as a service (AVTransport:1). */

import { lastChange } from './last-change.js';
import type { Renderer } from './renderer.js';
import { type Arguments, Service } from './service.js';
import { UpnpError } from './upnp-error.js';

const ONLY_INSTANCE = { InstanceID: 'A_ARG_TYPE_InstanceID' };
/** What it says about time where nothing is known (AVTransport:1 §2.2). */
const NOT_IMPLEMENTED = 'NOT_IMPLEMENTED';

export function avTransport(renderer: Renderer): Service {
  return new Service('AVTransport', {
    variables: {
      LastChange: { type: 'string', isEvented: true },
      TransportState: { type: 'string', allowed: ['NO_MEDIA_PRESENT', 'STOPPED', 'PLAYING', 'PAUSED_PLAYBACK'] },
      TransportStatus: { type: 'string', allowed: ['OK', 'ERROR_OCCURRED'] },
      TransportPlaySpeed: { type: 'string', allowed: ['1'] },
      PlaybackStorageMedium: { type: 'string', allowed: ['NONE', 'NETWORK'] },
      RecordStorageMedium: { type: 'string', allowed: [NOT_IMPLEMENTED] },
      RecordMediumWriteStatus: { type: 'string', allowed: [NOT_IMPLEMENTED] },
      CurrentPlayMode: { type: 'string', allowed: ['NORMAL'] },
      CurrentRecordQualityMode: { type: 'string', allowed: [NOT_IMPLEMENTED] },
      NumberOfTracks: { type: 'ui4', range: [0, 1] },
      CurrentTrack: { type: 'ui4', range: [0, 1] },
      CurrentTrackDuration: { type: 'string' },
      CurrentMediaDuration: { type: 'string' },
      CurrentTrackMetaData: { type: 'string' },
      CurrentTrackURI: { type: 'string' },
      AVTransportURI: { type: 'string' },
      AVTransportURIMetaData: { type: 'string' },
      NextAVTransportURI: { type: 'string' },
      NextAVTransportURIMetaData: { type: 'string' },
      RelativeTimePosition: { type: 'string' },
      AbsoluteTimePosition: { type: 'string' },
      RelativeCounterPosition: { type: 'i4' },
      AbsoluteCounterPosition: { type: 'i4' },
      A_ARG_TYPE_InstanceID: { type: 'ui4' },
    },
    actions: {
      SetAVTransportURI: {
        in: { ...ONLY_INSTANCE, CurrentURI: 'AVTransportURI', CurrentURIMetaData: 'AVTransportURIMetaData' },
        call(args) {
          checkInstance(args);
          renderer.load(String(args.CurrentURI), String(args.CurrentURIMetaData));
          return undefined;
        },
      },
      Play: {
        in: { ...ONLY_INSTANCE, Speed: 'TransportPlaySpeed' },
        call(args) {
          checkInstance(args);
          renderer.play();
          return undefined;
        },
      },
      Pause: {
        in: ONLY_INSTANCE,
        call(args) {
          checkInstance(args);
          renderer.pause();
          return undefined;
        },
      },
      Stop: {
        in: ONLY_INSTANCE,
        call(args) {
          checkInstance(args);
          renderer.stop();
          return undefined;
        },
      },
      GetTransportInfo: {
        in: ONLY_INSTANCE,
        out: {
          CurrentTransportState: 'TransportState',
          CurrentTransportStatus: 'TransportStatus',
          CurrentSpeed: 'TransportPlaySpeed',
        },
        call(args) {
          checkInstance(args);
          return {
            CurrentTransportState: renderer.transport,
            CurrentTransportStatus: 'OK',
            CurrentSpeed: '1',
          };
        },
      },
      GetMediaInfo: {
        in: ONLY_INSTANCE,
        out: {
          NrTracks: 'NumberOfTracks',
          MediaDuration: 'CurrentMediaDuration',
          CurrentURI: 'AVTransportURI',
          CurrentURIMetaData: 'AVTransportURIMetaData',
          NextURI: 'NextAVTransportURI',
          NextURIMetaData: 'NextAVTransportURIMetaData',
          PlayMedium: 'PlaybackStorageMedium',
          RecordMedium: 'RecordStorageMedium',
          WriteStatus: 'RecordMediumWriteStatus',
        },
        call(args) {
          checkInstance(args);
          return {
            NrTracks: renderer.uri === '' ? 0 : 1,
            MediaDuration: '0:00:00',
            CurrentURI: renderer.uri,
            CurrentURIMetaData: renderer.metadata,
            NextURI: NOT_IMPLEMENTED,
            NextURIMetaData: NOT_IMPLEMENTED,
            PlayMedium: renderer.uri === '' ? 'NONE' : 'NETWORK',
            RecordMedium: NOT_IMPLEMENTED,
            WriteStatus: NOT_IMPLEMENTED,
          };
        },
      },
      GetPositionInfo: {
        in: ONLY_INSTANCE,
        out: {
          Track: 'CurrentTrack',
          TrackDuration: 'CurrentTrackDuration',
          TrackMetaData: 'CurrentTrackMetaData',
          TrackURI: 'CurrentTrackURI',
          RelTime: 'RelativeTimePosition',
          AbsTime: 'AbsoluteTimePosition',
          RelCount: 'RelativeCounterPosition',
          AbsCount: 'AbsoluteCounterPosition',
        },
        call(args) {
          checkInstance(args);
          return {
            Track: renderer.uri === '' ? 0 : 1,
            TrackDuration: '0:00:00',
            TrackMetaData: renderer.metadata,
            TrackURI: renderer.uri,
            RelTime: clockTime(renderer.positionMs),
            AbsTime: NOT_IMPLEMENTED,
            // What a counter that is not implemented says (AVTransport:1 §2.2.26).
            RelCount: 2 ** 31 - 1,
            AbsCount: 2 ** 31 - 1,
          };
        },
      },
      GetDeviceCapabilities: {
        in: ONLY_INSTANCE,
        out: {
          PlayMedia: 'PlaybackStorageMedium',
          RecMedia: 'RecordStorageMedium',
          RecQualityModes: 'CurrentRecordQualityMode',
        },
        call(args) {
          checkInstance(args);
          return { PlayMedia: 'NETWORK', RecMedia: NOT_IMPLEMENTED, RecQualityModes: NOT_IMPLEMENTED };
        },
      },
      GetTransportSettings: {
        in: ONLY_INSTANCE,
        out: { PlayMode: 'CurrentPlayMode', RecQualityMode: 'CurrentRecordQualityMode' },
        call(args) {
          checkInstance(args);
          return { PlayMode: 'NORMAL', RecQualityMode: NOT_IMPLEMENTED };
        },
      },
    },
    state: () => ({
      LastChange: lastChange('AVT', {
        TransportState: { val: renderer.transport },
        AVTransportURI: { val: renderer.uri },
        CurrentTrackURI: { val: renderer.uri },
        CurrentTrackMetaData: { val: renderer.metadata },
      }),
    }),
  });
}

function checkInstance({ InstanceID }: Arguments): void {
  if (InstanceID !== 0) throw new UpnpError(718, 'Invalid InstanceID');
}

/** `0:03:07`. */
function clockTime(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${Math.trunc(seconds / 3600)}:${two(Math.trunc(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
