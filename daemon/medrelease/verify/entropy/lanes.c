/* A long interval leapt over in several places at once.

   A processor waits for most of the time that it reads prefix codes: where a code ends must be
   known before the next is looked up. So the interval is read from several starts in turn. Where a
   block starts in the middle of it is guessed: prefix codes fall into step after some blocks,
   wherever one begins to read. Nothing rests on the guess. A lane counts only where the one before
   it comes to the very bit at which it began, and what is read from one bit on at the start of an
   MCU does not depend on what was read before (T.81 F.2.2). Anything else, be it a wrong guess or
   a contradiction in the bytes, and the interval is read again from its start. */
#include "prover.h"

#ifndef SHORTEST /* bytes of an interval, and MCUs that make a guess; fuzzers use smaller ones */
#define SHORTEST (1 << 18)
#define IN_STEP 512
#endif
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

/* Where all blocks are coded alike nothing would ever bring a guess into step with the MCUs. */
static int out_of_step(const Order *order)
{
  for (int each = 1; each < order->number; each++)
    if (order->places[each].dc != order->places[0].dc ||
        order->places[each].ac != order->places[0].ac)
      return GOING;
  return order->number > 1 ? LOST : GOING;
}

static int list_places(const Proof *proof, Order *order)
{
  order->number = order->edge = 0;
  for (int each = 0; each < proof->planes; each++) {
    const Plane *plane = &proof->plane[each];
    int across = proof->planes > 1 ? plane->across : 1, down = proof->planes > 1 ? plane->down : 1;
    if (order->number + across * down > MOST_PLACES)
      return LOST;
    for (unsigned head = 0; head < 1u << DC_PEEK; head++) {
      unsigned entry = plane->dc->symbol_of[head << (16 - DC_PEEK)], bits = entry & 0xFF;
      int fits = entry && entry >> 8 <= DC_PEEK && bits < 16;
      order->dc[each][head] = fits ? (uint16_t)(bits << 8 | ((entry >> 8) + bits)) : 0;
    }
    for (int block = 0; block < across * down; block++) {
      int right = (proof->across - 1) * across + block % across >= plane->columns;
      int below = (proof->down - 1) * down + block / across >= plane->rows;
      int edge = (right ? RIGHT : 0) | (below ? BELOW : 0);
      order->edge |= edge;
      order->places[order->number++] = (Place){plane->dc, plane->ac, order->dc[each], edge};
    }
  }
  return out_of_step(order);
}

static inline int begin_block(Lane *lane)
{
  const Place *place = &lane->order->places[lane->place];
  unsigned entry = place->short_dc[window_peek(&lane->window) >> (64 - DC_PEEK)];
  lane->at = 1;
  lane->zeros_end = 0;
  lane->dc_bits = (int)(entry >> 8);
  lane->window.position += entry & 0xFF;
  if (entry)
    return GOING;
  lane->dc_bits = window_symbol(&lane->window, place->dc);
  if (lane->dc_bits < 0 || lane->dc_bits > 15)
    return LOST;
  lane->window.position += (unsigned)lane->dc_bits;
  return GOING;
}

static inline void end_block(Lane *lane)
{
  if (lane->zeros_end == lane->at)
    lane->remarks |= LONG_WAY;
  if (lane->dc_bits || lane->at != 1)
    lane->edge |= lane->order->places[lane->place].edge;
  lane->at = 0;
  if (++lane->place < lane->order->number)
    return;
  if (lane->edges)
    lane->edges[lane->units] = (uint8_t)lane->edge;
  lane->edge = lane->place = 0;
  lane->units++;
}

/* What is more than steps inside of a block: its end, or a symbol that is looked up alone. */
static inline int one_event(Lane *lane)
{
  Codes *codes = lane->order->places[lane->place].ac;
  unsigned leap = codes->leap[window_peek(&lane->window) >> (64 - PEEK)];
  int ends = leap >> 8 & LEAP_ENDS, after = lane->at + (int)(leap >> 8 & 63);
  if (!(leap >> 8 & LEAP_NONE) && after + !!ends <= 64) {
    lane->window.position += leap & 0xFF;
    lane->at = after;
    if (ends || after == 64)
      end_block(lane);
    return GOING;
  }
  int symbol = window_symbol(&lane->window, codes), bits = symbol & 15;
  if (symbol < 0 || (symbol && !bits && symbol != 0xF0))
    return LOST;
  lane->window.position += (unsigned)bits;
  lane->at += symbol ? (symbol >> 4) + 1 : 0;
  if (symbol == 0xF0)
    lane->zeros_end = lane->at;
  if (lane->at > 64)
    return LOST;
  if (!symbol || lane->at == 64)
    end_block(lane);
  return GOING;
}

