#!/bin/sh
# Prints the clip of src/ingest/probe-clip.ts, as base64: colour bars in three pictures with uneven times.
set -eu
ffmpeg -v error -f lavfi -i smptebars=s=320x240:r=5 -frames:v 3 \
  -vf "format=yuv420p,settb=1/1000,setpts='N*200+gt(N,1)*167'" -fps_mode passthrough -enc_time_base 1:1000 \
  -c:v libx264 -profile:v main -preset veryslow -qp 30 -x264-params no-info=1:keyint=3:bframes=0 \
  -bsf:v filter_units=remove_types=6 -fflags +bitexact -flags:v +bitexact -f matroska - | base64 -w 100
