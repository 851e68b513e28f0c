# Functions of install, rollback and uninstall, which source this file. All paths are below $DESTDIR,
# which is empty except in tests and when an image of a card is built.
#
#   /opt/smart-door/versions/NAME   each version, complete with its packages
#   /opt/smart-door/current         -> the version that runs
#   /opt/smart-door/previous        -> the version that ran before
#   /etc/smart-door                 config.json and door-key, written once
#   /var/lib/smart-door             data of the door; never changed here
#
# The power may fail at any time. So files are written in another place and then moved, and a version
# on trial is known only below /run: after a power cut the version before it runs.

umask 022
DESTDIR=${DESTDIR:-}
opt=$DESTDIR/opt/smart-door
etc=$DESTDIR/etc/smart-door
units=$DESTDIR/etc/systemd/system
# systemd prefers it to the unit in /etc; it is gone after a restart of the computer.
trial=$DESTDIR/run/systemd/system.control/smart-door.service
source_folder=$(cd -- "$(dirname -- "$(readlink -f -- "$0")")/.." && pwd)

say() { printf '%s\n' "$*"; }
stop() { printf 'smart-door: %s\n' "$*" >&2; exit 1; }

must_be_root() {
  [ -n "$DESTDIR" ] || [ "$(id -u)" = 0 ] || stop "this changes the system, so please run: sudo $0"
}

# Asks dpkg, not the kernel: a 64-bit kernel also runs 32-bit systems.
must_be_64_bit() {
  local system
  system=$(dpkg --print-architecture 2>/dev/null) || system=$(uname -m)
  case $system in
    arm64 | aarch64 | amd64 | x86_64) ;;
    *) stop "this is a 32-bit system ($system). The door needs Raspberry Pi OS 64-bit; please write it to the card with Raspberry Pi Imager and start again." ;;
  esac
}

# Two at once would delete each other's folders.
must_be_alone() {
  mkdir -p "$opt" && exec 9<"$opt" || stop "$opt cannot be created."
  flock -n 9 || stop "another install, rollback or uninstall is running; please wait until it has ended."
}

# In one step: there is always a version.
point() { # NAME VERSION
  ln -sfn "versions/$2" "$opt/.$1" && mv -T "$opt/.$1" "$opt/$1" || stop "$opt/$1 cannot be changed."
}

version_of() { # current|previous
  [ -d "$opt/$1/" ] && basename -- "$(readlink -- "$opt/$1")"
}

# Writes the file if it differs, and then returns 0. Never writes half a file, even on a full disk.
put() { # SOURCE TARGET MODE
  local aside=${2%/*}/.${2##*/}.new
  cmp -s "$1" "$2" && return 1
  install -D -m "$3" "$1" "$aside" && sync "$aside" && mv -T "$aside" "$2" ||
    { rm -f "$aside"; stop "$2 cannot be written. Is the disk full?"; }
}

put_units() { # FROM
  local changed=1 unit
  # An earlier version has fewer.
  for unit in "$1"/*.service "$1"/nightly/*; do
    [ ! -e "$unit" ] || { put "$unit" "$units/${unit##*/}" 644 && changed=0; }
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
  systemd-sysusers ${DESTDIR:+--root="$DESTDIR"} "$DESTDIR/etc/sysusers.d/smart-door.conf" || stop "the user smart-door cannot be created."
  systemd-tmpfiles ${DESTDIR:+--root="$DESTDIR"} --create "$DESTDIR/etc/tmpfiles.d/smart-door.conf"
  udevadm control --reload 2>/dev/null && udevadm trigger --subsystem-match=gpio --action=add 2>/dev/null
  return $changed
}

# ---------------------------------------------------------------- the door

invocation() { systemctl show -p InvocationID --value smart-door.service; }

# "systemctl restart" waits until the door is ready or has failed. Some faults end it only after that,
# so the same process must still run a little later. A door that only lets people out is ready too, and
# leaves a note.
restart_door() {
  local first
  systemctl restart smart-door.service || return
  first=$(invocation)
  sleep 10
  systemctl --quiet is-active smart-door.service && [ "$(invocation)" = "$first" ] &&
    [ ! -e "$DESTDIR/run/smart-door/egress-only" ]
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

# Starts another version; if it fails, the current one is started again. A lost connection or Ctrl-C
# must not interrupt this: it takes two minutes at most.
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
  restart_door || stop "neither version $1 nor $2 starts. See: journalctl -u smart-door"
  put_settings "$opt/versions/$2/systemd"
  stop "version $1 did not start, so $2 runs again. See: journalctl -u smart-door"
}
