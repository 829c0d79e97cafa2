/* The coded slices of an HEVC still picture (ISO/IEC 23008-2), walked symbol by symbol.

   Nothing is reconstructed: the walk learns where the last symbol ends, which bytes are therefore
   picture and which are not. Intra slices only; sections in comments are those of the standard. */
#ifndef MEDRELEASE_SLICES_H
#define MEDRELEASE_SLICES_H

#include <stddef.h>
#include <stdint.h>

/* Context variables by syntax element (Table 9-4), the first of each. */
enum {
  SAO_MERGE = 0,
  SAO_TYPE = 1,
  SPLIT_CU = 2,
  BYPASS_CU = 5,
  PART_MODE = 6,
  PREV_INTRA = 7,
  CHROMA_MODE = 8,
  SPLIT_TRANSFORM = 9,
  CBF_LUMA = 12,
  CBF_CHROMA = 14,
  QP_DELTA = 19,
  CHROMA_QP_FLAG = 21,
  CHROMA_QP_INDEX = 22,
  TRANSFORM_SKIP = 23,
  LAST_X = 25,
  LAST_Y = 43,
  CODED_BLOCK = 61,
  SIGNIFICANT = 65,
  GREATER_1 = 109,
  GREATER_2 = 133,
  SCALE_ABS = 139,
  SCALE_SIGN = 147,
  CONTEXTS = 149
};

/* What is carried from one piece of a picture to the next: contexts and Rice statistics. */
typedef struct {
  uint8_t state[CONTEXTS]; /* pStateIdx << 1 | valMps */
  uint8_t rice[4];         /* StatCoeff */
} Tables;

typedef struct {
  const uint8_t *data;
  size_t bits, at; /* the length of the data and the next bit to be read */
  uint32_t range, offset;
  int beyond; /* bits were asked for behind the end, or a code that the standard does not know */
  Tables tables;
} Reader;

void tables_begin(Tables *tables, int qp);
void reader_begin(Reader *reader);
int read_bin(Reader *reader, int context);
int read_bypass(Reader *reader);
uint32_t read_several(Reader *reader, int count);
int read_terminate(Reader *reader);
/* Whether the bit read last is a stop bit with nothing but zeros behind it in its byte; goes on at
   the next byte. */
int reader_stops(Reader *reader);

typedef struct {
  int width, height, chroma;
  int least_block, block, least_transform, transform, depth; /* log2 of sizes; hierarchy depth */
  int pcm, least_pcm, most_pcm, pcm_luma, pcm_chroma;
  int luma_bits, chroma_bits;
  int hides_signs, skips, most_skipped, qp_deltas, qp_group, chroma_group, chroma_list;
  int bypasses, synchronised;
  int skip_contexts, implicit_steps, rice_adapts, cross;
} Coding;

typedef struct {
  const uint8_t *data;
  size_t length;
  const size_t *starts; /* first bytes of the substreams but the first */
  int pieces;           /* how many of them */
  int address, dependent, qp, sao_luma, sao_chroma, chroma_offsets;
} Slice;

typedef struct {
  Coding coding;
  int across, down;      /* coding tree blocks */
  int stride, rows;      /* units of 4 x 4 pixels */
  int *to_raster, *to_order, *tile, *slice; /* by coding tree block; slice -1: not yet decoded */
  uint8_t *depths, *modes;                  /* by unit of 4 x 4 pixels */
  Tables row, segment;
  int row_kept, segment_kept;
  /* the slice in hand */
  const Slice *now;
  Reader reader;
  int address; /* SliceAddrRs */
  int qp_coded, chroma_coded;
  int offset_type; /* sao_type_idx; the two chroma components share one */
} Picture;

/* The coding unit in hand. */
typedef struct {
  int x, y, size; /* log2 */
  int bypass, parts;
  uint8_t luma[4], chroma[4];
  uint8_t derived[4]; /* intra_chroma_pred_mode is 4 */
} Unit;

enum { WALKED = 0, NO_MEMORY = 1, BEHIND_END = 2, CONTRADICTS = 3 };

int picture_begin(Picture *picture, const int *columns, int column_count, const int *rows,
                  int row_count);
void picture_end(Picture *picture);
int walk_slice(Picture *picture, const Slice *slice);
void walk_tree(Picture *picture, int x, int y, int size, int depth);
void walk_transforms(Picture *picture, const Unit *unit);
void walk_residual(Picture *picture, const Unit *unit, int size, int component, int mode);
int is_there(const Picture *picture, int x, int y, int from_x, int from_y);

#endif
