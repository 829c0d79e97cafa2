/* The prover's own reading of a JPEG scan (ITU-T T.81 annexes F and G): shared declarations.

   An interval between two markers is copied piece by piece into a window without its stuffed
   zeros, and read there by bit position. The cleaner's code is neither used nor seen here. */
#ifndef MEDRELEASE_VERIFY_PROVER_H
#define MEDRELEASE_VERIFY_PROVER_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <string.h>

enum { FINE, CUT, CONTRADICTION, STOPPED };

/* What a decoder passes over in silence and a clean scan does not have. */
enum { BYTES_LEFT = 1, BITS_LEFT = 2, OUTSIDE_BLOCK = 4, LONG_WAY = 8, UNEVEN = 16 };

enum { WINDOW = 1 << 16, LONGEST_BLOCK = 1 << 10, PEEK = 12 };
enum { LEAP_NONE = 64, LEAP_ENDS = 128 };

typedef struct {
  uint8_t bytes[WINDOW + LONGEST_BLOCK];
  const uint8_t *raw, *raw_end; /* what of the interval was not copied yet */
  uint64_t position, limit;     /* in bits of `bytes`: the next one; the end of what is there */
} Window;

typedef struct {
  uint8_t met[256]; /* whether a symbol was read by itself */
  uint16_t symbol_of[1 << 16]; /* by the next 16 bits: length << 8 | symbol; 0 where none fits */
  uint16_t leap[1 << PEEK];    /* whole AC symbols in a few bits: steps << 8 | bits, of a block
                                  that ends there LEAP_ENDS more steps; LEAP_NONE where none is */
} Codes;

typedef struct {
  int across, down, columns, rows;
  Codes *dc, *ac;
  uint64_t *seen;   /* per block the AC coefficients met so far in a progressive picture */
  int prediction;
  int level, level_known; /* the DC of blanked blocks */
} Plane;

typedef struct {
  int progressive, planes, across, down, first, last, before, shift;
  int64_t interval;
  Plane plane[4];
  const uint8_t *masked;
  int masked_across;
  Codes *codes;
  int64_t bands_left; /* of a run of empty bands */
  int remarks;
  PyObject *sink;
  int16_t told[1 << 15];
  Py_ssize_t told_used;
} Proof;

typedef struct {
  int value[64];  /* coefficients as this scan tells them */
  int touched;    /* whether any is not zero */
} Band;

int codes_define(Codes *codes, const uint8_t *payload, Py_ssize_t length);
void codes_leap(Codes *codes);
void window_open(Window *window, const uint8_t *raw, const uint8_t *raw_end);
void window_refill(Window *window);
int band_read(Proof *proof, Plane *plane, int64_t place, Window *window, Band *band);
int band_leap(Proof *proof, const Plane *plane, Window *window, int outside);
const uint8_t *marker_from(const uint8_t *at, const uint8_t *end);
int lossless_prove(Codes *codes, int planes, int64_t samples, int64_t step, const uint8_t *at,
                   const uint8_t *end, const uint8_t **stop, uint8_t *clean, size_t *length);
int scan_spread(Proof *proof, int tables, const uint8_t *at, const uint8_t *end, unsigned wanted,
                uint64_t has[4]);
const uint8_t *scan_end(const uint8_t *at, const uint8_t *end);
int64_t lanes_leap(Proof *proof, const uint8_t *raw, const uint8_t *raw_end, int64_t first,
                   int64_t most, Window *window);
int scan_prove(Proof *proof, const uint8_t *start, const uint8_t *end, const uint8_t **stop);

/* The 57 bits at the position, highest first. */
static inline uint64_t window_peek(const Window *window)
{
  uint64_t word;
  memcpy(&word, window->bytes + (window->position >> 3), 8);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word << (window->position & 7);
}

static inline void window_ready(Window *window)
{
  if (window->limit < window->position + 8 * LONGEST_BLOCK && window->raw != window->raw_end)
    window_refill(window);
}

static inline int window_number(Window *window, int bits)
{
  int number = bits ? (int)(window_peek(window) >> (64 - bits)) : 0;
  window->position += (unsigned)bits;
  return number;
}

static inline int window_symbol(Window *window, Codes *codes)
{
  unsigned entry = codes->symbol_of[window_peek(window) >> 48];
  window->position += entry >> 8;
  codes->met[entry & 0xFF] = 1;
  return entry ? (int)(entry & 0xFF) : -1;
}

#endif
