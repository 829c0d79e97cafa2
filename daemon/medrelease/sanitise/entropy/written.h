/* What a scan is written with: its bits and symbols, counted or put into memory. */
#ifndef MEDRELEASE_SANITISE_WRITTEN_H
#define MEDRELEASE_SANITISE_WRITTEN_H

#include "scan.h"

typedef struct {
  uint8_t *data;
  size_t used, room;
  uint64_t word;
  int ready, counting, failed;
  uint32_t counts[8][256];
  uint32_t run;     /* bands without anything new, not yet written */
  int run_table;    /* of the component they belong to */
  int corrections;  /* bits that follow the run */
  uint8_t correction[1024];
  Huffman tables[8]; /* those to write with, at the places of those that are read with */
} Writer;

/* The next block, of the component `place`, whose DC before it was `prediction`. */
void write_block(Writer *writer, const Scan *scan, int place, int *prediction,
                 const Block *block);

/* What is left of the interval's last run and of its last byte. */
void end_written_interval(Writer *writer, const Scan *scan);

/* The marker between two intervals. */
void put_marker(Writer *writer, unsigned code);

#endif
