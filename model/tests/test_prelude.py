import numpy as np
import pytest
from conftest import MODEL

from sgfn.prelude import make_prelude
from sgfn.runtime import open_session

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0]])
def test_it_scales_orders_and_standardises_in_both_layouts(order: list[int]) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (2, 5, 7, 3), dtype=np.uint8)
    expected = (frames[..., order] / 255 - MEAN) / STD
    settings = {
        "order": np.array(order),
        "scale": np.array([1 / 255], np.float32),
        "mean": np.array(MEAN, np.float32).reshape(3, 1, 1),
        "std": np.array(STD, np.float32).reshape(3, 1, 1),
    }
    session = open_session(make_prelude().SerializeToString())
    nchw, nhwc = session.run(["nchw", "nhwc"], {"frames": frames, **settings})
    np.testing.assert_allclose(nhwc, expected, atol=1e-6)
    assert np.array_equal(nchw, nhwc.transpose(0, 3, 1, 2))


def test_the_committed_file_is_what_the_command_makes() -> None:
    assert (MODEL / "prelude.onnx").read_bytes() == make_prelude().SerializeToString()
