/* The coefficients of one transform block (7.3.8.11, 9.3.4.2.4 to 9.3.4.2.7). */
#include "slices.h"

enum { DIAGONAL, HORIZONTAL, VERTICAL };

typedef struct {
  int size, component, scan, raw, skipped;
  int last_block, last_place;
  uint8_t coded[8][8];
} Block;

/* The position of the n-th of 2^log2 x 2^log2 places (6.5.3 to 6.5.5). */
static void place_of(int log2, int scan, int number, int *x, int *y)
{
  int side = 1 << log2;
  if (scan == HORIZONTAL) {
    *x = number & (side - 1);
    *y = number >> log2;
    return;
  }
  if (scan == VERTICAL) {
    *y = number & (side - 1);
    *x = number >> log2;
    return;
  }
  int across = 0, down = 0;
  while (number--) {
    down--;
    across++;
    if (down < 0 || across >= side) {
      int line = across + down + 1;
      down = line < side ? line : side - 1;
      across = line - down;
    }
  }
  *x = across;
  *y = down;
}

static uint8_t diagonals[4][64]; /* x << 4 | y */

static void place(int log2, int scan, int number, int *x, int *y)
{
  if (scan != DIAGONAL) {
    place_of(log2, scan, number, x, y);
    return;
  }
  if (log2 && !diagonals[log2][1])
    for (int each = 0; each < 1 << 2 * log2; each++) {
      int across, down;
      place_of(log2, DIAGONAL, each, &across, &down);
      diagonals[log2][each] = (uint8_t)(across << 4 | down);
    }
  *x = diagonals[log2][number] >> 4;
  *y = diagonals[log2][number] & 15;
}

static int last_prefix(Reader *reader, const Block *block, int first)
{
  int offset = 15, shift = block->size - 2, most = 2 * block->size - 1, value = 0;
  if (!block->component) {
    offset = 3 * (block->size - 2) + ((block->size - 1) >> 2);
    shift = (block->size + 1) >> 2;
  }
  while (value < most && read_bin(reader, first + offset + (value >> shift)))
    value++;
  return value;
}

static int last_suffix(Reader *reader, int prefix)
{
  if (prefix < 4)
    return prefix;
  int length = (prefix >> 1) - 1;
  return (1 << length) * (2 + (prefix & 1)) + (int)read_several(reader, length);
}

/* Find the block of 4 x 4 and the place in it of the last coefficient. */
static int find_last(Reader *reader, Block *block)
{
  int x = last_prefix(reader, block, LAST_X), y = last_prefix(reader, block, LAST_Y);
  x = last_suffix(reader, x);
  y = last_suffix(reader, y);
  if (block->scan == VERTICAL) {
    int swapped = x;
    x = y;
    y = swapped;
  }
  int side = 1 << (block->size - 2), across, down;
  if (x >= side << 2 || y >= side << 2)
    return -1;
  for (block->last_block = 0; block->last_block < side * side; block->last_block++) {
    place(block->size - 2, block->scan, block->last_block, &across, &down);
    if (across == x >> 2 && down == y >> 2)
      break;
  }
  for (block->last_place = 0; block->last_place < 16; block->last_place++) {
    place(2, block->scan, block->last_place, &across, &down);
    if (across == (x & 3) && down == (y & 3))
      break;
  }
  return 0;
}

static int near_context(int beside, int x, int y)
{
  switch (beside) {
  case 0:
    return x + y == 0 ? 2 : x + y < 3 ? 1 : 0;
  case 1:
    return y == 0 ? 2 : y == 1 ? 1 : 0;
  case 2:
    return x == 0 ? 2 : x == 1 ? 1 : 0;
  default:
    return 2;
  }
}

static int significant_context(const Block *block, int bx, int by, int x, int y, int beside)
{
  static const uint8_t SMALL[16] = {0, 1, 4, 5, 2, 3, 4, 5, 6, 6, 8, 8, 7, 7, 8, 8};
  int first = SIGNIFICANT + (block->component ? 27 : 0), context;
  if (block->raw)
    return SIGNIFICANT + (block->component ? 43 : 42);
  if (block->size == 2)
    return first + SMALL[4 * y + x];
  if (!bx && !by && !x && !y)
    return first;
  context = near_context(beside, x, y);
  if (block->component)
    return first + context + (block->size == 3 ? 9 : 12);
  if (bx || by)
    context += 3;
  return first + context + (block->size == 3 ? (block->scan == DIAGONAL ? 9 : 15) : 21);
}

/* coeff_abs_level_remaining (9.3.3.11) */
static uint32_t remaining(Reader *reader, int rice)
{
  int prefix = 0;
  while (prefix < 32 && read_bypass(reader))
    prefix++;
  if (prefix <= 3)
    return ((uint32_t)prefix << rice) + read_several(reader, rice);
  if (prefix - 3 + rice > 31) {
    reader->beyond = 1;
    return 0;
  }
  uint32_t lead = ((1u << (prefix - 3)) + 2u) << rice;
  return lead + read_several(reader, prefix - 3 + rice);
}

