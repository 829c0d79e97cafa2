/* A scan coded anew with the same coefficients, blanked blocks apart: canonical, with nothing
   between its intervals and behind its end (T.81 F.1.2, G.1.2).

   The scan is passed twice: once to count symbols, where the tables that it came with lack one,
   and once to write. Only what is written is kept in memory. */
#include "written.h"

#include <stdlib.h>

/* A blanked block, or one outside of the picture, which repeats the DC before it. */
static void blank(const Scan *scan, const Component *component, int dummy, int last, Block *block)
{
  int value = dummy ? last : component->blank;
  memset(block, 0, sizeof *block);
  if (scan->progressive && scan->first)
    return;
  if (scan->refines)
    block->coefficient[0] = dummy ? last : (value >> scan->low) & 1;
  else
    block->coefficient[0] = dummy ? last : (value >> scan->low) * (1 << scan->low);
}

static int pass_unit(Scan *scan, int x, int y, Bits *bits, State *state, int *predictions,
                     Writer *writer)
{
  int ignored = 0;
  for (int place = 0; place < scan->number; place++) {
    const Component *component = &scan->components[place];
    int across = scan->number > 1 ? component->across : 1, last = 0;
    int down = scan->number > 1 ? component->down : 1;
    for (int number = 0; number < across * down; number++) {
      Block block;
      int column = x * across + number % across, row = y * down + number / across;
      int dummy = column >= component->columns || row >= component->rows;
      int64_t at = dummy ? -1 : (int64_t)row * component->columns + column;
      int told = decode_block(scan, place, at, bits, state, &block, &ignored);
      if (told)
        return told;
      if (dummy || is_masked(scan, component, column, row))
        blank(scan, component, dummy, last, &block);
      last = block.coefficient[0];
      write_block(writer, scan, place, &predictions[place], &block);
    }
  }
  return bits_starved(bits) ? INCOMPLETE : SOUND;
}

static int pass(Scan *scan, const uint8_t *start, const uint8_t *end, Walked *walked,
                Writer *writer)
{
  Bits bits;
  State state;
  int predictions[4] = {0};
  int64_t unit = 0;
  memset(walked, 0, sizeof *walked);
  memset(&state, 0, sizeof state);
  bits_start(&bits, start, end);
  for (int y = 0; y < scan->down; y++)
    for (int x = 0; x < scan->across; x++, unit++) {
      int told = SOUND;
      if (scan->interval && unit && unit % scan->interval == 0) {
        told = state.blocks_ended ? MALFORMED : end_interval(&bits, walked);
        if (!told)
          told = begin_interval(&bits, &state, walked, unit / scan->interval);
        end_written_interval(writer, scan);
        put_marker(writer, walked->stop[1]);
        memset(predictions, 0, sizeof predictions);
      }
      if (!told)
        told = pass_unit(scan, x, y, &bits, &state, predictions, writer);
      if (told)
        return bits_starved(&bits) ? INCOMPLETE : told;
      if (writer->failed)
        return NO_MEMORY;
    }
  end_written_interval(writer, scan);
  return writer->failed ? NO_MEMORY : end_scan(&bits, walked);
}

/* A table with the least bits in the place of each that lacks a symbol, and of each tight one that
   has a symbol too many. */
static int renew_tables(const Scan *scan, Writer *writer, PyObject *tables)
{
  for (int number = 0; number < scan->tables_used; number++) {
    Huffman *table = &writer->tables[number];
    int lacks = 0;
    *table = scan->tables[number];
    for (int symbol = 0; symbol < 256; symbol++)
      lacks |= writer->counts[number][symbol] ? !table->length[symbol]
                                              : table->length[symbol] && scan->tight >> number & 1;
    if (!lacks)
      continue;
    uint8_t payload[16 + 256];
    int length = huffman_optimal(writer->counts[number], payload);
    PyObject *made = PyBytes_FromStringAndSize((const char *)payload, length);
    if (!made || PyList_SetItem(tables, number, made) || huffman_define(table, payload, length))
      return NO_MEMORY;
  }
  return SOUND;
}

int scan_recode(Scan *scan, const uint8_t *start, const uint8_t *end, Walked *walked,
                PyObject **written, PyObject **tables)
{
  Component *banded = scan->progressive && scan->first ? &scan->components[0] : NULL;
  size_t size = banded ? 8 * (size_t)banded->columns * (size_t)banded->rows : 0;
  uint64_t *before = size ? malloc(size) : NULL;
  Writer *writer = calloc(1, sizeof *writer);
  int told = writer && (before || !size) ? SOUND : NO_MEMORY;
  if (!told && banded)
    memcpy(before, banded->nonzero, size);
  if (!told) {
    writer->counting = 1;
    told = pass(scan, start, end, walked, writer);
  }
  if (!told)
    told = renew_tables(scan, writer, *tables);
  if (!told) {
    if (banded)
      memcpy(banded->nonzero, before, size);
    writer->counting = 0;
    told = pass(scan, start, end, walked, writer);
  }
  if (!told) {
    *written = PyBytes_FromStringAndSize((const char *)writer->data, (Py_ssize_t)writer->used);
    told = *written ? SOUND : NO_MEMORY;
  }
  if (writer)
    free(writer->data);
  free(writer);
  free(before);
  return told;
}
