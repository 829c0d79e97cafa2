/* A sequential scan made ready for rows: the blocks of its MCUs listed, its bytes without stuffing. */
#include "plain.h"

/* The blocks of an MCU; 0 where rows would not do: blocks beyond the picture are looked at one by one,
   and where all are coded alike nothing tells one place in an MCU from another. */
static int list_blocks(const Scan *scan, Plain *plain)
{
  int differ = 0;
  for (int place = 0; place < scan->number; place++) {
    const Component *one = &scan->components[place], *first = &scan->components[0];
    int across = scan->number > 1 ? one->across : 1, down = scan->number > 1 ? one->down : 1;
    if (plain->number + across * down > MOST_BLOCKS || scan->across * across != one->columns ||
        scan->down * down != one->rows)
      return 0;
    differ |= one->dc != first->dc || one->ac != first->ac;
    for (int block = 0; block < across * down; block++)
      plain->blocks[plain->number++] = (Tables){one->dc, one->ac};
  }
  return plain->number == 1 || differ;
}

/* 0 where an FF has no zero behind it: a reader would stop there. */
static int unstuff(Plain *plain, const uint8_t *from, const uint8_t *end)
{
  uint8_t *to = plain->bytes;
  while (from < end) {
    const uint8_t *stuffed = memchr(from, 0xFF, (size_t)(end - from));
    size_t length = (size_t)((stuffed ? stuffed + 1 : end) - from);
    if (stuffed && (stuffed + 1 == end || stuffed[1]))
      return 0;
    memcpy(to, from, length);
    to += length;
    from += length + !!stuffed;
  }
  plain->length = (uint64_t)(to - plain->bytes);
  memset(to, 0, BEHIND);
  return plain->length > NEAR_END;
}

Plain *plain_of(const Scan *scan, const uint8_t *from, const uint8_t *end)
{
  Plain *plain = PyMem_Calloc(1, sizeof *plain);
  if (plain && list_blocks(scan, plain) &&
      (plain->bytes = PyMem_Malloc((size_t)(end - from) + BEHIND)) && unstuff(plain, from, end))
    return plain;
  plain_free(plain);
  return NULL;
}

void plain_free(Plain *plain)
{
  if (plain)
    PyMem_Free(plain->bytes);
  PyMem_Free(plain);
}

void plain_keep(const Scan *scan, Plain *plain)
{
  for (int table = 0; table < scan->tables_used; table++)
    memcpy(plain->met[table], scan->tables[table].met, sizeof plain->met[table]);
}

void plain_restore(Scan *scan, const Plain *plain)
{
  for (int table = 0; table < scan->tables_used; table++)
    memcpy(scan->tables[table].met, plain->met[table], sizeof plain->met[table]);
}