static void count_rice(uint8_t *kept, uint32_t value)
{
  if (value >= 3u << (*kept / 4)) {
    if (*kept < 120)
      ++*kept;
  } else if (2 * value < 1u << (*kept / 4) && *kept) {
    --*kept;
  }
}

/* The levels of those places of a block that are significant; `first` is the first with a level
   above one among the eight that say so, or -1. */
static void read_levels(Picture *picture, const Block *block, const int *levels, int count,
                        int first)
{
  Reader *reader = &picture->reader;
  int adapts = picture->coding.rice_adapts, seen = 0;
  uint8_t *kept = &reader->tables.rice[2 * !block->component + block->skipped];
  int rice = adapts ? *kept / 4 : 0;
  for (int index = 0; index < count; index++) {
    int most = index < 8 ? (index == first ? 3 : 2) : 1;
    if (levels[index] != most)
      continue;
    uint32_t value = remaining(reader, rice);
    if (adapts && !seen)
      count_rice(kept, value);
    seen = 1;
    if (value + (uint32_t)levels[index] > 3u << rice && (rice < 4 || (adapts && rice < 27)))
      rice++;
  }
}

/* Levels and signs of one block of 4 x 4; returns the greater-than-one context it ends with. */
static int read_values(Picture *picture, const Block *block, int number, const int *places,
                       int count, int greater, int hides)
{
  Reader *reader = &picture->reader;
  int levels[16], first = -1, set = number && !block->component ? 2 : 0;
  if (number != block->last_block && !greater)
    set++;
  greater = 1;
  for (int index = 0; index < count; index++) {
    levels[index] = 1;
    if (index >= 8)
      continue;
    int context = GREATER_1 + 4 * set + greater + (block->component ? 16 : 0);
    if (read_bin(reader, context)) {
      levels[index] = 2;
      greater = 0;
      if (first < 0)
        first = index;
    } else if (greater && greater < 3) {
      greater++;
    }
  }
  if (first >= 0)
    levels[first] += read_bin(reader, GREATER_2 + set + (block->component ? 4 : 0));
  read_several(reader, count - (hides && places[0] - places[count - 1] > 3));
  read_levels(picture, block, levels, count, first);
  return greater;
}

/* The significant places of one block of 4 x 4, last first; returns how many. */
static int read_places(Reader *reader, const Block *block, int number, int infers, int *places)
{
  int bx, by, x, y, count = 0, at = 15;
  place(block->size - 2, block->scan, number, &bx, &by);
  int side = 1 << (block->size - 2);
  int beside = (bx + 1 < side && block->coded[by][bx + 1]) |
               (by + 1 < side && block->coded[by + 1][bx]) << 1;
  if (number == block->last_block) {
    places[count++] = block->last_place;
    at = block->last_place - 1;
  }
  for (; at >= 0; at--) {
    if (!at && infers && !count) {
      places[count++] = 0;
      break;
    }
    place(2, block->scan, at, &x, &y);
    if (read_bin(reader, significant_context(block, bx, by, x, y, beside)))
      places[count++] = at;
  }
  return count;
}

static int is_coded(Reader *reader, Block *block, int number)
{
  int bx, by, side = 1 << (block->size - 2);
  place(block->size - 2, block->scan, number, &bx, &by);
  int coded = 1;
  if (number && number < block->last_block) {
    int beside = (bx + 1 < side && block->coded[by][bx + 1]) |
                 (by + 1 < side && block->coded[by + 1][bx]);
    coded = read_bin(reader, CODED_BLOCK + beside + (block->component ? 2 : 0));
  }
  block->coded[by][bx] = (uint8_t)coded;
  return coded;
}

static int scan_of(const Picture *picture, int size, int component, int mode)
{
  if (size != 2 && (size != 3 || (component && picture->coding.chroma != 3)))
    return DIAGONAL;
  return mode >= 6 && mode <= 14 ? VERTICAL : mode >= 22 && mode <= 30 ? HORIZONTAL : DIAGONAL;
}

void walk_residual(Picture *picture, const Unit *unit, int size, int component, int mode)
{
  const Coding *coding = &picture->coding;
  Reader *reader = &picture->reader;
  Block block = {.size = size, .component = component};
  int skips = 0, greater = 1, places[16];
  block.scan = scan_of(picture, size, component, mode);
  if (coding->skips && !unit->bypass && size <= coding->most_skipped)
    skips = read_bin(reader, TRANSFORM_SKIP + !!component);
  block.skipped = skips || unit->bypass;
  block.raw = coding->skip_contexts && block.skipped;
  if (find_last(reader, &block)) {
    reader->beyond = 1;
    return;
  }
  int steps = coding->implicit_steps && skips && (mode == 10 || mode == 26);
  int hides = coding->hides_signs && !unit->bypass && !steps;
  for (int number = block.last_block; number >= 0 && !reader->beyond; number--) {
    if (!is_coded(reader, &block, number))
      continue;
    int infers = number && number < block.last_block;
    int count = read_places(reader, &block, number, infers, places);
    if (count)
      greater = read_values(picture, &block, number, places, count, greater, hides);
  }
}
