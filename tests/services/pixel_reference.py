"""Model pixels by Pillow and numpy alone, to hold the decoding path to: bilinear, 416 x 416 RGB.

    pixel_reference.py model FIT FILE:WIDTH:HEIGHT:FORMAT:MATRIX:RANGE:TURN ...    of raw decoded frames
    pixel_reference.py sdr FIT WIDTH HEIGHT PICTURE...                             of pictures cut to one size
    pixel_reference.py hdr WIDTH HEIGHT CURVE:PEAK,... PICTURE...                  these in BT.2020 as yuv420p10le, full size

FIT: squash, or letterbox at the top left on grey 114. FORMAT: yuv420p or yuv420p10le. MATRIX: bt601 or bt709. RANGE: tv or pc. TURN: degrees clockwise. CURVE: pq or hlg.
PEAK: cd/m2 to which highlights are raised; white is at 203, so 203 raises none. Raw frames to stdout, in the order named.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

SIZE = 416
PAD = 114
WHITE = 203
RED_BLUE = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}
BT709_TO_BT2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])


def fit(width, height, pictures):
    for path in pictures:
        picture = Image.open(path).convert("RGB")
        yield np.asarray(ImageOps.fit(picture, (int(width), int(height)), Image.Resampling.LANCZOS))


def read_planes(raw, width, height, depth):
    """Code values: luma [H, W], chroma [H/2, W/2] twice, a frame at a time."""
    half = ((height + 1) // 2, (width + 1) // 2)
    kind = np.dtype("<u2" if depth > 8 else "u1")
    luma, chroma = width * height, half[0] * half[1]
    for frame in np.frombuffer(raw, kind).reshape(-1, luma + 2 * chroma):
        y, u, v = np.split(frame.astype(np.float64), [luma, luma + chroma])
        yield y.reshape(height, width), u.reshape(half), v.reshape(half)


def to_full_size(plane, height, width):
    """Chroma between its samples, which lie on every second column and between every two rows."""
    for axis, at in ((0, (np.arange(height) - 0.5) / 2), (1, np.arange(width) / 2)):
        last = plane.shape[axis] - 1
        at = at.clip(0, last)
        low = np.floor(at).astype(int)
        part = (at - low).reshape((-1, 1) if axis == 0 else (1, -1))
        plane = plane.take(low, axis) * (1 - part) + plane.take((low + 1).clip(max=last), axis) * part
    return plane


def to_rgb(planes, depth, matrix, full):
    y, u, v = planes
    unit = 2 ** (depth - 8)
    black, luma_span, chroma_span = (0, 2**depth - 1, 2**depth - 1) if full else (16 * unit, 219 * unit, 224 * unit)
    y = (y - black) / luma_span
    blueness, redness = ((to_full_size(c, *y.shape) - 128 * unit) / chroma_span for c in (u, v))
    red, blue = RED_BLUE[matrix]
    r, b = y + 2 * (1 - red) * redness, y + 2 * (1 - blue) * blueness
    g = (y - red * r - blue * b) / (1 - red - blue)
    return np.rint(np.stack([r, g, b], 2).clip(0, 1) * 255).astype(np.uint8)


def squash(rgb):
    return np.asarray(Image.fromarray(rgb).resize((SIZE, SIZE), Image.Resampling.BILINEAR))


def letterbox(rgb):
    picture = Image.fromarray(rgb)
    scale = min(SIZE / picture.width, SIZE / picture.height)
    width, height = (max(1, round(side * scale)) for side in picture.size)
    frame = np.full((SIZE, SIZE, 3), PAD, np.uint8)
    frame[:height, :width] = np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR))
    return frame


def to_hdr(rgb, curve, peak):
    """Code values 0..1 of a picture whose brightest parts are raised from white to the peak."""
    linear = (rgb / 255) ** 2.4
    bright = (linear.max(2, keepdims=True) * 2 - 1).clip(0)
    light = (linear * (1 + bright**2 * (peak / WHITE - 1)) @ BT709_TO_BT2020.T).clip(0) * WHITE
    return to_pq(light) if curve == "pq" else to_hlg(light)


def to_pq(light):
    """SMPTE ST 2084, of cd/m2."""
    y = (light / 10000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y)) ** 78.84375


def to_hlg(light):
    """ARIB STD-B67, of cd/m2 on a display of 1000."""
    shown = light / 1000
    luminance = (shown @ [0.2627, 0.678, 0.0593])[..., None]
    scene = shown * np.where(luminance > 0, luminance, 1) ** (1 / 1.2 - 1)
    above = 0.17883277 * np.log((12 * scene - 0.28466892).clip(1e-9)) + 0.55991073
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), above)


def to_planes(rgb):
    """yuv420p10le bytes, BT.2020, limited range, of code values 0..1."""
    red, blue = RED_BLUE["bt2020"]
    y = rgb @ [red, 1 - red - blue, blue]
    planes = [64 + 876 * y]
    for channel, weight in ((2, blue), (0, red)):
        chroma = (rgb[..., channel] - y) / (2 * (1 - weight))
        rows = np.pad((chroma[0::2] + chroma[1::2]) / 2, ((0, 0), (1, 1)), "edge")
        planes.append(512 + 896 * ((rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 4)[:, ::2])
    return np.concatenate([np.rint(p).clip(0, 1023).astype("<u2").ravel() for p in planes])


def model(to_frame, jobs):
    for job in jobs:
        file, width, height, pixels, matrix, span, turn = job.split(":")
        depth = 10 if pixels.endswith("10le") else 8
        for planes in read_planes(Path(file).read_bytes(), int(width), int(height), depth):
            yield to_frame(np.rot90(to_rgb(planes, depth, matrix, span == "pc"), -int(turn) // 90))


def hdr(width, height, forms, *pictures):
    fitted = list(fit(width, height, pictures))
    for form in forms.split(","):
        curve, peak = form.split(":")
        for rgb in fitted:
            yield to_planes(to_hdr(rgb, curve, int(peak)))


def main(command, first, *rest):
    fits = {"squash": squash, "letterbox": letterbox}
    if command == "model":
        frames = model(fits[first], rest)
    elif command == "sdr":
        frames = map(fits[first], fit(*rest[:2], rest[2:]))
    else:
        frames = hdr(first, *rest)
    for frame in frames:
        sys.stdout.buffer.write(frame.tobytes())


main(*sys.argv[1:])
