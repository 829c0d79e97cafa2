/* Which coefficients a scan has anywhere, and for which symbols its codes are there at all.

   What no block has may be said in any way: steps of such coefficients, codes of such symbols. A
   sequential scan is read no further than there is something to learn. */
#include "prover.h"

static int sequential_block(Plane *plane, int counted, Window *window, uint64_t *has)
{
  int bits = window_symbol(window, plane->dc), at = 0;
  if (bits < 0 || bits > 15)
    return CONTRADICTION;
  window->position += (unsigned)bits;
  while (++at < 64) {
    int symbol = window_symbol(window, plane->ac);
    if (symbol < 0)
      return CONTRADICTION;
    if (symbol == 0)
      return FINE;
    at += symbol >> 4;
    window->position += symbol & 15;
    if (at > 63)
      return CONTRADICTION;
    if ((symbol & 15) && counted)
      *has |= UINT64_C(1) << at;
  }
  return FINE;
}

static int any_block(Proof *proof, int each, int column, int row, Window *window, uint64_t *has)
{
  Plane *plane = &proof->plane[each];
  int inside = column < plane->columns && row < plane->rows;
  window_ready(window);
  if (!proof->progressive) {
    int64_t cell = (int64_t)(row / plane->down) * proof->masked_across + column / plane->across;
    int counted = inside && !(proof->masked && proof->masked[cell]);
    return sequential_block(plane, counted, window, has);
  }
  Band band;
  int64_t place = inside ? (int64_t)row * plane->columns + column : -1;
  return band_read(proof, plane, place, window, &band);
}

static int learned(const Proof *proof, int tables, unsigned wanted, const uint64_t has[4])
{
  for (int each = 0; each < proof->planes; each++)
    if (wanted >> (16 + each) & 1 && has[each] != UINT64_MAX)
      return 0;
  for (int table = 0; table < tables; table++)
    if (wanted >> table & 1)
      for (int code = 0; code < 1 << 16; code++) {
        unsigned entry = proof->codes[table].symbol_of[code];
        if (entry && !proof->codes[table].met[entry & 0xFF])
          return 0;
      }
  return 1;
}

static int spread_unit(Proof *proof, int64_t unit, Window *window, uint64_t has[4])
{
  int x = (int)(unit % proof->across), y = (int)(unit / proof->across), single = proof->planes == 1;
  for (int each = 0; each < proof->planes; each++) {
    int across = single ? 1 : proof->plane[each].across, down = single ? 1 : proof->plane[each].down;
    for (int number = 0; number < across * down; number++) {
      int verdict = any_block(proof, each, x * across + number % across, y * down + number / across,
                              window, &has[each]);
      if (verdict)
        return verdict;
    }
  }
  return window->position > window->limit ? CUT : FINE;
}

/* `wanted` has a bit for each table whose symbols count, and from the 17th for each component. */
int scan_spread(Proof *proof, int tables, const uint8_t *at, const uint8_t *end, unsigned wanted,
                uint64_t has[4])
{
  int64_t units = (int64_t)proof->across * proof->down;
  int verdict = FINE;
  Window *window = PyMem_Malloc(sizeof *window);
  if (!window) {
    PyErr_NoMemory();
    return STOPPED;
  }
  for (int64_t unit = 0; unit < units && !verdict; unit++) {
    if (unit % proof->across == 0 && !proof->progressive && learned(proof, tables, wanted, has))
      break;
    if (unit == 0 || (proof->interval && unit % proof->interval == 0)) {
      const uint8_t *marker = marker_from(at, end);
      if (!marker) {
        verdict = CUT;
        break;
      }
      window_open(window, at, marker);
      for (int each = 0; each < proof->planes; each++)
        proof->plane[each].prediction = 0;
      proof->bands_left = 0;
      at = marker + 2;
    }
    verdict = spread_unit(proof, unit, window, has);
  }
  PyMem_Free(window);
  return verdict;
}
