/* Text that may be base64 (RFC 4648, both alphabets; line breaks as of RFC 2045), read back. */
#include "search.h"

enum { SHORTEST = 8, STARTS = 4, BREAKS = 2 };

static int sextet(uint8_t letter)
{
  if (letter >= 'A' && letter <= 'Z')
    return letter - 'A';
  if (letter >= 'a' && letter <= 'z')
    return letter - 'a' + 26;
  if (letter >= '0' && letter <= '9')
    return letter - '0' + 52;
  if (letter == '+' || letter == '-')
    return 62;
  return letter == '/' || letter == '_' ? 63 : -1;
}

/* The bytes that reading so many can give at most: of a run of n letters 3 (n + 3) / 4 bytes and
   a NUL, for each of the four places at which its groups may begin; n is at least 8. */
Py_ssize_t based_room(Py_ssize_t length) { return 5 * length + 16; }

/* Where the run of letters that begins at `at` ends, its letters written to `out` as numbers. */
static Py_ssize_t run_end(const uint8_t *raw, Py_ssize_t length, Py_ssize_t at, uint8_t *out,
                          Py_ssize_t *letters)
{
  Py_ssize_t end = at;
  *letters = 0;
  while (at < length && at - end <= BREAKS) {
    int value = sextet(raw[at]);
    if (value < 0 && raw[at] != '\r' && raw[at] != '\n')
      break;
    at++;
    if (value >= 0) {
      out[(*letters)++] = (uint8_t)value;
      end = at;
    }
  }
  return end;
}

static Py_ssize_t decoded(const uint8_t *values, Py_ssize_t count, uint8_t *out)
{
  Py_ssize_t made = 0;
  for (Py_ssize_t at = 0; at < count; at += 4) {
    uint32_t group = 0; /* a last group that is cut is filled up with A, which is 0 */
    for (int each = 0; each < 4; each++)
      group = group << 6 | (at + each < count ? values[at + each] : 0u);
    out[made++] = (uint8_t)(group >> 16);
    out[made++] = (uint8_t)(group >> 8);
    out[made++] = (uint8_t)group;
  }
  return made;
}

/* What stands in base64 in these bytes, in any alignment, each reading with a NUL behind it.
   `out` has based_room(length) bytes and `length` more behind them for numbers. */
Py_ssize_t based_read(const uint8_t *raw, Py_ssize_t length, uint8_t *out)
{
  uint8_t *values = out + based_room(length);
  Py_ssize_t made = 0, at = 0;
  while (at < length) {
    Py_ssize_t letters, end;
    if (sextet(raw[at]) < 0) {
      at++;
      continue;
    }
    end = run_end(raw, length, at, values, &letters);
    for (int start = 0; letters >= SHORTEST && start < STARTS; start++) {
      made += decoded(values + start, letters - start, out + made);
      out[made++] = 0;
    }
    at = end;
  }
  return made;
}
