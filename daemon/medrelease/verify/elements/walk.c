/* One step after another over a data set, each within what is open. */
#include "walk.h"

static const uint32_t OPEN = 0xFFFFFFFF;
static const uint32_t AN_ITEM = 0xFFFEE000, ITEM_ENDS = 0xFFFEE00D, SEQUENCE_ENDS = 0xFFFEE0DD;

/* VRs with a length of four bytes, and of two (PS3.5 section 7.1.2). */
static const char LONG[] = "OBODOFOLOVOWSQSVUCUNURUTUV";
static const char SHORT[] = "AEASATCSDADSDTFDFLISLOLTPNSHSLSSSTTMUIULUS";

static int among(const char *list, uint16_t vr)
{
  for (; *list; list += 2)
    if (VR((uint8_t)list[0], (uint8_t)list[1]) == vr)
      return 1;
  return 0;
}

int vr_known(uint16_t vr) { return among(SHORT, vr) || among(LONG, vr); }

static uint32_t number16(const Walk *walk, size_t at)
{
  const uint8_t *raw = walk->body + at;
  return walk->big ? (uint32_t)(raw[0] << 8 | raw[1]) : (uint32_t)(raw[1] << 8 | raw[0]);
}

static uint32_t number32(const Walk *walk, size_t at)
{
  uint32_t one = number16(walk, at), two = number16(walk, at + 2);
  return walk->big ? one << 16 | two : two << 16 | one;
}

static uint32_t tag_at(const Walk *walk, size_t at)
{
  return number16(walk, at) << 16 | number16(walk, at + 2);
}

static int faulty(Walk *walk, int fault)
{
  walk->fault = fault;
  return FAULT;
}

static Level *top_of(Walk *walk) { return &walk->level[walk->depth - 1]; }

static void enter(Walk *walk, Level level)
{
  level.last = -1;
  walk->level[walk->depth++] = level;
}

/* Note that an element of the item on top was met. */
static void count(Walk *walk, uint32_t tag)
{
  Level *top = top_of(walk);
  walk->elements++;
  walk->unordered |= (int64_t)tag <= top->last;
  top->last = tag;
}

/* The first VR that the dictionary permits the attribute, UN for one it does not know. */
static uint16_t listed_vr(const Walk *walk, uint32_t tag)
{
  size_t low = 0, high = walk->entries;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const uint8_t *entry = walk->dictionary + 8 * middle;
    uint32_t here;
    memcpy(&here, entry, sizeof here);
    if (here == tag)
      return VR(entry[4], entry[5]);
    if (here < tag)
      low = middle + 1;
    else
      high = middle;
  }
  return VR('U', 'N');
}

static int is_pixels(uint32_t tag)
{
  return tag == 0x7FE00008 || tag == 0x7FE00009 || tag == 0x7FE00010;
}

/* Begin a sequence, or encapsulated pixel data, whose content starts at `start`. */
static int opened(Walk *walk, Met *met, uint32_t length, size_t start)
{
  const Level top = *top_of(walk);
  walk->at = start;
  if (length == OPEN && walk->depth == 1 && is_pixels(met->tag)) {
    enter(walk, (Level){IN_FRAGMENTS, 0, 0, met->tag, 0, top.end, 0});
    return NOTHING;
  }
  if (met->vr != VR('S', 'Q') && met->vr != VR('U', 'N'))
    return faulty(walk, FAULT_NO_LENGTH);
  if (length != OPEN && (start > top.end || length > top.end - start))
    return faulty(walk, FAULT_VALUE_PASSES);
  if (walk->depth > DEEPEST)
    return faulty(walk, FAULT_TOO_DEEP);
  count(walk, met->tag);
  met->kind = SEQUENCE;
  met->defined = length != OPEN;
  met->start = start;
  met->length = 0;
  enter(walk, (Level){IN_SEQUENCE, length != OPEN, top.implicit || met->vr == VR('U', 'N'), met->tag,
                      0, length == OPEN ? top.end : start + length, 0});
  return SEQUENCE;
}

