/* Making Huffman tables: from a segment, and anew for symbols that were counted. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "huffman.h"

int huffman_define(Huffman *table, const uint8_t *payload, Py_ssize_t length)
{
  int total = 0, code = 0, place = 0;
  if (length < 16)
    return -1;
  memset(table, 0, sizeof *table);
  for (int size = 1; size <= 16; size++)
    total += table->counts[size] = payload[size - 1];
  if (total > 256 || length != 16 + total)
    return -1;
  memcpy(table->symbols, payload + 16, (size_t)total);
  for (int size = 1; size <= 16; size++, code <<= 1) {
    table->offset[size] = place - code;
    for (int number = 0; number < table->counts[size]; number++, code++, place++) {
      int symbol = table->symbols[place];
      if (code >= 1 << size || table->length[symbol])
        return -1;
      table->length[symbol] = (uint8_t)size;
      table->code[symbol] = (uint16_t)code;
      if (size <= LOOK)
        for (int rest = 0; rest < 1 << (LOOK - size); rest++)
          table->first[(code << (LOOK - size)) + rest] = (uint16_t)(size << 8 | symbol);
      if (size <= BRIEF && symbol < 16)
        for (int rest = 0; rest < 1 << (BRIEF - size); rest++)
          table->brief[(code << (BRIEF - size)) + rest] = (uint16_t)(symbol << 8 | (size + symbol));
    }
    table->last[size] = table->counts[size] ? code - 1 : -1;
  }
  return 0;
}

void huffman_skips(Huffman *table)
{
  for (int window = 0; window < 1 << LOOK; window++) {
    int used = 0, ahead = 0;
    unsigned entry = SKIP_NONE;
    while (used < LOOK && !(entry & SKIP_END)) {
      unsigned found = table->first[(window << used) & ((1 << LOOK) - 1)];
      int length = (int)(found >> 8), size = found & 15, run = (found >> 4) & 15;
      /* The bits behind the window are not known, nor is what a run of sixteen zeros leads to. */
      if (!found || used + length > LOOK || (!size && run))
        break;
      used += length + size;
      ahead += size ? run + 1 : 0;
      if (ahead > 63)
        break;
      entry = (unsigned)(ahead << 8 | used) | (size ? 0 : SKIP_END);
    }
    table->skip[window] = (uint16_t)entry;
  }
}

/* The two least frequent nodes are joined until one is left (T.81 figure K.1), the later of equals
   first, as libjpeg does. Node 256 keeps the code of all ones free. */
static void code_sizes(const uint32_t counts[256], int sizes[257])
{
  uint64_t weight[257];
  int next[257];
  for (int node = 0; node < 257; node++) {
    weight[node] = node < 256 ? counts[node] : 1;
    sizes[node] = 0;
    next[node] = -1;
  }
  for (;;) {
    int least = -1, second = -1;
    for (int node = 0; node < 257; node++)
      if (weight[node] && (least < 0 || weight[node] <= weight[least]))
        least = node;
    for (int node = 0; node < 257; node++)
      if (weight[node] && node != least && (second < 0 || weight[node] <= weight[second]))
        second = node;
    if (second < 0)
      return;
    weight[least] += weight[second];
    weight[second] = 0;
    int tail = least;
    for (sizes[tail]++; next[tail] >= 0; sizes[tail]++)
      tail = next[tail];
    next[tail] = second;
    for (tail = second; tail >= 0; tail = next[tail])
      sizes[tail]++;
  }
}

int huffman_optimal(const uint32_t counts[256], uint8_t payload[16 + 256])
{
  int sizes[257], numbers[258] = {0}, place = 16;
  code_sizes(counts, sizes);
  for (int node = 0; node < 257; node++)
    numbers[sizes[node]]++;
  numbers[0] = 0;
  for (int size = 257; size > 16; size--)
    while (numbers[size] > 0) { /* figure K.3: two leaves move up, a shorter one is split */
      int shorter = size - 2;
      while (!numbers[shorter])
        shorter--;
      numbers[size] -= 2;
      numbers[size - 1]++;
      numbers[shorter + 1] += 2;
      numbers[shorter]--;
    }
  for (int size = 16; size > 0; size--)
    if (numbers[size]) { /* the code of all ones */
      numbers[size]--;
      break;
    }
  for (int size = 1; size <= 16; size++)
    payload[size - 1] = (uint8_t)numbers[size];
  for (int size = 1; size < 257; size++)
    for (int symbol = 0; symbol < 256; symbol++)
      if (sizes[symbol] == size)
        payload[place++] = (uint8_t)symbol;
  return place;
}
