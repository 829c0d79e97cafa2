/* Slice segments of a picture: order and neighbourhood of its blocks (6.4, 6.5), the substreams of
   tiles and rows, and what is carried from one to the next (9.3.1). */
#include "slices.h"

#include <stdlib.h>
#include <string.h>

int picture_begin(Picture *picture, const int *columns, int column_count, const int *rows,
                  int row_count)
{
  const Coding *coding = &picture->coding;
  int side = 1 << coding->block, order = 0;
  picture->across = (coding->width + side - 1) >> coding->block;
  picture->down = (coding->height + side - 1) >> coding->block;
  picture->stride = (coding->width + 3) >> 2;
  picture->rows = (coding->height + 3) >> 2;
  size_t blocks = (size_t)picture->across * (size_t)picture->down;
  size_t units = (size_t)picture->stride * (size_t)picture->rows;
  picture->to_raster = calloc(4 * blocks, sizeof(int));
  picture->depths = calloc(2 * units, 1);
  if (!picture->to_raster || !picture->depths)
    return NO_MEMORY;
  picture->to_order = picture->to_raster + blocks;
  picture->tile = picture->to_order + blocks;
  picture->slice = picture->tile + blocks;
  picture->modes = picture->depths + units;
  memset(picture->slice, -1, blocks * sizeof(int));
  for (int band = 0; band + 1 < row_count; band++)
    for (int column = 0; column + 1 < column_count; column++)
      for (int y = rows[band]; y < rows[band + 1]; y++)
        for (int x = columns[column]; x < columns[column + 1]; x++) {
          int raster = y * picture->across + x;
          picture->tile[raster] = band * column_count + column;
          picture->to_order[raster] = order;
          picture->to_raster[order++] = raster;
        }
  return WALKED;
}

void picture_end(Picture *picture)
{
  free(picture->to_raster);
  free(picture->depths);
}

/* Whether a place was decoded before another of the same slice and tile (6.4.1). */
int is_there(const Picture *picture, int x, int y, int from_x, int from_y)
{
  int shift = picture->coding.block;
  if (x < 0 || y < 0 || x >= picture->coding.width || y >= picture->coding.height)
    return 0;
  int block = (y >> shift) * picture->across + (x >> shift);
  int from = (from_y >> shift) * picture->across + (from_x >> shift);
  return picture->slice[block] == picture->address && picture->tile[block] == picture->tile[from];
}

static void read_offsets(Picture *picture, int component)
{
  Reader *reader = &picture->reader;
  int depth = component ? picture->coding.chroma_bits : picture->coding.luma_bits;
  int most = (1 << ((depth < 10 ? depth : 10) - 5)) - 1, values[4];
  if (component < 2)
    picture->offset_type = read_bin(reader, SAO_TYPE) ? 1 + read_bypass(reader) : 0;
  if (!picture->offset_type)
    return;
  for (int each = 0; each < 4; each++)
    for (values[each] = 0; values[each] < most && read_bypass(reader);)
      values[each]++;
  if (picture->offset_type == 1) {
    for (int each = 0; each < 4; each++)
      if (values[each])
        read_bypass(reader);
    read_several(reader, 5);
  } else if (component < 2) {
    read_several(reader, 2);
  }
}

/* Sample adaptive offset of one coding tree block (7.3.8.3). */
static void walk_sao(Picture *picture, int x, int y)
{
  const Slice *slice = picture->now;
  Reader *reader = &picture->reader;
  if (!slice->sao_luma && !slice->sao_chroma)
    return;
  if (is_there(picture, x - 1, y, x, y) && read_bin(reader, SAO_MERGE))
    return;
  if (is_there(picture, x, y - 1, x, y) && read_bin(reader, SAO_MERGE))
    return;
  for (int component = 0; component < (picture->coding.chroma ? 3 : 1); component++)
    if (component ? slice->sao_chroma : slice->sao_luma)
      read_offsets(picture, component);
}

