/* Coding quadtree, coding units and transform trees of intra slices (7.3.8.4 to 7.3.8.10). */
#include "slices.h"

#include <string.h>

static int is_split(Picture *picture, int x, int y, int size, int depth)
{
  const Coding *coding = &picture->coding;
  int side = 1 << size;
  if (x + side > coding->width || y + side > coding->height)
    return size > coding->least_block;
  if (size <= coding->least_block)
    return 0;
  const uint8_t *here = picture->depths + (size_t)(y >> 2) * picture->stride + (x >> 2);
  int deeper = is_there(picture, x - 1, y, x, y) && here[-1] > depth;
  deeper += is_there(picture, x, y - 1, x, y) && here[-picture->stride] > depth;
  return read_bin(&picture->reader, SPLIT_CU + deeper);
}

static void mark(const Picture *picture, uint8_t *units, int x, int y, int side, int value)
{
  int left = x >> 2, right = (x + side) >> 2, bottom = (y + side) >> 2;
  right = right < picture->stride ? right : picture->stride;
  bottom = bottom < picture->rows ? bottom : picture->rows;
  for (int row = y >> 2; row < bottom; row++)
    memset(units + (size_t)row * picture->stride + left, value, (size_t)(right - left));
}

/* candIntraPredModeX of 8.4.2 for the place beside (x, y). */
static int mode_beside(const Picture *picture, int x, int y, int at_x, int at_y)
{
  int above = at_y < y;
  if (!is_there(picture, at_x, at_y, x, y))
    return 1;
  if (above && at_y < y >> picture->coding.block << picture->coding.block)
    return 1;
  return picture->modes[(size_t)(at_y >> 2) * picture->stride + (at_x >> 2)];
}

static void swap_if_greater(int *first, int *second)
{
  if (*first <= *second)
    return;
  int kept = *first;
  *first = *second;
  *second = kept;
}

/* IntraPredModeY (8.4.2); `told` is mpm_idx, or 3 + rem_intra_luma_pred_mode. */
static int luma_mode(const Picture *picture, int x, int y, int told)
{
  int left = mode_beside(picture, x, y, x - 1, y), above = mode_beside(picture, x, y, x, y - 1);
  int likely[3] = {left, above, 0};
  if (left == above && left < 2) {
    likely[0] = 0;
    likely[1] = 1;
    likely[2] = 26;
  } else if (left == above) {
    likely[1] = 2 + (left + 29) % 32;
    likely[2] = 2 + (left - 2 + 1) % 32;
  } else {
    likely[2] = left && above ? 0 : left != 1 && above != 1 ? 1 : 26;
  }
  if (told < 3)
    return likely[told];
  int mode = told - 3;
  swap_if_greater(&likely[0], &likely[1]);
  swap_if_greater(&likely[0], &likely[2]);
  swap_if_greater(&likely[1], &likely[2]);
  for (int each = 0; each < 3; each++)
    mode += mode >= likely[each];
  return mode;
}

static int chroma_mode(const Picture *picture, int told, int luma)
{
  static const uint8_t PLAIN[4] = {0, 26, 10, 1};
  static const uint8_t OBLONG[35] = {0,  1,  2,  2,  2,  2,  3,  5,  7,  8,  10, 11,
                                     13, 15, 16, 18, 19, 20, 21, 22, 23, 23, 24, 24,
                                     25, 25, 26, 27, 27, 28, 28, 29, 29, 30, 31};
  int mode = told == 4 ? luma : PLAIN[told] == luma ? 34 : PLAIN[told];
  return picture->coding.chroma == 2 ? OBLONG[mode] : mode;
}

static void read_modes(Picture *picture, Unit *unit)
{
  Reader *reader = &picture->reader;
  int count = unit->parts ? 4 : 1, side = 1 << (unit->size - unit->parts), known[4], told[4];
  for (int part = 0; part < count; part++)
    known[part] = read_bin(reader, PREV_INTRA);
  for (int part = 0; part < count; part++) {
    if (known[part])
      told[part] = read_bypass(reader) ? 1 + read_bypass(reader) : 0;
    else
      told[part] = 3 + (int)read_several(reader, 5);
    int x = unit->x + (part & 1) * side, y = unit->y + (part >> 1) * side;
    unit->luma[part] = (uint8_t)luma_mode(picture, x, y, told[part]);
    mark(picture, picture->modes, x, y, side, unit->luma[part]);
  }
  if (!picture->coding.chroma)
    return;
  for (int part = 0; part < (picture->coding.chroma == 3 ? count : 1); part++) {
    int mode = read_bin(reader, CHROMA_MODE) ? (int)read_several(reader, 2) : 4;
    unit->derived[part] = mode == 4;
    unit->chroma[part] = (uint8_t)chroma_mode(picture, mode, unit->luma[part]);
  }
}

/* Samples that are not coded but written (7.3.8.7). */
static void pass_samples(Picture *picture, const Unit *unit)
{
  const Coding *coding = &picture->coding;
  static const uint8_t HALVED[4] = {0, 2, 1, 0};
  size_t samples = (size_t)1 << 2 * unit->size, bits = samples * (size_t)coding->pcm_luma;
  if (coding->chroma)
    bits += (samples * 2 >> HALVED[coding->chroma]) * (size_t)coding->pcm_chroma;
  Reader *reader = &picture->reader;
  if (!reader_stops(reader) || reader->at + bits > reader->bits) {
    reader->beyond = 1;
    return;
  }
  reader->at = (reader->at + bits + 7) & ~(size_t)7;
  if (bits & 7)
    reader->beyond = 1; /* no block has samples that end within a byte */
  reader_begin(reader);
}

static void walk_unit(Picture *picture, int x, int y, int size)
{
  const Coding *coding = &picture->coding;
  Reader *reader = &picture->reader;
  Unit unit = {.x = x, .y = y, .size = size};
  if (coding->bypasses)
    unit.bypass = read_bin(reader, BYPASS_CU);
  if (size == coding->least_block)
    unit.parts = !read_bin(reader, PART_MODE);
  int may = coding->pcm && !unit.parts && size >= coding->least_pcm && size <= coding->most_pcm;
  if (may && read_terminate(reader)) {
    mark(picture, picture->modes, x, y, 1 << size, 1);
    pass_samples(picture, &unit);
    return;
  }
  read_modes(picture, &unit);
  walk_transforms(picture, &unit);
}

void walk_tree(Picture *picture, int x, int y, int size, int depth)
{
  const Coding *coding = &picture->coding;
  if (picture->reader.beyond)
    return;
  int split = is_split(picture, x, y, size, depth);
  if (size >= coding->qp_group)
    picture->qp_coded = 0;
  if (size >= coding->chroma_group)
    picture->chroma_coded = 0;
  if (!split) {
    mark(picture, picture->depths, x, y, 1 << size, depth);
    walk_unit(picture, x, y, size);
    return;
  }
  int half = 1 << (size - 1);
  for (int part = 0; part < 4; part++) {
    int at_x = x + (part & 1) * half, at_y = y + (part >> 1) * half;
    if (at_x < coding->width && at_y < coding->height)
      walk_tree(picture, at_x, at_y, size - 1, depth + 1);
  }
}
