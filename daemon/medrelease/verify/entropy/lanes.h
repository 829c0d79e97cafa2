/* The lanes in which a long interval is leapt over: shared declarations. */
#ifndef MEDRELEASE_VERIFY_LANES_H
#define MEDRELEASE_VERIFY_LANES_H

#include "prover.h"

enum { LANES = 4, MOST_PLACES = 16, BURST = 64, DC_PEEK = 9 };
enum { GOING, ARRIVED, LOST };
enum { RIGHT = 1, BELOW = 2 };

/* A block of an MCU; `edge`: is it outside of the picture in the last column, or row? */
typedef struct {
  Codes *dc, *ac;
  const uint16_t *short_dc; /* DC symbols by the next bits: DC bits << 8 | bits in all, or 0 */
  int edge;
} Place;

typedef struct {
  Place places[MOST_PLACES];
  int number, edge;               /* of places; whether any may be outside */
  uint16_t dc[4][1 << DC_PEEK];
} Order;

typedef struct {
  Window window;
  const Order *order;
  int place, at;        /* the block in its MCU; the next coefficient, 0 for the DC */
  int dc_bits, zeros_end, edge, remarks;
  int64_t units, most;  /* MCUs leapt over; how many there may be */
  uint64_t beyond;      /* bits behind the end of the lane's last MCU in its last byte */
  int last;             /* whether it is the last lane, left where its end comes into sight */
  uint8_t *edges;       /* per MCU the edges at which it would have more than empty blocks */
} Lane;

/* The blocks of an MCU of the scan; LOST where lanes would not do. */
int order_of(const Proof *proof, Order *order);

/* Bursts of looks, as long as there are bytes enough in the windows of all lanes. LOST where one of
   them made no sense, or passed all MCUs that there may be. */
int lanes_run(Lane *lanes);

/* One lane alone: ARRIVED at its end, or at the start of the MCU `wanted`. */
int lane_run_out(Lane *lane, int64_t wanted);

#endif
