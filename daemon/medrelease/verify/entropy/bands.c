/* One block of a scan, read for its values or leapt over. */
#include "prover.h"

static int extended(int number, int bits)
{
  return bits && !(number >> (bits - 1)) ? number - (1 << bits) + 1 : number;
}

/* Sequential block without its values: where does it end? */
int band_leap(Proof *proof, const Plane *plane, Window *window, int outside)
{
  int bits = window_symbol(window, plane->dc), at = 1, zeros_end = 0;
  if (bits < 0 || bits > 15)
    return CONTRADICTION;
  window->position += (unsigned)bits;
  for (;;) {
    unsigned leap = plane->ac->leap[window_peek(window) >> (64 - PEEK)];
    int ends = leap >> 8 & LEAP_ENDS, after = at + (int)(leap >> 8 & 63);
    if (!(leap >> 8 & LEAP_NONE) && after + !!ends <= 64) {
      window->position += leap & 0xFF;
      at = after;
      if (ends || at == 64)
        break;
      continue;
    }
    int symbol = window_symbol(window, plane->ac);
    if (symbol < 0 || (symbol && !(symbol & 15) && symbol != 0xF0))
      return CONTRADICTION;
    if (!symbol)
      break;
    at += (symbol >> 4) + 1;
    window->position += symbol & 15;
    if (symbol == 0xF0)
      zeros_end = at;
    if (at >= 64)
      break;
  }
  if (at > 64)
    return CONTRADICTION;
  if (zeros_end == at)
    proof->remarks |= LONG_WAY;
  if (outside && (bits || at != 1))
    proof->remarks |= OUTSIDE_BLOCK;
  return FINE;
}

static int read_dc(Proof *proof, Plane *plane, Window *window, Band *band)
{
  if (proof->before) {
    band->value[0] = window_number(window, 1);
    return FINE;
  }
  int bits = window_symbol(window, plane->dc);
  if (bits < 0 || bits > 15)
    return CONTRADICTION;
  plane->prediction += extended(window_number(window, bits), bits);
  band->value[0] = plane->prediction;
  return plane->prediction < -0x8000 || plane->prediction > 0x7FFF ? CONTRADICTION : FINE;
}

static int read_ac(Proof *proof, const Plane *plane, Window *window, Band *band)
{
  int at = proof->first ? proof->first : 1, zeros_end = 0;
  if (proof->bands_left) {
    proof->bands_left--;
    return FINE;
  }
  while (at <= proof->last) {
    int symbol = window_symbol(window, plane->ac), high = symbol >> 4, bits = symbol & 15;
    if (symbol < 0)
      return CONTRADICTION;
    if (!bits && high != 15) {
      if (high && !proof->progressive)
        return CONTRADICTION;
      proof->bands_left = (1 << high) - 1 + window_number(window, high);
      break;
    }
    at += high;
    if (at > proof->last)
      return CONTRADICTION;
    if (bits) {
      band->value[at] = extended(window_number(window, bits), bits);
      band->touched = 1;
    }
    zeros_end = bits ? 0 : at + 1;
    at++;
  }
  proof->remarks |= zeros_end ? LONG_WAY : 0;
  return FINE;
}

/* Values of a refinement: 1 and -1 are new coefficients, 2 corrects one that was known. */
static void correct(Window *window, Band *band, int at)
{
  band->value[at] = 2 * window_number(window, 1);
  band->touched = 1;
}

static int read_refinement(Proof *proof, const Plane *plane, uint64_t seen, Window *window,
                           Band *band)
{
  int at = proof->first;
  while (!proof->bands_left && at <= proof->last) {
    int symbol = window_symbol(window, plane->ac), zeros = symbol >> 4, sign = 0;
    if (symbol < 0 || (symbol & 15) > 1)
      return CONTRADICTION;
    if (!(symbol & 15) && zeros < 15) {
      proof->bands_left = (1 << zeros) + window_number(window, zeros);
      break;
    }
    if (symbol & 15)
      sign = window_number(window, 1) ? 1 : -1;
    while (at <= proof->last && (seen >> at & 1 || zeros > 0)) {
      if (seen >> at & 1)
        correct(window, band, at);
      else
        zeros--;
      at++;
    }
    if (at > proof->last)
      return CONTRADICTION;
    band->value[at++] = sign;
    band->touched |= sign != 0;
  }
  if (proof->bands_left) {
    for (; at <= proof->last; at++)
      if (seen >> at & 1)
        correct(window, band, at);
    proof->bands_left--;
  }
  return FINE;
}

/* The block of a plane at `place` among its blocks, -1 outside of the picture. */
int band_read(Proof *proof, Plane *plane, int64_t place, Window *window, Band *band)
{
  memset(band, 0, sizeof *band);
  if (proof->first == 0) {
    int verdict = read_dc(proof, plane, window, band);
    if (verdict || proof->progressive)
      return verdict;
    return read_ac(proof, plane, window, band);
  }
  if (!plane->seen || place < 0)
    return CONTRADICTION;
  uint64_t seen = plane->seen[place];
  int verdict = proof->before ? read_refinement(proof, plane, seen, window, band)
                              : read_ac(proof, plane, window, band);
  for (int at = proof->first; at <= proof->last; at++)
    seen |= (uint64_t)(band->value[at] != 0) << at;
  plane->seen[place] = seen;
  return verdict;
}
