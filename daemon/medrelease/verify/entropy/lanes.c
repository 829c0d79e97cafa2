/* A long interval leapt over in several places at once.

   A processor waits for most of the time that it reads prefix codes: where a code ends must be
   known before the next is looked up. So the interval is read from several starts in turn. Where a
   block starts in the middle of it is guessed: prefix codes fall into step after some blocks,
   wherever one begins to read. Nothing rests on the guess. A lane counts only where the one before
   it comes to the very bit at which it began, and what is read from one bit on at the start of an
   MCU does not depend on what was read before (T.81 F.2.2). Anything else, be it a wrong guess or
   a contradiction in the bytes, and the interval is read again from its start. */
#include "lanes.h"

#ifndef SHORTEST /* bytes of an interval, and MCUs that make a guess; fuzzers use smaller ones */
#define SHORTEST (1 << 18)
#define IN_STEP 512
#endif

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
    if (lane_run_out(lane, IN_STEP) == ARRIVED)
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
  if (lanes_run(lanes) == LOST)
    return 0;
  for (int each = 0; each < LANES; each++) {
    if (lane_run_out(&lanes[each], -1) != ARRIVED)
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
  int failed = !order || !lanes || order_of(proof, order);
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
