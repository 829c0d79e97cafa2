/* The window over an interval, and the tables that it is read with (T.81 annex C). */
#include "prover.h"

/* Copy more of the interval behind what is still to be read; zeros stand behind its end. */
void window_refill(Window *window)
{
  size_t done = (size_t)(window->position >> 3), kept = (size_t)(window->limit >> 3) - done;
  memmove(window->bytes, window->bytes + done, kept);
  window->position &= 7;
  while (window->raw != window->raw_end && kept < WINDOW) {
    size_t left = (size_t)(window->raw_end - window->raw);
    size_t take = left < WINDOW - kept ? left : WINDOW - kept;
    const uint8_t *stuffed = memchr(window->raw, 0xFF, take);
    if (stuffed)
      take = (size_t)(stuffed - window->raw) + 1;
    memcpy(window->bytes + kept, window->raw, take);
    kept += take;
    window->raw += take;
    if (stuffed && window->raw != window->raw_end)
      window->raw++;
  }
  window->limit = 8 * (uint64_t)kept;
  if (window->raw == window->raw_end)
    memset(window->bytes + kept, 0, LONGEST_BLOCK);
}

void window_open(Window *window, const uint8_t *raw, const uint8_t *raw_end)
{
  window->raw = raw;
  window->raw_end = raw_end;
  window->position = window->limit = 0;
  window_refill(window);
}

int codes_define(Codes *codes, const uint8_t *payload, Py_ssize_t length)
{
  uint32_t next = 0; /* the code, at the upper end of 16 bits */
  Py_ssize_t place = 16;
  memset(codes, 0, sizeof *codes);
  for (int size = 1; size <= 16 && length >= 16; size++)
    for (int number = payload[size - 1]; number; number--, place++) {
      uint32_t span = 1u << (16 - size);
      if (place >= length || next + span > 1u << 16)
        return -1;
      for (uint32_t each = next; each < next + span; each++)
        codes->symbol_of[each] = (uint16_t)(size << 8 | payload[place]);
      next += span;
    }
  return place == length ? 0 : -1;
}

void codes_leap(Codes *codes)
{
  for (uint32_t head = 0; head < 1u << PEEK; head++) {
    unsigned bits = 0, steps = 0;
    codes->leap[head] = LEAP_NONE << 8;
    while (bits < PEEK) {
      unsigned entry = codes->symbol_of[(head << (16 - PEEK + bits)) & 0xFFFF];
      unsigned size = entry >> 8, extra = entry & 15, zeros = (entry >> 4) & 15;
      if (!entry || bits + size > PEEK || (zeros && !extra) || steps + zeros + 1 > 63)
        break;
      bits += size + extra;
      steps += extra ? zeros + 1 : 0;
      codes->leap[head] = (uint16_t)((steps | (extra ? 0 : LEAP_ENDS)) << 8 | bits);
      if (!extra)
        break;
    }
  }
}
