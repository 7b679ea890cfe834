#!/usr/bin/env python3
"""Renders the demo clip (demo.mp4) and its truth (truth.json).

    python3 -m venv demo/.venv
    demo/.venv/bin/pip install --no-deps -r demo/requirements.txt
    demo/.venv/bin/python demo/render.py [--out FOLDER]

Needs Python 3.11 or newer and an ffmpeg with libx264. Nothing is downloaded
besides the wheels: the pictures are the ones that scikit-image and matplotlib
ship inside theirs, checked here by their SHA-256. The two packages are not
imported, which is why --no-deps is enough. Credits and licences: NOTICE.md.

There is no chance in the clip: the same wheels give the same frames. Every
scene lasts a whole number of 100 ms steps (three frames), so that the
boundaries in truth.json are exact integers. A scene covers [startMs, endMs).
"""

import argparse
import hashlib
import importlib.util
import io
import json
import subprocess
from pathlib import Path

from PIL import Image, ImageEnhance, ImageFilter

WIDTH, HEIGHT, FPS = 960, 540, 30
KEYFRAME_SECONDS = 2
CRF = 22

# name: (package, path inside it, SHA-256 of the file)
PICTURES = {
    "chelsea": ("skimage", "data/chelsea.png",
                "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb"),
    "coffee": ("skimage", "data/coffee.png",
               "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7"),
    "astronaut": ("skimage", "data/astronaut.png",
                  "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5"),
    "rocket": ("skimage", "data/rocket.jpg",
               "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c"),
    "grass": ("skimage", "data/grass.png",
              "b6b6022426b38936c43a4ac09635cd78af074e90f42ffa8227ac8b7452d39f89"),
    "hopper": ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg",
               "a8ca6d734765703b09728ab47fe59f473d93ae3967fc24c7c0288c3c7adb7130"),
}

# Pictures shown whole, with what share of the frame's height, their edges
# fading into a blurred copy: the cat is such a close-up that, filling the
# frame, it leaves a tagger little to go by; the portrait is upright.
FADED = {"chelsea": .89, "hopper": 1.0}

# A view is (centre x, centre y, zoom) on a plate: the centre as a fraction of
# the plate, zoom 1 the largest 16:9 window that fits. The camera eases from
# the first view to the second over the scene.
#
# labels: what a tagger should say. optional: in the picture too, but small,
# cut off, or a matter of taste, so neither right nor wrong.
SCENES = [
    dict(picture="chelsea", ms=3000, labels=["cat"], optional=[],
         views=((.50, .50, 1.00), (.51, .49, 1.18))),
    dict(picture="coffee", ms=2600, labels=["cup"], optional=["dining table", "spoon", "bowl"],
         views=((.50, .51, 1.00), (.50, .42, 1.04))),
    # The airplane is a model of the space shuttle.
    dict(picture="astronaut", ms=2600, labels=["person"], optional=["airplane"],
         views=((.40, .27, 1.25), (.38, .24, 1.45))),
    dict(picture="rocket", ms=2600, labels=[], optional=[],
         views=((.45, .50, 1.11), (.55, .48, 1.11))),
    dict(picture="chelsea", ms=2200, labels=["cat"], optional=[],
         views=((.54, .50, 1.16), (.46, .50, 1.16))),
    dict(picture="hopper", ms=2400, labels=["person", "tie"], optional=[],
         views=((.50, .50, 1.00), (.50, .56, 1.15))),
    dict(picture="coffee", ms=2200, labels=["cup"], optional=["dining table", "spoon", "bowl"],
         views=((.51, .42, 1.12), (.50, .42, 1.00))),
    dict(picture="grass", ms=1400, labels=[], optional=[],
         views=((.50, .35, 1.15), (.50, .65, 1.15))),
]


def load(name):
    package, path, sha256 = PICTURES[name]
    # find_spec, not import: only the file is wanted.
    spec = importlib.util.find_spec(package)
    if spec is None:
        raise SystemExit(f"{package} is not installed: see the top of this file")
    data = (Path(spec.origin).parent / path).read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise SystemExit(f"{package}/{path} is not the picture this clip was made from")
    return Image.open(io.BytesIO(data)).convert("RGB")