/* An element, of which at least eight bytes are there. */
static int element(Walk *walk, Met *met)
{
  const Level *top = top_of(walk);
  const size_t at = walk->at;
  size_t start = at + 8;
  uint32_t length;
  met->tag = tag_at(walk, at);
  if (top->implicit) {
    length = number32(walk, at + 4);
    met->vr = listed_vr(walk, met->tag);
    if (met->vr == VR('S', 'Q') && length && length != OPEN &&
        (walk->length - start < 4 || memcmp(walk->body + start, "\xfe\xff\x00\xe0", 4)))
      met->vr = VR('U', 'N'); /* a text where the dictionary has a sequence */
  } else {
    met->vr = VR(walk->body[at + 4], walk->body[at + 5]);
    length = number16(walk, at + 6);
    if (among(LONG, met->vr)) {
      if (top->end - at < 12)
        return faulty(walk, FAULT_PASSES_HOLDER);
      length = number32(walk, start);
      start += 4;
    } else if (!among(SHORT, met->vr)) {
      met->vr = 0;
    }
  }
  if (met->tag == ITEM_ENDS && !top->closed) {
    walk->at = at + 8;
    walk->depth--;
    return NOTHING;
  }
  if (!met->vr)
    return faulty(walk, FAULT_NO_VR);
  if (met->vr == VR('S', 'Q') || length == OPEN)
    return opened(walk, met, length, start);
  if (length > top->end - start)
    return faulty(walk, FAULT_VALUE_PASSES);
  met->start = start;
  met->length = length;
  walk->at = start + length;
  count(walk, met->tag);
  return met->kind = ELEMENT;
}

static int item(Walk *walk, Met *met)
{
  Level *top = top_of(walk);
  uint32_t tag = tag_at(walk, walk->at), length = number32(walk, walk->at + 4);
  walk->at += 8;
  if (tag == SEQUENCE_ENDS && !top->closed) {
    walk->depth--;
    return NOTHING;
  }
  if (tag != AN_ITEM)
    return faulty(walk, FAULT_NO_ITEM);
  if (length != OPEN && length > top->end - walk->at)
    return faulty(walk, FAULT_ITEM_PASSES);
  met->kind = ITEM;
  met->tag = tag;
  met->defined = length != OPEN;
  met->count = top->count++;
  met->start = walk->at;
  enter(walk, (Level){IN_ITEM, length != OPEN, top->implicit, 0, 0,
                      length == OPEN ? top->end : walk->at + length, 0});
  return ITEM;
}

static int fragment(Walk *walk, Met *met)
{
  uint32_t tag = tag_at(walk, walk->at), length = number32(walk, walk->at + 4);
  met->tag = top_of(walk)->tag;
  walk->at += 8;
  if (tag == SEQUENCE_ENDS) {
    walk->depth--;
    return NOTHING;
  }
  if (tag != AN_ITEM || length > walk->length - walk->at)
    return faulty(walk, FAULT_FRAGMENTS);
  met->start = walk->at;
  met->length = length;
  walk->at += length;
  return met->kind = FRAGMENT;
}

/* The body is a data set or, where `sequence` is not 0, the items of the sequence with that tag. */
void walk_begin(Walk *walk, const uint8_t *body, size_t length, int big, int implicit,
                uint32_t sequence)
{
  walk->body = body;
  walk->length = length;
  walk->at = 0;
  walk->big = big;
  walk->fault = 0;
  walk->depth = 0;
  walk->unordered = 0;
  walk->elements = 0;
  enter(walk, (Level){sequence ? IN_SEQUENCE : IN_ITEM, 1, implicit, sequence, 0, length, 0});
}

/* The next that there is to tell; `walk->depth` is one more after a sequence or an item. */
int walk_step(Walk *walk, Met *met)
{
  for (;;) {
    int told;
    memset(met, 0, sizeof *met);
    met->defined = 1;
    if (walk->fault)
      return FAULT;
    if (!walk->depth)
      return walk->at == walk->length ? ENDED : faulty(walk, FAULT_NOT_THE_END);
    const Level *top = top_of(walk);
    if (walk->at >= top->end && top->closed) {
      walk->depth--;
      continue;
    }
    if (walk->at > top->end || top->end - walk->at < 8)
      return faulty(walk, FAULT_PASSES_HOLDER);
    if (top->kind == IN_ITEM)
      told = element(walk, met);
    else
      told = top->kind == IN_SEQUENCE ? item(walk, met) : fragment(walk, met);
    if (told != NOTHING)
      return told;
  }
}
