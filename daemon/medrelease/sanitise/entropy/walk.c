/* To the end of a scan without keeping anything: does it end where the picture ends, and is there
   but one way to read it? */
#include "scan.h"

/* A sequential block, several symbols at a time. */
static inline int skip_block(const Component *component, Bits *bits, int dummy, int *odd)
{
  Huffman *ac = component->ac;
  int size = huffman_read(component->dc, bits), k = 1, told = 0;
  if (size < 0 || size > 15)
    return MALFORMED;
  bits_drop(bits, size);
  while (k < 64) {
    bits_fill(bits);
    unsigned entry = ac->skip[bits->word >> (64 - LOOK)];
    int next = k + (int)(entry >> 8 & 127), ends = (int)(entry >> 15);
    if (next + ends <= 64) {
      bits_drop(bits, (int)(entry & 255));
      k = next;
      if (ends)
        break;
      continue;
    }
    int symbol = huffman_read(ac, bits), run = symbol >> 4;
    if (symbol < 0)
      return MALFORMED;
    if (!symbol)
      break;
    if (!(symbol & 15) && run < 15)
      return MALFORMED;
    k += run;
    if (k > 63)
      return MALFORMED;
    bits_drop(bits, symbol & 15);
    k++;
    told = symbol & 15 ? told : k; /* zeros were told up to here */
  }
  if (told == k || (dummy && (size || k > 1)))
    *odd |= told == k ? ODD_CODING : ODD_DUMMY;
  return SOUND;
}

/* A progressive block, decoded for the sake of what the later scans need to know. */
static int read_block(Scan *scan, int place, int64_t at, Bits *bits, State *state, int *last,
                      int *odd)
{
  Block block;
  int told = decode_block(scan, place, at, bits, state, &block, odd);
  if (!told && !scan->first) {
    if (at < 0 && block.coefficient[0] != *last)
      *odd |= ODD_DUMMY;
    *last = block.coefficient[0];
  }
  return told;
}

static inline int walk_unit(Scan *scan, int x, int y, Bits *bits, State *state, int *odd)
{
  for (int place = 0; place < scan->number; place++) {
    const Component *component = &scan->components[place];
    int across = scan->number > 1 ? component->across : 1, last = 0;
    int down = scan->number > 1 ? component->down : 1;
    for (int block = 0; block < across * down; block++) {
      int column = x * across + block % across, row = y * down + block / across, told;
      int dummy = column >= component->columns || row >= component->rows;
      if (scan->progressive)
        told = read_block(scan, place, dummy ? -1 : (int64_t)row * component->columns + column,
                          bits, state, &last, odd);
      else
        told = skip_block(component, bits, dummy, odd);
      if (told)
        return told;
    }
  }
  return bits_starved(bits) ? INCOMPLETE : SOUND;
}

int scan_walk(Scan *scan, const uint8_t *start, const uint8_t *end, Walked *walked)
{
  Bits bits;
  State state;
  const int64_t units = (int64_t)scan->across * scan->down;
  int told = SOUND;
  memset(walked, 0, sizeof *walked);
  memset(&state, 0, sizeof state);
  bits_start(&bits, start, end);
  for (int64_t unit = rows_walk(scan, &bits, &walked->odd); unit < units; unit++) {
    if (scan->interval && unit && unit % scan->interval == 0) {
      if (state.blocks_ended)
        return MALFORMED;
      told = end_interval(&bits, walked);
      if (!told)
        told = begin_interval(&bits, &state, walked, unit / scan->interval);
      if (told)
        return told;
    }
    int x = (int)(unit % scan->across), y = (int)(unit / scan->across);
    told = walk_unit(scan, x, y, &bits, &state, &walked->odd);
    if (told)
      return bits_starved(&bits) ? INCOMPLETE : told;
  }
  told = end_scan(&bits, walked);
  walked->odd |= state.blocks_ended ? ODD_SURPLUS : 0; /* bands beyond the picture */
  return told;
}
