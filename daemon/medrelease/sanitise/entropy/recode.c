/* A scan coded anew with the same coefficients, blanked blocks apart: canonical, with nothing
   between its intervals and behind its end (T.81 F.1.2, G.1.2).

   The scan is passed twice: once to count symbols, where the tables that it came with lack one,
   and once to write. Only what is written is kept in memory. */
#include <stdlib.h>

#include "scan.h"

#define MOST_CORRECTIONS 937 /* libjpeg's limit: a run of bands ends where 63 more might not fit */

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

static void put_byte(Writer *writer, unsigned byte)
{
  if (writer->used + 2 > writer->room) {
    size_t room = writer->room * 2 + 4096;
    uint8_t *data = realloc(writer->data, room);
    if (!data) {
      writer->failed = 1;
      return;
    }
    writer->data = data;
    writer->room = room;
  }
  writer->data[writer->used++] = (uint8_t)byte;
}

static void put_bits(Writer *writer, unsigned value, int count)
{
  if (writer->counting || !count)
    return;
  writer->word = writer->word << count | (value & ((1u << count) - 1));
  for (writer->ready += count; writer->ready >= 8; writer->ready -= 8) {
    unsigned byte = (writer->word >> (writer->ready - 8)) & 0xFF;
    put_byte(writer, byte);
    if (byte == 0xFF)
      put_byte(writer, 0);
  }
}

static void put_symbol(Writer *writer, const Scan *scan, const Huffman *table, int symbol)
{
  Py_ssize_t place = table - scan->tables;
  if (writer->counting)
    writer->counts[place][symbol]++;
  else
    put_bits(writer, writer->tables[place].code[symbol], writer->tables[place].length[symbol]);
}

static int size_of(int value)
{
  unsigned magnitude = (unsigned)(value < 0 ? -value : value);
  return magnitude ? 32 - __builtin_clz(magnitude) : 0;
}

static void put_value(Writer *writer, int value, int size)
{
  put_bits(writer, (unsigned)(value < 0 ? value - 1 : value), size);
}

static void put_run(Writer *writer, const Scan *scan)
{
  if (!writer->run)
    return;
  int size = 31 - __builtin_clz(writer->run);
  put_symbol(writer, scan, &scan->tables[writer->run_table], size << 4);
  put_bits(writer, writer->run, size);
  for (int bit = 0; bit < writer->corrections; bit++)
    put_bits(writer, writer->correction[bit], 1);
  writer->run = 0;
  writer->corrections = 0;
}

static void lengthen_run(Writer *writer, const Scan *scan, const Huffman *table)
{
  writer->run_table = (int)(table - scan->tables);
  if (++writer->run == 0x7FFF || writer->corrections > MOST_CORRECTIONS)
    put_run(writer, scan);
}

static void write_ac(Writer *writer, const Scan *scan, const Huffman *table, const Block *block)
{
  int zeros = 0;
  for (int k = scan->first ? scan->first : 1; k <= scan->last; k++) {
    int value = block->coefficient[k];
    value = value < 0 ? -(-value >> scan->low) : value >> scan->low;
    if (!value) {
      zeros++;
      continue;
    }
    put_run(writer, scan);
    for (; zeros > 15; zeros -= 16)
      put_symbol(writer, scan, table, 0xF0);
    int size = size_of(value);
    put_symbol(writer, scan, table, zeros << 4 | size);
    put_value(writer, value, size);
    zeros = 0;
  }
  if (zeros && scan->progressive)
    lengthen_run(writer, scan, table);
  else if (zeros)
    put_symbol(writer, scan, table, 0);
}

static void write_refinement(Writer *writer, const Scan *scan, const Huffman *table,
                             const Block *block)
{
  int zeros = 0, newest = 0, pending = 0;
  uint8_t waiting[64];
  for (int k = scan->first; k <= scan->last; k++)
    newest = block->coefficient[k] ? k : newest;
  for (int k = scan->first; k <= scan->last; k++) {
    int known = (block->before >> k) & 1;
    if (!known && !block->coefficient[k]) {
      zeros++;
      continue;
    }
    for (; zeros > 15 && k <= newest; zeros -= 16) {
      put_run(writer, scan);
      put_symbol(writer, scan, table, 0xF0);
      for (int bit = 0; bit < pending; bit++)
        put_bits(writer, waiting[bit], 1);
      pending = 0;
    }
    if (known) {
      waiting[pending++] = (block->corrected >> k) & 1;
      continue;
    }
    put_run(writer, scan);
    put_symbol(writer, scan, table, zeros << 4 | 1);
    put_bits(writer, block->coefficient[k] > 0, 1);
    for (int bit = 0; bit < pending; bit++)
      put_bits(writer, waiting[bit], 1);
    pending = zeros = 0;
  }
  if (zeros || pending) {
    memcpy(writer->correction + writer->corrections, waiting, (size_t)pending);
    writer->corrections += pending;
    lengthen_run(writer, scan, table);
  }
}

static void write_block(Writer *writer, const Scan *scan, int place, int *prediction,
                        const Block *block)
{
  const Component *component = &scan->components[place];
  if (scan->progressive && scan->first) {
    if (scan->refines)
      write_refinement(writer, scan, component->ac, block);
    else
      write_ac(writer, scan, component->ac, block);
    return;
  }
  if (scan->refines) {
    put_bits(writer, (unsigned)block->coefficient[0], 1);
    return;
  }
  int value = block->coefficient[0] >> scan->low, step = value - *prediction;
  int size = size_of(step);
  *prediction = value;
  put_symbol(writer, scan, component->dc, size);
  put_value(writer, step, size);
  if (!scan->progressive)
    write_ac(writer, scan, component->ac, block);
}

static void end_written_interval(Writer *writer, const Scan *scan)
{
  put_run(writer, scan);
  put_bits(writer, 0x7F, (8 - writer->ready) & 7);
}

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
        if (!writer->counting) {
          put_byte(writer, 0xFF);
          put_byte(writer, walked->stop[1]);
        }
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
