/* Reading the entropy-coded bits of a JPEG scan (ITU-T T.81 F.1.2.3, B.1.1.5).

   The reader stops at the first marker and hands out zero bits from there on; `starved` tells how
   many of those were asked for. It never looks at a byte outside of [start, end). */
#ifndef MEDRELEASE_SANITISE_BITS_H
#define MEDRELEASE_SANITISE_BITS_H

#include <stdint.h>
#include <string.h>

typedef struct {
  const uint8_t *at, *end; /* the next byte to be taken in; the end of the file */
  uint64_t word;           /* bits taken in, the next one highest */
  int ready;               /* how many of them there are, the zeros behind a marker included */
  int zeros;               /* how many of them are such zeros */
} Bits;

static inline void bits_start(Bits *bits, const uint8_t *at, const uint8_t *end)
{
  bits->at = at;
  bits->end = end;
  bits->word = 0;
  bits->ready = bits->zeros = 0;
}

/* One byte more, or eight zero bits where a marker or the end of the file stands. */
static inline void bits_take_byte(Bits *bits)
{
  const uint8_t *at = bits->at;
  uint64_t byte = 0;
  if (at < bits->end && *at != 0xFF) {
    byte = *at;
    bits->at = at + 1;
  } else if (bits->end - at >= 2 && at[1] == 0) {
    byte = 0xFF;
    bits->at = at + 2;
  } else {
    bits->zeros += 8;
  }
  bits->word |= byte << (56 - bits->ready);
  bits->ready += 8;
}

/* At least 32 bits ready. */
static inline void bits_fill(Bits *bits)
{
  if (bits->ready >= 32)
    return;
  if (bits->end - bits->at >= 8) {
    uint64_t next;
    memcpy(&next, bits->at, 8);
    /* No byte of the eight is FF: the complement has no zero byte. */
    uint64_t flipped = ~next;
    if (!((flipped - 0x0101010101010101u) & next & 0x8080808080808080u)) {
      int bytes = (63 - bits->ready) >> 3;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
      next = __builtin_bswap64(next);
#endif
      next &= ~(uint64_t)0 << (64 - 8 * bytes);
      bits->word |= next >> bits->ready;
      bits->ready += 8 * bytes;
      bits->at += bytes;
      return;
    }
  }
  while (bits->ready <= 56)
    bits_take_byte(bits);
}

static inline void bits_drop(Bits *bits, int count)
{
  bits->word <<= count;
  bits->ready -= count;
}

/* The next `count` bits, 0 to 16, as a number. */
static inline int bits_get(Bits *bits, int count)
{
  if (!count)
    return 0;
  bits_fill(bits);
  int value = (int)(bits->word >> (64 - count));
  bits_drop(bits, count);
  return value;
}

/* Whether more bits were used than there were. */
static inline int bits_starved(const Bits *bits)
{
  return bits->zeros > bits->ready;
}

/* Where the coded bytes end, at the first bit not used; *padded says whether what is left of the
   byte before is ones, as F.1.2.3 has it. */
static inline const uint8_t *bits_end(const Bits *bits, int *padded)
{
  int left = bits->ready - bits->zeros, part = left & 7;
  const uint8_t *at = bits->at;
  *padded = part == 0 || (bits->word >> (64 - part)) == (1u << part) - 1;
  for (int whole = left >> 3; whole > 0; whole--)
    at -= at[-1] == 0 && at[-2] == 0xFF ? 2 : 1;
  return at;
}

#endif
