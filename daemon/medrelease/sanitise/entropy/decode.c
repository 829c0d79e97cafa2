/* Blocks as the scans of T.81 code them: sequential (F.2.2), progressive (G.2). */
#include "scan.h"

static inline int signed_of(int bits, int size)
{
  return size && bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits;
}

static int decode_dc(const Component *component, Bits *bits, int *prediction, int low, int *value)
{
  int size = huffman_read(component->dc, bits);
  if (size < 0 || size > 15)
    return MALFORMED;
  *prediction += signed_of(bits_get(bits, size), size);
  if (*prediction < -0x8000 || *prediction > 0x7FFF)
    return MALFORMED;
  *value = *prediction * (1 << low);
  return SOUND;
}

/* Coefficients `first` to `last`; of a progressive scan a band may end with a run of bands. */
static int decode_ac(const Scan *scan, const Component *component, Bits *bits, State *state,
                     Block *block, int *odd)
{
  int zeros_told = 0;
  if (state->blocks_ended) {
    state->blocks_ended--;
    return SOUND;
  }
  for (int k = scan->first ? scan->first : 1; k <= scan->last; k++) {
    int symbol = huffman_read(component->ac, bits), run = symbol >> 4, size = symbol & 15;
    if (symbol < 0)
      return MALFORMED;
    if (!size && run < 15) {
      if (run && !scan->progressive)
        return MALFORMED;
      state->blocks_ended = (1 << run) - 1 + bits_get(bits, run);
      *odd |= zeros_told ? ODD_CODING : 0;
      return SOUND;
    }
    k += run;
    if (k > scan->last)
      return MALFORMED;
    zeros_told = !size;
    if (size)
      block->coefficient[k] = signed_of(bits_get(bits, size), size) * (1 << scan->low);
  }
  *odd |= zeros_told ? ODD_CODING : 0;
  return SOUND;
}

static inline int known(const Block *block, int k) { return (block->before >> k) & 1; }

static inline void correct(Block *block, Bits *bits, int k)
{
  block->corrected |= (uint64_t)bits_get(bits, 1) << k;
}

static int refine_ac(const Scan *scan, const Component *component, Bits *bits, State *state,
                     Block *block)
{
  int k = scan->first;
  if (!state->blocks_ended)
    for (; k <= scan->last; k++) {
      int symbol = huffman_read(component->ac, bits), run = symbol >> 4, size = symbol & 15, value;
      if (symbol < 0 || size > 1)
        return MALFORMED;
      if (!size && run < 15) {
        state->blocks_ended = (1 << run) + bits_get(bits, run);
        break;
      }
      value = size ? 2 * bits_get(bits, 1) - 1 : 0;
      for (; k <= scan->last; k++) {
        if (known(block, k))
          correct(block, bits, k);
        else if (--run < 0)
          break;
      }
      if (k > scan->last)
        return size || run >= 0 ? MALFORMED : SOUND;
      block->coefficient[k] = value;
    }
  if (state->blocks_ended) {
    for (; k <= scan->last; k++)
      if (known(block, k))
        correct(block, bits, k);
    state->blocks_ended--;
  }
  return SOUND;
}

/* Read the block of the component in `place` whose number in its plane is `at` (-1 for a block that
   holds no sample of the picture). */
int decode_block(const Scan *scan, int place, int64_t at, Bits *bits, State *state, Block *block,
                 int *odd)
{
  const Component *component = &scan->components[place];
  int told = SOUND;
  memset(block, 0, sizeof *block);
  if (scan->progressive && scan->first) {
    if (!component->nonzero || at < 0)
      return MALFORMED;
    block->before = component->nonzero[at];
    if (scan->refines)
      told = refine_ac(scan, component, bits, state, block);
    else
      told = decode_ac(scan, component, bits, state, block, odd);
    for (int k = scan->first; k <= scan->last && !told; k++)
      component->nonzero[at] |= (uint64_t)(block->coefficient[k] != 0) << k;
    return told;
  }
  if (scan->refines) {
    block->coefficient[0] = bits_get(bits, 1);
    return SOUND;
  }
  told = decode_dc(component, bits, &state->prediction[place], scan->low, block->coefficient);
  if (!told && !scan->progressive)
    told = decode_ac(scan, component, bits, state, block, odd);
  return told;
}
