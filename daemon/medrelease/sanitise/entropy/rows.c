/* Most of a long scan passed over in four rows of blocks side by side.

   Where a code begins is known when the one before was looked up, and the processor waits for it.
   Four rows keep it busy. Where an MCU begins in the middle is guessed, by reading from there until
   many in a row made sense. A row is believed only where the one before it, at the end of an MCU,
   comes to the very bit at which it began: then both are what a single reader would have read. Else
   all is read again in its order. */
#include "plain.h"

/* Between two turns a row reads at most 63 codes of at most 27 bits: it never leaves what is BEHIND. */
enum { ROWS = 4, MOST_GUESSES = 4096 };

typedef struct {
  uint64_t bit, begin, until; /* the next bit; where its MCU begins; from where on that is told */
  const uint16_t *skip;       /* of the block that is read */
  unsigned at;                /* the next coefficient << 8 */
  int block, told, odd;       /* which one of the MCU; up to where zeros were told */
  int64_t units;              /* MCUs behind it */
} Row;

enum { GOES_ON, ARRIVES, FAILS };

static inline uint64_t bits_at(const Plain *plain, uint64_t bit)
{
  uint64_t word;
  memcpy(&word, plain->bytes + (bit >> 3), 8);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word << (bit & 7);
}

/* One code looked up alone; -1 where none fits. */
static int symbol_at(const Plain *plain, Row *row, Huffman *table)
{
  Bits bits = {plain->bytes, plain->bytes, bits_at(plain, row->bit), 56, 0};
  int symbol = huffman_read(table, &bits);
  row->bit += (unsigned)(56 - bits.ready);
  return symbol;
}

static inline int open_block(const Plain *plain, Row *row)
{
  const Tables *tables = &plain->blocks[row->block];
  unsigned entry = tables->dc->brief[bits_at(plain, row->bit) >> (64 - BRIEF)];
  int size = (int)(entry >> 8);
  row->at = 1 << 8;
  row->told = 0;
  row->skip = tables->ac->skip;
  row->bit += entry & 0xFF;
  if (entry) {
    tables->dc->met[size] = 1;
    return GOES_ON;
  }
  size = symbol_at(plain, row, tables->dc);
  row->bit += (unsigned)size & 15;
  return size < 0 || size > 15 ? FAILS : GOES_ON;
}

/* The end of a block, or a symbol that is looked up alone. */
static __attribute__((noinline)) int turn(const Plain *plain, Row *row)
{
  Huffman *ac = plain->blocks[row->block].ac;
  unsigned entry = ac->skip[bits_at(plain, row->bit) >> (64 - LOOK)];
  int k = (int)(row->at >> 8), next = k + (int)(entry >> 8 & 127), ends = (int)(entry >> 15);
  if (row->bit > 8 * plain->length)
    return FAILS;
  if (next + ends <= 64) {
    row->bit += entry & 0xFF;
    k = next;
  } else {
    int symbol = symbol_at(plain, row, ac), size = symbol & 15;
    if (symbol < 0 || (symbol && !size && symbol != 0xF0))
      return FAILS;
    row->bit += (unsigned)size;
    ends = !symbol;
    k += symbol ? (symbol >> 4) + 1 : 0;
    if (k > 64)
      return FAILS;
    row->told = symbol && !size ? k : row->told;
  }
  row->at = (unsigned)k << 8;
  if (!ends && k < 64)
    return GOES_ON;
  row->odd |= row->told == k ? ODD_CODING : 0;
  if (++row->block < plain->number)
    return open_block(plain, row);
  row->block = 0;
  row->units++;
  row->begin = row->bit;
  return row->bit >= row->until ? ARRIVES : open_block(plain, row);
}

/* Two looks, while they stay inside of a block. */
static inline __attribute__((always_inline)) int step(const Plain *plain, Row *row, uint64_t *bit,
                                                      unsigned *at, const uint16_t **skip)
{
  uint64_t word = bits_at(plain, *bit);
  unsigned entry = (*skip)[word >> (64 - LOOK)], sum = *at + entry;
  if (sum < 64 << 8) {
    word <<= entry & 63;
    entry = (*skip)[word >> (64 - LOOK)];
    if (sum + entry < 64 << 8) {
      sum += entry;
      *bit += sum & 0xFF;
      *at = sum & 0xFF00;
      return GOES_ON;
    }
  } else {
    sum = *at;
  }
  row->bit = *bit + (sum & 0xFF);
  row->at = sum & 0xFF00;
  int state = turn(plain, row);
  *bit = row->bit;
  *at = row->at;
  *skip = row->skip;
  return state;
}

