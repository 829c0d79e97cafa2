/* How far an LZW strip reaches: its codes are followed, and no string of them is built.

   Codes are of 9 to 12 bits, the most significant bit first, each width begins one code early. The
   length of a string follows from the one that its entry was made of. */
#include "strips.h"

enum { CLEAR = 256, END = 257, FIRST = 258, MOST = 3841, NONE = -1 };

typedef struct {
  const uint8_t *data;
  uint64_t bit, end;
} Codes;

/* The width of the code with this number behind a Clear. */
static int width_of(int number)
{
  if (number < 254)
    return 9;
  return number < 766 ? 10 : number < 1790 ? 11 : 12;
}

/* The next code, which is not passed over yet; NONE where the bits end. */
static int code_at(const Codes *codes, int width)
{
  uint32_t three = 0;
  if (codes->end - codes->bit < (uint64_t)width)
    return NONE;
  const uint8_t *at = codes->data + (codes->bit >> 3);
  const uint8_t *last = codes->data + (codes->end >> 3) - 1;
  for (int byte = 0; byte < 3; byte++)
    three = three << 8 | (at + byte <= last ? at[byte] : 0);
  return (int)(three >> (24 - (int)(codes->bit & 7) - width)) & ((1 << width) - 1);
}

/* Pass over the end code behind the last string, number `number` is its own behind a Clear. */
static void pass_end(Codes *codes, int number)
{
  int width = width_of(number), code = number < MOST ? code_at(codes, width) : NONE;
  if (code == END)
    codes->bit += (unsigned)width;
  else if (code != NONE && width > width_of(number - 1) && code >> 1 == END)
    codes->bit += (unsigned)width - 1; /* some encoders write it before they widen codes */
}

/* Read codes until they stand for `expected` bytes; `*bits` is where the end code ends then. */
int strip_length(const uint8_t *coded, size_t length, uint64_t expected, uint64_t *bits)
{
  Codes codes = {coded, 0, 8 * (uint64_t)length};
  uint32_t lengths[MOST];
  int number = 0;
  if (code_at(&codes, 9) != CLEAR)
    return NO_CLEAR;
  codes.bit = 9;
  while (expected) {
    if (number == MOST)
      return OVERFLOWS;
    int width = width_of(number), code = code_at(&codes, width);
    if (code == NONE || code == END)
      return ENDS_BEFORE;
    codes.bit += (unsigned)width;
    if (code == CLEAR) {
      number = 0;
      continue;
    }
    if (code >= FIRST && code - FIRST >= number)
      return NO_ENTRY;
    lengths[number] = code < FIRST ? 1 : lengths[code - FIRST] + 1;
    if (lengths[number] > expected)
      return GOES_BEYOND;
    expected -= lengths[number++];
  }
  if (number && number < MOST && code_at(&codes, width_of(number)) == CLEAR) {
    codes.bit += (unsigned)width_of(number);
    number = 0;
  }
  if (number)
    pass_end(&codes, number);
  else if (code_at(&codes, 9) == END)
    codes.bit += 9;
  *bits = codes.bit;
  return REACHED;
}
