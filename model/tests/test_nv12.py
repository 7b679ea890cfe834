import numpy as np
import onnx
from conftest import MODEL

from sgfn.nv12 import make_conversion, with_nv12
from sgfn.runtime import open_session

HEIGHT, WIDTH = 8, 12


def test_it_gives_full_range_rgb() -> None:
    rng = np.random.default_rng(0)
    luma = rng.integers(0, 256, (2, HEIGHT, WIDTH), dtype=np.uint8)
    chroma = np.array([[90, 240], [200, 16]], np.uint8)  # one colour a frame, so that nothing is interpolated
    pairs = np.tile(chroma[:, None, :], (1, HEIGHT // 2, WIDTH // 2))
    frames = np.concatenate([luma, pairs], axis=1)

    y = 255 / 219 * (luma[..., None].astype(np.float64) - 16)
    cb, cr = np.moveaxis(255 / 224 * (chroma.astype(np.float64) - 128), 1, 0)[:, :, None, None]
    red, blue = 1.402 * cr, 1.772 * cb
    green = -(0.299 * red + 0.114 * blue) / 0.587
    expected = np.clip(y + np.stack([red, green, blue], axis=-1), 0, 255)

    session = open_session(make_conversion(HEIGHT, WIDTH, 9).SerializeToString())
    (rgb,) = session.run(["rgb"], {"nv12": frames})
    assert rgb.dtype == np.uint8
    np.testing.assert_allclose(rgb.astype(np.float64), expected, atol=0.51)


def test_the_model_behind_it_is_untouched() -> None:
    path = MODEL / "sgfn-nano-coco80/model.onnx"
    model = onnx.load(path)
    frames = np.random.default_rng(0).integers(16, 236, (1, 624, 416), dtype=np.uint8)
    conversion = open_session(make_conversion(416, 416, model.ir_version).SerializeToString())
    (rgb,) = conversion.run(["rgb"], {"nv12": frames})
    (expected,) = open_session(path.read_bytes()).run(["scores"], {"frames": rgb})
    (scores,) = open_session(with_nv12(model).SerializeToString()).run(["scores"], {"nv12": frames})
    np.testing.assert_allclose(scores, expected, atol=1e-6)
