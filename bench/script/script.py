"""The tagger that people write in an afternoon: OpenCV, ONNX Runtime and a threshold. Prints a segment a line as JSON."""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

FPS = 5
THRESHOLD = 0.5

video, package = sys.argv[1], Path(sys.argv[2])
manifest = json.loads((package / "manifest.json").read_text())
width, height = (manifest["input"][key] for key in ("width", "height"))
labels = [label["name"] for label in manifest["labels"]]
session = onnxruntime.InferenceSession(package / manifest["files"]["fp32"]["path"])


def frame(picture: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(cv2.resize(picture, (width, height)), cv2.COLOR_BGR2RGB)


def segment(label: str, start: float, end: float) -> None:
    print(json.dumps({"label": label, "startMs": round(start * 1000), "endMs": round(end * 1000)}))


capture = cv2.VideoCapture(video)
step = max(1, round(capture.get(cv2.CAP_PROP_FPS) / FPS))
seconds_per_frame = 1 / capture.get(cv2.CAP_PROP_FPS)
began: dict[str, float] = {}
n = 0
while capture.grab():
    if n % step == 0:
        time = n * seconds_per_frame
        scores = session.run(["scores"], {"frames": frame(capture.retrieve()[1])[None]})[0][0]
        seen = {labels[i] for i in np.flatnonzero(scores >= THRESHOLD)}
        for label in set(began) - seen:
            segment(label, began.pop(label), time)
        for label in seen - set(began):
            began[label] = time
    n += 1
for label, start in began.items():
    segment(label, start, n * seconds_per_frame)
