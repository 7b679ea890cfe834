"""An RTSP server for tests: loops video files until standard input closes.

python3 rtsp_server.py PORT [--user NAME --password SECRET] PATH=FILE...

Port 0 takes a free one. Prints `ready PORT` when it listens. Watchers of one path share its pictures, as with a camera.
"""

import argparse
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

LAUNCH = '( filesrc location="{}" ! qtdemux ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=1 )'


def main() -> None:
    args = read_args()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(args.port))
    if args.user is not None:
        protect(server, args.user, args.password)
    for mount in args.mounts:
        add(server, *mount.split("=", 1), is_protected=args.user is not None)
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
    parser.add_argument("mounts", nargs="+", metavar="PATH=FILE")
    return parser.parse_args()


def protect(server: GstRtspServer.RTSPServer, user: str, password: str) -> None:
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)


def add(server: GstRtspServer.RTSPServer, path: str, file: str, is_protected: bool) -> None:
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(LAUNCH.format(file))
    factory.set_shared(True)
    if is_protected:
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role("viewer", "media.factory.access", True)
        permissions.add_permission_for_role("viewer", "media.factory.construct", True)
        factory.set_permissions(permissions)
    server.get_mount_points().add_factory(path, factory)


if __name__ == "__main__":
    main()
