/* A scan of lossless JPEG (T.81 annex H) read to its last sample: each is a code and as many bits as
   that says. Written anew where its intervals hold anything else, with the same bits of samples. */
#include <stdlib.h>

#include "scan.h"

typedef struct {
  uint8_t *bytes;
  size_t used;
} Copy;

/* The bytes of an interval up to its last sample, what fills the last one up made ones. */
static void copy_interval(Copy *copy, const uint8_t *from, const uint8_t *to, const Bits *bits)
{
  int part = (bits->ready - bits->zeros) & 7;
  size_t length = (size_t)(to - from);
  memcpy(copy->bytes + copy->used, from, length);
  copy->used += length;
  uint8_t *last = copy->bytes + copy->used - 1;
  if (!length || !part || (*last == 0 && length > 1 && last[-1] == 0xFF))
    return;
  *last |= (uint8_t)((1u << part) - 1);
  if (*last == 0xFF)
    copy->bytes[copy->used++] = 0;
}

static int read_sample(Huffman *table, Bits *bits)
{
  int size = huffman_read(table, bits);
  if (size < 0 || size > 16)
    return MALFORMED;
  bits_drop(bits, size & 15); /* a difference of 32768 has no bits */
  return SOUND;
}

static int one_interval(Huffman *tables, int number, int64_t samples, const uint8_t *start,
                        Bits *bits, Walked *walked, Copy *copy)
{
  for (int64_t sample = 0; sample < samples; sample++) {
    for (int each = 0; each < number; each++)
      if (read_sample(&tables[each], bits))
        return bits_starved(bits) ? INCOMPLETE : MALFORMED;
    if (bits_starved(bits))
      return INCOMPLETE;
  }
  int ignored;
  copy_interval(copy, start, bits_end(bits, &ignored), bits);
  return end_interval(bits, walked);
}

/* `samples` are those of each component, `interval` how many lie between restart markers, or 0.
   The room of `copy` must be twice that of the data. */
int lossless_walk(Huffman *tables, int number, int64_t samples, int64_t interval,
                  const uint8_t *start, const uint8_t *end, Walked *walked, uint8_t *written,
                  size_t *used)
{
  Copy copy = {written, 0};
  State state;
  Bits bits;
  memset(walked, 0, sizeof *walked);
  bits_start(&bits, start, end);
  for (int64_t done = 0, step = interval ? interval : samples; done < samples; done += step) {
    int64_t left = samples - done;
    int told = one_interval(tables, number, left < step ? left : step, start, &bits, walked, &copy);
    if (!told && left > step) {
      told = begin_interval(&bits, &state, walked, done / step + 1);
      copy.bytes[copy.used++] = 0xFF;
      copy.bytes[copy.used++] = walked->stop[1];
      start = walked->stop + 2;
    }
    if (told)
      return told;
  }
  *used = copy.used;
  while (walked->stop[1] >= 0xD0 && walked->stop[1] <= 0xD7) {
    walked->odd |= ODD_SURPLUS;
    walked->stop = next_marker(walked->stop + 2, end);
    if (walked->stop == end)
      return INCOMPLETE;
  }
  return SOUND;
}
