/* The order of the blocks in an MCU of a scan, and what each of them is read with. */
#include "lanes.h"

/* Where all blocks are coded alike nothing would ever bring a guess into step with the MCUs. */
static int out_of_step(const Order *order)
{
  for (int each = 1; each < order->number; each++)
    if (order->places[each].dc != order->places[0].dc ||
        order->places[each].ac != order->places[0].ac)
      return GOING;
  return order->number > 1 ? LOST : GOING;
}

int order_of(const Proof *proof, Order *order)
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