/* The same, and the DC of the next block with it. */
static __attribute__((noinline)) int one_event_on(Lane *lane, uint64_t position, unsigned at)
{
  lane->window.position = position;
  lane->at = (int)at;
  if (one_event(lane))
    return LOST;
  return lane->at ? GOING : begin_block(lane);
}

/* A lane while it runs: what changes with every look stands where the processor has it at hand. */
typedef struct {
  uint64_t position;
  const uint16_t *leap;
  unsigned at; /* << 8: the bits of the looks since the last peek stand below */
} Head;

static inline __attribute__((always_inline)) void take_up(Head *head, const Lane *lane)
{
  head->position = lane->window.position;
  head->leap = lane->order->places[lane->place].ac->leap;
  head->at = (unsigned)lane->at << 8;
}

static inline __attribute__((always_inline)) void lay_down(const Head *head, Lane *lane)
{
  lane->window.position = head->position;
  lane->at = (int)(head->at >> 8);
}

static inline __attribute__((always_inline)) int two_looks(Head *head, Lane *lane)
{
  uint64_t word;
  memcpy(&word, lane->window.bytes + (head->position >> 3), 8);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  word <<= head->position & 7;
  unsigned leap = head->leap[word >> (64 - PEEK)], at = head->at + leap;
  if (at < 64 << 8) {
    word <<= leap & 63;
    leap = head->leap[word >> (64 - PEEK)];
    at += leap;
    if (at < 64 << 8) {
      head->position += at & 0xFF;
      head->at = at & ~0xFFu;
      return GOING;
    }
  }
  at -= leap;
  if (one_event_on(lane, head->position + (at & 0xFF), at >> 8))
    return LOST;
  take_up(head, lane);
  return GOING;
}

/* Bursts of looks, as long as there are bytes enough in the windows of all lanes. */
static int run(Lane *lanes)
{
  for (int each = 0; each < LANES; each++)
    if (begin_block(&lanes[each]))
      return LOST;
  for (;;) {
    Head first, second, third, fourth;
    for (int each = 0; each < LANES; each++) {
      Lane *lane = &lanes[each];
      window_ready(&lane->window);
      if (lane->window.limit < lane->window.position + 8 * LONGEST_BLOCK)
        return GOING;
      if (lane->units >= lane->most)
        return LOST;
    }
    take_up(&first, &lanes[0]);
    take_up(&second, &lanes[1]);
    take_up(&third, &lanes[2]);
    take_up(&fourth, &lanes[3]);
    for (int burst = 0; burst < BURST; burst++)
      if (two_looks(&first, &lanes[0]) | two_looks(&second, &lanes[1]) |
          two_looks(&third, &lanes[2]) | two_looks(&fourth, &lanes[3]))
        return LOST;
    lay_down(&first, &lanes[0]);
    lay_down(&second, &lanes[1]);
    lay_down(&third, &lanes[2]);
    lay_down(&fourth, &lanes[3]);
  }
}

/* At the start of an MCU: has the lane come to its end? */
static int judge(const Lane *lane)
{
  const Window *window = &lane->window;
  uint64_t left = window->limit - window->position;
  if (lane->units >= lane->most)
    return LOST;
  if (window->raw != window->raw_end || left > lane->beyond)
    return lane->last && window->raw == window->raw_end ? ARRIVED : GOING;
  return left == lane->beyond && !lane->last ? ARRIVED : LOST;
}

/* One lane alone, to its end or to the start of the MCU `wanted`. */
static int run_out(Lane *lane, int64_t wanted)
{
  while (lane->window.position <= lane->window.limit) {
    window_ready(&lane->window);
    int begins = !lane->place && !lane->at;
    if (begins && lane->units == wanted)
      return ARRIVED;
    int state = begins ? judge(lane) : GOING;
    if (state)
      return state;
    if (lane->at ? one_event(lane) : begin_block(lane))
      return LOST;
  }
  return LOST;
}

/* Where in the file the next byte of a window stands. */
static const uint8_t *standing(const Window *window)
{
  const uint8_t *at = window->raw;
  for (uint64_t left = (window->limit >> 3) - (window->position >> 3); left; left--)
    at -= at[-1] == 0 && at[-2] == 0xFF ? 2 : 1;
  return at;
}

