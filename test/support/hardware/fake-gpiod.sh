#!/bin/bash
# Stands in for gpiodetect, gpioget, gpiomon and gpioset, version 1 or 2. The voltage of a line is in
# the file LINE.level beside this script. Wrong arguments are refused, as by the real programs.
here=$(dirname "$0")
version=$(cat "$here/version")
name=$(basename "$0")
refuse() { echo "$name: $1" >&2; exit 1; }

if [ "${1-}" = --version ]; then
  case $version in 1) echo "$name (libgpiod) v1.6.3" ;; 2) echo "$name (libgpiod) v2.2.1" ;; esac
  exit 0
fi

chip='' low='' bias=as-is mode=exit
while :; do
  case $version-$name-${1-} in
    *---active-low) low=1; shift ;;
    1-*---bias=pull-up | 1-*---bias=pull-down | 1-*---bias=disable) bias=${1#*=}; shift ;;
    2-*---bias=pull-up | 2-*---bias=pull-down | 2-*---bias=disabled) bias=${1#*=}; shift ;;
    1-gpioset---mode=signal) mode=signal; shift ;;
    1-gpioset---mode=exit) mode=exit; shift ;;
    2-gpioset---toggle) mode=$2; shift 2 ;;
    2-*---chip) chip=$2; shift 2 ;;
    2-gpioget---numeric) mode=numeric; shift ;;
    *---*) refuse "unrecognized option '$1'" ;;
    *) break ;;
  esac
done
if [ "$name" = gpiodetect ]; then
  printf 'gpiochip0 [gpio-brcmstb@107d508500] (32 lines)\ngpiochip4 [pinctrl-rp1] (54 lines)\n'
  exit 0
fi
if [ "$version" = 1 ]; then chip=$1; shift; fi
[ "$chip" = gpiochip4 ] || refuse "cannot find chip '$chip'"
[ $# = 1 ] || refuse 'one line at a time'
file=$here/${1%%=*}.level

case $name in
  gpioset)
    [ -e "$here/${1%%=*}.busy" ] && refuse "error setting the GPIO line values: Device or resource busy"
    voltage=${1#*=}
    [ -n "$low" ] && voltage=$((1 - voltage))
    echo "$voltage" >"$file"
    echo "$voltage" >>"$here/${1%%=*}.orders"
    case $version-$mode in 1-exit | 2-0) exit 0 ;; esac
    # The real program has the line among its open files.
    echo $$ >"$here/${1%%=*}.gpio-line"
    exec 9<"$here/${1%%=*}.gpio-line"
    exec sleep 1000
    ;;
  gpioget)
    [ "$version-$mode" = 2-exit ] && { echo "\"$1\"=active"; exit 0; }
    # The kernel gives a line to one program at a time.
    held=$(cat "$here/$1.monitor" 2>/dev/null)
    [ -n "$held" ] && [ -e "/proc/$held" ] && refuse 'error reading GPIO values: Device or resource busy'
    cat "$file"
    ;;
  gpiomon)
    echo $$ >"$here/$1.monitor"
    last=$(cat "$file")
    while [ -e "$file" ]; do
      now=$(cat "$file" 2>/dev/null)
      if [ -n "$now" ] && [ "$now" != "$last" ]; then
        last=$now
        # As if it had changed before this program had the line.
        [ -e "$here/$1.deaf" ] && continue
        case $version-$now in
          1-1) echo 'event:  RISING EDGE offset: 22 timestamp: [     1.000000000]' ;;
          1-0) echo 'event: FALLING EDGE offset: 22 timestamp: [     1.000000000]' ;;
          2-1) printf '1.000000000\trising\tgpiochip4 22\n' ;;
          2-0) printf '1.000000000\tfalling\tgpiochip4 22\n' ;;
        esac
      fi
      sleep 0.01
    done
    ;;
esac
