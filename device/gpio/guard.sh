#!/bin/bash
# Switches one output off when its time is over, or when the daemon hangs or has ended. Depends only
# on bash, so that it works when Node does not.
#
#   guard.sh sysfs VALUE-FILE                    the daemon switches on, this only switches off
#   guard.sh gpiod1|gpiod2 CHIP LINE high|low    this switches both ways, through gpioset
#
# Reads orders from its input: `on SECONDS` and `off`. End of input means that the daemon has ended.
# With gpiod it answers each order with `done` or `failed`, and reports `lost` and `held` when
# gpioset lost the line and has it again.
how=$1 held='' level=0 reported='' left=''
# In milliseconds: a line that was lost is noticed after this.
check_every=1000

release() {
  [ -n "$held" ] || return 0
  kill "$held" 2>/dev/null
  wait "$held" 2>/dev/null
  held=''
}

is_held() { [ -n "$held" ] && kill -0 "$held" 2>/dev/null; }

# gpioset says nothing when it has the line, but then the line is among its open files. Where /proc
# does not show it, gpioset has the line if it still runs after a while.
has_line() {
  local tries=20
  while is_held; do
    case $(readlink /proc/"$held"/fd/* 2>/dev/null) in *gpio-line*) return 0 ;; esac
    [ $((tries -= 1)) -gt 0 ] || return 0
    sleep 0.02
  done
  return 1
}

# gpioset releases the line when it ends, and with it the level.
hold() {
  # Releasing the line and taking it again would make the relay click.
  if [ "$level" = "$1" ] && is_held; then return 0; fi
  release
  level=$1
  case $how in
    gpiod1) gpioset --mode=signal $low "$chip" "$line=$1" >&2 & ;;
    gpiod2) gpioset --chip "$chip" $low "$line=$1" >&2 & ;;
  esac
  held=$!
  has_line
}

report() {
  [ "$reported" = "$1" ] || echo "$1"
  reported=$1
}

# With sysfs the daemon switches the line itself, and this only when the time is over.
switch_off() {
  if [ "$how" = sysfs ]; then printf 0 >"$value"; else hold 0; fi
}

obey() {
  [ "$how" != sysfs ] || return 0
  if hold "$1"; then
    echo 'done'
    reported=held
  else
    echo failed
    # Not later: the visitor reads that the door did not open.
    reported=lost level=0 left=''
  fi
}

# Takes the line again, with the level that it should have.
check() {
  [ "$how" != sysfs ] || return 0
  if is_held; then return 0; fi
  [ -z "$reported" ] || report lost
  # Once is enough for gpioset's complaint.
  if [ "$reported" = lost ]; then hold "$level" 2>/dev/null; else hold "$level"; fi
  if is_held; then report held; else report lost; fi
}

leave() {
  release
  case $how in
    sysfs) switch_off ;;
    gpiod1) gpioset --mode=exit $low "$chip" "$line=0" ;;
    gpiod2) gpioset --toggle 0 --chip "$chip" $low "$line=0" ;;
  esac
  exit
}

# How long to wait for the next order. The wall clock may be set, so slices are counted.
next_slice() {
  slice=$left
  if [ "$how" != sysfs ] && [ "${left:-$check_every}" -ge "$check_every" ]; then slice=$check_every; fi
  timeout=''
  [ -z "$slice" ] || printf -v timeout '%d.%03d' $((slice / 1000)) $((slice % 1000))
}

case $how in
  sysfs) value=$2 ;;
  gpiod1 | gpiod2) chip=$2 line=$3 low=''; if [ "$4" = low ]; then low=--active-low; fi ;;
  *) echo "guard.sh: unknown driver" >&2; exit 64 ;;
esac
trap leave TERM INT HUP

# With sysfs the daemon has switched the line off already, and may have switched it on since.
check
while :; do
  next_slice
  read -r ${timeout:+-t "$timeout"} order argument
  ended=$?
  if [ "$ended" -gt 128 ]; then
    if [ -n "$left" ] && [ $((left -= slice)) -le 0 ]; then
      left=''
      switch_off
    fi
    check
  elif [ "$ended" -ne 0 ]; then
    leave
  elif [ "$order" = on ]; then
    # From seconds with three decimals to milliseconds.
    left=$((10#${argument/./}))
    obey 1
  elif [ "$order" = off ]; then
    left=''
    obey 0
  fi
done