/* Contexts at the first block of a substream or slice segment (9.3.1). */
static void begin_tables(Picture *picture, int order, int begins_slice)
{
  Tables *tables = &picture->reader.tables;
  int raster = picture->to_raster[order], x = raster % picture->across;
  int begins_tile = !order || picture->tile[raster] != picture->tile[picture->to_raster[order - 1]];
  int begins_row = !x || picture->tile[raster] != picture->tile[raster - 1];
  tables_begin(tables, picture->now->qp);
  if (begins_tile)
    return;
  if (picture->coding.synchronised && begins_row) {
    int at_x = x << picture->coding.block, at_y = raster / picture->across << picture->coding.block;
    int side = 1 << picture->coding.block;
    if (picture->row_kept && is_there(picture, at_x + side, at_y - side, at_x, at_y))
      *tables = picture->row;
    return;
  }
  if (begins_slice && picture->now->dependent && picture->segment_kept)
    *tables = picture->segment;
}

static void keep_row(Picture *picture, int raster)
{
  int x = raster % picture->across;
  if (!picture->coding.synchronised)
    return;
  int second = x == 1 || (x > 1 && picture->tile[raster] != picture->tile[raster - 2]);
  if (second && picture->tile[raster] == picture->tile[raster - 1]) {
    picture->row = picture->reader.tables;
    picture->row_kept = 1;
  }
}

/* Whether a new substream begins at a block that follows another one (7.3.8.1). */
static int begins_piece(const Picture *picture, int order)
{
  int here = picture->to_raster[order], before = picture->to_raster[order - 1];
  if (picture->tile[here] != picture->tile[before])
    return 1;
  return picture->coding.synchronised &&
         (!(here % picture->across) || picture->tile[here] != picture->tile[here - 1]);
}

static int next_piece(Picture *picture, int order, int *piece)
{
  Reader *reader = &picture->reader;
  const Slice *slice = picture->now;
  if (!read_terminate(reader) || !reader_stops(reader))
    return CONTRADICTS;
  if (*piece >= slice->pieces || slice->starts[*piece] != reader->at >> 3)
    return BEHIND_END;
  ++*piece;
  begin_tables(picture, order, 0);
  reader_begin(reader);
  return WALKED;
}

static int end_slice(Picture *picture, int piece)
{
  Reader *reader = &picture->reader;
  picture->segment = reader->tables;
  picture->segment_kept = 1;
  if (!reader_stops(reader))
    return CONTRADICTS;
  return reader->at == reader->bits && piece == picture->now->pieces ? WALKED : BEHIND_END;
}

int walk_slice(Picture *picture, const Slice *slice)
{
  int blocks = picture->across * picture->down, piece = 0, shift = picture->coding.block;
  if (slice->address < 0 || slice->address >= blocks)
    return CONTRADICTS;
  int order = picture->to_order[slice->address];
  picture->now = slice;
  picture->reader.data = slice->data;
  picture->reader.bits = slice->length * 8;
  picture->reader.at = 0;
  picture->reader.beyond = 0;
  if (!slice->dependent)
    picture->address = slice->address;
  begin_tables(picture, order, 1);
  reader_begin(&picture->reader);
  for (;;) {
    int raster = picture->to_raster[order];
    int x = raster % picture->across << shift, y = raster / picture->across << shift;
    if (picture->slice[raster] >= 0)
      return CONTRADICTS;
    picture->slice[raster] = picture->address;
    walk_sao(picture, x, y);
    walk_tree(picture, x, y, shift, 0);
    if (picture->reader.beyond)
      return CONTRADICTS;
    keep_row(picture, raster);
    if (read_terminate(&picture->reader))
      return end_slice(picture, piece);
    if (++order >= blocks)
      return CONTRADICTS;
    int wrong = begins_piece(picture, order) ? next_piece(picture, order, &piece) : WALKED;
    if (wrong)
      return wrong;
  }
}