static int step_alone(const Plain *plain, Row *row)
{
  return step(plain, row, &row->bit, &row->at, &row->skip);
}

static int begin_at(const Plain *plain, Row *row, uint64_t bit, uint64_t until)
{
  memset(row, 0, sizeof *row);
  row->bit = row->begin = bit;
  row->until = until;
  return open_block(plain, row);
}

/* Begin somewhere, and again behind whatever makes no sense; the bit at which an MCU begins, or 0. */
static uint64_t guess(const Plain *plain, uint64_t bit, uint64_t until)
{
  Row row;
  for (int tried = 0; tried < MOST_GUESSES && bit < until; tried++) {
    int state = begin_at(plain, &row, bit, until);
    while (state == GOES_ON && row.units < MAKES_SENSE)
      state = step_alone(plain, &row);
    if (state != FAILS)
      return state == ARRIVES ? 0 : row.begin;
    bit = (row.bit | 7) + 1;
  }
  return 0;
}

/* Read all rows, each to where the next one begins, the last one until the end is near. */
static int read_rows(const Plain *plain, Row *rows)
{
  int states[ROWS];
  uint64_t bit[ROWS];
  unsigned at[ROWS];
  const uint16_t *skip[ROWS];
  for (int each = 0; each < ROWS; each++) {
    bit[each] = rows[each].bit;
    at[each] = rows[each].at;
    skip[each] = rows[each].skip;
  }
  do {
    states[0] = step(plain, &rows[0], &bit[0], &at[0], &skip[0]);
    states[1] = step(plain, &rows[1], &bit[1], &at[1], &skip[1]);
    states[2] = step(plain, &rows[2], &bit[2], &at[2], &skip[2]);
    states[3] = step(plain, &rows[3], &bit[3], &at[3], &skip[3]);
  } while (!(states[0] | states[1] | states[2] | states[3]));
  for (int each = 0; each < ROWS; each++) {
    Row *row = &rows[each];
    if (states[each] == GOES_ON) {
      row->bit = bit[each];
      row->at = at[each];
      row->skip = skip[each];
    }
    while (states[each] == GOES_ON)
      states[each] = step_alone(plain, row);
    if (states[each] == FAILS || (each + 1 < ROWS && row->begin != row->until))
      return 0;
  }
  return 1;
}

/* The MCUs that the rows passed over together, 0 where they do not meet. */
static int64_t pass(Scan *scan, Plain *plain, Row *rows)
{
  uint64_t starts[ROWS + 1] = {0}, bits = 8 * plain->length;
  int64_t units = 0;
  starts[ROWS] = bits - 8 * NEAR_END;
  for (int each = 1; each < ROWS; each++) {
    starts[each] = guess(plain, (bits / ROWS * (unsigned)each) & ~(uint64_t)7, starts[ROWS]);
    if (starts[each] <= starts[each - 1])
      return 0;
  }
  plain_restore(scan, plain);
  for (int each = 0; each < ROWS; each++)
    if (begin_at(plain, &rows[each], starts[each], starts[each + 1]))
      return 0;
  if (!read_rows(plain, rows))
    return 0;
  for (int each = 0; each < ROWS; each++)
    units += rows[each].units;
  return units <= (int64_t)scan->across * scan->down ? units : 0;
}

#ifdef ROWS_COUNTED /* tests ask how often rows met */
int64_t rows_counted;
#endif

/* Pass over most of a scan; how many MCUs that were, behind which `bits` then stand. 0 where it is to
   be read from its start. */
int64_t rows_walk(Scan *scan, Bits *bits, int *odd)
{
  Row rows[ROWS];
  int64_t units = 0;
  if (scan->progressive || scan->interval || bits->end - bits->at < LONG_SCAN)
    return 0;
  const uint8_t *end = next_marker(bits->at, bits->end);
  Plain *plain = end - bits->at >= LONG_SCAN ? plain_of(scan, bits->at, end) : NULL;
  if (plain) {
    plain_keep(scan, plain);
    units = pass(scan, plain, rows);
    if (!units)
      plain_restore(scan, plain);
  }
#ifdef ROWS_COUNTED
  rows_counted += units > 0;
#endif
  if (units) {
    uint64_t begin = rows[ROWS - 1].begin;
    for (uint64_t left = plain->length - (begin >> 3); left; left--)
      end -= end[-1] == 0 && end[-2] == 0xFF ? 2 : 1;
    bits_start(bits, end, bits->end);
    bits_fill(bits);
    bits_drop(bits, (int)(begin & 7));
    for (int each = 0; each < ROWS; each++)
      *odd |= rows[each].odd;
  }
  plain_free(plain);
  return units;
}
