/* The prover's own reading of GIF's LZW (GIF89a Appendix F), with or without a raster.

   A code says: the text of an older code, and one letter more. All that is known of a text is how
   long it is, how it begins and ends, and whether its letters were noted already. */
#include "reading.h"

#include <string.h>

enum { MOST = 4096, BITS = 12 };

typedef struct {
  uint16_t older[MOST];
  uint32_t size[MOST];
  uint8_t begins[MOST], ends[MOST], noted[MOST];
} Texts;

/* Bits of data sub-blocks, the lowest first. */
typedef struct {
  const uint8_t *next, *end, *block_end;
  uint64_t window, taken;
  int ready, over;
} Stream;

static void more(Stream *stream)
{
  while (stream->ready <= 56 && !stream->over) {
    if (stream->next == stream->block_end) {
      if (stream->next == stream->end || !*stream->next || *stream->next >= stream->end - stream->next) {
        stream->over = 1;
        return;
      }
      stream->block_end = stream->next + 1 + *stream->next;
      stream->next++;
    }
    stream->window |= (uint64_t)*stream->next++ << stream->ready;
    stream->ready += 8;
  }
}

static int code_of(Stream *stream, int size)
{
  if (stream->ready < size)
    more(stream);
  if (stream->ready < size)
    return -1;
  int code = (int)(stream->window & ((1U << size) - 1));
  stream->window >>= size;
  stream->ready -= size;
  stream->taken += (unsigned)size;
  return code;
}

/* Whether exactly an end code follows, and zero bits up to the end of the last octet. */
static int ends_tidily(Stream *stream, int size, int end_code)
{
  int bits_of_octet = (int)(stream->taken & 7);
  more(stream);
  int left = bits_of_octet + size, whole = (left + 7) / 8 * 8 - bits_of_octet;
  return stream->ready == whole && stream->window == (uint64_t)end_code;
}

static void note(Texts *texts, int code, int letters, uint8_t *named)
{
  while (!texts->noted[code]) {
    texts->noted[code] = 1;
    named[texts->ends[code]] = 1;
    if (code < letters)
      return;
    code = texts->older[code];
  }
}

/* Lay a text down so that it ends before `stop`; what lies from `number` on is left out. */
static void lay(const Texts *texts, int code, uint64_t stop, uint64_t number, uint8_t *pixels)
{
  for (uint32_t left = texts->size[code]; left; left--, code = texts->older[code]) {
    stop--;
    if (stop < number)
      pixels[stop] = texts->ends[code];
  }
}

static void add(Texts *texts, int code, int older, uint8_t letter)
{
  texts->older[code] = (uint16_t)older;
  texts->size[code] = texts->size[older] + 1;
  texts->begins[code] = texts->begins[older];
  texts->ends[code] = letter;
  texts->noted[code] = 0;
}

int lzw_read(const uint8_t *blocks, const uint8_t *end, int minimum, uint64_t number,
             uint8_t *pixels, Measure *measure)
{
  Texts texts;
  Stream stream = {blocks, end, blocks, 0, 0, 0, 0};
  const int letters = 1 << minimum, clear = letters, end_code = letters + 1, first = letters + 2;
  int known = first, size = minimum + 1, previous = -1;
  uint64_t out = 0;
  memset(measure, 0, sizeof *measure);
  for (int code = 0; code < letters; code++) {
    texts.size[code] = 1;
    texts.begins[code] = texts.ends[code] = (uint8_t)code;
    texts.older[code] = texts.noted[code] = 0;
  }
  while (out < number) {
    int code = code_of(&stream, size);
    if (code < 0 || code == end_code)
      return ENDS_EARLY;
    if (code == clear) {
      known = first;
      size = minimum + 1;
      previous = -1;
      continue;
    }
    if (previous >= 0 && known < MOST) {
      if (code > known)
        return CONTRADICTION;
      add(&texts, known, previous, texts.begins[code == known ? previous : code]);
      known++;
    } else if (code >= known) {
      return CONTRADICTION;
    }
    if (known == 1 << size && size < BITS)
      size++;
    out += texts.size[code];
    if (pixels)
      lay(&texts, code, out, number, pixels);
    else
      note(&texts, code, letters, measure->named);
    previous = code;
  }
  measure->bits = stream.taken;
  measure->tidy = out == number && ends_tidily(&stream, size, end_code);
  return FINE;
}
