/* Which coefficients a sequential scan sets anywhere, and which codes it uses: the steps and codes
   of all others decide nothing. Reading ends as soon as nothing more can be learned. */
#include "scan.h"

static int spread_block(const Component *component, Bits *bits, int counted, uint64_t *met)
{
  int size = huffman_read(component->dc, bits), k = 1;
  if (size < 0 || size > 15)
    return MALFORMED;
  bits_drop(bits, size);
  for (; k < 64; k++) {
    int symbol = huffman_read(component->ac, bits);
    if (symbol < 0)
      return MALFORMED;
    if (!symbol)
      break;
    k += symbol >> 4;
    if (k > 63)
      return MALFORMED;
    if (counted && symbol & 15)
      *met |= (uint64_t)1 << k;
    bits_drop(bits, symbol & 15);
  }
  return SOUND;
}

static int spread_unit(Scan *scan, int x, int y, Bits *bits, uint64_t met[4])
{
  for (int place = 0; place < scan->number; place++) {
    const Component *component = &scan->components[place];
    int across = scan->number > 1 ? component->across : 1;
    int down = scan->number > 1 ? component->down : 1;
    for (int block = 0; block < across * down; block++) {
      int column = x * across + block % across, row = y * down + block / across;
      int counted = column < component->columns && row < component->rows;
      if (spread_block(component, bits, counted, &met[place]))
        return MALFORMED;
    }
  }
  return bits_starved(bits) ? INCOMPLETE : SOUND;
}

static int all_met(const Scan *scan, const uint64_t met[4], int tight)
{
  for (int place = 0; place < scan->number; place++)
    if (~met[place] > 1)
      return 0;
  for (int number = 0; number < scan->tables_used; number++)
    for (int symbol = 0; symbol < 256 && tight >> number & 1; symbol++)
      if (scan->tables[number].length[symbol] && !scan->tables[number].met[symbol])
        return 0;
  return 1;
}

/* `tight` has a bit for each table whose codes count. */
int scan_spread(Scan *scan, const uint8_t *start, const uint8_t *end, int tight, uint64_t met[4])
{
  Bits bits;
  State state;
  Walked walked = {0};
  int64_t unit = 0;
  bits_start(&bits, start, end);
  for (int y = 0; y < scan->down && !all_met(scan, met, tight); y++)
    for (int x = 0; x < scan->across; x++, unit++) {
      int told = SOUND;
      if (scan->interval && unit && unit % scan->interval == 0) {
        told = end_interval(&bits, &walked);
        if (!told)
          told = begin_interval(&bits, &state, &walked, unit / scan->interval);
      }
      if (!told)
        told = spread_unit(scan, x, y, &bits, met);
      if (told)
        return told;
    }
  return SOUND;
}
