/* One scan of a JPEG picture: its geometry, its tables, and the order of its blocks (T.81 A.2). */
#ifndef MEDRELEASE_SANITISE_SCAN_H
#define MEDRELEASE_SANITISE_SCAN_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "huffman.h"

enum { SOUND = 0, INCOMPLETE = 1, MALFORMED = 2, NO_MEMORY = 3 };

/* What is odd about a scan that a decoder reads without complaint. */
enum { ODD_SURPLUS = 1, ODD_PADDING = 2, ODD_DUMMY = 4, ODD_CODING = 8 };

typedef struct {
  int across, down;      /* blocks of one MCU */
  int columns, rows;     /* blocks that hold samples of the picture */
  int blank;             /* the DC coefficient of a blanked block */
  Huffman *dc, *ac;      /* NULL where the scan does not read such a table */
  uint64_t *nonzero;     /* per block the AC coefficients known not to be zero; progressive only */
  int dc_counted, ac_counted;
} Component;

typedef struct {
  int progressive, number, across, down; /* components, MCUs */
  int first, last, refines, low;         /* Ss, Se, Ah, Al of the scan header */
  int64_t interval;                      /* MCUs between restart markers, 0 for none */
  Component components[4];
  const uint8_t *masked; /* one byte an MCU of the frame, or NULL */
  int cells;             /* MCUs of the frame in a row of `masked` */
  Huffman tables[8];
  int tables_used;
  int tight; /* a bit for each table that may have no code without a use */
} Scan;

/* One block as a scan tells it, in zigzag order. When AC coefficients are refined `coefficient`
   holds those that are new, and `corrected` the bits of those known before. */
typedef struct {
  int coefficient[64];
  uint64_t before, corrected;
} Block;

typedef struct {
  int prediction[4];
  int64_t blocks_ended; /* the run of bands with nothing more in them, this one included */
} State;

typedef struct {
  const uint8_t *stop; /* the marker behind the scan */
  int64_t surplus;     /* bytes that belong to no block */
  int odd;
} Walked;

static inline int is_masked(const Scan *scan, const Component *component, int column, int row)
{
  return scan->masked &&
         scan->masked[(int64_t)(row / component->down) * scan->cells + column / component->across];
}

/* Where the next marker stands, fill bytes passed over; `end` where there is none. */
static inline const uint8_t *next_marker(const uint8_t *at, const uint8_t *end)
{
  while (end - at >= 2) {
    at = memchr(at, 0xFF, (size_t)(end - at - 1));
    if (!at)
      return end;
    if (at[1] != 0 && at[1] != 0xFF)
      return at;
    at++;
  }
  return end;
}

/* The end of an interval: what is left of the last byte, surplus bytes, the marker. */
static inline int end_interval(Bits *bits, Walked *walked)
{
  int padded;
  if (bits_starved(bits))
    return INCOMPLETE;
  const uint8_t *at = bits_end(bits, &padded);
  walked->stop = next_marker(at, bits->end);
  if (walked->stop == bits->end)
    return INCOMPLETE;
  if (walked->stop != at)
    walked->odd |= ODD_SURPLUS;
  walked->surplus += walked->stop - at;
  walked->odd |= padded ? 0 : ODD_PADDING;
  return SOUND;
}

static inline int begin_interval(Bits *bits, State *state, const Walked *walked, int64_t number)
{
  int code = walked->stop[1];
  memset(state, 0, sizeof *state);
  if (code < 0xD0 || code > 0xD7)
    return INCOMPLETE;
  if (code != 0xD0 + (int)((number - 1) & 7))
    return MALFORMED;
  bits_start(bits, walked->stop + 2, bits->end);
  return SOUND;
}

/* Intervals that follow the last MCU are surplus. */
static inline int end_scan(Bits *bits, Walked *walked)
{
  int told = end_interval(bits, walked);
  while (!told && walked->stop[1] >= 0xD0 && walked->stop[1] <= 0xD7) {
    const uint8_t *next = next_marker(walked->stop + 2, bits->end);
    walked->surplus += next - walked->stop;
    walked->odd |= ODD_SURPLUS;
    walked->stop = next;
    told = next == bits->end ? INCOMPLETE : SOUND;
  }
  return told;
}

int decode_block(const Scan *scan, int place, int64_t at, Bits *bits, State *state, Block *block,
                 int *odd);
int lossless_walk(Huffman *tables, int number, int64_t samples, int64_t interval,
                  const uint8_t *start, const uint8_t *end, Walked *walked, uint8_t *written,
                  size_t *used);
int scan_spread(Scan *scan, const uint8_t *start, const uint8_t *end, int tight, uint64_t met[4]);
int64_t rows_walk(Scan *scan, Bits *bits, int *odd);
int scan_walk(Scan *scan, const uint8_t *start, const uint8_t *end, Walked *walked);
int scan_recode(Scan *scan, const uint8_t *start, const uint8_t *end, Walked *walked,
                PyObject **written, PyObject **tables);

#endif
