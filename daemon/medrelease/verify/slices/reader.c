/* The arithmetic decoder (9.3.4.3) as the standard writes it, so that the bit that it read last is
   known exactly, and the initial context variables of intra slices (9.3.2.2). */
#include "slices.h"

#include <string.h>

static const uint8_t LOW_RANGES[64][4] = {
  {128, 176, 208, 240}, {128, 167, 197, 227}, {128, 158, 187, 216}, {123, 150, 178, 205},
  {116, 142, 169, 195}, {111, 135, 160, 185}, {105, 128, 152, 175}, {100, 122, 144, 166},
  {95, 116, 137, 158},  {90, 110, 130, 150},  {85, 104, 123, 142},  {81, 99, 117, 135},
  {77, 94, 111, 128},   {73, 89, 105, 122},   {69, 85, 100, 116},   {66, 80, 95, 110},
  {62, 76, 90, 104},    {59, 72, 86, 99},     {56, 69, 81, 94},     {53, 65, 77, 89},
  {51, 62, 73, 85},     {48, 59, 69, 80},     {46, 56, 66, 76},     {43, 53, 63, 72},
  {41, 50, 59, 69},     {39, 48, 56, 65},     {37, 45, 54, 62},     {35, 43, 51, 59},
  {33, 41, 48, 56},     {32, 39, 46, 53},     {30, 37, 43, 50},     {29, 35, 41, 48},
  {27, 33, 39, 45},     {26, 31, 37, 43},     {24, 30, 35, 41},     {23, 28, 33, 39},
  {22, 27, 32, 37},     {21, 26, 30, 35},     {20, 24, 29, 33},     {19, 23, 27, 31},
  {18, 22, 26, 30},     {17, 21, 25, 28},     {16, 20, 23, 27},     {15, 19, 22, 25},
  {14, 18, 21, 24},     {14, 17, 20, 23},     {13, 16, 19, 22},     {12, 15, 18, 21},
  {12, 14, 17, 20},     {11, 14, 16, 19},     {11, 13, 15, 18},     {10, 12, 15, 17},
  {10, 12, 14, 16},     {9, 11, 13, 15},      {9, 11, 12, 14},      {8, 10, 12, 14},
  {8, 9, 11, 13},       {7, 9, 11, 12},       {7, 9, 10, 12},       {7, 8, 10, 11},
  {6, 8, 9, 11},        {6, 7, 9, 10},        {6, 7, 8, 9},         {2, 2, 2, 2}};

static const uint8_t AFTER_LEAST[64] = {
  0,  0,  1,  2,  2,  4,  4,  5,  6,  7,  8,  9,  9,  11, 11, 12, 13, 13, 15, 15, 16, 16,
  18, 18, 19, 19, 21, 21, 22, 22, 23, 24, 24, 25, 26, 26, 27, 27, 28, 29, 29, 30, 30, 30,
  31, 32, 32, 33, 33, 33, 34, 34, 35, 35, 35, 36, 36, 36, 37, 37, 37, 38, 38, 63};

static const uint8_t INITIAL[] = {
  153, 200, 139, 141, 157, 154, 184, 184, 63, 153, 138, 138, 111, 141, 94, 138, 182, 154, 154,
  154, 154, 154, 154, 139, 139,
  110, 110, 124, 125, 140, 153, 125, 127, 140, 109, 111, 143, 127, 111, 79, 108, 123, 63,
  110, 110, 124, 125, 140, 153, 125, 127, 140, 109, 111, 143, 127, 111, 79, 108, 123, 63,
  91, 171, 134, 141,
  111, 111, 125, 110, 110, 94, 124, 108, 124, 107, 125, 141, 179, 153, 125, 107, 125, 141, 179,
  153, 125, 107, 125, 141, 179, 153, 125, 140, 139, 182, 182, 152, 136, 152, 136, 153, 136, 139,
  111, 136, 139, 111, 141, 111,
  140, 92, 137, 138, 140, 152, 138, 139, 153, 74, 149, 92, 139, 107, 122, 152, 140, 179, 166,
  182, 140, 227, 122, 197,
  138, 153, 136, 167, 152, 152,
  154, 154, 154, 154, 154, 154, 154, 154, 154, 154};

_Static_assert(sizeof INITIAL == CONTEXTS, "one initial value a context");

void tables_begin(Tables *tables, int qp)
{
  int clipped = qp < 0 ? 0 : qp > 51 ? 51 : qp;
  for (int index = 0; index < CONTEXTS; index++) {
    int slope = (INITIAL[index] >> 4) * 5 - 45, base = ((INITIAL[index] & 15) << 3) - 16;
    int before = ((slope * clipped) >> 4) + base;
    before = before < 1 ? 1 : before > 126 ? 126 : before;
    int most = before > 63;
    tables->state[index] = (uint8_t)((most ? before - 64 : 63 - before) << 1 | most);
  }
  memset(tables->rice, 0, sizeof tables->rice);
}

static uint32_t next_bit(Reader *reader)
{
  size_t at = reader->at;
  if (at >= reader->bits) {
    reader->beyond = 1;
    return 0;
  }
  reader->at++;
  return reader->data[at >> 3] >> (7 - (at & 7)) & 1;
}

void reader_begin(Reader *reader)
{
  reader->range = 510;
  reader->offset = 0;
  for (int count = 0; count < 9; count++)
    reader->offset = reader->offset << 1 | next_bit(reader);
  if (reader->offset > 509)
    reader->beyond = 1;
}

int read_bin(Reader *reader, int context)
{
  uint8_t *state = &reader->tables.state[context];
  int index = *state >> 1, bin = *state & 1;
  uint32_t low = LOW_RANGES[index][reader->range >> 6 & 3];
  reader->range -= low;
  if (reader->offset >= reader->range) {
    reader->offset -= reader->range;
    reader->range = low;
    bin ^= 1;
    int most = index ? bin ^ 1 : bin;
    *state = (uint8_t)(AFTER_LEAST[index] << 1 | most);
  } else if (index < 62) {
    *state += 2;
  }
  while (reader->range < 256) {
    reader->range <<= 1;
    reader->offset = reader->offset << 1 | next_bit(reader);
  }
  return bin;
}

int read_bypass(Reader *reader)
{
  reader->offset = reader->offset << 1 | next_bit(reader);
  if (reader->offset < reader->range)
    return 0;
  reader->offset -= reader->range;
  return 1;
}

uint32_t read_several(Reader *reader, int count)
{
  uint32_t value = 0;
  while (count-- > 0)
    value = value << 1 | (uint32_t)read_bypass(reader);
  return value;
}

int read_terminate(Reader *reader)
{
  reader->range -= 2;
  if (reader->offset >= reader->range)
    return 1;
  while (reader->range < 256) {
    reader->range <<= 1;
    reader->offset = reader->offset << 1 | next_bit(reader);
  }
  return 0;
}

int reader_stops(Reader *reader)
{
  /* An encoder's flush makes the last of the nine bits in hand the stop bit (9.3.4.5). */
  if (!reader->at || reader->beyond)
    return 0;
  size_t last = reader->at - 1;
  uint8_t octet = reader->data[last >> 3], behind = (uint8_t)(7 - (last & 7));
  reader->at = ((last >> 3) + 1) << 3;
  return (octet & (uint8_t)((2 << behind) - 1)) == (uint8_t)(1 << behind);
}
