/** Offers what the renderer understands as a service (ConnectionManager:1). */

import { Service } from './service.js';
import { UpnpError } from './upnp-error.js';

const UNDERSTOOD = ['audio/mpeg', 'audio/mp4', 'audio/flac', 'audio/ogg', 'audio/wav', 'video/mp4', 'image/jpeg'];
const SINK = UNDERSTOOD.map((type) => `http-get:*:${type}:*`).join(',');

export function connectionManager(): Service {
  return new Service('ConnectionManager', {
    variables: {
      SourceProtocolInfo: { type: 'string', isEvented: true },
      SinkProtocolInfo: { type: 'string', isEvented: true },
      CurrentConnectionIDs: { type: 'string', isEvented: true },
      A_ARG_TYPE_ConnectionStatus: { type: 'string', allowed: ['OK', 'Unknown'] },
      A_ARG_TYPE_ConnectionManager: { type: 'string' },
      A_ARG_TYPE_Direction: { type: 'string', allowed: ['Input', 'Output'] },
      A_ARG_TYPE_ProtocolInfo: { type: 'string' },
      A_ARG_TYPE_ConnectionID: { type: 'i4' },
      A_ARG_TYPE_AVTransportID: { type: 'i4' },
      A_ARG_TYPE_RcsID: { type: 'i4' },
    },
    actions: {
      GetProtocolInfo: {
        out: { Source: 'SourceProtocolInfo', Sink: 'SinkProtocolInfo' },
        call: () => ({ Source: '', Sink: SINK }),
      },
      GetCurrentConnectionIDs: {
        out: { ConnectionIDs: 'CurrentConnectionIDs' },
        call: () => ({ ConnectionIDs: '0' }),
      },
      GetCurrentConnectionInfo: {
        in: { ConnectionID: 'A_ARG_TYPE_ConnectionID' },
        out: {
          RcsID: 'A_ARG_TYPE_RcsID',
          AVTransportID: 'A_ARG_TYPE_AVTransportID',
          ProtocolInfo: 'A_ARG_TYPE_ProtocolInfo',
          PeerConnectionManager: 'A_ARG_TYPE_ConnectionManager',
          PeerConnectionID: 'A_ARG_TYPE_ConnectionID',
          Direction: 'A_ARG_TYPE_Direction',
          Status: 'A_ARG_TYPE_ConnectionStatus',
        },
        call({ ConnectionID }) {
          if (ConnectionID !== 0) throw new UpnpError(706, 'Invalid connection reference');
          return {
            RcsID: 0,
            AVTransportID: 0,
            ProtocolInfo: '',
            PeerConnectionManager: '',
            PeerConnectionID: -1,
            Direction: 'Input',
            Status: 'OK',
          };
        },
      },
    },
    state: () => ({ SourceProtocolInfo: '', SinkProtocolInfo: SINK, CurrentConnectionIDs: '0' }),
  });
}