/* Read from somewhere in the middle until some MCUs in a row made sense. */
static int fall_in_step(Lane *lane, const uint8_t *raw, const uint8_t *raw_end)
{
  window_open(&lane->window, raw, raw_end);
  lane->edges = NULL;
  lane->most = INT64_MAX;
  while (lane->window.position <= lane->window.limit) {
    lane->place = lane->at = lane->edge = 0;
    lane->units = 0;
    if (run_out(lane, IN_STEP) == ARRIVED)
      return GOING;
    lane->window.position = (lane->window.position | 7) + 1;
  }
  return LOST;
}

/* Begin the lanes where they fell in step, each to end where the next begins. */
static int line_up(Lane *lanes, const uint8_t *raw, const uint8_t *raw_end, int64_t most,
                   uint8_t *edges)
{
  const uint8_t *starts[LANES + 1] = {raw};
  unsigned bits[LANES + 1] = {0};
  Py_ssize_t step = (raw_end - raw) / LANES;
  starts[LANES] = raw_end;
  for (int each = 1; each < LANES; each++) {
    const uint8_t *guess = raw + step * each, *next = each + 1 < LANES ? guess + step : raw_end;
    if (fall_in_step(&lanes[each], guess + (guess[-1] == 0xFF), next))
      return LOST;
    starts[each] = standing(&lanes[each].window);
    bits[each] = lanes[each].window.position & 7;
    if (starts[each] <= starts[each - 1])
      return LOST;
  }
  for (int each = 0; each < LANES; each++) {
    Lane *lane = &lanes[each];
    window_open(&lane->window, starts[each], starts[each + 1] + (bits[each + 1] != 0));
    lane->window.position = bits[each];
    lane->beyond = bits[each + 1] ? 8 - bits[each + 1] : 0;
    lane->last = each == LANES - 1;
    lane->place = lane->at = lane->edge = lane->remarks = 0;
    lane->units = 0;
    lane->most = most;
    lane->edges = edges ? edges + (most + BURST) * each : NULL;
  }
  return GOING;
}

/* What was met at the edges, once it is known where each lane's MCUs are. */
static void look_at_edges(Proof *proof, const Lane *lane, int64_t first)
{
  for (int64_t unit = 0; lane->edges && unit < lane->units; unit++) {
    int right = (first + unit) % proof->across == proof->across - 1;
    int below = (first + unit) / proof->across == proof->down - 1;
    if (lane->edges[unit] & ((right ? RIGHT : 0) | (below ? BELOW : 0)))
      proof->remarks |= OUTSIDE_BLOCK;
  }
}

/* The MCUs that all lanes together leapt over, 0 where they did not meet. */
static int64_t leap_all(Proof *proof, Lane *lanes, int64_t first, int64_t most)
{
  int64_t units = 0;
  if (run(lanes) == LOST)
    return 0;
  for (int each = 0; each < LANES; each++) {
    if (run_out(&lanes[each], -1) != ARRIVED)
      return 0;
    units += lanes[each].units;
  }
  if (units >= most)
    return 0;
  for (int each = 0; each < LANES; first += lanes[each++].units) {
    look_at_edges(proof, &lanes[each], first);
    proof->remarks |= lanes[each].remarks;
  }
  return units;
}

/* Leap over most of a sequential interval of `most` MCUs, the first of which is `first` in the scan.

   Returns how many were leapt over, behind which the window then stands; 0 where the interval is to
   be read from its start. */
int64_t lanes_leap(Proof *proof, const uint8_t *raw, const uint8_t *raw_end, int64_t first,
                   int64_t most, Window *window)
{
  int64_t units = 0;
  if (raw_end - raw < SHORTEST || most < 2 * LANES * IN_STEP)
    return 0;
  Order *order = PyMem_Malloc(sizeof *order);
  Lane *lanes = PyMem_Calloc(LANES, sizeof *lanes);
  uint8_t *edges = NULL;
  int failed = !order || !lanes || list_places(proof, order);
  if (!failed && order->edge)
    failed = !(edges = PyMem_Malloc((size_t)(most + BURST) * LANES));
  for (int each = 0; !failed && each < LANES; each++)
    lanes[each].order = order;
  if (!failed && line_up(lanes, raw, raw_end, most, edges) == GOING)
    units = leap_all(proof, lanes, first, most);
  if (units)
    *window = lanes[LANES - 1].window;
  PyMem_Free(edges);
  PyMem_Free(lanes);
  PyMem_Free(order);
  return units;
}
