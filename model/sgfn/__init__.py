"""SGFN: a semantic guidance-based fusion network for multi-label tagging, as a residual on a detector's cue.

Shapes in this package: N frames, n labels, m label groups, d channels, h x w grid positions, P = h * w.
Frames are RGB with values 0 to 255; every normalisation belongs to the network.
"""
