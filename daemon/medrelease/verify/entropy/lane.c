/* A lane leapt along: four side by side in bursts, or one alone to its end. */
#include "lanes.h"

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

int lanes_run(Lane *lanes)
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

int lane_run_out(Lane *lane, int64_t wanted)
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
