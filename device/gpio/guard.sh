#!/bin/bash
# Switches one output off when its time is over, or when the daemon hangs or has ended. Depends only
# on bash, so that it works when Node does not.
#
#   guard.sh sysfs VALUE-FILE                    the daemon switches on, this only switches off
#   guard.sh gpiod1|gpiod2 CHIP LINE high|low    this switches both ways, through gpioset
#
# Reads orders from its input: `on SECONDS` and `off`. End of input means that the daemon has ended.
how=$1 held='' level=''

release() {
  [ -n "$held" ] || return 0
  kill "$held" 2>/dev/null
  wait "$held" 2>/dev/null
  held=''
}

# gpioset releases the line when it ends, and with it the level.
hold() {
  # Releasing the line and taking it again would make the relay click.
  if [ "$level" = "$1" ] && [ -n "$held" ] && kill -0 "$held" 2>/dev/null; then return; fi
  release
  level=$1
  case $how in
    gpiod1) gpioset --mode=signal $low "$chip" "$line=$1" & ;;
    gpiod2) gpioset --chip "$chip" $low "$line=$1" & ;;
  esac
  held=$!
}

switch() {
  if [ "$how" != sysfs ]; then hold "$1"; elif [ "$1" = 0 ]; then printf 0 >"$value"; fi
}

leave() {
  release
  case $how in
    sysfs) switch 0 ;;
    gpiod1) gpioset --mode=exit $low "$chip" "$line=0" ;;
    gpiod2) gpioset --toggle 0 --chip "$chip" $low "$line=0" ;;
  esac
  exit
}

case $how in
  sysfs) value=$2 ;;
  gpiod1 | gpiod2) chip=$2 line=$3 low=''; if [ "$4" = low ]; then low=--active-low; fi ;;
  *) echo "guard.sh: unknown driver" >&2; exit 64 ;;
esac
trap leave TERM INT HUP

# With sysfs the daemon has switched the line off already, and may have switched it on since.
[ "$how" = sysfs ] || switch 0
seconds=''
while :; do
  if [ -n "$held" ] && ! kill -0 "$held" 2>/dev/null; then exit 1; fi
  read -r ${seconds:+-t "$seconds"} order argument
  ended=$?
  if [ "$ended" -gt 128 ]; then
    switch 0
    seconds=''
  elif [ "$ended" -ne 0 ]; then
    leave
  elif [ "$order" = on ]; then
    switch 1
    seconds=$argument
  elif [ "$order" = off ]; then
    # As above: with sysfs the daemon switches the line itself.
    [ "$how" = sysfs ] || switch 0
    seconds=''
  fi
done
