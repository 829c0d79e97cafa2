/* Huffman tables of a JPEG scan (ITU-T T.81 annex C), for reading, skipping and writing. */
#ifndef MEDRELEASE_SANITISE_HUFFMAN_H
#define MEDRELEASE_SANITISE_HUFFMAN_H

#include "bits.h"

#define LOOK 12
#define BRIEF 9
#define SKIP_END 0x8000u /* the entry's last symbol is an end of block */
#define SKIP_NONE 0x7F00u /* no whole code: more coefficients than there are */

typedef struct {
  uint8_t counts[17];     /* codes of each length */
  uint8_t symbols[256];
  uint8_t length[256];    /* of each symbol; 0 where it has no code */
  uint16_t code[256];
  uint8_t met[256];       /* whether a symbol was read with it, one at a time */
  int32_t last[18];       /* the highest code of each length, -1 where there is none */
  int32_t offset[17];     /* from a code of that length to its place in `symbols` */
  uint16_t first[1 << LOOK]; /* length << 8 | symbol of the first code in the bits; 0: longer */
  uint16_t skip[1 << LOOK];  /* SKIP_END | coefficients << 8 | bits, of all codes in the bits */
  uint16_t brief[1 << BRIEF]; /* size << 8 | bits of a DC code with its difference; 0: longer */
} Huffman;

/* Fill in a table from the payload of a DHT segment behind its class and slot. Returns 0, or -1
   where it contradicts itself. */
int huffman_define(Huffman *table, const uint8_t *payload, Py_ssize_t length);

/* What a run of sequential AC symbols skips; only made for tables that are read so. */
void huffman_skips(Huffman *table);

/* The table with the least bits for symbols that occur `counts` times (K.2). */
int huffman_optimal(const uint32_t counts[256], uint8_t payload[16 + 256]);

/* The next symbol, or -1 where no code fits. Up to 16 bits are used. */
static inline int huffman_read(Huffman *table, Bits *bits)
{
  bits_fill(bits);
  unsigned found = table->first[bits->word >> (64 - LOOK)];
  if (found) {
    bits_drop(bits, (int)(found >> 8));
    table->met[found & 0xFF] = 1;
    return (int)(found & 0xFF);
  }
  int32_t code = (int32_t)(bits->word >> (64 - LOOK));
  for (int length = LOOK + 1; length <= 16; length++) {
    code = (int32_t)(bits->word >> (64 - length));
    if (code <= table->last[length]) {
      int symbol = table->symbols[(code + table->offset[length]) & 0xFF];
      bits_drop(bits, length);
      table->met[symbol] = 1;
      return symbol;
    }
  }
  return -1;
}

#endif
