/* A scan from its first MCU to the marker behind it (T.81 A.2, B.1.1.5). */
#include "prover.h"

/* The next marker; fill bytes belong to what stands before it. */
const uint8_t *marker_from(const uint8_t *at, const uint8_t *end)
{
  for (; (at = end - at > 1 ? memchr(at, 0xFF, (size_t)(end - at) - 1) : NULL); at++)
    if (at[1] != 0x00 && at[1] != 0xFF)
      return at;
  return NULL;
}

static int is_restart(const uint8_t *marker) { return (marker[1] & 0xF8) == 0xD0; }

/* The marker that ends a scan, restart markers passed over; NULL where there is none. */
const uint8_t *scan_end(const uint8_t *at, const uint8_t *end)
{
  const uint8_t *marker = marker_from(at, end);
  while (marker && is_restart(marker))
    marker = marker_from(marker + 2, end);
  return marker;
}

/* Hand the values of a block to the sink, those of the scan's band alone. */
static int tell(Proof *proof, const Band *band)
{
  int length = proof->last - proof->first + 1;
  if (proof->told_used + length > (Py_ssize_t)(sizeof proof->told / sizeof *proof->told)) {
    PyObject *bytes = PyBytes_FromStringAndSize((const char *)proof->told, 2 * proof->told_used);
    PyObject *none = bytes ? PyObject_CallFunctionObjArgs(proof->sink, bytes, NULL) : NULL;
    Py_XDECREF(bytes);
    Py_XDECREF(none);
    proof->told_used = 0;
    if (!none)
      return STOPPED;
  }
  for (int at = proof->first; at <= proof->last; at++)
    proof->told[proof->told_used++] = (int16_t)band->value[at];
  return FINE;
}

static void prove_blank(Proof *proof, Plane *plane, const Band *band)
{
  if (band->touched || (plane->level_known && plane->level != band->value[0]))
    proof->remarks |= UNEVEN;
  plane->level = band->value[0];
  plane->level_known = 1;
}

static int one_block(Proof *proof, Plane *plane, int column, int row, int *last, Window *window)
{
  Band band;
  int outside = column >= plane->columns || row >= plane->rows;
  if (window->position > window->limit)
    return CUT;
  window_ready(window);
  if (!proof->progressive && !proof->sink)
    return band_leap(proof, plane, window, outside);
  int64_t place = outside ? -1 : (int64_t)row * plane->columns + column;
  int verdict = band_read(proof, plane, place, window, &band);
  if (verdict)
    return verdict;
  if (outside && (band.touched || band.value[0] != *last))
    proof->remarks |= OUTSIDE_BLOCK;
  *last = band.value[0];
  if (outside || !proof->sink)
    return FINE;
  int64_t cell = (int64_t)(row / plane->down) * proof->masked_across + column / plane->across;
  if (proof->masked && proof->masked[cell]) {
    prove_blank(proof, plane, &band);
    return FINE;
  }
  return tell(proof, &band);
}

static int one_unit(Proof *proof, int x, int y, Window *window)
{
  for (int each = 0; each < proof->planes; each++) {
    Plane *plane = &proof->plane[each];
    int across = proof->planes > 1 ? plane->across : 1, last = 0;
    int down = proof->planes > 1 ? plane->down : 1;
    for (int row = y * down; row < (y + 1) * down; row++)
      for (int column = x * across; column < (x + 1) * across; column++) {
        int verdict = one_block(proof, plane, column, row, &last, window);
        if (verdict)
          return verdict;
      }
  }
  return FINE;
}

/* What is left of an interval: less than a byte, of ones; no band that has no block. */
static int close_interval(Proof *proof, const Window *window)
{
  if (window->position > window->limit)
    return CUT;
  if (proof->bands_left)
    proof->remarks |= BYTES_LEFT;
  proof->bands_left = 0;
  uint64_t left = window->limit - window->position;
  if (window->raw != window->raw_end || left >= 8)
    proof->remarks |= BYTES_LEFT;
  if (left & 7 && window_peek(window) >> (64 - (left & 7)) != (1u << (left & 7)) - 1)
    proof->remarks |= BITS_LEFT;
  for (int each = 0; each < proof->planes; each++)
    proof->plane[each].prediction = 0;
  return FINE;
}

static int one_interval(Proof *proof, int64_t from, int64_t to, Window *window)
{
  for (int64_t unit = from; unit < to; unit++) {
    int x = (int)(unit % proof->across), y = (int)(unit / proof->across);
    int verdict = one_unit(proof, x, y, window);
    if (verdict == STOPPED)
      return verdict;
    if (window->position > window->limit && window->raw == window->raw_end)
      return CUT;
    if (verdict)
      return verdict;
  }
  return close_interval(proof, window);
}

static int prove_intervals(Proof *proof, const uint8_t *at, const uint8_t *end,
                           const uint8_t **stop, Window *window)
{
  int64_t units = (int64_t)proof->across * proof->down, unit = 0;
  int64_t step = proof->interval ? proof->interval : units;
  for (int number = 0; unit < units; number++, unit += step) {
    const uint8_t *marker = marker_from(at, end);
    if (!marker)
      return CUT;
    if (marker > at && marker[-1] == 0xFF)
      proof->remarks |= BYTES_LEFT;
    int64_t most = units - unit < step ? units - unit : step, leapt = 0;
    if (!proof->progressive && !proof->sink)
      leapt = lanes_leap(proof, at, marker, unit, most, window);
    if (!leapt)
      window_open(window, at, marker);
    int verdict = one_interval(proof, unit + leapt, unit + most, window);
    if (verdict)
      return verdict;
    *stop = marker;
    if (unit + step >= units)
      break;
    if (!is_restart(marker))
      return CUT;
    if (marker[1] != (0xD0 | (number & 7)))
      return CONTRADICTION;
    at = marker + 2;
  }
  if (is_restart(*stop)) {
    proof->remarks |= BYTES_LEFT;
    *stop = scan_end(*stop, end);
  }
  return *stop ? FINE : CUT;
}

int scan_prove(Proof *proof, const uint8_t *start, const uint8_t *end, const uint8_t **stop)
{
  Window *window = PyMem_Malloc(sizeof *window);
  int verdict = window ? prove_intervals(proof, start, end, stop, window) : STOPPED;
  if (!window)
    PyErr_NoMemory();
  PyMem_Free(window);
  return verdict;
}
