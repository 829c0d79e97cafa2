# Sourced by the other scripts: where the checkout is, where built things go, how steps are said.

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "-- $*" >&2; }
die() { printf '%s\n' "$(basename "$0"): $*" >&2; exit 1; }

# The folder for venvs and caches: build/ of the checkout (which git ignores), else, where another
# user owns the checkout, that user's cache, else a private folder under the temporary one.
built() {
  local folder
  for folder in "$checkout/build" "${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/medrelease" \
                "${TMPDIR:-/tmp}/medrelease-$(id -u)"; do
    if (umask 077; mkdir -p "$folder") 2>/dev/null && [ -O "$folder" ] && [ -w "$folder" ]; then
      printf '%s\n' "$folder"
      return
    fi
  done
  die "no folder to build in: set XDG_CACHE_HOME to one that you can write to"
}
