# What install, rollback and uninstall have in common; read by them, never run. Everything lies
# below $DESTDIR, which is empty but for tests and for whoever builds an image of a card.
#
#   /opt/smart-door/versions/NAME   each version whole, with its own packages
#   /opt/smart-door/current         -> the one that runs
#   /opt/smart-door/previous        -> the one that ran before
#   /etc/smart-door                 config.json and door-key, written once and then left alone
#   /var/lib/smart-door             what the door remembers; never touched
#
# The power may fail at any moment. So what is written is written aside and moved into its place, and
# a version that is only tried is nowhere but below /run: after a power cut the one before it runs.

umask 022
DESTDIR=${DESTDIR:-}
opt=$DESTDIR/opt/smart-door
etc=$DESTDIR/etc/smart-door
units=$DESTDIR/etc/systemd/system
# Before /etc in systemd's order, and gone when the computer starts anew.
trial=$DESTDIR/run/systemd/system.control/smart-door.service
source_folder=$(cd -- "$(dirname -- "$(readlink -f -- "$0")")/.." && pwd)

say() { printf '%s\n' "$*"; }
stop() { printf 'smart-door: %s\n' "$*" >&2; exit 1; }

must_be_root() {
  [ -n "$DESTDIR" ] || [ "$(id -u)" = 0 ] || stop "this changes the system, so please run: sudo $0"
}

# Asked of the programs that are installed, not of the kernel: a 64-bit kernel runs 32-bit systems.
must_be_64_bit() {
  local system
  system=$(dpkg --print-architecture 2>/dev/null) || system=$(uname -m)
  case $system in
    arm64 | aarch64 | amd64 | x86_64) ;;
    *) stop "this is a 32-bit system ($system). The door needs Raspberry Pi OS 64-bit; please write it to the card with Raspberry Pi Imager and start again." ;;
  esac
}

# Two at once would take each other's folders away.
must_be_alone() {
  mkdir -p "$opt" && exec 9<"$opt" || stop "$opt cannot be made."
  flock -n 9 || stop "another install, rollback or uninstall is at work; please wait until it has ended."
}

# Replaced in one step, so that there is no moment without one.
point() { # NAME VERSION
  ln -sfn "versions/$2" "$opt/.$1" && mv -T "$opt/.$1" "$opt/$1" || stop "$opt/$1 cannot be changed."
}

version_of() { # current|previous
  [ -d "$opt/$1/" ] && basename -- "$(readlink -- "$opt/$1")"
}

# Only what differs is written; says so by returning 0. Never half of it, not on a full disk either.
put() { # SOURCE TARGET MODE
  local aside=${2%/*}/.${2##*/}.new
  cmp -s "$1" "$2" && return 1
  install -D -m "$3" "$1" "$aside" && sync "$aside" && mv -T "$aside" "$2" ||
    { rm -f "$aside"; stop "$2 cannot be written. Is the disk full?"; }
}

put_units() { # FROM
  local changed=1 name
  for name in smart-door smart-door-kiosk; do
    put "$1/$name.service" "$units/$name.service" 644 && changed=0
  done
  return $changed
}

put_settings() { # FROM
  local changed=1
  put "$1/smart-door.sysusers" "$DESTDIR/etc/sysusers.d/smart-door.conf" 644 && changed=0
  put "$1/smart-door.tmpfiles" "$DESTDIR/etc/tmpfiles.d/smart-door.conf" 644 && changed=0
  put "$1/smart-door.rules" "$DESTDIR/etc/udev/rules.d/60-smart-door.rules" 644 && changed=0
  put "$1/smart-door.journald" "$DESTDIR/etc/systemd/journald.conf.d/smart-door.conf" 644 && changed=0
  put "$1/smart-door.watchdog" "$DESTDIR/etc/systemd/system.conf.d/smart-door.conf" 644 && changed=0
  systemd-sysusers ${DESTDIR:+--root="$DESTDIR"} "$DESTDIR/etc/sysusers.d/smart-door.conf" || stop "the user smart-door cannot be made."
  systemd-tmpfiles ${DESTDIR:+--root="$DESTDIR"} --create "$DESTDIR/etc/tmpfiles.d/smart-door.conf"
  udevadm control --reload 2>/dev/null && udevadm trigger --subsystem-match=gpio --action=add 2>/dev/null
  return $changed
}

# ---------------------------------------------------------------- the door

invocation() { systemctl show -p InvocationID --value smart-door.service; }

# The unit tells systemd itself when the door is ready, so this waits until it is, or is not. Some
# mistakes end it only after that, so a little later it must still be the same process.
restart_door() {
  local first
  systemctl restart smart-door.service || return
  first=$(invocation)
  sleep 10
  systemctl --quiet is-active smart-door.service && [ "$(invocation)" = "$first" ]
}

try_version() { # NAME
  mkdir -p "${trial%/*}" &&
    sed "s|/opt/smart-door/current/|/opt/smart-door/versions/$1/|" "$opt/versions/$1/systemd/smart-door.service" >"$trial" &&
    systemctl daemon-reload && restart_door
}

end_trial() {
  rm -f "$trial"
  systemctl daemon-reload
}

# Another version instead of the one that runs; where it does not come up, that one runs on. A lost
# connection or Ctrl-C must not end this half-way: it takes two minutes at the most.
change_over() { # TO FROM
  trap '' HUP INT TERM
  if try_version "$1"; then
    put_units "$opt/versions/$1/systemd"
    point current "$1"
    point previous "$2"
    sync -f "$opt"
    end_trial
    return
  fi
  end_trial
  restart_door || stop "neither version $1 nor $2 comes up. See: journalctl -u smart-door"
  put_settings "$opt/versions/$2/systemd"
  stop "version $1 did not come up, so $2 runs again. See: journalctl -u smart-door"
}
