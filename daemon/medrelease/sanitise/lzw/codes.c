/* GIF's LZW: walked to the last pixel without a raster, and written anew.

   A string is its entry's last index behind the string of the entry before. Which indices stand in
   a picture is known from its codes: each entry's chain is followed once. */
#include "codes.h"

#include <string.h>

enum { ENTRIES = 4096, WIDEST = 12, NOTHING = -1 };

typedef struct {
  int32_t before;
  uint32_t length;
  uint8_t first, last, told;
} Entry;

/* Data sub-blocks (section 15), read octet by octet. */
typedef struct {
  const uint8_t *at, *end;
  unsigned left;
} Blocks;

static int next_octet(Blocks *blocks)
{
  if (!blocks->left) {
    if (blocks->at == blocks->end || !*blocks->at)
      return NOTHING;
    blocks->left = *blocks->at++;
  }
  if (blocks->at == blocks->end)
    return NOTHING;
  blocks->left--;
  return *blocks->at++;
}

static void roots(Entry *entries, int clear)
{
  memset(entries, 0, sizeof *entries * ENTRIES);
  for (int index = 0; index < clear; index++)
    entries[index] = (Entry){NOTHING, 1, (uint8_t)index, (uint8_t)index, 0};
}

static void tell(Entry *entries, int32_t code, uint8_t *used)
{
  for (; code != NOTHING && !entries[code].told; code = entries[code].before) {
    entries[code].told = 1;
    used[entries[code].last] = 1;
  }
}

/* The string of a code, which ends at `end`, as far as it lies before `count`. */
static void spell(const Entry *entries, int32_t code, uint64_t end, uint64_t count, uint8_t *out)
{
  for (; code != NOTHING; code = entries[code].before)
    if (--end < count)
      out[end] = entries[code].last;
}

/* Read codes until `count` indices are there. `out`, if any, takes them in. */
int codes_walk(const uint8_t *data, size_t length, int minimum, uint64_t count, uint8_t *out,
               Walked *walked)
{
  Entry entries[ENTRIES];
  Blocks blocks = {data, data + length, 0};
  int clear = 1 << minimum, room = clear + 2, width = minimum + 1, held = 0;
  int32_t before = NOTHING;
  uint32_t gathered = 0;
  uint64_t done = 0;
  roots(entries, clear);
  memset(walked, 0, sizeof *walked);
  while (done < count) {
    for (; held < width; held += 8) {
      int octet = next_octet(&blocks);
      if (octet < 0)
        return CUT;
      gathered |= (uint32_t)octet << held;
    }
    int32_t code = (int32_t)(gathered & ((1U << width) - 1));
    gathered >>= width;
    held -= width;
    walked->bits += (unsigned)width;
    if (code == clear) {
      room = clear + 2;
      width = minimum + 1;
      before = NOTHING;
      continue;
    }
    if (code == clear + 1)
      return CUT;
    if (code >= room && (code > room || before < 0 || room == ENTRIES))
      return WRONG;
    if (before >= 0 && room < ENTRIES) {
      const Entry *old = &entries[before];
      uint8_t last = code == room ? old->first : entries[code].first;
      entries[room++] = (Entry){before, old->length + 1, old->first, last, 0};
      if (room == 1 << width && width < WIDEST)
        width++;
    }
    done += entries[code].length;
    if (out)
      spell(entries, code, done, count, out);
    else
      tell(entries, code, walked->used);
    before = code;
  }
  walked->width = width;
  walked->exact = done == count;
  return SOUND;
}

typedef struct {
  uint8_t *out;
  size_t used;
  uint32_t gathered;
  int held;
} Bits;

static void put(Bits *bits, int code, int width)
{
  bits->gathered |= (uint32_t)code << bits->held;
  for (bits->held += width; bits->held >= 8; bits->held -= 8) {
    bits->out[bits->used++] = (uint8_t)bits->gathered;
    bits->gathered >>= 8;
  }
}

/* The codes of some indices, each below two to the power `minimum`; how many octets they take.

   `known` has room for 4096 rows of 256 entries. `out` has two octets for each index, and eight. */
size_t codes_write(const uint8_t *indices, size_t count, int minimum, uint16_t *known, uint8_t *out)
{
  const int clear = 1 << minimum, end = clear + 1;
  int width = minimum + 1, entry = end, head = NOTHING;
  Bits bits = {out, 0, 0, 0};
  memset(known, 0, sizeof *known * ENTRIES * 256);
  put(&bits, clear, width);
  for (size_t at = 0; at < count; at++) {
    uint16_t *longer = known + 256 * (size_t)(head < 0 ? 0 : head) + indices[at];
    if (head < 0 || *longer) {
      head = head < 0 ? indices[at] : *longer;
      continue;
    }
    put(&bits, head, width);
    *longer = (uint16_t)++entry;
    if (entry == 1 << width)
      width++;
    if (entry == ENTRIES - 1) {
      put(&bits, clear, width);
      width = minimum + 1;
      entry = end;
      memset(known, 0, sizeof *known * ENTRIES * 256);
    }
    head = indices[at];
  }
  if (head >= 0)
    put(&bits, head, width);
  /* the decoder makes one more entry before it reads the end code */
  if (entry + 1 == 1 << width && width < WIDEST)
    width++;
  put(&bits, end, width);
  put(&bits, 0, bits.held ? 8 - bits.held : 0);
  return bits.used;
}
