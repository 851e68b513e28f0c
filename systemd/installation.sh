# What install, rollback and uninstall have in common; read by them, never run. Everything lies
# below $DESTDIR, which is empty but for tests and for whoever builds an image of a card.
#
#   /opt/smart-door/versions/NAME   each version whole, with its own packages
#   /opt/smart-door/current         -> the one that runs
#   /opt/smart-door/previous        -> the one that ran before
#   /etc/smart-door                 config.json and door-key, written once and then left alone
#   /var/lib/smart-door             what the door remembers; never touched

DESTDIR=${DESTDIR:-}
opt=$DESTDIR/opt/smart-door
etc=$DESTDIR/etc/smart-door
units=$DESTDIR/etc/systemd/system
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

# Replaced in one step, so that there is no moment without one.
point() { # NAME VERSION
  ln -sfn "versions/$2" "$opt/.$1" && mv -T "$opt/.$1" "$opt/$1"
}

version_of() { # current|previous
  basename -- "$(readlink -- "$opt/$1" 2>/dev/null)" 2>/dev/null
}

# Only what differs is written; says so by returning 0.
put() { # SOURCE TARGET MODE
  cmp -s "$1" "$2" && return 1
  install -D -m "$3" "$1" "$2"
}

# The unit tells systemd itself when the door is ready, so this waits until it is, or is not.
restart_door() { systemctl restart smart-door.service; }
