/* What rows of blocks read side by side: a sequential scan without its stuffing. */
#ifndef MEDRELEASE_SANITISE_PLAIN_H
#define MEDRELEASE_SANITISE_PLAIN_H

#include "scan.h"

#ifndef LONG_SCAN /* bytes of a scan, MCUs that make sense of a guess, bytes at the end that are left */
#define LONG_SCAN (1 << 18)
#define MAKES_SENSE 512
#define NEAR_END 4096
#endif
enum { MOST_BLOCKS = 16, BEHIND = 512 }; /* of an MCU; bytes of zeros */

typedef struct {
  Huffman *dc, *ac;
} Tables;

/* What all rows read: the scan without its stuffing, with zeros behind it. */
typedef struct {
  uint8_t *bytes;
  uint64_t length; /* bytes */
  Tables blocks[MOST_BLOCKS]; /* of an MCU */
  int number;
  uint8_t met[8][256]; /* the tables' notes of what was read, as they were before */
} Plain;

/* The scan from `from` to `end`; NULL where rows would not do, or there is no memory. */
Plain *plain_of(const Scan *scan, const uint8_t *from, const uint8_t *end);
void plain_free(Plain *plain);

/* Note what the scan's tables met so far, and set them back to that. */
void plain_keep(const Scan *scan, Plain *plain);
void plain_restore(Scan *scan, const Plain *plain);

#endif
