/* Blocks written as the symbols and bits of a scan (T.81 F.1.2, G.1.2). */
#include "written.h"

#include <stdlib.h>

#define MOST_CORRECTIONS 937 /* libjpeg's limit: a run of bands ends where 63 more might not fit */

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

void write_block(Writer *writer, const Scan *scan, int place, int *prediction,
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

void end_written_interval(Writer *writer, const Scan *scan)
{
  put_run(writer, scan);
  put_bits(writer, 0x7F, (8 - writer->ready) & 7);
}

void put_marker(Writer *writer, unsigned code)
{
  if (writer->counting)
    return;
  put_byte(writer, 0xFF);
  put_byte(writer, code);
}
