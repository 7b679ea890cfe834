"""An RTSP server for tests: loops video files until standard input closes.

python3 rtsp_server.py PORT [--user NAME --password SECRET] [--certificate PEM] [--sent-log FILE] PATH=FILE...

Port 0 takes a free one. Prints `ready PORT` when it listens. Each watcher of a path gets its file from the beginning.
The log gets a line for each picture at the moment it is sent: path, time stamp in ns, UTC in ms since 1970, key or delta.
"""

import argparse
import sys
import time
from typing import TextIO

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtspServer  # noqa: E402

LAUNCH = '( filesrc location="{}" ! qtdemux ! h264parse ! {} rtph264pay name=pay0 pt=96 config-interval=1 )'
# Holds each picture until it is due, so that what leaves it is sent.
PACED = "identity name=sent sync=true !"


def main() -> None:
    args = read_args()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(args.port))
    if args.user is not None or args.certificate is not None:
        protect(server, args)
    log = None if args.sent_log is None else open(args.sent_log, "a", buffering=1)
    for mount in args.mounts:
        add(server, *mount.split("=", 1), is_protected=args.user is not None, log=log)
    if server.attach(None) == 0:
        sys.exit(f"port {args.port} is taken")
    loop = GLib.MainLoop()
    GLib.io_add_watch(0, GLib.IO_HUP | GLib.IO_ERR, lambda *_: loop.quit())
    print(f"ready {server.get_bound_port()}", flush=True)
    loop.run()


def read_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--user")
    parser.add_argument("--password", default="")
    parser.add_argument("--certificate", metavar="PEM", help="file with key and certificate: TLS alone")
    parser.add_argument("--sent-log")
    parser.add_argument("mounts", nargs="+", metavar="PATH=FILE")
    return parser.parse_args()


def protect(server: GstRtspServer.RTSPServer, args: argparse.Namespace) -> None:
    auth = GstRtspServer.RTSPAuth()
    if args.user is not None:
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "viewer")
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(args.user, args.password), token)
    if args.certificate is not None:
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(args.certificate))
    server.set_auth(auth)


def add(
    server: GstRtspServer.RTSPServer, path: str, file: str, is_protected: bool, log: TextIO | None
) -> None:
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(LAUNCH.format(file, "" if log is None else PACED))
    # gst-rtsp-server 1.22 may hang or abort when two begin to watch what they share
    factory.set_shared(False)
    if log is not None:
        factory.connect("media-configure", lambda _, media: note_sent(media.get_element(), path, log))
    if is_protected:
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role("viewer", "media.factory.access", True)
        permissions.add_permission_for_role("viewer", "media.factory.construct", True)
        factory.set_permissions(permissions)
    server.get_mount_points().add_factory(path, factory)


def note_sent(pipeline: Gst.Bin, path: str, log: TextIO) -> None:
    def note(_: Gst.Pad, info: Gst.PadProbeInfo) -> Gst.PadProbeReturn:
        picture = info.get_buffer()
        kind = "delta" if picture.has_flags(Gst.BufferFlags.DELTA_UNIT) else "key"
        log.write(f"{path} {picture.pts} {time.time() * 1000:.1f} {kind}\n")
        return Gst.PadProbeReturn.OK

    pipeline.get_by_name("sent").get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, note)


if __name__ == "__main__":
    main()
