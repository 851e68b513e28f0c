#!/bin/bash
# Stands in for the kernel's GPIO files. Started through `unshare`, it covers /sys/class in a mount
# namespace of its own, and creates and removes lines as they are written to `export` and `unexport`.
# It cannot report edges. The program under test runs in the same namespace.
#
#   fake-gpio-kernel.sh LABEL BASE LINES [REFUSE-FIRST-N]
set -u
label=$1 base=$2 lines=$3 refuse=${4:-0}
mount -t tmpfs tmpfs /sys/class || exit 1
gpio=/sys/class/gpio
mkdir -p $gpio/new
# A second chip with a lower base, as on a Pi 5: taking the first or the lowest one is wrong.
for chip in "gpio-brcmstb@107d508500:100:32" "$label:$base:$lines"; do
  IFS=: read -r name first count <<<"$chip"
  mkdir $gpio/gpiochip$first
  echo "$name" >$gpio/gpiochip$first/label
  echo "$first" >$gpio/gpiochip$first/base
  echo "$count" >$gpio/gpiochip$first/ngpio
done
mkfifo $gpio/export $gpio/unexport

# Made aside and then moved, so that a line appears complete.
appear() {
  mkdir "$gpio/new/$1"
  echo in >"$gpio/new/$1/direction"
  echo none >"$gpio/new/$1/edge"
  echo 0 >"$gpio/new/$1/active_low"
  echo 0 >"$gpio/new/$1/value"
  mv "$gpio/new/$1" "$gpio/gpio$1"
}

while :; do
  read -r line <$gpio/unexport
  rm -rf "$gpio/gpio$line"
done &
echo ready
while :; do
  read -r line <$gpio/export
  # As if udev had not set the permissions yet: onoff fails after a while, and the driver retries.
  if [ "$refuse" -gt 0 ]; then refuse=$((refuse - 1)); continue; fi
  [ -e "$gpio/gpio$line" ] || appear "$line"
done
