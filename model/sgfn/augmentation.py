"""How a photo is altered each time it is learnt from."""

from dataclasses import dataclass

from torchvision.transforms import v2

from sgfn.photos import PAD


@dataclass(frozen=True)
class Augmentation:
    """crop: side of a training frame, px. least_area: smallest share of a photo's area that a random crop keeps; at 1
    the whole photo is squashed to the frame. flip: chance of a mirror image. colour: strength of the changes of
    brightness, contrast and saturation. rand_augment: two of RandAugment's changes (arXiv 1909.13719). cutout: side of
    an erased square (arXiv 1708.04552), as a share of the frame's. parts: share of photos of which only a small part is
    shown (parts.py). empty: share of photos in whose place nothing is drawn (empty.py).
    """

    crop: int = 416
    least_area: float = 0.6
    flip: float = 0.5
    colour: float = 0.2
    rand_augment: bool = False
    cutout: float = 0.0
    parts: float = 0.0
    empty: float = 0.0


def augment(sizes: Augmentation, interpolation: str) -> v2.Compose:
    """A photo to uint8 [3, crop, crop]; draws from torch's global generator. interpolation: the trunk's."""
    mode = v2.InterpolationMode(interpolation)
    whole = sizes.least_area == 1
    steps = [
        v2.Resize((sizes.crop, sizes.crop), mode)
        if whole
        else v2.RandomResizedCrop(sizes.crop, (sizes.least_area, 1.0), interpolation=mode),
        v2.RandomHorizontalFlip(sizes.flip),
        v2.ColorJitter(*[sizes.colour] * 3) if sizes.colour else None,
        v2.RandAugment(interpolation=mode, fill=PAD) if sizes.rand_augment else None,
        v2.PILToTensor(),
        v2.RandomErasing(1, (sizes.cutout**2,) * 2, (1, 1), value=PAD) if sizes.cutout else None,
    ]
    return v2.Compose([step for step in steps if step is not None])
