"""A server that takes one RTSP stream and hands it on, as MediaMTX and other relays do. Run by the system's Python.

    python3 rtsp_relay.py

Publishers ANNOUNCE H.264 at `/in`, viewers PLAY `/live`. The first line on standard output is JSON: `{"port": …}`.
"""

from __future__ import annotations

import json

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstApp, GstRtspServer  # noqa: E402

TAKEN = "( rtph264depay name=depay0 ! h264parse config-interval=-1 ! video/x-h264,stream-format=avc,alignment=au "
TAKEN += "! appsink name=taken emit-signals=true sync=false )"
GIVEN = "( appsrc name=given is-live=true format=time do-timestamp=true ! rtph264pay config-interval=-1 "
GIVEN += "name=pay0 pt=96 )"


class Relay:
    """What comes in goes out to whoever watches; nobody watching, nothing is kept."""

    def __init__(self) -> None:
        self.given: GstApp.AppSrc | None = None
        taken, given = GstRtspServer.RTSPMediaFactory(), GstRtspServer.RTSPMediaFactory()
        taken.set_transport_mode(GstRtspServer.RTSPTransportMode.RECORD)
        taken.set_launch(TAKEN)
        taken.connect("media-configure", self._publishes)
        given.set_launch(GIVEN)
        given.set_shared(True)
        given.connect("media-configure", self._watches)
        self.server = GstRtspServer.RTSPServer()
        self.server.set_address("127.0.0.1")
        self.server.set_service("0")
        # With the one thread of the default a viewer who came before the publisher keeps it waiting: 20 s, both.
        self.server.get_thread_pool().set_max_threads(8)
        paths = self.server.get_mount_points()
        paths.add_factory("/in", taken)
        paths.add_factory("/live", given)

    def _publishes(self, _: GstRtspServer.RTSPMediaFactory, media: GstRtspServer.RTSPMedia) -> None:
        media.get_element().get_by_name("taken").connect("new-sample", self._pass_on)

    def _watches(self, _: GstRtspServer.RTSPMediaFactory, media: GstRtspServer.RTSPMedia) -> None:
        self.given = media.get_element().get_by_name("given")

    def _pass_on(self, taken: GstApp.AppSink) -> Gst.FlowReturn:
        sample = taken.emit("pull-sample")
        if self.given is not None and self.given.get_state(0)[1] == Gst.State.PLAYING:
            buffer = sample.get_buffer().copy_deep()  # `copy` of a buffer is a reference in Python
            buffer.pts = buffer.dts = Gst.CLOCK_TIME_NONE
            self.given.set_property("caps", sample.get_caps())
            self.given.emit("push-buffer", buffer)
        return Gst.FlowReturn.OK


def main() -> None:
    """Serve until killed."""
    Gst.init(None)
    relay = Relay()
    if not relay.server.attach(None):
        raise SystemExit("no port can be opened")
    print(json.dumps({"port": relay.server.get_bound_port()}), flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
