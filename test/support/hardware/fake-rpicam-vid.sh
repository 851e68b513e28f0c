#!/bin/sh
# Stands in for rpicam-vid: takes its options and prints a test picture as MJPEG.
width=640 height=480 rate=30
while [ $# -gt 0 ]; do
  case "$1" in
    --width) width=$2; shift ;;
    --height) height=$2; shift ;;
    --framerate) rate=$2; shift ;;
    --codec) [ "$2" = mjpeg ] || exit 1; shift ;;
    --timeout | --quality | --output) shift ;;
    --nopreview | --flush) ;;
    *) echo "ERROR: *** unrecognised option '$1' ***" >&2; exit 255 ;;
  esac
  shift
done
exec ffmpeg -nostdin -loglevel quiet -re -f lavfi -i "testsrc2=size=${width}x${height}:rate=$rate" \
  -c:v mjpeg -q:v 6 -threads 1 -flush_packets 1 -f mjpeg pipe:1
