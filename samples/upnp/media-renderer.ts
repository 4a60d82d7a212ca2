/** Puts the device together for one address. */

import { type AppOptions, TcpSocket, UdpSocket } from 'luminaire';
import { Activity } from './activity.js';
import { AnnouncedSocket } from './announced-socket.js';
import { DeviceController } from './device.controller.js';
import { Device } from './device.js';
import { PageController } from './page.controller.js';
import { Renderer } from './renderer.js';
import { Services } from './services.js';
import { SSDP_GROUP, SSDP_PORT } from './ssdp.js';
import { Transports } from './transports.js';

/** Gives the application, to be listened to at `address`, whose interface is also where it is announced. */
export function mediaRenderer(address: string): AppOptions {
  const tcp = new TcpSocket();
  tcp.bind(address, 0);
  // Others in this machine hear the group too, and every one of them shares the port.
  const group = udpAt(SSDP_GROUP, address);
  // UPnP 1.1 devices are also asked by themselves.
  const unicast = udpAt(address, address);
  const renderer = new Renderer();
  const services = new Services(renderer);
  const activity = new Activity();
  const device = new Device(services.all, () => tcp.getsockname());
  return {
    controllers: [DeviceController, PageController],
    use: [Transports],
    providers: [
      { token: Renderer, value: renderer },
      { token: Services, value: services },
      { token: Activity, value: activity },
      { token: Device, value: device },
      { token: UdpSocket, value: unicast },
    ],
    socket: new AnnouncedSocket(device, activity, tcp, group, unicast),
  };
}

function udpAt(ip: string, address: string): UdpSocket {
  const udp = new UdpSocket({ groups: ip === SSDP_GROUP ? [SSDP_GROUP] : [] });
  udp.setoption('reuseaddr', true);
  udp.setoption('ip-multicast-if', address);
  // A network of some size has more than one segment (UDA 1.1 §1.1.2 says 2).
  udp.setoption('ip-multicast-ttl', 2);
  udp.bind(ip, SSDP_PORT);
  return udp;
}