def plate(name):
    """The still that the camera moves over."""
    picture = load(name)
    if name not in FADED:
        return picture
    w, h = 1600, 900
    ph = round(h * FADED[name])
    pw = picture.width * ph // picture.height
    photo = picture.resize((pw, ph), Image.Resampling.BICUBIC)
    band = picture.width * HEIGHT / WIDTH
    top = (picture.height - band) / 2
    back = picture.resize((w, h), Image.Resampling.BICUBIC, (0, top, picture.width, top + band))
    back = ImageEnhance.Brightness(back.filter(ImageFilter.GaussianBlur(50))).enhance(.6)
    soft = 24
    x, y = (w - pw) // 2, (h - ph) // 2
    # A photograph as high as the plate fades at its sides only.
    edge = soft if y else 0
    mask = Image.new("L", (w, h), 0)
    mask.paste(255, (x + soft, y + edge, x + pw - soft, y + ph - edge))
    mask = mask.filter(ImageFilter.GaussianBlur(soft / 2))
    front = back.copy()
    front.paste(photo, (x, y))
    return Image.composite(front, back, mask)


def window(still, view):
    cx, cy, zoom = view
    w = min(still.width, still.height * WIDTH / HEIGHT) / zoom
    h = w * HEIGHT / WIDTH
    left = min(max(cx * still.width - w / 2, 0), still.width - w)
    top = min(max(cy * still.height - h / 2, 0), still.height - h)
    return left, top, left + w, top + h


def frames():
    stills = {name: plate(name) for name in PICTURES}
    for scene in SCENES:
        still = stills[scene["picture"]]
        first, last = (window(still, view) for view in scene["views"])
        count = scene["ms"] * FPS // 1000
        for i in range(count):
            t = i / (count - 1)
            t = .5 * t + .5 * t * t * (3 - 2 * t)  # half linear, half eased
            box = tuple(a + (b - a) * t for a, b in zip(first, last))
            yield still.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS, box)


def truth():
    found = {"labels": [], "optional": []}
    at = 0
    for scene in SCENES:
        if scene["ms"] % 100:
            raise SystemExit("a scene must last a whole number of 100 ms steps")
        for kind, segments in found.items():
            segments += [dict(label=label, startMs=at, endMs=at + scene["ms"])
                         for label in scene[kind]]
        at += scene["ms"]
    return dict(clip="demo.mp4", fps=FPS, durationMs=at,
                segments=found["labels"], optional=found["optional"])


def write_truth(path, value):
    def rows(segments):
        return "[\n" + ",\n".join("    " + json.dumps(s) for s in segments) + "\n  ]"

    path.write_text(
        "{\n"
        + "".join(f"  {json.dumps(k)}: {json.dumps(value[k])},\n" for k in ("clip", "fps", "durationMs"))
        + f'  "segments": {rows(value["segments"])},\n'
        + f'  "optional": {rows(value["optional"])}\n'
        + "}\n")


def encode(path):
    ffmpeg = subprocess.Popen(
        ["ffmpeg", "-hide_banner", "-loglevel", "error", "-y",
         "-f", "rawvideo", "-pix_fmt", "rgb24", "-video_size", f"{WIDTH}x{HEIGHT}",
         "-framerate", str(FPS), "-i", "-", "-an",
         "-vf", "scale=out_color_matrix=bt709:out_range=tv:flags=lanczos+accurate_rnd,format=yuv420p,setsar=1",
         "-c:v", "libx264", "-profile:v", "high", "-preset", "veryslow", "-crf", str(CRF),
         "-threads", "1", "-g", str(FPS * KEYFRAME_SECONDS),
         "-keyint_min", str(FPS * KEYFRAME_SECONDS), "-sc_threshold", "0",
         "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
         "-color_range", "tv", "-fflags", "+bitexact", "-flags:v", "+bitexact",
         "-movflags", "+faststart", str(path)],
        stdin=subprocess.PIPE)
    digest = hashlib.sha256()
    count = 0
    for frame in frames():
        data = frame.tobytes()
        digest.update(data)
        ffmpeg.stdin.write(data)
        count += 1
    ffmpeg.stdin.close()
    if ffmpeg.wait():
        raise SystemExit("ffmpeg failed")
    return count, digest.hexdigest()


def main():
    parser = argparse.ArgumentParser(description="Renders the demo clip and its truth.")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent)
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    value = truth()
    count, digest = encode(out / "demo.mp4")
    if count * 1000 != value["durationMs"] * FPS:
        raise SystemExit("frames and truth disagree")
    write_truth(out / "truth.json", value)
    size = (out / "demo.mp4").stat().st_size
    print(f"{count} frames, {value['durationMs']} ms, {size} bytes, frames sha256 {digest}")


if __name__ == "__main__":
    main()
