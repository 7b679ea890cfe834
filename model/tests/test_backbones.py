"""Networks of timm as trunks: their own record decides how they are fed, and their weights come from a file or timm."""

from pathlib import Path

import huggingface_hub.constants
import pytest
import timm
import torch
from safetensors.torch import save_file

from sgfn.augmentation import Augmentation
from sgfn.backbones import TimmBackbone
from sgfn.configuration import Batches, Configuration, Frames, Labels, Trunk
from sgfn.errors import UserError
from sgfn.network import SgfnConfig
from sgfn.rehearsal import random_tagger
from sgfn.taggers import RANDOM, build_trunk
from sgfn.training import Recipe

SMALL = "mobilenetv3_small_050.lamb_in1k"


def test_frames_are_normalised_as_the_networks_own_record_says() -> None:
    tresnet, mobile = TimmBackbone("tresnet_m.miil_in1k_448"), TimmBackbone(SMALL)
    assert (tresnet.mean == 0).all() and (tresnet.std == 255).all() and tresnet.interpolation == "bilinear"
    torch.testing.assert_close(mobile.mean.flatten() / 255, torch.tensor([0.485, 0.456, 0.406]))
    assert mobile.interpolation == "bicubic"
    fed = mobile.preprocessing()
    assert fed["std"] == (0.229, 0.224, 0.225) and fed["crop_pct"] == 0.875 and fed["license"] == "apache-2.0"


def test_the_record_follows_the_tag_of_the_name() -> None:
    assert TimmBackbone("tresnet_m.miil_in1k_448").record["input_size"] == (3, 448, 448)
    assert TimmBackbone("tresnet_m.miil_in21k_ft_in1k").record["input_size"] == (3, 224, 224)


def test_weights_come_out_of_a_file_of_the_same_network(tmp_path: Path) -> None:
    torch.manual_seed(1)
    published = timm.create_model(SMALL)
    save_file(published.state_dict(), tmp_path / "small.safetensors")
    trunk = build_trunk(SMALL, tmp_path / "small.safetensors").eval()
    frames = 255 * torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        expected = published.eval().forward_intermediates(
            (frames - trunk.mean) / trunk.std, indices=3, intermediates_only=True
        )
        taps = trunk(frames).taps
    torch.testing.assert_close(taps[:2], expected[:2])
    assert build_trunk("nanodet-plus-m", RANDOM).resize == "squash"


@pytest.mark.parametrize(
    ("name", "size", "crop", "message"),
    [
        (
            "swin_tiny_patch4_window7_224",
            224,
            224,
            r"gives maps \(1, 28, 28, 192\), .* and \[N, C, h, w\] of at least 2",
        ),
        (
            "vit_tiny_patch16_224",
            256,
            256,
            r"does not take frames of 256 x 256 px: .*\. Set frames\.size .* for, 224, or",
        ),
        ("vit_tiny_patch16_224", 224, 256, r"does not take frames of 256 x 256 px: "),
        (SMALL, 32, 64, r"gives maps \(1, 288, 1, 1\) of frames of 32 x 32 px, and .*: take a larger frames\.size"),
    ],
)
def test_a_network_whose_maps_cannot_be_used_is_refused_by_name_when_it_is_built(
    name: str, size: int, crop: int, message: str
) -> None:
    configuration = Configuration(
        "mine", Trunk(name), Frames(size), Labels("voc20"), Augmentation(crop=crop), Batches(), SgfnConfig(8), Recipe()
    )
    with pytest.raises(UserError, match=rf"^network '{name}' {message}"):
        random_tagger(configuration)


def test_looking_at_a_frame_leaves_a_network_as_it_was() -> None:
    trunk = TimmBackbone(SMALL).train()
    before = {key: value.clone() for key, value in trunk.state_dict().items()}
    trunk.require_taps(64)
    assert trunk.training and all(torch.equal(value, before[key]) for key, value in trunk.state_dict().items())


def test_what_cannot_be_had_is_told_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    (tmp_path / "wrong.safetensors").write_bytes(b"12345678")
    save_file(timm.create_model("resnet18").state_dict(), tmp_path / "resnet.safetensors")
    cases = {
        (SMALL, None): rf"^timm cannot get the weights of {SMALL}: .*timm\.create_model\('{SMALL}', pretrained=True\)",
        (SMALL, Path("none.safetensors")): r"^weights 'none\.safetensors' do not exist$",
        (SMALL, tmp_path / "wrong.safetensors"): rf"wrong\.safetensors' does not hold the weights of {SMALL}: ",
        (SMALL, tmp_path / "resnet.safetensors"): rf"resnet\.safetensors' does not hold the weights of {SMALL}: ",
        ("yolox-tiny", None): r"^timm has no network 'yolox-tiny': see python -c ",
        ("yolox-nano", None): r"^trunk 'yolox-nano' needs --weights FILE\.onnx",
    }
    for (name, weights), message in cases.items():
        with pytest.raises(UserError, match=message):
            build_trunk(name, weights)
