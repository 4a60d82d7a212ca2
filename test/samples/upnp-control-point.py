"""Finds the media renderer by GUPnP on the loopback interface, calls an action, awaits its event. Prints JSON lines."""

import json
import sys

import gi

gi.require_version("GUPnP", "1.6")
gi.require_version("GSSDP", "1.6")
from gi.repository import GLib, GObject, GUPnP  # noqa: E402

UDN, VOLUME = sys.argv[1], int(sys.argv[2])
RENDERING_CONTROL = "urn:schemas-upnp-org:service:RenderingControl:1"

loop = GLib.MainLoop()
kept = []


def say(**what):
    print(json.dumps(what), flush=True)


def call(service, name, arguments):
    action = GUPnP.ServiceProxyAction.new_from_list(name, list(arguments), list(arguments.values()))
    return service.call_action(action, None)


def on_event(service, variable, value, *_):
    say(event=variable, value=value)
    if f'val="{VOLUME}"' in value:
        done, names, values = True, ["CurrentVolume"], [GObject.TYPE_INT]
        answer = call(service, "GetVolume", {"InstanceID": 0, "Channel": "Master"})
        done, results = answer.get_result_list(names, values)
        say(volume=results[0])
        service.set_subscribed(False)
        GLib.timeout_add(300, loop.quit)


def on_device(_point, device):
    if device.get_udn() != UDN:
        return
    kept.append(device)
    say(device=device.get_friendly_name(), type=device.get_device_type(), services=sorted(device.list_service_types()))
    service = device.get_service(RENDERING_CONTROL)
    kept.append(service)
    service.introspect_async(None, on_introspection)


def on_introspection(service, result):
    introspection = service.introspect_finish(result)
    say(actions=sorted(introspection.list_action_names()))
    service.add_notify("LastChange", GObject.TYPE_STRING, on_event)
    service.connect("subscription-lost", lambda _service, error: say(lost=error.message))
    service.set_subscribed(True)
    call(service, "SetVolume", {"InstanceID": 0, "Channel": "Master", "DesiredVolume": VOLUME})
    try:
        answer = call(service, "SetVolume", {"InstanceID": 0, "Channel": "Master", "DesiredVolume": 101})
        answer.get_result_list([], [])
    except GLib.Error as error:
        say(refused=error.code, why=error.message)


context = GUPnP.Context.new("lo", 0)
point = GUPnP.ControlPoint.new(context, "urn:schemas-upnp-org:device:MediaRenderer:1")
point.connect("device-proxy-available", on_device)
point.set_active(True)
GLib.timeout_add_seconds(15, loop.quit)
loop.run()
